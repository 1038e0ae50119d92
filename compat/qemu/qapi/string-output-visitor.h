/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* string_output_visitor_new(), which is the library's. */
#ifndef QOM_COMPAT_QEMU_STRING_OUTPUT_VISITOR_H
#define QOM_COMPAT_QEMU_STRING_OUTPUT_VISITOR_H

#include "qapi/visitor.h"
#include "qapi/visitor/string-visitor.h"

#endif
