/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ThrottleQueue: requests of several loops that wait until limits let them
 * pass.
 */
#ifndef BLOCK_THROTTLE_QUEUE_INTERNAL_H
#define BLOCK_THROTTLE_QUEUE_INTERNAL_H

#include "block-throttle-limits-internal.h"

#include "aio/coroutine/coroutine.h"
#include "util/atomic.h"
#include "util/lock.h"
#include "util/queue.h"

typedef struct ThrottleQueue {
    atomic_bool has_limits;

    Lock lock; /* guards what follows */
    ThrottleLimits limits;
    QueueLink lines[2]; /* by direction, each in the order of arrival */
    QueueLink wake;     /* to be woken up without the lock */
    uint64_t next_ticket;
    uint32_t n_waiting;
} ThrottleQueue;

/* throttle_queue_init: noes limits, in memory that is zeroed */
void throttle_queue_init(ThrottleQueue *tq);

/*
 * throttle_queue_pass: waits until a request may pass
 * @owner: whose request it is, for throttle_queue_release()
 * @hurry: true to let it pass at once; it still counts
 * @delay_ns: (out) how long it waited; not changed if it did not have to
 *
 * Returns: 0; -ECANCELED
 * Thread: a coroutine in any thread
 */
int coroutine_fn throttle_queue_pass(ThrottleQueue *tq, const void *owner,
                                     bool hurry, ThrottleDirection direction,
                                     int64_t size_bytes, int64_t *delay_ns);

/* throttle_queue_release: lets all requests of an owner pass; any thread */
void throttle_queue_release(ThrottleQueue *tq, const void *owner);

/*
 * throttle_queue_set_limits: changes rates and bursts while requests wait; any
 * thread
 */
void throttle_queue_set_limits(ThrottleQueue *tq,
                               const ThrottleLimits *limits);

/* throttle_queue_get_waiting: returns how many requests wait; any thread */
uint32_t throttle_queue_get_waiting(ThrottleQueue *tq);

#endif
