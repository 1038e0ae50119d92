/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests that wait for limits.
 *
 * - There is one *line* for reads and one for writes, so that reads do not wait
 *   for a limit of writes.  For a limit of both, the request that came first
 *   passes first.
 * - Requests of all loops are in the lines.  One lock guards lines and limits.
 * - Each thread that changes lines or limits lets all requests *pass* that may,
 *   and arms the timers of the loops whose requests are now the first ones.
 * - A request that passes moves from its line to a list of its loop.  The timer
 *   of that loop wakes it up.  No coroutine wakes up another one, because the
 *   order in which they would then run is not that of the list.
 */
#include "block-throttle-queue-internal.h"

#include "aio/coroutine/coroutine-sleep.h"
#include "util/clock.h"

#include <errno.h>
#include <glib.h>

/* A request that waits, on the stack of its coroutine; under the lock */
typedef struct ThrottleWaiter {
    QueueLink link; /* in its line, then in the list of its loop; not linked
                       when it is about to be woken up */
    ThrottleLoop *loop;
    ThrottleDirection direction;
    int64_t size_bytes;
    uint64_t ticket; /* the order of arrival */
    CoSleep sleep;
    bool has_passed;
} ThrottleWaiter;

/* Acquires the lock, and lets the time of the limits pass up to now. */
static void queue_lock(ThrottleQueue *tq)
{
    lock_acquire(&tq->lock);
    throttle_limits_leak(&tq->limits, clock_get_ns(AIO_CLOCK_REALTIME));
}

/* ---- Lines.  The lock is held. ---- */

/* Returns: (nullable) */
static ThrottleWaiter *line_first(ThrottleQueue *tq,
                                  ThrottleDirection direction)
{
    QueueLink *line = &tq->lines[direction];

    return queue_is_empty(line)
        ? NULL : container_of(line->next, ThrottleWaiter, link);
}

/* Makes the timer of a loop expire in @ns or earlier. */
static void loop_arm(ThrottleLoop *loop, int64_t ns)
{
    timer_mod_anticipate_ns(&loop->timer, loop->queue->limits.last_ns + ns);
}

static void waiter_pass(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    throttle_limits_charge(&tq->limits, waiter->direction,
                           waiter->size_bytes);
    waiter->has_passed = true;
    queue_remove(&waiter->link);
    queue_push(&waiter->loop->passed, &waiter->link);
    loop_arm(waiter->loop, 0);
}

/*
 * Lets one request pass.
 *
 * Returns: false if none may
 */
static bool pass_one(ThrottleQueue *tq)
{
    ThrottleWaiter *read = line_first(tq, THROTTLE_READ);
    ThrottleWaiter *write = line_first(tq, THROTTLE_WRITE);
    ThrottleWaiter *heads[2] = { read, write };
    bool of_total = false;

    if (write && (!read || write->ticket < read->ticket)) {
        heads[0] = write;
        heads[1] = read;
    }
    for (int i = 0; i < 2 && heads[i] && !of_total; i++) {
        if (throttle_limits_get_wait(&tq->limits, heads[i]->direction,
                                     heads[i]->size_bytes,
                                     &of_total) == 0) {
            waiter_pass(tq, heads[i]);
            return true;
        }
    }
    return false;
}

/* Lets all requests pass that may, and arms timers for the new first ones. */
static void pass_all(ThrottleQueue *tq)
{
    bool of_total;

    while (pass_one(tq)) {
        /* the next one */
    }
    for (int i = 0; i < 2; i++) {
        ThrottleWaiter *first = line_first(tq, i);

        if (first) {
            loop_arm(first->loop,
                     throttle_limits_get_wait(&tq->limits, first->direction,
                                              first->size_bytes, &of_total));
        }
    }
}

/* ---- Requests ---- */

/* Returns true if the request need not wait. */
static bool may_pass_at_once(ThrottleQueue *tq, ThrottleDirection direction,
                             int64_t size_bytes)
{
    bool of_total;

    return tq->n_waiting == 0 &&
           throttle_limits_get_wait(&tq->limits, direction, size_bytes,
                                    &of_total) == 0;
}

/* Sleeps without the lock until the waiter is woken up or cancelled. */
static void coroutine_fn wait_in_line(ThrottleQueue *tq,
                                      ThrottleWaiter *waiter)
{
    waiter->ticket = tq->next_ticket++;
    queue_push(&tq->lines[waiter->direction], &waiter->link);
    tq->n_waiting++;
    pass_all(tq);
    lock_release(&tq->lock);
    co_sleep(&waiter->sleep);
    queue_lock(tq);
    tq->n_waiting--;
    if (queue_is_linked(&waiter->link)) {
        queue_remove(&waiter->link);
        pass_all(tq);
    }
}

int coroutine_fn throttle_loop_pass(ThrottleLoop *loop, bool hurry,
                                    ThrottleDirection direction,
                                    int64_t size_bytes, int64_t *delay_ns)
{
    ThrottleQueue *tq = loop->queue;
    ThrottleWaiter waiter = {
        .loop = loop,
        .direction = direction,
        .size_bytes = size_bytes,
    };
    int64_t start_ns;

    queue_lock(tq);
    if (hurry || may_pass_at_once(tq, direction, size_bytes)) {
        throttle_limits_charge(&tq->limits, direction, size_bytes);
        waiter.has_passed = true;
    } else {
        start_ns = tq->limits.last_ns;
        wait_in_line(tq, &waiter);
        *delay_ns = tq->limits.last_ns - start_ns;
    }
    lock_release(&tq->lock);
    return waiter.has_passed ? 0 : -ECANCELED;
}

/* ---- Loops ---- */

/* The timer has expired: the first request of a line may pass, or requests of
 * this loop have passed.  One that runs may close the loop. */
static void loop_run(void *opaque)
{
    ThrottleLoop *loop = opaque;
    QueueLink to_wake;
    QueueLink *link;

    queue_init(&to_wake);
    queue_lock(loop->queue);
    pass_all(loop->queue);
    while ((link = queue_pop(&loop->passed))) {
        queue_push(&to_wake, link);
    }
    lock_release(&loop->queue->lock);
    while ((link = queue_pop(&to_wake))) {
        co_sleep_wake(&container_of(link, ThrottleWaiter, link)->sleep);
    }
}

void throttle_loop_open(ThrottleLoop *loop, ThrottleQueue *tq,
                        AioContext *ctx)
{
    loop->queue = tq;
    queue_init(&loop->passed);
    aio_timer_init(ctx, &loop->timer, AIO_CLOCK_REALTIME, SCALE_NS, loop_run,
                   loop);
}

void throttle_loop_close(ThrottleLoop *loop)
{
    timer_del(&loop->timer);
    timer_deinit(&loop->timer);
}

/* Lets the requests of a loop pass that are in one line. */
static void release_line(ThrottleLoop *loop, QueueLink *line)
{
    QueueLink *next;

    for (QueueLink *link = line->next; link != line; link = next) {
        ThrottleWaiter *waiter = container_of(link, ThrottleWaiter, link);

        next = link->next;
        if (waiter->loop == loop) {
            waiter_pass(loop->queue, waiter);
        }
    }
}

void throttle_loop_release(ThrottleLoop *loop)
{
    ThrottleQueue *tq = loop->queue;

    queue_lock(tq);
    release_line(loop, &tq->lines[THROTTLE_READ]);
    release_line(loop, &tq->lines[THROTTLE_WRITE]);
    pass_all(tq);
    lock_release(&tq->lock);
}

/* ---- The queue ---- */

void throttle_queue_set_limits(ThrottleQueue *tq,
                               const ThrottleLimits *limits)
{
    queue_lock(tq);
    throttle_limits_change(&tq->limits, limits);
    atomic_store(&tq->has_limits, throttle_limits_any(limits));
    pass_all(tq);
    lock_release(&tq->lock);
}

uint32_t throttle_queue_get_waiting(ThrottleQueue *tq)
{
    uint32_t n;

    lock_acquire(&tq->lock);
    n = tq->n_waiting;
    lock_release(&tq->lock);
    return n;
}

void throttle_queue_init(ThrottleQueue *tq)
{
    queue_init(&tq->lines[THROTTLE_READ]);
    queue_init(&tq->lines[THROTTLE_WRITE]);
}
