/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What descriptions for a terminal have in common. */
#ifndef QOM_QAPI_COMPILER_SHOW_INTERNAL_H
#define QOM_QAPI_COMPILER_SHOW_INTERNAL_H

#include "qapi/compiler/ir-internal.h"

/*
 * show_text: appends documentation, folded at the width of a terminal
 * @text: lines as in a schema, or paragraphs of one line each
 * @indent: number of blanks before each line
 */
void show_text(GString *out, const char *text, size_t indent);

/*
 * show_folded: appends one line, broken where it is too long.  Later lines of a
 * list item are indented to its text.
 */
void show_folded(GString *out, const char *p, size_t len, size_t indent);

/* show_tags: appends features, such as "[deprecated]" */
void show_tags(GString *out, const IrFeatures *features);

/* show_condition: appends the condition of a definition or of a member */
void show_condition(GString *out, const AstValue *cond);

/* show_body: appends what is particular to the kind of definition */
void show_body(QapiSchema *schema, GString *out, const IrEntity *e);

#endif
