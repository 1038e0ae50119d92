/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The class event-loop-base, whose names QEMU and the library share. */
#ifndef QOM_COMPAT_QEMU_EVENT_LOOP_BASE_H
#define QOM_COMPAT_QEMU_EVENT_LOOP_BASE_H

#include "qemu/aio.h"
#include "event-loop-base/event-loop-base.h"
#include "qom/object.h"

#endif
