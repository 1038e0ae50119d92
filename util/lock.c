/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a Lock.  Spinning covers a holder that runs; napping, one that
 * was preempted or is of lower priority.  Nobody yields: where others compute,
 * who yields is behind all of them and comes back after milliseconds, but who
 * wakes up is put first.
 */
#include "util/lock.h"

#include <time.h>

#define LOCK_SPINS 100
#define LOCK_NAP_NS 50000

static void lock_relax(unsigned turn)
{
    static const struct timespec nap = { .tv_nsec = LOCK_NAP_NS };

    if (turn < LOCK_SPINS) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    } else {
        nanosleep(&nap, NULL);
    }
}

void lock_acquire_contended(Lock *lock)
{
    unsigned turn = 0;

    do {
        while (__atomic_load_n(&lock->taken, __ATOMIC_RELAXED)) {
            lock_relax(turn++);
        }
    } while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE));
}
