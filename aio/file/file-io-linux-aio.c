/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O with Linux AIO: io_submit(2), called directly.
 *
 * - It is asynchronous only for files that were opened with O_DIRECT.  Reads
 *   and writes of other files would block in io_submit(), so threads carry them
 *   out, and also the operations that Linux AIO does not have.
 * - The kernel writes results into a ring that is mapped into the process, and
 *   signals an eventfd.  The engine reads the ring without a system call if its
 *   layout is the known one.
 */
#include "aio/file/file-io-internal.h"
#include "qapi/error.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_EVENTS 1024
#define DEFAULT_BATCH 32
#define MAX_BATCH 128

#define RING_MAGIC 0xa10a10a1u

/* The kernel maps the ring; an aio_context_t is its address. */
typedef struct AioRing {
    unsigned id;
    unsigned nr; /* size of `events`, >= MAX_EVENTS */
    atomic_uint head;
    atomic_uint tail;
    unsigned magic;
    unsigned compat_features;
    unsigned incompat_features;
    unsigned header_length;
    struct io_event events[];
} AioRing;

typedef struct LinuxAio {
    FileEngine engine;
    aio_context_t id;
    AioRing *ring; /* (nullable) NULL if its layout is not the known one */
    EventNotifier notifier; /* the kernel signals it for each result */
    QueueLink queue;        /* requests that the kernel does not have */
    unsigned in_flight;     /* requests that it has */
} LinuxAio;

static LinuxAio *linux_aio(FileEngine *engine)
{
    return container_of(engine, LinuxAio, engine);
}

/* ---- Results ---- */

static void laio_queue(LinuxAio *aio, AioFileRequest *req)
{
    queue_push(&aio->queue, &req->link);
}

static void laio_result(LinuxAio *aio, const struct io_event *event)
{
    AioFileRequest *req = (AioFileRequest *)(uintptr_t)event->data;

    aio->in_flight--;
    if (file_request_advance(req, event->res)) {
        file_request_finish(req, req->ret);
    } else {
        laio_queue(aio, req);
        file_engine_flush_later(&aio->engine);
    }
}

static bool laio_has_results(LinuxAio *aio)
{
    return aio->ring &&
           atomic_load_explicit(&aio->ring->head, memory_order_relaxed) !=
           atomic_load_explicit(&aio->ring->tail, memory_order_acquire);
}

/*
 * The kernel writes `tail` after the event, and reuses an event once `head` is
 * beyond it: hence acquire and release.
 */
static void laio_reap_ring(LinuxAio *aio)
{
    AioRing *ring = aio->ring;
    unsigned head = atomic_load_explicit(&ring->head, memory_order_relaxed);

    while (head != atomic_load_explicit(&ring->tail, memory_order_acquire)) {
        laio_result(aio, &ring->events[head]);
        head = head + 1 == ring->nr ? 0 : head + 1;
        atomic_store_explicit(&ring->head, head, memory_order_release);
    }
}

static void laio_reap_syscall(LinuxAio *aio)
{
    struct io_event events[64];
    struct timespec now = { 0, 0 };
    long n;

    do {
        n = syscall(SYS_io_getevents, aio->id, 0L, 64L, events, &now);
        for (long i = 0; i < n; i++) {
            laio_result(aio, &events[i]);
        }
    } while (n == 64);
}

static void laio_reap(LinuxAio *aio)
{
    if (aio->ring) {
        laio_reap_ring(aio);
    } else if (aio->in_flight > 0) {
        laio_reap_syscall(aio);
    }
}

/* ---- Submitting ---- */

/* io_submit(2) reads the iocb, and the kernel signals the notifier. */
static void laio_prepare(LinuxAio *aio, AioFileRequest *req)
{
    bool is_read = req->op == FILE_OP_READ;

    req->iocb = (struct iocb) {
        .aio_data = (uintptr_t)req,
        .aio_lio_opcode = is_read ? IOCB_CMD_PREADV : IOCB_CMD_PWRITEV,
        .aio_fildes = req->file->fd,
        .aio_buf = (uintptr_t)req->iov,
        .aio_nbytes = req->n_iov,
        .aio_offset = req->offset,
        .aio_flags = IOCB_FLAG_RESFD,
        .aio_resfd = event_notifier_get_fd(&aio->notifier),
    };
}

/*
 * Fills @iocbs, an array of MAX_BATCH, with requests from the queue.
 *
 * Returns: the number of requests
 */
static long laio_gather(LinuxAio *aio, struct iocb **iocbs)
{
    long max = MIN(MAX_BATCH, MAX_EVENTS - aio->in_flight);
    QueueLink *link;
    long n = 0;

    QUEUE_FOREACH(link, &aio->queue) {
        AioFileRequest *req = container_of(link, AioFileRequest, link);

        if (n == max) {
            break;
        }
        laio_prepare(aio, req);
        iocbs[n++] = &req->iocb;
    }
    return n;
}

/* The kernel accepted the first @n requests of the queue. */
static void laio_taken(LinuxAio *aio, long n)
{
    aio->in_flight += n;
    while (n-- > 0) {
        queue_pop(&aio->queue);
    }
}

/* The kernel refused the first request of the queue with @err. */
static void laio_refused(LinuxAio *aio, int err)
{
    AioFileRequest *req = container_of(aio->queue.next, AioFileRequest, link);

    if (file_request_advance(req, -err)) {
        queue_remove(&req->link);
        file_request_finish(req, req->ret);
    }
}

/* Returns: true if the rest of the queue can be submitted now */
static bool laio_submit_some(LinuxAio *aio)
{
    struct iocb *iocbs[MAX_BATCH];
    long n = laio_gather(aio, iocbs);
    long ret;

    if (n == 0) {
        return false;
    }
    ret = syscall(SYS_io_submit, aio->id, n, iocbs);
    if (ret > 0) {
        laio_taken(aio, ret);
    } else if (ret < 0 && errno == EAGAIN) {
        /* The kernel has no room.  Results of requests in flight make some,
         * and laio_ready() submits then. */
        if (aio->in_flight == 0) {
            file_engine_flush_later(&aio->engine);
        }
        return false;
    } else {
        laio_refused(aio, ret < 0 ? errno : EIO);
    }
    return true;
}

static void laio_flush(FileEngine *engine)
{
    LinuxAio *aio = linux_aio(engine);

    while (laio_submit_some(aio)) {
    }
    laio_reap(aio);
}

/* Tries the page cache first; files that are not direct go to threads. */
static void laio_submit(FileEngine *engine, AioFileRequest *req)
{
    LinuxAio *aio = linux_aio(engine);

    if (file_read_cached(req)) {
        file_request_finish(req, req->ret);
    } else if (!req->file->is_direct || (req->op != FILE_OP_READ &&
                                         req->op != FILE_OP_WRITE)) {
        file_threads_submit(engine, req);
    } else {
        laio_queue(aio, req);
        file_engine_queued(engine, req->file, DEFAULT_BATCH);
    }
}

static void laio_cancel(FileEngine *engine, AioFileRequest *req)
{
    LinuxAio *aio = linux_aio(engine);
    struct io_event event;

    if (req->pool_req) {
        file_threads_cancel(engine, req);
    } else if (queue_is_linked(&req->link)) {
        queue_remove(&req->link);
        file_request_finish(req, -ECANCELED);
    } else {
        /* The result arrives in the ring, whatever this call returns. */
        (void)syscall(SYS_io_cancel, aio->id, &req->iocb, &event);
    }
}

/* ---- The context's handler ---- */

/* Results may have made room in the kernel for queued requests. */
static void laio_ready(EventNotifier *notifier)
{
    LinuxAio *aio = container_of(notifier, LinuxAio, notifier);

    event_notifier_test_and_clear(notifier);
    laio_reap(aio);
    if (!queue_is_empty(&aio->queue)) {
        laio_flush(&aio->engine);
    }
    file_engine_deliver(&aio->engine);
}

/* io_poll: needs the ring, because only the ring shows results in memory. */
static bool laio_poll(void *opaque)
{
    return laio_has_results(container_of((EventNotifier *)opaque, LinuxAio,
                                         notifier));
}

/* ---- Life ---- */

/* Checks whether the ring has the layout of AioRing. */
static void laio_find_ring(LinuxAio *aio)
{
    AioRing *ring = (AioRing *)(uintptr_t)aio->id;

    if (ring->magic == RING_MAGIC && ring->incompat_features == 0 &&
        ring->header_length == sizeof(*ring)) {
        aio->ring = ring;
    }
}

static FileEngine *laio_create(AioContext *ctx, Error **errp)
{
    LinuxAio *aio = g_new0(LinuxAio, 1);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0) {
        error_setg_errno(errp, errno, "Cannot create an eventfd");
        g_free(aio);
        return NULL;
    }
    event_notifier_init_fd(&aio->notifier, fd);
    if (syscall(SYS_io_setup, MAX_EVENTS, &aio->id) < 0) {
        error_setg_errno(errp, errno, "Cannot set up Linux AIO");
        event_notifier_cleanup(&aio->notifier);
        g_free(aio);
        return NULL;
    }
    laio_find_ring(aio);
    queue_init(&aio->queue);
    file_engine_init(&aio->engine, &file_linux_aio_ops, ctx);
    aio_set_event_notifier(ctx, &aio->notifier, laio_ready,
                           aio->ring ? laio_poll : NULL, laio_ready);
    return &aio->engine;
}

static void laio_destroy(FileEngine *engine)
{
    LinuxAio *aio = linux_aio(engine);

    aio_set_event_notifier(engine->ctx, &aio->notifier, NULL, NULL, NULL);
    syscall(SYS_io_destroy, aio->id);
    event_notifier_cleanup(&aio->notifier);
    file_engine_cleanup(engine);
    g_free(aio);
}

/* A child process inherits the eventfd, but neither ring nor requests. */
static void laio_close(FileEngine *engine)
{
    event_notifier_cleanup(&linux_aio(engine)->notifier);
}

const FileEngineOps file_linux_aio_ops = {
    .kind = AIO_FILE_ENGINE_LINUX_AIO,
    .create = laio_create,
    .destroy = laio_destroy,
    .close = laio_close,
    .submit = laio_submit,
    .flush = laio_flush,
    .cancel = laio_cancel,
};
