/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O with system calls in workers of the thread pool.
 *
 * A worker carries out a whole request: it repeats the system call after an
 * interruption and after a part.  Other engines pass requests that they cannot
 * carry out to these functions.
 *
 * A read that the page cache can serve needs no worker: preadv2() with
 * RWF_NOWAIT reads the part that is in the cache.  On some kernels a result of
 * 0 does not mean the end of the file, so a worker reads again.  The C
 * library's preadv2() is a cancellation point, which costs as much as the rest
 * of the read, so the system call is made directly.
 */
#include "aio/file/file-io-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A worker copies a longer read, so that it does not delay the loop.  Copying
 * this much takes about a tenth of a millisecond. */
#define MAX_CACHED_BYTES (1024 * 1024)

#define ZEROES_BYTES (256 * 1024)
#define ZEROES_ALIGN 4096

/* Never written, so all of its pages are the zero page. */
static char zeroes[ZEROES_BYTES] __attribute__((aligned(ZEROES_ALIGN)));

/* ---- In the thread ---- */

static int device_range(int fd, unsigned long what, int64_t offset,
                        int64_t size)
{
    uint64_t range[2] = { offset, size };

    return ioctl(fd, what, range);
}

static int file_discard(const AioFileRequest *req)
{
    const AioFile *file = req->file;

    if (file->is_block) {
        return device_range(file->fd, BLKDISCARD, req->offset, req->size);
    }
    return fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                     req->offset, req->size);
}

/*
 * Writes zeroes; what is written is removed from the request.
 *
 * Returns: 0, or -1 with errno set
 */
static int file_write_zeroes_slowly(AioFileRequest *req)
{
    while (req->size > 0) {
        ssize_t n = pwrite(req->file->fd, zeroes, MIN(req->size, ZEROES_BYTES),
                           req->offset);

        if (n == 0) {
            errno = ENOSPC;
        }
        if (n <= 0) {
            return -1;
        }
        req->offset += n;
        req->size -= n;
    }
    return 0;
}

static int file_write_zeroes(AioFileRequest *req)
{
    const AioFile *file = req->file;
    int ret;

    if (file->is_block) {
        ret = device_range(file->fd, BLKZEROOUT, req->offset, req->size);
    } else {
        ret = fallocate(file->fd, FALLOC_FL_ZERO_RANGE, req->offset,
                        req->size);
    }
    if (ret < 0 && file_error_is_unsupported(errno)) {
        ret = file_write_zeroes_slowly(req);
    }
    return ret;
}

/* Returns: the result of the system call; -1 with errno set */
static ssize_t file_do_once(AioFileRequest *req)
{
    int fd = req->file->fd;

    switch (req->op) {
    case FILE_OP_READ:
        return preadv(fd, req->iov, req->n_iov, req->offset);
    case FILE_OP_WRITE:
        return pwritev(fd, req->iov, req->n_iov, req->offset);
    case FILE_OP_FLUSH:
        return fdatasync(fd);
    case FILE_OP_DISCARD:
        return file_discard(req);
    case FILE_OP_WRITE_ZEROES:
        return file_write_zeroes(req);
    }
    g_assert_not_reached();
}

/* Repeats the system call until file_request_advance() returns true. */
static int file_thread_run(void *opaque)
{
    AioFileRequest *req = opaque;
    ssize_t n = file_do_once(req);

    while (!file_request_advance(req, n < 0 ? -errno : n)) {
        if (n < 0) {
            sched_yield();
        }
        n = file_do_once(req);
    }
    return req->ret;
}

/* ---- In the loop ---- */

static void file_thread_done(void *opaque, int ret)
{
    AioFileRequest *req = opaque;

    req->pool_req = NULL;
    req->ret = ret;
    req->is_finished = true;
    file_request_complete(req);
}

void file_threads_submit(FileEngine *engine, AioFileRequest *req)
{
    req->pool_req = thread_pool_submit_aio(file_thread_run, req,
                                           file_thread_done, req);
}

void file_threads_cancel(FileEngine *engine, AioFileRequest *req)
{
    thread_pool_cancel(req->pool_req);
}

/* Returns: the result of preadv2(2); -1 with errno set */
static ssize_t file_preadv2_nowait(const AioFileRequest *req)
{
    uint64_t offset = req->offset;

    /* The two halves of the offset; with 64-bit longs the first is all. */
    return syscall(SYS_preadv2, (long)req->file->fd, req->iov,
                   (long)req->n_iov, (long)offset, (long)(offset >> 32),
                   (long)RWF_NOWAIT);
}

bool file_read_cached(AioFileRequest *req)
{
    AioFile *file = req->file;
    ssize_t n;

    if (req->op != FILE_OP_READ || !file->may_read_cached ||
        req->size > MAX_CACHED_BYTES) {
        return false;
    }
    n = file_preadv2_nowait(req);
    if (n > 0) {
        return file_request_advance(req, n);
    }
    if (n < 0 && file_error_is_unsupported(errno)) {
        file->may_read_cached = false;
    }
    return false;
}

static void threads_submit(FileEngine *engine, AioFileRequest *req)
{
    if (file_read_cached(req)) {
        file_request_finish(req, req->ret);
    } else {
        file_threads_submit(engine, req);
    }
}

static FileEngine *threads_create(AioContext *ctx, Error **errp)
{
    FileEngine *engine = g_new0(FileEngine, 1);

    file_engine_init(engine, &file_threads_ops, ctx);
    return engine;
}

static void threads_destroy(FileEngine *engine)
{
    file_engine_cleanup(engine);
    g_free(engine);
}

const FileEngineOps file_threads_ops = {
    .kind = AIO_FILE_ENGINE_THREADS,
    .create = threads_create,
    .destroy = threads_destroy,
    .submit = threads_submit,
    .cancel = file_threads_cancel,
};
