/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handlers of file descriptors and of event notifiers. */
#include "tests/unit/aio/monitor-fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Event notifiers, and removing handlers ---- */

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

/* ---- Read and write ---- */

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

/* ---- Tables ---- */

static const MonitorRow rows[] = {
    { "set-notifier", test_set_notifier },
    { "level-triggered", test_level_triggered },
    { "removed-is-not-called", test_removed_is_not_called },
    { "many", test_many },
    { "remove-in-own-callback", test_remove_in_own_callback },
    { "remove-other-ready", test_remove_other_ready },
    { "nested-after-removal", test_nested_after_removal },
    { "nested-runs-rest", test_nested_runs_rest },
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
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_monitor_tests("/aio/fd", rows, G_N_ELEMENTS(rows),
                      set_up_monitor);
    return test_run();
}
