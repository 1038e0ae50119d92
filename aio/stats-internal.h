/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counters of a context, and how its home thread updates them.
 *
 * Only the home thread writes a counter, so a load, an addition and a store
 * suffice.  Counters are atomic because other threads read them.
 *
 * The clock (in ticks) is read where a system call is made or the time is
 * needed anyway.  A reading that serves only to time a callback is paid from a
 * budget: so many ticks must have passed for each.  A loop whose callbacks take
 * a microsecond or more can therefore time every one of them, and a loop that
 * runs millions of shorter ones a second times a few.
 *
 * In all functions @now is the time that the caller has read with aio_ticks().
 *
 * Only context-internal.h includes this header.
 */
#ifndef QOM_AIO_STATS_INTERNAL_H
#define QOM_AIO_STATS_INTERNAL_H

#include "aio/aio-stats.h"
#include "aio/histogram-internal.h"
#include "aio/ticks-internal.h"

#include <stdatomic.h>

typedef _Atomic uint64_t AioCounter;

typedef enum AioTime {
    AIO_TIME_BUSY,
    AIO_TIME_ASLEEP,
    AIO_TIME_POLLING,
    AIO_TIME__MAX,
} AioTime;

/*
 * Ticks that must pass for each reading of the clock that only times a
 * callback.  A reading and what belongs to it take 50 to 150 ticks, so timing
 * costs less than two per cent of the loop's time.
 */
#define AIO_READ_COST AIO_QUANTUM_TICKS

/* Iterations after which the clock is read even without budget, so that the
 * times that readers get are never older. */
#define AIO_UNREAD_MAX 16

/* A callback that was timed, for the record of the longest one. */
typedef struct AioCallback {
    AioCallbackKind kind;
    const char *name; /* of a bottom half; else NULL */
    void *function;
    int fd; /* -1: none */
} AioCallback;

/* The same for readers in other threads, with the callback's duration. */
typedef struct AioLongest {
    AioCounter ns;
    atomic_int kind;
    _Atomic(const char *) name;
    _Atomic(void *) function;
    atomic_int fd;
} AioLongest;

typedef struct AioCounters {
    /* Every iteration that runs bottom halves writes these. */
    AioCounter iterations;
    AioCounter bottom_halves; /* not counting idle ones */
    uint64_t begin;    /* when the next callback begins, if it is timed; 0 if
                          it is not.  Home thread */
    int64_t budget;    /* ticks; home thread */
    unsigned n_unread; /* iterations since the clock was read; home thread */

    AioCounter callbacks[AIO_CALLBACK__MAX]; /* bottom halves: idle ones */
    AioCounter wakes[AIO_WAKE_BY__MAX];
    AioCounter times[AIO_TIME__MAX]; /* see time_start() in stats.c */
    AioCounter longest_busy_ticks;

    /* longest[version % 2] does not change until version has changed. */
    AioLongest longest[2];
    atomic_uint version;

    /* Home thread. */
    AioTime what;           /* which of `times` runs */
    uint64_t since;         /* since when; 0: none of them runs */
    uint64_t read;          /* when the clock was last read */
    uint64_t check_ticks;   /* when the clock was last read after a check of
                               the file descriptors; 0: never */
    uint64_t longest_ticks; /* duration of the longest callback */

    /* Last, so that the fields above are in few cache lines. */
    AioTicksHistogram histograms[AIO_HISTOGRAM__MAX];
} AioCounters;

/* The largest times that readers got, in nanoseconds.  Any thread that reads
 * statistics writes them. */
typedef struct AioReported {
    AioCounter times[AIO_TIME__MAX];
    AioCounter longest_busy;
    AioCounter cpu;
} AioReported;

static inline uint64_t aio_counter_get(const AioCounter *counter)
{
    return atomic_load_explicit((AioCounter *)counter, memory_order_relaxed);
}

/* Home thread. */
static inline void aio_counter_add(AioCounter *counter, uint64_t n)
{
    atomic_store_explicit(counter, aio_counter_get(counter) + n,
                          memory_order_relaxed);
}

/* The same.  A thread that reads this sum (acquire) also sees what the home
 * thread stored before. */
static inline void aio_counter_publish(AioCounter *counter, uint64_t n)
{
    atomic_store_explicit(counter, aio_counter_get(counter) + n,
                          memory_order_release);
}

void aio_counters_init(AioCounters *counters);

/* The loop begins to wait, or to wait in another way. */
void aio_counters_begin_wait(AioCounters *counters, AioTime what,
                             uint64_t now);

/* The wait has ended and callbacks follow.  Returns: its duration in ticks */
uint64_t aio_counters_end_wait(AioCounters *counters, uint64_t now);

/*
 * A GSource dispatches: as aio_counters_end_wait(), unless the wait has ended
 * before.  GLib may have run other sources since then.
 */
void aio_counters_begin_dispatch(AioCounters *counters, uint64_t now);

/* The loop has checked file descriptors without waiting. */
void aio_counters_checked(AioCounters *counters, uint64_t now);

/* Callbacks follow, after neither a wait nor a check. */
void aio_counters_start(AioCounters *counters, uint64_t now);

/*
 * Returns: true if the clock is to be read, for aio_counters_checked() or
 * aio_counters_start(); otherwise the callbacks that follow are not timed
 */
static inline bool aio_counters_want_time(AioCounters *counters)
{
    counters->begin = 0;
    /* One reading before the callback and one after it. */
    if (counters->budget >= 2 * AIO_READ_COST) {
        counters->budget -= AIO_READ_COST;
        return true;
    }
    return ++counters->n_unread >= AIO_UNREAD_MAX;
}

/* A callback that began at @begin has returned. */
void aio_counters_callback_timed(AioCounters *counters, uint64_t begin,
                                 uint64_t now, const AioCallback *callback);

/* Returns: when file descriptors were last checked; up to AIO_UNREAD_MAX checks
 * ago, as the clock is not read after each. */
static inline uint64_t aio_counters_last_check(const AioCounters *counters)
{
    return counters->check_ticks ? counters->check_ticks : aio_ticks();
}

/*
 * A callback that is not a bottom half has returned.
 * @begin: counters->begin from before the call
 */
static inline void aio_counters_callback_returned(AioCounters *counters,
                                                  uint64_t begin,
                                                  AioCallbackKind kind,
                                                  void *function, int fd)
{
    aio_counter_add(&counters->callbacks[kind], 1);
    if (begin != 0) {
        aio_counters_callback_timed(counters, begin, aio_ticks(),
                                    &(AioCallback) {
                                        .kind = kind,
                                        .function = function,
                                        .fd = fd,
                                    });
    } else {
        /* An iteration inside the callback may have set it. */
        counters->begin = 0;
    }
}

#endif
