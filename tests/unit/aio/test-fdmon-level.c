/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers are level-triggered with each fd monitor, also when a handler that
 * was drained many times leaves something behind and nothing else is ready.
 * test-fdmon.c tests the case in which another file descriptor is ready.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"

typedef struct Event {
    EventNotifier e;
    unsigned n_calls;
    bool keep; /* the handler leaves it set */
} Event;

static void event_cb(void *opaque)
{
    Event *event = opaque;

    event->n_calls++;
    if (!event->keep) {
        g_assert_true(event_notifier_test_and_clear(&event->e));
    }
}

/* Sets the event and calls its handler once. */
static void fire(AioContext *ctx, Event *event)
{
    unsigned n_calls = event->n_calls;

    event_notifier_set(&event->e);
    while (event->n_calls == n_calls) {
        aio_poll(ctx, true);
    }
}

/* More checks than io_uring needs to expect that a handler drains its event. */
static void drain(AioContext *ctx, Event *event)
{
    event->keep = false;
    for (int i = 0; i < 8; i++) {
        fire(ctx, event);
        g_assert_false(aio_poll(ctx, false));
    }
}

/*
 * io_uring may delay checks of a drained handler for a short time.  The test is
 * repeated, because a slow machine may be beyond that time.
 */
static void left_when_idle(AioContext *ctx, Event *event)
{
    for (int i = 0; i < 200; i++) {
        drain(ctx, event);
        event->keep = true;
        fire(ctx, event);
        g_assert_true(aio_poll(ctx, false));
        g_assert_true(event_notifier_test_and_clear(&event->e));
        g_assert_false(aio_poll(ctx, false));
    }
}

static void test_left_when_idle(const void *data)
{
    AioContext *ctx = aio_context_new(&error_abort);
    AioFdMonitor kind = (AioFdMonitor)(intptr_t)data;
    Event event = { 0 };

    if (!aio_context_set_fd_monitor(ctx, kind, NULL)) {
        g_test_skip("this monitor is not available");
        aio_context_unref(ctx);
        return;
    }
    aio_set_current_context(ctx);
    g_assert_cmpint(event_notifier_init(&event.e, 0), ==, 0);
    aio_set_fd_handler(ctx, event_notifier_get_fd(&event.e), event_cb, NULL,
                       NULL, NULL, &event);
    left_when_idle(ctx, &event);
    aio_set_fd_handler(ctx, event_notifier_get_fd(&event.e), NULL, NULL, NULL,
                       NULL, NULL);
    event_notifier_cleanup(&event.e);
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
}

static void add(const char *path, AioFdMonitor kind)
{
    g_test_add_data_func(path, (const void *)(intptr_t)kind,
                         test_left_when_idle);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/aio/monitor/poll/level/left-when-idle", AIO_FD_MONITOR_POLL);
    add("/aio/monitor/epoll/level/left-when-idle", AIO_FD_MONITOR_EPOLL);
    add("/aio/monitor/io_uring/level/left-when-idle",
        AIO_FD_MONITOR_IO_URING);
    return test_run();
}
