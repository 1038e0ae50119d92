/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals as callbacks, with each fd monitor, under aio_poll() and under GLib.
 */
#include "service/signal-watch.h"

#include "tests/unit/test-driver.h"
#include "tests/unit/test-util.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct Fixture {
    DrivenLoop loop;
    bool usable;
    int n_calls;
    SignalInfo last;
    SignalWatch *watch;
} Fixture;

static void setup(Fixture *f, const void *driver)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_set_current_context(ctx);
    f->usable = driver_begin(&f->loop, ctx, driver);
}

static void teardown(Fixture *f, const void *driver)
{
    AioContext *ctx = f->loop.ctx;

    signal_watch_free(f->watch);
    if (f->usable) {
        driver_end(&f->loop);
    }
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
}

static void on_signal(const SignalInfo *info, void *opaque)
{
    Fixture *f = opaque;

    f->n_calls++;
    f->last = *info;
}

static void on_signal_free(const SignalInfo *info, void *opaque)
{
    Fixture *f = opaque;

    f->n_calls++;
    g_clear_pointer(&f->watch, signal_watch_free);
}

static bool is_blocked(int signum)
{
    sigset_t set;

    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, signum);
}

static void test_call(Fixture *f, const void *driver)
{
    if (!f->usable) {
        return;
    }
    f->watch = signal_watch_new(f->loop.ctx, SIGUSR1, on_signal, f,
                                &error_abort);
    test_waits_for("the signal");
    kill(getpid(), SIGUSR1);
    while (!f->n_calls) {
        driver_iterate(&f->loop, true);
    }
    g_assert_cmpint(f->last.signum, ==, SIGUSR1);
    g_assert_cmpint(f->last.pid, ==, getpid());
    g_assert_cmpint(f->last.uid, ==, getuid());
    kill(getpid(), SIGUSR1);
    while (f->n_calls < 2) {
        driver_iterate(&f->loop, true);
    }
}

static void test_free_in_callback(Fixture *f, const void *driver)
{
    if (!f->usable) {
        return;
    }
    f->watch = signal_watch_new(f->loop.ctx, SIGUSR1, on_signal_free, f,
                                &error_abort);
    kill(getpid(), SIGUSR1);
    while (f->watch) {
        driver_iterate(&f->loop, true);
    }
    g_assert_cmpint(f->n_calls, ==, 1);
    g_assert_false(is_blocked(SIGUSR1));
}

/* Otherwise it would end the process as soon as it is unblocked. */
static void test_pending_is_dropped(Fixture *f, const void *driver)
{
    if (!f->usable) {
        return;
    }
    f->watch = signal_watch_new(f->loop.ctx, SIGTERM, on_signal, f,
                                &error_abort);
    g_assert_true(is_blocked(SIGTERM));
    kill(getpid(), SIGTERM);
    g_clear_pointer(&f->watch, signal_watch_free);
    g_assert_false(is_blocked(SIGTERM));
    g_assert_cmpint(f->n_calls, ==, 0);
}

static void test_refused(Fixture *f, const void *driver)
{
    Error *err = NULL;

    f->watch = signal_watch_new(f->loop.ctx, SIGUSR1, on_signal, f,
                                &error_abort);
    g_assert_null(signal_watch_new(f->loop.ctx, SIGUSR1, on_signal, f, &err));
    assert_error(err, "signal 10 (User defined signal 1) is watched already");
    g_assert_null(signal_watch_new(f->loop.ctx, SIGKILL, on_signal, f, &err));
    assert_error(err, "signal 9 (Killed) cannot be watched");
    g_assert_null(signal_watch_new(f->loop.ctx, SIGSEGV, on_signal, f, &err));
    assert_error(err, "signal 11 (Segmentation fault) cannot be watched");
    g_assert_null(signal_watch_new(f->loop.ctx, 1000, on_signal, f, &err));
    assert_error(err, "signal 1000 (Unknown signal 1000) cannot be watched");

    /* Once it is free, it can be watched again. */
    signal_watch_free(f->watch);
    f->watch = signal_watch_new(f->loop.ctx, SIGUSR1, on_signal, f,
                                &error_abort);
}

static void test_stays_blocked(Fixture *f, const void *driver)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal_watch_free(signal_watch_new(f->loop.ctx, SIGUSR2, on_signal, f,
                                       &error_abort));
    g_assert_true(is_blocked(SIGUSR2));
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static const struct {
    const char *name;
    void (*func)(Fixture *f, const void *driver);
} tests[] = {
    { "call", test_call },
    { "free-in-callback", test_free_in_callback },
    { "pending-is-dropped", test_pending_is_dropped },
    { "refused", test_refused },
    { "stays-blocked", test_stays_blocked },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t t = 0; t < G_N_ELEMENTS(tests); t++) {
        for (size_t d = 0; d < G_N_ELEMENTS(drivers); d++) {
            g_autofree char *path = g_strdup_printf(
                "/service/signal-watch/%s/%s", tests[t].name,
                drivers[d].name);

            g_test_add(path, Fixture, &drivers[d], setup, tests[t].func,
                       teardown);
        }
    }
    return test_run();
}
