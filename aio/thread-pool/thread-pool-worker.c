/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The workers of a thread pool.
 *
 * Waking up a worker costs many times what a short request takes, so a busy
 * pool must not wake one for each request.  Yet a request must not wait long
 * behind another one that blocks.  At most two idle workers look for requests;
 * docs/design/thread-pool.md has a table and a picture of all states:
 *
 * - The *spinner* found the queue empty and polls it for a while before it
 *   sleeps.
 * - The *watcher* was woken up or created for a request that found no spinner.
 *   If the oldest request is older than the watcher's last check, the other
 *   workers are too slow: the watcher resigns, takes the request and wakes up
 *   the next watcher.  Otherwise it sleeps for WATCH_NS and checks again, until
 *   no request was begun between two checks.
 *
 * So while the queue is not empty, there is a spinner, or a watcher, or all
 * workers that thread-pool-max allows are busy.  All decisions are made under
 * the pool's lock.  The system calls that wake up a thread follow after it was
 * released.  tests/unit/aio/thread-pool/pool-model.c tries all interleavings.
 *
 * Results: the loop would wake up for each result, and sleep again before the
 * next.  A worker whose requests are short and that sees more in the queue
 * therefore runs up to UNREPORTED_MAX of them before it reports to the loop.
 * It does so only while there is a watcher, which reports for all workers at
 * each check, in case one of the requests takes long.
 */
#include "aio/thread-pool/thread-pool-internal.h"
#include "aio/ticks-internal.h"
#include "util/probe.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPIN_NS (20 * SCALE_US)
#define SPIN_SKIP 64 /* short waits without spinning, after spinning has found
                        nothing */
#define SPINS_PER_CLOCK_READ 64
#define SPIN_LATE_TICKS (16 * AIO_QUANTUM_TICKS) /* longer than SPIN_NS: the
                                                    spinner was preempted */
#define WATCH_NS (50 * SCALE_US) /* what a request may wait behind others */
#define UNREPORTED_MAX 32
#define SHORT_TICKS (AIO_QUANTUM_TICKS / 2)

/* ---- Results ---- */

void thread_pool_push_done(ThreadPool *pool, ThreadPoolRequest *req)
{
    ThreadPoolRequest *head = atomic_load_explicit(&pool->done,
                                                   memory_order_relaxed);

    do {
        req->next = head;
    } while (!atomic_compare_exchange_weak(&pool->done, &head, req));
}

void thread_pool_notify(ThreadPool *pool)
{
    if (atomic_load(&pool->done)) {
        aio_bh_schedule(pool->done_bh);
    }
}

/* ---- Sleeping and waking ---- */

/* Waits until the worker is woken up, a signal, or for @timeout_ns. */
static void worker_futex_wait(Worker *worker, int64_t timeout_ns)
{
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };

    syscall(SYS_futex, &worker->woken, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0);
}

/*
 * The worker is no longer in `sleepers`.  Its timeout may have woken it up
 * since then, and it may even have ended: the kernel does not access the memory
 * at this address.
 */
static void worker_wake(Worker *worker)
{
    syscall(SYS_futex, &worker->woken, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Under lock.  Takes the worker that fell asleep last, because its memory is
 * most likely in a cache. */
static Worker *pool_pop_sleeper(ThreadPool *pool)
{
    QueueLink *link = pool->sleepers.prev;
    Worker *worker;

    if (link == &pool->sleepers) {
        return NULL;
    }
    queue_remove(link);
    worker = container_of(link, Worker, sleep_link);
    atomic_store(&worker->woken, 1);
    return worker;
}

/* Under lock.  Returns: the watcher, to be woken up, if it sleeps */
static Worker *pool_take_sleeping_watcher(ThreadPool *pool)
{
    Worker *worker = pool->sleeping_watcher;

    if (worker) {
        pool->sleeping_watcher = NULL;
        atomic_store(&worker->woken, 1);
    }
    return worker;
}

/* Also the watcher's next check: older requests have waited too long then. */
static void worker_make_watcher(Worker *worker)
{
    worker->is_watcher = true;
    worker->seen_n = worker->pool->n_submitted;
    worker->seen_begun = worker->pool->n_begun;
}

/* Takes a worker that runs requests, while the watcher continues to sleep. */
static Worker *pool_pop_runner(ThreadPool *pool)
{
    Worker *worker = pool_pop_sleeper(pool);

    if (worker) {
        worker->is_runner = true;
        pool->n_busy++;
    }
    return worker;
}

/* There is a watcher.  If no other worker is awake, one of them is woken up, so
 * that the request need not wait for WATCH_NS. */
static PoolWake pool_wake_beside_watcher(ThreadPool *pool)
{
    PoolWake wake = { NULL };

    if (pool->n_busy > 0) {
        return wake;
    }
    wake.worker = pool_pop_runner(pool);
    if (!wake.worker) {
        wake.worker = pool_take_sleeping_watcher(pool);
        if (wake.worker) {
            worker_make_watcher(wake.worker);
        }
    }
    return wake;
}

/* Returns true if there is a spinner and it was not preempted. */
static bool pool_is_spinning(ThreadPool *pool)
{
    return pool->has_spinner &&
           aio_ticks() - pool->spin_ticks < SPIN_LATE_TICKS;
}

PoolWake thread_pool_ensure_watcher(ThreadPool *pool)
{
    int64_t max = atomic_load(&pool->ctx->params.thread_pool_max);
    PoolWake wake = { NULL };

    if (queue_is_empty(&pool->queue) || pool_is_spinning(pool)) {
        return wake;
    }
    if (pool->has_watcher) {
        return pool_wake_beside_watcher(pool);
    }
    wake.worker = pool_pop_sleeper(pool);
    if (wake.worker) {
        pool->has_watcher = true;
        worker_make_watcher(wake.worker);
    } else if (pool->n_workers < max) {
        pool->has_watcher = true;
        pool->watcher_wanted = true;
        wake.manage = true;
    }
    return wake;
}

void thread_pool_unlock_and_wake(ThreadPool *pool, PoolWake wake)
{
    lock_release(&pool->lock);
    if (wake.worker) {
        worker_wake(wake.worker);
    }
    if (wake.manage) {
        aio_bh_schedule(pool->manage_bh);
    }
}

void thread_pool_wake_all(ThreadPool *pool)
{
    Worker *worker;

    while ((worker = pool_pop_sleeper(pool)) != NULL) {
        worker_wake(worker);
    }
    worker = pool_take_sleeping_watcher(pool);
    if (worker) {
        worker_wake(worker);
    }
}

/* ---- Finding requests; under lock, which some release for a while ---- */

static void worker_resign_watcher(Worker *worker)
{
    worker->is_watcher = false;
    worker->pool->has_watcher = false;
}

/* Sleeps until the watcher's next check, or resigns. */
static void worker_watch(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    bool is_idle = pool->n_begun == worker->seen_begun;

    if (is_idle && queue_is_empty(&pool->queue)) {
        worker_resign_watcher(worker);
        return;
    }
    worker_make_watcher(worker);
    atomic_store(&worker->woken, 0);
    pool->sleeping_watcher = worker;
    lock_release(&pool->lock);
    worker_futex_wait(worker, WATCH_NS);
    thread_pool_notify(pool);
    lock_acquire(&pool->lock);
    if (pool->sleeping_watcher == worker) {
        pool->sleeping_watcher = NULL;
    }
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* On the same CPU the spinner would only keep the loop from submitting the
 * request that it waits for. */
static bool pool_loop_is_on_this_cpu(ThreadPool *pool)
{
    return atomic_load_explicit(&pool->home_cpu, memory_order_relaxed) ==
           sched_getcpu();
}

/* Never yields: on a busy machine the thread would not run again for
 * milliseconds, and a request may rely on it. */
static void pool_spin(ThreadPool *pool, int64_t end_ns)
{
    do {
        for (unsigned i = 0; i < SPINS_PER_CLOCK_READ; i++) {
            if (atomic_load_explicit(&pool->n_queued,
                                     memory_order_relaxed)) {
                return;
            }
            cpu_relax();
        }
    } while (clock_get_ns(AIO_CLOCK_REALTIME) < end_ns &&
             !pool_loop_is_on_this_cpu(pool));
}

/* Returns: true if there is a request now */
static bool worker_spin(Worker *worker, int64_t start_ns)
{
    ThreadPool *pool = worker->pool;

    if (pool->spin_skip > 0 || pool->has_spinner || pool->stopping ||
        pool_loop_is_on_this_cpu(pool)) {
        return false;
    }
    pool->has_spinner = true;
    pool->spin_ticks = aio_ticks();
    lock_release(&pool->lock);
    pool_spin(pool, start_ns + SPIN_NS);
    lock_acquire(&pool->lock);
    pool->has_spinner = false;
    if (queue_is_empty(&pool->queue)) {
        /* Spinning was not worth it, so the next short waits do without. */
        pool->spin_skip = SPIN_SKIP;
        return false;
    }
    return true;
}

/* Returns: true if it was woken up; false if it was idle for thread-pool-idle
 * nanoseconds */
static bool worker_sleep(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    int64_t idle_ns = pool->ctx->params.thread_pool_idle_ns;
    int64_t end_ns = clock_get_ns(AIO_CLOCK_REALTIME) + idle_ns;

    atomic_store(&worker->woken, 0);
    queue_push(&pool->sleepers, &worker->sleep_link);
    lock_release(&pool->lock);
    do {
        /* It may return early, because of a signal. */
        worker_futex_wait(worker, idle_ns);
        idle_ns = end_ns - clock_get_ns(AIO_CLOCK_REALTIME);
    } while (!atomic_load(&worker->woken) && idle_ns > 0);
    lock_acquire(&pool->lock);
    if (worker->is_runner) {
        worker->is_runner = false;
        pool->n_busy--;
    }
    if (!queue_is_linked(&worker->sleep_link)) {
        return true;
    }
    queue_remove(&worker->sleep_link);
    return false;
}

/* Returns: false if the worker is to end */
static bool worker_wait(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    int64_t start_ns = clock_get_ns(AIO_CLOCK_REALTIME);

    if (worker_spin(worker, start_ns)) {
        return true;
    }
    /* A request may have been submitted while the lock was released. */
    if (!queue_is_empty(&pool->queue) || pool->stopping) {
        return true;
    }
    if (!worker_sleep(worker)) {
        return pool->n_workers <=
               atomic_load(&pool->ctx->params.thread_pool_min);
    }
    /* A short wait: waking up takes about as long as a worker may spin. */
    if (pool->spin_skip > 0 &&
        clock_get_ns(AIO_CLOCK_REALTIME) - start_ns < 2 * SPIN_NS) {
        pool->spin_skip--;
    }
    return true;
}

static ThreadPoolRequest *pool_pop(ThreadPool *pool)
{
    QueueLink *link = queue_pop(&pool->queue);
    ThreadPoolRequest *req = container_of(link, ThreadPoolRequest, link);

    req->queued = false;
    pool->n_begun++;
    atomic_store_explicit(&pool->n_queued, pool->n_submitted - pool->n_begun,
                          memory_order_relaxed);
    return req;
}

/* The watcher takes only what the other workers had time for and did not. */
static bool worker_may_take(Worker *worker)
{
    QueueLink *link = worker->pool->queue.next;

    return !worker->is_watcher ||
           container_of(link, ThreadPoolRequest, link)->seq < worker->seen_n;
}

static void worker_report(Worker *worker)
{
    worker->n_unreported = 0;
    thread_pool_notify(worker->pool);
}

/* The same for a caller that holds the lock. */
static void worker_report_unlocked(Worker *worker)
{
    lock_release(&worker->pool->lock);
    worker_report(worker);
    lock_acquire(&worker->pool->lock);
}

/* Returns: NULL if the worker is to end */
static ThreadPoolRequest *worker_next(Worker *worker)
{
    ThreadPool *pool = worker->pool;

    while (!pool->stopping &&
           pool->n_workers <= atomic_load(&pool->ctx->params.thread_pool_max)) {
        if (!queue_is_empty(&pool->queue) && worker_may_take(worker)) {
            if (worker->is_watcher) {
                worker_resign_watcher(worker);
                /* Other workers rely on the watcher to report for them, so it
                 * reports before a request that nothing watches. */
                worker->n_unreported++;
                worker->unreported_ticks = aio_ticks();
            }
            return pool_pop(pool);
        }
        if (worker->n_unreported > 0) {
            worker_report_unlocked(worker);
        } else if (worker->is_watcher) {
            worker_watch(worker);
        } else if (!worker_wait(worker)) {
            break;
        }
    }
    return NULL;
}

/* ---- Life ---- */

/* Releases the lock. */
static void worker_end(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    PoolWake wake;

    if (worker->is_watcher) {
        worker_resign_watcher(worker);
    }
    thread_pool_notify(pool);
    pool->n_workers--;
    queue_remove(&worker->link);
    queue_push(&pool->ended, &worker->link);
    wake = thread_pool_ensure_watcher(pool);
    wake.manage |= !pool->stopping;
    thread_pool_unlock_and_wake(pool, wake);
}

/*
 * Returns true if the requests since the last report took long on average.
 * Reading the clock takes a fifth of a short request, so it is read only when
 * their number is a power of two.
 */
static bool worker_is_slow(Worker *worker)
{
    unsigned n = worker->n_unreported;

    return (n & (n - 1)) == 0 &&
           aio_ticks() - worker->unreported_ticks > n * (uint64_t)SHORT_TICKS;
}

static void worker_call(Worker *worker, ThreadPoolRequest *req)
{
    ThreadPool *pool = worker->pool;

    if (worker->n_unreported++ == 0) {
        worker->unreported_ticks = aio_ticks();
    }
    PROBE(pool_begin, req, req->func);
    req->ret = req->func(req->arg);
    PROBE(pool_end, req);
    thread_pool_push_done(pool, req);
    /* With an empty queue there is no reason to wait for more results. */
    if (worker->n_unreported >= UNREPORTED_MAX ||
        !atomic_load_explicit(&pool->n_queued, memory_order_relaxed) ||
        worker_is_slow(worker)) {
        worker_report(worker);
    }
}

void *thread_pool_worker_run(void *opaque)
{
    Worker *worker = opaque;
    ThreadPool *pool = worker->pool;
    ThreadPoolRequest *req;

    lock_acquire(&pool->lock);
    while ((req = worker_next(worker)) != NULL) {
        PoolWake wake;
        bool is_watched;

        pool->n_busy++;
        wake = thread_pool_ensure_watcher(pool);
        /* The request may take long, so a result that waits must be watched. */
        is_watched = pool->has_watcher;
        thread_pool_unlock_and_wake(pool, wake);
        if (worker->n_unreported > 0 && !is_watched) {
            worker_report(worker);
        }
        worker_call(worker, req);
        lock_acquire(&pool->lock);
        pool->n_busy--;
    }
    worker_end(worker);
    return NULL;
}
