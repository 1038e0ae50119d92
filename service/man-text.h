/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parts of man pages, for programs that write their page from their tables.
 *
 * Texts are plain: lines, an empty line between paragraphs, and four blanks
 * before lines that keep their breaks.  The functions turn them into roff for
 * man(7), with all escapes.
 *
 * Thread: any
 */
#ifndef QOM_SERVICE_MAN_TEXT_H
#define QOM_SERVICE_MAN_TEXT_H

#include "service/options.h"

QOM_BEGIN_DECLS

/* man_append_words: appends words of a line, without a line break */
void man_append_words(GString *out, const char *text);

/* man_append_line: appends one line with its line break */
void man_append_line(GString *out, const char *text);

/* man_append_text: appends paragraphs and examples */
void man_append_text(GString *out, const char *text);

/* man_append_options: appends a paragraph for each option of a table */
void man_append_options(GString *out, const Option *table);

/* man_append_exit_status: appends the section about a ServiceStatus */
void man_append_exit_status(GString *out);

QOM_END_DECLS

#endif
