/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The benchmark harness: our implementation and its peers, in one process and
 * one run.
 *
 * A case is an entry of a table: a name, our implementation and up to
 * BENCH_MAX_PEERS others that do the same work.  The peer "floor" is the least
 * that any implementation has to do (malloc() and a struct, a bare epoll, a
 * plain heap).  A program consists of a table of cases and
 *
 *     int main(int argc, char **argv)
 *     {
 *         return bench_main(argc, argv, cases);
 *     }
 *
 * For each case the harness determines the number of operations of a sample per
 * implementation.  Then it runs rounds: one sample of ours and one of each
 * peer, so that a change of the machine's speed affects all of them.  Rounds
 * end when the spread of every ratio is small, or at the time limit.  For each
 * peer one line goes to stdout, with tabs between
 *
 *     case, peer, ours ns/op, peer ns/op, ratio peer/ours
 *
 * Times are medians over the rounds.  The ratio is the median of the rounds'
 * ratios; it is above 1 if ours is faster.  A case without a peer has "-" in
 * the columns that need one.
 *
 * Options, for all programs alike:
 *   --quick        a few milliseconds a case: proves that it runs
 *   --tap          print TAP, a test a case, with the lines as comments
 *   --list         print the names of the cases
 *   --time SECONDS limit per case (default 2)
 *   --impl NAME    only this implementation ("ours" or a peer), with
 *   --ops N        exactly N operations, untimed: for callgrind
 *   --verbose      rounds, spread and operations a sample, to stderr
 *   FILTER...      cases whose name contains one of these
 */
#ifndef QOM_TESTS_BENCH_H
#define QOM_TESTS_BENCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define BENCH_MAX_PEERS 6

/*
 * One implementation.  Only run() is timed, and only run() is needed.
 */
typedef struct BenchImpl {
    const char *name; /* of a peer: "gobject", "glib", "libuv", "floor", ... */
    /* Once per case: make what run() works on; @arg is the case's. */
    void *(*setup)(const void *arg);
    /* Before each sample of @n operations. */
    void (*before)(void *state, uint64_t n);
    /* Do @n operations. */
    void (*run)(void *state, uint64_t n);
    /* After each sample: bring the state back to what before() expects. */
    void (*after)(void *state, uint64_t n);
    /* Once per case. */
    void (*teardown)(void *state);
    /* (nullable) What the last run() is to count for, instead of the time
     * that it took; above 0 nanoseconds. */
    int64_t (*cost_ns)(void *state);
} BenchImpl;

typedef struct BenchCase {
    const char *name; /* "area/what/with-which-load"; NULL ends a table */
    const void *arg;  /* handed to every setup() */
    uint64_t max_ops; /* most operations a sample; 0 is no limit */
    BenchImpl ours;
    BenchImpl peers[BENCH_MAX_PEERS + 1]; /* the first without run() ends */
} BenchCase;

/**
 * bench_main: run the cases of a program
 * @argc: as main() got it
 * @argv: as main() got it
 * @cases: ends with a row whose name is NULL
 *
 * Returns: the exit status: 0, or 2 for wrong usage.  That no case matches
 * the filter is not an error, as filters are given to all programs at once.
 */
int bench_main(int argc, char **argv, const BenchCase *cases);

/**
 * bench_now_ns: the clock that samples are taken with
 *
 * Returns: nanoseconds of the monotonic clock
 */
int64_t bench_now_ns(void);

/**
 * BENCH_KEEP: make the compiler believe that a value is used
 * @value: an integer or pointer; what it points to counts as read and written
 */
#define BENCH_KEEP(value) __asm__ volatile("" : : "g"(value) : "memory")

#endif
