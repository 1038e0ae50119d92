/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface between the parser and what it builds.  The parser passes the
 * pieces of a value, in order, to a sink, which builds nodes
 * (json-sink-nodes.c) or a document (json-doc.c).
 *
 * Thread: any; one thread at a time uses a sink
 */
#ifndef QOM_QAPI_JSON_SINK_INTERNAL_H
#define QOM_QAPI_JSON_SINK_INTERNAL_H

#include "qapi/json/json.h"

typedef enum JsonKind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_INT64,  /* an integer in the spelling of json_write() */
    JSON_KIND_NUMBER, /* any other number, kept as its text */
    JSON_KIND_STRING,
    JSON_KIND_OBJECT, /* the beginning; close() ends it */
    JSON_KIND_ARRAY,  /* the same */
} JsonKind;

static inline bool json_kind_is_container(JsonKind kind)
{
    return kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY;
}

typedef struct JsonPiece {
    JsonKind kind;
    int64_t i64;      /* INT64 */
    /*
     * NUMBER, STRING: [len]; a string is followed by a NUL; borrowed during the
     * call
     */
    const char *text;
    size_t len;
    unsigned line;    /* in a file; JsonPosition */
    unsigned column;
} JsonPiece;

/*
 * The operations of a sink.  It holds at most one value, of at most
 * JSON_MAX_NESTING levels.
 */
typedef struct JsonSinkOps {
    /*
     * Adds a piece.  @key is its name in the innermost open object; NULL in an
     * array and at the root.  Returns false if the object already has such a
     * member; drop() follows.
     */
    bool (*put)(void *sink, const char *key, const JsonPiece *piece);
    void (*close)(void *sink);
    void *(*finish)(void *sink); /* returns the whole value (transfer full) */
    void (*free_value)(void *value);
    void (*drop)(void *sink);    /* frees a value that is incomplete */
    void (*free)(void *sink);    /* frees the sink, after drop() or finish() */
} JsonSinkOps;

/*
 * json_scalar_node: creates a node from a piece that is not a container
 * (transfer full)
 */
JsonNode *json_scalar_node(const JsonPiece *piece);

extern const JsonSinkOps json_node_sink_ops;
extern const JsonSinkOps json_doc_sink_ops;

/*
 * json_node_sink_new: creates a sink that builds nodes; its operation `free`
 * frees it (transfer full)
 */
void *json_node_sink_new(void);
/*
 * json_node_sink_new_with_positions: creates a sink that builds nodes and adds
 * the JsonPosition (transfer full) of each JsonNode to the borrowed table
 * @positions.
 */
void *json_node_sink_new_with_positions(GHashTable *positions);
void *json_doc_sink_new(void);

#endif
