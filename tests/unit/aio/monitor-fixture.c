/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/aio/monitor-fixture.h"

#include <sys/socket.h>
#include <unistd.h>

void set_up_monitor(Fixture *f, const void *data)
{
    const FdMonOps *ops = data;

    set_up(f, data);
    if (ops) {
        aio_context_set_fd_monitor(f->ctx, ops->kind, &error_abort);
    }
}

void ev_cb(EventNotifier *e)
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

void ev_init(Fixture *f, Ev *ev, char name)
{
    *ev = (Ev) { .f = f, .name = name };
    g_assert_cmpint(event_notifier_init(&ev->e, 0), ==, 0);
    aio_set_event_notifier(f->ctx, &ev->e, ev_cb, NULL, NULL);
}

void ev_cleanup(Ev *ev)
{
    aio_set_event_notifier(ev->f->ctx, &ev->e, NULL, NULL, NULL);
    event_notifier_cleanup(&ev->e);
}

void pair_read(void *opaque)
{
    Pair *p = opaque;

    g_string_append_c(p->f->log, 'r');
    if (p->read_removes) {
        aio_set_fd_handler(p->f->ctx, p->fd[0], NULL, NULL, NULL, NULL, NULL);
    }
}

void pair_write(void *opaque)
{
    g_string_append_c(((Pair *)opaque)->f->log, 'w');
}

void pair_init(Fixture *f, Pair *p, IOHandler *read, IOHandler *write)
{
    *p = (Pair) { .f = f };
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->fd),
                    ==, 0);
    aio_set_fd_handler(f->ctx, p->fd[0], read, write, NULL, NULL, p);
}

void pair_send(Pair *p)
{
    g_assert_cmpint(write(p->fd[1], "x", 1), ==, 1);
}

void pair_cleanup(Pair *p)
{
    aio_set_fd_handler(p->f->ctx, p->fd[0], NULL, NULL, NULL, NULL, NULL);
    close(p->fd[0]);
    if (p->fd[1] >= 0) {
        close(p->fd[1]);
    }
}

void log_bh(void *opaque)
{
    g_string_append_c(((Fixture *)opaque)->log, 'b');
}

void log_timer(void *opaque)
{
    g_string_append_c(((Fixture *)opaque)->log, 't');
}

static void add_tests_of(const FdMonOps *ops, const char *prefix,
                         const MonitorRow *rows, unsigned n,
                         MonitorTest *set_up)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("%s/%s/%s", prefix, ops->name,
                                                rows[i].path);

        g_test_add(path, Fixture, ops, set_up, rows[i].test, tear_down);
    }
}

/* It may not be built in, and the kernel may refuse it. */
static bool test_has_io_uring(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    return aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
}

void add_monitor_tests(const char *prefix, const MonitorRow *rows, unsigned n,
                       MonitorTest *set_up)
{
    add_tests_of(&fdmon_epoll_ops, prefix, rows, n, set_up);
    add_tests_of(&fdmon_poll_ops, prefix, rows, n, set_up);
    if (test_has_io_uring()) {
        add_tests_of(&fdmon_io_uring_ops, prefix, rows, n, set_up);
    }
}
