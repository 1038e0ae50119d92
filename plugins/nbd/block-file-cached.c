/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads and writes of the page cache, and which thread makes them.
 *
 * A read that the page cache can serve is made in the loop's thread: with
 * RWF_NOWAIT the kernel refuses to wait for the disk, and the read then goes
 * to the I/O engine.  tmpfs does not know the flag, and never waits for a disk
 * unless its pages are swapped out, like all memory of the process.
 *
 * A write in the loop's thread costs half of one that a thread of the pool
 * makes.  But it may wait, for example for the disk while too many pages are
 * dirty, and then all requests of the loop wait.  With write-in-loop=auto a
 * channel times its writes.  A single slow one may only mean that the thread
 * lost its CPU.  After a second one within 64 writes, the engine makes the next
 * ones: 64 at first, and twice as many each time, up to 65,536.  Then writes in
 * the loop find out whether they are fast again.
 *
 * The C library's preadv2() and pwritev2() are cancellation points, which costs
 * as much as the rest of a small read, so the system calls are made directly.
 */
#include "block-file-internal.h"

#include "qapi-types-block.h"

#include "util/clock.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A larger transfer would keep the loop from other work. */
#define MAX_IN_LOOP_BYTES (1024 * 1024)

/* A write that takes longer has waited for something. */
#define SLOW_NS (2 * SCALE_MS)

/* How many writes later the next slow one still counts as the second. */
#define SUSPECT_WRITES 64

#define MIN_SKIP 64
#define MAX_SKIP 65536

/* Returns: as preadv2(2) and pwritev2(2) */
static ssize_t transfer_here(long call, const BlockFile *file,
                             const BlockRequest *req, int flags)
{
    uint64_t offset = req->offset_bytes;

    /* The two halves of the offset; with 64-bit longs the first is all. */
    return syscall(call, (long)file->fd, req->iov, (long)req->n_iov,
                   (long)offset, (long)(offset >> 32), (long)flags);
}

/* ---- Reads ---- */

/* Returns true if all of the range was in the page cache and was read. */
static bool read_here(BlockFile *file, const BlockRequest *req)
{
    ssize_t n;

    if (file->is_direct || req->size_bytes > MAX_IN_LOOP_BYTES ||
        atomic_load_explicit(&file->cannot_nowait, memory_order_relaxed)) {
        return false;
    }
    n = transfer_here(SYS_preadv2, file, req,
                      file->is_in_memory ? 0 : RWF_NOWAIT);
    if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS ||
                  errno == EINVAL)) {
        atomic_store_explicit(&file->cannot_nowait, true,
                              memory_order_relaxed);
    }
    return n == req->size_bytes;
}

int block_file_read(BlockFileChannel *channel, const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int n;

    if (read_here(file, req)) {
        block_file_count(channel, BLOCK_FILE_READS_IN_LOOP);
        return 0;
    }
    n = aio_file_co_readv(channel->file, req->offset_bytes, req->iov,
                          req->n_iov);
    if (n >= 0 && n < req->size_bytes) {
        return -EIO; /* another program has truncated the file */
    }
    return MIN(n, 0);
}

/* As in <linux/mman.h>, which older systems have without this. */
typedef struct CacheRange {
    uint64_t offset_bytes;
    uint64_t size_bytes;
} CacheRange;

typedef struct CacheStat {
    uint64_t n_cached; /* pages */
    uint64_t n_dirty;
    uint64_t n_writeback;
    uint64_t n_evicted;
    uint64_t n_recently_evicted;
} CacheStat;

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* on all machines; Linux 6.5 */
#endif

/*
 * A page that is just being read from the disk is in the page cache, too.  The
 * kernel refuses to wait for it.
 *
 * Returns true if the page of @offset_bytes has its data
 */
static bool page_has_data(const BlockFile *file, uint64_t offset_bytes)
{
    char byte;
    const struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
    const BlockRequest req = {
        .offset_bytes = offset_bytes, .iov = &iov, .n_iov = 1,
    };

    return file->is_in_memory ||
           transfer_here(SYS_preadv2, file, &req, RWF_NOWAIT) == 1;
}

/*
 * The kernel reads pages in order.  So if the first and the last page have
 * their data, the others do unless a smaller read is in flight between them.  A
 * page may also be evicted after this.  In both cases a reader waits for one
 * read of the disk.
 */
bool block_file_get_cached(BlockFileChannel *channel, const BlockRequest *req,
                           int *fd, int64_t *fd_offset_bytes)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    const CacheRange range = { req->offset_bytes, req->size_bytes };
    uint64_t page = sysconf(_SC_PAGESIZE);
    uint64_t first = range.offset_bytes / page;
    uint64_t last = (range.offset_bytes + range.size_bytes - 1) / page;
    CacheStat stat = { 0 };

    if (file->is_direct ||
        atomic_load_explicit(&file->cannot_tell, memory_order_relaxed)) {
        return false;
    }
    if (syscall(SYS_cachestat, file->fd, &range, &stat, 0) < 0) {
        atomic_store_explicit(&file->cannot_tell, true, memory_order_relaxed);
        return false;
    }
    if (stat.n_cached != last - first + 1 ||
        !page_has_data(file, range.offset_bytes) ||
        !page_has_data(file, range.offset_bytes + range.size_bytes - 1)) {
        return false;
    }
    *fd = file->fd;
    *fd_offset_bytes = req->offset_bytes;
    block_file_count(channel, BLOCK_FILE_READS_IN_LOOP);
    return true;
}

/* ---- Writes ---- */

/* Returns true if the loop's thread is to make this write. */
static bool may_write_here(BlockFile *file, const BlockFileChannel *channel,
                           int64_t size_bytes)
{
    int policy = atomic_load_explicit(&file->write_policy,
                                      memory_order_relaxed);

    if (file->is_direct || policy == BLOCK_FILE_WRITE_IN_LOOP_OFF ||
        size_bytes > MAX_IN_LOOP_BYTES) {
        return false;
    }
    return policy == BLOCK_FILE_WRITE_IN_LOOP_ON ||
           channel->writes_to_skip == 0;
}

/* A write took @ns. */
static void learn(BlockFileChannel *channel, int64_t ns)
{
    bool is_suspect = channel->suspect_writes > 0;

    channel->suspect_writes -= is_suspect;
    if (ns <= SLOW_NS) {
        if (channel->next_skip > MIN_SKIP) {
            channel->next_skip--;
        }
        return;
    }
    block_file_count(channel, BLOCK_FILE_SLOW_WRITES);
    channel->suspect_writes = SUSPECT_WRITES;
    if (is_suspect) {
        channel->writes_to_skip = channel->next_skip;
        channel->next_skip = MIN(channel->next_skip * 2, MAX_SKIP);
    }
}

/* As write(2).  With an array of buffers it costs the kernel 100 ns more. */
static ssize_t write_once(const BlockFile *file, const BlockRequest *req)
{
    return req->n_iov == 1
        ? pwrite(file->fd, req->iov->iov_base, req->iov->iov_len,
                 req->offset_bytes)
        : transfer_here(SYS_pwritev2, file, req, 0);
}

/* After a part, a signal or an error, the engine writes all of it. */
bool block_file_try_write(BlockFileChannel *channel, const BlockRequest *req)
{
    BlockFile *file = BLOCK_FILE(channel->parent.drive);
    int64_t start;
    ssize_t n;

    if (!may_write_here(file, channel, req->size_bytes)) {
        return false;
    }
    start = clock_get_ns(AIO_CLOCK_REALTIME);
    n = write_once(file, req);
    learn(channel, clock_get_ns(AIO_CLOCK_REALTIME) - start);
    if (n != req->size_bytes) {
        return false;
    }
    block_file_count(channel, BLOCK_FILE_WRITES_IN_LOOP);
    return true;
}

int block_file_write(BlockFileChannel *channel, const BlockRequest *req)
{
    int ret;

    if (block_file_try_write(channel, req)) {
        return 0;
    }
    if (channel->writes_to_skip > 0) {
        channel->writes_to_skip--;
    }
    ret = aio_file_co_writev(channel->file, req->offset_bytes, req->iov,
                             req->n_iov);
    return MIN(ret, 0);
}

void block_file_cached_init(BlockFileChannel *channel)
{
    channel->suspect_writes = 0;
    channel->writes_to_skip = 0;
    channel->next_skip = MIN_SKIP;
}
