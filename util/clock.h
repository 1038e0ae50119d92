/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clocks, in nanoseconds.
 *
 * AIO_CLOCK_VIRTUAL is the time of what a program simulates: it is 0 and
 * stands still until clock_virtual_run(true), and can be stopped and
 * continued.  AIO_CLOCK_VIRTUAL_RT shows the same time.
 *
 * Thread: any function here may be called from any thread.
 * Contract: the clocks of QEMU 10's "qemu/timer.h"
 */
#ifndef QOM_UTIL_CLOCK_H
#define QOM_UTIL_CLOCK_H

#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef enum AioClockType {
    AIO_CLOCK_REALTIME,   /* monotonic, runs always, from an unknown origin */
    AIO_CLOCK_VIRTUAL,    /* stoppable */
    AIO_CLOCK_HOST,       /* wall clock since 1970; may jump */
    AIO_CLOCK_VIRTUAL_RT, /* the time of AIO_CLOCK_VIRTUAL */
    AIO_CLOCK_MAX,
} AioClockType;

#define SCALE_MS 1000000
#define SCALE_US 1000
#define SCALE_NS 1

#define NANOSECONDS_PER_SECOND 1000000000LL

/**
 * clock_get_ns: what a clock shows
 * @type: the clock
 *
 * Returns: nanoseconds, 0 or more
 */
int64_t clock_get_ns(AioClockType type);

/* As clock_get_ns(), rounded down to microseconds or milliseconds. */
static inline int64_t clock_get_us(AioClockType type)
{
    return clock_get_ns(type) / SCALE_US;
}

static inline int64_t clock_get_ms(AioClockType type)
{
    return clock_get_ns(type) / SCALE_MS;
}

/**
 * clock_virtual_run: start or stop the time of the virtual clocks
 * @run: true to start; nothing happens when the clock is so already
 *
 * Moves the time alone; clock_enable() in "aio/timer.h" also sees to the
 * timers.
 */
void clock_virtual_run(bool run);

QOM_END_DECLS

#endif
