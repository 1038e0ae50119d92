/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qobject.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QOBJECT_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QOBJECT_H

#include "qobject/qobject.h"

#endif
