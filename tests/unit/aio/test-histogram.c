/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buckets of histograms, percentiles, and what loops put into them. */
#include "aio/context-internal.h"
#include "aio/histogram-internal.h"
#include "tests/unit/test-util.h"

/* Neither gaps nor overlaps, and no bucket wider than promised. */
static void test_buckets(void)
{
    AioHistogram h = { .ns_per_tick = 1 };
    uint64_t begin = 0;

    for (unsigned i = 0; i < AIO_HISTOGRAM_BUCKETS - 1; i++) {
        uint64_t end = aio_histogram_get_limit_ns(&h, i);

        g_assert_cmpuint(end, >, begin);
        g_assert_cmpuint(aio_histogram_bucket(begin), ==, i);
        g_assert_cmpuint(aio_histogram_bucket(end - 1), ==, i);
        g_assert_cmpuint(aio_histogram_bucket(end), ==, i + 1);
        g_assert_true(i < 16 || (end - begin) * 16 <= begin);
        begin = end;
    }
    g_assert_cmpuint(aio_histogram_bucket(UINT64_MAX), ==,
                     AIO_HISTOGRAM_BUCKETS - 1);
    g_assert_cmpuint(aio_histogram_get_limit_ns(&h, AIO_HISTOGRAM_BUCKETS - 1),
                     ==, UINT64_MAX);
}

static void assert_near(uint64_t value, uint64_t expected)
{
    g_assert_cmpuint(value, >=, expected * 94 / 100);
    g_assert_cmpuint(value, <=, expected * 106 / 100);
}

static void test_percentiles(void)
{
    static AioTicksHistogram ticks;
    AioHistogram h;

    aio_histogram_read(&ticks, 0.5, &h);
    g_assert_cmpuint(h.n, ==, 0);
    g_assert_cmpuint(aio_histogram_get_percentile_ns(&h, 50), ==, 0);
    for (uint64_t i = 1; i <= 1000; i++) {
        aio_histogram_add(&ticks, i * 10000);
    }
    aio_histogram_read(&ticks, 0.5, &h);
    g_assert_cmpuint(h.n, ==, 1000);
    assert_near(aio_histogram_get_percentile_ns(&h, 1), 50000);
    assert_near(aio_histogram_get_percentile_ns(&h, 50), 2500000);
    assert_near(aio_histogram_get_percentile_ns(&h, 99), 4950000);
    assert_near(aio_histogram_get_percentile_ns(&h, 100), 5000000);
}

/* ---- Of a loop ---- */

typedef struct Fixture {
    AioContext *ctx;
    uint64_t spin_ns;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
}

static void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
}

static void spin(void *opaque)
{
    Fixture *f = opaque;
    int64_t end_ns = clock_get_ns(AIO_CLOCK_REALTIME) + f->spin_ns;

    while (clock_get_ns(AIO_CLOCK_REALTIME) < end_ns) {
        continue;
    }
}

/* Sleeps, is woken up by a timer, and calls it. */
static void run_timer(Fixture *f)
{
    AioTimer *timer = aio_timer_new(f->ctx, AIO_CLOCK_REALTIME, SCALE_NS, spin,
                                    f);

    timer_mod_ns(timer, clock_get_ns(AIO_CLOCK_REALTIME) + 1000);
    while (timer_pending(timer)) {
        aio_poll(f->ctx, true);
    }
    timer_free(timer);
}

static void test_callbacks(Fixture *f, const void *data)
{
    AioHistogram h;

    f->spin_ns = 1000 * 1000;
    for (int i = 0; i < 10; i++) {
        run_timer(f);
    }
    aio_context_get_histogram(f->ctx, AIO_HISTOGRAM_CALLBACK, &h);
    g_assert_cmpuint(h.n, ==, 10);
    /* The machine may have been busy with others. */
    g_assert_cmpuint(aio_histogram_get_percentile_ns(&h, 0), >=, 900 * 1000);
}

/* The loop is away while the callback runs: it is the lag of other events. */
static void test_lag(Fixture *f, const void *data)
{
    AioHistogram h;

    f->spin_ns = 1000 * 1000;
    for (int i = 0; i < 10; i++) {
        run_timer(f);
    }
    f->spin_ns = 0;
    run_timer(f);
    aio_context_get_histogram(f->ctx, AIO_HISTOGRAM_LAG, &h);
    g_assert_cmpuint(h.n, >=, 10);
    g_assert_cmpuint(aio_histogram_get_percentile_ns(&h, 100), >=,
                     900 * 1000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aio/histogram/buckets", test_buckets);
    g_test_add_func("/aio/histogram/percentiles", test_percentiles);
    g_test_add("/aio/histogram/callbacks", Fixture, NULL, set_up,
               test_callbacks, tear_down);
    g_test_add("/aio/histogram/lag", Fixture, NULL, set_up, test_lag,
               tear_down);
    return test_run();
}
