/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The virtual clock is one number: while the clock stands, the time it
 * shows; while it runs, what to add to the monotonic clock, less a bias that
 * puts all such numbers below every time that can be shown.  So readers need
 * no lock.
 */
#include "util/clock.h"

#include <stdatomic.h>
#include <time.h>

#define VIRTUAL_BIAS (INT64_MAX / 2 + 1)

static _Atomic int64_t virtual_clock;

static int64_t clock_read(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

static int64_t clock_virtual_at(int64_t state, int64_t monotonic_ns)
{
    return state >= 0 ? state : monotonic_ns + (state + VIRTUAL_BIAS);
}

int64_t clock_get_ns(AioClockType type)
{
    int64_t state;

    switch (type) {
    case AIO_CLOCK_HOST:
        return clock_read(CLOCK_REALTIME);
    case AIO_CLOCK_VIRTUAL:
    case AIO_CLOCK_VIRTUAL_RT:
        state = atomic_load(&virtual_clock);
        if (state >= 0) {
            return state;
        }
        return clock_virtual_at(state, clock_read(CLOCK_MONOTONIC));
    default:
        return clock_read(CLOCK_MONOTONIC);
    }
}

void clock_virtual_run(bool run)
{
    int64_t state = atomic_load(&virtual_clock);
    int64_t next;

    do {
        int64_t now = clock_read(CLOCK_MONOTONIC);

        if (run == (state < 0)) {
            return;
        }
        next = run ? state - now - VIRTUAL_BIAS
                   : clock_virtual_at(state, now);
    } while (!atomic_compare_exchange_weak(&virtual_clock, &state, next));
}
