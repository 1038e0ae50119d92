/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* defer_call(), which is the library's. */
#ifndef QOM_COMPAT_QEMU_DEFER_CALL_H
#define QOM_COMPAT_QEMU_DEFER_CALL_H

#include "aio/file/defer-call.h"

#endif
