/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client: whatever it sends after the negotiation, each message gets one
 * reply, in order, with the message's id: each request a result or an error,
 * each broken message the error that the reader of nodes tells.  Replies are
 * JSON of a known form, and the same ones however the input is cut.  Events
 * come in between, and those of objects tell which ones there are in the end.
 * The session over, no object is left.
 */
#include "aio/aio.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-session-internal.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"

enum {
    MAX_OUTPUT = 1024 * 1024, /* a session that says more is cut off there */
};

/* One run of an input. */
typedef struct Talk {
    GString *out;       /* what the client gets */
    bool all;           /* to the last request */
    unsigned n_objects; /* at the end */
} Talk;

static AioContext *ctx;

/* ---- Talking ---- */

static void take_output(QmpSession *s, GString *out)
{
    size_t n;

    while (aio_poll(ctx, false)) {
        continue;
    }
    do {
        qmp_session_take_mail(s);
        n = qmp_session_unsent(s);
        g_string_append_len(out, s->out->str + s->out_sent, n);
        qmp_session_sent(s, n);
    } while (n);
}

static void run_requests(QmpSession *s, GString *out)
{
    take_output(s, out);
    while (qmp_session_has_requests(s) && out->len < MAX_OUTPUT) {
        qmp_session_run(s, G_USEC_PER_SEC);
        take_output(s, out);
    }
}

static int count_object(Object *child, void *opaque)
{
    ++*(unsigned *)opaque;
    return 0;
}

static void talk(Talk *t, const char *data, size_t size, size_t piece)
{
    QmpSession *s;

    qmp_events_start(ctx);
    s = qmp_session_new(false);
    qmp_session_feed(s, NEGOTIATE, strlen(NEGOTIATE));
    for (size_t at = 0; at < size; at += piece) {
        qmp_session_feed(s, data + at, MIN(piece, size - at));
    }
    qmp_session_end_input(s);
    t->out = g_string_new(NULL);
    run_requests(s, t->out);
    t->all = !s->quit && !qmp_session_has_requests(s);
    object_child_foreach_recursive(object_get_objects_root(), count_object,
                                   &t->n_objects);
    fuzz_types_cleanup();
    qmp_session_free(s);
    qmp_events_stop();
    while (aio_poll(ctx, false)) {
        continue;
    }
}

/* ---- Messages ---- */

/* What a message must be answered with: its id, or an error of the reader. */
typedef struct Message {
    JsonNode *id; /* (nullable) */
    char *error;  /* (nullable) */
} Message;

static void clear_message(void *opaque)
{
    Message *message = opaque;

    g_clear_pointer(&message->id, json_node_unref);
    g_free(message->error);
}

static void take_message(void *opaque, JsonNode *node, Error *err)
{
    GArray *messages = opaque;
    Message message = { NULL, NULL };

    if (err) {
        message.error = g_strdup(error_get_pretty(err));
        error_free(err);
    } else if (JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObject *object = json_node_get_object(node);

        if (json_object_has_member(object, "id")) {
            message.id = json_object_dup_member(object, "id");
        }
    }
    g_clear_pointer(&node, json_node_unref);
    g_array_append_val(messages, message);
}

/* As nodes, by which no session reads. */
static GArray *read_messages(const char *data, size_t size)
{
    GArray *messages = g_array_new(FALSE, FALSE, sizeof(Message));
    g_autoptr(JsonStream) stream = json_stream_new(take_message, messages);

    g_array_set_clear_func(messages, clear_message);
    json_stream_feed(stream, NEGOTIATE, strlen(NEGOTIATE));
    json_stream_feed(stream, data, size);
    json_stream_flush(stream);
    return messages;
}

/* ---- Replies ---- */

static void check_error(JsonObject *error, const Message *message)
{
    g_assert_cmpuint(json_object_get_size(error), ==, 2);
    g_assert_nonnull(json_object_get_string_member(error, "class"));
    g_assert_nonnull(json_object_get_string_member(error, "desc"));
    if (message->error) {
        g_assert_cmpstr(json_object_get_string_member(error, "desc"), ==,
                        message->error);
    }
}

static void check_reply(JsonObject *reply, const Message *message)
{
    JsonNode *id = json_object_get_member(reply, "id");
    bool failed = json_object_has_member(reply, "error");

    g_assert_true(failed != json_object_has_member(reply, "return"));
    g_assert_cmpuint(json_object_get_size(reply), ==, id ? 2 : 1);
    g_assert_true(failed || !message->error);
    g_assert_true(!id == !message->id);
    g_assert_true(!id || json_node_equal_deep(id, message->id));
    if (failed) {
        check_error(json_object_get_object_member(reply, "error"), message);
    }
}

/* What has been counted in the lines so far. */
typedef struct Count {
    unsigned replies;
    unsigned objects; /* added and not deleted, by the events */
} Count;

static void check_event(JsonObject *event, Count *count)
{
    const char *name = json_object_get_string_member(event, "event");

    g_assert_nonnull(json_object_get_object_member(event, "timestamp"));
    count->objects += !strcmp(name, "OBJECT_ADDED");
    count->objects -= !strcmp(name, "OBJECT_DELETED");
}

static void check_line(const char *line, size_t len, const GArray *messages,
                       Count *count)
{
    g_autoptr(JsonNode) node = json_parse(line, len, &error_abort);
    JsonObject *object = json_node_get_object(node);

    if (json_object_has_member(object, "event")) {
        check_event(object, count);
    } else if (!json_object_has_member(object, "QMP")) {
        g_assert_cmpuint(count->replies, <, messages->len);
        check_reply(object, &g_array_index(messages, Message,
                                           count->replies++));
    }
}

static void check_lines(const Talk *t, const GArray *messages)
{
    const char *line = t->out->str;
    Count count = { 0, 0 };
    const char *end;

    while ((end = strstr(line, "\r\n"))) {
        check_line(line, end - line, messages, &count);
        line = end + 2;
    }
    g_assert_cmpuint(strlen(line), ==, 0);
    g_assert_cmpuint(count.objects, ==, t->n_objects);
    if (t->all) {
        g_assert_cmpuint(count.replies, ==, messages->len);
    }
}

/* ---- Inputs ---- */

/* Each match loses all but its first group. */
static void cut_out(GString *out, const char *pattern)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autofree char *text = g_regex_replace(regex, out->str, out->len, 0,
                                            "\\1", 0, NULL);

    g_string_assign(out, text);
}

/* Threads, times, and what loops have done so far differ each time. */
static void cut_out_what_differs(GString *out)
{
    cut_out(out, "(\"thread-id\": )[0-9]+");
    cut_out(out, "(\"timestamp\": )[{][^{}]*[}]");
    cut_out(out, "([{]\"iterations\": )(?:[^{}]++|[{][^{}]*+[}])*+[}]");
}

const FuzzMutator fuzz_mutator = { mutate_requests, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    ctx = aio_context_new(&error_abort);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    g_autoptr(GArray) messages = read_messages(text, size);
    Talk whole = { 0 };
    Talk cut = { 0 };

    talk(&whole, text, size, MAX(size, 1));
    talk(&cut, text, size, 7);
    check_lines(&whole, messages);
    cut_out_what_differs(whole.out);
    cut_out_what_differs(cut.out);
    g_assert_cmpstr(whole.out->str, ==, cut.out->str);
    g_assert_true(whole.all == cut.all);
    g_string_free(whole.out, TRUE);
    g_string_free(cut.out, TRUE);
    return 0;
}
