/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/check-replies.h"

#include "qapi/json/json.h"

#include <string.h>

static void clear_message(void *opaque)
{
    Message *message = opaque;

    g_clear_pointer(&message->id, json_node_unref);
    g_free(message->error);
}

static void take_message(void *opaque, JsonNode *node, Error *err)
{
    GArray *messages = opaque;
    Message message = { NULL, NULL, false };

    if (err) {
        message.error = g_strdup(error_get_pretty(err));
        error_free(err);
    } else if (JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObject *object = json_node_get_object(node);

        if (json_object_has_member(object, "id")) {
            message.id = json_object_dup_member(object, "id");
        }
        message.asks_oob = json_object_has_member(object, "exec-oob") &&
                           !json_object_has_member(object, "execute");
    }
    g_clear_pointer(&node, json_node_unref);
    g_array_append_val(messages, message);
}

GArray *read_messages(const char *data, size_t size)
{
    GArray *messages = g_array_new(FALSE, FALSE, sizeof(Message));
    g_autoptr(JsonStream) stream = json_stream_new(take_message, messages);

    g_array_set_clear_func(messages, clear_message);
    json_stream_feed(stream, data, size);
    json_stream_flush(stream);
    return messages;
}

GArray *take_messages(const GArray *messages, bool asks_oob)
{
    GArray *some = g_array_new(FALSE, FALSE, sizeof(Message));

    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = &g_array_index(messages, Message, i);

        if (message->asks_oob == asks_oob) {
            g_array_append_vals(some, message, 1);
        }
    }
    return some;
}

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

static void check_event(JsonObject *event, ReplyCount *count)
{
    const char *name = json_object_get_string_member(event, "event");

    g_assert_nonnull(json_object_get_object_member(event, "timestamp"));
    count->objects += !strcmp(name, "OBJECT_ADDED");
    count->objects -= !strcmp(name, "OBJECT_DELETED");
}

static void check_line(const char *line, size_t len,
                       const GArray *messages, ReplyCount *count)
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

ReplyCount check_replies(const char *text, const GArray *messages)
{
    ReplyCount count = { 0, 0 };
    const char *line = text;
    const char *end;

    while ((end = strstr(line, "\r\n"))) {
        check_line(line, end - line, messages, &count);
        line = end + 2;
    }
    g_assert_cmpuint(strlen(line), ==, 0);
    return count;
}
