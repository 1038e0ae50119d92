/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A context for tests of sockets, with each fd monitor and each way to run the
 * loop.
 */
#ifndef QOM_TESTS_NET_FIXTURE_H
#define QOM_TESTS_NET_FIXTURE_H

#include "aio/coroutine/coroutine-group.h"
#include "aio/net/co-io.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOUR_NS (3600 * NANOSECONDS_PER_SECOND)

typedef struct NetVariant {
    const char *name;
    AioFdMonitor monitor;
    bool use_source; /* a GMainContext runs the loop */
} NetVariant;

static const NetVariant net_variants[] = {
    { "poll", AIO_FD_MONITOR_POLL, false },
    { "epoll", AIO_FD_MONITOR_EPOLL, false },
    { "io_uring", AIO_FD_MONITOR_IO_URING, false },
    { "poll-source", AIO_FD_MONITOR_POLL, true },
    { "epoll-source", AIO_FD_MONITOR_EPOLL, true },
    { "io_uring-source", AIO_FD_MONITOR_IO_URING, true },
};

typedef struct NetFixture {
    AioContext *ctx;
    CoGroup *group;
    GMainContext *main_context; /* NULL: aio_poll() runs the loop */
    int fd[2]; /* a connected pair, non-blocking; -1 if a test closed it */
    bool skip; /* the kernel does not have the monitor */
} NetFixture;

/* One iteration of the loop. */
static inline void net_run(NetFixture *f, bool blocking)
{
    if (f->main_context) {
        g_main_context_iteration(f->main_context, blocking);
    } else {
        aio_poll(f->ctx, blocking);
    }
}

#define net_run_until(f, condition) \
    do {                            \
        while (!(condition)) {      \
            net_run((f), true);     \
        }                           \
    } while (0)

/* Runs all members to their end.  Returns: the first error */
static inline int net_join(NetFixture *f)
{
    net_run_until(f, co_group_get_n(f->group) == 0);
    return co_group_wait(f->group);
}

static inline void net_setup(NetFixture *f, const void *data)
{
    const NetVariant *variant = data;

    *f = (NetFixture) { .ctx = aio_context_new(&error_abort) };
    f->skip = !aio_context_set_fd_monitor(f->ctx, variant->monitor, NULL);
    aio_set_current_context(f->ctx);
    f->group = co_group_new();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
                               SOCK_CLOEXEC, 0, f->fd), ==, 0);
    if (variant->use_source) {
        GSource *source = aio_get_g_source(f->ctx);

        f->main_context = g_main_context_new();
        g_source_attach(source, f->main_context);
        g_source_unref(source);
    }
}

static inline void net_close(NetFixture *f, int end)
{
    if (f->fd[end] >= 0) {
        close(f->fd[end]);
        f->fd[end] = -1;
    }
}

static inline void net_teardown(NetFixture *f, const void *data)
{
    net_join(f);
    co_group_free(f->group);
    net_close(f, 0);
    net_close(f, 1);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
    g_clear_pointer(&f->main_context, g_main_context_unref);
}

/* Calls the real test unless the monitor is missing. */
#define NET_TEST(name)                                                  \
    static void name##_run(NetFixture *f);                              \
    static void name(NetFixture *f, const void *data)                   \
    {                                                                   \
        if (f->skip) {                                                  \
            g_test_skip("the kernel does not have the monitor");        \
            return;                                                     \
        }                                                               \
        name##_run(f);                                                  \
    }                                                                   \
    static void name##_run(NetFixture *f)

static inline void net_add(const char *prefix, const char *name,
                           void (*test)(NetFixture *f, const void *data))
{
    for (size_t i = 0; i < G_N_ELEMENTS(net_variants); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s/%s", prefix, name,
                                                net_variants[i].name);

        g_test_add(path, NetFixture, &net_variants[i], net_setup, test,
                   net_teardown);
    }
}

#endif
