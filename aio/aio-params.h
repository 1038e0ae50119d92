/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parameters of a context, included by "aio/aio.h".
 *
 * They take effect at once, even while the loop runs.  The groups, in this
 * order:
 *
 *     aio_context_set_poll_params()          how long the loop polls before it
 *     aio_context_set_poll_weight()          sleeps, and how it learns that
 *     aio_context_set_aio_params()           file requests in one batch
 *     aio_context_set_thread_pool_params()   number of worker threads
 *     aio_context_set_fd_monitor()           poll, epoll or io_uring
 *
 * Each has a function with "get" in its name.
 *
 * Contract: docs/event-loop.md
 */
#ifndef QOM_AIO_AIO_PARAMS_H
#define QOM_AIO_AIO_PARAMS_H

#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct AioContext AioContext;
typedef struct Error Error;

/* ---- Busy polling ---- */

/* The parameters of busy polling in a new context, which 0 sets again. */
#define AIO_POLL_GROW_DEFAULT 2
#define AIO_POLL_SHRINK_DEFAULT 2
#define AIO_POLL_WEIGHT_DEFAULT 3

/**
 * aio_context_set_poll_params: sets how long the loop polls before it sleeps
 * @ctx: the context
 * @max_ns: the longest polling window, nanoseconds, >= 0; 0 switches polling
 *          off
 * @grow: factor by which the polling time grows, >= 0; 0 sets the default
 * @shrink: divisor by which it shrinks, >= 0; 0 sets the default
 * @errp: (nullable) set if a value is negative
 *
 * What the loop has learned is forgotten.
 *
 * Returns: true; false with @errp set, and nothing has changed
 * Thread: any
 * Contract: docs/event-loop.md, "Busy polling"
 */
bool aio_context_set_poll_params(AioContext *ctx, int64_t max_ns,
                                 int64_t grow, int64_t shrink, Error **errp);

/**
 * aio_context_get_poll_params: returns the parameters of busy polling
 * @ctx: the context
 * @max_ns: (out) (nullable) nanoseconds; 0 in a new context
 * @grow: (out) (nullable) AIO_POLL_GROW_DEFAULT in a new context
 * @shrink: (out) (nullable) AIO_POLL_SHRINK_DEFAULT in a new context
 *
 * Thread: any
 */
void aio_context_get_poll_params(AioContext *ctx, int64_t *max_ns,
                                 int64_t *grow, int64_t *shrink);

/**
 * aio_context_set_poll_weight: sets how slowly the polling time is learned
 * @ctx: the context
 * @weight: 0 to 63: each wait counts for 1/2^@weight of the mean; 0 sets
 *          the default
 * @errp: (nullable) set if @weight is out of range
 *
 * What the loop has learned is forgotten.
 *
 * Returns: true; false with @errp set, and nothing has changed
 * Thread: any
 * Contract: docs/event-loop.md, "Busy polling"
 */
bool aio_context_set_poll_weight(AioContext *ctx, int64_t weight,
                                 Error **errp);

/**
 * aio_context_get_poll_weight: returns how slowly the polling time is learned
 * @ctx: the context
 *
 * Returns: 1 to 63; AIO_POLL_WEIGHT_DEFAULT in a new context
 * Thread: any
 */
int64_t aio_context_get_poll_weight(AioContext *ctx);

/* ---- File I/O and the thread pool ---- */

/**
 * aio_context_set_aio_params: sets how many file requests are submitted
 * together
 * @ctx: the context
 * @max_batch: a number of requests; 0 leaves it to the file I/O engine
 *
 * Thread: any
 */
void aio_context_set_aio_params(AioContext *ctx, int64_t max_batch);

/**
 * aio_context_get_aio_params: returns how many requests are submitted together
 * @ctx: the context
 *
 * Returns: a number of requests; 0 in a new context
 * Thread: any
 */
int64_t aio_context_get_aio_params(AioContext *ctx);

/**
 * aio_context_set_thread_pool_params: sets the number of worker threads
 * @ctx: the context
 * @min: threads that stay when they are idle, 0 to @max
 * @max: the largest number of threads, 1 to INT_MAX
 * @errp: (nullable) set if a value is out of range
 *
 * Returns: true; false with @errp set, and nothing has changed
 * Thread: any
 */
bool aio_context_set_thread_pool_params(AioContext *ctx, int64_t min,
                                        int64_t max, Error **errp);

/**
 * aio_context_get_thread_pool_params: returns the limits of worker threads
 * @ctx: the context
 * @min: (out) (nullable) 0 in a new context
 * @max: (out) (nullable) 64 in a new context
 *
 * Thread: any
 */
void aio_context_get_thread_pool_params(AioContext *ctx, int64_t *min,
                                        int64_t *max);

/* ---- The fd monitor ---- */

/* How a context finds out which file descriptors are ready. */
typedef enum AioFdMonitor {
    AIO_FD_MONITOR_AUTO,     /* epoll; falls back to poll, never fails */
    AIO_FD_MONITOR_POLL,     /* poll(2): passes all of them in each check */
    AIO_FD_MONITOR_EPOLL,    /* epoll: the kernel keeps the set */
    AIO_FD_MONITOR_IO_URING, /* io_uring: events without a system call */
} AioFdMonitor;

/**
 * aio_context_set_fd_monitor: selects how file descriptors are watched
 * @ctx: the context
 * @kind: the monitor
 * @errp: (nullable) set if the monitor is not available, with the reason
 *
 * The home thread switches to the monitor in the next iteration.  Handlers stay
 * registered and no event is lost.  If a monitor cannot watch a file
 * descriptor, the context falls back to the next slower one: from epoll to
 * poll, for example, when a handler is set for a regular file.
 *
 * Returns: true; false with @errp set, and nothing has changed: the limit of
 *          file descriptors is reached, or io_uring is not built in, the kernel
 *          is older than Linux 6.1, or forbids it.  AIO_FD_MONITOR_AUTO never
 *          fails.
 * Thread: any
 * Contract: docs/event-loop.md, "Monitors"
 */
bool aio_context_set_fd_monitor(AioContext *ctx, AioFdMonitor kind,
                                Error **errp);

/**
 * aio_context_get_fd_monitor: returns the selected monitor
 * @ctx: the context
 *
 * Returns: as passed to aio_context_set_fd_monitor(); AIO_FD_MONITOR_AUTO in a
 *          new context
 * Thread: any
 */
AioFdMonitor aio_context_get_fd_monitor(AioContext *ctx);

/**
 * aio_context_get_fd_monitor_in_use: returns the monitor in use
 * @ctx: the context
 *
 * Returns: the monitor that the next iteration uses
 * Thread: any
 */
AioFdMonitor aio_context_get_fd_monitor_in_use(AioContext *ctx);

QOM_END_DECLS

#endif
