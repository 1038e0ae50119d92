/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O when the kernel refuses what an engine needs: an error says why, and
 * AIO_FILE_ENGINE_AUTO selects another engine.
 */
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void refuse_system_call(unsigned number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { G_N_ELEMENTS(code), code };

    g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
    g_assert_cmpint(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==,
                    0);
}

/* Runs @test in a separate process, because it cannot be undone. */
static void in_child(void (*test)(void))
{
    if (g_test_subprocess()) {
        test();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
}

/* The engine is not available, and AUTO selects another one. */
static void check_refused(AioFileEngine engine, const char *text, int flags,
                          AioFileEngine instead)
{
    Variant variant = { "any", AIO_FILE_ENGINE_THREADS, flags };
    Fixture f = { NULL };
    Error *err = NULL;
    AioFile *file;

    fixture_set_up(&f, &variant);
    if (!f.file) {
        return;
    }
    g_assert_null(aio_file_new(f.ctx, f.fd, engine, &err));
    assert_error(err, text);
    file = aio_file_new(f.ctx, f.fd, AIO_FILE_ENGINE_AUTO, &error_abort);
    g_assert_cmpint(aio_file_get_engine(file), ==, instead);
    g_assert_cmpint(read_wait(&f, file, 0, f.buf, BLOCK), ==, BLOCK);
    assert_pattern(f.buf, 0, BLOCK);
    aio_file_free(file);
    fixture_tear_down(&f, NULL);
}

#ifdef CONFIG_LIBURING
#define NO_URING                                                         \
    "io_uring is forbidden by the sysctl kernel.io_uring_disabled or by a " \
    "seccomp filter: Operation not permitted"
#else
#define NO_URING "io_uring is not part of this build"
#endif

static void child_no_io_uring(void)
{
    refuse_system_call(SYS_io_uring_setup);
    check_refused(AIO_FILE_ENGINE_IO_URING, NO_URING, 0,
                  AIO_FILE_ENGINE_THREADS);
}

static void child_no_io_uring_direct(void)
{
    refuse_system_call(SYS_io_uring_setup);
    check_refused(AIO_FILE_ENGINE_IO_URING, NO_URING, O_DIRECT,
                  AIO_FILE_ENGINE_LINUX_AIO);
}

static void child_neither(void)
{
    refuse_system_call(SYS_io_uring_setup);
    refuse_system_call(SYS_io_setup);
    check_refused(AIO_FILE_ENGINE_LINUX_AIO,
                  "Cannot set up Linux AIO: Operation not permitted", O_DIRECT,
                  AIO_FILE_ENGINE_THREADS);
}

static void test_no_io_uring(void)
{
    in_child(child_no_io_uring);
}

static void test_no_io_uring_direct(void)
{
    in_child(child_no_io_uring_direct);
}

static void test_neither(void)
{
    in_child(child_neither);
}

static void test_no_descriptor(Fixture *f, const void *data)
{
    struct rlimit old, none;
    AioFile *file;
    Error *err = NULL;

    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    g_assert_null(aio_file_new(f->ctx, f->fd, AIO_FILE_ENGINE_LINUX_AIO,
                               &err));
    file = aio_file_new(f->ctx, f->fd, AIO_FILE_ENGINE_AUTO, &error_abort);
    g_assert_cmpint(aio_file_get_engine(file), ==, AIO_FILE_ENGINE_THREADS);
    aio_file_free(file);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_error(err, "Cannot create an eventfd: Too many open files");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    g_test_add("/aio/file-io/engine/no-descriptor", Fixture, NULL,
               fixture_set_up, test_no_descriptor, fixture_tear_down);
    g_test_add_func("/aio/file-io/engine/no-io_uring", test_no_io_uring);
    g_test_add_func("/aio/file-io/engine/no-io_uring-direct",
                    test_no_io_uring_direct);
    g_test_add_func("/aio/file-io/engine/nothing-but-threads", test_neither);
    return test_run();
}
