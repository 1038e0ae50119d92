/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qbool.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QBOOL_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QBOOL_H

#include "qobject/qbool.h"

#endif
