/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context's life, its thread and its parameters. */
#include "aio/aio.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct Fixture {
    AioContext *ctx;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
}

static void tear_down(Fixture *f, const void *data)
{
    aio_context_unref(f->ctx);
}

static void test_current_context(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    AioContext *main_ctx = aio_get_main_context();

    g_assert_nonnull(main_ctx);
    aio_set_current_context(NULL);
    g_assert_true(aio_get_current_context() == main_ctx);
    g_assert_false(in_aio_context_home_thread(main_ctx));
    aio_set_current_context(ctx);
    g_assert_true(aio_get_current_context() == ctx);
    g_assert_true(in_aio_context_home_thread(ctx));
    aio_set_current_context(main_ctx);
    aio_context_unref(ctx);
}

static void note_context(void *opaque)
{
    *(AioContext **)opaque = aio_get_current_context();
}

/* In a thread without a context of its own. */
static void *poll_nobodys(void *opaque)
{
    AioContext *ctx = opaque;
    AioContext *seen = NULL;

    aio_bh_schedule_oneshot(ctx, note_context, &seen);
    aio_poll(ctx, false);
    g_assert_true(seen == ctx);
    g_assert_true(aio_get_current_context() == aio_get_main_context());
    return NULL;
}

static void *dispatch_nobodys(void *opaque)
{
    AioContext *ctx = opaque;
    AioContext *seen = NULL;

    aio_bh_schedule_oneshot(ctx, note_context, &seen);
    aio_dispatch(ctx);
    g_assert_true(seen == ctx);
    g_assert_true(aio_get_current_context() == aio_get_main_context());
    return NULL;
}

static void settle(void *opaque)
{
    aio_set_current_context(opaque);
}

static void *settle_in_callback(void *opaque)
{
    AioContext *ctx = opaque;

    aio_bh_schedule_oneshot(ctx, settle, ctx);
    aio_poll(ctx, false);
    g_assert_true(in_aio_context_home_thread(ctx));
    aio_set_current_context(NULL);
    return NULL;
}

/* One thread after the other may run it so. */
static void test_current_while_it_runs(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    void *(*const runs[])(void *) = {
        poll_nobodys, dispatch_nobodys, settle_in_callback, poll_nobodys,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(runs); i++) {
        pthread_t thread;

        g_assert_cmpint(pthread_create(&thread, NULL, runs[i], ctx), ==, 0);
        pthread_join(thread, NULL);
    }
    aio_context_unref(ctx);
}

static void test_main_context(void)
{
    g_assert_true(aio_main_context_init(&error_abort));
    g_assert_true(aio_get_current_context() == aio_get_main_context());
}

static void *poll_foreign(void *opaque)
{
    aio_poll(opaque, false);
    return NULL;
}

static void abort_foreign_thread(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    pthread_t thread;

    aio_set_current_context(ctx);
    pthread_create(&thread, NULL, poll_foreign, ctx);
    pthread_join(thread, NULL);
}

static void test_no_descriptor_left(const void *data)
{
    struct rlimit old, few;
    Error *err = NULL;
    AioContext *ctx;
    int spare = GPOINTER_TO_INT(data);

    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = dup(0);
    close(few.rlim_cur);
    few.rlim_cur += spare;
    setrlimit(RLIMIT_NOFILE, &few);
    ctx = aio_context_new(&err);
    setrlimit(RLIMIT_NOFILE, &old);

    g_assert_null(ctx);
    if (spare) {
        assert_error(err, "Cannot create an epoll descriptor: "
                          "Too many open files");
    } else {
        assert_error(err, "Cannot create an event notifier: "
                          "Too many open files");
    }
}

static void test_poll_params(Fixture *f, const void *data)
{
    int64_t max_ns, grow, shrink;
    Error *err = NULL;

    aio_context_get_poll_params(f->ctx, &max_ns, &grow, &shrink);
    g_assert_cmpint(max_ns, ==, 0);
    g_assert_cmpint(grow, ==, 2);
    g_assert_cmpint(shrink, ==, 2);
    g_assert_true(aio_context_set_poll_params(f->ctx, 1, 2, 3, &error_abort));
    g_assert_false(aio_context_set_poll_params(f->ctx, -1, 7, 7, &err));
    assert_error(err, "bad poll-max-ns/poll-grow/poll-shrink values");
    aio_context_get_poll_params(f->ctx, &max_ns, &grow, &shrink);
    g_assert_cmpint(max_ns, ==, 1);
    g_assert_cmpint(grow, ==, 2);
    g_assert_cmpint(shrink, ==, 3);
    aio_context_get_poll_params(f->ctx, NULL, NULL, NULL);
}

static void test_aio_params(Fixture *f, const void *data)
{
    g_assert_cmpint(aio_context_get_aio_params(f->ctx), ==, 0);
    aio_context_set_aio_params(f->ctx, 32);
    g_assert_cmpint(aio_context_get_aio_params(f->ctx), ==, 32);
}

static void assert_pool(Fixture *f, int64_t min, int64_t max)
{
    int64_t got_min, got_max;

    aio_context_get_thread_pool_params(f->ctx, &got_min, &got_max);
    g_assert_cmpint(got_min, ==, min);
    g_assert_cmpint(got_max, ==, max);
}

static void test_thread_pool_params(Fixture *f, const void *data)
{
    static const int64_t bad[][2] = {
        { 65, 64 }, { -1, 1 }, { 0, 0 }, { 0, 1LL << 31 },
    };

    assert_pool(f, 0, 64);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        Error *err = NULL;

        g_assert_false(aio_context_set_thread_pool_params(
            f->ctx, bad[i][0], bad[i][1], &err));
        assert_error(err, "bad thread-pool-min/thread-pool-max values");
        assert_pool(f, 0, 64);
    }
    g_assert_true(aio_context_set_thread_pool_params(f->ctx, 7, INT32_MAX,
                                                     &error_abort));
    assert_pool(f, 7, INT32_MAX);
}

static void test_unref_frees_handlers(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    EventNotifier e;

    event_notifier_init(&e, 0);
    aio_set_event_notifier(ctx, &e, event_notifier_cleanup, NULL, NULL);
    aio_context_ref(ctx);
    aio_context_unref(ctx);
    aio_context_unref(ctx);
    event_notifier_cleanup(&e);
}

static void *become_home(void *opaque)
{
    aio_set_current_context(opaque);
    return NULL;
}

/*
 * The second thread usually gets the stack, and with it the addresses of the
 * thread variables, of the first one.
 */
static void abort_home_has_ended(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    pthread_t thread;

    g_thread_join(g_thread_new("first", become_home, ctx));
    pthread_create(&thread, NULL, poll_foreign, ctx);
    pthread_join(thread, NULL);
}

static void abort_two_homes(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_set_current_context(ctx);
    g_thread_join(g_thread_new("second", become_home, ctx));
}

static void abort_release(void)
{
    aio_context_release(aio_get_main_context());
}

static void abort_no_descriptor(void)
{
    aio_set_fd_handler(aio_get_main_context(), -1, free, NULL, NULL, NULL,
                       NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    g_test_add("/aio/params/poll", Fixture, NULL, set_up, test_poll_params,
               tear_down);
    g_test_add("/aio/params/aio", Fixture, NULL, set_up, test_aio_params,
               tear_down);
    g_test_add("/aio/params/thread-pool", Fixture, NULL, set_up,
               test_thread_pool_params, tear_down);
    g_test_add_func("/aio/thread/main-context", test_main_context);
    g_test_add_func("/aio/thread/current-context", test_current_context);
    g_test_add_func("/aio/thread/current-context/while-it-runs",
                    test_current_while_it_runs);
    test_add_abort_func("/aio/thread/foreign-aborts",
                        abort_foreign_thread,
                        "*aio_poll() in thread '*' (*): the event loop's home "
                        "thread is '*' (*); call it there, from a bottom half "
                        "that aio_bh_schedule_oneshot() schedules*");
    test_add_abort_func("/aio/context/release-aborts", abort_release,
                        "*aio_context_release() without "
                        "aio_context_acquire()*");
    test_add_abort_func("/aio/handler/no-descriptor-aborts",
                        abort_no_descriptor,
                        "*aio_set_fd_handler(): -1 is no file descriptor*");
    test_add_abort_func("/aio/thread/home-has-ended-aborts",
                        abort_home_has_ended,
                        "*aio_poll() in thread '*' (*): the event loop's home "
                        "thread is '*' (*)*");
    test_add_abort_func("/aio/thread/two-homes-abort", abort_two_homes,
                        "*aio_set_current_context() in thread 'second' (*): "
                        "the event loop's home thread is '*' (*)*");
    g_test_add_data_func("/aio/context/new/no-notifier", GINT_TO_POINTER(0),
                         test_no_descriptor_left);
    g_test_add_data_func("/aio/context/new/no-epoll", GINT_TO_POINTER(1),
                         test_no_descriptor_left);
    g_test_add_func("/aio/context/unref/frees-handlers",
                    test_unref_frees_handlers);
    return test_run();
}
