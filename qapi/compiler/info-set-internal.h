/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data as it came from anywhere, checked only for its shape:
 * an array of objects with a name and a kind.  To the functions that look
 * into it, what is missing or odd is empty.
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
 * info_set_init: take introspection data
 * @set: all zero
 * @root: an array of SchemaInfo, or anything else
 * @name: what messages call it
 * @errp: set when it is no introspection data
 *
 * Returns: true; false with @errp set, and @set has to be cleared as well
 */
bool info_set_init(InfoSet *set, JsonNode *root, const char *name,
                   Error **errp);
void info_set_clear(InfoSet *set);

JsonObject *info_lookup(const InfoSet *set, const char *name);

/* A member that is a string; "" if there is none */
const char *info_string(JsonObject *object, const char *key);

/* A member that is an object or an array; NULL if there is none */
JsonObject *info_object(JsonObject *object, const char *key);
JsonArray *info_array(JsonObject *object, const char *key);

guint info_length(JsonArray *array);
const char *info_string_at(JsonArray *array, guint i);

/* Of the array itself, "members" and "variants" */
JsonObject *info_object_at(JsonArray *array, guint i);
JsonObject *info_find(const InfoSet *set, JsonArray *array, const char *key,
                      const char *value);

bool info_is(JsonObject *info, const char *meta);
bool info_is_optional(JsonObject *member);
bool info_has_feature(JsonObject *object, const char *name);

#endif
