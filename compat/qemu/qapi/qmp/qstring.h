/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qstring.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QSTRING_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QSTRING_H

#include "qobject/qstring.h"

#endif
