/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qnull.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QNULL_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QNULL_H

#include "qobject/qnull.h"

#endif
