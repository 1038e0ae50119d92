/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Freeing a value by visiting it.
 *
 * A caller that has the type descriptor uses qapi_type_free(), which needs no
 * visitor.  The visitor below is for values that only a function can visit.
 *
 * Thread: any; one thread at a time uses a value
 * Contract: the API of QEMU 10's "qapi/visitor/dealloc-visitor.h"
 */
#ifndef QOM_QAPI_DEALLOC_VISITOR_H
#define QOM_QAPI_DEALLOC_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * qapi_dealloc_visitor_new: creates a visitor that frees what it visits
 *
 * A visit with it cannot fail.  It accepts NULL and values that are only partly
 * built.
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *qapi_dealloc_visitor_new(void);

/**
 * dealloc_visitor_new: creates a dealloc visitor; its name has the form of the
 * other visitors' names
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
static inline Visitor *dealloc_visitor_new(void)
{
    return qapi_dealloc_visitor_new();
}

QOM_END_DECLS

#endif
