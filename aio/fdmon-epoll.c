/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Monitor with epoll, used from the first descriptor on.
 *
 * The kernel's set is changed where handlers are set, in any thread, and an
 * event carries its handler's address.  That handler may be deleted but not
 * freed by the time that the home thread looks at the event, see handler.c.
 *
 * The context's own notifier is watched edge-triggered and never read: each
 * write wakes epoll once, and that is all it is for.
 */
#include "aio/aio-internal.h"
#include "qapi/error.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_EVENTS 128

G_STATIC_ASSERT(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
                EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

static bool fdmon_epoll_init(AioContext *ctx, Error **errp)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLET,
        .data.ptr = &ctx->own_handler,
    };

    ctx->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (ctx->epoll_fd < 0) {
        error_setg_errno(errp, errno, "Cannot create an epoll descriptor");
        return false;
    }
    if (epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, ctx->own_handler.fd,
                  &event) < 0) {
        error_setg_errno(errp, errno, "Cannot watch an event notifier");
        close(ctx->epoll_fd);
        return false;
    }
    ctx->epoll_events = g_new(struct epoll_event, MAX_EVENTS);
    return true;
}

static void fdmon_epoll_cleanup(AioContext *ctx)
{
    close(ctx->epoll_fd);
    ctx->epoll_fd = -1;
    g_clear_pointer(&ctx->epoll_events, g_free);
}

/* The user may have closed the descriptor first, and opened another. */
static int epoll_ctl_any(int epoll_fd, int op, int fd,
                         struct epoll_event *event)
{
    int ret = epoll_ctl(epoll_fd, op, fd, event);

    if (ret < 0 && op == EPOLL_CTL_MOD && errno == ENOENT) {
        ret = epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, event);
    } else if (ret < 0 && op == EPOLL_CTL_ADD && errno == EEXIST) {
        ret = epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, event);
    }
    return ret;
}

static bool fdmon_epoll_update(AioContext *ctx, AioHandler *old_node,
                               AioHandler *new_node)
{
    struct epoll_event event = { 0 };
    bool was_watched = old_node && old_node->events;

    /* Without events it is not watched, or a hang-up would never end. */
    if (!new_node || !new_node->events) {
        if (was_watched) {
            epoll_ctl(ctx->epoll_fd, EPOLL_CTL_DEL, old_node->fd, &event);
        }
        return true;
    }
    event.events = new_node->events;
    event.data.ptr = new_node;
    return epoll_ctl_any(ctx->epoll_fd,
                         was_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
                         new_node->fd, &event) == 0 || errno == EBADF;
}

atomic_bool fdmon_epoll_no_pwait2;

/* Where epoll_pwait2() is missing ppoll() waits, to the nanosecond too. */
static int epoll_wait_ns(int epoll_fd, struct epoll_event *events,
                         int64_t timeout_ns)
{
    struct pollfd pollfd = { .fd = epoll_fd, .events = POLLIN };
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    int n;

    if (!atomic_load_explicit(&fdmon_epoll_no_pwait2,
                              memory_order_relaxed)) {
        n = epoll_pwait2(epoll_fd, events, MAX_EVENTS, &ts, NULL);
        if (n >= 0 || errno == EINTR) {
            return n;
        }
        atomic_store_explicit(&fdmon_epoll_no_pwait2, true,
                              memory_order_relaxed);
    }
    if (ppoll(&pollfd, 1, &ts, NULL) <= 0) {
        return 0;
    }
    return epoll_wait(epoll_fd, events, MAX_EVENTS, 0);
}

static void fdmon_epoll_wait(AioContext *ctx, int64_t timeout_ns)
{
    struct epoll_event *events = ctx->epoll_events;
    int n;

    if (timeout_ns > 0) {
        n = epoll_wait_ns(ctx->epoll_fd, events, timeout_ns);
    } else {
        n = epoll_wait(ctx->epoll_fd, events, MAX_EVENTS,
                       timeout_ns < 0 ? -1 : 0);
    }
    /* What the kernel handed on from another thread is ordered by this. */
    (void)atomic_load_explicit(&ctx->handlers_version, memory_order_acquire);
    for (int i = 0; i < n; i++) {
        AioHandler *node = events[i].data.ptr;

        if (!node->is_own_notifier) {
            aio_handler_ready(ctx, node, events[i].events);
        }
    }
}

static void fdmon_epoll_source_attach(AioContext *ctx, GSource *source)
{
    ctx->own_handler.gpollfd.fd = ctx->epoll_fd;
    g_source_add_poll(source, &ctx->own_handler.gpollfd);
}

static void fdmon_epoll_source_detach(AioContext *ctx, GSource *source)
{
    g_source_remove_poll(source, &ctx->own_handler.gpollfd);
}

static void fdmon_epoll_source_check(AioContext *ctx)
{
    if (ctx->own_handler.gpollfd.revents) {
        fdmon_epoll_wait(ctx, 0);
    }
}

const FdMonOps fdmon_epoll_ops = {
    .name = "epoll",
    .init = fdmon_epoll_init,
    .cleanup = fdmon_epoll_cleanup,
    .update = fdmon_epoll_update,
    .wait = fdmon_epoll_wait,
    .source_attach = fdmon_epoll_source_attach,
    .source_detach = fdmon_epoll_source_detach,
    .source_check = fdmon_epoll_source_check,
};
