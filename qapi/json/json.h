/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON text and exact numbers, over json-glib's JsonNode.
 *
 * A number is a node of type gint64 or gdouble, or, when gint64 cannot hold
 * it in the text's own spelling (2^64-1, 1e2, 0.1), its text.  How the text
 * is kept in a node is private: ask json_qtype() what a node is, read numbers
 * with json_number_get_*(), make strings with json_text_new().
 *
 * Text read here is strict JSON (RFC 8259) in UTF-8 with one extension:
 * strings may be in single quotes, and \' is an escape.  Refused are
 * duplicate keys, numbers out of a double's range, lone surrogates, bad
 * UTF-8 and what exceeds the limits below.
 *
 * Thread: any, one at a time for one node or stream
 * Contract: docs/qapi.md, "JSON"
 */
#ifndef QOM_QAPI_JSON_H
#define QOM_QAPI_JSON_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

enum {
    JSON_MAX_NESTING = 1024,            /* open braces and brackets */
    JSON_MAX_MEMBERS = 1024,            /* of one object */
    JSON_MAX_TOKENS = 2 * 1024 * 1024,  /* of one value */
    JSON_MAX_TEXT = 64 * 1024 * 1024,   /* bytes of its tokens */
};

/**
 * json_qtype: the JSON type of a node
 * @node: any node
 *
 * Returns: one of QTYPE_QNULL to QTYPE_QBOOL
 */
QType json_qtype(JsonNode *node);

/**
 * json_text_new: a string node
 * @text: copied; NULL is ""
 *
 * Bytes that are not UTF-8 may be replaced by U+FFFD.
 *
 * Returns: (transfer full)
 */
JsonNode *json_text_new(const char *text);

/**
 * json_number_new_int64: a number node; (transfer full)
 * @value: any
 */
JsonNode *json_number_new_int64(int64_t value);

/**
 * json_number_new_uint64: a number node; (transfer full)
 * @value: any; held exactly
 */
JsonNode *json_number_new_uint64(uint64_t value);

/**
 * json_number_new_double: a number node; (transfer full)
 * @value: finite
 */
JsonNode *json_number_new_double(double value);

/**
 * json_number_is_integer: is the number spelt without fraction and exponent?
 * @node: any node; what is no number is no integer
 *
 * Says nothing of its size.
 */
bool json_number_is_integer(JsonNode *node);

/**
 * json_number_get_int64: read an integer
 * @node: any node
 * @value: set on success
 *
 * Returns: whether @node is an integer of that range; on failure *@value is
 *          untouched
 */
bool json_number_get_int64(JsonNode *node, int64_t *value);

/**
 * json_number_get_uint64: as json_number_get_int64(); nothing wraps
 */
bool json_number_get_uint64(JsonNode *node, uint64_t *value);

/**
 * json_number_get_double: read a number
 * @node: any node
 * @value: set on success; the nearest double of a decimal fraction
 *
 * Returns: whether @node is a number, and if it is an integer, one that a
 *          double holds exactly; on failure *@value is untouched
 */
bool json_number_get_double(JsonNode *node, double *value);

/**
 * json_node_copy_deep: an independent copy
 * @node: any node
 *
 * json_node_copy() shares objects and arrays; this does not.
 *
 * Returns: (transfer full)
 */
JsonNode *json_node_copy_deep(JsonNode *node);

/**
 * json_node_equal_deep: do two nodes have the same value?
 * @a: any node
 * @b: any node
 *
 * Numbers compare by value, objects without order.
 */
bool json_node_equal_deep(JsonNode *a, JsonNode *b);

/**
 * json_parse: read one JSON value
 * @text: the whole text
 * @len: bytes of @text; -1 when it is NUL-ended
 * @errp: set on failure, with the position in the text
 *
 * Returns: (transfer full); NULL on failure
 */
JsonNode *json_parse(const char *text, gssize len, Error **errp);

/* Where a value stands in a text. */
typedef struct JsonPosition {
    unsigned line; /* from 1 */
    unsigned column; /* in bytes, from 1 */
} JsonPosition;

/**
 * json_parse_file: read one JSON value that people have written
 * @name: the file's name
 * @text: its text
 * @len: bytes of @text; -1 when it is NUL-ended
 * @positions: (nullable) (out) (transfer full) on success, JsonNode * ->
 *             JsonPosition * of each value inside; free with
 *             g_hash_table_unref()
 * @errp: set on failure, "NAME:LINE:COLUMN: what"
 *
 * Beside JSON there may be comments wherever there may be a blank: from "//"
 * or '#' to the end of the line, and between a slash with a star and a star
 * with a slash.
 *
 * Returns: (transfer full); NULL on failure
 */
JsonNode *json_parse_file(const char *name, const char *text, gssize len,
                          GHashTable **positions, Error **errp);

/**
 * json_write: append a node's text
 * @out: where to append; ASCII only
 * @node: any node
 * @pretty: over several lines, indented by four; otherwise one line.  What is
 *          nested more than 16 deep is on one line
 *
 * Members come in the order in which they were added.  A double that is not
 * finite, which no function here makes, is written as null.
 */
void json_write(GString *out, JsonNode *node, bool pretty);

/*
 * A stream of JSON values that arrives in pieces.
 *
 * A value is complete with its closing bracket, or, if it is a bare scalar,
 * with the first byte after it.  Malformed input makes one error; then all is
 * skipped up to the end of the broken value, which is
 * - the bracket that closes its outermost open one, where a closing bracket
 *   also closes those of the other kind that were left open inside, or
 * - if no bracket is open, the end of the line or the next '{', or
 * - a line that begins with '{', or
 * - the byte 0xFF, which resets the stream anywhere.
 */
typedef struct JsonStream JsonStream;

/**
 * JsonStreamFunc: take one value or one error
 * @opaque: as given to json_stream_new()
 * @node: (transfer full) (nullable) the value
 * @err: (transfer full) (nullable) what was wrong instead
 *
 * Called from json_stream_feed(); may not feed or free the stream.
 */
typedef void JsonStreamFunc(void *opaque, JsonNode *node, Error *err);

/**
 * json_stream_new: make a stream
 * @func: called for each value or error, in order
 * @opaque: for @func
 *
 * Returns: (transfer full)
 */
JsonStream *json_stream_new(JsonStreamFunc *func, void *opaque);

/**
 * json_stream_feed: go on with the next bytes
 * @stream: the stream
 * @bytes: any bytes, borrowed
 * @n_bytes: how many
 */
void json_stream_feed(JsonStream *stream, const char *bytes, size_t n_bytes);

/**
 * json_stream_flush: the input has ended
 * @stream: the stream; begins anew afterwards
 *
 * A bare scalar is complete now; an incomplete value is an error.
 */
void json_stream_flush(JsonStream *stream);

/**
 * json_stream_free: free a stream and what it has read so far
 * @stream: (nullable) consumed
 */
void json_stream_free(JsonStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonStream, json_stream_free)

QOM_END_DECLS

#endif
