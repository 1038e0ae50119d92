/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A visitor that renames one member and forwards every call to another visitor.
 *
 * An alias property reads and writes the property that it refers to through
 * such a visitor.  The accessor of that property visits its own name, while the
 * outer visitor and its error messages use the name of the alias.
 *
 * Thread: any; one thread at a time uses the visitor and its target
 * Contract: the API of QEMU 10's "qapi/visitor/forward-visitor.h"
 */
#ifndef QOM_QAPI_FORWARD_VISITOR_H
#define QOM_QAPI_FORWARD_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * forward_field_visitor_new: creates a visitor that forwards the visit of one
 * member
 * @target: the visitor that the calls are forwarded to; borrowed, so it must
 *          outlive the new visitor
 * @from: the name that the caller visits; copied
 * @to: the name that is visited in @target instead; copied
 *
 * At the top level, the visit of any other name fails as if the member were
 * missing.  Inside the member no name is changed.
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *forward_field_visitor_new(Visitor *target, const char *from,
                                   const char *to);

/**
 * visitor_forward_field: creates a forward visitor; this is QEMU's name of
 * forward_field_visitor_new()
 * @target: see forward_field_visitor_new()
 * @from: see forward_field_visitor_new()
 * @to: see forward_field_visitor_new()
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
static inline Visitor *visitor_forward_field(Visitor *target,
                                             const char *from,
                                             const char *to)
{
    return forward_field_visitor_new(target, from, to);
}

QOM_END_DECLS

#endif
