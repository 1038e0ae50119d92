/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The items of a document are one array.  A container comes before its
 * contents.  A member is its name, a string, followed by its value.  An item
 * holds the number of items that it spans, itself included, so the next item is
 * found without reading those in between.
 *
 * Thread: any; one thread at a time uses a document
 */
#ifndef QOM_QAPI_JSON_DOC_INTERNAL_H
#define QOM_QAPI_JSON_DOC_INTERNAL_H

#include "qapi/json/json-doc.h"
#include "qapi/json/json-sink-internal.h"

struct JsonItem {
    uint8_t kind;    /* JsonKind */
    uint32_t n_span; /* number of items: this one and all inside it */
    union {
        int64_t i64;      /* INT64 */
        const char *text; /* NUMBER, STRING; NUL-terminated */
        size_t offset;    /* of the text, while the document grows */
        uint32_t n;       /* OBJECT, ARRAY: members, elements */
    };
};

static inline const JsonItem *json_item_first(const JsonItem *container)
{
    return container->n ? container + 1 : NULL;
}

/*
 * Returns the item after @item, in the same container or after the end of that
 * container.
 */
static inline const JsonItem *json_item_behind(const JsonItem *item)
{
    return item + item->n_span;
}

#endif
