/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd monitor with epoll, used from the first file descriptor on.
 *
 * An event carries the file descriptor and the generation of its registration.
 * If the user closes a file descriptor while a duplicate keeps the file open,
 * the kernel continues to report the old file, and nothing can remove it from
 * the set any longer.  Such an event has an old generation, or no handler; the
 * monitor then creates a new epoll set.
 *
 * To make handlers that are removed and set again cheap, a removed file
 * descriptor stays in the set until the loop is about to sleep.  Setting it
 * again takes a single call.  This call is made even if nothing seems to have
 * changed, because the file descriptor may refer to another file:
 * EPOLL_CTL_ADD fails with EEXIST if it is still the same one.
 *
 * The context's own notifier is watched edge-triggered and never read: each
 * write wakes up epoll_wait() once, and that is all that is needed.
 */
#include "aio/context-internal.h"
#include "qapi/error.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_EVENTS 128

G_STATIC_ASSERT(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
                EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

/* data.u64 of events of the context's own notifier. */
#define OWN_NOTIFIER UINT64_MAX

typedef struct EpollState {
    int fd;
    AioFdSlot *idle; /* slots that may be in the set without a handler */
} EpollState;

/* The monitor's data in each slot. */
typedef struct EpollSlot {
    uint32_t generation; /* of the last registration; half of data.u64 */
    unsigned known;      /* events that the kernel watches; 0: none */
    AioFdSlot *next_idle;
    bool is_idle; /* in EpollState.idle */
} EpollSlot;
G_STATIC_ASSERT(sizeof(EpollSlot) <= AIO_FD_MONITOR_DATA);

static EpollSlot *epoll_slot(AioFdSlot *slot)
{
    return (void *)slot->monitor_data;
}

static void *fdmon_epoll_open(AioContext *ctx, Error **errp)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLET,
        .data.u64 = OWN_NOTIFIER,
    };
    int fd = epoll_create1(EPOLL_CLOEXEC);
    EpollState *s;

    if (fd < 0) {
        error_setg_errno(errp, errno, "Cannot create an epoll descriptor");
        return NULL;
    }
    if (epoll_ctl(fd, EPOLL_CTL_ADD, ctx->handlers.own.fd, &event) < 0) {
        error_setg_errno(errp, errno, "Cannot watch an event notifier");
        close(fd);
        return NULL;
    }
    s = g_new(EpollState, 1);
    s->fd = fd;
    s->idle = NULL;
    return s;
}

static void fdmon_epoll_close(void *state)
{
    EpollState *s = state;

    close(s->fd);
    g_free(s);
}

/* ---- Changes ---- */

static void epoll_idle_push(EpollState *s, AioFdSlot *slot)
{
    EpollSlot *data = epoll_slot(slot);

    if (!data->is_idle) {
        data->is_idle = true;
        data->next_idle = s->idle;
        s->idle = slot;
    }
}

/*
 * Adds or modifies a registration, with a new generation.
 *
 * Returns: true; false with errno set
 */
static bool epoll_register(EpollState *s, int op, AioFdSlot *slot)
{
    EpollSlot *data = epoll_slot(slot);
    uint32_t generation = data->generation + 1;
    struct epoll_event event = {
        .events = slot->watched->events,
        .data.u64 = (uint64_t)generation << 32 | (unsigned)slot->fd,
    };

    if (epoll_ctl(s->fd, op, slot->fd, &event) < 0) {
        return false;
    }
    data->generation = generation;
    data->known = slot->watched->events;
    return true;
}

/*
 * Adds the slot's file descriptor, which may be in the set already, and then
 * with other events.
 *
 * Returns: true; false if epoll cannot watch the file
 */
static bool epoll_add(EpollState *s, AioFdSlot *slot)
{
    EpollSlot *data = epoll_slot(slot);

    if (epoll_register(s, EPOLL_CTL_ADD, slot)) {
        return true;
    }
    if (errno != EEXIST) {
        /* EBADF: it is closed, and closed-fd.c reports it. */
        data->known = 0;
        return errno == EBADF;
    }
    return data->known == slot->watched->events ||
           epoll_register(s, EPOLL_CTL_MOD, slot);
}

static bool fdmon_epoll_update(AioContext *ctx, AioFdSlot *slot)
{
    EpollState *s = ctx->monitor.state;
    EpollSlot *data = epoll_slot(slot);

    /* Not watched without events, because epoll always reports a hang-up. */
    if (!slot->watched || !slot->watched->events) {
        if (data->known) {
            epoll_idle_push(s, slot);
        }
        return true;
    }
    if (data->known && data->known != slot->watched->events &&
        epoll_register(s, EPOLL_CTL_MOD, slot)) {
        return true;
    }
    return epoll_add(s, slot);
}

/*
 * Removes the slot's file descriptor from the set.  The user may close it at
 * the same time in another thread, which is allowed.  The thread sanitizer
 * would report that as a race, hence the bare system call.
 *
 * Returns: true; false if the file descriptor refers to another file or to
 *          none, so that the old file may still be in the set
 */
static bool epoll_forget(EpollState *s, AioFdSlot *slot)
{
    struct epoll_event event = { 0 };

    epoll_slot(slot)->known = 0;
    return syscall(__NR_epoll_ctl, s->fd, EPOLL_CTL_DEL, slot->fd,
                   &event) == 0;
}

/*
 * Called before the loop sleeps: file descriptors without a handler must not
 * wake it up.
 */
static void epoll_drop_idle(EpollState *s)
{
    while (s->idle) {
        AioFdSlot *slot = s->idle;
        EpollSlot *data = epoll_slot(slot);

        s->idle = data->next_idle;
        data->is_idle = false;
        if (data->known && (!slot->watched || !slot->watched->events)) {
            epoll_forget(s, slot);
        }
    }
}

/* ---- Waiting ---- */

atomic_bool fdmon_epoll_no_pwait2;

/* epoll_pwait2(); fails with ENOSYS if the C library does not have it. */
static int epoll_try_pwait2(int epoll_fd, struct epoll_event *events,
                            const struct timespec *timeout)
{
#ifdef CONFIG_EPOLL_PWAIT2
    return epoll_pwait2(epoll_fd, events, MAX_EVENTS, timeout, NULL);
#else
    errno = ENOSYS;
    return -1;
#endif
}

/*
 * Waits for @timeout_ns > 0.  If epoll_pwait2() is missing, ppoll() waits,
 * whose timeout is in nanoseconds, too.
 */
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
        n = epoll_try_pwait2(epoll_fd, events, &ts);
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

/*
 * Returns: true; false if the set contains a file that cannot be removed any
 *          longer, so that a new set is needed
 */
static bool epoll_event(AioContext *ctx, EpollState *s,
                        const struct epoll_event *event)
{
    AioFdSlot *slot;
    EpollSlot *data;

    if (event->data.u64 == OWN_NOTIFIER) {
        aio_notifier_seen(ctx);
        return true;
    }
    slot = fd_table_find_ready(&ctx->handlers.fd_table,
                               (int)(uint32_t)event->data.u64);
    data = epoll_slot(slot);
    if (G_LIKELY(data->generation == event->data.u64 >> 32 && data->known)) {
        if (G_LIKELY(slot->watched && slot->watched->events)) {
            aio_handler_ready(ctx, slot->watched, event->events);
            return true;
        }
        return epoll_forget(s, slot);
    }
    return false;
}

static void fdmon_epoll_wait(AioContext *ctx, int64_t timeout_ns)
{
    EpollState *s = ctx->monitor.state;
    /* On the stack, because it would add 1.5 KiB to each context. */
    struct epoll_event events[MAX_EVENTS];
    bool is_sound = true;
    int n;

    if (timeout_ns != 0 && s->idle) {
        epoll_drop_idle(s);
    }
    if (timeout_ns > 0) {
        n = epoll_wait_ns(s->fd, events, timeout_ns);
    } else {
        n = epoll_wait(s->fd, events, MAX_EVENTS, timeout_ns < 0 ? -1 : 0);
    }
    for (int i = 0; i < n; i++) {
        is_sound &= epoll_event(ctx, s, &events[i]);
    }
    if (G_UNLIKELY(!is_sound)) {
        aio_fdmon_reopen(ctx);
    }
}

/* ---- GSource ---- */

static void fdmon_epoll_source_attach(AioContext *ctx, GSource *source)
{
    ctx->source.pollfd.fd = ((EpollState *)ctx->monitor.state)->fd;
    g_source_add_poll(source, &ctx->source.pollfd);
}

static void fdmon_epoll_source_detach(AioContext *ctx, GSource *source)
{
    g_source_remove_poll(source, &ctx->source.pollfd);
}

static void fdmon_epoll_source_prepare(AioContext *ctx)
{
    epoll_drop_idle(ctx->monitor.state);
}

static void fdmon_epoll_source_check(AioContext *ctx)
{
    if (ctx->source.pollfd.revents) {
        fdmon_epoll_wait(ctx, 0);
    }
}

const FdMonOps fdmon_epoll_ops = {
    .name = "epoll",
    .kind = AIO_FD_MONITOR_EPOLL,
    .open = fdmon_epoll_open,
    .close = fdmon_epoll_close,
    .update = fdmon_epoll_update,
    .wait = fdmon_epoll_wait,
    .source_attach = fdmon_epoll_source_attach,
    .source_detach = fdmon_epoll_source_detach,
    .source_prepare = fdmon_epoll_source_prepare,
    .source_check = fdmon_epoll_source_check,
};
