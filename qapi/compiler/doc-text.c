/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all printers of documentation need to know of its text: where lines,
 * paragraphs, items of lists and literal blocks begin.  Text is walked by
 * pointers; a line ends with '\n' or with the text.
 */
#include "qapi/compiler/doc-text-internal.h"

#include <stdint.h>
#include <string.h>

size_t doc_line_length(const char *p)
{
    return strcspn(p, "\n");
}

const char *doc_next_line(const char *p)
{
    p += doc_line_length(p);
    return p + (*p == '\n');
}

bool doc_is_blank(const char *p)
{
    return p[strspn(p, " ")] == '\n' || p[strspn(p, " ")] == '\0';
}

/* Marks are "- ", "* " and "1.  ". */
size_t doc_item_mark(const char *p)
{
    const char *q = p;

    if ((*p == '-' || *p == '*') && p[1] == ' ') {
        return 2;
    }
    while (g_ascii_isdigit(*q)) {
        q++;
    }
    return q > p && q[0] == '.' && q[1] == ' ' ? (size_t)(q + 2 - p) : 0;
}

size_t doc_common_indent(const char *p, const char *end)
{
    size_t indent = SIZE_MAX;

    for (; p < end; p = doc_next_line(p)) {
        if (!doc_is_blank(p)) {
            indent = MIN(indent, strspn(p, " "));
        }
    }
    return indent == SIZE_MAX ? 0 : indent;
}

/* The first line follows a tag, so its indentation says nothing. */
char *doc_dedent(const char *text)
{
    GString *out = g_string_new(NULL);
    const char *second = doc_next_line(text);
    size_t indent = doc_common_indent(second, second + strlen(second));

    for (const char *p = text; *p; p = doc_next_line(p)) {
        size_t skip = p == text ? strspn(p, " ") : MIN(indent,
                                                       strspn(p, " "));

        g_string_append_len(out, p + skip, doc_line_length(p) - skip);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

/* Appends the words of a line, each after a blank except the first. */
static void join_words(GString *out, const char *p, bool first)
{
    const char *end = p + doc_line_length(p);

    while ((p += strspn(p, " ")) < end) {
        size_t len = strcspn(p, " \n");

        if (!first) {
            g_string_append_c(out, ' ');
        }
        g_string_append_len(out, p, len);
        first = false;
        p += len;
    }
}

/*
 * Joins the lines up to a blank one or to the next item.  Returns the text
 * after them.
 */
static const char *join_paragraph(GString *out, const char *p)
{
    join_words(out, p, true);
    for (p = doc_next_line(p); !doc_is_blank(p) && !doc_item_mark(p);
         p = doc_next_line(p)) {
        join_words(out, p, false);
    }
    return p;
}

/*
 * Copies lines that are indented and the blank ones between them.  Returns the
 * text after them.
 */
static const char *join_literal(GString *out, const char *p)
{
    const char *start = p;
    const char *end = p; /* of the last line that is not blank */

    for (; *p == ' ' || *p == '\n'; p = doc_next_line(p)) {
        if (!doc_is_blank(p)) {
            end = p + doc_line_length(p);
        }
    }
    g_string_append_len(out, start, end - start);
    return doc_next_line(end);
}

char *doc_join(const char *text)
{
    g_autofree char *lines = doc_dedent(text);
    GString *out = g_string_new(NULL);
    bool blank = false;

    for (const char *p = lines; *p;) {
        if (doc_is_blank(p)) {
            blank = true;
            p = doc_next_line(p);
            continue;
        }
        if (out->len) {
            g_string_append(out, blank ? "\n\n" : "\n");
        }
        blank = false;
        p = *p == ' ' ? join_literal(out, p) : join_paragraph(out, p);
    }
    return g_string_free(out, FALSE);
}
