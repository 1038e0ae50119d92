/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoQueue.
 *
 * - A queue is a list under the lock of its user, linked by `queue_next`.  A
 *   waiter appends itself, releases the lock and yields.  A coroutine that
 *   takes it out of the list wakes it up.
 * - A wait with a deadline or for a coroutine that is cancelled ends early, in
 *   the waiter's home thread, where the user's lock cannot be taken.  So the
 *   waiter stays in the list, has given up, and takes itself out when it has
 *   the lock again.
 * - `queue_state` decides between the two: the thread that changes it from
 *   WAITING wakes up the coroutine.
 */
#include "aio/coroutine/coroutine-internal.h"
#include "aio/timer.h"

#include <errno.h>

enum {
    WAITING,  /* also for waits that cannot end early */
    WOKEN,    /* taken out of the list */
    GIVEN_UP, /* in the list, and woken up by its home thread */
};

/* ---- The list; under the user's lock ---- */

static void queue_append(CoQueue *queue, Coroutine *co)
{
    co->queue_next = NULL;
    if (queue->first) {
        queue->last->queue_next = co;
    } else {
        queue->first = co;
    }
    queue->last = co;
}

static void queue_prepend(CoQueue *queue, Coroutine *co)
{
    co->queue_next = queue->first;
    if (!queue->first) {
        queue->last = co;
    }
    queue->first = co;
}

/* @before: (nullable) the coroutine before @co; NULL: @co is the first */
static void queue_unlink(CoQueue *queue, Coroutine *before, Coroutine *co)
{
    if (before) {
        before->queue_next = co->queue_next;
    } else {
        queue->first = co->queue_next;
    }
    if (queue->last == co) {
        queue->last = before;
    }
}

/* @co has given up, so it is in the list. */
static void queue_remove_waiter(CoQueue *queue, Coroutine *co)
{
    Coroutine *before = NULL;

    for (Coroutine *at = queue->first; at != co; at = at->queue_next) {
        before = at;
    }
    queue_unlink(queue, before, co);
}

/* Returns: true for the first caller, which must wake up @co */
static bool change_state(Coroutine *co, int to)
{
    int from = WAITING;

    return atomic_compare_exchange_strong(&co->queue_state, &from, to);
}

/* Takes out the first waiter that has not given up.  Returns: (nullable) the
 * waiter, which the caller must wake up */
static Coroutine *queue_take(CoQueue *queue)
{
    Coroutine *before = NULL;
    Coroutine *co = queue->first;

    while (co && !change_state(co, WOKEN)) {
        before = co;
        co = co->queue_next;
    }
    if (!co) {
        return NULL;
    }
    queue_unlink(queue, before, co);
    return co;
}

/* Takes out all waiters that have not given up.  Returns: a list of them */
static CoQueue queue_take_all(CoQueue *queue)
{
    CoQueue taken = { NULL };
    Coroutine *co;

    while ((co = queue_take(queue)) != NULL) {
        queue_append(&taken, co);
    }
    return taken;
}

/* A coroutine that is entered here may wait again, so it is taken out of the
 * list first. */
static void wake_all(CoQueue *taken)
{
    while (taken->first) {
        Coroutine *co = taken->first;

        taken->first = co->queue_next;
        aio_co_wake(co);
    }
}

/* ---- Waiting ---- */

void co_queue_init(CoQueue *queue)
{
    *queue = (CoQueue) { NULL };
}

/* From the unlocking on, another thread may wake up the waiter. */
static void wait_begin(CoQueue *queue, Coroutine *self,
                       const CoLockable *lock, unsigned flags)
{
    atomic_store_explicit(&self->queue_state, WAITING, memory_order_relaxed);
    if (flags & CO_QUEUE_WAIT_FRONT) {
        queue_prepend(queue, self);
    } else {
        queue_append(queue, self);
    }
    if (lock) {
        lock->unlock(lock->object);
    }
}

void co_queue_wait_full(CoQueue *queue, const CoLockable *lock,
                        unsigned flags)
{
    wait_begin(queue, coroutine_self(), lock, flags);
    coroutine_yield();
    if (lock) {
        lock->lock(lock->object);
    }
}

static void mutex_lock(void *object)
{
    co_mutex_lock(object);
}

static void mutex_unlock(void *object)
{
    co_mutex_unlock(object);
}

void co_queue_wait(CoQueue *queue, CoMutex *mutex)
{
    CoLockable lock = {
        .object = mutex, .lock = mutex_lock, .unlock = mutex_unlock,
    };

    co_queue_wait_full(queue, mutex ? &lock : NULL, 0);
}

/* A wait that can end early, on the stack of the waiter. */
typedef struct QueueWait {
    Coroutine *co;
    int ret; /* why it has ended early; 0: it has not */
} QueueWait;

/* Ends a wait early, unless the waiter was woken up before. */
static void give_up(QueueWait *wait, int ret)
{
    if (change_state(wait->co, GIVEN_UP)) {
        wait->ret = ret;
        aio_co_wake(wait->co);
    }
}

static void wait_expired(void *opaque)
{
    give_up(opaque, -ETIMEDOUT);
}

static void wait_cancelled(void *opaque)
{
    give_up(opaque, -ECANCELED);
}

/* After an early end the waiter is still in the list, and removes itself. */
int co_queue_wait_until(CoQueue *queue, const CoLockable *lock,
                        int64_t deadline_ns)
{
    QueueWait wait = { .co = coroutine_self() };
    AioTimer timer;

    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    wait_begin(queue, wait.co, lock, 0);
    if (deadline_ns >= 0) {
        aio_timer_init(aio_get_current_context(), &timer, AIO_CLOCK_REALTIME,
                       SCALE_NS, wait_expired, &wait);
        timer_mod_ns(&timer, deadline_ns);
    }
    coroutine_yield_cancellable(wait_cancelled, &wait);
    if (deadline_ns >= 0) {
        timer_del(&timer);
        timer_deinit(&timer);
    }
    if (lock) {
        lock->lock(lock->object);
    }
    if (wait.ret < 0) {
        queue_remove_waiter(queue, wait.co);
    }
    return wait.ret;
}

/* ---- Waking up ---- */

bool co_queue_next(CoQueue *queue)
{
    return co_enter_next(queue, NULL);
}

void co_queue_restart_all(CoQueue *queue)
{
    co_enter_all(queue, NULL);
}

/* The lock is released while the coroutine runs, which may take it. */
bool co_enter_next(CoQueue *queue, const CoLockable *lock)
{
    Coroutine *co = queue_take(queue);

    if (!co) {
        return false;
    }
    if (lock) {
        lock->unlock(lock->object);
    }
    aio_co_wake(co);
    if (lock) {
        lock->lock(lock->object);
    }
    return true;
}

void co_enter_all(CoQueue *queue, const CoLockable *lock)
{
    CoQueue taken = queue_take_all(queue);

    if (!taken.first) {
        return;
    }
    if (lock) {
        lock->unlock(lock->object);
    }
    wake_all(&taken);
    if (lock) {
        lock->lock(lock->object);
    }
}

/* A waiter that has given up is still in the list, but does not wait. */
bool co_queue_empty(CoQueue *queue)
{
    for (Coroutine *co = queue->first; co; co = co->queue_next) {
        if (atomic_load(&co->queue_state) == WAITING) {
            return false;
        }
    }
    return true;
}
