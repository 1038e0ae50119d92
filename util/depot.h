/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Depot: memory of one size that one thread allocates and another one frees.
 *
 * A general-purpose allocator is slowest in that case.  A depot keeps free
 * items in three places:
 *
 * - Each thread's DepotCache has a stack of up to DEPOT_BATCH items, used
 *   without atomic operations, and one spare batch.
 * - A batch is DEPOT_BATCH items that move together.
 * - The Depot has further batches, which any thread may take.
 *
 * The user defines one Depot, and one DepotCache for each thread:
 *
 *     static Depot depot = { .alloc = ..., .free = ..., .max_batches = 64 };
 *     static __thread DepotCache cache;
 *
 *     item = depot_get(&depot, &cache);
 *     depot_put(&depot, &cache, item);
 */
#ifndef QOM_UTIL_DEPOT_H
#define QOM_UTIL_DEPOT_H

#include "util/lock.h"

QOM_BEGIN_DECLS

#define DEPOT_BATCH 64 /* items */

/* A free item contains this; while it is in use, the user owns the bytes. */
typedef struct DepotItem {
    struct DepotItem *next;       /* in a stack or a batch */
    struct DepotItem *next_batch; /* of the first item of a batch */
} DepotItem;

/* The user sets the first three fields; the other ones begin as zero. */
typedef struct Depot {
    /*
     * Allocates 1 to DEPOT_BATCH items, linked by `next`, and stores their
     * number in @n.  It must not fail.  Thread: the one that calls depot_get()
     */
    DepotItem *(*alloc)(unsigned *n);
    /* Frees @items, linked by `next`; NULL: none.  Thread: any */
    void (*free)(DepotItem *items);
    unsigned max_batches; /* that the depot keeps; more are freed */

    Lock lock;
    unsigned n_batches; /* under lock */
    DepotItem *batches; /* linked by next_batch; under lock */
} Depot;

/* What one thread keeps for one Depot; begins as zero bytes. */
typedef struct DepotCache {
    DepotItem *first; /* linked by next */
    unsigned n;       /* items in that stack, at most DEPOT_BATCH */
    DepotItem *spare; /* (nullable) a batch */

    Depot *depot; /* NULL: the end of the thread is not watched yet */
    struct DepotCache *next_cache; /* of the same thread */
} DepotCache;

/* The slow half of depot_get(), for an empty stack. */
DepotItem *depot_refill(Depot *depot, DepotCache *cache);

/* The slow half of depot_put(), for a full stack or a cache not used before. */
void depot_make_room(Depot *depot, DepotCache *cache);

/**
 * depot_get: takes a free item, or allocates one
 * @depot: where the items come from
 * @cache: the calling thread's cache for @depot
 *
 * Returns: (transfer full) the item; give it back with depot_put().  Its bytes
 * are those that alloc() or the last user left, except DepotItem
 * Thread: any
 */
static inline DepotItem *depot_get(Depot *depot, DepotCache *cache)
{
    DepotItem *item = cache->first;

    if (G_UNLIKELY(!item)) {
        return depot_refill(depot, cache);
    }
    cache->first = item->next;
    cache->n--;
    return item;
}

/**
 * depot_put: gives an item back
 * @depot: where the item came from
 * @cache: the calling thread's cache for @depot
 * @item: consumed
 *
 * The item stays in the calling thread's cache at least until the thread calls
 * depot_put() again or ends, so it may be the stack that the thread still runs
 * on.
 *
 * Thread: any
 */
static inline void depot_put(Depot *depot, DepotCache *cache, DepotItem *item)
{
    if (G_UNLIKELY(cache->n == DEPOT_BATCH || !cache->depot)) {
        depot_make_room(depot, cache);
    }
    item->next = cache->first;
    cache->first = item;
    cache->n++;
}

QOM_END_DECLS

#endif
