/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One iteration of the loop, and waking it up.
 *
 * `wake` says whether the loop sleeps.  A loop that is about to sleep sets
 * AIO_WAKE_ARMED and only then looks for bottom halves, timers and an
 * earlier aio_notify().  Who has work publishes it and then looks at `wake`.
 * All of these are sequentially consistent, so one of the two sees the other.
 * Who finds the loop armed disarms it in the same step and alone writes to
 * the notifier: one write for a sleep, none for a loop that is awake.
 *
 * A round that has bottom halves to run need not ask the kernel about
 * descriptors, which costs ten times what running one does.  It still asks in
 * the first such round of a row, and then whenever a few microseconds have
 * passed since it last did; the time is read every STREAK_STEP callbacks.
 */
#include "aio/aio-internal.h"
#include "aio/ticks-internal.h"

#define STREAK_STEP_MAX 16

void aio_notify(AioContext *ctx)
{
    unsigned old = atomic_exchange(&ctx->wake, AIO_WAKE_NOTIFIED);

    if (old & AIO_WAKE_ARMED) {
        event_notifier_set(&ctx->notifier);
    }
}

void aio_notify_accept(AioContext *ctx)
{
    if (atomic_load_explicit(&ctx->wake, memory_order_relaxed) &
        AIO_WAKE_NOTIFIED) {
        aio_disarm(ctx);
    }
}

int64_t aio_compute_timeout(AioContext *ctx)
{
    int64_t timeout_ns = aio_bh_timeout(ctx);

    if (timeout_ns == 0 || !aio_has_timers(ctx)) {
        return timeout_ns;
    }
    return soonest_timeout(timeout_ns,
                           timer_list_group_deadline_ns(&ctx->timers));
}

/* Returns: how long to sleep; to be followed by aio_disarm() */
int64_t aio_arm(AioContext *ctx)
{
    unsigned old = atomic_exchange(&ctx->wake, AIO_WAKE_ARMED);

    return old & AIO_WAKE_NOTIFIED ? 0 : aio_compute_timeout(ctx);
}

/*
 * An exchange, not a store: what another thread wrote before aio_notify()
 * must be visible after we have forgotten that call.
 */
void aio_disarm(AioContext *ctx)
{
    atomic_exchange(&ctx->wake, ctx->source_armed ? AIO_WAKE_ARMED : 0);
}

/* There are bottom halves to run: may this round leave descriptors alone? */
static bool aio_may_skip_monitor(AioContext *ctx)
{
    uint64_t now;

    if (ctx->streak == 0) {
        return false;
    }
    if (ctx->streak - ctx->streak_checked < ctx->streak_step) {
        return true;
    }
    now = aio_ticks();
    ctx->streak_step = now - ctx->streak_ticks < AIO_TICKS_MOMENT / 4
        ? MIN(ctx->streak_step * 2, STREAK_STEP_MAX) : 1;
    ctx->streak_checked = ctx->streak;
    ctx->streak_ticks = now;
    return now - ctx->monitor_ticks < AIO_TICKS_MOMENT;
}

/* The first round of a row, or a moment has passed. */
static void aio_ask_monitor(AioContext *ctx)
{
    aio_fdmon_wait(ctx, 0);
    if (ctx->streak == 0) {
        ctx->streak_step = 1;
        ctx->streak_checked = 0;
    }
    ctx->monitor_ticks = aio_ticks();
    ctx->streak_ticks = ctx->monitor_ticks;
}

static void aio_look_at_descriptors(AioContext *ctx, bool blocking)
{
    if (aio_has_bh(ctx) && aio_bh_timeout(ctx) == 0) {
        if (aio_may_skip_monitor(ctx)) {
            return;
        }
        aio_ask_monitor(ctx);
    } else if (blocking) {
        aio_fdmon_wait(ctx, aio_arm(ctx));
        aio_disarm(ctx);
        return;
    } else {
        aio_fdmon_wait(ctx, 0);
    }
    aio_notify_accept(ctx);
}

static int aio_run_bottom_halves(AioContext *ctx)
{
    int n = aio_has_bh(ctx) ? aio_bh_poll(ctx) : 0;

    ctx->streak = n > 0 ? ctx->streak + n : 0;
    return n;
}

/* Everything that follows the look at the descriptors. */
bool aio_dispatch_round(AioContext *ctx)
{
    bool progress;

    ctx->walking++;
    progress = aio_run_bottom_halves(ctx) > 0;
    progress |= aio_dispatch_ready(ctx);
    ctx->walking--;
    if (aio_has_deleted_handlers(ctx)) {
        aio_free_deleted_handlers(ctx);
    }
    if (aio_has_timers(ctx)) {
        progress |= timer_list_group_run(&ctx->timers);
    }
    return progress;
}

bool aio_poll(AioContext *ctx, bool blocking)
{
    bool lent = aio_run_begin(ctx);
    bool progress;

    ctx->walking++;
    aio_look_at_descriptors(ctx, blocking);
    ctx->walking--;
    progress = aio_dispatch_round(ctx);
    if (G_UNLIKELY(lent)) {
        aio_run_end();
    }
    return progress;
}

void aio_dispatch(AioContext *ctx)
{
    bool lent = aio_run_begin(ctx);

    aio_dispatch_round(ctx);
    if (G_UNLIKELY(lent)) {
        aio_run_end();
    }
}
