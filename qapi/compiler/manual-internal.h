/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a format of the manual has to provide.  The walk over the schema and
 * the reading of its markup are the same for all.
 */
#ifndef QOM_QAPI_COMPILER_MANUAL_INTERNAL_H
#define QOM_QAPI_COMPILER_MANUAL_INTERNAL_H

#include "qapi/compiler/ir-internal.h"

/* A piece of a line of text. */
typedef enum SpanKind {
    SPAN_PLAIN,
    SPAN_CODE,   /* ``text`` */
    SPAN_NAME,   /* @name: something in the schema */
    SPAN_STRONG, /* **text** */
} SpanKind;

/* Where a paragraph is. */
typedef enum ManualPlace {
    MANUAL_BODY,
    MANUAL_TERM_FIRST, /* the first after a term */
    MANUAL_TERM,
} ManualPlace;

typedef struct ManualFormat {
    void (*start)(GString *out, const char *title);
    void (*end)(GString *out);
    void (*index)(GString *out, QapiSchema *schema); /* (nullable) */
    void (*heading)(GString *out, int level, const char *text);
    /* A definition: kind, name, and what else is said on its line */
    void (*definition)(GString *out, const IrEntity *e, const char *kind,
                       const char *notes);
    void (*end_definition)(GString *out);
    /* "Arguments", "Since"; text or a group of terms follows */
    void (*title)(GString *out, const char *title);
    void (*start_terms)(GString *out);
    void (*term)(GString *out, const char *name, const IrEntity *type,
                 const char *type_text, const char *notes);
    void (*end_term)(GString *out);
    void (*end_terms)(GString *out);
    void (*start_paragraph)(GString *out, bool item, ManualPlace place);
    void (*span)(GString *out, SpanKind kind, const char *text, size_t len);
    void (*end_paragraph)(GString *out, bool item);
    void (*literal)(GString *out, const char *text, size_t len,
                    ManualPlace place);
} ManualFormat;

extern const ManualFormat manual_html;
extern const ManualFormat manual_man;
extern const ManualFormat manual_md;

#endif
