/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data of any program.  Only its shape is checked: it is an array
 * of objects with a name and a kind.  What is missing or of the wrong type
 * reads as empty.
 */
#ifndef QOM_QAPI_COMPILER_INFO_SET_INTERNAL_H
#define QOM_QAPI_COMPILER_INFO_SET_INTERNAL_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct InfoSet {
    JsonNode *root;
    GHashTable *by_name; /* name to JsonObject */
    GHashTable *indexes; /* array to its elements by key, see info_find() */
} InfoSet;

/**
 * info_set_init: takes introspection data
 * @set: the set, all zero
 * @root: an array of SchemaInfo, or any other value; a reference is taken
 * @name: the name of the data in messages
 * @errp: set if @root is not introspection data
 *
 * Returns: true; false with @errp set; @set must be cleared in both cases
 */
bool info_set_init(InfoSet *set, JsonNode *root, const char *name,
                   Error **errp);
void info_set_clear(InfoSet *set);

/* info_lookup: returns (nullable) the entry of this name */
JsonObject *info_lookup(const InfoSet *set, const char *name);

/* info_string: returns a member that is a string; "" if there is none */
const char *info_string(JsonObject *object, const char *key);

/* info_object, info_array: Return (nullable) a member of that type. */
JsonObject *info_object(JsonObject *object, const char *key);
JsonArray *info_array(JsonObject *object, const char *key);

/* The elements of an array of strings.  @array: (nullable) it has none */
guint info_length(JsonArray *array);
const char *info_string_at(JsonArray *array, guint i);

/*
 * info_object_at: returns an element of the whole data, of "members" or of
 * "variants".  info_find: Returns (nullable) the element whose @key is @value.
 */
JsonObject *info_object_at(JsonArray *array, guint i);
JsonObject *info_find(const InfoSet *set, JsonArray *array, const char *key,
                      const char *value);

/* info_is: returns true if the entry is of the kind @meta, such as "enum" */
bool info_is(JsonObject *info, const char *meta);
bool info_is_optional(JsonObject *member);
bool info_has_feature(JsonObject *object, const char *name);

#endif
