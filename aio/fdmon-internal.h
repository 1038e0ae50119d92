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
 * A way to find out which descriptors are ready.  fdmon-epoll.c,
 * fdmon-poll.c and fdmon-io_uring.c are three; another one needs nothing but
 * such a table.  What it needs is in a state of its own, ctx->monitor.state.
 *
 * A monitor is told of changes by the home thread alone, before it next looks
 * at descriptors, however many times a number has changed meanwhile.
 */
typedef struct FdMonOps {
    const char *name;
    AioFdMonitor kind;

    /*
     * Make a state for @ctx, whose other monitor may be in use; NULL with
     * @errp set when that is not possible.  Any thread.
     */
    void *(*open)(AioContext *ctx, Error **errp);

    /* Nothing is watched any more.  Home thread, or the last unref. */
    void (*close)(void *state);

    /*
     * Watch slot->watched, whom it may be NULL for nobody, where so far it
     * was slot->known; the number may mean another file than before.
     * False when this monitor cannot.  Home thread.
     */
    bool (*update)(AioContext *ctx, AioFdSlot *slot);

    /*
     * (nullable) What update() was told takes effect now: for a monitor that
     * keeps files open which it watches.  Home thread.
     */
    void (*submit)(AioContext *ctx);

    /*
     * Wait at most @timeout_ns (0: do not, -1: forever) and put what is
     * ready on the context's ready list.  Home thread.
     */
    void (*wait)(AioContext *ctx, int64_t timeout_ns);

    /*
     * (nullable) Without a system call: would wait() find something ready
     * that is not the context's own notifier?  Asked over and over while the
     * loop busy polls; when it says true, wait() with a timeout of 0
     * follows.  NULL: only the kernel knows, and a context that watches a
     * handler without io_poll does not busy poll.  Home thread.
     */
    bool (*peek)(AioContext *ctx);

    /* (nullable) Handlers of a round have been called.  Home thread. */
    void (*dispatched)(AioContext *ctx);

    /* (nullable) The home thread is none any more, and may live on. */
    void (*thread_leaves)(AioContext *ctx);

    /*
     * Make @source poll what this monitor watches, and stop to.  Under
     * handlers.lock.  (nullable) All four source functions are NULL for a
     * monitor that poll(2) cannot wait for.  The home thread replaces such a
     * monitor before GLib sleeps, see aio_fdmon_prepare_source().
     */
    void (*source_attach)(AioContext *ctx, GSource *source);
    void (*source_detach)(AioContext *ctx, GSource *source);

    /* (nullable) Before @source is polled. */
    void (*source_prepare)(AioContext *ctx);

    /* After @source was polled: as wait() with a timeout of 0. */
    void (*source_check)(AioContext *ctx);
} FdMonOps;

extern const FdMonOps fdmon_epoll_ops;
extern const FdMonOps fdmon_poll_ops;
extern const FdMonOps fdmon_io_uring_ops;

/* The kernel has no epoll_pwait2(); found out when it is first needed. */
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

bool aio_fdmon_init(AioContext *ctx, Error **errp);
void aio_fdmon_cleanup(AioContext *ctx);
void aio_fdmon_sync_slow(AioContext *ctx);
void aio_fdmon_reopen(AioContext *ctx);
void aio_fdmon_prepare_source(AioContext *ctx);
void aio_fdmon_fall_back(AioContext *ctx);

/* ---- fdmon-poll.c: as ppoll(2), whatever RLIMIT_NOFILE is ---- */

struct pollfd;
struct timespec;
int aio_poll_fds(struct pollfd *fds, unsigned n,
                 const struct timespec *timeout);

#endif
