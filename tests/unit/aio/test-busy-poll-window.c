/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a loop polls busily, and the parameters of that.
 */
#include "aio/context-internal.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"

typedef struct Fixture {
    AioContext *ctx;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
}

static void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
}

/* ---- How long ---- */

static AioBusyPoll *learner(Fixture *f, int64_t max_ns, int64_t grow,
                            int64_t shrink)
{
    aio_context_set_poll_params(f->ctx, max_ns, grow, shrink, &error_abort);
    aio_busy_poll_take_params(f->ctx);
    return &f->ctx->busy;
}

/* Returns: for how long the next wait polls */
static int64_t learn(AioBusyPoll *bp, int64_t wait_ns)
{
    bp->window_ns = aio_busy_poll_window_ns(bp);
    aio_busy_poll_update_ns(bp, wait_ns);
    return bp->ns;
}

static void test_grows(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    g_assert_cmpint(learn(bp, 3000), ==, 4000);
    g_assert_cmpint(learn(bp, 5000), ==, 8000);
    g_assert_cmpint(learn(bp, 6000), ==, 8000);
    g_assert_cmpint(learn(bp, 9000), ==, 16000);
}

static void test_grows_to_what_it_saw(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    g_assert_cmpint(learn(bp, 20000), ==, 20000);
}

static void test_grows_to_max(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 1000, 0);

    learn(bp, 3000);
    g_assert_cmpint(learn(bp, 5000), ==, 32768);
}

static void test_grow_saturates(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, INT64_MAX, INT64_MAX, 0);

    learn(bp, 3000);
    g_assert_cmpint(learn(bp, 5000), ==, INT64_MAX);
    g_assert_cmpint(learn(bp, INT64_MAX), ==, INT64_MAX);
    g_assert_cmpint(bp->mean_ns, >, 0);
}

/* A mean beyond poll-max-ns: events come too rarely. */
static void test_gives_up(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 10000, 0, 0);

    learn(bp, 5000);
    for (int i = 0; i < 24; i++) {
        learn(bp, 20000);
    }
    g_assert_cmpint(bp->ns, ==, 0);
}

static void test_shrinks_in_steps(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 10000, 0, 2);

    learn(bp, 9000);
    g_assert_cmpint(bp->ns, ==, 9000);
    bp->mean_ns = 20000;
    g_assert_cmpint(learn(bp, 20000), ==, 4500);
    g_assert_cmpint(learn(bp, 20000), ==, 2250);
}

static void test_0_is_the_default(Fixture *f, const void *data)
{
    int64_t grow;
    int64_t shrink;
    AioBusyPoll *bp = learner(f, 10000, 7, 7);

    aio_context_set_poll_weight(f->ctx, 7, &error_abort);
    learner(f, 10000, 0, 0);
    aio_context_set_poll_weight(f->ctx, 0, &error_abort);
    aio_context_get_poll_params(f->ctx, NULL, &grow, &shrink);
    g_assert_cmpint(grow, ==, 2);
    g_assert_cmpint(shrink, ==, 2);
    g_assert_cmpint(aio_context_get_poll_weight(f->ctx), ==, 3);
    learn(bp, 9000);
    bp->mean_ns = 20000;
    g_assert_cmpint(learn(bp, 20000), ==, 4500);
}

static void test_shrink_1_never_gives_up(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 10000, 0, 1);

    learn(bp, 9000);
    for (int i = 0; i < 100; i++) {
        learn(bp, INT64_MAX);
    }
    g_assert_cmpint(bp->ns, ==, 9000);
}

static void test_comes_down_to_multiple_of_mean(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 1000000, 0, 0);

    learn(bp, 500000);
    for (int i = 0; i < 200; i++) {
        learn(bp, 1000);
    }
    g_assert_cmpint(bp->ns, >=, 8000);
    g_assert_cmpint(bp->ns, <, 10000);
    for (int i = 0; i < 200; i++) {
        learn(bp, 0);
    }
    g_assert_cmpint(bp->ns, ==, 4000);
}

static void test_one_late_event_does_not_stop_it(Fixture *f,
                                                 const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    for (int i = 0; i < 20; i++) {
        learn(bp, 5000);
    }
    g_assert_cmpint(learn(bp, 10 * NANOSECONDS_PER_SECOND), >, 0);
}

static void test_weight(Fixture *f, const void *data)
{
    AioBusyPoll *bp;

    aio_context_set_poll_weight(f->ctx, 1, &error_abort);
    bp = learner(f, 32768, 0, 0);
    learn(bp, 10000);
    learn(bp, 20000);
    g_assert_cmpint(bp->mean_ns, ==, 15000);
    learn(bp, 5000);
    g_assert_cmpint(bp->mean_ns, ==, 10000);
}

static void test_weight_0_is_3(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    learn(bp, 10000);
    learn(bp, 18000);
    g_assert_cmpint(bp->mean_ns, ==, 11000);
}

static void test_weight_63(Fixture *f, const void *data)
{
    AioBusyPoll *bp;

    aio_context_set_poll_weight(f->ctx, 63, &error_abort);
    bp = learner(f, INT64_MAX, 0, 0);
    learn(bp, 10000);
    learn(bp, INT64_MAX);
    g_assert_cmpint(bp->mean_ns, ==, 10000);
    learn(bp, 0);
    g_assert_cmpint(bp->mean_ns, ==, 10000);
}

/* It has work when it was asked a hundred times: the clock is read. */
static bool asked_often(void *opaque)
{
    static unsigned n;

    return ++n % 100 == 0;
}

static void ready(EventNotifier *e)
{
}

/* Callbacks do not wait for what the wait before them teaches. */
static void test_learned_at_next_wait(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, INT64_MAX, 0, 1);
    EventNotifier e;

    g_assert_cmpint(event_notifier_init(&e, 0), ==, 0);
    aio_set_event_notifier(f->ctx, &e, ready, asked_often, ready);
    bp->ns = INT64_MAX;
    aio_poll(f->ctx, false); /* the last change of parameters is told */
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(bp->mean_ns, ==, -1);
    g_assert_cmpuint(bp->n_found, ==, 0);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(bp->mean_ns, >, 0);
    g_assert_cmpuint(bp->n_found, ==, 1);
    aio_set_event_notifier(f->ctx, &e, NULL, NULL, NULL);
    event_notifier_cleanup(&e);
}

/* Waits that contain the time to wake up hide that polling would pay. */
static void test_probes(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 10000, 0, 0);
    int n = 0;

    learn(bp, 40000);
    g_assert_cmpint(aio_busy_poll_window_ns(bp), ==, 10000);
    bp->window_ns = 10000;
    aio_busy_poll_update_ns(bp, 5000);
    g_assert_cmpint(bp->mean_ns, ==, 5000);
    g_assert_cmpint(bp->ns, ==, 5000);
    while (learn(bp, 40000) > 0) {
        n++;
    }
    g_assert_cmpint(n, <, 20);
}

static void test_probes_ever_less(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 10000, 0, 0);
    int n = 0;

    for (int i = 0; i < 100000; i++) {
        learn(bp, 40000);
        n += bp->window_ns > 0;
    }
    g_assert_cmpint(n, <, 100000 / 4096 + 20);
    g_assert_cmpint(n, >, 10);
}

/* Work that cannot come while the loop polls, because it needs the CPU. */
static void test_shared_cpu(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);
    int n = 0;

    for (int i = 0; i < 100000; i++) {
        bp->window_ns = aio_busy_poll_window_ns(bp);
        n += bp->window_ns > 0;
        aio_busy_poll_update_ns(bp, bp->window_ns + 9000);
    }
    g_assert_cmpint(n, <, 100000 / 4096 + 60);
    g_assert_cmpint(n, >, 10);
    /* A probe that finds work ends it. */
    while (aio_busy_poll_window_ns(bp) == 0) {
        bp->window_ns = 0;
        aio_busy_poll_update_ns(bp, 9000);
    }
    bp->window_ns = 32768;
    aio_busy_poll_update_ns(bp, 5000);
    g_assert_cmpint(learn(bp, 9000), >, 0);
}

/* The same, while every other window finds something. */
static void test_shared_cpu_with_others(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);
    int n = 0;

    for (int i = 0; i < 100000; i++) {
        bp->window_ns = aio_busy_poll_window_ns(bp);
        n += bp->window_ns > 0;
        aio_busy_poll_update_ns(bp, i % 2 ? 1000 : bp->window_ns + 9000);
    }
    g_assert_cmpint(n, <, 100000 / 20);
}

/* A window that is too short now and then is not late. */
static void test_often_long_enough(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    for (int i = 1; i < 1000; i++) {
        bp->window_ns = aio_busy_poll_window_ns(bp);
        aio_busy_poll_update_ns(bp, i % 4 ? 5000 : 40000);
        g_assert_cmpint(bp->ns, >, 0);
    }
}

static void do_nothing(void *opaque)
{
}

static void test_learns_from_waits(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, do_nothing,
                   NULL);
    aio_context_set_poll_params(f->ctx, INT64_MAX, 0, 0, &error_abort);
    aio_poll(f->ctx, true);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
    aio_poll(f->ctx, true);
    g_assert_cmpint(f->ctx->busy.ns, >, SCALE_MS / 2);
    g_assert_cmpint(f->ctx->busy.mean_ns, >, SCALE_MS / 2);
}

/* ---- Parameters ---- */

static void test_params_reset_time(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    learn(bp, 20000);
    aio_context_set_poll_params(f->ctx, 32768, 0, 0, &error_abort);
    aio_poll(f->ctx, true);
    g_assert_cmpint(bp->ns, ==, 0);
    g_assert_cmpint(bp->mean_ns, ==, -1);
}

static void test_weight_resets_time(Fixture *f, const void *data)
{
    AioBusyPoll *bp = learner(f, 32768, 0, 0);

    learn(bp, 20000);
    aio_context_set_poll_weight(f->ctx, 5, &error_abort);
    aio_poll(f->ctx, true);
    g_assert_cmpint(bp->ns, ==, 0);
    g_assert_cmpint(bp->weight, ==, 5);
    g_assert_cmpint(aio_context_get_poll_weight(f->ctx), ==, 5);
}

static void test_bad_weight(Fixture *f, const void *data)
{
    Error *err = NULL;

    g_assert_false(aio_context_set_poll_weight(f->ctx, 64, &err));
    assert_error(err, "bad poll-weight value");
    g_assert_false(aio_context_set_poll_weight(f->ctx, -1, &err));
    assert_error(err, "bad poll-weight value");
    g_assert_cmpint(aio_context_get_poll_weight(f->ctx), ==, 3);
}

/* ---- The table ---- */

typedef struct Row {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} Row;

static const Row rows[] = {
    { "time/grows", test_grows },
    { "time/grows-to-what-it-saw", test_grows_to_what_it_saw },
    { "time/grows-to-max", test_grows_to_max },
    { "time/grow-saturates", test_grow_saturates },
    { "time/gives-up", test_gives_up },
    { "time/shrinks-in-steps", test_shrinks_in_steps },
    { "params/0-is-the-default", test_0_is_the_default },
    { "time/shrink-1-never-gives-up", test_shrink_1_never_gives_up },
    { "time/comes-down-to-multiple-of-mean",
      test_comes_down_to_multiple_of_mean },
    { "time/one-late-event-does-not-stop-it",
      test_one_late_event_does_not_stop_it },
    { "time/weight", test_weight },
    { "time/is-learned-at-the-next-wait", test_learned_at_next_wait },
    { "time/weight-0-is-3", test_weight_0_is_3 },
    { "time/weight-63-keeps-first", test_weight_63 },
    { "time/probes", test_probes },
    { "time/probes-ever-less", test_probes_ever_less },
    { "time/late-on-a-shared-cpu", test_shared_cpu },
    { "time/late-on-a-shared-cpu/others", test_shared_cpu_with_others },
    { "time/often-long-enough", test_often_long_enough },
    { "time/learns-from-waits", test_learns_from_waits },
    { "params/reset-time", test_params_reset_time },
    { "params/weight-resets-time", test_weight_resets_time },
    { "params/bad-weight", test_bad_weight },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    for (const Row *row = rows; row->path; row++) {
        g_autofree char *path = g_strdup_printf("/aio/poll/%s", row->path);

        g_test_add(path, Fixture, NULL, set_up, row->test, tear_down);
    }
    return test_run();
}
