/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoMutex.
 *
 * `state` is FREE, HELD or CONTENDED (held, and coroutines wait).  Going from
 * FREE to HELD and back takes one compare-and-swap each.  CONTENDED is entered
 * and left under `lock`, together with the list of waiters.  Unlocking a
 * contended mutex does not pass through FREE: the first waiter becomes the
 * holder and is woken up.  Waiters are thus served in order, and no other
 * coroutine can take the mutex in between.
 *
 * A waiter is on the list before it has yielded, and may be woken up at once.
 * That is safe: a thread that is not the waiter's home thread only schedules it
 * there, and the home thread enters it after the yield.
 */
#include "aio/coroutine/coroutine-internal.h"

#define FREE 0u
#define HELD 1u
#define CONTENDED 2u

#define SPIN_MAX 1000

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" : : : "memory");
#else
    __asm__ volatile("" : : : "memory");
#endif
}

static inline bool change_state(CoMutex *mutex, unsigned from, unsigned to)
{
    return atomic_compare_exchange_strong_explicit(
        &mutex->state, &from, to, memory_order_acq_rel, memory_order_relaxed);
}

static inline Coroutine *get_holder(CoMutex *mutex)
{
    return atomic_load_explicit(&mutex->holder, memory_order_relaxed);
}

static inline void set_holder(CoMutex *mutex, Coroutine *co)
{
    atomic_store_explicit(&mutex->holder, co, memory_order_relaxed);
}

static inline AioContext *context_of(Coroutine *co)
{
    return atomic_load_explicit(&co->ctx, memory_order_relaxed);
}

void co_mutex_init(CoMutex *mutex)
{
    *mutex = (CoMutex) { .state = FREE };
}

/*
 * Spins for up to SPIN_MAX checks while the holder runs in another context.  A
 * holder in the same context cannot continue while this coroutine spins.
 *
 * Returns: true if @self holds the mutex now
 */
static bool mutex_spin(CoMutex *mutex, Coroutine *self)
{
    AioContext *ctx = context_of(self);

    for (int i = 0; i < SPIN_MAX; i++) {
        unsigned state = atomic_load_explicit(&mutex->state,
                                              memory_order_relaxed);

        if (state == FREE) {
            if (change_state(mutex, FREE, HELD)) {
                return true;
            }
        } else if (state == CONTENDED ||
                   atomic_load_explicit(&mutex->ctx,
                                        memory_order_relaxed) == ctx) {
            return false;
        }
        cpu_relax();
    }
    return false;
}

/*
 * Appends @self to the list of waiters, unless the mutex has become free.
 *
 * Returns: true if @self holds the mutex now; false if it must yield
 */
static bool mutex_queue(CoMutex *mutex, Coroutine *self)
{
    bool held = false;

    lock_acquire(&mutex->lock);
    do {
        held = change_state(mutex, FREE, HELD);
    } while (!held && !change_state(mutex, HELD, CONTENDED) &&
             !change_state(mutex, CONTENDED, CONTENDED));
    if (!held) {
        co_list_push(&mutex->waiters, self);
    }
    lock_release(&mutex->lock);
    return held;
}

static G_GNUC_NO_INLINE void mutex_lock_contended(CoMutex *mutex,
                                                  Coroutine *self)
{
    if (get_holder(mutex) == self) {
        coroutine_misuse("co_mutex_lock: the coroutine holds the mutex "
                         "already", NULL);
    }
    if (!self->caller) {
        coroutine_misuse("co_mutex_lock: would wait outside of a coroutine",
                         NULL);
    }
    if (!mutex_spin(mutex, self) && !mutex_queue(mutex, self)) {
        coroutine_yield();
    }
}

static inline void mutex_was_locked(CoMutex *mutex, Coroutine *self)
{
    set_holder(mutex, self);
    atomic_store_explicit(&mutex->ctx, context_of(self), memory_order_relaxed);
    self->locks_held++;
}

void co_mutex_lock(CoMutex *mutex)
{
    Coroutine *self = coroutine_self();

    if (G_UNLIKELY(!change_state(mutex, FREE, HELD))) {
        mutex_lock_contended(mutex, self);
    }
    mutex_was_locked(mutex, self);
}

bool co_mutex_try_lock(CoMutex *mutex)
{
    if (!change_state(mutex, FREE, HELD)) {
        return false;
    }
    mutex_was_locked(mutex, coroutine_self());
    return true;
}

static G_GNUC_NO_INLINE void mutex_hand_over(CoMutex *mutex)
{
    Coroutine *co;

    lock_acquire(&mutex->lock);
    co = co_list_pop(&mutex->waiters);
    set_holder(mutex, co);
    if (!mutex->waiters.first) {
        change_state(mutex, CONTENDED, HELD);
    }
    lock_release(&mutex->lock);
    aio_co_wake(co);
}

void co_mutex_unlock(CoMutex *mutex)
{
    Coroutine *self = coroutine_self();

    if (G_UNLIKELY(get_holder(mutex) != self)) {
        coroutine_misuse("co_mutex_unlock: the coroutine does not hold the "
                         "mutex", NULL);
    }
    self->locks_held--;
    set_holder(mutex, NULL);
    if (G_UNLIKELY(!change_state(mutex, HELD, FREE))) {
        mutex_hand_over(mutex);
    }
}

void co_mutex_assert_locked(CoMutex *mutex)
{
    if (get_holder(mutex) != coroutine_self()) {
        coroutine_misuse("co_mutex_assert_locked: the coroutine does not hold "
                         "the mutex", NULL);
    }
}
