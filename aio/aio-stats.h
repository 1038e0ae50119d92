/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a loop has done, counted while it does it.
 *
 * The counters are always on.  The home thread alone writes them, with plain
 * stores.  Reading them costs the loop nothing.
 *
 * If one call of aio_context_get_stats() returns before another one begins, in
 * whichever threads, then no counter and no time of the second is less than
 * that of the first, except the depth and the threads of the thread pool.
 *
 * These relations hold exactly when the home thread itself reads.  For other
 * threads they hold except for what the home thread does in the meantime:
 * - waits end for one cause each, so the wakes add up to the waits that were
 *   allowed to last;
 * - the three times add up to the time since the loop first waited.
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
    AIO_CALLBACK_POLL,     /* busy polling had found it ready */
    AIO_CALLBACK_NOTIFIER, /* of aio_set_event_notifier() */
    AIO_CALLBACK_TIMER,
    AIO_CALLBACK__MAX,
} AioCallbackKind;

typedef enum AioWakeCause {
    AIO_WAKE_BY_FD,           /* some descriptor was ready */
    AIO_WAKE_BY_NOTIFICATION, /* aio_notify(), a bottom half, an earlier
                                 timer */
    AIO_WAKE_BY_TIMER,        /* none of these, and a timer has expired */
    AIO_WAKE_BY_OTHER,        /* a signal, an idle bottom half, or GLib */
    AIO_WAKE_BY__MAX,
} AioWakeCause;

typedef struct AioStats {
    uint64_t iterations;                   /* rounds of the loop */
    uint64_t wakes[AIO_WAKE_BY__MAX];      /* ends of waits, by cause */
    uint64_t callbacks[AIO_CALLBACK__MAX]; /* by kind */

    uint64_t polling_ns; /* busy polling */
    uint64_t asleep_ns;  /* in the kernel until something comes */
    uint64_t busy_ns;    /* else: in callbacks, and looking for them */

    uint64_t thread_pool_requests; /* that ever came */
    unsigned thread_pool_depth;    /* whose callback has not come */
    unsigned thread_pool_threads;

    /*
     * The longest callback that was timed, from its call to its return.  Every
     * callback is timed, unless the loop is saturated with callbacks that take
     * a few microseconds or less; see docs/event-loop.md.
     */
    uint64_t longest_ns;
    AioCallbackKind longest_kind;
    const char *longest_name; /* bottom half: static text; else NULL */
    void *longest_function;   /* the callback; NULL without */
    int longest_fd;           /* -1 without */

    /* The longest time for which the loop did not check the descriptors.  Up
     * to 16 iterations in which it did may be taken together. */
    uint64_t longest_busy_ns;
} AioStats;

/**
 * aio_context_get_stats: read the counters
 * @ctx: the context
 * @stats: filled in
 *
 * Thread: any; never waits
 */
void aio_context_get_stats(AioContext *ctx, AioStats *stats);

/**
 * aio_stats_get_longest_name: name the longest callback, for people
 * @stats: from aio_context_get_stats()
 *
 * "bottom half NAME", "read of fd 7: FUNCTION", "timer: FUNCTION".  FUNCTION
 * is the symbol that the linker exports at just this address, else
 * "FILE+0xOFFSET", as addr2line takes it.
 *
 * Returns: (transfer full) NULL when there is none
 * Thread: any
 */
char *aio_stats_get_longest_name(const AioStats *stats);

QOM_END_DECLS

#endif
