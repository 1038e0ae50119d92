/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines in event loops: scheduling, waking, moving, sleeping, and all of
 * it in several threads at once.  Meant for the thread sanitizer too, so all
 * of it is pthread and atomics.
 */
#include "aio/aio-wait.h"
#include "aio/coroutine/coroutine-lock.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/timer.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define N_LOOPS 10
#define N_COROUTINES 20

static unsigned rounds(unsigned quick, unsigned slow)
{
    return g_test_slow() ? slow : quick;
}

/* ---- A context of the test's own thread ---- */

typedef struct Fixture {
    AioContext *ctx;
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
}

static void teardown(Fixture *f, const void *data)
{
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
}

/* ---- Contexts in threads of their own ---- */

static void loops_start(Loop *loops, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        loop_start(&loops[i]);
    }
}

static void loops_stop(Loop *loops, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        loop_end(&loops[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        loop_join(&loops[i]);
        aio_context_unref(loops[i].ctx);
    }
}

/* ---- Scheduling ---- */

static char said[64];

static void say(void *opaque)
{
    g_strlcat(said, opaque, sizeof(said));
}

static void test_schedule_in_order(Fixture *f, const void *data)
{
    said[0] = '\0';
    aio_co_schedule(f->ctx, coroutine_create(say, (char *)"a"));
    aio_bh_schedule_oneshot(f->ctx, say, (char *)"-");
    aio_co_schedule(f->ctx, coroutine_create(say, (char *)"b"));
    aio_co_schedule(f->ctx, coroutine_create(say, (char *)"c"));
    g_assert_cmpstr(said, ==, "");
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpstr(said, ==, "a-bc");
}

static void reschedule_three_times(void *opaque)
{
    int *n = opaque;

    while (*n < 3) {
        ++*n;
        aio_co_schedule(aio_get_current_context(), coroutine_self());
        coroutine_yield();
    }
}

static void test_schedule_self_runs_in_next_round(Fixture *f,
                                                  const void *data)
{
    int n = 0;

    aio_co_schedule(f->ctx, coroutine_create(reschedule_three_times, &n));
    for (int i = 1; i <= 3; i++) {
        aio_poll(f->ctx, false);
        g_assert_cmpint(n, ==, i);
    }
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_false(aio_poll(f->ctx, false));
}

static void note_context(void *opaque)
{
    AioContext **ctx = opaque;

    ctx[0] = aio_get_current_context();
    ctx[1] = coroutine_get_aio_context(coroutine_self());
}

static void test_context_is_where_it_was_entered(Fixture *f,
                                                 const void *data)
{
    AioContext *ctx[2] = { NULL };
    Coroutine *co = coroutine_create(note_context, ctx);

    g_assert_null(coroutine_get_aio_context(co));
    aio_co_schedule(f->ctx, co);
    g_assert_true(coroutine_get_aio_context(co) == f->ctx);
    aio_poll(f->ctx, false);
    g_assert_true(ctx[0] == f->ctx);
    g_assert_true(ctx[1] == f->ctx);
}

static void yield_then_set(void *opaque)
{
    coroutine_yield();
    atomic_store((atomic_bool *)opaque, true);
    aio_wait_kick();
}

static void test_wake_in_own_context(Fixture *f, const void *data)
{
    atomic_bool done = false;
    Coroutine *co = coroutine_create(yield_then_set, &done);

    coroutine_enter(co);
    g_assert_false(atomic_load(&done));
    aio_co_wake(co);
    g_assert_true(atomic_load(&done));
}

/* ---- Between threads ---- */

typedef struct Trip {
    Loop loops[2];
    AioContext *seen[4];
    int threads[4];
    unsigned n;
    atomic_bool done;
} Trip;

static void trip_note(Trip *trip)
{
    g_assert_cmpuint(trip->n, <, G_N_ELEMENTS(trip->seen));
    trip->seen[trip->n] = aio_get_current_context();
    trip->threads[trip->n++] = thread_get_id();
}

static void trip_end(Trip *trip)
{
    atomic_store(&trip->done, true);
    aio_wait_kick();
}

static void move_there_and_back(void *opaque)
{
    Trip *trip = opaque;

    trip_note(trip);
    aio_co_reschedule_self(trip->loops[0].ctx);
    trip_note(trip);
    aio_co_reschedule_self(trip->loops[0].ctx);
    aio_co_reschedule_self(trip->loops[1].ctx);
    trip_note(trip);
    aio_co_reschedule_self(aio_get_main_context());
    trip_note(trip);
    trip_end(trip);
}

static void test_reschedule_self(void)
{
    AioContext *main_ctx = aio_get_main_context();
    Trip trip = { .n = 0 };

    loops_start(trip.loops, 2);
    aio_co_schedule(main_ctx, coroutine_create(move_there_and_back, &trip));
    AIO_WAIT_WHILE(NULL, !atomic_load(&trip.done));
    g_assert_true(trip.seen[0] == main_ctx);
    g_assert_true(trip.seen[1] == trip.loops[0].ctx);
    g_assert_true(trip.seen[2] == trip.loops[1].ctx);
    g_assert_true(trip.seen[3] == main_ctx);
    g_assert_cmpint(trip.threads[0], ==, trip.threads[3]);
    g_assert_cmpint(trip.threads[1], !=, trip.threads[0]);
    g_assert_cmpint(trip.threads[2], !=, trip.threads[1]);
    loops_stop(trip.loops, 2);
}

static void wait_for_wake(void *opaque)
{
    Trip *trip = opaque;

    trip_note(trip);
    coroutine_yield();
    trip_note(trip);
    trip_end(trip);
}

static void nothing(void *opaque)
{
}

static void test_wake_from_another_thread(void)
{
    Trip trip = { .n = 0 };
    Coroutine *co = coroutine_create(wait_for_wake, &trip);

    loops_start(trip.loops, 1);
    aio_co_schedule(trip.loops[0].ctx, co);
    aio_wait_bh_oneshot(trip.loops[0].ctx, nothing, NULL);
    g_assert_false(atomic_load(&trip.done));
    aio_co_wake(co);
    AIO_WAIT_WHILE(NULL, !atomic_load(&trip.done));
    g_assert_true(trip.seen[1] == trip.loops[0].ctx);
    loops_stop(trip.loops, 1);
}

static void test_enter_in_another_context(void)
{
    Trip trip = { .n = 0 };
    Coroutine *co = coroutine_create(wait_for_wake, &trip);

    loops_start(trip.loops, 1);
    coroutine_enter(co);
    g_assert_true(trip.seen[0] == aio_get_main_context());
    aio_co_enter(trip.loops[0].ctx, co);
    AIO_WAIT_WHILE(NULL, !atomic_load(&trip.done));
    g_assert_true(trip.seen[1] == trip.loops[0].ctx);
    loops_stop(trip.loops, 1);
}

/* Woken up by another thread again and again, mostly before it has yielded. */
typedef struct PingPong {
    Loop loops[2];
    Coroutine *co[2];
    atomic_uint ready;
    unsigned turns; /* passed from one to the other */
    unsigned max;
    atomic_uint ended;
} PingPong;

static void ping_pong(PingPong *p, unsigned me)
{
    atomic_fetch_add(&p->ready, 1);
    coroutine_yield();
    while (p->turns < p->max) {
        p->turns++;
        aio_co_wake(p->co[!me]);
        coroutine_yield();
    }
    if (atomic_fetch_add(&p->ended, 1) == 0) {
        aio_co_wake(p->co[!me]);
    }
    aio_wait_kick();
}

static void ping(void *opaque)
{
    ping_pong(opaque, 0);
}

static void pong(void *opaque)
{
    ping_pong(opaque, 1);
}

static void test_ping_pong(void)
{
    PingPong p = { .max = rounds(500, 50000) };

    loops_start(p.loops, 2);
    p.co[0] = coroutine_create(ping, &p);
    p.co[1] = coroutine_create(pong, &p);
    for (int i = 0; i < 2; i++) {
        aio_co_schedule(p.loops[i].ctx, p.co[i]);
        aio_wait_bh_oneshot(p.loops[i].ctx, nothing, NULL);
    }
    g_assert_cmpuint(atomic_load(&p.ready), ==, 2);
    aio_co_wake(p.co[0]);
    AIO_WAIT_WHILE(NULL, atomic_load(&p.ended) < 2);
    g_assert_cmpuint(p.turns, ==, p.max);
    loops_stop(p.loops, 2);
}

/* ---- Twenty coroutines that hop among ten contexts ---- */

typedef struct Hop {
    Loop loops[N_LOOPS];
    CoMutex mutex;
    CoRwlock rwlock;
    unsigned in_mutex; /* under mutex */
    unsigned n_hops;   /* under mutex */
    unsigned n_writes; /* under rwlock */
    unsigned rounds;
    atomic_uint next_id;
    atomic_uint ended;
} Hop;

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245 + 12345;
    return *state >> 16;
}

static void hop_locked(Hop *hop, unsigned *seed)
{
    co_mutex_lock(&hop->mutex);
    g_assert_cmpuint(hop->in_mutex++, ==, 0);
    hop->n_hops++;
    if (next_random(seed) % 4 == 0) {
        aio_co_reschedule_self(hop->loops[next_random(seed) % N_LOOPS].ctx);
    }
    g_assert_cmpuint(--hop->in_mutex, ==, 0);
    co_mutex_unlock(&hop->mutex);
}

static void hop_among_loops(void *opaque)
{
    Hop *hop = opaque;
    unsigned seed = atomic_fetch_add(&hop->next_id, 1) * 7919;

    for (unsigned i = 0; i < hop->rounds; i++) {
        AioContext *ctx = hop->loops[next_random(&seed) % N_LOOPS].ctx;

        aio_co_reschedule_self(ctx);
        g_assert_true(aio_get_current_context() == ctx);
        hop_locked(hop, &seed);
    }
    atomic_fetch_add(&hop->ended, 1);
    aio_wait_kick();
}

static void hop_run(Hop *hop, CoroutineEntry *entry)
{
    loops_start(hop->loops, N_LOOPS);
    for (unsigned i = 0; i < N_COROUTINES; i++) {
        aio_co_schedule(hop->loops[i % N_LOOPS].ctx,
                        coroutine_create(entry, hop));
    }
    AIO_WAIT_WHILE(NULL, atomic_load(&hop->ended) < N_COROUTINES);
    loops_stop(hop->loops, N_LOOPS);
}

static void test_hop_under_mutex(void)
{
    Hop hop = { .rounds = rounds(50, 2000) };

    hop_run(&hop, hop_among_loops);
    g_assert_cmpuint(hop.n_hops, ==, N_COROUTINES * hop.rounds);
}

/* The mutex alone: contexts stay, so holder and waiters do run at once. */
static void contend(void *opaque)
{
    Hop *hop = opaque;
    unsigned seed = atomic_fetch_add(&hop->next_id, 1) * 104729;

    for (unsigned i = 0; i < hop->rounds; i++) {
        co_mutex_lock(&hop->mutex);
        g_assert_cmpuint(hop->in_mutex++, ==, 0);
        hop->n_hops++;
        if (next_random(&seed) % 8 == 0) {
            co_sleep_ns(AIO_CLOCK_REALTIME, 1000);
        }
        g_assert_cmpuint(--hop->in_mutex, ==, 0);
        co_mutex_unlock(&hop->mutex);
    }
    atomic_fetch_add(&hop->ended, 1);
    aio_wait_kick();
}

static void test_contend_for_mutex(void)
{
    Hop hop = { .rounds = rounds(50, 5000) };

    hop_run(&hop, contend);
    g_assert_cmpuint(hop.n_hops, ==, N_COROUTINES * hop.rounds);
}

static void read_and_write(Hop *hop, unsigned what)
{
    if (what == 0) {
        co_rwlock_wrlock(&hop->rwlock);
        hop->n_writes++;
        co_rwlock_downgrade(&hop->rwlock);
    } else {
        co_rwlock_rdlock(&hop->rwlock);
        if (what == 1) {
            co_rwlock_upgrade(&hop->rwlock);
            hop->n_writes++;
        }
    }
    g_assert_cmpuint(hop->n_writes, <=, N_COROUTINES * hop->rounds);
    co_rwlock_unlock(&hop->rwlock);
}

static void hop_reading(void *opaque)
{
    Hop *hop = opaque;
    unsigned id = atomic_fetch_add(&hop->next_id, 1);

    for (unsigned i = 0; i < hop->rounds; i++) {
        read_and_write(hop, (id + i) % 4);
        aio_co_reschedule_self(hop->loops[(id + i) % N_LOOPS].ctx);
    }
    atomic_fetch_add(&hop->ended, 1);
    aio_wait_kick();
}

static void test_hop_under_rwlock(void)
{
    Hop hop = { .rounds = rounds(40, 2000) };

    hop_run(&hop, hop_reading);
    g_assert_cmpuint(hop.n_writes, ==, N_COROUTINES * hop.rounds / 2);
}

/* ---- Sleeping ---- */

typedef struct Nap {
    CoSleep sleep;
    int64_t ns;
    int64_t slept_ns;
    bool done;
} Nap;

static void take_nap(void *opaque)
{
    Nap *nap = opaque;
    int64_t start_ns = clock_get_ns(AIO_CLOCK_REALTIME);

    co_sleep_ns_wakeable(&nap->sleep, AIO_CLOCK_REALTIME, nap->ns);
    nap->slept_ns = clock_get_ns(AIO_CLOCK_REALTIME) - start_ns;
    nap->done = true;
}

static void test_sleep(Fixture *f, const void *data)
{
    Nap nap = { .ns = 3 * SCALE_MS };

    coroutine_enter(coroutine_create(take_nap, &nap));
    g_assert_false(nap.done);
    while (!nap.done) {
        aio_poll(f->ctx, true);
    }
    g_assert_cmpint(nap.slept_ns, >=, nap.ns);
}

static void test_sleep_no_time(Fixture *f, const void *data)
{
    Nap nap = { .ns = data ? -1 : 0 };

    coroutine_enter(coroutine_create(take_nap, &nap));
    g_assert_false(nap.done);
    aio_poll(f->ctx, true);
    g_assert_true(nap.done);
}

static void test_sleep_woken_early(Fixture *f, const void *data)
{
    Nap nap = { .ns = INT64_MAX };

    coroutine_enter(coroutine_create(take_nap, &nap));
    co_sleep_wake(&nap.sleep);
    g_assert_true(nap.done);
    /* No timer is left. */
    g_assert_cmpint(timer_list_group_deadline_ns(
        aio_context_get_timers(f->ctx)), ==, -1);
}

static void test_sleep_woken_before(Fixture *f, const void *data)
{
    Nap nap = { .ns = INT64_MAX };

    co_sleep_wake(&nap.sleep);
    co_sleep_wake(&nap.sleep);
    coroutine_enter(coroutine_create(take_nap, &nap));
    g_assert_true(nap.done);
    nap.done = false;
    coroutine_enter(coroutine_create(take_nap, &nap));
    g_assert_false(nap.done);
    co_sleep_wake(&nap.sleep);
    g_assert_true(nap.done);
}

static void sleep_untimed(void *opaque)
{
    Nap *nap = opaque;

    co_sleep(&nap->sleep);
    nap->done = true;
}

static void test_sleep_untimed(Fixture *f, const void *data)
{
    Nap nap = { .ns = 0 };

    coroutine_enter(coroutine_create(sleep_untimed, &nap));
    g_assert_false(aio_poll(f->ctx, false));
    co_sleep_wake(&nap.sleep);
    g_assert_true(nap.done);
    nap.done = false;
    co_sleep_wake(&nap.sleep);
    coroutine_enter(coroutine_create(sleep_untimed, &nap));
    g_assert_true(nap.done);
}

static void sleep_virtual(void *opaque)
{
    co_sleep_ns(AIO_CLOCK_VIRTUAL, 1);
    *(bool *)opaque = true;
}

static void test_sleep_by_a_clock(Fixture *f, const void *data)
{
    bool done = false;

    coroutine_enter(coroutine_create(sleep_virtual, &done));
    aio_poll(f->ctx, false);
    g_assert_false(done);
    clock_enable(AIO_CLOCK_VIRTUAL, true);
    while (!done) {
        aio_poll(f->ctx, true);
    }
    clock_enable(AIO_CLOCK_VIRTUAL, false);
}

/* A sleep belongs to the context where it begins. */
static void move_and_sleep(void *opaque)
{
    Trip *trip = opaque;

    aio_co_reschedule_self(trip->loops[0].ctx);
    co_sleep_ns(AIO_CLOCK_REALTIME, SCALE_US);
    trip_note(trip);
    aio_co_reschedule_self(trip->loops[1].ctx);
    co_sleep_ns(AIO_CLOCK_REALTIME, SCALE_US);
    trip_note(trip);
    trip_end(trip);
}

static void test_sleep_in_current_context(void)
{
    Trip trip = { .n = 0 };

    loops_start(trip.loops, 2);
    coroutine_enter(coroutine_create(move_and_sleep, &trip));
    AIO_WAIT_WHILE(NULL, !atomic_load(&trip.done));
    g_assert_true(trip.seen[0] == trip.loops[0].ctx);
    g_assert_true(trip.seen[1] == trip.loops[1].ctx);
    loops_stop(trip.loops, 2);
}

/* Another thread wakes sleepers up about when they fall asleep or wake. */
typedef struct Alarm {
    Loop loops[1];
    CoSleep sleep;
    unsigned rounds;
    atomic_bool done;
} Alarm;

static void sleep_often(void *opaque)
{
    Alarm *alarm = opaque;

    for (unsigned i = 0; i < alarm->rounds; i++) {
        co_sleep_ns_wakeable(&alarm->sleep, AIO_CLOCK_REALTIME,
                             i % 20 * SCALE_US);
    }
    atomic_store(&alarm->done, true);
}

static void test_sleep_woken_by_a_thread(void)
{
    Alarm alarm = { .rounds = rounds(2000, 100000) };

    loops_start(alarm.loops, 1);
    aio_co_schedule(alarm.loops[0].ctx,
                    coroutine_create(sleep_often, &alarm));
    while (!atomic_load(&alarm.done)) {
        co_sleep_wake(&alarm.sleep);
    }
    loops_stop(alarm.loops, 1);
}

/* ---- A limit on time ---- */

typedef struct Limited {
    uint64_t timeout_ns;
    int64_t work_ns;
    int result;
    bool has_returned;
    bool has_worked;
    bool is_cleaned;
} Limited;

static void limited_work(void *opaque)
{
    Limited *l = opaque;

    if (l->work_ns >= 0) {
        co_sleep_ns(AIO_CLOCK_REALTIME, l->work_ns);
    }
    l->has_worked = true;
}

static void limited_clean(void *opaque)
{
    ((Limited *)opaque)->is_cleaned = true;
}

static void run_limited(void *opaque)
{
    Limited *l = opaque;

    l->result = co_timeout(limited_work, l, l->timeout_ns, limited_clean);
    l->has_returned = true;
}

static void limited_run(Limited *l, AioContext *ctx)
{
    coroutine_enter(coroutine_create(run_limited, l));
    while (!l->has_returned) {
        aio_poll(ctx, true);
    }
}

static void test_timeout_in_time(Fixture *f, const void *data)
{
    Limited l = { .timeout_ns = 60 * NANOSECONDS_PER_SECOND, .work_ns = 1 };

    limited_run(&l, f->ctx);
    g_assert_cmpint(l.result, ==, 0);
    g_assert_true(l.has_worked);
    g_assert_false(l.is_cleaned);
}

static void test_timeout_at_once(Fixture *f, const void *data)
{
    Limited l = { .timeout_ns = 1, .work_ns = -1 };

    limited_run(&l, f->ctx);
    g_assert_cmpint(l.result, ==, 0);
    g_assert_true(l.has_worked);
    g_assert_false(l.is_cleaned);
}

static void test_timeout_none(Fixture *f, const void *data)
{
    Limited l = { .timeout_ns = 0, .work_ns = SCALE_US };

    limited_run(&l, f->ctx);
    g_assert_cmpint(l.result, ==, 0);
    g_assert_true(l.has_worked);
    g_assert_false(l.is_cleaned);
}

static void test_timeout_too_late(Fixture *f, const void *data)
{
    Limited l = { .timeout_ns = 1, .work_ns = 5 * SCALE_MS };

    limited_run(&l, f->ctx);
    g_assert_cmpint(l.result, ==, -ETIMEDOUT);
    g_assert_false(l.has_worked);
    g_assert_false(l.is_cleaned);
    while (!l.has_worked) {
        aio_poll(f->ctx, true);
    }
    g_assert_true(l.is_cleaned);
}

/* What is limited may end in another thread; who waits stays where it is. */
static void move_to_second(void *opaque)
{
    Trip *trip = opaque;

    aio_co_reschedule_self(trip->loops[1].ctx);
    trip_note(trip);
}

static void limit_a_move(void *opaque)
{
    Trip *trip = opaque;
    int ret = co_timeout(move_to_second, trip,
                         60 * NANOSECONDS_PER_SECOND, NULL);

    g_assert_cmpint(ret, ==, 0);
    trip_note(trip);
    trip_end(trip);
}

static void test_timeout_of_what_moves(void)
{
    Trip trip = { .n = 0 };

    loops_start(trip.loops, 2);
    aio_co_schedule(trip.loops[0].ctx,
                    coroutine_create(limit_a_move, &trip));
    AIO_WAIT_WHILE(NULL, !atomic_load(&trip.done));
    g_assert_true(trip.seen[0] == trip.loops[1].ctx);
    g_assert_true(trip.seen[1] == trip.loops[0].ctx);
    loops_stop(trip.loops, 2);
}

/* ---- AIO_WAIT_WHILE ---- */

static void test_wait_while_for_a_coroutine(Fixture *f, const void *data)
{
    Nap nap = { .ns = SCALE_US };

    coroutine_enter(coroutine_create(take_nap, &nap));
    g_assert_true(AIO_WAIT_WHILE(f->ctx, !nap.done));
}

/* ---- Misuse ---- */

static void schedule_first(AioContext *ctx, Coroutine *co)
{
    aio_co_schedule(ctx, co);
}

static void abort_schedule_twice(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    Coroutine *co = coroutine_create(nothing, NULL);

    schedule_first(ctx, co);
    aio_co_schedule(ctx, co);
}

static void abort_enter_scheduled(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    Coroutine *co = coroutine_create(nothing, NULL);

    schedule_first(ctx, co);
    coroutine_enter(co);
}

static void schedule_and_end(void *opaque)
{
    schedule_first(opaque, coroutine_self());
}

static void abort_end_scheduled(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    coroutine_enter(coroutine_create(schedule_and_end, ctx));
}

static void abort_context_goes(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    schedule_first(ctx, coroutine_create(nothing, NULL));
    aio_context_unref(ctx);
}

static void poll_here(void *opaque)
{
    aio_poll(opaque, true);
}

static void abort_poll(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_bh_schedule_oneshot(ctx, (AioBHFunc *)nothing, NULL);
    coroutine_enter(coroutine_create(poll_here, ctx));
}

#define ADD(path, test, data)                                       \
    g_test_add("/aio/coroutine-aio/" path, Fixture, data, setup, test, \
               teardown)
#define ADD_THREADS(path, test)                                     \
    g_test_add_func("/aio/coroutine-aio/" path, test)
#define ADD_ABORT(path, test, pattern)                              \
    test_add_abort_func("/aio/coroutine-aio/abort/" path, test, pattern)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    ADD_THREADS("reschedule-self", test_reschedule_self);
    ADD_THREADS("wake-from-another-thread", test_wake_from_another_thread);
    ADD_THREADS("enter-in-another-context", test_enter_in_another_context);
    ADD_THREADS("ping-pong", test_ping_pong);
    ADD_THREADS("hop/under-mutex", test_hop_under_mutex);
    ADD_THREADS("hop/contend-for-mutex", test_contend_for_mutex);
    ADD_THREADS("hop/under-rwlock", test_hop_under_rwlock);
    ADD_THREADS("sleep/in-current-context", test_sleep_in_current_context);
    ADD_THREADS("sleep/woken-by-a-thread", test_sleep_woken_by_a_thread);
    ADD_THREADS("timeout/of-what-moves", test_timeout_of_what_moves);
    ADD("schedule/in-order", test_schedule_in_order, NULL);
    ADD("schedule/self-runs-in-next-round",
        test_schedule_self_runs_in_next_round, NULL);
    ADD("context-is-where-it-was-entered",
        test_context_is_where_it_was_entered, NULL);
    ADD("wake-in-own-context", test_wake_in_own_context, NULL);
    ADD("sleep/for-a-time", test_sleep, NULL);
    ADD("sleep/no-time", test_sleep_no_time, NULL);
    ADD("sleep/negative-time", test_sleep_no_time, "negative");
    ADD("sleep/woken-early", test_sleep_woken_early, NULL);
    ADD("sleep/woken-before", test_sleep_woken_before, NULL);
    ADD("sleep/untimed", test_sleep_untimed, NULL);
    ADD("sleep/by-a-clock", test_sleep_by_a_clock, NULL);
    ADD("timeout/in-time", test_timeout_in_time, NULL);
    ADD("timeout/at-once", test_timeout_at_once, NULL);
    ADD("timeout/none", test_timeout_none, NULL);
    ADD("timeout/too-late", test_timeout_too_late, NULL);
    ADD("wait-while/for-a-coroutine", test_wait_while_for_a_coroutine, NULL);
    ADD_ABORT("schedule-twice", abort_schedule_twice,
              "*aio_co_schedule: the coroutine is scheduled already, by "
              "'schedule_first'\n*");
    ADD_ABORT("enter-scheduled", abort_enter_scheduled,
              "*coroutine_enter: the coroutine is scheduled already, by "
              "'schedule_first'\n*");
    ADD_ABORT("end-scheduled", abort_end_scheduled,
              "*a coroutine ended that is scheduled, by "
              "'schedule_first'\n*");
    ADD_ABORT("context-goes", abort_context_goes,
              "*bottom half 'schedule_first' was not deleted; its event loop "
              "has ended*");
    ADD_ABORT("poll-in-coroutine", abort_poll,
              "*aio_poll() or AIO_WAIT_WHILE() in a coroutine; yield "
              "instead*");
    return test_run();
}
