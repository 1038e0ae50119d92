/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event notifiers, whose names QEMU and the library share. */
#ifndef QOM_COMPAT_QEMU_EVENT_NOTIFIER_H
#define QOM_COMPAT_QEMU_EVENT_NOTIFIER_H

#include "util/event-notifier.h"

#endif
