/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and paragraphs of the text in documentation comments. */
#ifndef QOM_QAPI_COMPILER_DOC_TEXT_INTERNAL_H
#define QOM_QAPI_COMPILER_DOC_TEXT_INTERNAL_H

#include <glib.h>
#include <stdbool.h>

/* Without the '\n'. */
size_t doc_line_length(const char *p);

/* The line after that at @p, or the end of the text. */
const char *doc_next_line(const char *p);

/* Returns true if the line at @p has nothing but blanks. */
bool doc_is_blank(const char *p);

/* The length of the mark that begins an item of a list; 0 if there is none. */
size_t doc_item_mark(const char *p);

/* The indentation that the lines from @p to @end have in common. */
size_t doc_common_indent(const char *p, const char *end);

/**
 * doc_dedent: take away the indentation of a section
 * @text: of a tag; its second and later lines may all be indented
 *
 * Returns: (transfer full) lines that each end in '\n'
 */
char *doc_dedent(const char *text);

/**
 * doc_join: the text of a section as a value, for help and introspection
 * @text: as written, in lines
 *
 * Each paragraph and each item of a list becomes one line, with one blank
 * between words.  An empty line is between paragraphs.  A literal block keeps
 * its lines, and what they are indented beyond the section.
 *
 * Returns: (transfer full) without '\n' at its end
 */
char *doc_join(const char *text);

#endif
