/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Monitor with poll(2), for what epoll refuses: regular files, or a set that
 * is larger than the user may have.  A context that has come to it stays.
 *
 * The array for the system call is kept from one wait to the next and made
 * anew when handlers have changed.  Handlers are freed in the home thread
 * alone, so the array stays valid during the call.
 */
#include "aio/aio-internal.h"

#include <poll.h>

static bool fdmon_poll_init(AioContext *ctx, Error **errp)
{
    ctx->poll_n = 0;
    ctx->poll_version = atomic_load(&ctx->handlers_version) - 1;
    return true;
}

static void fdmon_poll_cleanup(AioContext *ctx)
{
    g_clear_pointer(&ctx->poll_fds, g_free);
    g_clear_pointer(&ctx->poll_nodes, g_free);
    ctx->poll_capacity = 0;
}

static bool fdmon_poll_update(AioContext *ctx, AioHandler *old_node,
                              AioHandler *new_node)
{
    GSource *source = aio_live_source(ctx);

    if (source && old_node) {
        g_source_remove_poll(source, &old_node->gpollfd);
    }
    if (source && new_node) {
        g_source_add_poll(source, &new_node->gpollfd);
    }
    return true;
}

static void poll_add(AioContext *ctx, AioHandler *node)
{
    if (ctx->poll_n == ctx->poll_capacity) {
        ctx->poll_capacity = MAX(16, ctx->poll_capacity * 2);
        ctx->poll_fds = g_renew(struct pollfd, ctx->poll_fds,
                                ctx->poll_capacity);
        ctx->poll_nodes = g_renew(AioHandler *, ctx->poll_nodes,
                                  ctx->poll_capacity);
    }
    ctx->poll_fds[ctx->poll_n] = (struct pollfd) {
        .fd = node->events ? node->fd : -1,
        .events = node->events,
    };
    ctx->poll_nodes[ctx->poll_n++] = node;
}

static void poll_refresh(AioContext *ctx)
{
    QueueLink *link;

    if (ctx->poll_version == atomic_load(&ctx->handlers_version)) {
        return;
    }
    lock_take(&ctx->handler_lock);
    ctx->poll_version = atomic_load(&ctx->handlers_version);
    ctx->poll_n = 0;
    QUEUE_FOREACH(link, &ctx->handlers) {
        poll_add(ctx, container_of(link, AioHandler, link));
    }
    lock_leave(&ctx->handler_lock);
}

static void poll_found(AioContext *ctx, AioHandler *node, unsigned revents)
{
    if (node->is_own_notifier) {
        event_notifier_test_and_clear(&ctx->notifier);
    } else {
        aio_handler_ready(ctx, node, revents);
    }
}

static void fdmon_poll_wait(AioContext *ctx, int64_t timeout_ns)
{
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    int n;

    poll_refresh(ctx);
    n = ppoll(ctx->poll_fds, ctx->poll_n, timeout_ns < 0 ? NULL : &ts, NULL);
    for (unsigned i = 0; n > 0 && i < ctx->poll_n; i++) {
        unsigned revents = ctx->poll_fds[i].revents;

        if (revents) {
            poll_found(ctx, ctx->poll_nodes[i], revents);
            n--;
        }
    }
}

static void fdmon_poll_source_attach(AioContext *ctx, GSource *source)
{
    QueueLink *link;

    ctx->own_handler.gpollfd.fd = ctx->own_handler.fd;
    QUEUE_FOREACH(link, &ctx->handlers) {
        g_source_add_poll(source,
                          &container_of(link, AioHandler, link)->gpollfd);
    }
}

static void fdmon_poll_source_detach(AioContext *ctx, GSource *source)
{
    QueueLink *link;

    QUEUE_FOREACH(link, &ctx->handlers) {
        g_source_remove_poll(source,
                             &container_of(link, AioHandler, link)->gpollfd);
    }
}

static void fdmon_poll_source_check(AioContext *ctx)
{
    QueueLink *link;

    lock_take(&ctx->handler_lock);
    QUEUE_FOREACH(link, &ctx->handlers) {
        AioHandler *node = container_of(link, AioHandler, link);

        if (node->gpollfd.revents) {
            poll_found(ctx, node, node->gpollfd.revents);
            node->gpollfd.revents = 0;
        }
    }
    lock_leave(&ctx->handler_lock);
}

const FdMonOps fdmon_poll_ops = {
    .name = "poll",
    .init = fdmon_poll_init,
    .cleanup = fdmon_poll_cleanup,
    .update = fdmon_poll_update,
    .wait = fdmon_poll_wait,
    .source_attach = fdmon_poll_source_attach,
    .source_detach = fdmon_poll_source_detach,
    .source_check = fdmon_poll_source_check,
};
