/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qnum.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QNUM_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QNUM_H

#include "qobject/qnum.h"

#endif
