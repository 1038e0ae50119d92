/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a format of the manual provides.  The walk over the schema (manual.c)
 * and the parser of its markup (rst.c) are the same for all formats.
 *
 * A block is written after its contents: the contents are a text of their own,
 * which the format puts into the block.  A format that indents therefore needs
 * no state.
 */
#ifndef QOM_QAPI_COMPILER_MANUAL_INTERNAL_H
#define QOM_QAPI_COMPILER_MANUAL_INTERNAL_H

#include "qapi/compiler/ir-internal.h"
#include "qapi/compiler/rst-internal.h"

typedef struct ManualFormat {
    /* The beginning and the end of the manual. */
    void (*start)(GString *out, const char *title);
    void (*end)(GString *out);
    void (*index)(GString *out, QapiSchema *schema); /* (nullable) */

    /* @level: from 1, below the title of the manual */
    void (*heading)(GString *out, unsigned level, const char *text);

    /* A definition: kind, name, and what else is said on its line. */
    void (*definition)(GString *out, const IrEntity *e, const char *kind,
                       const char *notes);
    void (*end_definition)(GString *out);

    /* "Arguments", "Since"; text or a group of terms follows. */
    void (*title)(GString *out, const char *title);
    void (*start_terms)(GString *out);
    /* @type: (nullable) the definition that @type_text leads to */
    void (*term)(GString *out, const char *name, const IrEntity *type,
                 const char *type_text, const char *notes,
                 const char *contents);
    void (*end_terms)(GString *out);

    /*
     * A block of text.  @contents: the blocks inside; the text of a paragraph,
     * a term or a note's title comes first, see @text
     */
    void (*block)(GString *out, const RstBlock *block, const char *text,
                  const char *contents);

    /* A piece of text.  @entity: (nullable) the definition that it names */
    void (*span)(GString *out, const RstSpan *span, const IrEntity *entity);
} ManualFormat;

extern const ManualFormat manual_html;
extern const ManualFormat manual_man;
extern const ManualFormat manual_md;

typedef struct Manual {
    QapiSchema *schema;
    const ManualFormat *format;
    GString *out;
    const IrEntity *definition; /* (nullable) the one that is described */
} Manual;

/* ---- manual-text.c ---- */

/*
 * manual_describes: returns true if the manual has a place for @type
 *
 * Built-in types and what classes imply have none.
 */
bool manual_describes(const IrEntity *type);

/* manual_text: appends a section, whose later lines may be indented */
void manual_text(Manual *m, GString *out, const char *text);

/* manual_plain_text: appends a plain section, whose lines are not indented */
void manual_plain_text(Manual *m, const char *text);

/* manual_free_text: appends a free-form comment, which may have headings */
void manual_free_text(Manual *m, const Doc *doc);

/*
 * manual_indent: appends lines with @first before the first line and @rest
 * before the others; blank lines get none
 */
void manual_indent(GString *out, const char *lines, const char *first,
                   const char *rest);

#endif
