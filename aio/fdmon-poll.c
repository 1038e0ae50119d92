/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Monitor with poll(2), for what epoll refuses: regular files, or a set that
 * is larger than the user may have.  A context that has come to it stays,
 * unless a user asks for another monitor.
 *
 * The array for the system call is kept from one wait to the next and made
 * anew when handlers have changed.  Handlers are freed in the home thread
 * alone, so the array stays valid during the call.
 */
#include "aio/aio-internal.h"

#include <poll.h>

typedef struct PollState {
    struct pollfd *fds; /* n of them, and whose they are */
    AioHandler **nodes;
    unsigned n;
    unsigned capacity;
    bool is_stale; /* handlers have changed */
} PollState;

static void *fdmon_poll_open(AioContext *ctx, Error **errp)
{
    PollState *s = g_new0(PollState, 1);

    s->is_stale = true;
    return s;
}

static void fdmon_poll_close(void *state)
{
    PollState *s = state;

    g_free(s->fds);
    g_free(s->nodes);
    g_free(s);
}

/* Under handler_lock. */
static void poll_source_del(GSource *source, AioFdSlot *slot)
{
    if (slot->is_in_source) {
        g_source_remove_poll(source, &slot->gpollfd);
        slot->is_in_source = false;
    }
}

static void poll_source_add(GSource *source, AioFdSlot *slot)
{
    slot->gpollfd.events = slot->node->events;
    slot->gpollfd.revents = 0;
    g_source_add_poll(source, &slot->gpollfd);
    slot->is_in_source = true;
}

static bool fdmon_poll_update(AioContext *ctx, AioFdSlot *slot)
{
    PollState *s = ctx->fdmon_state;
    GSource *source;

    s->is_stale = true;
    lock_take(&ctx->handler_lock);
    source = aio_polled_source(ctx);
    if (source) {
        poll_source_del(source, slot);
        if (slot->node && slot->node->events) {
            poll_source_add(source, slot);
        }
    }
    lock_leave(&ctx->handler_lock);
    return true;
}

static void poll_add(PollState *s, AioHandler *node)
{
    if (s->n == s->capacity) {
        s->capacity = MAX(16, s->capacity * 2);
        s->fds = g_renew(struct pollfd, s->fds, s->capacity);
        s->nodes = g_renew(AioHandler *, s->nodes, s->capacity);
    }
    s->fds[s->n] = (struct pollfd) {
        .fd = node->events ? node->fd : -1,
        .events = node->events,
    };
    s->nodes[s->n++] = node;
}

static void poll_refresh(AioContext *ctx, PollState *s)
{
    QueueLink *link;

    if (!s->is_stale) {
        return;
    }
    lock_take(&ctx->handler_lock);
    s->is_stale = false;
    s->n = 0;
    QUEUE_FOREACH(link, &ctx->handlers) {
        poll_add(s, container_of(link, AioHandler, link));
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
    PollState *s = ctx->fdmon_state;
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    int n;

    poll_refresh(ctx, s);
    n = ppoll(s->fds, s->n, timeout_ns < 0 ? NULL : &ts, NULL);
    for (unsigned i = 0; n > 0 && i < s->n; i++) {
        if (s->fds[i].revents) {
            poll_found(ctx, s->nodes[i], s->fds[i].revents);
            n--;
        }
    }
}

static void fdmon_poll_source_attach(AioContext *ctx, GSource *source)
{
    QueueLink *link;

    ctx->source_pollfd.fd = ctx->own_handler.fd;
    g_source_add_poll(source, &ctx->source_pollfd);
    QUEUE_FOREACH(link, &ctx->handlers) {
        AioHandler *node = container_of(link, AioHandler, link);

        if (!node->is_own_notifier && node->events) {
            poll_source_add(source,
                            fd_table_find(&ctx->fd_table, node->fd));
        }
    }
}

static void poll_source_forget(AioFdSlot *slot, void *source)
{
    poll_source_del(source, slot);
}

static void fdmon_poll_source_detach(AioContext *ctx, GSource *source)
{
    g_source_remove_poll(source, &ctx->source_pollfd);
    fd_table_foreach(&ctx->fd_table, poll_source_forget, source);
}

/* Under handler_lock. */
static void poll_source_found(AioContext *ctx, AioHandler *node)
{
    AioFdSlot *slot;

    if (node->is_own_notifier) {
        return;
    }
    slot = fd_table_find(&ctx->fd_table, node->fd);
    if (slot->is_in_source && slot->gpollfd.revents) {
        aio_handler_ready(ctx, node, slot->gpollfd.revents);
        slot->gpollfd.revents = 0;
    }
}

static void fdmon_poll_source_check(AioContext *ctx)
{
    QueueLink *link;

    if (ctx->source_pollfd.revents) {
        event_notifier_test_and_clear(&ctx->notifier);
        ctx->source_pollfd.revents = 0;
    }
    lock_take(&ctx->handler_lock);
    QUEUE_FOREACH(link, &ctx->handlers) {
        poll_source_found(ctx, container_of(link, AioHandler, link));
    }
    lock_leave(&ctx->handler_lock);
}

const FdMonOps fdmon_poll_ops = {
    .name = "poll",
    .kind = AIO_FD_MONITOR_POLL,
    .open = fdmon_poll_open,
    .close = fdmon_poll_close,
    .update = fdmon_poll_update,
    .wait = fdmon_poll_wait,
    .source_attach = fdmon_poll_source_attach,
    .source_detach = fdmon_poll_source_detach,
    .source_check = fdmon_poll_source_check,
};
