/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls that fail.
 *
 * The linker redirects the calls below to this file.  An *attempt* is run again
 * and again, and the n-th of its calls fails, for each n until no call is left.
 * If a call fails, the attempt either returns an error, whose text is checked,
 * or succeeds in another way.  It leaves no file descriptor and no thread.
 */
#include "aio/context-internal.h"
#include "aio/coroutine/coroutine.h"
#include "aio/thread-pool/thread-pool.h"
#include "aio/timer.h"
#include "iothread/iothread.h"
#include "qmp/qmp-server.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"
#include "util/module.h"
#include "util/thread.h"

#include <dirent.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Calls that fail ---- */

static const struct {
    const char *call;
    int os_errno;
} usual_errors[] = {
    { "eventfd", EMFILE }, { "pipe2", ENFILE }, { "epoll_create1", ENFILE },
    { "epoll_ctl", ENOSPC }, { "epoll_pwait2", ENOSYS }, { "mmap64", ENOMEM },
    { "mprotect", ENOMEM }, { "pthread_create", EAGAIN },
    { "socket", EMFILE }, { "bind", EACCES }, { "listen", ENOBUFS },
    { "accept4", ENFILE }, { "syscall", EPERM },
    { "io_uring_queue_init_params", EPERM },
    { "io_uring_submit", EBUSY }, { "io_uring_submit_and_get_events", EBUSY },
};

static atomic_int calls_left = -1; /* until one fails; negative: none does */
static _Atomic(const char *) failed_call;
static bool has_no_eventfd;

static int usual_error(const char *call)
{
    for (size_t i = 0; i < G_N_ELEMENTS(usual_errors); i++) {
        if (strcmp(usual_errors[i].call, call) == 0) {
            return usual_errors[i].os_errno;
        }
    }
    g_assert_not_reached();
}

/* Returns: true if this call has to fail; errno is then set */
static bool must_fail(const char *call)
{
    if (atomic_load(&calls_left) < 0 ||
        atomic_fetch_sub(&calls_left, 1) != 0) {
        return false;
    }
    atomic_store(&failed_call, call);
    errno = usual_error(call);
    return true;
}

/* A function of the system, which returns `failure` if it has to fail. */
#define WRAP(type, name, failure, params, args)                         \
    type __real_##name params;                                          \
    type __wrap_##name params;                                          \
    type __wrap_##name params                                           \
    {                                                                   \
        return must_fail(#name) ? (failure) : __real_##name args;       \
    }

int __real_eventfd(unsigned value, int flags);
int __wrap_eventfd(unsigned value, int flags);

int __wrap_eventfd(unsigned value, int flags)
{
    if (has_no_eventfd) {
        errno = ENOSYS;
        return -1;
    }
    return must_fail("eventfd") ? -1 : __real_eventfd(value, flags);
}

WRAP(int, pipe2, -1, (int fds[2], int flags), (fds, flags))
WRAP(int, epoll_create1, -1, (int flags), (flags))
WRAP(int, epoll_ctl, -1,
     (int epoll_fd, int op, int fd, struct epoll_event *event),
     (epoll_fd, op, fd, event))
WRAP(int, epoll_pwait2, -1,
     (int epoll_fd, struct epoll_event *events, int n,
      const struct timespec *timeout, const sigset_t *set),
     (epoll_fd, events, n, timeout, set))
/* its name with files of any size */
WRAP(void *, mmap64, MAP_FAILED,
     (void *addr, size_t size, int prot, int flags, int fd, off_t offset),
     (addr, size, prot, flags, fd, offset))
WRAP(int, mprotect, -1, (void *addr, size_t size, int prot),
     (addr, size, prot))
WRAP(int, pthread_create, EAGAIN,
     (pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
      void *arg), (thread, attr, fn, arg))
WRAP(int, socket, -1, (int domain, int type, int protocol),
     (domain, type, protocol))
WRAP(int, bind, -1, (int fd, const struct sockaddr *addr, socklen_t size),
     (fd, addr, size))
WRAP(int, listen, -1, (int fd, int backlog), (fd, backlog))

int __real_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags);

static int accept_errno; /* not 0: accept4() keeps failing with it */
static unsigned n_accepts;

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *size, int flags)
{
    n_accepts++;
    if (accept_errno) {
        errno = accept_errno;
        return -1;
    }
    return must_fail("accept4") ? -1 : __real_accept4(fd, addr, size, flags);
}

#ifdef CONFIG_LIBURING
struct io_uring;
struct io_uring_params;

WRAP(int, io_uring_queue_init_params, -errno,
     (unsigned n, struct io_uring *ring, struct io_uring_params *params),
     (n, ring, params))
WRAP(int, io_uring_submit, -errno, (struct io_uring *ring), (ring))
WRAP(int, io_uring_submit_and_get_events, -errno, (struct io_uring *ring),
     (ring))
#endif

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* What io_uring needs; a futex is part of the language. */
long __wrap_syscall(long number, ...)
{
    long args[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        args[i] = va_arg(list, long);
    }
    va_end(list);
    if (number == SYS_io_uring_register && must_fail("syscall")) {
        return -1;
    }
    return __real_syscall(number, args[0], args[1], args[2], args[3],
                          args[4], args[5]);
}

/* ---- Attempts ---- */

/* The error of an attempt for a call; it must succeed without all others. */
typedef struct Refusal {
    const char *call;
    const char *message;
    bool only_first; /* the same call may fail later */
} Refusal;

typedef struct Row {
    const char *name;
    bool (*attempt)(Error **errp); /* cleans up in any case */
    bool has_no_eventfd;
    Refusal refusals[8];
} Row;

static const char *expected_message(const Row *row, const char *call,
                                    bool is_first)
{
    for (const Refusal *r = row->refusals; r->call; r++) {
        if (strcmp(r->call, call) == 0 && (is_first || !r->only_first)) {
            return r->message;
        }
    }
    return NULL;
}

static unsigned count_names(const char *path)
{
    DIR *dir = opendir(path);
    unsigned n = 0;

    g_assert_nonnull(dir);
    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

/* A thread that was joined may still be listed briefly. */
static void assert_nothing_left(unsigned n_fds, unsigned n_threads)
{
    g_assert_cmpuint(count_names("/proc/self/fd"), ==, n_fds);
    test_waits_for("a thread that must have ended");
    while (count_names("/proc/self/task") != n_threads) {
        sched_yield();
    }
    test_waits_for(NULL);
}

/*
 * @seen: calls that have failed
 * Returns: whether there was an @n-th call, which failed
 */
static bool try_without(const Row *row, int n, GHashTable *seen)
{
    unsigned n_fds = count_names("/proc/self/fd");
    unsigned n_threads = count_names("/proc/self/task");
    const char *message, *call;
    Error *err = NULL;
    bool ok;

    atomic_store(&failed_call, NULL);
    atomic_store(&calls_left, n);
    ok = row->attempt(&err);
    atomic_store(&calls_left, -1);
    call = atomic_load(&failed_call);
    message = call ? expected_message(row, call,
                                      g_hash_table_add(seen, (void *)call))
                   : NULL;
    g_test_message("%d: %s: %s", n, call ? call : "none",
                   err ? error_get_pretty(err) : "works");
    g_assert_cmpint(ok, ==, message == NULL);
    if (message) {
        assert_error(err, message);
    }
    g_assert_null(err);
    assert_nothing_left(n_fds, n_threads);
    return call != NULL;
}

/* ---- Contexts ---- */

static void count(void *opaque)
{
    (*(int *)opaque)++;
}

static void run_until(AioContext *ctx, const int *counter, int n)
{
    while (*counter < n) {
        aio_poll(ctx, true);
    }
}

/* A handler, a timer and a bottom half. */
static void use_context(AioContext *ctx)
{
    int n_read = 0, n_timer = 0, n_bh = 0;
    AioTimer *ts = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_NS, count,
                                 &n_timer);
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    aio_set_fd_handler(ctx, fds[1], NULL, count, NULL, NULL, &n_read);
    run_until(ctx, &n_read, 1);
    aio_set_fd_handler(ctx, fds[1], NULL, NULL, NULL, NULL, NULL);
    timer_mod(ts, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
    run_until(ctx, &n_timer, 1);
    aio_bh_schedule_oneshot(ctx, count, &n_bh);
    run_until(ctx, &n_bh, 1);
    timer_free(ts);
    close(fds[0]);
    close(fds[1]);
}

static bool attempt_context(Error **errp)
{
    AioContext *ctx = aio_context_new(errp);

    if (!ctx) {
        return false;
    }
    use_context(ctx);
    aio_context_unref(ctx);
    return true;
}

/* The monitor is rejected, or replaced by another one later. */
static bool attempt_io_uring(Error **errp)
{
    AioContext *ctx = aio_context_new(errp);
    bool ok;

    if (!ctx) {
        return false;
    }
    ok = aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, errp);
    use_context(ctx);
    aio_context_unref(ctx);
    return ok;
}

/* This build may not have it, and the kernel may reject it. */
static bool has_io_uring(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    return aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
}

static bool attempt_source(Error **errp)
{
    AioContext *ctx = aio_context_new(errp);
    GSource *source;
    int n = 0;

    if (!ctx) {
        return false;
    }
    source = aio_get_g_source(ctx);
    g_source_attach(source, NULL);
    aio_bh_schedule_oneshot(ctx, count, &n);
    while (n == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_destroy(source);
    g_source_unref(source);
    aio_context_unref(ctx);
    return true;
}

static bool attempt_notifier(Error **errp)
{
    EventNotifier e;
    int ret = event_notifier_init(&e, 1);

    if (ret < 0) {
        error_setg_errno(errp, -ret, "no notifier");
        return false;
    }
    g_assert_true(event_notifier_test_and_clear(&e));
    event_notifier_cleanup(&e);
    return true;
}

/* More wake-ups than bytes fit into a pipe. */
#define N_WAKE_UPS 10000

typedef struct Sleeper {
    AioContext *ctx;
    atomic_int n;
} Sleeper;

static void wake_sleeper(void *opaque)
{
    atomic_fetch_add(&((Sleeper *)opaque)->n, 1);
}

static void *run_sleeper(void *opaque)
{
    Sleeper *s = opaque;

    while (atomic_load(&s->n) < N_WAKE_UPS) {
        aio_poll(s->ctx, true);
    }
    return NULL;
}

static void test_wake_ups_through_pipe(void)
{
    Sleeper s = { .n = 0 };
    Thread thread;

    has_no_eventfd = true;
    s.ctx = aio_context_new(&error_abort);
    has_no_eventfd = false;
    thread_create(&thread, "sleeper", 0, run_sleeper, &s);
    for (int i = 1; i <= N_WAKE_UPS; i++) {
        while (!(atomic_load(&s.ctx->wake.word) & AIO_WAKE_ARMED)) {
            sched_yield();
        }
        aio_bh_schedule_oneshot(s.ctx, wake_sleeper, &s);
        while (atomic_load(&s.n) < i) {
            sched_yield();
        }
    }
    thread_join(&thread);
    aio_context_unref(s.ctx);
}

/* ---- Coroutines ---- */

static void coroutine_fn count_entry(void *opaque)
{
    coroutine_yield();
    count(opaque);
}

static void run_coroutine(void)
{
    int n = 0;
    Coroutine *co = coroutine_create(count_entry, &n);

    coroutine_enter(co);
    coroutine_enter(co);
    g_assert_cmpint(n, ==, 1);
}

static void abort_no_stack(void)
{
    atomic_store(&calls_left, 0); /* mmap() */
    run_coroutine();
}

static void abort_no_guard(void)
{
    atomic_store(&calls_left, 1); /* mprotect() */
    run_coroutine();
}

/* A free stack is used again. */
static void test_stack_needs_nothing(void)
{
    run_coroutine();
    atomic_store(&calls_left, 0);
    run_coroutine();
    g_assert_cmpint(atomic_exchange(&calls_left, -1), ==, 0);
}

/* ---- The thread pool ---- */

#define N_JOBS 4

static int job_run(void *opaque)
{
    return 0;
}

static void job_done(void *opaque, int ret)
{
    g_assert_cmpint(ret, ==, 0);
    count(opaque);
}

static bool attempt_pool(Error **errp)
{
    AioContext *ctx = aio_context_new(errp);
    int n = 0;

    if (!ctx) {
        return false;
    }
    aio_set_current_context(ctx);
    aio_context_set_thread_pool_params(ctx, 2, 3, &error_abort);
    for (int i = 0; i < N_JOBS; i++) {
        thread_pool_submit_aio(job_run, NULL, job_done, &n);
    }
    run_until(ctx, &n, N_JOBS);
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
    return true;
}

/* ---- Objects ---- */

static bool attempt_iothread(Error **errp)
{
    Object *obj = user_creatable_add_from_str(
        "iothread,id=a,poll-max-ns=0,thread-pool-min=1", errp);
    AioContext *ctx;
    int n = 0;

    if (!obj) {
        g_assert_null(object_resolve_path("/objects/a", NULL));
        return false;
    }
    ctx = iothread_get_aio_context(IOTHREAD(obj));
    aio_bh_schedule_oneshot(ctx, count, &n);
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_cmpint(n, ==, 1);
    return true;
}

/* ---- QMP ---- */

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = __real_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    return fd;
}

/* Connect and wait for the greeting. */
static void use_server(AioContext *ctx, const char *path)
{
    struct pollfd pollfd = { .fd = connect_to(path), .events = POLLIN };

    while (poll(&pollfd, 1, 0) == 0) {
        aio_poll(ctx, true);
    }
    close(pollfd.fd);
}

static bool attempt_server_at(AioContext *ctx, const char *path, Error **errp)
{
    g_autofree char *address = g_strdup_printf("unix:%s", path);
    QmpServer *server = qmp_server_new(ctx, address, errp);

    if (!server) {
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        return false;
    }
    use_server(ctx, path);
    qmp_server_free(server);
    return true;
}

static bool attempt_server(Error **errp)
{
    AioContext *ctx = aio_context_new(errp);
    g_autofree char *cwd = g_get_current_dir();
    g_autofree char *dir = NULL;
    bool ok;

    if (!ctx) {
        return false;
    }
    dir = g_dir_make_tmp("qom-XXXXXX", NULL);
    /* so that no message depends on the folder's name */
    g_assert_cmpint(g_chdir(dir), ==, 0);
    ok = attempt_server_at(ctx, "sock", errp);
    g_assert_cmpint(g_chdir(cwd), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
    aio_context_unref(ctx);
    return ok;
}

/* ---- The table of attempts ---- */

#define NO_EPOLL                                                        \
    { "epoll_create1", "Cannot create an epoll descriptor: "            \
                       "Too many open files in system" },               \
    { "epoll_ctl", "Cannot watch an event notifier: "                   \
                   "No space left on device", true }
#define NO_EVENTFD                                                      \
    { "eventfd", "Cannot create an event notifier: Too many open files" }
#define NO_PIPE                                                         \
    { "pipe2", "Cannot create an event notifier: "                      \
               "Too many open files in system" }

static const Row rows[] = {
    { "context", attempt_context, false, { NO_EVENTFD, NO_EPOLL } },
    { "context-without-eventfd", attempt_context, true,
      { NO_PIPE, NO_EPOLL } },
    { "io-uring", attempt_io_uring, false,
      { NO_EVENTFD, NO_EPOLL,
        { "io_uring_queue_init_params",
          "io_uring is forbidden by the sysctl kernel.io_uring_disabled or "
          "by a seccomp filter: Operation not permitted" } } },
    { "source", attempt_source, false, { NO_EVENTFD, NO_EPOLL } },
    { "notifier", attempt_notifier, false,
      { { "eventfd", "no notifier: Too many open files" } } },
    { "notifier-without-eventfd", attempt_notifier, true,
      { { "pipe2", "no notifier: Too many open files in system" } } },
    { "thread-pool", attempt_pool, false, { NO_EVENTFD, NO_EPOLL } },
    { "iothread", attempt_iothread, false,
      { NO_EVENTFD, NO_EPOLL,
        { "pthread_create", "could not create thread 'IO a': "
                            "Resource temporarily unavailable" } } },
    { "qmp-server", attempt_server, false,
      { NO_EVENTFD, NO_EPOLL,
        { "socket", "Cannot create a socket: Too many open files" },
        { "bind", "Cannot create the socket 'sock': Permission denied" },
        { "listen", "Cannot create the socket 'sock': "
                    "No buffer space available" } } },
};

static void test_row(const void *data)
{
    const Row *row = data;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    int n = 0;

    if (row->attempt == attempt_io_uring && !has_io_uring()) {
        g_test_skip("no io_uring");
        return;
    }
    has_no_eventfd = row->has_no_eventfd;
    while (try_without(row, n, seen)) {
        n++;
    }
    has_no_eventfd = false;
    g_assert_cmpint(n, >, 0);
}

/* ---- An accept4() that keeps failing ---- */

static int client_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    return fd;
}

/*
 * Returns true if the server pauses after one such error.  The client is served
 * once accept4() works again.
 */
static bool pauses_after(int os_errno)
{
    AioContext *ctx = aio_context_new(&error_abort);
    g_autofree char *dir = g_dir_make_tmp("qom-accept-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "sock", NULL);
    g_autofree char *address = g_strconcat("unix:", path, NULL);
    QmpServer *server = qmp_server_new(ctx, address, &error_abort);
    int fd = client_of(path);
    bool pauses;

    accept_errno = os_errno;
    n_accepts = 0;
    while (n_accepts == 0) {
        aio_poll(ctx, true);
    }
    pauses = !aio_watches(ctx); /* it has no other descriptor */
    accept_errno = 0;
    while (qmp_server_n_clients(server) == 0) {
        aio_poll(ctx, true);
    }
    close(fd);
    qmp_server_free(server);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
    while (aio_poll(ctx, false)) {
        continue; /* deletes bottom halves */
    }
    aio_context_unref(ctx);
    return pauses;
}

static void test_accept(void)
{
    static const int lasting[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES,
                                   EPERM, ENOSYS, EINVAL, EPROTO };
    static const int passing[] = { EAGAIN, EINTR, ECONNABORTED };

    for (size_t i = 0; i < G_N_ELEMENTS(lasting); i++) {
        g_assert_true(pauses_after(lasting[i]));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(passing); i++) {
        g_assert_false(pauses_after(passing[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/fault-injection/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/fault-injection/accept-keeps-failing", test_accept);
    g_test_add_func("/fault-injection/notifier-without-eventfd/wakes-often",
                    test_wake_ups_through_pipe);
    test_add_abort_func("/fault-injection/coroutine/no-stack-aborts",
                        abort_no_stack,
                        "*coroutine_create: cannot map a stack: Cannot "
                        "allocate memory*");
    test_add_abort_func("/fault-injection/coroutine/no-guard-aborts",
                        abort_no_guard,
                        "*coroutine_create: cannot map a stack: Cannot "
                        "allocate memory*");
    g_test_add_func("/fault-injection/coroutine/stack-is-used-again",
                    test_stack_needs_nothing);
    return test_run();
}
