/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the user is told of a broken text: one error a value, with the line and
 * the column, or as FILE:LINE:COLUMN if the text has a name.
 */
#include "qapi/json/json-internal.h"
#include "qapi/json/json-stream-internal.h"

#include <stdarg.h>
#include <string.h>

/* Tell the user; what is left of the value will be skipped. */
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

void json_error_at(JsonStream *s, uint64_t offset, const char *fmt, ...)
{
    g_autofree char *what = NULL;
    Error *err = NULL;
    va_list ap;

    va_start(ap, fmt);
    what = g_strdup_vprintf(fmt, ap);
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

void json_error_unexpected(JsonStream *s, uint64_t offset)
{
    switch (s->state) {
    case JSON_WANT_KEY:
        json_error_at(s, offset, "expecting a key in quotes");
        break;
    case JSON_WANT_KEY_OR_END:
        json_error_at(s, offset, "expecting a key in quotes or '}'");
        break;
    case JSON_WANT_COLON:
        json_error_at(s, offset, "expecting ':'");
        break;
    case JSON_WANT_COMMA_OR_END:
        json_error_at(s, offset, "expecting ',' or '%c'",
                      s->kinds[s->depth - 1] == '{' ? '}' : ']');
        break;
    case JSON_WANT_VALUE:
        json_error_at(s, offset, "expecting value");
        break;
    case JSON_WANT_VALUE_OR_END:
        json_error_at(s, offset, "expecting value or ']'");
        break;
    case JSON_DONE:
        json_error_at(s, offset, "expecting nothing more");
        break;
    case JSON_SKIP:
        g_assert_not_reached();
    }
}

void json_error_duplicate(JsonStream *s, uint64_t offset)
{
    g_autofree char *key = json_string_quoted(s->key.data,
                                              strchr(s->key.data, 0));

    json_error_at(s, offset, "duplicate key %s", key);
}

void json_error_limit(JsonStream *s, uint64_t offset)
{
    json_error_at(s, offset, s->n_bytes > JSON_MAX_TEXT
                             ? "JSON token size limit exceeded"
                             : "JSON token count limit exceeded");
}
