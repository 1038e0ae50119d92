/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd monitor with poll(2), for what epoll refuses: regular files, or more file
 * descriptors than the user may register.  A context that has fallen back to it
 * keeps it until a user asks for another monitor.
 *
 * The array for the system call is kept from one wait to the next, and rebuilt
 * when handlers have changed.  It contains pointers to handlers, which stay
 * valid during a wait because only the home thread frees handlers.
 *
 * Under a GSource, GLib calls poll(2).  Each slot has an entry of its own for
 * that, which is added to the GSource and removed from it.
 */
#include "aio/context-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>

typedef struct PollState {
    struct pollfd *fds; /* n entries */
    AioHandler **nodes; /* the handlers of the entries */
    unsigned n;
    unsigned capacity;
    bool is_stale; /* handlers have changed since the arrays were filled */
} PollState;

/* The monitor's data in each slot. */
typedef struct PollSlot {
    GPollFD gpollfd;   /* the entry of the GSource */
    bool is_in_source; /* it is one; under handlers.lock */
} PollSlot;
G_STATIC_ASSERT(sizeof(PollSlot) <= AIO_FD_MONITOR_DATA);

static PollSlot *poll_slot(AioFdSlot *slot)
{
    return (void *)slot->monitor_data;
}

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

/* Under handlers.lock. */
static void poll_source_del(GSource *source, AioFdSlot *slot)
{
    PollSlot *data = poll_slot(slot);

    if (data->is_in_source) {
        g_source_remove_poll(source, &data->gpollfd);
        data->is_in_source = false;
    }
}

static void poll_source_add(GSource *source, AioFdSlot *slot)
{
    PollSlot *data = poll_slot(slot);

    data->gpollfd = (GPollFD) {
        .fd = slot->fd,
        .events = slot->node->events,
    };
    g_source_add_poll(source, &data->gpollfd);
    data->is_in_source = true;
}

/* Cannot fail: poll(2) takes every file descriptor, even a closed one. */
static bool fdmon_poll_update(AioContext *ctx, AioFdSlot *slot)
{
    PollState *s = ctx->monitor.state;
    GSource *source;

    s->is_stale = true;
    lock_acquire(&ctx->handlers.lock);
    source = aio_polled_source(ctx);
    if (source) {
        poll_source_del(source, slot);
        if (slot->node && slot->node->events && !slot->node->is_closed) {
            poll_source_add(source, slot);
        }
    }
    lock_release(&ctx->handlers.lock);
    return true;
}

/* An entry without events or whose file is closed is ignored: its fd is -1. */
static void poll_add(PollState *s, AioHandler *node)
{
    if (s->n == s->capacity) {
        s->capacity = MAX(16, s->capacity * 2);
        s->fds = g_renew(struct pollfd, s->fds, s->capacity);
        s->nodes = g_renew(AioHandler *, s->nodes, s->capacity);
    }
    s->fds[s->n] = (struct pollfd) {
        .fd = node->events && !node->is_closed ? node->fd : -1,
        .events = node->events,
    };
    s->nodes[s->n++] = node;
}

/* Fills the arrays again if handlers have changed. */
static void poll_refresh(AioContext *ctx, PollState *s)
{
    QueueLink *link;

    if (!s->is_stale) {
        return;
    }
    lock_acquire(&ctx->handlers.lock);
    s->is_stale = false;
    s->n = 0;
    QUEUE_FOREACH(link, &ctx->handlers.all) {
        poll_add(s, container_of(link, AioHandler, link));
    }
    lock_release(&ctx->handlers.lock);
}

/* poll(2) reported @revents for @node. */
static void poll_found(AioContext *ctx, AioHandler *node, unsigned revents)
{
    if (node->is_own_notifier) {
        event_notifier_test_and_clear(&ctx->wake.notifier);
    } else {
        aio_handler_ready(ctx, node, revents & ~POLLNVAL);
    }
}

/* ---- Beyond the limit of poll(2) ---- */

#define BITS_PER_LONG (8 * sizeof(unsigned long))

static void bit_set(unsigned long *bits, int fd)
{
    bits[fd / BITS_PER_LONG] |= 1ul << fd % BITS_PER_LONG;
}

static bool bit_is_set(const unsigned long *bits, int fd)
{
    return bits[fd / BITS_PER_LONG] >> fd % BITS_PER_LONG & 1;
}

static int found(struct pollfd *pollfd, unsigned revents)
{
    pollfd->revents = revents;
    return revents != 0;
}

/*
 * select(2) reports that one of the file descriptors is closed, but not which.
 * Sets POLLNVAL for those.
 *
 * Returns: the number of closed file descriptors
 */
static int find_closed(struct pollfd *fds, unsigned n)
{
    int n_found = 0;

    for (unsigned i = 0; i < n; i++) {
        bool is_closed = fds[i].fd >= 0 && fcntl(fds[i].fd, F_GETFD) < 0;

        n_found += found(&fds[i], is_closed ? POLLNVAL : 0);
    }
    return n_found;
}

/* With sets of any size: an fd_set ends at file descriptor 1,023. */
static int poll_by_select(struct pollfd *fds, unsigned n,
                          const struct timespec *timeout)
{
    g_autofree unsigned long *bits = NULL;
    unsigned long *in, *out;
    size_t n_longs;
    int max_fd = -1;
    int n_found = 0;

    for (unsigned i = 0; i < n; i++) {
        max_fd = MAX(max_fd, fds[i].fd);
    }
    n_longs = (max_fd + BITS_PER_LONG) / BITS_PER_LONG; /* 0: none */
    bits = g_new0(unsigned long, 2 * n_longs);
    in = bits;
    out = bits + n_longs;
    for (unsigned i = 0; i < n; i++) {
        if (fds[i].fd >= 0 && fds[i].events & POLLIN) {
            bit_set(in, fds[i].fd);
        }
        if (fds[i].fd >= 0 && fds[i].events & POLLOUT) {
            bit_set(out, fds[i].fd);
        }
    }
    if (pselect(max_fd + 1, (fd_set *)in, (fd_set *)out, NULL, timeout,
                NULL) < 0) {
        return errno == EBADF ? find_closed(fds, n) : -1;
    }
    for (unsigned i = 0; i < n; i++) {
        n_found += found(&fds[i], fds[i].fd < 0 ? 0 :
                         (bit_is_set(in, fds[i].fd) ? POLLIN : 0) |
                         (bit_is_set(out, fds[i].fd) ? POLLOUT : 0));
    }
    return n_found;
}

/*
 * poll(2) refuses more entries than RLIMIT_NOFILE, which the program may have
 * lowered since it opened the files.  select(2) has no such limit.  It reports
 * a hang-up or an error as readable or writable, which calls the same
 * callbacks.
 */
int aio_poll_fds(struct pollfd *fds, unsigned n, const struct timespec *timeout)
{
    int ret = ppoll(fds, n, timeout, NULL);

    return G_UNLIKELY(ret < 0 && errno == EINVAL)
        ? poll_by_select(fds, n, timeout) : ret;
}

/* ---- Waiting ---- */

static void fdmon_poll_wait(AioContext *ctx, int64_t timeout_ns)
{
    PollState *s = ctx->monitor.state;
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    bool has_closed = false; /* POLLNVAL was reported */
    int n;

    poll_refresh(ctx, s);
    n = aio_poll_fds(s->fds, s->n, timeout_ns < 0 ? NULL : &ts);
    for (unsigned i = 0; n > 0 && i < s->n; i++) {
        if (s->fds[i].revents) {
            poll_found(ctx, s->nodes[i], s->fds[i].revents);
            has_closed |= s->fds[i].revents & POLLNVAL;
            n--;
        }
    }
    if (G_UNLIKELY(has_closed)) {
        aio_find_closed_fds(ctx);
    }
}

/* The notifier has no slot, so its entry is in the context. */
static void fdmon_poll_source_attach(AioContext *ctx, GSource *source)
{
    QueueLink *link;

    ctx->source.pollfd.fd = ctx->handlers.own.fd;
    g_source_add_poll(source, &ctx->source.pollfd);
    QUEUE_FOREACH(link, &ctx->handlers.all) {
        AioHandler *node = container_of(link, AioHandler, link);

        if (!node->is_own_notifier && node->events) {
            poll_source_add(source,
                            fd_table_find(&ctx->handlers.fd_table, node->fd));
        }
    }
}

static void poll_source_forget(AioFdSlot *slot, void *source)
{
    poll_source_del(source, slot);
}

static void fdmon_poll_source_detach(AioContext *ctx, GSource *source)
{
    g_source_remove_poll(source, &ctx->source.pollfd);
    fd_table_foreach(&ctx->handlers.fd_table, poll_source_forget, source);
}

/*
 * Makes the handler ready if GLib's poll found events for it.  Under
 * handlers.lock.
 *
 * Returns: true if its file descriptor may be closed
 */
static bool poll_source_found(AioContext *ctx, AioHandler *node)
{
    PollSlot *data;
    unsigned revents;

    if (node->is_own_notifier) {
        return false;
    }
    data = poll_slot(fd_table_find(&ctx->handlers.fd_table, node->fd));
    revents = data->is_in_source ? data->gpollfd.revents : 0;
    if (revents) {
        aio_handler_ready(ctx, node, revents & ~POLLNVAL);
        data->gpollfd.revents = 0;
    }
    return revents & POLLNVAL;
}

static void fdmon_poll_source_check(AioContext *ctx)
{
    bool has_closed = false;
    QueueLink *link;

    if (ctx->source.pollfd.revents) {
        event_notifier_test_and_clear(&ctx->wake.notifier);
        ctx->source.pollfd.revents = 0;
    }
    lock_acquire(&ctx->handlers.lock);
    QUEUE_FOREACH(link, &ctx->handlers.all) {
        has_closed |= poll_source_found(ctx, container_of(link, AioHandler,
                                                          link));
    }
    lock_release(&ctx->handlers.lock);
    if (G_UNLIKELY(has_closed)) {
        aio_find_closed_fds(ctx);
    }
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
