/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of sysemu/iothread.h from 10.0 on. */
#ifndef QOM_COMPAT_QEMU_SYSTEM_IOTHREAD_H
#define QOM_COMPAT_QEMU_SYSTEM_IOTHREAD_H

#include "sysemu/iothread.h"

#endif
