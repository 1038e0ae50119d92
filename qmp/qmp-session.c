/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests and errors of the input wait in one queue, so replies come in the
 * order of what they answer.  The queue is an array that starts over when it
 * has been emptied; it grows with the requests of one read at most, since
 * nothing more is read before it is empty.
 *
 * Replies are written as text right away; only the result of a command is
 * ever a tree of nodes.
 */
#include "qmp/qmp-session-internal.h"

#include "qapi/json-visitor.h"
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"

/* Capacity of the output buffer that is kept when it is empty. */
#define OUT_KEPT (2 * QMP_OUTPUT_LIMIT)

static __thread QmpSession *current_session;

QmpSession *qmp_session_current(void)
{
    return current_session;
}

static void queue_input(void *opaque, JsonDoc *doc, Error *err)
{
    QmpSession *s = opaque;
    QmpInput input = { doc, err };

    g_array_append_val(s->queue, input);
}

static void clear_input(void *opaque)
{
    QmpInput *input = opaque;

    g_clear_pointer(&input->doc, json_doc_free);
    g_clear_pointer(&input->err, error_free);
}

/* ---- Output ---- */

static void append_line_end(QmpSession *s)
{
    g_string_append_len(s->out, "\r\n", 2);
}

static void append_node(QmpSession *s, JsonNode *node)
{
    json_write(s->out, node, s->pretty);
    append_line_end(s);
}

/* @value NULL is {} */
static void append_flat(QmpSession *s, const char *key, JsonNode *value,
                        const JsonItem *id)
{
    g_string_append_len(s->out, "{\"", 2);
    g_string_append(s->out, key);
    g_string_append_len(s->out, "\": ", 3);
    if (value) {
        json_write(s->out, value, false);
    } else {
        g_string_append_len(s->out, "{}", 2);
    }
    if (id) {
        g_string_append_len(s->out, ", \"id\": ", 8);
        json_item_write(s->out, id);
    }
    g_string_append_c(s->out, '}');
    append_line_end(s);
}

/* {"KEY": VALUE, "id": ID}; @value NULL is {}; @id is (nullable) */
static void append_reply(QmpSession *s, const char *key, JsonNode *value,
                         const JsonItem *id)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object;

    qmp_session_take_mail(s);
    if (!s->pretty) {
        append_flat(s, key, value, id);
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
    append_node(s, node);
}

void qmp_session_reply(QmpSession *s, JsonNode *value, const JsonItem *id)
{
    append_reply(s, "return", value, id);
}

/* The message, and the advice on lines of its own. */
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

void qmp_session_reply_error(QmpSession *s, const Error *err,
                             const JsonItem *id)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "class",
                                  error_class_str(error_get_class(err)));
    json_object_set_member(object, "desc", describe(err));
    json_node_take_object(node, object);
    append_reply(s, "error", node, id);
}

static void append_dropped(QmpSession *s, int64_t n_dropped)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *data = json_object_new();
    g_autofree char *text = NULL;

    json_object_set_int_member(data, "count", n_dropped);
    json_node_take_object(node, data);
    text = qmp_event_text("EVENTS_DROPPED", node, s->pretty);
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
    if (__atomic_load_n(&s->has_changes, __ATOMIC_ACQUIRE)) {
        qmp_events_flush_later();
    }
}

void qmp_session_sent(QmpSession *s, size_t n_bytes)
{
    s->out_sent += n_bytes;
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

/* {"QMP": {"version": {...}, "capabilities": []}} */
static void greet(QmpSession *s)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(VersionInfo) version = qmp_query_version(&error_abort);
    JsonObject *object = json_object_new();
    JsonObject *qmp = json_object_new();

    json_object_set_member(qmp, "version",
                           qmp_to_json(&qapi_type_VersionInfo, &version,
                                       &error_abort));
    json_object_set_array_member(qmp, "capabilities", json_array_new());
    json_object_set_object_member(object, "QMP", qmp);
    json_node_take_object(node, object);
    append_node(s, node);
}

/* ---- The conversation ---- */

QmpSession *qmp_session_new(bool pretty)
{
    QmpSession *s = g_new0(QmpSession, 1);

    s->stream = json_stream_new_doc(queue_input, s);
    s->queue = g_array_new(FALSE, FALSE, sizeof(QmpInput));
    g_array_set_clear_func(s->queue, clear_input);
    s->out = g_string_new(NULL);
    s->pretty = pretty;
    qmp_mailbox_init(&s->mailbox);
    s->watches = g_ptr_array_new();
    qmp_events_add_session(s);
    greet(s);
    return s;
}

void qmp_session_free(QmpSession *s)
{
    if (!s) {
        return;
    }
    g_assert(!s->running);
    qmp_watch_end(s);
    qmp_events_remove_session(s);
    g_ptr_array_unref(s->watches);
    qmp_mailbox_cleanup(&s->mailbox);
    json_stream_free(s->stream);
    g_array_unref(s->queue);
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
        qmp_session_reply_error(s, err, NULL);
    } else {
        qmp_dispatch(s, json_doc_root(doc));
    }
}

void qmp_session_run(QmpSession *s, int64_t time_limit_us)
{
    int64_t end = g_get_monotonic_time() + time_limit_us;
    QmpSession *outer = current_session;

    g_assert(!s->running);
    s->running = true;
    current_session = s;
    while (qmp_session_has_requests(s) && !s->quit &&
           qmp_session_unsent(s) < QMP_OUTPUT_LIMIT) {
        run_one(s);
        if (g_get_monotonic_time() >= end) {
            break;
        }
    }
    current_session = outer;
    s->running = false;
    if (s->quit || !qmp_session_has_requests(s)) {
        drop_queue(s);
    }
}
