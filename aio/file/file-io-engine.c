/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the file I/O engines share: when requests are submitted to the kernel,
 * and how results become callbacks.
 *
 * Submitting a request queues it and defers a flush, so that the requests of a
 * defer_call_begin() section are submitted together.  The engine checks for
 * results right after the flush, because reads from the page cache have
 * completed by then.  Results are collected in `finished`, and the bottom half
 * calls the callbacks.  So no callback runs while a request is being submitted,
 * and a request that completes at once needs no check of file descriptors.
 *
 * Callbacks run inside a section of their own: the requests that they submit
 * are flushed after the last of them, and those that complete at once are
 * called back in the next batch of the same run.  A run ends after RUN_TICKS,
 * so that other work gets its share.  Long batches are also interrupted,
 * because a callback may itself read from the page cache.
 *
 * Handlers of aio_add_sqe() whose requests have ended are in a list of their
 * own, `sqes_ended`, and are called first.
 *
 * A callback may run the loop.  The bottom half is therefore scheduled before
 * the first callback, so that a nested iteration calls the remaining ones and
 * flushes queued requests; at the end a superfluous scheduling is cancelled.
 * Requests queued in a section outside of callbacks are treated in the same
 * way.
 */
#include "aio/file/defer-call.h"
#include "aio/file/file-io-internal.h"
#include "aio/ticks-internal.h"
#include "util/programming-error.h"

#include <errno.h>
#include <limits.h>

/* How long a run calls callbacks before it returns to the loop. */
#define RUN_TICKS (4 * AIO_QUANTUM_TICKS)

/* Callbacks between two readings of the clock. */
#define CALLBACKS_PER_CLOCK_READ 16

/* How many results coroutines get without yielding before one yields. */
#define MAX_AT_ONCE 64

/* Freed requests that an engine keeps for reuse. */
#define MAX_FREE 256

/* A direct read that ends inside a sector has reached the end of the file. */
#define SECTOR_BYTES 512

G_STATIC_ASSERT(sizeof(void *) != 8 ||
                offsetof(AioFileRequest, offset) == FILE_REQUEST_ALIGN);
G_STATIC_ASSERT(IOV_MAX <= UINT16_MAX);

/* ---- Results ---- */

/* Removes the first @n bytes, which are transferred, from the request. */
static void request_skip(AioFileRequest *req, size_t n)
{
    req->offset += n;
    req->size -= n;
    while (n > 0 && n >= req->iov->iov_len) {
        n -= req->iov->iov_len;
        req->iov++;
        req->n_iov--;
    }
    if (n > 0) {
        req->iov->iov_base = (char *)req->iov->iov_base + n;
        req->iov->iov_len -= n;
    }
}

static bool request_is_over(AioFileRequest *req, int ret)
{
    req->ret = ret;
    return true;
}

static bool request_is_cancelled(const AioFileRequest *req)
{
    return atomic_load_explicit(&req->is_cancelled, memory_order_relaxed);
}

/*
 * Returns: true, with `ret` set; false if the system call is to be repeated,
 *          unless the request was cancelled
 */
static bool request_failed(AioFileRequest *req, int err)
{
    bool try_again = err == EINTR || (err == EAGAIN && req->file->is_regular);

    if (try_again && !request_is_cancelled(req)) {
        return false;
    }
    if (try_again) {
        err = ECANCELED;
    } else if (req->op == FILE_OP_DISCARD && err != EINVAL &&
               file_error_is_unsupported(err)) {
        err = ENOTSUP;
    }
    return request_is_over(req, -err);
}

bool file_request_advance_partly(AioFileRequest *req, int64_t res)
{
    if (res < 0) {
        return request_failed(req, -res);
    }
    if (req->op != FILE_OP_READ && req->op != FILE_OP_WRITE) {
        return request_is_over(req, 0);
    }
    req->done += res;
    if (res == 0) {
        return request_is_over(req, req->op == FILE_OP_READ ? req->done
                                                            : -ENOSPC);
    }
    if (req->op == FILE_OP_READ && req->file->is_direct &&
        res % SECTOR_BYTES != 0) {
        return request_is_over(req, req->done);
    }
    if (request_is_cancelled(req)) {
        return request_is_over(req, -ECANCELED);
    }
    request_skip(req, res);
    return false;
}

void file_engine_schedule(FileEngine *engine)
{
    if (!engine->bh_scheduled) {
        engine->bh_scheduled = true;
        aio_bh_schedule(engine->bh);
    }
}

void file_engine_sqe_ended(FileEngine *engine, CqeHandler *handler)
{
    queue_push(&engine->sqes_ended, &handler->link);
    file_engine_schedule(engine);
}

bool file_request_finish_at_once(AioFileRequest *req)
{
    FileEngine *engine = req->file->engine;

    if (engine->n_at_once == MAX_AT_ONCE) {
        return false;
    }
    engine->n_at_once++;
    req->is_starting = false;
    return true;
}

static inline void request_put(FileEngine *engine, AioFileRequest *req)
{
    if (engine->n_free == MAX_FREE) {
        g_aligned_free(req);
        return;
    }
    req->next_free = engine->free;
    engine->free = req;
    engine->n_free++;
}

/*
 * Calls the callback or wakes up the coroutine.  The request returns to the
 * free list first, so that the callback can reuse its memory.
 */
static inline void request_complete(AioFileRequest *req)
{
    FileEngine *engine = req->file->engine;
    AioFileFunc *cb = req->cb;
    void *opaque = req->opaque;
    int ret = req->ret;

    file_request_ended(req);
    if (req->co) {
        aio_co_wake(req->co);
        return;
    }
    if (G_UNLIKELY(req->iov_mem)) {
        g_free(req->iov_mem);
    }
    request_put(engine, req);
    cb(opaque, ret);
}

void file_request_complete(AioFileRequest *req)
{
    request_complete(req);
}

/* ---- Batches ---- */

static bool engine_has_work(const FileEngine *engine)
{
    return engine->n_finished > 0 || engine->must_flush ||
           !queue_is_empty(&engine->sqes_ended);
}

static void engine_flush(FileEngine *engine)
{
    if (engine->must_flush) {
        engine->must_flush = false;
        engine->n_queued = 0;
        engine->ops->flush(engine);
    }
}

/*
 * Schedules the bottom half, for the case that the callback runs the loop.
 *
 * Returns: (nullable) the request that finished first
 */
static AioFileRequest *engine_pop_finished(FileEngine *engine)
{
    QueueLink *link = queue_pop(&engine->finished);

    if (!link) {
        return NULL;
    }
    engine->n_finished--;
    file_engine_schedule(engine);
    return container_of(link, AioFileRequest, link);
}

/* Submits what the callbacks queued, and makes the calls they deferred. */
static void engine_end_batch(FileEngine *engine, bool was_calling_back)
{
    defer_call_end();
    engine->is_calling_back = was_calling_back;
    engine_flush(engine);
}

static bool run_is_long(uint64_t start)
{
    return aio_ticks() - start >= RUN_TICKS;
}

/*
 * Calls back for the requests that are finished now, until a run that began at
 * @start has taken too long.  A nested iteration may take some of them.  If the
 * last one belongs to a coroutine, the section ends first: outside of a section
 * the coroutine gets a result from the page cache without yielding.
 */
static void engine_call_back_batch(FileEngine *engine, uint64_t start)
{
    unsigned n = engine->n_finished;
    bool was_calling_back = engine->is_calling_back;
    AioFileRequest *req;

    engine->is_calling_back = true;
    defer_call_begin();
    while (n > 0 && (req = engine_pop_finished(engine)) != NULL) {
        if (--n == 0 && req->co) {
            engine_end_batch(engine, was_calling_back);
            request_complete(req);
            return;
        }
        request_complete(req);
        if (n % CALLBACKS_PER_CLOCK_READ == 0 && n > 0 && run_is_long(start)) {
            break;
        }
    }
    engine_end_batch(engine, was_calling_back);
}

/*
 * The bottom half is scheduled before a callback if there are more, because the
 * callback may run the loop.
 */
static void engine_call_handlers(FileEngine *engine, uint64_t start)
{
    QueueLink *link;

    while ((link = queue_pop(&engine->sqes_ended)) != NULL) {
        CqeHandler *handler = container_of(link, CqeHandler, link);

        if (!queue_is_empty(&engine->sqes_ended)) {
            file_engine_schedule(engine);
        }
        handler->cb(handler);
        if (run_is_long(start)) {
            break;
        }
    }
}

/* One run: batches until nothing is finished or the time is up. */
void file_engine_deliver(FileEngine *engine)
{
    uint64_t start = aio_ticks();

    engine->n_at_once = 0;
    do {
        if (!queue_is_empty(&engine->sqes_ended)) {
            engine_call_handlers(engine, start);
        }
        engine_call_back_batch(engine, start);
    } while (engine->n_finished > 0 && !run_is_long(start));
    if (engine_has_work(engine)) {
        file_engine_schedule(engine);
    } else if (engine->bh_scheduled) {
        engine->bh_scheduled = false;
        aio_bh_cancel(engine->bh);
    }
}

static void engine_bh(void *opaque)
{
    FileEngine *engine = opaque;

    engine->bh_scheduled = false;
    engine_flush(engine);
    file_engine_deliver(engine);
}

static void engine_flush_deferred(void *opaque)
{
    engine_flush(opaque);
}

/* Returns the smaller limit of the file and the context, or the default. */
static int64_t batch_size(const FileEngine *engine, const AioFile *file,
                          unsigned default_batch)
{
    int64_t of_file = file->max_batch;
    int64_t of_context =
        atomic_load_explicit(&engine->ctx->params.aio_max_batch,
                             memory_order_relaxed);

    if (G_LIKELY(of_file == 0)) {
        return G_LIKELY(of_context <= 0) ? default_batch : of_context;
    }
    return of_context > 0 && of_context < of_file ? of_context : of_file;
}

void file_engine_queued(FileEngine *engine, const AioFile *file,
                        unsigned default_batch)
{
    bool was_deferred = engine->must_flush;

    engine->must_flush = true;
    if (++engine->n_queued >= batch_size(engine, file, default_batch)) {
        engine_flush(engine);
    } else if (!was_deferred) {
        if (!engine->is_calling_back) {
            defer_call(engine_flush_deferred, engine);
        }
        if (engine->must_flush) {
            file_engine_schedule(engine);
        }
    }
}

void file_engine_flush_later(FileEngine *engine)
{
    engine->must_flush = true;
    file_engine_schedule(engine);
}

/* ---- Life ---- */

void file_engine_init(FileEngine *engine, const FileEngineOps *ops,
                      AioContext *ctx)
{
    engine->ops = ops;
    engine->ctx = ctx;
    engine->bh = aio_bh_new_full(ctx, engine_bh, engine, "file-io", NULL);
    queue_init(&engine->finished);
    queue_init(&engine->sqes_ended);
}

void file_engine_cleanup(FileEngine *engine)
{
    while (engine->free) {
        AioFileRequest *req = engine->free;

        engine->free = req->next_free;
        g_aligned_free(req);
    }
    aio_bh_delete(engine->bh);
}

static const FileEngineOps *const engine_ops[AIO_FILE_ENGINE__MAX] = {
    [AIO_FILE_ENGINE_THREADS] = &file_threads_ops,
    [AIO_FILE_ENGINE_LINUX_AIO] = &file_linux_aio_ops,
    [AIO_FILE_ENGINE_IO_URING] = &file_io_uring_ops,
};

/* The engines of a context, attached to it. */
typedef struct FileEngines {
    AioAttachment attachment;
    /* (nullable) by kind; written by the home thread, for any to read */
    _Atomic(FileEngine *) engines[AIO_FILE_ENGINE__MAX];
} FileEngines;

static FileEngine *engines_find(const FileEngines *all, int kind)
{
    return atomic_load_explicit((_Atomic(FileEngine *) *)&all->engines[kind],
                                memory_order_acquire);
}

static void engine_free(FileEngine *engine)
{
    uint64_t n_pending = aio_counter_get(&engine->n_requests) -
                         aio_counter_get(&engine->n_completed);

    if (n_pending > 0) {
        programming_error("aio_context_unref(): %u file requests are "
                          "pending; run the loop until they have "
                          "completed", (unsigned)n_pending);
    }
    engine->ops->destroy(engine);
}

static void engines_free(AioAttachment *attachment)
{
    FileEngines *all = container_of(attachment, FileEngines, attachment);

    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        FileEngine *engine = engines_find(all, i);

        if (engine) {
            engine_free(engine);
        }
    }
    g_free(all);
}

static void engines_close_inherited(AioAttachment *attachment)
{
    FileEngines *all = container_of(attachment, FileEngines, attachment);

    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        FileEngine *engine = engines_find(all, i);

        if (engine && engine->ops->close) {
            engine->ops->close(engine);
        }
    }
}

/* Completed requests are read first, so that the depth is never negative. */
static void engines_read_stats(AioAttachment *attachment, AioStats *stats)
{
    FileEngines *all = container_of(attachment, FileEngines, attachment);

    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        FileEngine *engine = engines_find(all, i);
        uint64_t n_completed;
        uint64_t n_requests;

        if (engine) {
            n_completed = atomic_load_explicit(&engine->n_completed,
                                               memory_order_acquire);
            n_requests = aio_counter_get(&engine->n_requests);
            stats->file_requests += n_requests;
            stats->file_bytes += aio_counter_get(&engine->n_bytes);
            stats->file_depth += n_requests - n_completed;
        }
    }
}

/* Above the thread pool, which may have requests of an engine. */
static const AioAttachmentOps engines_attachment_ops = {
    .layer = 2,
    .free = engines_free,
    .close_inherited = engines_close_inherited,
    .read_stats = engines_read_stats,
};

static FileEngines *engines_get(AioContext *ctx)
{
    AioAttachment *attachment = aio_attachment_find(&ctx->attachments,
                                                    &engines_attachment_ops);
    FileEngines *all;

    if (attachment) {
        return container_of(attachment, FileEngines, attachment);
    }
    all = g_new0(FileEngines, 1);
    all->attachment.ops = &engines_attachment_ops;
    aio_attach(&ctx->attachments, &all->attachment);
    return all;
}

FileEngine *file_engine_get(AioContext *ctx, AioFileEngine kind,
                            Error **errp)
{
    FileEngines *all = engines_get(ctx);
    FileEngine *engine = engines_find(all, kind);

    if (!engine) {
        engine = engine_ops[kind]->create(ctx, errp);
        atomic_store_explicit(&all->engines[kind], engine,
                              memory_order_release);
    }
    return engine;
}
