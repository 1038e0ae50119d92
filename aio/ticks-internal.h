/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ticks: a cheap clock for decisions that need only the order of magnitude.
 *
 * On x86-64 a tick is a cycle of the time stamp counter, and reading it costs
 * half as much as clock_get_ns().  Elsewhere a tick is a nanosecond.
 * AIO_QUANTUM_TICKS is the quantum, the loop's unit for "a short time": 2 to 4
 * microseconds on usual machines.
 */
#ifndef QOM_AIO_TICKS_INTERNAL_H
#define QOM_AIO_TICKS_INTERNAL_H

#include "util/clock.h"

#if defined(__x86_64__)
#define AIO_QUANTUM_TICKS 8192
static inline uint64_t aio_ticks(void)
{
    return __builtin_ia32_rdtsc();
}
#else
#define AIO_QUANTUM_TICKS 4000
static inline uint64_t aio_ticks(void)
{
    return clock_get_ns(AIO_CLOCK_REALTIME);
}
#endif

#endif
