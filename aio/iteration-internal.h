/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One iteration of the loop.  iteration.c explains it.
 */
#ifndef QOM_AIO_ITERATION_INTERNAL_H
#define QOM_AIO_ITERATION_INTERNAL_H

#include "aio/aio.h"
#include "util/queue.h"

/* Home thread. */
typedef struct AioIteration {
    QueueLink ready;     /* handlers with revents, in the order found */
    unsigned walk_depth; /* nested users of handlers; none is freed unless it
                            is 0 */
} AioIteration;

/* A wait that could last has ended; @notified: returned by aio_disarm().
 * Home thread. */
void aio_count_wake(AioContext *ctx, bool notified);

/* Callbacks follow that the program calls without aio_poll().  Home thread. */
void aio_count_start(AioContext *ctx);

/* As aio_dispatch(), where the counters know the time.  Home thread. */
void aio_dispatch_timed(AioContext *ctx);

/*
 * Has @check called by each aio_poll() that may block, in the calling thread.
 * It aborts where the thread must not block: in a coroutine, for which there
 * is nothing else to be called.  Any thread.
 */
typedef void AioBlockingCheck(void);
void aio_set_blocking_check(AioBlockingCheck *check);

#endif
