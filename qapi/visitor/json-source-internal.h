/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an input visitor reads: values of one of two kinds, JsonNode or
 * JsonItem, by the same questions.
 *
 * Thread: any; a value is used by one at a time
 */
#ifndef QOM_QAPI_JSON_SOURCE_INTERNAL_H
#define QOM_QAPI_JSON_SOURCE_INTERNAL_H

#include "qapi/json/json.h"

typedef struct JsonSource {
    QType (*qtype)(const void *value);
    const char *(*get_string)(const void *value); /* of a string */
    bool (*get_boolean)(const void *value);       /* of a bool */
    bool (*is_integer)(const void *value);        /* of anything, as all */
    bool (*get_int64)(const void *value, int64_t *n); /* below; false when */
    bool (*get_uint64)(const void *value, uint64_t *n); /* it is none or is */
    bool (*get_double)(const void *value, double *n);   /* out of range */
    JsonNode *(*to_node)(const void *value); /* (transfer full) */

    size_t (*n_members)(const void *object);
    const void *(*member)(const void *object, const char *name);
    /* the name of the first member for which @match is true */
    const char *(*find_member)(const void *object,
                               bool (*match)(const void *member,
                                             void *opaque),
                               void *opaque);

    size_t (*n_elements)(const void *array);
    /* @previous: the element before; NULL for the first one */
    const void *(*element)(const void *array, size_t index,
                           const void *previous);
} JsonSource;

extern const JsonSource json_node_source;
extern const JsonSource json_item_source;

#endif
