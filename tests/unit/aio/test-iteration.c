/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors, the order of an iteration, nesting and the source.  What
 * concerns descriptors runs once for each monitor.  The context:
 * test-context.c.
 */
#include "aio/context-internal.h"
#include "aio/aio-wait.h"
#include "tests/unit/aio/log-fixture.h"
#include "tests/unit/test-util.h"
#include "util/nesting.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A notifier whose handler writes a letter to the log. */
typedef struct Ev {
    EventNotifier e; /* first, so that a handler finds the rest */
    Fixture *f;
    char name;
    bool keep; /* do not clear it */
    void (*then)(struct Ev *ev);
    struct Ev *other;
    AioBH *bh;
} Ev;

/* @data: (nullable) the monitor */
static void set_up_monitor(Fixture *f, const void *data)
{
    const FdMonOps *ops = data;

    set_up(f, data);
    if (ops) {
        aio_context_set_fd_monitor(f->ctx, ops->kind, &error_abort);
    }
}

static void ev_cb(EventNotifier *e)
{
    Ev *ev = container_of(e, Ev, e);

    if (!ev->keep) {
        g_assert_true(event_notifier_test_and_clear(e));
    }
    g_string_append_c(ev->f->log, ev->name);
    if (ev->then) {
        ev->then(ev);
    }
}

static void ev_init(Fixture *f, Ev *ev, char name)
{
    *ev = (Ev) { .f = f, .name = name };
    g_assert_cmpint(event_notifier_init(&ev->e, 0), ==, 0);
    aio_set_event_notifier(f->ctx, &ev->e, ev_cb, NULL, NULL);
}

static void ev_cleanup(Ev *ev)
{
    aio_set_event_notifier(ev->f->ctx, &ev->e, NULL, NULL, NULL);
    event_notifier_cleanup(&ev->e);
}

/* ---- Descriptors ---- */

static void test_set_notifier(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    g_assert_false(aio_poll(f->ctx, false));
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
    g_assert_false(aio_poll(f->ctx, false));
    ev_cleanup(&a);
}

static void test_level_triggered(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.keep = true;
    event_notifier_set(&a.e);
    aio_poll(f->ctx, true);
    aio_poll(f->ctx, true);
    assert_log(f, "aa");
    ev_cleanup(&a);
}

static void test_removed_is_not_called(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    event_notifier_set(&a.e);
    aio_set_event_notifier(f->ctx, &a.e, NULL, NULL, NULL);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "");
    ev_cleanup(&a);
}

static void test_many(Fixture *f, const void *data)
{
    Ev ev[200];

    for (int i = 0; i < 200; i++) {
        ev_init(f, &ev[i], 'a');
        event_notifier_set(&ev[i].e);
    }
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_cmpuint(f->log->len, ==, 200);
    for (int i = 0; i < 200; i++) {
        ev_cleanup(&ev[i]);
    }
}

static void then_remove_self(Ev *ev)
{
    aio_set_event_notifier(ev->f->ctx, &ev->e, NULL, NULL, NULL);
}

static void test_remove_in_own_callback(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.keep = true;
    a.then = then_remove_self;
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
    ev_cleanup(&a);
}

static void then_remove_other(Ev *ev)
{
    aio_set_event_notifier(ev->f->ctx, &ev->other->e, NULL, NULL, NULL);
}

/* Both are ready; whichever comes first removes the other. */
static void test_remove_other_ready(Fixture *f, const void *data)
{
    Ev a, b;

    ev_init(f, &a, 'x');
    ev_init(f, &b, 'x');
    a.then = b.then = then_remove_other;
    a.other = &b;
    b.other = &a;
    event_notifier_set(&a.e);
    event_notifier_set(&b.e);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "x");
    ev_cleanup(&a);
    ev_cleanup(&b);
}

static void then_poll(Ev *ev)
{
    ev->then = NULL;
    g_string_append_c(ev->f->log, '(');
    aio_poll(ev->f->ctx, false);
    g_string_append_c(ev->f->log, ')');
}

static void then_remove_self_and_poll(Ev *ev)
{
    then_remove_self(ev);
    then_poll(ev);
}

static void test_nested_after_removal(Fixture *f, const void *data)
{
    Ev a, b;

    ev_init(f, &a, 'x');
    ev_init(f, &b, 'x');
    a.then = b.then = then_remove_self_and_poll;
    event_notifier_set(&a.e);
    event_notifier_set(&b.e);
    aio_poll(f->ctx, false);
    assert_log(f, "x(x())");
    ev_cleanup(&a);
    ev_cleanup(&b);
}

static void test_nested_runs_rest(Fixture *f, const void *data)
{
    Ev a, b;

    ev_init(f, &a, 'x');
    ev_init(f, &b, 'x');
    a.then = b.then = then_poll;
    event_notifier_set(&a.e);
    event_notifier_set(&b.e);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "x(x())");
    ev_cleanup(&a);
    ev_cleanup(&b);
}

/* ---- The number of an iteration ---- */

typedef struct Numbers {
    Fixture *f;
    uint64_t before;
    uint64_t within;
    uint64_t after;
} Numbers;

static void note_number(void *opaque)
{
    ((Numbers *)opaque)->within = nesting_current();
}

static void note_numbers(void *opaque)
{
    Numbers *n = opaque;

    n->before = nesting_current();
    aio_bh_schedule_oneshot(n->f->ctx, note_number, n);
    aio_poll(n->f->ctx, false);
    n->after = nesting_current();
}

/* A callback can be told from those that run while it waits. */
static void test_nested_has_number(Fixture *f, const void *data)
{
    Numbers n = { .f = f };
    uint64_t outside = nesting_current();

    aio_bh_schedule_oneshot(f->ctx, note_numbers, &n);
    aio_poll(f->ctx, false);
    g_assert_cmpuint(n.before, !=, outside);
    g_assert_cmpuint(n.within, !=, n.before);
    g_assert_cmpuint(n.after, ==, n.before);
    g_assert_cmpuint(nesting_current(), ==, outside);
}

/* ---- Read and write ---- */

typedef struct Pair {
    Fixture *f;
    int fd[2];
    bool read_removes;
} Pair;

static void pair_read(void *opaque)
{
    Pair *p = opaque;

    g_string_append_c(p->f->log, 'r');
    if (p->read_removes) {
        aio_set_fd_handler(p->f->ctx, p->fd[0], NULL, NULL, NULL, NULL, NULL);
    }
}

static void pair_write(void *opaque)
{
    g_string_append_c(((Pair *)opaque)->f->log, 'w');
}

static void pair_init(Fixture *f, Pair *p, IOHandler *read, IOHandler *write)
{
    *p = (Pair) { .f = f };
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->fd),
                    ==, 0);
    aio_set_fd_handler(f->ctx, p->fd[0], read, write, NULL, NULL, p);
}

static void pair_send(Pair *p)
{
    g_assert_cmpint(write(p->fd[1], "x", 1), ==, 1);
}

static void pair_cleanup(Pair *p)
{
    aio_set_fd_handler(p->f->ctx, p->fd[0], NULL, NULL, NULL, NULL, NULL);
    close(p->fd[0]);
    if (p->fd[1] >= 0) {
        close(p->fd[1]);
    }
}

static void test_writable(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, pair_read, pair_write);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "w");
    pair_cleanup(&p);
}

static void test_read_before_write(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, pair_read, pair_write);
    pair_send(&p);
    aio_poll(f->ctx, false);
    assert_log(f, "rw");
    pair_cleanup(&p);
}

static void test_read_removes_write(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, pair_read, pair_write);
    p.read_removes = true;
    pair_send(&p);
    aio_poll(f->ctx, false);
    assert_log(f, "r");
    pair_cleanup(&p);
}

static void test_hang_up_reads(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, pair_read, NULL);
    close(p.fd[1]);
    p.fd[1] = -1;
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "r");
    pair_cleanup(&p);
}

static void test_error_writes(Fixture *f, const void *data)
{
    Pair p = { .f = f };

    g_assert_cmpint(pipe2(p.fd, O_CLOEXEC), ==, 0);
    /* The reading end is gone: the writing end is in error. */
    close(p.fd[0]);
    p.fd[0] = p.fd[1];
    p.fd[1] = -1;
    aio_set_fd_handler(f->ctx, p.fd[0], pair_read, pair_write, NULL, NULL,
                       &p);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "rw");
    pair_cleanup(&p);
}

static void test_replace(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, pair_read, NULL);
    pair_send(&p);
    aio_set_fd_handler(f->ctx, p.fd[0], NULL, pair_write, NULL, NULL, &p);
    aio_poll(f->ctx, false);
    assert_log(f, "w");
    aio_set_fd_handler(f->ctx, p.fd[0], pair_read, NULL, NULL, NULL, &p);
    aio_poll(f->ctx, false);
    assert_log(f, "r");
    pair_cleanup(&p);
}

/* The descriptor was closed while it was watched and its number reused. */
static void test_reused_number(Fixture *f, const void *data)
{
    Pair p;
    int fds[2];

    pair_init(f, &p, pair_read, NULL);
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    g_assert_cmpint(write(fds[1], "x", 1), ==, 1);
    g_assert_cmpint(dup2(fds[0], p.fd[0]), ==, p.fd[0]);
    aio_set_fd_handler(f->ctx, p.fd[0], pair_read, NULL, NULL, NULL, &p);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "r");
    close(fds[0]);
    close(fds[1]);
    pair_cleanup(&p);
}

static void test_regular_file(Fixture *f, const void *data)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    Pair p = { .f = f };
    Ev a;

    g_assert_cmpint(fd, >=, 0);
    ev_init(f, &a, 'a');
    aio_set_fd_handler(f->ctx, fd, pair_read, NULL, NULL, NULL, &p);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "r");
    /* epoll cannot watch it. */
    g_assert_cmpstr(f->ctx->monitor.ops->name, ==,
                    data == &fdmon_io_uring_ops ? "io_uring" : "poll");

    aio_set_fd_handler(f->ctx, fd, NULL, NULL, NULL, NULL, NULL);
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
    close(fd);
    ev_cleanup(&a);
}

static bool no_work(void *opaque)
{
    return false;
}

static void test_poll_without_ready_is_ignored(Fixture *f, const void *data)
{
    Pair p;

    pair_init(f, &p, NULL, NULL);
    aio_set_fd_handler(f->ctx, p.fd[0], NULL, NULL, no_work, NULL, &p);
    g_assert_null(fd_table_find(&f->ctx->handlers.fd_table, p.fd[0]));
    aio_set_fd_handler(f->ctx, p.fd[0], NULL, NULL, no_work, pair_read, &p);
    g_assert_nonnull(fd_table_find(&f->ctx->handlers.fd_table, p.fd[0]));
    /* It is not watched: a hang-up does not make the loop spin. */
    close(p.fd[1]);
    p.fd[1] = -1;
    g_assert_false(aio_poll(f->ctx, false));
    g_assert_true(queue_is_empty(&f->ctx->iteration.ready));
    pair_cleanup(&p);
}

static void test_poll_hooks_are_kept(Fixture *f, const void *data)
{
    AioHandler *node;
    Pair p;

    pair_init(f, &p, pair_read, NULL);
    aio_set_fd_poll(f->ctx, p.fd[0], pair_read, pair_write);
    node = container_of(f->ctx->handlers.all.prev, AioHandler, link);
    g_assert_true(node->io_poll_begin == pair_read);
    g_assert_true(node->io_poll_end == pair_write);
    aio_set_fd_poll(f->ctx, p.fd[1], pair_read, pair_write);
    pair_cleanup(&p);
}

static void test_notifier_poll_hooks(Fixture *f, const void *data)
{
    AioHandler *node;
    Ev a;

    ev_init(f, &a, 'a');
    aio_set_event_notifier_poll(f->ctx, &a.e, ev_cb, NULL);
    node = container_of(f->ctx->handlers.all.prev, AioHandler, link);
    g_assert_true((void (*)(void))node->io_poll_begin ==
                  (void (*)(void))ev_cb);
    g_assert_null(node->io_poll_end);
    ev_cleanup(&a);
}

static void test_remove_unknown(Fixture *f, const void *data)
{
    aio_set_fd_handler(f->ctx, 1000000, NULL, NULL, NULL, NULL, NULL);
    g_assert_false(aio_poll(f->ctx, false));
}

static void test_large_number(Fixture *f, const void *data)
{
    Pair p;
    int fd;

    pair_init(f, &p, NULL, NULL);
    fd = fcntl(p.fd[0], F_DUPFD_CLOEXEC, 900);
    close(p.fd[0]);
    p.fd[0] = fd;
    aio_set_fd_handler(f->ctx, fd, pair_read, NULL, NULL, NULL, &p);
    pair_send(&p);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "r");
    pair_cleanup(&p);
}

/* ---- Timeouts ---- */

static void nothing(void *opaque)
{
}

/* A wait neither ends early nor is rounded up to milliseconds. */
static void test_timeout(Fixture *f, const void *data)
{
    AioTimer timer;
    Ev a;
    int64_t best_ns = INT64_MAX;

    ev_init(f, &a, 'a');
    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, nothing,
                   NULL);
    for (int i = 0; i < 50 && best_ns > 900000; i++) {
        int64_t when = clock_get_ns(AIO_CLOCK_REALTIME) + 200000;
        int64_t late_ns;

        timer_mod(&timer, when);
        while (timer_pending(&timer)) {
            aio_poll(f->ctx, true);
        }
        late_ns = clock_get_ns(AIO_CLOCK_REALTIME) - when;
        g_assert_cmpint(late_ns, >=, 0);
        best_ns = MIN(best_ns, late_ns);
    }
    g_assert_cmpint(best_ns, <=, 900000);

    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) +
                          3600 * NANOSECONDS_PER_SECOND);
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
    timer_del(&timer);
    ev_cleanup(&a);
}

static void test_timeout_without_pwait2(Fixture *f, const void *data)
{
    bool old = atomic_load(&fdmon_epoll_no_pwait2);

    atomic_store(&fdmon_epoll_no_pwait2, true);
    test_timeout(f, data);
    atomic_store(&fdmon_epoll_no_pwait2, old);
}

/* ---- The order of an iteration ---- */

static void log_bh(void *opaque)
{
    g_string_append_c(((Fixture *)opaque)->log, 'b');
}

static void log_timer(void *opaque)
{
    g_string_append_c(((Fixture *)opaque)->log, 't');
}

static void test_round_order(Fixture *f, const void *data)
{
    AioTimer timer;
    Ev a;

    ev_init(f, &a, 'a');
    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    timer_mod(&timer, 0);
    event_notifier_set(&a.e);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "bat");
    ev_cleanup(&a);
}

static void reschedule(void *opaque)
{
    Ev *ev = opaque;

    g_string_append_c(ev->f->log, 'b');
    aio_bh_schedule(ev->bh);
}

/* Bottom halves without end do not keep a descriptor waiting. */
static void test_bh_do_not_starve_descriptors(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.bh = aio_bh_new(f->ctx, reschedule, &a);
    aio_bh_schedule(a.bh);
    aio_poll(f->ctx, true);
    event_notifier_set(&a.e);
    for (int i = 0; i < 100000 && !strchr(f->log->str, 'a'); i++) {
        g_string_truncate(f->log, 0);
        aio_poll(f->ctx, true);
    }
    g_assert_nonnull(strchr(f->log->str, 'a'));
    aio_bh_delete(a.bh);
    ev_cleanup(&a);
}

static void reschedule_slowly(void *opaque)
{
    int64_t start = clock_get_ns(AIO_CLOCK_REALTIME);

    while (clock_get_ns(AIO_CLOCK_REALTIME) - start < 50 * SCALE_US) {
        /* Longer than a quantum on any machine. */
    }
    reschedule(opaque);
}

/* Slow ones delay a descriptor by one of them. */
static void test_slow_bh_delay_by_one(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    a.bh = aio_bh_new(f->ctx, reschedule_slowly, &a);
    aio_bh_schedule(a.bh);
    for (int i = 0; i < 5; i++) {
        aio_poll(f->ctx, true);
    }
    assert_log(f, "bbbbb");
    event_notifier_set(&a.e);
    aio_poll(f->ctx, true);
    assert_log(f, "ba");
    aio_bh_delete(a.bh);
    ev_cleanup(&a);
}

static void test_notify_is_no_progress(Fixture *f, const void *data)
{
    aio_notify(f->ctx);
    g_assert_false(aio_poll(f->ctx, true));
}

static void test_notify_accept(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_MS, log_timer,
                   f);
    timer_mod(&timer, clock_get_ms(AIO_CLOCK_REALTIME) + 5);
    aio_notify(f->ctx);
    aio_notify_accept(f->ctx);
    g_assert_cmpuint(atomic_load(&f->ctx->wake.word), ==, 0);
    /* A signal may end a wait, which the kernel uses to bury a ring. */
    while (!aio_poll(f->ctx, true)) {
        g_assert_true(timer_pending(&timer));
    }
    assert_log(f, "t");
}

/* A loop that is awake is not written to. */
static void test_awake_needs_no_write(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    aio_notify(f->ctx);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    timer_mod(&timer, 0);
    g_assert_cmpint(event_notifier_test_and_clear(&f->ctx->wake.notifier), ==,
                    0);
    aio_poll(f->ctx, true);
    assert_log(f, "bt");
}

/* However many have work for a loop that sleeps, one of them writes. */
static void test_one_write_a_sleep(Fixture *f, const void *data)
{
    uint64_t value = 0;

    g_assert_cmpint(aio_arm(f->ctx, AIO_WAKE_ARMED), ==, -1);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_notify(f->ctx);
    g_assert_cmpint(read(event_notifier_get_fd(&f->ctx->wake.notifier), &value,
                         sizeof(value)), ==, sizeof(value));
    g_assert_cmpuint(value, ==, 1);
    aio_disarm(f->ctx);
    aio_poll(f->ctx, false);
    assert_log(f, "bb");
}

static void test_timeout_rules(Fixture *f, const void *data)
{
    AioBH *idle = aio_bh_new(f->ctx, log_bh, f);
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 1000 * SCALE_MS);
    g_assert_cmpint(aio_compute_timeout(f->ctx), >, 10 * SCALE_MS);
    aio_bh_schedule_idle(idle);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 10 * SCALE_MS);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 5 * SCALE_MS);
    g_assert_cmpint(aio_compute_timeout(f->ctx), <=, 5 * SCALE_MS);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 0);
    timer_del(&timer);
    aio_poll(f->ctx, false);
    assert_log(f, "bb");
    aio_bh_delete(idle);
}

static void test_dispatch_looks_at_no_descriptor(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    event_notifier_set(&a.e);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    aio_dispatch(f->ctx);
    assert_log(f, "b");
    ev_cleanup(&a);
}

/* ---- GSource ---- */

static void source_set_up(Fixture *f, const void *data)
{
    GSource *source;

    set_up_monitor(f, data);
    source = aio_get_g_source(f->ctx);
    g_source_attach(source, NULL);
    g_source_unref(source);
}

static void test_source_is_one(Fixture *f, const void *data)
{
    GSource *a = aio_get_g_source(f->ctx);
    GSource *b = aio_get_g_source(f->ctx);

    g_assert_true(a == b);
    g_source_unref(a);
    g_source_unref(b);
}

static void test_source_ends_with_context(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    GSource *source = aio_get_g_source(ctx);

    g_source_attach(source, NULL);
    g_assert_false(g_source_is_destroyed(source));
    aio_context_unref(ctx);
    g_assert_true(g_source_is_destroyed(source));
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_source_unref(source);
}

static void test_source_after_destroyed(Fixture *f, const void *data)
{
    GSource *old = aio_get_g_source(f->ctx);
    GSource *source;

    g_source_destroy(old);
    source = aio_get_g_source(f->ctx);
    g_assert_true(source != old);
    g_source_unref(old);
    g_source_attach(source, NULL);
    g_source_unref(source);
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "b");
}

static void test_source_bh(Fixture *f, const void *data)
{
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_assert_true(g_main_context_iteration(NULL, TRUE));
    assert_log(f, "b");
    g_assert_false(g_main_context_iteration(NULL, FALSE));
}

static void test_source_descriptor(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    event_notifier_set(&a.e);
    g_assert_true(g_main_context_iteration(NULL, TRUE));
    assert_log(f, "a");
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    ev_cleanup(&a);
}

static void test_source_timer(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + 1500000);
    while (timer_pending(&timer)) {
        g_main_context_iteration(NULL, TRUE);
    }
    assert_log(f, "t");
}

static void test_source_regular_file(Fixture *f, const void *data)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    Pair p = { .f = f };
    Ev a;

    ev_init(f, &a, 'a');
    aio_set_fd_handler(f->ctx, fd, pair_read, NULL, NULL, NULL, &p);
    g_main_context_iteration(NULL, TRUE);
    g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(strchr(f->log->str, 'r'));
    aio_set_fd_handler(f->ctx, fd, NULL, NULL, NULL, NULL, NULL);
    close(fd);
    g_string_truncate(f->log, 0);
    event_notifier_set(&a.e);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "a");
    ev_cleanup(&a);
}

static void recurse(void *opaque)
{
    Fixture *f = opaque;

    g_string_append_c(f->log, '(');
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    g_string_append_c(f->log, ')');
}

static void test_source_recurses(Fixture *f, const void *data)
{
    aio_bh_schedule_oneshot(f->ctx, recurse, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "(b)");
}

static void test_source_beside_aio_poll(Fixture *f, const void *data)
{
    Ev a;

    ev_init(f, &a, 'a');
    event_notifier_set(&a.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    aio_bh_schedule_oneshot(f->ctx, log_bh, f);
    g_main_context_iteration(NULL, TRUE);
    assert_log(f, "ab");
    ev_cleanup(&a);
}

/* ---- Tables ---- */

typedef struct Row {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} Row;

static const Row fd_rows[] = {
    { "set-notifier", test_set_notifier },
    { "level-triggered", test_level_triggered },
    { "removed-is-not-called", test_removed_is_not_called },
    { "many", test_many },
    { "remove-in-own-callback", test_remove_in_own_callback },
    { "remove-other-ready", test_remove_other_ready },
    { "nested-after-removal", test_nested_after_removal },
    { "nested-runs-rest", test_nested_runs_rest },
    { "nested-has-number", test_nested_has_number },
    { "writable", test_writable },
    { "read-before-write", test_read_before_write },
    { "read-removes-write", test_read_removes_write },
    { "hang-up-reads", test_hang_up_reads },
    { "error-reads-and-writes", test_error_writes },
    { "replace", test_replace },
    { "reused-number", test_reused_number },
    { "regular-file", test_regular_file },
    { "poll-without-ready-is-ignored", test_poll_without_ready_is_ignored },
    { "poll-hooks-are-kept", test_poll_hooks_are_kept },
    { "notifier-poll-hooks", test_notifier_poll_hooks },
    { "remove-unknown", test_remove_unknown },
    { "large-number", test_large_number },
    { "timeout", test_timeout },
    { "timeout-without-pwait2", test_timeout_without_pwait2 },
    { "round-order", test_round_order },
    { "bh-do-not-starve", test_bh_do_not_starve_descriptors },
    { "slow-bh-delay-by-one", test_slow_bh_delay_by_one },
    { "notify-is-no-progress", test_notify_is_no_progress },
    { "notify-accept", test_notify_accept },
    { "awake-needs-no-write", test_awake_needs_no_write },
    { "one-write-a-sleep", test_one_write_a_sleep },
    { "timeout-rules", test_timeout_rules },
    { "dispatch-alone", test_dispatch_looks_at_no_descriptor },
};

static const Row source_rows[] = {
    { "is-one", test_source_is_one },
    { "after-destroyed", test_source_after_destroyed },
    { "bh", test_source_bh },
    { "descriptor", test_source_descriptor },
    { "timer", test_source_timer },
    { "regular-file", test_source_regular_file },
    { "recurses", test_source_recurses },
    { "beside-aio-poll", test_source_beside_aio_poll },
};

static void add_monitor_tests(const FdMonOps *ops)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fd_rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/aio/fd/%s/%s", ops->name, fd_rows[i].path);

        g_test_add(path, Fixture, ops, set_up_monitor, fd_rows[i].test,
                   tear_down);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(source_rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/aio/source/%s/%s", ops->name, source_rows[i].path);

        g_test_add(path, Fixture, ops, source_set_up, source_rows[i].test,
                   tear_down);
    }
}

/* It may not be built in, and the kernel may refuse it. */
static bool test_has_io_uring(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    return aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_monitor_tests(&fdmon_epoll_ops);
    add_monitor_tests(&fdmon_poll_ops);
    if (test_has_io_uring()) {
        add_monitor_tests(&fdmon_io_uring_ops);
    }
    g_test_add_func("/aio/source/ends-with-context",
                    test_source_ends_with_context);
    return test_run();
}
