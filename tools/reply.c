/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading replies and events of other programs.
 *
 * Replies to commands of this program's schema have been checked against it
 * before they are read here, so lists have objects as elements.  Optional
 * members, and members of events, may be missing or of another type: reading
 * them does not fail, and what is not there is NULL.
 */
#include "tools/reply.h"
#include "qapi/json/json.h"

#include <string.h>

const char *reply_text(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node)
               : NULL;
}

/* A failed command has no list, and so no elements. */
guint reply_length(JsonNode *list)
{
    return list ? json_array_get_length(json_node_get_array(list)) : 0;
}

JsonObject *reply_element(JsonNode *list, guint i)
{
    return json_array_get_object_element(json_node_get_array(list), i);
}

JsonObject *reply_find(JsonNode *list, const char *name)
{
    for (guint i = 0; i < reply_length(list); i++) {
        JsonObject *object = reply_element(list, i);

        if (!g_strcmp0(reply_text(object, "name"), name)) {
            return object;
        }
    }
    return NULL;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(reply_text(*(JsonObject *const *)a, "name"),
                     reply_text(*(JsonObject *const *)b, "name"));
}

/* The objects are shared with @list, not copied. */
JsonNode *reply_sort(JsonNode *list)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *sorted = json_array_new();
    g_autoptr(GPtrArray) objects = g_ptr_array_new();

    for (guint i = 0; i < reply_length(list); i++) {
        g_ptr_array_add(objects, reply_element(list, i));
    }
    g_ptr_array_sort(objects, compare_names);
    for (guint i = 0; i < objects->len; i++) {
        json_array_add_object_element(sorted,
                                      json_object_ref(objects->pdata[i]));
    }
    json_node_take_array(node, sorted);
    return node;
}

bool reply_is_child(JsonObject *property)
{
    const char *type = reply_text(property, "type");

    return type && g_str_has_prefix(type, "child<");
}
