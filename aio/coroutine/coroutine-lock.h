/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks and queues for coroutines: who must wait yields, and its thread goes
 * on with something else.
 *
 * The coroutines may be in different contexts and threads; each goes on in its
 * own.  All of these structures are embedded in others, need no cleanup, and
 * zero bytes are one that is ready for use.
 *
 * Thread: any, in a coroutine, unless a function says something else
 * Contract: the API of QEMU 10's "qemu/coroutine.h", its qemu_ names neutral;
 *           docs/coroutines.md
 */
#ifndef QOM_AIO_COROUTINE_LOCK_H
#define QOM_AIO_COROUTINE_LOCK_H

#include "aio/coroutine/coroutine.h"
#include "util/lock.h"

QOM_BEGIN_DECLS

/* ---- CoQueue: coroutines that wait for something ---- */

/* Embed it; the fields belong to the functions below. */
typedef struct CoQueue {
    Coroutine *first;
    Coroutine *last;
} CoQueue;

/* ---- CoMutex ---- */

/*
 * A mutex.  Those who wait get it in the order of their coming, handed over
 * by who unlocks it, so nobody can slip in.  It is not recursive, and is
 * unlocked by the coroutine that locked it.
 */
typedef struct CoMutex {
    QOM_ATOMIC(unsigned) state;
    Lock lock;          /* guards waiters */
    CoQueue waiters;
    QOM_ATOMIC(Coroutine *) holder; /* written by the holder */
    QOM_ATOMIC(AioContext *) ctx;   /* where the holder is; a hint */
} CoMutex;

/**
 * co_mutex_init: make a mutex of uninitialised memory
 * @mutex: filled in
 *
 * Thread: caller's
 */
void co_mutex_init(CoMutex *mutex);

/**
 * co_mutex_lock: wait until the mutex is free and take it
 * @mutex: not held by the caller, which aborts
 *
 * Spins for a moment when the holder is in another thread.
 */
void coroutine_fn co_mutex_lock(CoMutex *mutex);

/**
 * co_mutex_try_lock: take the mutex if it is free
 *
 * Returns: true if it is the caller's now
 */
bool coroutine_fn co_mutex_try_lock(CoMutex *mutex);

/**
 * co_mutex_unlock: give the mutex up
 * @mutex: held by the caller; another's aborts
 *
 * The next one that waits is woken up, as aio_co_wake() does.
 */
void coroutine_fn co_mutex_unlock(CoMutex *mutex);

/**
 * co_mutex_assert_locked: abort unless the caller holds the mutex
 */
void coroutine_fn co_mutex_assert_locked(CoMutex *mutex);

/* ---- Using queues ---- */

/*
 * Whatever guards a queue and what is waited for: how to lock and unlock it.
 */
typedef struct CoLockable {
    void *object;
    void (*lock)(void *object);
    void (*unlock)(void *object);
} CoLockable;

typedef enum CoQueueWaitFlags {
    CO_QUEUE_WAIT_FRONT = 1 << 0, /* come before those who wait already */
} CoQueueWaitFlags;

/**
 * co_queue_init: make a queue of uninitialised memory
 * @queue: filled in
 *
 * Thread: caller's
 */
void co_queue_init(CoQueue *queue);

/**
 * co_queue_wait: wait to be woken up
 * @queue: last come, last served
 * @mutex: (nullable) held; free while the caller waits; NULL when only one
 *         thread uses the queue
 */
void coroutine_fn co_queue_wait(CoQueue *queue, CoMutex *mutex);

/**
 * co_queue_wait_full: as co_queue_wait(), with any lock and with flags
 * @lock: (nullable) as @mutex
 * @flags: of CoQueueWaitFlags
 */
void coroutine_fn co_queue_wait_full(CoQueue *queue, const CoLockable *lock,
                                     unsigned flags);

/**
 * co_queue_wait_until: waits with a deadline, and can be cancelled
 * @queue: the queue; what guards it is held
 * @lock: (nullable) as for co_queue_wait_full()
 * @deadline_ns: time of AIO_CLOCK_REALTIME, nanoseconds; -1: no limit
 *
 * A wake-up is not lost: if the wait ends early, co_queue_next() wakes up the
 * next waiter instead.
 *
 * Returns: 0 if another coroutine has woken up the caller; -ETIMEDOUT;
 *          -ECANCELED, at once if the coroutine was cancelled before.  @lock is
 *          held in each case
 */
int coroutine_fn co_queue_wait_until(CoQueue *queue, const CoLockable *lock,
                                     int64_t deadline_ns);

/**
 * co_queue_next: wake up the one that waits longest
 * @queue: what guards it is held
 *
 * It goes on as aio_co_wake() says, so in a coroutine of the same context
 * after that one yields.
 *
 * Returns: true; false when nobody waits
 */
bool coroutine_fn co_queue_next(CoQueue *queue);

/**
 * co_queue_restart_all: wake up all that wait now, in their order
 * @queue: what guards it is held
 */
void coroutine_fn co_queue_restart_all(CoQueue *queue);

/**
 * co_enter_next: co_queue_next() for callers that are not coroutines
 * @queue: the queue
 * @lock: (nullable) held; free while the coroutine runs
 *
 * Returns: true; false when nobody waits
 * Thread: any, also outside of coroutines
 */
bool co_enter_next(CoQueue *queue, const CoLockable *lock);

/**
 * co_enter_all: co_enter_next() for all that wait now
 *
 * Thread: any, also outside of coroutines
 */
void co_enter_all(CoQueue *queue, const CoLockable *lock);

/**
 * co_queue_empty: does nobody wait?
 * @queue: what guards it is held
 *
 * Thread: any, also outside of coroutines
 */
bool co_queue_empty(CoQueue *queue);

/* ---- CoRwlock ---- */

/*
 * One writer or any number of readers.  It is fair: who comes after somebody
 * that waits, waits, a reader after a writer too.
 */
typedef struct CoRwlock {
    Lock lock;       /* guards what follows */
    int owners;      /* readers; -1 for a writer */
    CoQueue waiters;
} CoRwlock;

/**
 * co_rwlock_init: make a lock of uninitialised memory
 * @rwlock: filled in
 *
 * Thread: caller's
 */
void co_rwlock_init(CoRwlock *rwlock);

/**
 * co_rwlock_rdlock: lock for reading
 * @rwlock: not held by the caller, which would wait for itself as soon as a
 *          writer waits
 */
void coroutine_fn co_rwlock_rdlock(CoRwlock *rwlock);

/**
 * co_rwlock_wrlock: lock for writing
 * @rwlock: not held by the caller
 */
void coroutine_fn co_rwlock_wrlock(CoRwlock *rwlock);

/**
 * co_rwlock_upgrade: from reading to writing
 * @rwlock: held for reading
 *
 * Waits its turn: writers that came before may have changed things meanwhile.
 */
void coroutine_fn co_rwlock_upgrade(CoRwlock *rwlock);

/**
 * co_rwlock_downgrade: from writing to reading, without letting go
 * @rwlock: held for writing
 *
 * Readers that are next in the queue come in.
 */
void coroutine_fn co_rwlock_downgrade(CoRwlock *rwlock);

/**
 * co_rwlock_unlock: give the lock up
 * @rwlock: held for reading or writing; one that nobody holds aborts
 */
void coroutine_fn co_rwlock_unlock(CoRwlock *rwlock);

QOM_END_DECLS

#endif
