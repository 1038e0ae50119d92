/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A message is a JSON object that ends with CR LF.
 *
 * Flat: replies and events on one line are written around the text of their
 * value.  Only that value, the result of a command or the data of an event, is
 * ever a tree of nodes.
 *
 * Pretty: messages on several lines are built as a tree and then written, as is
 * the greeting.
 */
#include "qmp/qmp-message-internal.h"

#include "qapi/json/json.h"
#include "qapi/visitor/json-visitor.h"
#include "qmp/qapi-commands-control.h"

#include <inttypes.h>

static void append_line_end(GString *out)
{
    g_string_append_len(out, "\r\n", 2);
}

static void append_node(GString *out, JsonNode *node, bool pretty)
{
    json_write(out, node, pretty);
    append_line_end(out);
}

static JsonNode *take_object(JsonObject *object)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, object);
    return node;
}

/* ---- The greeting ---- */

/* Writes {"QMP": {"version": {...}, "capabilities": [...]}}. */
void qmp_message_greeting(GString *out, bool offers_oob, bool pretty)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(VersionInfo) version = qmp_query_version(&error_abort);
    JsonObject *object = json_object_new();
    JsonObject *qmp = json_object_new();
    JsonArray *capabilities = json_array_new();

    json_object_set_member(qmp, "version",
                           qapi_type_to_json(&qapi_type_VersionInfo, &version,
                                             &error_abort));
    if (offers_oob) {
        json_array_add_string_element(
            capabilities, qapi_enum_lookup(&QMPCapability_lookup,
                                           QMP_CAPABILITY_OOB));
    }
    json_object_set_array_member(qmp, "capabilities", capabilities);
    json_object_set_object_member(object, "QMP", qmp);
    node = take_object(object);
    append_node(out, node, pretty);
}

/* ---- Replies ---- */

/* Ends a reply on one line after its value. */
static void append_flat_end(GString *out, const JsonItem *id)
{
    if (id) {
        g_string_append_len(out, ", \"id\": ", 8);
        json_item_write(out, id);
    }
    g_string_append_len(out, "}\r\n", 3);
}

/*
 * Appends a reply on one line, which begins with @start; if @value is NULL, {}
 * is written.  This is the path of almost all replies, so it appends as few
 * pieces as possible.
 */
static void append_flat(GString *out, const char *start, JsonNode *value,
                        const JsonItem *id)
{
    g_string_append(out, start);
    if (value) {
        json_write(out, value, false);
    } else {
        g_string_append_len(out, "{}", 2);
    }
    append_flat_end(out, id);
}

/* Appends a reply on several lines; if @value is NULL, {} is written. */
static void append_pretty(GString *out, const char *key, JsonNode *value,
                          const JsonItem *id)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object = json_object_new();

    json_object_set_member(
        object, key, value ? json_node_ref(value)
                           : json_item_to_node(json_item_empty_object()));
    if (id) {
        json_object_set_member(object, "id", json_item_to_node(id));
    }
    node = take_object(object);
    append_node(out, node, true);
}

void qmp_message_return(GString *out, JsonNode *value, const JsonItem *id,
                        bool pretty)
{
    if (pretty) {
        append_pretty(out, "return", value, id);
    } else {
        append_flat(out, "{\"return\": ", value, id);
    }
}

void qmp_message_return_item(GString *out, const JsonItem *value,
                             const JsonItem *id, bool pretty)
{
    if (pretty) {
        g_autoptr(JsonNode) node = json_item_to_node(value);

        append_pretty(out, "return", node, id);
        return;
    }
    g_string_append(out, "{\"return\": ");
    json_item_write(out, value);
    append_flat_end(out, id);
}

void qmp_message_return_text(GString *out, const GString *json,
                             const JsonItem *id, bool pretty)
{
    if (pretty) {
        g_autoptr(JsonNode) value = json_parse(json->str, json->len,
                                               &error_abort);

        append_pretty(out, "return", value, id);
        return;
    }
    g_string_append(out, "{\"return\": ");
    g_string_append_len(out, json->str, json->len);
    append_flat_end(out, id);
}

/*
 * Returns the message of an error, followed by its hint on separate lines:
 * clients show `desc` to people, and QMP has no member for advice.
 */
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

void qmp_message_error(GString *out, const Error *err, const JsonItem *id,
                       bool pretty)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "class",
                                  error_class_str(error_get_class(err)));
    json_object_set_member(object, "desc", describe(err));
    node = take_object(object);
    if (pretty) {
        append_pretty(out, "error", node, id);
    } else {
        append_flat(out, "{\"error\": ", node, id);
    }
}

/* ---- Events ---- */

/*
 * Writes an event on one line.  Objects that are added and deleted spend most
 * of their time on events, so no tree is built around the data.
 */
static void append_flat_event(GString *out, const char *name, JsonNode *data,
                              int64_t seconds, int64_t microseconds)
{
    g_string_append(out, "{\"event\": \"");
    g_string_append(out, name);
    g_string_append_c(out, '"');
    if (data) {
        g_string_append(out, ", \"data\": ");
        json_write(out, data, false);
    }
    g_string_append_printf(out, ", \"timestamp\": {\"seconds\": %" PRId64
                           ", \"microseconds\": %" PRId64 "}}\r\n",
                           seconds, microseconds);
}

static void append_pretty_event(GString *out, const char *name,
                                JsonNode *data, int64_t seconds,
                                int64_t microseconds)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object = json_object_new();
    JsonObject *timestamp = json_object_new();

    json_object_set_string_member(object, "event", name);
    if (data) {
        json_object_set_member(object, "data", json_node_ref(data));
    }
    json_object_set_int_member(timestamp, "seconds", seconds);
    json_object_set_int_member(timestamp, "microseconds", microseconds);
    json_object_set_object_member(object, "timestamp", timestamp);
    node = take_object(object);
    append_node(out, node, true);
}

char *qmp_message_event(const char *name, JsonNode *data, int64_t now_us,
                        bool pretty)
{
    GString *text = g_string_sized_new(160); /* enough for most events */
    int64_t seconds = now_us / G_USEC_PER_SEC;
    int64_t microseconds = now_us % G_USEC_PER_SEC;

    if (pretty) {
        append_pretty_event(text, name, data, seconds, microseconds);
    } else {
        append_flat_event(text, name, data, seconds, microseconds);
    }
    return g_string_free(text, FALSE);
}
