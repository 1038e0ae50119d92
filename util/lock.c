/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a Lock.
 *
 * A waiter spins first, in case the holder is running.  It then sleeps for
 * 50 us at a time, in case the holder was preempted or has a lower priority.
 * It never calls sched_yield(): on a busy machine the yielding thread goes to
 * the end of the run queue and may not run again for milliseconds, while a
 * thread that wakes up is preferred.
 */
#include "util/lock.h"

#include <time.h>

#define LOCK_SPINS 100 /* a few microseconds; a section takes less */
#define LOCK_SLEEP_NS 50000

static void lock_relax(unsigned spins)
{
    static const struct timespec pause = { .tv_nsec = LOCK_SLEEP_NS };

    if (spins < LOCK_SPINS) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    } else {
        nanosleep(&pause, NULL);
    }
}

void lock_acquire_contended(Lock *lock)
{
    unsigned spins = 0;

    do {
        /* Only a load: an exchange would move the cache line to this CPU.
         * Relaxed, because the exchange below gives the order. */
        while (atomic_load_explicit(&lock->taken, memory_order_relaxed)) {
            lock_relax(spins++);
        }
    } while (!lock_try_acquire(lock));
}
