/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manual as a man page of section 7. */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

static bool at_line_start(const GString *out)
{
    return out->len == 0 || out->str[out->len - 1] == '\n';
}

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

/* In a macro's argument */
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
    out_puts(out, " \\- commands, events and types of a schema\n");
}

static void man_nothing(GString *out)
{
}

static void man_heading(GString *out, int level, const char *text)
{
    out_puts(out, level == 1 ? ".SH \"" : ".SS \"");
    man_argument(out, text);
    out_puts(out, "\"\n");
}

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

static void man_title(GString *out, const char *title)
{
    out_puts(out, ".PP\n.I \"");
    man_argument(out, title);
    out_puts(out, "\"\n");
}

static void man_start_terms(GString *out)
{
    out_puts(out, ".RS 4\n");
}

static void man_term(GString *out, const char *name, const IrEntity *type,
                     const char *type_text, const char *notes)
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
}

static void man_end_terms(GString *out)
{
    out_puts(out, ".RE\n");
}

static void man_start_paragraph(GString *out, bool item, ManualPlace place)
{
    if (item) {
        out_puts(out, ".IP \\(bu 2\n");
    } else if (place == MANUAL_TERM) {
        out_puts(out, ".IP\n");
    } else if (place == MANUAL_BODY) {
        out_puts(out, ".PP\n");
    }
}

static void man_span(GString *out, SpanKind kind, const char *text,
                     size_t len)
{
    static const char *const fonts[] = {
        [SPAN_CODE] = "\\fB",
        [SPAN_NAME] = "\\fI",
        [SPAN_STRONG] = "\\fB",
    };

    if (kind == SPAN_PLAIN) {
        man_escape(out, text, len);
        return;
    }
    out_puts(out, fonts[kind]);
    man_escape(out, text, len);
    out_puts(out, "\\fP");
}

static void man_end_paragraph(GString *out, bool item)
{
    out_puts(out, "\n");
}

static void man_literal(GString *out, const char *text, size_t len,
                        ManualPlace place)
{
    out_puts(out, ".PP\n.RS 4\n.nf\n");
    man_escape(out, text, len);
    out_puts(out, ".fi\n.RE\n");
}

const ManualFormat manual_man = {
    .start = man_start,
    .end = man_nothing,
    .heading = man_heading,
    .definition = man_definition,
    .end_definition = man_nothing,
    .title = man_title,
    .start_terms = man_start_terms,
    .term = man_term,
    .end_term = man_nothing,
    .end_terms = man_end_terms,
    .start_paragraph = man_start_paragraph,
    .span = man_span,
    .end_paragraph = man_end_paragraph,
    .literal = man_literal,
};
