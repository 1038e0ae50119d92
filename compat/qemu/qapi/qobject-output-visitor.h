/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A visitor that writes a QObject. */
#ifndef QOM_COMPAT_QEMU_QOBJECT_OUTPUT_VISITOR_H
#define QOM_COMPAT_QEMU_QOBJECT_OUTPUT_VISITOR_H

#include "qapi/visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qobject/qobject.h"

/* @result: (out) (transfer full) filled in by visit_complete() */
static inline Visitor *qobject_output_visitor_new(QObject **result)
{
    return json_output_visitor_new(result);
}

#endif
