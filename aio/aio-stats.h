/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics: what a loop has done.
 *
 * Counting is always on.  Only the home thread counts, with plain stores, and
 * reading costs the loop nothing.
 *
 * If one call of aio_context_get_stats() returns before another one begins, in
 * any threads, then no counter and no time of the second one is less than that
 * of the first, except the depth of the thread pool and of file I/O, and the
 * threads of the pool.
 *
 * If the home thread itself reads, the following holds exactly; for other
 * threads, except for what the home thread does while they read:
 * - each wait ends for one cause, so the sum of `wakes` is the number of waits
 *   that had a timeout other than 0;
 * - the sum of the three times is the time since the loop first waited.
 *
 * Contract: docs/event-loop.md, "Statistics"
 */
#ifndef QOM_AIO_AIO_STATS_H
#define QOM_AIO_AIO_STATS_H

#include "aio/aio.h"

QOM_BEGIN_DECLS

typedef enum AioCallbackKind {
    AIO_CALLBACK_NONE,
    AIO_CALLBACK_BH,
    AIO_CALLBACK_READ,
    AIO_CALLBACK_WRITE,
    AIO_CALLBACK_POLL,     /* io_poll_ready, after io_poll returned true */
    AIO_CALLBACK_NOTIFIER, /* of aio_set_event_notifier() */
    AIO_CALLBACK_TIMER,
    AIO_CALLBACK__MAX,
} AioCallbackKind;

typedef enum AioWakeCause {
    AIO_WAKE_BY_FD,           /* a file descriptor was ready */
    AIO_WAKE_BY_NOTIFICATION, /* aio_notify(), a bottom half, an earlier
                                 timer */
    AIO_WAKE_BY_TIMER,        /* none of these, and a timer has expired */
    AIO_WAKE_BY_OTHER,        /* a signal, an idle bottom half, or GLib */
    AIO_WAKE_BY__MAX,
} AioWakeCause;

typedef struct AioStats {
    uint64_t iterations;                   /* of the loop */
    uint64_t wakes[AIO_WAKE_BY__MAX];      /* ends of waits, by cause */
    uint64_t callbacks[AIO_CALLBACK__MAX]; /* by kind */

    uint64_t polling_ns; /* time spent busy polling, */
    uint64_t asleep_ns;  /* sleeping in the kernel, */
    uint64_t busy_ns;    /* and otherwise: in callbacks, and finding them */

    int thread_id;   /* of the home thread; 0: none */
    uint64_t cpu_ns; /* CPU time of that thread, also for other contexts */

    uint64_t thread_pool_requests; /* that were submitted */
    unsigned thread_pool_depth;    /* whose callback has not run yet */
    unsigned thread_pool_threads;

    uint64_t file_requests; /* to files, that were submitted (aio/file/) */
    uint64_t file_bytes;    /* that they have read and written */
    unsigned file_depth;    /* requests whose callback has not run yet */

    /* Handlers that have no io_poll.  While there is one, busy polling makes
     * system calls, unless the fd monitor is io_uring. */
    unsigned handlers_without_poll;

    /*
     * The longest callback that was timed, from its call to its return.  All
     * callbacks are timed, unless the loop is saturated with callbacks that
     * take a few microseconds or less; see docs/event-loop.md.
     */
    uint64_t longest_ns;
    AioCallbackKind longest_kind;
    const char *longest_name; /* static text, of a bottom half; NULL: it was
                                 none */
    void *longest_function;   /* the callback; NULL: none was timed */
    int longest_fd;           /* -1: the callback has none */

    /* The longest time for which the loop did not check file descriptors.  It
     * may include up to 16 iterations that did. */
    uint64_t longest_busy_ns;
} AioStats;

/**
 * aio_context_get_stats: reads the counters of a context
 * @ctx: the context
 * @stats: filled in
 *
 * Thread: any; never waits
 */
void aio_context_get_stats(AioContext *ctx, AioStats *stats);

/**
 * aio_stats_get_longest_name: names the longest callback, for people
 * @stats: borrowed, from aio_context_get_stats()
 *
 * The name is "bottom half NAME", "read of fd 7: FUNCTION", "timer: FUNCTION"
 * and so on.  FUNCTION is "FILE+0xOFFSET", which addr2line takes, if a stripped
 * file does not export the function.
 *
 * Returns: (transfer full) (nullable) to be freed with g_free(); NULL if no
 *          callback was timed
 * Thread: any
 */
char *aio_stats_get_longest_name(const AioStats *stats);

/**
 * aio_set_slow_callback_ns: requests warnings of callbacks that block a loop
 * @ns: nanoseconds, counted from the call of a callback to its return; 0, as at
 *      first, switches the warnings off
 *
 * A callback of any loop of the process that takes at least this time is
 * reported by a message of the area "aio" (util/log.h), with its name as in
 * aio_stats_get_longest_name().  Only callbacks that are timed are reported,
 * see AioStats.longest_ns.
 *
 * Thread: any
 * Contract: docs/event-loop.md, "Statistics"
 */
void aio_set_slow_callback_ns(int64_t ns);

/* ---- Histograms ---- */

enum { AIO_HISTOGRAM_BUCKETS = 528 };

typedef enum AioHistogramKind {
    /*
     * Times for which the loop did not look for ready file descriptors: from
     * the end of a wait or check to the next one.  An event that happens in
     * between has to wait for the rest of it.
     */
    AIO_HISTOGRAM_LAG,
    AIO_HISTOGRAM_CALLBACK, /* durations of callbacks that were timed */
    AIO_HISTOGRAM__MAX,
} AioHistogramKind;

/* A copy of a histogram.  A bucket is at most 6 % wide; the last one also has
 * all longer times. */
typedef struct AioHistogram {
    uint64_t n;         /* sum of the counts */
    double ns_per_tick; /* private: the unit of the buckets */
    uint64_t counts[AIO_HISTOGRAM_BUCKETS];
} AioHistogram;

/**
 * aio_context_get_histogram: reads a histogram
 * @ctx: the context
 * @kind: which one
 * @histogram: filled in
 *
 * No count is less than at an earlier call.
 *
 * Thread: any; never waits
 */
void aio_context_get_histogram(AioContext *ctx, AioHistogramKind kind,
                               AioHistogram *histogram);

/**
 * aio_histogram_get_limit_ns: returns the end of a bucket
 * @histogram: from aio_context_get_histogram()
 * @bucket: index of counts[]
 *
 * Returns: nanoseconds; the times of the bucket are less; UINT64_MAX for the
 *          last one
 * Thread: any
 */
uint64_t aio_histogram_get_limit_ns(const AioHistogram *histogram,
                                    unsigned bucket);

/**
 * aio_histogram_get_percentile_ns: returns the time of a percentile
 * @histogram: from aio_context_get_histogram()
 * @percent: 0 to 100
 *
 * Returns: nanoseconds, of which @percent of all times are not longer; exact to
 *          6 %; 0 if there are no times
 * Thread: any
 */
uint64_t aio_histogram_get_percentile_ns(const AioHistogram *histogram,
                                         double percent);

QOM_END_DECLS

#endif
