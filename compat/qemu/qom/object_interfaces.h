/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UserCreatable, which has its names of old. */
#ifndef QOM_COMPAT_QEMU_OBJECT_INTERFACES_H
#define QOM_COMPAT_QEMU_OBJECT_INTERFACES_H

#include "qapi/visitor.h"
#include "qom/object.h"
#include "qom/user-creatable.h"

#endif
