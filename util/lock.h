/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lock: a mutex of four bytes for short critical sections.
 *
 * Taking and leaving a free one is one atomic operation each, inlined;
 * who must wait sleeps in the kernel.  It is not recursive.  Zero bytes are
 * an unlocked Lock.
 *
 * Thread: any
 */
#ifndef QOM_UTIL_LOCK_H
#define QOM_UTIL_LOCK_H

#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct Lock {
    int state; /* 0 free, 1 taken, 2 taken and somebody may sleep */
} Lock;

/* The slow halves of what follows. */
void lock_take_contended(Lock *lock);
void lock_wake_one(Lock *lock);

/**
 * lock_take: wait until the lock is free and take it
 * @lock: not held by the calling thread
 */
static inline void lock_take(Lock *lock)
{
    int expected = 0;

    if (!__atomic_compare_exchange_n(&lock->state, &expected, 1, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        lock_take_contended(lock);
    }
}

/**
 * lock_leave: give the lock up
 * @lock: held by the calling thread
 */
static inline void lock_leave(Lock *lock)
{
    if (__atomic_exchange_n(&lock->state, 0, __ATOMIC_RELEASE) == 2) {
        lock_wake_one(lock);
    }
}

/**
 * lock_init: make a lock of uninitialised memory
 * @lock: filled in
 */
static inline void lock_init(Lock *lock)
{
    lock->state = 0;
}

QOM_END_DECLS

#endif
