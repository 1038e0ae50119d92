/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioContext: an event loop.
 *
 * A context calls back for file descriptors, event notifiers, bottom halves
 * and timers ("aio/timer.h").  One thread runs it, its home thread, by
 * calling aio_poll() over and over, or by attaching aio_get_g_source() to a
 * GMainContext.  All callbacks come in that thread.
 *
 * A bottom half is a function that will be called in the next round of the
 * loop.  Scheduling one is the way to get something done in another thread.
 *
 * Whoever calls a function here sees to it that the context lives until the
 * call returns: what was scheduled may have run by then, so it must not be
 * what gives the last reference back.
 *
 * A child process cannot use the contexts that its parent created before
 * fork(): aio_poll() and every other function that is for the home thread
 * abort with a message.  It may free them, their files and their handlers,
 * which the parent does not notice, and create its own.
 *
 * docs/event-loop.md has one iteration of the loop as a numbered list and
 * what may be relied on.
 *
 * Thread: each function says it; "home" is the thread that runs the context.
 * Contract: the API of QEMU 10's "block/aio.h", its qemu_ names neutral
 */
#ifndef QOM_AIO_AIO_H
#define QOM_AIO_AIO_H

#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct AioContext AioContext;
typedef struct AioBH AioBH;
typedef struct AioTimerListGroup AioTimerListGroup;
typedef struct Error Error;
typedef struct EventNotifier EventNotifier;

typedef void AioBHFunc(void *opaque);
typedef void IOHandler(void *opaque);
typedef void EventNotifierHandler(EventNotifier *notifier);

/* Looks without a system call whether there is work; true if so. */
typedef bool AioPollFn(void *opaque);

/* A device says here whether it is amid its own I/O; see aio_bh_new_guarded */
typedef struct MemReentrancyGuard {
    bool engaged_in_io;
} MemReentrancyGuard;

/* ---- The context ---- */

/**
 * aio_context_new: make an event loop
 * @errp: (nullable) set when the kernel grants no descriptor
 *
 * It has no home thread until a thread says aio_set_current_context(); until
 * then any thread may run it, one at a time.
 *
 * Returns: (transfer full) (nullable) with one reference
 * Thread: any
 */
AioContext *aio_context_new(Error **errp);

/**
 * aio_context_ref: take a reference
 * @ctx: the context
 *
 * Thread: any
 */
void aio_context_ref(AioContext *ctx);

/**
 * aio_context_unref: give a reference back
 * @ctx: the context
 *
 * The last one frees the context with its fd handlers.  No timer is pending
 * then, and every bottom half is deleted: one that is still scheduled, a
 * oneshot too, is a programming error and aborts with its name.
 *
 * In a child process a context of the parent may have work left.  Its file
 * descriptors are closed, and its memory is not freed: a thread that the child
 * does not have may have been changing it.
 *
 * Thread: any; the last one while no thread runs @ctx
 */
void aio_context_unref(AioContext *ctx);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioContext, aio_context_unref)

/**
 * aio_main_context_init: make the main loop's context
 * @errp: (nullable) set as by aio_context_new()
 *
 * The calling thread becomes its home thread.  A second call in the same
 * thread does nothing.  In a child process the first call creates a main
 * context of the child's own, in place of the one that it inherited.
 *
 * Returns: true; false with @errp set
 * Thread: main
 */
bool aio_main_context_init(Error **errp);

/**
 * aio_get_main_context: the main loop's context
 *
 * Returns: borrowed; NULL before aio_main_context_init()
 * Thread: any
 */
AioContext *aio_get_main_context(void);

/**
 * aio_get_current_context: the context that belongs to the calling thread
 *
 * A thread that set none has, in the callbacks of a context that is nobody's,
 * that one.
 *
 * Returns: borrowed; what the thread set, else the main context
 * Thread: any
 */
AioContext *aio_get_current_context(void);

/**
 * aio_set_current_context: make the calling thread a context's home
 * @ctx: (nullable) borrowed, without a home thread so far; NULL to give
 *       the thread's context up, as a thread must before it ends
 *
 * Thread: the one that will run @ctx
 */
void aio_set_current_context(AioContext *ctx);

/**
 * in_aio_context_home_thread: is the calling thread the one that runs @ctx?
 * @ctx: the context
 *
 * Thread: any
 */
bool in_aio_context_home_thread(AioContext *ctx);

/**
 * aio_context_acquire: take the context's lock
 * @ctx: the context; may be held by the caller already
 *
 * For older sources: in their days the home thread held this lock around
 * aio_poll(), and others took it to use what belongs to the loop.  It is
 * recursive, those who wait get it in the order of their coming, and who is
 * about to wait makes a blocking aio_poll() return.
 *
 * Nothing in this library takes it: it guards just what its users agree on.
 *
 * Thread: any
 */
void aio_context_acquire(AioContext *ctx);

/**
 * aio_context_release: undo one aio_context_acquire()
 * @ctx: held by the caller; another's aborts
 *
 * Thread: the one that acquired it
 */
void aio_context_release(AioContext *ctx);

/* ---- Running it ---- */

/**
 * aio_poll: one iteration of the loop
 * @ctx: the context
 * @blocking: wait until there is something to do
 *
 * May be called from any callback of @ctx.  A blocking call returns without
 * progress when aio_notify() woke it.
 *
 * Returns: true if a callback ran; an idle bottom half does not count
 * Thread: home
 * Contract: docs/event-loop.md, "One iteration"
 */
bool aio_poll(AioContext *ctx, bool blocking);

/**
 * aio_dispatch: call back for everything that is known to be ready
 * @ctx: the context
 *
 * Bottom halves, the handlers that the last look at the descriptors found,
 * timers; looks at no descriptor.  What the GSource does.
 *
 * Thread: home
 */
void aio_dispatch(AioContext *ctx);

/**
 * aio_notify: make the loop look again
 * @ctx: the context
 *
 * A blocking aio_poll() that is under way or comes next returns.  What the
 * caller wrote to memory before is visible after that.
 *
 * Thread: any
 */
void aio_notify(AioContext *ctx);

/**
 * aio_notify_accept: forget an earlier aio_notify()
 * @ctx: the context
 *
 * aio_poll() does it; for those who wait on @ctx's descriptors themselves.
 *
 * Thread: home
 */
void aio_notify_accept(AioContext *ctx);

/**
 * aio_get_g_source: the context as a source of a GMainContext
 * @ctx: the context
 *
 * There is one, made when first asked for, and another one only after it was
 * destroyed.  It does not keep @ctx alive: it is destroyed with it.
 * aio_poll() keeps working beside it.
 *
 * Returns: (transfer full) g_source_unref() it
 * Thread: any
 */
GSource *aio_get_g_source(AioContext *ctx);

/* ---- Bottom halves ---- */

/**
 * aio_bh_new: make a bottom half, named after its callback
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Returns: (transfer full) aio_bh_delete() it
 * Thread: any
 */
#define aio_bh_new(ctx, cb, opaque) \
    aio_bh_new_full((ctx), (cb), (opaque), G_STRINGIFY(cb), NULL)

/**
 * aio_bh_new_guarded: as aio_bh_new(), with a guard against re-entrancy
 * @guard: (nullable) engaged while @cb runs; outlives the bottom half
 *
 * When the guard is engaged already the callback runs all the same; it is
 * counted, see aio_bh_reentered_count().
 */
#define aio_bh_new_guarded(ctx, cb, opaque, guard) \
    aio_bh_new_full((ctx), (cb), (opaque), G_STRINGIFY(cb), (guard))

/**
 * aio_bh_new_full: what aio_bh_new() and aio_bh_new_guarded() call
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 * @name: static text
 * @guard: (nullable) see aio_bh_new_guarded()
 *
 * Returns: (transfer full) aio_bh_delete() it
 * Thread: any
 */
AioBH *aio_bh_new_full(AioContext *ctx, AioBHFunc *cb, void *opaque,
                       const char *name, MemReentrancyGuard *guard);

/**
 * aio_bh_schedule: have a bottom half run in the next round
 * @bh: the bottom half
 *
 * Bottom halves run in the order in which they were scheduled.  Scheduled
 * again before it ran, it runs once, at its first place.  One that is
 * scheduled in a callback runs in the round after the present one.
 *
 * Thread: any; never waits
 */
void aio_bh_schedule(AioBH *bh);

/**
 * aio_bh_schedule_idle: have a bottom half run within 10 ms
 * @bh: the bottom half
 *
 * For retries of low priority: it does not keep a blocking aio_poll() from
 * waiting 10 ms and is no progress.  One that is idle stays so until it ran,
 * also when aio_bh_schedule() follows; and one that is scheduled turns idle.
 *
 * Thread: any; never waits
 */
void aio_bh_schedule_idle(AioBH *bh);

/**
 * aio_bh_schedule_oneshot: have a function run in the next round, once
 * @ctx: the context that will run it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * It takes its place in the order of the bottom halves.
 *
 * Thread: any; allocates seldom and never waits for the loop
 */
#define aio_bh_schedule_oneshot(ctx, cb, opaque) \
    aio_bh_schedule_oneshot_full((ctx), (cb), (opaque), G_STRINGIFY(cb))

/**
 * aio_bh_schedule_oneshot_full: what aio_bh_schedule_oneshot() calls
 * @name: static text
 */
void aio_bh_schedule_oneshot_full(AioContext *ctx, AioBHFunc *cb,
                                  void *opaque, const char *name);

/**
 * aio_bh_cancel: have a bottom half not run after all
 * @bh: the bottom half
 *
 * Does not wait for a callback that runs.
 *
 * Thread: any; never waits
 */
void aio_bh_cancel(AioBH *bh);

/**
 * aio_bh_delete: cancel a bottom half and have the loop free it
 * @bh: consumed; may be the one whose callback is running
 *
 * Does not wait for a callback that runs.
 *
 * Thread: any; never waits
 */
void aio_bh_delete(AioBH *bh);

/**
 * aio_bh_call: call a bottom half's callback here and now
 * @bh: the bottom half; whether it is scheduled does not matter or change
 *
 * Thread: home
 */
void aio_bh_call(AioBH *bh);

/**
 * aio_bh_poll: run the bottom halves that are scheduled
 * @ctx: the context
 *
 * Returns: how many callbacks ran, idle ones not counted
 * Thread: home
 */
int aio_bh_poll(AioContext *ctx);

/**
 * aio_bh_reentered_count: how often a guarded bottom half ran amid its
 * device's I/O
 * @ctx: the context
 *
 * Thread: any
 */
uint64_t aio_bh_reentered_count(AioContext *ctx);

/* ---- File descriptors ---- */

/**
 * aio_set_fd_handler: watch a file descriptor, or stop to
 * @ctx: the context
 * @fd: the descriptor; borrowed, and open until it is watched no more
 * @io_read: (nullable) called while @fd is readable, hung up or in error
 * @io_write: (nullable) called while @fd is writable or in error
 * @io_poll: (nullable) looks for work without a system call
 * @io_poll_ready: (nullable) called when @io_poll found work; @io_poll is
 *                 ignored without it
 * @opaque: passed to each
 *
 * Replaces what was set for @fd; nothing of that is called any more, from
 * the home thread at once, from another one after the callback that runs.
 * With all callbacks NULL @fd is watched no more.
 *
 * Thread: any
 */
void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read,
                        IOHandler *io_write, AioPollFn *io_poll,
                        IOHandler *io_poll_ready, void *opaque);

/**
 * AioClosedFdFunc: learns of a file descriptor that was closed too early
 * @ctx: the loop that watches it; the function must not run it
 * @fd: its number
 * @handler: the name of the handler's callback, as aio_stats_get_longest_name()
 *           writes it; borrowed until the function returns
 * @opaque: as it was set
 *
 * Thread: the home thread of @ctx
 */
typedef void AioClosedFdFunc(AioContext *ctx, int fd, const char *handler,
                             void *opaque);

/**
 * aio_set_closed_fd_func: ask for reports of a programming error
 * @func: (nullable) called once for each handler whose file descriptor was
 *        closed while the loop watches it; the library itself prints nothing
 * @opaque: passed to @func
 *
 * The monitor poll finds out in the next iteration.  With epoll and io_uring
 * the loop checks before it sleeps, when it has not done so for about a second.
 * The handler is not called any more until it is set again.
 *
 * Thread: main, before the program has other loops
 * Contract: docs/event-loop.md, "Removing"
 */
void aio_set_closed_fd_func(AioClosedFdFunc *func, void *opaque);

/**
 * aio_set_fd_poll: what to call around a phase of busy polling
 * @ctx: the context
 * @fd: a descriptor that is watched, else nothing happens
 * @io_poll_begin: (nullable) called before the first io_poll of a phase
 * @io_poll_end: (nullable) called after the last one
 *
 * Thread: any
 */
void aio_set_fd_poll(AioContext *ctx, int fd, IOHandler *io_poll_begin,
                     IOHandler *io_poll_end);

/**
 * aio_set_event_notifier: aio_set_fd_handler() for an event notifier
 * @ctx: the context
 * @notifier: borrowed until it is watched no more
 * @io_read: (nullable) called while it is set; test and clear it there
 * @io_poll: (nullable) as for a descriptor; its argument is @notifier
 * @io_poll_ready: (nullable) as for a descriptor
 *
 * Thread: any
 */
void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read,
                            AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready);

/**
 * aio_set_event_notifier_poll: aio_set_fd_poll() for an event notifier
 *
 * Thread: any
 */
void aio_set_event_notifier_poll(AioContext *ctx, EventNotifier *notifier,
                                 EventNotifierHandler *io_poll_begin,
                                 EventNotifierHandler *io_poll_end);

/* ---- Parameters: they take effect at once, in a loop that runs too ---- */

/**
 * aio_context_set_poll_params: how long to busy-wait before sleeping
 * @ctx: the context
 * @max_ns: longest busy wait, nanoseconds, >= 0; 0 turns it off
 * @grow: factor by which the wait grows, >= 0; 0 is 2
 * @shrink: divisor by which it shrinks, >= 0; 0 is to nothing at once
 * @errp: (nullable)
 *
 * The learned wait starts over.
 *
 * Returns: true; false with @errp set when one is negative, and nothing
 *          has changed
 * Thread: any
 */
bool aio_context_set_poll_params(AioContext *ctx, int64_t max_ns,
                                 int64_t grow, int64_t shrink, Error **errp);

/**
 * aio_context_get_poll_params: what aio_context_set_poll_params() set
 * @ctx: the context
 * @max_ns, @grow, @shrink: (out) (nullable) all 0 in a new context
 *
 * Thread: any
 */
void aio_context_get_poll_params(AioContext *ctx, int64_t *max_ns,
                                 int64_t *grow, int64_t *shrink);

/**
 * aio_context_set_poll_weight: how slowly the busy wait is learned
 * @ctx: the context
 * @weight: 0 to 63: each wait counts for 1/2^@weight of the mean; 0 is 3
 * @errp: (nullable)
 *
 * The learned wait starts over.
 *
 * Returns: true; false with @errp set when it is out of range, and nothing
 *          has changed
 * Thread: any
 * Contract: docs/event-loop.md, "Busy polling"
 */
bool aio_context_set_poll_weight(AioContext *ctx, int64_t weight,
                                 Error **errp);

/**
 * aio_context_get_poll_weight: what aio_context_set_poll_weight() set
 * @ctx: the context
 *
 * Returns: 0 in a new context
 * Thread: any
 */
int64_t aio_context_get_poll_weight(AioContext *ctx);

/**
 * aio_context_set_aio_params: how many requests to submit at a time
 * @ctx: the context
 * @max_batch: requests; 0 leaves it to the I/O engine
 *
 * Thread: any
 */
void aio_context_set_aio_params(AioContext *ctx, int64_t max_batch);

/**
 * aio_context_get_aio_params: what aio_context_set_aio_params() set
 * @ctx: the context
 *
 * Returns: requests; 0 in a new context
 * Thread: any
 */
int64_t aio_context_get_aio_params(AioContext *ctx);

/**
 * aio_context_set_thread_pool_params: how many worker threads to have
 * @ctx: the context
 * @min: threads that stay when idle, 0 to @max
 * @max: most threads, 1 to INT_MAX
 * @errp: (nullable)
 *
 * Returns: true; false with @errp set, and nothing has changed
 * Thread: any
 */
bool aio_context_set_thread_pool_params(AioContext *ctx, int64_t min,
                                        int64_t max, Error **errp);

/**
 * aio_context_get_thread_pool_params: the numbers of worker threads
 * @ctx: the context
 * @min: (out) (nullable) 0 in a new context
 * @max: (out) (nullable) 64 in a new context
 *
 * Thread: any
 */
void aio_context_get_thread_pool_params(AioContext *ctx, int64_t *min,
                                        int64_t *max);

/* How a context finds out which descriptors are ready. */
typedef enum AioFdMonitor {
    AIO_FD_MONITOR_AUTO,     /* the loop's choice, never refused */
    AIO_FD_MONITOR_POLL,     /* poll(2): a list for each look */
    AIO_FD_MONITOR_EPOLL,    /* epoll: a set in the kernel */
    AIO_FD_MONITOR_IO_URING, /* io_uring: found without a system call */
} AioFdMonitor;

/**
 * aio_context_set_fd_monitor: choose how descriptors are watched
 * @ctx: the context
 * @kind: the monitor
 * @errp: set when the kernel refuses it, and why
 *
 * Takes effect in the next round of the loop; handlers stay and no event is
 * lost.  A monitor that cannot watch some descriptor is given up for the
 * next slower one: epoll for poll when it is given a regular file.
 *
 * Returns: true; false with @errp set, and nothing has changed: the limit of
 *          descriptors is reached, or io_uring is not built in, older than
 *          Linux 6.1, or forbidden.  AIO_FD_MONITOR_AUTO does not fail.
 * Thread: any
 * Contract: docs/event-loop.md, "Monitors"
 */
bool aio_context_set_fd_monitor(AioContext *ctx, AioFdMonitor kind,
                                Error **errp);

/**
 * aio_context_get_fd_monitor: what aio_context_set_fd_monitor() set
 * @ctx: the context
 *
 * Returns: AIO_FD_MONITOR_AUTO in a new context
 * Thread: any
 */
AioFdMonitor aio_context_get_fd_monitor(AioContext *ctx);

/**
 * aio_context_get_fd_monitor_in_use: how descriptors are watched
 * @ctx: the context
 *
 * Returns: the monitor that the next round of the loop uses
 * Thread: any
 */
AioFdMonitor aio_context_get_fd_monitor_in_use(AioContext *ctx);

/**
 * aio_context_get_timers: where a context's timers are
 * @ctx: the context
 *
 * Returns: borrowed, for timer_init_full()
 * Thread: any
 */
AioTimerListGroup *aio_context_get_timers(AioContext *ctx);

QOM_END_DECLS

#endif
