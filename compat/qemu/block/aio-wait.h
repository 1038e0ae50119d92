/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of "qemu/aio-wait.h" until 10.2; it may be used for any version. */
#ifndef QOM_COMPAT_QEMU_BLOCK_AIO_WAIT_H
#define QOM_COMPAT_QEMU_BLOCK_AIO_WAIT_H

#include "qemu/aio-wait.h"

#endif
