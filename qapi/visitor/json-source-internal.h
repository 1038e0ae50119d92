/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an input visitor reads: values of one of two kinds, JsonNode or
 * JsonItem, through the same set of functions.  All results are borrowed unless
 * marked.
 *
 * Thread: any; one thread at a time uses a value
 */
#ifndef QOM_QAPI_JSON_SOURCE_INTERNAL_H
#define QOM_QAPI_JSON_SOURCE_INTERNAL_H

#include "qapi/json/json.h"

typedef struct JsonSource {
    QType (*qtype)(const void *value);
    const char *(*get_string)(const void *value); /* of a string */
    bool (*get_boolean)(const void *value);       /* of a bool */
    bool (*is_integer)(const void *value);        /* of any value */
    /* of any value; each returns false unless it is a number that fits */
    bool (*get_int64)(const void *value, int64_t *n);
    bool (*get_uint64)(const void *value, uint64_t *n);
    bool (*get_double)(const void *value, double *n);
    JsonNode *(*to_node)(const void *value); /* (transfer full) */

    size_t (*n_members)(const void *object);
    const void *(*member)(const void *object, const char *name);
    /*
     * The name of the first member for which @match returns true; NULL if there
     * is none.
     */
    const char *(*find_member)(const void *object,
                               bool (*match)(const void *member,
                                             void *opaque),
                               void *opaque);

    size_t (*n_elements)(const void *array);
    /* @previous: the element at @index - 1; NULL for the first one. */
    const void *(*element)(const void *array, size_t index,
                           const void *previous);
} JsonSource;

extern const JsonSource json_node_source;
extern const JsonSource json_item_source;

#endif
