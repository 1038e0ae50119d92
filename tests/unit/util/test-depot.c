/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Depots: free items move between threads, and none is lost. */
#include "tests/unit/test-util.h"
#include "util/depot.h"
#include "util/thread.h"


#define MAX_BATCHES 4

typedef struct Item {
    DepotItem free_item;
    unsigned users; /* 1 while it is in use */
} Item;

static atomic_uint n_allocated; /* items that exist */
static unsigned alloc_size = DEPOT_BATCH;

static DepotItem *items_alloc(unsigned *n)
{
    DepotItem *items = NULL;

    for (unsigned i = 0; i < alloc_size; i++) {
        Item *item = g_new0(Item, 1);

        item->free_item.next = items;
        items = &item->free_item;
    }
    atomic_fetch_add(&n_allocated, alloc_size);
    *n = alloc_size;
    return items;
}

static void items_free(DepotItem *items)
{
    while (items) {
        DepotItem *next = items->next;

        g_free(items);
        atomic_fetch_sub(&n_allocated, 1);
        items = next;
    }
}

static Depot depot = {
    .alloc = items_alloc,
    .free = items_free,
    .max_batches = MAX_BATCHES,
};
static __thread DepotCache cache;

static Item *get(void)
{
    Item *item = container_of(depot_get(&depot, &cache), Item, free_item);

    g_assert_cmpuint(item->users++, ==, 0);
    return item;
}

static void put(Item *item)
{
    g_assert_cmpuint(--item->users, ==, 0);
    depot_put(&depot, &cache, &item->free_item);
}

typedef struct Job {
    Item *items[20 * DEPOT_BATCH];
    unsigned n;
} Job;

static void *get_all(void *opaque)
{
    Job *job = opaque;

    for (unsigned i = 0; i < job->n; i++) {
        job->items[i] = get();
    }
    return NULL;
}

static void *put_all(void *opaque)
{
    Job *job = opaque;

    for (unsigned i = 0; i < job->n; i++) {
        put(job->items[i]);
    }
    return NULL;
}

static void in_thread(void *(*function)(void *), Job *job)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "depot", 0, function, job), ==, 0);
    thread_join(&thread);
}

/* Frees what the depot keeps; the caches of ended threads are empty. */
static void empty_depot(void)
{
    while (depot.batches) {
        DepotItem *batch = depot.batches;

        depot.batches = batch->next_batch;
        items_free(batch);
    }
    depot.n_batches = 0;
    g_assert_cmpuint(n_allocated, ==, 0);
}

static void *reuse(void *opaque)
{
    Item *item = get();

    put(item);
    g_assert_true(get() == item);
    put(item);
    return NULL;
}

static void test_reuses_last(void)
{
    in_thread(reuse, NULL);
    empty_depot();
}

/* What one thread puts, another one gets; the depot is bounded. */
static void test_moves_to_other_thread(void)
{
    g_autofree Job *job = g_new0(Job, 1);

    job->n = G_N_ELEMENTS(job->items);
    in_thread(get_all, job);
    g_assert_cmpuint(n_allocated, ==, job->n);
    in_thread(put_all, job);
    g_assert_cmpuint(depot.n_batches, ==, MAX_BATCHES);
    g_assert_cmpuint(n_allocated, ==, MAX_BATCHES * DEPOT_BATCH);

    job->n = MAX_BATCHES * DEPOT_BATCH;
    in_thread(get_all, job);
    g_assert_cmpuint(depot.n_batches, ==, 0);
    g_assert_cmpuint(n_allocated, ==, job->n);
    in_thread(put_all, job);
    empty_depot();
}

static void test_allocates_one_at_a_time(void)
{
    g_autofree Job *job = g_new0(Job, 1);

    alloc_size = 1;
    job->n = 3 * DEPOT_BATCH + 1;
    in_thread(get_all, job);
    g_assert_cmpuint(n_allocated, ==, job->n);
    in_thread(put_all, job);
    alloc_size = DEPOT_BATCH;
    empty_depot();
}

static void *last_put_stays(void *opaque)
{
    g_autofree Job *job = g_new0(Job, 1);

    job->n = G_N_ELEMENTS(job->items);
    get_all(job);
    for (unsigned i = 0; i < job->n; i++) {
        put(job->items[i]);
        g_assert_true(cache.first == &job->items[i]->free_item);
    }
    return NULL;
}

/* It may be the stack that the thread runs on. */
static void test_last_put_stays_in_cache(void)
{
    in_thread(last_put_stays, NULL);
    empty_depot();
}

/* The lock is held by a thread that fork() has not copied. */
static void test_never_waits(void)
{
    g_autofree Job *job = g_new0(Job, 1);

    job->n = 4 * DEPOT_BATCH;
    lock_acquire(&depot.lock);
    in_thread(get_all, job);
    in_thread(put_all, job);
    lock_release(&depot.lock);
    g_assert_cmpuint(n_allocated, ==, 0);
}

static void *churn(void *opaque)
{
    Job *own = g_new0(Job, 1);

    for (unsigned round = 0; round < 200; round++) {
        own->n = 1 + (round * 37 + GPOINTER_TO_UINT(opaque)) % 200;
        get_all(own);
        put_all(own);
    }
    g_free(own);
    return NULL;
}

/* No item has two users at a time, and none is lost. */
static void test_threads(void)
{
    Thread threads[4];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        thread_create(&threads[i], "churn", 0, churn,
                      GUINT_TO_POINTER(i * 11));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        thread_join(&threads[i]);
    }
    empty_depot();
}

static pthread_key_t late_key;

static void use_late(void *opaque)
{
    put(get());
}

static void *set_late_key(void *opaque)
{
    pthread_setspecific(late_key, &late_key);
    put(get());
    return NULL;
}

/* A destructor that runs after the cache was freed uses it again. */
static void test_used_while_thread_ends(void)
{
    thread_key_create(&late_key, use_late);
    in_thread(set_late_key, NULL);
    pthread_key_delete(late_key);
    empty_depot();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/depot/reuses-last", test_reuses_last);
    g_test_add_func("/util/depot/moves-to-other-thread",
                    test_moves_to_other_thread);
    g_test_add_func("/util/depot/allocates-one-at-a-time",
                    test_allocates_one_at_a_time);
    g_test_add_func("/util/depot/last-put-stays-in-cache",
                    test_last_put_stays_in_cache);
    g_test_add_func("/util/depot/never-waits", test_never_waits);
    g_test_add_func("/util/depot/threads", test_threads);
    g_test_add_func("/util/depot/used-while-thread-ends",
                    test_used_while_thread_ends);
    return test_run();
}
