/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A heap with four children per node.
 *
 * Everything that is compared is in the array, and the children of a node are
 * on one cache line of it.  An entry names its timer by a slot number, and
 * `index` has the position of each slot's entry.  Moving entries therefore
 * touches no timer, which in a large heap would be a cache miss each.  Slot 0
 * is not used.
 *
 * The time and the order of an entry are copies that change only in here, so a
 * timer may be armed to a later time than its entry without breaking the heap.
 *
 * Entries with equal times are ordered by 32-bit numbers that wrap.  They
 * order timers that were armed less than 2^31 calls apart.
 */
#include "aio/timer-heap-internal.h"

#include <string.h>

#define HEAP_MIN_CAPACITY 16

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
    return (int32_t)(a->seq - b->seq) < 0;
}

static void heap_put(AioTimerHeap *heap, unsigned i, AioTimerEntry entry)
{
    heap->entries[i] = entry;
    heap->index[entry.slot] = i;
}

/* Find a place for @entry at @i or above. */
static void heap_sift_up(AioTimerHeap *heap, unsigned i, AioTimerEntry entry)
{
    while (i > TIMER_HEAP_ROOT) {
        unsigned parent = heap_parent(i);

        if (!entry_before(&entry, &heap->entries[parent])) {
            break;
        }
        heap_put(heap, i, heap->entries[parent]);
        i = parent;
    }
    heap_put(heap, i, entry);
}

/* Returns: the first of the siblings from @child to before @end */
static unsigned heap_min_of(const AioTimerEntry *e, unsigned child,
                            unsigned end)
{
    unsigned best = child;

    for (unsigned i = child + 1; i < end; i++) {
        if (entry_before(&e[i], &e[best])) {
            best = i;
        }
    }
    return best;
}

/* The same for four siblings, without branches unless times are equal. */
static unsigned heap_min_of_four(const AioTimerEntry *e, unsigned child)
{
    const AioTimerEntry *c = e + child;
    unsigned low = c[1].expire_time_ns < c[0].expire_time_ns;
    unsigned high = 2 + (c[3].expire_time_ns < c[2].expire_time_ns);
    unsigned best =
        c[high].expire_time_ns < c[low].expire_time_ns ? high : low;
    int64_t time = c[best].expire_time_ns;

    if (G_UNLIKELY((c[0].expire_time_ns == time) +
                   (c[1].expire_time_ns == time) +
                   (c[2].expire_time_ns == time) +
                   (c[3].expire_time_ns == time) > 1)) {
        return heap_min_of(e, child, child + 4);
    }
    return child + best;
}

/* Find a place for @entry at @i or below. */
static void heap_sift_down(AioTimerHeap *heap, unsigned i,
                           AioTimerEntry entry)
{
    unsigned end = heap->n + TIMER_HEAP_ROOT;
    unsigned child;

    while ((child = heap_first_child(i)) < end) {
        child = child + 4 <= end ? heap_min_of_four(heap->entries, child)
                                 : heap_min_of(heap->entries, child, end);
        if (!entry_before(&heap->entries[child], &entry)) {
            break;
        }
        if (i == TIMER_HEAP_ROOT) {
            /* It is the next timer to expire; with many timers its memory is
             * not in a cache. */
            __builtin_prefetch(heap->slots[heap->entries[child].slot].ts);
        }
        heap_put(heap, i, heap->entries[child]);
        i = child;
    }
    heap_put(heap, i, entry);
}

static void heap_sift(AioTimerHeap *heap, unsigned i, AioTimerEntry entry)
{
    if (i > TIMER_HEAP_ROOT &&
        entry_before(&entry, &heap->entries[heap_parent(i)])) {
        heap_sift_up(heap, i, entry);
    } else {
        heap_sift_down(heap, i, entry);
    }
}

static AioTimerEntry timer_entry(const AioTimer *ts)
{
    return (AioTimerEntry) { ts->expire_time_ns, ts->armed_seq, ts->slot };
}

/* ---- Memory ---- */

static void heap_grow(AioTimerHeap *heap)
{
    unsigned capacity = MAX(HEAP_MIN_CAPACITY, heap->capacity * 2);
    AioTimerEntry *entries =
        g_aligned_alloc(capacity + TIMER_HEAP_ROOT, sizeof(*entries),
                        AIO_CACHE_LINE);

    if (heap->n) {
        memcpy(entries + TIMER_HEAP_ROOT, heap->entries + TIMER_HEAP_ROOT,
               heap->n * sizeof(*entries));
    }
    g_aligned_free(heap->entries);
    heap->entries = entries;
    heap->index = g_renew(unsigned, heap->index, capacity + 1);
    heap->slots = g_renew(AioTimerSlot, heap->slots, capacity + 1);
    heap->capacity = capacity;
}

/* Slots that were used and are free form a list; the others follow. */
static unsigned heap_take_slot(AioTimerHeap *heap)
{
    unsigned slot = heap->free_slot;

    if (slot) {
        heap->free_slot = heap->slots[slot].next_free;
        return slot;
    }
    return ++heap->n_slots;
}

static void heap_return_slot(AioTimerHeap *heap, unsigned slot)
{
    heap->slots[slot].next_free = heap->free_slot;
    heap->free_slot = slot;
}

void timer_heap_cleanup(AioTimerHeap *heap)
{
    g_aligned_free(heap->entries);
    g_free(heap->index);
    g_free(heap->slots);
    *heap = (AioTimerHeap) { NULL };
}

/* ---- Timers ---- */

void timer_heap_insert(AioTimerHeap *heap, AioTimer *ts)
{
    if (heap->n == heap->capacity) {
        heap_grow(heap);
    }
    ts->slot = heap_take_slot(heap);
    heap->slots[ts->slot].ts = ts;
    heap_sift_up(heap, TIMER_HEAP_ROOT + heap->n++, timer_entry(ts));
}

/* The last entry takes the free place and is then moved up or down. */
void timer_heap_remove(AioTimerHeap *heap, AioTimer *ts)
{
    unsigned i = heap->index[ts->slot];
    AioTimerEntry last = heap->entries[TIMER_HEAP_ROOT + --heap->n];

    if (last.slot != ts->slot) {
        heap_sift(heap, i, last);
    }
    heap_return_slot(heap, ts->slot);
    ts->slot = 0;
}

/* The timer's time has changed in either direction. */
void timer_heap_update(AioTimerHeap *heap, AioTimer *ts)
{
    heap_sift(heap, heap->index[ts->slot], timer_entry(ts));
}
