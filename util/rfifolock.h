/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RFifoLock: a recursive and fair lock with a callback on contention.
 *
 * Waiting threads get the lock in the order in which they came.  The thread
 * that releases the lock hands it over, so a thread that locks in a loop does
 * not starve the others.  A thread calls the callback before it waits: the
 * holder may sleep in poll(), and the callback can wake it up.
 *
 * It is the lock of aio_context_acquire(), for sources that need one.  The
 * library never takes it.  New code shares nothing between event loops, or uses
 * its own lock.
 *
 * Contract: the lock of the same name that QEMU had until 2.9
 */
#ifndef QOM_UTIL_RFIFOLOCK_H
#define QOM_UTIL_RFIFOLOCK_H

#include "util/macros.h"
#include "util/queue.h"

#include <pthread.h>

QOM_BEGIN_DECLS

/* To be embedded; only the functions below use the fields. */
typedef struct RFifoLock {
    GMutex mutex;
    QueueLink waiters;        /* under mutex; longest wait first */
    pthread_t owner;          /* under mutex; of account if nesting > 0 */
    unsigned nesting;         /* under mutex; 0: free */
    void (*cb)(void *opaque); /* constant */
    void *cb_opaque;
} RFifoLock;

/**
 * rfifolock_init: initializes a lock
 * @lock: uninitialized memory, filled in
 * @cb: (nullable) called by a thread before it waits, and again when the lock
 *      is handed over while others wait; must not use @lock
 * @opaque: passed to @cb
 *
 * Thread: caller's
 */
void rfifolock_init(RFifoLock *lock, void (*cb)(void *opaque), void *opaque);

/**
 * rfifolock_destroy: frees what rfifolock_init() allocated
 * @lock: not held, and no thread waits for it; otherwise the program aborts
 *
 * Thread: caller's
 */
void rfifolock_destroy(RFifoLock *lock);

/**
 * rfifolock_lock: waits for the lock and takes it
 * @lock: the lock; the caller may hold it already
 *
 * Thread: any
 */
void rfifolock_lock(RFifoLock *lock);

/**
 * rfifolock_unlock: undoes one rfifolock_lock()
 * @lock: held by the calling thread; otherwise the program aborts
 *
 * The last call hands the lock to the thread that waits longest.
 *
 * Thread: the one that holds it
 */
void rfifolock_unlock(RFifoLock *lock);

QOM_END_DECLS

#endif
