/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a number's text is kept in a node, for the reader and the writer; and how
 * the text of a string is read.
 *
 * Thread: any; a value is used by one at a time
 */
#ifndef QOM_QAPI_JSON_INTERNAL_H
#define QOM_QAPI_JSON_INTERNAL_H

#include "qapi/json/json.h"

/* First byte of a string node that is a number. */
#define JSON_NUMBER_MARK 0xFF

/**
 * json_number_text: the spelling of a number that is kept as text
 * @node: a node of type JSON_NODE_VALUE
 *
 * Returns: borrowed; NULL when @node is something else
 */
const char *json_number_text(JsonNode *node);

/**
 * json_number_new_text: a number kept as text; (transfer full)
 * @text: a valid JSON number
 * @len: its bytes
 */
JsonNode *json_number_new_text(const char *text, size_t len);

/* json_number_text_is_integer: is the number spelt without . and e? */
bool json_number_text_is_integer(const char *text);

/* json_number_int64_to_double: false when no double is just @n */
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
 * json_string_decode: decode the inside of a string
 * @p: what follows the opening quote
 * @end: the closing quote; no backslash is the last byte before it
 * @out: as large as the text; not NUL-ended
 * @id: (out) on failure, the error
 * @where: (out) on failure, the place in the text
 *
 * Returns: the end of what was written to @out; NULL on failure
 */
char *json_string_decode(const char *p, const char *end, char *out,
                         JsonErrorId *id, const char **where);

/* json_string_quoted: printable text for a message, of what is from @p to @end;
   not all of it if that is long (transfer full) */
char *json_string_quoted(const char *p, const char *end);

#endif
