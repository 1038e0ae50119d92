/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers are level-triggered with each fd monitor, also when a handler that
 * was drained many times leaves something behind.
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

/* Something is left while another handler is called in each iteration. */
static void left_beside_busy_one(AioContext *ctx, Event *event, Event *busy)
{
    drain(ctx, event);
    drain(ctx, busy); /* otherwise its checks would check the event, too */
    event->keep = true;
    fire(ctx, event);
    event->n_calls = 0;
    for (int i = 0; i < 100000 && event->n_calls == 0; i++) {
        event_notifier_set(&busy->e);
        aio_poll(ctx, true);
    }
    g_assert_cmpuint(event->n_calls, ==, 1);
    /* It is no longer expected to drain, so each iteration calls it. */
    for (int i = 0; i < 10; i++) {
        event_notifier_set(&busy->e);
        aio_poll(ctx, true);
    }
    g_assert_cmpuint(event->n_calls, ==, 11);
}

typedef struct Fixture {
    AioContext *ctx;
    Event a, b;
    bool skips;
} Fixture;

static void event_init(AioContext *ctx, Event *event)
{
    g_assert_cmpint(event_notifier_init(&event->e, 0), ==, 0);
    aio_set_fd_handler(ctx, event_notifier_get_fd(&event->e), event_cb, NULL,
                       NULL, NULL, event);
}

static void event_cleanup(AioContext *ctx, Event *event)
{
    aio_set_fd_handler(ctx, event_notifier_get_fd(&event->e), NULL, NULL,
                       NULL, NULL, NULL);
    event_notifier_cleanup(&event->e);
}

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    f->skips = !aio_context_set_fd_monitor(
        f->ctx, (AioFdMonitor)(intptr_t)data, NULL);
    aio_set_current_context(f->ctx);
    event_init(f->ctx, &f->a);
    event_init(f->ctx, &f->b);
}

static void tear_down(Fixture *f, const void *data)
{
    event_cleanup(f->ctx, &f->a);
    event_cleanup(f->ctx, &f->b);
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
}

static void test_left_when_idle(Fixture *f, const void *data)
{
    if (f->skips) {
        g_test_skip("this monitor is not available");
        return;
    }
    left_when_idle(f->ctx, &f->a);
}

static void test_left_beside_busy_one(Fixture *f, const void *data)
{
    if (f->skips) {
        g_test_skip("this monitor is not available");
        return;
    }
    left_beside_busy_one(f->ctx, &f->a, &f->b);
}

static void add(const char *name, AioFdMonitor kind)
{
    const void *data = (const void *)(intptr_t)kind;
    g_autofree char *idle =
        g_strdup_printf("/aio/monitor/%s/level/left-when-idle", name);
    g_autofree char *busy =
        g_strdup_printf("/aio/monitor/%s/level-beside-busy-one", name);

    g_test_add(idle, Fixture, data, set_up, test_left_when_idle, tear_down);
    g_test_add(busy, Fixture, data, set_up, test_left_beside_busy_one,
               tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("poll", AIO_FD_MONITOR_POLL);
    add("epoll", AIO_FD_MONITOR_EPOLL);
    add("io_uring", AIO_FD_MONITOR_IO_URING);
    return test_run();
}
