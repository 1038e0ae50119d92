/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The heap of a timer list; timer-heap.c explains it.
 *
 * Thread: under the list's lock
 */
#ifndef QOM_AIO_TIMER_HEAP_INTERNAL_H
#define QOM_AIO_TIMER_HEAP_INTERNAL_H

#include "aio/aio-internal.h"

/* Where the first entry is, so that four siblings share a cache line. */
#define TIMER_HEAP_ROOT 3

/**
 * timer_heap_first: the entry that expires first, as far as the heap knows
 *
 * Returns: borrowed until the heap changes; NULL when it is empty
 */
static inline const AioTimerEntry *timer_heap_first(const AioTimerList *list)
{
    return list->n ? &list->heap[TIMER_HEAP_ROOT] : NULL;
}

/* Put @ts in, which is not, at the time and place that it says. */
void timer_heap_insert(AioTimerList *list, AioTimer *ts);

/* Take @ts out, which is in. */
void timer_heap_remove(AioTimerList *list, AioTimer *ts);

/* Move @ts, which is in, to the time and place that it says. */
void timer_heap_update(AioTimerList *list, AioTimer *ts);

void timer_heap_cleanup(AioTimerList *list);

#endif
