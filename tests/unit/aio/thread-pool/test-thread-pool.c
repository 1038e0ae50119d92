/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool.  thread_create() is wrapped by the linker, so that tests
 * say when no thread can be made; workers are counted by their name.
 */
#include "aio/context-internal.h"
#include "aio/aio-wait.h"
#include "aio/thread-pool/thread-pool.h"
#include "aio/timer.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

/* ---- Making no threads ---- */

static int thread_error; /* for threads named "worker"; home thread */

int __real_thread_create(Thread *thread, const char *name,
                         size_t stack_size_bytes,
                         void *(*start)(void *arg), void *arg);
int __wrap_thread_create(Thread *thread, const char *name,
                         size_t stack_size_bytes,
                         void *(*start)(void *arg), void *arg);

int __wrap_thread_create(Thread *thread, const char *name,
                         size_t stack_size_bytes,
                         void *(*start)(void *arg), void *arg)
{
    if (thread_error && strcmp(name, "worker") == 0) {
        return thread_error;
    }
    return __real_thread_create(thread, name, stack_size_bytes, start, arg);
}

/* ---- Helpers ---- */

typedef struct Fixture {
    AioContext *ctx;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    thread_error = 0;
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
}

static void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
}

/* Returns the number of threads that are called "worker". */
static unsigned count_workers(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    const char *tid;
    unsigned n = 0;

    while ((tid = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename("/proc/self/task", tid,
                                                 "comm", NULL);
        g_autofree char *comm = NULL;

        if (g_file_get_contents(path, &comm, NULL, NULL) &&
            strcmp(comm, "worker\n") == 0) {
            n++;
        }
    }
    return n;
}

/* Run the loop until there are that many workers. */
static void wait_for_workers(AioContext *ctx, unsigned n)
{
    while (count_workers() != n) {
        aio_poll(ctx, false);
        sched_yield();
    }
}

static void set_params(AioContext *ctx, int64_t min, int64_t max)
{
    g_assert_true(aio_context_set_thread_pool_params(ctx, min, max,
                                                     &error_abort));
}

/* A function that waits until it may return, and what came of it. */
typedef struct Job {
    atomic_bool begun;
    atomic_bool may_end;
    ThreadPoolRequest *req;
    unsigned called;
    int ret;
    AioContext *ctx;
} Job;

static int job_run(void *opaque)
{
    Job *job = opaque;

    atomic_store(&job->begun, true);
    while (!atomic_load(&job->may_end)) {
        sched_yield();
    }
    return 42;
}

static void job_done(void *opaque, int ret)
{
    Job *job = opaque;

    job->called++;
    job->ret = ret;
    if (job->ctx) {
        g_assert_true(in_aio_context_home_thread(job->ctx));
    }
}

static void job_submit(Job *job)
{
    job->req = thread_pool_submit_aio(job_run, job, job_done, job);
}

static void wait_begun(AioContext *ctx, Job *job)
{
    while (!atomic_load(&job->begun)) {
        aio_poll(ctx, false);
        sched_yield();
    }
}

static void wait_done(AioContext *ctx, Job *job)
{
    while (!job->called) {
        aio_poll(ctx, true);
    }
}

static void job_finish(AioContext *ctx, Job *job)
{
    atomic_store(&job->may_end, true);
    wait_done(ctx, job);
}

/* ---- Requests ---- */

static void test_result(Fixture *f, const void *data)
{
    Job job = { .may_end = true, .ctx = f->ctx };

    job_submit(&job);
    g_assert_cmpuint(job.called, ==, 0);
    wait_done(f->ctx, &job);
    g_assert_cmpint(job.ret, ==, 42);
    g_assert_cmpuint(job.called, ==, 1);
}

static int run_name(void *opaque)
{
    g_autofree char *comm = NULL;

    g_assert_true(g_file_get_contents("/proc/thread-self/comm", &comm, NULL,
                                      NULL));
    g_assert_cmpstr(comm, ==, "worker\n");
    g_assert_null(aio_get_current_context());
    return 0;
}

static void test_thread_name(Fixture *f, const void *data)
{
    Job job = { .called = 0 };

    thread_pool_submit_aio(run_name, NULL, job_done, &job);
    wait_done(f->ctx, &job);
    g_assert_cmpint(job.ret, ==, 0);
}

static void test_fire_and_forget(Fixture *f, const void *data)
{
    Job job = { .may_end = true };
    Job last = { .may_end = true };

    set_params(f->ctx, 0, 1);
    thread_pool_submit(job_run, &job);
    job_submit(&last);
    wait_done(f->ctx, &last);
    g_assert_true(atomic_load(&job.begun));
}

static void submit_co_entry(void *opaque)
{
    Job *job = opaque;

    job->ret = thread_pool_submit_co(job_run, job);
    g_assert_true(in_aio_context_home_thread(job->ctx));
    job->called++;
}

static void test_coroutine(Fixture *f, const void *data)
{
    Job job = { .may_end = true, .ctx = f->ctx };

    coroutine_enter(coroutine_create(submit_co_entry, &job));
    g_assert_cmpuint(job.called, ==, 0);
    wait_done(f->ctx, &job);
    g_assert_cmpint(job.ret, ==, 42);
}

static int order[8];
static atomic_uint n_order;

static int run_order(void *opaque)
{
    order[atomic_fetch_add(&n_order, 1)] = GPOINTER_TO_INT(opaque);
    return 0;
}

static void test_order(Fixture *f, const void *data)
{
    Job last = { .may_end = true };

    set_params(f->ctx, 0, 1);
    atomic_store(&n_order, 0);
    for (int i = 0; i < 8; i++) {
        thread_pool_submit(run_order, GINT_TO_POINTER(i));
    }
    job_submit(&last);
    wait_done(f->ctx, &last);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(order[i], ==, i);
    }
}

static void test_source(Fixture *f, const void *data)
{
    GSource *source = aio_get_g_source(f->ctx);
    Job job = { .may_end = true };

    g_source_attach(source, NULL);
    job_submit(&job);
    while (!job.called) {
        g_main_context_iteration(NULL, true);
    }
    g_assert_cmpint(job.ret, ==, 42);
    g_source_destroy(source);
    g_source_unref(source);
}

/* ---- Cancelling ---- */

static void test_cancel_queued(Fixture *f, const void *data)
{
    Job first = { .called = 0 }, second = { .called = 0 };

    set_params(f->ctx, 0, 1);
    job_submit(&first);
    job_submit(&second);
    wait_begun(f->ctx, &first);
    g_assert_true(thread_pool_cancel(second.req));
    g_assert_false(thread_pool_cancel(second.req));
    g_assert_cmpuint(second.called, ==, 0);
    wait_done(f->ctx, &second);
    g_assert_cmpint(second.ret, ==, -ECANCELED);
    job_finish(f->ctx, &first);
    g_assert_false(atomic_load(&second.begun));
    g_assert_cmpuint(second.called, ==, 1);
}

static void test_cancel_running(Fixture *f, const void *data)
{
    Job job = { .called = 0 };

    job_submit(&job);
    wait_begun(f->ctx, &job);
    g_assert_false(thread_pool_cancel(job.req));
    job_finish(f->ctx, &job);
    g_assert_cmpint(job.ret, ==, 42);
}

/* ---- Nested loops ---- */

typedef struct Nest {
    AioContext *ctx;
    unsigned depth;
    unsigned deepest;
    unsigned done;
    unsigned wanted;
} Nest;

static int run_nothing(void *opaque)
{
    return 0;
}

static void nest_done(void *opaque, int ret)
{
    Nest *nest = opaque;

    nest->done++;
    nest->depth++;
    nest->deepest = MAX(nest->deepest, nest->depth);
    while (nest->done < nest->wanted) {
        aio_poll(nest->ctx, true);
    }
    nest->depth--;
}

static void test_nested(Fixture *f, const void *data)
{
    Nest nest = { .ctx = f->ctx, .wanted = 20 };

    for (unsigned i = 0; i < nest.wanted; i++) {
        thread_pool_submit_aio(run_nothing, NULL, nest_done, &nest);
    }
    while (nest.done < nest.wanted) {
        aio_poll(f->ctx, true);
    }
    g_assert_cmpuint(nest.deepest, ==, nest.wanted);
}

static void test_no_spurious_round(Fixture *f, const void *data)
{
    Job jobs[4] = { { .called = 0 } };

    for (int i = 0; i < 4; i++) {
        atomic_store(&jobs[i].may_end, true);
        job_submit(&jobs[i]);
    }
    for (int i = 0; i < 4; i++) {
        wait_done(f->ctx, &jobs[i]);
    }
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
}

/* ---- How many workers ---- */

static void test_lazy(Fixture *f, const void *data)
{
    set_params(f->ctx, 3, 64);
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_cmpuint(count_workers(), ==, 0);
}

/* Requests that wait for each other: there is a worker for each. */
static void test_max_default(Fixture *f, const void *data)
{
    Job jobs[65] = { { .called = 0 } };

    for (int i = 0; i < 65; i++) {
        job_submit(&jobs[i]);
    }
    for (int i = 0; i < 64; i++) {
        wait_begun(f->ctx, &jobs[i]);
    }
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_cmpuint(count_workers(), ==, 64);
    g_assert_false(atomic_load(&jobs[64].begun));
    for (int i = 0; i < 65; i++) {
        job_finish(f->ctx, &jobs[i]);
    }
}

/* One that blocks does not keep those behind it. */
static void test_slow_first(Fixture *f, const void *data)
{
    Job slow = { .called = 0 };

    job_submit(&slow);
    wait_begun(f->ctx, &slow);
    for (int i = 0; i < 100; i++) {
        Job quick = { .may_end = true };

        job_submit(&quick);
        wait_done(f->ctx, &quick);
    }
    g_assert_cmpuint(slow.called, ==, 0);
    job_finish(f->ctx, &slow);
}

static void test_raise_min(Fixture *f, const void *data)
{
    Job job = { .may_end = true };

    job_submit(&job);
    wait_done(f->ctx, &job);
    set_params(f->ctx, 5, 64);
    wait_for_workers(f->ctx, 5);
}

static void test_lower_max(Fixture *f, const void *data)
{
    Job job = { .may_end = true };

    set_params(f->ctx, 8, 8);
    job_submit(&job);
    wait_done(f->ctx, &job);
    wait_for_workers(f->ctx, 8);
    set_params(f->ctx, 0, 2);
    wait_for_workers(f->ctx, 2);
    job.called = 0;
    job_submit(&job);
    wait_done(f->ctx, &job);
}

static void test_lower_max_busy(Fixture *f, const void *data)
{
    Job jobs[4] = { { .called = 0 } };

    for (int i = 0; i < 4; i++) {
        job_submit(&jobs[i]);
        wait_begun(f->ctx, &jobs[i]);
    }
    set_params(f->ctx, 0, 1);
    for (int i = 0; i < 4; i++) {
        job_finish(f->ctx, &jobs[i]);
    }
    wait_for_workers(f->ctx, 1);
}

static void test_idle(Fixture *f, const void *data)
{
    Job jobs[4] = { { .called = 0 } };

    g_assert_cmpint(f->ctx->params.thread_pool_idle_ns, ==,
                    10 * NANOSECONDS_PER_SECOND);
    f->ctx->params.thread_pool_idle_ns = 10 * SCALE_MS;
    set_params(f->ctx, 2, 64);
    for (int i = 0; i < 4; i++) {
        job_submit(&jobs[i]);
    }
    for (int i = 0; i < 4; i++) {
        wait_begun(f->ctx, &jobs[i]);
    }
    for (int i = 0; i < 4; i++) {
        job_finish(f->ctx, &jobs[i]);
    }
    wait_for_workers(f->ctx, 2);
}

/* ---- Threads that cannot be made ---- */

static void test_no_thread(Fixture *f, const void *data)
{
    Job first = { .may_end = true }, second = { .may_end = true };

    thread_error = -EAGAIN;
    job_submit(&first);
    job_submit(&second);
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_true(thread_pool_cancel(second.req));
    wait_done(f->ctx, &second);
    g_assert_cmpint(second.ret, ==, -ECANCELED);
    g_assert_cmpuint(first.called, ==, 0);
    thread_error = 0;
    wait_done(f->ctx, &first);
    g_assert_cmpint(first.ret, ==, 42);
}

static void test_no_more_threads(Fixture *f, const void *data)
{
    Job jobs[8] = { { .may_end = true } };

    job_submit(&jobs[0]);
    wait_done(f->ctx, &jobs[0]);
    thread_error = -EAGAIN;
    for (int i = 1; i < 8; i++) {
        atomic_store(&jobs[i].may_end, true);
        job_submit(&jobs[i]);
    }
    for (int i = 1; i < 8; i++) {
        wait_done(f->ctx, &jobs[i]);
    }
    g_assert_cmpuint(count_workers(), ==, 1);
}

static void test_free_while_retrying(Fixture *f, const void *data)
{
    Job job = { .may_end = true };

    thread_error = -EAGAIN;
    job_submit(&job);
    while (aio_poll(f->ctx, false)) {
    }
    g_assert_true(thread_pool_cancel(job.req));
    wait_done(f->ctx, &job);
}

/* ---- Misuse ---- */

static void abort_pending(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    Job job = { .may_end = true };

    aio_set_current_context(ctx);
    job_submit(&job);
    aio_set_current_context(NULL);
    aio_context_unref(ctx);
}

static void ignore(void *opaque)
{
}

/* Here, as this program has no main context. */
static void abort_early_timer(void)
{
    AioTimer ts;

    timer_init_ns(&ts, AIO_CLOCK_REALTIME, ignore, NULL);
}

static void abort_no_context(void)
{
    thread_pool_submit(run_nothing, NULL);
}

/* ---- Many of them, in several loops, with cancel at random ---- */

#define N_LOOPS 3
#define IN_FLIGHT 64

typedef struct Stress {
    AioContext *ctx;
    Thread thread;
    GRand *rand;
    ThreadPoolRequest *reqs[IN_FLIGHT];
    atomic_uint runs; /* of functions */
    unsigned n_submitted;
    unsigned n_done;
    unsigned n_cancelled;
    unsigned limit;
} Stress;

typedef struct StressJob {
    Stress *s;
    unsigned slot;
    unsigned turns;
} StressJob;

static int stress_run(void *opaque)
{
    StressJob *job = opaque;

    for (unsigned i = 0; i < job->turns; i++) {
        sched_yield();
    }
    atomic_fetch_add(&job->s->runs, 1);
    return 0;
}

static void stress_submit(Stress *s, unsigned slot);

static void stress_done(void *opaque, int ret)
{
    g_autofree StressJob *job = opaque;
    Stress *s = job->s;

    s->reqs[job->slot] = NULL;
    s->n_done++;
    g_assert_true(ret == 0 || ret == -ECANCELED);
    s->n_cancelled += ret != 0;
    if (s->n_submitted < s->limit) {
        stress_submit(s, job->slot);
    }
}

static void stress_submit(Stress *s, unsigned slot)
{
    StressJob *job = g_new(StressJob, 1);
    unsigned victim = g_rand_int_range(s->rand, 0, IN_FLIGHT);
    int64_t max = g_rand_int_range(s->rand, 1, 9);

    *job = (StressJob) { s, slot, g_rand_int_range(s->rand, 0, 4) };
    s->n_submitted++;
    s->reqs[slot] = thread_pool_submit_aio(stress_run, job, stress_done, job);
    if (s->reqs[victim] && g_rand_int_range(s->rand, 0, 4) == 0) {
        thread_pool_cancel(s->reqs[victim]);
    }
    if (g_rand_int_range(s->rand, 0, 100) == 0) {
        set_params(s->ctx, g_rand_int_range(s->rand, 0, max + 1), max);
    }
}

static void *stress_loop(void *opaque)
{
    Stress *s = opaque;

    aio_set_current_context(s->ctx);
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        stress_submit(s, i);
    }
    while (s->n_done < s->n_submitted) {
        aio_poll(s->ctx, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static void test_stress(void)
{
    Stress loops[N_LOOPS] = { { .n_done = 0 } };

    for (int i = 0; i < N_LOOPS; i++) {
        Stress *s = &loops[i];
        guint32 seed = g_test_rand_int();

        g_test_message("seed %u", seed);
        s->rand = g_rand_new_with_seed(seed);
        s->limit = g_test_slow() ? 200000 : 5000;
        s->ctx = aio_context_new(&error_abort);
        s->ctx->params.thread_pool_idle_ns = SCALE_MS;
        g_assert_cmpint(thread_create(&s->thread, "loop", 0, stress_loop, s),
                        ==, 0);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        Stress *s = &loops[i];

        thread_join(&s->thread);
        aio_context_unref(s->ctx);
        g_rand_free(s->rand);
        g_assert_cmpuint(s->n_done, ==, s->limit);
        g_assert_cmpuint(atomic_load(&s->runs) + s->n_cancelled, ==,
                         s->limit);
    }
}

#define ADD(path, func) \
    g_test_add("/aio/thread-pool/" path, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    ADD("submit/result-in-home-thread", test_result);
    ADD("submit/thread-is-named-worker", test_thread_name);
    ADD("submit/fire-and-forget", test_fire_and_forget);
    ADD("submit/coroutine", test_coroutine);
    ADD("submit/in-order", test_order);
    ADD("submit/in-a-gsource", test_source);
    ADD("cancel/queued", test_cancel_queued);
    ADD("cancel/running-completes", test_cancel_running);
    ADD("callback/may-run-the-loop", test_nested);
    ADD("callback/leaves-nothing-scheduled", test_no_spurious_round);
    ADD("workers/none-before-first-request", test_lazy);
    ADD("workers/at-most-64", test_max_default);
    ADD("workers/slow-one-delays-nobody", test_slow_first);
    ADD("workers/raising-min-makes-them", test_raise_min);
    ADD("workers/lowering-max-ends-idle-ones", test_lower_max);
    ADD("workers/lowering-max-ends-busy-ones-later", test_lower_max_busy);
    ADD("workers/idle-ones-end-down-to-min", test_idle);
    ADD("no-thread/waits-and-can-be-cancelled", test_no_thread);
    ADD("no-thread/others-do-the-work", test_no_more_threads);
    ADD("no-thread/freed-while-retrying", test_free_while_retrying);
    test_add_abort_func("/aio/thread-pool/free/pending-aborts",
                        abort_pending,
                        "*aio_context_unref(): 1 requests of the context's "
                        "thread pool are pending*");
    test_add_abort_func("/aio/timer/before-main-context-aborts",
                        abort_early_timer,
                        "*a timer was created before the main loop's context; "
                        "call aio_main_context_init() first*");
    test_add_abort_func("/aio/thread-pool/submit/outside-of-home-aborts",
                        abort_no_context,
                        "*thread_pool_submit_aio() in a thread without an "
                        "event loop*");
    g_test_add_func("/aio/thread-pool/stress", test_stress);

    return test_run();
}
