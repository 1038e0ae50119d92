/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context as a GSource. */
#include "tests/unit/aio/monitor-fixture.h"

#include <fcntl.h>
#include <unistd.h>

static void source_set_up(Fixture *f, const void *data)
{
    GSource *source;

    set_up_monitor(f, data);
    source = aio_get_g_source(f->ctx);
    g_source_attach(source, NULL);
    g_source_unref(source);
}

static void test_source_is_one(Fixture *f, const void *data)
{
    GSource *a = aio_get_g_source(f->ctx);
    GSource *b = aio_get_g_source(f->ctx);

    g_assert_true(a == b);
    g_source_unref(a);
    g_source_unref(b);
}

static void test_source_ends_with_context(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    GSource *source = aio_get_g_source(ctx);

    g_source_attach(source, NULL);
    g_assert_false(g_source_is_destroyed(source));
    aio_context_unref(ctx);
    g_assert_true(g_source_is_destroyed(source));
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_source_unref(source);
}

static void test_source_after_destroyed(Fixture *f, const void *data)
{
    GSource *old = aio_get_g_source(f->ctx);
    GSource *source;

    g_source_destroy(old);
    source = aio_get_g_source(f->ctx);
    g_assert_true(source != old);
    g_source_unref(old);
    g_source_attach(source, NULL);
    g_source_unref(source);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "b");
}

static void test_source_bh(Fixture *f, const void *data)
{
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_true(g_main_context_iteration(NULL, TRUE));
    assert_log(f, "b");
    g_assert_false(g_main_context_iteration(NULL, FALSE));
}

static void test_source_descriptor(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    event_notifier_set(&a.e);
    g_assert_true(g_main_context_iteration(NULL, TRUE));
    assert_log(f, "a");
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    ev_cleanup(&a);
}

static void test_source_timer(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 1500000);
    while (timer_pending(&timer)) {
        g_main_context_iteration(NULL, TRUE);
    }
    assert_log(f, "t");
}

static void test_source_regular_file(Fixture *f, const void *data)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    Pair p = { .f = f };
    Ev a;

    ev_init(f, &a, 'a');
    aio_set_fd_handler(f->ctx, fd, pair_read, NULL, NULL, NULL, &p);
    g_main_context_iteration(NULL, TRUE);
    g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(strchr(f->log->str, 'r'));
    aio_set_fd_handler(f->ctx, fd, NULL, NULL, NULL, NULL, NULL);
    close(fd);
    g_string_truncate(f->log, 0);
    event_notifier_set(&a.e);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "a");
    ev_cleanup(&a);
}

static void recurse(void *opaque)
{
    Fixture *f = opaque;

    g_string_append_c(f->log, '(');
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    g_string_append_c(f->log, ')');
}

static void test_source_recurses(Fixture *f, const void *data)
{
    aio_bh_schedule_oneshot(f->ctx, recurse, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "(b)");
}

static void test_source_beside_aio_poll(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "ab");
    ev_cleanup(&a);
}

static const MonitorRow rows[] = {
    { "is-one", test_source_is_one },
    { "after-destroyed", test_source_after_destroyed },
    { "bh", test_source_bh },
    { "descriptor", test_source_descriptor },
    { "timer", test_source_timer },
    { "regular-file", test_source_regular_file },
    { "recurses", test_source_recurses },
    { "beside-aio-poll", test_source_beside_aio_poll },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_monitor_tests("/aio/source", rows, G_N_ELEMENTS(rows),
                      source_set_up);
    g_test_add_func("/aio/source/ends-with-context",
                    test_source_ends_with_context);
    return test_run();
}
