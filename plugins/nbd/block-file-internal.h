/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the source files of block-file share.
 *
 * A drive has one file descriptor.  Each channel has an AioFile for it, with
 * which its loop reads and writes.
 */
#ifndef BLOCK_FILE_INTERNAL_H
#define BLOCK_FILE_INTERNAL_H

#include "block-class.h"

#include "aio/coroutine/coroutine-lock.h"
#include "aio/file/file-io.h"

#define TYPE_BLOCK_FILE "block-file"
OBJECT_DECLARE_SIMPLE_TYPE(BlockFile, BLOCK_FILE)

struct BlockFile {
    BlockBackend parent_obj;

    char *path;
    int cache;                   /* BlockFileCache */
    int aio;                     /* BlockFileAio */
    int write_in_loop;           /* BlockFileWriteInLoop */
    uint64_t size;               /* bytes; as of the last read */
    struct BlockFileStats *file_stats; /* as of the last read */

    /* Set by block_file_open_fd(). */
    int fd;
    int lock_fd;               /* of the lock; unset if there is none */
    BlockFile *next_locked;    /* (nullable) under the lock of the list */
    bool is_device;
    bool is_direct;            /* opened with O_DIRECT */
    bool is_in_memory;         /* there is no disk to wait for: tmpfs */
    uint32_t align_bytes;      /* of offsets and sizes; 1 unless is_direct */
    uint32_t align_memory;     /* of buffers in bytes; 1 unless is_direct */

    /* Loops read it; the main thread writes it. */
    atomic_int write_policy;   /* BlockFileWriteInLoop */
    atomic_bool cannot_nowait; /* the file system has no RWF_NOWAIT */
    atomic_bool cannot_tell;   /* the kernel has no cachestat() */
    atomic_bool cannot_discard;
    atomic_bool cannot_punch;  /* the file system has no holes */
    atomic_bool cannot_zero;   /* no zeroes without writing them */

    /*
     * A write that covers a part of a block of O_DIRECT reads the block first.
     * It is held for writing by such a request, and for reading by others that
     * change data, so that none of them changes the block in between.
     */
    CoRwlock blocks;
};

typedef struct BlockFileChannel {
    BlockChannel parent;

    AioFile *file;

    /* What write-in-loop=auto has learned.  Home thread. */
    unsigned suspect_writes; /* how many in the loop may follow a slow one
                                before it is forgotten */
    unsigned writes_to_skip; /* how many the engine still makes */
    unsigned next_skip;      /* how many it makes next time */
} BlockFileChannel;

/* Indices of the class's own counters */
enum {
    BLOCK_FILE_READS_IN_LOOP,
    BLOCK_FILE_WRITES_IN_LOOP,
    BLOCK_FILE_SLOW_WRITES,
    BLOCK_FILE_BOUNCED,
};

G_STATIC_ASSERT(BLOCK_FILE_BOUNCED < BLOCK_OWN_COUNTERS);

static inline void block_file_count(BlockFileChannel *channel, int counter)
{
    block_count(&channel->parent.counters.own[counter], 1);
}

/* ---- block-file-open.c ---- */

/*
 * Opens and locks the file, and fills what is derived from it.
 *
 * Returns: true; false with @errp set, and nothing is open
 */
bool block_file_open_fd(BlockFile *file, Error **errp);

/* Closes what block_file_open_fd() has opened; any thread. */
void block_file_close_fd(BlockFile *file);

/* ---- block-file-lock.c ---- */

/*
 * Takes the lock of a drive that can write, or shares that of the drive which
 * it replaces; main.
 *
 * Returns: true; false with @errp set if another drive has the lock
 */
bool block_file_lock(BlockFile *file, Error **errp);

/* Releases the lock before `fd` is closed; any thread. */
void block_file_unlock(BlockFile *file);

/* ---- block-file-direct.c ---- */

/* Returns true if O_DIRECT takes the request as it is. */
bool block_file_is_aligned(const BlockFile *file, const BlockRequest *req);

/* Carry out a read or write that is not aligned, through a buffer that is. */
int coroutine_fn block_file_bounce_read(BlockFileChannel *channel,
                                        const BlockRequest *req);
int coroutine_fn block_file_bounce_write(BlockFileChannel *channel,
                                         const BlockRequest *req);

/*
 * Writes zeroes to a range of a drive without O_DIRECT, or to whole blocks.
 * With O_DIRECT it writes the parts of blocks at the ends of the range itself.
 */
int coroutine_fn block_file_write_zeroes(BlockFileChannel *channel,
                                         int64_t offset_bytes,
                                         int64_t size_bytes);

/* ---- block-file-holes.c ---- */

/* Discard, write zeroes, block status: as BlockBackendClass.co_request() */
int coroutine_fn block_file_discard(BlockFileChannel *channel,
                                    const BlockRequest *req);
int coroutine_fn block_file_zero(BlockFileChannel *channel,
                                 const BlockRequest *req);
int coroutine_fn block_file_status(BlockFileChannel *channel,
                                   const BlockRequest *req);

/* ---- block-file-cached.c ---- */

/* Read and write; in the loop's thread if it does not have to wait. */
int coroutine_fn block_file_read(BlockFileChannel *channel,
                                 const BlockRequest *req);
int coroutine_fn block_file_write(BlockFileChannel *channel,
                                  const BlockRequest *req);

/* Implements block_channel_try_write(). */
bool block_file_try_write(BlockFileChannel *channel, const BlockRequest *req);

/* Implements block_channel_get_cached(). */
bool block_file_get_cached(BlockFileChannel *channel, const BlockRequest *req,
                           int *fd, int64_t *fd_offset_bytes);

/* What write-in-loop=auto begins with */
void block_file_cached_init(BlockFileChannel *channel);

#endif
