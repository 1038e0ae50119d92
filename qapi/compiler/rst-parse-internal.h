/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parser of reST blocks is made of.
 *
 *     rst.c            lines, headings, paragraphs, quotations
 *     rst-list.c       lists of items, of terms, of fields
 *     rst-table.c      grids and simple tables
 *     rst-directive.c  ".. name:: argument"
 *
 * A text is an array of lines.  The lines inside a block are copied into an
 * array of their own, without what they are indented by, and parsed like a
 * whole text.  The depth of this recursion is limited.
 */
#ifndef QOM_QAPI_COMPILER_RST_PARSE_INTERNAL_H
#define QOM_QAPI_COMPILER_RST_PARSE_INTERNAL_H

#include "qapi/compiler/rst-internal.h"

typedef struct Line {
    const char *text; /* after the indentation; not NUL-terminated */
    size_t len;       /* 0: a blank line */
    size_t indent;    /* blanks before the text */
} Line;

typedef struct Rst {
    Arena *arena;
    bool headings;
    unsigned depth;
    const Line *lines; /* [n] */
    size_t n;
    RstBlock **tail; /* where the next block is stored */
} Rst;

/* ---- rst.c ---- */

/* rst_begins, rst_ends: Compare the text of a line. */
bool rst_begins(const Line *line, const char *prefix);
bool rst_ends(const Line *line, const char *suffix);

/* rst_common_indent: returns the smallest indentation of @n lines */
size_t rst_common_indent(const Line *lines, size_t n);

/*
 * rst_block_end: returns the index after the last line from @i on that is
 * indented by @indent or more; blank lines may be between them
 */
size_t rst_block_end(const Rst *r, size_t i, size_t indent);

/* rst_copy_lines: returns a copy of the lines from @i to @end */
Line *rst_copy_lines(const Rst *r, size_t i, size_t end);

/* rst_add_block: adds a block.  @text: (nullable) lives in the arena */
RstBlock *rst_add_block(Rst *r, RstKind kind, const char *text);

/* rst_add_literal: adds a literal block of the lines from @i to @end */
void rst_add_literal(Rst *r, size_t i, size_t end);

/*
 * rst_fill_block: parses lines, which are changed, as the contents of a block
 */
void rst_fill_block(const Rst *r, RstBlock *block, Line *lines, size_t n);

/*
 * The functions below parse the block at line @i and return the index after it.
 */

/* ---- rst-list.c ---- */

/*
 * rst_item_mark: returns the length of the mark of an item, with blanks; 0 if
 * the line begins no item.  @kind: (out) that of the list; @number: (out) of
 * the item, 0 for "#"
 */
size_t rst_item_mark(const Line *line, RstKind *kind, unsigned *number);
size_t rst_parse_list(Rst *r, size_t i, RstKind kind, unsigned number);

/* rst_field_mark: returns the length of ":name:"; 0 if there is none */
size_t rst_field_mark(const Line *line);
size_t rst_parse_terms(Rst *r, size_t i);

/* ---- rst-table.c ---- */

bool rst_is_grid_rule(const Line *line);
size_t rst_parse_grid(Rst *r, size_t i);
bool rst_is_simple_rule(const Line *line);
size_t rst_parse_simple_table(Rst *r, size_t i);

/* ---- rst-directive.c ---- */

size_t rst_parse_directive(Rst *r, size_t i);

#endif
