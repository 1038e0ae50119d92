/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What descriptions for a terminal have in common. */
#ifndef QOM_QAPI_COMPILER_SHOW_INTERNAL_H
#define QOM_QAPI_COMPILER_SHOW_INTERNAL_H

#include <glib.h>

/*
 * show_text: appends documentation, folded at the width of a terminal
 * @text: lines as in a schema, or paragraphs of one line each
 * @indent: number of blanks before each line
 */
void show_text(GString *out, const char *text, size_t indent);

#endif
