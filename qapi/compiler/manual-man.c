/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual as a man page of section 7.
 *
 * Text that could be mistaken for a request is escaped.  A paragraph is ".PP",
 * which begins at the left margin, so that contents of items and terms are
 * indented as a whole by ".RS"; their first paragraph is on the line of the
 * mark.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

/* A '.' or a quote at the start of a line would be a request. */
static bool at_line_start(const GString *out)
{
    return out->len == 0 || out->str[out->len - 1] == '\n';
}

/* A plain '-' would become a hyphen, which cannot be pasted into a shell. */
static void man_escape(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (at_line_start(out) && (text[i] == '.' || text[i] == '\'')) {
            out_puts(out, "\\&");
        }
        if (text[i] == '\\') {
            out_puts(out, "\\e");
        } else if (text[i] == '-') {
            out_puts(out, "\\-");
        } else {
            g_string_append_c(out, text[i]);
        }
    }
}

/* Appends text to a macro's argument, which is in double quotes. */
static void man_argument(GString *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"') {
            out_puts(out, "\\(dq");
        } else {
            man_escape(out, text, 1);
        }
    }
}

/*
 * The page is called like the schema, without its suffix.  Free text of the
 * schema may come first; it would end NAME, which has one line for apropos(1).
 */
static void man_start(GString *out, const char *title)
{
    g_autofree char *stem = g_path_get_basename(title);

    if (strrchr(stem, '.')) {
        *strrchr(stem, '.') = '\0';
    }
    out_puts(out, ".TH \"");
    man_argument(out, stem);
    out_puts(out, "\" 7 \"\" \"\" \"QAPI\"\n.SH NAME\n");
    man_escape(out, stem, strlen(stem));
    out_puts(out, " \\- commands, events and types of a schema\n"
                  ".SH DESCRIPTION\nWritten by qapi doc from ");
    man_escape(out, title, strlen(title));
    out_puts(out, ".\n");
}

/* The first line of a page with tables tells man(1) to run tbl(1). */
static void man_end(GString *out)
{
    if (strstr(out->str, "\n.TS\n")) {
        g_string_prepend(out, "'\\\" t\n");
    }
}

static void man_nothing(GString *out)
{
}

/* A man page has two levels of headings. */
static void man_heading(GString *out, unsigned level, const char *text)
{
    out_puts(out, level == 1 ? ".SH \"" : ".SS \"");
    man_argument(out, text);
    out_puts(out, "\"\n");
}

/*
 * The kind comes before the name, so that a search for "struct Foo" finds the
 * definition.
 */
static void man_definition(GString *out, const IrEntity *e, const char *kind,
                           const char *notes)
{
    out_printf(out, ".SS \"%s ", kind);
    man_argument(out, e->name->str);
    out_puts(out, "\"\n");
    if (*notes) {
        out_puts(out, ".I \"");
        man_argument(out, notes);
        out_puts(out, "\"\n.PP\n");
    }
}

/*
 * Titles inside a definition are paragraphs in italics, because there is no
 * third level.
 */
static void man_title(GString *out, const char *title)
{
    out_puts(out, ".PP\n.I \"");
    man_argument(out, title);
    out_puts(out, "\"\n");
}

/* Members are indented as a whole. */
static void man_start_terms(GString *out)
{
    out_puts(out, ".RS 4\n");
}

/*
 * Appends the contents of an item or a term.  @indent: how far the text of the
 * mark is indented, in characters
 */
static void man_contents(GString *out, const char *contents, int indent)
{
    const char *rest;

    if (g_str_has_prefix(contents, ".PP\n")) {
        contents += strlen(".PP\n");
        rest = strstr(contents, "\n.");
        rest = rest ? rest + 1 : contents + strlen(contents);
        g_string_append_len(out, contents, rest - contents);
    } else {
        rest = contents;
    }
    if (*rest) {
        out_printf(out, ".RS %d\n%s.RE\n", indent, rest);
    }
}

/* Begins with "\&", so that no name is taken for a request. */
static void man_term(GString *out, const char *name, const IrEntity *type,
                     const char *type_text, const char *notes,
                     const char *contents)
{
    out_puts(out, ".TP 8\n\\&\\fB");
    man_escape(out, name, strlen(name));
    out_puts(out, "\\fP");
    if (*type_text) {
        out_puts(out, *name ? " " : "");
        man_escape(out, type_text, strlen(type_text));
    }
    if (*notes) {
        out_puts(out, " (");
        man_escape(out, notes, strlen(notes));
        out_puts(out, ")");
    }
    out_puts(out, "\n");
    man_contents(out, contents, 8);
}

static void man_end_terms(GString *out)
{
    out_puts(out, ".RE\n");
}

/* Returns the length of a chain of blocks. */
static unsigned count(const RstBlock *blocks)
{
    unsigned n = 0;

    for (; blocks; blocks = blocks->next) {
        n++;
    }
    return n;
}

/* A table of tbl(1), whose columns are as wide as their text allows. */
static void man_table(GString *out, const RstBlock *table,
                      const char *contents)
{
    unsigned n = table->first ? count(table->first->first) : 0;

    out_puts(out, ".PP\n.TS\nallbox;\n");
    for (unsigned i = 0; i < n; i++) {
        out_puts(out, i ? " l" : "l");
    }
    out_printf(out, ".\n%s.TE\n", contents);
}

/* Cells are separated by tabs; the row ends where the next one begins. */
static void man_row(GString *out, const char *contents)
{
    size_t len = strlen(contents);

    g_string_append_len(out, contents, len ? len - 1 : 0);
    out_puts(out, "\n");
}

/* A cell is a text block of tbl(1), which may contain requests. */
static void man_cell(GString *out, const char *contents)
{
    if (g_str_has_prefix(contents, ".PP\n")) {
        contents += strlen(".PP\n");
    }
    out_printf(out, "T{\n%sT}\t", contents);
}

/* The item's number depends on its list, so items are written with it. */
static void man_items(GString *out, const RstBlock *list,
                      const char *contents)
{
    g_auto(GStrv) items = g_strsplit(contents, "\f", -1);

    for (unsigned i = 0; items[i] && items[i + 1]; i++) {
        if (list->kind == RST_NUMBERS) {
            out_printf(out, ".IP %u. 4\n", list->number + i);
        } else {
            out_puts(out, ".IP \\(bu 2\n");
        }
        man_contents(out, items[i], list->kind == RST_NUMBERS ? 4 : 2);
    }
}

/* Headings are written by man_heading(). */
static void man_block(GString *out, const RstBlock *block, const char *text,
                      const char *contents)
{
    switch (block->kind) {
    case RST_PARAGRAPH:
        out_printf(out, ".PP\n%s\n", text);
        break;
    case RST_LITERAL:
        out_puts(out, ".PP\n.RS 4\n.nf\n");
        man_escape(out, text, strlen(text));
        out_puts(out, ".fi\n.RE\n");
        break;
    case RST_BULLETS:
    case RST_NUMBERS:
        man_items(out, block, contents);
        break;
    case RST_ITEM:
        /* no text contains this character: it ends the item for man_items() */
        out_printf(out, "%s\f", contents);
        break;
    case RST_TERMS:
    case RST_CELL:
        if (block->kind == RST_CELL) {
            man_cell(out, contents);
        } else {
            out_puts(out, contents);
        }
        break;
    case RST_TERM:
        out_printf(out, ".TP 4\n\\&%s\n", text);
        man_contents(out, contents, 4);
        break;
    case RST_NOTE:
        out_printf(out, ".PP\n\\fB%s\\fP\n.RS 4\n%s.RE\n", text, contents);
        break;
    case RST_QUOTE:
        out_printf(out, ".RS 4\n%s.RE\n", contents);
        break;
    case RST_TABLE:
        man_table(out, block, contents);
        break;
    case RST_ROW:
        man_row(out, contents);
        break;
    case RST_HEADING:
        break;
    }
}

/* An address that is not shown follows its text. */
static void man_span(GString *out, const RstSpan *span,
                     const IrEntity *entity)
{
    static const char *const fonts[] = {
        [RST_CODE] = "\\fB",     [RST_NAME] = "\\fI",
        [RST_STRONG] = "\\fB",   [RST_EMPHASIS] = "\\fI",
        [RST_REFERENCE] = "\\fB",
    };
    bool plain = span->kind == RST_PLAIN || span->kind == RST_LINK;

    out_puts(out, plain ? "" : fonts[span->kind]);
    man_escape(out, span->text, span->len);
    out_puts(out, plain ? "" : "\\fP");
    if (span->kind == RST_LINK && span->target != span->text) {
        out_puts(out, " <");
        man_escape(out, span->target, span->target_len);
        out_puts(out, ">");
    }
}

const ManualFormat manual_man = {
    .start = man_start,
    .end = man_end,
    .heading = man_heading,
    .definition = man_definition,
    .end_definition = man_nothing,
    .title = man_title,
    .start_terms = man_start_terms,
    .term = man_term,
    .end_terms = man_end_terms,
    .block = man_block,
    .span = man_span,
};
