/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of "qemu/aio.h" until 10.2; it may be used for any version. */
#ifndef QOM_COMPAT_QEMU_BLOCK_AIO_H
#define QOM_COMPAT_QEMU_BLOCK_AIO_H

#include "qemu/aio.h"

#endif
