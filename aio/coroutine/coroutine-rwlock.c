/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoRwlock.
 *
 * - `owners` counts the readers, or is -1 for a writer.
 * - `waiters` is the list of coroutines that wait, in the order in which they
 *   came.
 *
 * Both are used under a four-byte lock.  A coroutine that changes `owners`
 * admits as many waiters from the front of the list as possible.  It counts
 * them as owners immediately, so no other coroutine can come between, and wakes
 * them up after it has released the four-byte lock.
 */
#include "aio/coroutine/coroutine-internal.h"

void co_rwlock_init(CoRwlock *rwlock)
{
    *rwlock = (CoRwlock) { .owners = 0 };
}

/* Makes the caller an owner if that is possible now.  Under the lock.  Returns:
 * true if it is */
static bool rwlock_admit(CoRwlock *rwlock, bool wants_write)
{
    if (wants_write ? rwlock->owners != 0 : rwlock->owners < 0) {
        return false;
    }
    rwlock->owners = wants_write ? -1 : rwlock->owners + 1;
    return true;
}

/* Under the lock.  Returns: the waiters that are owners now, to be woken up */
static CoQueue rwlock_admit_waiters(CoRwlock *rwlock)
{
    CoQueue admitted = { NULL };

    while (rwlock->waiters.first &&
           rwlock_admit(rwlock, rwlock->waiters.first->wants_write)) {
        co_list_push(&admitted, co_list_pop(&rwlock->waiters));
    }
    return admitted;
}

/* A waiter that is entered here may wait again, so it is not in @admitted. */
static void wake_admitted(CoQueue admitted)
{
    Coroutine *co;

    while ((co = co_list_pop(&admitted)) != NULL) {
        aio_co_wake(co);
    }
}

/*
 * Waits until another coroutine has made the caller an owner.  Under the lock,
 * which it releases.  A reader that became a writer has dropped its ownership,
 * which may admit other waiters; otherwise none is admitted here.
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
    wake_admitted(admitted);
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
    wake_admitted(admitted);
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
    wake_admitted(admitted);
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
