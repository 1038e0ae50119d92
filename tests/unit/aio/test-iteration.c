/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of an iteration, its number, and how long it waits.  The context:
 * test-context.c.
 */
#include "tests/unit/aio/monitor-fixture.h"
#include "util/nesting.h"

#include <unistd.h>

/* ---- The number of an iteration ---- */

typedef struct Numbers {
    Fixture *f;
    uint64_t before;
    uint64_t within;
    uint64_t after;
} Numbers;

static void note_number(void *opaque)
{
    ((Numbers *)opaque)->within = nesting_current();
}

static void note_numbers(void *opaque)
{
    Numbers *n = opaque;

    n->before = nesting_current();
    aio_bh_schedule_oneshot(n->f->ctx, note_number, n);
    aio_poll(n->f->ctx, false);
    n->after = nesting_current();
}

/* A callback can be told from those that run while it waits. */
static void test_nested_has_number(Fixture *f, const void *data)
{
    Numbers n = { .f = f };
    uint64_t outside = nesting_current();

    aio_bh_schedule_oneshot(f->ctx, note_numbers, &n);
    aio_poll(f->ctx, false);
    g_assert_cmpuint(n.before, !=, outside);
    g_assert_cmpuint(n.within, !=, n.before);
    g_assert_cmpuint(n.after, ==, n.before);
    g_assert_cmpuint(nesting_current(), ==, outside);
}

/* ---- Timeouts ---- */

static void nothing(void *opaque)
{
}

/* A wait neither ends early nor is rounded up to milliseconds. */
static void test_timeout(Fixture *f, const void *data)
{
    AioTimer timer;
    Ev a;
    int64_t best_ns = INT64_MAX;

    ev_init(f, &a, 'a');
    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, nothing,
                   NULL);
    for (int i = 0; i < 50 && best_ns > 900000; i++) {
        int64_t when = clock_get_ns(AIO_CLOCK_REALTIME) + 200000;
        int64_t late_ns;

        timer_mod(&timer, when);
        while (timer_pending(&timer)) {
            aio_poll(f->ctx, true);
        }
        late_ns = clock_get_ns(AIO_CLOCK_REALTIME) - when;
        g_assert_cmpint(late_ns, >=, 0);
        best_ns = MIN(best_ns, late_ns);
    }
    g_assert_cmpint(best_ns, <=, 900000);

    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) +
                          3600 * NANOSECONDS_PER_SECOND);
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
    timer_del(&timer);
    ev_cleanup(&a);
}

static void test_timeout_without_pwait2(Fixture *f, const void *data)
{
    bool old = atomic_load(&fdmon_epoll_no_pwait2);

    atomic_store(&fdmon_epoll_no_pwait2, true);
    test_timeout(f, data);
    atomic_store(&fdmon_epoll_no_pwait2, old);
}

/* ---- The order of an iteration ---- */

static void test_round_order(Fixture *f, const void *data)
{
    AioTimer timer;
    Ev a;

    ev_init(f, &a, 'a');
    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    timer_mod(&timer, 0);
    event_notifier_set(&a.e);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "bat");
    ev_cleanup(&a);
}

static void reschedule(void *opaque)
{
    Ev *ev = opaque;

    g_string_append_c(ev->f->log, 'b');
    aio_bh_schedule(ev->bh);
}

/* Bottom halves without end do not keep a descriptor waiting. */
static void test_bh_do_not_starve_descriptors(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.bh = aio_bh_new(f->ctx, reschedule, &a);
    aio_bh_schedule(a.bh);
    aio_poll(f->ctx, true);
    event_notifier_set(&a.e);
    for (int i = 0; i < 100000 && !strchr(f->log->str, 'a'); i++) {
        g_string_truncate(f->log, 0);
        aio_poll(f->ctx, true);
    }
    g_assert_nonnull(strchr(f->log->str, 'a'));
    aio_bh_delete(a.bh);
    ev_cleanup(&a);
}

static void reschedule_slowly(void *opaque)
{
    int64_t start = clock_get_ns(AIO_CLOCK_REALTIME);

    while (clock_get_ns(AIO_CLOCK_REALTIME) - start < 50 * SCALE_US) {
        /* Longer than a quantum on any machine. */
    }
    reschedule(opaque);
}

/* Slow ones delay a descriptor by one of them. */
static void test_slow_bh_delay_by_one(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.bh = aio_bh_new(f->ctx, reschedule_slowly, &a);
    aio_bh_schedule(a.bh);
    for (int i = 0; i < 5; i++) {
        aio_poll(f->ctx, true);
    }
    assert_log(f, "bbbbb");
    event_notifier_set(&a.e);
    aio_poll(f->ctx, true);
    assert_log(f, "ba");
    aio_bh_delete(a.bh);
    ev_cleanup(&a);
}

static void test_notify_is_no_progress(Fixture *f, const void *data)
{
    aio_notify(f->ctx);
    g_assert_false(aio_poll(f->ctx, true));
}

static void test_notify_accept(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_MS, log_timer,
                   f);
    timer_mod(&timer, clock_get_ms(AIO_CLOCK_REALTIME) + 5);
    aio_notify(f->ctx);
    aio_notify_accept(f->ctx);
    g_assert_cmpuint(atomic_load(&f->ctx->wake.word), ==, 0);
    /* A signal may end a wait, which the kernel uses to bury a ring. */
    while (!aio_poll(f->ctx, true)) {
        g_assert_true(timer_pending(&timer));
    }
    assert_log(f, "t");
}

/* A loop that is awake is not written to. */
static void test_awake_needs_no_write(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    aio_notify(f->ctx);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    timer_mod(&timer, 0);
    g_assert_cmpint(event_notifier_test_and_clear(&f->ctx->wake.notifier), ==,
                    0);
    aio_poll(f->ctx, true);
    assert_log(f, "bt");
}

/* However many have work for a loop that sleeps, one of them writes. */
static void test_one_write_a_sleep(Fixture *f, const void *data)
{
    uint64_t value = 0;

    g_assert_cmpint(aio_arm(f->ctx, AIO_WAKE_ARMED), ==, -1);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_notify(f->ctx);
    g_assert_cmpint(read(event_notifier_get_fd(&f->ctx->wake.notifier), &value,
                         sizeof(value)), ==, sizeof(value));
    g_assert_cmpuint(value, ==, 1);
    aio_disarm(f->ctx);
    aio_poll(f->ctx, false);
    assert_log(f, "bb");
}

static void test_timeout_rules(Fixture *f, const void *data)
{
    AioBH *idle = aio_bh_new(f->ctx, log_bh, f);
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 1000 * SCALE_MS);
    g_assert_cmpint(aio_compute_timeout(f->ctx), >, 10 * SCALE_MS);
    aio_bh_schedule_idle(idle);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 10 * SCALE_MS);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 5 * SCALE_MS);
    g_assert_cmpint(aio_compute_timeout(f->ctx), <=, 5 * SCALE_MS);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 0);
    timer_del(&timer);
    aio_poll(f->ctx, false);
    assert_log(f, "bb");
    aio_bh_delete(idle);
}

static void test_dispatch_looks_at_no_descriptor(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    event_notifier_set(&a.e);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_dispatch(f->ctx);
    assert_log(f, "b");
    ev_cleanup(&a);
}

/* ---- Tables ---- */

static const MonitorRow rows[] = {
    { "nested-has-number", test_nested_has_number },
    { "timeout", test_timeout },
    { "timeout-without-pwait2", test_timeout_without_pwait2 },
    { "round-order", test_round_order },
    { "bh-do-not-starve", test_bh_do_not_starve_descriptors },
    { "slow-bh-delay-by-one", test_slow_bh_delay_by_one },
    { "notify-is-no-progress", test_notify_is_no_progress },
    { "notify-accept", test_notify_accept },
    { "awake-needs-no-write", test_awake_needs_no_write },
    { "one-write-a-sleep", test_one_write_a_sleep },
    { "timeout-rules", test_timeout_rules },
    { "dispatch-alone", test_dispatch_looks_at_no_descriptor },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_monitor_tests("/aio/fd", rows, G_N_ELEMENTS(rows),
                      set_up_monitor);
    return test_run();
}
