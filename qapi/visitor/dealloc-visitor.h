/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Free a value by visiting it.
 *
 * Where a descriptor is at hand, qapi_type_free() does the same without a
 * visitor; this is for values that only a function can visit.
 *
 * Thread: any, one at a time for one value
 * Contract: the API of QEMU 10's "qapi/visitor/dealloc-visitor.h"
 */
#ifndef QOM_QAPI_DEALLOC_VISITOR_H
#define QOM_QAPI_DEALLOC_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * qapi_dealloc_visitor_new: free what is visited
 *
 * A visit with it cannot fail; half-built values and NULL are fine.
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *qapi_dealloc_visitor_new(void);

/**
 * dealloc_visitor_new: the same, named like the other visitors
 */
static inline Visitor *dealloc_visitor_new(void)
{
    return qapi_dealloc_visitor_new();
}

QOM_END_DECLS

#endif
