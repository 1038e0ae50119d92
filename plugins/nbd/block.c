/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all drives share: requests, before the class carries them out.
 *
 * A request is checked here, so that a class receives only requests that lie
 * inside of the drive and that the drive may carry out.
 */
#include "block-internal.h"

#include "qapi-types-block.h"

#include "qom/user-creatable.h"

#include <errno.h>
#include <limits.h>

#define QAPI_CLASS_BLOCK_BACKEND
#include "qapi-classes-block.h"

OBJECT_DEFINE_TYPE_EXTENDED(BlockBackend, block_backend, BLOCK_BACKEND,
                            OBJECT, true, { TYPE_USER_CREATABLE }, { NULL })

const BlockInfo *block_backend_get_info(const BlockBackend *drive)
{
    return &drive->info;
}

/* ---- Requests ---- */

static inline void count_in_flight(BlockChannel *channel, int n)
{
    atomic_store_explicit(
        &channel->n_in_flight,
        atomic_load_explicit(&channel->n_in_flight, memory_order_relaxed) + n,
        memory_order_relaxed);
}

static void count_done(BlockChannel *channel, const BlockRequest *req, int ret)
{
    BlockCounters *counters = &channel->counters;

    if (G_LIKELY(ret >= 0)) {
        block_count(&counters->bytes[req->op], req->size_bytes);
    } else {
        block_count(&counters->failed[req->op], 1);
    }
    block_count(&counters->requests[req->op], 1);
}

/* The flags that each operation knows, and whether it changes data */
static const struct {
    unsigned flags;
    bool writes;
    bool grows; /* beyond the end of the drive it needs space */
} op_rules[BLOCK_OP__MAX] = {
    [BLOCK_OP_WRITE] = { BLOCK_FUA, true, true },
    [BLOCK_OP_DISCARD] = { BLOCK_FUA, true, false },
    [BLOCK_OP_WRITE_ZEROES] = { BLOCK_FUA | BLOCK_NO_HOLE | BLOCK_FAST, true,
                                true },
};

/* Returns: 0, or a negative errno value if the request must not be carried
 * out */
static int request_check(const BlockInfo *info, const BlockRequest *req)
{
    if (req->offset_bytes < 0 || req->size_bytes < 0 ||
        (req->flags & ~op_rules[req->op].flags)) {
        return -EINVAL;
    }
    if (req->op == BLOCK_OP_STATUS &&
        (req->size_bytes == 0 || req->max_extents == 0)) {
        return -EINVAL;
    }
    if (info->is_read_only && op_rules[req->op].writes) {
        return -EPERM;
    }
    if (req->offset_bytes > info->size_bytes ||
        req->size_bytes > info->size_bytes - req->offset_bytes) {
        return op_rules[req->op].grows ? -ENOSPC : -EINVAL;
    }
    return 0;
}

static int coroutine_fn request_flush(BlockChannel *channel)
{
    const BlockRequest flush = { .op = BLOCK_OP_FLUSH };

    return block_co_request(channel, &flush);
}

static int coroutine_fn request_run(BlockChannel *channel,
                                    const BlockRequest *req)
{
    BlockRequest without_fua;
    int ret;

    if (req->size_bytes == 0 && req->op != BLOCK_OP_FLUSH) {
        return 0;
    }
    if (!(req->flags & BLOCK_FUA) || channel->klass->can_fua) {
        return channel->klass->co_request(channel, req);
    }
    without_fua = *req;
    without_fua.flags &= ~BLOCK_FUA;
    ret = channel->klass->co_request(channel, &without_fua);
    return ret < 0 ? ret : request_flush(channel);
}

int block_co_request(BlockChannel *channel, const BlockRequest *req)
{
    int ret = request_check(&channel->drive->info, req);

    if (ret == 0) {
        count_in_flight(channel, 1);
        ret = request_run(channel, req);
        count_in_flight(channel, -1);
    }
    count_done(channel, req, ret);
    return ret;
}

/* Returns: the number of bytes; -1 if they or the buffers are too many */
static int64_t iov_size(const struct iovec *iov, int n_iov)
{
    int64_t size = 0;

    if (n_iov < 0 || n_iov > IOV_MAX) {
        return -1;
    }
    for (int i = 0; i < n_iov; i++) {
        if (iov[i].iov_len > (size_t)(INT_MAX - size)) {
            return -1;
        }
        size += iov[i].iov_len;
    }
    return size;
}

int block_co_read(BlockChannel *channel, int64_t offset_bytes,
                  const struct iovec *iov, int n_iov)
{
    const BlockRequest req = {
        .op = BLOCK_OP_READ,
        .offset_bytes = offset_bytes,
        .size_bytes = iov_size(iov, n_iov),
        .iov = iov,
        .n_iov = n_iov,
    };

    return block_co_request(channel, &req);
}

int block_co_write(BlockChannel *channel, int64_t offset_bytes,
                   const struct iovec *iov, int n_iov, unsigned flags)
{
    const BlockRequest req = {
        .op = BLOCK_OP_WRITE,
        .flags = flags,
        .offset_bytes = offset_bytes,
        .size_bytes = iov_size(iov, n_iov),
        .iov = iov,
        .n_iov = n_iov,
    };

    return block_co_request(channel, &req);
}

int block_co_flush(BlockChannel *channel)
{
    return request_flush(channel);
}

/* A request for a range without data. */
static int coroutine_fn request_range(BlockChannel *channel, BlockOp op,
                                      int64_t offset_bytes,
                                      int64_t size_bytes, unsigned flags)
{
    const BlockRequest req = {
        .op = op,
        .flags = flags,
        .offset_bytes = offset_bytes,
        .size_bytes = size_bytes,
    };

    return block_co_request(channel, &req);
}

int block_co_discard(BlockChannel *channel, int64_t offset_bytes,
                     int64_t size_bytes, unsigned flags)
{
    return request_range(channel, BLOCK_OP_DISCARD, offset_bytes, size_bytes,
                         flags);
}

int block_co_write_zeroes(BlockChannel *channel, int64_t offset_bytes,
                          int64_t size_bytes, unsigned flags)
{
    return request_range(channel, BLOCK_OP_WRITE_ZEROES, offset_bytes,
                         size_bytes, flags);
}

int block_co_status(BlockChannel *channel, int64_t offset_bytes,
                    int64_t size_bytes, BlockExtent *extents,
                    unsigned max_extents)
{
    const BlockRequest req = {
        .op = BLOCK_OP_STATUS,
        .offset_bytes = offset_bytes,
        .size_bytes = size_bytes,
        .extents = extents,
        .max_extents = max_extents,
    };

    return block_co_request(channel, &req);
}

bool block_channel_get_cached(BlockChannel *channel, int64_t offset_bytes,
                              int64_t size_bytes, int *fd,
                              int64_t *fd_offset_bytes)
{
    const BlockRequest req = {
        .op = BLOCK_OP_READ,
        .offset_bytes = offset_bytes,
        .size_bytes = size_bytes,
    };

    if (!channel->klass->get_cached || size_bytes == 0 ||
        request_check(&channel->drive->info, &req) < 0 ||
        !channel->klass->get_cached(channel, &req, fd, fd_offset_bytes)) {
        return false;
    }
    count_done(channel, &req, 0);
    return true;
}

bool block_channel_try_write(BlockChannel *channel, int64_t offset_bytes,
                             const void *data, int64_t size_bytes)
{
    const struct iovec iov = {
        .iov_base = (void *)data, .iov_len = size_bytes,
    };
    const BlockRequest req = {
        .op = BLOCK_OP_WRITE,
        .offset_bytes = offset_bytes,
        .size_bytes = size_bytes,
        .iov = &iov,
        .n_iov = 1,
    };

    if (!channel->klass->try_write || size_bytes == 0 ||
        request_check(&channel->drive->info, &req) < 0 ||
        !channel->klass->try_write(channel, &req)) {
        return false;
    }
    count_done(channel, &req, 0);
    return true;
}

bool block_channel_may_have_holes(const BlockChannel *channel)
{
    return atomic_load_explicit(&channel->drive->may_have_holes,
                                memory_order_relaxed);
}

unsigned block_extent_add(const BlockRequest *req, unsigned n,
                          int64_t size_bytes, unsigned state)
{
    if (size_bytes == 0) {
        return n;
    }
    if (n > 0 && req->extents[n - 1].state == state) {
        req->extents[n - 1].size_bytes += size_bytes;
        return n;
    }
    if (n < req->max_extents) {
        req->extents[n] = (BlockExtent) { size_bytes, state };
    }
    return n + 1;
}

/* ---- The class ---- */

static void block_backend_refresh(Object *obj, const PropertyRow *row)
{
    BlockBackend *drive = BLOCK_BACKEND(obj);

    if (row->type == &qapi_type_BlockStats) {
        qapi_type_free(&qapi_type_BlockStats, &drive->stats);
        drive->stats = block_describe_stats(drive);
    }
}

static void block_backend_complete(UserCreatable *uc, Error **errp)
{
    BlockBackend *drive = BLOCK_BACKEND(uc);

    drive->info = (BlockInfo) {
        .block_bytes = 4096,
        .max_transfer_bytes = 32 * 1024 * 1024,
        .is_read_only = drive->read_only,
    };
    BLOCK_BACKEND_GET_CLASS(drive)->open(drive, errp);
}

static void block_backend_init(Object *obj)
{
}

static void block_backend_finalize(Object *obj)
{
}

static void block_backend_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = block_backend_complete;
    klass->property_refresh = block_backend_refresh;
    object_class_add_properties(klass, block_backend_properties);
}
