/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool in its context's home thread: submitting, cancelling and
 * callbacks of requests, creating and joining of workers.
 *
 * A request is in one place at a time: in `queue`, with the worker that took
 * it, on the stack `done`, in the list `finished`.  A worker schedules
 * `done_bh` after it has pushed a request on `done`, or after a few more, so
 * that a batch of short requests costs one wake-up.
 *
 * `done_bh` is scheduled again before each callback that others follow, so that
 * a callback that runs the loop lets them run.  If none did, it is cancelled at
 * the end, and `done` is checked once more, because a worker may have scheduled
 * what was cancelled.
 *
 * `manage_bh` brings the number of workers to what it should be.  Workers are
 * created in the home thread, so they inherit its CPU affinity and priority.
 */
#include "aio/coroutine/coroutine-cancel.h"
#include "aio/thread-pool/thread-pool-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

#include <errno.h>
#include <sched.h>

#define RETRY_NS (10 * SCALE_MS) /* until a thread may be available again */

/* ---- Results ---- */

/* Moves all of `done`, which is newest first, to the end of `finished`. */
static void pool_take_done(ThreadPool *pool)
{
    ThreadPoolRequest *req, *first = NULL, *last;

    if (!atomic_load(&pool->done)) {
        return;
    }
    req = atomic_exchange(&pool->done, NULL);
    last = req;
    while (req) {
        ThreadPoolRequest *next = req->next;

        req->next = first;
        first = req;
        req = next;
    }
    *pool->finished_last = first;
    pool->finished_last = &last->next;
}

static ThreadPoolRequest *pool_pop_finished(ThreadPool *pool)
{
    ThreadPoolRequest *req = pool->finished;

    if (req) {
        pool->finished = req->next;
        if (!req->next) {
            pool->finished_last = &pool->finished;
        }
    }
    return req;
}

/* The request is freed first: a callback that submits another one reuses it. */
static void pool_call_back(ThreadPool *pool, ThreadPoolRequest *req)
{
    ThreadPoolCompletionFunc *cb = req->cb;
    void *opaque = req->opaque;
    int ret = req->ret;

    g_free(req);
    pool->n_pending--;
    aio_counter_publish(&pool->n_completed, 1);
    if (cb) {
        if (pool->finished) {
            /* For an aio_poll() inside the callback. */
            aio_bh_schedule(pool->done_bh);
        }
        cb(opaque, ret);
    }
}

static void pool_done_bh(void *opaque)
{
    ThreadPool *pool = opaque;
    ThreadPoolRequest *req;

    do {
        pool_take_done(pool);
        while ((req = pool_pop_finished(pool)) != NULL) {
            pool_call_back(pool, req);
        }
        aio_bh_cancel(pool->done_bh);
    } while (atomic_load(&pool->done));
}

/* ---- Workers ---- */

/* Under lock, which is released while the thread is created.  Returns: 0, or a
 * negative errno value */
static int pool_spawn(ThreadPool *pool)
{
    Worker *worker = g_new0(Worker, 1);
    int ret;

    worker->pool = pool;
    worker->is_watcher = pool->watcher_wanted;
    worker->seen_n = pool->n_submitted;
    worker->seen_begun = pool->n_begun;
    pool->watcher_wanted = false;
    pool->n_workers++;
    queue_push(&pool->workers, &worker->link);
    lock_release(&pool->lock);
    ret = thread_create(&worker->thread, "worker", 0, thread_pool_worker_run,
                        worker);
    lock_acquire(&pool->lock);
    if (ret < 0) {
        if (worker->is_watcher) {
            pool->has_watcher = false;
        }
        pool->n_workers--;
        queue_remove(&worker->link);
        g_free(worker);
    }
    return ret;
}

/* Under lock.  Returns: true if a thread is to be created */
static bool pool_wants_worker(ThreadPool *pool)
{
    return pool->n_workers < atomic_load(&pool->ctx->params.thread_pool_min) ||
           (pool->watcher_wanted &&
            pool->n_workers < atomic_load(&pool->ctx->params.thread_pool_max));
}

/* Under lock, which is released while the thread is joined. */
static void pool_join_ended(ThreadPool *pool)
{
    QueueLink *link;

    while ((link = queue_pop(&pool->ended)) != NULL) {
        Worker *worker = container_of(link, Worker, link);

        lock_release(&pool->lock);
        thread_join(&worker->thread);
        g_free(worker);
        lock_acquire(&pool->lock);
    }
}

/* Under lock.  Workers were created, or @ret is why one was not. */
static PoolWake pool_manage_rest(ThreadPool *pool, int ret)
{
    PoolWake wake = { NULL };

    if (pool->watcher_wanted) {
        /* The maximum was reached, or no thread is available. */
        pool->watcher_wanted = false;
        pool->has_watcher = false;
    }
    if (pool->n_workers > atomic_load(&pool->ctx->params.thread_pool_max)) {
        thread_pool_wake_all(pool);
    }
    if (ret == 0 || !queue_is_empty(&pool->sleepers)) {
        wake = thread_pool_ensure_watcher(pool);
    }
    return wake;
}

/* Runs in the home thread when a worker has asked for it, or at a change. */
static void pool_manage_bh(void *opaque)
{
    ThreadPool *pool = opaque;
    int ret = 0;

    lock_acquire(&pool->lock);
    pool_join_ended(pool);
    while (ret == 0 && pool_wants_worker(pool)) {
        ret = pool_spawn(pool);
    }
    thread_pool_unlock_and_wake(pool, pool_manage_rest(pool, ret));
    /* A watcher that was not created cannot report results. */
    thread_pool_notify(pool);
    if (ret < 0) {
        timer_mod(pool->retry_timer,
                  clock_get_ns(AIO_CLOCK_REALTIME) + RETRY_NS);
    }
}

/* The kernel refused a thread before; requests may still wait for one. */
static void pool_retry(void *opaque)
{
    ThreadPool *pool = opaque;

    lock_acquire(&pool->lock);
    thread_pool_unlock_and_wake(pool, thread_pool_ensure_watcher(pool));
    pool_manage_bh(pool);
}

/* ---- The pool ---- */

static void pool_params_changed(AioAttachment *attachment)
{
    ThreadPool *pool = container_of(attachment, ThreadPool, attachment);

    aio_bh_schedule(pool->manage_bh);
}

static void pool_read_stats(AioAttachment *attachment, AioStats *stats)
{
    ThreadPool *pool = container_of(attachment, ThreadPool, attachment);
    /* Read before n_requests: a request is counted there before it completes,
     * so the difference is never negative. */
    uint64_t completed = atomic_load_explicit(&pool->n_completed,
                                              memory_order_acquire);

    stats->thread_pool_requests = aio_counter_get(&pool->n_requests);
    stats->thread_pool_depth = stats->thread_pool_requests - completed;
    stats->thread_pool_threads =
        atomic_load_explicit(&pool->n_workers, memory_order_relaxed);
}

/* Under lock, which is released while the thread is joined.  The pool is
 * stopping, so the thread is about to end. */
static void pool_wait_for_one(ThreadPool *pool)
{
    Worker *worker = container_of(pool->workers.next, Worker, link);

    lock_release(&pool->lock);
    thread_join(&worker->thread);
    lock_acquire(&pool->lock);
    queue_remove(&worker->link);
    g_free(worker);
}

/* Called when the context is freed, before its bottom halves and timers. */
static void pool_free(AioAttachment *attachment)
{
    ThreadPool *pool = container_of(attachment, ThreadPool, attachment);

    if (pool->n_pending > 0) {
        programming_error("aio_context_unref(): %u requests of the context's "
                          "thread pool are pending; run the loop until they "
                          "have completed", (unsigned)pool->n_pending);
    }
    lock_acquire(&pool->lock);
    pool->stopping = true;
    thread_pool_wake_all(pool);
    pool_join_ended(pool);
    while (!queue_is_empty(&pool->workers)) {
        pool_wait_for_one(pool);
        pool_join_ended(pool);
    }
    lock_release(&pool->lock);
    timer_free(pool->retry_timer);
    aio_bh_delete(pool->manage_bh);
    aio_bh_delete(pool->done_bh);
    g_free(pool);
}

static const AioAttachmentOps pool_attachment_ops = {
    .layer = 1,
    .free = pool_free,
    .params_changed = pool_params_changed,
    .read_stats = pool_read_stats,
};

/* Returns: (nullable) the pool of @ctx; NULL if it has never been used */
static ThreadPool *pool_find(AioContext *ctx)
{
    AioAttachment *attachment = aio_attachment_find(&ctx->attachments,
                                                    &pool_attachment_ops);

    return attachment ? container_of(attachment, ThreadPool, attachment)
                      : NULL;
}

/* Called for the first request of a context. */
static ThreadPool *pool_new(AioContext *ctx)
{
    ThreadPool *pool = g_new0(ThreadPool, 1);

    pool->ctx = ctx;
    pool->spin_skip = 1;
    queue_init(&pool->queue);
    queue_init(&pool->sleepers);
    queue_init(&pool->workers);
    queue_init(&pool->ended);
    pool->finished_last = &pool->finished;
    pool->done_bh = aio_bh_new_full(ctx, pool_done_bh, pool,
                                    "thread-pool", NULL);
    pool->manage_bh = aio_bh_new_full(ctx, pool_manage_bh, pool,
                                      "thread-pool-manage", NULL);
    pool->retry_timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_NS,
                                      pool_retry, pool);
    pool->attachment.ops = &pool_attachment_ops;
    aio_attach(&ctx->attachments, &pool->attachment);
    pool_params_changed(&pool->attachment);
    return pool;
}

/* ---- Requests ---- */

/* The CPU tells workers whether the loop that waits runs on their own CPU. */
static void pool_enqueue(ThreadPool *pool, ThreadPoolRequest *req)
{
    atomic_store_explicit(&pool->home_cpu, sched_getcpu(),
                          memory_order_relaxed);
    lock_acquire(&pool->lock);
    req->queued = true;
    req->seq = pool->n_submitted++;
    queue_push(&pool->queue, &req->link);
    atomic_store_explicit(&pool->n_queued, pool->n_submitted - pool->n_begun,
                          memory_order_relaxed);
    thread_pool_unlock_and_wake(pool, thread_pool_ensure_watcher(pool));
}

ThreadPoolRequest *thread_pool_submit_aio(ThreadPoolFunc *func, void *arg,
                                          ThreadPoolCompletionFunc *cb,
                                          void *opaque)
{
    AioContext *ctx = aio_get_current_context();
    ThreadPoolRequest *req = g_new(ThreadPoolRequest, 1);
    ThreadPool *pool;

    if (!ctx) {
        programming_error("thread_pool_submit_aio() in a thread without an "
                          "event loop; call aio_main_context_init() first");
    }
    aio_assert_home(ctx, "thread_pool_submit");
    pool = pool_find(ctx);
    if (!pool) {
        pool = pool_new(ctx);
    }
    *req = (ThreadPoolRequest) {
        .pool = pool, .func = func, .arg = arg, .cb = cb, .opaque = opaque,
    };
    pool->n_pending++;
    aio_counter_add(&pool->n_requests, 1);
    PROBE(pool_submit, req, func);
    pool_enqueue(pool, req);
    return req;
}

void thread_pool_submit(ThreadPoolFunc *func, void *arg)
{
    thread_pool_submit_aio(func, arg, NULL, NULL);
}

/* A coroutine that waits for a request; on its stack. */
typedef struct Waiter {
    Coroutine *co;
    ThreadPoolRequest *req; /* NULL: it has ended */
    int ret;
} Waiter;

/* The result of the coroutine's request. */
static void co_done(void *opaque, int ret)
{
    Waiter *waiter = opaque; /* on the stack of waiter->co */

    waiter->ret = ret;
    waiter->req = NULL;
    aio_co_wake(waiter->co);
}

/* A function that a thread has begun uses memory of the coroutine, which
 * waits for its end. */
static void co_cancel(void *opaque)
{
    Waiter *waiter = opaque;

    if (waiter->req) {
        thread_pool_cancel(waiter->req);
    }
}

int coroutine_fn thread_pool_submit_co(ThreadPoolFunc *func, void *arg)
{
    Waiter waiter = { .co = coroutine_self() };

    if (!in_coroutine()) {
        programming_error("thread_pool_submit_co() outside of a coroutine");
    }
    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    waiter.req = thread_pool_submit_aio(func, arg, co_done, &waiter);
    coroutine_yield_cancellable(co_cancel, &waiter);
    return waiter.ret;
}

/* Under the lock either a worker takes the request or this does. */
bool thread_pool_cancel(ThreadPoolRequest *req)
{
    ThreadPool *pool = req->pool;
    bool was_queued;

    aio_assert_home(pool->ctx, G_STRFUNC);
    lock_acquire(&pool->lock);
    was_queued = req->queued;
    if (was_queued) {
        queue_remove(&req->link);
        req->queued = false;
        pool->n_begun++;
        atomic_store_explicit(&pool->n_queued,
                              pool->n_submitted - pool->n_begun,
                              memory_order_relaxed);
    }
    lock_release(&pool->lock);
    if (was_queued) {
        req->ret = -ECANCELED;
        thread_pool_push_done(pool, req);
        thread_pool_notify(pool);
    }
    return was_queued;
}
