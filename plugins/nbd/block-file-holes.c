/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The holes of a file, and zeroes.
 *
 * Only the file system knows where they are and how to make them, so this is
 * done by system calls in the thread pool.  If the file system cannot do it,
 * the drive remembers that and does not try again.
 */
#include "block-file-internal.h"

#include "aio/thread-pool/thread-pool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

/* Devices need ranges of whole sectors; all sizes of sectors divide this. */
#define SECTOR_BYTES 4096

/* ---- In a thread of the pool ---- */

typedef struct FallocateCall {
    int fd;
    int mode;
    int64_t offset;
    int64_t size;
} FallocateCall;

static int call_fallocate(void *opaque)
{
    const FallocateCall *call = opaque;

    while (fallocate(call->fd, call->mode, call->offset, call->size) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

typedef struct StatusCall {
    int fd;
    const BlockRequest *req;
} StatusCall;

/* Returns: where the part of the file that begins at @pos ends; its state */
static int64_t find_extent_end(int fd, int64_t pos, int64_t end,
                               unsigned *state)
{
    int64_t data = lseek(fd, pos, SEEK_DATA);
    int64_t hole;

    if (data > pos || (data < 0 && errno == ENXIO)) {
        *state = BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO;
        return data < 0 ? end : data;
    }
    *state = 0;
    hole = data < 0 ? -1 : lseek(fd, pos, SEEK_HOLE);
    return hole > pos ? hole : end; /* the file system does not know */
}

static int call_status(void *opaque)
{
    const StatusCall *call = opaque;
    const BlockRequest *req = call->req;
    int64_t pos = req->offset_bytes;
    int64_t end = pos + req->size_bytes;
    unsigned n = 0;

    while (pos < end && n <= req->max_extents) {
        unsigned state;
        int64_t next = find_extent_end(call->fd, pos, end, &state);

        next = MIN(next, end); /* which evaluates its arguments twice */
        n = block_extent_add(req, n, next - pos, state);
        pos = next;
    }
    return MIN(n, req->max_extents);
}

/* ---- In coroutines of the loop ---- */

static bool is_unsupported(int ret)
{
    return ret == -EOPNOTSUPP || ret == -ENOSYS || ret == -ENODEV ||
           ret == -ENOTTY;
}

/*
 * Calls fallocate(2).  @cannot is whether the file system cannot do that; it is
 * set when that turns out.
 *
 * Returns: 0; -ENOTSUP if it is not possible; another negative errno value
 */
static int coroutine_fn try_fallocate(BlockFile *file, const BlockRequest *req,
                                      int mode, atomic_bool *cannot)
{
    FallocateCall call = {
        file->fd, mode | FALLOC_FL_KEEP_SIZE, req->offset_bytes,
        req->size_bytes,
    };
    int ret;

    if (atomic_load_explicit(cannot, memory_order_relaxed)) {
        return -ENOTSUP;
    }
    ret = thread_pool_submit_co(call_fallocate, &call);
    if (is_unsupported(ret)) {
        atomic_store_explicit(cannot, true, memory_order_relaxed);
        return -ENOTSUP;
    }
    /* A device refuses parts of sectors. */
    return ret == -EINVAL ? -ENOTSUP : ret;
}

/* A device does not tell where its holes are. */
static void note_hole(BlockFile *file)
{
    atomic_bool *may_have_holes = &BLOCK_BACKEND(file)->may_have_holes;

    if (!file->is_device &&
        !atomic_load_explicit(may_have_holes, memory_order_relaxed)) {
        atomic_store_explicit(may_have_holes, true, memory_order_relaxed);
    }
}

/* Frees disk space, or else makes the file system note that there are zeroes */
static int coroutine_fn zero_fast(BlockFile *file, const BlockRequest *req)
{
    int ret = -ENOTSUP;

    if (!(req->flags & BLOCK_NO_HOLE)) {
        ret = try_fallocate(file, req, FALLOC_FL_PUNCH_HOLE,
                            &file->cannot_punch);
    }
    /* A device would write zeroes. */
    if (ret == -ENOTSUP && !file->is_device) {
        ret = try_fallocate(file, req, FALLOC_FL_ZERO_RANGE,
                            &file->cannot_zero);
    }
    if (ret == 0) {
        note_hole(file);
    }
    return ret;
}

int block_file_zero(BlockFileChannel *channel, const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int ret;

    co_rwlock_rdlock(&file->blocks);
    ret = zero_fast(file, req);
    co_rwlock_unlock(&file->blocks);
    if (ret == -ENOTSUP && !(req->flags & BLOCK_FAST)) {
        ret = block_file_write_zeroes(channel, req->offset_bytes,
                                      req->size_bytes);
    }
    return ret;
}

int block_file_discard(BlockFileChannel *channel, const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int64_t offset = req->offset_bytes;
    int64_t end = offset + req->size_bytes;
    int ret = 0;

    if (file->is_device) {
        offset = (offset + SECTOR_BYTES - 1) & ~(int64_t)(SECTOR_BYTES - 1);
        end &= ~(int64_t)(SECTOR_BYTES - 1);
    }
    if (atomic_load_explicit(&file->cannot_discard, memory_order_relaxed) ||
        offset >= end) {
        return 0;
    }
    co_rwlock_rdlock(&file->blocks);
    ret = aio_file_co_discard(channel->file, offset, end - offset);
    co_rwlock_unlock(&file->blocks);
    if (ret == -ENOTSUP) {
        atomic_store_explicit(&file->cannot_discard, true,
                              memory_order_relaxed);
        return 0;
    }
    if (ret == 0) {
        note_hole(file);
    }
    return ret;
}

int block_file_status(BlockFileChannel *channel, const BlockRequest *req)
{
    StatusCall call = { BLOCK_FILE(channel->parent.drive)->fd, req };

    return thread_pool_submit_co(call_status, &call);
}
