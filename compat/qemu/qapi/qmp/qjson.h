/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path of qobject/qjson.h until 9.2. */
#ifndef QOM_COMPAT_QEMU_QAPI_QMP_QJSON_H
#define QOM_COMPAT_QEMU_QAPI_QMP_QJSON_H

#include "qobject/qjson.h"

#endif
