/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a condition.
 *
 * Only the main thread can wait for another thread's context, and it waits in
 * the main loop.  A kick is therefore an aio_notify() of the main context.  A
 * count of waiters saves it if no thread waits: the waiter increments the count
 * and then tests its condition; the other thread changes the condition and then
 * reads the count.  All of these are sequentially consistent, so either the
 * waiter sees the change or the other thread sees the waiter.
 */
#include "aio/context-internal.h"
#include "aio/aio-wait.h"
#include "util/programming-error.h"

static atomic_uint n_waiters;

AioContext *aio_wait_begin(AioContext *ctx)
{
    AioContext *run_ctx = ctx;

    if (!ctx || !in_aio_context_home_thread(ctx)) {
        run_ctx = aio_get_main_context();
        if (!run_ctx) {
            programming_error("AIO_WAIT_WHILE() needs the main loop's context "
                              "to wait for another thread; call "
                              "aio_main_context_init() first");
        }
        aio_assert_home(run_ctx, "aio_wait_begin (AIO_WAIT_WHILE)");
    }
    atomic_fetch_add(&n_waiters, 1);
    return run_ctx;
}

void aio_wait_end(void)
{
    atomic_fetch_sub(&n_waiters, 1);
}

void aio_wait_kick(void)
{
    /* Adding 0 orders the caller's stores, of any kind, before the reading. */
    if (atomic_fetch_add(&n_waiters, 0) > 0) {
        AioContext *ctx = aio_get_main_context();

        if (ctx) {
            aio_notify(ctx);
        }
    }
}

typedef struct WaitBH {
    AioBHFunc *cb;
    void *opaque;
    atomic_bool done;
} WaitBH;

static void wait_bh(void *opaque)
{
    WaitBH *wait = opaque;

    wait->cb(wait->opaque);
    atomic_store(&wait->done, true);
    aio_wait_kick();
}

void aio_wait_bh_oneshot(AioContext *ctx, AioBHFunc *cb, void *opaque)
{
    WaitBH wait = { .cb = cb, .opaque = opaque };

    aio_bh_schedule_oneshot(ctx, wait_bh, &wait);
    AIO_WAIT_WHILE(ctx, !atomic_load(&wait.done));
}
