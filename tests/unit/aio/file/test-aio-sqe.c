/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any request of io_uring on the loop: aio_add_sqe().
 *
 * The linker wraps io_uring_submit(), which counts submissions and can fail.
 */
#include "aio/aio.h"
#include "aio/file/aio-sqe.h"
#include "aio/file/file-io.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Submissions ---- */

static unsigned n_submits;  /* so far */
static unsigned n_refusals; /* of the next ones */

int __real_io_uring_submit(struct io_uring *ring);
int __wrap_io_uring_submit(struct io_uring *ring);

int __wrap_io_uring_submit(struct io_uring *ring)
{
    n_submits++;
    if (n_refusals > 0) {
        n_refusals--;
        return -EAGAIN;
    }
    return __real_io_uring_submit(ring);
}

/* ---- A loop, for each monitor, run by aio_poll() or by GLib ---- */

typedef struct Variant {
    const char *name;
    AioFdMonitor monitor;
    bool is_source;
} Variant;

static const Variant variants[] = {
    { "epoll", AIO_FD_MONITOR_EPOLL, false },
    { "poll", AIO_FD_MONITOR_POLL, false },
    { "io_uring", AIO_FD_MONITOR_IO_URING, false },
    { "epoll-source", AIO_FD_MONITOR_EPOLL, true },
    { "poll-source", AIO_FD_MONITOR_POLL, true },
    { "io_uring-source", AIO_FD_MONITOR_IO_URING, true },
};

typedef struct Fixture {
    AioContext *ctx;
    GMainContext *gcontext; /* (nullable) it runs the loop */
    bool is_missing;        /* no io_uring: the test is skipped */
} Fixture;

static void attach(Fixture *f)
{
    GSource *source = aio_get_g_source(f->ctx);

    f->gcontext = g_main_context_new();
    g_source_attach(source, f->gcontext);
    g_source_unref(source);
}

static void set_up(Fixture *f, const void *data)
{
    const Variant *variant = data;

    n_submits = 0;
    n_refusals = 0;
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    f->is_missing = !aio_has_io_uring() ||
        !aio_context_set_fd_monitor(f->ctx, variant->monitor, NULL);
    if (f->is_missing) {
        g_test_skip("no io_uring");
    } else if (variant->is_source) {
        attach(f);
    }
}

static void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(aio_get_main_context());
    g_clear_pointer(&f->ctx, aio_context_unref);
    g_clear_pointer(&f->gcontext, g_main_context_unref);
}

static void run(Fixture *f, bool may_block)
{
    if (f->gcontext) {
        g_main_context_iteration(f->gcontext, may_block);
    } else {
        aio_poll(f->ctx, may_block);
    }
}

/* ---- A request ---- */

typedef struct Request {
    CqeHandler handler; /* the first member */
    Fixture *f;
    unsigned n_called;
    unsigned n_more;    /* NOPs that its callback adds */
    bool nests;         /* its callback runs the loop until ... */
    struct Request *other; /* ... this one was called */
    char byte;
    int fd;
} Request;

static unsigned n_called;

static void prepare_nop(struct io_uring_sqe *sqe, void *opaque)
{
    io_uring_prep_nop(sqe);
}

static void prepare_read(struct io_uring_sqe *sqe, void *opaque)
{
    Request *r = opaque;

    io_uring_prep_read(sqe, r->fd, &r->byte, 1, 0);
}

static void prepare_poll(struct io_uring_sqe *sqe, void *opaque)
{
    io_uring_prep_poll_add(sqe, ((Request *)opaque)->fd, POLLIN);
}

static void called(CqeHandler *handler)
{
    Request *r = (Request *)handler;

    n_called++;
    r->n_called++;
    if (r->n_more > 0) {
        r->n_more--;
        aio_add_sqe(prepare_nop, r, &r->handler);
    }
    while (r->nests && r->other->n_called == 0) {
        run(r->f, true);
    }
}

static void request_init(Request *r, Fixture *f, int fd)
{
    *r = (Request){ .handler.cb = called, .f = f, .fd = fd };
    memset(&r->handler.cqe, 0xaa, sizeof(r->handler.cqe));
}

static void wait_for(Fixture *f, Request *r)
{
    while (r->n_called == 0) {
        run(f, true);
    }
}

/* ---- Tests ---- */

static void test_nop(Fixture *f, const void *data)
{
    Request r;

    request_init(&r, f, -1);
    aio_add_sqe(prepare_nop, &r, &r.handler);
    g_assert_cmpuint(r.n_called, ==, 0);
    wait_for(f, &r);
    g_assert_cmpint(r.handler.cqe.res, ==, 0);
    g_assert_cmpuint(r.handler.cqe.user_data, ==, 0);
    run(f, false);
    g_assert_cmpuint(r.n_called, ==, 1);
}

static void test_error(Fixture *f, const void *data)
{
    Request r;

    request_init(&r, f, -1);
    aio_add_sqe(prepare_read, &r, &r.handler);
    wait_for(f, &r);
    g_assert_cmpint(r.handler.cqe.res, ==, -EBADF);
}

/* A request that ends while the loop sleeps. */
static void test_sleeps(Fixture *f, const void *data)
{
    int fds[2];
    Request r;

    g_assert_cmpint(pipe(fds), ==, 0);
    request_init(&r, f, fds[0]);
    aio_add_sqe(prepare_read, &r, &r.handler);
    for (int i = 0; i < 10; i++) {
        run(f, false);
    }
    g_assert_cmpuint(r.n_called, ==, 0);
    g_assert_cmpint(write(fds[1], "x", 1), ==, 1);
    wait_for(f, &r);
    g_assert_cmpint(r.handler.cqe.res, ==, 1);
    g_assert_cmpint(r.byte, ==, 'x');
    close(fds[0]);
    close(fds[1]);
}

#define BATCH 100

static void read_done(void *opaque, int ret)
{
    *(int *)opaque = ret;
}

/* With a request to a file, which uses the same ring. */
static void test_one_submission(Fixture *f, const void *data)
{
    Request r[BATCH];
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    AioFile *file = aio_file_new(f->ctx, fd, AIO_FILE_ENGINE_IO_URING,
                                 &error_abort);
    int ret = INT_MIN;
    char byte;

    for (int i = 0; i < BATCH; i++) {
        request_init(&r[i], f, -1);
        aio_add_sqe(prepare_nop, &r[i], &r[i].handler);
    }
    aio_file_read(file, 0, &byte, 1, read_done, &ret);
    for (int i = 0; i < BATCH; i++) {
        wait_for(f, &r[i]);
    }
    while (ret == INT_MIN) {
        run(f, true);
    }
    g_assert_cmpint(ret, ==, 1);
    g_assert_cmpuint(n_submits, ==, 1);
    aio_file_free(file);
    close(fd);
}

/* More than the ring has room for, with results that come all at once. */
static void test_many(Fixture *f, const void *data)
{
    enum { N = 2000 };
    g_autofree Request *r = g_new(Request, N);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    n_called = 0;
    for (int i = 0; i < N; i++) {
        request_init(&r[i], f, fd);
        aio_add_sqe(prepare_poll, &r[i], &r[i].handler);
    }
    run(f, false);
    g_assert_cmpuint(n_called, ==, 0);
    eventfd_write(fd, 1);
    while (n_called < N) {
        run(f, true);
    }
    for (int i = 0; i < N; i++) {
        g_assert_cmpuint(r[i].n_called, ==, 1);
        g_assert_cmpint(r[i].handler.cqe.res, ==, POLLIN);
    }
    close(fd);
}

/* The kernel has no memory for a while. */
static void test_refused_for_a_while(Fixture *f, const void *data)
{
    enum { N = 500 };
    g_autofree Request *r = g_new(Request, N);

    n_called = 0;
    n_refusals = 1000;
    for (int i = 0; i < N; i++) {
        request_init(&r[i], f, -1);
        aio_add_sqe(prepare_nop, &r[i], &r[i].handler);
    }
    while (n_called < N) {
        run(f, true);
    }
    g_assert_cmpuint(n_refusals, ==, 0);
    for (int i = 0; i < N; i++) {
        g_assert_cmpuint(r[i].n_called, ==, 1);
        g_assert_cmpint(r[i].handler.cqe.res, ==, 0);
    }
}

static void test_adds_in_callback(Fixture *f, const void *data)
{
    Request r;

    request_init(&r, f, -1);
    r.n_more = 100;
    aio_add_sqe(prepare_nop, &r, &r.handler);
    while (r.n_called < 101) {
        run(f, true);
    }
    run(f, false);
    g_assert_cmpuint(r.n_called, ==, 101);
}

/* Both have their results when the first callback runs the loop. */
static void test_nested_loop(Fixture *f, const void *data)
{
    Request r[2];

    if (f->gcontext) {
        g_test_skip("GLib does not run a source inside itself");
        return;
    }
    request_init(&r[0], f, -1);
    request_init(&r[1], f, -1);
    r[0].nests = true;
    r[0].other = &r[1];
    aio_add_sqe(prepare_nop, &r[0], &r[0].handler);
    aio_add_sqe(prepare_nop, &r[1], &r[1].handler);
    wait_for(f, &r[0]);
    g_assert_cmpuint(r[1].n_called, ==, 1);
}

/* The monitor is replaced while a request is in the kernel. */
static void test_monitor_changes(Fixture *f, const void *data)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    Request r;

    request_init(&r, f, fd);
    aio_add_sqe(prepare_poll, &r, &r.handler);
    run(f, false);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_POLL, &error_abort);
    run(f, false);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_IO_URING, &error_abort);
    run(f, false);
    if (!f->gcontext) {
        attach(f);
        run(f, false);
    }
    eventfd_write(fd, 1);
    wait_for(f, &r);
    g_assert_cmpint(r.handler.cqe.res, ==, POLLIN);
    close(fd);
}

/* Some are in the kernel, others in the ring, and some have ended. */
static void test_freeing_drops(Fixture *f, const void *data)
{
    enum { N = 300 };
    g_autofree Request *r = g_new(Request, N);
    Request late[10];
    int fds[2];

    n_called = 0;
    g_assert_cmpint(pipe(fds), ==, 0);
    for (int i = 0; i < N; i++) {
        request_init(&r[i], f, fds[0]);
        r[i].byte = 'a';
        aio_add_sqe(prepare_read, &r[i], &r[i].handler);
    }
    run(f, false);
    for (int i = 0; i < 10; i++) {
        request_init(&late[i], f, fds[0]);
        aio_add_sqe(prepare_nop, &late[i], &late[i].handler);
    }
    aio_set_current_context(aio_get_main_context());
    g_clear_pointer(&f->ctx, aio_context_unref);
    /* GLib's context frees the source, which has a reference. */
    g_clear_pointer(&f->gcontext, g_main_context_unref);
    g_assert_cmpint(write(fds[1], "xxxx", 4), ==, 4);
    for (int i = 0; i < N; i++) {
        g_assert_cmpint(r[i].byte, ==, 'a');
    }
    g_assert_cmpuint(n_called, ==, 0);
    close(fds[0]);
    close(fds[1]);
}

/* ---- Threads ---- */

static void *add_in_thread(void *opaque)
{
    Request *r = opaque;

    aio_set_current_context(r->f->ctx);
    aio_add_sqe(prepare_read, r, &r->handler);
    aio_poll(r->f->ctx, false);
    aio_set_current_context(NULL);
    return NULL;
}

/* The kernel cancels a thread's requests when the thread ends. */
static void test_thread_ends(Fixture *f, const void *data)
{
    Thread thread;
    int fds[2];
    Request r;

    if (f->gcontext) {
        g_test_skip("the thread runs aio_poll()");
        return;
    }
    g_assert_cmpint(pipe(fds), ==, 0);
    request_init(&r, f, fds[0]);
    aio_set_current_context(NULL);
    g_assert_cmpint(thread_create(&thread, "adds", 0, add_in_thread, &r), ==,
                    0);
    thread_join(&thread);
    aio_set_current_context(f->ctx);
    g_assert_cmpint(write(fds[1], "x", 1), ==, 1);
    wait_for(f, &r);
    g_assert_true(r.handler.cqe.res == 1 || r.handler.cqe.res == -ECANCELED);
    close(fds[0]);
    close(fds[1]);
}

static void *add_without_loop(void *opaque)
{
    static CqeHandler handler = { .cb = called };

    aio_add_sqe(prepare_nop, NULL, &handler);
    return NULL;
}

static void add_in_other_thread(void)
{
    Thread thread;

    thread_create(&thread, "other", 0, add_without_loop, NULL);
    thread_join(&thread);
}

/* ---- What a request must not be ---- */

static void prepare_linked(struct io_uring_sqe *sqe, void *opaque)
{
    io_uring_prep_nop(sqe);
    sqe->flags |= IOSQE_IO_LINK;
}

static void add_linked(void)
{
    CqeHandler handler = { .cb = called };

    aio_add_sqe(prepare_linked, NULL, &handler);
}

static void prepare_multishot(struct io_uring_sqe *sqe, void *opaque)
{
    io_uring_prep_poll_multishot(sqe, *(int *)opaque, POLLIN);
}

static void add_multishot(void)
{
    Request r = { .handler.cb = called };
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);

    aio_add_sqe(prepare_multishot, &fd, &r.handler);
    while (r.n_called < 2) {
        aio_poll(aio_get_main_context(), true);
    }
}

/* ---- Without a ring ---- */

/* There is no file descriptor for one. */
static void test_no_ring(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    struct rlimit old;
    struct rlimit none;
    Request r = { .handler.cb = called };

    aio_set_current_context(ctx);
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    g_assert_false(aio_has_io_uring());
    aio_add_sqe(prepare_nop, NULL, &r.handler);
    setrlimit(RLIMIT_NOFILE, &old);
    g_assert_cmpuint(r.n_called, ==, 0);
    while (r.n_called == 0) {
        aio_poll(ctx, true);
    }
    g_assert_cmpint(r.handler.cqe.res, ==, -ENOSYS);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(ctx);
}

/* ---- The table ---- */

typedef struct Row {
    const char *name;
    void (*test)(Fixture *f, const void *data);
} Row;

static const Row rows[] = {
    { "nop", test_nop },
    { "error", test_error },
    { "sleeps", test_sleeps },
    { "one-submission", test_one_submission },
    { "many", test_many },
    { "refused-for-a-while", test_refused_for_a_while },
    { "adds-in-callback", test_adds_in_callback },
    { "nested-loop", test_nested_loop },
    { "monitor-changes", test_monitor_changes },
    { "freeing-drops", test_freeing_drops },
    { "thread-ends", test_thread_ends },
};

typedef struct Case {
    Variant variant; /* the first member, for set_up() */
    const Row *row;
} Case;

static void run_case(Fixture *f, const void *data)
{
    const Case *c = data;

    if (!f->is_missing) {
        c->row->test(f, data);
    }
}

int main(int argc, char **argv)
{
    static Case cases[G_N_ELEMENTS(variants) * G_N_ELEMENTS(rows)];
    Case *c = cases;

    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(rows); j++, c++) {
            g_autofree char *path = g_strdup_printf(
                "/aio/sqe/%s/%s", variants[i].name, rows[j].name);

            *c = (Case){ variants[i], &rows[j] };
            g_test_add(path, Fixture, c, set_up, run_case, tear_down);
        }
    }
    g_test_add_func("/aio/sqe/no-ring", test_no_ring);
    test_add_abort_func("/aio/sqe/other-thread", add_in_other_thread,
                        "*aio_add_sqe() in thread 'other'*: the event loop's "
                        "home thread is*");
    test_add_abort_func("/aio/sqe/linked", add_linked,
                        "*aio_add_sqe(): a request must not be linked*");
    test_add_abort_func("/aio/sqe/multishot", add_multishot,
                        "*aio_add_sqe(): a request completes more than "
                        "once*");
    return test_run();
}
