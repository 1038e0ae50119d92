/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a child process may do with the event loops of its parent: it may free
 * them, without an effect on the parent.  Any other use aborts with a message.
 */
#include "aio/aio-wait.h"
#include "aio/aio.h"
#include "aio/file/aio-sqe.h"
#include "aio/file/file-io.h"
#include "aio/thread-pool/thread-pool.h"
#include "iothread/iothread.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"
#include "util/thread.h"

#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const monitor_names[] = {
    "auto", "poll", "epoll", "io_uring",
};

#define BLOCK 4096 /* what O_DIRECT reads is a multiple of it */

/*
 * A loop that watches a notifier and has an open file with each engine; for
 * Linux AIO the file is opened with O_DIRECT.
 */
typedef struct Fixture {
    AioContext *ctx;
    EventNotifier notifier;
    unsigned n_called;
    char *path;
    int fd;
    int direct_fd;
    AioFile *files[AIO_FILE_ENGINE__MAX]; /* NULL: refused */
    unsigned n_submitted;
    unsigned n_read;
} Fixture;

static alignas(BLOCK) char blocks[AIO_FILE_ENGINE__MAX][BLOCK];

static Fixture *current; /* of the notifier's callback */

static void on_notifier(EventNotifier *notifier)
{
    event_notifier_test_and_clear(notifier);
    current->n_called++;
}

static void open_files(Fixture *f)
{
    f->fd = g_file_open_tmp("qom-fork-XXXXXX", &f->path, NULL);
    g_assert_cmpint(f->fd, >=, 0);
    g_assert_cmpint(write(f->fd, blocks[0], BLOCK), ==, BLOCK);
    f->direct_fd = open(f->path, O_RDWR | O_CLOEXEC | O_DIRECT);
    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        int fd = i == AIO_FILE_ENGINE_LINUX_AIO ? f->direct_fd : f->fd;

        f->files[i] = fd < 0 ? NULL : aio_file_new(f->ctx, fd, i, NULL);
    }
    if (!f->files[AIO_FILE_ENGINE_LINUX_AIO]) {
        g_test_message("without Linux AIO");
    }
}

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    if (!aio_context_set_fd_monitor(f->ctx, GPOINTER_TO_INT(data), NULL)) {
        g_test_skip("the kernel refuses this monitor");
    }
    event_notifier_init(&f->notifier, 0);
    aio_set_event_notifier(f->ctx, &f->notifier, on_notifier, NULL, NULL);
    open_files(f);
    current = f;
    aio_poll(f->ctx, false);
}

static void close_all(Fixture *f)
{
    aio_set_event_notifier(f->ctx, &f->notifier, NULL, NULL, NULL);
    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        aio_file_free(f->files[i]);
    }
}

static void tear_down(Fixture *f, const void *data)
{
    close_all(f);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
    event_notifier_cleanup(&f->notifier);
    close(f->fd);
    if (f->direct_fd >= 0) {
        close(f->direct_fd);
    }
    unlink(f->path);
    g_free(f->path);
}

static void on_read(void *opaque, int ret)
{
    Fixture *f = opaque;

    g_assert_cmpint(ret, ==, BLOCK);
    f->n_read++;
}

static void submit_reads(Fixture *f)
{
    f->n_submitted = 0;
    f->n_read = 0;
    for (int i = 0; i < AIO_FILE_ENGINE__MAX; i++) {
        if (f->files[i]) {
            aio_file_read(f->files[i], 0, blocks[i], BLOCK, on_read, f);
            f->n_submitted++;
        }
    }
}

static void wait_for_reads(Fixture *f)
{
    while (f->n_read < f->n_submitted) {
        aio_poll(f->ctx, true);
    }
}

static void parent_still_works(Fixture *f)
{
    unsigned n_called = f->n_called;

    event_notifier_set(&f->notifier);
    while (f->n_called == n_called) {
        aio_poll(f->ctx, true);
    }
    submit_reads(f);
    wait_for_reads(f);
}

/* Returns: the status of a child process that called @fn, from waitpid() */
static int run_in_child(void (*fn)(void *opaque), void *opaque)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        fn(opaque);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

/* ---- Freeing ---- */

static void child_frees(void *opaque)
{
    Fixture *f = opaque;

    close_all(f);
    aio_context_unref(f->ctx);
}

static void test_free(Fixture *f, const void *data)
{
    parent_still_works(f);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(run_in_child(child_frees, f), ==, 0);
        parent_still_works(f);
    }
}

/* The requests of the parent stay pending while the child frees its files. */
static void test_pending(Fixture *f, const void *data)
{
    submit_reads(f);
    g_assert_cmpint(run_in_child(child_frees, f), ==, 0);
    wait_for_reads(f);
    parent_still_works(f);
}

static void child_wakes(void *opaque)
{
    Fixture *f = opaque;

    aio_notify(f->ctx);
    aio_set_event_notifier(f->ctx, &f->notifier, NULL, NULL, NULL);
    aio_context_set_fd_monitor(f->ctx, AIO_FD_MONITOR_POLL, NULL);
}

static void test_any_thread_functions(Fixture *f, const void *data)
{
    g_assert_cmpint(run_in_child(child_wakes, f), ==, 0);
    parent_still_works(f);
    g_assert_cmpint(run_in_child(child_wakes, f), ==, 0);
    parent_still_works(f);
}

/* ---- Using ---- */

static void use_poll(void *opaque)
{
    aio_poll(((Fixture *)opaque)->ctx, false);
}

static void use_glib(void *opaque)
{
    GSource *source = aio_get_g_source(((Fixture *)opaque)->ctx);

    g_source_attach(source, NULL);
    g_main_context_iteration(NULL, FALSE);
}

static void use_current(void *opaque)
{
    aio_set_current_context(((Fixture *)opaque)->ctx);
}

static void use_file(void *opaque)
{
    Fixture *f = opaque;

    aio_file_read(f->files[0], 0, blocks[0], BLOCK, on_read, f);
}

static void never(CqeHandler *handler)
{
}

/* The current context of such a thread is the main context. */
static void use_sqe(void *opaque)
{
    static CqeHandler handler = { .cb = never };

    aio_add_sqe(NULL, NULL, &handler);
}

static int nothing(void *opaque)
{
    return 0;
}

/* The current context of such a thread is the main context. */
static void use_pool(void *opaque)
{
    thread_pool_submit(nothing, NULL);
}

static void use_wait(void *opaque)
{
    AIO_WAIT_WHILE(NULL, true);
}

typedef struct UseRow {
    const char *name;
    void (*use)(void *opaque);
    const char *message;
} UseRow;

#define MESSAGE(function)                                                   \
    "*" function ": the event loop was created before fork(); a child "     \
    "process must create its own*the parent works*"

static const UseRow use_rows[] = {
    { "aio-poll", use_poll, MESSAGE("aio_poll") },
    { "add-sqe", use_sqe, MESSAGE("aio_add_sqe") },
    { "glib", use_glib, MESSAGE("aio_poll") },
    { "set-current", use_current, MESSAGE("aio_set_current_context") },
    { "file", use_file, MESSAGE("aio_file") },
    { "thread-pool", use_pool, MESSAGE("thread_pool_submit") },
    { "wait", use_wait, MESSAGE("AIO_WAIT_WHILE)") },
};

/* The child aborts; the parent aborts after it proved that its loop works. */
static void abort_in_child(const UseRow *row, AioFdMonitor monitor)
{
    Fixture f = { NULL };
    int status;

    set_up(&f, GINT_TO_POINTER(monitor));
    status = run_in_child(row->use, &f);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    parent_still_works(&f);
    fprintf(stderr, "the parent works\n");
    unlink(f.path);
    abort();
}

#define USE_TEST(n)                                                         \
    static void test_use_##n(void)                                          \
    {                                                                       \
        abort_in_child(&use_rows[n], 1 + n % 3);                            \
    }
USE_TEST(0) USE_TEST(1) USE_TEST(2) USE_TEST(3) USE_TEST(4) USE_TEST(5)
USE_TEST(6)

static const GTestFunc use_tests[] = {
    test_use_0, test_use_1, test_use_2, test_use_3, test_use_4, test_use_5,
    test_use_6,
};
G_STATIC_ASSERT(G_N_ELEMENTS(use_tests) == G_N_ELEMENTS(use_rows));

/* ---- A loop that the child creates ---- */

static void note(void *opaque)
{
    ++*(int *)opaque;
}

static void child_makes_its_own(void *opaque)
{
    int n_run = 0;

    g_assert_cmpint(thread_get_id(), ==, getpid());
    aio_main_context_init(&error_abort);
    aio_bh_schedule_oneshot(aio_get_main_context(), note, &n_run);
    aio_poll(aio_get_main_context(), true);
    g_assert_cmpint(n_run, ==, 1);
}

static void test_own_loop(Fixture *f, const void *data)
{
    thread_get_id();
    g_assert_cmpint(run_in_child(child_makes_its_own, f), ==, 0);
    parent_still_works(f);
}

/* ---- Iothreads ---- */

static void child_deletes(void *opaque)
{
    object_unparent(opaque);
}

/* The iothread does not exist in the child, which must not wait for it. */
static void test_iothread(const void *data)
{
    g_autofree char *text = g_strdup_printf("iothread,id=a,fd-monitor=%s",
                                            (const char *)data);
    Object *obj = user_creatable_add_from_str(text, NULL);
    int n_run = 0;

    if (!obj) {
        g_test_skip("the kernel refuses this monitor");
        return;
    }
    for (int i = 1; i <= 2; i++) {
        iothread_get_thread_id(IOTHREAD(obj));
        g_assert_cmpint(run_in_child(child_deletes, obj), ==, 0);
        aio_wait_bh_oneshot(iothread_get_aio_context(IOTHREAD(obj)), note,
                            &n_run);
        g_assert_cmpint(n_run, ==, i);
    }
    object_unparent(obj);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    for (int m = AIO_FD_MONITOR_POLL; m <= AIO_FD_MONITOR_IO_URING; m++) {
        const char *name = monitor_names[m];
        g_autofree char *free_path = g_strdup_printf("/aio/fork/free/%s",
                                                     name);
        g_autofree char *pending_path = g_strdup_printf("/aio/fork/pending/%s",
                                                        name);
        g_autofree char *any_path = g_strdup_printf("/aio/fork/any/%s", name);
        g_autofree char *own_path = g_strdup_printf("/aio/fork/own/%s", name);
        g_autofree char *io_path = g_strdup_printf("/aio/fork/iothread/%s",
                                                   name);

        g_test_add(free_path, Fixture, GINT_TO_POINTER(m), set_up, test_free,
                   tear_down);
        g_test_add(pending_path, Fixture, GINT_TO_POINTER(m), set_up,
                   test_pending, tear_down);
        g_test_add(any_path, Fixture, GINT_TO_POINTER(m), set_up,
                   test_any_thread_functions, tear_down);
        g_test_add(own_path, Fixture, GINT_TO_POINTER(m), set_up,
                   test_own_loop, tear_down);
        g_test_add_data_func(io_path, name, test_iothread);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(use_rows); i++) {
        g_autofree char *path = g_strdup_printf("/aio/fork/use/%s",
                                                use_rows[i].name);

        test_add_abort_func(path, use_tests[i], use_rows[i].message);
    }
    return g_test_run();
}
