/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What arming timers (timer.c) and running them (timer-run.c) share.
 *
 * Thread: under the list's lock
 */
#ifndef QOM_AIO_TIMER_LIST_INTERNAL_H
#define QOM_AIO_TIMER_LIST_INTERNAL_H

#include "aio/timer-heap-internal.h"

/* Copies the time of the heap's first entry with memory order @order. */
static inline void timer_list_publish_first(AioTimerList *list,
                                            memory_order order)
{
    const AioTimerEntry *first = timer_heap_first(&list->heap);
    int64_t first_ns = INT64_MAX;
    bool stale = false;

    if (first) {
        first_ns = first->expire_time_ns;
        stale = first->seq != timer_heap_timer(&list->heap, first)->armed_seq;
    }
    atomic_store_explicit(&list->first_is_stale, stale, memory_order_relaxed);
    atomic_store_explicit(&list->first_ns, first_ns, order);
}

/* The first time is later than it was.  A loop that sleeps wakes up too early
 * once, so the store needs no order. */
static inline void timer_list_first_is_later(AioTimerList *list)
{
    timer_list_publish_first(list, memory_order_relaxed);
}

static inline void timer_set_time(AioTimer *ts, int64_t expire_time_ns)
{
    /*
     * The field is not declared _Atomic, because aio/timer.h must compile as
     * C++, too.  Relaxed: it is written under the list's lock, and a thread
     * that reads it without the lock gets one of the times that were set.
     */
    atomic_store_explicit((_Atomic int64_t *)&ts->expire_time_ns,
                          expire_time_ns, memory_order_relaxed);
}

static inline void timer_list_disarm(AioTimerList *list, AioTimer *ts)
{
    timer_set_time(ts, -1);
    timer_heap_remove(&list->heap, ts);
}

#endif
