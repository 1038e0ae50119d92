/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sleeping.
 *
 * A CoSleep is one word: NULL, the coroutine that sleeps, or WOKEN, which a
 * wake-up leaves if no coroutine sleeps.  The timer, an early wake-up and a
 * cancellation all exchange the word, and only one of them finds the coroutine.
 * A sleeping coroutine is marked as scheduled, so entering it in another way
 * aborts.
 *
 * co_timeout() runs its function in a second coroutine and sleeps until that
 * has ended.  After the limit the second coroutine is detached: it frees the
 * state itself.
 */
#include "aio/coroutine/coroutine-internal.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/timer.h"

#include <errno.h>

static char woken_mark;
#define WOKEN ((Coroutine *)(void *)&woken_mark)

static inline bool sleep_change(CoSleep *sleep, Coroutine *from,
                                Coroutine *to)
{
    return atomic_compare_exchange_strong_explicit(
        &sleep->to_wake, &from, to, memory_order_acq_rel,
        memory_order_relaxed);
}

void co_sleep_wake(CoSleep *sleep)
{
    Coroutine *co;

    do {
        co = atomic_load_explicit(&sleep->to_wake, memory_order_acquire);
        if (co == WOKEN) {
            return;
        }
    } while (!sleep_change(sleep, co, co ? NULL : WOKEN));
    if (co) {
        atomic_store(&co->scheduled, NULL);
        aio_co_wake(co);
    }
}

/* Takes the mark of an early wake-up, if there is one. */
static bool sleep_was_woken(CoSleep *sleep)
{
    return sleep_change(sleep, WOKEN, NULL);
}

/* As co_sleep_wake(), but leaves no mark if another thread was first. */
static void sleep_cancel(void *opaque)
{
    CoSleep *sleep = opaque;
    Coroutine *co = atomic_load_explicit(&sleep->to_wake,
                                         memory_order_acquire);

    if (co && co != WOKEN && sleep_change(sleep, co, NULL)) {
        atomic_store(&co->scheduled, NULL);
        aio_co_wake(co);
    }
}

static int sleep_result(void)
{
    return coroutine_is_cancelled() ? -ECANCELED : 0;
}

/* Sleeps, under a name for the message if another coroutine is to enter the
 * sleeping one. */
static void sleep_as(CoSleep *sleep, const char *name)
{
    Coroutine *self = coroutine_self();

    if (!self->caller) {
        coroutine_misuse("co_sleep: called outside of a coroutine", NULL);
    }
    coroutine_set_scheduled(self, name, name);
    if (sleep_change(sleep, NULL, self)) {
        coroutine_yield_cancellable(sleep_cancel, sleep);
        return;
    }
    if (!sleep_was_woken(sleep)) {
        coroutine_misuse("co_sleep: another coroutine sleeps there", NULL);
    }
    atomic_store(&self->scheduled, NULL);
}

int co_sleep(CoSleep *sleep)
{
    if (!coroutine_is_cancelled()) {
        sleep_as(sleep, "co_sleep");
    }
    return sleep_result();
}

static void sleep_timer(void *opaque)
{
    co_sleep_wake(opaque);
}

/* Returns the time @ns from now; the largest one if that does not fit. */
static int64_t time_after(AioClockType type, int64_t ns)
{
    int64_t now_ns = clock_get_ns(type);

    return ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + MAX(ns, 0);
}

int co_sleep_ns_wakeable(CoSleep *sleep, AioClockType type, int64_t ns)
{
    AioTimer timer;

    if (coroutine_is_cancelled() || sleep_was_woken(sleep)) {
        return sleep_result();
    }
    aio_timer_init(aio_get_current_context(), &timer, type, SCALE_NS,
                   sleep_timer, sleep);
    timer_mod_ns(&timer, time_after(type, ns));
    sleep_as(sleep, "co_sleep_ns");
    timer_del(&timer);
    timer_deinit(&timer);
    return sleep_result();
}

int co_sleep_ns(AioClockType type, int64_t ns)
{
    CoSleep sleep = { NULL };

    return co_sleep_ns_wakeable(&sleep, type, ns);
}

/* ---- A limit ---- */

typedef struct Timeout {
    CoroutineEntry *entry;
    void *opaque;
    void (*clean)(void *opaque);
    CoSleep sleep;
    bool has_ended;
    bool is_detached; /* no coroutine waits: free this at the end */
} Timeout;

/* The function has ended: wakes up the waiter, or cleans up without it. */
static void timeout_end(Timeout *t)
{
    if (!t->is_detached) {
        t->has_ended = true;
        co_sleep_wake(&t->sleep);
        return;
    }
    if (t->clean) {
        t->clean(t->opaque);
    }
    g_free(t);
}

static void timeout_entry(void *opaque)
{
    Timeout *t = opaque;
    AioContext *ctx = aio_get_current_context();

    t->entry(t->opaque);
    /* @entry may have moved to another context than that of the waiter. */
    aio_co_reschedule_self(ctx);
    timeout_end(t);
}

static int timeout_sleep(Timeout *t, int64_t end_ns)
{
    return co_sleep_ns_wakeable(&t->sleep, AIO_CLOCK_REALTIME,
                                end_ns - clock_get_ns(AIO_CLOCK_REALTIME));
}

/*
 * The wait for the function.  If the caller is cancelled, the function is
 * cancelled too, and gets the rest of the time to end.
 */
static void timeout_wait(Timeout *t, Coroutine *co, uint64_t timeout_ns)
{
    int64_t end_ns = time_after(AIO_CLOCK_REALTIME,
                                MIN(timeout_ns, (uint64_t)INT64_MAX));
    bool was_cancellable;

    if (timeout_sleep(t, end_ns) != -ECANCELED || t->has_ended) {
        return;
    }
    coroutine_cancel(co);
    was_cancellable = coroutine_set_cancellable(false);
    if (!t->has_ended) {
        timeout_sleep(t, end_ns);
    }
    coroutine_set_cancellable(was_cancellable);
}

int co_timeout(CoroutineEntry *entry, void *opaque, uint64_t timeout_ns,
               void (*clean)(void *opaque))
{
    Coroutine *co;
    Timeout *t;

    if (timeout_ns == 0) {
        entry(opaque);
        return 0;
    }
    t = g_new0(Timeout, 1);
    t->entry = entry;
    t->opaque = opaque;
    t->clean = clean;
    co = coroutine_create(timeout_entry, t);
    coroutine_enter(co);
    if (!t->has_ended) {
        timeout_wait(t, co, timeout_ns);
    }
    if (t->has_ended) {
        g_free(t);
        return 0;
    }
    t->is_detached = true;
    return -ETIMEDOUT;
}
