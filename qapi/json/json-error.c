/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The texts of all errors in JSON text, and how they are reported: one error
 * per value, with the line and the column, or as FILE:LINE:COLUMN if the text
 * has a name.
 */
#include "qapi/json/json-internal.h"
#include "qapi/json/json-stream-internal.h"

#include <stdarg.h>
#include <string.h>

/* The arguments are those that json_error_at() gets after the id. */
static const char *const texts[] = {
    [JSON_ERROR_KEY] = "expecting a key in quotes",
    [JSON_ERROR_KEY_OR_END] = "expecting a key in quotes or '}'",
    [JSON_ERROR_COLON] = "expecting ':'",
    [JSON_ERROR_COMMA_OR_END] = "expecting ',' or '%c'",
    [JSON_ERROR_VALUE] = "expecting value",
    [JSON_ERROR_VALUE_OR_END] = "expecting value or ']'",
    [JSON_ERROR_NOTHING] = "expecting nothing more",
    [JSON_ERROR_DUPLICATE] = "duplicate key %s",
    [JSON_ERROR_TEXT_LIMIT] = "JSON token size limit exceeded",
    [JSON_ERROR_TOKEN_LIMIT] = "JSON token count limit exceeded",
    [JSON_ERROR_MEMBER_LIMIT] = "JSON object has more than %d members",
    [JSON_ERROR_NESTING_LIMIT] = "JSON nesting depth limit exceeded",
    [JSON_ERROR_BYTE_FF] = "byte 0xFF",
    [JSON_ERROR_CONTROL] = "control character 0x%02x",
    [JSON_ERROR_STRAY] = "stray '%c'",
    [JSON_ERROR_STRAY_BYTE] = "stray byte 0x%02X",
    [JSON_ERROR_COMMENT] = "comment without end",
    [JSON_ERROR_END] = "unexpected end of input",
    [JSON_ERROR_NUMBER] = "invalid number %s",
    [JSON_ERROR_RANGE] = "number %s is out of range",
    [JSON_ERROR_KEYWORD] = "invalid keyword %s",
    [JSON_ERROR_ESCAPE] = "invalid escape sequence in string",
    [JSON_ERROR_SURROGATE] = "lone surrogate in string",
    [JSON_ERROR_UTF_8] = "invalid UTF-8 sequence in string",
};

/* Reports the error; the reader then skips the rest of the value. */
static void json_error_deliver(JsonStream *s, Error *err)
{
    s->ops->drop(s->sink);
    if (s->result) {
        s->ops->free_value(s->result);
        s->result = NULL;
    }
    s->state = JSON_SKIP;
    s->scanned = 0;
    if (s->func) {
        s->func(s->opaque, NULL, err);
    } else if (s->doc_func) {
        s->doc_func(s->opaque, NULL, err);
    } else {
        s->err = err;
    }
}

/*
 * A text that was complete before @offset has no position to report: what
 * follows it is superfluous as a whole.
 */
void json_error_at(JsonStream *s, uint64_t offset, JsonErrorId id, ...)
{
    g_autofree char *what = NULL;
    Error *err = NULL;
    va_list ap;

    va_start(ap, id);
    what = g_strdup_vprintf(texts[id], ap);
    va_end(ap);
    if (s->file) {
        error_setg(&err, "%s:%u:%" G_GUINT64_FORMAT ": %s", s->file, s->line,
                   offset - s->line_start + 1, what);
    } else if (s->state == JSON_DONE) {
        error_setg(&err, "Expecting at most one JSON value");
    } else {
        error_setg(&err, "JSON parse error, %s (line %u, column %"
                   G_GUINT64_FORMAT ")", what, s->line,
                   offset - s->line_start + 1);
    }
    json_error_deliver(s, err);
}

/* The state of the grammar decides what was expected instead of the token. */
void json_error_unexpected(JsonStream *s, uint64_t offset)
{
    switch (s->state) {
    case JSON_WANT_KEY:
        json_error_at(s, offset, JSON_ERROR_KEY);
        break;
    case JSON_WANT_KEY_OR_END:
        json_error_at(s, offset, JSON_ERROR_KEY_OR_END);
        break;
    case JSON_WANT_COLON:
        json_error_at(s, offset, JSON_ERROR_COLON);
        break;
    case JSON_WANT_COMMA_OR_END:
        json_error_at(s, offset, JSON_ERROR_COMMA_OR_END,
                      s->kinds[s->depth - 1] == '{' ? '}' : ']');
        break;
    case JSON_WANT_VALUE:
        json_error_at(s, offset, JSON_ERROR_VALUE);
        break;
    case JSON_WANT_VALUE_OR_END:
        json_error_at(s, offset, JSON_ERROR_VALUE_OR_END);
        break;
    case JSON_DONE:
        json_error_at(s, offset, JSON_ERROR_NOTHING);
        break;
    case JSON_SKIP:
        g_assert_not_reached();
    }
}

/* The key is in the buffer of the stream, NUL-terminated. */
void json_error_duplicate(JsonStream *s, uint64_t offset)
{
    g_autofree char *key = json_string_quoted(s->key.data,
                                              strchr(s->key.data, 0));

    json_error_at(s, offset, JSON_ERROR_DUPLICATE, key);
}

/*
 * Both limits are checked at once; the message names the one that is exceeded.
 */
void json_error_limit(JsonStream *s, uint64_t offset)
{
    json_error_at(s, offset, s->n_bytes > s->max_bytes
                             ? JSON_ERROR_TEXT_LIMIT
                             : JSON_ERROR_TOKEN_LIMIT);
}
