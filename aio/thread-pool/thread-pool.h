/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thread pool: functions that block, called beside the event loop.
 *
 * Each AioContext has a pool of its own, made when the first request comes.
 * A request is queued, called by a thread of the pool, and then its callback
 * is called in the context.  All functions are for the context's home thread;
 * the pool is that of the calling thread's current context.
 *
 * aio_context_set_thread_pool_params() says how many threads there are, at
 * least and at most, at any time; 0 and 64 at first.  They are named "worker",
 * made when they are needed, and one that found nothing to do for 10 s ends
 * unless that leaves fewer than the least number.
 *
 * When the system grants no new thread, requests are left to the threads that
 * there are; while there are none they wait, and can be cancelled, and the
 * pool tries again every 10 ms.
 *
 * The last aio_context_unref() waits for the threads to end.  A request whose
 * callback was not called by then is a programming error and aborts.
 *
 * Contract: the API of QEMU 10's "block/thread-pool.h"; docs/event-loop.md,
 *           "Thread pool"
 */
#ifndef QOM_AIO_THREAD_POOL_H
#define QOM_AIO_THREAD_POOL_H

#include "aio/coroutine/coroutine.h"

QOM_BEGIN_DECLS

/* Called in a thread of the pool; what it returns is the result. */
typedef int ThreadPoolFunc(void *opaque);

/* Called in the context with the result, or -ECANCELED. */
typedef void ThreadPoolCompletionFunc(void *opaque, int ret);

typedef struct ThreadPoolRequest ThreadPoolRequest;

/**
 * thread_pool_submit_aio: have a function called, and be told its result
 * @func: called in a thread of the pool
 * @arg: passed to @func
 * @cb: (nullable) called in the current context when @func has returned; never
 *      before this call returns
 * @opaque: passed to @cb
 *
 * Requests are begun in the order in which they came, and end in any.  A
 * callback may run the loop: other callbacks come meanwhile.
 *
 * Returns: borrowed; gone when @cb is called
 * Thread: home of the current context
 */
ThreadPoolRequest *thread_pool_submit_aio(ThreadPoolFunc *func, void *arg,
                                          ThreadPoolCompletionFunc *cb,
                                          void *opaque);

/**
 * thread_pool_submit_co: have a function called, and wait for its result
 * @func: called in a thread of the pool
 * @arg: passed to @func
 *
 * If the coroutine is cancelled, a request that no thread has begun is
 * withdrawn.  One that has begun is waited for, because @func uses @arg.
 *
 * Returns: what @func returned; -ECANCELED if it was not called
 * Thread: in a coroutine, in its context's thread
 */
int coroutine_fn thread_pool_submit_co(ThreadPoolFunc *func, void *arg);

/**
 * thread_pool_submit: have a function called
 * @func: called in a thread of the pool; its result is dropped
 * @arg: passed to @func
 *
 * The request is over after a round of the loop that follows the function.
 *
 * Thread: home of the current context
 */
void thread_pool_submit(ThreadPoolFunc *func, void *arg);

/**
 * thread_pool_cancel: withdraw a request that no thread has begun
 * @req: a request whose callback was not called yet
 *
 * The callback is called with -ECANCELED, in a later round of the loop.  A
 * request that is begun is left alone.
 *
 * Returns: true if it was withdrawn
 * Thread: home of the context in which @req was submitted
 */
bool thread_pool_cancel(ThreadPoolRequest *req);

QOM_END_DECLS

#endif
