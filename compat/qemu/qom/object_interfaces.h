/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UserCreatable, whose names QEMU and the library share. */
#ifndef QOM_COMPAT_QEMU_OBJECT_INTERFACES_H
#define QOM_COMPAT_QEMU_OBJECT_INTERFACES_H

#include "qapi/visitor.h"
#include "qom/object.h"
#include "qom/user-creatable.h"

#endif
