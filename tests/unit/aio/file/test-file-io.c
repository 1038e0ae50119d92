/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O on the loop: what requests do, with each engine, and how results
 * are reported.  Faults of the kernel are in test-file-io-faults.c.
 */
#include "aio/aio-stats.h"
#include "aio/file/defer-call.h"
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"
#include "util/thread.h"

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

/* ---- Many ---- */

#define N_FLIGHT 64
#define N_BLOCKS 256

typedef struct Flight {
    AioFile *file;
    GRand *rand;
    unsigned n_left;
    unsigned n_pending;
    bool cancels; /* cancels requests at random */
} Flight;

typedef struct FlightSlot {
    Flight *flight;
    int64_t offset;
    size_t size;
    char *buf;
    AioFileRequest *req;
} FlightSlot;

static void flight_next(FlightSlot *slot);

static void flight_done(void *opaque, int ret)
{
    FlightSlot *slot = opaque;

    slot->req = NULL;
    if (ret != -ECANCELED || !slot->flight->cancels) {
        g_assert_cmpint(ret, ==, slot->size);
        assert_pattern(slot->buf, slot->offset, slot->size);
        memset(slot->buf, 0, slot->size);
    }
    slot->flight->n_pending--;
    if (slot->flight->n_left > 0) {
        flight_next(slot);
    }
}

static void flight_next(FlightSlot *slot)
{
    Flight *flight = slot->flight;

    flight->n_left--;
    flight->n_pending++;
    slot->size = BLOCK * g_rand_int_range(flight->rand, 1, 4);
    slot->offset = BLOCK * (int64_t)g_rand_int_range(flight->rand, 0,
                                                     N_BLOCKS - 4);
    slot->req = aio_file_read(flight->file, slot->offset, slot->buf,
                              slot->size, flight_done, slot);
}

static void flight_cancel_one(Flight *flight, FlightSlot *slots,
                              unsigned n_slots)
{
    AioFileRequest *req =
        slots[g_rand_int_range(flight->rand, 0, n_slots)].req;

    if (flight->cancels && req) {
        aio_file_cancel(req);
    }
}

static void fill(AioFile *file, Fixture *f)
{
    g_autofree char *mem = g_malloc(N_BLOCKS * BLOCK + BLOCK);
    char *buf = mem + BLOCK - (uintptr_t)mem % BLOCK;

    for (int i = 0; i < N_BLOCKS * BLOCK; i++) {
        buf[i] = pattern_byte(i);
    }
    g_assert_cmpint(write_wait(f, file, 0, buf, N_BLOCKS * BLOCK), ==,
                    N_BLOCKS * BLOCK);
}

/* Keeps as many in flight, each followed by another one, @n in total. */
static void fly_full(AioContext *ctx, AioFile *file, unsigned n_flight,
                     unsigned n, bool cancels)
{
    Flight flight = { .file = file, .n_left = n, .cancels = cancels };
    g_autofree FlightSlot *slots = g_new0(FlightSlot, n_flight);
    guint32 seed = g_test_rand_int();

    g_test_message("seed %u", seed);
    flight.rand = g_rand_new_with_seed(seed);
    for (unsigned i = 0; i < n_flight; i++) {
        slots[i].flight = &flight;
        slots[i].buf = g_aligned_alloc0(4, BLOCK, BLOCK);
        flight_next(&slots[i]);
    }
    while (flight.n_pending > 0) {
        flight_cancel_one(&flight, slots, n_flight);
        aio_poll(ctx, true);
    }
    for (unsigned i = 0; i < n_flight; i++) {
        g_aligned_free(slots[i].buf);
    }
    g_rand_free(flight.rand);
}

static void fly(AioContext *ctx, AioFile *file, unsigned n_flight,
                unsigned n)
{
    fly_full(ctx, file, n_flight, n, false);
}

static void test_many(Fixture *f, const void *data)
{
    fill(f->file, f);
    fly(f->ctx, f->file, N_FLIGHT, 2000);
}

/* With each way in which the loop finds results. */
static void test_monitors(Fixture *f, const void *data)
{
    static const AioFdMonitor monitors[] = {
        AIO_FD_MONITOR_POLL, AIO_FD_MONITOR_EPOLL, AIO_FD_MONITOR_IO_URING,
    };

    fill(f->file, f);
    for (size_t i = 0; i < G_N_ELEMENTS(monitors); i++) {
        if (aio_context_set_fd_monitor(f->ctx, monitors[i], NULL)) {
            fly(f->ctx, f->file, N_FLIGHT, 500);
        }
    }
}

static void test_polling(Fixture *f, const void *data)
{
    aio_context_set_poll_params(f->ctx, 100000, 0, 0, &error_abort);
    fill(f->file, f);
    fly(f->ctx, f->file, 1, 500);
    fly(f->ctx, f->file, N_FLIGHT, 500);
}

/* More requests than an engine has room for. */
static void test_too_many(Fixture *f, const void *data)
{
    fill(f->file, f);
    fly(f->ctx, f->file, 1500, 3000);
}

static void test_too_many_at_once(Fixture *f, const void *data)
{
    Outcome outcomes[1500] = { { 0 } };

    defer_call_begin();
    for (int i = 0; i < 1500; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    defer_call_end();
    for (int i = 0; i < 1500; i++) {
        if (!outcomes[i].called) {
            outcome_wait(f, &outcomes[i]);
        }
        g_assert_cmpint(outcomes[i].ret, ==, BLOCK);
    }
}

/* ---- Callbacks ---- */

static void ran_bh(void *opaque)
{
    *(bool *)opaque = true;
}

typedef struct Flood {
    Fixture *f;
    unsigned done;
    bool others_ran;
} Flood;

/* The callback is slow, and more requests have finished when it returns. */
static void flood_done(void *opaque, int ret)
{
    Flood *flood = opaque;
    int64_t end_ns = clock_get_ns(AIO_CLOCK_REALTIME) + 200000;

    g_assert_cmpint(ret, ==, BLOCK);
    if (flood->done++ == 0) {
        aio_bh_schedule_oneshot(flood->f->ctx, ran_bh, &flood->others_ran);
    }
    if (flood->done == 100) {
        g_assert_true(flood->others_ran);
    }
    while (clock_get_ns(AIO_CLOCK_REALTIME) < end_ns) {
    }
}

static void test_flood(Fixture *f, const void *data)
{
    Flood flood = { f };

    defer_call_begin();
    for (int i = 0; i < 100; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, flood_done, &flood);
    }
    defer_call_end();
    while (flood.done < 100) {
        aio_poll(f->ctx, true);
    }
}

typedef struct Nest {
    Fixture *f;
    unsigned depth;
    unsigned deepest;
    unsigned done;
    unsigned wanted;
} Nest;

static void nest_done(void *opaque, int ret)
{
    Nest *nest = opaque;

    g_assert_cmpint(ret, ==, BLOCK);
    nest->done++;
    nest->depth++;
    nest->deepest = MAX(nest->deepest, nest->depth);
    while (nest->done < nest->wanted) {
        aio_poll(nest->f->ctx, true);
    }
    nest->depth--;
}

static void test_nested(Fixture *f, const void *data)
{
    Nest nest = { .f = f, .wanted = 20 };

    for (unsigned i = 0; i < nest.wanted; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, nest_done, &nest);
    }
    while (nest.done < nest.wanted) {
        aio_poll(f->ctx, true);
    }
    g_assert_cmpuint(nest.deepest, ==, nest.wanted);
}

/* A callback that submits a request and waits for it. */
static void nest_submit(void *opaque, int ret)
{
    Nest *nest = opaque;

    nest->done++;
    if (nest->done < nest->wanted) {
        unsigned done = nest->done;

        aio_file_read(nest->f->file, 0, nest->f->buf, BLOCK, nest_submit,
                      nest);
        while (nest->done == done) {
            aio_poll(nest->f->ctx, true);
        }
    }
}

static void test_nested_submit(Fixture *f, const void *data)
{
    Nest nest = { .f = f, .wanted = 20 };

    nest_submit(&nest, 0);
    g_assert_cmpuint(nest.done, ==, nest.wanted);
}

/* Waiting inside a section: its queued requests are submitted. */
static void test_wait_in_section(Fixture *f, const void *data)
{
    defer_call_begin();
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
    defer_call_end();
}

static void test_leaves_nothing(Fixture *f, const void *data)
{
    Outcome outcomes[4] = { { 0 } };

    for (int i = 0; i < 4; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    for (int i = 0; i < 4; i++) {
        while (!outcomes[i].called) {
            aio_poll(f->ctx, true);
        }
    }
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_false(aio_poll(f->ctx, false));
}

static void test_source(Fixture *f, const void *data)
{
    GSource *source = aio_get_g_source(f->ctx);
    Outcome outcome = { 0 };

    g_source_attach(source, NULL);
    aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcome);
    while (!outcome.called) {
        g_main_context_iteration(NULL, true);
    }
    g_assert_cmpint(outcome.ret, ==, BLOCK);
    g_source_destroy(source);
    g_source_unref(source);
}

/* ---- Cancelling ---- */

static void test_cancel_done(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };
    AioFileRequest *req;

    req = aio_file_read(f->file, 0, f->buf, 0, outcome_cb, &outcome);
    aio_file_cancel(req);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 0);
}

/* All requests end, with their result or -ECANCELED. */
static void test_cancel_any(Fixture *f, const void *data)
{
    Outcome outcomes[N_FLIGHT] = { { 0 } };
    AioFileRequest *reqs[N_FLIGHT];

    for (int i = 0; i < N_FLIGHT; i++) {
        reqs[i] = aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb,
                                &outcomes[i]);
    }
    for (int i = 0; i < N_FLIGHT; i++) {
        aio_file_cancel(reqs[i]);
        aio_file_cancel(reqs[i]);
        g_assert_cmpuint(outcomes[i].called, ==, 0);
    }
    for (int i = 0; i < N_FLIGHT; i++) {
        if (!outcomes[i].called) {
            outcome_wait(f, &outcomes[i]);
        }
        g_assert_true(outcomes[i].ret == BLOCK ||
                      outcomes[i].ret == -ECANCELED);
    }
}

static void test_cancel_queued(Fixture *f, const void *data)
{
    Outcome first = { 0 }, second = { 0 };
    AioFileRequest *req;

    if (!f->variant->flags && f->variant->engine != AIO_FILE_ENGINE_IO_URING) {
        g_test_skip("done at once from the page cache");
        return;
    }
    defer_call_begin();
    aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &first);
    req = aio_file_read(f->file, 0, f->buf + BLOCK, BLOCK, outcome_cb,
                        &second);
    aio_file_cancel(req);
    g_assert_cmpuint(second.called, ==, 0);
    defer_call_end();
    if (!second.called) {
        outcome_wait(f, &second);
    }
    g_assert_cmpint(second.ret, ==, -ECANCELED);
    if (!first.called) {
        outcome_wait(f, &first);
    }
    g_assert_cmpint(first.ret, ==, BLOCK);
    assert_zeroes(f->buf + BLOCK, BLOCK);
}

/* io_uring reads an empty pipe until the request is cancelled. */
static void test_cancel_running(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };
    AioFileRequest *req;
    AioFile *file;
    int fds[2];

    if (f->variant->engine != AIO_FILE_ENGINE_IO_URING) {
        g_test_skip("cannot be cancelled");
        return;
    }
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    file = aio_file_new(f->ctx, fds[0], AIO_FILE_ENGINE_IO_URING,
                        &error_abort);
    req = aio_file_read(file, 0, f->buf, BLOCK, outcome_cb, &outcome);
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_cmpuint(outcome.called, ==, 0);
    aio_file_cancel(req);
    g_assert_cmpuint(outcome.called, ==, 0);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, -ECANCELED);
    aio_file_free(file);
    close(fds[0]);
    close(fds[1]);
}

/* ---- Coroutines ---- */

typedef struct CoJob {
    Fixture *f;
    bool done;
    int n;
} CoJob;

static void co_run(Fixture *f, CoroutineEntry *entry)
{
    CoJob job = { .f = f };

    coroutine_enter(coroutine_create(entry, &job));
    while (!job.done) {
        aio_poll(f->ctx, true);
    }
}

static void coroutine_fn co_all(void *opaque)
{
    CoJob *job = opaque;
    Fixture *f = job->f;
    struct iovec iov[] = { { f->buf, BLOCK }, { f->buf + BLOCK, BLOCK } };

    memset(f->buf, 'c', 2 * BLOCK);
    g_assert_cmpint(aio_file_co_write(f->file, 2 * BLOCK, f->buf, BLOCK), ==,
                    BLOCK);
    g_assert_cmpint(aio_file_co_writev(f->file, 3 * BLOCK, iov, 2), ==,
                    2 * BLOCK);
    g_assert_cmpint(aio_file_co_flush(f->file), ==, 0);
    g_assert_cmpint(aio_file_co_readv(f->file, 0, iov, 2), ==, 2 * BLOCK);
    assert_pattern(f->buf, 0, 2 * BLOCK);
    g_assert_cmpint(aio_file_co_write_zeroes(f->file, 0, BLOCK), ==, 0);
    g_assert_cmpint(aio_file_co_read(f->file, 0, f->buf, BLOCK), ==, BLOCK);
    assert_zeroes(f->buf, BLOCK);
    job->n = aio_file_co_discard(f->file, BLOCK, BLOCK);
    g_assert_true(job->n == 0 || job->n == -ENOTSUP);
    g_assert_cmpint(aio_file_co_read(f->file, -1, f->buf, BLOCK), ==,
                    -EINVAL);
    g_assert_cmpint(aio_file_co_read(f->file, 0, f->buf, 0), ==, 0);
    g_assert_true(in_aio_context_home_thread(f->ctx));
    job->done = true;
}

static void test_coroutine(Fixture *f, const void *data)
{
    co_run(f, co_all);
}

/* The coroutine never waits, and other work runs all the same. */
static void coroutine_fn co_greedy(void *opaque)
{
    CoJob *job = opaque;
    Fixture *f = job->f;
    bool ran = false;

    aio_bh_schedule_oneshot(f->ctx, ran_bh, &ran);
    while (!ran) {
        g_assert_cmpint(aio_file_co_read(f->file, 0, f->buf, BLOCK), ==,
                        BLOCK);
        g_assert_cmpint(++job->n, <, 1000);
    }
    job->done = true;
}

static void test_greedy(Fixture *f, const void *data)
{
    co_run(f, co_greedy);
}

static void coroutine_fn co_reader(void *opaque)
{
    CoJob *job = opaque;
    Fixture *f = job->f;
    char *buf = g_aligned_alloc0(1, BLOCK, BLOCK);

    for (int i = 0; i < 100; i++) {
        g_assert_cmpint(aio_file_co_read(f->file, BLOCK, buf, BLOCK), ==,
                        BLOCK);
        assert_pattern(buf, BLOCK, BLOCK);
    }
    g_aligned_free(buf);
    job->n++;
}

static void test_coroutines(Fixture *f, const void *data)
{
    CoJob job = { .f = f };

    defer_call_begin();
    for (int i = 0; i < 20; i++) {
        coroutine_enter(coroutine_create(co_reader, &job));
    }
    defer_call_end();
    while (job.n < 20) {
        aio_poll(f->ctx, true);
    }
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

/* ---- Several loops ---- */

#define N_LOOPS 3

typedef struct StressLoop {
    Thread thread;
    Fixture *f;
} StressLoop;

static void *stress_run(void *opaque)
{
    StressLoop *loop = opaque;
    AioContext *ctx = aio_context_new(&error_abort);
    AioFile *file;

    aio_set_current_context(ctx);
    file = aio_file_new(ctx, loop->f->fd, loop->f->variant->engine,
                        &error_abort);
    fly_full(ctx, file, N_FLIGHT, 1000, true);
    aio_file_free(file);
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
    return NULL;
}

static void test_loops(Fixture *f, const void *data)
{
    StressLoop loops[N_LOOPS];

    fill(f->file, f);
    for (int i = 0; i < N_LOOPS; i++) {
        loops[i].f = f;
        g_assert_cmpint(thread_create(&loops[i].thread, "loop", 0,
                                      stress_run, &loops[i]), ==, 0);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        thread_join(&loops[i].thread);
    }
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
    add_variants("many/at-random", test_many);
    add_variants("many/with-each-monitor", test_monitors);
    add_variants("many/while-busy-polling", test_polling);
    add_variants("many/more-than-fit", test_too_many);
    add_variants("many/more-than-fit-at-once", test_too_many_at_once);
    add_variants("many/in-several-loops-with-cancel", test_loops);
    add_variants("callback/many-yield-to-the-loop", test_flood);
    add_variants("callback/may-run-the-loop", test_nested);
    add_variants("callback/may-submit-and-wait", test_nested_submit);
    add_variants("callback/leaves-nothing-scheduled", test_leaves_nothing);
    add_variants("section/may-wait", test_wait_in_section);
    add_variants("in-a-gsource", test_source);
    add_variants("cancel/finished", test_cancel_done);
    add_variants("cancel/any", test_cancel_any);
    add_variants("cancel/queued", test_cancel_queued);
    add_variants("cancel/running", test_cancel_running);
    add_variants("coroutine/all-requests", test_coroutine);
    add_variants("coroutine/yields-to-the-loop", test_greedy);
    add_variants("coroutine/many", test_coroutines);
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
