/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of sysemu/event-loop-base.h from 10.0 on. */
#ifndef QOM_COMPAT_QEMU_SYSTEM_EVENT_LOOP_BASE_H
#define QOM_COMPAT_QEMU_SYSTEM_EVENT_LOOP_BASE_H

#include "sysemu/event-loop-base.h"

#endif
