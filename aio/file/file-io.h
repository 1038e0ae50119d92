/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O on the loop: read and write files without waiting for them.
 *
 * An AioFile is a file descriptor in a context, and the engine that does its
 * requests: io_uring, Linux AIO or the thread pool.  A request is submitted
 * with a callback, which comes in the loop when it is over, or in a coroutine,
 * which goes on when it is over.  A callback never comes before the function
 * that submitted its request has returned.
 *
 * Results are those of the system calls, errors as negative errno values.
 * What the kernel transfers in parts is one request here: it goes on until
 * all is done, the file ends or an error comes.
 *
 * Requests run at the same time and end in any order; who wants one after the
 * other waits in between.  Requests that are submitted between
 * defer_call_begin() and defer_call_end() reach the kernel together.
 *
 * Names begin with aio_file_, so that <aio.h> of POSIX, which has aio_read()
 * and its kind, can be included beside this.
 *
 * Thread: all functions home thread of the file's context
 * Contract: docs/file-io.md
 */
#ifndef QOM_AIO_FILE_IO_H
#define QOM_AIO_FILE_IO_H

#include "aio/coroutine/coroutine.h"

#include <sys/uio.h>

QOM_BEGIN_DECLS

typedef struct AioFile AioFile;
typedef struct AioFileRequest AioFileRequest;

typedef enum AioFileEngine {
    AIO_FILE_ENGINE_AUTO,      /* the best that works */
    AIO_FILE_ENGINE_THREADS,   /* the context's thread pool */
    AIO_FILE_ENGINE_LINUX_AIO, /* io_submit(2), for files opened O_DIRECT */
    AIO_FILE_ENGINE_IO_URING,
    AIO_FILE_ENGINE__MAX,
} AioFileEngine;

/**
 * AioFileFunc: called when a request is over
 * @opaque: as it was submitted
 * @ret: bytes that were read or written, for other requests 0; or a negative
 *       errno value
 */
typedef void AioFileFunc(void *opaque, int ret);

/* ---- Files ---- */

/**
 * aio_file_new: have a context do a file's I/O
 * @ctx: borrowed; freed after the file
 * @fd: a file, or a block device; borrowed, and open and the same file until
 *      aio_file_free()
 * @engine: who does it; AIO_FILE_ENGINE_AUTO takes io_uring, else Linux AIO
 *          for a file that was opened with O_DIRECT, else threads
 * @errp: (nullable) set when @fd is no descriptor, or the kernel or this build
 *        refuses the engine that was chosen
 *
 * A context has an engine from the first file on that needs it.
 *
 * Returns: (transfer full) (nullable)
 */
AioFile *aio_file_new(AioContext *ctx, int fd, AioFileEngine engine,
                      Error **errp);

/**
 * aio_file_free: give a file up
 * @file: (nullable) consumed; a request that is not over aborts
 *
 * Its descriptor stays open.  In a child process requests of the parent may be
 * pending, and the parent's I/O is not affected.
 */
void aio_file_free(AioFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioFile, aio_file_free)

/**
 * aio_file_get_engine: which engine does a file's requests
 * @file: the file
 *
 * Returns: never AIO_FILE_ENGINE_AUTO
 */
AioFileEngine aio_file_get_engine(const AioFile *file);

/**
 * aio_file_engine_name: an engine's name
 * @engine: the engine
 *
 * Returns: static text: "auto", "threads", "linux-aio" or "io_uring"
 */
const char *aio_file_engine_name(AioFileEngine engine);

/**
 * aio_file_set_max_batch: how many requests to hand to the kernel at a time
 * @file: the file
 * @max_batch: requests; 0, as in a new file, for no limit of its own
 *
 * From the next request on.  The smaller one of this and of
 * aio_context_set_aio_params() counts; when both are 0 it is up to the engine.
 */
void aio_file_set_max_batch(AioFile *file, unsigned max_batch);

/* ---- Requests with a callback ---- */

/**
 * aio_file_read: read from a file
 * @file: the file
 * @offset_bytes: where, >= 0
 * @buf: @size_bytes bytes, borrowed until @cb is called
 * @size_bytes: at most INT_MAX
 * @cb: called with the bytes read, fewer than @size_bytes only where the file
 *      ends; with -EINVAL if a number is not as above; with an error also
 *      when a part was read before
 * @opaque: passed to @cb
 *
 * A size of 0 is a success, whatever the file.
 *
 * Returns: borrowed; gone when @cb is called
 */
AioFileRequest *aio_file_read(AioFile *file, int64_t offset_bytes, void *buf,
                              size_t size_bytes, AioFileFunc *cb,
                              void *opaque);

/**
 * aio_file_write: write to a file
 * @buf: borrowed until @cb is called
 * @cb: called with @size_bytes, or an error; -ENOSPC also when the kernel
 *      takes nothing and does not say why
 *
 * All else as for aio_file_read().
 */
AioFileRequest *aio_file_write(AioFile *file, int64_t offset_bytes,
                               const void *buf, size_t size_bytes,
                               AioFileFunc *cb, void *opaque);

/**
 * aio_file_readv: read into several buffers
 * @iov: @n_iov buffers, together at most INT_MAX bytes; the array is copied,
 *       the buffers are borrowed until @cb is called
 * @n_iov: 0 to IOV_MAX
 *
 * All else as for aio_file_read().
 */
AioFileRequest *aio_file_readv(AioFile *file, int64_t offset_bytes,
                               const struct iovec *iov, int n_iov,
                               AioFileFunc *cb, void *opaque);

/**
 * aio_file_writev: write from several buffers
 *
 * As aio_file_readv() and aio_file_write().
 */
AioFileRequest *aio_file_writev(AioFile *file, int64_t offset_bytes,
                                const struct iovec *iov, int n_iov,
                                AioFileFunc *cb, void *opaque);

/**
 * aio_file_flush: have all data that was written reach the disk
 * @file: the file
 * @cb: called with 0 or an error, see fdatasync(2)
 * @opaque: passed to @cb
 *
 * Writes count whose callbacks were called before.
 *
 * Returns: borrowed; gone when @cb is called
 */
AioFileRequest *aio_file_flush(AioFile *file, AioFileFunc *cb, void *opaque);

/**
 * aio_file_discard: give a range of a file back to the disk
 * @file: the file; its size does not change
 * @offset_bytes: where, >= 0
 * @size_bytes: >= 0
 * @cb: called with 0; -ENOTSUP when the file system or device cannot;
 *      -EINVAL if a number is not as above, or a device's range is not one of
 *      whole sectors inside of it
 * @opaque: passed to @cb
 *
 * A file's range then reads as zeroes, a device's as the device pleases.
 *
 * Returns: borrowed; gone when @cb is called
 */
AioFileRequest *aio_file_discard(AioFile *file, int64_t offset_bytes,
                                 int64_t size_bytes, AioFileFunc *cb,
                                 void *opaque);

/**
 * aio_file_write_zeroes: make a range of a file read as zeroes
 * @cb: called with 0 or an error
 *
 * The file grows if the range is beyond its end.  Zeroes are written where
 * there is no quicker way.  All else as for aio_file_discard().
 */
AioFileRequest *aio_file_write_zeroes(AioFile *file, int64_t offset_bytes,
                                      int64_t size_bytes, AioFileFunc *cb,
                                      void *opaque);

/**
 * aio_file_cancel: have a request end soon
 * @req: a request whose callback was not called yet
 *
 * One that was not begun ends with -ECANCELED.  For one that was, the engine
 * asks the kernel; it ends with -ECANCELED, or as if nothing had happened.
 * The callback is called in any case, and not before this returns.  What was
 * transferred by then is left as it is.
 */
void aio_file_cancel(AioFileRequest *req);

/* ---- Requests in a coroutine ---- */

/*
 * Each waits until the request is over and returns what the callback would
 * get.  Where the engine has the result at once, they return at once; a
 * coroutine that never has to wait still gives the loop a turn now and then.
 */

int coroutine_fn aio_file_co_read(AioFile *file, int64_t offset_bytes,
                                  void *buf, size_t size_bytes);
int coroutine_fn aio_file_co_write(AioFile *file, int64_t offset_bytes,
                                   const void *buf, size_t size_bytes);
int coroutine_fn aio_file_co_readv(AioFile *file, int64_t offset_bytes,
                                   const struct iovec *iov, int n_iov);
int coroutine_fn aio_file_co_writev(AioFile *file, int64_t offset_bytes,
                                    const struct iovec *iov, int n_iov);
int coroutine_fn aio_file_co_flush(AioFile *file);
int coroutine_fn aio_file_co_discard(AioFile *file, int64_t offset_bytes,
                                     int64_t size_bytes);
int coroutine_fn aio_file_co_write_zeroes(AioFile *file,
                                          int64_t offset_bytes,
                                          int64_t size_bytes);

QOM_END_DECLS

#endif
