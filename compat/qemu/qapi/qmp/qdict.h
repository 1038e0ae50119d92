/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qdict.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QDICT_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QDICT_H

#include "qobject/qdict.h"

#endif
