/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O on the loop: many requests at once, what callbacks may do, requests
 * that are cancelled, and requests of coroutines, with each engine.
 */
#include "aio/file/defer-call.h"
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"
#include "util/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
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
    return test_run();
}
