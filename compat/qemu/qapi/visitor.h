/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors, whose names QEMU and the library share.
 *
 * The library's own headers include this one under the same name, so it
 * contains only what a Visitor needs.
 */
#ifndef QOM_COMPAT_QEMU_QAPI_VISITOR_H
#define QOM_COMPAT_QEMU_QAPI_VISITOR_H

#include "../../../qapi/visitor/visitor.h"
#include "qapi/qapi-builtin-types.h"
#include "qapi/qapi-builtin-visit.h"

#endif
