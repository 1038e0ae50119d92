/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling.  test-busy-poll-window.c tests how long a loop polls, and
 * test-wake.c how a loop sleeps without a monitor.
 *
 * Where a loop is to poll, its time is set to something that no test lasts,
 * so a test that does not find what it waits for hangs.
 */
#include "aio/context-internal.h"
#include "tests/unit/aio/log-fixture.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <poll.h>

#define LONG_NS (3600 * NANOSECONDS_PER_SECOND)

/* A notifier that is polled; its callbacks write to the log. */
typedef struct Dev {
    EventNotifier e; /* first, so that a handler finds the rest */
    Fixture *f;
    int no; /* so many times io_poll says no, and then yes */
    int asked;
    void (*when_asked)(struct Dev *dev);
    void (*when_ready)(struct Dev *dev);
    void (*when_ended)(struct Dev *dev);
    struct Dev *other;
} Dev;

/* What is learned from is not what a test measures. */
static void start_polling(Fixture *f)
{
    aio_context_set_poll_params(f->ctx, LONG_NS, 0, 1, &error_abort);
    aio_poll(f->ctx, true);
    g_assert_cmpint(f->ctx->busy.max_ns, ==, LONG_NS);
    f->ctx->busy.ns = LONG_NS;
}

static Dev *dev_of(EventNotifier *e)
{
    return container_of(e, Dev, e);
}

static void dev_read(EventNotifier *e)
{
    event_notifier_test_and_clear(e);
    g_string_append(dev_of(e)->f->log, "read ");
}

static bool dev_poll(void *opaque)
{
    Dev *dev = opaque;

    dev->asked++;
    if (dev->when_asked) {
        dev->when_asked(dev);
    }
    return dev->no-- <= 0;
}

static void dev_ready(EventNotifier *e)
{
    Dev *dev = dev_of(e);

    g_string_append(dev->f->log, "ready ");
    dev->no = G_MAXINT;
    if (dev->when_ready) {
        dev->when_ready(dev);
    }
}

static void dev_begin(EventNotifier *e)
{
    g_string_append(dev_of(e)->f->log, "begin ");
}

static void dev_end(EventNotifier *e)
{
    Dev *dev = dev_of(e);

    g_string_append(dev->f->log, "end ");
    if (dev->when_ended) {
        dev->when_ended(dev);
    }
}

static void dev_init(Fixture *f, Dev *dev, int no)
{
    *dev = (Dev) { .f = f, .no = no };
    g_assert_cmpint(event_notifier_init(&dev->e, 0), ==, 0);
    aio_set_event_notifier(f->ctx, &dev->e, dev_read, dev_poll, dev_ready);
    aio_set_event_notifier_poll(f->ctx, &dev->e, dev_begin, dev_end);
}

static void dev_unset(Dev *dev)
{
    aio_set_event_notifier(dev->f->ctx, &dev->e, NULL, NULL, NULL);
}

static void dev_cleanup(Dev *dev)
{
    dev_unset(dev);
    event_notifier_cleanup(&dev->e);
}

static void log_bh(void *opaque)
{
    g_string_append(((Fixture *)opaque)->log, "bh ");
}

/* ---- A phase ---- */

static void test_finds_work(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 100);
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, ==, 101);
    assert_log(f, "begin ready ");
    dev_cleanup(&a);
}

static void test_off_by_default(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 0);
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, ==, 0);
    assert_log(f, "read ");
    dev_cleanup(&a);
}

static void test_not_without_poll_ready(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 0);
    aio_set_event_notifier(f->ctx, &a.e, dev_read, dev_poll, NULL);
    start_polling(f);
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, ==, 0);
    assert_log(f, "read ");
    dev_cleanup(&a);
}

/* A handler without io_poll does not keep the loop from polling. */
static void test_one_without_poll_forbids_nothing(Fixture *f,
                                                  const void *data)
{
    Dev a, b;

    dev_init(f, &a, 100);
    dev_init(f, &b, 0);
    aio_set_event_notifier(f->ctx, &b.e, dev_read, NULL, NULL);
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, ==, 101);
    assert_log(f, "begin ready ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void write_to_other(Dev *dev)
{
    g_assert_cmpuint(atomic_load(&dev->f->ctx->wake.word), ==, 0);
    if (dev->asked == 50) {
        event_notifier_set(&dev->other->e);
    }
}

/* Only the kernel knows of its events, and the loop does not sleep. */
static void one_without_poll_is_checked(Fixture *f, AioFdMonitor monitor)
{
    Dev a, b;

    aio_context_set_fd_monitor(f->ctx, monitor, &error_abort);
    dev_init(f, &a, G_MAXINT);
    dev_init(f, &b, 0);
    aio_set_event_notifier(f->ctx, &b.e, dev_read, NULL, NULL);
    a.when_asked = write_to_other;
    a.other = &b;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, >=, 50);
    assert_log(f, "begin read ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void test_epoll_is_checked(Fixture *f, const void *data)
{
    one_without_poll_is_checked(f, AIO_FD_MONITOR_EPOLL);
}

static void test_poll_is_checked(Fixture *f, const void *data)
{
    one_without_poll_is_checked(f, AIO_FD_MONITOR_POLL);
}

/* It is ready before the first spin. */
static void test_one_without_poll_is_checked_first(Fixture *f,
                                                   const void *data)
{
    Dev a, b;

    dev_init(f, &a, G_MAXINT);
    dev_init(f, &b, 0);
    aio_set_event_notifier(f->ctx, &b.e, dev_read, NULL, NULL);
    start_polling(f);
    event_notifier_set(&b.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, ==, 0);
    assert_log(f, "begin read ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void schedule_bh(Dev *dev)
{
    if (dev->asked == 50) {
        aio_bh_schedule_oneshot(dev->f->ctx, log_bh, dev->f);
    }
}

static void test_sees_bottom_half(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, G_MAXINT);
    a.when_asked = schedule_bh;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "begin bh ");
    dev_cleanup(&a);
}

static void check_not_armed(Dev *dev)
{
    g_assert_cmpuint(atomic_load(&dev->f->ctx->wake.word), ==, 0);
    schedule_bh(dev);
    g_assert_cmpuint(atomic_load(&dev->f->ctx->wake.word), ==, 0);
}

/* Scheduling a bottom half for a loop that polls makes no system call. */
static void test_needs_no_write(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, G_MAXINT);
    a.when_asked = check_not_armed;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(event_notifier_test_and_clear(&f->ctx->wake.notifier), ==,
                    0);
    assert_log(f, "begin bh ");
    dev_cleanup(&a);
}

static void notify_when_asked(Dev *dev)
{
    if (dev->asked == 50) {
        aio_notify(dev->f->ctx);
    }
}

static void test_sees_notify(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, G_MAXINT);
    a.when_asked = notify_when_asked;
    start_polling(f);
    g_assert_false(aio_poll(f->ctx, true));
    g_assert_cmpint(a.asked, >=, 50);
    dev_cleanup(&a);
}

static void log_timer(void *opaque)
{
    g_string_append(((Fixture *)opaque)->log, "timer ");
}

typedef struct TimerDev {
    Dev dev;
    AioTimer timer;
} TimerDev;

static void arm_timer(Dev *dev)
{
    if (dev->asked == 50) {
        timer_mod(&container_of(dev, TimerDev, dev)->timer, 0);
    }
}

/* A timer is put to an earlier time while the loop polls. */
static void test_sees_timer(Fixture *f, const void *data)
{
    TimerDev a;

    dev_init(f, &a.dev, G_MAXINT);
    aio_timer_init(f->ctx, &a.timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    a.dev.when_asked = arm_timer;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "begin timer ");
    dev_cleanup(&a.dev);
}

static void test_ends_for_timer(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    start_polling(f);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "timer ");
}

static void test_ends_for_idle_bottom_half(Fixture *f, const void *data)
{
    AioBH *bh = aio_bh_new(f->ctx, log_bh, f);

    start_polling(f);
    aio_bh_schedule_idle(bh);
    g_assert_false(aio_poll(f->ctx, true));
    assert_log(f, "bh ");
    aio_bh_delete(bh);
}

/* A bottom half that was cancelled is still in the list. */
static void test_sees_bottom_half_after_cancel(Fixture *f, const void *data)
{
    AioBH *bh = aio_bh_new(f->ctx, log_bh, f);

    start_polling(f);
    aio_bh_schedule(bh);
    aio_bh_cancel(bh);
    aio_bh_schedule(bh);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "bh ");
    aio_bh_delete(bh);
}

/* ---- Polling mode ---- */

static void test_mode_lasts_while_it_finds(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    a.no = 5;
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready ready ");
    dev_cleanup(&a);
}

/* The device's notifications may be off, so iterations that do not wait call
 * io_poll, too. */
static void test_mode_asks_without_waiting(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    a.no = 0;
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "begin ready ready ");
    dev_cleanup(&a);
}

static void set_event(Dev *dev)
{
    event_notifier_set(&dev->e);
}

static void test_mode_ends_before_sleep(Fixture *f, const void *data)
{
    Dev a;
    int asked;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    asked = a.asked;
    f->ctx->busy.ns = 1;
    a.when_ended = set_event;
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "begin ready end read ");
    g_assert_cmpint(a.asked, >, asked + 1);
    dev_cleanup(&a);
}

static void happen(Dev *dev)
{
    dev->no = 0;
}

/* An event that comes before io_poll_end has its effect is found by one more
 * call of io_poll. */
static void test_event_during_end_is_found(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    f->ctx->busy.ns = 1;
    a.when_ended = happen;
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "begin ready end ready ");
    dev_cleanup(&a);
}

static void test_mode_ends_when_turned_off(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    aio_context_set_poll_params(f->ctx, 0, 0, 0, &error_abort);
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready end ");
    dev_cleanup(&a);
}

static void test_mode_ends_for_source(Fixture *f, const void *data)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    GSource *source = aio_get_g_source(f->ctx);
    Dev a;

    g_source_attach(source, context);
    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    a.when_ended = happen;
    g_assert_true(g_main_context_iteration(context, TRUE));
    assert_log(f, "begin ready end ready ");
    a.no = 0;
    g_main_context_iteration(context, FALSE);
    assert_log(f, "");
    dev_cleanup(&a);
    g_source_destroy(source);
    g_source_unref(source);
}

/* A handler that is set while the mode is on joins it. */
static void test_new_handler_begins(Fixture *f, const void *data)
{
    Dev a, b;

    dev_init(f, &a, 5);
    start_polling(f);
    aio_poll(f->ctx, true);
    dev_init(f, &b, 5);
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready begin ready ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

/* ---- Removing ---- */

static void unset_self(Dev *dev)
{
    dev_unset(dev);
    aio_notify(dev->f->ctx);
}

static void test_remove_in_io_poll(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 0);
    a.when_asked = unset_self;
    start_polling(f);
    g_assert_false(aio_poll(f->ctx, true));
    assert_log(f, "begin ");
    dev_cleanup(&a);
}

static void unset_other(Dev *dev)
{
    dev_unset(dev->other);
}

static void test_remove_other_in_io_poll(Fixture *f, const void *data)
{
    Dev a, b;

    dev_init(f, &a, 0);
    dev_init(f, &b, 0);
    a.other = &b;
    a.when_asked = unset_other;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(b.asked, ==, 0);
    assert_log(f, "begin begin ready ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void test_remove_other_in_ready(Fixture *f, const void *data)
{
    Dev a, b;

    dev_init(f, &a, 0);
    dev_init(f, &b, 0);
    a.other = &b;
    a.when_ready = unset_other;
    start_polling(f);
    aio_poll(f->ctx, true);
    assert_log(f, "begin begin ready ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void run_loop(Dev *dev)
{
    dev->no = 0;
    g_assert_false(aio_poll(dev->f->ctx, false));
    dev->no = G_MAXINT;
}

/* What io_poll sees may last until io_poll_ready returns. */
static void test_ready_runs_loop(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 0);
    a.when_ready = run_loop;
    start_polling(f);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "begin ready ");
    dev_cleanup(&a);
}

/* ---- A monitor that can tell, and idle handlers ---- */

static void *set_event_thread(void *opaque)
{
    event_notifier_set(opaque);
    return NULL;
}

/* It polls for longer than any test lasts: only peek() can find this. */
static void test_io_uring_sees_event(Fixture *f, const void *data)
{
    Error *err = NULL;
    Thread thread;
    Dev a;

    if (!aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_IO_URING, &err)) {
        g_test_skip(error_get_pretty(err));
        error_free(err);
        return;
    }
    dev_init(f, &a, 0);
    aio_set_event_notifier(f->ctx, &a.e, dev_read, NULL, NULL);
    start_polling(f);
    thread_create(&thread, "event", 0, set_event_thread, &a.e);
    while (f->log->len == 0) {
        aio_poll(f->ctx, true);
    }
    thread_join(&thread);
    assert_log(f, "read ");
    dev_cleanup(&a);
}

static bool peek_answer;
static int peeked;

static bool peek(AioContext *ctx)
{
    peeked++;
    return peek_answer;
}

/* Epoll, which says whatever a test wants. */
static void set_up_peek(Fixture *f, const void *data)
{
    static FdMonOps ops;

    set_up(f, data);
    ops = fdmon_epoll_ops;
    ops.peek = peek;
    f->ctx->monitor.ops = &ops;
    peek_answer = false;
    peeked = 0;
}

static void peek_soon(Dev *dev)
{
    peek_answer = dev->asked == 50;
}

static void test_monitor_that_peeks(Fixture *f, const void *data)
{
    Dev a, b;

    dev_init(f, &a, G_MAXINT);
    dev_init(f, &b, 0);
    aio_set_event_notifier(f->ctx, &b.e, dev_read, NULL, NULL);
    a.when_asked = peek_soon;
    event_notifier_set(&b.e);
    start_polling(f);
    event_notifier_set(&b.e);
    g_string_truncate(f->log, 0);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(peeked, >=, 50);
    assert_log(f, "begin read ");
    dev_cleanup(&a);
    dev_cleanup(&b);
}

static void test_idle_handler_leaves(Fixture *f, const void *data)
{
    Dev a;

    f->ctx->params.poll_idle_ns = 0;
    dev_init(f, &a, 0);
    start_polling(f);
    aio_poll(f->ctx, true);
    f->ctx->busy.ns = 1;
    peek_answer = true;
    event_notifier_set(&a.e);
    aio_poll(f->ctx, true);
    event_notifier_set(&a.e);
    a.asked = 0;
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready read end read ");
    g_assert_cmpint(a.asked, ==, 1);
    dev_cleanup(&a);
}

static void leave(Fixture *f, Dev *a)
{
    f->ctx->params.poll_idle_ns = 0;
    dev_init(f, a, G_MAXINT);
    start_polling(f);
    peek_answer = true;
    aio_poll(f->ctx, true);
    aio_poll(f->ctx, true);
    g_assert_cmpuint(f->ctx->busy.n, ==, 0);
    g_string_truncate(f->log, 0);
    a->asked = 0;
}

static void test_idle_handler_is_not_asked(Fixture *f, const void *data)
{
    Dev a;

    leave(f, &a);
    aio_poll(f->ctx, true);
    g_assert_cmpint(a.asked, ==, 0);
    assert_log(f, "");
    dev_cleanup(&a);
}

static void test_idle_handler_comes_back(Fixture *f, const void *data)
{
    Dev a;

    leave(f, &a);
    event_notifier_set(&a.e);
    aio_poll(f->ctx, true);
    a.no = 3;
    peek_answer = false;
    f->ctx->params.poll_idle_ns = LONG_NS;
    aio_poll(f->ctx, true);
    assert_log(f, "read begin ready ");
    dev_cleanup(&a);
}

/* An event while io_poll_end is called is nobody else's to find. */
static void test_event_while_leaving(Fixture *f, const void *data)
{
    Dev a;

    dev_init(f, &a, 0);
    start_polling(f);
    aio_poll(f->ctx, true);
    f->ctx->params.poll_idle_ns = 0;
    f->ctx->busy.idle_check_ns = 0;
    peek_answer = true;
    aio_poll(f->ctx, true);
    a.when_ended = happen;
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready end ready ");
    dev_cleanup(&a);
}

/* Without peek() nothing but io_poll would see it in time. */
static void test_idle_handler_stays_without_peek(Fixture *f, const void *data)
{
    Dev a;

    f->ctx->params.poll_idle_ns = 0;
    dev_init(f, &a, 10);
    start_polling(f);
    aio_poll(f->ctx, true);
    a.no = 10;
    aio_poll(f->ctx, true);
    a.no = 10;
    aio_poll(f->ctx, true);
    assert_log(f, "begin ready ready ready ");
    dev_cleanup(&a);
}

/* ---- Changed while loaded ---- */

#define LOAD_N 5000

typedef struct Load {
    Fixture *f;
    Thread thread;
    atomic_bool end;
    atomic_int n;
} Load;

static void load_bh(void *opaque)
{
    atomic_fetch_add(&((Load *)opaque)->n, 1);
}

static void *change_params(void *opaque)
{
    Load *load = opaque;
    AioContext *ctx = load->f->ctx;

    for (int i = 0; !atomic_load(&load->end); i++) {
        aio_context_set_poll_params(ctx, i % 3 * 20000, i % 2 * INT64_MAX,
                                    i % 5, &error_abort);
        aio_context_set_poll_weight(ctx, i % 64, &error_abort);
    }
    return NULL;
}

/* The next one comes only after the last one ran: none may be lost. */
static void *load_with_bottom_halves(void *opaque)
{
    Load *load = opaque;

    for (int i = 0; i < LOAD_N; i++) {
        aio_bh_schedule_oneshot(load->f->ctx, load_bh, load);
        while (atomic_load(&load->n) == i) {
            g_thread_yield();
        }
    }
    return NULL;
}

static void test_params_change_while_loaded(Fixture *f, const void *data)
{
    Load params = { .f = f };
    Load load = { .f = f };

    thread_create(&params.thread, "params", 0, change_params, &params);
    thread_create(&load.thread, "load", 0, load_with_bottom_halves, &load);
    while (atomic_load(&load.n) < LOAD_N) {
        aio_poll(f->ctx, true);
    }
    atomic_store(&params.end, true);
    thread_join(&load.thread);
    thread_join(&params.thread);
}

/* ---- Handlers set and removed elsewhere ---- */

static void dev_poll_quietly_ready(EventNotifier *e)
{
}

static bool poll_sometimes(void *opaque)
{
    static int n;

    return ++n % 100 == 0;
}

static void *change_handlers(void *opaque)
{
    Load *load = opaque;
    AioContext *ctx = load->f->ctx;
    EventNotifier e[4];

    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(event_notifier_init(&e[i], 0), ==, 0);
    }
    for (int i = 0; !atomic_load(&load->end); i++) {
        EventNotifier *changed = &e[i % 4];

        aio_set_event_notifier(ctx, changed, dev_poll_quietly_ready,
                               i % 7 ? poll_sometimes : NULL,
                               dev_poll_quietly_ready);
        aio_set_event_notifier_poll(ctx, changed, dev_poll_quietly_ready,
                                    dev_poll_quietly_ready);
        if (i % 3 == 0) {
            aio_set_event_notifier(ctx, &e[(i + 1) % 4], NULL, NULL, NULL);
        }
    }
    for (int i = 0; i < 4; i++) {
        aio_set_event_notifier(ctx, &e[i], NULL, NULL, NULL);
        event_notifier_cleanup(&e[i]);
    }
    return NULL;
}

static void test_handlers_change_while_polling(Fixture *f, const void *data)
{
    Load handlers = { .f = f };
    Load load = { .f = f };

    aio_context_set_poll_params(f->ctx, 100000, 0, 0, &error_abort);
    thread_create(&handlers.thread, "handlers", 0, change_handlers,
                  &handlers);
    thread_create(&load.thread, "load", 0, load_with_bottom_halves, &load);
    while (atomic_load(&load.n) < LOAD_N) {
        aio_poll(f->ctx, true);
    }
    atomic_store(&handlers.end, true);
    thread_join(&load.thread);
    thread_join(&handlers.thread);
}

/* ---- The table ---- */

typedef struct Row {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} Row;

static const Row rows[] = {
    { "phase/finds-work", test_finds_work },
    { "phase/off-by-default", test_off_by_default },
    { "phase/not-without-poll-ready", test_not_without_poll_ready },
    { "phase/one-without-poll-forbids-nothing",
      test_one_without_poll_forbids_nothing },
    { "phase/one-without-poll-is-checked/epoll", test_epoll_is_checked },
    { "phase/one-without-poll-is-checked/poll", test_poll_is_checked },
    { "phase/one-without-poll-is-checked-first",
      test_one_without_poll_is_checked_first },
    { "phase/sees-bottom-half", test_sees_bottom_half },
    { "phase/needs-no-write", test_needs_no_write },
    { "phase/sees-notify", test_sees_notify },
    { "phase/sees-timer", test_sees_timer },
    { "phase/ends-for-timer", test_ends_for_timer },
    { "phase/ends-for-idle-bottom-half", test_ends_for_idle_bottom_half },
    { "phase/sees-bottom-half-after-cancel",
      test_sees_bottom_half_after_cancel },
    { "mode/lasts-while-it-finds", test_mode_lasts_while_it_finds },
    { "mode/asks-without-waiting", test_mode_asks_without_waiting },
    { "mode/ends-before-sleep", test_mode_ends_before_sleep },
    { "mode/event-during-end-is-found", test_event_during_end_is_found },
    { "mode/ends-when-turned-off", test_mode_ends_when_turned_off },
    { "mode/ends-for-source", test_mode_ends_for_source },
    { "mode/new-handler-begins", test_new_handler_begins },
    { "remove/in-io-poll", test_remove_in_io_poll },
    { "remove/other-in-io-poll", test_remove_other_in_io_poll },
    { "remove/other-in-ready", test_remove_other_in_ready },
    { "nesting/ready-runs-loop", test_ready_runs_loop },
    { "peek/io-uring-sees-event", test_io_uring_sees_event },
    { "idle/stays-without-peek", test_idle_handler_stays_without_peek },
    { "params/change-while-loaded", test_params_change_while_loaded },
    { "handlers/change-while-polling", test_handlers_change_while_polling },
    { NULL, NULL },
};

static const Row peek_rows[] = {
    { "peek/is-asked", test_monitor_that_peeks },
    { "idle/leaves", test_idle_handler_leaves },
    { "idle/is-not-asked", test_idle_handler_is_not_asked },
    { "idle/comes-back", test_idle_handler_comes_back },
    { "idle/event-while-leaving", test_event_while_leaving },
    { NULL, NULL },
};

static void add_tests(const Row *tests,
                      void (*setup)(Fixture *f, const void *data))
{
    for (const Row *row = tests; row->path; row++) {
        g_autofree char *path = g_strdup_printf("/aio/poll/%s", row->path);

        g_test_add(path, Fixture, NULL, setup, row->test, tear_down);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_tests(rows, set_up);
    add_tests(peek_rows, set_up_peek);
    return test_run();
}
