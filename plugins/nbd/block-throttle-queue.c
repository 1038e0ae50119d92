/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests that wait for limits.
 *
 * - There is one line for reads and one for writes, so that reads do not wait
 *   for a limit of writes.  For a limit of both, the request that came first
 *   passes first.
 * - Requests of all loops are in the lines.  One lock guards lines and limits.
 * - There is no timer of the queue.  The first request of a line sleeps until
 *   it may pass; requests behind it sleep until they are woken up.  Each thread
 *   that changes lines or limits lets all requests pass that may, and wakes up
 *   the new first ones.
 * - Coroutines are woken up after the lock is released, because they may run at
 *   once, and then change the lines themselves.  So those that are to be woken
 *   up are in a list of the queue, which keeps them in order, and the list has
 *   a reference to each, because a request may end before its turn comes.
 */
#include "block-throttle-queue-internal.h"

#include "aio/coroutine/coroutine-sleep.h"
#include "util/clock.h"

#include <errno.h>
#include <glib.h>

/* A request that waits; under the lock. */
typedef struct ThrottleWaiter {
    QueueLink link;      /* in its line, which has a reference */
    QueueLink wake_link; /* in the list of those to wake up, which has one */
    const void *owner;
    ThrottleDirection direction;
    int64_t size_bytes;
    uint64_t ticket; /* the order of arrival */
    CoSleep sleep;
    bool has_passed;
    bool has_timer; /* it sleeps for a time, or is about to */
} ThrottleWaiter;

/* ---- Lines.  The lock is held. ---- */

/* Returns: (nullable) */
static ThrottleWaiter *line_first(ThrottleQueue *tq,
                                  ThrottleDirection direction)
{
    QueueLink *line = &tq->lines[direction];

    return queue_is_empty(line)
        ? NULL : container_of(line->next, ThrottleWaiter, link);
}

static void line_add(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    waiter->ticket = tq->next_ticket++;
    queue_push(&tq->lines[waiter->direction],
               &g_atomic_rc_box_acquire(waiter)->link);
    tq->n_waiting++;
}

static void line_remove(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    queue_remove(&waiter->link);
    tq->n_waiting--;
    g_atomic_rc_box_release(waiter);
}

/* Makes the next call of wake_all() wake up a waiter. */
static void wake_later(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    if (!queue_is_linked(&waiter->wake_link)) {
        queue_push(&tq->wake, &g_atomic_rc_box_acquire(waiter)->wake_link);
    }
}

/* Lets a waiter pass and removes it from its line. */
static void waiter_pass(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    throttle_limits_charge(&tq->limits, waiter->direction,
                           waiter->size_bytes);
    waiter->has_passed = true;
    wake_later(tq, waiter);
    line_remove(tq, waiter);
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

/* Lets all requests pass that may, and makes the new heads sleep for a time. */
static void pass_all(ThrottleQueue *tq)
{
    throttle_limits_leak(&tq->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    while (pass_one(tq)) {
        /* the next one */
    }
    for (int i = 0; i < 2; i++) {
        ThrottleWaiter *head = line_first(tq, i);

        if (head && !head->has_timer) {
            wake_later(tq, head);
        }
    }
}

/* ---- Without the lock ---- */

/* Returns: (transfer full) (nullable) the next waiter to wake up */
static ThrottleWaiter *wake_pop(ThrottleQueue *tq)
{
    QueueLink *link;

    lock_acquire(&tq->lock);
    link = queue_pop(&tq->wake);
    lock_release(&tq->lock);
    return link ? container_of(link, ThrottleWaiter, wake_link) : NULL;
}

/* One that runs at once may call this, too, and continues where this was. */
static void wake_all(ThrottleQueue *tq)
{
    ThrottleWaiter *waiter;

    while ((waiter = wake_pop(tq))) {
        co_sleep_wake(&waiter->sleep);
        g_atomic_rc_box_release(waiter);
    }
}

/* ---- Requests ---- */

/* Returns true if the request has passed without waiting. */
static bool pass_at_once(ThrottleQueue *tq, bool hurry,
                         ThrottleDirection direction, int64_t size_bytes)
{
    bool passes;
    bool of_total;

    lock_acquire(&tq->lock);
    throttle_limits_leak(&tq->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    passes = hurry ||
             (tq->n_waiting == 0 &&
              throttle_limits_get_wait(&tq->limits, direction,
                                       size_bytes, &of_total) == 0);
    if (passes) {
        throttle_limits_charge(&tq->limits, direction, size_bytes);
    }
    lock_release(&tq->lock);
    return passes;
}

/*
 * Sleeps once.
 *
 * Returns: 0; -ECANCELED
 */
static int coroutine_fn waiter_sleep(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    int64_t wait_ns = 0;
    bool has_passed;
    bool of_total;

    lock_acquire(&tq->lock);
    if (!waiter->has_passed) {
        /* The heads that pass_all() wakes up do not include this one. */
        waiter->has_timer = true;
        pass_all(tq);
        waiter->has_timer = line_first(tq, waiter->direction) == waiter;
    }
    has_passed = waiter->has_passed;
    if (!has_passed && waiter->has_timer) {
        wait_ns = throttle_limits_get_wait(&tq->limits,
                                           waiter->direction,
                                           waiter->size_bytes, &of_total);
    }
    lock_release(&tq->lock);
    wake_all(tq);
    if (has_passed) {
        return 0;
    }
    if (waiter->has_timer) {
        return co_sleep_ns_wakeable(&waiter->sleep, AIO_CLOCK_REALTIME,
                                    wait_ns);
    }
    return co_sleep(&waiter->sleep);
}

/*
 * The waiter's coroutine was cancelled.
 *
 * Returns: true if the request had passed before
 */
static bool waiter_leave(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    bool has_passed;

    lock_acquire(&tq->lock);
    has_passed = waiter->has_passed;
    if (!has_passed) {
        line_remove(tq, waiter);
        pass_all(tq);
    }
    lock_release(&tq->lock);
    wake_all(tq);
    return has_passed;
}

static bool waiter_has_passed(ThrottleQueue *tq, const ThrottleWaiter *waiter)
{
    bool has_passed;

    lock_acquire(&tq->lock);
    has_passed = waiter->has_passed;
    lock_release(&tq->lock);
    return has_passed;
}

/* Returns: 0 when the request may pass; -ECANCELED */
static int coroutine_fn wait_in_line(ThrottleQueue *tq, ThrottleWaiter *waiter)
{
    int ret = 0;

    lock_acquire(&tq->lock);
    line_add(tq, waiter);
    lock_release(&tq->lock);
    while (ret == 0 && !waiter_has_passed(tq, waiter)) {
        ret = waiter_sleep(tq, waiter);
    }
    return ret < 0 && waiter_leave(tq, waiter) ? 0 : ret;
}

int coroutine_fn throttle_queue_pass(ThrottleQueue *tq, const void *owner,
                                     bool hurry, ThrottleDirection direction,
                                     int64_t size_bytes, int64_t *delay_ns)
{
    ThrottleWaiter *waiter;
    int64_t start;
    int ret;

    if (pass_at_once(tq, hurry, direction, size_bytes)) {
        return 0;
    }
    waiter = g_atomic_rc_box_new0(ThrottleWaiter);
    waiter->owner = owner;
    waiter->direction = direction;
    waiter->size_bytes = size_bytes;
    start = clock_get_ns(AIO_CLOCK_REALTIME);
    ret = wait_in_line(tq, waiter);
    g_atomic_rc_box_release(waiter);
    *delay_ns = clock_get_ns(AIO_CLOCK_REALTIME) - start;
    return ret;
}

/* ---- Changes ---- */

/* Lets the requests of an owner pass that are in one line. */
static void release_line(ThrottleQueue *tq, QueueLink *line, const void *owner)
{
    QueueLink *next;

    for (QueueLink *link = line->next; link != line; link = next) {
        ThrottleWaiter *waiter = container_of(link, ThrottleWaiter, link);

        next = link->next;
        if (waiter->owner == owner) {
            waiter_pass(tq, waiter);
        }
    }
}

void throttle_queue_release(ThrottleQueue *tq, const void *owner)
{
    lock_acquire(&tq->lock);
    release_line(tq, &tq->lines[THROTTLE_READ], owner);
    release_line(tq, &tq->lines[THROTTLE_WRITE], owner);
    pass_all(tq);
    lock_release(&tq->lock);
    wake_all(tq);
}

/* The first ones sleep for a time that the old limits gave them. */
static void wake_heads(ThrottleQueue *tq)
{
    for (int i = 0; i < 2; i++) {
        ThrottleWaiter *head = line_first(tq, i);

        if (head && head->has_timer) {
            wake_later(tq, head);
        }
    }
}

void throttle_queue_set_limits(ThrottleQueue *tq,
                               const ThrottleLimits *limits)
{
    lock_acquire(&tq->lock);
    throttle_limits_leak(&tq->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    throttle_limits_change(&tq->limits, limits);
    atomic_store(&tq->has_limits, throttle_limits_any(limits));
    pass_all(tq);
    wake_heads(tq);
    lock_release(&tq->lock);
    wake_all(tq);
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
    queue_init(&tq->wake);
}
