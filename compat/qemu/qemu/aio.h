/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AioContext, most of whose functions QEMU and the library share. */
#ifndef QOM_COMPAT_QEMU_AIO_H
#define QOM_COMPAT_QEMU_AIO_H

#include "qemu/osdep.h"

#include "aio/aio.h"
#include "aio/file/aio-sqe.h"
#include "aio/thread-pool/thread-pool.h"
#include "qemu/aiocb.h"
#include "qemu/compat-version.h"
#include "qemu/coroutine.h"
#include "qemu/event_notifier.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "qemu/timer.h"

#if QOM_COMPAT_QEMU < 801
#include "qemu/aio-external.h"
#endif

/* As in QEMU, for what prepares the requests of aio_add_sqe(). */
#if QOM_COMPAT_QEMU >= 1002 && __has_include(<liburing.h>)
#include <liburing.h>
#endif

/* ---- Contexts ---- */

static inline AioContext *qemu_get_aio_context(void)
{
    return aio_get_main_context();
}

static inline void qemu_set_current_aio_context(AioContext *ctx)
{
    aio_set_current_context(ctx);
}

/*
 * Returns the context of the calling thread.  In a thread that runs none it is
 * the main context, and from 6.1 on NULL: objects belong to the main loop's
 * thread, so no other thread holds the big lock.
 */
static inline AioContext *qemu_context_of_thread(void)
{
    AioContext *ctx = aio_get_current_context();

#if QOM_COMPAT_QEMU >= 601
    if (ctx && !in_aio_context_home_thread(ctx)) {
        return NULL;
    }
#endif
    return ctx;
}

/*
 * QEMU's iothread.c defines these functions itself.  Its definitions get
 * another name, and calls reach the functions above, because the library knows
 * the context that a thread runs.
 */
#define qemu_get_current_aio_context(...) QEMU_CURRENT_##__VA_ARGS__()
#define QEMU_CURRENT_() qemu_context_of_thread()
#define QEMU_CURRENT_void() qemu_own_current_aio_context(void)
AioContext *qemu_own_current_aio_context(void);

#define qemu_in_iothread(...) QEMU_IN_IOTHREAD_##__VA_ARGS__()
#define QEMU_IN_IOTHREAD_() \
    (qemu_context_of_thread() != aio_get_main_context())
#define QEMU_IN_IOTHREAD_void() qemu_own_in_iothread(void)
bool qemu_own_in_iothread(void);

/* Sets the size of a batch; some versions pass an errp, which is never set. */
#define aio_context_set_aio_params(ctx, ...) \
    QEMU_SET_AIO_PARAMS_(ctx, __VA_ARGS__, NULL, NULL)
#define QEMU_SET_AIO_PARAMS_(ctx, max_batch, errp, ...) \
    ((void)(errp), aio_context_set_aio_params((ctx), (max_batch)))

#if QOM_COMPAT_QEMU >= 1101
static inline bool qemu_set_poll_params(AioContext *ctx, int64_t max_ns,
                                        int64_t grow, int64_t shrink,
                                        int64_t weight, Error **errp)
{
    return aio_context_set_poll_weight(ctx, weight, errp) &&
           aio_context_set_poll_params(ctx, max_ns, grow, shrink, errp);
}
#define aio_context_set_poll_params(ctx, max_ns, grow, shrink, weight, errp) \
    qemu_set_poll_params((ctx), (max_ns), (grow), (shrink), (weight), (errp))
#endif

/* ---- Bottom halves ---- */

typedef AioBH QEMUBH;
typedef AioBHFunc QEMUBHFunc;

static inline void qemu_bh_schedule(QEMUBH *bh)
{
    aio_bh_schedule(bh);
}

static inline void qemu_bh_schedule_idle(QEMUBH *bh)
{
    aio_bh_schedule_idle(bh);
}

static inline void qemu_bh_cancel(QEMUBH *bh)
{
    aio_bh_cancel(bh);
}

static inline void qemu_bh_delete(QEMUBH *bh)
{
    aio_bh_delete(bh);
}

/* @guard: the MemReentrancyGuard of a device */
#undef aio_bh_new_guarded
#define aio_bh_new_guarded(ctx, cb, opaque, guard)                      \
    aio_bh_new_full((ctx), (cb), (opaque), G_STRINGIFY(cb),             \
                    (struct QomMemReentrancyGuard *)(void *)(guard))

/* ---- File descriptors ---- */

/*
 * Until 6.2 an io_poll that found an event also handled it.  Until 8.0 a flag
 * marked handlers for events from outside.
 */
static inline void qemu_poll_was_handled(void *opaque)
{
}

static inline void qemu_notifier_poll_was_handled(EventNotifier *notifier)
{
}

static inline IOHandler *qemu_poll_ready_of(AioPollFn *io_poll)
{
    return io_poll ? qemu_poll_was_handled : NULL;
}

static inline EventNotifierHandler *
qemu_notifier_poll_ready_of(AioPollFn *io_poll)
{
    return io_poll ? qemu_notifier_poll_was_handled : NULL;
}

#if QOM_COMPAT_QEMU < 700
#define aio_set_fd_handler(ctx, fd, is_external, io_read, io_write,     \
                           io_poll, opaque)                             \
    QEMU_SET_FD_HANDLER_((ctx), (fd), (is_external), (io_read),         \
                         (io_write), (io_poll),                         \
                         qemu_poll_ready_of(io_poll), (opaque))
#define aio_set_event_notifier(ctx, notifier, is_external, io_read,     \
                               io_poll)                                 \
    qemu_set_event_notifier_of((ctx), (notifier), (is_external),        \
                               (io_read), (io_poll),                    \
                               qemu_notifier_poll_ready_of(io_poll))
#elif QOM_COMPAT_QEMU < 801
#define aio_set_fd_handler(ctx, fd, is_external, io_read, io_write,     \
                           io_poll, io_poll_ready, opaque)              \
    QEMU_SET_FD_HANDLER_((ctx), (fd), (is_external), (io_read),         \
                         (io_write), (io_poll), (io_poll_ready),        \
                         (opaque))
#define aio_set_event_notifier(ctx, notifier, is_external, io_read,     \
                               io_poll, io_poll_ready)                  \
    qemu_set_event_notifier_of((ctx), (notifier), (is_external),        \
                               (io_read), (io_poll), (io_poll_ready))
#endif

/* ---- Requests ---- */

/* A request to the thread pool, as a BlockAIOCB. */
typedef struct QemuPoolRequest {
    BlockAIOCB common;
    ThreadPoolRequest *req;
} QemuPoolRequest;

static inline void qemu_pool_request_cancel(BlockAIOCB *acb)
{
    thread_pool_cancel(container_of(acb, QemuPoolRequest, common)->req);
}

static inline void qemu_pool_request_done(void *opaque, int ret)
{
    QemuPoolRequest *r = opaque;

    if (r->common.cb) {
        r->common.cb(r->common.opaque, ret);
    }
    qemu_aio_unref(r);
}

static inline BlockAIOCB *qemu_pool_submit_aio(ThreadPoolFunc *func,
                                               void *arg,
                                               BlockCompletionFunc *cb,
                                               void *opaque)
{
    static const AIOCBInfo info = {
        .cancel_async = qemu_pool_request_cancel,
        .aiocb_size = sizeof(QemuPoolRequest),
    };
    QemuPoolRequest *r = qemu_aio_get(&info, NULL, cb, opaque);

    r->req = thread_pool_submit_aio(func, arg, qemu_pool_request_done, r);
    return &r->common;
}

#if QOM_COMPAT_QEMU < 801
/* A pool belongs to its context, so the context represents it. */
typedef AioContext ThreadPool;

static inline ThreadPool *aio_get_thread_pool(AioContext *ctx)
{
    return ctx;
}
#endif

#endif
