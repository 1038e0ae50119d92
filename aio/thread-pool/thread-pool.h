/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thread pool: runs functions that block in other threads.
 *
 * Each AioContext has its own pool, which is created with the first request.  A
 * request is queued, a thread of the pool calls its function, and then the
 * context's home thread calls its callback.  All functions are called by the
 * home thread and use the pool of the calling thread's current context.
 *
 * aio_context_set_thread_pool_params() sets the smallest and the largest number
 * of threads, which are 0 and 64 by default and may change at any time.  The
 * threads are named "worker" and created when they are needed.  A thread that
 * was idle for 10 seconds ends if more than the smallest number are left.
 *
 * If the system refuses another thread, the existing ones run the requests.
 * While there is none, requests wait and can be cancelled, and the pool tries
 * again every 10 ms.
 *
 * The last aio_context_unref() waits for the threads to end.  A request whose
 * callback was not called before is a programming error and aborts.
 *
 * Contract: the API of QEMU 10's "block/thread-pool.h"; docs/event-loop.md,
 *           "Thread pool"
 */
#ifndef QOM_AIO_THREAD_POOL_H
#define QOM_AIO_THREAD_POOL_H

#include "aio/coroutine/coroutine.h"

QOM_BEGIN_DECLS

/* Called by a thread of the pool.  Returns the result, any number. */
typedef int ThreadPoolFunc(void *opaque);

/* Called by the home thread with the result, or -ECANCELED. */
typedef void ThreadPoolCompletionFunc(void *opaque, int ret);

typedef struct ThreadPoolRequest ThreadPoolRequest;

/**
 * thread_pool_submit_aio: runs a function in the pool and calls back
 * @func: called by a thread of the pool
 * @arg: passed to @func; borrowed until @func returns
 * @cb: (nullable) called by the home thread after @func has returned, never
 *      before this call returns
 * @opaque: passed to @cb
 *
 * Functions are called in the order of the requests, and may return in any
 * order.  If a callback runs the loop, other callbacks run inside it.
 *
 * Returns: the request; borrowed until @cb is called
 * Thread: the home thread of the current context
 */
ThreadPoolRequest *thread_pool_submit_aio(ThreadPoolFunc *func, void *arg,
                                          ThreadPoolCompletionFunc *cb,
                                          void *opaque);

/**
 * thread_pool_submit_co: runs a function in the pool and waits for its result
 * @func: called by a thread of the pool
 * @arg: passed to @func; borrowed until this call returns
 *
 * The coroutine yields while it waits.  If it is cancelled before a thread has
 * begun the request, the request is cancelled.  Otherwise the call waits until
 * @func has returned, because @func uses @arg.
 *
 * Returns: what @func returned; -ECANCELED if it was not called
 * Thread: a coroutine in the home thread of its context
 */
int coroutine_fn thread_pool_submit_co(ThreadPoolFunc *func, void *arg);

/**
 * thread_pool_submit: runs a function in the pool
 * @func: called by a thread of the pool; its result is ignored
 * @arg: passed to @func; borrowed until @func returns
 *
 * The context may not be freed before the loop has noticed that @func returned,
 * in the next iteration after that.
 *
 * Thread: the home thread of the current context
 */
void thread_pool_submit(ThreadPoolFunc *func, void *arg);

/**
 * thread_pool_cancel: cancels a request that no thread has begun
 * @req: a request whose callback was not called yet
 *
 * The callback is called with -ECANCELED in a later iteration of the loop.  A
 * request that a thread has begun continues.
 *
 * Returns: true if it was cancelled
 * Thread: the home thread of the context in which @req was submitted
 */
bool thread_pool_cancel(ThreadPoolRequest *req);

QOM_END_DECLS

#endif
