/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Free memory for one-shot bottom halves that did not fit into the ring.
 *
 * They are allocated in one thread and freed in another, the worst case for a
 * general-purpose allocator.  Each thread keeps a private stack of free ones,
 * used without atomic operations.  A stack of BATCH entries becomes a batch.  A
 * thread keeps up to KEEP_BATCHES batches and puts further ones into the depot,
 * a lock-free stack of batches that all threads share.  A thread that has none
 * takes all that are in the depot.  Because the depot is only ever emptied as a
 * whole, it has no ABA problem.  It holds about DEPOT_MAX batches; more are
 * freed.  No code walks through a batch, because its memory is unlikely to be
 * in the cache.
 */
#include "aio/context-internal.h"
#include "util/thread.h"

#include <pthread.h>
#include <stdlib.h>

#define BATCH 64
#define KEEP_BATCHES 2
#define DEPOT_MAX 64

/* A free bottom half's `next` links its batch, `opaque` the batches. */
typedef struct BhCache {
    AioBH *first;
    unsigned n; /* at most BATCH */
    AioBH *batches;
    unsigned n_batches;
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

        g_aligned_free(bh);
        bh = next;
    }
}

static void bh_cache_thread_ends(void *opaque)
{
    bh_free_list(bh_cache.first);
    while (bh_cache.batches) {
        AioBH *batch = bh_cache.batches;

        bh_cache.batches = batch->opaque;
        bh_free_list(batch);
    }
    bh_cache = (BhCache) { NULL };
}

static void bh_cache_make_key(void)
{
    thread_key_create(&bh_cache_key, bh_cache_thread_ends);
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

/* Move all that the depot has to this thread, which has no batch. */
static void depot_take(void)
{
    if (!atomic_load_explicit(&depot, memory_order_relaxed)) {
        return;
    }
    if (!bh_cache.registered) {
        bh_cache_register();
    }
    bh_cache.n_batches =
        atomic_exchange_explicit(&depot_n, 0, memory_order_relaxed);
    bh_cache.batches =
        atomic_exchange_explicit(&depot, NULL, memory_order_acquire);
}

/* Returns: whether the thread has a free one now */
static bool bh_cache_refill(void)
{
    AioBH *batch;

    if (!bh_cache.batches) {
        depot_take();
    }
    batch = bh_cache.batches;
    if (!batch) {
        return false;
    }
    bh_cache.batches = batch->opaque;
    bh_cache.n_batches -= bh_cache.n_batches > 0;
    bh_cache.first = batch;
    bh_cache.n = BATCH;
    return true;
}

AioBH *aio_bh_pool_get(void)
{
    AioBH *bh;

    if (G_UNLIKELY(!bh_cache.first) && !bh_cache_refill()) {
        return aio_bh_alloc();
    }
    bh = bh_cache.first;
    bh_cache.first = bh->next;
    bh_cache.n--;
    return bh;
}

/* Set this thread's stack aside as a batch, which it makes up. */
static void bh_cache_set_aside(void)
{
    AioBH *batch = bh_cache.first;

    bh_cache.first = NULL;
    bh_cache.n = 0;
    if (bh_cache.n_batches >= KEEP_BATCHES) {
        depot_put(batch);
        return;
    }
    batch->opaque = bh_cache.batches;
    bh_cache.batches = batch;
    bh_cache.n_batches++;
}

void aio_bh_pool_put(AioBH *bh)
{
    if (G_UNLIKELY(!bh_cache.registered)) {
        bh_cache_register();
    }
    if (G_UNLIKELY(bh_cache.n == BATCH)) {
        bh_cache_set_aside();
    }
    bh->next = bh_cache.first;
    bh_cache.first = bh;
    bh_cache.n++;
}
