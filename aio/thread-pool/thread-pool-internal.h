/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool inside: what its two halves share, thread-pool.c for the
 * context's home thread and thread-pool-worker.c for its workers.
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
    ThreadPoolCompletionFunc *cb;
    void *opaque;
    int ret;
    bool queued;             /* under lock */
    uint64_t seq;            /* its number among all that came */
    QueueLink link;          /* queue; under lock */
    ThreadPoolRequest *next; /* done, then finished */
};

typedef struct Worker {
    ThreadPool *pool;
    Thread thread;
    atomic_uint woken;    /* futex: 0 while it sleeps */
    bool is_watcher;      /* its own, and its waker's while it sleeps */
    bool is_runner;       /* woken up, and in n_busy till then; under lock */
    unsigned n_owed;      /* done, and the loop not told; its own */
    uint64_t owed_ticks;  /* when the first of them began */
    uint64_t seen_n;      /* watcher: requests that had come, */
    uint64_t seen_begun;  /* and been begun, when it looked last */
    QueueLink sleep_link; /* sleepers; under lock */
    QueueLink link;       /* workers, and ended after its last breath */
} Worker;

struct ThreadPool {
    AioAttachment attachment;
    AioContext *ctx;
    AioCounter n_requests;  /* submitted; written by the home thread */
    AioCounter n_completed; /* called back; written by the home thread */

    Lock lock;
    QueueLink queue;      /* under lock, as all to the empty line */
    uint64_t n_submitted;
    uint64_t n_begun;     /* or withdrawn */
    QueueLink sleepers;   /* who fell asleep last is last */
    Worker *lingering;    /* the watcher, when it sleeps between two looks */
    atomic_uint n_workers; /* written under lock; those that are being made
                              included */
    unsigned n_busy;      /* in a request, or waking up for one */
    bool has_spinner;
    uint64_t spin_ticks;  /* when it began */
    bool has_watcher;     /* or one is being made or woken up */
    bool watcher_wanted;  /* one is to be made */
    unsigned spin_skip;   /* short waits until one spins again */
    bool stopping;
    QueueLink workers;
    QueueLink ended;      /* to be joined */

    atomic_uint n_queued; /* written under lock, for the spinner */
    atomic_int home_cpu;  /* the processor of who submitted last */
    _Atomic(ThreadPoolRequest *) done; /* newest first; pushed by workers,
                                          taken whole by the home thread */

    /* The home thread's alone. */
    ThreadPoolRequest *finished; /* oldest first */
    ThreadPoolRequest **finished_last;
    unsigned n_pending;   /* callback not called yet */
    AioBH *done_bh;       /* scheduled by workers too */
    AioBH *manage_bh;     /* scheduled by any thread */
    AioTimer *retry_timer;
};

/* Somebody to be woken up when the lock is left. */
typedef struct PoolCall {
    Worker *worker;
    bool manage;
} PoolCall;

/* thread-pool.c */
void thread_pool_push_done(ThreadPool *pool, ThreadPoolRequest *req);
void thread_pool_notify(ThreadPool *pool); /* of what is done */

/* thread-pool-worker.c */
void *thread_pool_worker_run(void *opaque);
PoolCall thread_pool_call_watcher(ThreadPool *pool); /* under lock */
void thread_pool_leave(ThreadPool *pool, PoolCall call);
void thread_pool_wake_all(ThreadPool *pool); /* under lock */

#endif
