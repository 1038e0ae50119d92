/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A push parser with an explicit stack: between two calls its whole state is
 * in JsonStream.  run() eats whole tokens; a token that the input cuts in two
 * stays in `pending`, with how far it has been scanned, so that even bytes
 * that come one at a time are each looked at once.
 *
 * What the pieces of a value become is the sink's business; only the key of
 * the member at hand is kept here.
 *
 * After an error, skip() looks for the end of the broken value by brackets
 * and quotes alone; see json.h for the rule.
 */
#include "qapi/json-doc.h"
#include "qapi/json-internal.h"
#include "qapi/json-sink-internal.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* Bytes of the input that a message quotes at most. */
#define MAX_QUOTED 40

typedef enum State {
    WANT_VALUE,
    WANT_VALUE_OR_END,
    WANT_KEY,
    WANT_KEY_OR_END,
    WANT_COLON,
    WANT_COMMA_OR_END,
    SKIP, /* to the end of a broken value */
    DONE, /* json_parse(): nothing may follow */
} State;

/* Text of a token, decoded; NUL-ended. */
typedef struct Text {
    char *data; /* `small` or allocated */
    size_t size;
    char small[128];
} Text;

struct JsonStream {
    const JsonSinkOps *ops;
    void *sink;
    JsonStreamFunc *func;        /* one of these; */
    JsonDocStreamFunc *doc_func; /* neither: a whole text */
    void *opaque;
    void *result; /* of a whole text */
    Error *err;   /* of a whole text */
    const char *file; /* (nullable) the name of the whole text */

    State state;
    size_t depth;
    size_t excess; /* SKIP: brackets open beyond `kinds` */
    char quote;    /* SKIP: the open string's; 0 for none */
    bool escaped;  /* SKIP: a backslash in it was the last byte */
    size_t n_tokens;
    size_t n_bytes; /* of tokens */

    uint64_t offset;     /* of run()'s buffer in the stream */
    uint64_t line_start; /* offset of the line */
    unsigned line;       /* of the value */

    GString *pending; /* (nullable) a token cut in two */
    size_t scanned;   /* bytes of it that need no second look */
    bool escapes;     /* string: backslashes in those */
    unsigned char high; /* string: all bytes of those, ORed */

    Text key;
    Text text;
    char kinds[JSON_MAX_NESTING]; /* [depth] '{' or '[' */
};

static void text_init(Text *text)
{
    text->data = text->small;
    text->size = sizeof(text->small);
}

static void text_clear(Text *text)
{
    if (text->data != text->small) {
        g_free(text->data);
    }
}

static char *text_reserve(Text *text, size_t size)
{
    if (size > text->size) {
        text_clear(text);
        text->size = MAX(size, text->size * 2);
        text->data = g_malloc(text->size);
    }
    return text->data;
}

static void stream_init(JsonStream *s, const JsonSinkOps *ops, void *sink)
{
    /* All but the arrays, which `depth` and the size of a text bound. */
    memset(s, 0, offsetof(JsonStream, key));
    s->ops = ops;
    s->sink = sink;
    s->line = 1;
    text_init(&s->key);
    text_init(&s->text);
}

static void stream_cleanup(JsonStream *s)
{
    s->ops->drop(s->sink);
    s->ops->free(s->sink);
    if (s->pending) {
        g_string_free(s->pending, TRUE);
    }
    text_clear(&s->key);
    text_clear(&s->text);
}

/* Ready for a new value. */
static void reset(JsonStream *s)
{
    s->state = WANT_VALUE;
    s->depth = 0;
    s->excess = 0;
    s->quote = 0;
    s->escaped = false;
    s->n_tokens = 0;
    s->n_bytes = 0;
    s->line = 1;
}

/* json_parse(): there is one value, and nobody to tell of it at once. */
static bool is_whole_text(const JsonStream *s)
{
    return !s->func && !s->doc_func;
}

static void new_line(JsonStream *s, uint64_t start)
{
    s->line_start = start;
    s->line += s->depth || is_whole_text(s) || s->state == SKIP;
}

/* Tell the user; what is left of the value will be skipped. */
static void fail_plain(JsonStream *s, Error *err)
{
    s->ops->drop(s->sink);
    if (s->result) {
        s->ops->free_value(s->result);
        s->result = NULL;
    }
    s->state = SKIP;
    s->scanned = 0;
    if (s->func) {
        s->func(s->opaque, NULL, err);
    } else if (s->doc_func) {
        s->doc_func(s->opaque, NULL, err);
    } else {
        s->err = err;
    }
}

static void G_GNUC_PRINTF(3, 4)
fail(JsonStream *s, uint64_t offset, const char *fmt, ...)
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
    } else if (s->state == DONE) {
        error_setg(&err, "Expecting at most one JSON value");
    } else {
        error_setg(&err, "JSON parse error, %s (line %u, column %"
                   G_GUINT64_FORMAT ")", what, s->line,
                   offset - s->line_start + 1);
    }
    fail_plain(s, err);
}

/* Printable text for a message of what is between @p and @end. */
static char *quoted(const char *p, const char *end)
{
    g_autofree char *valid = NULL;
    size_t len = end - p;

    valid = g_utf8_make_valid(p, MIN(len, MAX_QUOTED));
    return g_strconcat("'", valid, "'", len > MAX_QUOTED ? "..." : NULL,
                       NULL);
}

/* Count a token of @len bytes. */
static bool within_limits(JsonStream *s, uint64_t offset, size_t len)
{
    s->n_bytes += len;
    if (s->n_bytes > JSON_MAX_TEXT) {
        fail(s, offset, "JSON token size limit exceeded");
        return false;
    }
    if (++s->n_tokens > JSON_MAX_TOKENS) {
        fail(s, offset, "JSON token count limit exceeded");
        return false;
    }
    return true;
}

static void deliver(JsonStream *s)
{
    void *value = s->ops->finish(s->sink);

    reset(s);
    if (s->func) {
        s->func(s->opaque, value, NULL);
    } else if (s->doc_func) {
        s->doc_func(s->opaque, value, NULL);
    } else {
        s->state = DONE;
        s->result = value;
    }
}

/* Put a piece where a value is wanted. */
static bool put_piece(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    bool is_member = s->depth && s->kinds[s->depth - 1] == '{';
    g_autofree char *key = NULL;

    if (s->file) {
        piece->line = s->line;
        piece->column = offset - s->line_start + 1;
    }
    if (s->ops->put(s->sink, is_member ? s->key.data : NULL, piece)) {
        return true;
    }
    key = quoted(s->key.data, strchr(s->key.data, 0));
    fail(s, offset, "duplicate key %s", key);
    return false;
}

static bool wants_value(const JsonStream *s)
{
    return s->state == WANT_VALUE || s->state == WANT_VALUE_OR_END;
}

/* A token came that is no good here. */
static void fail_unexpected(JsonStream *s, uint64_t offset)
{
    switch (s->state) {
    case WANT_KEY:
        fail(s, offset, "expecting a key in quotes");
        break;
    case WANT_KEY_OR_END:
        fail(s, offset, "expecting a key in quotes or '}'");
        break;
    case WANT_COLON:
        fail(s, offset, "expecting ':'");
        break;
    case WANT_COMMA_OR_END:
        fail(s, offset, "expecting ',' or '%c'",
             s->kinds[s->depth - 1] == '{' ? '}' : ']');
        break;
    case WANT_VALUE:
        fail(s, offset, "expecting value");
        break;
    case WANT_VALUE_OR_END:
        fail(s, offset, "expecting value or ']'");
        break;
    case DONE:
        fail(s, offset, "expecting nothing more");
        break;
    case SKIP:
        g_assert_not_reached();
    }
}

static void put_scalar(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    if (!put_piece(s, piece, offset)) {
        return;
    }
    if (s->depth) {
        s->state = WANT_COMMA_OR_END;
    } else {
        deliver(s);
    }
}

static bool open_container(JsonStream *s, char kind, uint64_t offset)
{
    JsonPiece piece = {
        .kind = kind == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY
    };

    if (!wants_value(s)) {
        fail_unexpected(s, offset);
        return false;
    }
    if (s->depth == JSON_MAX_NESTING) {
        fail(s, offset, "JSON nesting depth limit exceeded");
        return false;
    }
    if (!put_piece(s, &piece, offset)) {
        return false;
    }
    s->state = kind == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    s->kinds[s->depth++] = kind;
    return true;
}

static bool close_container(JsonStream *s, char kind, uint64_t offset)
{
    State empty = kind == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;

    if (s->state != empty && (s->state != WANT_COMMA_OR_END ||
                              s->kinds[s->depth - 1] != kind)) {
        fail_unexpected(s, offset);
        return false;
    }
    s->ops->close(s->sink);
    if (--s->depth) {
        s->state = WANT_COMMA_OR_END;
    } else {
        deliver(s);
    }
    return true;
}

/* Returns: whether @c has been eaten; if not, skip() is to look at it. */
static bool eat_punctuation(JsonStream *s, char c, uint64_t offset)
{
    if (!within_limits(s, offset, 1)) {
        return false;
    }
    switch (c) {
    case '{':
    case '[':
        return open_container(s, c, offset);
    case '}':
        return close_container(s, '{', offset);
    case ']':
        return close_container(s, '[', offset);
    case ':':
        if (s->state == WANT_COLON) {
            s->state = WANT_VALUE;
            return true;
        }
        break;
    case ',':
        if (s->state == WANT_COMMA_OR_END) {
            s->state = s->kinds[s->depth - 1] == '{' ? WANT_KEY : WANT_VALUE;
            return true;
        }
        break;
    }
    fail_unexpected(s, offset);
    return false;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && g_ascii_isdigit(*p)) {
        p++;
    }
    return p;
}

/* Does JSON spell a number like that?  @integer: without point and e. */
static bool check_number(const char *p, const char *end, bool *integer)
{
    const char *start;

    p += *p == '-';
    start = p;
    p = skip_digits(p, end);
    if (p == start || (*start == '0' && p > start + 1)) {
        return false;
    }
    *integer = p == end;
    if (p < end && *p == '.') {
        start = ++p;
        p = skip_digits(p, end);
        if (p == start) {
            return false;
        }
    }
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        p += p < end && (*p == '-' || *p == '+');
        start = p;
        p = skip_digits(p, end);
        if (p == start) {
            return false;
        }
    }
    return p == end;
}

/* Can gint64 hold the integer, and is this how it would be written? */
static bool get_int64(const char *p, const char *end, int64_t *value)
{
    bool negative = *p == '-';
    uint64_t n = 0;

    p += negative;
    if (end - p > 19 || (negative && *p == '0')) {
        return false;
    }
    for (; p < end; p++) {
        n = n * 10 + (*p - '0');
    }
    if (n > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *value = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

static bool is_finite(JsonStream *s, const char *p, const char *end)
{
    size_t len = end - p;
    char *text;

    if (len < 300 && !memchr(p, 'e', len) && !memchr(p, 'E', len)) {
        return true;
    }
    text = text_reserve(&s->text, len + 1);
    memcpy(text, p, len);
    text[len] = 0;
    return isfinite(g_ascii_strtod(text, NULL));
}

static bool number_piece(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    const char *end = piece->text + piece->len;
    g_autofree char *word = NULL;
    bool integer;

    if (!check_number(piece->text, end, &integer)) {
        word = quoted(piece->text, end);
        fail(s, offset, "invalid number %s", word);
        return false;
    }
    if (integer && get_int64(piece->text, end, &piece->i64)) {
        piece->kind = JSON_KIND_INT64;
        return true;
    }
    if (!is_finite(s, piece->text, end)) {
        word = quoted(piece->text, end);
        fail(s, offset, "number %s is out of range", word);
        return false;
    }
    piece->kind = JSON_KIND_NUMBER;
    return true;
}

static bool keyword_piece(JsonStream *s, JsonPiece *piece, uint64_t offset)
{
    g_autofree char *word = NULL;

    if (piece->len == 4 && !memcmp(piece->text, "true", 4)) {
        piece->kind = JSON_KIND_TRUE;
    } else if (piece->len == 5 && !memcmp(piece->text, "false", 5)) {
        piece->kind = JSON_KIND_FALSE;
    } else if (piece->len == 4 && !memcmp(piece->text, "null", 4)) {
        piece->kind = JSON_KIND_NULL;
    } else {
        word = quoted(piece->text, piece->text + piece->len);
        fail(s, offset, "invalid keyword %s", word);
        return false;
    }
    return true;
}

static bool is_word_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '+' || c == '.' || c == '_';
}

static void eat_word(JsonStream *s, const char *p, const char *end,
                     uint64_t offset)
{
    JsonPiece piece = { .text = p, .len = end - p };

    if (!within_limits(s, offset, end - p)) {
        return;
    }
    if (!wants_value(s)) {
        fail_unexpected(s, offset);
        return;
    }
    if (g_ascii_isalpha(*p) ? keyword_piece(s, &piece, offset)
                            : number_piece(s, &piece, offset)) {
        put_scalar(s, &piece, offset);
    }
}

/* Take the string whose inside is between @p and @end. */
static void eat_string(JsonStream *s, const char *p, const char *end,
                       uint64_t offset)
{
    bool is_key = s->state == WANT_KEY || s->state == WANT_KEY_OR_END;
    Text *text = is_key ? &s->key : &s->text;
    const char *where = NULL;
    const char *what = NULL;
    const char *start = p;
    JsonPiece piece;
    char *out;

    if (!within_limits(s, offset, end - p + 2)) {
        return;
    }
    if (!is_key && !wants_value(s)) {
        fail_unexpected(s, offset);
        return;
    }
    out = text_reserve(text, end - p + 1);
    if (!s->escapes && s->high < 0x80) {
        memcpy(out, p, end - p);
        out += end - p;
    } else {
        out = json_string_decode(p, end, out, &what, &where);
        if (!out) {
            fail(s, offset + 1 + (where - start), "%s", what);
            return;
        }
    }
    *out = 0;
    if (is_key) {
        s->state = WANT_COLON;
    } else {
        piece = (JsonPiece){ .kind = JSON_KIND_STRING, .text = text->data,
                             .len = out - text->data };
        put_scalar(s, &piece, offset);
    }
}

static bool is_bad_in_string(unsigned char c)
{
    return c < 0x20 || c == 0xFF;
}

/* Bytes of a string that need a closer look: \ " ' < 0x20 0xFF. */
static const bool stops_string[256] = {
    [0 ... 0x1F] = true, ['"'] = true, ['\''] = true, ['\\'] = true,
    [0xFF] = true,
};

static inline const char *skip_string_bytes(const char *p, const char *end,
                                            unsigned char *high)
{
    unsigned char all = 0;

    while (p < end && !stops_string[(unsigned char)*p]) {
        all |= (unsigned char)*p++;
    }
    *high |= all;
    return p;
}

/*
 * The closing quote of the string that starts at @token, searched from where
 * the last search ended; the first bad byte; or NULL when there is neither.
 */
static const char *find_string_end(JsonStream *s, const char *token,
                                   const char *end)
{
    const char *p = token + s->scanned;

    if (!s->scanned) {
        p++;
        s->escapes = false;
        s->high = 0;
    }
    for (;; p++) {
        p = skip_string_bytes(p, end, &s->high);
        if (p < end && *p == '\\') {
            s->escapes = true;
            if (p + 1 == end) {
                break;
            }
            if (!is_bad_in_string(p[1])) {
                s->high |= (unsigned char)*++p;
                continue;
            }
            p++;
        }
        if (p == end) {
            break;
        }
        if (*p == *token || is_bad_in_string(*p)) {
            s->scanned = 0;
            return p;
        }
    }
    s->scanned = p - token;
    return NULL;
}

/* A byte that stands for nothing.  Returns: where to go on. */
static const char *eat_stray(JsonStream *s, const char *p, uint64_t offset)
{
    if ((unsigned char)*p == 0xFF) {
        fail(s, offset, "byte 0xFF");
        if (!is_whole_text(s)) {
            reset(s);
        }
        return p + 1;
    }
    if ((unsigned char)*p < 0x20) {
        fail(s, offset, "control character 0x%02x", (unsigned char)*p);
        return p + (*p != '\n');
    }
    if ((unsigned char)*p < 0x80) {
        fail(s, offset, "stray '%c'", *p);
    } else {
        /* The rest of its character may not have come yet. */
        fail(s, offset, "stray byte 0x%02X", (unsigned char)*p);
    }
    return p + 1;
}

/* The string at @p.  Returns: where to go on; NULL when it is cut in two. */
static const char *run_string(JsonStream *s, const char *p, const char *end,
                              uint64_t offset)
{
    const char *close = find_string_end(s, p, end);

    if (!close) {
        return NULL;
    }
    if (*close == *p) {
        eat_string(s, p + 1, close, offset);
        return close + 1;
    }
    s->quote = *p; /* for skip(), which has to leave the string first */
    return eat_stray(s, close, offset + (close - p));
}

/* As run_string(), for a word. */
static const char *run_word(JsonStream *s, const char *p, const char *end,
                            uint64_t offset, bool at_end)
{
    const char *close = p + s->scanned;

    while (close < end && is_word_char(*close)) {
        close++;
    }
    if (close == end && !at_end) {
        s->scanned = close - p;
        return NULL;
    }
    s->scanned = 0;
    eat_word(s, p, close, offset);
    return close;
}

/* The comment at @p.  Returns: where to go on. */
static const char *run_comment(JsonStream *s, const char *p, const char *end,
                               uint64_t offset)
{
    const char *start = p;
    unsigned line = s->line;
    uint64_t line_start = s->line_start;

    if (*p == '#' || (end - p > 1 && p[1] == '/')) {
        while (p < end && *p != '\n') {
            p++;
        }
        return p;
    }
    for (p += 2; end - p > 1; p++) {
        if (p[0] == '*' && p[1] == '/') {
            return p + 2;
        }
        if (*p == '\n') {
            new_line(s, offset + (p - start) + 1);
        }
    }
    s->line = line;
    s->line_start = line_start;
    fail(s, offset, "comment without end");
    return end;
}

static bool is_comment(const JsonStream *s, const char *p, const char *end)
{
    return s->file && (*p == '#' || (*p == '/' && end - p > 1 &&
                                     (p[1] == '/' || p[1] == '*')));
}

/* Close a bracket of @kind, and what was left open inside it. */
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
                reset(s);
            }
            return;
        }
    }
}

static void skip_open(JsonStream *s, char kind)
{
    if (s->depth == JSON_MAX_NESTING) {
        s->excess++;
    } else {
        s->kinds[s->depth++] = kind;
    }
}

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

/* One byte of a broken value.  Returns: whether it belongs to that value. */
static bool skip_byte(JsonStream *s, char c, uint64_t offset)
{
    if (c == '\n') {
        s->quote = 0;
        s->escaped = false;
        new_line(s, offset + 1);
        if (!s->depth) {
            reset(s);
        }
    } else if ((unsigned char)c == 0xFF) {
        reset(s);
    } else if (s->quote) {
        skip_in_string(s, c);
    } else if (c == '"' || c == '\'') {
        s->quote = c;
    } else if (c == '{') {
        if (!s->depth || offset == s->line_start) {
            reset(s);
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

static const char *skip(JsonStream *s, const char *p, const char *end,
                        uint64_t offset)
{
    const char *start = p;

    while (p < end && s->state == SKIP) {
        p += skip_byte(s, *p, offset + (p - start));
    }
    return p;
}

/* A token cut in two may not grow beyond the limit either. */
static void check_pending(JsonStream *s, const char *p, uint64_t offset)
{
    if (s->n_bytes + s->scanned > JSON_MAX_TEXT) {
        s->quote = *p == '"' || *p == '\'' ? *p : 0;
        fail(s, offset, "JSON token size limit exceeded");
    }
}

/*
 * Eat whole tokens.  @at_end: the input ends at @end, which ends a word.
 * Returns: where the token starts that is cut in two, or @end.
 */
static const char *run(JsonStream *s, const char *buf, const char *end,
                       bool at_end)
{
    const char *p = buf;

    while (p < end) {
        uint64_t offset = s->offset + (p - buf);
        const char *next;

        if (s->state == SKIP) {
            if (is_whole_text(s)) {
                break;
            }
            p = skip(s, p, end, offset);
            continue;
        }
        switch (*p) {
        case '\n':
            new_line(s, offset + 1);
            p++;
            continue;
        case ' ':
        case '\t':
        case '\r':
            p++;
            continue;
        case '{':
        case '}':
        case '[':
        case ']':
        case ',':
        case ':':
            p += eat_punctuation(s, *p, offset);
            continue;
        case '"':
        case '\'':
            next = run_string(s, p, end, offset);
            break;
        default:
            next = is_word_char(*p) ? run_word(s, p, end, offset, at_end)
                   : is_comment(s, p, end) ? run_comment(s, p, end, offset)
                                           : eat_stray(s, p, offset);
            break;
        }
        if (!next) {
            check_pending(s, p, offset);
            if (s->state != SKIP) {
                break;
            }
            next = end;
        }
        p = next;
    }
    return p;
}

/* What there is to say when the input ends. */
static void finish(JsonStream *s, uint64_t offset, bool cut)
{
    if (s->depth || cut) {
        fail(s, offset, "unexpected end of input");
    }
}

/* Returns: what the sink made of the value; NULL with @errp set */
static void *parse(const char *file, const char *text, gssize len,
                   const JsonSinkOps *ops, void *sink, Error **errp)
{
    const char *end = text + (len < 0 ? strlen(text) : (size_t)len);
    const char *p;
    JsonStream s;

    stream_init(&s, ops, sink);
    s.file = file;
    p = run(&s, text, end, true);
    if (!s.err && s.state != DONE && p == end && !s.depth) {
        if (file) {
            fail(&s, end - text, "expecting value");
        } else {
            error_setg(&s.err, "Expecting a JSON value");
        }
    } else if (!s.err) {
        finish(&s, end - text, p < end);
    }
    if (s.err) {
        error_propagate(errp, s.err);
    }
    stream_cleanup(&s);
    return s.result;
}

JsonNode *json_parse(const char *text, gssize len, Error **errp)
{
    return parse(NULL, text, len, &json_node_sink_ops, json_node_sink_new(),
                 errp);
}

JsonNode *json_parse_file(const char *name, const char *text, gssize len,
                          GHashTable **positions, Error **errp)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(NULL, NULL, NULL,
                                                        g_free);
    JsonNode *node = parse(name, text, len, &json_node_sink_ops,
                           json_node_sink_new_with_positions(table), errp);

    if (node && positions) {
        *positions = g_steal_pointer(&table);
    }
    return node;
}

JsonDoc *json_doc_parse(const char *text, gssize len, Error **errp)
{
    return parse(NULL, text, len, &json_doc_sink_ops, json_doc_sink_new(),
                 errp);
}

JsonStream *json_stream_new(JsonStreamFunc *func, void *opaque)
{
    JsonStream *s = g_new(JsonStream, 1);

    stream_init(s, &json_node_sink_ops, json_node_sink_new());
    s->func = func;
    s->opaque = opaque;
    return s;
}

JsonStream *json_stream_new_doc(JsonDocStreamFunc *func, void *opaque)
{
    JsonStream *s = g_new(JsonStream, 1);

    stream_init(s, &json_doc_sink_ops, json_doc_sink_new());
    s->doc_func = func;
    s->opaque = opaque;
    return s;
}

void json_stream_feed(JsonStream *s, const char *bytes, size_t n_bytes)
{
    const char *end;
    const char *p;

    if (!s->pending || !s->pending->len) {
        end = bytes + n_bytes;
        p = run(s, bytes, end, false);
        s->offset += p - bytes;
        if (p < end) {
            if (!s->pending) {
                s->pending = g_string_new(NULL);
            }
            g_string_append_len(s->pending, p, end - p);
        }
        return;
    }
    g_string_append_len(s->pending, bytes, n_bytes);
    end = s->pending->str + s->pending->len;
    p = run(s, s->pending->str, end, false);
    s->offset += p - s->pending->str;
    g_string_erase(s->pending, 0, p - s->pending->str);
}

void json_stream_flush(JsonStream *s)
{
    bool cut = false;

    if (s->pending && s->pending->len) {
        const char *end = s->pending->str + s->pending->len;
        const char *p = run(s, s->pending->str, end, true);

        cut = p < end;
        s->offset += s->pending->len;
        g_string_truncate(s->pending, 0);
    }
    if (s->state != SKIP) {
        finish(s, s->offset, cut);
    }
    reset(s);
    s->scanned = 0;
    s->line_start = s->offset;
}

void json_stream_free(JsonStream *s)
{
    if (!s) {
        return;
    }
    stream_cleanup(s);
    g_free(s);
}
