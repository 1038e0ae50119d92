/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The grammar: which token may follow which.  Open containers are an explicit
 * stack (`kinds`), so no text can exhaust the C stack.  The number of members
 * is limited because the hash table of a JsonObject has no secret key: an
 * attacker can construct names that all collide, and each costs a comparison
 * with all earlier ones.
 *
 * The sink decides what is created from the pieces of a value.  Only the key of
 * the current member is kept here.
 */
#include "qapi/json/json-internal.h"
#include "qapi/json/json-stream-internal.h"

#include <string.h>

/* Skipping has ended, too; the lexer's own state (`scanned`) is not changed. */
void json_grammar_reset(JsonStream *s)
{
    s->state = JSON_WANT_VALUE;
    s->depth = 0;
    s->excess = 0;
    s->quote = 0;
    s->escaped = false;
    s->n_tokens = 0;
    s->n_bytes = 0;
    s->line = 1;
}

/* Counts a token of @len bytes; returns false at a limit. */
static bool within_limits(JsonStream *s, uint64_t offset, size_t len)
{
    s->n_bytes += len;
    s->n_tokens++;
    if (s->n_bytes > s->max_bytes || s->n_tokens > JSON_MAX_TOKENS) {
        json_error_limit(s, offset);
        return false;
    }
    return true;
}

/* Passes a complete value on: to the callback of a stream, or to parse(). */
static void deliver(JsonStream *s)
{
    void *value = s->ops->finish(s->sink);

    json_grammar_reset(s);
    if (s->func) {
        s->func(s->opaque, value, NULL);
    } else if (s->doc_func) {
        s->doc_func(s->opaque, value, NULL);
    } else {
        s->state = JSON_DONE;
        s->result = value;
    }
}

/* Passes a piece to the sink where a value is expected. */
static bool put_piece(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    bool is_member = s->depth && s->kinds[s->depth - 1] == '{';

    if (is_member && s->n_members[s->depth - 1]++ == JSON_MAX_MEMBERS) {
        json_error_at(s, offset, JSON_ERROR_MEMBER_LIMIT,
                      JSON_MAX_MEMBERS);
        return false;
    }
    /* Only a named file has positions; other texts do not pay for them. */
    if (s->file) {
        piece->line = s->line;
        piece->column = offset - s->line_start + 1;
    }
    if (s->ops->put(s->sink, is_member ? s->key.data : NULL, piece)) {
        return true;
    }
    json_error_duplicate(s, offset);
    return false;
}

/* Returns true if a value may begin here. */
static bool wants_value(const JsonStream *s)
{
    return s->state == JSON_WANT_VALUE || s->state == JSON_WANT_VALUE_OR_END;
}

/* A scalar outside of all brackets is a complete value. */
static void put_scalar(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    if (!put_piece(s, piece, offset)) {
        return;
    }
    if (s->depth) {
        s->state = JSON_WANT_COMMA_OR_END;
    } else {
        deliver(s);
    }
}

/* A container counts as a member of its parent when it is opened. */
bool json_grammar_open(JsonStream *s, char kind, uint64_t offset)
{
    JsonPiece piece = {
        .kind = kind == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY
    };

    if (!within_limits(s, offset, 1)) {
        return false;
    }
    if (!wants_value(s)) {
        json_error_unexpected(s, offset);
        return false;
    }
    if (s->depth == JSON_MAX_NESTING) {
        json_error_at(s, offset, JSON_ERROR_NESTING_LIMIT);
        return false;
    }
    if (!put_piece(s, &piece, offset)) {
        return false;
    }
    s->state = kind == '{' ? JSON_WANT_KEY_OR_END : JSON_WANT_VALUE_OR_END;
    s->n_members[s->depth] = 0;
    s->kinds[s->depth++] = kind;
    return true;
}

bool json_grammar_close(JsonStream *s, char kind, uint64_t offset)
{
    JsonState empty = kind == '{' ? JSON_WANT_KEY_OR_END
                                  : JSON_WANT_VALUE_OR_END;

    if (!within_limits(s, offset, 1)) {
        return false;
    }
    /*
     * A container may end when it is empty or after a value, not after a comma.
     */
    if (s->state != empty && (s->state != JSON_WANT_COMMA_OR_END ||
                              s->kinds[s->depth - 1] != kind)) {
        json_error_unexpected(s, offset);
        return false;
    }
    s->ops->close(s->sink);
    if (--s->depth) {
        s->state = JSON_WANT_COMMA_OR_END;
    } else {
        deliver(s);
    }
    return true;
}

/* Only a key is followed by a colon. */
bool json_grammar_colon(JsonStream *s, uint64_t offset)
{
    if (!within_limits(s, offset, 1)) {
        return false;
    }
    if (s->state != JSON_WANT_COLON) {
        json_error_unexpected(s, offset);
        return false;
    }
    s->state = JSON_WANT_VALUE;
    return true;
}

/* After a comma in an object a key must follow, in an array a value. */
bool json_grammar_comma(JsonStream *s, uint64_t offset)
{
    if (!within_limits(s, offset, 1)) {
        return false;
    }
    if (s->state != JSON_WANT_COMMA_OR_END) {
        json_error_unexpected(s, offset);
        return false;
    }
    s->state = s->kinds[s->depth - 1] == '{' ? JSON_WANT_KEY
                                             : JSON_WANT_VALUE;
    return true;
}

/* The text of a word is in the input; sinks copy it. */
void json_grammar_word(JsonStream *s, const char *p, const char *end,
                       uint64_t offset)
{
    JsonPiece piece = { .text = p, .len = end - p };
    g_autofree char *word = NULL;
    JsonErrorId id;

    if (!within_limits(s, offset, end - p)) {
        return;
    }
    if (!wants_value(s)) {
        json_error_unexpected(s, offset);
        return;
    }
    if (json_scalar_read(&piece, &id)) {
        put_scalar(s, &piece, offset);
    } else {
        word = json_string_quoted(p, end);
        json_error_at(s, offset, id, word);
    }
}

/*
 * Decodes the string between @p and @end.  Returns the end of the text in @out;
 * NULL on failure.
 */
static char *decode(JsonStream *s, const char *p, const char *end, char *out,
                    uint64_t offset)
{
    const char *where = NULL;
    JsonErrorId id;

    out = json_string_decode(p, end, out, &id, &where);
    if (!out) {
        json_error_at(s, offset + 1 + (where - p), id);
    }
    return out;
}

/*
 * A key is kept until its value arrives; any other string is a value.  Both
 * have their own buffer, because a key is still needed while a string value is
 * decoded.
 */
void json_grammar_string(JsonStream *s, const char *p, const char *end,
                         uint64_t offset)
{
    bool is_key = s->state == JSON_WANT_KEY ||
                  s->state == JSON_WANT_KEY_OR_END;
    JsonBuffer *text = is_key ? &s->key : &s->text;
    JsonPiece piece;
    char *out;

    if (!within_limits(s, offset, end - p + 2)) {
        return;
    }
    if (!is_key && !wants_value(s)) {
        json_error_unexpected(s, offset);
        return;
    }
    out = json_buffer_reserve(text, end - p + 1);
    /* A string of plain ASCII, the common case, needs no decoding. */
    if (!s->escapes && s->high < 0x80) {
        memcpy(out, p, end - p);
        out += end - p;
    } else {
        out = decode(s, p, end, out, offset);
        if (!out) {
            return;
        }
    }
    *out = 0;
    if (is_key) {
        s->state = JSON_WANT_COLON;
        return;
    }
    piece = (JsonPiece){ .kind = JSON_KIND_STRING, .text = text->data,
                         .len = out - text->data };
    put_scalar(s, &piece, offset);
}
