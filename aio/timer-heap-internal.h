/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The heap of a timer list; timer-heap.c explains it.
 *
 * Thread: under the list's lock
 */
#ifndef QOM_AIO_TIMER_HEAP_INTERNAL_H
#define QOM_AIO_TIMER_HEAP_INTERNAL_H

#include "aio/context-internal.h"

/* Where the first entry is, so that four siblings share a cache line. */
#define TIMER_HEAP_ROOT 3

/**
 * timer_heap_first: the entry that expires first, as far as the heap knows
 *
 * Returns: borrowed until the heap changes; NULL when it is empty
 */
static inline const AioTimerEntry *timer_heap_first(const AioTimerHeap *heap)
{
    return heap->n ? &heap->entries[TIMER_HEAP_ROOT] : NULL;
}

/* Returns: the timer of an entry */
static inline AioTimer *timer_heap_timer(const AioTimerHeap *heap,
                                         const AioTimerEntry *entry)
{
    return heap->slots[entry->slot].ts;
}

/* Returns: the entry of @ts, which is in */
static inline const AioTimerEntry *timer_heap_entry(const AioTimerHeap *heap,
                                                    const AioTimer *ts)
{
    return &heap->entries[heap->index[ts->slot]];
}

/* Put @ts in, which is not, at the time and place that it says. */
void timer_heap_insert(AioTimerHeap *heap, AioTimer *ts);

/* Take @ts out, which is in. */
void timer_heap_remove(AioTimerHeap *heap, AioTimer *ts);

/* Move @ts, which is in, to the time and place that it says. */
void timer_heap_update(AioTimerHeap *heap, AioTimer *ts);

void timer_heap_cleanup(AioTimerHeap *heap);

#endif
