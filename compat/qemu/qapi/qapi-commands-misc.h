/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IOThreadInfo and qmp_query_iothreads(). */
#ifndef QOM_COMPAT_QEMU_QAPI_COMMANDS_MISC_H
#define QOM_COMPAT_QEMU_QAPI_COMMANDS_MISC_H

/* First, because the command of a source's own iothread has another name. */
#include "sysemu/iothread-names.h"

#include "iothread/qapi-commands-iothread.h"

#endif
