/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON: the text is cut into tokens, and a change puts other text in place of
 * a *value* (a scalar, or all from a bracket to the one that closes it) or of
 * an *item* (an element, or a member with its key).  Items are what commas
 * separate, so to delete or repeat one takes a comma with it.
 *
 * What is no token of JSON is one of a single byte, and a bracket that nobody
 * closes reaches to the end of the text.
 */
#include "tests/fuzz/mutate.h"

#include <string.h>

typedef struct Token {
    char kind; /* { } [ ] , : as they are, " string, 0 number, a word, ? */
    size_t start;
    size_t end;
    size_t close; /* index of the token that ends the value, or its own */
} Token;

typedef struct Json {
    GString *text;
    MutateRandom *r;
    const MutateWords *words;
    GArray *tokens; /* of Token */
    GArray *values; /* of size_t: tokens that begin a value */
    GArray *keys;   /* of size_t: strings before a colon */
} Json;

/* ---- Tokens ---- */

static bool is_word_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '+' || c == '-' || c == '.';
}

static size_t skip_line(const char *s, size_t at, size_t len)
{
    const char *end = memchr(s + at, '\n', len - at);

    return end ? (size_t)(end - s) : len;
}

static size_t skip_blanks(const char *s, size_t at, size_t len)
{
    while (at < len) {
        if (strchr(" \t\r\n", s[at]) && s[at]) {
            at++;
        } else if (s[at] == '#' ||
                   (s[at] == '/' && at + 1 < len && s[at + 1] == '/')) {
            at = skip_line(s, at, len);
        } else if (s[at] == '/' && at + 1 < len && s[at + 1] == '*') {
            const char *end = g_strstr_len(s + at + 2, len - at - 2, "*/");

            at = end ? (size_t)(end + 2 - s) : len;
        } else {
            break;
        }
    }
    return at;
}

static size_t skip_string(const char *s, size_t at, size_t len)
{
    char quote = s[at++];

    while (at < len && s[at] != quote) {
        at += s[at] == '\\' ? 2 : 1;
    }
    return MIN(at + 1, len);
}

static Token read_token(const char *s, size_t at, size_t len)
{
    Token t = { '?', at, at + 1, 0 };

    if (s[at] == '"' || s[at] == '\'') {
        t.kind = '"';
        t.end = skip_string(s, at, len);
    } else if (is_word_byte(s[at])) {
        t.kind = g_ascii_isdigit(s[at]) || s[at] == '-' ? '0' : 'a';
        while (t.end < len && is_word_byte(s[t.end])) {
            t.end++;
        }
    } else if (s[at] && strchr("{}[],:", s[at])) {
        t.kind = s[at];
    }
    return t;
}

static Token *token_at(const Json *j, size_t i)
{
    return &g_array_index(j->tokens, Token, i);
}

static void read_tokens(Json *j)
{
    const GString *text = j->text;
    size_t at = skip_blanks(text->str, 0, text->len);

    while (at < text->len) {
        Token t = read_token(text->str, at, text->len);

        t.close = j->tokens->len;
        g_array_append_val(j->tokens, t);
        at = skip_blanks(text->str, t.end, text->len);
    }
}

/* Each opening bracket learns where its closing one is. */
static void match_brackets(Json *j)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(size_t));
    size_t n = j->tokens->len;

    for (size_t i = 0; i < n; i++) {
        char kind = token_at(j, i)->kind;

        if (kind == '{' || kind == '[') {
            token_at(j, i)->close = n - 1;
            g_array_append_val(open, i);
        } else if ((kind == '}' || kind == ']') && open->len) {
            token_at(j, g_array_index(open, size_t, open->len - 1))->close =
                i;
            g_array_set_size(open, open->len - 1);
        }
    }
}

static void find_values(Json *j)
{
    for (size_t i = 0; i < j->tokens->len; i++) {
        char kind = token_at(j, i)->kind;
        bool key = kind == '"' && i + 1 < j->tokens->len &&
                   token_at(j, i + 1)->kind == ':';

        if (key) {
            g_array_append_val(j->keys, i);
        } else if (strchr("{[\"0a", kind)) {
            g_array_append_val(j->values, i);
        }
    }
}

static void json_begin(Json *j, GString *text, MutateRandom *r,
                       const MutateWords *words)
{
    j->text = text;
    j->r = r;
    j->words = words;
    j->tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    j->values = g_array_new(FALSE, FALSE, sizeof(size_t));
    j->keys = g_array_new(FALSE, FALSE, sizeof(size_t));
    read_tokens(j);
    match_brackets(j);
    find_values(j);
}

static void json_end(Json *j)
{
    g_array_unref(j->tokens);
    g_array_unref(j->values);
    g_array_unref(j->keys);
}

/* ---- Parts ---- */

/* A part of the text. */
typedef struct Span {
    size_t start;
    size_t end;
} Span;

static size_t pick_index(Json *j, GArray *indexes)
{
    return g_array_index(indexes, size_t, mutate_below(j->r, indexes->len));
}

static Span value_span(const Json *j, size_t token)
{
    return (Span){ token_at(j, token)->start,
                   token_at(j, token_at(j, token)->close)->end };
}

/* The value of a token with its key, if it has one. */
static Span item_span(const Json *j, size_t token)
{
    Span span = value_span(j, token);

    if (token >= 2 && token_at(j, token - 1)->kind == ':' &&
        token_at(j, token - 2)->kind == '"') {
        span.start = token_at(j, token - 2)->start;
    }
    return span;
}

static void put(Json *j, Span span, const GString *with)
{
    mutate_splice(j->text, span.start, span.end - span.start, with->str,
                  with->len);
}

/* Is the value inside a bracket, so that commas separate it? */
static bool is_nested(const Json *j, size_t token)
{
    size_t i = token;

    while (i-- > 0) {
        char kind = token_at(j, i)->kind;

        if ((kind == '{' || kind == '[') && token_at(j, i)->close >= token) {
            return true;
        }
    }
    return false;
}

static const char *separator(const Json *j, size_t token)
{
    return is_nested(j, token) ? ", " : "\n";
}

/* ---- Material ---- */

static const char *const numbers[] = {
    "0", "-0", "1", "-1", "7", "127", "128", "-128", "-129", "255", "256",
    "32767", "32768", "65535", "65536", "2147483647", "2147483648",
    "-2147483648", "-2147483649", "4294967295", "4294967296",
    "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", "123456789012345678901234567890", "0.5", "-0.0",
    "0.1", "1e2", "1E+308", "1e309", "-1e309", "5e-324", "1e-400", "1.0",
};

/* Inside of quotes. */
static const char *const strings[] = {
    "", "a", "b", "0", "-1", "on", "off", "true", "1-3,7", "0x10", "1k", "/",
    "..", "\\\"", "\\\\", "\\n", "\\t\\b\\f\\r\\/", "\\u0000", "\\u0041",
    "\\u00e4", "\xc3\xa4", "\\uD83D\\uDE00", "\xf0\x9f\x98\x80", "\\uFFFF",
    "%s%n", "a,,b=c", "//", "/* */", "#",
};

/* Not JSON as this project reads it. */
static const char *const bad[] = {
    "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "\"\\u12\"", "\"\xff\"",
    "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\x01\"", "\"", "'", "01", "1.",
    ".5", "+1", "1e", "-", "0x1", "nul", "NaN", "Infinity", "{", "}", "[",
    "]", ",", ":", ",,", "{,}", "[1,]", "{\"a\"}", "{1: 2}", "\\", "\xff",
    "/*", "*/", "//", "#", "\xef\xbb\xbf",
};

static size_t n_words(const char *const *words)
{
    size_t n = 0;

    while (words && words[n]) {
        n++;
    }
    return n;
}

static void append_quoted(GString *out, const char *inside)
{
    g_string_append_c(out, '"');
    g_string_append(out, inside);
    g_string_append_c(out, '"');
}

static const char *pick_word(MutateRandom *r, const char *const *words)
{
    size_t n = n_words(words);

    return n && !mutate_chance(r, 3) ? words[mutate_below(r, n)]
                                     : MUTATE_PICK(r, strings);
}

void mutate_json_scalar(GString *out, MutateRandom *r,
                        const MutateWords *words)
{
    static const char *const literals[] = { "true", "false", "null" };

    switch (mutate_below(r, 4)) {
    case 0:
        g_string_append(out, MUTATE_PICK(r, literals));
        break;
    case 1:
        append_quoted(out, pick_word(r, words->values));
        break;
    default:
        g_string_append(out, MUTATE_PICK(r, numbers));
    }
}

/* A key of the text, or a word. */
static void append_key(Json *j, GString *out)
{
    if (j->keys->len && mutate_chance(j->r, 2)) {
        Span span = value_span(j, pick_index(j, j->keys));

        g_string_append_len(out, j->text->str + span.start,
                            span.end - span.start);
    } else {
        append_quoted(out, pick_word(j->r, j->words->keys));
    }
}

/* A value of the text, or one of our own. */
static void append_value(Json *j, GString *out, unsigned depth)
{
    switch (mutate_below(j->r, depth < 3 ? 8 : 4)) {
    case 4:
    case 5:
        if (j->values->len) {
            Span span = value_span(j, pick_index(j, j->values));

            g_string_append_len(out, j->text->str + span.start,
                                span.end - span.start);
            return;
        }
        break;
    case 6:
        g_string_append_c(out, '[');
        append_value(j, out, depth + 1);
        g_string_append_c(out, ']');
        return;
    case 7:
        g_string_append_c(out, '{');
        append_key(j, out);
        g_string_append(out, ": ");
        append_value(j, out, depth + 1);
        g_string_append_c(out, '}');
        return;
    }
    mutate_json_scalar(out, j->r, j->words);
}

/* ---- Changes ---- */

typedef void Change(Json *j, size_t token, GString *with);

static void change_value(Json *j, size_t token, GString *with)
{
    append_value(j, with, 0);
    put(j, value_span(j, token), with);
}

/* One more item of the same kind before it: with the same key, or another. */
static void insert_item(Json *j, size_t token, GString *with)
{
    Span item = item_span(j, token);
    bool has_key = item.start != value_span(j, token).start;

    if (has_key) {
        append_key(j, with);
        g_string_append(with, ": ");
    }
    append_value(j, with, 0);
    g_string_append(with, separator(j, token));
    put(j, (Span){ item.start, item.start }, with);
}

static void repeat_item(Json *j, size_t token, GString *with)
{
    Span item = item_span(j, token);
    size_t n = mutate_chance(j->r, 8) ? 20 : 1;

    while (n--) {
        g_string_append_len(with, j->text->str + item.start,
                            item.end - item.start);
        g_string_append(with, separator(j, token));
    }
    put(j, (Span){ item.start, item.start }, with);
}

static void delete_item(Json *j, size_t token, GString *with)
{
    Span item = item_span(j, token);
    size_t first = token;
    size_t after = token_at(j, token)->close + 1;

    while (first && token_at(j, first)->start > item.start) {
        first--;
    }
    if (after < j->tokens->len && token_at(j, after)->kind == ',') {
        item.end = token_at(j, after)->end;
    } else if (first && token_at(j, first - 1)->kind == ',') {
        item.start = token_at(j, first - 1)->start;
    }
    put(j, item, with);
}

static void swap_values(Json *j, size_t token, GString *with)
{
    Span a = value_span(j, token);
    Span b = value_span(j, pick_index(j, j->values));

    if (b.start < a.start) {
        Span other = a;

        a = b;
        b = other;
    }
    if (a.end > b.start) {
        return; /* one is inside the other */
    }
    g_string_append_len(with, j->text->str + b.start, b.end - b.start);
    g_string_append_len(with, j->text->str + a.end, b.start - a.end);
    g_string_append_len(with, j->text->str + a.start, a.end - a.start);
    put(j, (Span){ a.start, b.end }, with);
}

/* Brackets around the value, some or many. */
static void nest_value(Json *j, size_t token, GString *with)
{
    Span span = value_span(j, token);
    size_t depth = 1 + mutate_below(j->r, mutate_chance(j->r, 8) ? 1100 : 3);
    bool object = mutate_chance(j->r, 2);

    for (size_t i = 0; i < depth; i++) {
        g_string_append(with, object ? "{\"a\":" : "[");
    }
    g_string_append_len(with, j->text->str + span.start,
                        span.end - span.start);
    for (size_t i = 0; i < depth; i++) {
        g_string_append_c(with, object ? '}' : ']');
    }
    put(j, span, with);
}

/* Without the brackets, or what is inside of another one. */
static void lift_value(Json *j, size_t token, GString *with)
{
    Span span = value_span(j, token);
    size_t n = token_at(j, token)->close - token;
    size_t inner = token + 1 + mutate_below(j->r, n);

    if (n && strchr("{[\"0a", token_at(j, inner)->kind)) {
        Span part = value_span(j, inner);

        g_string_append_len(with, j->text->str + part.start,
                            part.end - part.start);
        put(j, span, with);
    } else {
        change_value(j, token, with);
    }
}

static void change_key(Json *j, size_t token, GString *with)
{
    if (!j->keys->len) {
        change_value(j, token, with);
        return;
    }
    append_quoted(with, pick_word(j->r, j->words->keys));
    put(j, value_span(j, pick_index(j, j->keys)), with);
}

/* Inside of the quotes, if it is a string. */
static void edit_string(Json *j, size_t token, GString *with)
{
    const Token *t = token_at(j, token);

    if (t->kind != '"' || t->end - t->start < 2) {
        change_value(j, token, with);
        return;
    }
    g_string_append(with, MUTATE_PICK(j->r, strings));
    if (mutate_chance(j->r, 2)) {
        put(j, (Span){ t->start + 1, t->start + 1 }, with);
    } else {
        put(j, (Span){ t->end - 1, t->end - 1 }, with);
    }
}

static void insert_blank(Json *j, size_t token, GString *with)
{
    static const char *const blanks[] = { " ", "\n", "\r\n", "\t" };
    size_t start = token_at(j, token)->start;

    g_string_append(with, MUTATE_PICK(j->r, blanks));
    put(j, (Span){ start, start }, with);
}

/* At any token: something that does not belong there, or nothing. */
static void break_text(Json *j, size_t token, GString *with)
{
    size_t i = mutate_below(j->r, j->tokens->len);
    Span span = { token_at(j, i)->start, token_at(j, i)->end };

    switch (mutate_below(j->r, 4)) {
    case 0:
        g_string_append(with, MUTATE_PICK(j->r, bad));
        put(j, value_span(j, token), with);
        break;
    case 1:
        g_string_append(with, MUTATE_PICK(j->r, bad));
        span.end = span.start;
        put(j, span, with);
        break;
    case 2:
        put(j, span, with);
        break;
    default:
        mutate_bytes(j->text, j->r);
    }
}

static void change(Json *j)
{
    static Change *const changes[] = {
        change_value, change_value, change_value, insert_item, insert_item,
        repeat_item, delete_item, delete_item, swap_values, nest_value,
        lift_value, change_key, edit_string, edit_string, insert_blank,
        break_text,
    };
    g_autoptr(GString) with = g_string_new(NULL);

    if (!j->values->len) {
        append_value(j, j->text, 0);
        return;
    }
    MUTATE_PICK(j->r, changes)(j, pick_index(j, j->values), with);
}

void mutate_json(GString *text, MutateRandom *r, const MutateWords *words)
{
    Json j;

    json_begin(&j, text, r, words);
    change(&j);
    json_end(&j);
}

void mutate_json_comment(GString *text, MutateRandom *r)
{
    static const MutateWords no_words;
    static const char *const comments[] = {
        "// a\n", "//\n", "# \"b\n", "#\r\n", "/* c */", "/**/", "/* // */",
        "/* \n\n */", "/***/", "// /*\n", "/*/ */", "//", "/*", "/",
    };
    const char *comment = MUTATE_PICK(r, comments);
    size_t at = text->len;
    Json j;

    json_begin(&j, text, r, &no_words);
    if (j.tokens->len && !mutate_chance(r, 10)) {
        at = token_at(&j, mutate_below(r, j.tokens->len))->start;
    }
    json_end(&j);
    g_string_insert(text, at, comment);
}

void mutate_json_cross(GString *text, const GString *other, MutateRandom *r)
{
    static const MutateWords no_words;
    g_autoptr(GString) from_text = g_string_new_len(other->str, other->len);
    g_autoptr(GString) part = g_string_new(NULL);
    Json to;
    Json from;

    json_begin(&to, text, r, &no_words);
    json_begin(&from, from_text, r, &no_words);
    if (from.values->len) {
        Span span = value_span(&from, pick_index(&from, from.values));

        g_string_append_len(part, from_text->str + span.start,
                            span.end - span.start);
    }
    if (to.values->len && !mutate_chance(r, 3)) {
        put(&to, value_span(&to, pick_index(&to, to.values)), part);
    } else {
        g_string_append_c(text, '\n');
        g_string_append_len(text, part->str, part->len);
    }
    json_end(&to);
    json_end(&from);
}
