/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers: a list per clock, each with a heap.  timer.c and timer-heap.c explain
 * them.
 */
#ifndef QOM_AIO_TIMER_INTERNAL_H
#define QOM_AIO_TIMER_INTERNAL_H

#include "aio/timer.h"
#include "util/lock.h"
#include "util/queue.h"

#include <stdatomic.h>

typedef struct AioTimerEntry {
    int64_t expire_time_ns; /* not later than the timer's own */
    uint32_t seq;           /* order among equal times */
    uint32_t slot;
} AioTimerEntry;

typedef union AioTimerSlot {
    AioTimer *ts;
    unsigned next_free;
} AioTimerSlot;

typedef struct AioTimerHeap {
    AioTimerEntry *entries; /* n of them, from TIMER_HEAP_ROOT */
    unsigned *index;        /* by slot: where its entry is */
    AioTimerSlot *slots;
    unsigned n;
    unsigned capacity;
    unsigned n_slots;   /* ever used; they are 1 to n_slots */
    unsigned free_slot; /* 0: none */
} AioTimerHeap;

struct AioTimerList {
    Lock lock;
    AioClockType type;
    /* The heap's first time, INT64_MAX if it is empty; written under lock. */
    _Atomic int64_t first_ns;
    atomic_bool first_is_stale; /* that timer was moved to a later time */
    uint32_t next_seq;          /* under lock */
    AioTimerHeap heap;          /* under lock */
    AioContext *ctx;
    atomic_uint running; /* nested timer_list_group_run() calls */
    QueueLink link;      /* all lists of the process, see clock_enable() */
};

struct AioTimerListGroup {
    atomic_uint used; /* bits of the clocks that ever had a timer */
    AioTimerList lists[AIO_CLOCK_MAX];
};

AioTimerListGroup *timer_list_group_new(AioContext *ctx);
void timer_list_group_free(AioTimerListGroup *timers); /* (nullable) */

#endif
