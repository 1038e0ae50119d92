/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What input visitors share whose scalars are text: keyval and plain text.
 *
 * Such a visitor puts the operations below into its table, which is a
 * TextVisitorOps, and provides two functions: one finds the text, the other
 * words the error for a text that is not a value of the kind.  The operations
 * have the parameters and results of the functions visit_type_NAME().
 *
 * Thread: any; one thread at a time uses a visitor
 */
#ifndef QOM_QAPI_TEXT_VISITOR_INTERNAL_H
#define QOM_QAPI_TEXT_VISITOR_INTERNAL_H

#include "qapi/visitor/visitor-impl.h"

typedef struct TextVisitorOps {
    VisitorOps ops; /* what Visitor.ops points to */

    /* Returns the text of the scalar, borrowed; NULL with @errp set. */
    const char *(*get_text)(Visitor *v, const char *name, Error **errp);

    /*
     * Sets the error for @text, which get_text() returned.  @kind is one of
     * QAPI_KIND_INT64, QAPI_KIND_UINT64, QAPI_KIND_SIZE, QAPI_KIND_BOOL and
     * QAPI_KIND_NUMBER.  Returns false.
     */
    bool (*fail)(Visitor *v, const char *name, QapiKind kind,
                 const char *text, Error **errp);
} TextVisitorOps;

bool text_visitor_int64(Visitor *v, const char *name, int64_t *obj,
                        Error **errp);
bool text_visitor_uint64(Visitor *v, const char *name, uint64_t *obj,
                         Error **errp);
bool text_visitor_size(Visitor *v, const char *name, uint64_t *obj,
                       Error **errp);
bool text_visitor_bool(Visitor *v, const char *name, bool *obj, Error **errp);
bool text_visitor_str(Visitor *v, const char *name, char **obj, Error **errp);
bool text_visitor_number(Visitor *v, const char *name, double *obj,
                         Error **errp);

#endif
