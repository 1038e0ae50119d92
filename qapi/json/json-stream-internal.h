/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reader of JSON text: what its parts share.
 *
 *   json-stream.c   what callers see: streams, whole texts
 *   json-lexer.c    bytes to tokens
 *   json-grammar.c  which token may come when; tokens to pieces for the sink
 *   json-scalar.c   what a word is: a number, or true, false, null
 *   json-error.c    what the user is told of a broken text
 *   json-skip.c     where it goes on behind one
 *
 * A stream belongs to who feeds it: one thread at a time.
 */
#ifndef QOM_QAPI_JSON_STREAM_INTERNAL_H
#define QOM_QAPI_JSON_STREAM_INTERNAL_H

#include "qapi/json/json-doc.h"
#include "qapi/json/json-internal.h"
#include "qapi/json/json-sink-internal.h"

typedef enum JsonState {
    JSON_WANT_VALUE,
    JSON_WANT_VALUE_OR_END,
    JSON_WANT_KEY,
    JSON_WANT_KEY_OR_END,
    JSON_WANT_COLON,
    JSON_WANT_COMMA_OR_END,
    JSON_SKIP, /* to the end of a broken value */
    JSON_DONE, /* a whole text: nothing may follow */
} JsonState;

/* Text of a token, decoded; NUL-ended. */
typedef struct JsonBuffer {
    char *data; /* `small` or allocated */
    size_t size;
    char small[128];
} JsonBuffer;

struct JsonStream {
    const JsonSinkOps *ops;
    void *sink;
    JsonStreamFunc *func;        /* one of these; */
    JsonDocStreamFunc *doc_func; /* neither: a whole text */
    void *opaque;
    void *result; /* of a whole text */
    Error *err;   /* of a whole text */
    const char *file; /* (nullable) the name of the whole text */

    JsonState state;
    size_t depth;
    size_t excess; /* SKIP: brackets open beyond `kinds` */
    char quote;    /* SKIP: the open string's; 0 for none */
    bool escaped;  /* SKIP: a backslash in it was the last byte */
    size_t n_tokens;
    size_t n_bytes; /* of tokens */

    uint64_t offset;     /* of the lexer's buffer in the stream */
    uint64_t line_start; /* offset of the line */
    unsigned line;       /* of the value */

    GString *pending; /* (nullable) a token cut in two */
    size_t scanned;   /* bytes of it that need no second look */
    bool escapes;     /* string: backslashes in those */
    unsigned char high; /* string: all bytes of those, ORed */

    JsonBuffer key;
    JsonBuffer text;
    char kinds[JSON_MAX_NESTING]; /* [depth] '{' or '[' */
    unsigned short n_members[JSON_MAX_NESTING]; /* [depth] of objects */
};

static inline void json_buffer_init(JsonBuffer *buffer)
{
    buffer->data = buffer->small;
    buffer->size = sizeof(buffer->small);
}

static inline void json_buffer_clear(JsonBuffer *buffer)
{
    if (buffer->data != buffer->small) {
        g_free(buffer->data);
    }
}

/* json_buffer_reserve: room for @size bytes; what was there is lost */
static inline char *json_buffer_reserve(JsonBuffer *buffer, size_t size)
{
    if (size > buffer->size) {
        json_buffer_clear(buffer);
        buffer->size = MAX(size, buffer->size * 2);
        buffer->data = g_malloc(buffer->size);
    }
    return buffer->data;
}

/* json_stream_is_whole_text: one value, and nobody to tell of it at once */
static inline bool json_stream_is_whole_text(const JsonStream *s)
{
    return !s->func && !s->doc_func;
}

/* json_stream_new_line: a line begins at offset @start */
static inline void json_stream_new_line(JsonStream *s, uint64_t start)
{
    s->line_start = start;
    s->line += s->depth || json_stream_is_whole_text(s) ||
               s->state == JSON_SKIP;
}

/* json_stream_reset: be ready for a new value */
void json_stream_reset(JsonStream *s);

/**
 * json_lexer_run: eat whole tokens
 * @buf: what comes at offset `s->offset`
 * @end: its end
 * @at_end: whether the input ends there, which ends a word
 *
 * Returns: where the token starts that is cut in two, or @end
 */
const char *json_lexer_run(JsonStream *s, const char *buf, const char *end,
                           bool at_end);

/*
 * json_grammar_open, _close, _colon, _comma: take a punctuation mark
 * @kind: '{' or '[', also of what is closed
 *
 * Returns: whether it has been eaten; if not, json_skip() is to look at it
 */
bool json_grammar_open(JsonStream *s, char kind, uint64_t offset);
bool json_grammar_close(JsonStream *s, char kind, uint64_t offset);
bool json_grammar_colon(JsonStream *s, uint64_t offset);
bool json_grammar_comma(JsonStream *s, uint64_t offset);

/* json_grammar_word: take the word from @p to @end */
void json_grammar_word(JsonStream *s, const char *p, const char *end,
                       uint64_t offset);

/* json_grammar_string: take the string whose inside is from @p to @end */
void json_grammar_string(JsonStream *s, const char *p, const char *end,
                         uint64_t offset);

/**
 * json_scalar_read: find out what a word is
 * @piece: with text and length; its kind is set, and the value of an INT64
 * @id: (out) on failure, the error, whose text takes the quoted word
 *
 * Returns: whether it is a number, true, false or null
 */
bool json_scalar_read(JsonPiece *piece, JsonErrorId *id);

/**
 * json_error_at: reports that the text is broken
 * @s: the stream; skips the rest of the value
 * @offset: the place, in bytes from the beginning of the stream
 * @id: which error; the arguments that its text takes follow
 *
 * The functions that report errors are cold, so valid text does not pay for
 * them.
 */
void json_error_at(JsonStream *s, uint64_t offset, JsonErrorId id, ...)
    __attribute__((cold));

/* json_error_unexpected: as json_error_at(), of a token that may not come */
void json_error_unexpected(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/* json_error_duplicate: as json_error_at(), of the key at hand */
void json_error_duplicate(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/* json_error_limit: as json_error_at(), of too many bytes or tokens */
void json_error_limit(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/**
 * json_skip: look for the end of a broken value; `s->state` is SKIP
 *
 * Returns: where to go on, with another state; or @end
 */
const char *json_skip(JsonStream *s, const char *p, const char *end,
                      uint64_t offset);

#endif
