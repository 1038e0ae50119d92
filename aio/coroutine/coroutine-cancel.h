/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cancelling coroutines.
 *
 * Cancelling a coroutine does not stop it.  It makes the coroutine's waits end
 * with -ECANCELED: the wait that it is in, and from then on every further one.
 * The coroutine handles this like any other error: it releases what it holds
 * and returns.  Nothing has to be registered for that.
 *
 * Cancellable waits are those for file descriptors and streams, sleeps,
 * co_timeout(), co_group_join() and co_queue_wait_until().  A function that a
 * thread of the thread pool has begun, and a file request that the kernel has
 * begun, use memory of the coroutine.  Cancelling asks for their early end, and
 * the coroutine waits until they have ended.  Locks (CoMutex, CoRwlock) and
 * coroutine_yield() are not cancellable.
 *
 * Contract: docs/coroutines.md, "Cancellation"
 */
#ifndef QOM_AIO_COROUTINE_CANCEL_H
#define QOM_AIO_COROUTINE_CANCEL_H

#include "aio/coroutine/coroutine.h"

QOM_BEGIN_DECLS

/**
 * CoCancelFunc: ends a wait early
 * @opaque: as passed to coroutine_yield_cancellable()
 *
 * Called at most once for each wait, in the thread of the coroutine's context,
 * while the coroutine waits or after it was woken up but before it runs.  The
 * function wakes the coroutine up, unless that has happened, or it asks the
 * operation to end soon.
 */
typedef void CoCancelFunc(void *opaque);

/**
 * coroutine_cancel: cancels a coroutine
 * @co: the coroutine; borrowed, and it must not have ended
 *
 * In the thread of the coroutine's context, the wait that @co is in ends
 * before the call returns or, if the caller is a coroutine, when the caller
 * yields.  In another thread, a bottom half does the same in the coroutine's
 * context.  Cancelling a coroutine again has no effect.  A coroutine may cancel
 * itself.
 *
 * The handle of a coroutine is invalid once the coroutine has ended.  To cancel
 * coroutines that may have ended, use a group: co_group_cancel().
 *
 * Thread: any, while the context of @co exists; before @co is entered or
 *         scheduled for the first time, only the thread that created it
 */
void coroutine_cancel(Coroutine *co);

/**
 * coroutine_is_cancelled: tests whether the running coroutine was cancelled
 *
 * A function that computes for long between two waits tests it to end early.
 *
 * Returns: true if the next cancellable wait will return -ECANCELED; always
 *          false outside of coroutines
 * Thread: any
 */
bool coroutine_is_cancelled(void);

/**
 * coroutine_set_cancellable: protects a section from cancellation
 * @cancellable: false at the beginning of the section; at its end what the
 *               first call returned
 *
 * In the section, waits take place as if the coroutine was not cancelled.  A
 * coroutine that was cancelled uses such a section to wait while it cleans up.
 *
 * Returns: true if the coroutine was cancellable before; initially it is
 * Thread: in a coroutine
 */
bool coroutine_fn coroutine_set_cancellable(bool cancellable);

/**
 * coroutine_yield_cancellable: yields in a wait that can be cancelled
 * @cancel: called if the coroutine is cancelled before it runs again
 * @opaque: passed to @cancel
 *
 * This is coroutine_yield() for functions that implement a cancellable wait.
 * The caller tests coroutine_is_cancelled() before it starts the operation, so
 * that a coroutine that was cancelled earlier does not wait.
 *
 * Thread: in a coroutine
 */
void coroutine_fn coroutine_yield_cancellable(CoCancelFunc *cancel,
                                              void *opaque);

QOM_END_DECLS

#endif
