/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O on the loop: what a request does, with each engine, and files.
 * Many requests at once, cancelling and coroutines are in
 * test-file-io-concurrent.c, faults of the kernel in test-file-io-faults.c.
 */
#include "aio/aio-stats.h"
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Requests ---- */

static void test_read(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    aio_file_read(f->file, BLOCK, f->buf, BLOCK, outcome_cb, &outcome);
    g_assert_cmpuint(outcome.called, ==, 0);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, BLOCK);
    assert_pattern(f->buf, BLOCK, BLOCK);
}

static void test_write(Fixture *f, const void *data)
{
    memset(f->buf, 'w', BLOCK);
    g_assert_cmpint(write_wait(f, f->file, 2 * BLOCK, f->buf, BLOCK), ==,
                    BLOCK);
    g_assert_cmpint(read_wait(f, f->file, BLOCK, f->buf + BLOCK, 2 * BLOCK),
                    ==, 2 * BLOCK);
    assert_pattern(f->buf + BLOCK, BLOCK, BLOCK);
    g_assert_cmpmem(f->buf, BLOCK, f->buf + 2 * BLOCK, BLOCK);
}

static void test_vectors(Fixture *f, const void *data)
{
    struct iovec out[] = { { f->buf + BLOCK, BLOCK }, { f->buf, BLOCK } };
    Outcome outcome = { 0 };

    aio_file_readv(f->file, 0, out, 2, outcome_cb, &outcome);
    memset(out, 0, sizeof(out)); /* it was copied */
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 2 * BLOCK);
    assert_pattern(f->buf + BLOCK, 0, BLOCK);
    assert_pattern(f->buf, BLOCK, BLOCK);
}

static void test_writev(Fixture *f, const void *data)
{
    struct iovec out[] = {
        { f->buf + BLOCK, BLOCK }, { f->buf, 0 }, { f->buf, BLOCK },
    };
    Outcome outcome = { 0 };

    memset(f->buf, 'a', BLOCK);
    memset(f->buf + BLOCK, 'b', BLOCK);
    aio_file_writev(f->file, 0, out, 3, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 2 * BLOCK);
    read_wait(f, f->file, 0, f->buf + 2 * BLOCK, 2 * BLOCK);
    g_assert_cmpmem(f->buf + 2 * BLOCK, BLOCK, f->buf + BLOCK, BLOCK);
    g_assert_cmpmem(f->buf + 3 * BLOCK, BLOCK, f->buf, BLOCK);
}

static void assert_statistics(Fixture *f, unsigned requests, unsigned bytes,
                              unsigned depth)
{
    AioStats stats;

    aio_context_get_stats(f->ctx, &stats);
    g_assert_cmpuint(stats.file_requests, ==, requests);
    g_assert_cmpuint(stats.file_bytes, ==, bytes);
    g_assert_cmpuint(stats.file_depth, ==, depth);
}

/* A request that fails is counted, but has no bytes. */
static void test_statistics(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    assert_statistics(f, 0, 0, 0);
    write_wait(f, f->file, 0, f->buf, BLOCK);
    aio_file_read(f->file, 0, f->buf, 2 * BLOCK, outcome_cb, &outcome);
    assert_statistics(f, 2, BLOCK, 1);
    outcome_wait(f, &outcome);
    assert_statistics(f, 2, 3 * BLOCK, 0);
    g_assert_cmpint(read_wait(f, f->file, -1, f->buf, BLOCK), ==, -EINVAL);
    assert_statistics(f, 3, 3 * BLOCK, 0);
}

static void test_end_of_file(Fixture *f, const void *data)
{
    g_assert_cmpint(ftruncate(f->fd, BLOCK + 100), ==, 0);
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, 4 * BLOCK), ==,
                    BLOCK + 100);
    assert_pattern(f->buf, 0, BLOCK + 100);
    assert_zeroes(f->buf + 2 * BLOCK, BLOCK);
    g_assert_cmpint(read_wait(f, f->file, 2 * BLOCK, f->buf, BLOCK), ==, 0);
}

static void test_no_bytes(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    g_assert_cmpint(read_wait(f, f->file, 1, f->buf, 0), ==, 0);
    g_assert_cmpint(write_wait(f, f->file, 1, NULL, 0), ==, 0);
    aio_file_readv(f->file, 0, NULL, 0, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 0);
}

typedef struct BadRange {
    int64_t offset;
    size_t size;
} BadRange;

static void test_bad_numbers(Fixture *f, const void *data)
{
    static const BadRange rows[] = {
        { -1, 1 }, { INT64_MIN, 1 }, { -1, 0 },
        { INT64_MAX, 1 }, { INT64_MAX - BLOCK + 1, BLOCK },
        { 0, (size_t)INT_MAX + 1 }, { 0, SSIZE_MAX }, { 0, SIZE_MAX },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(read_wait(f, f->file, rows[i].offset, f->buf,
                                  rows[i].size), ==, -EINVAL);
        g_assert_cmpint(write_wait(f, f->file, rows[i].offset, f->buf,
                                   rows[i].size), ==, -EINVAL);
    }
}

static int readv_wait(Fixture *f, const struct iovec *iov, int n_iov)
{
    Outcome outcome = { 0 };

    aio_file_readv(f->file, 0, iov, n_iov, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

static void test_bad_vectors(Fixture *f, const void *data)
{
    struct iovec iov[] = {
        { f->buf, INT_MAX }, { f->buf, 1 }, { f->buf, SIZE_MAX },
    };
    g_autofree struct iovec *many = g_new0(struct iovec, IOV_MAX + 1);

    g_assert_cmpint(readv_wait(f, iov, 2), ==, -EINVAL);
    g_assert_cmpint(readv_wait(f, iov + 1, 2), ==, -EINVAL);
    g_assert_cmpint(readv_wait(f, iov, -1), ==, -EINVAL);
    g_assert_cmpint(readv_wait(f, many, IOV_MAX + 1), ==, -EINVAL);
    g_assert_cmpint(readv_wait(f, many, IOV_MAX), ==, 0);
}

static void test_bad_ranges(Fixture *f, const void *data)
{
    static const int64_t rows[][2] = {
        { -1, 1 }, { 0, -1 }, { INT64_MAX, 1 }, { 1, INT64_MAX },
        { 0, INT64_MIN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Outcome discard = { 0 }, zeroes = { 0 };

        aio_file_discard(f->file, rows[i][0], rows[i][1], outcome_cb,
                         &discard);
        g_assert_cmpint(outcome_wait(f, &discard), ==, -EINVAL);
        aio_file_write_zeroes(f->file, rows[i][0], rows[i][1], outcome_cb,
                              &zeroes);
        g_assert_cmpint(outcome_wait(f, &zeroes), ==, -EINVAL);
    }
}

static void test_flush(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    aio_file_flush(f->file, outcome_cb, &outcome);
    g_assert_cmpuint(outcome.called, ==, 0);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 0);
}

static int64_t file_size(Fixture *f)
{
    struct stat st;

    g_assert_cmpint(fstat(f->fd, &st), ==, 0);
    return st.st_size;
}

static void test_discard(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    aio_file_discard(f->file, BLOCK, 2 * BLOCK, outcome_cb, &outcome);
    if (outcome_wait(f, &outcome) == -ENOTSUP) {
        g_test_skip("the file system cannot");
        return;
    }
    g_assert_cmpint(outcome.ret, ==, 0);
    g_assert_cmpint(file_size(f), ==, 2 * BLOCK);
    read_wait(f, f->file, 0, f->buf, 2 * BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
    assert_zeroes(f->buf + BLOCK, BLOCK);
}

static void test_write_zeroes(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    memset(f->buf, 'x', 4 * BLOCK);
    aio_file_write_zeroes(f->file, BLOCK, 2 * BLOCK, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 0);
    g_assert_cmpint(file_size(f), ==, 3 * BLOCK);
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, 4 * BLOCK), ==,
                    3 * BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
    assert_zeroes(f->buf + BLOCK, 2 * BLOCK);
}

/* ---- Errors, exactly ---- */

/* Returns: the result of a read or a write of a file that is opened again */
static int io_of(Fixture *f, const char *path, int flags, bool is_write)
{
    int fd = open(path, flags | O_CLOEXEC);
    AioFile *file = aio_file_new(f->ctx, fd, f->variant->engine,
                                 &error_abort);
    int ret;

    if (is_write) {
        ret = write_wait(f, file, 0, f->buf, BLOCK);
    } else {
        ret = read_wait(f, file, 0, f->buf, BLOCK);
    }
    aio_file_free(file);
    close(fd);
    return ret;
}

static void test_errors(Fixture *f, const void *data)
{
    int flags = f->variant->flags;

    g_assert_cmpint(io_of(f, f->path, O_WRONLY | flags, false), ==, -EBADF);
    g_assert_cmpint(io_of(f, f->path, O_RDONLY | flags, true), ==, -EBADF);
    g_assert_cmpint(io_of(f, "/", O_RDONLY, false), ==, -EISDIR);
    g_assert_cmpint(io_of(f, "/dev/full", O_WRONLY, true), ==, -ENOSPC);
}

static void test_bad_address(Fixture *f, const void *data)
{
    g_assert_cmpint(read_wait(f, f->file, 0, (void *)BLOCK, BLOCK), ==,
                    -EFAULT);
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
}

static void test_too_big(Fixture *f, const void *data)
{
    int ret = write_wait(f, f->file, INT64_C(1) << 62, f->buf, BLOCK);

    if (ret == BLOCK) {
        g_test_skip("no size is too big for this file system");
        return;
    }
    g_assert_cmpint(ret, ==, -EFBIG);
}

/* ---- Files ---- */

static void test_bad_descriptor(Fixture *f, const void *data)
{
    Error *err = NULL;

    g_assert_null(aio_file_new(f->ctx, -1, AIO_FILE_ENGINE_AUTO, &err));
    assert_error(err, "Cannot use descriptor -1 as a file: "
                      "Bad file descriptor");
}

static void test_engine_kept(Fixture *f, const void *data)
{
    AioFile *file = aio_file_new(f->ctx, f->fd, AIO_FILE_ENGINE_AUTO,
                                 &error_abort);

    g_assert_cmpint(aio_file_get_engine(f->file), ==, f->variant->engine);
    g_assert_cmpint(aio_file_get_engine(file), !=, AIO_FILE_ENGINE_AUTO);
    aio_file_free(file);
}

/* More files than the ring's table has entries, twice. */
static void test_many_files(Fixture *f, const void *data)
{
    AioFile *files[70];

    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
            files[i] = aio_file_new(f->ctx, f->fd, f->variant->engine,
                                    &error_abort);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
            g_assert_cmpint(read_wait(f, files[i], 0, f->buf, BLOCK), ==,
                            BLOCK);
            assert_pattern(f->buf, 0, BLOCK);
            aio_file_free(files[i]);
        }
    }
}

/* A file that reuses an entry of the table is not the old file. */
static void test_place_again(Fixture *f, const void *data)
{
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    AioFile *file = aio_file_new(f->ctx, f->fd, f->variant->engine,
                                 &error_abort);

    g_assert_cmpint(read_wait(f, file, 0, f->buf, BLOCK), ==, BLOCK);
    aio_file_free(file);
    file = aio_file_new(f->ctx, fd, f->variant->engine, &error_abort);
    g_assert_cmpint(read_wait(f, file, 0, f->buf, BLOCK), ==, BLOCK);
    assert_zeroes(f->buf, BLOCK);
    aio_file_free(file);
    close(fd);
}

static void test_released(Fixture *f, const void *data)
{
    int fd = open(f->path, O_RDWR | O_CLOEXEC | f->variant->flags);
    AioFile *file = aio_file_new(f->ctx, fd, f->variant->engine,
                                 &error_abort);

    g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
    g_assert_cmpint(read_wait(f, file, 0, f->buf, BLOCK), ==, BLOCK);
    aio_file_free(file);
    close(fd);
    g_assert_cmpint(flock(f->fd, LOCK_EX | LOCK_NB), ==, 0);
}

static void test_engine_names(void)
{
    g_assert_cmpstr(aio_file_engine_name(AIO_FILE_ENGINE_AUTO), ==, "auto");
    g_assert_cmpstr(aio_file_engine_name(AIO_FILE_ENGINE_THREADS), ==,
                    "threads");
    g_assert_cmpstr(aio_file_engine_name(AIO_FILE_ENGINE_LINUX_AIO), ==,
                    "linux-aio");
    g_assert_cmpstr(aio_file_engine_name(AIO_FILE_ENGINE_IO_URING), ==,
                    "io_uring");
}

static void test_free_null(void)
{
    aio_file_free(NULL);
}

/* ---- Misuse ---- */

static void abort_file_pending(void)
{
    Fixture f = { NULL };
    Outcome outcome = { 0 };

    fixture_set_up(&f, NULL);
    unlink(f.path);
    aio_file_read(f.file, 0, f.buf, BLOCK, outcome_cb, &outcome);
    aio_file_free(f.file);
}

static void abort_context_pending(void)
{
    Fixture f = { NULL };
    Outcome outcome = { 0 };

    fixture_set_up(&f, NULL);
    unlink(f.path);
    aio_file_read(f.file, 0, f.buf, BLOCK, outcome_cb, &outcome);
    aio_set_current_context(NULL);
    aio_context_unref(f.ctx);
}

static void abort_other_thread(void)
{
    Fixture f = { NULL };

    fixture_set_up(&f, NULL);
    unlink(f.path);
    aio_set_current_context(NULL);
    aio_file_read(f.file, 0, f.buf, BLOCK, outcome_cb, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    add_variants("read", test_read);
    add_variants("write", test_write);
    add_variants("readv-copies-the-array", test_vectors);
    add_variants("writev", test_writev);
    add_variants("statistics", test_statistics);
    add_variants("read-ends-with-the-file", test_end_of_file);
    add_variants("no-bytes-succeed", test_no_bytes);
    add_variants("bad-numbers", test_bad_numbers);
    add_variants("bad-vectors", test_bad_vectors);
    add_variants("bad-ranges", test_bad_ranges);
    add_variants("flush", test_flush);
    add_variants("discard", test_discard);
    add_variants("write-zeroes", test_write_zeroes);
    add_variants("error/exact", test_errors);
    add_variants("error/bad-address", test_bad_address);
    add_variants("error/too-big", test_too_big);
    add_variants("file/bad-descriptor", test_bad_descriptor);
    add_variants("file/engine", test_engine_kept);
    add_variants("file/many", test_many_files);
    add_variants("file/one-after-another", test_place_again);
    add_variants("file/freed-and-closed-is-released", test_released);
    g_test_add_func("/aio/file-io/engine-names", test_engine_names);
    g_test_add_func("/aio/file-io/free-null", test_free_null);
    test_add_abort_func("/aio/file-io/free/pending-aborts",
                        abort_file_pending,
                        "*aio_file_free(): 1 requests are pending*");
    test_add_abort_func("/aio/file-io/context/pending-aborts",
                        abort_context_pending,
                        "*aio_context_unref(): 1 file requests are pending*");
    test_add_abort_func("/aio/file-io/other-thread-aborts",
                        abort_other_thread,
                        "*aio_file() in thread '*' (*): the event loop has no "
                        "home thread; call aio_set_current_context() "
                        "first*");

    return test_run();
}
