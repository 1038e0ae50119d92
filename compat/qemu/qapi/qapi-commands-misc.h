/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IOThreadInfo and qmp_query_iothreads(). */
#ifndef QOM_COMPAT_QEMU_QAPI_COMMANDS_MISC_H
#define QOM_COMPAT_QEMU_QAPI_COMMANDS_MISC_H

#include "iothread/qapi-commands-iothread.h"

#endif
