/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Classes of drives.
 *
 * A class derives from "block-backend".  It opens the drive, and carries out
 * requests of several loops at the same time.  What it needs in each loop is
 * in its structure of a channel.  A filter is a class that passes requests on
 * to another drive.
 */
#ifndef BLOCK_CLASS_H
#define BLOCK_CLASS_H

#include "block.h"

#include "util/lock.h"

#include <stdatomic.h>

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
