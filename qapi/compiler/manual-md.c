/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual in Markdown: CommonMark with the tables of GitHub.
 *
 * Contents of items, notes and terms are indented line by line when their
 * container is written.  Each block ends with an empty line.  What Markdown
 * lacks is expressed by what it has: terms are bullets, notes are quotations
 * that begin with a bold title, and a definition has an HTML anchor.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

/* Escapes what is markup anywhere in a line. */
static void md_escape(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("\\`*_<>[]|", text[i]) && text[i]) {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, text[i]);
    }
}

/* The title is the name of the root file. */
static void md_start(GString *out, const char *title)
{
    out_printf(out, "# %s\n\n", title);
}

/* For what Markdown does not mark. */
static void md_nothing(GString *out)
{
}

/* Markdown has six levels. */
static void md_heading(GString *out, unsigned level, const char *text)
{
    out_printf(out, "%.*s %s\n\n", (int)MIN(level + 1, 6), "######", text);
}

/*
 * Markdown makes no ids that could be relied on, so the link's target is HTML.
 */
static void md_definition(GString *out, const IrEntity *e, const char *kind,
                          const char *notes)
{
    out_printf(out, "<a id=\"%s-%s\"></a>\n### %s `%s`\n\n", kind,
               e->name->str, kind, e->name->str);
    if (*notes) {
        out_puts(out, "*");
        md_escape(out, notes, strlen(notes));
        out_puts(out, "*\n\n");
    }
}

/* Bold text, because a heading would be listed among the definitions. */
static void md_title(GString *out, const char *title)
{
    out_printf(out, "**%s**\n\n", title);
}

/* A member is an item whose contents are indented. */
static void md_term(GString *out, const char *name, const IrEntity *type,
                    const char *type_text, const char *notes,
                    const char *contents)
{
    out_puts(out, "-");
    if (*name) {
        out_printf(out, " `%s`", name);
    }
    out_puts(out, *name && *type_text ? ":" : "");
    if (*type_text && type) {
        out_puts(out, " [");
        md_escape(out, type_text, strlen(type_text));
        out_printf(out, "](#%s-%s)", type->meta, type->name->str);
    } else if (*type_text) {
        out_printf(out, " `%s`", type_text);
    }
    if (*notes) {
        out_puts(out, " (");
        md_escape(out, notes, strlen(notes));
        out_puts(out, ")");
    }
    out_puts(out, "\n\n");
    manual_indent(out, contents, "  ", "  ");
}

/* A fenced block needs no indentation and no escapes. */
static void md_literal(GString *out, const char *text)
{
    out_printf(out, "```\n%s```\n\n", text);
}

/*
 * The items in @contents are separated by a character that no text contains.
 * An item without contents still needs its mark.
 */
static void md_items(GString *out, const RstBlock *list, const char *contents)
{
    g_auto(GStrv) items = g_strsplit(contents, "\f", -1);

    for (unsigned i = 0; items[i] && items[i + 1]; i++) {
        char mark[16] = "- ";

        if (list->kind == RST_NUMBERS) {
            g_snprintf(mark, sizeof(mark), "%u. ", list->number + i);
        }
        manual_indent(out, *items[i] ? items[i] : "\n", mark,
                      list->kind == RST_NUMBERS ? "   " : "  ");
    }
}

/* Markdown has no lists of terms, so they are bullets. */
static void md_term_block(GString *out, const char *text,
                          const char *contents)
{
    out_printf(out, "- **%s**\n\n", text);
    manual_indent(out, contents, "  ", "  ");
}

/* A blank line inside the quotation is quoted as well, to keep it together. */
static void md_quote(GString *out, const char *contents)
{
    g_auto(GStrv) lines = g_strsplit(contents, "\n", -1);
    unsigned n = g_strv_length(lines);

    while (n && !*lines[n - 1]) {
        n--;
    }
    for (unsigned i = 0; i < n; i++) {
        out_printf(out, *lines[i] ? "> %s\n" : ">%s\n", lines[i]);
    }
    out_puts(out, "\n");
}

/* A table has exactly one row of headings; further ones are ordinary rows. */
static void md_row(GString *out, const RstBlock *row, const char *contents)
{
    out_printf(out, "|%s\n", contents);
    if (row->is_header && !(row->next && row->next->is_header)) {
        out_puts(out, "|");
        for (const RstBlock *cell = row->first; cell; cell = cell->next) {
            out_puts(out, "---|");
        }
        out_puts(out, "\n");
    }
}

/* A cell is one line. */
static void md_cell(GString *out, const char *contents)
{
    g_auto(GStrv) words = g_strsplit_set(contents, "\n\f", -1);
    const char *blank = "";

    out_puts(out, " ");
    for (char **word = words; *word; word++) {
        if (**word) {
            out_printf(out, "%s%s", blank, *word);
            blank = " ";
        }
    }
    out_puts(out, " |");
}

/*
 * Without a header, the first row would become one; an empty header keeps it.
 */
static void md_table(GString *out, const RstBlock *table,
                     const char *contents)
{
    bool has_header = table->first && table->first->is_header;

    if (!has_header && table->first) {
        g_autoptr(GString) empty = g_string_new(NULL);
        RstBlock header = { .is_header = true,
                            .first = table->first->first };

        for (const RstBlock *c = header.first; c; c = c->next) {
            out_puts(empty, "  |");
        }
        md_row(out, &header, empty->str);
    }
    out_printf(out, "%s\n", contents);
}

/* Headings are written by md_heading(). */
static void md_block(GString *out, const RstBlock *block, const char *text,
                     const char *contents)
{
    switch (block->kind) {
    case RST_PARAGRAPH:
        out_printf(out, "%s\n\n", text);
        break;
    case RST_LITERAL:
        md_literal(out, text);
        break;
    case RST_BULLETS:
    case RST_NUMBERS:
        md_items(out, block, contents);
        break;
    /* the list adds the marks, because it knows the numbers */
    case RST_ITEM:
        out_printf(out, "%s\f", contents);
        break;
    /* the terms are items already */
    case RST_TERMS:
        out_puts(out, contents);
        break;
    case RST_TERM:
        md_term_block(out, text, contents);
        break;
    case RST_NOTE: {
        g_autofree char *note = g_strdup_printf("**%s**\n\n%s", text,
                                                contents);

        md_quote(out, note);
        break;
    }
    case RST_QUOTE:
        md_quote(out, contents);
        break;
    case RST_TABLE:
        md_table(out, block, contents);
        break;
    case RST_ROW:
        md_row(out, block, contents);
        break;
    case RST_CELL:
        md_cell(out, contents);
        break;
    case RST_HEADING:
        break;
    }
}

/* Nothing is escaped in code. */
static void md_code(GString *out, const RstSpan *span)
{
    out_printf(out, "`%.*s`", (int)span->len, span->text);
}

/*
 * A reference that leads to no definition is code.  Emphasis inside a word is
 * written as text by the parser, so marks never need to be separated.
 */
static void md_span(GString *out, const RstSpan *span, const IrEntity *entity)
{
    switch (span->kind) {
    case RST_CODE:
    case RST_NAME:
        md_code(out, span);
        break;
    /* the text is a link if the manual describes the definition */
    case RST_REFERENCE:
        out_puts(out, entity ? "[" : "");
        md_code(out, span);
        if (entity) {
            out_printf(out, "](#%s-%s)", entity->meta, entity->name->str);
        }
        break;
    case RST_STRONG:
        out_puts(out, "**");
        md_escape(out, span->text, span->len);
        out_puts(out, "**");
        break;
    case RST_EMPHASIS:
        out_puts(out, "*");
        md_escape(out, span->text, span->len);
        out_puts(out, "*");
        break;
    /* an address that is its own text is an autolink */
    case RST_LINK:
        out_puts(out, span->text == span->target ? "<" : "[");
        if (span->text == span->target) {
            g_string_append_len(out, span->text, span->len);
            out_puts(out, ">");
        } else {
            md_escape(out, span->text, span->len);
            out_printf(out, "](<%.*s>)", (int)span->target_len, span->target);
        }
        break;
    default:
        md_escape(out, span->text, span->len);
    }
}

const ManualFormat manual_md = {
    .start = md_start,
    .end = md_nothing,
    .heading = md_heading,
    .definition = md_definition,
    .end_definition = md_nothing,
    .title = md_title,
    .start_terms = md_nothing,
    .term = md_term,
    .end_terms = md_nothing,
    .block = md_block,
    .span = md_span,
};
