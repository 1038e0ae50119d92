/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cancelling coroutines.
 *
 * - `cancelled` is set once and stays set.  Every cancellable wait tests it
 *   before it begins.
 * - `cancel_wait` is the function that ends the present wait.  Only the thread
 *   that runs the coroutine's context reads and writes it, so a wait that
 *   begins cannot miss the mark: both are in one thread.
 * - A *request* carries the wish of another thread there, as a bottom half.
 *   The coroutine may end, or move to another context, before the bottom half
 *   runs.  So the request and the coroutine point at each other, under the
 *   lock of the request, and a coroutine that ends takes itself out.
 */
#include "aio/coroutine/coroutine-internal.h"

/* In the thread of the context of @co. */
static void cancel_here(Coroutine *co)
{
    CoCancelFunc *cancel;

    if (atomic_exchange_explicit(&co->cancelled, true,
                                 memory_order_relaxed)) {
        return;
    }
    cancel = co->cancel_wait;
    if (cancel) {
        co->cancel_wait = NULL;
        cancel(co->cancel_opaque);
    }
}

static void cancel_bh(void *opaque)
{
    CoCancelRequest *request = opaque;
    AioContext *ctx;
    Coroutine *co;

    lock_acquire(&request->lock);
    co = request->co;
    ctx = co ? coroutine_get_aio_context(co) : NULL;
    if (co && !in_aio_context_home_thread(ctx)) {
        /* It has moved.  Under the lock it cannot end, so @ctx exists. */
        aio_bh_schedule_oneshot(ctx, cancel_bh, request);
        lock_release(&request->lock);
        return;
    }
    if (co) {
        atomic_store_explicit(&co->cancel_request, NULL,
                              memory_order_relaxed);
    }
    lock_release(&request->lock);
    g_free(request);
    /* It runs in this thread, so it has not ended since. */
    if (co) {
        cancel_here(co);
    }
}

void coroutine_request_cancel(Coroutine *co)
{
    AioContext *ctx = coroutine_get_aio_context(co);
    CoCancelRequest *request;
    CoCancelRequest *none = NULL;

    if (atomic_load_explicit(&co->cancelled, memory_order_relaxed)) {
        return;
    }
    request = g_new0(CoCancelRequest, 1);
    request->co = co;
    if (!atomic_compare_exchange_strong(&co->cancel_request, &none,
                                        request)) {
        g_free(request); /* another thread was first */
        return;
    }
    aio_bh_schedule_oneshot(ctx, cancel_bh, request);
}

void coroutine_cancel(Coroutine *co)
{
    AioContext *ctx = coroutine_get_aio_context(co);

    if (!ctx || in_aio_context_home_thread(ctx)) {
        cancel_here(co);
    } else {
        coroutine_request_cancel(co);
    }
}

bool coroutine_is_cancelled(void)
{
    const Coroutine *self = coroutine_self();

    return atomic_load_explicit(&self->cancelled, memory_order_relaxed) &&
           !self->uncancellable;
}

bool coroutine_set_cancellable(bool cancellable)
{
    Coroutine *self = coroutine_self();
    bool was_cancellable = !self->uncancellable;

    self->uncancellable = !cancellable;
    return was_cancellable;
}

void coroutine_yield_cancellable(CoCancelFunc *cancel, void *opaque)
{
    Coroutine *self = coroutine_self();

    self->cancel_opaque = opaque;
    self->cancel_wait = self->uncancellable ? NULL : cancel;
    coroutine_yield();
    self->cancel_wait = NULL;
}
