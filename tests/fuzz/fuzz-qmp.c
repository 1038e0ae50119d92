/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client: whatever it sends after the negotiation, each message gets one
 * reply, in order, with the message's id: each request a result or an error,
 * each broken message the error that the reader of nodes tells.  Replies are
 * JSON of a known form, and the same ones however the input is cut.  The
 * session over, no object is left.
 */
#include "qmp/qmp-session-internal.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"

enum {
    MAX_OUTPUT = 1024 * 1024, /* a session that says more is cut off there */
};

/* ---- Talking ---- */

static void take_output(QmpSession *s, GString *out)
{
    size_t n = qmp_session_unsent(s);

    g_string_append_len(out, s->out->str + s->out_sent, n);
    qmp_session_sent(s, n);
}

/* Returns: (transfer full) what the client gets; *@all: to the last request */
static GString *talk(const char *data, size_t size, size_t piece, bool *all)
{
    g_autoptr(QmpSession) s = qmp_session_new(false);
    GString *out = g_string_new(NULL);

    qmp_session_feed(s, NEGOTIATE, strlen(NEGOTIATE));
    for (size_t at = 0; at < size; at += piece) {
        qmp_session_feed(s, data + at, MIN(piece, size - at));
    }
    qmp_session_end_input(s);
    while (qmp_session_has_requests(s) && out->len < MAX_OUTPUT) {
        qmp_session_run(s, G_USEC_PER_SEC);
        take_output(s, out);
    }
    *all = !s->quit && !qmp_session_has_requests(s);
    g_clear_pointer(&s, qmp_session_free);
    fuzz_types_cleanup();
    return out;
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

/* Returns: was it a reply, and not the greeting or an event? */
static bool check_line(const char *line, size_t len, const GArray *messages,
                       unsigned i)
{
    g_autoptr(JsonNode) node = json_parse(line, len, &error_abort);
    JsonObject *object = json_node_get_object(node);

    if (json_object_has_member(object, "QMP")) {
        return false;
    }
    if (json_object_has_member(object, "event")) {
        g_assert_true(json_object_has_member(object, "timestamp"));
        return false;
    }
    g_assert_cmpuint(i, <, messages->len);
    check_reply(object, &g_array_index(messages, Message, i));
    return true;
}

static void check_lines(const GString *out, const GArray *messages, bool all)
{
    const char *line = out->str;
    unsigned n = 0;
    const char *end;

    while ((end = strstr(line, "\r\n"))) {
        n += check_line(line, end - line, messages, n);
        line = end + 2;
    }
    g_assert_cmpuint(strlen(line), ==, 0);
    if (all) {
        g_assert_cmpuint(n, ==, messages->len);
    }
}

/* ---- Inputs ---- */

/* Numbers of threads differ each time: without them. */
static void mask_thread_ids(GString *out)
{
    static const char name[] = "\"thread-id\": ";
    char *at = out->str;

    while ((at = strstr(at, name))) {
        at += strlen(name);
        while (g_ascii_isdigit(*at)) {
            *at++ = '0';
        }
    }
}

const FuzzMutator fuzz_mutator = { mutate_requests, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    g_autoptr(GArray) messages = read_messages(text, size);
    g_autoptr(GString) whole = NULL;
    g_autoptr(GString) cut = NULL;
    bool all;
    bool all_again;

    whole = talk(text, size, MAX(size, 1), &all);
    cut = talk(text, size, 7, &all_again);
    check_lines(whole, messages, all);
    mask_thread_ids(whole);
    mask_thread_ids(cut);
    g_assert_cmpstr(whole->str, ==, cut->str);
    g_assert_true(all == all_again);
    return 0;
}
