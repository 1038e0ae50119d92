/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lock: a mutex of four bytes for sections of well under a microsecond.
 *
 * Acquiring a free lock is one atomic operation, and releasing it is a store;
 * both are inlined.  That is half of the cost of a mutex that knows its
 * waiters.  A waiter spins and then sleeps for 50 us at a time.  A Lock is not
 * recursive.  Zero bytes are a Lock that is free.
 *
 * Thread: any
 */
#ifndef QOM_UTIL_LOCK_H
#define QOM_UTIL_LOCK_H

#include "util/atomic.h"
#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Lock {
    QOM_ATOMIC(int) taken; /* 1 while a thread holds it */
} Lock;

/* The slow half of lock_acquire(): waits until @lock is free and takes it. */
void lock_acquire_contended(Lock *lock);

/**
 * lock_init: initializes a lock in memory that is not zeroed
 * @lock: filled in; free afterwards
 *
 * Thread: any, before other threads know @lock
 */
static inline void lock_init(Lock *lock)
{
    /* The lock is published by other means. */
    atomic_store_explicit(&lock->taken, 0, memory_order_relaxed);
}

/**
 * lock_acquire: waits until a lock is free and takes it
 * @lock: not held by the calling thread, which would wait without end
 *
 * Thread: any
 */
static inline void lock_acquire(Lock *lock)
{
    /* Acquire: sees what the last holder wrote. */
    if (G_UNLIKELY(atomic_exchange_explicit(&lock->taken, 1,
                                            memory_order_acquire))) {
        lock_acquire_contended(lock);
    }
}

/**
 * lock_try_acquire: takes a lock if it is free
 * @lock: not necessarily free
 *
 * Returns: true if the calling thread holds @lock now
 * Thread: any
 */
static inline bool lock_try_acquire(Lock *lock)
{
    return !atomic_exchange_explicit(&lock->taken, 1, memory_order_acquire);
}

/**
 * lock_release: lets another thread take a lock
 * @lock: held by the calling thread
 *
 * Thread: the one that acquired @lock
 */
static inline void lock_release(Lock *lock)
{
    /* Release: the next holder sees what this one wrote. */
    atomic_store_explicit(&lock->taken, 0, memory_order_release);
}

QOM_END_DECLS

#endif
