/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks and queues for coroutines: a coroutine that must wait yields, and its
 * thread does other work.
 *
 * The coroutines may be in different contexts and threads; each continues in
 * its own context.  All of these structures can be embedded and need no
 * cleanup.  Zero bytes are a structure that is ready for use.
 *
 * Thread: any, in a coroutine, unless a function says otherwise
 * Contract: the API of QEMU 10's "qemu/coroutine.h", its qemu_ names neutral;
 *           docs/coroutines.md
 */
#ifndef QOM_AIO_COROUTINE_LOCK_H
#define QOM_AIO_COROUTINE_LOCK_H

#include "aio/coroutine/coroutine.h"
#include "util/lock.h"

QOM_BEGIN_DECLS

/* ---- CoQueue: coroutines that wait for something ---- */

/* May be embedded; the members are private to the functions below. */
typedef struct CoQueue {
    Coroutine *first;
    Coroutine *last;
} CoQueue;

/* ---- CoMutex ---- */

/*
 * A mutex.  Waiters get it in the order in which they came: the coroutine that
 * unlocks it hands it over, so no other coroutine can take it in between.  It
 * is not recursive, and only the coroutine that has locked it may unlock it.
 */
typedef struct CoMutex {
    QOM_ATOMIC(unsigned) state;
    Lock lock;          /* protects `waiters` */
    CoQueue waiters;
    QOM_ATOMIC(Coroutine *) holder; /* written by the holder */
    QOM_ATOMIC(AioContext *) ctx;   /* of the holder; a hint for spinning */
} CoMutex;

/**
 * co_mutex_init: initializes a mutex
 * @mutex: filled in
 *
 * Thread: the caller's, one at a time
 */
void co_mutex_init(CoMutex *mutex);

/**
 * co_mutex_lock: waits until a mutex is free, and locks it
 * @mutex: the mutex; the call aborts if the caller holds it
 *
 * Spins briefly if the holder is in another context.  The wait is not
 * cancellable.
 */
void coroutine_fn co_mutex_lock(CoMutex *mutex);

/**
 * co_mutex_try_lock: locks a mutex if it is free
 * @mutex: the mutex
 *
 * Returns: true if the caller holds the mutex now
 */
bool coroutine_fn co_mutex_try_lock(CoMutex *mutex);

/**
 * co_mutex_unlock: unlocks a mutex
 * @mutex: the mutex; the call aborts unless the caller holds it
 *
 * The first waiter becomes the holder, and is woken up as by aio_co_wake().
 */
void coroutine_fn co_mutex_unlock(CoMutex *mutex);

/**
 * co_mutex_assert_locked: aborts unless the caller holds a mutex
 * @mutex: the mutex
 */
void coroutine_fn co_mutex_assert_locked(CoMutex *mutex);

/* ---- Using queues ---- */

/*
 * What protects a queue and the condition that its waiters wait for: an object
 * with a function that locks it and one that unlocks it.
 */
typedef struct CoLockable {
    void *object;
    void (*lock)(void *object);
    void (*unlock)(void *object);
} CoLockable;

typedef enum CoQueueWaitFlags {
    CO_QUEUE_WAIT_FRONT = 1 << 0, /* wait before the others */
} CoQueueWaitFlags;

/**
 * co_queue_init: initializes a queue
 * @queue: filled in
 *
 * Thread: the caller's, one at a time
 */
void co_queue_init(CoQueue *queue);

/**
 * co_queue_wait: waits until another coroutine wakes up the caller
 * @queue: the queue; waiters are woken up in the order in which they came
 * @mutex: (nullable) held, and unlocked while the caller waits; NULL if only
 *         one thread uses the queue
 *
 * The wait is not cancellable; see co_queue_wait_until().
 */
void coroutine_fn co_queue_wait(CoQueue *queue, CoMutex *mutex);

/**
 * co_queue_wait_full: waits with any lock, and with flags
 * @queue: the queue
 * @lock: (nullable) as @mutex of co_queue_wait()
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
 * co_queue_next: wakes up the waiter that came first
 * @queue: the queue; its lock is held
 *
 * The waiter continues as after aio_co_wake(): in a coroutine of the same
 * context, when the caller yields.
 *
 * Returns: true; false if no coroutine waits
 */
bool coroutine_fn co_queue_next(CoQueue *queue);

/**
 * co_queue_restart_all: wakes up all waiters, in their order
 * @queue: the queue; its lock is held
 */
void coroutine_fn co_queue_restart_all(CoQueue *queue);

/**
 * co_enter_next: wakes up the waiter that came first, for any caller
 * @queue: the queue
 * @lock: (nullable) held, and unlocked while the waiter runs
 *
 * Returns: true; false if no coroutine waits
 * Thread: any, also outside of coroutines
 */
bool co_enter_next(CoQueue *queue, const CoLockable *lock);

/**
 * co_enter_all: wakes up all waiters, in their order, for any caller
 * @queue: the queue
 * @lock: (nullable) held, and unlocked while the waiters run
 *
 * Thread: any, also outside of coroutines
 */
void co_enter_all(CoQueue *queue, const CoLockable *lock);

/**
 * co_queue_empty: tests whether no coroutine waits
 * @queue: the queue; its lock is held
 *
 * Returns: true if none waits
 * Thread: any, also outside of coroutines
 */
bool co_queue_empty(CoQueue *queue);

/* ---- CoRwlock ---- */

/*
 * A lock for one writer or any number of readers.  It is fair: a coroutine that
 * comes after a waiter waits, also a reader after a writer.  Its waits are not
 * cancellable.
 */
typedef struct CoRwlock {
    Lock lock;       /* protects the other members */
    int owners;      /* number of readers; -1: a writer */
    CoQueue waiters;
} CoRwlock;

/**
 * co_rwlock_init: initializes a lock
 * @rwlock: filled in
 *
 * Thread: the caller's, one at a time
 */
void co_rwlock_init(CoRwlock *rwlock);

/**
 * co_rwlock_rdlock: locks for reading
 * @rwlock: not held by the caller, which would wait for itself as soon as a
 *          writer waits
 */
void coroutine_fn co_rwlock_rdlock(CoRwlock *rwlock);

/**
 * co_rwlock_wrlock: locks for writing
 * @rwlock: not held by the caller
 */
void coroutine_fn co_rwlock_wrlock(CoRwlock *rwlock);

/**
 * co_rwlock_upgrade: changes a lock for reading to one for writing
 * @rwlock: held for reading
 *
 * The caller waits after the waiters that came before.  These may have changed
 * what the lock protects, so what was read before must be read again.
 */
void coroutine_fn co_rwlock_upgrade(CoRwlock *rwlock);

/**
 * co_rwlock_downgrade: changes a lock for writing to one for reading
 * @rwlock: held for writing
 *
 * The lock is held throughout.  Readers at the front of the list of waiters are
 * admitted.
 */
void coroutine_fn co_rwlock_downgrade(CoRwlock *rwlock);

/**
 * co_rwlock_unlock: unlocks
 * @rwlock: held for reading or writing; the call aborts if no coroutine holds
 *          it
 */
void coroutine_fn co_rwlock_unlock(CoRwlock *rwlock);

QOM_END_DECLS

#endif
