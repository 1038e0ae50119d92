/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual as one page of HTML that needs no other file: an index with a
 * search box at the side, and links from each use of a type to the type.
 *
 * A definition is a section whose id is KIND-NAME, such as "struct-Foo": a
 * class and another definition may have the same name.  Members are a list of
 * terms.  Blocks of text become the elements that HTML has for them; a note is
 * a div of the class "note".
 *
 * All text is escaped where it is appended, never later, so that contents can
 * be put into elements as they are.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

/* Colours for both themes; below 45rem of width the index moves to the top. */
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
    "table{border-collapse:collapse;margin:.5rem 0}"
    "th,td{border:1px solid #ddd;padding:.2rem .6rem;text-align:left;"
    "vertical-align:top}td p,th p,li>p:only-child{margin:0}"
    ".note{border-left:4px solid #0550ae;padding:.1rem .8rem;"
    "margin:.5rem 0}.note>b:first-child{display:block;margin-top:.3rem}"
    "@media(max-width:45rem){nav{position:static;width:auto;height:14rem}"
    "main{margin:0;padding:1rem}}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
    "nav,pre{background:#242424}section{border-color:#444}"
    "section:target{background:#2b2916}a{color:#79b8ff}"
    ".notes,nav small,h3 small{color:#aaa}th,td{border-color:#444}}";

/* The search box hides the links that do not contain what is typed. */
static const char script[] =
    "const box=document.getElementById('search');"
    "box.addEventListener('input',()=>{"
    "const want=box.value.toLowerCase();"
    "for(const a of document.querySelectorAll('nav a'))"
    "a.hidden=!a.textContent.toLowerCase().includes(want);});";

/*
 * Appends text that contains no markup; also for attributes, which are in
 * double quotes.
 */
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

/* Does the same for text that ends with a NUL. */
static void html_text(GString *out, const char *text)
{
    html_escape(out, text, strlen(text));
}

/*
 * The page contains its style and script, so a browser loads nothing else.  The
 * viewport makes a phone use the narrow layout instead of scaling a wide one.
 */
static void html_start(GString *out, const char *title)
{
    out_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<title>");
    html_text(out, title);
    out_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

/* The script is at the end, when the elements that it needs exist. */
static void html_end(GString *out)
{
    out_printf(out, "</main>\n<script>%s</script>\n</body>\n</html>\n",
               script);
}

/* The index has what the author defined, in the order of the files. */
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

/* The manual's title is h1. */
static void html_heading(GString *out, unsigned level, const char *text)
{
    unsigned tag = MIN(level + 1, 6);

    out_printf(out, "<h%u>", tag);
    html_text(out, text);
    out_printf(out, "</h%u>\n", tag);
}

/* The name links to itself, so that a reader can copy the link. */
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

/* Closes the section. */
static void html_end_definition(GString *out)
{
    out_puts(out, "</section>\n");
}

/* Titles inside a definition are one level below its name. */
static void html_title(GString *out, const char *title)
{
    out_puts(out, "<h4>");
    html_text(out, title);
    out_puts(out, "</h4>\n");
}

/* Members are a list of terms, each with its description. */
static void html_start_terms(GString *out)
{
    out_puts(out, "<dl>\n");
}

/* The type of a member is a link if it is described in the manual. */
static void html_term(GString *out, const char *name, const IrEntity *type,
                      const char *type_text, const char *notes,
                      const char *contents)
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
    out_printf(out, "</dt>\n<dd>\n%s</dd>\n", contents);
}

static void html_end_terms(GString *out)
{
    out_puts(out, "</dl>\n");
}

/* Appends an element without attributes.  @contents: HTML */
static void html_tag(GString *out, const char *tag, const char *contents)
{
    out_printf(out, "<%s>%s</%s>\n", tag, contents, tag);
}

/* The cells were written before it was known that their row is a header. */
static void html_row(GString *out, const RstBlock *row, const char *contents)
{
    g_autoptr(GString) cells = g_string_new(contents);

    if (row->is_header) {
        g_string_replace(cells, "<td>", "<th>", 0);
        g_string_replace(cells, "</td>", "</th>", 0);
    }
    html_tag(out, "tr", cells->str);
}

/* Headings are written by html_heading(). */
static void html_block(GString *out, const RstBlock *block, const char *text,
                       const char *contents)
{
    switch (block->kind) {
    case RST_PARAGRAPH:
        html_tag(out, "p", text);
        break;
    case RST_LITERAL:
        out_puts(out, "<pre>");
        html_text(out, text);
        out_puts(out, "</pre>\n");
        break;
    case RST_BULLETS:
        html_tag(out, "ul", contents);
        break;
    /* a list that is continued begins with another number */
    case RST_NUMBERS:
        if (block->number == 1) {
            html_tag(out, "ol", contents);
        } else {
            out_printf(out, "<ol start=\"%u\">%s</ol>\n", block->number,
                       contents);
        }
        break;
    case RST_ITEM:
        html_tag(out, "li", contents);
        break;
    case RST_TERMS:
        html_tag(out, "dl", contents);
        break;
    case RST_TERM:
        html_tag(out, "dt", text);
        html_tag(out, "dd", contents);
        break;
    /* the style sheet puts the title on its own line */
    case RST_NOTE:
        out_printf(out, "<div class=\"note\"><b>%s</b>\n%s</div>\n", text,
                   contents);
        break;
    case RST_QUOTE:
        html_tag(out, "blockquote", contents);
        break;
    case RST_TABLE:
        html_tag(out, "table", contents);
        break;
    case RST_ROW:
        html_row(out, block, contents);
        break;
    case RST_CELL:
        html_tag(out, "td", contents);
        break;
    case RST_HEADING:
        break;
    }
}

/*
 * A reference that leads to no definition is code, like a name.  Only
 * references and addresses are links; a link may contain code.
 */
static void html_span(GString *out, const RstSpan *span,
                      const IrEntity *entity)
{
    /* plain text and addresses have no element of their own */
    static const char *const tags[] = {
        [RST_CODE] = "code",  [RST_NAME] = "code",
        [RST_STRONG] = "b",   [RST_EMPHASIS] = "em",
        [RST_REFERENCE] = "code",
    };
    const char *tag = span->kind == RST_LINK ? NULL : tags[span->kind];
    bool is_link = entity || span->kind == RST_LINK;

    if (entity) {
        out_printf(out, "<a href=\"#%s-%s\">", entity->meta,
                   entity->name->str);
    } else if (is_link) {
        out_puts(out, "<a href=\"");
        /* an address of the schema's author, not of the manual */
        html_escape(out, span->target, span->target_len);
        out_puts(out, "\">");
    }
    if (tag) {
        out_printf(out, "<%s>", tag);
    }
    html_escape(out, span->text, span->len);
    if (tag) {
        out_printf(out, "</%s>", tag);
    }
    out_puts(out, is_link ? "</a>" : "");
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
    .end_terms = html_end_terms,
    .block = html_block,
    .span = html_span,
};
