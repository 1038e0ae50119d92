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
 * A filter is a drive that passes requests on to another drive.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include "aio/coroutine/coroutine.h"
#include "qom/object.h"
#include "util/lock.h"

#include <stdatomic.h>
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

/* ---- For users of drives ---- */

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

/* ---- For classes of drives ---- */

/* One request, as a class receives it: checked, and never of 0 bytes unless it
 * is a flush. */
typedef struct BlockRequest {
    BlockOp op;
    unsigned flags; /* BLOCK_* */
    int64_t offset_bytes;
    int64_t size_bytes;
    const struct iovec *iov;  /* read, write: @size_bytes together */
    int n_iov;
    BlockExtent *extents;     /* status */
    unsigned max_extents;     /* status */
} BlockRequest;

struct BlockBackendClass {
    ObjectClass parent_class;

    size_t channel_size; /* of the class's channel structure, in bytes */
    bool can_fua;        /* co_request() carries out BLOCK_FUA; otherwise the
                            caller flushes */

    /*
     * Opens the drive when all properties are set, and fills `info`.
     * instance_finalize closes it.  Main thread.
     *
     * Returns: true; false with @errp set
     */
    bool (*open)(BlockBackend *drive, Error **errp);

    /*
     * (nullable) Prepares a channel, of which the common part is filled.  Home
     * thread.
     *
     * Returns: true; false with @errp set
     */
    bool (*channel_open)(BlockChannel *channel, Error **errp);

    /* (nullable) Releases what channel_open() acquired.  Home thread. */
    void (*channel_close)(BlockChannel *channel);

    /*
     * (nullable) A drained section of the channel has begun or ended; a filter
     * passes it on.  Home thread.
     */
    void (*channel_drain)(BlockChannel *channel, bool begin);

    /*
     * Carries out a request.  Several run concurrently, in several threads.
     * Home thread, in a coroutine.
     *
     * Returns: 0, for BLOCK_OP_STATUS the number of extents; or a negative
     *          errno value
     */
    int coroutine_fn (*co_request)(BlockChannel *channel,
                                   const BlockRequest *req);

    /*
     * (nullable) Implements block_channel_get_cached() for a read that was
     * checked.  Home thread.
     */
    bool (*get_cached)(BlockChannel *channel, const BlockRequest *req, int *fd,
                       int64_t *fd_offset_bytes);

    /*
     * (nullable) Implements block_channel_try_write() for a write that was
     * checked.  Home thread.
     */
    bool (*try_write)(BlockChannel *channel, const BlockRequest *req);
};

#define BLOCK_OWN_COUNTERS 4

/* What a channel has done, written by its home thread and read by any. */
typedef struct BlockCounters {
    _Atomic uint64_t requests[BLOCK_OP__MAX];
    _Atomic uint64_t bytes[BLOCK_OP__MAX];  /* of those that succeeded */
    _Atomic uint64_t failed[BLOCK_OP__MAX];
    _Atomic uint64_t own[BLOCK_OWN_COUNTERS]; /* the class knows of what */
} BlockCounters;

struct BlockBackend {
    Object parent_obj;

    bool read_only;
    struct BlockStats *stats; /* as of the last read */

    BlockInfo info;
    atomic_bool may_have_holes; /* set by the class, when it opens the drive or
                                   later */
    Lock lock;              /* guards what follows */
    BlockChannel *channels; /* (nullable) the first one */
    BlockCounters closed;   /* sum of the channels that were closed */
};

/* The common part of every channel, at the start of the class's structure. */
struct BlockChannel {
    BlockBackend *drive;
    BlockBackendClass *klass;
    AioContext *ctx;
    BlockChannel *next;    /* (nullable) of the drive */
    unsigned n_users;      /* under the drive's lock */
    unsigned n_drained;    /* sections of block_channel_drain_begin() */
    _Atomic uint32_t n_in_flight;
    BlockCounters counters;
};

/**
 * block_count: adds to a counter of a channel
 * @counter: one of the channel's
 * @n: what to add
 *
 * Thread: home thread of the channel's loop
 */
static inline void block_count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(
        counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
        memory_order_relaxed);
}

/**
 * block_backend_get_counters: adds up the counters of all channels of a drive,
 *                             also of those that were closed
 * @drive: the drive; borrowed
 * @sum: (out) the sums
 *
 * Thread: any
 */
void block_backend_get_counters(BlockBackend *drive, BlockCounters *sum);

/**
 * block_co_request: submits a request as a filter received it
 * @channel: the channel of the other drive
 * @req: the request; borrowed during the call
 *
 * Returns: as the function for @req->op returns
 * Thread: home thread of the channel's loop, in a coroutine
 */
int coroutine_fn block_co_request(BlockChannel *channel,
                                  const BlockRequest *req);

/**
 * block_extent_add: appends an extent to the answer of BLOCK_OP_STATUS
 * @req: the request
 * @n: number of extents so far
 * @size_bytes: size of the new extent, >= 0; 0 adds nothing
 * @state: BLOCK_EXTENT_*; an extent of the same state as the last one is
 *         merged with it
 *
 * Returns: the new number of extents; @req->max_extents + 1 if there is no room
 *          for another one
 * Thread: any
 */
unsigned block_extent_add(const BlockRequest *req, unsigned n,
                          int64_t size_bytes, unsigned state);

#endif
