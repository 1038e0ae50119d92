/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioContext: an event loop.
 *
 * A context calls back for file descriptors, event notifiers, bottom halves
 * and timers ("aio/timer.h").  One thread runs it, its home thread: it calls
 * aio_poll() in a loop, or attaches aio_get_g_source() to a GMainContext.  All
 * callbacks run in that thread.
 *
 * A bottom half is a function that is called in the next iteration of the
 * loop.  To have something done in another thread, schedule a bottom half in
 * that thread's context.
 *
 * The caller of a function must keep a reference to the context until the call
 * returns.  What it has scheduled may have run by then, so a callback must not
 * drop the last reference.
 *
 * A child process cannot use the contexts that its parent created before
 * fork(): aio_poll() and every other function for the home thread abort with a
 * message.  The child may free them, their files and their handlers, which the
 * parent does not notice, and create its own.
 *
 * The functions, in the order of this header:
 *
 *     The context        aio_context_new(), aio_context_unref(), the main loop
 *     The home thread    aio_set_current_context(), aio_get_current_context()
 *     Running a context  aio_poll(), aio_notify(), aio_get_g_source()
 *     Bottom halves      aio_bh_new(), aio_bh_schedule(), one-shot ones
 *     File descriptors   aio_set_fd_handler()
 *     Event notifiers    aio_set_event_notifier()
 *     Closed too early   aio_set_closed_fd_func()
 *     AioContext lock    aio_context_acquire()
 *
 * In other headers:
 *
 *     Parameters         aio_context_set_poll_params() and others, in
 *                        "aio/aio-params.h", which this header includes
 *     Timers             "aio/timer.h"
 *     Waiting            AIO_WAIT_WHILE(), in "aio/aio-wait.h"
 *     Statistics         "aio/aio-stats.h"
 *
 * Thread: each function names the threads that may call it.
 * Contract: the API of QEMU 10's "block/aio.h", its qemu_ names neutral;
 *           docs/event-loop.md describes one iteration as a numbered list
 */
#ifndef QOM_AIO_AIO_H
#define QOM_AIO_AIO_H

#include "aio/aio-params.h"
#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct AioBH AioBH;
typedef struct AioTimerListGroup AioTimerListGroup;
typedef struct EventNotifier EventNotifier;

typedef void AioBHFunc(void *opaque);
typedef void IOHandler(void *opaque);
typedef void EventNotifierHandler(EventNotifier *notifier);

/* Returns true if there is work; makes no system call. */
typedef bool AioPollFn(void *opaque);

/* Set while a device does its own I/O; see aio_bh_new_guarded(). */
typedef struct MemReentrancyGuard {
    bool engaged_in_io;
} MemReentrancyGuard;

/* ---- The context ---- */

/**
 * aio_context_new: creates an event loop
 * @errp: (nullable) set if no file descriptor is available
 *
 * The context has no home thread until a thread calls
 * aio_set_current_context().  Until then any thread may run it, one at a time.
 *
 * Returns: (transfer full) (nullable) the context, with one reference; NULL
 *          with @errp set
 * Thread: any
 */
AioContext *aio_context_new(Error **errp);

/**
 * aio_context_ref: takes a reference to a context
 * @ctx: the context
 *
 * Thread: any
 */
void aio_context_ref(AioContext *ctx);

/**
 * aio_context_unref: drops a reference to a context
 * @ctx: (transfer full) the context
 *
 * The last call frees the context and its handlers.  All timers must be
 * disarmed and all bottom halves deleted or finished by then.  One that is
 * still scheduled is a programming error: the function aborts with its name.
 *
 * In a child process a context of the parent may have work left.  Its file
 * descriptors are closed, and its memory is not freed, because a thread that
 * does not exist in the child may have been changing it.
 *
 * Thread: any; the last call while no thread runs @ctx
 */
void aio_context_unref(AioContext *ctx);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioContext, aio_context_unref)

/**
 * aio_main_context_init: creates the context of the main loop
 * @errp: (nullable) set as by aio_context_new()
 *
 * The calling thread becomes its home thread.  A second call in the same thread
 * does nothing.  In a child process the first call creates a main context of
 * the child's own, which replaces the inherited one.
 *
 * Returns: true; false with @errp set
 * Thread: main
 */
bool aio_main_context_init(Error **errp);

/**
 * aio_get_main_context: returns the context of the main loop
 *
 * Returns: (nullable) borrowed; NULL before aio_main_context_init()
 * Thread: any
 */
AioContext *aio_get_main_context(void);

/* ---- The home thread ---- */

/**
 * aio_get_current_context: returns the context of the calling thread
 *
 * In callbacks of a context without a home thread it is that context.
 *
 * Returns: (nullable) borrowed; the context whose home thread the caller is,
 *          otherwise the main context
 * Thread: any
 */
AioContext *aio_get_current_context(void);

/**
 * aio_set_current_context: makes the calling thread a context's home thread
 * @ctx: (nullable) borrowed; it has no home thread.  NULL ends the role for the
 *       thread's present context, which a thread must do before it ends.
 *
 * Aborts if another thread is the home thread of @ctx.
 *
 * Thread: the one that will run @ctx
 */
void aio_set_current_context(AioContext *ctx);

/**
 * in_aio_context_home_thread: tests for the home thread
 * @ctx: (nullable) the context
 *
 * Returns: true if the calling thread is the home thread of @ctx
 * Thread: any
 */
bool in_aio_context_home_thread(AioContext *ctx);

/* ---- Running a context ---- */

/**
 * aio_poll: runs one iteration of the loop
 * @ctx: the context
 * @blocking: wait until there is something to do
 *
 * May be called from any callback of @ctx, but not with @blocking in a
 * coroutine. A blocking call returns without progress after aio_notify().
 *
 * Returns: true if a callback ran; idle bottom halves do not count
 * Thread: the home thread
 * Contract: docs/event-loop.md, "One iteration"
 */
bool aio_poll(AioContext *ctx, bool blocking);

/**
 * aio_dispatch: calls back for everything that is known to be ready
 * @ctx: the context
 *
 * Runs bottom halves, the handlers that the last check of file descriptors has
 * found ready, and expired timers.  It does not check file descriptors.  The
 * GSource calls it.
 *
 * Thread: the home thread
 */
void aio_dispatch(AioContext *ctx);

/**
 * aio_notify: makes the loop start another iteration
 * @ctx: the context
 *
 * A blocking aio_poll() that is running or comes next returns.  What the caller
 * wrote to memory before is visible after that.
 *
 * Thread: any
 */
void aio_notify(AioContext *ctx);

/**
 * aio_notify_accept: consumes an earlier aio_notify()
 * @ctx: the context
 *
 * aio_poll() does this itself.  It is for programs that wait for the file
 * descriptors of @ctx in another way.
 *
 * Thread: the home thread
 */
void aio_notify_accept(AioContext *ctx);

/**
 * aio_get_g_source: returns the context as a source for a GMainContext
 * @ctx: the context
 *
 * The source is created by the first call, and again only after it was
 * destroyed. It does not keep @ctx alive: it is destroyed together with @ctx.
 * aio_poll() can be used as well.
 *
 * Returns: (transfer full) to be released with g_source_unref()
 * Thread: any
 */
GSource *aio_get_g_source(AioContext *ctx);

/**
 * aio_context_get_timers: returns the timers of a context
 * @ctx: the context
 *
 * Returns: borrowed, for timer_init_full() of "aio/timer.h"
 * Thread: any
 */
AioTimerListGroup *aio_context_get_timers(AioContext *ctx);

/* ---- Bottom halves ---- */

/**
 * aio_bh_new: creates a bottom half, named after its callback
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Returns: (transfer full) to be freed with aio_bh_delete()
 * Thread: any
 */
#define aio_bh_new(ctx, cb, opaque) \
    aio_bh_new_full((ctx), (cb), (opaque), G_STRINGIFY(cb), NULL)

/**
 * aio_bh_new_guarded: creates a bottom half with a guard against re-entrancy
 * @guard: (nullable) borrowed; engaged while @cb runs; outlives the bottom half
 *
 * If the guard is engaged already, the callback runs nevertheless.  Otherwise
 * as aio_bh_new().
 */
#define aio_bh_new_guarded(ctx, cb, opaque, guard) \
    aio_bh_new_full((ctx), (cb), (opaque), G_STRINGIFY(cb), (guard))

/**
 * aio_bh_new_full: creates a bottom half
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 * @name: static text, for messages and statistics
 * @guard: (nullable) borrowed, see aio_bh_new_guarded()
 *
 * aio_bh_new() and aio_bh_new_guarded() call it.
 *
 * Returns: (transfer full) to be freed with aio_bh_delete()
 * Thread: any
 */
AioBH *aio_bh_new_full(AioContext *ctx, AioBHFunc *cb, void *opaque,
                       const char *name, MemReentrancyGuard *guard);

/**
 * aio_bh_schedule: schedules a bottom half for the next iteration
 * @bh: the bottom half
 *
 * Bottom halves run in the order in which they were scheduled.  One that is
 * scheduled again before it has run runs once, at its first place.  One that is
 * scheduled in a callback runs in the iteration after the present one.
 *
 * Thread: any; never waits
 */
void aio_bh_schedule(AioBH *bh);

/**
 * aio_bh_schedule_idle: schedules a bottom half to run within 10 ms
 * @bh: the bottom half
 *
 * It is for retries of low priority: a blocking aio_poll() may wait 10 ms
 * before it runs, and it does not count as progress.  It stays idle until it
 * has run, even if aio_bh_schedule() follows; and one that is scheduled becomes
 * idle.
 *
 * Thread: any; never waits
 */
void aio_bh_schedule_idle(AioBH *bh);

/**
 * aio_bh_schedule_oneshot: schedules a function to run once in the next
 * iteration
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * It has its place in the order of the bottom halves.
 *
 * Thread: any; seldom allocates, and never waits for the loop
 */
#define aio_bh_schedule_oneshot(ctx, cb, opaque) \
    aio_bh_schedule_oneshot_full((ctx), (cb), (opaque), G_STRINGIFY(cb))

/**
 * aio_bh_schedule_oneshot_full: schedules a function to run once
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 * @name: static text, for messages and statistics
 *
 * aio_bh_schedule_oneshot() calls it.
 *
 * Thread: any; seldom allocates, and never waits for the loop
 */
void aio_bh_schedule_oneshot_full(AioContext *ctx, AioBHFunc *cb,
                                  void *opaque, const char *name);

/**
 * aio_bh_cancel: cancels a scheduled bottom half
 * @bh: the bottom half
 *
 * Does not wait for a callback that is running.
 *
 * Thread: any; never waits
 */
void aio_bh_cancel(AioBH *bh);

/**
 * aio_bh_delete: cancels a bottom half and has the loop free it
 * @bh: (transfer full) may be the one whose callback is running
 *
 * Does not wait for a callback that is running.
 *
 * Thread: any; never waits
 */
void aio_bh_delete(AioBH *bh);

/**
 * aio_bh_call: calls a bottom half's callback immediately
 * @bh: the bottom half; it stays scheduled if it is
 *
 * Thread: the home thread
 */
void aio_bh_call(AioBH *bh);

/**
 * aio_bh_poll: runs the bottom halves that are scheduled
 * @ctx: the context
 *
 * Returns: the number of callbacks that ran, not counting idle ones
 * Thread: the home thread
 */
int aio_bh_poll(AioContext *ctx);

/* ---- File descriptors ---- */

/**
 * aio_set_fd_handler: sets or removes the handler of a file descriptor
 * @ctx: the context
 * @fd: the file descriptor; borrowed, and open until the handler is removed
 * @io_read: (nullable) called while @fd is readable, hung up or in error
 * @io_write: (nullable) called while @fd is writable or in error
 * @io_poll: (nullable) tests for work without a system call
 * @io_poll_ready: (nullable) called if @io_poll has found work; without it
 *                 @io_poll is ignored
 * @opaque: passed to each callback
 *
 * Replaces the handler of @fd.  The home thread does not call the old one
 * again; if another thread replaces it, a callback that is running runs to its
 * end. If all callbacks are NULL, the handler is removed.
 *
 * Thread: any
 */
void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read,
                        IOHandler *io_write, AioPollFn *io_poll,
                        IOHandler *io_poll_ready, void *opaque);

/**
 * aio_set_fd_poll: sets hooks that surround polling mode
 * @ctx: the context
 * @fd: a file descriptor with a handler; otherwise nothing happens
 * @io_poll_begin: (nullable) called before the first io_poll of polling mode
 * @io_poll_end: (nullable) called when polling mode ends
 *
 * Thread: any
 */
void aio_set_fd_poll(AioContext *ctx, int fd, IOHandler *io_poll_begin,
                     IOHandler *io_poll_end);

/* ---- Event notifiers ---- */

/**
 * aio_set_event_notifier: sets or removes the handler of an event notifier
 * @ctx: the context
 * @notifier: borrowed until the handler is removed
 * @io_read: (nullable) called while it is set; must test and clear it
 * @io_poll: (nullable) as for aio_set_fd_handler(); its argument is @notifier
 * @io_poll_ready: (nullable) as for aio_set_fd_handler()
 *
 * Thread: any
 */
void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read,
                            AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready);

/**
 * aio_set_event_notifier_poll: sets hooks that surround polling mode
 * @ctx: the context
 * @notifier: an event notifier with a handler; otherwise nothing happens
 * @io_poll_begin: (nullable) as for aio_set_fd_poll()
 * @io_poll_end: (nullable) as for aio_set_fd_poll()
 *
 * Thread: any
 */
void aio_set_event_notifier_poll(AioContext *ctx, EventNotifier *notifier,
                                 EventNotifierHandler *io_poll_begin,
                                 EventNotifierHandler *io_poll_end);

/* ---- File descriptors that were closed too early ---- */

/**
 * AioClosedFdFunc: called for a file descriptor that was closed too early
 * @ctx: the loop that watches it; the function must not run the loop
 * @fd: the number of the file descriptor
 * @handler: the name of the handler's callback, as aio_stats_get_longest_name()
 *           writes it; borrowed until the function returns
 * @opaque: as passed to aio_set_closed_fd_func()
 *
 * Thread: the home thread of @ctx
 */
typedef void AioClosedFdFunc(AioContext *ctx, int fd, const char *handler,
                             void *opaque);

/**
 * aio_set_closed_fd_func: requests reports of closed file descriptors
 * @func: (nullable) called once for each handler whose file descriptor was
 *        closed while the loop watches it; the library itself prints nothing
 * @opaque: passed to @func
 *
 * Closing a watched file descriptor is a programming error.  The monitor poll
 * finds it in the next iteration.  With epoll and io_uring the loop searches
 * before it sleeps, if it has not done so for about a second.  The handler is
 * not called until it is set again.
 *
 * Thread: main, before the program has other loops
 * Contract: docs/event-loop.md, "Removing"
 */
void aio_set_closed_fd_func(AioClosedFdFunc *func, void *opaque);

/* ---- The AioContext lock ---- */

/**
 * aio_context_acquire: acquires the AioContext lock
 * @ctx: the context; the caller may hold the lock already
 *
 * The lock is for programs from the time when the home thread held it around
 * aio_poll(), and other threads acquired it to use what belongs to the loop.
 * It is recursive.  Waiters get it in the order in which they came, and a
 * thread that is about to wait makes a blocking aio_poll() return.
 *
 * Nothing in this library acquires it: it protects what its users agree on.
 *
 * Thread: any
 */
void aio_context_acquire(AioContext *ctx);

/**
 * aio_context_release: releases the AioContext lock once
 * @ctx: the context; aborts if the caller does not hold the lock
 *
 * Thread: the one that acquired it
 */
void aio_context_release(AioContext *ctx);

QOM_END_DECLS

#endif
