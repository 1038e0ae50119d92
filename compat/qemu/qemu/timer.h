/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clocks and timers; timer_*() and aio_timer_*() are the library's. */
#ifndef QOM_COMPAT_QEMU_TIMER_H
#define QOM_COMPAT_QEMU_TIMER_H

#include "aio/timer.h"
#include "qemu/compat-version.h"

typedef AioClockType QEMUClockType;

#define QEMU_CLOCK_REALTIME AIO_CLOCK_REALTIME
#define QEMU_CLOCK_VIRTUAL AIO_CLOCK_VIRTUAL
#define QEMU_CLOCK_HOST AIO_CLOCK_HOST
#define QEMU_CLOCK_VIRTUAL_RT AIO_CLOCK_VIRTUAL_RT
#define QEMU_CLOCK_MAX AIO_CLOCK_MAX

#define QEMU_TIMER_ATTR_EXTERNAL TIMER_ATTR_EXTERNAL
#define QEMU_TIMER_ATTR_ALL TIMER_ATTR_ALL

typedef AioTimer QEMUTimer;
typedef AioTimerCB QEMUTimerCB;
typedef AioTimerList QEMUTimerList;
typedef AioTimerListGroup QEMUTimerListGroup;

static inline int64_t qemu_clock_get_ns(QEMUClockType type)
{
    return clock_get_ns(type);
}

static inline int64_t qemu_clock_get_us(QEMUClockType type)
{
    return clock_get_us(type);
}

static inline int64_t qemu_clock_get_ms(QEMUClockType type)
{
    return clock_get_ms(type);
}

static inline int64_t get_clock(void)
{
    return clock_get_ns(AIO_CLOCK_REALTIME);
}

static inline int64_t get_clock_realtime(void)
{
    return clock_get_ns(AIO_CLOCK_HOST);
}

static inline void qemu_clock_enable(QEMUClockType type, bool enabled)
{
    clock_enable(type, enabled);
}

static inline int64_t qemu_soonest_timeout(int64_t timeout1, int64_t timeout2)
{
    return soonest_timeout(timeout1, timeout2);
}

static inline int qemu_timeout_ns_to_ms(int64_t ns)
{
    return timeout_ns_to_ms(ns);
}

static inline int64_t timerlistgroup_deadline_ns(QEMUTimerListGroup *tlg)
{
    return timer_list_group_deadline_ns(tlg);
}

static inline bool timerlistgroup_run_timers(QEMUTimerListGroup *tlg)
{
    return timer_list_group_run(tlg);
}

/*
 * The clocks are always ready.  The callback is not called, because a loop
 * wakes itself up.  Until 10.0 the function was called init_clocks().
 */
typedef void QEMUTimerListNotifyCB(void *opaque, QEMUClockType type);

static inline void init_clocks(QEMUTimerListNotifyCB *notify_cb)
{
}

static inline void qemu_init_clocks(QEMUTimerListNotifyCB *notify_cb)
{
}

/* ---- Timers of the main context ---- */

/* The main loop computes again for how long it may sleep. */
static inline void qemu_clock_notify(QEMUClockType type)
{
    AioContext *main_ctx = aio_get_main_context();

    if (main_ctx) {
        aio_notify(main_ctx);
    }
}

/* Runs timers of all clocks that have expired; returns true if one has. */
static inline bool qemu_clock_run_all_timers(void)
{
    return timer_list_group_run(
        aio_context_get_timers(aio_get_main_context()));
}

#endif
