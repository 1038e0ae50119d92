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
#include "util/nesting.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STREAK_STEP_MAX 16
#define POLLED_MOMENTS 256
#define MANY_WAITS 16

static void futex_wait(atomic_uint *word, unsigned value, int64_t timeout_ns)
{
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
            timeout_ns < 0 ? NULL : &ts, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void aio_notify(AioContext *ctx)
{
    unsigned old = atomic_exchange(&ctx->wake, AIO_WAKE_NOTIFIED);

    if (old & AIO_WAKE_FUTEX) {
        futex_wake(&ctx->wake);
    } else if (old & AIO_WAKE_ARMED && !aio_is_inherited(ctx)) {
        event_notifier_set(&ctx->notifier);
    }
}

static bool aio_notify_was_said(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->wake, memory_order_relaxed) &
           AIO_WAKE_NOTIFIED;
}

void aio_notify_accept(AioContext *ctx)
{
    if (aio_notify_was_said(ctx)) {
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
                           timer_list_group_deadline_ns(ctx->timers));
}

/*
 * @wake: AIO_WAKE_ARMED, with AIO_WAKE_FUTEX or without.
 *
 * Returns: how long to sleep; to be followed by aio_disarm()
 */
int64_t aio_arm(AioContext *ctx, unsigned wake)
{
    unsigned old = atomic_exchange(&ctx->wake, wake);

    return old & AIO_WAKE_NOTIFIED ? 0 : aio_compute_timeout(ctx);
}

/*
 * An exchange, not a store: what another thread wrote before aio_notify()
 * must be visible after we have forgotten that call.
 */
bool aio_disarm(AioContext *ctx)
{
    return atomic_exchange(&ctx->wake,
                           ctx->source_armed ? AIO_WAKE_ARMED : 0) &
           AIO_WAKE_NOTIFIED;
}

/* A wait that could last has ended. */
void aio_count_wake(AioContext *ctx, bool notified)
{
    AioWakeCause cause = AIO_WAKE_BY_OTHER;

    if (!queue_is_empty(&ctx->ready)) {
        cause = AIO_WAKE_BY_FD;
    } else if (notified || aio_bh_timeout(ctx) == 0) {
        cause = AIO_WAKE_BY_NOTIFICATION;
    } else if (aio_has_timers(ctx) &&
               timer_list_group_deadline_ns(ctx->timers) == 0) {
        cause = AIO_WAKE_BY_TIMER;
    }
    aio_counter_add(&ctx->counters.wakes[cause], 1);
}

/* The descriptors were checked without a wait. */
static void aio_count_look(AioContext *ctx)
{
    if (aio_counters_want_time(&ctx->counters)) {
        aio_counters_look(&ctx->counters, aio_ticks());
    }
}

/* Callbacks follow that the program calls without aio_poll(). */
void aio_count_start(AioContext *ctx)
{
    if (aio_counters_want_time(&ctx->counters)) {
        aio_counters_start(&ctx->counters, aio_ticks());
    }
}

/* There are bottom halves to run: may this round leave descriptors alone? */
static bool aio_may_skip_monitor(AioContext *ctx)
{
    uint64_t now;
    unsigned n;

    if (ctx->streak == 0) {
        return false;
    }
    n = ctx->streak - ctx->streak_checked;
    if (n < ctx->streak_step && ctx->counters.begin == 0) {
        return true;
    }
    now = aio_ticks();
    aio_counters_start(&ctx->counters, now);
    ctx->streak_step = now - ctx->streak_ticks >= AIO_TICKS_MOMENT / 4
        ? 1 : MIN(ctx->streak_step * 2, STREAK_STEP_MAX);
    ctx->streak_checked = ctx->streak;
    ctx->streak_ticks = now;
    return now - ctx->monitor_ticks < AIO_TICKS_MOMENT;
}

/* Without a wait. */
static void aio_check_descriptors(AioContext *ctx)
{
    aio_fdmon_wait(ctx, 0);
    aio_busy_poll_look(ctx);
    aio_notify_accept(ctx);
}

/* The first round of a row, or a moment has passed. */
static void aio_ask_monitor(AioContext *ctx)
{
    aio_check_descriptors(ctx);
    if (ctx->streak == 0) {
        ctx->streak_step = 1;
        ctx->streak_checked = 0;
    }
    ctx->monitor_ticks = aio_ticks();
    ctx->streak_ticks = ctx->monitor_ticks;
    aio_counters_look(&ctx->counters, ctx->monitor_ticks);
}

/*
 * With nothing to watch.  Who adds a handler counts it in n_watched and then
 * says aio_notify(), which finds either this context armed or its NOTIFIED
 * found by aio_arm(); so it does not matter when the count was looked at.
 */
static bool aio_may_sleep_on_wake(AioContext *ctx)
{
    return !aio_watches(ctx) && !ctx->source_armed;
}

/* Returns: how long it was allowed to last */
static int64_t aio_sleep_on_wake(AioContext *ctx)
{
    const unsigned wake = AIO_WAKE_ARMED | AIO_WAKE_FUTEX;
    int64_t timeout_ns = aio_arm(ctx, wake);

    aio_counters_wait(&ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    /* It lets go of what is watched no more. */
    aio_fdmon_tell(ctx);
    if (timeout_ns != 0) {
        futex_wait(&ctx->wake, wake, timeout_ns);
    }
    return timeout_ns;
}

static int64_t aio_sleep_on_monitor(AioContext *ctx)
{
    int64_t timeout_ns;

    aio_find_closed_fds_sometimes(ctx);
    timeout_ns = aio_arm(ctx, AIO_WAKE_ARMED);
    aio_counters_wait(&ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    aio_fdmon_wait(ctx, timeout_ns);
    return timeout_ns;
}

/* The wait took so many ticks.  Was that because something was there? */
static void aio_note_wait(AioContext *ctx, uint64_t ticks)
{
    if (ticks > AIO_TICKS_MOMENT || queue_is_empty(&ctx->ready)) {
        ctx->quick_waits = 0;
    } else {
        ctx->quick_waits++;
    }
}

static void aio_sleep(AioContext *ctx)
{
    int64_t timeout_ns = aio_may_sleep_on_wake(ctx)
        ? aio_sleep_on_wake(ctx) : aio_sleep_on_monitor(ctx);
    bool notified;

    aio_note_wait(ctx, aio_counters_wake(&ctx->counters, aio_ticks()));
    notified = aio_disarm(ctx);
    if (timeout_ns != 0) {
        aio_count_wake(ctx, notified);
    }
}

/*
 * Where many waits in a row have ended at once the loop looks before it polls
 * busily or arms itself, which is most of what a round costs but for its
 * system calls.  In polling mode there is io_poll to be asked, too.
 */
static bool aio_finds_at_once(AioContext *ctx)
{
    if (ctx->quick_waits < MANY_WAITS || ctx->busy.started) {
        return false;
    }
    aio_fdmon_wait(ctx, 0);
    if (queue_is_empty(&ctx->ready)) {
        ctx->quick_waits = 0;
        return false;
    }
    aio_count_look(ctx);
    aio_counter_add(&ctx->counters.wakes[AIO_WAKE_BY_FD], 1);
    aio_notify_accept(ctx);
    return true;
}

/* Whoever finds work by polling asks the kernel once in a long while. */
static void aio_ask_monitor_sometimes(AioContext *ctx)
{
    if (aio_watches(ctx) &&
        aio_ticks() - ctx->monitor_ticks > POLLED_MOMENTS * AIO_TICKS_MOMENT) {
        aio_fdmon_wait(ctx, 0);
        ctx->monitor_ticks = aio_ticks();
    }
}

static void aio_wait_polling(AioContext *ctx)
{
    bool found;

    aio_counters_wait(&ctx->counters, AIO_TIME_POLLING, aio_ticks());
    found = aio_busy_poll(ctx);
    if (found) {
        aio_ask_monitor_sometimes(ctx);
        aio_note_wait(ctx, aio_counters_wake(&ctx->counters, aio_ticks()));
        if (aio_busy_poll_has_waited(ctx)) {
            aio_count_wake(ctx, aio_notify_was_said(ctx));
        }
        aio_notify_accept(ctx);
    } else {
        aio_sleep(ctx);
    }
    aio_busy_poll_learn(ctx);
}

static void aio_wait(AioContext *ctx)
{
    if (aio_finds_at_once(ctx)) {
        return;
    }
    if (aio_may_busy_poll(ctx)) {
        aio_wait_polling(ctx);
    } else {
        aio_sleep(ctx);
    }
}

static void aio_look_at_descriptors(AioContext *ctx, bool blocking)
{
    if (aio_has_bh(ctx) && aio_bh_timeout(ctx) == 0) {
        if (!aio_may_skip_monitor(ctx)) {
            aio_ask_monitor(ctx);
        }
    } else if (blocking) {
        aio_wait(ctx);
    } else {
        aio_check_descriptors(ctx);
        aio_count_look(ctx);
    }
}

static int aio_run_bottom_halves(AioContext *ctx)
{
    int n = aio_has_bh(ctx) ? aio_run_bhs(ctx) : 0;

    ctx->streak = n > 0 ? ctx->streak + n : 0;
    return n;
}

/* Everything that follows the look at the descriptors. */
static bool aio_dispatch_round(AioContext *ctx)
{
    uint64_t outer = nesting_enter();
    bool progress;

    aio_counter_add(&ctx->counters.iterations, 1);
    ctx->walking++;
    progress = aio_run_bottom_halves(ctx) > 0;
    progress |= aio_dispatch_ready(ctx);
    ctx->walking--;
    if (aio_has_deleted_handlers(ctx)) {
        aio_free_deleted_handlers(ctx);
    }
    if (aio_has_timers(ctx)) {
        progress |= timer_list_group_run(ctx->timers);
    }
    nesting_leave(outer);
    return progress;
}

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
    bool lent = aio_run_begin(ctx);
    bool progress;

    if (blocking) {
        check_may_block();
    }
    ctx->walking++;
    aio_look_at_descriptors(ctx, blocking);
    ctx->walking--;
    progress = aio_dispatch_round(ctx);
    if (G_UNLIKELY(lent)) {
        aio_run_end();
    }
    return progress;
}

void aio_dispatch_checked(AioContext *ctx)
{
    bool lent = aio_run_begin(ctx);

    aio_dispatch_round(ctx);
    if (G_UNLIKELY(lent)) {
        aio_run_end();
    }
}

void aio_dispatch(AioContext *ctx)
{
    aio_count_start(ctx);
    aio_dispatch_checked(ctx);
}
