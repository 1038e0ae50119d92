/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program for tests/tool/gdb.  It fills an event loop with work, leaves
 * coroutines waiting, and calls stop_here().
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/coroutine/coroutine.h"
#include "aio/timer.h"
#include "qapi/error.h"

#include <unistd.h>

#define RING_CELLS 64 /* bottom halves that fit into the ring of a loop */
#define TIMERS 20
#define HOUR_NS (3600 * NANOSECONDS_PER_SECOND)

void stop_here(void);

__attribute__((noinline)) void stop_here(void)
{
    __asm__ volatile("");
}

static void on_nothing(void *opaque)
{
}

static void on_overflow(void *opaque)
{
}

static void on_readable(void *opaque)
{
}

static void on_timer(void *opaque)
{
}

static void on_woken(void *opaque)
{
    bool *is_woken = opaque;

    *is_woken = true;
}

static int coroutine_fn wait_deep(int depth)
{
    int sum = depth;

    if (depth > 0) {
        sum += wait_deep(depth - 1);
    } else {
        coroutine_yield();
    }
    return sum; /* after the call, so that it is no tail call */
}

static void coroutine_fn yielding_entry(void *opaque)
{
    int *sum = opaque;

    *sum = wait_deep(3);
}

static void coroutine_fn sleeping_entry(void *opaque)
{
    int *result = opaque;

    *result = co_sleep_ns(AIO_CLOCK_REALTIME, HOUR_NS);
}

static void coroutine_fn short_entry(void *opaque)
{
}

static void start_coroutines(void)
{
    static int results[2];

    coroutine_enter(coroutine_create(yielding_entry, &results[0]));
    coroutine_enter(coroutine_create(sleeping_entry, &results[1]));
    coroutine_enter(coroutine_create(short_entry, NULL));
}

/* The loop creates its ring after it has run many bottom halves. */
static void fill_ring(AioContext *ctx)
{
    for (int i = 0; i < 2 * RING_CELLS; i++) {
        aio_bh_schedule_oneshot(ctx, on_nothing, NULL);
        aio_poll(ctx, false);
    }
    aio_bh_schedule(aio_bh_new(ctx, on_nothing, NULL));
    for (int i = 1; i < RING_CELLS; i++) {
        aio_bh_schedule_oneshot(ctx, on_nothing, NULL);
    }
    aio_bh_schedule_oneshot(ctx, on_overflow, NULL);
}

/*
 * The loop sleeps, and is busy from then on.  It does not sleep if the thread
 * loses its CPU before a timer is waited for: hence several ones.
 */
static void sleep_for_a_while(AioContext *ctx)
{
    for (int i = 0; i < 20; i++) {
        bool is_woken = false;
        g_autoptr(AioTimer) timer = timer_new_ms(AIO_CLOCK_REALTIME, on_woken,
                                                 &is_woken);

        timer_mod(timer, clock_get_ms(AIO_CLOCK_REALTIME) + 5);
        while (!is_woken) {
            aio_poll(ctx, true);
        }
    }
}

int main(void)
{
    AioContext *ctx;
    int fds[2];

    aio_main_context_init(&error_abort);
    aio_context_new(&error_abort); /* that no thread runs */
    ctx = aio_get_main_context();
    if (pipe(fds) < 0) {
        return 1;
    }
    aio_set_fd_handler(ctx, fds[0], on_readable, NULL, NULL, NULL, fds);
    for (int i = 0; i < TIMERS; i++) {
        timer_mod(timer_new(AIO_CLOCK_HOST, SCALE_NS, on_timer, NULL),
                  INT64_MAX / 2 - i);
    }
    start_coroutines();
    sleep_for_a_while(ctx);
    fill_ring(ctx);
    stop_here();
    return 0;
}
