/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a loop counts, and the longest of its callbacks. */
#include "aio/context-internal.h"
#include "aio/aio-stats.h"
#include "aio/aio-wait.h"
#include "aio/thread-pool/thread-pool.h"
#include "tests/unit/test-util.h"
#include "util/log.h"
#include "util/thread.h"

#include <unistd.h>

typedef struct Fixture {
    AioContext *ctx;
    AioStats before;
    AioStats after;
    EventNotifier notifier;
    int fds[2];
    uint64_t spin_ns;
    unsigned calls;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    g_assert_cmpint(event_notifier_init(&f->notifier, 0), ==, 0);
    g_assert_cmpint(pipe(f->fds), ==, 0);
    aio_context_get_stats(f->ctx, &f->before);
}

static void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
    event_notifier_cleanup(&f->notifier);
    close(f->fds[0]);
    close(f->fds[1]);
}

static void read_stats(Fixture *f)
{
    aio_context_get_stats(f->ctx, &f->after);
}

static void assert_callbacks(const Fixture *f, AioCallbackKind kind,
                             uint64_t n)
{
    g_assert_cmpuint(f->after.callbacks[kind] - f->before.callbacks[kind], ==,
                     n);
}

static void assert_wakes(const Fixture *f, AioWakeCause cause, uint64_t n)
{
    g_assert_cmpuint(f->after.wakes[cause] - f->before.wakes[cause], ==, n);
}

static void assert_grows(const AioStats *old, const AioStats *now)
{
    g_assert_cmpuint(now->iterations, >=, old->iterations);
    for (unsigned i = 0; i < AIO_CALLBACK__MAX; i++) {
        g_assert_cmpuint(now->callbacks[i], >=, old->callbacks[i]);
    }
    g_assert_cmpuint(now->polling_ns, >=, old->polling_ns);
    g_assert_cmpuint(now->asleep_ns, >=, old->asleep_ns);
    g_assert_cmpuint(now->busy_ns, >=, old->busy_ns);
    g_assert_cmpuint(now->longest_ns, >=, old->longest_ns);
    g_assert_cmpuint(now->longest_busy_ns, >=, old->longest_busy_ns);
    g_assert_cmpuint(now->thread_pool_requests, >=,
                     old->thread_pool_requests);
    g_assert_cmpuint(now->file_requests, >=, old->file_requests);
    g_assert_cmpuint(now->file_bytes, >=, old->file_bytes);
}

static bool longest_is(const Fixture *f, AioCallbackKind kind,
                       const char *pattern)
{
    g_autofree char *name = aio_stats_get_longest_name(&f->after);

    return f->after.longest_kind == kind &&
           g_pattern_match_simple(pattern, name);
}

/* Longer than any callback so far. */
static void set_spin(Fixture *f)
{
    read_stats(f);
    f->spin_ns = 2 * f->after.longest_ns + SCALE_MS;
}

#define TRIES 20

/*
 * Run iterations in which one callback spins, until that one is the longest.
 * Another one is longer only if the thread was preempted in it for longer than
 * the first one spins; then the next try spins longer.
 */
static void run_until_longest(Fixture *f, void (*run)(Fixture *f),
                              AioCallbackKind kind, const char *pattern)
{
    for (unsigned i = 0; i < TRIES && !longest_is(f, kind, pattern); i++) {
        set_spin(f);
        f->calls = 0;
        run(f);
        read_stats(f);
    }
    g_assert_cmpint(f->after.longest_kind, ==, kind);
    g_assert_true(longest_is(f, kind, pattern));
    g_assert_cmpuint(f->after.longest_ns, >=, f->spin_ns * 0.99);
}

/* ---- Callbacks ---- */

static void count_call(void *opaque)
{
    ((Fixture *)opaque)->calls++;
}

static void spin(Fixture *f)
{
    int64_t end_ns = clock_get_ns(AIO_CLOCK_REALTIME) + f->spin_ns;

    while (clock_get_ns(AIO_CLOCK_REALTIME) < end_ns) {
        continue;
    }
}

static void slow_call(void *opaque)
{
    Fixture *f = opaque;

    spin(f);
    f->calls++;
}

static void read_pipe(void *opaque)
{
    Fixture *f = opaque;
    char c;

    spin(f);
    g_assert_cmpint(read(f->fds[0], &c, 1), ==, 1);
    f->calls++;
}

static void read_notifier(EventNotifier *notifier)
{
    event_notifier_test_and_clear(notifier);
}

static bool never_ready(void *opaque)
{
    return false;
}

static void watch_pipe(Fixture *f)
{
    aio_set_fd_handler(f->ctx, f->fds[0], read_pipe, NULL, NULL, NULL, f);
    g_assert_cmpint(write(f->fds[1], "x", 1), ==, 1);
}

/* Events that are there when the loop checks file descriptors. */
static void read_series(Fixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        aio_poll(f->ctx, true);
        g_assert_cmpint(write(f->fds[1], "x", 1), ==, 1);
    }
}

/* ---- Counting ---- */

static void test_new(Fixture *f, const void *data)
{
    AioStats none = { .longest_fd = -1, .thread_id = gettid() };

    g_assert_cmpuint(f->before.cpu_ns, >, 0);
    none.cpu_ns = f->before.cpu_ns;
    g_assert_cmpmem(&f->before, sizeof(none), &none, sizeof(none));
    g_assert_null(aio_stats_get_longest_name(&f->before));
}

static void test_iterations(Fixture *f, const void *data)
{
    for (unsigned i = 0; i < 100; i++) {
        aio_poll(f->ctx, false);
    }
    read_stats(f);
    g_assert_cmpuint(f->after.iterations, ==, 100);
}

static void test_bottom_halves(Fixture *f, const void *data)
{
    for (unsigned i = 0; i < 1000; i++) {
        aio_bh_schedule_oneshot(f->ctx, count_call, f);
        if (i % 7 == 0) {
            aio_poll(f->ctx, false);
        }
    }
    aio_poll(f->ctx, false);
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_BH, 1000);
}

static void test_idle_bottom_half(Fixture *f, const void *data)
{
    AioBH *bh = aio_bh_new(f->ctx, count_call, f);

    aio_bh_schedule_idle(bh);
    g_assert_false(aio_poll(f->ctx, true));
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_BH, 1);
    assert_wakes(f, AIO_WAKE_BY_OTHER, 1);
    aio_bh_delete(bh);
    aio_poll(f->ctx, false);
}

static void test_read(Fixture *f, const void *data)
{
    watch_pipe(f);
    g_assert_true(aio_poll(f->ctx, true));
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_READ, 1);
    assert_callbacks(f, AIO_CALLBACK_WRITE, 0);
    assert_wakes(f, AIO_WAKE_BY_FD, 1);
}

static void test_read_series(Fixture *f, const void *data)
{
    watch_pipe(f);
    read_series(f, 1000);
    read_stats(f);
    g_assert_cmpuint(f->after.iterations, ==, 1000);
    assert_callbacks(f, AIO_CALLBACK_READ, 1000);
    assert_wakes(f, AIO_WAKE_BY_FD, 1000);
}

static void test_write(Fixture *f, const void *data)
{
    aio_set_fd_handler(f->ctx, f->fds[1], NULL, count_call, NULL, NULL, f);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_true(aio_poll(f->ctx, true));
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_WRITE, 2);
}

static void test_notifier(Fixture *f, const void *data)
{
    aio_set_event_notifier(f->ctx, &f->notifier, read_notifier, NULL, NULL);
    event_notifier_set(&f->notifier);
    g_assert_true(aio_poll(f->ctx, true));
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_NOTIFIER, 1);
    assert_callbacks(f, AIO_CALLBACK_READ, 0);
    aio_set_event_notifier(f->ctx, &f->notifier, NULL, NULL, NULL);
}

static void arm_timer(Fixture *f, AioTimer *ts)
{
    timer_init_full(ts, aio_context_get_timers(f->ctx), AIO_CLOCK_REALTIME,
                    SCALE_NS, 0, slow_call, f);
    timer_mod(ts, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
}

static void test_timer(Fixture *f, const void *data)
{
    AioTimer ts;

    arm_timer(f, &ts);
    while (f->calls == 0) {
        aio_poll(f->ctx, true);
    }
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_TIMER, 1);
    g_assert_cmpuint(f->after.wakes[AIO_WAKE_BY_TIMER], >=, 1);
}

static void *notify(void *opaque)
{
    Fixture *f = opaque;

    /* The loop is asleep, or about to. */
    while (!(atomic_load(&f->ctx->wake.word) & AIO_WAKE_ARMED)) {
        sched_yield();
    }
    aio_notify(f->ctx);
    return NULL;
}

static void test_notification(Fixture *f, const void *data)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "notify", 0, notify, f), ==, 0);
    g_assert_false(aio_poll(f->ctx, true));
    thread_join(&thread);
    read_stats(f);
    assert_wakes(f, AIO_WAKE_BY_NOTIFICATION, 1);
}

static void test_no_wait_no_wake(Fixture *f, const void *data)
{
    aio_notify(f->ctx);
    aio_poll(f->ctx, true);
    aio_poll(f->ctx, false);
    read_stats(f);
    for (unsigned i = 0; i < AIO_WAKE_BY__MAX; i++) {
        assert_wakes(f, i, 0);
    }
}

/* ---- Times ---- */

static void test_times(Fixture *f, const void *data)
{
    AioTimer ts;
    int64_t begin_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    uint64_t sum_ns;

    f->spin_ns = SCALE_MS;
    arm_timer(f, &ts);
    while (f->calls == 0) {
        aio_poll(f->ctx, true);
    }
    read_stats(f);
    sum_ns = f->after.asleep_ns + f->after.busy_ns + f->after.polling_ns;
    g_assert_cmpuint(f->after.asleep_ns, >, 0);
    g_assert_cmpuint(f->after.busy_ns, >, 0);
    /* A hundredth is for the two clocks. */
    g_assert_cmpuint(sum_ns, <=,
                     (clock_get_ns(AIO_CLOCK_REALTIME) - begin_ns) * 1.01);
}

/* What lasts is counted while it lasts. */
static void *read_until_more(void *opaque)
{
    Fixture *f = opaque;
    AioStats first, now;

    while (!(atomic_load(&f->ctx->wake.word) & AIO_WAKE_ARMED)) {
        sched_yield();
    }
    aio_context_get_stats(f->ctx, &first);
    do {
        aio_context_get_stats(f->ctx, &now);
    } while (now.asleep_ns <= first.asleep_ns + SCALE_MS);
    aio_notify(f->ctx);
    return NULL;
}

static void test_asleep_now(Fixture *f, const void *data)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "read", 0, read_until_more, f), ==,
                    0);
    aio_poll(f->ctx, true);
    thread_join(&thread);
    read_stats(f);
    g_assert_cmpuint(f->after.asleep_ns, >, SCALE_MS);
}

/* The scale from ticks to nanoseconds is measured while this reads. */
static void test_times_never_back(Fixture *f, const void *data)
{
    AioTimer ts;

    arm_timer(f, &ts);
    while (f->calls == 0) {
        aio_poll(f->ctx, true);
    }
    for (unsigned i = 0; i < 100000; i++) {
        read_stats(f);
        assert_grows(&f->before, &f->after);
        f->before = f->after;
    }
}

/* The home thread was preempted between the two steps that end a sleep. */
static void test_times_ended_late(Fixture *f, const void *data)
{
    uint64_t end;

    aio_counters_begin_wait(&f->ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    end = aio_ticks();
    f->spin_ns = SCALE_MS;
    spin(f);
    aio_context_get_stats(f->ctx, &f->before);
    g_assert_cmpuint(f->before.asleep_ns, >, 0);
    aio_counters_end_wait(&f->ctx->counters, end);
    read_stats(f);
    assert_grows(&f->before, &f->after);
}

static void test_longest_busy(Fixture *f, const void *data)
{
    f->spin_ns = SCALE_MS;
    for (unsigned i = 0; i < 3; i++) {
        aio_bh_schedule_oneshot(f->ctx, slow_call, f);
    }
    aio_poll(f->ctx, true);
    aio_notify(f->ctx);
    aio_poll(f->ctx, true);
    read_stats(f);
    /* Ticks are counted from a clock that is not this one. */
    g_assert_cmpuint(f->after.longest_busy_ns, >=, 2 * SCALE_MS);
}

static void test_longest_busy_in_series(Fixture *f, const void *data)
{
    watch_pipe(f);
    read_series(f, 100);
    f->spin_ns = 10 * SCALE_MS;
    read_series(f, 1);
    f->spin_ns = 0;
    read_series(f, 100);
    read_stats(f);
    g_assert_cmpuint(f->after.longest_busy_ns, >=, 9 * SCALE_MS);
}

/* ---- The longest ---- */

/* The budget for timing callbacks grows while the loop sleeps. */
static void *write_to_sleeper(void *opaque)
{
    Fixture *f = opaque;
    AioStats first, now;

    while (!(atomic_load(&f->ctx->wake.word) & AIO_WAKE_ARMED)) {
        sched_yield();
    }
    aio_context_get_stats(f->ctx, &first);
    do {
        aio_context_get_stats(f->ctx, &now);
    } while (now.asleep_ns < first.asleep_ns + SCALE_MS);
    g_assert_cmpint(write(f->fds[1], "x", 1), ==, 1);
    return NULL;
}

static void run_read_after_sleep(Fixture *f)
{
    uint64_t spin_ns = f->spin_ns;
    Thread thread;

    watch_pipe(f);
    f->spin_ns = 0;
    read_series(f, 1000);
    aio_poll(f->ctx, true);
    f->spin_ns = spin_ns;
    f->calls = 0;
    g_assert_cmpint(thread_create(&thread, "write", 0, write_to_sleeper, f),
                    ==, 0);
    while (f->calls == 0) {
        aio_poll(f->ctx, true);
    }
    thread_join(&thread);
}

static void test_longest_after_series(Fixture *f, const void *data)
{
    run_until_longest(f, run_read_after_sleep, AIO_CALLBACK_READ,
                      "read of fd *");
    g_assert_cmpuint(f->after.asleep_ns, >=, SCALE_MS);
}

static void run_bottom_halves(Fixture *f)
{
    aio_bh_schedule_oneshot(f->ctx, count_call, f);
    aio_bh_schedule_oneshot(f->ctx, slow_call, f);
    aio_bh_schedule_oneshot(f->ctx, count_call, f);
    aio_poll(f->ctx, true);
}

static void test_longest_bottom_half(Fixture *f, const void *data)
{
    run_until_longest(f, run_bottom_halves, AIO_CALLBACK_BH,
                      "bottom half slow_call");
}

static void run_read(Fixture *f)
{
    watch_pipe(f);
    aio_bh_schedule_oneshot(f->ctx, count_call, f);
    aio_poll(f->ctx, true);
}

static void test_longest_read(Fixture *f, const void *data)
{
    g_autofree char *pattern = g_strdup_printf("read of fd %d: read_pipe*",
                                               f->fds[0]);

    run_until_longest(f, run_read, AIO_CALLBACK_READ, pattern);
    g_assert_true(f->after.longest_function == (void *)read_pipe);
}

static void run_timer(Fixture *f)
{
    AioTimer ts;

    arm_timer(f, &ts);
    while (f->calls == 0) {
        aio_poll(f->ctx, true);
    }
}

static void test_longest_timer(Fixture *f, const void *data)
{
    run_until_longest(f, run_timer, AIO_CALLBACK_TIMER, "timer: slow_call*");
    g_assert_true(f->after.longest_function == (void *)slow_call);
}

static void test_name_of_symbol(Fixture *f, const void *data)
{
    AioStats stats = {
        .longest_kind = AIO_CALLBACK_TIMER,
        .longest_function = (void *)getpid,
    };
    g_autofree char *name = aio_stats_get_longest_name(&stats);

    /* A sanitizer may have put its own in front. */
    g_assert_true(g_str_has_prefix(name, "timer: "));
    g_assert_nonnull(strpbrk(name + strlen("timer: "), "gp+"));
}

/* The time between two calls of aio_poll() belongs to no callback. */
static void test_outside_is_not_counted(Fixture *f, const void *data)
{
    bool is_counted = true;

    for (unsigned i = 0; i < TRIES && is_counted; i++) {
        set_spin(f);
        aio_bh_schedule_oneshot(f->ctx, count_call, f);
        aio_poll(f->ctx, true);
        spin(f);
        aio_bh_schedule_oneshot(f->ctx, count_call, f);
        aio_poll(f->ctx, true);
        spin(f);
        aio_bh_schedule_oneshot(f->ctx, count_call, f);
        aio_bh_poll(f->ctx);
        read_stats(f);
        is_counted = f->after.longest_ns > f->spin_ns / 2;
    }
    g_assert_false(is_counted);
}

typedef struct Series {
    Fixture *f;
    AioBH *bh;
    AioBH *slow_bh;
    unsigned left;
} Series;

#define SLOW_EVERY 50

static void quick_step(void *opaque)
{
    Series *series = opaque;

    if (--series->left > 0) {
        aio_bh_schedule(series->left % SLOW_EVERY ? series->bh
                                                  : series->slow_bh);
    }
}

static void slow_step(void *opaque)
{
    spin(((Series *)opaque)->f);
    quick_step(opaque);
}

/* Between slow ones so many quick ones run that not all can be timed. */
static void test_longest_of_many(Fixture *f, const void *data)
{
    Series series = { .f = f, .left = 100000 };

    series.bh = aio_bh_new(f->ctx, quick_step, &series);
    series.slow_bh = aio_bh_new(f->ctx, slow_step, &series);
    aio_bh_schedule(series.bh);
    while (series.left > 2000) {
        aio_poll(f->ctx, false);
    }
    while (series.left > 0) {
        if (!longest_is(f, AIO_CALLBACK_BH, "bottom half slow_step")) {
            set_spin(f);
        }
        aio_poll(f->ctx, false);
    }
    read_stats(f);
    g_assert_true(longest_is(f, AIO_CALLBACK_BH, "bottom half slow_step"));
    aio_bh_delete(series.bh);
    aio_bh_delete(series.slow_bh);
    aio_poll(f->ctx, false);
}

/* ---- Thread pool ---- */

typedef struct Job {
    atomic_bool go;
    bool done;
} Job;

static int wait_for_go(void *opaque)
{
    Job *job = opaque;

    while (!atomic_load(&job->go)) {
        sched_yield();
    }
    return 0;
}

static void job_done(void *opaque, int ret)
{
    ((Job *)opaque)->done = true;
}

static void test_thread_pool(Fixture *f, const void *data)
{
    Job jobs[3] = { };

    for (unsigned i = 0; i < G_N_ELEMENTS(jobs); i++) {
        thread_pool_submit_aio(wait_for_go, &jobs[i], job_done, &jobs[i]);
    }
    aio_poll(f->ctx, true);
    read_stats(f);
    g_assert_cmpuint(f->after.thread_pool_requests, ==, 3);
    g_assert_cmpuint(f->after.thread_pool_depth, ==, 3);
    g_assert_cmpuint(f->after.thread_pool_threads, >=, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(jobs); i++) {
        atomic_store(&jobs[i].go, true);
    }
    while (!jobs[0].done || !jobs[1].done || !jobs[2].done) {
        aio_poll(f->ctx, true);
    }
    read_stats(f);
    g_assert_cmpuint(f->after.thread_pool_requests, ==, 3);
    g_assert_cmpuint(f->after.thread_pool_depth, ==, 0);
}

/* Both that has none, and that has no function to call when it finds work. */
static void test_handlers_without_poll(Fixture *f, const void *data)
{
    read_stats(f);
    g_assert_cmpuint(f->after.handlers_without_poll, ==, 0);
    aio_set_fd_handler(f->ctx, f->fds[0], read_pipe, NULL, NULL, NULL, f);
    read_stats(f);
    g_assert_cmpuint(f->after.handlers_without_poll, ==, 1);
    aio_set_fd_handler(f->ctx, f->fds[0], read_pipe, NULL, never_ready,
                       read_pipe, f);
    read_stats(f);
    g_assert_cmpuint(f->after.handlers_without_poll, ==, 0);
    aio_set_fd_handler(f->ctx, f->fds[0], read_pipe, NULL, never_ready, NULL,
                       f);
    read_stats(f);
    g_assert_cmpuint(f->after.handlers_without_poll, ==, 1);
    aio_set_fd_handler(f->ctx, f->fds[0], NULL, NULL, NULL, NULL, NULL);
    read_stats(f);
    g_assert_cmpuint(f->after.handlers_without_poll, ==, 0);
}

/* ---- GLib runs the loop ---- */

static void run_source(Fixture *f)
{
    GMainContext *context = g_main_context_new();
    GSource *source = aio_get_g_source(f->ctx);

    g_source_attach(source, context);
    g_source_unref(source);
    watch_pipe(f);
    while (f->calls == 0) {
        g_main_context_iteration(context, TRUE);
    }
    g_main_context_unref(context);
}

static void test_source(Fixture *f, const void *data)
{
    run_source(f);
    read_stats(f);
    g_assert_cmpuint(f->after.iterations, ==, 1);
    assert_callbacks(f, AIO_CALLBACK_READ, 1);
    assert_wakes(f, AIO_WAKE_BY_FD, 1);
}

static void test_source_longest(Fixture *f, const void *data)
{
    run_until_longest(f, run_source, AIO_CALLBACK_READ, "read of fd *");
}

/* ---- Other threads read ---- */

typedef struct Reader {
    AioContext *ctx;
    atomic_bool stop;
} Reader;

static void *read_all_the_time(void *opaque)
{
    Reader *reader = opaque;
    AioStats old, now;

    aio_context_get_stats(reader->ctx, &old);
    while (!atomic_load(&reader->stop)) {
        aio_context_get_stats(reader->ctx, &now);
        assert_grows(&old, &now);
        if (now.longest_kind == AIO_CALLBACK_BH) {
            g_assert_cmpstr(now.longest_name, ==, "count_call");
        }
        old = now;
    }
    return NULL;
}

static void test_concurrent_readers(Fixture *f, const void *data)
{
    Reader reader = { .ctx = f->ctx };
    Thread threads[2];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_assert_cmpint(thread_create(&threads[i], "reader", 0,
                                      read_all_the_time, &reader), ==, 0);
    }
    watch_pipe(f);
    for (unsigned i = 0; i < 20000; i++) {
        aio_bh_schedule_oneshot(f->ctx, count_call, f);
        aio_poll(f->ctx, true);
    }
    atomic_store(&reader.stop, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        thread_join(&threads[i]);
    }
    read_stats(f);
    assert_callbacks(f, AIO_CALLBACK_BH, 20000);
}

static void add(const char *name, void (*test)(Fixture *f, const void *data))
{
    g_autofree char *path = g_strdup_printf("/aio/stats/%s", name);

    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

/* ---- Warnings ---- */

typedef struct Warnings {
    unsigned n;
    char *callback; /* of the last one */
    int64_t us;
} Warnings;

static void on_message(const LogMessage *message, void *opaque)
{
    Warnings *warnings = opaque;

    g_assert_cmpint(message->level, ==, LOG_LEVEL_WARNING);
    g_assert_cmpstr(message->area, ==, "aio");
    for (unsigned i = 0; i < message->n_fields; i++) {
        const LogField *field = &message->fields[i];

        if (!strcmp(field->name, "callback")) {
            g_free(warnings->callback);
            warnings->callback = g_strdup(field->text);
        } else if (!strcmp(field->name, "us")) {
            warnings->us = field->number;
        }
    }
    warnings->n++;
}

static void run_slow_call(Fixture *f)
{
    aio_bh_schedule_oneshot(f->ctx, slow_call, f);
    g_assert_true(aio_poll(f->ctx, false));
}

static void test_slow_callback(Fixture *f, const void *data)
{
    Warnings warnings = { 0 };

    f->spin_ns = 2 * SCALE_MS;
    log_set_handler(on_message, &warnings);
    g_assert_true(log_set_level("aio", LOG_LEVEL_WARNING));
    run_slow_call(f);
    g_assert_cmpuint(warnings.n, ==, 0);

    aio_set_slow_callback_ns(NANOSECONDS_PER_SECOND * 3600);
    run_slow_call(f);
    g_assert_cmpuint(warnings.n, ==, 0);

    aio_set_slow_callback_ns(SCALE_MS);
    run_slow_call(f);
    g_assert_cmpuint(warnings.n, ==, 1);
    g_assert_cmpstr(warnings.callback, ==, "bottom half slow_call");
    g_assert_cmpint(warnings.us, >=, 1900);

    aio_set_slow_callback_ns(0);
    run_slow_call(f);
    g_assert_cmpuint(warnings.n, ==, 1);
    log_set_level(NULL, LOG_LEVEL_OFF);
    log_set_handler(NULL, NULL);
    g_free(warnings.callback);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("new", test_new);
    add("count/iterations", test_iterations);
    add("count/bottom-halves", test_bottom_halves);
    add("count/idle-bottom-half", test_idle_bottom_half);
    add("count/read", test_read);
    add("count/read-series", test_read_series);
    add("count/write", test_write);
    add("count/notifier", test_notifier);
    add("count/timer", test_timer);
    add("count/notification", test_notification);
    add("count/no-wait-no-wake", test_no_wait_no_wake);
    add("times/sum", test_times);
    add("times/asleep-now", test_asleep_now);
    add("times/never-back", test_times_never_back);
    add("times/ended-late", test_times_ended_late);
    add("times/longest-busy", test_longest_busy);
    add("times/longest-busy-in-series", test_longest_busy_in_series);
    add("longest/bottom-half", test_longest_bottom_half);
    add("longest/read", test_longest_read);
    add("longest/timer", test_longest_timer);
    add("longest/after-series", test_longest_after_series);
    add("longest/symbol", test_name_of_symbol);
    add("longest/outside", test_outside_is_not_counted);
    add("longest/of-many", test_longest_of_many);
    add("slow", test_slow_callback);
    add("thread-pool", test_thread_pool);
    add("handlers-without-poll", test_handlers_without_poll);
    add("source", test_source);
    add("source/longest", test_source_longest);
    add("concurrent-readers", test_concurrent_readers);
    return test_run();
}
