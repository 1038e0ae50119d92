/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Merging one JSON object into another, as if one text had set the members of
 * both: objects are merged, lists are concatenated, and of two texts the later
 * one wins.
 */
#include "qapi/visitor/keyval-internal.h"

#include "qapi/json/json.h"

/*
 * Returns true if @merged can be merged into @dest.  @path is the path of both,
 * for messages.
 */
static bool check_merge(JsonObject *dest, JsonObject *merged, GString *path,
                        Error **errp)
{
    size_t path_len = path->len;
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, merged);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonNode *old = json_object_get_member(dest, name);

        if (!old) {
            continue;
        }
        g_string_append_printf(path, "%s%s", path_len ? "." : "", name);
        if (json_node_get_node_type(old) != json_node_get_node_type(node)) {
            return keyval_fail_inconsistent(path->str, path->len, errp);
        }
        if (JSON_NODE_HOLDS_OBJECT(node) &&
            !check_merge(json_node_get_object(old),
                         json_node_get_object(node), path, errp)) {
            return false;
        }
        g_string_truncate(path, path_len);
    }
    return true;
}

/* Copies are appended, because @merged is borrowed. */
static void append_elements(JsonArray *dest, JsonArray *merged)
{
    guint n = json_array_get_length(merged);
    guint i;

    for (i = 0; i < n; i++) {
        JsonNode *node = json_array_get_element(merged, i);

        json_array_add_element(dest, json_node_copy_deep(node));
    }
}

/* Cannot fail: check_merge() has compared all types. */
static void do_merge(JsonObject *dest, JsonObject *merged)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, merged);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonNode *old = json_object_get_member(dest, name);

        if (old && JSON_NODE_HOLDS_OBJECT(node)) {
            do_merge(json_node_get_object(old), json_node_get_object(node));
        } else if (old && JSON_NODE_HOLDS_ARRAY(node)) {
            append_elements(json_node_get_array(old),
                            json_node_get_array(node));
        } else {
            json_object_set_member(dest, name, json_node_copy_deep(node));
        }
    }
}

/* Everything is checked before anything is changed. */
bool keyval_merge(JsonNode *dest, JsonNode *merged, Error **errp)
{
    g_autoptr(GString) path = g_string_new(NULL);

    if (!check_merge(json_node_get_object(dest),
                     json_node_get_object(merged), path, errp)) {
        return false;
    }
    do_merge(json_node_get_object(dest), json_node_get_object(merged));
    return true;
}
