/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O on the event loop: reads and writes files without blocking the
 * loop's thread.
 *
 * An AioFile binds a file descriptor to a context and to the engine that
 * carries out its requests: io_uring, Linux AIO or the thread pool.  A request
 * reports its result to a callback, which the home thread calls, or to the
 * coroutine that submitted it.  A callback is never called before the function
 * that submitted its request has returned.
 *
 * Results are those of the system calls; errors are negative errno values.
 * The kernel may transfer a request in parts.  The engine continues until all
 * bytes are transferred, the file ends or an error occurs, so a request has
 * one result.
 *
 * Requests run concurrently and complete in any order.  A caller that needs an
 * order waits for one request before it submits the next.  Requests that are
 * submitted between defer_call_begin() and defer_call_end() reach the kernel
 * together.
 *
 * Each kind of request has a function with a callback, aio_file_read(), and one
 * that a coroutine calls, aio_file_co_read().  The functions, in the order of
 * this header:
 *
 *     aio_file_new() and others           files, and the engine of each
 *     aio_file_read(), _write(), _readv(), _writev(), _flush(), _discard(),
 *     _write_zeroes(), _cancel()          requests with a callback
 *     aio_file_co_read() and others       requests in a coroutine
 *
 * Names begin with aio_file_, so that a source file can include this header
 * and <aio.h> of POSIX, which declares aio_read() and the like.
 *
 * Thread: every function is called in the home thread of the file's context,
 * unless its comment says otherwise.  A call from another thread is a
 * programming error and aborts.
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
    AIO_FILE_ENGINE_AUTO,      /* the best engine that works for the file */
    AIO_FILE_ENGINE_THREADS,   /* the context's thread pool */
    AIO_FILE_ENGINE_LINUX_AIO, /* io_submit(2), for files opened O_DIRECT */
    AIO_FILE_ENGINE_IO_URING,
    AIO_FILE_ENGINE__MAX,
} AioFileEngine;

/**
 * AioFileFunc: called when a request has completed
 * @opaque: the pointer that was passed with the request
 * @ret: the number of bytes read or written, 0 for other requests; or a
 *       negative errno value
 *
 * The callback may submit and cancel requests, and it may run the loop.
 *
 * Thread: home thread
 */
typedef void AioFileFunc(void *opaque, int ret);

/* ---- Files ---- */

/**
 * aio_file_new: creates a file whose I/O a context carries out
 * @ctx: the context; borrowed, and kept by the caller until aio_file_free()
 * @fd: file descriptor of a file or a block device; borrowed.  It must stay
 *      open, and refer to the same file, until aio_file_free()
 * @engine: the engine; AIO_FILE_ENGINE_AUTO is io_uring if it is available,
 *          else Linux AIO for a file that was opened with O_DIRECT, else the
 *          thread pool
 * @errp: (nullable) set if @fd is not an open file descriptor, or if the
 *        kernel or this build does not have the engine that @engine names
 *
 * The context creates an engine for the first file that needs it and keeps it.
 *
 * Returns: (transfer full) (nullable) the file; NULL with @errp set on failure
 * Thread: home thread of @ctx
 */
AioFile *aio_file_new(AioContext *ctx, int fd, AioFileEngine engine,
                      Error **errp);

/**
 * aio_file_free: frees a file
 * @file: (nullable) consumed
 *
 * The file descriptor stays open.  A request that has not completed is a
 * programming error and aborts.  A child process may free a file that it
 * inherited with requests pending; the I/O of the parent is not affected.
 *
 * Thread: home thread of the file's context; in a child process, any
 */
void aio_file_free(AioFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioFile, aio_file_free)

/**
 * aio_file_get_engine: gets the engine that carries out a file's requests
 * @file: the file; borrowed
 *
 * Returns: the engine, never AIO_FILE_ENGINE_AUTO
 * Thread: any, one at a time
 */
AioFileEngine aio_file_get_engine(const AioFile *file);

/**
 * aio_file_engine_name: gets the name of an engine
 * @engine: a value below AIO_FILE_ENGINE__MAX; another one aborts
 *
 * Returns: static text: "auto", "threads", "linux-aio" or "io_uring"
 * Thread: any
 */
const char *aio_file_engine_name(AioFileEngine engine);

/**
 * aio_file_set_max_batch: limits how many requests are submitted to the kernel
 *                         together
 * @file: the file; borrowed
 * @max_batch: number of requests; 0 for no limit, which is the default
 *
 * The limit applies from the next request on.  The smaller one of this limit
 * and of the one set by aio_context_set_aio_params() is used.  If both are 0,
 * the engine decides.
 *
 * Thread: home thread
 */
void aio_file_set_max_batch(AioFile *file, unsigned max_batch);

/* ---- Requests with a callback ---- */

/**
 * aio_file_read: reads from a file
 * @file: the file; borrowed
 * @offset_bytes: where to read, >= 0
 * @buf: @size_bytes bytes; borrowed until @cb is called
 * @size_bytes: number of bytes, at most INT_MAX.  A size of 0 succeeds for
 *              every file
 * @cb: called with the number of bytes read, which is less than @size_bytes
 *      only at the end of the file; or with a negative errno value, also if
 *      a part was read before the error.  -EINVAL reports a size or an offset
 *      that is out of range
 * @opaque: passed to @cb
 *
 * Returns: the request, for aio_file_cancel(); borrowed, valid until @cb is
 *          called
 * Thread: home thread
 */
AioFileRequest *aio_file_read(AioFile *file, int64_t offset_bytes, void *buf,
                              size_t size_bytes, AioFileFunc *cb,
                              void *opaque);

/**
 * aio_file_write: writes to a file
 * @file: the file; borrowed
 * @offset_bytes: where to write, >= 0
 * @buf: @size_bytes bytes; borrowed until @cb is called
 * @size_bytes: number of bytes, at most INT_MAX
 * @cb: called with @size_bytes or a negative errno value.  -ENOSPC is also
 *      reported if the kernel writes nothing and gives no reason; -EINVAL
 *      reports a size or an offset that is out of range
 * @opaque: passed to @cb
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_write(AioFile *file, int64_t offset_bytes,
                               const void *buf, size_t size_bytes,
                               AioFileFunc *cb, void *opaque);

/**
 * aio_file_readv: reads from a file into several buffers
 * @file: the file; borrowed
 * @offset_bytes: where to read, >= 0
 * @iov: @n_iov buffers of at most INT_MAX bytes together.  The array is
 *       copied; the buffers are borrowed until @cb is called
 * @n_iov: number of buffers, 0 to IOV_MAX
 * @cb: called with a result like that of aio_file_read()
 * @opaque: passed to @cb
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_readv(AioFile *file, int64_t offset_bytes,
                               const struct iovec *iov, int n_iov,
                               AioFileFunc *cb, void *opaque);

/**
 * aio_file_writev: writes several buffers to a file
 * @file: the file; borrowed
 * @offset_bytes: where to write, >= 0
 * @iov: @n_iov buffers of at most INT_MAX bytes together.  The array is
 *       copied; the buffers are borrowed until @cb is called
 * @n_iov: number of buffers, 0 to IOV_MAX
 * @cb: called with a result like that of aio_file_write()
 * @opaque: passed to @cb
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_writev(AioFile *file, int64_t offset_bytes,
                                const struct iovec *iov, int n_iov,
                                AioFileFunc *cb, void *opaque);

/**
 * aio_file_flush: makes written data reach the disk, see fdatasync(2)
 * @file: the file; borrowed
 * @cb: called with 0 or a negative errno value
 * @opaque: passed to @cb
 *
 * The flush covers every write whose callback was called before.
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_flush(AioFile *file, AioFileFunc *cb, void *opaque);

/**
 * aio_file_discard: frees the disk space of a range of a file
 * @file: the file; borrowed.  Its size does not change
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 * @cb: called with 0 or a negative errno value.  -ENOTSUP reports that the
 *      file system or the device cannot discard; -EINVAL reports a number out
 *      of range, or a range of a device that does not consist of whole sectors
 *      inside the device
 * @opaque: passed to @cb
 *
 * The range of a file then reads as zeroes.  What a device returns for the
 * range depends on the device.
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_discard(AioFile *file, int64_t offset_bytes,
                                 int64_t size_bytes, AioFileFunc *cb,
                                 void *opaque);

/**
 * aio_file_write_zeroes: makes a range of a file read as zeroes
 * @file: the file; borrowed.  It grows if the range ends after its end
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 * @cb: called with 0 or a negative errno value; -EINVAL as for
 *      aio_file_discard()
 * @opaque: passed to @cb
 *
 * Zeroes are written only if the file system or device has no faster way.
 *
 * Returns: the request; borrowed, valid until @cb is called
 * Thread: home thread
 */
AioFileRequest *aio_file_write_zeroes(AioFile *file, int64_t offset_bytes,
                                      int64_t size_bytes, AioFileFunc *cb,
                                      void *opaque);

/**
 * aio_file_cancel: asks for a request to end soon
 * @req: a request whose callback has not been called; borrowed
 *
 * A request that has not started ends with -ECANCELED.  If it has started, the
 * engine asks the kernel to cancel it, and it ends with -ECANCELED or with its
 * usual result.  The callback is always called, and not before this function
 * returns.  Data that was transferred by then is not restored.
 *
 * Thread: home thread
 */
void aio_file_cancel(AioFileRequest *req);

/* ---- Requests in a coroutine ---- */

/*
 * Each function waits until the request has completed and returns the result
 * that a callback would receive.  If the engine has the result immediately,
 * for example because the data is in the page cache, the function returns
 * without yielding.  After a series of such results the coroutine yields once,
 * so that it cannot keep the loop from other work.  A call outside of a
 * coroutine is a programming error and aborts.
 *
 * If the coroutine is cancelled, the request is cancelled as by
 * aio_file_cancel().  The function returns when the request has ended, with
 * -ECANCELED or its usual result, so the buffers are the caller's again.
 */

/**
 * aio_file_co_read: reads from a file
 * @file: the file; borrowed
 * @offset_bytes: where to read, >= 0
 * @buf: @size_bytes bytes; borrowed during the call
 * @size_bytes: number of bytes, at most INT_MAX
 *
 * Returns: as aio_file_read() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_read(AioFile *file, int64_t offset_bytes,
                                  void *buf, size_t size_bytes);

/**
 * aio_file_co_write: writes to a file
 * @file: the file; borrowed
 * @offset_bytes: where to write, >= 0
 * @buf: @size_bytes bytes; borrowed during the call
 * @size_bytes: number of bytes, at most INT_MAX
 *
 * Returns: as aio_file_write() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_write(AioFile *file, int64_t offset_bytes,
                                   const void *buf, size_t size_bytes);

/**
 * aio_file_co_readv: reads from a file into several buffers
 * @file: the file; borrowed
 * @offset_bytes: where to read, >= 0
 * @iov: @n_iov buffers of at most INT_MAX bytes together; borrowed during the
 *       call, like the buffers
 * @n_iov: number of buffers, 0 to IOV_MAX
 *
 * Returns: as aio_file_read() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_readv(AioFile *file, int64_t offset_bytes,
                                   const struct iovec *iov, int n_iov);

/**
 * aio_file_co_writev: writes several buffers to a file
 * @file: the file; borrowed
 * @offset_bytes: where to write, >= 0
 * @iov: @n_iov buffers of at most INT_MAX bytes together; borrowed during the
 *       call, like the buffers
 * @n_iov: number of buffers, 0 to IOV_MAX
 *
 * Returns: as aio_file_write() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_writev(AioFile *file, int64_t offset_bytes,
                                    const struct iovec *iov, int n_iov);

/**
 * aio_file_co_flush: makes written data reach the disk
 * @file: the file; borrowed
 *
 * Returns: 0, or a negative errno value
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_flush(AioFile *file);

/**
 * aio_file_co_discard: frees the disk space of a range of a file
 * @file: the file; borrowed
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 *
 * Returns: as aio_file_discard() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_discard(AioFile *file, int64_t offset_bytes,
                                     int64_t size_bytes);

/**
 * aio_file_co_write_zeroes: makes a range of a file read as zeroes
 * @file: the file; borrowed
 * @offset_bytes: start of the range, >= 0
 * @size_bytes: size of the range, >= 0
 *
 * Returns: as aio_file_write_zeroes() passes to its callback
 * Thread: home thread, in a coroutine
 */
int coroutine_fn aio_file_co_write_zeroes(AioFile *file,
                                          int64_t offset_bytes,
                                          int64_t size_bytes);

QOM_END_DECLS

#endif
