/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A heap with four children a node, of (time, timer) pairs: what is compared
 * lies in the array, and a node's children in one cache line of it.
 *
 * Entries of the same time are ordered by `heap_seq`, which is in the timer
 * and looked at only then.  `heap_seq` and the entry's time are copies that
 * change in here alone, so a timer may say a later time than its entry
 * without breaking the heap.
 */
#include "aio/timer-heap-internal.h"

#include <stdlib.h>
#include <string.h>

static unsigned heap_parent(unsigned i)
{
    return (i - TIMER_HEAP_ROOT - 1) / 4 + TIMER_HEAP_ROOT;
}

static unsigned heap_first_child(unsigned i)
{
    return (i - TIMER_HEAP_ROOT) * 4 + TIMER_HEAP_ROOT + 1;
}

static bool entry_before(const AioTimerEntry *a, const AioTimerEntry *b)
{
    if (G_LIKELY(a->expire_time_ns != b->expire_time_ns)) {
        return a->expire_time_ns < b->expire_time_ns;
    }
    return a->ts->heap_seq < b->ts->heap_seq;
}

static void heap_put(AioTimerList *list, unsigned i, AioTimerEntry entry)
{
    list->heap[i] = entry;
    entry.ts->heap_index = i;
}

/* Find a place for @entry at @i or above. */
static void heap_sift_up(AioTimerList *list, unsigned i, AioTimerEntry entry)
{
    while (i > TIMER_HEAP_ROOT) {
        unsigned parent = heap_parent(i);

        if (!entry_before(&entry, &list->heap[parent])) {
            break;
        }
        heap_put(list, i, list->heap[parent]);
        i = parent;
    }
    heap_put(list, i, entry);
}

/* Returns: the first of up to four children at @child */
static unsigned heap_min_child(const AioTimerList *list, unsigned child,
                               unsigned end)
{
    unsigned last = MIN(child + 4, end);
    unsigned best = child;

    for (unsigned i = child + 1; i < last; i++) {
        if (entry_before(&list->heap[i], &list->heap[best])) {
            best = i;
        }
    }
    return best;
}

/* Find a place for @entry at @i or below. */
static void heap_sift_down(AioTimerList *list, unsigned i,
                           AioTimerEntry entry)
{
    unsigned end = list->n + TIMER_HEAP_ROOT;
    unsigned child;

    while ((child = heap_first_child(i)) < end) {
        child = heap_min_child(list, child, end);
        if (!entry_before(&list->heap[child], &entry)) {
            break;
        }
        heap_put(list, i, list->heap[child]);
        i = child;
    }
    heap_put(list, i, entry);
}

static void heap_sift(AioTimerList *list, unsigned i, AioTimerEntry entry)
{
    if (i > TIMER_HEAP_ROOT &&
        entry_before(&entry, &list->heap[heap_parent(i)])) {
        heap_sift_up(list, i, entry);
    } else {
        heap_sift_down(list, i, entry);
    }
}

static AioTimerEntry timer_entry(AioTimer *ts)
{
    ts->heap_seq = ts->armed_seq;
    return (AioTimerEntry) { ts->expire_time_ns, ts };
}

/* Returns: memory for @capacity entries with those of @list */
static AioTimerEntry *heap_grown(const AioTimerList *list, unsigned capacity)
{
    AioTimerEntry *heap = g_aligned_alloc(capacity + TIMER_HEAP_ROOT,
                                          sizeof(*heap), AIO_CACHE_LINE);

    if (list->n) {
        memcpy(heap + TIMER_HEAP_ROOT, list->heap + TIMER_HEAP_ROOT,
               list->n * sizeof(*heap));
    }
    return heap;
}

void timer_heap_insert(AioTimerList *list, AioTimer *ts)
{
    if (list->n == list->capacity) {
        unsigned capacity = MAX(16, list->capacity * 2);
        AioTimerEntry *heap = heap_grown(list, capacity);

        g_aligned_free(list->heap);
        list->heap = heap;
        list->capacity = capacity;
    }
    heap_sift_up(list, TIMER_HEAP_ROOT + list->n++, timer_entry(ts));
}

void timer_heap_remove(AioTimerList *list, AioTimer *ts)
{
    unsigned i = ts->heap_index;
    AioTimerEntry last = list->heap[TIMER_HEAP_ROOT + --list->n];

    ts->heap_index = 0;
    if (last.ts != ts) {
        heap_sift(list, i, last);
    }
}

void timer_heap_update(AioTimerList *list, AioTimer *ts)
{
    heap_sift(list, ts->heap_index, timer_entry(ts));
}

void timer_heap_cleanup(AioTimerList *list)
{
    g_aligned_free(list->heap);
    list->heap = NULL;
    list->capacity = 0;
}
