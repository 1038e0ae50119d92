/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers of events from outside, which aio_disable_external() makes the loop
 * overlook, as QEMU had them until 8.0.
 *
 * The library does not know them.  While they are disabled in a context, the
 * library does not have their handlers; this list keeps them, and
 * aio_enable_external() sets them again.
 *
 * The program has one list, and so has each plugin.
 */
#ifndef QOM_COMPAT_QEMU_AIO_EXTERNAL_H
#define QOM_COMPAT_QEMU_AIO_EXTERNAL_H

#include "aio/aio.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "util/event-notifier.h"

/*
 * What aio_set_fd_handler() and aio_set_fd_poll() take; or the number of calls
 * of aio_disable_external() for a context.
 */
#define QEMU_EXTERNAL_COUNT_ INT_MIN
typedef struct QemuExternal {
    AioContext *ctx;
    int fd; /* or QEMU_EXTERNAL_COUNT_ */
    int n_disabled;
    EventNotifier *notifier; /* (nullable) of which @fd is */
    IOHandler *io_read;
    IOHandler *io_write;
    AioPollFn *io_poll;
    IOHandler *io_poll_ready;
    void *opaque;
    IOHandler *io_poll_begin;
    IOHandler *io_poll_end;
    QLIST_ENTRY(QemuExternal) next;
} QemuExternal;

typedef QLIST_HEAD(QemuExternalList, QemuExternal) QemuExternalList;

/* Handlers of event notifiers are kept as handlers of file descriptors. */
#define QEMU_FD_HANDLER_(handler) ((IOHandler *)(void (*)(void))(handler))
#define QEMU_NOTIFIER_HANDLER_(handler) \
    ((EventNotifierHandler *)(void (*)(void))(handler))

/* Shared by all source files of a program or plugin. */
#define QEMU_EXTERNAL_SHARED_ \
    __attribute__((__weak__, __visibility__("hidden")))
QEMU_EXTERNAL_SHARED_ pthread_mutex_t qemu_external_lock =
    PTHREAD_MUTEX_INITIALIZER;
QEMU_EXTERNAL_SHARED_ QemuExternalList qemu_externals; /* under the lock */

/* Returns (nullable) the entry of @fd. */
static inline QemuExternal *qemu_external_find(AioContext *ctx, int fd)
{
    QemuExternal *e;

    QLIST_FOREACH(e, &qemu_externals, next) {
        if (e->ctx == ctx && e->fd == fd) {
            return e;
        }
    }
    return NULL;
}

/* Returns the entry, which is created if there is none. */
static inline QemuExternal *qemu_external_need(AioContext *ctx, int fd)
{
    QemuExternal *e = qemu_external_find(ctx, fd);

    if (!e) {
        e = g_new0(QemuExternal, 1);
        e->ctx = ctx;
        e->fd = fd;
        QLIST_INSERT_HEAD(&qemu_externals, e, next);
    }
    return e;
}

/* @e: (nullable) */
static inline void qemu_external_free(QemuExternal *e)
{
    if (e) {
        QLIST_REMOVE(e, next);
        g_free(e);
    }
}

/* Sets or removes the handler in the library. */
static inline void qemu_external_set(const QemuExternal *e, bool enabled)
{
    if (!enabled) {
        (aio_set_fd_handler)(e->ctx, e->fd, NULL, NULL, NULL, NULL, NULL);
        return;
    }
    if (e->notifier) {
        (aio_set_event_notifier)(
            e->ctx, e->notifier, QEMU_NOTIFIER_HANDLER_(e->io_read),
            e->io_poll, QEMU_NOTIFIER_HANDLER_(e->io_poll_ready));
    } else {
        (aio_set_fd_handler)(e->ctx, e->fd, e->io_read, e->io_write,
                             e->io_poll, e->io_poll_ready, e->opaque);
    }
    (aio_set_fd_poll)(e->ctx, e->fd, e->io_poll_begin, e->io_poll_end);
}

/* Sets or removes all handlers of @ctx that are for events from outside. */
static inline void qemu_external_set_all(AioContext *ctx, bool enabled)
{
    QemuExternal *e;

    QLIST_FOREACH(e, &qemu_externals, next) {
        if (e->ctx == ctx && e->fd != QEMU_EXTERNAL_COUNT_) {
            qemu_external_set(e, enabled);
        }
    }
}

/* ---- What sources call; any thread ---- */

/* Makes the loop overlook events from outside; may be nested. */
static inline void aio_disable_external(AioContext *ctx)
{
    pthread_mutex_lock(&qemu_external_lock);
    if (qemu_external_need(ctx, QEMU_EXTERNAL_COUNT_)->n_disabled++ == 0) {
        qemu_external_set_all(ctx, false);
    }
    pthread_mutex_unlock(&qemu_external_lock);
}

/* Ends one aio_disable_external(). */
static inline void aio_enable_external(AioContext *ctx)
{
    QemuExternal *count;

    pthread_mutex_lock(&qemu_external_lock);
    count = qemu_external_find(ctx, QEMU_EXTERNAL_COUNT_);
    g_assert(count);
    if (--count->n_disabled == 0) {
        qemu_external_free(count);
        qemu_external_set_all(ctx, true);
    }
    pthread_mutex_unlock(&qemu_external_lock);
}

static inline bool aio_external_disabled(AioContext *ctx)
{
    bool disabled;

    pthread_mutex_lock(&qemu_external_lock);
    disabled = qemu_external_find(ctx, QEMU_EXTERNAL_COUNT_) != NULL;
    pthread_mutex_unlock(&qemu_external_lock);
    return disabled;
}

/* Sets or removes a handler of the time in which handlers had the flag. */
static inline void qemu_set_handler_of(QemuExternal wanted, bool is_external)
{
    AioContext *ctx = wanted.ctx;
    bool is_set = wanted.io_read || wanted.io_write || wanted.io_poll;
    QemuExternal *e = &wanted;

    pthread_mutex_lock(&qemu_external_lock);
    if (is_external && is_set) {
        is_set = !qemu_external_find(ctx, QEMU_EXTERNAL_COUNT_);
        e = qemu_external_need(ctx, wanted.fd);
        wanted.io_poll_begin = e->io_poll_begin;
        wanted.io_poll_end = e->io_poll_end;
        wanted.next = e->next;
        *e = wanted;
    } else {
        qemu_external_free(qemu_external_find(ctx, wanted.fd));
    }
    qemu_external_set(e, is_set);
    pthread_mutex_unlock(&qemu_external_lock);
}

/* The hooks of a handler, also while it is disabled. */
static inline void qemu_set_fd_poll(AioContext *ctx, int fd,
                                    IOHandler *io_poll_begin,
                                    IOHandler *io_poll_end)
{
    QemuExternal *e;

    pthread_mutex_lock(&qemu_external_lock);
    e = qemu_external_find(ctx, fd);
    if (e) {
        e->io_poll_begin = io_poll_begin;
        e->io_poll_end = io_poll_end;
    }
    (aio_set_fd_poll)(ctx, fd, io_poll_begin, io_poll_end);
    pthread_mutex_unlock(&qemu_external_lock);
}

#define QEMU_SET_FD_HANDLER_(context, number, is_external, read, write,   \
                             poll, poll_ready, data)                      \
    qemu_set_handler_of(                                                  \
        (QemuExternal){ .ctx = (context), .fd = (number),                 \
                        .io_read = (read), .io_write = (write),           \
                        .io_poll = (poll), .io_poll_ready = (poll_ready), \
                        .opaque = (data) },                               \
        (is_external))

static inline void
qemu_set_event_notifier_of(AioContext *ctx, EventNotifier *notifier,
                           bool is_external, EventNotifierHandler *io_read,
                           AioPollFn *io_poll,
                           EventNotifierHandler *io_poll_ready)
{
    const QemuExternal wanted = {
        .ctx = ctx,
        .fd = event_notifier_get_fd(notifier),
        .notifier = notifier,
        .io_read = QEMU_FD_HANDLER_(io_read),
        .io_poll = io_poll,
        .io_poll_ready = QEMU_FD_HANDLER_(io_poll_ready),
    };

    qemu_set_handler_of(wanted, is_external);
}

#define aio_set_fd_poll(ctx, fd, io_poll_begin, io_poll_end) \
    qemu_set_fd_poll((ctx), (fd), (io_poll_begin), (io_poll_end))
#define aio_set_event_notifier_poll(ctx, notifier, begin, end)     \
    qemu_set_fd_poll((ctx), event_notifier_get_fd(notifier),       \
                     QEMU_FD_HANDLER_(begin), QEMU_FD_HANDLER_(end))

#endif
