/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When to ask the kernel which file descriptors are ready.
 *
 * A check is a system call.  It costs five to ten times as much as running a
 * bottom half, so it is left out where it is unlikely to find something, but
 * never for longer than a bounded time:
 *
 * - A series is consecutive iterations that each ran a bottom half.  Its first
 *   iteration checks; a later one checks if a quantum has passed since the last
 *   check.  To keep that test cheap the clock is read once in a while only.
 * - Busy polling that keeps finding work in memory checks after
 *   UNCHECKED_QUANTA_MAX quanta.
 * - Where waits keep ending at once, because of file descriptors, the loop
 *   checks before it polls or arms itself.
 *
 * docs/design/event-loop.md has the measurements.
 */
#include "aio/context-internal.h"

/*
 * Bottom halves between two readings of the clock, at most.  One runs in tens
 * of nanoseconds, so 16 of them are well below a quantum, and a reading (10 ns)
 * costs each less than one nanosecond.
 */
#define BH_SERIES_STEP_MAX 16

/*
 * Quanta for which busy polling may find work without a check: about a
 * millisecond.  A check then costs less than a thousandth of the time, and the
 * handler of a file descriptor is delayed by no more than a time slice of the
 * kernel's scheduler.
 */
#define UNCHECKED_QUANTA_MAX 256

/*
 * Consecutive waits that must have ended at once before the loop checks first.
 * A check that finds nothing costs a system call and ends the series, so at
 * most one in this number is wasted.
 */
#define QUICK_WAITS_MIN 16

void aio_check_now(AioContext *ctx)
{
    aio_fdmon_wait(ctx, 0);
    aio_busy_poll_once(ctx);
    if (aio_is_notified(&ctx->wake)) {
        aio_disarm(ctx);
    }
}

/* ---- Bottom halves ---- */

/* Returns: true if this iteration may run its bottom halves without a check */
static bool check_may_be_skipped(AioContext *ctx)
{
    AioCheck *check = &ctx->check;
    uint64_t now;

    if (check->bh_series == 0) {
        return false;
    }
    now = aio_ticks();
    aio_counters_start(&ctx->counters, now);
    /* The longer the callbacks take, the sooner the clock is read again. */
    check->bh_series_step =
        now - check->bh_series_ticks >= AIO_QUANTUM_TICKS / 4
        ? 1 : MIN(check->bh_series_step * 2, BH_SERIES_STEP_MAX);
    check->bh_series_timed = check->bh_series;
    check->bh_series_ticks = now;
    return now - check->last_ticks < AIO_QUANTUM_TICKS;
}

void aio_check_before_bhs_timed(AioContext *ctx)
{
    AioCheck *check = &ctx->check;

    if (check_may_be_skipped(ctx)) {
        return;
    }
    aio_check_now(ctx);
    if (check->bh_series == 0) {
        check->bh_series_step = 1;
        check->bh_series_timed = 0;
    }
    check->last_ticks = aio_ticks();
    check->bh_series_ticks = check->last_ticks;
    aio_counters_checked(&ctx->counters, check->last_ticks);
}

/* ---- Waits ---- */

void aio_check_note_wait(AioContext *ctx, uint64_t ticks)
{
    if (ticks > AIO_QUANTUM_TICKS || queue_is_empty(&ctx->iteration.ready)) {
        ctx->check.quick_waits = 0;
    } else {
        ctx->check.quick_waits++;
    }
}

bool aio_check_before_wait(AioContext *ctx)
{
    /* In polling mode the io_poll functions must be called as well. */
    if (ctx->check.quick_waits < QUICK_WAITS_MIN || ctx->busy.started) {
        return false;
    }
    aio_fdmon_wait(ctx, 0);
    if (queue_is_empty(&ctx->iteration.ready)) {
        ctx->check.quick_waits = 0;
        return false;
    }
    return true;
}

void aio_check_monitor_if_overdue(AioContext *ctx)
{
    if (aio_watches(ctx) &&
        aio_ticks() - ctx->check.last_ticks >
            UNCHECKED_QUANTA_MAX * AIO_QUANTUM_TICKS) {
        aio_fdmon_wait(ctx, 0);
        ctx->check.last_ticks = aio_ticks();
    }
}
