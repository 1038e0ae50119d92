/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/safe-text.h"

#include <string.h>

/* Returns true for characters that a terminal acts on. */
static bool is_control(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return true;
    case G_UNICODE_FORMAT: /* overrides and isolates of direction */
        return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    default:
        return false;
    }
}

/*
 * Returns the number of bytes of the first character of @text; 1 if it begins
 * with a byte that is not UTF-8.  Sets *@safe to whether a terminal may show
 * the character.
 */
static size_t next_character(const char *text, const char *keep, bool *safe)
{
    gunichar c = g_utf8_get_char_validated(text, -1);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        *safe = false;
        return 1;
    }
    *safe = !is_control(c) || (c < 0x80 && strchr(keep, c));
    return g_utf8_next_char(text) - text;
}

void safe_text_append(GString *out, const char *text, const char *keep)
{
    while (*text) {
        bool safe;
        size_t n = next_character(text, keep, &safe);

        if (safe) {
            g_string_append_len(out, text, n);
        }
        for (size_t i = 0; !safe && i < n; i++) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)text[i]);
        }
        text += n;
    }
}

bool safe_text_check(const char *text, const char *keep)
{
    bool safe = true;

    while (safe && *text) {
        text += next_character(text, keep, &safe);
    }
    return safe;
}
