/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines, for sources that include QEMU's private header.
 *
 * The fields of a Coroutine are private to the library: the struct here stands
 * for the first part of it, so that the type is complete.
 */
#ifndef QOM_COMPAT_QEMU_COROUTINE_INT_H
#define QOM_COMPAT_QEMU_COROUTINE_INT_H

#include "qemu/coroutine.h"

#define COROUTINE_STACK_SIZE COROUTINE_STACK_SIZE_BYTES

struct Coroutine {
    void *private_state[4];
};

#endif
