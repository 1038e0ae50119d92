/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers of file descriptors, independent of the fd monitor.
 *
 * A handler is immutable.  Setting other callbacks creates a new handler and
 * marks the old one as deleted; from then on it is not called.  Only the home
 * thread frees handlers, and only while no iteration uses them (`walk_depth` is
 * 0).  An iteration can therefore use pointers to handlers without a lock or a
 * reference count, whatever callbacks and other threads do.
 *
 * handlers.lock protects the table of file descriptors, the list of all
 * handlers and the list of changes.  An iteration takes it only if there are
 * changes.
 */
#include "aio/context-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

#include <poll.h>

#define READ_EVENTS (POLLIN | POLLHUP | POLLERR)
#define WRITE_EVENTS (POLLOUT | POLLERR)

/* ---- Freeing ---- */

/* Under handlers.lock. */
static void handler_mark_deleted(AioContext *ctx, AioHandler *node)
{
    atomic_store_explicit(&node->deleted, true, memory_order_relaxed);
    node->deleted_next =
        atomic_load_explicit(&ctx->handlers.deleted, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
               &ctx->handlers.deleted, &node->deleted_next, node,
               memory_order_release, memory_order_relaxed)) {
        /* The home thread took the list between the load and here. */
    }
}

/* Frees the memory of a handler: an allocation, or the one in the slot. */
static void handler_release(AioFdSlot *slot, AioHandler *node)
{
    if (node == &slot->inline_handler) {
        atomic_store_explicit(&slot->inline_handler_used, false,
                              memory_order_release);
    } else {
        g_aligned_free(node);
    }
}

static void handler_free(AioContext *ctx, AioHandler *node)
{
    AioFdSlot *slot = fd_table_find(&ctx->handlers.fd_table, node->fd);

    if (queue_is_linked(&node->ready_link)) {
        queue_remove(&node->ready_link);
    }
    if (slot->watched == node) {
        slot->watched = NULL;
    }
    handler_release(slot, node);
}

void aio_free_deleted_handlers(AioContext *ctx)
{
    AioHandler *node;

    if (ctx->iteration.walk_depth > 0) {
        return;
    }
    node = atomic_exchange_explicit(&ctx->handlers.deleted, NULL,
                                    memory_order_acquire);
    while (node) {
        AioHandler *next = node->deleted_next;

        handler_free(ctx, node);
        node = next;
    }
}

/* ---- Dispatch ---- */

/*
 * io_poll may still return true during the callback.  poll_running keeps an
 * iteration that the callback runs from calling it again.
 */
static void aio_dispatch_poll_ready(AioHandler *node)
{
    node->poll_running = true;
    PROBE(callback_begin, node->io_poll_ready);
    node->io_poll_ready(node->opaque);
    PROBE(callback_end);
    node->poll_running = false;
}

/*
 * Counts a callback that has returned.
 *
 * @begin: the value of counters.begin before the call
 */
static void handler_called(AioContext *ctx, uint64_t begin,
                           const AioHandler *node, AioCallbackKind kind,
                           IOHandler *function)
{
    aio_counters_callback_returned(&ctx->counters, begin,
                        node->is_notifier ? AIO_CALLBACK_NOTIFIER : kind,
                        (void *)function, node->fd);
}

static bool aio_dispatch_handler(AioContext *ctx, AioHandler *node)
{
    unsigned revents = node->revents;
    bool poll_ready = node->poll_ready;
    bool progress = false;
    uint64_t begin;

    node->revents = 0;
    node->poll_ready = false;
    if (G_UNLIKELY(node->poll_is_idle)) {
        aio_busy_poll_readd(ctx, node);
    }
    if (node->io_read && (revents & READ_EVENTS) &&
        !aio_handler_is_deleted(node)) {
        begin = ctx->counters.begin;
        PROBE(callback_begin, node->io_read);
        node->io_read(node->opaque);
        PROBE(callback_end);
        handler_called(ctx, begin, node, AIO_CALLBACK_READ, node->io_read);
        progress = true;
    }
    if (node->io_write && (revents & WRITE_EVENTS) &&
        !aio_handler_is_deleted(node)) {
        begin = ctx->counters.begin;
        PROBE(callback_begin, node->io_write);
        node->io_write(node->opaque);
        PROBE(callback_end);
        handler_called(ctx, begin, node, AIO_CALLBACK_WRITE, node->io_write);
        progress = true;
    }
    if (poll_ready && !progress && !aio_handler_is_deleted(node)) {
        begin = ctx->counters.begin;
        aio_dispatch_poll_ready(node);
        handler_called(ctx, begin, node, AIO_CALLBACK_POLL,
                       node->io_poll_ready);
        progress = true;
    }
    return progress;
}

bool aio_dispatch_ready(AioContext *ctx)
{
    QueueLink *link;
    bool progress = false;

    while ((link = queue_pop(&ctx->iteration.ready)) != NULL) {
        progress |= aio_dispatch_handler(
            ctx, container_of(link, AioHandler, ready_link));
    }
    if (ctx->monitor.ops->dispatched) {
        ctx->monitor.ops->dispatched(ctx);
    }
    return progress;
}

/* ---- Setting handlers ---- */

/*
 * Returns memory for a handler: that in the slot, or an allocation if the home
 * thread has not freed the handler that occupies it.  Under handlers.lock.
 */
static AioHandler *handler_alloc(AioFdSlot *slot)
{
    if (atomic_load_explicit(&slot->inline_handler_used,
                             memory_order_acquire)) {
        return g_aligned_alloc(1, sizeof(AioHandler), AIO_CACHE_LINE);
    }
    atomic_store_explicit(&slot->inline_handler_used, true,
                          memory_order_relaxed);
    return &slot->inline_handler;
}

/* Under handlers.lock, so no other thread writes @count. */
static void count_add(atomic_uint *count, int n)
{
    unsigned old = atomic_load_explicit(count, memory_order_relaxed);

    atomic_store_explicit(count, old + n, memory_order_release);
}

/*
 * Updates the counts that decide on busy polling and on how to sleep, for a
 * handler that is added (@n is 1) or removed (-1).  Under handlers.lock.
 */
static void handlers_count(AioContext *ctx, AioHandler *node, int n)
{
    if (node->events) {
        count_add(&ctx->handlers.n_watched, n);
    }
    if (!node->io_poll) {
        count_add(&ctx->handlers.n_without_poll, n);
        return;
    }
    count_add(&ctx->handlers.poll_version, 1);
    if (n > 0) {
        queue_push(&ctx->handlers.polled, &node->poll_link);
    } else {
        queue_remove(&node->poll_link);
    }
}

/*
 * Replaces the handler of @fd.  Under handlers.lock.
 *
 * @wanted: (nullable) the new handler, copied; NULL removes the handler
 *
 * Returns: true if @fd had a handler
 */
static bool handlers_replace(AioContext *ctx, int fd,
                             const AioHandler *wanted)
{
    AioFdSlot *slot = wanted ? fd_table_get(&ctx->handlers.fd_table, fd)
                             : fd_table_find(&ctx->handlers.fd_table, fd);
    AioHandler *old_node = slot ? slot->node : NULL;

    if (!old_node && !wanted) {
        return false;
    }
    slot->node = NULL;
    fd_changes_add(&ctx->handlers.changes, slot);
    if (old_node) {
        queue_remove(&old_node->link);
        handlers_count(ctx, old_node, -1);
        handler_mark_deleted(ctx, old_node);
    }
    if (wanted) {
        slot->node = handler_alloc(slot);
        *slot->node = *wanted;
        queue_push(&ctx->handlers.all, &slot->node->link);
        handlers_count(ctx, slot->node, 1);
    }
    return old_node;
}

/*
 * A handler was removed in the home thread.  The user may close the file
 * descriptor next, so a monitor that keeps the file open releases it now.
 */
static void handler_removed(AioContext *ctx)
{
    if (ctx->monitor.ops->submit) {
        aio_fdmon_flush(ctx);
    }
    aio_free_deleted_handlers(ctx);
}

static void set_handler(AioContext *ctx, int fd, IOHandler *io_read,
                        IOHandler *io_write, AioPollFn *io_poll,
                        IOHandler *io_poll_ready, void *opaque,
                        bool is_notifier)
{
    AioHandler wanted = {
        .io_read = io_read,
        .io_write = io_write,
        .opaque = opaque,
        .fd = fd,
        .events = (io_read ? POLLIN | POLLHUP | POLLERR : 0) |
                  (io_write ? POLLOUT | POLLERR : 0),
        .is_notifier = is_notifier,
        .io_poll = io_poll_ready ? io_poll : NULL,
        .io_poll_ready = io_poll_ready,
    };
    bool is_set = wanted.events || wanted.io_poll;
    bool was_set;

    if (fd < 0 && is_set) {
        programming_error("aio_set_fd_handler(): %d is no file descriptor",
                          fd);
    }
    lock_acquire(&ctx->handlers.lock);
    was_set = handlers_replace(ctx, fd, is_set ? &wanted : NULL);
    lock_release(&ctx->handlers.lock);

    if (!in_aio_context_home_thread(ctx)) {
        if (was_set || is_set) {
            aio_notify(ctx);
        }
        return;
    }
    aio_check_soon(&ctx->check);
    if (was_set) {
        handler_removed(ctx);
    }
}

void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read,
                        IOHandler *io_write, AioPollFn *io_poll,
                        IOHandler *io_poll_ready, void *opaque)
{
    set_handler(ctx, fd, io_read, io_write, io_poll, io_poll_ready, opaque,
                false);
}

void aio_set_fd_poll(AioContext *ctx, int fd, IOHandler *io_poll_begin,
                     IOHandler *io_poll_end)
{
    AioFdSlot *slot;

    lock_acquire(&ctx->handlers.lock);
    slot = fd_table_find(&ctx->handlers.fd_table, fd);
    if (slot && slot->node) {
        atomic_store(&slot->node->io_poll_begin, io_poll_begin);
        atomic_store(&slot->node->io_poll_end, io_poll_end);
    }
    lock_release(&ctx->handlers.lock);
}

/* The opaque pointer is the notifier, so both types take one pointer. */
static IOHandler *notifier_handler(EventNotifierHandler *handler)
{
    return (IOHandler *)(void (*)(void))handler;
}

void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read,
                            AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready)
{
    set_handler(ctx, event_notifier_get_fd(notifier),
                notifier_handler(io_read), NULL, io_poll,
                notifier_handler(io_poll_ready), notifier, true);
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
    AioHandler *own = &ctx->handlers.own;

    queue_init(&ctx->iteration.ready);
    queue_init(&ctx->handlers.all);
    queue_init(&ctx->handlers.polled);
    own->fd = event_notifier_get_fd(&ctx->wake.notifier);
    own->events = POLLIN;
    own->is_own_notifier = true;
    ctx->source.pollfd.fd = own->fd;
    ctx->source.pollfd.events = POLLIN;
    queue_push(&ctx->handlers.all, &own->link);
}

void aio_handlers_cleanup(AioContext *ctx)
{
    QueueLink *link;

    aio_busy_poll_cleanup(ctx);
    aio_free_deleted_handlers(ctx);
    while ((link = queue_pop(&ctx->handlers.all)) != NULL) {
        AioHandler *node = container_of(link, AioHandler, link);

        if (!node->is_own_notifier) {
            handler_release(fd_table_find(&ctx->handlers.fd_table, node->fd),
                            node);
        }
    }
    fd_table_cleanup(&ctx->handlers.fd_table);
}
