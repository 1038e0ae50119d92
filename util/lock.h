/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lock: a mutex of four bytes for sections of well under a microsecond.
 *
 * Taking a free one is one atomic operation and leaving it is a store, both
 * inlined: half of what a mutex costs that wakes up who waits for it.  Who
 * must wait spins, then naps.  It is not recursive.  Zero bytes
 * are an unlocked Lock.
 *
 * Thread: any
 */
#ifndef QOM_UTIL_LOCK_H
#define QOM_UTIL_LOCK_H

#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct Lock {
    int taken;
} Lock;

/* The slow half of lock_acquire(). */
void lock_acquire_contended(Lock *lock);

/**
 * lock_init: make a lock of uninitialised memory
 * @lock: filled in
 */
static inline void lock_init(Lock *lock)
{
    lock->taken = 0;
}

/**
 * lock_acquire: wait until the lock is free and take it
 * @lock: not held by the calling thread
 */
static inline void lock_acquire(Lock *lock)
{
    if (G_UNLIKELY(__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))) {
        lock_acquire_contended(lock);
    }
}

/**
 * lock_release: give the lock up
 * @lock: held by the calling thread
 */
static inline void lock_release(Lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

QOM_END_DECLS

#endif
