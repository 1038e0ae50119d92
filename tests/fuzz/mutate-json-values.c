/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys and values that are worth a try, and what is none. */
#include "tests/fuzz/mutate-json-internal.h"

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

void json_append_quoted(GString *out, const char *inside)
{
    g_string_append_c(out, '"');
    g_string_append(out, inside);
    g_string_append_c(out, '"');
}

const char *json_pick_word(MutateRandom *r, const char *const *words)
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
        json_append_quoted(out, json_pick_word(r, words->values));
        break;
    default:
        g_string_append(out, MUTATE_PICK(r, numbers));
    }
}

void json_append_key(JsonText *j, GString *out)
{
    if (j->keys->len && mutate_chance(j->r, 2)) {
        JsonSpan span = json_text_value(j, json_text_pick(j, j->keys));

        g_string_append_len(out, j->text->str + span.start,
                            span.end - span.start);
    } else {
        json_append_quoted(out, json_pick_word(j->r, j->words->keys));
    }
}

void json_append_value(JsonText *j, GString *out, unsigned depth)
{
    switch (mutate_below(j->r, depth < 3 ? 8 : 4)) {
    case 4:
    case 5:
        if (j->values->len) {
            JsonSpan span = json_text_value(j, json_text_pick(j, j->values));

            g_string_append_len(out, j->text->str + span.start,
                                span.end - span.start);
            return;
        }
        break;
    case 6:
        g_string_append_c(out, '[');
        json_append_value(j, out, depth + 1);
        g_string_append_c(out, ']');
        return;
    case 7:
        g_string_append_c(out, '{');
        json_append_key(j, out);
        g_string_append(out, ": ");
        json_append_value(j, out, depth + 1);
        g_string_append_c(out, '}');
        return;
    }
    mutate_json_scalar(out, j->r, j->words);
}

const char *json_pick_string(MutateRandom *r)
{
    return MUTATE_PICK(r, strings);
}

const char *json_pick_bad(MutateRandom *r)
{
    return MUTATE_PICK(r, bad);
}
