/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines in event loops.
 *
 * A coroutine that is handed to a context becomes a one-shot bottom half there.
 * Order, wake-up and access from any thread are those of bottom halves.
 * `scheduled` names the function that is going to enter the coroutine, so that
 * a second attempt can be reported.
 *
 * A coroutine may be woken up before it has yielded: another thread only
 * schedules it in its own context, whose home thread enters it after the yield.
 */
#include "aio/coroutine/coroutine-internal.h"

void coroutine_set_scheduled(Coroutine *co, const char *who, const char *by)
{
    const char *earlier = NULL;

    if (!atomic_compare_exchange_strong(&co->scheduled, &earlier, by)) {
        g_autofree char *what =
            g_strdup_printf("%s: the coroutine is scheduled already", who);

        coroutine_misuse(what, earlier);
    }
}

static void co_schedule_bh(void *opaque)
{
    Coroutine *co = opaque;

    atomic_store_explicit(&co->scheduled, NULL, memory_order_relaxed);
    coroutine_enter_in(atomic_load_explicit(&co->ctx, memory_order_relaxed),
                       co);
}

/*
 * Schedules @co in @ctx, as @who for messages.
 *
 * The coroutine may end, and its owner may drop the context, before the call
 * that scheduled it returns.  The caller cannot prevent this, so this function
 * holds a reference to the context.
 */
static void co_schedule(AioContext *ctx, Coroutine *co, const char *who,
                        const char *by)
{
    bool is_home = in_aio_context_home_thread(ctx);

    if (!ctx) {
        coroutine_misuse("aio_co_wake: the coroutine is in no context", NULL);
    }
    coroutine_set_scheduled(co, who, by);
    if (!is_home) {
        aio_context_ref(ctx);
    }
    atomic_store_explicit(&co->ctx, ctx, memory_order_release);
    aio_bh_schedule_oneshot_full(ctx, co_schedule_bh, co, by);
    if (!is_home) {
        aio_context_unref(ctx);
    }
}

void aio_co_schedule_full(AioContext *ctx, Coroutine *co, const char *name)
{
    co_schedule(ctx, co, "aio_co_schedule", name);
}

/*
 * Wakes up @co in the home thread of @ctx.  A caller that is a coroutine keeps
 * running: @co is added to the list of coroutines that run when it yields.
 */
static void co_enter_here(AioContext *ctx, Coroutine *co, const char *who)
{
    Coroutine *self;

    if (!in_coroutine()) {
        coroutine_enter_in(ctx, co);
        return;
    }
    self = coroutine_self();
    if (self == co) {
        coroutine_misuse("aio_co_wake: a running coroutine wakes itself up",
                         NULL);
    }
    coroutine_set_scheduled(co, who, who);
    co_list_push(&self->wakeups, co);
}

static void co_enter(AioContext *ctx, Coroutine *co, const char *who)
{
    /* A thread without a context is the home thread of none. */
    if (in_aio_context_home_thread(ctx)) {
        co_enter_here(ctx, co, who);
    } else {
        co_schedule(ctx, co, who, who);
    }
}

void aio_co_enter(AioContext *ctx, Coroutine *co)
{
    co_enter(ctx, co, "aio_co_enter");
}

void aio_co_wake(Coroutine *co)
{
    co_enter(coroutine_get_aio_context(co), co, "aio_co_wake");
}

typedef struct Move {
    Coroutine *co;
    AioContext *ctx;
} Move;

/* Runs in the old context, after the coroutine has yielded: the new context
 * must not enter it before. */
static void co_move_bh(void *opaque)
{
    Move *move = opaque; /* on the stack of move->co */

    co_schedule(move->ctx, move->co, "aio_co_reschedule_self",
                "aio_co_reschedule_self");
}

void aio_co_reschedule_self(AioContext *ctx)
{
    AioContext *old_ctx = aio_get_current_context();
    Move move = { .co = coroutine_self(), .ctx = ctx };

    if (ctx == old_ctx) {
        return;
    }
    aio_bh_schedule_oneshot(old_ctx, co_move_bh, &move);
    coroutine_yield();
}
