/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the reader makes of a text: it hands the pieces of a value, in order,
 * to a sink, which builds nodes (json-sink-nodes.c) or a document
 * (json-doc.c).
 *
 * Thread: any; a sink is used by one at a time
 */
#ifndef QOM_QAPI_JSON_SINK_INTERNAL_H
#define QOM_QAPI_JSON_SINK_INTERNAL_H

#include "qapi/json/json.h"

typedef enum JsonKind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_INT64,  /* spelt as it would be written */
    JSON_KIND_NUMBER, /* any other, kept as its text */
    JSON_KIND_STRING,
    JSON_KIND_OBJECT, /* its beginning; close() is its end */
    JSON_KIND_ARRAY,  /* the same */
} JsonKind;

static inline bool json_kind_is_container(JsonKind kind)
{
    return kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY;
}

typedef struct JsonPiece {
    JsonKind kind;
    int64_t i64;      /* INT64 */
    const char *text; /* NUMBER, STRING: [len], with a NUL behind it for a
                         string; borrowed during the call */
    size_t len;
    unsigned line;    /* in a file; JsonPosition */
    unsigned column;
} JsonPiece;

/* A sink holds at most one value; depth is bounded by JSON_MAX_NESTING. */
typedef struct JsonSinkOps {
    /*
     * Take a piece; @key is its name in the innermost open object, NULL if
     * that is an array or there is none.  False when the object has such a
     * member already; drop() follows.
     */
    bool (*put)(void *sink, const char *key, const JsonPiece *piece);
    void (*close)(void *sink);
    void *(*finish)(void *sink); /* the whole value (transfer full) */
    void (*free_value)(void *value);
    void (*drop)(void *sink);    /* what has come of a value, if anything */
    void (*free)(void *sink);    /* after drop() or finish() */
} JsonSinkOps;

/* json_scalar_node: a node of a piece that is no container (transfer full) */
JsonNode *json_scalar_node(const JsonPiece *piece);

extern const JsonSinkOps json_node_sink_ops;
extern const JsonSinkOps json_doc_sink_ops;

/* (transfer full) for `free` */
void *json_node_sink_new(void);
/* @positions: JsonNode * -> JsonPosition * (transfer full), borrowed */
void *json_node_sink_new_with_positions(GHashTable *positions);
void *json_doc_sink_new(void);

#endif
