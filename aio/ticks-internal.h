/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ticks: has a moment passed?
 *
 * For decisions that need no more than an order of magnitude, at half the
 * price of clock_get_ns() where the processor has a counter.
 */
#ifndef QOM_AIO_TICKS_INTERNAL_H
#define QOM_AIO_TICKS_INTERNAL_H

#include "util/clock.h"

/* AIO_QUANTUM_TICKS is a few microseconds: 2 to 8 on usual machines. */
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
