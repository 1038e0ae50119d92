/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The style of lines in documentation: their length, and the blanks between
 * sentences.
 *
 * Literal blocks, lines that are an address, and comments of classes have no
 * style.
 *
 * Contract: docs/schema-language.md, "Rules for comments"
 */
#include "qapi/compiler/doc-style-internal.h"
#include "qapi/compiler/doc-text-internal.h"

#include <string.h>

#define MAX_LINE 70 /* characters, with the "# "; see DOC_MAX_LINE_TEXT */

/* A line without "# " and trailing blanks. */
typedef struct DocLine {
    const char *text;
    size_t len;
} DocLine;

/* Returns the number of blanks that the line begins with. */
static size_t blanks_of(const DocLine *d)
{
    size_t n = 0;

    while (n < d->len && d->text[n] == ' ') {
        n++;
    }
    return n;
}

/*
 * Returns true for a line that announces a literal block and is nothing else.
 */
static bool starts_literal(const DocLine *d)
{
    const char *p = d->text;
    const char *end = d->text + d->len;

    if (end - p > 2 && memcmp(p, "..", 2) == 0) {
        for (p += 2; p < end && *p == ' '; p++) {
        }
        if (p == d->text + 2 || end - p < 11 ||
            memcmp(p, "qmp-example", 11) != 0) {
            return false;
        }
        p += 11;
    }
    while (p < end && *p == ' ') {
        p++;
    }
    return end - p == 2 && memcmp(p, "::", 2) == 0;
}

/*
 * A literal block ends before the first line that is indented less than its
 * first line.
 */
static void track_literal(DocStyle *style, const DocLine *d)
{
    if (starts_literal(d)) {
        style->is_literal = true;
        style->literal_indent = 0;
    } else if (style->is_literal && d->len) {
        if (!style->literal_indent) {
            style->literal_indent = blanks_of(d);
        } else if (blanks_of(d) < style->literal_indent) {
            style->is_literal = false;
        }
    }
}

/* Returns true if the line is an address and nothing else. */
static bool is_address(const DocLine *d)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };
    size_t indent = blanks_of(d);
    const char *p = d->text + indent;
    size_t len = d->len - indent;

    for (unsigned i = 0; i < G_N_ELEMENTS(schemes); i++) {
        size_t n = strlen(schemes[i]);

        if (len >= n && memcmp(p, schemes[i], n) == 0) {
            return !memchr(p, ' ', len);
        }
    }
    return false;
}

/* Returns true if the full stop at @i belongs to "e.g." or to a number "1.". */
static bool is_abbreviation(const DocLine *d, size_t i)
{
    const char *p = d->text;
    size_t indent = blanks_of(d);

    if (p[i] != '.') {
        return false;
    }
    if (i >= 3 && memcmp(p + i - 3, "e.g", 3) == 0 &&
        (i == 3 || !(g_ascii_isalnum(p[i - 4]) || p[i - 4] == '_'))) {
        return true;
    }
    return i == indent + 1 && g_ascii_isdigit(p[indent]);
}

/* Returns the position of a single blank between sentences; 0 if none. */
static size_t find_single_blank(const DocLine *d)
{
    const char *p = d->text;

    for (size_t i = 0; i + 2 < d->len; i++) {
        char next = p[i + 2];

        /* most bytes are not before a blank, so that is checked first */
        if (p[i + 1] == ' ' && (p[i] == '.' || p[i] == '!' || p[i] == '?') &&
            (g_ascii_isupper(next) || g_ascii_isdigit(next) || next == '(') &&
            !is_abbreviation(d, i)) {
            return i + 1;
        }
    }
    return 0;
}

/* Moves over blanks and ordinary comments; stops at "##". */
static const char *skip_comments(const char *p)
{
    while (g_ascii_isspace(*p) || (p[0] == '#' && p[1] != '#')) {
        p = *p == '#' ? doc_next_line(p) : p + 1;
    }
    return p;
}

/*
 * Returns true if the definition after the comment begins with the key 'class'.
 * QEMU has no classes, so its style is not asked of their comments.  @p: after
 * the current line
 */
static bool is_before_class(const char *p)
{
    static const char key[] = "'class'";

    p = skip_comments(p);
    if (*p == '#') {
        p = skip_comments(doc_next_line(p));
    }
    if (*p != '{') {
        return false;
    }
    p = skip_comments(p + 1);
    return strncmp(p, key, strlen(key)) == 0;
}

/* Looks for a fault of the line, if lines here have a style. */
static DocFault find_fault(const DocLine *d, size_t *at)
{
    if (d->len + 2 > MAX_LINE &&
        g_utf8_strlen(d->text, d->len) + 2 > MAX_LINE && !is_address(d)) {
        *at = 0;
        return DOC_FAULT_LONG_LINE;
    }
    *at = find_single_blank(d);
    return *at ? DOC_FAULT_SENTENCES : DOC_FAULT_NONE;
}

DocFault doc_style_fault(DocStyle *style, const char *line, size_t len,
                         const char *next, size_t *at)
{
    const DocLine d = { line, len };
    DocFault fault;

    track_literal(style, &d);
    if (style->is_free || style->is_literal) {
        return DOC_FAULT_NONE;
    }
    fault = find_fault(&d, at);
    if (fault && !style->is_strict) {
        style->is_free = is_before_class(next);
        style->is_strict = !style->is_free;
    }
    return style->is_free ? DOC_FAULT_NONE : fault;
}

bool doc_style_check(DocStyle *style, const Parser *p, const char *line,
                     size_t len)
{
    QapiSchema *schema = p->schema;
    SrcLoc loc = lexer_loc(&p->lexer);
    size_t at;

    /* A running program does not send its text by the rules of a file. */
    if (schema->language < LANGUAGE_10_2 || schema->told) {
        return true;
    }
    switch (doc_style_fault(style, line, len, p->lexer.next, &at)) {
    case DOC_FAULT_LONG_LINE:
        return diag(&schema->diags, DIAG_DOC_LONG_LINE, loc, 0,
                    DOC_MAX_LINE_TEXT);
    case DOC_FAULT_SENTENCES:
        return diag(&schema->diags, DIAG_DOC_SENTENCES, loc + 2 + at, 0);
    default:
        return true;
    }
}
