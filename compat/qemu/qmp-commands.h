/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of qapi/qapi-commands-misc.h until 2.11. */
#ifndef QOM_COMPAT_QEMU_QMP_COMMANDS_H
#define QOM_COMPAT_QEMU_QMP_COMMANDS_H

#include "qapi/qapi-commands-misc.h"

#endif
