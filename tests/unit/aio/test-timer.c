/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "aio/context-internal.h"
#include "tests/unit/aio/log-fixture.h"
#include "tests/unit/test-util.h"

#include <pthread.h>

typedef struct T {
    AioTimer timer;
    Fixture *f;
    char name;
    void (*then)(struct T *t);
    int64_t arg;
} T;

static void t_cb(void *opaque)
{
    T *t = opaque;

    g_string_append_c(t->f->log, t->name);
    if (t->then) {
        t->then(t);
    }
}

static void t_init(Fixture *f, T *t, char name)
{
    *t = (T) { .f = f, .name = name };
    aio_timer_init(f->ctx, &t->timer, AIO_CLOCK_REALTIME, SCALE_NS, t_cb, t);
}

static int64_t now(void)
{
    return clock_get_ns(AIO_CLOCK_REALTIME);
}

/* Longer than any computer has run. */
#define FAR (INT64_MAX / 4)
#define HOUR (3600 * NANOSECONDS_PER_SECOND)

/* ---- Arming ---- */

static void test_new_is_not_armed(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    g_assert_false(timer_pending(&a.timer));
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, -1);
    g_assert_false(timer_expired(&a.timer, INT64_MAX));
    g_assert_false(timer_expired(NULL, 0));
    timer_deinit(&a.timer);
}

static void test_mod_arms(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    timer_mod(&a.timer, FAR);
    g_assert_true(timer_pending(&a.timer));
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, FAR);
    g_assert_false(timer_expired(&a.timer, FAR - 1));
    g_assert_true(timer_expired(&a.timer, FAR));
    timer_del(&a.timer);
    g_assert_false(timer_pending(&a.timer));
}

static void test_fires_once(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    timer_mod(&a.timer, now());
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_false(timer_pending(&a.timer));
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "a");
}

static void test_never_early(Fixture *f, const void *data)
{
    int64_t when = now() + 1700000;
    T a;

    t_init(f, &a, 'a');
    timer_mod(&a.timer, when);
    g_assert_true(aio_poll(f->ctx, true));
    g_assert_cmpint(now(), >=, when);
    assert_log(f, "a");
}

static void test_negative_is_zero(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    timer_mod(&a.timer, -5);
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, 0);
    g_assert_true(aio_poll(f->ctx, true));
    assert_log(f, "a");
}

static void test_units(Fixture *f, const void *data)
{
    static const int scales[] = { SCALE_NS, SCALE_US, SCALE_MS };

    for (size_t i = 0; i < G_N_ELEMENTS(scales); i++) {
        AioTimer *ts = aio_timer_new(f->ctx, AIO_CLOCK_REALTIME, scales[i],
                                     t_cb, NULL);

        timer_mod(ts, HOUR);
        g_assert_cmpint(timer_expire_time_ns(ts), ==, HOUR * scales[i]);
        g_assert_true(timer_expired(ts, HOUR));
        timer_mod(ts, INT64_MAX);
        g_assert_cmpint(timer_expire_time_ns(ts), ==, INT64_MAX);
        timer_free(ts);
    }
    timer_free(NULL);
}

static void test_anticipate(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    timer_mod_anticipate(&a.timer, FAR);
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, FAR);
    timer_mod_anticipate(&a.timer, FAR + 1);
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, FAR);
    timer_mod_anticipate_ns(&a.timer, FAR - 1);
    g_assert_cmpint(timer_expire_time_ns(&a.timer), ==, FAR - 1);
    timer_del(&a.timer);
}

static void test_del_does_not_fire(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    timer_mod(&a.timer, 0);
    timer_del(&a.timer);
    timer_del(&a.timer);
    g_assert_false(aio_poll(f->ctx, false));
    assert_log(f, "");
}

static void test_put_off(Fixture *f, const void *data)
{
    T a, b;

    t_init(f, &a, 'a');
    t_init(f, &b, 'b');
    timer_mod(&a.timer, 1);
    timer_mod(&b.timer, 2);
    timer_mod(&a.timer, FAR);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "b");
    timer_mod(&a.timer, 3);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
}

/* A time that passes while it is read is 0, not less: -1 is without limit. */
static void test_deadline_that_passes(Fixture *f, const void *data)
{
    AioTimerListGroup *timers = aio_context_get_timers(f->ctx);
    AioTimer ts;

    aio_timer_init(f->ctx, &ts, AIO_CLOCK_REALTIME, SCALE_NS, t_cb, f);
    for (int i = 0; i < 20000; i++) {
        timer_mod(&ts, clock_get_ns(AIO_CLOCK_REALTIME) + i % 400);
        for (int n = 0; n < 10; n++) {
            g_assert_cmpint(timer_list_group_deadline_ns(timers), >=, 0);
        }
    }
    timer_del(&ts);
}

/* A timer that was put off does not wake the loop at its old time. */
static void test_put_off_deadline(Fixture *f, const void *data)
{
    AioTimerListGroup *timers = aio_context_get_timers(f->ctx);
    T a;

    t_init(f, &a, 'a');
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, -1);
    timer_mod(&a.timer, now() + NANOSECONDS_PER_SECOND);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), <=,
                    NANOSECONDS_PER_SECOND);
    timer_mod(&a.timer, now() + FAR);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), >, FAR / 2);
    timer_mod(&a.timer, 0);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, 0);
    timer_del(&a.timer);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, -1);
}

/* Nor when it comes to the front after it was put off. */
static void test_put_off_second(Fixture *f, const void *data)
{
    AioTimerListGroup *timers = aio_context_get_timers(f->ctx);
    T a, b;

    t_init(f, &a, 'a');
    t_init(f, &b, 'b');
    timer_mod(&a.timer, now() + SCALE_MS);
    timer_mod(&b.timer, now() + HOUR);
    timer_mod(&b.timer, now() + 3 * HOUR);
    timer_del(&a.timer);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), >, 2 * HOUR);

    timer_mod(&a.timer, 0);
    timer_mod(&b.timer, now() + HOUR);
    timer_mod(&b.timer, now() + 3 * HOUR);
    aio_poll(f->ctx, false);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), >, 2 * HOUR);
    timer_del(&b.timer);
}

/* ---- Order ---- */

static void test_order_by_time(Fixture *f, const void *data)
{
    T t[26];

    for (int i = 0; i < 26; i++) {
        t_init(f, &t[i], 'a' + i);
    }
    for (int i = 0; i < 26; i++) {
        int j = i * 7 % 26;

        timer_mod(&t[j].timer, j);
    }
    aio_poll(f->ctx, false);
    assert_log(f, "abcdefghijklmnopqrstuvwxyz");
}

static void test_order_of_equals(Fixture *f, const void *data)
{
    T t[26];

    for (int i = 0; i < 26; i++) {
        t_init(f, &t[i], 'a' + i);
        timer_mod(&t[i].timer, 5);
    }
    /* Armed again to the same time: it fires after the others. */
    timer_mod(&t[3].timer, 5);
    timer_mod(&t[0].timer, 9);
    timer_mod(&t[0].timer, 5);
    timer_mod(&t[1].timer, 2);
    timer_mod(&t[1].timer, 5);
    aio_poll(f->ctx, false);
    assert_log(f, "cefghijklmnopqrstuvwxyzdab");
}

/* Random operations beside a plain model: an array that is searched. */
#define MODEL_N 60

typedef struct Model {
    T t[MODEL_N];
    int64_t time[MODEL_N];
    unsigned seq[MODEL_N];
    unsigned next_seq;
    GArray *fired;
} Model;

static void model_fired(T *t)
{
    Model *m = (Model *)(uintptr_t)t->arg;
    int i = t - m->t;

    g_array_append_val(m->fired, i);
}

static int model_take(Model *m, int64_t limit)
{
    int best = -1;

    for (int i = 0; i < MODEL_N; i++) {
        if (m->time[i] < 0 || m->time[i] > limit) {
            continue;
        }
        if (best < 0 || m->time[i] < m->time[best] ||
            (m->time[i] == m->time[best] && m->seq[i] < m->seq[best])) {
            best = i;
        }
    }
    if (best >= 0) {
        m->time[best] = -1;
    }
    return best;
}

static void model_mod(Model *m, int i, int64_t time)
{
    timer_mod(&m->t[i].timer, time);
    m->time[i] = time;
    m->seq[i] = ++m->next_seq;
}

static void model_expire(Fixture *f, Model *m, int64_t base, int64_t limit)
{
    g_array_set_size(m->fired, 0);
    for (int i = 0; i < MODEL_N; i++) {
        /* What is past the limit goes to the far future for the run. */
        if (m->time[i] > limit && m->time[i] < base) {
            model_mod(m, i, base + m->time[i]);
        }
    }
    timer_list_group_run(aio_context_get_timers(f->ctx));
    for (guint i = 0; i < m->fired->len; i++) {
        g_assert_cmpint(g_array_index(m->fired, int, i), ==,
                        model_take(m, limit));
    }
    g_assert_cmpint(model_take(m, limit), ==, -1);
    g_string_truncate(f->log, 0);
}

static void test_against_model(Fixture *f, const void *data)
{
    int64_t base = now() + FAR;
    Model m = { .fired = g_array_new(FALSE, FALSE, sizeof(int)) };

    for (int i = 0; i < MODEL_N; i++) {
        t_init(f, &m.t[i], 'x');
        m.t[i].then = model_fired;
        m.t[i].arg = (uintptr_t)&m;
        m.time[i] = -1;
    }
    for (int step = 0; step < 20000; step++) {
        int i = g_test_rand_int_range(0, MODEL_N);
        int what = g_test_rand_int_range(0, 10);

        if (what < 7) {
            model_mod(&m, i, g_test_rand_int_range(0, 100));
        } else if (what < 9) {
            timer_del(&m.t[i].timer);
            m.time[i] = -1;
        } else {
            model_expire(f, &m, base, g_test_rand_int_range(0, 100));
        }
    }
    for (int i = 0; i < MODEL_N; i++) {
        timer_del(&m.t[i].timer);
    }
    g_array_free(m.fired, TRUE);
}

/* ---- Callbacks that arm and disarm ---- */

static void then_rearm(T *t)
{
    if (t->arg-- > 0) {
        timer_mod(&t->timer, 0);
    }
}

static void test_rearm_in_past_fires_in_same_run(Fixture *f,
                                                 const void *data)
{
    T a;

    t_init(f, &a, 'a');
    a.then = then_rearm;
    a.arg = 3;
    timer_mod(&a.timer, 0);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "aaaa");
}

static void then_rearm_now(T *t)
{
    if (t->arg-- > 0) {
        timer_mod(&t->timer, now() + 1);
    }
}

static void test_rearm_later_fires_in_next_run(Fixture *f, const void *data)
{
    T a;

    t_init(f, &a, 'a');
    a.then = then_rearm_now;
    a.arg = 1;
    timer_mod(&a.timer, 0);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
    aio_poll(f->ctx, true);
    assert_log(f, "a");
}

static void then_del_other(T *t)
{
    timer_del((AioTimer *)(uintptr_t)t->arg);
}

static void test_del_other_in_callback(Fixture *f, const void *data)
{
    T a, b;

    t_init(f, &a, 'a');
    t_init(f, &b, 'b');
    a.then = then_del_other;
    a.arg = (uintptr_t)&b.timer;
    timer_mod(&a.timer, 0);
    timer_mod(&b.timer, 1);
    aio_poll(f->ctx, false);
    assert_log(f, "a");
}

static void then_poll(T *t)
{
    t->then = NULL;
    aio_poll(t->f->ctx, false);
    g_string_append_c(t->f->log, '.');
}

static void test_nested(Fixture *f, const void *data)
{
    T a, b;

    t_init(f, &a, 'a');
    t_init(f, &b, 'b');
    a.then = then_poll;
    timer_mod(&a.timer, 0);
    timer_mod(&b.timer, 1);
    aio_poll(f->ctx, false);
    assert_log(f, "ab.");
}

static void free_self(void *opaque)
{
    AioTimer **ts = opaque;

    timer_free(*ts);
    *ts = NULL;
}

static void test_free_in_callback(Fixture *f, const void *data)
{
    AioTimer *ts = aio_timer_new(f->ctx, AIO_CLOCK_REALTIME, SCALE_NS,
                                 free_self, &ts);

    timer_mod(ts, 0);
    aio_poll(f->ctx, false);
    g_assert_null(ts);
}

static void test_attributes(Fixture *f, const void *data)
{
    AioTimer *ts = aio_timer_new_with_attrs(f->ctx, AIO_CLOCK_REALTIME,
                                            SCALE_NS, TIMER_ATTR_EXTERNAL,
                                            t_cb, NULL);

    g_assert_cmpint(ts->attributes, ==, TIMER_ATTR_EXTERNAL);
    timer_free(ts);
}

static void test_main_context(Fixture *f, const void *data)
{
    AioTimerListGroup *timers =
        aio_context_get_timers(aio_get_main_context());
    AioTimer *ts;

    ts = timer_new_ms(AIO_CLOCK_REALTIME, t_cb, NULL);
    timer_mod(ts, 1);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, 0);
    g_assert_cmpint(timer_expire_time_ns(ts), ==, SCALE_MS);
    timer_free(ts);
    ts = timer_new_us(AIO_CLOCK_HOST, t_cb, NULL);
    timer_mod(ts, 1);
    g_assert_cmpint(timer_expire_time_ns(ts), ==, SCALE_US);
    timer_free(ts);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, -1);
}

/* ---- Clocks ---- */

static void test_clock_virtual_is_disabled(Fixture *f, const void *data)
{
    AioTimerListGroup *timers = aio_context_get_timers(f->ctx);
    T a = { .f = f, .name = 'a' };

    g_assert_false(clock_is_enabled(AIO_CLOCK_VIRTUAL));
    g_assert_true(clock_is_enabled(AIO_CLOCK_REALTIME));
    g_assert_true(clock_is_enabled(AIO_CLOCK_HOST));
    g_assert_true(clock_is_enabled(AIO_CLOCK_VIRTUAL_RT));
    aio_timer_init(f->ctx, &a.timer, AIO_CLOCK_VIRTUAL, SCALE_NS, t_cb, &a);
    timer_mod(&a.timer, 0);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, -1);
    g_assert_false(aio_poll(f->ctx, false));

    clock_enable(AIO_CLOCK_VIRTUAL, true);
    g_assert_cmpint(timer_list_group_deadline_ns(timers), ==, 0);
    g_assert_true(aio_poll(f->ctx, false));
    assert_log(f, "a");
    clock_enable(AIO_CLOCK_VIRTUAL, false);
}

static void test_clock_host(Fixture *f, const void *data)
{
    T a = { .f = f, .name = 'a' };

    aio_timer_init(f->ctx, &a.timer, AIO_CLOCK_HOST, SCALE_NS, t_cb, &a);
    timer_mod(&a.timer, clock_get_ns(AIO_CLOCK_HOST) + 1000);
    while (timer_pending(&a.timer)) {
        aio_poll(f->ctx, true);
    }
    assert_log(f, "a");
}

static void then_disable_host(T *t)
{
    t->then = NULL;
    atomic_store((atomic_bool *)(uintptr_t)t->arg, true);
    test_waits_for("another thread to disable the clock");
    while (clock_is_enabled(AIO_CLOCK_HOST)) {
        sched_yield();
    }
    g_string_append_c(t->f->log, '.');
}

typedef struct Disabler {
    atomic_bool in_callback;
    atomic_bool disabled;
} Disabler;

static void *disable_host(void *opaque)
{
    Disabler *d = opaque;

    while (!atomic_load(&d->in_callback)) {
        sched_yield();
    }
    clock_enable(AIO_CLOCK_HOST, false);
    atomic_store(&d->disabled, true);
    return NULL;
}

static void then_check_not_disabled(T *t)
{
    Disabler *d = (Disabler *)(uintptr_t)t->arg;

    then_disable_host(t);
    g_assert_false(atomic_load(&d->disabled));
}

static void test_clock_disable_waits(Fixture *f, const void *data)
{
    Disabler d = { false, false };
    pthread_t thread;
    T a = { .f = f, .name = 'a' }, b = { .f = f, .name = 'b' };

    G_STATIC_ASSERT(offsetof(Disabler, in_callback) == 0);
    aio_timer_init(f->ctx, &a.timer, AIO_CLOCK_HOST, SCALE_NS, t_cb, &a);
    aio_timer_init(f->ctx, &b.timer, AIO_CLOCK_HOST, SCALE_NS, t_cb, &b);
    a.then = then_check_not_disabled;
    a.arg = (uintptr_t)&d;
    timer_mod(&a.timer, 0);
    timer_mod(&b.timer, 1);
    pthread_create(&thread, NULL, disable_host, &d);
    aio_poll(f->ctx, false);
    pthread_join(thread, NULL);
    /* The second one was held back. */
    assert_log(f, "a.");

    clock_enable(AIO_CLOCK_HOST, true);
    aio_poll(f->ctx, false);
    assert_log(f, "b");
}

/* ---- Arithmetic ---- */

static void test_ns_to_ms(void)
{
    g_assert_cmpint(timeout_ns_to_ms(-1), ==, -1);
    g_assert_cmpint(timeout_ns_to_ms(INT64_MIN), ==, -1);
    g_assert_cmpint(timeout_ns_to_ms(0), ==, 0);
    g_assert_cmpint(timeout_ns_to_ms(1), ==, 1);
    g_assert_cmpint(timeout_ns_to_ms(SCALE_MS), ==, 1);
    g_assert_cmpint(timeout_ns_to_ms(SCALE_MS + 1), ==, 2);
    g_assert_cmpint(timeout_ns_to_ms(INT64_MAX), ==, INT32_MAX);
}

static void test_soonest(void)
{
    g_assert_cmpint(soonest_timeout(-1, 5), ==, 5);
    g_assert_cmpint(soonest_timeout(5, -1), ==, 5);
    g_assert_cmpint(soonest_timeout(-1, -1), ==, -1);
    g_assert_cmpint(soonest_timeout(4, 5), ==, 4);
    g_assert_cmpint(soonest_timeout(0, -1), ==, 0);
}

static void nothing(void *opaque)
{
}

static void test_unref_with_armed_aborts(void)
{
    if (g_test_subprocess()) {
        AioContext *ctx = aio_context_new(&error_abort);
        AioTimer ts;

        aio_timer_init(ctx, &ts, AIO_CLOCK_REALTIME, SCALE_NS, nothing, NULL);
        timer_mod(&ts, FAR);
        aio_context_unref(ctx);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(
        "*aio_context_unref(): 1 timers of the event loop are armed; call "
        "timer_del() for each*");
}

static const struct {
    const char *path;
    void (*test)(Fixture *f, const void *data);
} tests[] = {
    { "new/is-not-armed", test_new_is_not_armed },
    { "new/units", test_units },
    { "new/attributes", test_attributes },
    { "new/main-context", test_main_context },
    { "mod/arms", test_mod_arms },
    { "mod/fires-once", test_fires_once },
    { "mod/never-early", test_never_early },
    { "mod/negative-is-zero", test_negative_is_zero },
    { "mod/put-off", test_put_off },
    { "mod/put-off-moves-deadline", test_put_off_deadline },
    { "deadline/that-passes", test_deadline_that_passes },
    { "mod/put-off-second", test_put_off_second },
    { "anticipate/never-later", test_anticipate },
    { "del/does-not-fire", test_del_does_not_fire },
    { "order/by-time", test_order_by_time },
    { "order/of-equals", test_order_of_equals },
    { "order/against-model", test_against_model },
    { "callback/rearm-in-past", test_rearm_in_past_fires_in_same_run },
    { "callback/rearm-later", test_rearm_later_fires_in_next_run },
    { "callback/del-other", test_del_other_in_callback },
    { "callback/nested-poll", test_nested },
    { "callback/free-self", test_free_in_callback },
    { "clock/virtual-is-disabled", test_clock_virtual_is_disabled },
    { "clock/host", test_clock_host },
    { "clock/disable-waits", test_clock_disable_waits },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/aio/timer/%s",
                                                tests[i].path);

        g_test_add(path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
    g_test_add_func("/aio/timer/timeout/ns-to-ms", test_ns_to_ms);
    g_test_add_func("/aio/timer/timeout/soonest", test_soonest);
    g_test_add_func("/aio/timer/unref/armed-aborts",
                    test_unref_with_armed_aborts);
    return test_run();
}
