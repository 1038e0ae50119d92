/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of a JSON text: a number, or true, false, null.  A number is an INT64
 * piece if json_write() would write it in the same way; otherwise its text is
 * kept, so that it can be written as it came.
 */
#include "qapi/json/json-internal.h"
#include "qapi/json/json-stream-internal.h"

#include <math.h>
#include <string.h>

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && g_ascii_isdigit(*p)) {
        p++;
    }
    return p;
}

/*
 * Returns true if the text is a JSON number; *@integer is set to whether it has
 * neither fraction nor exponent.
 */
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

/*
 * Returns true if a gint64 can hold the integer and would be written in the
 * same way.
 */
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

/*
 * Only a number with many digits or an exponent can exceed the range of a
 * double, so the conversion is rare.
 */
static bool is_finite(const char *p, const char *end)
{
    size_t len = end - p;
    g_autofree char *text = NULL;

    if (len < 300 && !memchr(p, 'e', len) && !memchr(p, 'E', len)) {
        return true;
    }
    text = g_strndup(p, len);
    return isfinite(g_ascii_strtod(text, NULL));
}

/* Sets the kind, and the value of an INT64. */
static bool read_number(JsonPiece *piece, JsonErrorId *id)
{
    const char *end = piece->text + piece->len;
    bool integer;

    if (!check_number(piece->text, end, &integer)) {
        *id = JSON_ERROR_NUMBER;
        return false;
    }
    if (integer && get_int64(piece->text, end, &piece->i64)) {
        piece->kind = JSON_KIND_INT64;
        return true;
    }
    if (!is_finite(piece->text, end)) {
        *id = JSON_ERROR_RANGE;
        return false;
    }
    piece->kind = JSON_KIND_NUMBER;
    return true;
}

/* Lengths are compared first, because the word is not NUL-terminated. */
static bool read_keyword(JsonPiece *piece, JsonErrorId *id)
{
    if (piece->len == 4 && !memcmp(piece->text, "true", 4)) {
        piece->kind = JSON_KIND_TRUE;
    } else if (piece->len == 5 && !memcmp(piece->text, "false", 5)) {
        piece->kind = JSON_KIND_FALSE;
    } else if (piece->len == 4 && !memcmp(piece->text, "null", 4)) {
        piece->kind = JSON_KIND_NULL;
    } else {
        *id = JSON_ERROR_KEYWORD;
        return false;
    }
    return true;
}

/* A word begins with a letter, or is a number or malformed. */
bool json_scalar_read(JsonPiece *piece, JsonErrorId *id)
{
    return g_ascii_isalpha(*piece->text) ? read_keyword(piece, id)
                                         : read_number(piece, id);
}
