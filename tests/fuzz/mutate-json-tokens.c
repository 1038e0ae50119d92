/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text as tokens of JSON. A byte that begins no token is a token by itself,
 * and a bracket that is not closed extends to the end of the text, so this
 * never fails.
 */
#include "tests/fuzz/mutate-json-internal.h"

#include <string.h>

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

static JsonToken read_token(const char *s, size_t at, size_t len)
{
    JsonToken t = { '?', at, at + 1, 0 };

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

static void read_tokens(JsonText *j)
{
    const GString *text = j->text;
    size_t at = skip_blanks(text->str, 0, text->len);

    while (at < text->len) {
        JsonToken t = read_token(text->str, at, text->len);

        t.close = j->tokens->len;
        g_array_append_val(j->tokens, t);
        at = skip_blanks(text->str, t.end, text->len);
    }
}

/* Each opening bracket learns where its closing one is. */
static void match_brackets(JsonText *j)
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

static void find_values(JsonText *j)
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

void json_text_begin(JsonText *j, GString *text, MutateRandom *r,
                       const MutateWords *words)
{
    j->text = text;
    j->r = r;
    j->words = words;
    j->tokens = g_array_new(FALSE, FALSE, sizeof(JsonToken));
    j->values = g_array_new(FALSE, FALSE, sizeof(size_t));
    j->keys = g_array_new(FALSE, FALSE, sizeof(size_t));
    read_tokens(j);
    match_brackets(j);
    find_values(j);
}

void json_text_end(JsonText *j)
{
    g_array_unref(j->tokens);
    g_array_unref(j->values);
    g_array_unref(j->keys);
}

size_t json_text_pick(JsonText *j, GArray *indexes)
{
    return g_array_index(indexes, size_t, mutate_below(j->r, indexes->len));
}

JsonSpan json_text_value(const JsonText *j, size_t token)
{
    return (JsonSpan){ token_at(j, token)->start,
                   token_at(j, token_at(j, token)->close)->end };
}

JsonSpan json_text_item(const JsonText *j, size_t token)
{
    JsonSpan span = json_text_value(j, token);

    if (token >= 2 && token_at(j, token - 1)->kind == ':' &&
        token_at(j, token - 2)->kind == '"') {
        span.start = token_at(j, token - 2)->start;
    }
    return span;
}

bool json_text_is_nested(const JsonText *j, size_t token)
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
