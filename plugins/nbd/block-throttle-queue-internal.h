/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ThrottleQueue: requests of several loops that wait until limits let them
 * pass.
 */
#ifndef BLOCK_THROTTLE_QUEUE_INTERNAL_H
#define BLOCK_THROTTLE_QUEUE_INTERNAL_H

#include "block-throttle-limits-internal.h"

#include "aio/coroutine/coroutine.h"
#include "aio/timer.h"
#include "util/atomic.h"
#include "util/lock.h"
#include "util/queue.h"

typedef struct ThrottleQueue {
    atomic_bool has_limits;

    Lock lock; /* guards what follows */
    ThrottleLimits limits;
    QueueLink lines[2]; /* by direction, each in the order of arrival */
    uint64_t next_ticket;
    uint32_t n_waiting; /* also those that have passed and not run since */
} ThrottleQueue;

/* The requests of one loop, embedded in a channel */
typedef struct ThrottleLoop {
    ThrottleQueue *queue;
    AioTimer timer;
    QueueLink passed; /* in order, to be woken up; under the queue's lock */
} ThrottleLoop;

/* throttle_queue_init: no limits, in memory that is zeroed */
void throttle_queue_init(ThrottleQueue *tq);

/*
 * throttle_queue_set_limits: changes rates and bursts while requests wait; any
 * thread
 */
void throttle_queue_set_limits(ThrottleQueue *tq,
                               const ThrottleLimits *limits);

/* throttle_queue_get_waiting: returns how many requests wait; any thread */
uint32_t throttle_queue_get_waiting(ThrottleQueue *tq);

/* throttle_loop_open: prepares a loop for requests, in its home thread */
void throttle_loop_open(ThrottleLoop *loop, ThrottleQueue *tq,
                        AioContext *ctx);

/* throttle_loop_close: undoes it, when no request waits; home thread */
void throttle_loop_close(ThrottleLoop *loop);

/* throttle_loop_release: lets all requests of a loop pass; any thread */
void throttle_loop_release(ThrottleLoop *loop);

/*
 * throttle_loop_pass: waits until a request may pass
 * @hurry: true to let it pass at once; it still counts
 * @delay_ns: (out) how long it waited; not changed if it did not have to
 *
 * Returns: 0; -ECANCELED
 * Thread: a coroutine in the home thread
 */
int coroutine_fn throttle_loop_pass(ThrottleLoop *loop, bool hurry,
                                    ThrottleDirection direction,
                                    int64_t size_bytes, int64_t *delay_ns);

#endif
