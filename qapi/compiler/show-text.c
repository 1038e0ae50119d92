/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documentation folded at the width of a terminal. */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/show-internal.h"

#include <string.h>

#define COLUMNS 79

/*
 * Appends a line of words, broken where it is too long.  Later lines of a list
 * item are indented to its text.
 */
void show_folded(GString *out, const char *p, size_t len, size_t indent)
{
    const char *end = p + len;
    size_t hang = doc_item_mark(p); /* of the lines after the first */
    size_t col = 0;

    while (p < end) {
        size_t word = MIN(strcspn(p, " "), (size_t)(end - p));

        if (col && col + 1 + word > COLUMNS) {
            g_string_append(out, "\n");
            col = 0;
            indent += hang;
            hang = 0;
        }
        if (col) {
            g_string_append(out, " ");
            col++;
        } else {
            g_string_append_printf(out, "%*s", (int)indent, "");
            col = indent;
        }
        g_string_append_len(out, p, word);
        col += word;
        p = MIN(p + word + 1, end);
    }
    g_string_append(out, "\n");
}

/* Literal blocks are not folded. */
void show_text(GString *out, const char *text, size_t indent)
{
    g_autofree char *joined = doc_join(text);

    for (const char *p = joined; *p; p = doc_next_line(p)) {
        size_t len = doc_line_length(p);

        if (len == 0) {
            g_string_append(out, "\n");
        } else if (*p == ' ') {
            g_string_append_printf(out, "%*s%.*s\n", (int)indent, "", (int)len,
                                   p);
        } else {
            show_folded(out, p, len, indent);
        }
    }
}
