/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The roles of a thread pool's workers, in all interleavings: see pool-model.h.
 */
#include "tests/unit/aio/thread-pool/pool-model.h"
#include "tests/unit/test-util.h"

static const PoolModelConfig rows[] = {
    { .name = "short", .max = 2,
      .requests = { SHORT, SHORT, SHORT, SHORT } },
    { .name = "short-and-spinning", .max = 2, .spins = true,
      .requests = { SHORT, SHORT, SHORT } },
    { .name = "one-waits-for-the-next", .max = 2,
      .requests = { SHORT, WAITS_NEXT, SHORT, SHORT } },
    { .name = "one-waits-for-the-next-and-spinning", .max = 2, .spins = true,
      .requests = { WAITS_NEXT, SHORT, SHORT } },
    { .name = "two-wait", .max = 3,
      .requests = { WAITS_NEXT, WAITS_NEXT, SHORT } },
    { .name = "result-before-a-long-one", .max = 2,
      .requests = { SHORT, SHORT, WAITS_PREV, SHORT } },
    { .name = "result-before-a-long-one-and-no-other-worker", .max = 1,
      .requests = { SHORT, SHORT, WAITS_PREV } },
    { .name = "one-never-ends", .max = 2,
      .requests = { SHORT, NEVER_ENDS, SHORT, SHORT } },
    { .name = "all-never-end", .max = 2,
      .requests = { NEVER_ENDS, SHORT, NEVER_ENDS, SHORT } },
    { .name = "idle-workers-end", .max = 2, .leaves = true,
      .requests = { SHORT, LONG, SHORT } },
    { .name = "idle-workers-end-and-spinning", .max = 2, .leaves = true,
      .spins = true, .requests = { SHORT, WAITS_NEXT, SHORT } },
    { .name = "some-stay", .max = 2, .min = 1, .leaves = true,
      .requests = { SHORT, WAITS_NEXT, SHORT } },
    { .name = "maximum-is-lowered", .max = 2, .then_max = 1,
      .requests = { SHORT, LONG, SHORT } },
    { .name = "maximum-is-raised", .max = 1, .then_max = 2,
      .requests = { WAITS_NEXT, SHORT, SHORT } },
    { .name = "no-thread-at-first", .max = 2, .failures = 2,
      .requests = { SHORT, WAITS_NEXT, SHORT } },

    { .name = "limit/all-wait", .max = 1, .fault = FAULT_WAITS,
      .requests = { WAITS_NEXT, SHORT } },

    { .name = "mistake/trust-busy-workers", .max = 2,
      .mistake = TRUST_BUSY_WORKERS, .fault = FAULT_WAITS,
      .requests = { WAITS_NEXT, SHORT } },
    { .name = "mistake/take-without-successor", .max = 3,
      .mistake = TAKE_WITHOUT_SUCCESSOR, .fault = FAULT_WAITS,
      .requests = { WAITS_NEXT, SHORT } },
    { .name = "mistake/spin-and-sleep", .max = 2, .spins = true,
      .mistake = SPIN_AND_SLEEP, .fault = FAULT_WAITS,
      .requests = { SHORT, SHORT, SHORT } },
    { .name = "mistake/keep-results", .max = 1,
      .mistake = KEEP_RESULTS, .fault = FAULT_UNREPORTED,
      .requests = { SHORT, WAITS_PREV } },
    { .name = "mistake/watch-silently", .max = 2,
      .mistake = WATCH_SILENTLY, .fault = FAULT_UNREPORTED,
      .requests = { SHORT, WAITS_PREV } },
    { .name = "mistake/take-over-nothing", .max = 2,
      .mistake = TAKE_OVER_NOTHING, .fault = FAULT_UNREPORTED,
      .requests = { SHORT, WAITS_PREV, WAITS_PREV } },
    { .name = "mistake/forget-failure", .max = 2, .failures = 1,
      .mistake = FORGET_FAILURE, .fault = FAULT_ROLES,
      .requests = { SHORT } },
    { .name = "mistake/resign-twice", .max = 2, .then_max = 1,
      .mistake = RESIGN_TWICE, .fault = FAULT_ROLES,
      .requests = { SHORT, SHORT, SHORT } },
};

static void test_row(const void *data)
{
    const PoolModelConfig *c = data;
    g_auto(Exploration) result = pool_model_explore(c);

    g_test_message("%u states", result.n_states);
    if (result.fault) {
        g_test_message("%s\n%s", result.fault, result.trace);
    }
    g_assert_cmpstr(result.fault, ==, c->fault);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/aio/thread-pool/model/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return test_run();
}
