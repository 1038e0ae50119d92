/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoQueue and CoRwlock.
 *
 * A CoQueue is a list under its user's lock.  A waiter enters the list, drops
 * the lock and yields; whoever takes it out wakes it up.
 *
 * A CoRwlock is a number of owners and a list of who waits, under a four-byte
 * lock.  Whoever changes the number lets in, from the front of the list, as
 * many as can be: it counts them as owners there and then, so what they
 * waited for cannot be taken from them, and wakes them up after leaving the
 * lock.
 */
#include "aio/coroutine/coroutine-internal.h"

/* ---- CoQueue ---- */

void co_queue_init(CoQueue *queue)
{
    *queue = (CoQueue) { NULL };
}

void co_queue_wait_full(CoQueue *queue, const CoLockable *lock,
                        unsigned flags)
{
    Coroutine *self = coroutine_self();

    if (flags & CO_QUEUE_WAIT_FRONT) {
        co_list_push_front(queue, self);
    } else {
        co_list_push(queue, self);
    }
    if (lock) {
        lock->unlock(lock->object);
    }
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

bool co_queue_next(CoQueue *queue)
{
    Coroutine *co = co_list_pop(queue);

    if (!co) {
        return false;
    }
    aio_co_wake(co);
    return true;
}

/* One that is entered here and now may wait again: not in our list. */
static void wake_list(CoQueue list)
{
    while (co_queue_next(&list)) {
    }
}

static CoQueue co_list_take(CoQueue *queue)
{
    CoQueue list = *queue;

    queue->first = NULL;
    return list;
}

void co_queue_restart_all(CoQueue *queue)
{
    wake_list(co_list_take(queue));
}

bool co_enter_next(CoQueue *queue, const CoLockable *lock)
{
    Coroutine *co = co_list_pop(queue);

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
    CoQueue list = co_list_take(queue);

    if (!list.first) {
        return;
    }
    if (lock) {
        lock->unlock(lock->object);
    }
    wake_list(list);
    if (lock) {
        lock->lock(lock->object);
    }
}

bool co_queue_empty(CoQueue *queue)
{
    return !queue->first;
}

/* ---- CoRwlock ---- */

void co_rwlock_init(CoRwlock *rwlock)
{
    *rwlock = (CoRwlock) { .owners = 0 };
}

/* Under its lock.  Returns: true if @wants_write may have it now */
static bool rwlock_admit(CoRwlock *rwlock, bool wants_write)
{
    if (wants_write ? rwlock->owners != 0 : rwlock->owners < 0) {
        return false;
    }
    rwlock->owners = wants_write ? -1 : rwlock->owners + 1;
    return true;
}

/* Under its lock.  Returns: those who are owners now, to be woken up */
static CoQueue rwlock_admit_waiters(CoRwlock *rwlock)
{
    CoQueue admitted = { NULL };

    while (rwlock->waiters.first &&
           rwlock_admit(rwlock, rwlock->waiters.first->wants_write)) {
        co_list_push(&admitted, co_list_pop(&rwlock->waiters));
    }
    return admitted;
}

/*
 * Under its lock, which it leaves.  Who gave up reading in order to write lets
 * others in; nobody else has an effect on them.
 */
static void rwlock_wait(CoRwlock *rwlock, bool wants_write)
{
    Coroutine *self = coroutine_self();
    CoQueue admitted;

    if (!self->caller) {
        coroutine_misuse("co_rwlock: would wait outside of a coroutine",
                         NULL);
    }
    self->wants_write = wants_write;
    co_list_push(&rwlock->waiters, self);
    admitted = rwlock_admit_waiters(rwlock);
    lock_release(&rwlock->lock);
    wake_list(admitted);
    coroutine_yield();
}

static void rwlock_lock(CoRwlock *rwlock, bool wants_write)
{
    coroutine_self()->locks_held++;
    lock_acquire(&rwlock->lock);
    if (!rwlock->waiters.first && rwlock_admit(rwlock, wants_write)) {
        lock_release(&rwlock->lock);
    } else {
        rwlock_wait(rwlock, wants_write);
    }
}

void co_rwlock_rdlock(CoRwlock *rwlock)
{
    rwlock_lock(rwlock, false);
}

void co_rwlock_wrlock(CoRwlock *rwlock)
{
    rwlock_lock(rwlock, true);
}

void co_rwlock_unlock(CoRwlock *rwlock)
{
    CoQueue admitted;

    lock_acquire(&rwlock->lock);
    if (rwlock->owners == 0) {
        coroutine_misuse("co_rwlock_unlock: nobody holds the lock", NULL);
    }
    rwlock->owners = rwlock->owners < 0 ? 0 : rwlock->owners - 1;
    admitted = rwlock_admit_waiters(rwlock);
    lock_release(&rwlock->lock);
    coroutine_self()->locks_held--;
    wake_list(admitted);
}

void co_rwlock_downgrade(CoRwlock *rwlock)
{
    CoQueue admitted;

    lock_acquire(&rwlock->lock);
    if (rwlock->owners >= 0) {
        coroutine_misuse("co_rwlock_downgrade: the lock is not held for "
                         "writing", NULL);
    }
    rwlock->owners = 1;
    admitted = rwlock_admit_waiters(rwlock);
    lock_release(&rwlock->lock);
    wake_list(admitted);
}

void co_rwlock_upgrade(CoRwlock *rwlock)
{
    lock_acquire(&rwlock->lock);
    if (rwlock->owners <= 0) {
        coroutine_misuse("co_rwlock_upgrade: the lock is not held for "
                         "reading", NULL);
    }
    rwlock->owners--;
    if (!rwlock->waiters.first && rwlock_admit(rwlock, true)) {
        lock_release(&rwlock->lock);
    } else {
        rwlock_wait(rwlock, true);
    }
}
