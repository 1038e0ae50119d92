/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counters of a context, and what its home thread does to them.
 *
 * Counters are atomic for the sake of other threads that read; the home
 * thread alone writes, so a load and a store make a sum.
 *
 * Time is read in ticks, where a system call is made or the time is asked for
 * anyway: when the loop begins and ends to wait, and now and then in rows of
 * bottom halves and of rounds that need not wait.  A round is *exact* when its
 * first callbacks are timed each on its own: after a sleep, while callbacks
 * take long, and while the loop hunts.
 * It hunts for a number of rounds after it was busy for longer than the
 * longest callback that it knows, in rounds that were not exact: one of
 * their callbacks may have been longer.  Then it rests for longer.
 *
 * Included by aio-internal.h alone.
 */
#ifndef QOM_AIO_STATS_INTERNAL_H
#define QOM_AIO_STATS_INTERNAL_H

#include "aio/aio-stats.h"
#include "aio/ticks-internal.h"

#include <stdatomic.h>

typedef _Atomic uint64_t AioCounter;

typedef enum AioTime {
    AIO_TIME_BUSY,
    AIO_TIME_ASLEEP,
    AIO_TIME_POLLING,
    AIO_TIME__MAX,
} AioTime;

/* Bits of AioCounters.since that hold an AioTime. */
#define AIO_TIME_MASK UINT64_C(3)

typedef struct AioLongest {
    AioCounter ticks;
    atomic_int kind;
    _Atomic(const char *) name;
    _Atomic(void *) function;
    atomic_int fd;
} AioLongest;

typedef struct AioCounters {
    /* What a round of bottom halves touches. */
    AioCounter iterations;
    AioCounter bottom_halves; /* that were progress */
    unsigned exact; /* callbacks to be timed yet in this round; home thread */

    AioCounter callbacks[AIO_CALLBACK__MAX]; /* bottom halves: idle ones */
    AioCounter wakes[AIO_WAKE_BY__MAX];
    AioCounter ticks[AIO_TIME__MAX]; /* until `since` */
    AioCounter since; /* ticks and, in AIO_TIME_MASK, what goes on since then;
                         0 until the first wait */
    AioCounter longest_busy_ticks;
    AioCounter pool_submitted;
    AioCounter pool_completed;

    /* The one of `version` is constant until the one after the next. */
    AioLongest longest[2];
    atomic_uint version;

    /* The home thread's alone. */
    uint64_t mark;          /* when what was not timed yet began; 0: unknown */
    uint64_t looked;        /* when descriptors were looked at; 0: unknown */
    uint64_t longest_ticks; /* the longest callback's */
    unsigned n_found;       /* rounds since `looked` that found something, */
    unsigned found_step;    /* and at how many the time is read */
    unsigned hunt;          /* exact rounds to come */
    unsigned hunt_next;     /* how many at the next reason */
    unsigned rest;          /* readings of the time until the next hunt */
} AioCounters;

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

/* The same; who reads this sum sees the others before it. */
static inline void aio_counter_publish(AioCounter *counter, uint64_t n)
{
    atomic_store_explicit(counter, aio_counter_get(counter) + n,
                          memory_order_release);
}

void aio_counters_init(AioCounters *counters);

/*
 * aio_counters_wait: the loop begins to wait in the way of @what, or goes
 * from one way to the other.
 */
void aio_counters_wait(AioCounters *counters, AioTime what);

/*
 * It does not wait any more; callbacks follow.
 *
 * Returns: how many ticks it has waited
 */
uint64_t aio_counters_wake(AioCounters *counters);

/* The same, after something else may have followed first. */
void aio_counters_resume(AioCounters *counters);

/* It looked at descriptors without a wait; @exact: this round can afford it. */
void aio_counters_look(AioCounters *counters, uint64_t now, bool exact);

/* The same, where the time is not known. */
void aio_counters_glance(AioCounters *counters);

/* The same, in a row of rounds that find something at once. */
void aio_counters_found_slow(AioCounters *counters);
static inline void aio_counters_found(AioCounters *counters)
{
    counters->exact = 0;
    if (++counters->n_found >= counters->found_step) {
        aio_counters_found_slow(counters);
    }
}

/*
 * aio_counters_row: the time is read in a row of bottom halves
 * @now: that time
 * @n: bottom halves since it was read last, at least 1
 *
 * Returns: whether it must be read again after the round that follows
 */
bool aio_counters_row(AioCounters *counters, uint64_t now, unsigned n);

/* In an exact round a callback has returned. */
void aio_counters_ran(AioCounters *counters, AioCallbackKind kind,
                      const char *name, void *function, int fd);

/* When descriptors were last looked at, by and large; a little while ago. */
static inline uint64_t aio_counters_last_look(const AioCounters *counters)
{
    return counters->looked ? counters->looked : aio_ticks();
}

/* A callback has returned that is no bottom half. */
static inline void aio_counters_called(AioCounters *counters,
                                       AioCallbackKind kind, void *function,
                                       int fd)
{
    aio_counter_add(&counters->callbacks[kind], 1);
    if (counters->exact) {
        aio_counters_ran(counters, kind, NULL, function, fd);
    }
}

#endif
