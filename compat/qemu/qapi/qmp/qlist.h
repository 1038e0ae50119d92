/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qlist.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QLIST_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QLIST_H

#include "qobject/qlist.h"

#endif
