/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a test runs its loop: with each fd monitor, by aio_poll() or by GLib. */
#ifndef QOM_TESTS_TEST_DRIVER_H
#define QOM_TESTS_TEST_DRIVER_H

#include "aio/aio.h"
#include "qapi/error.h"

typedef struct Driver {
    const char *name;
    AioFdMonitor monitor;
    bool glib;
} Driver;

static const Driver drivers[] = {
    { "aio-poll-epoll", AIO_FD_MONITOR_EPOLL, false },
    { "aio-poll-poll", AIO_FD_MONITOR_POLL, false },
    { "aio-poll-io_uring", AIO_FD_MONITOR_IO_URING, false },
    { "glib-epoll", AIO_FD_MONITOR_EPOLL, true },
    { "glib-poll", AIO_FD_MONITOR_POLL, true },
    { "glib-io_uring", AIO_FD_MONITOR_IO_URING, true },
};

typedef struct DrivenLoop {
    AioContext *ctx;
    GSource *source; /* NULL: aio_poll() */
} DrivenLoop;

/* driver_begin: false after g_test_skip() if the kernel refuses the monitor */
static inline bool driver_begin(DrivenLoop *loop, AioContext *ctx,
                                const Driver *driver)
{
    g_autoptr(Error) err = NULL;

    *loop = (DrivenLoop) { .ctx = ctx };
    if (!aio_context_set_fd_monitor(ctx, driver->monitor, &err)) {
        g_test_skip(error_get_pretty(err));
        return false;
    }
    if (driver->glib) {
        loop->source = aio_get_g_source(ctx);
        g_source_attach(loop->source, NULL);
    }
    return true;
}

/*
 * driver_iterate: run one iteration
 * @wait: wait until there is something to do
 *
 * A callback of the loop must call aio_poll() instead.
 *
 * Returns: true if it did something
 */
static inline bool driver_iterate(const DrivenLoop *loop, bool wait)
{
    return loop->source ? g_main_context_iteration(NULL, wait)
                        : aio_poll(loop->ctx, wait);
}

static inline void driver_end(DrivenLoop *loop)
{
    if (loop->source) {
        g_source_destroy(loop->source);
        g_clear_pointer(&loop->source, g_source_unref);
    }
}

#endif
