/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool: what its two halves share, thread-pool.c for the context's
 * home thread and thread-pool-worker.c for the workers.
 */
#ifndef QOM_AIO_THREAD_POOL_INTERNAL_H
#define QOM_AIO_THREAD_POOL_INTERNAL_H

#include "aio/context-internal.h"
#include "aio/thread-pool/thread-pool.h"
#include "util/thread.h"

typedef struct ThreadPool ThreadPool;

struct ThreadPoolRequest {
    ThreadPool *pool;
    ThreadPoolFunc *func;
    void *arg;
    ThreadPoolCompletionFunc *cb; /* (nullable) */
    void *opaque;
    int ret;
    bool queued;             /* under lock */
    uint64_t seq;            /* number of requests submitted before it */
    QueueLink link;          /* in queue; under lock */
    ThreadPoolRequest *next; /* in done, then in finished */
};

/* Fields without a remark are used only by the worker's thread. */
typedef struct Worker {
    ThreadPool *pool;
    Thread thread;
    atomic_uint woken; /* futex: 0 while it sleeps */
    bool is_watcher;   /* while it sleeps, the thread that wakes it sets it */
    bool is_runner;    /* it was woken up to run a request, and n_busy counts
                          it already; under lock */
    unsigned n_unreported;     /* results that the loop was not notified of */
    uint64_t unreported_ticks; /* when the first of these requests began */
    uint64_t seen_n;      /* watcher: n_submitted at its last check, */
    uint64_t seen_begun;  /* and n_begun */
    QueueLink sleep_link; /* in sleepers; under lock */
    QueueLink link;       /* in workers, and in ended when it has ended; under
                             lock */
} Worker;

struct ThreadPool {
    AioAttachment attachment;
    AioContext *ctx;
    AioCounter n_requests;  /* submitted; written by the home thread */
    AioCounter n_completed; /* called back; written by the home thread */

    /* Under lock, down to the empty line. */
    Lock lock;
    QueueLink queue;      /* requests, oldest first */
    uint64_t n_submitted;
    uint64_t n_begun;     /* or cancelled */
    QueueLink sleepers;   /* the worker that fell asleep last is last */
    Worker *sleeping_watcher; /* (nullable) it sleeps between two checks */
    atomic_uint n_workers; /* including threads that are being created; read
                              without the lock */
    unsigned n_busy;      /* workers that run a request or wake up for one */
    bool has_spinner;
    uint64_t spin_ticks;  /* when it began to spin */
    bool has_watcher;     /* or one is being created or woken up */
    bool watcher_wanted;  /* manage_bh is to create it */
    unsigned spin_skip;   /* short waits until a worker may spin again */
    bool stopping;
    QueueLink workers;
    QueueLink ended;      /* to be joined */

    /* Any thread. */
    atomic_uint n_queued; /* written under lock; the spinner reads it */
    atomic_int home_cpu;  /* the CPU on which the last request was submitted */
    _Atomic(ThreadPoolRequest *) done; /* newest first; workers push, and the
                                          home thread takes all at once */

    /* Used only by the home thread. */
    ThreadPoolRequest *finished; /* oldest first */
    ThreadPoolRequest **finished_last;
    unsigned n_pending;   /* requests whose callback was not called yet */
    AioBH *done_bh;       /* workers schedule it, too */
    AioBH *manage_bh;     /* any thread schedules it */
    AioTimer *retry_timer;
};

/* What is to be woken up once the lock is released. */
typedef struct PoolWake {
    Worker *worker; /* (nullable) */
    bool manage;    /* manage_bh */
} PoolWake;

/* ---- thread-pool-worker.c; any thread ---- */

/* Makes the result of @req available to the home thread. */
void thread_pool_push_done(ThreadPool *pool, ThreadPoolRequest *req);

/* Schedules the callbacks of the results that are available. */
void thread_pool_notify(ThreadPool *pool);

/* The function of a worker's thread. */
void *thread_pool_worker_run(void *opaque);

/*
 * Makes sure that a worker will take the oldest request, or check that it was
 * taken.  Under lock.  Returns: what to pass to thread_pool_unlock_and_wake()
 */
PoolWake thread_pool_ensure_watcher(ThreadPool *pool);

/* Releases the lock, and then wakes up. */
void thread_pool_unlock_and_wake(ThreadPool *pool, PoolWake wake);

/* Wakes up all workers that sleep.  Under lock. */
void thread_pool_wake_all(ThreadPool *pool);

#endif
