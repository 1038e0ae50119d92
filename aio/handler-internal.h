/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handlers of a context.  handler.c explains them.
 */
#ifndef QOM_AIO_HANDLER_INTERNAL_H
#define QOM_AIO_HANDLER_INTERNAL_H

#include "aio/fd-table-internal.h"
#include "util/lock.h"

typedef struct AioHandlers {
    Lock lock; /* all members are written under it */
    _Atomic(AioHandler *) deleted; /* the home thread takes them all, without
                                      the lock */
    AioFdTable fd_table;
    AioFdChanges changes;
    QueueLink all;
    QueueLink polled;         /* those with io_poll */
    atomic_uint poll_version; /* changes with `polled` */
    atomic_uint n_without_poll; /* handlers that have no io_poll */
    atomic_uint n_watched;      /* file descriptors that the monitor waits for,
                                   without the context's own notifier */
    AioHandler own;             /* of the notifier */
} AioHandlers;

/* ---- handler.c; home thread ---- */

void aio_handlers_init(AioContext *ctx);
void aio_handlers_cleanup(AioContext *ctx);

/* Calls the handlers on the ready list.  Returns: true if there was one */
bool aio_dispatch_ready(AioContext *ctx);

/* Frees deleted handlers, unless an outer iteration may use them. */
void aio_free_deleted_handlers(AioContext *ctx);

static inline bool aio_handler_is_deleted(const AioHandler *node)
{
    return atomic_load_explicit(&node->deleted, memory_order_relaxed);
}

#endif
