/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests and errors of the input are queued together, so the replies have the
 * order of the input.  The queue is an array that is reset when it is empty.
 * It holds at most the requests of one read, because nothing is read until it
 * is empty.
 *
 * Replies are written as text at once.  Only the result of a command is ever a
 * tree of nodes.
 *
 * With `oob` the queue holds the requests that have been parsed but not yet
 * routed, see qmp-oob.c.
 */
#include "qmp/qmp-session-internal.h"

#include "qapi/visitor/json-visitor.h"
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"

/* An empty output buffer is kept up to this capacity, in bytes. */
#define OUT_KEPT (2 * QMP_OUTPUT_LIMIT)

static __thread QmpSession *current_session;

QmpSession *qmp_session_current(void)
{
    return current_session;
}

QmpSession *qmp_session_enter(QmpSession *s)
{
    QmpSession *outer = current_session;

    current_session = s;
    return outer;
}

/* The callback of the stream: takes one request or one error. */
static void queue_input(void *opaque, JsonDoc *doc, Error *err)
{
    QmpSession *s = opaque;
    QmpInput input = { doc, err };

    g_array_append_val(s->queue, input);
}

void qmp_input_clear(QmpInput *input)
{
    g_clear_pointer(&input->doc, json_doc_free);
    g_clear_pointer(&input->err, error_free);
}

/* ---- Output ---- */

static void append_line_end(GString *out)
{
    g_string_append_len(out, "\r\n", 2);
}

static void append_node(GString *out, JsonNode *node, bool pretty)
{
    json_write(out, node, pretty);
    append_line_end(out);
}

/* Appends a reply on one line; if @value is NULL, {} is written. */
static void append_flat(GString *out, const char *key, JsonNode *value,
                        const JsonItem *id)
{
    g_string_append_len(out, "{\"", 2);
    g_string_append(out, key);
    g_string_append_len(out, "\": ", 3);
    if (value) {
        json_write(out, value, false);
    } else {
        g_string_append_len(out, "{}", 2);
    }
    if (id) {
        g_string_append_len(out, ", \"id\": ", 8);
        json_item_write(out, id);
    }
    g_string_append_c(out, '}');
    append_line_end(out);
}

/*
 * Appends {"KEY": VALUE, "id": ID}.  If @value is NULL, {} is written; @id is
 * (nullable).
 */
static void append_reply(QmpSession *s, GString *out, const char *key,
                         JsonNode *value, const JsonItem *id)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object;

    if (out == s->out) {
        qmp_session_take_mail(s);
    }
    if (!s->options.pretty) {
        append_flat(out, key, value, id);
        return;
    }
    object = json_object_new();
    json_object_set_member(
        object, key, value ? json_node_ref(value)
                           : json_item_to_node(json_item_empty_object()));
    if (id) {
        json_object_set_member(object, "id", json_item_to_node(id));
    }
    node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, object);
    append_node(out, node, true);
}

void qmp_session_append(QmpSession *s, GString *out, const GString *replies)
{
    if (out == s->out) {
        qmp_session_take_mail(s);
    }
    g_string_append_len(out, replies->str, replies->len);
}

void qmp_session_reply(QmpSession *s, GString *out, JsonNode *value,
                       const JsonItem *id)
{
    append_reply(s, out, "return", value, id);
}

/* Returns the message of an error, followed by its hint on separate lines. */
static JsonNode *describe(const Error *err)
{
    const char *hint = error_get_hint(err);
    g_autofree char *desc = NULL;

    if (!hint) {
        return json_text_new(error_get_pretty(err));
    }
    desc = g_strchomp(g_strconcat(error_get_pretty(err), "\n", hint, NULL));
    return json_text_new(desc);
}

void qmp_session_reply_error(QmpSession *s, GString *out, const Error *err,
                             const JsonItem *id)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "class",
                                  error_class_str(error_get_class(err)));
    json_object_set_member(object, "desc", describe(err));
    json_node_take_object(node, object);
    append_reply(s, out, "error", node, id);
}

/* Appends the event that reports how many events were dropped. */
static void append_dropped(QmpSession *s, int64_t n_dropped)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *data = json_object_new();
    g_autofree char *text = NULL;

    json_object_set_int_member(data, "count", n_dropped);
    json_node_take_object(node, data);
    text = qmp_event_text("EVENTS_DROPPED", node, s->options.pretty);
    g_string_append(s->out, text);
}

void qmp_session_take_mail(QmpSession *s)
{
    int64_t n_dropped;

    if (qmp_mailbox_is_empty(&s->mailbox) ||
        qmp_session_unsent(s) >= QMP_OUTPUT_LIMIT) {
        return;
    }
    n_dropped = qmp_mailbox_take(&s->mailbox, s->out);
    if (n_dropped) {
        append_dropped(s, n_dropped);
    }
    /* Changed properties have waited for room, and the queue is empty now. */
    if (__atomic_load_n(&s->has_changes, __ATOMIC_ACQUIRE)) {
        qmp_events_flush_later();
    }
}

void qmp_session_sent(QmpSession *s, size_t n_bytes)
{
    s->out_sent += n_bytes;
    /*
     * Moving the unsent rest to the front costs time that grows with its
     * length, so it is moved only when more than half has been sent.
     */
    if (s->out_sent < s->out->len) {
        if (s->out_sent > s->out->len / 2) {
            g_string_erase(s->out, 0, s->out_sent);
            s->out_sent = 0;
        }
        return;
    }
    s->out_sent = 0;
    if (s->out->allocated_len > OUT_KEPT) {
        g_string_free(s->out, TRUE);
        s->out = g_string_new(NULL);
    } else {
        g_string_truncate(s->out, 0);
    }
}

/* Appends the greeting: {"QMP": {"version": {...}, "capabilities": [...]}} */
static void greet(QmpSession *s)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(VersionInfo) version = qmp_query_version(&error_abort);
    JsonObject *object = json_object_new();
    JsonObject *qmp = json_object_new();
    JsonArray *capabilities = json_array_new();

    json_object_set_member(qmp, "version",
                           qapi_type_to_json(&qapi_type_VersionInfo, &version,
                                             &error_abort));
    if (s->options.offers_oob) {
        json_array_add_string_element(
            capabilities, qapi_enum_lookup(&QMPCapability_lookup,
                                           QMP_CAPABILITY_OOB));
    }
    json_object_set_array_member(qmp, "capabilities", capabilities);
    json_object_set_object_member(object, "QMP", qmp);
    json_node_take_object(node, object);
    append_node(s->out, node, s->options.pretty);
}

/* ---- The conversation ---- */

static GArray *new_queue(void)
{
    GArray *queue = g_array_new(FALSE, FALSE, sizeof(QmpInput));

    g_array_set_clear_func(queue, (GDestroyNotify)(void (*)(void))
                                      qmp_input_clear);
    return queue;
}

QmpSession *qmp_session_new_full(const QmpSessionOptions *options)
{
    QmpSession *s = g_new0(QmpSession, 1);

    s->stream = json_stream_new_doc(queue_input, s);
    s->queue = new_queue();
    s->inband = new_queue();
    g_mutex_init(&s->lock);
    s->out = g_string_new(NULL);
    s->options = *options;
    qmp_mailbox_init(&s->mailbox);
    qmp_watch_begin(s);
    qmp_events_add_session(s);
    greet(s);
    return s;
}

QmpSession *qmp_session_new(bool pretty)
{
    return qmp_session_new_full(&(QmpSessionOptions) { .pretty = pretty });
}

void qmp_session_free(QmpSession *s)
{
    if (!s) {
        return;
    }
    g_assert(!s->running);
    qmp_gate_forget(s);
    qmp_watch_end(s);
    qmp_events_remove_session(s);
    /* The coroutine of the job still uses the session; the job frees it. */
    if (s->job) {
        s->is_orphan = true;
    } else {
        qmp_session_destroy(s);
    }
}

void qmp_session_destroy(QmpSession *s)
{
    g_hash_table_unref(s->watches);
    qmp_mailbox_cleanup(&s->mailbox);
    json_stream_free(s->stream);
    g_array_unref(s->queue);
    g_array_unref(s->inband);
    g_mutex_clear(&s->lock);
    g_string_free(s->out, TRUE);
    g_free(s);
}

void qmp_session_feed(QmpSession *s, const char *bytes, size_t n_bytes)
{
    json_stream_feed(s->stream, bytes, n_bytes);
}

void qmp_session_end_input(QmpSession *s)
{
    json_stream_flush(s->stream);
}

bool qmp_session_has_requests(const QmpSession *s)
{
    return s->queue_head < s->queue->len;
}

static void drop_queue(QmpSession *s)
{
    g_array_set_size(s->queue, 0);
    s->queue_head = 0;
}

static void run_one(QmpSession *s)
{
    QmpInput *slot = &g_array_index(s->queue, QmpInput, s->queue_head++);
    g_autoptr(JsonDoc) doc = g_steal_pointer(&slot->doc);
    g_autoptr(Error) err = g_steal_pointer(&slot->err);

    if (err) {
        qmp_session_reply_error(s, s->out, err, NULL);
    } else {
        qmp_dispatch(s, &doc, s->out);
    }
}

void qmp_session_note(QmpSession *s, const char *command)
{
    __atomic_store_n(&s->command, command, __ATOMIC_RELAXED);
}

/*
 * Records that a request is about to be executed; @now_us is the monotonic
 * time.
 */
static void note_request(QmpSession *s, int64_t now_us)
{
    __atomic_store_n(&s->since_us, now_us, __ATOMIC_RELAXED);
    __atomic_store_n(&s->n_queued, s->queue->len - s->queue_head - 1,
                     __ATOMIC_RELAXED);
}

/* Returns true if the next request may be executed. */
static bool can_go_on(const QmpSession *s)
{
    return qmp_session_has_requests(s) && !s->quit && !s->oob && !s->job &&
           qmp_session_unsent(s) < QMP_OUTPUT_LIMIT;
}

void qmp_session_run(QmpSession *s, int64_t time_limit_us)
{
    int64_t now = g_get_monotonic_time();
    int64_t end = now + time_limit_us;
    QmpSession *outer;

    g_assert(!s->running && !s->oob);
    if (!qmp_gate_enter(s)) {
        return;
    }
    outer = qmp_session_enter(s);
    s->running = true;
    while (can_go_on(s)) {
        note_request(s, now);
        run_one(s);
        now = g_get_monotonic_time();
        if (now >= end) {
            break;
        }
    }
    s->running = false;
    qmp_session_enter(outer);
    qmp_gate_leave();
    if (s->quit || !qmp_session_has_requests(s)) {
        drop_queue(s);
    }
}
