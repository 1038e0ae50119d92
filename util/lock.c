/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The classic three-state futex mutex: state 2 is left behind by everybody
 * who slept, so at worst one wake-up too many is made, never one too few.
 * A short spin comes first, as the sections that it guards are short.
 */
#include "util/lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCK_SPINS 40

static void lock_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

void lock_take_contended(Lock *lock)
{
    for (int i = 0; i < LOCK_SPINS; i++) {
        int expected = 0;

        if (__atomic_compare_exchange_n(&lock->state, &expected, 1, 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
        lock_relax();
    }
    while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE) != 0) {
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, 2, NULL, NULL,
                0);
    }
}

void lock_wake_one(Lock *lock)
{
    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
