/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which callbacks a loop times, because reading the clock takes as long as a
 * quick callback.  The times are made up.
 */
#include "aio/context-internal.h"
#include "aio/aio-stats.h"
#include "tests/unit/test-util.h"

#define SOME_TICKS (UINT64_C(1000) * AIO_QUANTUM_TICKS)

static AioCallback named(const char *name)
{
    return (AioCallback) { .kind = AIO_CALLBACK_BH, .name = name, .fd = -1 };
}

static const char *longest_of(const AioCounters *counters)
{
    return atomic_load(&counters->longest[counters->version % 2].name);
}

/* Run a callback of @ticks at @now.  Returns true if it was timed. */
static bool run_made_up(AioCounters *counters, uint64_t *now, uint64_t ticks,
                        const char *name)
{
    AioCallback callback = named(name);
    uint64_t begin;

    if (aio_counters_want_time(counters)) {
        aio_counters_checked(counters, *now);
    }
    begin = counters->begin;
    *now += ticks;
    if (begin != 0) {
        aio_counters_callback_timed(counters, begin, *now, &callback);
    }
    *now += 1;
    return begin != 0;
}

static void test_timed(void)
{
    AioCounters counters = { };
    uint64_t now = SOME_TICKS;

    aio_counters_init(&counters);
    g_assert_true(run_made_up(&counters, &now, 5000, "first"));
    g_assert_true(run_made_up(&counters, &now, 5001, "second"));
    g_assert_true(run_made_up(&counters, &now, 5001, "third"));
    g_assert_cmpstr(longest_of(&counters), ==, "second");
    g_assert_cmpuint(counters.longest_ticks, ==, 5001);
    g_assert_cmpuint(atomic_load(&counters.longest_busy_ticks), ==, 5002);
}

static unsigned run_saturated(AioCounters *counters, uint64_t *now,
                              unsigned n)
{
    unsigned n_timed = 0;

    for (unsigned i = 0; i < n; i++) {
        n_timed += run_made_up(counters, now, 99, "quick");
    }
    return n_timed;
}

static void test_timed_share(void)
{
    AioCounters counters = { };
    uint64_t now = SOME_TICKS;
    unsigned n = 1000000, n_timed;
    unsigned share = n * UINT64_C(100) / AIO_READ_COST;

    aio_counters_init(&counters);
    run_saturated(&counters, &now, 10000);
    n_timed = run_saturated(&counters, &now, n);
    g_assert_cmpuint(n_timed, >=, share - 1);
    g_assert_cmpuint(n_timed, <=, share + 1);
}

/* Callbacks that are slow enough are all timed, however many. */
static void test_timed_slow(void)
{
    AioCounters counters = { };
    uint64_t now = SOME_TICKS;

    aio_counters_init(&counters);
    for (unsigned i = 0; i < 100000; i++) {
        g_assert_true(run_made_up(&counters, &now, 2 * AIO_READ_COST,
                                  "slow"));
    }
}

/* A slow callback that was not timed pays for the search for the next one. */
static void test_timed_next(void)
{
    AioCounters counters = { };
    uint64_t now = SOME_TICKS;

    aio_counters_init(&counters);
    run_saturated(&counters, &now, 100000);
    while (run_made_up(&counters, &now, 99, "quick")) {
        continue;
    }
    counters.n_unread = 0;
    g_assert_false(run_made_up(&counters, &now, 100 * SOME_TICKS, "slow"));
    g_assert_cmpstr(longest_of(&counters), ==, "quick");
    run_saturated(&counters, &now, 500);
    g_assert_true(run_made_up(&counters, &now, 100 * SOME_TICKS, "slow"));
    g_assert_cmpstr(longest_of(&counters), ==, "slow");
}

/* A callback lasts until it returns, also when it runs the loop. */
static void test_timed_nested(void)
{
    AioCounters counters = { };
    AioCallback outer = named("outer");
    uint64_t now = SOME_TICKS, begin;

    aio_counters_init(&counters);
    aio_counters_checked(&counters, now);
    begin = counters.begin;
    run_made_up(&counters, &now, 5000, "inner");
    aio_counters_callback_timed(&counters, begin, now + 10, &outer);
    g_assert_cmpstr(longest_of(&counters), ==, "outer");
}

/* Its end is not the begin of the next one if it was not timed itself. */
static void test_untimed_nested(void)
{
    AioCounters counters = { };
    uint64_t now = SOME_TICKS;

    aio_counters_init(&counters);
    g_assert_true(run_made_up(&counters, &now, 5000, "inner"));
    g_assert_cmpuint(counters.begin, !=, 0);
    aio_counters_callback_returned(&counters, 0, AIO_CALLBACK_READ, NULL, -1);
    g_assert_cmpuint(counters.begin, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aio/stats/timed/all", test_timed);
    g_test_add_func("/aio/stats/timed/share", test_timed_share);
    g_test_add_func("/aio/stats/timed/slow", test_timed_slow);
    g_test_add_func("/aio/stats/timed/next", test_timed_next);
    g_test_add_func("/aio/stats/timed/nested", test_timed_nested);
    g_test_add_func("/aio/stats/timed/nested-in-untimed", test_untimed_nested);
    return test_run();
}
