/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parser of JSON text: what its parts share.
 *
 *     json-stream.c   the public functions: streams, whole texts
 *     json-lexer.c    bytes to tokens
 *     json-grammar.c  which token may follow which; tokens to pieces
 *     json-scalar.c   words: a number, or true, false, null
 *     json-error.c    the messages about a broken text
 *     json-skip.c     where parsing continues after a broken value
 *
 * Thread: any; one thread at a time uses a stream
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
    JSON_SKIP, /* skipping to the end of a broken value */
    JSON_DONE, /* of a whole text: no token may follow */
} JsonState;

/* The decoded text of a token, NUL-terminated. */
typedef struct JsonBuffer {
    char *data; /* `small` or allocated */
    size_t size;
    char small[128];
} JsonBuffer;

struct JsonStream {
    const JsonSinkOps *ops;
    void *sink;
    JsonStreamFunc *func;        /* one of these is set */
    JsonDocStreamFunc *doc_func; /* or none: a whole text */
    void *opaque;
    void *result; /* of a whole text */
    Error *err;   /* of a whole text */
    const char *file; /* (nullable) the name of the whole text */

    JsonState state;
    size_t depth;
    size_t excess; /* SKIP: open brackets that `kinds` has no room for */
    char quote;    /* SKIP: the quote of the open string; 0: none */
    bool escaped;  /* SKIP: the last byte was a backslash in it */
    size_t n_tokens;
    size_t n_bytes; /* of tokens */
    size_t max_bytes; /* limit of n_bytes */

    uint64_t offset;     /* of the lexer's buffer in the stream */
    uint64_t line_start; /* offset of the line */
    unsigned line;       /* of the value */

    GString *pending; /* (nullable) a token cut in two */
    size_t scanned;   /* bytes of it that have been checked */
    bool escapes;     /* string: they contain a backslash */
    unsigned char high; /* string: the bitwise OR of them */

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

/* json_buffer_reserve: makes room for @size bytes and discards the contents */
static inline char *json_buffer_reserve(JsonBuffer *buffer, size_t size)
{
    if (size > buffer->size) {
        json_buffer_clear(buffer);
        buffer->size = MAX(size, buffer->size * 2);
        buffer->data = g_malloc(buffer->size);
    }
    return buffer->data;
}

/*
 * json_stream_is_whole_text: returns true if the stream parses one whole text
 * and has no callback
 */
static inline bool json_stream_is_whole_text(const JsonStream *s)
{
    return !s->func && !s->doc_func;
}

/* json_stream_new_line: records that a line begins at offset @start */
static inline void json_stream_new_line(JsonStream *s, uint64_t start)
{
    s->line_start = start;
    s->line += s->depth || json_stream_is_whole_text(s) ||
               s->state == JSON_SKIP;
}

/**
 * json_lexer_run: consumes whole tokens
 * @buf: the bytes at offset `s->offset`
 * @end: the end of the bytes
 * @at_end: true if the input ends at @end, which ends a word
 *
 * Returns: the start of a token that is cut in two; @end if there is none
 */
const char *json_lexer_run(JsonStream *s, const char *buf, const char *end,
                           bool at_end);

/* json_grammar_reset: gets ready for a new value, outside of all brackets */
void json_grammar_reset(JsonStream *s);

/*
 * json_grammar_open, _close, _colon, _comma: Consume a punctuation mark.
 * @kind: '{' or '[', for a closing bracket the one that it closes
 *
 * Returns: true if the mark has been consumed; false if json_skip() must handle
 *          it
 */
bool json_grammar_open(JsonStream *s, char kind, uint64_t offset);
bool json_grammar_close(JsonStream *s, char kind, uint64_t offset);
bool json_grammar_colon(JsonStream *s, uint64_t offset);
bool json_grammar_comma(JsonStream *s, uint64_t offset);

/* json_grammar_word: consumes the word from @p to @end */
void json_grammar_word(JsonStream *s, const char *p, const char *end,
                       uint64_t offset);

/* json_grammar_string: consumes the string whose text is from @p to @end */
void json_grammar_string(JsonStream *s, const char *p, const char *end,
                         uint64_t offset);

/**
 * json_scalar_read: classifies a word
 * @piece: (inout) has text and length; the kind is set, and the value if it is
 *         an INT64
 * @id: (out) the error, on failure; its message takes the quoted word
 *
 * Returns: true if the word is a number, true, false or null
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

/*
 * json_error_unexpected: reports a token that is not allowed here, as
 * json_error_at() does
 */
void json_error_unexpected(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/*
 * json_error_duplicate: reports that the current key is a duplicate, as
 * json_error_at() does
 */
void json_error_duplicate(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/*
 * json_error_limit: reports too many bytes or tokens, as json_error_at() does
 */
void json_error_limit(JsonStream *s, uint64_t offset)
    __attribute__((cold));

/**
 * json_skip: searches for the end of a broken value; `s->state` is SKIP
 *
 * Returns: where to continue, in another state; @end if the value does not end
 *          before it
 */
const char *json_skip(JsonStream *s, const char *p, const char *end,
                      uint64_t offset);

#endif
