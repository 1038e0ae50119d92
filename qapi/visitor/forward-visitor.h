/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A visitor that renames one member and passes everything on to another.
 *
 * An alias property reads and writes its target's property through it: the
 * target visits its own name, the outer visitor sees the alias's, and so do
 * the error messages.
 *
 * Thread: caller's, one at a time
 * Contract: the API of QEMU 10's "qapi/visitor/forward-visitor.h"
 */
#ifndef QOM_QAPI_FORWARD_VISITOR_H
#define QOM_QAPI_FORWARD_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * forward_field_visitor_new: forward the visit of one member
 * @target: what to forward to; borrowed, must live as long
 * @from: the name that will be visited; copied
 * @to: the name to visit at @target instead; copied
 *
 * A visit of any other name at the top level fails, as a member that is
 * missing.  Inside of the member nothing is renamed.
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *forward_field_visitor_new(Visitor *target, const char *from,
                                   const char *to);

/**
 * visitor_forward_field: the same, by QEMU's name
 */
static inline Visitor *visitor_forward_field(Visitor *target,
                                             const char *from,
                                             const char *to)
{
    return forward_field_visitor_new(target, from, to);
}

QOM_END_DECLS

#endif
