/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clocks, in nanoseconds.
 *
 * AIO_CLOCK_VIRTUAL is the time of a simulation.  It is 0 and does not run
 * until clock_virtual_run(true), and it can be stopped and continued.
 * AIO_CLOCK_VIRTUAL_RT shows the same time.
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
 * clock_get_ns: reads a clock
 * @type: the clock
 *
 * Returns: nanoseconds, 0 or more
 */
int64_t clock_get_ns(AioClockType type);

/* clock_get_us: reads a clock; microseconds, rounded down. */
static inline int64_t clock_get_us(AioClockType type)
{
    return clock_get_ns(type) / SCALE_US;
}

/* clock_get_ms: reads a clock; milliseconds, rounded down. */
static inline int64_t clock_get_ms(AioClockType type)
{
    return clock_get_ns(type) / SCALE_MS;
}

/**
 * clock_virtual_run: starts or stops the time of the virtual clocks
 * @run: true: start; has no effect if the clocks are in this state already
 *
 * Timers are not affected; clock_enable() in "aio/timer.h" handles these, too.
 */
void clock_virtual_run(bool run);

QOM_END_DECLS

#endif
