/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of oneshot bottom halves.
 *
 * They are made in one thread and freed in another, the pattern that costs a
 * general allocator most.  Each thread keeps a stack of free ones of its own,
 * used without atomic operations.  One that grows beyond two batches hands a
 * batch to the depot, a stack of batches that all threads share; one that is
 * empty takes everything the depot has.  As the depot is only ever emptied
 * whole, its head cannot be the same for the wrong reason (no ABA problem).
 * The depot keeps DEPOT_MAX batches; more go back to malloc().
 */
#include "aio/aio-internal.h"

#include <pthread.h>
#include <stdlib.h>

#define BATCH 64
#define DEPOT_MAX 64

/* A free bottom half's `next` links its batch, `opaque` the batches. */
typedef struct BhCache {
    AioBH *first;
    unsigned n;
    bool registered; /* the thread's end is watched */
} BhCache;

static __thread BhCache bh_cache __attribute__((tls_model("initial-exec")));

static _Atomic(AioBH *) depot;
static atomic_uint depot_n; /* batches, about */

static pthread_key_t bh_cache_key;
static pthread_once_t bh_cache_once = PTHREAD_ONCE_INIT;

static void bh_free_list(AioBH *bh)
{
    while (bh) {
        AioBH *next = bh->next;

        g_free(bh);
        bh = next;
    }
}

static void bh_cache_thread_ends(void *opaque)
{
    bh_free_list(bh_cache.first);
    bh_cache = (BhCache) { NULL };
}

static void bh_cache_make_key(void)
{
    int ret = pthread_key_create(&bh_cache_key, bh_cache_thread_ends);

    g_assert(ret == 0);
}

static void bh_cache_register(void)
{
    pthread_once(&bh_cache_once, bh_cache_make_key);
    pthread_setspecific(bh_cache_key, &bh_cache);
    bh_cache.registered = true;
}

static void depot_put(AioBH *batch)
{
    AioBH *head = atomic_load_explicit(&depot, memory_order_relaxed);

    if (atomic_fetch_add_explicit(&depot_n, 1, memory_order_relaxed) >=
        DEPOT_MAX) {
        atomic_fetch_sub_explicit(&depot_n, 1, memory_order_relaxed);
        bh_free_list(batch);
        return;
    }
    do {
        batch->opaque = head;
    } while (!atomic_compare_exchange_weak_explicit(
        &depot, &head, batch, memory_order_release, memory_order_relaxed));
}

/* Move all that the depot has to this thread's stack, which is empty. */
static void depot_take(void)
{
    AioBH *batch;

    if (!atomic_load_explicit(&depot, memory_order_relaxed)) {
        return;
    }
    batch = atomic_exchange_explicit(&depot, NULL, memory_order_acquire);
    if (!bh_cache.registered) {
        bh_cache_register();
    }
    while (batch) {
        AioBH *next_batch = batch->opaque;
        AioBH *last = batch;

        for (unsigned i = 1; i < BATCH; i++) {
            last = last->next;
        }
        last->next = bh_cache.first;
        bh_cache.first = batch;
        bh_cache.n += BATCH;
        atomic_fetch_sub_explicit(&depot_n, 1, memory_order_relaxed);
        batch = next_batch;
    }
}

AioBH *aio_bh_pool_get(void)
{
    AioBH *bh = bh_cache.first;

    if (G_UNLIKELY(!bh)) {
        depot_take();
        bh = bh_cache.first;
        if (!bh) {
            return g_new(AioBH, 1);
        }
    }
    bh_cache.first = bh->next;
    bh_cache.n--;
    return bh;
}

/* Cut a batch off this thread's stack and hand it to the others. */
static void bh_cache_shrink(void)
{
    AioBH *batch = bh_cache.first;
    AioBH *last = batch;

    for (unsigned i = 1; i < BATCH; i++) {
        last = last->next;
    }
    bh_cache.first = last->next;
    bh_cache.n -= BATCH;
    last->next = NULL;
    depot_put(batch);
}

void aio_bh_pool_put(AioBH *bh)
{
    if (G_UNLIKELY(!bh_cache.registered)) {
        bh_cache_register();
    }
    bh->next = bh_cache.first;
    bh_cache.first = bh;
    bh_cache.n++;
    if (G_UNLIKELY(bh_cache.n >= 2 * BATCH)) {
        bh_cache_shrink();
    }
}
