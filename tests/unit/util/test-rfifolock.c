/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recursive, fair lock, and the historic use of aio_context_acquire(). */
#include "tests/unit/test-util.h"
#include "aio/aio.h"
#include "util/rfifolock.h"
#include "util/thread.h"

#include <stdatomic.h>

#define N_WAITERS 8

/* ---- The lock ---- */

/* The callback runs under the lock's own mutex, so a waiter that it has
 * counted is in the queue before anybody else. */
static void count(void *opaque)
{
    atomic_fetch_add((atomic_int *)opaque, 1);
}

static void wait_until(atomic_int *value, int wanted)
{
    while (atomic_load(value) < wanted) {
        g_thread_yield();
    }
}

typedef struct Fixture {
    RFifoLock lock;
    atomic_int contended;
    int order[N_WAITERS]; /* under lock */
    int n;                /* under lock */
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    atomic_init(&f->contended, 0);
    rfifolock_init(&f->lock, count, &f->contended);
}

static void tear_down(Fixture *f, const void *data)
{
    rfifolock_destroy(&f->lock);
}

static void test_recursion(Fixture *f, const void *data)
{
    rfifolock_lock(&f->lock);
    rfifolock_lock(&f->lock);
    rfifolock_unlock(&f->lock);
    g_assert_cmpuint(f->lock.nesting, ==, 1);
    rfifolock_unlock(&f->lock);
    g_assert_cmpuint(f->lock.nesting, ==, 0);
}

static void test_no_contention(Fixture *f, const void *data)
{
    rfifolock_lock(&f->lock);
    rfifolock_lock(&f->lock);
    rfifolock_unlock(&f->lock);
    rfifolock_unlock(&f->lock);
    g_assert_cmpint(atomic_load(&f->contended), ==, 0);
}

typedef struct WaiterThread {
    Thread thread;
    Fixture *f;
    int number;
} WaiterThread;

static void *wait_in_line(void *opaque)
{
    WaiterThread *self = opaque;

    rfifolock_lock(&self->f->lock);
    self->f->order[self->f->n++] = self->number;
    rfifolock_unlock(&self->f->lock);
    return NULL;
}

/* Start one thread after the other, each when the one before waits. */
static void start_waiters(Fixture *f, WaiterThread *threads)
{
    for (int i = 0; i < N_WAITERS; i++) {
        threads[i].f = f;
        threads[i].number = i;
        g_assert_cmpint(thread_create(&threads[i].thread, "waiter", 0,
                                      wait_in_line, &threads[i]), ==, 0);
        wait_until(&f->contended, i + 1);
    }
}

static void join_waiters(WaiterThread *threads)
{
    for (int i = 0; i < N_WAITERS; i++) {
        thread_join(&threads[i].thread);
    }
}

static void test_order(Fixture *f, const void *data)
{
    WaiterThread threads[N_WAITERS];

    rfifolock_lock(&f->lock);
    start_waiters(f, threads);
    rfifolock_unlock(&f->lock);
    join_waiters(threads);
    g_assert_cmpint(f->n, ==, N_WAITERS);
    for (int i = 0; i < N_WAITERS; i++) {
        g_assert_cmpint(f->order[i], ==, i);
    }
}

/* A thread that releases the lock and takes it again waits behind others. */
static void test_again_is_last(Fixture *f, const void *data)
{
    WaiterThread threads[N_WAITERS];

    rfifolock_lock(&f->lock);
    start_waiters(f, threads);
    rfifolock_unlock(&f->lock);
    rfifolock_lock(&f->lock);
    g_assert_cmpint(f->n, ==, N_WAITERS);
    rfifolock_unlock(&f->lock);
    join_waiters(threads);
}

/* Once by each of the eight, and at each of seven changes of hands. */
static void test_contention_told_again(Fixture *f, const void *data)
{
    WaiterThread threads[N_WAITERS];

    rfifolock_lock(&f->lock);
    start_waiters(f, threads);
    rfifolock_unlock(&f->lock);
    join_waiters(threads);
    g_assert_cmpint(atomic_load(&f->contended), ==, 2 * N_WAITERS - 1);
}

static void test_recursive_holder_keeps_it(Fixture *f, const void *data)
{
    WaiterThread threads[N_WAITERS];

    rfifolock_lock(&f->lock);
    rfifolock_lock(&f->lock);
    start_waiters(f, threads);
    rfifolock_unlock(&f->lock);
    g_assert_cmpint(f->n, ==, 0);
    rfifolock_unlock(&f->lock);
    join_waiters(threads);
    g_assert_cmpint(f->n, ==, N_WAITERS);
}

static void *count_up(void *opaque)
{
    Fixture *f = opaque;

    for (int i = 0; i < 2000; i++) {
        rfifolock_lock(&f->lock);
        f->n++;
        rfifolock_unlock(&f->lock);
    }
    return NULL;
}

static void test_excludes(Fixture *f, const void *data)
{
    Thread threads[4];

    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(thread_create(&threads[i], "count", 0, count_up, f),
                        ==, 0);
    }
    for (int i = 0; i < 4; i++) {
        thread_join(&threads[i]);
    }
    g_assert_cmpint(f->n, ==, 4 * 2000);
}

static void test_unlock_of_free(void)
{
    RFifoLock lock;

    rfifolock_init(&lock, NULL, NULL);
    rfifolock_unlock(&lock);
}

static void test_destroy_of_held(void)
{
    RFifoLock lock;

    rfifolock_init(&lock, NULL, NULL);
    rfifolock_lock(&lock);
    rfifolock_destroy(&lock);
}

/* ---- The context ---- */

/* A loop as it was written then: its thread holds the lock around a poll. */
typedef struct HistoricLoop {
    Thread thread;
    AioContext *ctx;
    atomic_int rounds;
    bool stop;  /* under the context's lock */
    int shared; /* under the context's lock */
} HistoricLoop;

static void *historic_run(void *opaque)
{
    HistoricLoop *loop = opaque;
    bool stop = false;

    aio_set_current_context(loop->ctx);
    while (!stop) {
        aio_context_acquire(loop->ctx);
        atomic_fetch_add(&loop->rounds, 1);
        aio_poll(loop->ctx, true);
        stop = loop->stop;
        aio_context_release(loop->ctx);
    }
    aio_set_current_context(NULL);
    return NULL;
}

/* When it is back, the loop holds the lock and sleeps or is about to. */
static void historic_start(HistoricLoop *loop)
{
    loop->ctx = aio_context_new(&error_abort);
    g_assert_cmpint(thread_create(&loop->thread, "loop", 0, historic_run,
                                  loop), ==, 0);
    wait_until(&loop->rounds, 1);
}

static void historic_stop(HistoricLoop *loop)
{
    aio_context_acquire(loop->ctx);
    loop->stop = true;
    aio_context_release(loop->ctx);
    aio_notify(loop->ctx);
    thread_join(&loop->thread);
    aio_context_unref(loop->ctx);
}

/* Nothing but the contention makes the poll return. */
static void test_poll_gives_way(void)
{
    HistoricLoop loop = { 0 };

    historic_start(&loop);
    for (int i = 0; i < 100; i++) {
        aio_context_acquire(loop.ctx);
        loop.shared++;
        aio_context_release(loop.ctx);
    }
    g_assert_cmpint(loop.shared, ==, 100);
    historic_stop(&loop);
}

static void *add_to_shared(void *opaque)
{
    HistoricLoop *loop = opaque;

    for (int i = 0; i < 200; i++) {
        aio_context_acquire(loop->ctx);
        aio_context_acquire(loop->ctx);
        loop->shared++;
        aio_context_release(loop->ctx);
        aio_context_release(loop->ctx);
    }
    return NULL;
}

static void test_many_want_it(void)
{
    HistoricLoop loop = { 0 };
    Thread threads[3];

    historic_start(&loop);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(thread_create(&threads[i], "want", 0, add_to_shared,
                                      &loop), ==, 0);
    }
    for (int i = 0; i < 3; i++) {
        thread_join(&threads[i]);
    }
    g_assert_cmpint(loop.shared, ==, 3 * 200);
    historic_stop(&loop);
}

static void test_release_of_free(void)
{
    aio_context_release(aio_context_new(&error_abort));
}

#define ADD_LOCK(path, test) \
    g_test_add("/util/rfifolock/" path, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    ADD_LOCK("recursion", test_recursion);
    ADD_LOCK("no-contention-no-call", test_no_contention);
    ADD_LOCK("order-of-coming", test_order);
    ADD_LOCK("who-comes-again-is-last", test_again_is_last);
    ADD_LOCK("contention-told-again", test_contention_told_again);
    ADD_LOCK("recursive-holder-keeps-it", test_recursive_holder_keeps_it);
    ADD_LOCK("excludes", test_excludes);
    test_add_abort_func("/util/rfifolock/unlock-of-free-aborts",
                        test_unlock_of_free,
                        "*is released by a thread that does not hold it*");
    test_add_abort_func("/util/rfifolock/destroy-of-held-aborts",
                        test_destroy_of_held,
                        "*is destroyed while a thread holds it*");
    g_test_add_func("/aio/context/acquire/poll-gives-way",
                    test_poll_gives_way);
    g_test_add_func("/aio/context/acquire/many-want-it", test_many_want_it);
    test_add_abort_func("/aio/context/acquire/release-of-free-aborts",
                        test_release_of_free,
                        "*aio_context_release() without "
                        "aio_context_acquire()*");
    return test_run();
}
