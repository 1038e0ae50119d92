/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RFifoLock: a recursive and fair lock that tells when somebody wants it.
 *
 * Those who wait get the lock in the order of their coming, handed over by who
 * leaves it, so a thread that takes it again and again in a loop keeps nobody
 * out.  Who is about to wait first calls the contention callback: it can make
 * the holder, which may sleep in a poll(), give way.
 *
 * It is the lock of aio_context_acquire(), for sources that need one.  New
 * code shares nothing between event loops, or guards it with a lock of its
 * own; nothing in this library takes one.
 *
 * Contract: the lock of the same name that QEMU had until 2.9
 */
#ifndef QOM_UTIL_RFIFOLOCK_H
#define QOM_UTIL_RFIFOLOCK_H

#include "util/macros.h"
#include "util/queue.h"

#include <pthread.h>

QOM_BEGIN_DECLS

/* Embed it; the fields belong to the functions below. */
typedef struct RFifoLock {
    GMutex mutex;
    QueueLink waiters;        /* under mutex; longest wait first */
    pthread_t owner;          /* under mutex; of account if nesting > 0 */
    unsigned nesting;         /* under mutex; 0: free */
    void (*cb)(void *opaque); /* constant */
    void *cb_opaque;
} RFifoLock;

/**
 * rfifolock_init: make a lock of uninitialised memory
 * @lock: filled in
 * @cb: (nullable) called by a thread that is about to wait, and again when
 *      the lock changes hands while others wait; must not use @lock
 * @opaque: passed to @cb
 *
 * Thread: caller's
 */
void rfifolock_init(RFifoLock *lock, void (*cb)(void *opaque), void *opaque);

/**
 * rfifolock_destroy: undo rfifolock_init()
 * @lock: free, and nobody waits; anything else aborts
 *
 * Thread: caller's
 */
void rfifolock_destroy(RFifoLock *lock);

/**
 * rfifolock_lock: wait for the turn of the caller and take the lock
 * @lock: may be held by the caller already
 *
 * Thread: any
 */
void rfifolock_lock(RFifoLock *lock);

/**
 * rfifolock_unlock: undo one rfifolock_lock()
 * @lock: held by the caller; another's aborts
 *
 * With the last one the lock goes to who waits longest.
 *
 * Thread: the one that holds it
 */
void rfifolock_unlock(RFifoLock *lock);

QOM_END_DECLS

#endif
