/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests that O_DIRECT does not take as they are.
 *
 * O_DIRECT transfers whole blocks between the disk and aligned memory.  Other
 * requests go through an aligned buffer, at most BOUNCE_BYTES at a time.  A
 * write that covers only a part of a block reads the block first.
 */
#include "block-file-internal.h"
#include "block-iov-internal.h"

#include <errno.h>
#include <stdlib.h>

#define BOUNCE_BYTES (1024 * 1024)

bool block_file_is_aligned(const BlockFile *file, const BlockRequest *req)
{
    uintptr_t memory = 0;

    if ((req->offset_bytes | req->size_bytes) & (file->align_bytes - 1)) {
        return false;
    }
    for (int i = 0; i < req->n_iov; i++) {
        memory |= (uintptr_t)req->iov[i].iov_base;
        if (req->iov[i].iov_len & (file->align_bytes - 1)) {
            return false;
        }
    }
    return (memory & (file->align_memory - 1)) == 0;
}

/* Whole blocks, the part of them that a request covers, and a buffer */
typedef struct Blocks {
    int64_t start; /* of the blocks */
    int64_t size;
    int64_t first; /* of the part */
    int64_t end;
    char *buf;
} Blocks;

static int64_t round_down(const BlockFile *file, int64_t bytes)
{
    return bytes & ~(int64_t)(file->align_bytes - 1);
}

static int64_t round_up(const BlockFile *file, int64_t bytes)
{
    return round_down(file, bytes + file->align_bytes - 1);
}

/* Returns: 0; -ENOMEM */
static int blocks_init(Blocks *blocks, const BlockFile *file, int64_t size)
{
    void *buf;

    size = MIN(round_up(file, size) + file->align_bytes, BOUNCE_BYTES);
    if (posix_memalign(&buf, MAX(file->align_memory, sizeof(void *)), size)) {
        return -ENOMEM;
    }
    blocks->buf = buf;
    return 0;
}

/* The blocks of the beginning of a range, as many as the buffer holds. */
static void blocks_set(Blocks *blocks, const BlockFile *file, int64_t offset,
                       int64_t size)
{
    blocks->start = round_down(file, offset);
    blocks->size = MIN(round_up(file, offset + size) - blocks->start,
                       BOUNCE_BYTES);
    blocks->first = offset;
    blocks->end = MIN(offset + size, blocks->start + blocks->size);
}

/* Returns: 0, or a negative errno value */
static int coroutine_fn blocks_read(AioFile *file, Blocks *blocks,
                                    int64_t offset, int64_t size)
{
    int n = aio_file_co_read(file, offset,
                             blocks->buf + (offset - blocks->start), size);

    return n == size ? 0 : n < 0 ? n : -EIO;
}

int block_file_bounce_read(BlockFileChannel *channel, const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    IovCursor cursor = { req->iov, 0 };
    int64_t offset = req->offset_bytes;
    int64_t end = offset + req->size_bytes;
    Blocks blocks;
    int ret = blocks_init(&blocks, file, req->size_bytes);

    if (ret < 0) {
        return ret;
    }
    block_file_count(channel, BLOCK_FILE_BOUNCED);
    while (ret == 0 && offset < end) {
        blocks_set(&blocks, file, offset, end - offset);
        ret = blocks_read(channel->file, &blocks, blocks.start, blocks.size);
        if (ret == 0) {
            iov_write(&cursor, blocks.buf + (offset - blocks.start),
                      blocks.end - offset);
        }
        offset = blocks.end;
    }
    free(blocks.buf);
    return ret;
}

/* Reads the first and the last block, where the request covers only a part. */
static int coroutine_fn read_edges(BlockFileChannel *channel, Blocks *blocks)
{
    int64_t align = BLOCK_FILE(channel->parent.drive)->align_bytes;
    int64_t blocks_end = blocks->start + blocks->size;
    bool head = blocks->first > blocks->start;
    bool tail = blocks->end < blocks_end;
    int ret = 0;

    if (head || (tail && blocks->size == align)) {
        ret = blocks_read(channel->file, blocks, blocks->start, align);
    }
    if (ret == 0 && tail && blocks->size > align) {
        ret = blocks_read(channel->file, blocks, blocks_end - align, align);
    }
    return ret;
}

/* Writes the data at @cursor, or zeroes if it is NULL. */
static int coroutine_fn bounce_locked(BlockFileChannel *channel,
                                      int64_t offset, int64_t size,
                                      IovCursor *cursor)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int64_t end = offset + size;
    Blocks blocks;
    int ret = blocks_init(&blocks, file, size);

    if (ret < 0) {
        return ret;
    }
    block_file_count(channel, BLOCK_FILE_BOUNCED);
    while (ret == 0 && offset < end) {
        char *data;

        blocks_set(&blocks, file, offset, end - offset);
        ret = read_edges(channel, &blocks);
        if (ret < 0) {
            break;
        }
        data = blocks.buf + (offset - blocks.start);
        if (cursor) {
            iov_read(cursor, data, blocks.end - offset);
        } else {
            memset(data, 0, blocks.end - offset);
        }
        ret = aio_file_co_write(channel->file, blocks.start, blocks.buf,
                                blocks.size);
        ret = MIN(ret, 0);
        offset = blocks.end;
    }
    free(blocks.buf);
    return ret;
}

static bool is_whole_blocks(const BlockFile *file, int64_t offset,
                            int64_t size)
{
    return ((offset | size) & (file->align_bytes - 1)) == 0;
}

/* Locks `blocks` as a change of the range needs it. */
static int coroutine_fn bounce(BlockFileChannel *channel, int64_t offset,
                               int64_t size, IovCursor *cursor)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int ret;

    if (is_whole_blocks(file, offset, size)) {
        co_rwlock_rdlock(&file->blocks);
    } else {
        co_rwlock_wrlock(&file->blocks);
    }
    ret = bounce_locked(channel, offset, size, cursor);
    co_rwlock_unlock(&file->blocks);
    return ret;
}

int block_file_bounce_write(BlockFileChannel *channel,
                            const BlockRequest *req)
{
    IovCursor cursor = { req->iov, 0 };

    return bounce(channel, req->offset_bytes, req->size_bytes, &cursor);
}

int block_file_write_zeroes(BlockFileChannel *channel, int64_t offset_bytes,
                            int64_t size_bytes)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int64_t end = offset_bytes + size_bytes;
    int64_t first_block = MIN(round_up(file, offset_bytes), end);
    int64_t last_end = MAX(round_down(file, end), first_block);
    int ret = 0;

    if (offset_bytes < first_block) {
        ret = bounce(channel, offset_bytes, first_block - offset_bytes, NULL);
    }
    if (ret == 0 && first_block < last_end) {
        co_rwlock_rdlock(&file->blocks);
        ret = aio_file_co_write_zeroes(channel->file, first_block,
                                       last_end - first_block);
        co_rwlock_unlock(&file->blocks);
    }
    if (ret == 0 && last_end < end) {
        ret = bounce(channel, last_end, end - last_end, NULL);
    }
    return ret;
}
