/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers of file descriptors, whichever monitor watches them.
 *
 * A handler is immutable.  Setting other callbacks makes a new one, and the
 * old one is marked deleted: from then on it is not called.  It is freed by
 * the home thread alone, while no round walks handlers, so a round can hold
 * pointers to handlers without a lock or a count, whatever callbacks and
 * other threads do.
 *
 * The table that finds a handler by descriptor, the list of all and the
 * monitor's set change under handler_lock.  A round does not take it.
 */
#include "aio/aio-internal.h"

#include <poll.h>

#define READ_EVENTS (POLLIN | POLLHUP | POLLERR)
#define WRITE_EVENTS (POLLOUT | POLLERR)

/* ---- The table ---- */

static AioHandler **fd_table_slot(AioFdTable *table, int fd, bool make)
{
    unsigned page = (unsigned)fd / AIO_FD_PAGE;

    if (page >= table->n_pages) {
        unsigned n = MAX(page + 1, table->n_pages * 2);

        if (!make) {
            return NULL;
        }
        table->pages = g_renew(AioHandler **, table->pages, n);
        for (unsigned i = table->n_pages; i < n; i++) {
            table->pages[i] = NULL;
        }
        table->n_pages = n;
    }
    if (!table->pages[page]) {
        if (!make) {
            return NULL;
        }
        table->pages[page] = g_new0(AioHandler *, AIO_FD_PAGE);
    }
    return &table->pages[page][(unsigned)fd % AIO_FD_PAGE];
}

static AioHandler *fd_table_get(AioFdTable *table, int fd)
{
    AioHandler **slot = fd_table_slot(table, fd, false);

    return slot ? *slot : NULL;
}

static void fd_table_cleanup(AioFdTable *table)
{
    for (unsigned i = 0; i < table->n_pages; i++) {
        g_free(table->pages[i]);
    }
    g_free(table->pages);
}

/* ---- Freeing ---- */

/* Under handler_lock. */
static void handler_mark_deleted(AioContext *ctx, AioHandler *node)
{
    atomic_store_explicit(&node->deleted, true, memory_order_relaxed);
    node->deleted_next =
        atomic_load_explicit(&ctx->deleted_handlers, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
               &ctx->deleted_handlers, &node->deleted_next, node,
               memory_order_release, memory_order_relaxed)) {
        /* The home thread has taken the list meanwhile. */
    }
}

void aio_free_deleted_handlers(AioContext *ctx)
{
    AioHandler *node;

    if (ctx->walking > 0) {
        return;
    }
    node = atomic_exchange_explicit(&ctx->deleted_handlers, NULL,
                                    memory_order_acquire);
    while (node) {
        AioHandler *next = node->deleted_next;

        if (queue_is_linked(&node->ready_link)) {
            queue_remove(&node->ready_link);
        }
        g_free(node);
        node = next;
    }
}

/* ---- Dispatch ---- */

void aio_handler_ready(AioContext *ctx, AioHandler *node, unsigned revents)
{
    node->revents |= revents;
    if (!queue_is_linked(&node->ready_link)) {
        queue_push(&ctx->ready, &node->ready_link);
    }
}

static bool handler_is_deleted(const AioHandler *node)
{
    return atomic_load_explicit(&node->deleted, memory_order_relaxed);
}

static bool aio_dispatch_handler(AioHandler *node)
{
    unsigned revents = node->revents;
    bool progress = false;

    node->revents = 0;
    if (node->io_read && (revents & READ_EVENTS) &&
        !handler_is_deleted(node)) {
        node->io_read(node->opaque);
        progress = true;
    }
    if (node->io_write && (revents & WRITE_EVENTS) &&
        !handler_is_deleted(node)) {
        node->io_write(node->opaque);
        progress = true;
    }
    return progress;
}

bool aio_dispatch_ready(AioContext *ctx)
{
    QueueLink *link;
    bool progress = false;

    while ((link = queue_pop(&ctx->ready)) != NULL) {
        progress |= aio_dispatch_handler(
            container_of(link, AioHandler, ready_link));
    }
    return progress;
}

/* ---- Monitors ---- */

/* Home thread, or nobody runs @ctx yet. */
void aio_change_fdmon(AioContext *ctx, const FdMonOps *ops)
{
    GSource *source;

    lock_take(&ctx->source_lock);
    lock_take(&ctx->handler_lock);
    source = aio_live_source(ctx);
    if (source) {
        ctx->fdmon->source_detach(ctx, source);
    }
    ctx->fdmon->cleanup(ctx);
    ctx->fdmon = ops;
    ops->init(ctx, NULL);
    if (source) {
        ops->source_attach(ctx, source);
    }
    atomic_store(&ctx->fdmon_must_change, false);
    lock_leave(&ctx->handler_lock);
    lock_leave(&ctx->source_lock);
}

void aio_fdmon_wait(AioContext *ctx, int64_t timeout_ns)
{
    if (G_UNLIKELY(atomic_load_explicit(&ctx->fdmon_must_change,
                                        memory_order_relaxed))) {
        aio_change_fdmon(ctx, &fdmon_poll_ops);
    }
    ctx->fdmon->wait(ctx, timeout_ns);
}

/* ---- Setting handlers ---- */

static AioHandler *handler_new(int fd, IOHandler *io_read,
                               IOHandler *io_write, AioPollFn *io_poll,
                               IOHandler *io_poll_ready, void *opaque)
{
    AioHandler *node = g_new0(AioHandler, 1);

    node->fd = fd;
    node->events = (io_read ? POLLIN | POLLHUP | POLLERR : 0) |
                   (io_write ? POLLOUT | POLLERR : 0);
    node->io_read = io_read;
    node->io_write = io_write;
    node->io_poll = io_poll;
    node->io_poll_ready = io_poll_ready;
    node->opaque = opaque;
    node->gpollfd.fd = fd;
    node->gpollfd.events = node->events;
    return node;
}

/* Under handler_lock. */
static void handlers_replace(AioContext *ctx, AioHandler *old_node,
                             AioHandler *new_node)
{
    /* First: an event that shows @new_node shows this, see fdmon-epoll.c. */
    atomic_fetch_add(&ctx->handlers_version, 1);
    if (!ctx->fdmon->update(ctx, old_node, new_node)) {
        atomic_store(&ctx->fdmon_must_change, true);
    }
    if (old_node) {
        queue_remove(&old_node->link);
        handler_mark_deleted(ctx, old_node);
    }
    if (new_node) {
        queue_push(&ctx->handlers, &new_node->link);
    }
}

void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read,
                        IOHandler *io_write, AioPollFn *io_poll,
                        IOHandler *io_poll_ready, void *opaque)
{
    AioHandler *new_node = NULL;
    AioHandler *old_node;

    if (!io_poll_ready) {
        io_poll = NULL;
    }
    if (io_read || io_write || io_poll) {
        g_assert(fd >= 0);
        new_node = handler_new(fd, io_read, io_write, io_poll,
                               io_poll_ready, opaque);
    }

    lock_take(&ctx->handler_lock);
    old_node = fd_table_get(&ctx->fd_table, fd);
    if (old_node || new_node) {
        handlers_replace(ctx, old_node, new_node);
        *fd_table_slot(&ctx->fd_table, fd, true) = new_node;
    }
    lock_leave(&ctx->handler_lock);

    if (in_aio_context_home_thread(ctx)) {
        ctx->streak = 0;
        aio_free_deleted_handlers(ctx);
    } else if (old_node || new_node) {
        aio_notify(ctx);
    }
}

void aio_set_fd_poll(AioContext *ctx, int fd, IOHandler *io_poll_begin,
                     IOHandler *io_poll_end)
{
    AioHandler *node;

    lock_take(&ctx->handler_lock);
    node = fd_table_get(&ctx->fd_table, fd);
    if (node) {
        node->io_poll_begin = io_poll_begin;
        node->io_poll_end = io_poll_end;
    }
    lock_leave(&ctx->handler_lock);
}

/* A handler's argument is the opaque pointer, which is the notifier. */
static IOHandler *notifier_handler(EventNotifierHandler *handler)
{
    return (IOHandler *)(void (*)(void))handler;
}

void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read,
                            AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready)
{
    aio_set_fd_handler(ctx, event_notifier_get_fd(notifier),
                       notifier_handler(io_read), NULL, io_poll,
                       notifier_handler(io_poll_ready), notifier);
}

void aio_set_event_notifier_poll(AioContext *ctx, EventNotifier *notifier,
                                 EventNotifierHandler *io_poll_begin,
                                 EventNotifierHandler *io_poll_end)
{
    aio_set_fd_poll(ctx, event_notifier_get_fd(notifier),
                    notifier_handler(io_poll_begin),
                    notifier_handler(io_poll_end));
}

/* ---- Life ---- */

void aio_handlers_init(AioContext *ctx)
{
    AioHandler *own = &ctx->own_handler;

    queue_init(&ctx->ready);
    queue_init(&ctx->handlers);
    own->fd = event_notifier_get_fd(&ctx->notifier);
    own->events = POLLIN;
    own->is_own_notifier = true;
    own->gpollfd.fd = own->fd;
    own->gpollfd.events = POLLIN;
    queue_push(&ctx->handlers, &own->link);
}

void aio_handlers_cleanup(AioContext *ctx)
{
    QueueLink *link;

    ctx->fdmon->cleanup(ctx);
    aio_free_deleted_handlers(ctx);
    while ((link = queue_pop(&ctx->handlers)) != NULL) {
        AioHandler *node = container_of(link, AioHandler, link);

        if (!node->is_own_notifier) {
            g_free(node);
        }
    }
    fd_table_cleanup(&ctx->fd_table);
}
