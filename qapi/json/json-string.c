/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decodes the text between the quotes of a JSON string to UTF-8.  The result is
 * never longer than the text, so the caller can allocate its buffer beforehand.
 */
#include "qapi/json/json-internal.h"

#include <string.h>

/* The largest number of input bytes that a message quotes. */
#define MAX_QUOTED 40

/*
 * Returns the length of the UTF-8 sequence at @p in bytes; 0 if it is
 * malformed.
 */
static size_t utf8_length(const char *p, const char *end)
{
    gunichar c = g_utf8_get_char_validated(p, end - p);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        return 0;
    }
    return g_unichar_to_utf8(c, NULL);
}

/* Returns the value of four hexadecimal digits; -1 if there are not four. */
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
 * Decodes the escape after "\u" at *@p and moves *@p past it.  Returns the
 * number of bytes written to @out; 0 with *@id set on failure.
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
        /* An overlong sequence keeps a NUL within a C string. */
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

/* Returns the byte that a backslash and @c represent; 0 if there is none. */
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
