/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the text of a number is kept in a node, and how strings are decoded.
 *
 * Thread: any; one thread at a time uses a node
 */
#ifndef QOM_QAPI_JSON_INTERNAL_H
#define QOM_QAPI_JSON_INTERNAL_H

#include "qapi/json/json.h"

/* The first byte of a string node that is a number. */
#define JSON_NUMBER_MARK 0xFF

/**
 * json_number_text: returns the spelling of a number that is kept as text
 * @node: a node of type JSON_NODE_VALUE
 *
 * Returns: borrowed from @node; NULL if it does not hold such a number
 */
const char *json_number_text(JsonNode *node);

/**
 * json_number_new_text: creates a number node that holds the text of the
 * number
 * @text: a valid JSON number; copied
 * @len: number of bytes
 *
 * Returns: (transfer full) the node
 */
JsonNode *json_number_new_text(const char *text, size_t len);

/*
 * json_number_text_is_integer: returns true if the number has neither a
 * fraction nor an exponent
 */
bool json_number_text_is_integer(const char *text);

/*
 * json_number_int64_to_double: stores @n in *@value.  Returns false if a double
 * cannot hold @n exactly.
 */
bool json_number_int64_to_double(int64_t n, double *value);

/* The errors of JSON text; json-error.c has their texts. */
typedef enum JsonErrorId {
    JSON_ERROR_KEY,
    JSON_ERROR_KEY_OR_END,
    JSON_ERROR_COLON,
    JSON_ERROR_COMMA_OR_END,
    JSON_ERROR_VALUE,
    JSON_ERROR_VALUE_OR_END,
    JSON_ERROR_NOTHING,
    JSON_ERROR_DUPLICATE,
    JSON_ERROR_TEXT_LIMIT,
    JSON_ERROR_TOKEN_LIMIT,
    JSON_ERROR_MEMBER_LIMIT,
    JSON_ERROR_NESTING_LIMIT,
    JSON_ERROR_BYTE_FF,
    JSON_ERROR_CONTROL,
    JSON_ERROR_STRAY,
    JSON_ERROR_STRAY_BYTE,
    JSON_ERROR_COMMENT,
    JSON_ERROR_END,
    JSON_ERROR_NUMBER,
    JSON_ERROR_RANGE,
    JSON_ERROR_KEYWORD,
    JSON_ERROR_ESCAPE,
    JSON_ERROR_SURROGATE,
    JSON_ERROR_UTF_8,
} JsonErrorId;

/**
 * json_string_decode: decodes the text of a string
 * @p: the byte after the opening quote
 * @end: the closing quote; the byte before it is not an unescaped backslash
 * @out: a buffer as large as the text; it is not NUL-terminated
 * @id: (out) the error, on failure
 * @where: (out) the place of the error in the text, on failure
 *
 * Returns: the end of the bytes written to @out; NULL on failure
 */
char *json_string_decode(const char *p, const char *end, char *out,
                         JsonErrorId *id, const char **where);

/*
 * json_string_quoted: quotes the text from @p to @end for a message, shortened
 * if it is long.  Returns: (transfer full) valid UTF-8
 */
char *json_string_quoted(const char *p, const char *end);

#endif
