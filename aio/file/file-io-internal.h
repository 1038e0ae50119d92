/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O inside: what the engines share.
 *
 * A request is in one place at a time: in the hands of its engine, in the
 * engine's list `finished`, or with its callback.  All of it belongs to the
 * home thread, but for a request that a worker of the thread pool runs.
 */
#ifndef QOM_AIO_FILE_IO_INTERNAL_H
#define QOM_AIO_FILE_IO_INTERNAL_H

#include "aio/context-internal.h"
#include "aio/file/file-io.h"
#include "aio/thread-pool/thread-pool.h"

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
    unsigned n_pending;   /* callback not called yet */
    bool is_regular;
    bool is_block;
    bool is_direct;       /* opened with O_DIRECT */
    bool may_read_cached; /* RWF_NOWAIT may work */
    uint8_t sqe_flags;    /* io_uring: IOSQE_FIXED_FILE, or 0 */
    int sqe_fd;           /* io_uring: the place of the file in the ring's
                             table, or the descriptor */
};

/*
 * In lines of the processor's caches, as those of many requests in flight are
 * not in the nearest one.
 */
struct AioFileRequest {
    /* The first: what its end needs. */
    QueueLink link;           /* finished, or a list of the engine */
    AioFile *file;
    AioFileFunc *cb;
    void *opaque;
    Coroutine *co;            /* (nullable) instead of a callback */
    int ret;
    int done;                 /* bytes */
    uint8_t op;               /* a FileOp */
    bool is_finished;         /* `ret` stands */
    atomic_bool is_cancelled; /* home asked for it; read by a thread */
    bool is_withdrawn;        /* io_uring: its place does nothing now */
    bool is_starting;         /* its coroutine has not yielded yet */
    uint16_t n_iov;           /* of `iov` */

    /* The second: what is left to be done. */
    int64_t offset;
    int64_t size;
    struct iovec *iov;           /* &one, or in iov_mem */
    struct iovec one;
    struct iovec *iov_mem;       /* (nullable) owned */
    ThreadPoolRequest *pool_req; /* (nullable) while a thread has it */
    AioFileRequest *next_free;

    struct iocb iocb; /* Linux AIO, direct */
};

#define FILE_REQUEST_ALIGN 64

typedef struct FileEngineOps {
    AioFileEngine kind;

    /* Returns: (transfer full) (nullable) NULL with @errp set */
    FileEngine *(*create)(AioContext *ctx, Error **errp);

    /* No request is pending. */
    void (*destroy)(FileEngine *engine);

    /* (nullable) Close its descriptors, in a child process, and no more: what
     * is behind them stays the parent's. */
    void (*close)(FileEngine *engine);

    /* (nullable) A file comes, and goes when it has no request pending. */
    void (*add_file)(FileEngine *engine, AioFile *file);
    void (*del_file)(FileEngine *engine, AioFile *file);

    /* Begin @req, or queue it for flush(); file_engine_queued() follows. */
    void (*submit)(FileEngine *engine, AioFileRequest *req);

    /* (nullable) Hand the kernel what is queued and take what it has done. */
    void (*flush)(FileEngine *engine);

    /* @req is neither finished nor was it cancelled before. */
    void (*cancel)(FileEngine *engine, AioFileRequest *req);
} FileEngineOps;

/* The first member of each engine. */
struct FileEngine {
    const FileEngineOps *ops;
    AioContext *ctx;
    AioBH *bh;
    bool bh_scheduled;    /* and not run since */
    bool must_flush;      /* something is queued */
    bool is_calling_back;      /* calling back; a flush follows */
    unsigned n_queued;    /* about: since the last flush */
    unsigned n_pending;   /* callback not called yet */
    unsigned n_at_once;   /* coroutines that did not wait, since a turn */
    unsigned n_finished;
    QueueLink finished;
    AioFileRequest *free;
    unsigned n_free;
};

extern const FileEngineOps file_threads_ops;
extern const FileEngineOps file_linux_aio_ops;
extern const FileEngineOps file_io_uring_ops;

/* ---- file-io-engine.c ---- */

void file_engine_init(FileEngine *engine, const FileEngineOps *ops,
                      AioContext *ctx);
void file_engine_cleanup(FileEngine *engine);
FileEngine *file_engine_get(AioContext *ctx, AioFileEngine kind,
                            Error **errp);

/*
 * A request was queued: flush at the end of the section, or now, or when
 * @default_batch are queued and nobody wants another number.
 */
void file_engine_queued(FileEngine *engine, const AioFile *file,
                        unsigned default_batch);

/* Flush in the next round of the loop. */
void file_engine_flush_later(FileEngine *engine);

/* Call back for what is finished; a handler of the context calls it. */
void file_engine_deliver(FileEngine *engine);

/* Have the bottom half run. */
void file_engine_schedule(FileEngine *engine);

/* Does the coroutine of @req, which has not yielded yet, get it at once? */
bool file_request_finish_at_once(AioFileRequest *req);

/* The request is over; its callback comes from file_engine_deliver(). */
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

/* Call back for a request that is finished, here and now. */
void file_request_complete(AioFileRequest *req);

/* When it was not all that was asked for. */
bool file_request_advance_partly(AioFileRequest *req, int64_t res);

/*
 * The kernel said @res.  Returns: true when that was all, and `ret` stands;
 * false when the rest is to be submitted.  Any thread that has the request.
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

/* Have a thread of the pool do it. */
void file_threads_submit(FileEngine *engine, AioFileRequest *req);
void file_threads_cancel(FileEngine *engine, AioFileRequest *req);

/* Read what is in the page cache.  Returns: true when that was all. */
bool file_read_cached(AioFileRequest *req);

/* Has @err, a positive number, another way of doing it? */
bool file_error_is_unsupported(int err);

#endif
