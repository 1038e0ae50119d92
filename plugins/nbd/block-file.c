/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A drive whose data is in a file or on a block device.
 *
 * - A channel has an AioFile of its loop.  The file descriptor is shared, and
 *   the kernel orders concurrent requests.
 * - Reads and writes of the page cache are in block-file-cached.c, those that
 *   O_DIRECT does not take as they are in block-file-direct.c.
 * - Holes and zeroes are in block-file-holes.c.
 */
#include "block-file-internal.h"

#include "qapi-types-block.h"

#define QAPI_CLASS_BLOCK_FILE
#include "qapi-classes-block.h"

OBJECT_DEFINE_SIMPLE_TYPE(BlockFile, block_file, BLOCK_FILE, BLOCK_BACKEND)

/* ---- Requests ---- */

static int coroutine_fn do_write(BlockFileChannel *channel,
                                 const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int ret;

    if (!file->is_direct) {
        return block_file_write(channel, req);
    }
    if (!block_file_is_aligned(file, req)) {
        return block_file_bounce_write(channel, req);
    }
    co_rwlock_rdlock(&file->blocks);
    ret = block_file_write(channel, req);
    co_rwlock_unlock(&file->blocks);
    return ret;
}

static int coroutine_fn do_read(BlockFileChannel *channel,
                                const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);

    if (file->is_direct && !block_file_is_aligned(file, req)) {
        return block_file_bounce_read(channel, req);
    }
    return block_file_read(channel, req);
}

static int coroutine_fn block_file_co_request(BlockChannel *channel,
                                              const BlockRequest *req)
{
    BlockFileChannel *fc = container_of(channel, BlockFileChannel, parent);

    switch (req->op) {
    case BLOCK_OP_READ:
        return do_read(fc, req);
    case BLOCK_OP_WRITE:
        return do_write(fc, req);
    case BLOCK_OP_FLUSH:
        return channel->drive->info.is_read_only
            ? 0 : aio_file_co_flush(fc->file);
    case BLOCK_OP_DISCARD:
        return block_file_discard(fc, req);
    case BLOCK_OP_WRITE_ZEROES:
        return block_file_zero(fc, req);
    case BLOCK_OP_STATUS:
        return block_file_status(fc, req);
    default:
        g_assert_not_reached();
    }
}

static bool get_cached(BlockChannel *channel, const BlockRequest *req, int *fd,
                       int64_t *fd_offset_bytes)
{
    return block_file_get_cached(container_of(channel, BlockFileChannel,
                                              parent),
                                 req, fd, fd_offset_bytes);
}

static bool try_write(BlockChannel *channel, const BlockRequest *req)
{
    return block_file_try_write(container_of(channel, BlockFileChannel,
                                             parent), req);
}

/* ---- Channels ---- */

static AioFileEngine choose_engine(const BlockFile *file)
{
    switch (file->aio) {
    case BLOCK_FILE_AIO_IO_URING:
        return AIO_FILE_ENGINE_IO_URING;
    case BLOCK_FILE_AIO_NATIVE:
        return AIO_FILE_ENGINE_LINUX_AIO;
    case BLOCK_FILE_AIO_THREADS:
        return AIO_FILE_ENGINE_THREADS;
    default:
        return AIO_FILE_ENGINE_AUTO;
    }
}

static bool block_file_channel_open(BlockChannel *channel, Error **errp)
{
    BlockFileChannel *fc = container_of(channel, BlockFileChannel, parent);
    BlockFile *file = BLOCK_FILE(channel->drive);

    fc->file = aio_file_new(channel->ctx, file->fd, choose_engine(file), errp);
    block_file_cached_init(fc);
    return fc->file;
}

static void block_file_channel_close(BlockChannel *channel)
{
    aio_file_free(container_of(channel, BlockFileChannel, parent)->file);
}

/* ---- The class ---- */

static bool check_options(const BlockFile *file, Error **errp)
{
    if (!file->path || !*file->path) {
        error_setg(errp, "block-file needs a 'path'");
        return false;
    }
    if (file->aio == BLOCK_FILE_AIO_NATIVE &&
        file->cache != BLOCK_FILE_CACHE_NONE) {
        error_setg(errp, "aio=native needs cache=none");
        return false;
    }
    return true;
}

/* An engine that the kernel does not have is an error now, not later. */
static bool check_engine(const BlockFile *file, Error **errp)
{
    AioFile *probe;

    if (file->aio == BLOCK_FILE_AIO_AUTO) {
        return true;
    }
    probe = aio_file_new(aio_get_current_context(), file->fd,
                         choose_engine(file), errp);
    aio_file_free(probe);
    return probe;
}

static bool block_file_open(BlockBackend *drive, Error **errp)
{
    BlockFile *file = BLOCK_FILE(drive);

    if (!check_options(file, errp) || !block_file_open_fd(file, errp)) {
        return false;
    }
    if (!check_engine(file, errp)) {
        block_file_close_fd(file);
        return false;
    }
    file->size = drive->info.size_bytes;
    return true;
}

static bool block_file_changed(Object *obj, Error **errp)
{
    BlockFile *file = BLOCK_FILE(obj);

    atomic_store(&file->write_policy, file->write_in_loop);
    return true;
}

static void (*parent_refresh)(Object *obj, const PropertyRow *row);

static void block_file_refresh(Object *obj, const PropertyRow *row)
{
    BlockFile *file = BLOCK_FILE(obj);
    BlockCounters sum;

    parent_refresh(obj, row);
    if (row->type != &qapi_type_BlockFileStats) {
        return;
    }
    if (!file->file_stats) {
        file->file_stats = g_new0(BlockFileStats, 1);
    }
    block_backend_get_counters(BLOCK_BACKEND(obj), &sum);
    file->file_stats->reads_in_loop = sum.own[BLOCK_FILE_READS_IN_LOOP];
    file->file_stats->writes_in_loop = sum.own[BLOCK_FILE_WRITES_IN_LOOP];
    file->file_stats->slow_writes = sum.own[BLOCK_FILE_SLOW_WRITES];
    file->file_stats->bounced = sum.own[BLOCK_FILE_BOUNCED];
}

static void block_file_init(Object *obj)
{
    BlockFile *file = BLOCK_FILE(obj);

    file->fd = -1;
    co_rwlock_init(&file->blocks);
}

static void block_file_finalize(Object *obj)
{
    block_file_close_fd(BLOCK_FILE(obj));
}

static void block_file_class_init(ObjectClass *klass, const void *data)
{
    BlockBackendClass *bc = BLOCK_BACKEND_CLASS(klass);

    bc->channel_size = sizeof(BlockFileChannel);
    bc->open = block_file_open;
    bc->channel_open = block_file_channel_open;
    bc->channel_close = block_file_channel_close;
    bc->co_request = block_file_co_request;
    bc->get_cached = get_cached;
    bc->try_write = try_write;
    klass->properties_changed = block_file_changed;
    parent_refresh = klass->property_refresh;
    klass->property_refresh = block_file_refresh;
    object_class_add_properties(klass, block_file_properties);
}
