/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue of waiters, each with its own condition.
 *
 * An unlock wakes up only the thread that has waited longest.  It makes that
 * thread the owner first, so that no other thread can take the lock between the
 * unlock and the wake-up.
 *
 * The new owner may sleep in the loop while other threads still wait.
 * Therefore the contention callback runs again for them when the lock changes
 * hands.
 */
#include "util/rfifolock.h"
#include "util/programming-error.h"

#include <stdbool.h>

typedef struct Waiter {
    QueueLink link;      /* RFifoLock.waiters */
    pthread_t thread;
    GCond cond;     /* with RFifoLock.mutex */
    bool has_lock;  /* under RFifoLock.mutex */
} Waiter;

void rfifolock_init(RFifoLock *lock, void (*cb)(void *opaque), void *opaque)
{
    g_mutex_init(&lock->mutex);
    queue_init(&lock->waiters);
    lock->nesting = 0;
    lock->cb = cb;
    lock->cb_opaque = opaque;
}

void rfifolock_destroy(RFifoLock *lock)
{
    if (lock->nesting > 0) {
        programming_error("a lock, such as that of aio_context_acquire(), is "
                          "destroyed while a thread holds it; release it "
                          "first");
    }
    g_mutex_clear(&lock->mutex);
}

static bool is_owner(const RFifoLock *lock)
{
    return lock->nesting > 0 && pthread_equal(lock->owner, pthread_self());
}

static void own(RFifoLock *lock, pthread_t thread)
{
    lock->owner = thread;
    lock->nesting = 1;
}

static void call_back(RFifoLock *lock)
{
    if (lock->cb) {
        lock->cb(lock->cb_opaque);
    }
}

/* Waits until another thread has made this one the owner.  Under the mutex. */
static void wait_turn(RFifoLock *lock)
{
    Waiter self = { .thread = pthread_self() };

    g_cond_init(&self.cond);
    queue_push(&lock->waiters, &self.link);
    call_back(lock);
    while (!self.has_lock) {
        g_cond_wait(&self.cond, &lock->mutex);
    }
    g_cond_clear(&self.cond);
}

void rfifolock_lock(RFifoLock *lock)
{
    g_mutex_lock(&lock->mutex);
    if (is_owner(lock)) {
        lock->nesting++;
    } else if (lock->nesting == 0) {
        own(lock, pthread_self());
    } else {
        wait_turn(lock);
    }
    g_mutex_unlock(&lock->mutex);
}

static void hand_over(RFifoLock *lock)
{
    QueueLink *link = queue_pop(&lock->waiters);
    Waiter *next;

    if (!link) {
        return;
    }
    next = container_of(link, Waiter, link);
    own(lock, next->thread);
    next->has_lock = true;
    g_cond_signal(&next->cond);
    if (!queue_is_empty(&lock->waiters)) {
        call_back(lock);
    }
}

void rfifolock_unlock(RFifoLock *lock)
{
    g_mutex_lock(&lock->mutex);
    if (!is_owner(lock)) {
        programming_error("a lock, such as that of aio_context_acquire(), is "
                          "released by a thread that does not hold it");
    }
    if (--lock->nesting == 0) {
        hand_over(lock);
    }
    g_mutex_unlock(&lock->mutex);
}
