/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions for coroutines, without their locks in QEMU; here with them. */
#ifndef QOM_COMPAT_QEMU_COROUTINE_CORE_H
#define QOM_COMPAT_QEMU_COROUTINE_CORE_H

#include "qemu/coroutine.h"

#endif
