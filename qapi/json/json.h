/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON text and exact numbers, on top of json-glib's JsonNode.
 *
 * A number is a node of type gint64 or gdouble, or a node that holds the text
 * of the number.  The parser keeps the text if a gint64 cannot hold the number
 * as it is spelt (2^64-1, 1e2, 0.1).  How a node holds such text is private to
 * this folder, so callers ask json_qtype() for the type of a node, read numbers
 * with json_number_get_*() and create strings with json_text_new().
 *
 * The parser accepts strict JSON (RFC 8259) in UTF-8 with one extension:
 * strings may be in single quotes, and \' is an escape.  It rejects duplicate
 * keys, numbers outside the range of a double, lone surrogates, malformed
 * UTF-8, and values that exceed the limits below.
 *
 * Thread: any; one thread at a time uses a node or a stream
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
    JSON_MAX_MEMBERS = 1024,            /* members of one object */
    JSON_MAX_TOKENS = 2 * 1024 * 1024,  /* tokens of one value */
    JSON_MAX_TEXT = 64 * 1024 * 1024,   /* bytes of the tokens of one value */
};

/**
 * json_qtype: returns the JSON type of a node
 * @node: any node; borrowed
 *
 * Returns: one of QTYPE_QNULL to QTYPE_QBOOL
 * Thread: any
 */
QType json_qtype(JsonNode *node);

/**
 * json_text_new: creates a string node
 * @text: (nullable) NUL-terminated UTF-8; copied; NULL means ""
 *
 * The function may replace bytes that are not UTF-8 by U+FFFD.
 *
 * Returns: (transfer full) the node
 * Thread: any
 */
JsonNode *json_text_new(const char *text);

/**
 * json_number_new_int64: creates a number node from a signed integer
 * @value: any value
 *
 * Returns: (transfer full) the node
 * Thread: any
 */
JsonNode *json_number_new_int64(int64_t value);

/**
 * json_number_new_uint64: creates a number node from an unsigned integer
 * @value: any value; the node holds it exactly
 *
 * Returns: (transfer full) the node
 * Thread: any
 */
JsonNode *json_number_new_uint64(uint64_t value);

/**
 * json_number_new_double: creates a number node from a double
 * @value: a finite number
 *
 * Returns: (transfer full) the node
 * Thread: any
 */
JsonNode *json_number_new_double(double value);

/**
 * json_number_is_integer: tests whether a number is spelt as an integer
 * @node: any node; borrowed
 *
 * Returns: true if @node is a number without fraction and exponent, however
 *          large it is; false for every other node
 * Thread: any
 */
bool json_number_is_integer(JsonNode *node);

/**
 * json_number_get_int64: reads a node as a signed integer
 * @node: any node; borrowed
 * @value: (out) the integer; not changed on failure
 *
 * Returns: true if @node is an integer that an int64_t can hold; false
 *          otherwise
 * Thread: any
 */
bool json_number_get_int64(JsonNode *node, int64_t *value);

/**
 * json_number_get_uint64: reads a node as an unsigned integer
 * @node: any node; borrowed
 * @value: (out) the integer; not changed on failure
 *
 * Returns: true if @node is an integer that a uint64_t can hold; false
 *          otherwise, which includes every negative number
 * Thread: any
 */
bool json_number_get_uint64(JsonNode *node, uint64_t *value);

/**
 * json_number_get_double: reads a node as a double
 * @node: any node; borrowed
 * @value: (out) the number; not changed on failure
 *
 * A number with a fraction or an exponent is rounded to the nearest double.
 *
 * Returns: true if @node is a finite number; false if it is not, or if it is an
 *          integer that a double cannot hold exactly
 * Thread: any
 */
bool json_number_get_double(JsonNode *node, double *value);

/**
 * json_number_round: reads a number that need not be exact
 * @node: (nullable) any node; borrowed
 *
 * Returns: the double that is nearest to the number; 0 if @node is no number
 * Thread: any
 */
double json_number_round(JsonNode *node);

/**
 * json_member_round: reads a number of an object, as json_number_round() does
 * @object: (nullable) borrowed
 * @name: the name of the member
 *
 * Returns: the number; 0 if there is no such member, or if it is no number
 * Thread: any
 */
double json_member_round(JsonObject *object, const char *name);

/**
 * json_member_object: finds an object in an object
 * @object: (nullable) borrowed
 * @name: the name of the member
 *
 * Returns: (nullable) borrowed from @object; NULL if there is no such member,
 *          or if it is no object
 * Thread: any
 */
JsonObject *json_member_object(JsonObject *object, const char *name);

/**
 * json_node_copy_deep: copies a node with everything below it
 * @node: any node; borrowed
 *
 * json_node_copy() of json-glib shares objects and arrays with the original;
 * this function does not.
 *
 * Returns: (transfer full) the copy
 * Thread: any
 */
JsonNode *json_node_copy_deep(JsonNode *node);

/**
 * json_node_equal_deep: compares two nodes by value
 * @a: any node; borrowed
 * @b: any node; borrowed
 *
 * Numbers are compared by value.  The order of an object's members does not
 * matter.
 *
 * Returns: true if the nodes have the same value
 * Thread: any
 */
bool json_node_equal_deep(JsonNode *a, JsonNode *b);

/**
 * json_parse: parses a text that is one JSON value
 * @text: the whole text; borrowed
 * @len: bytes of @text; -1 if @text is NUL-terminated
 * @errp: set if @text is not one valid value; the message gives the position
 *
 * Returns: (transfer full) the value; NULL with @errp set
 * Thread: any
 */
JsonNode *json_parse(const char *text, gssize len, Error **errp);

/* The position of a value in a text. */
typedef struct JsonPosition {
    unsigned line; /* from 1 */
    unsigned column; /* in bytes, from 1 */
} JsonPosition;

/**
 * json_parse_file: parses a JSON file that a person has written
 * @name: the name of the file, for messages; borrowed
 * @text: the text of the file; borrowed
 * @len: bytes of @text; -1 if @text is NUL-terminated
 * @positions: (nullable) (out) (transfer full) set on success to a table from
 *          each JsonNode * of the value to its JsonPosition *; the caller frees
 *          it with g_hash_table_unref()
 * @errp: set if @text is not one valid value: "NAME:LINE:COLUMN: reason"
 *
 * In addition to JSON the text may contain comments wherever it may contain
 * white space: from "//" or '#' to the end of the line, or in the form of a C
 * comment.
 *
 * Returns: (transfer full) the value; NULL with @errp set
 * Thread: any
 */
JsonNode *json_parse_file(const char *name, const char *text, gssize len,
                          GHashTable **positions, Error **errp);

/**
 * json_write: appends the text of a node to a string
 * @out: the string; the function appends ASCII only
 * @node: any node; borrowed
 * @pretty: true for one member or element per line, indented by four blanks;
 *          false for a single line.  Values that are nested more than 16 deep
 *          are always written on one line
 *
 * Members are written in the order in which they were added.  A double that is
 * not finite is written as null; no function of this header creates one from
 * text.
 *
 * Thread: any
 */
void json_write(GString *out, JsonNode *node, bool pretty);

/*
 * A stream of JSON values that arrives in pieces.
 *
 * A value is complete when its closing bracket arrives.  A bare scalar is
 * complete when the first byte after it arrives.  Malformed input causes one
 * error.  The stream then skips the rest of the broken value, up to the first
 * of these:
 * - the bracket that closes the outermost open bracket; a closing bracket also
 *   closes brackets of the other kind that were left open inside
 * - the end of the line or the next '{', if no bracket is open
 * - a line that begins with '{'
 * - the byte 0xFF, which resets the stream anywhere
 */
typedef struct JsonStream JsonStream;

/**
 * JsonStreamFunc: Receives one value or one error of a stream.
 * @opaque: the argument of json_stream_new()
 * @node: (transfer full) (nullable) the value; NULL if @err is set
 * @err: (transfer full) (nullable) the error; NULL if @node is set
 *
 * json_stream_feed() and json_stream_flush() call it.  It must not feed, flush
 * or free the stream.
 *
 * Thread: the one that feeds the stream
 */
typedef void JsonStreamFunc(void *opaque, JsonNode *node, Error *err);

/**
 * json_stream_new: creates a stream
 * @func: called for each value and each error, in the order of the input
 * @opaque: passed to @func; it must be valid until the stream is freed
 *
 * Returns: (transfer full) the stream; free it with json_stream_free()
 * Thread: any
 */
JsonStream *json_stream_new(JsonStreamFunc *func, void *opaque);

/**
 * json_stream_feed: parses the next bytes of the input
 * @stream: the stream
 * @bytes: the bytes, of any content; borrowed
 * @n_bytes: number of bytes
 *
 * The function calls the stream's callback for each value that these bytes
 * complete, and for each error.
 *
 * Thread: any; one thread at a time uses the stream
 */
void json_stream_feed(JsonStream *stream, const char *bytes, size_t n_bytes);

/**
 * json_stream_set_max_text: limits the size of the values of a stream
 * @stream: the stream, before anything is fed to it
 * @max_bytes: of the tokens of one value, at most JSON_MAX_TEXT, which is the
 *             limit of a new stream
 *
 * Thread: any; one thread at a time uses the stream
 */
void json_stream_set_max_text(JsonStream *stream, size_t max_bytes);

/**
 * json_stream_flush: ends the input
 * @stream: the stream; it is ready for new input afterwards
 *
 * A bare scalar at the end is now complete and passed to the callback.  An
 * incomplete value is reported as an error.
 *
 * Thread: any; one thread at a time uses the stream
 */
void json_stream_flush(JsonStream *stream);

/**
 * json_stream_free: frees a stream and the part of a value that it has read
 * @stream: (nullable) consumed
 *
 * Thread: any; no other thread may use the stream
 */
void json_stream_free(JsonStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonStream, json_stream_free)

QOM_END_DECLS

#endif
