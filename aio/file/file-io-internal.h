/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the file I/O engines share.
 *
 * A request is in one place at a time: its engine has it, it is in the engine's
 * list `finished`, or its callback runs.  Only the home thread uses it, except
 * while a worker of the thread pool carries it out.
 */
#ifndef QOM_AIO_FILE_IO_INTERNAL_H
#define QOM_AIO_FILE_IO_INTERNAL_H

#include "aio/context-internal.h"
#include "aio/file/aio-sqe.h"
#include "aio/file/file-io.h"
#include "aio/thread-pool/thread-pool.h"
#include "util/probe.h"

#include <errno.h>
#include <linux/aio_abi.h>

typedef enum FileOp {
    FILE_OP_READ,
    FILE_OP_WRITE,
    FILE_OP_FLUSH,
    FILE_OP_DISCARD,
    FILE_OP_WRITE_ZEROES,
} FileOp;

typedef struct FileEngine FileEngine;

struct AioFile {
    AioContext *ctx;
    FileEngine *engine;
    int fd;
    unsigned max_batch;
    unsigned n_pending;   /* requests whose callback was not called */
    bool is_regular;
    bool is_block;
    bool is_direct;       /* opened with O_DIRECT */
    bool may_read_cached; /* RWF_NOWAIT may work */
    uint8_t sqe_flags;    /* io_uring: IOSQE_FIXED_FILE, or 0 */
    int sqe_fd;           /* io_uring: the index of the file in the ring's
                             table, or the file descriptor */
};

/*
 * Ordered by cache lines, because many requests in flight do not fit into the
 * first-level cache.
 */
struct AioFileRequest {
    /* The first line: what completing it needs. */
    QueueLink link;           /* in `finished`, or a list of the engine */
    AioFile *file;
    AioFileFunc *cb;
    void *opaque;
    Coroutine *co;            /* (nullable) instead of a callback */
    int ret;
    int done;                 /* bytes */
    uint8_t op;               /* a FileOp */
    bool is_finished;         /* `ret` is final */
    atomic_bool is_cancelled; /* set by the home thread, read by a worker */
    bool is_withdrawn;        /* io_uring: its entry was made a no-op */
    bool is_starting;         /* its coroutine has not yielded yet */
    uint16_t n_iov;           /* of `iov` */

    /* The second line: the rest of the transfer. */
    int64_t offset;
    int64_t size;
    struct iovec *iov;           /* &one, or in iov_mem */
    struct iovec one;
    struct iovec *iov_mem;       /* (nullable) owned */
    ThreadPoolRequest *pool_req; /* (nullable) while a worker has it */
    AioFileRequest *next_free;

    struct iocb iocb; /* Linux AIO */
};

#define FILE_REQUEST_ALIGN 64

typedef struct FileEngineOps {
    AioFileEngine kind;

    /*
     * Creates the engine of @ctx.
     *
     * Returns: (transfer full) (nullable) NULL with @errp set
     */
    FileEngine *(*create)(AioContext *ctx, Error **errp);

    /* Frees the engine.  No request is pending. */
    void (*destroy)(FileEngine *engine);

    /* (nullable) Closes the file descriptors of an inherited engine in a child
     * process, and does not change what the parent shares. */
    void (*close)(FileEngine *engine);

    /* (nullable) A file is added; it is removed without pending requests. */
    void (*add_file)(FileEngine *engine, AioFile *file);
    void (*del_file)(FileEngine *engine, AioFile *file);

    /*
     * Starts @req, or queues it for flush() and calls file_engine_queued().
     */
    void (*submit)(FileEngine *engine, AioFileRequest *req);

    /* (nullable) Submits queued requests and collects results. */
    void (*flush)(FileEngine *engine);

    /* Cancels @req, which is not finished and was not cancelled before. */
    void (*cancel)(FileEngine *engine, AioFileRequest *req);

    /* (nullable) io_uring: aio_add_sqe(), which ends with
     * file_engine_sqe_ended(). */
    void (*add_sqe)(FileEngine *engine, AioPrepSqeFunc *prep_sqe, void *opaque,
                    CqeHandler *handler);
} FileEngineOps;

/* The first member of every engine.  Home thread, but any thread may read the
 * counters. */
struct FileEngine {
    const FileEngineOps *ops;
    AioContext *ctx;
    AioBH *bh;
    bool bh_scheduled;    /* and it has not run since */
    bool must_flush;      /* requests are queued */
    bool is_calling_back; /* in a batch, which ends with a flush */
    unsigned n_queued;    /* since the last flush; some may have ended */
    AioCounter n_requests;  /* that were started */
    AioCounter n_completed; /* whose callback was called */
    AioCounter n_bytes;     /* that they have read and written */
    unsigned n_at_once;   /* results that coroutines got without yielding, since
                             the last run */
    unsigned n_finished;
    QueueLink finished;
    QueueLink sqes_ended; /* CqeHandlers of requests that have ended */
    AioFileRequest *free;
    unsigned n_free;
};

extern const FileEngineOps file_threads_ops;
extern const FileEngineOps file_linux_aio_ops;
extern const FileEngineOps file_io_uring_ops;

/* ---- file-io-engine.c ---- */

void file_engine_init(FileEngine *engine, const FileEngineOps *ops,
                      AioContext *ctx);

/* Frees the parts of an engine that file_engine_init() created. */
void file_engine_cleanup(FileEngine *engine);

/*
 * Returns: (nullable) the context's engine of that kind, created if needed;
 *          NULL with @errp set if it is not available
 */
FileEngine *file_engine_get(AioContext *ctx, AioFileEngine kind,
                            Error **errp);

/*
 * A request was queued.  Flushes at the end of the section, or immediately
 * outside of one, or when a batch is full: of @default_batch requests unless
 * the file or the context has a limit.
 */
void file_engine_queued(FileEngine *engine, const AioFile *file,
                        unsigned default_batch);

/* Flushes in the next iteration of the loop. */
void file_engine_flush_later(FileEngine *engine);

/* Calls back for finished requests; a handler of the context calls it. */
void file_engine_deliver(FileEngine *engine);

/* @handler has its result; file_engine_deliver() calls its callback. */
void file_engine_sqe_ended(FileEngine *engine, CqeHandler *handler);

/* Schedules the bottom half. */
void file_engine_schedule(FileEngine *engine);

/*
 * Returns true if the coroutine of @req, which has not yielded yet, gets the
 * result without yielding.
 */
bool file_request_finish_at_once(AioFileRequest *req);

/* The callback is about to be called, or the coroutine has the result. */
static inline void file_request_ended(const AioFileRequest *req)
{
    FileEngine *engine = req->file->engine;

    PROBE(file_end, req, req->ret);
    req->file->n_pending--;
    aio_counter_add(&engine->n_bytes, MAX(req->ret, 0));
    aio_counter_publish(&engine->n_completed, 1);
}

/* The request has its result; file_engine_deliver() calls its callback. */
static inline void file_request_finish(AioFileRequest *req, int ret)
{
    FileEngine *engine = req->file->engine;

    req->ret = ret;
    req->is_finished = true;
    if (req->is_starting && file_request_finish_at_once(req)) {
        return;
    }
    queue_push(&engine->finished, &req->link);
    engine->n_finished++;
    if (!engine->bh_scheduled) {
        file_engine_schedule(engine);
    }
}

/* Calls back for a finished request immediately. */
void file_request_complete(AioFileRequest *req);

/* file_request_advance() for a part, an error or another operation. */
bool file_request_advance_partly(AioFileRequest *req, int64_t res);

/*
 * A system call for the request returned @res (bytes, or a negative errno
 * value).  Any thread that has the request.
 *
 * Returns: true if the request has completed, with `ret` set; false if the rest
 *          must be submitted
 */
static inline bool file_request_advance(AioFileRequest *req, int64_t res)
{
    if (G_LIKELY(req->op <= FILE_OP_WRITE && res == req->size)) {
        req->ret = req->done + res;
        return true;
    }
    return file_request_advance_partly(req, res);
}

/* ---- file-io-threads.c ---- */

/* Carry out a request in a worker of the thread pool, and cancel it. */
void file_threads_submit(FileEngine *engine, AioFileRequest *req);
void file_threads_cancel(FileEngine *engine, AioFileRequest *req);

/*
 * Reads what is in the page cache.
 *
 * Returns: true if the request has completed, with `ret` set
 */
bool file_read_cached(AioFileRequest *req);

/*
 * Returns true if @err (positive) means that the operation is not supported,
 * so that another way of carrying it out may work.
 */
static inline bool file_error_is_unsupported(int err)
{
    return err == EOPNOTSUPP || err == EINVAL || err == ENOSYS ||
           err == ENODEV || err == ENOTTY;
}

#endif
