/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The home thread of a context.
 *
 * A thread and the context that it runs know each other: `aio_current_ctx` of
 * the thread points to the context, and `home.serial` of the context is the
 * serial number of the thread.  All functions that only the home thread may
 * call compare the first, which costs one load; the second decides who may
 * become the home thread, and explains a mistake.
 *
 * A thread without a context that runs one without a home thread adopts it for
 * that one call.
 */
#include "aio/context-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

__thread AioContext *aio_current_ctx;
/* aio_current_ctx was adopted, see aio_run_begin(). */
static __thread bool current_is_adopted
    __attribute__((tls_model("initial-exec")));

__thread uint64_t aio_own_thread_serial;

uint64_t aio_thread_serial(void)
{
    static _Atomic uint64_t last;

    if (aio_own_thread_serial == 0) {
        aio_own_thread_serial = atomic_fetch_add(&last, 1) + 1;
    }
    return aio_own_thread_serial;
}

void aio_home_thread_forked(void)
{
    aio_own_thread_serial = 0;
    aio_current_ctx = NULL;
    current_is_adopted = false;
}

/* ---- Becoming the home thread ---- */

void aio_set_current_context(AioContext *ctx)
{
    current_is_adopted = false;
    if (aio_current_ctx) {
        if (aio_current_ctx->monitor.ops->thread_leaves) {
            aio_current_ctx->monitor.ops->thread_leaves(aio_current_ctx);
        }
        atomic_store_explicit(&aio_current_ctx->home.id, 0,
                              memory_order_relaxed);
        atomic_store_explicit(&aio_current_ctx->home.serial, 0,
                              memory_order_release);
    }
    if (ctx) {
        uint64_t none = 0;

        aio_assert_not_inherited(ctx, G_STRFUNC);
        if (!atomic_compare_exchange_strong(&ctx->home.serial, &none,
                                            aio_thread_serial())) {
            aio_abort_not_home(ctx, G_STRFUNC);
        }
        atomic_store_explicit(&ctx->home.id, thread_get_id(),
                              memory_order_relaxed);
    }
    aio_current_ctx = ctx;
}

AioContext *aio_get_current_context(void)
{
    return aio_current_ctx ? aio_current_ctx : aio_get_main_context();
}

bool in_aio_context_home_thread(AioContext *ctx)
{
    return aio_current_ctx == ctx;
}

void aio_assert_may_run(AioContext *ctx)
{
    uint64_t serial;

    if (G_LIKELY(aio_current_ctx == ctx)) {
        return;
    }
    aio_assert_not_inherited(ctx, "aio_poll");
    /* Relaxed: of interest is only whether it is this thread's. */
    serial = atomic_load_explicit(&ctx->home.serial, memory_order_relaxed);
    if (serial != 0 && serial != aio_thread_serial()) {
        aio_abort_not_home(ctx, "aio_poll");
    }
}

bool aio_adopt_begin(AioContext *ctx)
{
    aio_assert_may_run(ctx);
    if (G_LIKELY(aio_current_ctx) || atomic_load(&ctx->home.serial)) {
        return false;
    }
    aio_set_current_context(ctx);
    current_is_adopted = true;
    return true;
}

void aio_run_end(void)
{
    if (current_is_adopted) {
        aio_set_current_context(NULL);
    }
}

/* ---- Mistakes ---- */

void aio_abort_not_home(AioContext *ctx, const char *function)
{
    int home_id = atomic_load(&ctx->home.id);
    g_autofree char *home = thread_describe(home_id);
    g_autofree char *self = thread_describe(thread_get_id());

    if (home_id == 0) {
        programming_error("%s() in thread %s: the event loop has no home "
                          "thread; call aio_set_current_context() first",
                          function, self);
    }
    programming_error("%s() in thread %s: the event loop's home thread is %s; "
                      "call it there, from a bottom half that "
                      "aio_bh_schedule_oneshot() schedules", function, self,
                      home);
}

void aio_assert_home_slow(AioContext *ctx, const char *function)
{
    aio_assert_not_inherited(ctx, function);
    if (!in_aio_context_home_thread(ctx)) {
        aio_abort_not_home(ctx, function);
    }
}
