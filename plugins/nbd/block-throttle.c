/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A filter that limits how many requests and bytes pass in a time.
 *
 * - A request that may not pass yet waits in a queue.  There is one queue for
 *   reads and one for writes, so that reads do not wait for a limit of writes.
 *   For a limit of both, the request that came first passes first.
 * - The queues belong to the drive, and requests of all loops are in them.  One
 *   lock guards queues and limits.
 * - There is no timer of the drive.  The request at the head of a queue sleeps
 *   until it may pass; requests behind it sleep until they are woken up.  Each
 *   thread that changes queues or limits lets all requests pass that may, and
 *   wakes up the new heads.
 * - Coroutines are woken up after the lock is released, because they may run at
 *   once, and then change the queues themselves.  So those that are to be woken
 *   up are in a list of the drive, which keeps them in order, and the list has
 *   a reference to each, because a request may end before its turn comes.
 */
#include "block.h"
#include "block-throttle-limits-internal.h"

#include "qapi-types-block.h"

#include "aio/coroutine/coroutine-sleep.h"
#include "util/clock.h"

#include <errno.h>

#define TYPE_BLOCK_THROTTLE "block-throttle"
OBJECT_DECLARE_SIMPLE_TYPE(BlockThrottle, BLOCK_THROTTLE)

/* A request that waits; under the lock. */
typedef struct Waiter {
    struct Waiter *next;      /* (nullable) in its queue */
    struct Waiter *next_wake; /* (nullable) in the list of those to wake up */
    bool in_wake_list;
    BlockChannel *channel;
    ThrottleDirection direction;
    int64_t size_bytes;
    uint64_t ticket;          /* the order of arrival */
    CoSleep sleep;
    bool has_passed;
    bool has_timer;           /* it sleeps for a time, or is about to */
} Waiter;

typedef struct WaiterQueue {
    Waiter *first; /* (nullable) owns a reference to each */
    Waiter *last;
} WaiterQueue;

struct BlockThrottle {
    BlockBackend parent_obj;

    BlockBackend *drive;
    uint64_t iops_total;
    uint64_t iops_total_burst;
    uint64_t iops_read;
    uint64_t iops_read_burst;
    uint64_t iops_write;
    uint64_t iops_write_burst;
    uint64_t bps_total;
    uint64_t bps_total_burst;
    uint64_t bps_read;
    uint64_t bps_read_burst;
    uint64_t bps_write;
    uint64_t bps_write_burst;
    struct BlockThrottleStats *throttle_stats; /* as of the last read */

    atomic_bool has_limits;
    Lock lock; /* guards what follows */
    ThrottleLimits limits;
    WaiterQueue queues[2]; /* by direction */
    WaiterQueue wake;      /* to be woken up without the lock */
    uint64_t next_ticket;
    uint32_t n_waiting;
};

typedef struct ThrottleChannel {
    BlockChannel parent;

    BlockChannel *lower; /* of the drive that is limited */
} ThrottleChannel;

/* Indices of the class's own counters */
enum {
    THROTTLE_DELAYED,
    THROTTLE_DELAY_NS,
};

#define QAPI_CLASS_BLOCK_THROTTLE
#include "qapi-classes-block.h"

OBJECT_DEFINE_SIMPLE_TYPE(BlockThrottle, block_throttle, BLOCK_THROTTLE,
                          BLOCK_BACKEND)

/* ---- Queues.  The lock is held. ---- */

/* Makes the next call of wake_all() wake up a waiter. */
static void wake_later(BlockThrottle *throttle, Waiter *waiter)
{
    if (waiter->in_wake_list) {
        return;
    }
    waiter->in_wake_list = true;
    waiter->next_wake = NULL;
    if (throttle->wake.last) {
        throttle->wake.last->next_wake = waiter;
    } else {
        throttle->wake.first = waiter;
    }
    throttle->wake.last = waiter;
    g_atomic_rc_box_acquire(waiter);
}

static void waiters_add(BlockThrottle *throttle, Waiter *waiter)
{
    WaiterQueue *queue = &throttle->queues[waiter->direction];

    g_atomic_rc_box_acquire(waiter);
    waiter->ticket = throttle->next_ticket++;
    if (queue->last) {
        queue->last->next = waiter;
    } else {
        queue->first = waiter;
    }
    queue->last = waiter;
    throttle->n_waiting++;
}

static void waiters_remove(BlockThrottle *throttle, Waiter *waiter)
{
    WaiterQueue *queue = &throttle->queues[waiter->direction];
    Waiter *before = NULL;

    for (Waiter *w = queue->first; w != waiter; w = w->next) {
        before = w;
    }
    if (before) {
        before->next = waiter->next;
    } else {
        queue->first = waiter->next;
    }
    if (queue->last == waiter) {
        queue->last = before;
    }
    throttle->n_waiting--;
    g_atomic_rc_box_release(waiter);
}

/* Lets a waiter pass and removes it from its queue. */
static void waiter_pass(BlockThrottle *throttle, Waiter *waiter)
{
    throttle_limits_charge(&throttle->limits, waiter->direction,
                           waiter->size_bytes);
    waiter->has_passed = true;
    wake_later(throttle, waiter);
    waiters_remove(throttle, waiter);
}

/*
 * Lets one request pass.
 *
 * Returns: false if none may
 */
static bool pass_one(BlockThrottle *throttle)
{
    Waiter *read = throttle->queues[THROTTLE_READ].first;
    Waiter *write = throttle->queues[THROTTLE_WRITE].first;
    Waiter *heads[2] = { read, write };
    bool of_total = false;

    if (write && (!read || write->ticket < read->ticket)) {
        heads[0] = write;
        heads[1] = read;
    }
    for (int i = 0; i < 2 && heads[i] && !of_total; i++) {
        if (throttle_limits_get_wait(&throttle->limits, heads[i]->direction,
                                     heads[i]->size_bytes,
                                     &of_total) == 0) {
            waiter_pass(throttle, heads[i]);
            return true;
        }
    }
    return false;
}

/* Lets all requests pass that may, and makes the new heads sleep for a time. */
static void pass_all(BlockThrottle *throttle)
{
    throttle_limits_leak(&throttle->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    while (pass_one(throttle)) {
        /* the next one */
    }
    for (int i = 0; i < 2; i++) {
        Waiter *head = throttle->queues[i].first;

        if (head && !head->has_timer) {
            wake_later(throttle, head);
        }
    }
}

/* ---- Without the lock ---- */

/* Returns: (transfer full) (nullable) the next waiter to wake up */
static Waiter *wake_pop(BlockThrottle *throttle)
{
    Waiter *waiter;

    lock_acquire(&throttle->lock);
    waiter = throttle->wake.first;
    if (waiter) {
        waiter->in_wake_list = false;
        throttle->wake.first = waiter->next_wake;
        if (!waiter->next_wake) {
            throttle->wake.last = NULL;
        }
    }
    lock_release(&throttle->lock);
    return waiter;
}

/* One that runs at once may call this, too, and continues where this was. */
static void wake_all(BlockThrottle *throttle)
{
    Waiter *waiter;

    while ((waiter = wake_pop(throttle))) {
        co_sleep_wake(&waiter->sleep);
        g_atomic_rc_box_release(waiter);
    }
}

/* ---- Requests ---- */

/* Returns true if the request has passed without waiting. */
static bool pass_at_once(BlockThrottle *throttle, const BlockChannel *channel,
                         ThrottleDirection direction, int64_t size_bytes)
{
    bool passes;
    bool of_total;

    lock_acquire(&throttle->lock);
    throttle_limits_leak(&throttle->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    passes = channel->n_drained > 0 ||
             (throttle->n_waiting == 0 &&
              throttle_limits_get_wait(&throttle->limits, direction,
                                       size_bytes, &of_total) == 0);
    if (passes) {
        throttle_limits_charge(&throttle->limits, direction, size_bytes);
    }
    lock_release(&throttle->lock);
    return passes;
}

/*
 * Sleeps once.
 *
 * Returns: 0; -ECANCELED
 */
static int coroutine_fn waiter_sleep(BlockThrottle *throttle, Waiter *waiter)
{
    int64_t wait_ns = 0;
    bool has_passed;
    bool of_total;

    lock_acquire(&throttle->lock);
    if (!waiter->has_passed) {
        /* The heads that pass_all() wakes up do not include this one. */
        waiter->has_timer = true;
        pass_all(throttle);
        waiter->has_timer =
            throttle->queues[waiter->direction].first == waiter;
    }
    has_passed = waiter->has_passed;
    if (!has_passed && waiter->has_timer) {
        wait_ns = throttle_limits_get_wait(&throttle->limits,
                                           waiter->direction,
                                           waiter->size_bytes, &of_total);
    }
    lock_release(&throttle->lock);
    wake_all(throttle);
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
static bool waiter_leave(BlockThrottle *throttle, Waiter *waiter)
{
    bool has_passed;

    lock_acquire(&throttle->lock);
    has_passed = waiter->has_passed;
    if (!has_passed) {
        waiters_remove(throttle, waiter);
        pass_all(throttle);
    }
    lock_release(&throttle->lock);
    wake_all(throttle);
    return has_passed;
}

static bool waiter_has_passed(BlockThrottle *throttle, const Waiter *waiter)
{
    bool has_passed;

    lock_acquire(&throttle->lock);
    has_passed = waiter->has_passed;
    lock_release(&throttle->lock);
    return has_passed;
}

/* Returns: 0 when the request may pass; -ECANCELED */
static int coroutine_fn wait_in_queue(BlockChannel *channel,
                                      ThrottleDirection direction,
                                      int64_t size_bytes)
{
    BlockThrottle *throttle = BLOCK_THROTTLE(channel->drive);
    Waiter *waiter = g_atomic_rc_box_new0(Waiter);
    int64_t start = clock_get_ns(AIO_CLOCK_REALTIME);
    int ret = 0;

    waiter->channel = channel;
    waiter->direction = direction;
    waiter->size_bytes = size_bytes;
    lock_acquire(&throttle->lock);
    waiters_add(throttle, waiter);
    lock_release(&throttle->lock);
    while (ret == 0 && !waiter_has_passed(throttle, waiter)) {
        ret = waiter_sleep(throttle, waiter);
    }
    if (ret < 0 && waiter_leave(throttle, waiter)) {
        ret = 0;
    }
    g_atomic_rc_box_release(waiter);
    block_count(&channel->counters.own[THROTTLE_DELAYED], 1);
    block_count(&channel->counters.own[THROTTLE_DELAY_NS],
                clock_get_ns(AIO_CLOCK_REALTIME) - start);
    return ret;
}

/* Returns: 0 when the request may pass; -ECANCELED */
static int coroutine_fn wait_for_limits(BlockChannel *channel,
                                        const BlockRequest *req)
{
    BlockThrottle *throttle = BLOCK_THROTTLE(channel->drive);
    bool has_data = req->op == BLOCK_OP_READ || req->op == BLOCK_OP_WRITE;
    ThrottleDirection direction = req->op == BLOCK_OP_READ ? THROTTLE_READ
                                                           : THROTTLE_WRITE;
    int64_t size_bytes = has_data ? req->size_bytes : 0;

    if (!atomic_load_explicit(&throttle->has_limits, memory_order_relaxed) ||
        req->op == BLOCK_OP_FLUSH || req->op == BLOCK_OP_STATUS ||
        pass_at_once(throttle, channel, direction, size_bytes)) {
        return 0;
    }
    return wait_in_queue(channel, direction, size_bytes);
}

static int coroutine_fn block_throttle_co_request(BlockChannel *channel,
                                                  const BlockRequest *req)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);
    int ret = wait_for_limits(channel, req);

    return ret < 0 ? ret : block_co_request(tc->lower, req);
}

/* ---- Channels ---- */

static bool block_throttle_channel_open(BlockChannel *channel, Error **errp)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);

    tc->lower = block_channel_get(BLOCK_THROTTLE(channel->drive)->drive, errp);
    return tc->lower;
}

static void block_throttle_channel_close(BlockChannel *channel)
{
    block_channel_put(container_of(channel, ThrottleChannel, parent)->lower);
}

static void pass_channel(BlockThrottle *throttle, const BlockChannel *channel)
{

    lock_acquire(&throttle->lock);
    for (int i = 0; i < 2; i++) {
        Waiter *next;

        for (Waiter *w = throttle->queues[i].first; w; w = next) {
            next = w->next;
            if (w->channel == channel) {
                waiter_pass(throttle, w);
            }
        }
    }
    pass_all(throttle);
    lock_release(&throttle->lock);
    wake_all(throttle);
}

static void block_throttle_channel_drain(BlockChannel *channel, bool begin)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);

    if (begin) {
        pass_channel(BLOCK_THROTTLE(channel->drive), channel);
        block_channel_drain_begin(tc->lower);
    } else {
        block_channel_drain_end(tc->lower);
    }
}

/* ---- The class ---- */

static void set_limits(BlockThrottle *t)
{
    ThrottleLimits *limits = &t->limits;

    throttle_bucket_set(&limits->requests[THROTTLE_TOTAL], t->iops_total,
                        t->iops_total_burst);
    throttle_bucket_set(&limits->requests[THROTTLE_READ], t->iops_read,
                        t->iops_read_burst);
    throttle_bucket_set(&limits->requests[THROTTLE_WRITE], t->iops_write,
                        t->iops_write_burst);
    throttle_bucket_set(&limits->bytes[THROTTLE_TOTAL], t->bps_total,
                        t->bps_total_burst);
    throttle_bucket_set(&limits->bytes[THROTTLE_READ], t->bps_read,
                        t->bps_read_burst);
    throttle_bucket_set(&limits->bytes[THROTTLE_WRITE], t->bps_write,
                        t->bps_write_burst);
    atomic_store(&t->has_limits, throttle_limits_any(limits));
}

/* The heads sleep for a time that the old limits gave them. */
static void wake_heads(BlockThrottle *throttle)
{
    for (int i = 0; i < 2; i++) {
        Waiter *head = throttle->queues[i].first;

        if (head && head->has_timer) {
            wake_later(throttle, head);
        }
    }
}

static bool block_throttle_changed(Object *obj, Error **errp)
{
    BlockThrottle *throttle = BLOCK_THROTTLE(obj);

    lock_acquire(&throttle->lock);
    throttle_limits_leak(&throttle->limits, clock_get_ns(AIO_CLOCK_REALTIME));
    set_limits(throttle);
    pass_all(throttle);
    wake_heads(throttle);
    lock_release(&throttle->lock);
    wake_all(throttle);
    return true;
}

static bool block_throttle_open(BlockBackend *drive, Error **errp)
{
    BlockThrottle *throttle = BLOCK_THROTTLE(drive);

    if (!throttle->drive) {
        error_setg(errp, "block-throttle needs a 'drive'");
        return false;
    }
    drive->info = *block_backend_get_info(throttle->drive);
    drive->info.is_read_only |= drive->read_only;
    return true;
}

static void (*parent_refresh)(Object *obj, const PropertyRow *row);

static void block_throttle_refresh(Object *obj, const PropertyRow *row)
{
    BlockThrottle *throttle = BLOCK_THROTTLE(obj);
    BlockCounters sum;

    parent_refresh(obj, row);
    if (row->type != &qapi_type_BlockThrottleStats) {
        return;
    }
    if (!throttle->throttle_stats) {
        throttle->throttle_stats = g_new0(BlockThrottleStats, 1);
    }
    block_backend_get_counters(BLOCK_BACKEND(obj), &sum);
    throttle->throttle_stats->delayed = sum.own[THROTTLE_DELAYED];
    throttle->throttle_stats->delay_ns = sum.own[THROTTLE_DELAY_NS];
    lock_acquire(&throttle->lock);
    throttle->throttle_stats->waiting = throttle->n_waiting;
    lock_release(&throttle->lock);
}

static void block_throttle_init(Object *obj)
{
}

static void block_throttle_finalize(Object *obj)
{
}

static void block_throttle_class_init(ObjectClass *klass, const void *data)
{
    BlockBackendClass *bc = BLOCK_BACKEND_CLASS(klass);

    bc->channel_size = sizeof(ThrottleChannel);
    bc->can_fua = true;
    bc->open = block_throttle_open;
    bc->channel_open = block_throttle_channel_open;
    bc->channel_close = block_throttle_channel_close;
    bc->channel_drain = block_throttle_channel_drain;
    bc->co_request = block_throttle_co_request;
    klass->properties_changed = block_throttle_changed;
    parent_refresh = klass->property_refresh;
    klass->property_refresh = block_throttle_refresh;
    object_class_add_properties(klass, block_throttle_properties);
}
