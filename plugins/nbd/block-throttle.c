/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A filter that limits how many requests and bytes pass in a time.
 *
 * Each loop has a channel; the requests of all channels wait in one queue,
 * block-throttle-queue.c, for limits that are those of the drive.
 */
#include "block-class.h"
#include "block-throttle-queue-internal.h"

#include "qapi-types-block.h"

#define TYPE_BLOCK_THROTTLE "block-throttle"
OBJECT_DECLARE_SIMPLE_TYPE(BlockThrottle, BLOCK_THROTTLE)

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

    ThrottleQueue queue;
};

typedef struct ThrottleChannel {
    BlockChannel parent;

    BlockChannel *lower; /* of the drive that is limited */
    ThrottleLoop loop;
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

/* ---- Requests ---- */

/* Returns: 0 when the request may pass; -ECANCELED */
static int coroutine_fn wait_for_limits(ThrottleChannel *tc,
                                        const BlockRequest *req)
{
    BlockChannel *channel = &tc->parent;
    bool is_read = req->op == BLOCK_OP_READ;
    bool has_data = is_read || req->op == BLOCK_OP_WRITE;
    int64_t delay_ns = -1;
    int ret;

    if (!atomic_load_explicit(&tc->loop.queue->has_limits,
                              memory_order_relaxed) ||
        req->op == BLOCK_OP_FLUSH || req->op == BLOCK_OP_STATUS) {
        return 0;
    }
    ret = throttle_loop_pass(&tc->loop, channel->n_drained > 0,
                             is_read ? THROTTLE_READ : THROTTLE_WRITE,
                             has_data ? req->size_bytes : 0, &delay_ns);
    if (delay_ns >= 0) {
        block_count(&channel->counters.own[THROTTLE_DELAYED], 1);
        block_count(&channel->counters.own[THROTTLE_DELAY_NS], delay_ns);
    }
    return ret;
}

static int coroutine_fn block_throttle_co_request(BlockChannel *channel,
                                                  const BlockRequest *req)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);
    int ret = wait_for_limits(tc, req);

    return ret < 0 ? ret : block_co_request(tc->lower, req);
}

/* ---- Channels ---- */

static bool block_throttle_channel_open(BlockChannel *channel, Error **errp)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);
    BlockThrottle *throttle = BLOCK_THROTTLE(channel->drive);

    tc->lower = block_channel_get(throttle->drive, errp);
    if (!tc->lower) {
        return false;
    }
    throttle_loop_open(&tc->loop, &throttle->queue, channel->ctx);
    return true;
}

static void block_throttle_channel_close(BlockChannel *channel)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);

    throttle_loop_close(&tc->loop);
    block_channel_put(tc->lower);
}

static void block_throttle_channel_drain(BlockChannel *channel, bool begin)
{
    ThrottleChannel *tc = container_of(channel, ThrottleChannel, parent);

    if (begin) {
        throttle_loop_release(&tc->loop);
        block_channel_drain_begin(tc->lower);
    } else {
        block_channel_drain_end(tc->lower);
    }
}

/* ---- The class ---- */

static bool block_throttle_changed(Object *obj, Error **errp)
{
    BlockThrottle *t = BLOCK_THROTTLE(obj);
    ThrottleLimits limits = { };

    throttle_bucket_set(&limits.requests[THROTTLE_TOTAL], t->iops_total,
                        t->iops_total_burst);
    throttle_bucket_set(&limits.requests[THROTTLE_READ], t->iops_read,
                        t->iops_read_burst);
    throttle_bucket_set(&limits.requests[THROTTLE_WRITE], t->iops_write,
                        t->iops_write_burst);
    throttle_bucket_set(&limits.bytes[THROTTLE_TOTAL], t->bps_total,
                        t->bps_total_burst);
    throttle_bucket_set(&limits.bytes[THROTTLE_READ], t->bps_read,
                        t->bps_read_burst);
    throttle_bucket_set(&limits.bytes[THROTTLE_WRITE], t->bps_write,
                        t->bps_write_burst);
    throttle_queue_set_limits(&t->queue, &limits);
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
    throttle->throttle_stats->waiting =
        throttle_queue_get_waiting(&throttle->queue);
}

static void block_throttle_init(Object *obj)
{
    throttle_queue_init(&BLOCK_THROTTLE(obj)->queue);
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
