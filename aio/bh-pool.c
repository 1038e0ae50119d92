/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of one-shot bottom halves that did not fit into the ring.
 *
 * They are allocated in one thread and freed in another, so they come from a
 * depot (util/depot.h).  A flood, a long series of bottom halves that a thread
 * schedules before the loop runs, needs more than the depot keeps.  Therefore
 * the pool allocates and frees chunks of DEPOT_BATCH bottom halves.  A chunk is
 * freed when the depot has returned all of them; a returned one is not reused.
 */
#include "aio/context-internal.h"
#include "util/depot.h"

#define DEPOT_BATCHES_MAX 64 /* 256 KiB */

/* A cache line of its own, because it moves from one CPU to another. */
typedef struct BhSlot {
    AioBH bh;
} __attribute__((aligned(AIO_CACHE_LINE))) BhSlot;

typedef struct AioBHChunk {
    BhSlot slots[DEPOT_BATCH];
    atomic_uint n_left; /* slots that were not returned */
} AioBHChunk;

static AioBH *bh_of(DepotItem *item)
{
    return container_of(item, AioBH, free_item);
}

static DepotItem *bh_pool_alloc(unsigned *n)
{
    AioBHChunk *chunk = g_aligned_alloc(1, sizeof(*chunk), AIO_CACHE_LINE);
    DepotItem *items = NULL;

    atomic_init(&chunk->n_left, DEPOT_BATCH);
    for (int i = DEPOT_BATCH - 1; i >= 0; i--) {
        AioBH *bh = &chunk->slots[i].bh;

        bh->chunk = chunk;
        bh->free_item.next = items;
        items = &bh->free_item;
    }
    *n = DEPOT_BATCH;
    return items;
}

static void bh_pool_free(DepotItem *items)
{
    while (items) {
        AioBHChunk *chunk = bh_of(items)->chunk;

        items = items->next;
        /* Release: this thread no longer uses the slot.  Acquire: neither does
         * any other thread, for the one that frees the chunk. */
        if (atomic_fetch_sub_explicit(&chunk->n_left, 1,
                                      memory_order_acq_rel) == 1) {
            g_aligned_free(chunk);
        }
    }
}

static Depot bh_depot = {
    .alloc = bh_pool_alloc,
    .free = bh_pool_free,
    .max_batches = DEPOT_BATCHES_MAX,
};

static __thread DepotCache bh_cache __attribute__((tls_model("initial-exec")));

AioBH *aio_bh_pool_get(void)
{
    return bh_of(depot_get(&bh_depot, &bh_cache));
}

void aio_bh_pool_put(AioBH *bh)
{
    depot_put(&bh_depot, &bh_cache, &bh->free_item);
}
