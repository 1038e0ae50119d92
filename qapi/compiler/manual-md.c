/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manual in Markdown. */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

static void md_escape(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("\\`*_<>[]|", text[i]) && text[i]) {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, text[i]);
    }
}

static void md_start(GString *out, const char *title)
{
    out_printf(out, "# %s\n\n", title);
}

static void md_nothing(GString *out)
{
}

static void md_heading(GString *out, int level, const char *text)
{
    out_printf(out, "%.*s %s\n\n", MIN(level + 1, 6), "######", text);
}

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

static void md_title(GString *out, const char *title)
{
    out_printf(out, "**%s**\n\n", title);
}

static void md_term(GString *out, const char *name, const IrEntity *type,
                    const char *type_text, const char *notes)
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
}

static void md_start_paragraph(GString *out, bool item, ManualPlace place)
{
    out_puts(out, place == MANUAL_BODY ? "" : "  ");
    out_puts(out, item ? "- " : "");
}

static void md_span(GString *out, SpanKind kind, const char *text, size_t len)
{
    switch (kind) {
    case SPAN_CODE:
    case SPAN_NAME:
        out_printf(out, "`%.*s`", (int)len, text);
        break;
    case SPAN_STRONG:
        out_puts(out, "**");
        md_escape(out, text, len);
        out_puts(out, "**");
        break;
    default:
        md_escape(out, text, len);
    }
}

static void md_end_paragraph(GString *out, bool item)
{
    out_puts(out, "\n\n");
}

static void md_literal(GString *out, const char *text, size_t len,
                       ManualPlace place)
{
    const char *indent = place == MANUAL_BODY ? "" : "  ";
    const char *end = text + len;

    out_printf(out, "%s```\n", indent);
    while (text < end) {
        size_t line = strcspn(text, "\n");

        out_printf(out, "%s%.*s\n", line ? indent : "", (int)line, text);
        text += line + 1;
    }
    out_printf(out, "%s```\n\n", indent);
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
    .end_term = md_nothing,
    .end_terms = md_nothing,
    .start_paragraph = md_start_paragraph,
    .span = md_span,
    .end_paragraph = md_end_paragraph,
    .literal = md_literal,
};
