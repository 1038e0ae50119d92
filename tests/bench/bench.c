/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The benchmark harness.
 *
 * A case runs in three steps: set up all implementations, determine the number
 * of operations per sample for each, and then run *rounds*. A round is one
 * sample of each implementation in the order of the table.  Sample i of ours
 * and sample i of a peer are therefore close in time, and their ratio does not
 * depend on what the machine did in other rounds.  The harness runs rounds
 * until the spread of this ratio is small; the spread of the times does not
 * matter.
 */
#include "tests/bench/bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_IMPLS (BENCH_MAX_PEERS + 1)
#define MAX_ROUNDS 401
#define MIN_ROUNDS 9
#define SPREAD_GOAL 0.01 /* of the median ratio's confidence, see converged */

typedef struct BenchOptions {
    bool quick;
    bool tap;
    bool list;
    bool verbose;
    double limit_s;
    const char *impl;
    gint64 ops;
    char **filters;
} BenchOptions;

typedef struct Runner {
    const BenchImpl *impl;
    const char *name;
    void *state;
    uint64_t n_ops; /* a sample */
    double ns[MAX_ROUNDS];
} Runner;

typedef struct Run {
    const BenchCase *bcase;
    const BenchOptions *opts;
    Runner runners[MAX_IMPLS];
    unsigned n_runners;
    unsigned n_rounds;
} Run;

int64_t bench_now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Returns: nanoseconds that @n operations took */
static int64_t runner_sample(Runner *r, uint64_t n)
{
    int64_t start, ns;

    if (r->impl->before) {
        r->impl->before(r->state, n);
    }
    start = bench_now_ns();
    r->impl->run(r->state, n);
    ns = bench_now_ns() - start;
    if (r->impl->cost_ns) {
        ns = r->impl->cost_ns(r->state);
    }
    if (r->impl->after) {
        r->impl->after(r->state, n);
    }
    return MAX(ns, 1);
}

/* Find how many operations take about @goal_ns. */
static void runner_calibrate(Runner *r, int64_t goal_ns, uint64_t max_ops)
{
    uint64_t n = 1;

    /* The first one may do what the setup has left for later. */
    runner_sample(r, n);
    for (;;) {
        int64_t ns = runner_sample(r, n);

        if (n == max_ops || ns >= goal_ns / 2) {
            double want = (double)n * goal_ns / ns;

            r->n_ops = CLAMP(want, 1, max_ops);
            return;
        }
        n = MIN(n * (ns < goal_ns / 20 ? 10 : 2), max_ops);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Element number @part * (@n - 1) of the sorted values. */
static double quantile(const double *values, unsigned n, double part)
{
    double sorted[MAX_ROUNDS];

    memcpy(sorted, values, n * sizeof(*values));
    qsort(sorted, n, sizeof(*sorted), compare_doubles);
    return sorted[(unsigned)(part * (n - 1) + 0.5)];
}

/* The ratios of all rounds, or our times when @peer is ours. */
static void run_ratios(const Run *run, unsigned peer, double *ratios)
{
    for (unsigned i = 0; i < run->n_rounds; i++) {
        double ours = peer ? run->runners[0].ns[i] : 1;

        ratios[i] = run->runners[peer].ns[i] / ours;
    }
}

/*
 * The standard error of a median, estimated from the quartiles (the
 * interquartile range of a normal distribution is 1.35 deviations, and its
 * median's error 1.25 / sqrt(n) deviations), relative to the median.
 */
static double run_spread(const Run *run, unsigned peer)
{
    double ratios[MAX_ROUNDS];
    double range;

    run_ratios(run, peer, ratios);
    range = quantile(ratios, run->n_rounds, 0.75) -
            quantile(ratios, run->n_rounds, 0.25);
    return range / 1.35 * 1.25 / sqrt(run->n_rounds) /
           quantile(ratios, run->n_rounds, 0.5);
}

static bool run_converged(const Run *run)
{
    for (unsigned i = run->n_runners > 1; i < run->n_runners; i++) {
        if (run_spread(run, i) > SPREAD_GOAL) {
            return false;
        }
    }
    return true;
}

static void run_round(Run *run)
{
    for (unsigned i = 0; i < run->n_runners; i++) {
        Runner *r = &run->runners[i];

        r->ns[run->n_rounds] = (double)runner_sample(r, r->n_ops) / r->n_ops;
    }
    run->n_rounds++;
}

static void run_rounds(Run *run)
{
    bool quick = run->opts->quick;
    unsigned min_rounds = quick ? 3 : MIN_ROUNDS;
    int64_t limit_ns = quick ? 0 : run->opts->limit_s * 1e9;
    int64_t goal_ns = quick ? 100000 : 10000000;
    uint64_t max_ops = run->bcase->max_ops ? run->bcase->max_ops : UINT64_MAX;
    int64_t start;

    for (unsigned i = 0; i < run->n_runners; i++) {
        runner_calibrate(&run->runners[i], goal_ns, max_ops);
    }
    start = bench_now_ns();
    while (run->n_rounds < MAX_ROUNDS) {
        run_round(run);
        if (run->n_rounds >= min_rounds &&
            (bench_now_ns() - start >= limit_ns || run_converged(run))) {
            return;
        }
    }
}

static void run_print_verbose(const Run *run)
{
    for (unsigned i = 0; i < run->n_runners; i++) {
        fprintf(stderr, "# %s %s: %u rounds of %" PRIu64
                " operations, spread %.1f%%\n",
                run->bcase->name, run->runners[i].name, run->n_rounds,
                run->runners[i].n_ops, 100 * run_spread(run, i));
    }
}

static void run_print(const Run *run)
{
    const char *prefix = run->opts->tap ? "# " : "";
    double ours = quantile(run->runners[0].ns, run->n_rounds, 0.5);
    double ratios[MAX_ROUNDS];

    if (run->n_runners == 1) {
        printf("%s%s\t-\t%.2f\t-\t-\n", prefix, run->bcase->name, ours);
    }
    for (unsigned i = 1; i < run->n_runners; i++) {
        const Runner *peer = &run->runners[i];

        run_ratios(run, i, ratios);
        printf("%s%s\t%s\t%.2f\t%.2f\t%.2f\n", prefix, run->bcase->name,
               peer->name, ours, quantile(peer->ns, run->n_rounds, 0.5),
               quantile(ratios, run->n_rounds, 0.5));
    }
    if (run->opts->verbose) {
        run_print_verbose(run);
    }
}

static void run_add(Run *run, const BenchImpl *impl, const char *name)
{
    Runner *r = &run->runners[run->n_runners];

    if (run->opts->impl && strcmp(run->opts->impl, name) != 0) {
        return;
    }
    r->impl = impl;
    r->name = name;
    r->state = impl->setup ? impl->setup(run->bcase->arg) : NULL;
    run->n_runners++;
}

static void bench_case(const BenchCase *bcase, const BenchOptions *opts)
{
    g_autofree Run *run = g_new0(Run, 1);

    run->bcase = bcase;
    run->opts = opts;
    run_add(run, &bcase->ours, "ours");
    for (const BenchImpl *peer = bcase->peers; peer->run; peer++) {
        run_add(run, peer, peer->name);
    }
    if (opts->impl) {
        for (unsigned i = 0; i < run->n_runners; i++) {
            runner_sample(&run->runners[i], opts->ops);
        }
    } else {
        run_rounds(run);
        run_print(run);
    }
    for (unsigned i = run->n_runners; i-- > 0;) {
        if (run->runners[i].impl->teardown) {
            run->runners[i].impl->teardown(run->runners[i].state);
        }
    }
}

static bool case_wanted(const BenchCase *bcase, const BenchOptions *opts)
{
    if (!opts->filters) {
        return true;
    }
    for (char **filter = opts->filters; *filter; filter++) {
        if (strstr(bcase->name, *filter)) {
            return true;
        }
    }
    return false;
}

static void bench_cases(const BenchCase *cases, const BenchOptions *opts)
{
    unsigned n_done = 0;

    for (const BenchCase *bcase = cases; bcase->name; bcase++) {
        if (!case_wanted(bcase, opts)) {
            continue;
        }
        if (opts->list) {
            puts(bcase->name);
            continue;
        }
        bench_case(bcase, opts);
        n_done++;
        if (opts->tap) {
            printf("ok %u - %s\n", n_done, bcase->name);
        }
        fflush(stdout);
    }
    if (opts->tap) {
        printf("1..%u\n", n_done);
    }
}

static bool parse_options(int *argc, char ***argv, BenchOptions *opts)
{
    const GOptionEntry entries[] = {
        { "quick", 'q', 0, G_OPTION_ARG_NONE, &opts->quick,
          "a few milliseconds a case", NULL },
        { "tap", 0, 0, G_OPTION_ARG_NONE, &opts->tap, "print TAP", NULL },
        { "list", 'l', 0, G_OPTION_ARG_NONE, &opts->list,
          "print the names of the cases", NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &opts->verbose,
          "print rounds and spread to stderr", NULL },
        { "time", 't', 0, G_OPTION_ARG_DOUBLE, &opts->limit_s,
          "limit per case", "SECONDS" },
        { "impl", 0, 0, G_OPTION_ARG_STRING, &opts->impl,
          "run only this implementation, untimed", "NAME" },
        { "ops", 0, 0, G_OPTION_ARG_INT64, &opts->ops,
          "number of operations with --impl", "N" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY,
          &opts->filters, NULL, "[FILTER...]" },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "%s: %s\n", g_get_prgname(), error->message);
        return false;
    }
    return true;
}

int bench_main(int argc, char **argv, const BenchCase *cases)
{
    BenchOptions opts = { .limit_s = 2, .ops = 1000 };

    if (!parse_options(&argc, &argv, &opts)) {
        return 2;
    }
    bench_cases(cases, &opts);
    g_strfreev(opts.filters);
    g_free((char *)opts.impl);
    return 0;
}
