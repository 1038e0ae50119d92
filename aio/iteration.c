/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One iteration of the loop: aio_poll().
 *
 * It finds what is ready, then runs bottom halves, handlers and timers, in this
 * order.  How it finds what is ready depends on what there is to do:
 *
 * - With bottom halves to run, check.c decides whether it checks file
 *   descriptors at all.
 * - Otherwise, if it may block, it waits: it polls busily (busy-poll.c) and
 *   then sleeps, in the fd monitor or on the wake word (wake.c).
 * - Otherwise it checks file descriptors once.
 */
#include "aio/context-internal.h"
#include "util/nesting.h"
#include "util/probe.h"

/* ---- Counting ---- */

void aio_count_wake(AioContext *ctx, bool notified)
{
    AioWakeCause cause = AIO_WAKE_BY_OTHER;

    if (!queue_is_empty(&ctx->iteration.ready)) {
        cause = AIO_WAKE_BY_FD;
    } else if (notified || aio_bh_timeout(ctx) == 0) {
        cause = AIO_WAKE_BY_NOTIFICATION;
    } else if (aio_has_timers(ctx) &&
               timer_list_group_deadline_ns(ctx->timers) == 0) {
        cause = AIO_WAKE_BY_TIMER;
    }
    aio_counter_add(&ctx->counters.wakes[cause], 1);
    PROBE(wakeup, ctx, cause);
}

/* File descriptors were checked without waiting. */
static void aio_count_check(AioContext *ctx)
{
    if (aio_counters_want_time(&ctx->counters)) {
        aio_counters_checked(&ctx->counters, aio_ticks());
    }
}

void aio_count_start(AioContext *ctx)
{
    if (aio_counters_want_time(&ctx->counters)) {
        aio_counters_start(&ctx->counters, aio_ticks());
    }
}

/* ---- Waiting ---- */

/*
 * Sleeping on the wake word, when no file descriptor is watched.  A thread that
 * adds a handler increments n_watched and then calls aio_notify(), which finds
 * this context armed or leaves NOTIFIED for aio_arm() to find.  It therefore
 * does not matter when n_watched was read.
 */
static bool aio_may_sleep_on_futex(AioContext *ctx)
{
    return !aio_watches(ctx) && !ctx->source.is_armed;
}

/* Returns: for how long it was allowed to sleep */
static int64_t aio_sleep_on_futex(AioContext *ctx)
{
    const unsigned bits = AIO_WAKE_ARMED | AIO_WAKE_FUTEX;
    int64_t timeout_ns = aio_arm(ctx, bits);

    aio_counters_begin_wait(&ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    /* The monitor closes what is no longer watched. */
    aio_fdmon_flush(ctx);
    if (timeout_ns != 0) {
        aio_sleep_on_word(ctx, bits, timeout_ns);
    }
    return timeout_ns;
}

static int64_t aio_sleep_on_monitor(AioContext *ctx)
{
    int64_t timeout_ns;

    aio_find_closed_fds_if_due(ctx);
    timeout_ns = aio_arm(ctx, AIO_WAKE_ARMED);
    aio_counters_begin_wait(&ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    aio_fdmon_wait(ctx, timeout_ns);
    return timeout_ns;
}

static void aio_sleep(AioContext *ctx)
{
    int64_t timeout_ns;
    bool notified;

    PROBE(sleep_begin, ctx);
    timeout_ns = aio_may_sleep_on_futex(ctx) ? aio_sleep_on_futex(ctx)
                                             : aio_sleep_on_monitor(ctx);
    PROBE(sleep_end, ctx);

    aio_check_note_wait(ctx,
                        aio_counters_end_wait(&ctx->counters, aio_ticks()));
    notified = aio_disarm(ctx);
    if (timeout_ns != 0) {
        aio_count_wake(ctx, notified);
    }
}

static void aio_wait_polling(AioContext *ctx)
{
    bool found;

    aio_counters_begin_wait(&ctx->counters, AIO_TIME_POLLING, aio_ticks());
    PROBE(poll_begin, ctx);
    found = aio_busy_poll(ctx);
    PROBE(poll_end, ctx, found);
    if (found) {
        aio_check_monitor_if_overdue(ctx);
        aio_check_note_wait(ctx,
                            aio_counters_end_wait(&ctx->counters, aio_ticks()));
        /* Work that was there before is no end of a wait. */
        if (aio_busy_poll_has_waited(ctx)) {
            aio_count_wake(ctx, aio_is_notified(&ctx->wake));
        }
        aio_notify_accept(ctx);
    } else {
        aio_sleep(ctx);
    }
    aio_busy_poll_update(ctx);
}

/* Waits until something is ready, a timer has expired, or aio_notify(). */
static void aio_wait(AioContext *ctx)
{
    if (aio_check_before_wait(ctx)) {
        aio_count_check(ctx);
        aio_counter_add(&ctx->counters.wakes[AIO_WAKE_BY_FD], 1);
        aio_notify_accept(ctx);
        return;
    }
    if (aio_may_busy_poll(ctx)) {
        aio_wait_polling(ctx);
    } else {
        aio_sleep(ctx);
    }
}

/* Steps 1 to 3 of docs/event-loop.md: puts ready handlers on the ready list. */
static void aio_find_ready(AioContext *ctx, bool blocking)
{
    if (aio_has_bh(ctx) && aio_bh_timeout(ctx) == 0) {
        aio_check_before_bhs(ctx);
    } else if (blocking) {
        aio_wait(ctx);
    } else {
        aio_check_now(ctx);
        aio_count_check(ctx);
    }
}

static int aio_run_bottom_halves(AioContext *ctx)
{
    int n = aio_has_bh(ctx) ? aio_run_bhs(ctx) : 0;

    aio_check_note_bhs(&ctx->check, n);
    return n;
}

/*
 * Everything that follows the check of file descriptors.
 *
 * Bottom halves run before handlers, so that a handler that was found ready may
 * still be removed by a bottom half that was scheduled before.  Timers come
 * last, because they may have expired while the others ran.
 */
static bool aio_dispatch_iteration(AioContext *ctx)
{
    uint64_t outer = nesting_enter();
    bool progress;

    aio_counter_add(&ctx->counters.iterations, 1);
    ctx->iteration.walk_depth++;
    progress = aio_run_bottom_halves(ctx) > 0;
    if (!queue_is_empty(&ctx->iteration.ready)) {
        progress |= aio_dispatch_ready(ctx);
    }
    ctx->iteration.walk_depth--;
    if (aio_has_deleted_handlers(ctx)) {
        aio_free_deleted_handlers(ctx);
    }
    if (aio_has_timers(ctx)) {
        progress |= timer_list_group_run(ctx->timers);
    }
    nesting_leave(outer);
    return progress;
}

/* ---- Running ---- */

/* Set once, by the layer of coroutines; NULL in programs without. */
static _Atomic(AioBlockingCheck *) blocking_check;

void aio_set_blocking_check(AioBlockingCheck *check)
{
    atomic_store_explicit(&blocking_check, check, memory_order_release);
}

static void check_may_block(void)
{
    AioBlockingCheck *check = atomic_load_explicit(&blocking_check,
                                                   memory_order_acquire);

    if (check) {
        check();
    }
}

bool aio_poll(AioContext *ctx, bool blocking)
{
    bool adopted = aio_run_begin(ctx);
    bool progress;

    if (blocking) {
        check_may_block();
    }
    /* io_poll functions are called in here and may remove handlers. */
    ctx->iteration.walk_depth++;
    aio_find_ready(ctx, blocking);
    ctx->iteration.walk_depth--;
    progress = aio_dispatch_iteration(ctx);
    if (G_UNLIKELY(adopted)) {
        aio_run_end();
    }
    return progress;
}

void aio_dispatch_timed(AioContext *ctx)
{
    bool adopted = aio_run_begin(ctx);

    aio_dispatch_iteration(ctx);
    if (G_UNLIKELY(adopted)) {
        aio_run_end();
    }
}

void aio_dispatch(AioContext *ctx)
{
    aio_count_start(ctx);
    aio_dispatch_timed(ctx);
}
