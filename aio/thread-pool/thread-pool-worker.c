/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The workers of a thread pool.
 *
 * Waking a worker costs many times what a short request does, so a busy pool
 * must not wake one per request; and yet a request must not wait for long
 * behind another one that blocks.  At most two workers look for requests:
 *
 * - the spinner, who found the queue empty and looks at it for a moment
 *   before it sleeps;
 * - the watcher, who was woken up, or made, since a request came that found
 *   no spinner.  When it arrives and the oldest request was there when it was
 *   called, the others are too slow: it gives its role up, takes the request
 *   and calls the next watcher.  When they have taken all of those it lingers:
 *   it sleeps for WATCH_NS and looks again, until a whole such time has
 *   passed without a request.
 *
 * So while the queue is not empty there is a spinner, or a watcher, or all the
 * workers that may be are busy.  All of it is decided under the pool's lock,
 * and the system calls that wake somebody up come after it.  A watcher that
 * lingers is woken up early when nobody else is awake.
 *
 * Spinning pays where waits are short, unless the loop is on the same
 * processor, whose number it leaves with each request; and after one that was
 * in vain the next SPIN_SKIP short waits do without.  The spinner never
 * yields: on a loaded machine the processor would be gone for milliseconds,
 * with a request that relies on it.  Should it be taken away nevertheless, a
 * request that finds the spinner at it for too long calls a watcher.
 *
 * Telling the loop of each result would wake it up for each, and it would
 * sleep again before the next.  A worker whose requests are short and that
 * sees more in the queue owes the loop the news, up to OWED_MAX of them; as
 * the clock costs a fifth of a short request, it is read when their number is
 * a power of two.  It runs another request meanwhile only while there is a
 * watcher, who tells the loop each time it looks, should that request be a
 * long one.
 */
#include "aio/thread-pool/thread-pool-internal.h"
#include "aio/ticks-internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPIN_NS (20 * SCALE_US)
#define SPIN_SKIP 64 /* short waits after one that spun in vain */
#define SPIN_TURNS 64 /* between two looks at the clock */
#define SPIN_LATE_TICKS (16 * AIO_QUANTUM_TICKS) /* longer than it spins */
#define WATCH_NS (50 * SCALE_US)
#define OWED_MAX 32
#define SHORT_TICKS (AIO_QUANTUM_TICKS / 2)

/* ---- Sleeping and waking ---- */

/* Until woken, a signal, or @timeout_ns has passed. */
static void worker_futex_wait(Worker *worker, int64_t timeout_ns)
{
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };

    syscall(SYS_futex, &worker->woken, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0);
}

/*
 * It is no sleeper any more and may have woken up by
 * itself, even ended: the kernel takes its address as a mere number.
 */
static void worker_wake(Worker *worker)
{
    syscall(SYS_futex, &worker->woken, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Under lock: the sleeper whose memory is warmest, to be woken up. */
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

/* Under lock: the watcher if it lingers, to be woken up. */
static Worker *pool_pop_lingering(ThreadPool *pool)
{
    Worker *worker = pool->lingering;

    if (worker) {
        pool->lingering = NULL;
        atomic_store(&worker->woken, 1);
    }
    return worker;
}

static void worker_make_watcher(Worker *worker)
{
    worker->is_watcher = true;
    worker->seen_n = worker->pool->n_submitted;
    worker->seen_begun = worker->pool->n_begun;
}

/* Somebody to run requests while the watcher, who lingers, goes on to. */
static Worker *pool_pop_runner(ThreadPool *pool)
{
    Worker *worker = pool_pop_sleeper(pool);

    if (worker) {
        worker->is_runner = true;
        pool->n_busy++;
    }
    return worker;
}

/* Nobody but the watcher is awake, and that one is not quite. */
static PoolCall pool_call_beside_watcher(ThreadPool *pool)
{
    PoolCall call = { NULL };

    if (pool->n_busy > 0) {
        return call;
    }
    call.worker = pool_pop_runner(pool);
    if (!call.worker) {
        call.worker = pool_pop_lingering(pool);
        if (call.worker) {
            worker_make_watcher(call.worker);
        }
    }
    return call;
}

/* There is one, and it has not been put off its processor. */
static bool pool_is_spinning(ThreadPool *pool)
{
    return pool->has_spinner &&
           aio_ticks() - pool->spin_ticks < SPIN_LATE_TICKS;
}

PoolCall thread_pool_call_watcher(ThreadPool *pool)
{
    int64_t max = atomic_load(&pool->ctx->params.thread_pool_max);
    PoolCall call = { NULL };

    if (queue_is_empty(&pool->queue) || pool_is_spinning(pool)) {
        return call;
    }
    if (pool->has_watcher) {
        return pool_call_beside_watcher(pool);
    }
    call.worker = pool_pop_sleeper(pool);
    if (call.worker) {
        pool->has_watcher = true;
        worker_make_watcher(call.worker);
    } else if (pool->n_workers < max) {
        pool->has_watcher = true;
        pool->watcher_wanted = true;
        call.manage = true;
    }
    return call;
}

void thread_pool_leave(ThreadPool *pool, PoolCall call)
{
    lock_release(&pool->lock);
    if (call.worker) {
        worker_wake(call.worker);
    }
    if (call.manage) {
        aio_bh_schedule(pool->manage_bh);
    }
}

void thread_pool_wake_all(ThreadPool *pool)
{
    Worker *worker;

    while ((worker = pool_pop_sleeper(pool)) != NULL) {
        worker_wake(worker);
    }
    worker = pool_pop_lingering(pool);
    if (worker) {
        worker_wake(worker);
    }
}

/* ---- Looking for requests; under lock, which they may leave meanwhile ---- */

static void worker_no_watcher(Worker *worker)
{
    worker->is_watcher = false;
    worker->pool->has_watcher = false;
}

/* Sleep as watcher and look again; or not to be watcher any longer. */
static void worker_watch(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    bool is_idle = pool->n_begun == worker->seen_begun;

    if (is_idle && queue_is_empty(&pool->queue)) {
        worker_no_watcher(worker);
        return;
    }
    worker_make_watcher(worker);
    atomic_store(&worker->woken, 0);
    pool->lingering = worker;
    lock_release(&pool->lock);
    worker_futex_wait(worker, WATCH_NS);
    thread_pool_notify(pool);
    lock_acquire(&pool->lock);
    if (pool->lingering == worker) {
        pool->lingering = NULL;
    }
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* The loop needs the processor to send what is waited for. */
static bool pool_loop_is_here(ThreadPool *pool)
{
    return atomic_load_explicit(&pool->home_cpu, memory_order_relaxed) ==
           sched_getcpu();
}

static void pool_spin(ThreadPool *pool, int64_t end_ns)
{
    do {
        for (unsigned i = 0; i < SPIN_TURNS; i++) {
            if (atomic_load_explicit(&pool->n_queued,
                                     memory_order_relaxed)) {
                return;
            }
            cpu_relax();
        }
    } while (clock_get_ns(AIO_CLOCK_REALTIME) < end_ns &&
             !pool_loop_is_here(pool));
}

/* Returns: whether there is something now */
static bool worker_spin(Worker *worker, int64_t start_ns)
{
    ThreadPool *pool = worker->pool;

    if (pool->spin_skip > 0 || pool->has_spinner || pool->stopping ||
        pool_loop_is_here(pool)) {
        return false;
    }
    pool->has_spinner = true;
    pool->spin_ticks = aio_ticks();
    lock_release(&pool->lock);
    pool_spin(pool, start_ns + SPIN_NS);
    lock_acquire(&pool->lock);
    pool->has_spinner = false;
    if (queue_is_empty(&pool->queue)) {
        pool->spin_skip = SPIN_SKIP;
        return false;
    }
    return true;
}

/* Returns: true; false if nobody wanted it for as long as an idle one stays */
static bool worker_sleep(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    int64_t idle_ns = pool->ctx->params.thread_pool_idle_ns;
    int64_t end_ns = clock_get_ns(AIO_CLOCK_REALTIME) + idle_ns;

    atomic_store(&worker->woken, 0);
    queue_push(&pool->sleepers, &worker->sleep_link);
    lock_release(&pool->lock);
    do {
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
    /* A request may have come while the lock was free. */
    if (!queue_is_empty(&pool->queue) || pool->stopping) {
        return true;
    }
    if (!worker_sleep(worker)) {
        return pool->n_workers <=
               atomic_load(&pool->ctx->params.thread_pool_min);
    }
    /* Waking up takes about as long as spinning may. */
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

/* The watcher leaves to the others what they are quick enough for. */
static bool worker_may_take(Worker *worker)
{
    QueueLink *link = worker->pool->queue.next;

    return !worker->is_watcher ||
           container_of(link, ThreadPoolRequest, link)->seq < worker->seen_n;
}

static void worker_pay(Worker *worker)
{
    worker->n_owed = 0;
    thread_pool_notify(worker->pool);
}

/* The same for one that holds the lock, and does not meanwhile. */
static void worker_pay_unlocked(Worker *worker)
{
    lock_release(&worker->pool->lock);
    worker_pay(worker);
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
                worker_no_watcher(worker);
                worker->n_owed++; /* what others may owe */
                worker->owed_ticks = aio_ticks();
            }
            return pool_pop(pool);
        }
        if (worker->n_owed > 0) {
            worker_pay_unlocked(worker);
        } else if (worker->is_watcher) {
            worker_watch(worker);
        } else if (!worker_wait(worker)) {
            break;
        }
    }
    return NULL;
}

/* ---- Life ---- */

/* Leaves the lock. */
static void worker_end(Worker *worker)
{
    ThreadPool *pool = worker->pool;
    PoolCall call;

    if (worker->is_watcher) {
        worker_no_watcher(worker);
    }
    thread_pool_notify(pool);
    pool->n_workers--;
    queue_remove(&worker->link);
    queue_push(&pool->ended, &worker->link);
    call = thread_pool_call_watcher(pool);
    call.manage |= !pool->stopping;
    thread_pool_leave(pool, call);
}

/* Are what it owes, one more by now, on average long ones? */
static bool worker_is_slow(Worker *worker)
{
    unsigned n = worker->n_owed;

    return (n & (n - 1)) == 0 &&
           aio_ticks() - worker->owed_ticks > n * (uint64_t)SHORT_TICKS;
}

static void worker_call(Worker *worker, ThreadPoolRequest *req)
{
    ThreadPool *pool = worker->pool;

    if (worker->n_owed++ == 0) {
        worker->owed_ticks = aio_ticks();
    }
    req->ret = req->func(req->arg);
    thread_pool_push_done(pool, req);
    if (worker->n_owed >= OWED_MAX ||
        !atomic_load_explicit(&pool->n_queued, memory_order_relaxed) ||
        worker_is_slow(worker)) {
        worker_pay(worker);
    }
}

void *thread_pool_worker_run(void *opaque)
{
    Worker *worker = opaque;
    ThreadPool *pool = worker->pool;
    ThreadPoolRequest *req;

    lock_acquire(&pool->lock);
    while ((req = worker_next(worker)) != NULL) {
        PoolCall call;
        bool is_watched;

        pool->n_busy++;
        call = thread_pool_call_watcher(pool);
        is_watched = pool->has_watcher;
        thread_pool_leave(pool, call);
        if (worker->n_owed > 0 && !is_watched) {
            worker_pay(worker);
        }
        worker_call(worker, req);
        lock_acquire(&pool->lock);
        pool->n_busy--;
    }
    worker_end(worker);
    return NULL;
}
