/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "aio/context-internal.h"
#include "aio/aio-wait.h"
#include "tests/unit/aio/log-fixture.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"
#include "util/thread.h"

typedef struct Bh {
    Fixture *f;
    AioBH *bh;
    char name;     /* what goes to the log */
    AioBHFunc *then; /* called with this Bh after that */
    struct Bh *other;
} Bh;

static void bh_cb(void *opaque)
{
    Bh *b = opaque;

    g_string_append_c(b->f->log, b->name);
    if (b->then) {
        b->then(b);
    }
}

static void bh_make(Fixture *f, Bh *b, char name)
{
    *b = (Bh) { .f = f, .name = name };
    b->bh = aio_bh_new(f->ctx, bh_cb, b);
}

static void test_schedule(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    g_assert_false(aio_poll(f->ctx, false));
    aio_bh_schedule(a.bh);
    assert_log(f, "");
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
    g_assert_false(aio_poll(f->ctx, false));
    aio_bh_delete(a.bh);
}

static void test_schedule_twice(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule(a.bh);
    aio_bh_schedule(a.bh);
    aio_poll(f->ctx, false);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void test_order(Fixture *f, const void *data)
{
    Bh b[10];

    for (int i = 0; i < 10; i++) {
        bh_make(f, &b[i], '0' + i);
    }
    for (int i = 0; i < 10; i += 2) {
        aio_bh_schedule(b[i].bh);
        aio_bh_schedule_oneshot(f->ctx, bh_cb, &b[i + 1]);
    }
    aio_bh_schedule(b[4].bh);
    aio_poll(f->ctx, false);
    assert_log(f, "0123456789");
    for (int i = 0; i < 10; i++) {
        aio_bh_delete(b[i].bh);
    }
}

static void then_schedule_other(void *opaque)
{
    aio_bh_schedule(((Bh *)opaque)->other->bh);
}

static void test_from_callback_is_next_round(Fixture *f, const void *data)
{
    Bh a, b;

    bh_make(f, &a, 'a');
    bh_make(f, &b, 'b');
    a.then = then_schedule_other;
    a.other = &b;
    aio_bh_schedule(a.bh);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "b");
    aio_bh_delete(a.bh);
    aio_bh_delete(b.bh);
}

static void test_self_is_next_round(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    a.then = then_schedule_other;
    a.other = &a;
    aio_bh_schedule(a.bh);
    for (int i = 0; i < 100; i++) {
        g_assert_true(aio_poll(f->ctx, true));
    }
    g_assert_cmpuint(f->log->len, ==, 100);
    aio_bh_delete(a.bh);
}

static void test_oneshot(Fixture *f, const void *data)
{
    Bh a = { .f = f, .name = 'a' };

    aio_bh_schedule_oneshot(f->ctx, bh_cb, &a);
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &a);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "aa");
    g_assert_false(aio_poll(f->ctx, false));
}

static void test_many_oneshots(Fixture *f, const void *data)
{
    Bh a = { .f = f, .name = 'a' };

    for (int i = 0; i < 10000; i++) {
        aio_bh_schedule_oneshot(f->ctx, bh_cb, &a);
    }
    aio_poll(f->ctx, false);
    g_assert_cmpuint(f->log->len, ==, 10000);
}

static void test_cancel(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule(a.bh);
    aio_bh_cancel(a.bh);
    g_assert_false(aio_poll(f->ctx, false));
    aio_bh_schedule(a.bh);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void test_cancel_then_schedule(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule(a.bh);
    aio_bh_cancel(a.bh);
    aio_bh_schedule(a.bh);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void then_delete_self(void *opaque)
{
    aio_bh_delete(((Bh *)opaque)->bh);
}

/* Wait until the loop sleeps or is about to. */
static void *schedule_when_asleep(void *opaque)
{
    AioBH *bh = opaque;

    while (!(atomic_load(&bh->ctx->wake.word) & AIO_WAKE_ARMED)) {
        thread_get_id();
    }
    aio_bh_schedule(bh);
    return NULL;
}

/* It is in the loop's list already, but the loop sleeps in spite of it. */
static void test_cancelled_wakes_up(Fixture *f, const void *data)
{
    Thread thread;
    Bh b;

    bh_make(f, &b, 'a');
    aio_bh_schedule(b.bh);
    aio_bh_cancel(b.bh);
    g_assert_cmpint(thread_create(&thread, "waker", 0, schedule_when_asleep,
                                  b.bh), ==, 0);
    while (!aio_poll(f->ctx, true)) {
    }
    thread_join(&thread);
    assert_log(f, "a");
    aio_bh_delete(b.bh);
}

static void test_delete_in_own_callback(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    a.then = then_delete_self;
    aio_bh_schedule(a.bh);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
}

static void then_delete_other(void *opaque)
{
    aio_bh_delete(((Bh *)opaque)->other->bh);
}

static void test_delete_later_in_round(Fixture *f, const void *data)
{
    Bh a, b;

    bh_make(f, &a, 'a');
    bh_make(f, &b, 'b');
    a.then = then_delete_other;
    a.other = &b;
    aio_bh_schedule(a.bh);
    aio_bh_schedule(b.bh);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void test_delete_scheduled(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule(a.bh);
    aio_bh_delete(a.bh);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "");
}

static void test_idle_is_no_progress(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule_idle(a.bh);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void test_idle_waits(Fixture *f, const void *data)
{
    int64_t start = clock_get_ns(AIO_CLOCK_REALTIME);
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule_idle(a.bh);
    g_assert_false(aio_poll(f->ctx, true));
    g_assert_cmpint(clock_get_ns(AIO_CLOCK_REALTIME) - start, >=,
                    10 * SCALE_MS);
    assert_log(f, "a");
    aio_bh_delete(a.bh);
}

static void test_idle_stays_idle(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_schedule_idle(a.bh);
    aio_bh_schedule(a.bh);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
    aio_bh_schedule(a.bh);
    g_assert_true(aio_poll(f->ctx, false));
    aio_bh_schedule(a.bh);
    aio_bh_schedule_idle(a.bh);
    g_assert_false(aio_poll(f->ctx, false));
    aio_bh_delete(a.bh);
}

static void test_idle_beside_other(Fixture *f, const void *data)
{
    Bh a, b;

    bh_make(f, &a, 'a');
    bh_make(f, &b, 'b');
    aio_bh_schedule_idle(a.bh);
    aio_bh_schedule(b.bh);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "ab");
    aio_bh_delete(a.bh);
    aio_bh_delete(b.bh);
}

static void then_poll(void *opaque)
{
    Bh *b = opaque;

    b->then = NULL;
    g_string_append_c(b->f->log, '(');
    aio_poll(b->f->ctx, false);
    g_string_append_c(b->f->log, ')');
}

static void test_nested_finishes_outer_round(Fixture *f, const void *data)
{
    Bh a, b, c;

    bh_make(f, &a, 'a');
    bh_make(f, &b, 'b');
    bh_make(f, &c, 'c');
    a.then = then_poll;
    b.then = then_schedule_other;
    b.other = &c;
    aio_bh_schedule(a.bh);
    aio_bh_schedule(b.bh);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "a(b)");
    aio_poll(f->ctx, false);
    assert_log(f, "c");
    aio_bh_delete(a.bh);
    aio_bh_delete(b.bh);
    aio_bh_delete(c.bh);
}

static void then_schedule_other_and_poll(void *opaque)
{
    then_schedule_other(opaque);
    then_poll(opaque);
}

static void test_nested_runs_new_after_old(Fixture *f, const void *data)
{
    Bh a, b, c;

    bh_make(f, &a, 'a');
    bh_make(f, &b, 'b');
    bh_make(f, &c, 'c');
    a.then = then_schedule_other_and_poll;
    a.other = &c;
    aio_bh_schedule(a.bh);
    aio_bh_schedule(b.bh);
    aio_poll(f->ctx, false);
    assert_log(f, "a(bc)");
    aio_bh_delete(a.bh);
    aio_bh_delete(b.bh);
    aio_bh_delete(c.bh);
}

/* ---- The ring, and what does not fit into it ---- */

#define MANY (BH_CELLS + 16)
#define MANY_FIRST '*' /* in the log; the other ones follow */

/* What the log contains after those from @first on have run. */
static const char *many_log(int first)
{
    static char text[MANY + 1];

    for (int i = 0; i < MANY; i++) {
        text[i] = MANY_FIRST + i;
    }
    return text + first;
}

static void many_make(Fixture *f, Bh b[MANY])
{
    aio_bh_make_ring(f->ctx);
    for (int i = 0; i < MANY; i++) {
        bh_make(f, &b[i], MANY_FIRST + i);
    }
}

static void many_delete(Bh b[MANY])
{
    for (int i = 0; i < MANY; i++) {
        aio_bh_delete(b[i].bh);
    }
}

/* @first to MANY, one of five not as a oneshot. */
static void many_schedule(Fixture *f, Bh b[MANY], int first)
{
    for (int i = first; i < MANY; i++) {
        if (i % 5 == 3) {
            aio_bh_schedule(b[i].bh);
        } else {
            aio_bh_schedule_oneshot(f->ctx, bh_cb, &b[i]);
        }
    }
}

static void test_ring_overflows_in_order(Fixture *f, const void *data)
{
    Bh b[MANY];

    many_make(f, b);
    for (int i = 0; i < 3; i++) {
        many_schedule(f, b, i);
        g_assert_true(aio_poll(f->ctx, true));
        assert_log(f, many_log(i));
    }
    many_delete(b);
}

static void then_schedule_rest(void *opaque)
{
    Bh *b = opaque;

    many_schedule(b->f, b, 1);
}

static void test_ring_from_callback_is_next_round(Fixture *f,
                                                  const void *data)
{
    Bh b[MANY];

    many_make(f, b);
    b[0].then = then_schedule_rest;
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &b[0]);
    aio_poll(f->ctx, false);
    assert_log(f, (const char[]) { MANY_FIRST, '\0' });
    aio_poll(f->ctx, false);
    assert_log(f, many_log(1));
    many_delete(b);
}

static void test_ring_nested(Fixture *f, const void *data)
{
    Bh b[MANY], extra;
    g_autofree char *log = g_strdup_printf("%c(%s!)", MANY_FIRST,
                                           many_log(1));

    many_make(f, b);
    bh_make(f, &extra, '!');
    b[0].then = then_schedule_other_and_poll;
    b[0].other = &extra;
    many_schedule(f, b, 0);
    aio_poll(f->ctx, false);
    assert_log(f, log);
    many_delete(b);
    aio_bh_delete(extra.bh);
}

static void test_ring_timeout(Fixture *f, const void *data)
{
    Bh b[MANY];

    many_make(f, b);
    for (int i = 0; i < MANY; i++) {
        aio_bh_schedule(b[i].bh);
        aio_bh_cancel(b[i].bh);
    }
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
    aio_bh_schedule_idle(b[1].bh);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 10 * SCALE_MS);
    aio_bh_schedule(b[MANY - 1].bh);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 0);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, (const char[]) { MANY_FIRST + 1, MANY_FIRST + MANY - 1,
                                   '\0' });
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
    many_delete(b);
}

/* As if another thread were interrupted while it fills a cell. */
static void test_ring_waits_for_nobody(Fixture *f, const void *data)
{
    Bh b[MANY];

    many_make(f, b);
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &b[0]);
    atomic_fetch_or(&aio_bh_ring(f->ctx)->tail, BH_CELL_FILLING);
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &b[1]);
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, 0);
    aio_poll(f->ctx, true);
    assert_log(f, (const char[]) { MANY_FIRST, MANY_FIRST + 1, '\0' });
    g_assert_cmpint(aio_compute_timeout(f->ctx), ==, -1);
    atomic_fetch_and(&aio_bh_ring(f->ctx)->tail, ~BH_CELL_FILLING);
    many_schedule(f, b, 2);
    aio_poll(f->ctx, true);
    assert_log(f, many_log(2));
    many_delete(b);
}

/* A ring costs memory, which a loop that runs little need not spend. */
static void test_ring_is_made_for_many(Fixture *f, const void *data)
{
    Bh b;

    bh_make(f, &b, 'a');
    for (int i = 0; i < 10; i++) {
        aio_bh_schedule_oneshot(f->ctx, bh_cb, &b);
        aio_poll(f->ctx, true);
    }
    assert_log(f, "aaaaaaaaaa");
    g_assert_true(aio_bh_ring(f->ctx) == &bh_null_ring);
    for (int i = 0; i < 100; i++) {
        aio_bh_schedule_oneshot(f->ctx, bh_cb, &b);
        aio_bh_schedule(b.bh);
        aio_poll(f->ctx, true);
        assert_log(f, "aa");
    }
    g_assert_true(aio_bh_ring(f->ctx) != &bh_null_ring);
    aio_bh_delete(b.bh);
}

static void test_call(Fixture *f, const void *data)
{
    Bh a;

    bh_make(f, &a, 'a');
    aio_bh_call(a.bh);
    assert_log(f, "a");
    g_assert_false(aio_poll(f->ctx, false));
    aio_bh_delete(a.bh);
}

static void test_bh_poll_counts(Fixture *f, const void *data)
{
    Bh a = { .f = f, .name = 'a' };
    Bh b;

    bh_make(f, &b, 'b');
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &a);
    aio_bh_schedule_oneshot(f->ctx, bh_cb, &a);
    aio_bh_schedule_idle(b.bh);
    g_assert_cmpint(aio_bh_poll(f->ctx), ==, 2);
    assert_log(f, "aab");
    aio_bh_delete(b.bh);
}

static void check_guard(void *opaque)
{
    g_assert_true(((MemReentrancyGuard *)opaque)->engaged_in_io);
}

static void test_guard(Fixture *f, const void *data)
{
    MemReentrancyGuard guard = { false };
    AioBH *bh = aio_bh_new_guarded(f->ctx, check_guard, &guard, &guard);

    aio_bh_schedule(bh);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_false(guard.engaged_in_io);

    guard.engaged_in_io = true;
    aio_bh_schedule(bh);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_true(guard.engaged_in_io);
    aio_bh_delete(bh);
}

static void test_wait_oneshot_at_home(Fixture *f, const void *data)
{
    Bh a = { .f = f, .name = 'a' };

    aio_wait_bh_oneshot(f->ctx, bh_cb, &a);
    assert_log(f, "a");
}

/* ---- What is left at the end ---- */

static void do_nothing(void *opaque)
{
}

static void unref_with_scheduled(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_bh_schedule(aio_bh_new(ctx, do_nothing, NULL));
    aio_context_unref(ctx);
}

static void unref_with_oneshot(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_bh_schedule_oneshot(ctx, do_nothing, NULL);
    aio_context_unref(ctx);
}

static void test_unref_aborts(const void *data)
{
    if (g_test_subprocess()) {
        GTestFunc unref = (GTestFunc)data;

        unref();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*bottom half 'do_nothing' was not deleted*");
}

static void test_unref_with_deleted(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_bh_delete(aio_bh_new(ctx, do_nothing, NULL));
    aio_context_unref(ctx);
}

static const struct {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} tests[] = {
    { "schedule/runs-once", test_schedule },
    { "schedule/twice-runs-once", test_schedule_twice },
    { "schedule/order", test_order },
    { "schedule/from-callback-is-next-round",
      test_from_callback_is_next_round },
    { "schedule/self-is-next-round", test_self_is_next_round },
    { "oneshot/runs-once-each", test_oneshot },
    { "oneshot/many", test_many_oneshots },
    { "cancel/does-not-run", test_cancel },
    { "cancel/schedule-again", test_cancel_then_schedule },
    { "cancel/schedule-again-wakes-the-loop", test_cancelled_wakes_up },
    { "delete/in-own-callback", test_delete_in_own_callback },
    { "delete/later-in-round", test_delete_later_in_round },
    { "delete/scheduled", test_delete_scheduled },
    { "idle/is-no-progress", test_idle_is_no_progress },
    { "idle/waits-10-ms", test_idle_waits },
    { "idle/stays-idle", test_idle_stays_idle },
    { "idle/beside-other", test_idle_beside_other },
    { "nested/finishes-outer-round", test_nested_finishes_outer_round },
    { "nested/runs-new-after-old", test_nested_runs_new_after_old },
    { "ring/overflows-in-order", test_ring_overflows_in_order },
    { "ring/from-callback-is-next-round",
      test_ring_from_callback_is_next_round },
    { "ring/nested", test_ring_nested },
    { "ring/timeout", test_ring_timeout },
    { "ring/waits-for-nobody", test_ring_waits_for_nobody },
    { "ring/is-made-for-many", test_ring_is_made_for_many },
    { "call/here-and-now", test_call },
    { "poll/counts", test_bh_poll_counts },
    { "guard/engaged-while-running", test_guard },
    { "wait-oneshot/at-home", test_wait_oneshot_at_home },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/aio/bh/%s", tests[i].path);

        g_test_add(path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
    g_test_add_data_func("/aio/bh/unref/aborts-on-scheduled",
                         (const void *)unref_with_scheduled,
                         test_unref_aborts);
    g_test_add_data_func("/aio/bh/unref/aborts-on-oneshot",
                         (const void *)unref_with_oneshot,
                         test_unref_aborts);
    g_test_add_func("/aio/bh/unref/frees-deleted", test_unref_with_deleted);
    return test_run();
}
