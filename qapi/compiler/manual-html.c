/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual as one page of HTML that needs nothing else: an index with a
 * search box at the side, and links from each use of a type to the type.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#222;"
    "background:#fff}"
    "nav{position:fixed;top:0;bottom:0;left:0;width:17rem;overflow:auto;"
    "padding:1rem;box-sizing:border-box;background:#f4f4f4}"
    "nav input{position:sticky;top:0;width:100%;box-sizing:border-box;"
    "padding:.4rem;margin-bottom:.5rem;font:inherit}"
    "nav a{display:block;overflow-wrap:anywhere;font-size:.9rem}"
    "nav a[hidden]{display:none}nav small{color:#666}"
    "main{margin-left:17rem;padding:1rem 2rem;max-width:50rem;"
    "overflow-wrap:anywhere}"
    "section{border-top:1px solid #ddd;padding-top:.5rem;margin-top:1.5rem}"
    "section:target{background:#fffbe6}"
    "h1,h2,h3{line-height:1.2}h3 small{color:#666;font-weight:normal}"
    "h4{margin:.8rem 0 .2rem}h4+p,h4+dl,h4+ul{margin-top:.2rem}"
    "dt code{font-weight:bold}"
    "dd p{margin:.2rem 0}dd{margin:0 0 .5rem 1.5rem}"
    "pre,code{font:.9em ui-monospace,monospace}"
    "pre{background:#f4f4f4;padding:.6rem;overflow:auto}"
    "a{color:#0550ae;text-decoration:none}a:hover{text-decoration:underline}"
    ".notes{color:#666}"
    "@media(max-width:45rem){nav{position:static;width:auto;height:14rem}"
    "main{margin:0;padding:1rem}}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
    "nav,pre{background:#242424}section{border-color:#444}"
    "section:target{background:#2b2916}a{color:#79b8ff}"
    ".notes,nav small,h3 small{color:#aaa}}";

static const char script[] =
    "const box=document.getElementById('search');"
    "box.addEventListener('input',()=>{"
    "const want=box.value.toLowerCase();"
    "for(const a of document.querySelectorAll('nav a'))"
    "a.hidden=!a.textContent.toLowerCase().includes(want);});";

static void html_escape(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '<':
            out_puts(out, "&lt;");
            break;
        case '>':
            out_puts(out, "&gt;");
            break;
        case '&':
            out_puts(out, "&amp;");
            break;
        case '"':
            out_puts(out, "&quot;");
            break;
        default:
            g_string_append_c(out, text[i]);
        }
    }
}

static void html_text(GString *out, const char *text)
{
    html_escape(out, text, strlen(text));
}

static void html_start(GString *out, const char *title)
{
    out_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<title>");
    html_text(out, title);
    out_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

static void html_end(GString *out)
{
    /* Items that follow each other are one list */
    g_string_replace(out, "</li></ul>\n<ul><li>", "</li>\n<li>", 0);
    out_printf(out, "</main>\n<script>%s</script>\n</body>\n</html>\n",
               script);
}

static void html_index(GString *out, QapiSchema *schema)
{
    out_puts(out, "<nav>\n<input id=\"search\" type=\"search\" "
             "placeholder=\"Search\" aria-label=\"Search\">\n");
    for (const IrEntity *e = schema->entities; e; e = e->next) {
        if (e->name == e->definition) {
            out_printf(out, "<a href=\"#%s-%s\">%s <small>%s</small></a>\n",
                       e->meta, e->name->str, e->name->str, e->meta);
        }
    }
    out_puts(out, "</nav>\n<main>\n<h1>");
    html_text(out, schema->modules->name);
    out_puts(out, "</h1>\n");
}

static void html_heading(GString *out, int level, const char *text)
{
    int tag = MIN(level + 1, 3);

    out_printf(out, "<h%d>", tag);
    html_text(out, text);
    out_printf(out, "</h%d>\n", tag);
}

static void html_definition(GString *out, const IrEntity *e, const char *kind,
                            const char *notes)
{
    out_printf(out, "<section id=\"%s-%s\">\n<h3><small>%s</small> "
               "<a href=\"#%s-%s\">%s</a></h3>\n",
               kind, e->name->str, kind, kind, e->name->str, e->name->str);
    if (*notes) {
        out_puts(out, "<p class=\"notes\">");
        html_text(out, notes);
        out_puts(out, "</p>\n");
    }
}

static void html_end_definition(GString *out)
{
    out_puts(out, "</section>\n");
}

static void html_title(GString *out, const char *title)
{
    out_puts(out, "<h4>");
    html_text(out, title);
    out_puts(out, "</h4>\n");
}

static void html_start_terms(GString *out)
{
    out_puts(out, "<dl>\n");
}

static void html_term(GString *out, const char *name, const IrEntity *type,
                      const char *type_text, const char *notes)
{
    out_puts(out, "<dt>");
    if (*name) {
        out_printf(out, "<code>%s</code>%s", name, *type_text ? " " : "");
    }
    if (type) {
        out_printf(out, "<a href=\"#%s-%s\">", type->meta, type->name->str);
    }
    html_text(out, type_text);
    out_puts(out, type ? "</a>" : "");
    if (*notes) {
        out_puts(out, " <span class=\"notes\">(");
        html_text(out, notes);
        out_puts(out, ")</span>");
    }
    out_puts(out, "</dt>\n<dd>\n");
}

static void html_end_term(GString *out)
{
    out_puts(out, "</dd>\n");
}

static void html_end_terms(GString *out)
{
    out_puts(out, "</dl>\n");
}

static void html_start_paragraph(GString *out, bool item, ManualPlace place)
{
    out_puts(out, item ? "<ul><li>" : "<p>");
}

static void html_end_paragraph(GString *out, bool item)
{
    out_puts(out, item ? "</li></ul>\n" : "</p>\n");
}

static void html_span(GString *out, SpanKind kind, const char *text,
                      size_t len)
{
    const char *tag = kind == SPAN_STRONG ? "b" : "code";

    if (kind == SPAN_PLAIN) {
        html_escape(out, text, len);
        return;
    }
    out_printf(out, "<%s>", tag);
    html_escape(out, text, len);
    out_printf(out, "</%s>", tag);
}

static void html_literal(GString *out, const char *text, size_t len,
                         ManualPlace place)
{
    out_puts(out, "<pre>");
    html_escape(out, text, len);
    out_puts(out, "</pre>\n");
}

const ManualFormat manual_html = {
    .start = html_start,
    .end = html_end,
    .index = html_index,
    .heading = html_heading,
    .definition = html_definition,
    .end_definition = html_end_definition,
    .title = html_title,
    .start_terms = html_start_terms,
    .term = html_term,
    .end_term = html_end_term,
    .end_terms = html_end_terms,
    .start_paragraph = html_start_paragraph,
    .span = html_span,
    .end_paragraph = html_end_paragraph,
    .literal = html_literal,
};
