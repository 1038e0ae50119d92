/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving batches between the caches of threads and the depot.
 *
 * No thread ever waits for the depot's lock: a depot that another thread uses
 * right now counts as empty, or as full.  That costs an allocation in rare
 * cases, and it keeps a child process working whose parent called fork() while
 * a thread held the lock.
 *
 * No function walks through a batch, because its memory is unlikely to be in
 * the cache of this CPU.
 */
#include "util/depot.h"

#include "util/thread.h"

/* The caches of this thread that have free items; freed when it ends. */
static __thread DepotCache *thread_caches;

static pthread_key_t caches_key;
static pthread_once_t caches_once = PTHREAD_ONCE_INIT;

/* A destructor of the thread that runs later may use a cache again, which then
 * registers once more. */
static void caches_thread_ends(void *opaque)
{
    DepotCache *cache;

    while ((cache = thread_caches) != NULL) {
        Depot *depot = cache->depot;
        DepotItem *first = cache->first;
        DepotItem *spare = cache->spare;

        thread_caches = cache->next_cache;
        *cache = (DepotCache) { NULL };
        depot->free(first);
        depot->free(spare);
    }
}

static void caches_create_key(void)
{
    thread_key_create(&caches_key, caches_thread_ends);
}

static void cache_register(Depot *depot, DepotCache *cache)
{
    pthread_once(&caches_once, caches_create_key);
    cache->depot = depot;
    cache->next_cache = thread_caches;
    thread_caches = cache;
    pthread_setspecific(caches_key, cache);
}

static DepotItem *depot_take_batch(Depot *depot)
{
    DepotItem *batch = NULL;

    if (lock_try_acquire(&depot->lock)) {
        batch = depot->batches;
        if (batch) {
            depot->batches = batch->next_batch;
            depot->n_batches--;
        }
        lock_release(&depot->lock);
    }
    return batch;
}

static void depot_put_batch(Depot *depot, DepotItem *batch)
{
    bool is_kept = false;

    if (lock_try_acquire(&depot->lock)) {
        is_kept = depot->n_batches < depot->max_batches;
        if (is_kept) {
            batch->next_batch = depot->batches;
            depot->batches = batch;
            depot->n_batches++;
        }
        lock_release(&depot->lock);
    }
    if (!is_kept) {
        depot->free(batch);
    }
}

DepotItem *depot_refill(Depot *depot, DepotCache *cache)
{
    DepotItem *item = cache->spare ? cache->spare : depot_take_batch(depot);
    unsigned n = DEPOT_BATCH;

    cache->spare = NULL;
    if (!item) {
        item = depot->alloc(&n);
    }
    if (n > 1 && !cache->depot) {
        cache_register(depot, cache);
    }
    cache->first = item->next;
    cache->n = n - 1;
    return item;
}

void depot_make_room(Depot *depot, DepotCache *cache)
{
    if (!cache->depot) {
        cache_register(depot, cache);
    }
    if (cache->n < DEPOT_BATCH) {
        return;
    }
    if (cache->spare) {
        depot_put_batch(depot, cache->spare);
    }
    cache->spare = cache->first;
    cache->first = NULL;
    cache->n = 0;
}
