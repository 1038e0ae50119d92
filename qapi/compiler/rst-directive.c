/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Directives of reST: ".. name:: argument", options ":name: value" and
 * contents, which are indented.  A directive whose name is not known is a note
 * with that title, so that nothing is lost.
 */
#include "qapi/compiler/rst-parse-internal.h"

#include <string.h>

/*
 * Recognizes ".. name:: argument".  Other lines that begin with ".." are
 * comments, names of places (".. _name:") and substitutions (".. |name|").
 */
static bool split_directive(Rst *r, const Line *line, const char **name,
                            const char **argument)
{
    const char *colons = g_strstr_len(line->text, line->len, "::");
    const char *start = line->text + 2;
    const char *end = line->text + line->len;
    const char *stop = colons;

    while (start < end && *start == ' ') {
        start++;
    }
    while (stop && stop > start && stop[-1] == ' ') {
        stop--;
    }
    if (!colons || stop == start || *start == '|' || *start == '_' ||
        memchr(start, ' ', stop - start)) {
        return false;
    }
    *name = arena_strndup(r->arena, start, stop - start);
    for (start = colons + 2; start < end && *start == ' '; start++) {
    }
    *argument = arena_strndup(r->arena, start, end - start);
    return true;
}

/* A directive with its contents: what is indented below its line. */
typedef struct Directive {
    const char *name;
    const char *argument; /* "" if there is none */
    const char *title;    /* (nullable) the option :title: */
    bool annotated;       /* the option :annotated: */
    size_t start;         /* the contents, without options */
    size_t end;
} Directive;

/*
 * Reads the lines ":name: value" at the start of the contents.  Options that
 * are not known are ignored.
 */
static void read_options(Rst *r, Directive *d)
{
    while (d->start < d->end && rst_field_mark(&r->lines[d->start])) {
        const Line *line = &r->lines[d->start++];
        size_t mark = rst_field_mark(line);

        if (rst_begins(line, ":title: ")) {
            d->title = arena_strndup(r->arena, line->text + 8, line->len - 8);
        }
        d->annotated |= mark == 11 && rst_begins(line, ":annotated:");
    }
}

/* @names: ends with NULL */
static bool is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names;
}

/* Returns "Some name" for "some-name". */
static const char *title_of(Rst *r, const char *name)
{
    char *title = arena_strndup(r->arena, name, strlen(name));

    if (strcmp(name, "seealso") == 0) {
        return "See also";
    }
    *title = g_ascii_toupper(*title);
    for (char *p = title; *p; p++) {
        *p = *p == '-' || *p == '_' ? ' ' : *p;
    }
    return title;
}

/*
 * The argument is the first line of the contents: ".. note:: text" is the usual
 * form of a short note.
 */
static void add_contents(Rst *r, const Directive *d, RstKind kind,
                         const char *title, const char *argument)
{
    RstBlock *block = rst_add_block(r, kind, title);
    Line *lines = arena_new_n(r->arena, Line, d->end - d->start + 2);
    size_t n = d->end - d->start;

    memcpy(lines + 1, &r->lines[d->start], n * sizeof(*lines));
    lines->indent = rst_common_indent(lines + 1, n);
    lines->text = argument;
    lines->len = strlen(argument);
    rst_fill_block(r, block, lines, n + 1);
}

/*
 * An example is what client and server send, unless the option :annotated: says
 * that it is text with such blocks in it.
 */
static void add_example(Rst *r, const Directive *d)
{
    const char *title = d->title
        ? arena_printf(r->arena, "Example: %s", d->title) : "Example";

    if (d->annotated) {
        add_contents(r, d, RST_NOTE, title, "");
    } else {
        rst_add_block(r, RST_PARAGRAPH,
                  arena_printf(r->arena, "**%s**", title));
        rst_add_literal(r, d->start, d->end);
    }
}

/* Appends a caption, if there is one. */
static void add_caption(Rst *r, const char *caption)
{
    if (*caption) {
        rst_add_block(r, RST_PARAGRAPH,
                      arena_printf(r->arena, "**%s**", caption));
    }
}

/* A table with a caption: its contents belong where the directive is. */
static void add_table(Rst *r, const Directive *d)
{
    RstBlock contents = { .kind = RST_QUOTE };

    add_caption(r, d->argument);
    rst_fill_block(r, &contents, rst_copy_lines(r, d->start, d->end),
                   d->end - d->start);
    *r->tail = contents.first;
    while (*r->tail) {
        r->tail = &(*r->tail)->next;
    }
}

/*
 * A list-table is a list of rows, each of which is a list of cells; the option
 * :header-rows: is taken to be 1, as it is everywhere.
 */
static void add_list_table(Rst *r, const Directive *d)
{
    RstBlock contents = { .kind = RST_QUOTE };
    RstBlock *table;
    RstBlock **tail;

    rst_fill_block(r, &contents, rst_copy_lines(r, d->start, d->end),
               d->end - d->start);
    add_caption(r, d->argument);
    table = rst_add_block(r, RST_TABLE, NULL);
    tail = &table->first;
    for (RstBlock *item = contents.first ? contents.first->first : NULL; item;
         item = item->next) {
        *tail = arena_new(r->arena, RstBlock);
        (*tail)->kind = RST_ROW;
        (*tail)->is_header = tail == &table->first;
        (*tail)->first = item->first ? item->first->first : NULL;
        for (RstBlock *cell = (*tail)->first; cell; cell = cell->next) {
            cell->kind = RST_CELL;
        }
        tail = &(*tail)->next;
    }
}

/* The directives of QEMU's schemas, and those that documents often use. */
static void add_directive(Rst *r, Directive *d)
{
    static const char *const literals[] = {
        "code", "code-block", "sourcecode", "parsed-literal", "math", NULL,
    };

    read_options(r, d);
    if (strcmp(d->name, "qmp-example") == 0) {
        d->title = *d->argument ? d->argument : d->title;
        add_example(r, d);
    } else if (is_among(d->name, literals)) {
        rst_add_literal(r, d->start, d->end);
    } else if (strcmp(d->name, "list-table") == 0) {
        add_list_table(r, d);
    } else if (strcmp(d->name, "table") == 0) {
        add_table(r, d);
    } else if (strcmp(d->name, "admonition") == 0) {
        add_contents(r, d, RST_NOTE, d->argument, "");
    } else {
        add_contents(r, d, RST_NOTE, title_of(r, d->name), d->argument);
    }
}

/* The contents end before a line that is not indented. */
size_t rst_parse_directive(Rst *r, size_t i)
{
    Directive d = { .start = i + 1 };

    d.end = MAX(rst_block_end(r, i + 1, r->lines[i].indent + 1), i + 1);
    if (split_directive(r, &r->lines[i], &d.name, &d.argument)) {
        add_directive(r, &d);
    }
    return d.end;
}
