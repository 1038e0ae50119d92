/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds the end of a broken value by brackets and quotes alone; json.h has the
 * rules.  The aim is one error per message: a client that sends one malformed
 * request must not get errors for the next ones.
 */
#include "qapi/json/json-stream-internal.h"

/* Closes a bracket of @kind, and all brackets that were left open inside it. */
static void skip_close(JsonStream *s, char kind)
{
    size_t depth;

    if (s->excess) {
        s->excess--;
        return;
    }
    for (depth = s->depth; depth > 0; depth--) {
        if (s->kinds[depth - 1] == kind) {
            s->depth = depth - 1;
            if (!s->depth) {
                json_grammar_reset(s);
            }
            return;
        }
    }
}

static void skip_open(JsonStream *s, char kind)
{
    /* Beyond the limit the kind of a bracket is not stored, only counted. */
    if (s->depth == JSON_MAX_NESTING) {
        s->excess++;
    } else {
        s->kinds[s->depth++] = kind;
    }
}

/* Brackets inside a string do not count. */
static void skip_in_string(JsonStream *s, char c)
{
    if (s->escaped) {
        s->escaped = false;
    } else if (c == '\\') {
        s->escaped = true;
    } else if (c == s->quote) {
        s->quote = 0;
    }
}

/* Handles one byte.  Returns true if it belongs to the broken value. */
static bool skip_byte(JsonStream *s, char c, uint64_t offset)
{
    /* A JSON string cannot contain a newline, so an open string ends here. */
    if (c == '\n') {
        s->quote = 0;
        s->escaped = false;
        json_stream_new_line(s, offset + 1);
        if (!s->depth) {
            json_grammar_reset(s);
        }
    } else if ((unsigned char)c == 0xFF) {
        json_grammar_reset(s);
    } else if (s->quote) {
        skip_in_string(s, c);
    } else if (c == '"' || c == '\'') {
        s->quote = c;
    } else if (c == '{') {
        /* The next value begins here; this byte is its first. */
        if (!s->depth || offset == s->line_start) {
            json_grammar_reset(s);
            return false;
        }
        skip_open(s, c);
    } else if (c == '[' && s->depth) {
        skip_open(s, c);
    } else if (c == '}') {
        skip_close(s, '{');
    } else if (c == ']') {
        skip_close(s, '[');
    }
    return true;
}

const char *json_skip(JsonStream *s, const char *p, const char *end,
                      uint64_t offset)
{
    const char *start = p;

    while (p < end && s->state == JSON_SKIP) {
        p += skip_byte(s, *p, offset + (p - start));
    }
    return p;
}
