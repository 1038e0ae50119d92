/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and paragraphs of the text in documentation comments. */
#ifndef QOM_QAPI_COMPILER_DOC_TEXT_INTERNAL_H
#define QOM_QAPI_COMPILER_DOC_TEXT_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

/* doc_line_length: returns the length of the line at @p, without its '\n' */
size_t doc_line_length(const char *p);

/* doc_next_line: returns the start of the next line, or the end of the text */
const char *doc_next_line(const char *p);

/* doc_is_blank: returns true if the line at @p contains only blanks */
bool doc_is_blank(const char *p);

/*
 * doc_item_mark: returns the length of the mark that begins an item of a list;
 * 0 if there is none at @p
 */
size_t doc_item_mark(const char *p);

/*
 * doc_common_indent: returns the number of blanks that all lines from @p to
 * @end begin with.
 */
size_t doc_common_indent(const char *p, const char *end);

/**
 * doc_dedent: removes the indentation of a section
 * @text: the text of a section, whose lines after the first may all be indented
 *
 * Returns: (transfer full) lines that each end with '\n'
 */
char *doc_dedent(const char *text);

/**
 * doc_join: converts the text of a section to a value for help and
 * introspection
 * @text: the lines of the section as they are in the schema
 *
 * Each paragraph and each item of a list becomes one line, with one blank
 * between words.  There is an empty line between paragraphs.  A literal block
 * keeps its lines, and their indentation relative to the section.
 *
 * Returns: (transfer full) the text, without '\n' at its end
 */
char *doc_join(const char *text);

#endif
