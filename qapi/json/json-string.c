/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is between the quotes of a JSON string, as UTF-8.  Decoding never makes
 * text longer, so the caller has room for the result beforehand.
 */
#include "qapi/json/json-internal.h"

#include <string.h>

/* Bytes of the input that a message quotes at most. */
#define MAX_QUOTED 40

/* Bytes of the UTF-8 sequence at @p; 0 if it is not one. */
static size_t utf8_length(const char *p, const char *end)
{
    gunichar c = g_utf8_get_char_validated(p, end - p);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        return 0;
    }
    return g_unichar_to_utf8(c, NULL);
}

/* Four hexadecimal digits; -1 if they are not. */
static int hex4(const char *p, const char *end)
{
    int value = 0;
    int i;

    if (end - p < 4) {
        return -1;
    }
    for (i = 0; i < 4; i++) {
        if (!g_ascii_isxdigit(p[i])) {
            return -1;
        }
        value = value * 16 + g_ascii_xdigit_value(p[i]);
    }
    return value;
}

/*
 * Decode what follows "\u" at *@p, and go past it.  Returns bytes written to
 * @out; 0 with *@id set on failure.
 */
static size_t decode_unicode(const char **p, const char *end, char *out,
                             JsonErrorId *id)
{
    int high = hex4(*p, end);
    int low;

    *id = JSON_ERROR_ESCAPE;
    if (high < 0) {
        return 0;
    }
    *p += 4;
    if (!high) {
        /* The over-long form keeps a NUL within a C string. */
        out[0] = (char)0xC0;
        out[1] = (char)0x80;
        return 2;
    }
    if (high < 0xD800 || high > 0xDFFF) {
        return g_unichar_to_utf8(high, out);
    }
    *id = JSON_ERROR_SURROGATE;
    if (high > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') {
        return 0;
    }
    low = hex4(*p + 2, end);
    if (low < 0xDC00 || low > 0xDFFF) {
        return 0;
    }
    *p += 6;
    return g_unichar_to_utf8(0x10000 + ((high - 0xD800) << 10) +
                             (low - 0xDC00), out);
}

/* The byte that a backslash and @c stand for; 0 if nothing. */
static char simple_escape(char c)
{
    static const char from[] = "\"\\/'bfnrt";
    static const char to[] = "\"\\/'\b\f\n\r\t";
    const char *at = c ? strchr(from, c) : NULL;

    return at ? to[at - from] : 0;
}

char *json_string_decode(const char *p, const char *end, char *out,
                         JsonErrorId *id, const char **where)
{
    size_t n;

    while (p < end) {
        *where = p;
        if (*p == '\\' && p[1] == 'u') {
            p += 2;
            n = decode_unicode(&p, end, out, id);
            if (!n) {
                return NULL;
            }
            out += n;
        } else if (*p == '\\') {
            *out = simple_escape(p[1]);
            if (!*out++) {
                *id = JSON_ERROR_ESCAPE;
                return NULL;
            }
            p += 2;
        } else if ((unsigned char)*p < 0x80) {
            *out++ = *p++;
        } else {
            n = utf8_length(p, end);
            if (!n) {
                *id = JSON_ERROR_UTF_8;
                return NULL;
            }
            memcpy(out, p, n);
            out += n;
            p += n;
        }
    }
    return out;
}

char *json_string_quoted(const char *p, const char *end)
{
    g_autofree char *valid = NULL;
    size_t len = end - p;

    valid = g_utf8_make_valid(p, MIN(len, MAX_QUOTED));
    return g_strconcat("'", valid, "'", len > MAX_QUOTED ? "..." : NULL,
                       NULL);
}
