/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fd monitors: their operations, and which one a context uses.
 */
#ifndef QOM_AIO_FDMON_INTERNAL_H
#define QOM_AIO_FDMON_INTERNAL_H

#include "aio/aio.h"
#include "aio/fd-table-internal.h"

#include <stdatomic.h>

/*
 * The operations of an fd monitor, which finds out which file descriptors are
 * ready.  A monitor fills one such table, in a file of its own in aio/fdmon/,
 * and keeps its data in ctx->monitor.state and in AioFdSlot.monitor_data.
 * CONTRIBUTING.md says how to add one.
 *
 * Only the home thread calls a monitor, except for open() and close().  It
 * passes changes of handlers to the monitor before it next checks file
 * descriptors; a file descriptor whose handler changed several times is passed
 * once.
 */
typedef struct FdMonOps {
    const char *name;
    AioFdMonitor kind;

    /*
     * Creates a state for @ctx, which may be using another monitor.  Any
     * thread.
     *
     * Returns: (transfer full) the state; NULL with @errp set if the kernel or
     *          this build refuses
     */
    void *(*open)(AioContext *ctx, Error **errp);

    /*
     * Stops watching and frees the state.  Home thread; or the thread that
     * drops the last reference, or replaces a state that was never installed.
     */
    void (*close)(void *state);

    /*
     * Watches the events of slot->watched, which is NULL if the file
     * descriptor has no handler, instead of what this monitor watched before.
     * The file descriptor may refer to another file than before.
     *
     * Returns: true; false if this monitor cannot watch it
     */
    bool (*update)(AioContext *ctx, AioFdSlot *slot);

    /*
     * (nullable) Makes the effects of update() complete.  A monitor that keeps
     * watched files open needs it, because the user may close one next.
     */
    void (*submit)(AioContext *ctx);

    /*
     * Waits for up to @timeout_ns (0: does not wait; -1: without limit) and
     * puts the handlers of ready file descriptors on the ready list.
     */
    void (*wait)(AioContext *ctx, int64_t timeout_ns);

    /*
     * (nullable) Returns true if wait() would find something ready, apart from
     * the context's own notifier.  It makes no system call, because busy
     * polling calls it in every spin.  After true, wait() with a timeout of 0
     * follows.  NULL: only the kernel knows, so busy polling calls wait() once
     * in a while if some handler has no io_poll.
     */
    bool (*peek)(AioContext *ctx);

    /* (nullable) The handlers of an iteration have been called. */
    void (*dispatched)(AioContext *ctx);

    /*
     * (nullable) The calling thread stops being the home thread, and may
     * continue to run.
     */
    void (*thread_leaves)(AioContext *ctx);

    /*
     * (nullable) Make @source poll what this monitor watches, and stop it.
     * Called under handlers.lock.  All four source functions are NULL for a
     * monitor that poll(2) cannot wait for.  The home thread replaces such a
     * monitor before GLib sleeps, see aio_fdmon_prepare_source().
     */
    void (*source_attach)(AioContext *ctx, GSource *source);
    void (*source_detach)(AioContext *ctx, GSource *source);

    /* (nullable) Called before GLib polls @source. */
    void (*source_prepare)(AioContext *ctx);

    /* Called after GLib polled @source; does what wait() does for 0 ns. */
    void (*source_check)(AioContext *ctx);
} FdMonOps;

extern const FdMonOps fdmon_epoll_ops;
extern const FdMonOps fdmon_poll_ops;
extern const FdMonOps fdmon_io_uring_ops;

/* True if the kernel has no epoll_pwait2(); set when it is first needed. */
extern atomic_bool fdmon_epoll_no_pwait2;

/* The monitor in use; used by the home thread. */
typedef struct AioMonitor {
    const FdMonOps *ops; /* written under source.lock and handlers.lock */
    void *state;         /* returned by ops->open() */
    uint64_t thread;     /* serial of the only thread that may use it; 0: any
                            home thread */
    bool refused;        /* it cannot watch some handler */
} AioMonitor;

/* The monitor that a user has asked for; under handlers.lock. */
typedef struct AioNextMonitor {
    AioFdMonitor kind;
    atomic_bool is_pending; /* the home thread has not installed it yet */
    const FdMonOps *ops;    /* NULL: none */
    void *state;
} AioNextMonitor;

/* ---- fdmon.c ---- */

/* Opens the default monitor.  Returns: true; false with @errp set */
bool aio_fdmon_init(AioContext *ctx, Error **errp);
void aio_fdmon_cleanup(AioContext *ctx);

/* aio_fdmon_sync() if there is something to do.  Home thread. */
void aio_fdmon_sync_slow(AioContext *ctx);

/*
 * Replaces the monitor by another state of the same kind, or by another
 * monitor if the kernel refuses that.  Home thread.
 */
void aio_fdmon_reopen(AioContext *ctx);

/* Installs a monitor that poll(2) can wait for.  Home thread. */
void aio_fdmon_prepare_source(AioContext *ctx);

/* Replaces the monitor by one that can watch more kinds of files. */
void aio_fdmon_fall_back(AioContext *ctx);

/* ---- fdmon-poll.c ---- */

struct pollfd;
struct timespec;

/* ppoll(2) without a signal mask and without the limit of RLIMIT_NOFILE. */
int aio_poll_fds(struct pollfd *fds, unsigned n,
                 const struct timespec *timeout);

#endif
