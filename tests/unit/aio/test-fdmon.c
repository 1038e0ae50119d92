/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fd monitors: changing from one to another, refusals of the kernel, and what
 * each must do so that users see no difference.  Every test runs with each
 * monitor.  test-handler.c tests common behaviour, too.
 */
#include "aio/context-internal.h"
#include "aio/aio-wait.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const monitor_names[] = {
    "auto", "poll", "epoll", "io_uring",
};

/* An eventfd whose handler counts its calls. */
typedef struct Event {
    AioContext *ctx;
    EventNotifier e;
    unsigned n_calls;
    bool keep;  /* leave it set */
    bool again; /* set it once more before it is cleared */
} Event;

static void event_cb(void *opaque)
{
    Event *event = opaque;

    event->n_calls++;
    if (event->again) {
        event_notifier_set(&event->e);
    }
    if (!event->keep) {
        g_assert_true(event_notifier_test_and_clear(&event->e));
    }
}

static void event_init(Event *event, AioContext *ctx)
{
    *event = (Event) { .ctx = ctx };
    g_assert_cmpint(event_notifier_init(&event->e, 0), ==, 0);
    aio_set_fd_handler(ctx, event_notifier_get_fd(&event->e), event_cb, NULL,
                       NULL, NULL, event);
}

/* Creates the event with file descriptor @fd, which is free. */
static void event_init_at(Event *event, AioContext *ctx, int fd)
{
    EventNotifier e;

    g_assert_cmpint(event_notifier_init(&e, 0), ==, 0);
    if (event_notifier_get_fd(&e) != fd) {
        g_assert_cmpint(dup3(event_notifier_get_fd(&e), fd, O_CLOEXEC), ==,
                        fd);
        event_notifier_cleanup(&e);
    }
    *event = (Event) { .ctx = ctx };
    event_notifier_init_fd(&event->e, fd);
    aio_set_fd_handler(ctx, fd, event_cb, NULL, NULL, NULL, event);
}

static void event_unwatch(Event *event)
{
    aio_set_fd_handler(event->ctx, event_notifier_get_fd(&event->e), NULL,
                       NULL, NULL, NULL, NULL);
}

static void event_cleanup(Event *event)
{
    event_unwatch(event);
    event_notifier_cleanup(&event->e);
}

typedef struct Fixture {
    AioContext *ctx;
    Event a;
    Event b;
} Fixture;

static AioFdMonitor monitor_of(const void *data)
{
    return (AioFdMonitor)(intptr_t)data;
}

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    aio_context_set_fd_monitor(f->ctx, monitor_of(data), &error_abort);
    event_init(&f->a, f->ctx);
    event_init(&f->b, f->ctx);
}

static void tear_down(Fixture *f, const void *data)
{
    event_cleanup(&f->a);
    event_cleanup(&f->b);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
}

/* Other causes may end a wait, too. */
static void poll_until_called(Event *event, unsigned n_calls)
{
    while (event->n_calls < n_calls) {
        aio_poll(event->ctx, true);
    }
    g_assert_cmpuint(event->n_calls, ==, n_calls);
}

/* ---- Changing the monitor ---- */

static void test_in_use(Fixture *f, const void *data)
{
    AioFdMonitor kind = monitor_of(data);

    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(aio_context_get_fd_monitor(f->ctx), ==, kind);
        g_assert_cmpint(aio_context_get_fd_monitor_in_use(f->ctx), ==, kind);
        aio_poll(f->ctx, false);
    }
    g_assert_cmpint(f->ctx->monitor.ops->kind, ==, kind);
}

/* To each of the others and back, with an event during each change. */
static void test_change(Fixture *f, const void *data)
{
    unsigned n = 0;

    for (int i = AIO_FD_MONITOR_POLL; i <= AIO_FD_MONITOR_IO_URING; i++) {
        if (!aio_context_set_fd_monitor(f->ctx, i, NULL)) {
            continue;
        }
        event_notifier_set(&f->a.e);
        poll_until_called(&f->a, ++n);
        g_assert_false(aio_poll(f->ctx, false));
        event_notifier_set(&f->a.e);
        aio_context_set_fd_monitor(f->ctx, monitor_of(data), &error_abort);
        poll_until_called(&f->a, ++n);
        g_assert_false(aio_poll(f->ctx, false));
    }
}

static void test_change_twice(Fixture *f, const void *data)
{
    aio_poll(f->ctx, false);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_POLL, &error_abort);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_EPOLL, &error_abort);
    aio_context_set_fd_monitor(f->ctx, monitor_of(data), &error_abort);
    event_notifier_set(&f->a.e);
    poll_until_called(&f->a, 1);
    g_assert_cmpint(f->ctx->monitor.ops->kind, ==, monitor_of(data));
}

static void test_change_unseen(Fixture *f, const void *data)
{
    aio_poll(f->ctx, false);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_POLL, &error_abort);
    aio_context_set_fd_monitor(f->ctx, monitor_of(data), &error_abort);
}

static void test_change_under_source(Fixture *f, const void *data)
{
    GSource *source = aio_get_g_source(f->ctx);

    g_source_attach(source, NULL);
    g_source_unref(source);
    for (unsigned i = 1; i <= 6; i++) {
        aio_context_set_fd_monitor(f->ctx, i % 2 ? AIO_FD_MONITOR_POLL
                                                 : monitor_of(data),
                                   &error_abort);
        event_notifier_set(&f->a.e);
        while (f->a.n_calls < i) {
            g_main_context_iteration(NULL, TRUE);
        }
        g_assert_cmpuint(f->a.n_calls, ==, i);
    }
}

static void test_auto(Fixture *f, const void *data)
{
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_AUTO, NULL);
    g_assert_cmpint(aio_context_get_fd_monitor(f->ctx), ==,
                    AIO_FD_MONITOR_AUTO);
    aio_poll(f->ctx, false);
    g_assert_cmpint(f->ctx->monitor.ops->kind, !=, AIO_FD_MONITOR_POLL);
}

/* ---- Under load, from other threads ---- */

typedef struct Load {
    AioContext *ctx;
    Event event;
    Thread thread;
    atomic_uint n_seen;
    bool must_stop; /* used only by the thread */
} Load;

static void load_cb(void *opaque)
{
    Load *load = opaque;
    uint64_t n = 0;

    if (read(event_notifier_get_fd(&load->event.e), &n, sizeof(n)) ==
        sizeof(n)) {
        atomic_fetch_add(&load->n_seen, n);
    }
}

static void load_stop(void *opaque)
{
    ((Load *)opaque)->must_stop = true;
}

static void *load_run(void *opaque)
{
    Load *load = opaque;

    aio_set_current_context(load->ctx);
    while (!load->must_stop) {
        aio_poll(load->ctx, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static void load_start(Load *load)
{
    g_assert_cmpint(thread_create(&load->thread, "load", 0, load_run, load),
                    ==, 0);
}

static void load_init(Load *load)
{
    *load = (Load) { .ctx = aio_context_new(&error_abort) };
    event_init(&load->event, load->ctx);
    aio_set_fd_handler(load->ctx, event_notifier_get_fd(&load->event.e),
                       load_cb, NULL, NULL, NULL, load);
    load_start(load);
}

static void load_join(Load *load)
{
    aio_bh_schedule_oneshot(load->ctx, load_stop, load);
    thread_join(&load->thread);
    load->must_stop = false;
}

static void load_cleanup(Load *load)
{
    load_join(load);
    event_cleanup(&load->event);
    aio_context_unref(load->ctx);
}

static void wait_until_seen(Load *load, unsigned n)
{
    while (atomic_load(&load->n_seen) < n) {
        g_thread_yield();
    }
    g_assert_cmpuint(atomic_load(&load->n_seen), ==, n);
}

/* No event is lost, and no handler is called without one. */
static void test_change_under_load(void)
{
    Load load;

    load_init(&load);
    for (unsigned i = 1; i <= 300; i++) {
        if (i % 3 == 0) {
            aio_context_set_fd_monitor(load.ctx, 1 + i / 3 % 3, NULL);
        }
        event_notifier_set(&load.event.e);
        if (i % 4 == 0) {
            wait_until_seen(&load, i);
        }
    }
    wait_until_seen(&load, 300);
    load_cleanup(&load);
}

static void nothing(void *opaque)
{
}

static void test_handlers_under_load(const void *data)
{
    Event events[20];
    Load load;

    load_init(&load);
    aio_context_set_fd_monitor(load.ctx, monitor_of(data), &error_abort);
    for (unsigned i = 1; i <= 100; i++) {
        for (int k = 0; k < 20; k++) {
            event_init(&events[k], load.ctx);
        }
        event_notifier_set(&load.event.e);
        wait_until_seen(&load, i);
        for (int k = 0; k < 20; k++) {
            event_unwatch(&events[k]);
        }
        aio_wait_bh_oneshot(load.ctx, nothing, NULL);
        for (int k = 0; k < 20; k++) {
            event_notifier_cleanup(&events[k].e);
        }
    }
    load_cleanup(&load);
}

/* Another thread becomes the home thread; the first one has ended. */
static void test_next_thread(const void *data)
{
    Load load;

    load_init(&load);
    aio_context_set_fd_monitor(load.ctx, monitor_of(data), &error_abort);
    for (unsigned i = 1; i <= 5; i++) {
        event_notifier_set(&load.event.e);
        wait_until_seen(&load, i);
        load_join(&load);
        g_assert_cmpint(load.ctx->monitor.ops->kind, ==, monitor_of(data));
        load_start(&load);
    }
    load_cleanup(&load);
}

/* ---- Promises about file descriptors ---- */

/* The event is reported twice and consumed once. */
static void test_no_call_for_nothing(Fixture *f, const void *data)
{
    f->a.again = true;
    for (unsigned i = 1; i <= 20; i++) {
        event_notifier_set(&f->a.e);
        poll_until_called(&f->a, i);
        g_assert_false(aio_poll(f->ctx, false));
        g_assert_false(aio_poll(f->ctx, false));
    }
}

static void nested_poll(void *opaque)
{
    Fixture *f = opaque;

    f->b.n_calls++;
    event_notifier_test_and_clear(&f->b.e);
    if (f->a.n_calls < f->b.n_calls) {
        aio_poll(f->ctx, true);
    }
}

/* A wait in a callback does not sleep if a handler is known to be ready. */
static void test_nested_wait(Fixture *f, const void *data)
{
    aio_set_fd_handler(f->ctx, event_notifier_get_fd(&f->b.e), nested_poll,
                       NULL, NULL, NULL, f);
    for (unsigned i = 1; i <= 6; i++) {
        event_notifier_set(i % 2 ? &f->b.e : &f->a.e);
        event_notifier_set(i % 2 ? &f->a.e : &f->b.e);
        poll_until_called(&f->b, i);
        poll_until_called(&f->a, i);
    }
}

/* Removing the handler releases the file, without another iteration. */
static void test_removed_is_closed(Fixture *f, const void *data)
{
    int fds[2];
    char byte;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    aio_set_fd_handler(f->ctx, fds[0], event_cb, NULL, NULL, NULL, &f->b);
    aio_poll(f->ctx, false);
    aio_set_fd_handler(f->ctx, fds[0], NULL, NULL, NULL, NULL, NULL);
    close(fds[0]);
    g_assert_cmpint(read(fds[1], &byte, 1), ==, 0);
    close(fds[1]);
}

/* Set and removed between two iterations, without a call of the kernel. */
static void test_unset_before_an_iteration(Fixture *f, const void *data)
{
    Event c;

    aio_poll(f->ctx, false);
    event_init(&c, f->ctx);
    event_notifier_set(&c.e);
    event_cleanup(&c);
    g_assert_false(aio_poll(f->ctx, false));
    event_init(&c, f->ctx);
    event_notifier_set(&c.e);
    poll_until_called(&c, 1);
    event_cleanup(&c);
}

/*
 * Watches a file descriptor for a while and closes it.  Returns a duplicate,
 * which keeps the file open.  @fd: (out) the number, which is free now
 */
static int watch_and_close(Fixture *f, int *fd)
{
    EventNotifier old;
    int dup_fd;

    g_assert_cmpint(event_notifier_init(&old, 0), ==, 0);
    *fd = event_notifier_get_fd(&old);
    dup_fd = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
    aio_set_fd_handler(f->ctx, *fd, event_cb, NULL, NULL, NULL, &f->b);
    aio_poll(f->ctx, false);
    aio_set_fd_handler(f->ctx, *fd, NULL, NULL, NULL, NULL, NULL);
    event_notifier_cleanup(&old);
    return dup_fd;
}

/* A duplicate keeps the old file of a reused file descriptor open. */
static void test_closed_under_it(Fixture *f, const void *data)
{
    EventNotifier old;
    int fd;
    int dup_fd = watch_and_close(f, &fd);
    Event c;

    event_init_at(&c, f->ctx, fd);
    for (int i = 0; i < 3; i++) {
        event_notifier_init_fd(&old, dup_fd);
        event_notifier_set(&old);
        g_assert_false(aio_poll(f->ctx, false));
    }
    event_notifier_set(&c.e);
    poll_until_called(&c, 1);
    g_assert_cmpuint(f->b.n_calls, ==, 0);
    close(dup_fd);
    event_cleanup(&c);
}

/* The same, and the file descriptor has no handler. */
static void test_closed_and_forgotten(Fixture *f, const void *data)
{
    EventNotifier old;
    int fd;

    event_notifier_init_fd(&old, watch_and_close(f, &fd));
    event_notifier_set(&old);
    g_assert_false(aio_poll(f->ctx, false));
    event_notifier_set(&f->a.e);
    poll_until_called(&f->a, 1);
    g_assert_false(aio_poll(f->ctx, false));
    g_assert_cmpuint(f->b.n_calls, ==, 0);
    event_notifier_cleanup(&old);
}

/* More handlers than a small ring has room for, ready at the same time. */
static void test_hundreds(Fixture *f, const void *data)
{
    enum { N = 300 };
    g_autofree Event *events = g_new(Event, N);
    unsigned n_calls = 0;

    for (int i = 0; i < N; i++) {
        event_init(&events[i], f->ctx);
    }
    for (unsigned round = 1; round <= 3; round++) {
        for (int i = 0; i < N; i++) {
            event_notifier_set(&events[i].e);
            event_notifier_set(&events[i].e);
        }
        for (int i = 0; i < N; i++) {
            poll_until_called(&events[i], round);
        }
        g_assert_false(aio_poll(f->ctx, false));
    }
    for (int i = 0; i < N; i++) {
        n_calls += events[i].n_calls;
        event_cleanup(&events[i]);
    }
    g_assert_cmpuint(n_calls, ==, 3 * N);
}

static void test_is_closed_on_exec(Fixture *f, const void *data)
{
    GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        int fd = atoi(name);

        if (fd > 2) {
            int flags = fcntl(fd, F_GETFD);
            g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
            g_autofree char *target = g_file_read_link(link, NULL);

            if (target && g_str_has_prefix(target, "anon_inode:")) {
                g_assert_cmpint(flags & FD_CLOEXEC, !=, 0);
            }
        }
    }
    g_dir_close(dir);
}

/*
 * A sandbox may lower the limit below the number of open files, even to 0.
 * poll(2) then refuses to poll more file descriptors than the limit.
 */
static void hundreds_below_limit(Fixture *f, rlim_t n_allowed)
{
    enum { N = 300 };
    g_autofree Event *events = g_new(Event, N);
    struct rlimit limit, lower;

    for (int i = 0; i < N; i++) {
        event_init(&events[i], f->ctx);
        events[i].keep = true;
    }
    aio_poll(f->ctx, false);
    getrlimit(RLIMIT_NOFILE, &limit);
    lower = limit;
    lower.rlim_cur = n_allowed;
    setrlimit(RLIMIT_NOFILE, &lower);
    for (int i = 0; i < N; i++) {
        event_notifier_set(&events[i].e);
    }
    /* All of them are called repeatedly, because they stay set. */
    for (unsigned round = 1; round <= 6; round++) {
        for (int i = 0; i < N; i++) {
            while (events[i].n_calls < round) {
                g_assert_true(aio_poll(f->ctx, true));
            }
        }
    }
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < N; i++) {
        event_cleanup(&events[i]);
    }
}

static void test_lowered_limit(Fixture *f, const void *data)
{
    hundreds_below_limit(f, 64);
    hundreds_below_limit(f, 0);
}

/* ---- Closed under the handler ---- */

typedef struct Reports {
    unsigned n;
    AioContext *ctx;
    int fd;
    char *handler;
} Reports;

static void on_closed_fd(AioContext *ctx, int fd, const char *handler,
                         void *opaque)
{
    Reports *reports = opaque;

    reports->n++;
    reports->ctx = ctx;
    reports->fd = fd;
    g_free(reports->handler);
    reports->handler = g_strdup(handler);
}

static void run_glib(AioContext *ctx)
{
    GSource *source = aio_get_g_source(ctx);

    if (!g_source_get_context(source)) {
        g_source_attach(source, NULL);
    }
    g_source_unref(source);
    aio_bh_schedule_oneshot(ctx, (AioBHFunc *)aio_notify, ctx);
    g_main_context_iteration(NULL, TRUE);
}

static void run_aio_poll(AioContext *ctx)
{
    aio_notify(ctx);
    aio_poll(ctx, true);
}

/* Returns: how often this thread has slept */
static long count_sleeps(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_THREAD, &usage), ==, 0);
    return usage.ru_nvcsw;
}

/*
 * A loop that spins returns often without having slept; a closed ring ends one
 * or two waits.  How often a loop that sleeps is woken depends on the machine.
 */
static void wait_for_timer(AioContext *ctx)
{
    AioTimer *timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_MS,
                                    nothing, NULL);
    long n_sleeps;
    unsigned n_sleepless = 0;

    aio_poll(ctx, false);
    timer_mod(timer, clock_get_ms(AIO_CLOCK_REALTIME) + 2);
    n_sleeps = count_sleeps();
    while (!aio_poll(ctx, true)) {
        long n = count_sleeps();

        n_sleepless += n == n_sleeps;
        n_sleeps = n;
    }
    g_assert_cmpuint(n_sleepless, <, 10);
    timer_free(timer);
}

static void closed_under_handler(Fixture *f, void (*run)(AioContext *ctx))
{
    Reports reports = { 0 };
    Event c;
    int fd;

    aio_set_closed_fd_func(on_closed_fd, &reports);
    f->ctx->closed_fds.interval_ticks = 0;
    event_init(&c, f->ctx);
    fd = event_notifier_get_fd(&c.e);
    run(f->ctx);
    g_assert_cmpuint(reports.n, ==, 0);
    event_notifier_cleanup(&c.e);
    for (int i = 0; i < 5; i++) {
        run(f->ctx);
    }
    g_assert_cmpuint(reports.n, ==, 1);
    g_assert_true(reports.ctx == f->ctx);
    g_assert_cmpint(reports.fd, ==, fd);
    g_assert_nonnull(strstr(reports.handler, "event_cb"));
    if (run == run_aio_poll) {
        wait_for_timer(f->ctx);
    }
    for (int i = 0; i < 10; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    event_notifier_set(&f->a.e);
    poll_until_called(&f->a, 1);
    g_assert_false(aio_poll(f->ctx, false));
    /* A new handler is watched. */
    event_init_at(&c, f->ctx, fd);
    event_notifier_set(&c.e);
    poll_until_called(&c, 1);
    event_cleanup(&c);
    aio_set_closed_fd_func(NULL, NULL);
    g_free(reports.handler);
}

static void test_closed_under_handler(Fixture *f, const void *data)
{
    closed_under_handler(f, run_aio_poll);
}

static void test_closed_under_glib(Fixture *f, const void *data)
{
    closed_under_handler(f, run_glib);
}

/* ---- Refused ---- */

/* Forbids new file descriptors.  Returns: the limit to restore */
static struct rlimit take_descriptors(void)
{
    struct rlimit limit;
    struct rlimit none;

    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    return limit;
}

static void test_no_descriptor(Fixture *f, const void *data)
{
    struct rlimit limit = take_descriptors();
    g_autoptr(Error) err = NULL;
    bool ok = aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_IO_URING,
                                         &err);

    setrlimit(RLIMIT_NOFILE, &limit);
    if (monitor_of(data) == AIO_FD_MONITOR_IO_URING) {
        g_assert_true(ok);
        return;
    }
    g_assert_false(ok);
    assert_error(err, "Cannot set up io_uring: Too many open files");
    g_assert_cmpint(aio_context_get_fd_monitor(f->ctx), ==,
                    monitor_of(data));
    event_notifier_set(&f->a.e);
    poll_until_called(&f->a, 1);
    g_assert_cmpint(f->ctx->monitor.ops->kind, ==, monitor_of(data));
}

/* The loop moves to a thread for which neither ring nor epoll is available. */
static void test_next_thread_without_descriptor(void)
{
    struct rlimit limit;
    Load load;

    load_init(&load);
    aio_context_set_fd_monitor(load.ctx, AIO_FD_MONITOR_IO_URING,
                               &error_abort);
    event_notifier_set(&load.event.e);
    wait_until_seen(&load, 1);
    load_join(&load);
    limit = take_descriptors();
    load_start(&load);
    event_notifier_set(&load.event.e);
    wait_until_seen(&load, 2);
    setrlimit(RLIMIT_NOFILE, &limit);
    g_assert_cmpint(aio_context_get_fd_monitor_in_use(load.ctx), ==,
                    AIO_FD_MONITOR_POLL);
    g_assert_cmpint(aio_context_get_fd_monitor(load.ctx), ==,
                    AIO_FD_MONITOR_IO_URING);
    load_cleanup(&load);
}

typedef struct RefusedCase {
    const char *name;
    int err;
    const char *message;
} RefusedCase;

static const RefusedCase refused_cases[] = {
    { "forbidden", EPERM,
      "io_uring is forbidden by the sysctl kernel.io_uring_disabled or by a "
      "seccomp filter: Operation not permitted" },
    { "absent", ENOSYS,
      "The kernel has no io_uring: Function not implemented" },
    { "too-old", EINVAL,
      "io_uring needs Linux 6.1 or newer: Invalid argument" },
    { "no-memory", ENOMEM, "Cannot set up io_uring: Cannot allocate memory" },
};

/* From now on io_uring_setup() fails in this process. */
static void forbid_io_uring(int err)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { G_N_ELEMENTS(filter), filter };

    g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
    g_assert_cmpint(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==,
                    0);
}

/* In a separate process, because a filter cannot be removed. */
static void test_refused(const void *data)
{
    const RefusedCase *c = data;
    g_autoptr(Error) err = NULL;
    Fixture f;

    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    forbid_io_uring(c->err);
    set_up(&f, NULL);
    g_assert_false(aio_context_set_fd_monitor(f.ctx, AIO_FD_MONITOR_IO_URING,
                                              &err));
    assert_error(err, c->message);
    g_assert_cmpint(aio_context_get_fd_monitor(f.ctx), ==,
                    AIO_FD_MONITOR_AUTO);
    event_notifier_set(&f.a.e);
    poll_until_called(&f.a, 1);
    g_assert_cmpint(f.ctx->monitor.ops->kind, ==, AIO_FD_MONITOR_EPOLL);
    tear_down(&f, NULL);
}

static void test_not_built(Fixture *f, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_false(aio_context_set_fd_monitor(f->ctx,
                                              AIO_FD_MONITOR_IO_URING,
                                              &err));
    assert_error(err, "io_uring is not part of this build");
    g_assert_cmpint(aio_context_get_fd_monitor_in_use(f->ctx), ==,
                    AIO_FD_MONITOR_EPOLL);
}

/* ---- A series of waits that end at once ---- */

#define SERIES 100

static void run_series(Event *event)
{
    event->n_calls = 0;
    for (unsigned i = 0; i < SERIES; i++) {
        event_notifier_set(&event->e);
        g_assert_true(aio_poll(event->ctx, true));
    }
    g_assert_cmpuint(event->n_calls, ==, SERIES);
}

typedef struct Sleeper {
    AioContext *ctx;
    atomic_bool is_seen; /* it was seen asleep */
} Sleeper;

static void *notify_sleeper(void *opaque)
{
    Sleeper *sleeper = opaque;

    while (!(atomic_load(&sleeper->ctx->wake.word) & AIO_WAKE_ARMED)) {
        sched_yield();
    }
    atomic_store(&sleeper->is_seen, true);
    aio_notify(sleeper->ctx);
    return NULL;
}

/* The series has ended, and the context sleeps as usual. */
static void test_series_then_notify(Fixture *f, const void *data)
{
    Sleeper sleeper = { .ctx = f->ctx };
    Thread thread;

    run_series(&f->a);
    g_assert_cmpint(thread_create(&thread, "notify", 0, notify_sleeper,
                                  &sleeper), ==, 0);
    /* The kernel may end a wait, too, to clear away a ring that was closed. */
    do {
        g_assert_false(aio_poll(f->ctx, true));
    } while (!atomic_load(&sleeper.is_seen));
    thread_join(&thread);
    run_series(&f->a);
}

/* A notification from before the check that finds a descriptor is accepted. */
static void test_series_with_notify(Fixture *f, const void *data)
{
    run_series(&f->a);
    aio_notify(f->ctx);
    event_notifier_set(&f->a.e);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpuint(f->a.n_calls, ==, SERIES + 1);
    g_assert_cmpuint(atomic_load(&f->ctx->wake.word), ==, 0);
}

static void count_timer(void *opaque)
{
    (*(unsigned *)opaque)++;
}

static void test_series_then_timer(Fixture *f, const void *data)
{
    unsigned n_timers = 0;
    AioTimer ts;

    run_series(&f->a);
    aio_timer_init(f->ctx, &ts, AIO_CLOCK_REALTIME, SCALE_NS, count_timer,
                   &n_timers);
    timer_mod(&ts, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
    while (n_timers == 0) {
        aio_poll(f->ctx, true);
    }
    run_series(&f->a);
}

/* A handler that was always drained no longer is. */
static void test_series_then_left(Fixture *f, const void *data)
{
    run_series(&f->a);
    f->a.keep = true;
    event_notifier_set(&f->a.e);
    for (unsigned i = 1; i <= 3; i++) {
        g_assert_true(aio_poll(f->ctx, true));
        g_assert_cmpuint(f->a.n_calls, ==, SERIES + i);
    }
}

/* ---- Tables ---- */

typedef struct MonitorTest {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} MonitorTest;

static const MonitorTest monitor_tests[] = {
    { "in-use", test_in_use },
    { "change/to-others-and-back", test_change },
    { "change/twice", test_change_twice },
    { "change/unseen", test_change_unseen },
    { "change/under-source", test_change_under_source },
    { "change/to-auto", test_auto },
    { "no-call-for-nothing", test_no_call_for_nothing },
    { "nested-wait", test_nested_wait },
    { "removed-is-closed", test_removed_is_closed },
    { "unset-before-an-iteration", test_unset_before_an_iteration },
    { "closed-under-it", test_closed_under_it },
    { "closed-and-forgotten", test_closed_and_forgotten },
    { "hundreds", test_hundreds },
    { "lowered-limit", test_lowered_limit },
    { "closed-under-handler", test_closed_under_handler },
    { "closed-under-handler-in-glib", test_closed_under_glib },
    { "is-closed-on-exec", test_is_closed_on_exec },
    { "series/then-notify", test_series_then_notify },
    { "series/with-notify", test_series_with_notify },
    { "series/then-timer", test_series_then_timer },
    { "series/then-left", test_series_then_left },
};

static void add_monitor_tests(AioFdMonitor kind)
{
    const void *data = (const void *)(intptr_t)kind;
    const char *name = monitor_names[kind];
    g_autofree char *load = g_strdup_printf("/aio/monitor/%s/handlers-load",
                                            name);
    g_autofree char *thread = g_strdup_printf("/aio/monitor/%s/next-thread",
                                              name);

    for (size_t i = 0; i < G_N_ELEMENTS(monitor_tests); i++) {
        g_autofree char *path = g_strdup_printf("/aio/monitor/%s/%s", name,
                                                monitor_tests[i].path);

        g_test_add(path, Fixture, data, set_up, monitor_tests[i].test,
                   tear_down);
    }
    g_test_add_data_func(load, data, test_handlers_under_load);
    g_test_add_data_func(thread, data, test_next_thread);
}

static bool has_io_uring(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    return aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
}

static void add_refused_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused_cases); i++) {
        g_autofree char *path = g_strdup_printf("/aio/monitor/refused/%s",
                                                refused_cases[i].name);

        g_test_add_data_func(path, &refused_cases[i], test_refused);
    }
}

static void add_io_uring_tests(void)
{
    if (!fdmon_io_uring_ops.close) {
        g_test_add("/aio/monitor/refused/not-built", Fixture, NULL, set_up,
                   test_not_built, tear_down);
        return;
    }
    add_refused_tests();
    if (!has_io_uring()) {
        return;
    }
    add_monitor_tests(AIO_FD_MONITOR_IO_URING);
    g_test_add("/aio/monitor/refused/no-descriptor", Fixture,
               (const void *)(intptr_t)AIO_FD_MONITOR_EPOLL, set_up,
               test_no_descriptor, tear_down);
    g_test_add_func("/aio/monitor/refused/next-thread-without-descriptor",
                    test_next_thread_without_descriptor);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add_monitor_tests(AIO_FD_MONITOR_POLL);
    add_monitor_tests(AIO_FD_MONITOR_EPOLL);
    add_io_uring_tests();
    g_test_add_func("/aio/monitor/change-under-load", test_change_under_load);
    return test_run();
}
