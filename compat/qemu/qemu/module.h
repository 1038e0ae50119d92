/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* type_init() and module_call_init(), which are the library's. */
#ifndef QOM_COMPAT_QEMU_MODULE_H
#define QOM_COMPAT_QEMU_MODULE_H

#include "util/module.h"

#endif
