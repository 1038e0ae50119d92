/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Items stand in one array, a container before what it holds: a member is its
 * name, a string, and then its value.  An item knows how many items it
 * spans, itself included, so that the next one is found without looking in.
 *
 * Thread: any; a value is used by one at a time
 */
#ifndef QOM_QAPI_JSON_DOC_INTERNAL_H
#define QOM_QAPI_JSON_DOC_INTERNAL_H

#include "qapi/json/json-doc.h"
#include "qapi/json/json-sink-internal.h"

struct JsonItem {
    uint8_t kind;    /* JsonKind */
    uint32_t n_span; /* items, this one and all in it */
    union {
        int64_t i64;      /* INT64 */
        const char *text; /* NUMBER, STRING; NUL-ended */
        size_t offset;    /* the same, while the document grows */
        uint32_t n;       /* OBJECT, ARRAY: members, elements */
    };
};

static inline const JsonItem *json_item_first(const JsonItem *container)
{
    return container->n ? container + 1 : NULL;
}

/* What stands behind @item, in the same container or behind its end. */
static inline const JsonItem *json_item_behind(const JsonItem *item)
{
    return item + item->n_span;
}

#endif
