/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tracing, which is always off; trace-header writes functions of events. */
#ifndef QOM_COMPAT_QEMU_TRACE_CONTROL_H
#define QOM_COMPAT_QEMU_TRACE_CONTROL_H

#include <stdbool.h>

/* @id: TRACE_NAME */
#define trace_event_get_state(id) (id##_ENABLED != 0)
#define trace_event_get_state_static(id) (id##_ENABLED != 0)
#define trace_event_get_state_backends(id) (id##_ENABLED != 0)

#endif
