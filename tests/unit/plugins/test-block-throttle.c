/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Throttled drives.  Limits themselves are tested with times that the test
 * chooses.  The filter is tested with limits that no test waits for: requests
 * pass because the limit is changed, the channel is drained or the request is
 * cancelled.
 */
#include "aio/coroutine/coroutine-cancel.h"
#include "plugins/nbd/block-throttle-limits-internal.h"
#include "qom/object-property.h"
#include "qom/user-creatable.h"
#include "tests/unit/plugins/block-test.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <string.h>

/* ---- Limits ---- */

#define SECOND INT64_C(1000000000)

/* As the limits themselves, without the nanosecond that they add */
static int64_t get_wait(const ThrottleLimits *limits, ThrottleDirection d,
                        int64_t size)
{
    bool of_total;

    return MAX(throttle_limits_get_wait(limits, d, size, &of_total) - 1, 0);
}

/* Lets requests pass as soon as they may; returns the time in ns. */
static int64_t pass_many(ThrottleLimits *limits, ThrottleDirection d,
                         unsigned n, int64_t size)
{
    int64_t now = limits->last_ns;

    for (unsigned i = 0; i < n; i++) {
        now += get_wait(limits, d, size);
        throttle_limits_leak(limits, now);
        g_assert_cmpint(get_wait(limits, d, size), <=, 2);
        throttle_limits_charge(limits, d, size);
    }
    return now;
}

static void test_no_limit(void)
{
    ThrottleLimits limits = { 0 };

    g_assert_false(throttle_limits_any(&limits));
    g_assert_cmpint(pass_many(&limits, THROTTLE_READ, 1000, INT32_MAX), ==,
                    0);
}

static void test_rate_of_requests(void)
{
    ThrottleLimits limits = { 0 };
    int64_t ns;

    throttle_bucket_set(&limits.requests[THROTTLE_READ], 1000, 50);
    g_assert_true(throttle_limits_any(&limits));
    ns = pass_many(&limits, THROTTLE_READ, 50, 0);
    g_assert_cmpint(ns, ==, 0);
    ns = pass_many(&limits, THROTTLE_READ, 10000, 0);
    g_assert_cmpint(ABS(ns - 10 * SECOND), <, 1000000);
    g_assert_cmpint(get_wait(&limits, THROTTLE_WRITE, 0), ==, 0);
}

static void test_rate_of_bytes(void)
{
    ThrottleLimits limits = { 0 };
    int64_t ns;

    throttle_bucket_set(&limits.bytes[THROTTLE_TOTAL], 1 << 20, 0);
    ns = pass_many(&limits, THROTTLE_WRITE, 1000, 4096);
    /* A tenth of a second passes at once. */
    g_assert_cmpint(ABS(ns - (1000 * 4096 * SECOND / (1 << 20) -
                              SECOND / 10)), <, SECOND / 100);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 4096), >, 0);
}

static void test_larger_than_the_burst(void)
{
    ThrottleLimits limits = { 0 };

    throttle_bucket_set(&limits.bytes[THROTTLE_READ], 1000, 10);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 5000), ==, 0);
    throttle_limits_charge(&limits, THROTTLE_READ, 5000);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 10), ==, 5 * SECOND);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 1), ==,
                    5 * SECOND - SECOND * 9 / 1000);
}

static void test_pause(void)
{
    ThrottleLimits limits = { 0 };

    throttle_bucket_set(&limits.requests[THROTTLE_TOTAL], 10, 3);
    pass_many(&limits, THROTTLE_READ, 3, 0);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 0), ==, SECOND / 10);
    throttle_limits_leak(&limits, 3600 * SECOND);
    pass_many(&limits, THROTTLE_READ, 3, 0);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 0), ==, SECOND / 10);
    /* A clock that goes back does not fill the bucket. */
    throttle_limits_leak(&limits, 0);
    g_assert_cmpint(get_wait(&limits, THROTTLE_READ, 0), ==, SECOND / 10);
}

/* ---- The filter ---- */

/* The first of each passes, and then nothing for hours. */
#define CLOSED "iops-total=1,iops-total-burst=1,bps-total=1"

typedef struct Request {
    Drive *drive;
    Coroutine *co;
    BlockOp op;
    char buf[512];
    int number; /* of the order in which it ended; 0: it has not */
    int ret;
} Request;

static int n_ended;

static void coroutine_fn request_run(void *opaque)
{
    Request *r = opaque;
    struct iovec iov = { r->buf, sizeof(r->buf) };

    r->ret = r->op == BLOCK_OP_READ
        ? block_co_read(r->drive->channel, 0, &iov, 1)
        : block_co_write(r->drive->channel, 0, &iov, 1, 0);
    r->number = ++n_ended;
}

static void request_start(Request *r, Drive *drive, BlockOp op)
{
    *r = (Request) { .drive = drive, .op = op };
    r->co = coroutine_create(request_run, r);
    coroutine_enter(r->co);
}

static void open_throttle(Drive *d, const char *limits)
{
    g_autofree char *text = g_strdup_printf(
        "block-throttle,id=t,drive=/objects/m,%s", limits);

    n_ended = 0;
    user_creatable_add_from_str("block-memory,id=m,size=1M", &error_abort);
    drive_open(d, text);
}

static void set_limit(Drive *d, const char *name, uint64_t value)
{
    object_property_set_uint(OBJECT(d->backend), name, value, &error_abort);
}

static uint64_t get_throttle_stat(Drive *d, const char *name)
{
    g_autoptr(JsonNode) node = object_property_get_json(
        OBJECT(d->backend), "throttle-stats", &error_abort);

    return json_object_get_int_member(json_node_get_object(node), name);
}

static void run_until_ended(Drive *d, int n)
{
    while (n_ended < n) {
        aio_poll(d->ctx, true);
    }
}

static void test_needs_drive(void)
{
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str("block-throttle,id=t", &err));
    assert_error(err, "block-throttle needs a 'drive'");
}

static void test_drive_is_kept(void)
{
    Drive d;
    Error *err = NULL;

    open_throttle(&d, "iops-total=0");
    g_assert_false(user_creatable_del("m", &err));
    g_assert_nonnull(err);
    error_free(err);
    g_assert_cmpint(block_backend_get_info(d.backend)->size_bytes, ==,
                    1048576);
    drive_close(&d);
}

static void test_passes_on(void)
{
    Drive d;
    Request r;

    open_throttle(&d, "iops-total=1000000");
    drive_test_model(&d, 500, 1);
    request_start(&r, &d, BLOCK_OP_READ);
    run_until_ended(&d, 1);
    g_assert_cmpint(r.ret, ==, 0);
    drive_close(&d);
}

/* In order, also when the limit changes in between. */
static void test_order(void)
{
    Drive d;
    Request r[20];

    open_throttle(&d, CLOSED);
    for (int i = 0; i < 20; i++) {
        request_start(&r[i], &d, i % 3 ? BLOCK_OP_READ : BLOCK_OP_WRITE);
    }
    g_assert_cmpint(n_ended, ==, 1);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 19);
    set_limit(&d, "bps-total", 2);
    set_limit(&d, "bps-total", 0);
    set_limit(&d, "iops-total", 100000);
    run_until_ended(&d, 20);
    for (int i = 0; i < 20; i++) {
        g_assert_cmpint(r[i].number, ==, i + 1);
        g_assert_cmpint(r[i].ret, ==, 0);
    }
    g_assert_cmpuint(get_throttle_stat(&d, "delayed"), ==, 19);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 0);
    drive_close(&d);
}

static void test_no_limit_any_longer(void)
{
    Drive d;
    Request r[5];

    open_throttle(&d, CLOSED);
    for (int i = 0; i < 5; i++) {
        request_start(&r[i], &d, BLOCK_OP_READ);
    }
    object_set_props(OBJECT(d.backend), &error_abort, "iops-total", "0",
                     "bps-total", "0", NULL);
    run_until_ended(&d, 5);
    drive_close(&d);
}

/* Reads do not wait for a limit of writes. */
static void test_directions(void)
{
    Drive d;
    Request w[3], r[3];

    open_throttle(&d, "iops-write=1,iops-write-burst=1,bps-write=1");
    for (int i = 0; i < 3; i++) {
        request_start(&w[i], &d, BLOCK_OP_WRITE);
    }
    for (int i = 0; i < 3; i++) {
        request_start(&r[i], &d, BLOCK_OP_READ);
    }
    run_until_ended(&d, 4);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(r[i].number, ==, i + 2);
    }
    g_assert_cmpint(w[0].number, ==, 1);
    block_channel_drain_begin(d.channel);
    run_until_ended(&d, 6);
    block_channel_drain_end(d.channel);
    drive_close(&d);
}

static void test_cancelled(void)
{
    Drive d;
    Request r[4];

    open_throttle(&d, CLOSED);
    for (int i = 0; i < 4; i++) {
        request_start(&r[i], &d, BLOCK_OP_WRITE);
    }
    coroutine_cancel(r[2].co);
    run_until_ended(&d, 2);
    g_assert_cmpint(r[2].ret, ==, -ECANCELED);
    coroutine_cancel(r[1].co); /* the head of the queue */
    run_until_ended(&d, 3);
    g_assert_cmpint(r[1].ret, ==, -ECANCELED);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 1);
    object_set_props(OBJECT(d.backend), &error_abort, "iops-total", "0",
                     "bps-total", "0", NULL);
    run_until_ended(&d, 4);
    g_assert_cmpint(r[3].ret, ==, 0);
    drive_close(&d);
}

/* The loop has not woken it up yet, and does not do it later. */
static void test_cancelled_after_passing(void)
{
    Drive d;
    Request r[3];

    open_throttle(&d, CLOSED);
    for (int i = 0; i < 3; i++) {
        request_start(&r[i], &d, BLOCK_OP_WRITE);
    }
    object_set_props(OBJECT(d.backend), &error_abort, "iops-total", "0",
                     "bps-total", "0", NULL);
    g_assert_cmpint(n_ended, ==, 1);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 2);
    coroutine_cancel(r[1].co);
    g_assert_cmpint(r[1].number, ==, 2);
    g_assert_cmpint(r[1].ret, ==, 0);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 1);
    run_until_ended(&d, 3);
    g_assert_cmpint(r[2].ret, ==, 0);
    drive_close(&d);
}

static void test_drain(void)
{
    Drive d;
    Request r[5];

    open_throttle(&d, CLOSED);
    for (int i = 0; i < 4; i++) {
        request_start(&r[i], &d, BLOCK_OP_WRITE);
    }
    block_channel_drain_begin(d.channel);
    request_start(&r[4], &d, BLOCK_OP_WRITE);
    run_until_ended(&d, 5);
    block_channel_drain_end(d.channel);
    request_start(&r[0], &d, BLOCK_OP_WRITE);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 1);
    coroutine_cancel(r[0].co);
    run_until_ended(&d, 6);
    drive_close(&d);
}

/* A rate that the test does not measure, only that all pass. */
static void test_timer(void)
{
    Drive d;
    Request r[50];

    open_throttle(&d, "iops-total=10000,iops-total-burst=1");
    for (int i = 0; i < 50; i++) {
        request_start(&r[i], &d, i % 2 ? BLOCK_OP_READ : BLOCK_OP_WRITE);
    }
    run_until_ended(&d, 50);
    drive_close(&d);
}

/* ---- Several loops, and a thread that changes the limits ---- */

#define N_LOOPS 4
#define N_COROUTINES 8
#define N_REQUESTS 50

typedef struct Job {
    BlockBackend *backend;
    Loop loop;
    BlockChannel *channel;
    int n_running;
    atomic_bool is_done;
} Job;

static void coroutine_fn loop_requests(void *opaque)
{
    Job *job = opaque;
    char buf[64];
    struct iovec iov = { buf, sizeof(buf) };

    for (int i = 0; i < N_REQUESTS; i++) {
        g_assert_cmpint(block_co_read(job->channel, i, &iov, 1), ==, 0);
    }
    if (--job->n_running == 0) {
        block_channel_put(job->channel);
        atomic_store(&job->is_done, true);
    }
}

static void job_start(void *opaque)
{
    Job *job = opaque;

    job->channel = block_channel_get(job->backend, &error_abort);
    job->n_running = N_COROUTINES;
    for (int i = 0; i < N_COROUTINES; i++) {
        coroutine_enter(coroutine_create(loop_requests, job));
    }
}

static bool all_done(const Job *jobs)
{
    for (int i = 0; i < N_LOOPS; i++) {
        if (!atomic_load(&jobs[i].is_done)) {
            return false;
        }
    }
    return true;
}

static void test_loops(void)
{
    Drive d;
    Job jobs[N_LOOPS];
    unsigned n = 0;

    open_throttle(&d, "iops-total=1000");
    for (int i = 0; i < N_LOOPS; i++) {
        jobs[i] = (Job) { .backend = d.backend };
        loop_start(&jobs[i].loop);
        aio_bh_schedule_oneshot(jobs[i].loop.ctx, job_start, &jobs[i]);
    }
    while (!all_done(jobs)) {
        set_limit(&d, "iops-total", n++ % 2 ? 100000 : 0);
        set_limit(&d, "bps-read", n % 3 ? 1000000 : 0);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        loop_end(&jobs[i].loop);
        loop_join(&jobs[i].loop);
        aio_context_unref(jobs[i].loop.ctx);
    }
    g_assert_cmpuint(drive_get_stat(&d, "read.requests"), ==,
                     N_LOOPS * N_COROUTINES * N_REQUESTS);
    g_assert_cmpuint(get_throttle_stat(&d, "waiting"), ==, 0);
    drive_close(&d);
}

#define LIMITS "/plugins/block-throttle/limits/"
#define FILTER "/plugins/block-throttle/filter/"

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    g_test_add_func(LIMITS "none", test_no_limit);
    g_test_add_func(LIMITS "requests", test_rate_of_requests);
    g_test_add_func(LIMITS "bytes", test_rate_of_bytes);
    g_test_add_func(LIMITS "larger-than-the-burst",
                    test_larger_than_the_burst);
    g_test_add_func(LIMITS "pause", test_pause);
    g_test_add_func(FILTER "needs-drive", test_needs_drive);
    g_test_add_func(FILTER "drive-is-kept", test_drive_is_kept);
    g_test_add_func(FILTER "passes-on", test_passes_on);
    g_test_add_func(FILTER "order", test_order);
    g_test_add_func(FILTER "no-limit-any-longer", test_no_limit_any_longer);
    g_test_add_func(FILTER "directions", test_directions);
    g_test_add_func(FILTER "cancelled", test_cancelled);
    g_test_add_func(FILTER "cancelled-after-passing",
                    test_cancelled_after_passing);
    g_test_add_func(FILTER "drain", test_drain);
    g_test_add_func(FILTER "timer", test_timer);
    g_test_add_func(FILTER "loops", test_loops);
    return test_run();
}
