/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drives: the objects that hold the data of a disk.
 *
 * A drive is an object of a class that derives from "block-backend".  It is
 * used through channels.  A channel binds the drive to one event loop, whose
 * home thread submits requests through it.  Any number of loops may use a drive
 * at the same time, each through its own channel, and all users of a drive in
 * one loop share one channel:
 *
 *     channel = block_channel_get(drive, errp);       // in the home thread
 *     ret = block_co_read(channel, 0, &iov, 1);       // in a coroutine
 *     block_channel_put(channel);
 *
 * Every request returns 0 or a negative errno value.  Requests run concurrently
 * and complete in any order.  Requests that overlap and of which one writes
 * have no order unless the caller waits for the first before it submits the
 * second.  A flush covers every write that completed before the flush began,
 * through any channel of the drive.
 *
 * block-class.h is for those who write a class of drives.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "aio/coroutine/coroutine.h"
#include "qom/object.h"

#include <sys/uio.h>

#define TYPE_BLOCK_BACKEND "block-backend"
OBJECT_DECLARE_TYPE(BlockBackend, BlockBackendClass, BLOCK_BACKEND)

typedef struct BlockChannel BlockChannel;

typedef enum BlockOp {
    BLOCK_OP_READ,
    BLOCK_OP_WRITE,
    BLOCK_OP_FLUSH,
    BLOCK_OP_DISCARD,
    BLOCK_OP_WRITE_ZEROES,
    BLOCK_OP_STATUS,
    BLOCK_OP__MAX,
} BlockOp;

/* Flags of requests */
enum {
    /* Write, write zeroes: the data is on the disk when the request ends. */
    BLOCK_FUA = 1 << 0,
    /* Write zeroes: keep the disk space allocated. */
    BLOCK_NO_HOLE = 1 << 1,
    /* Write zeroes: -ENOTSUP at once instead of writing zeroes slowly. */
    BLOCK_FAST = 1 << 2,
};

/* What is known about a part of a drive */
enum {
    BLOCK_EXTENT_HOLE = 1 << 0, /* no disk space is allocated */
    BLOCK_EXTENT_ZERO = 1 << 1, /* reads as zeroes */
};

typedef struct BlockExtent {
    int64_t size_bytes; /* > 0 */
    unsigned state;     /* BLOCK_EXTENT_* */
} BlockExtent;

/* The properties of a drive that users of its channels need.  They are set when
 * the drive is completed and stay the same. */
typedef struct BlockInfo {
    int64_t size_bytes;
    uint32_t block_bytes;        /* preferred alignment, a power of two */
    uint32_t max_transfer_bytes; /* of one read or write */
    bool is_read_only;
    bool is_rotational;          /* seeks are slow */
} BlockInfo;

/**
 * block_backend_get_info: gets the size and the limits of a drive
 * @drive: a drive that is complete; borrowed
 *
 * Returns: borrowed from @drive; it never changes
 * Thread: any
 */
const BlockInfo *block_backend_get_info(const BlockBackend *drive);

/**
 * block_channel_get: gets the channel of a drive for the current event loop
 * @drive: a drive that is complete; the channel keeps a reference to it
 * @errp: set if the drive cannot be used in this loop
 *
 * Returns: (transfer full) (nullable) the channel, for block_channel_put();
 *          NULL with @errp set
 * Thread: home thread of the loop
 */
BlockChannel *block_channel_get(BlockBackend *drive, Error **errp);

/**
 * block_channel_put: releases a channel
 * @channel: (nullable) consumed.  The caller has no request in flight
 *
 * The channel is closed when the last of its users releases it.  A request that
 * is then still in flight is a programming error and aborts.
 *
 * Thread: home thread of the channel's loop
 */
void block_channel_put(BlockChannel *channel);

/**
 * block_channel_drain_begin: lets waiting requests of a channel proceed
 * @channel: the channel
 *
 * From now on no request of the channel waits for a limit that a filter
 * imposes; the filter counts it and makes later requests wait longer.  Requests
 * that wait already proceed.  A user calls it before it waits for its own
 * requests in flight, for example to move to another loop.  Calls nest.
 *
 * Thread: home thread of the channel's loop
 */
void block_channel_drain_begin(BlockChannel *channel);

/**
 * block_channel_drain_end: ends what block_channel_drain_begin() began
 * @channel: the channel
 *
 * Thread: home thread of the channel's loop
 */
void block_channel_drain_end(BlockChannel *channel);

/*
 * The functions below wait until the request has completed.  If the drive has
 * the result immediately, they return without yielding.
 *
 * Common results: -EINVAL for numbers out of range, for a range that ends
 * beyond the drive (-ENOSPC for writes and for write zeroes), for unknown
 * flags; -EPERM for a request that changes a read-only drive; -ECANCELED if
 * the coroutine was cancelled while the request waited for a limit.
 */

/**
 * block_co_read: reads from a drive
 * @channel: the channel; borrowed
 * @offset_bytes: where to read, >= 0
 * @iov: @n_iov buffers, borrowed during the call
 * @n_iov: number of buffers, 0 to IOV_MAX
 *
 * Returns: 0 if all bytes were read; or a negative errno value
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_read(BlockChannel *channel, int64_t offset_bytes,
                               const struct iovec *iov, int n_iov);

/**
 * block_co_write: writes to a drive
 * @channel: the channel; borrowed
 * @offset_bytes: where to write, >= 0
 * @iov: @n_iov buffers, borrowed during the call
 * @n_iov: number of buffers, 0 to IOV_MAX
 * @flags: 0 or BLOCK_FUA
 *
 * Returns: 0 if all bytes were written; or a negative errno value, and then any
 *          part may have been written
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_write(BlockChannel *channel, int64_t offset_bytes,
                                const struct iovec *iov, int n_iov,
                                unsigned flags);

/**
 * block_co_flush: makes written data reach the disk
 * @channel: the channel; borrowed
 *
 * Returns: 0, or a negative errno value
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_flush(BlockChannel *channel);

/**
 * block_co_discard: tells a drive that a range is not needed any longer
 * @channel: the channel; borrowed
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 * @flags: 0 or BLOCK_FUA
 *
 * The range then reads as zeroes or as before; a drive that cannot discard does
 * nothing and succeeds.
 *
 * Returns: 0, or a negative errno value
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_discard(BlockChannel *channel, int64_t offset_bytes,
                                  int64_t size_bytes, unsigned flags);

/**
 * block_co_write_zeroes: makes a range of a drive read as zeroes
 * @channel: the channel; borrowed
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 * @flags: any of BLOCK_FUA, BLOCK_NO_HOLE and BLOCK_FAST
 *
 * Returns: 0; -ENOTSUP if @flags has BLOCK_FAST and the drive would have to
 *          write zeroes; or another negative errno value
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_write_zeroes(BlockChannel *channel,
                                       int64_t offset_bytes,
                                       int64_t size_bytes, unsigned flags);

/**
 * block_co_status: finds out which parts of a range are allocated or zero
 * @channel: the channel; borrowed
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, > 0
 * @extents: (out) the first extent begins at @offset_bytes, each other one
 *           where the one before it ends.  They end at the end of the range or
 *           earlier, and neighbours have different states
 * @max_extents: number of elements of @extents, >= 1
 *
 * Returns: the number of extents, >= 1; or a negative errno value
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_status(BlockChannel *channel, int64_t offset_bytes,
                                 int64_t size_bytes, BlockExtent *extents,
                                 unsigned max_extents);

/**
 * block_channel_get_cached: gets a part of a drive as a part of a file
 * @channel: the channel; borrowed
 * @offset_bytes: start of the part
 * @size_bytes: size of the part
 * @fd: (out) a file descriptor, borrowed from the drive
 * @fd_offset_bytes: (out) where the part begins in the file
 *
 * A caller that only passes data on uses this with sendfile(2) instead of
 * block_co_read().  It counts as a read.
 *
 * Returns: true if all of the part is in the page cache, so that reading it
 *          does not wait; false if block_co_read() must be used, which also
 *          reports errors
 * Thread: home thread of the channel's loop
 */
bool block_channel_get_cached(BlockChannel *channel, int64_t offset_bytes,
                              int64_t size_bytes, int *fd,
                              int64_t *fd_offset_bytes);

/**
 * block_channel_try_write: writes if that needs no waiting
 * @channel: the channel; borrowed
 * @offset_bytes: start of the range
 * @data: what to write; borrowed until the return, and not aligned
 * @size_bytes: size of the range
 *
 * A caller whose memory is not its own for longer saves a copy.  It counts as a
 * write.
 *
 * Returns: true if everything is written; false if block_co_write() must be
 *          used, which also reports errors
 * Thread: home thread of the channel's loop
 */
bool block_channel_try_write(BlockChannel *channel, int64_t offset_bytes,
                             const void *data, int64_t size_bytes);

/**
 * block_channel_may_have_holes: tests whether a drive may have holes
 * @channel: the channel
 *
 * Returns: false if block_co_status() would hardly find any, so that asking
 *          before each read is not worth it
 */
bool block_channel_may_have_holes(const BlockChannel *channel);

#endif
