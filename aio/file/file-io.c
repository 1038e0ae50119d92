/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files, and requests up to the point where an engine receives them.
 *
 * A request is checked first, so an engine never gets one that is empty or
 * whose numbers do not fit the kernel's types.  An error becomes the result of
 * the request and is reported like any other result.
 */
#include "aio/coroutine/coroutine-cancel.h"
#include "aio/file/file-io-internal.h"
#include "qapi/error.h"
#include "util/programming-error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* ---- Files ---- */

/* Names in messages, in benchmarks and in the documents. */
static const char *const engine_names[AIO_FILE_ENGINE__MAX] = {
    [AIO_FILE_ENGINE_AUTO] = "auto",
    [AIO_FILE_ENGINE_THREADS] = "threads",
    [AIO_FILE_ENGINE_LINUX_AIO] = "linux-aio",
    [AIO_FILE_ENGINE_IO_URING] = "io_uring",
};

/* A wrong number would be used as an index. */
static void check_engine(AioFileEngine engine, const char *function)
{
    if (G_UNLIKELY((unsigned)engine >= AIO_FILE_ENGINE__MAX)) {
        programming_error("%s(): %d is no AioFileEngine", function, engine);
    }
}

const char *aio_file_engine_name(AioFileEngine engine)
{
    check_engine(engine, "aio_file_engine_name");
    return engine_names[engine];
}

/*
 * Finds out what kind of file it is.
 *
 * Returns: true; false with @errp set
 */
static bool file_probe(AioFile *file, Error **errp)
{
    int flags = fcntl(file->fd, F_GETFL);
    struct stat st;

    if (flags < 0 || fstat(file->fd, &st) < 0) {
        error_setg_errno(errp, errno, "Cannot use descriptor %d as a file",
                         file->fd);
        return false;
    }
    file->is_regular = S_ISREG(st.st_mode);
    file->is_block = S_ISBLK(st.st_mode);
    file->is_direct = flags & O_DIRECT;
    file->may_read_cached = file->is_regular && !file->is_direct;
    return true;
}

/* Returns: the best engine that is available; threads always are */
static FileEngine *file_auto_engine(AioFile *file)
{
    FileEngine *engine = file_engine_get(file->ctx, AIO_FILE_ENGINE_IO_URING,
                                         NULL);

    if (!engine && file->is_direct) {
        engine = file_engine_get(file->ctx, AIO_FILE_ENGINE_LINUX_AIO, NULL);
    }
    return engine ? engine
                  : file_engine_get(file->ctx, AIO_FILE_ENGINE_THREADS, NULL);
}

AioFile *aio_file_new(AioContext *ctx, int fd, AioFileEngine engine,
                      Error **errp)
{
    AioFile *file;

    aio_assert_home(ctx, G_STRFUNC);
    check_engine(engine, "aio_file_new");
    file = g_new0(AioFile, 1);
    file->ctx = ctx;
    file->fd = fd;
    if (file_probe(file, errp)) {
        file->engine = engine == AIO_FILE_ENGINE_AUTO
            ? file_auto_engine(file) : file_engine_get(ctx, engine, errp);
    }
    if (!file->engine) {
        g_free(file);
        return NULL;
    }
    file->sqe_fd = fd; /* add_file() may replace it by an index */
    if (file->engine->ops->add_file) {
        file->engine->ops->add_file(file->engine, file);
    }
    return file;
}

/* The engine forgets the file, which has no request in flight. */
static void file_remove_from_engine(AioFile *file)
{
    aio_assert_home(file->ctx, "aio_file_free");
    if (file->n_pending > 0) {
        programming_error("aio_file_free(): %u requests are pending; run the "
                          "loop until they have completed",
                          (unsigned)file->n_pending);
    }
    if (file->engine->ops->del_file) {
        file->engine->ops->del_file(file->engine, file);
    }
}

void aio_file_free(AioFile *file)
{
    if (file) {
        /*
         * The engine of an inherited context belongs to the parent process,
         * which does not notice that its child frees the file.
         */
        if (!aio_is_inherited(file->ctx)) {
            file_remove_from_engine(file);
        }
        g_free(file);
    }
}

/* Never AIO_FILE_ENGINE_AUTO: the choice was made when the file was created. */
AioFileEngine aio_file_get_engine(const AioFile *file)
{
    return file->engine->ops->kind;
}

/* Applies from the next request on; queued ones are not submitted earlier. */
void aio_file_set_max_batch(AioFile *file, unsigned max_batch)
{
    aio_assert_home(file->ctx, G_STRFUNC);
    file->max_batch = max_batch;
}

/* ---- Requests ---- */

/*
 * Fills a request, except for its callback and its result.  It is inlined, like
 * the functions that call it, so that a read of one buffer is a few stores.
 */
static G_ALWAYS_INLINE inline void
request_init(AioFileRequest *req, AioFile *file, FileOp op,
             int64_t offset_bytes, int64_t size_bytes)
{
    req->link = (QueueLink) { NULL, NULL };
    req->file = file;
    req->co = NULL;
    req->done = 0;
    req->op = op;
    req->is_finished = false;
    atomic_init(&req->is_cancelled, false);
    req->is_withdrawn = false;
    req->is_starting = false;
    req->offset = offset_bytes;
    req->size = size_bytes;
    req->iov = &req->one;
    req->iov_mem = NULL;
    req->pool_req = NULL;
    req->n_iov = 0;
}

/* A size that is too large becomes -1, which request_start() refuses. */
static inline void request_set_buf(AioFileRequest *req, const void *buf,
                                   size_t size_bytes)
{
    req->one = (struct iovec) { (void *)buf, size_bytes };
    req->n_iov = 1;
    if (size_bytes > INT_MAX) {
        req->size = -1;
    }
}

/* Returns: the number of bytes; -1 if they or the buffers are too many */
static int64_t iov_size(const struct iovec *iov, int n_iov)
{
    int64_t size = 0;

    if (n_iov < 0 || n_iov > IOV_MAX) {
        return -1;
    }
    for (int i = 0; i < n_iov; i++) {
        if (iov[i].iov_len > (size_t)(INT_MAX - size)) {
            return -1;
        }
        size += iov[i].iov_len;
    }
    return size;
}

/*
 * Copies the array, because the request advances through it after a partial
 * transfer.
 */
static void request_set_iov(AioFileRequest *req, const struct iovec *iov,
                            int n_iov)
{
    req->size = iov_size(iov, n_iov);
    if (req->size <= 0) {
        return; /* request_start() reports it without an engine */
    }
    req->n_iov = n_iov;
    if (n_iov == 1) {
        req->one = iov[0];
    } else {
        req->iov_mem = g_memdup2(iov, n_iov * sizeof(*iov));
        req->iov = req->iov_mem;
    }
}

/* Checks the request and passes it to the engine. */
static G_ALWAYS_INLINE inline void request_start(AioFileRequest *req)
{
    AioFile *file = req->file;
    FileEngine *engine = file->engine;

    aio_assert_home(file->ctx, "aio_file");
    PROBE(file_begin, req, req->op, req->size);
    file->n_pending++;
    aio_counter_add(&engine->n_requests, 1);
    /* The last condition: the end of the range must fit an off_t. */
    if (req->offset < 0 || req->size < 0 ||
        req->size > INT64_MAX - req->offset) {
        file_request_finish(req, -EINVAL);
    } else if (req->size == 0 && req->op != FILE_OP_FLUSH) {
        file_request_finish(req, 0);
    } else {
        engine->ops->submit(engine, req);
    }
}

void aio_file_cancel(AioFileRequest *req)
{
    FileEngine *engine = req->file->engine;

    aio_assert_home(req->file->ctx, G_STRFUNC);
    /* A worker reads is_cancelled between two parts of a transfer. */
    if (!req->is_finished && !atomic_exchange(&req->is_cancelled, true)) {
        engine->ops->cancel(engine, req);
    }
}

/* ---- With a callback ---- */

/* Returns: a request of the engine's free list, or an allocation */
static G_ALWAYS_INLINE inline AioFileRequest *
request_new(AioFile *file, FileOp op, int64_t offset_bytes,
            int64_t size_bytes, AioFileFunc *cb, void *opaque)
{
    FileEngine *engine = file->engine;
    AioFileRequest *req = engine->free;

    if (req) {
        engine->free = req->next_free;
        engine->n_free--;
    } else {
        req = g_aligned_alloc(1, sizeof(*req), FILE_REQUEST_ALIGN);
    }
    request_init(req, file, op, offset_bytes, size_bytes);
    req->cb = cb;
    req->opaque = opaque;
    return req;
}

/* Reads or writes one buffer, the most frequent request. */
static G_ALWAYS_INLINE inline AioFileRequest *
submit_buf(AioFile *file, FileOp op, int64_t offset_bytes, const void *buf,
           size_t size_bytes, AioFileFunc *cb, void *opaque)
{
    AioFileRequest *req = request_new(file, op, offset_bytes, size_bytes, cb,
                                      opaque);

    request_set_buf(req, buf, size_bytes);
    request_start(req);
    return req;
}

/* Several buffers, as one request. */
static AioFileRequest *submit_iov(AioFile *file, FileOp op,
                                  int64_t offset_bytes,
                                  const struct iovec *iov, int n_iov,
                                  AioFileFunc *cb, void *opaque)
{
    AioFileRequest *req = request_new(file, op, offset_bytes, 0, cb, opaque);

    request_set_iov(req, iov, n_iov);
    request_start(req);
    return req;
}

/* A request without a buffer; a flush has no range either. */
static AioFileRequest *submit_range(AioFile *file, FileOp op,
                                    int64_t offset_bytes, int64_t size_bytes,
                                    AioFileFunc *cb, void *opaque)
{
    AioFileRequest *req = request_new(file, op, offset_bytes, size_bytes, cb,
                                      opaque);

    request_start(req);
    return req;
}

AioFileRequest *aio_file_read(AioFile *file, int64_t offset_bytes, void *buf,
                              size_t size_bytes, AioFileFunc *cb,
                              void *opaque)
{
    return submit_buf(file, FILE_OP_READ, offset_bytes, buf, size_bytes, cb,
                      opaque);
}

AioFileRequest *aio_file_write(AioFile *file, int64_t offset_bytes,
                               const void *buf, size_t size_bytes,
                               AioFileFunc *cb, void *opaque)
{
    return submit_buf(file, FILE_OP_WRITE, offset_bytes, buf, size_bytes, cb,
                      opaque);
}

AioFileRequest *aio_file_readv(AioFile *file, int64_t offset_bytes,
                               const struct iovec *iov, int n_iov,
                               AioFileFunc *cb, void *opaque)
{
    return submit_iov(file, FILE_OP_READ, offset_bytes, iov, n_iov, cb,
                      opaque);
}

AioFileRequest *aio_file_writev(AioFile *file, int64_t offset_bytes,
                                const struct iovec *iov, int n_iov,
                                AioFileFunc *cb, void *opaque)
{
    return submit_iov(file, FILE_OP_WRITE, offset_bytes, iov, n_iov, cb,
                      opaque);
}

AioFileRequest *aio_file_flush(AioFile *file, AioFileFunc *cb, void *opaque)
{
    return submit_range(file, FILE_OP_FLUSH, 0, 0, cb, opaque);
}

AioFileRequest *aio_file_discard(AioFile *file, int64_t offset_bytes,
                                 int64_t size_bytes, AioFileFunc *cb,
                                 void *opaque)
{
    return submit_range(file, FILE_OP_DISCARD, offset_bytes, size_bytes, cb,
                        opaque);
}

AioFileRequest *aio_file_write_zeroes(AioFile *file, int64_t offset_bytes,
                                      int64_t size_bytes, AioFileFunc *cb,
                                      void *opaque)
{
    return submit_range(file, FILE_OP_WRITE_ZEROES, offset_bytes, size_bytes,
                        cb, opaque);
}

/* ---- In a coroutine, with the request on its stack ---- */

/* A request that has started is not abandoned, because the kernel or a worker
 * may use its buffers. */
static void request_cancel_co(void *opaque)
{
    aio_file_cancel(opaque);
}

/*
 * is_starting is true while the request is being submitted.  If the result is
 * available by then, file_request_finish_at_once() clears it, and the coroutine
 * does not yield.
 */
static int coroutine_fn request_run_co(AioFileRequest *req)
{
    if (!in_coroutine()) {
        programming_error("aio_file_*_co() outside of a coroutine");
    }
    /* Nothing was submitted yet, so the copied array is all there is. */
    if (coroutine_is_cancelled()) {
        g_free(req->iov_mem);
        return -ECANCELED;
    }
    /* The caller's stack holds the request until this function returns. */
    req->co = coroutine_self();
    req->is_starting = true;
    request_start(req);
    if (req->is_starting) {
        req->is_starting = false;
        coroutine_yield_cancellable(request_cancel_co, req);
    } else {
        file_request_ended(req);
    }
    g_free(req->iov_mem);
    return req->ret;
}

/* As submit_buf(), without an allocation. */
static int coroutine_fn co_buf(AioFile *file, FileOp op, int64_t offset_bytes,
                               const void *buf, size_t size_bytes)
{
    AioFileRequest req;

    request_init(&req, file, op, offset_bytes, size_bytes);
    request_set_buf(&req, buf, size_bytes);
    return request_run_co(&req);
}

/* As submit_iov(); several buffers need an allocation for the copied array. */
static int coroutine_fn co_iov(AioFile *file, FileOp op, int64_t offset_bytes,
                               const struct iovec *iov, int n_iov)
{
    AioFileRequest req;

    request_init(&req, file, op, offset_bytes, 0);
    request_set_iov(&req, iov, n_iov);
    return request_run_co(&req);
}

static int coroutine_fn co_range(AioFile *file, FileOp op,
                                 int64_t offset_bytes, int64_t size_bytes)
{
    AioFileRequest req;

    request_init(&req, file, op, offset_bytes, size_bytes);
    return request_run_co(&req);
}

int aio_file_co_read(AioFile *file, int64_t offset_bytes, void *buf,
                     size_t size_bytes)
{
    return co_buf(file, FILE_OP_READ, offset_bytes, buf, size_bytes);
}

int aio_file_co_write(AioFile *file, int64_t offset_bytes, const void *buf,
                      size_t size_bytes)
{
    return co_buf(file, FILE_OP_WRITE, offset_bytes, buf, size_bytes);
}

int aio_file_co_readv(AioFile *file, int64_t offset_bytes,
                      const struct iovec *iov, int n_iov)
{
    return co_iov(file, FILE_OP_READ, offset_bytes, iov, n_iov);
}

int aio_file_co_writev(AioFile *file, int64_t offset_bytes,
                       const struct iovec *iov, int n_iov)
{
    return co_iov(file, FILE_OP_WRITE, offset_bytes, iov, n_iov);
}

int aio_file_co_flush(AioFile *file)
{
    return co_range(file, FILE_OP_FLUSH, 0, 0);
}

int aio_file_co_discard(AioFile *file, int64_t offset_bytes,
                        int64_t size_bytes)
{
    return co_range(file, FILE_OP_DISCARD, offset_bytes, size_bytes);
}

int aio_file_co_write_zeroes(AioFile *file, int64_t offset_bytes,
                             int64_t size_bytes)
{
    return co_range(file, FILE_OP_WRITE_ZEROES, offset_bytes, size_bytes);
}
