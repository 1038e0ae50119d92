/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O with io_uring: one ring for all files of the context.
 *
 * - A request is written into the submission ring when it is submitted; a flush
 *   passes the ring to the kernel.  If the ring is full, or IN_FLIGHT requests
 *   are in flight, the request waits in `queue`.
 * - Requests to files never make the completion ring overflow: it holds twice
 *   as many entries as may be in flight, and each of these is cancelled at most
 *   once.  Those of aio_add_sqe(), which are not limited, may: the kernel keeps
 *   what does not fit until the flush fetches it.
 * - Reads from the page cache have completed when the flush returns, and the
 *   flush collects them.  So the ring is watched only while requests are in
 *   flight, and for a while after: a ring that is watched costs every
 *   completion a wake-up.
 *
 * The ring is not bound to a thread (IORING_SETUP_SINGLE_ISSUER), which would
 * be a little faster, because a context may move to another thread.
 */
#include "aio/file/uring-internal.h"
#include "aio/io-uring-internal.h"
#include "qapi/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#define ENTRIES 128
#define IN_FLIGHT ENTRIES

/*
 * The ring is no longer watched after this many consecutive flushes that left
 * no request in flight.
 */
#define MAX_IDLE_FLUSHES 64

/* ---- Into the ring ---- */

static void uring_prepare_rw(struct io_uring_sqe *sqe,
                             const AioFileRequest *req, bool is_read)
{
    int fd = req->file->sqe_fd;
    const struct iovec *iov = req->iov;

    if (req->n_iov == 1) {
        io_uring_prep_rw(is_read ? IORING_OP_READ : IORING_OP_WRITE, sqe, fd,
                         iov->iov_base, iov->iov_len, req->offset);
    } else {
        io_uring_prep_rw(is_read ? IORING_OP_READV : IORING_OP_WRITEV, sqe,
                         fd, iov, req->n_iov, req->offset);
    }
}

static void uring_prepare(struct io_uring_sqe *sqe, AioFileRequest *req)
{
    int fd = req->file->sqe_fd;

    switch (req->op) {
    case FILE_OP_READ:
    case FILE_OP_WRITE:
        uring_prepare_rw(sqe, req, req->op == FILE_OP_READ);
        break;
    case FILE_OP_FLUSH:
        io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
        break;
    case FILE_OP_DISCARD:
        io_uring_prep_fallocate(sqe, fd,
                                FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                req->offset, req->size);
        break;
    case FILE_OP_WRITE_ZEROES:
        io_uring_prep_fallocate(sqe, fd, FALLOC_FL_ZERO_RANGE, req->offset,
                                req->size);
        break;
    }
    sqe->flags = req->file->sqe_flags;
    io_uring_sqe_set_data(sqe, req);
}

/* Returns: true; false if the ring has no room for @req */
static bool uring_put(Uring *uring, AioFileRequest *req)
{
    struct io_uring_sqe *sqe;

    if (uring->in_flight >= IN_FLIGHT) {
        return false;
    }
    sqe = io_uring_get_sqe(&uring->ring);
    if (!sqe) {
        return false;
    }
    uring_prepare(sqe, req);
    uring->in_flight++;
    return true;
}

/*
 * Moves requests from `queue` into the ring.
 *
 * Returns: true if there was one and the ring had room for it
 */
static bool uring_put_queue(Uring *uring)
{
    bool any = false;

    while (!queue_is_empty(&uring->queue)) {
        AioFileRequest *req = container_of(uring->queue.next, AioFileRequest,
                                           link);

        if (!uring_put(uring, req)) {
            break;
        }
        queue_remove(&req->link);
        any = true;
    }
    return any;
}

/* ---- Out of the ring ---- */

/* The kernel has completed @req with @res. */
static void uring_result(Uring *uring, AioFileRequest *req, int res)
{
    uring->in_flight--;
    if (G_UNLIKELY(req->is_withdrawn)) {
        file_request_finish(req, -ECANCELED);
    } else if (req->op == FILE_OP_WRITE_ZEROES && res < 0 &&
               file_error_is_unsupported(-res)) {
        file_threads_submit(&uring->engine, req);
    } else if (file_request_advance(req, res)) {
        file_request_finish(req, req->ret);
    } else {
        queue_push(&uring->again, &req->link);
    }
}

static void uring_reap_ring(Uring *uring)
{
    struct io_uring_cqe *cqe;
    unsigned head, n = 0;

    io_uring_for_each_cqe(&uring->ring, head, cqe) {
        if (G_UNLIKELY(cqe->user_data & URING_IS_SQE)) {
            uring_sqe_ended(uring, cqe->user_data, cqe->res, cqe->flags);
        } else if (cqe->user_data) { /* else it answers a cancel */
            uring_result(uring, io_uring_cqe_get_data(cqe), cqe->res);
        }
        n++;
    }
    if (n > 0) {
        io_uring_cq_advance(&uring->ring, n);
    }
}

/* Returns true if the kernel keeps results for which the ring had no room. */
static bool uring_has_overflown(Uring *uring)
{
    return IO_URING_READ_ONCE(*uring->ring.sq.kflags) & IORING_SQ_CQ_OVERFLOW;
}

/* Collects all results. */
static void uring_reap(Uring *uring)
{
    uring_reap_ring(uring);
    while (G_UNLIKELY(uring_has_overflown(uring)) &&
           io_uring_get_events(&uring->ring) >= 0) {
        uring_reap_ring(uring);
    }
}

/* ---- Submitting to the kernel ---- */

static void uring_watch(Uring *uring, bool is_wanted);

/* Watches the ring while requests are in flight, and for a while after. */
static void uring_update_watch(Uring *uring)
{
    if (uring->in_flight > 0 || uring->n_sqes > 0) {
        uring->n_idle_flushes = 0;
        uring_watch(uring, true);
    } else if (uring->is_watched &&
               ++uring->n_idle_flushes == MAX_IDLE_FLUSHES) {
        uring_watch(uring, false);
    }
}

static void uring_requeue(Uring *uring)
{
    QueueLink *link;

    while (G_UNLIKELY((link = queue_pop(&uring->again)) != NULL)) {
        queue_push(&uring->queue, link);
        file_engine_flush_later(&uring->engine);
    }
}

static void uring_flush(FileEngine *engine)
{
    Uring *uring = uring_of(engine);

    if (G_UNLIKELY(!queue_is_empty(&uring->sqes))) {
        uring_put_sqes(uring);
    }
    if (!queue_is_empty(&uring->queue)) {
        uring_put_queue(uring);
    }
    do {
        if (io_uring_sq_ready(&uring->ring) > 0) {
            uring_enter(uring);
        }
        uring_reap(uring);
    } while ((!queue_is_empty(&uring->queue) && uring_put_queue(uring)) ||
             (!queue_is_empty(&uring->sqes) && uring_put_sqes(uring)));
    uring_requeue(uring);
    uring_update_watch(uring);
}

static void uring_submit(FileEngine *engine, AioFileRequest *req)
{
    Uring *uring = uring_of(engine);

    if (req->file->is_block && (req->op == FILE_OP_DISCARD ||
                                req->op == FILE_OP_WRITE_ZEROES)) {
        file_threads_submit(engine, req);
        return;
    }
    if (!queue_is_empty(&uring->queue) || !uring_put(uring, req)) {
        queue_push(&uring->queue, &req->link);
    }
    file_engine_queued(engine, req->file, ENTRIES);
}

/*
 * Returns: (nullable) the entry of @req if the kernel has not read it; NULL if
 *          it has
 */
static struct io_uring_sqe *uring_find_unseen(Uring *uring,
                                              const AioFileRequest *req)
{
    struct io_uring_sq *sq = &uring->ring.sq;

    for (unsigned i = *sq->khead; i != sq->sqe_tail; i++) {
        struct io_uring_sqe *sqe = &sq->sqes[i & *sq->kring_mask];

        if (sqe->user_data == (uintptr_t)req) {
            return sqe;
        }
    }
    return NULL;
}

static void uring_ask_cancel(Uring *uring, AioFileRequest *req)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);

    if (sqe) {
        io_uring_prep_cancel(sqe, req, 0);
        io_uring_sqe_set_data(sqe, NULL);
        file_engine_queued(&uring->engine, req->file, ENTRIES);
    }
}

/*
 * A request is in the thread pool, in `queue`, in the ring, or in the kernel.
 * An entry of the ring cannot be removed, so it becomes a no-op.
 */
static void uring_cancel(FileEngine *engine, AioFileRequest *req)
{
    Uring *uring = uring_of(engine);
    struct io_uring_sqe *sqe;

    if (req->pool_req) {
        file_threads_cancel(engine, req);
        return;
    }
    if (queue_is_linked(&req->link)) {
        queue_remove(&req->link);
        file_request_finish(req, -ECANCELED);
        return;
    }
    sqe = uring_find_unseen(uring, req);
    if (sqe) {
        req->is_withdrawn = true;
        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data(sqe, req);
    } else {
        uring_ask_cancel(uring, req);
    }
}

/* ---- The context's handler ---- */

static void uring_ready(void *opaque)
{
    Uring *uring = opaque;

    uring_flush(&uring->engine);
    file_engine_deliver(&uring->engine);
}

static bool uring_poll(void *opaque)
{
    Uring *uring = opaque;

    return io_uring_cq_ready(&uring->ring) > 0;
}

static void uring_watch(Uring *uring, bool is_wanted)
{
    if (is_wanted == uring->is_watched) {
        return;
    }
    uring->is_watched = is_wanted;
    if (is_wanted) {
        aio_set_fd_handler(uring->engine.ctx, uring->ring.ring_fd,
                           uring_ready, NULL, uring_poll, uring_ready, uring);
    } else {
        aio_set_fd_handler(uring->engine.ctx, uring->ring.ring_fd, NULL, NULL,
                           NULL, NULL, NULL);
    }
}

/* ---- Life ---- */

/* A kernel without one of these has an io_uring that is too old for files. */
static const uint8_t needed_ops[] = {
    IORING_OP_READ, IORING_OP_WRITE, IORING_OP_READV, IORING_OP_WRITEV,
    IORING_OP_FSYNC, IORING_OP_FALLOCATE, IORING_OP_ASYNC_CANCEL,
    IORING_OP_NOP,
};

static bool uring_has_ops(struct io_uring *ring)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    bool has_all = probe != NULL;

    for (size_t i = 0; has_all && i < G_N_ELEMENTS(needed_ops); i++) {
        has_all = io_uring_opcode_supported(probe, needed_ops[i]);
    }
    io_uring_free_probe(probe);
    return has_all;
}

static bool uring_open(Uring *uring, Error **errp)
{
    int ret = io_uring_queue_init(ENTRIES, &uring->ring, 0);

    if (ret < 0) {
        io_uring_set_refused(errp, -ret);
        return false;
    }
    if (!uring_has_ops(&uring->ring)) {
        error_setg(errp, "This kernel's io_uring is too old for files");
        io_uring_queue_exit(&uring->ring);
        return false;
    }
    uring_make_table(uring);
    return true;
}

static FileEngine *uring_create(AioContext *ctx, Error **errp)
{
    Uring *uring = g_new0(Uring, 1);

    if (!uring_open(uring, errp)) {
        g_free(uring);
        return NULL;
    }
    queue_init(&uring->queue);
    queue_init(&uring->again);
    uring_sqe_init(uring);
    file_engine_init(&uring->engine, &file_io_uring_ops, ctx);
    return &uring->engine;
}

static void uring_destroy(FileEngine *engine)
{
    Uring *uring = uring_of(engine);

    uring_watch(uring, false);
    uring_drop_sqes(uring);
    io_uring_queue_exit(&uring->ring);
    file_engine_cleanup(engine);
    g_free(uring);
}

/* In a child process; the ring itself belongs to the parent. */
static void uring_close(FileEngine *engine)
{
    io_uring_queue_exit(&uring_of(engine)->ring);
}

const FileEngineOps file_io_uring_ops = {
    .kind = AIO_FILE_ENGINE_IO_URING,
    .create = uring_create,
    .destroy = uring_destroy,
    .close = uring_close,
    .add_file = uring_add_file,
    .del_file = uring_del_file,
    .submit = uring_submit,
    .flush = uring_flush,
    .cancel = uring_cancel,
    .add_sqe = uring_add_sqe,
};
