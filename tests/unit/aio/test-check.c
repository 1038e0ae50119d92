/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When the loop asks the kernel which file descriptors are ready.  The tests
 * put the state of check.c where a rule applies and count the calls of the fd
 * monitor, so none depends on how fast the machine is.
 */
#include "aio/context-internal.h"
#include "tests/unit/test-util.h"

typedef struct Fixture {
    AioContext *ctx;
    EventNotifier e;
    FdMonOps ops; /* those of the monitor, with spy_wait() */
    unsigned n_events;
} Fixture;

static const FdMonOps *real_ops;
static GString *timeouts; /* "0" or "wait" for each call of the monitor */

static void spy_wait(AioContext *ctx, int64_t timeout_ns)
{
    g_string_append(timeouts, timeout_ns == 0 ? "0 " : "wait ");
    real_ops->wait(ctx, timeout_ns);
}

static void on_event(EventNotifier *e)
{
    container_of(e, Fixture, e)->n_events++;
}

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    event_notifier_init(&f->e, false);
    aio_set_event_notifier(f->ctx, &f->e, on_event, NULL, NULL);
    aio_poll(f->ctx, false);
    timeouts = g_string_new(NULL);
    real_ops = f->ctx->monitor.ops;
    f->ops = *real_ops;
    f->ops.wait = spy_wait;
    f->ctx->monitor.ops = &f->ops;
}

static void tear_down(Fixture *f, const void *data)
{
    f->ctx->monitor.ops = real_ops;
    aio_set_event_notifier(f->ctx, &f->e, NULL, NULL, NULL);
    event_notifier_cleanup(&f->e);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
    g_string_free(timeouts, TRUE);
}

static void test_first_bh_of_series(Fixture *f, const void *data)
{
    f->ctx->check.bh_series = 0;
    aio_check_before_bhs(f->ctx);
    g_assert_cmpstr(timeouts->str, ==, "0 ");
}

static void test_within_step(Fixture *f, const void *data)
{
    f->ctx->counters.begin = 0;
    f->ctx->check.bh_series = 20;
    f->ctx->check.bh_series_timed = 18;
    f->ctx->check.bh_series_step = 3;
    aio_check_before_bhs(f->ctx);
    g_assert_cmpstr(timeouts->str, ==, "");
}

static void test_quantum_has_passed(Fixture *f, const void *data)
{
    f->ctx->counters.begin = 0;
    f->ctx->check.bh_series = 20;
    f->ctx->check.bh_series_timed = 18;
    f->ctx->check.bh_series_step = 2;
    f->ctx->check.last_ticks = aio_ticks() - AIO_QUANTUM_TICKS;
    aio_check_before_bhs(f->ctx);
    g_assert_cmpstr(timeouts->str, ==, "0 ");
}

static void test_handler_ends_series(Fixture *f, const void *data)
{
    f->ctx->check.bh_series = 20;
    aio_set_event_notifier(f->ctx, &f->e, on_event, NULL, NULL);
    g_assert_cmpuint(f->ctx->check.bh_series, ==, 0);
}

static void test_quick_waits(Fixture *f, const void *data)
{
    f->ctx->check.quick_waits = 16;
    event_notifier_set(&f->e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpstr(timeouts->str, ==, "0 ");
    g_assert_cmpuint(f->n_events, ==, 1);
}

static void test_few_quick_waits(Fixture *f, const void *data)
{
    f->ctx->check.quick_waits = 15;
    event_notifier_set(&f->e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpstr(timeouts->str, ==, "wait ");
}

/* The loop is notified, so that its sleep does not last. */
static void test_nothing_ends_quick_waits(Fixture *f, const void *data)
{
    f->ctx->check.quick_waits = 16;
    aio_notify(f->ctx);
    g_assert_false(aio_poll(f->ctx, true));
    g_assert_cmpstr(timeouts->str, ==, "0 0 ");
    g_assert_cmpuint(f->ctx->check.quick_waits, ==, 0);
}

static void test_polling_overdue(Fixture *f, const void *data)
{
    f->ctx->check.last_ticks = aio_ticks() - 257 * AIO_QUANTUM_TICKS;
    aio_check_monitor_if_overdue(f->ctx);
    g_assert_cmpstr(timeouts->str, ==, "0 ");
}

static void test_polling_nothing_watched(Fixture *f, const void *data)
{
    aio_set_event_notifier(f->ctx, &f->e, NULL, NULL, NULL);
    f->ctx->check.last_ticks = aio_ticks() - 257 * AIO_QUANTUM_TICKS;
    aio_check_monitor_if_overdue(f->ctx);
    g_assert_cmpstr(timeouts->str, ==, "");
}

static void add(const char *name, void (*test)(Fixture *f, const void *data))
{
    g_autofree char *path = g_strconcat("/aio/check/", name, NULL);

    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add("bottom-halves/first-of-series", test_first_bh_of_series);
    add("bottom-halves/within-step-skips", test_within_step);
    add("bottom-halves/quantum-has-passed", test_quantum_has_passed);
    add("bottom-halves/handler-ends-series", test_handler_ends_series);
    add("quick-waits/checks-first", test_quick_waits);
    add("quick-waits/one-too-few", test_few_quick_waits);
    add("quick-waits/nothing-ends-series", test_nothing_ends_quick_waits);
    add("polling/overdue", test_polling_overdue);
    add("polling/nothing-watched", test_polling_nothing_watched);
    return test_run();
}
