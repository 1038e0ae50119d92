/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data and what is found in it by name.  The data comes from
 * other programs, so each accessor returns something empty for what is missing
 * or of the wrong type.
 */
#include "qapi/compiler/info-set-internal.h"

#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

void info_set_clear(InfoSet *set)
{
    g_clear_pointer(&set->by_name, g_hash_table_destroy);
    g_clear_pointer(&set->indexes, g_hash_table_destroy);
    g_clear_pointer(&set->root, json_node_unref);
}

/* Text as JSON has it; a number that is kept as text is no string. */
const char *info_string(JsonObject *object, const char *key)
{
    JsonNode *node = object ? json_object_get_member(object, key) : NULL;

    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node)
               : "";
}

JsonObject *info_object(JsonObject *object, const char *key)
{
    JsonNode *node = object ? json_object_get_member(object, key) : NULL;

    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node)
                                                : NULL;
}

JsonArray *info_array(JsonObject *object, const char *key)
{
    JsonNode *node = object ? json_object_get_member(object, key) : NULL;

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

/* Returns true if the member is missing or is an array of objects. */
static bool is_objects(JsonObject *info, const char *key)
{
    JsonArray *array = info_array(info, key);

    if (!json_object_has_member(info, key)) {
        return true;
    }
    for (guint i = 0; i < info_length(array); i++) {
        if (!JSON_NODE_HOLDS_OBJECT(json_array_get_element(array, i))) {
            return false;
        }
    }
    return array != NULL;
}

/* Checks the shape once, so that the walkers need not. */
bool info_set_init(InfoSet *set, JsonNode *root, const char *name,
                   Error **errp)
{
    JsonArray *array;

    set->root = json_node_ref(root);
    set->by_name = g_hash_table_new(hash_str, g_str_equal);
    set->indexes = g_hash_table_new_full(NULL, NULL, NULL,
                                         (GDestroyNotify)g_hash_table_unref);
    if (!JSON_NODE_HOLDS_ARRAY(root)) {
        error_setg(errp, "'%s' is neither a schema nor introspection data",
                   name);
        return false;
    }
    array = json_node_get_array(root);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        JsonObject *info = JSON_NODE_HOLDS_OBJECT(node)
                               ? json_node_get_object(node)
                               : NULL;
        const char *entity = info_string(info, "name");

        if (!*entity || !*info_string(info, "meta-type") ||
            !is_objects(info, "members") || !is_objects(info, "variants")) {
            error_setg(errp, "'%s': entry %u is no SchemaInfo", name, i);
            return false;
        }
        if (!g_hash_table_insert(set->by_name, (char *)entity, info)) {
            error_setg(errp, "'%s': entry %u has a name that is taken: '%s'",
                       name, i, entity);
            return false;
        }
    }
    return true;
}

JsonObject *info_lookup(const InfoSet *set, const char *name)
{
    return g_hash_table_lookup(set->by_name, name);
}

guint info_length(JsonArray *array)
{
    return array ? json_array_get_length(array) : 0;
}

JsonObject *info_object_at(JsonArray *array, guint i)
{
    return json_array_get_object_element(array, i);
}

/*
 * Of elements with the same value, the first is found, so the array is read
 * from its end.
 */
static GHashTable *index_array(JsonArray *array, const char *key)
{
    GHashTable *index = g_hash_table_new(hash_str, g_str_equal);

    for (guint i = info_length(array); i > 0; i--) {
        JsonObject *object = info_object_at(array, i - 1);

        g_hash_table_insert(index, (char *)info_string(object, key), object);
    }
    return index;
}

/*
 * The index is built at the first search in an array.  Each array is always
 * searched by the same key.
 */
JsonObject *info_find(const InfoSet *set, JsonArray *array, const char *key,
                      const char *value)
{
    GHashTable *index = g_hash_table_lookup(set->indexes, array);

    if (!array) {
        return NULL;
    }
    if (!index) {
        index = index_array(array, key);
        g_hash_table_insert(set->indexes, array, index);
    }
    return g_hash_table_lookup(index, value);
}

/* @i: less than info_length() */
const char *info_string_at(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return json_qtype(node) == QTYPE_QSTRING ? json_node_get_string(node)
                                             : "";
}

bool info_is(JsonObject *info, const char *meta)
{
    return strcmp(info_string(info, "meta-type"), meta) == 0;
}

/*
 * A member is optional if it has a default; the default itself is null by
 * convention.
 */
bool info_is_optional(JsonObject *member)
{
    return json_object_has_member(member, "default");
}

/* Features are few, so they are not indexed. */
bool info_has_feature(JsonObject *object, const char *name)
{
    JsonArray *features = info_array(object, "features");

    for (guint i = 0; i < info_length(features); i++) {
        if (strcmp(info_string_at(features, i), name) == 0) {
            return true;
        }
    }
    return false;
}
