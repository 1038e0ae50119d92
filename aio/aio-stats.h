/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a loop has done, counted while it does it.
 *
 * The counters are always on.  Each is written by the home thread alone, with
 * plain stores, so counting costs a bottom half one part in a hundred; who
 * reads them costs the loop nothing.
 *
 * Two readings of one thread relate to each other: no counter ever goes back;
 * a time may by what lasted when it was read, as a loop that finds events all
 * the time says late that it has slept.  Of one reading these relations hold
 * exactly when the home thread itself reads, and else but for what it does
 * meanwhile:
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
     * The longest callback of all that were timed on their own: those of a
     * round that follows a sleep, the bottom halves of a row of slow ones, and
     * of any others one in so many, see docs/event-loop.md.
     */
    uint64_t longest_ns;
    AioCallbackKind longest_kind;
    const char *longest_name; /* bottom half: static text; else NULL */
    void *longest_function;   /* the callback; NULL without */
    int longest_fd;           /* -1 without */

    /* The longest time for which it did not look at descriptors. */
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
