/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers, while n timers are armed.
 *
 * "put-off" moves the timer that expires first to the end, again and again, as
 * a server does with its timeouts.  "move" moves one timer after the other to a
 * random time, earlier or later; "del-and-arm" disarms it before.
 * "arm-and-fire" arms n timers at random times in the past and runs the loop
 * until all have fired; an operation is one timer.  libuv cannot do this,
 * because its times are milliseconds from now.
 *
 * The floor is a plain heap with four children per node and without a lock,
 * which knows the position of each timer.
 */
#include "aio/timer.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#ifdef HAVE_LIBUV
#include <uv.h>
#endif
#ifdef HAVE_LIBEV
#include <ev.h>
#endif

#define HOUR_NS (3600 * NANOSECONDS_PER_SECOND)
#define N_RANDOM 8192 /* random numbers, used in turn */

static uint32_t random_ms[N_RANDOM];
static uint64_t fired;

static const unsigned n_10 = 10;
static const unsigned n_1000 = 1000;
static const unsigned n_10000 = 10000;
static const unsigned n_100000 = 100000;

/* What all implementations share. */
typedef struct Load {
    unsigned n;
    unsigned next; /* timer */
    unsigned step;
} Load;

static unsigned load_next(Load *load)
{
    unsigned i = load->next;

    load->next = i + 1 == load->n ? 0 : i + 1;
    load->step++;
    return i;
}

static unsigned load_random(const Load *load)
{
    return random_ms[load->step % N_RANDOM];
}

/* ---- Ours ---- */

typedef struct Ours {
    Load load;
    AioContext *ctx;
    int64_t base_ns;
    AioTimer *timers;
} Ours;

static void ours_fired(void *opaque)
{
    fired++;
}

static Ours *ours_new(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->load.n = *(const unsigned *)arg;
    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    s->base_ns = clock_get_ns(AIO_CLOCK_REALTIME) + HOUR_NS;
    s->timers = g_new(AioTimer, s->load.n);
    for (unsigned i = 0; i < s->load.n; i++) {
        aio_timer_init(s->ctx, &s->timers[i], AIO_CLOCK_REALTIME, SCALE_NS,
                       ours_fired, NULL);
    }
    return s;
}

static void ours_put_off(void *state, uint64_t n)
{
    Ours *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        timer_mod_ns(&s->timers[i], s->base_ns + s->load.step * SCALE_MS);
    }
}

static void ours_move(void *state, uint64_t n)
{
    Ours *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        timer_mod_ns(&s->timers[i],
                     s->base_ns + (int64_t)load_random(&s->load) * SCALE_MS);
    }
}

static void ours_del_and_arm(void *state, uint64_t n)
{
    Ours *s = state;

    while (n--) {
        AioTimer *ts = &s->timers[load_next(&s->load)];

        timer_del(ts);
        timer_mod_ns(ts, s->base_ns +
                             (int64_t)load_random(&s->load) * SCALE_MS);
    }
}

static void ours_arm_and_fire(void *state, uint64_t n)
{
    Ours *s = state;

    for (; n > 0; n -= MIN(n, s->load.n)) {
        uint64_t batch = MIN(n, s->load.n);

        fired = 0;
        for (uint64_t i = 0; i < batch; i++) {
            timer_mod_ns(&s->timers[load_next(&s->load)],
                         load_random(&s->load));
        }
        while (fired < batch) {
            aio_poll(s->ctx, true);
        }
    }
}

static void *ours_setup(const void *arg)
{
    Ours *s = ours_new(arg);

    ours_put_off(s, s->load.n);
    return s;
}

static void *ours_setup_idle(const void *arg)
{
    return ours_new(arg);
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    for (unsigned i = 0; i < s->load.n; i++) {
        timer_del(&s->timers[i]);
    }
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s->timers);
    g_free(s);
}

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    Load load;
    uv_loop_t loop;
    uv_timer_t *timers;
} Uv;

static void libuv_fired(uv_timer_t *timer)
{
    fired++;
}

static void libuv_put_off(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        uv_timer_start(&s->timers[i], libuv_fired, 3600000 + s->load.step, 0);
    }
}

static void libuv_move(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        uv_timer_start(&s->timers[i], libuv_fired,
                       3600000 + load_random(&s->load), 0);
    }
}

static void libuv_del_and_arm(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        uv_timer_stop(&s->timers[i]);
        uv_timer_start(&s->timers[i], libuv_fired,
                       3600000 + load_random(&s->load), 0);
    }
}

static void *libuv_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    s->load.n = *(const unsigned *)arg;
    uv_loop_init(&s->loop);
    s->timers = g_new(uv_timer_t, s->load.n);
    for (unsigned i = 0; i < s->load.n; i++) {
        uv_timer_init(&s->loop, &s->timers[i]);
    }
    libuv_put_off(s, s->load.n);
    return s;
}

static void libuv_teardown(void *state)
{
    Uv *s = state;

    for (unsigned i = 0; i < s->load.n; i++) {
        uv_close((uv_handle_t *)&s->timers[i], NULL);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    g_free(s->timers);
    g_free(s);
}
#endif

/* ---- libev ---- */

#ifdef HAVE_LIBEV
typedef struct Ev {
    Load load;
    struct ev_loop *loop;
    ev_timer *timers;
} Ev;

static void libev_fired(struct ev_loop *loop, ev_timer *w, int revents)
{
    fired++;
}

/* The documented way to put a timer off. */
static void libev_again(Ev *s, unsigned i, double seconds)
{
    s->timers[i].repeat = seconds;
    ev_timer_again(s->loop, &s->timers[i]);
}

static void libev_put_off(void *state, uint64_t n)
{
    Ev *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        libev_again(s, i, 3600 + s->load.step * 1e-3);
    }
}

static void libev_move(void *state, uint64_t n)
{
    Ev *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        libev_again(s, i, 3600 + load_random(&s->load) * 1e-3);
    }
}

static void libev_del_and_arm(void *state, uint64_t n)
{
    Ev *s = state;

    while (n--) {
        ev_timer *w = &s->timers[load_next(&s->load)];

        ev_timer_stop(s->loop, w);
        ev_timer_set(w, 3600 + load_random(&s->load) * 1e-3, 0);
        ev_timer_start(s->loop, w);
    }
}

static void libev_arm_and_fire(void *state, uint64_t n)
{
    Ev *s = state;

    for (; n > 0; n -= MIN(n, s->load.n)) {
        uint64_t batch = MIN(n, s->load.n);

        fired = 0;
        for (uint64_t i = 0; i < batch; i++) {
            ev_timer *w = &s->timers[load_next(&s->load)];

            ev_timer_set(w, -1 - load_random(&s->load) * 1e-9, 0);
            ev_timer_start(s->loop, w);
        }
        while (fired < batch) {
            ev_run(s->loop, EVRUN_ONCE);
        }
    }
}

static void *libev_setup_idle(const void *arg)
{
    Ev *s = g_new0(Ev, 1);

    s->load.n = *(const unsigned *)arg;
    s->loop = ev_loop_new(EVBACKEND_EPOLL);
    s->timers = g_new0(ev_timer, s->load.n);
    for (unsigned i = 0; i < s->load.n; i++) {
        ev_timer_init(&s->timers[i], libev_fired, 0, 0);
    }
    return s;
}

static void *libev_setup(const void *arg)
{
    Ev *s = libev_setup_idle(arg);

    libev_put_off(s, s->load.n);
    return s;
}

static void libev_teardown(void *state)
{
    Ev *s = state;

    ev_loop_destroy(s->loop);
    g_free(s->timers);
    g_free(s);
}
#endif

/* ---- GLib ---- */

typedef struct Glib {
    Load load;
    GMainContext *context;
    GSource **timers;
    gint64 base_us;
} Glib;

static GSourceFuncs glib_funcs = { NULL };

static void glib_put_off(void *state, uint64_t n)
{
    Glib *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        g_source_set_ready_time(s->timers[i],
                                s->base_us + s->load.step * 1000LL);
    }
}

static void glib_move(void *state, uint64_t n)
{
    Glib *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        g_source_set_ready_time(
            s->timers[i], s->base_us + load_random(&s->load) * 1000LL);
    }
}

static void glib_del_and_arm(void *state, uint64_t n)
{
    Glib *s = state;

    while (n--) {
        GSource *source = s->timers[load_next(&s->load)];

        g_source_set_ready_time(source, -1);
        g_source_set_ready_time(
            source, s->base_us + load_random(&s->load) * 1000LL);
    }
}

/* GLib keeps no order when arming: it searches all in every iteration. */
static void *glib_setup(const void *arg)
{
    Glib *s = g_new0(Glib, 1);

    s->load.n = *(const unsigned *)arg;
    s->context = g_main_context_new();
    s->base_us = g_get_monotonic_time() + HOUR_NS / 1000;
    s->timers = g_new(GSource *, s->load.n);
    for (unsigned i = 0; i < s->load.n; i++) {
        s->timers[i] = g_source_new(&glib_funcs, sizeof(GSource));
        g_source_attach(s->timers[i], s->context);
    }
    glib_put_off(s, s->load.n);
    return s;
}

static void glib_teardown(void *state)
{
    Glib *s = state;

    for (unsigned i = 0; i < s->load.n; i++) {
        g_source_destroy(s->timers[i]);
        g_source_unref(s->timers[i]);
    }
    g_main_context_unref(s->context);
    g_free(s->timers);
    g_free(s);
}

/* ---- The floor ---- */

typedef struct Entry {
    int64_t time;
    unsigned timer;
} Entry;

typedef struct Floor {
    Load load;
    Entry *heap;
    unsigned n;
    unsigned *index; /* by timer; n of the load: not in the heap */
} Floor;

static void floor_up(Floor *s, unsigned i, Entry e)
{
    while (i > 0 && e.time < s->heap[(i - 1) / 4].time) {
        s->heap[i] = s->heap[(i - 1) / 4];
        s->index[s->heap[i].timer] = i;
        i = (i - 1) / 4;
    }
    s->heap[i] = e;
    s->index[e.timer] = i;
}

static void floor_down(Floor *s, unsigned i, Entry e)
{
    unsigned child;

    while ((child = i * 4 + 1) < s->n) {
        unsigned best = child;

        for (unsigned j = child + 1; j < MIN(child + 4, s->n); j++) {
            best = s->heap[j].time < s->heap[best].time ? j : best;
        }
        if (e.time <= s->heap[best].time) {
            break;
        }
        s->heap[i] = s->heap[best];
        s->index[s->heap[i].timer] = i;
        i = best;
    }
    s->heap[i] = e;
    s->index[e.timer] = i;
}

static void floor_mod(Floor *s, unsigned timer, int64_t time)
{
    unsigned i = s->index[timer];

    if (i == s->load.n) {
        i = s->n++;
        floor_up(s, i, (Entry) { time, timer });
    } else if (time < s->heap[i].time) {
        floor_up(s, i, (Entry) { time, timer });
    } else {
        floor_down(s, i, (Entry) { time, timer });
    }
}

static void floor_put_off(void *state, uint64_t n)
{
    Floor *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        floor_mod(s, i, s->load.step);
    }
}

static void floor_move(void *state, uint64_t n)
{
    Floor *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        floor_mod(s, i, load_random(&s->load));
    }
}

static void floor_del(Floor *s, unsigned timer)
{
    unsigned i = s->index[timer];
    Entry last = s->heap[--s->n];

    s->index[timer] = s->load.n;
    if (last.timer == timer) {
        return;
    }
    s->index[last.timer] = i;
    if (i > 0 && last.time < s->heap[(i - 1) / 4].time) {
        floor_up(s, i, last);
    } else {
        floor_down(s, i, last);
    }
}

static void floor_del_and_arm(void *state, uint64_t n)
{
    Floor *s = state;

    while (n--) {
        unsigned i = load_next(&s->load);

        floor_del(s, i);
        floor_mod(s, i, load_random(&s->load));
    }
}

static void floor_fire_all(Floor *s)
{
    while (s->n > 0) {
        s->index[s->heap[0].timer] = s->load.n;
        if (--s->n > 0) {
            floor_down(s, 0, s->heap[s->n]);
        }
        fired++;
    }
}

static void floor_arm_and_fire(void *state, uint64_t n)
{
    Floor *s = state;

    for (; n > 0; n -= MIN(n, s->load.n)) {
        uint64_t batch = MIN(n, s->load.n);

        floor_move(s, batch);
        floor_fire_all(s);
    }
}

static void *floor_setup_idle(const void *arg)
{
    Floor *s = g_new0(Floor, 1);

    s->load.n = *(const unsigned *)arg;
    s->heap = g_new(Entry, s->load.n);
    s->index = g_new(unsigned, s->load.n);
    for (unsigned i = 0; i < s->load.n; i++) {
        s->index[i] = s->load.n;
    }
    return s;
}

static void *floor_setup(const void *arg)
{
    Floor *s = floor_setup_idle(arg);

    floor_put_off(s, s->load.n);
    return s;
}

static void floor_teardown(void *state)
{
    Floor *s = state;

    g_free(s->heap);
    g_free(s->index);
    g_free(s);
}

/* ---- Tables ---- */

#define IMPL(lib, fn) \
    .setup = lib##_setup, .run = lib##_##fn, .teardown = lib##_teardown
#define IMPL_IDLE(lib, fn) \
    .setup = lib##_setup_idle, .run = lib##_##fn, .teardown = lib##_teardown

#ifdef HAVE_LIBUV
#define LIBUV(fn) { "libuv", IMPL(libuv, fn) },
#else
#define LIBUV(fn)
#endif
#ifdef HAVE_LIBEV
#define LIBEV(fn) { "libev", IMPL(libev, fn) },
#define LIBEV_IDLE(fn) { "libev", IMPL_IDLE(libev, fn) },
#else
#define LIBEV(fn)
#define LIBEV_IDLE(fn)
#endif

#define REARM(name_, arg_, fn)                                          \
    {                                                                   \
        .name = name_,                                                  \
        .arg = arg_,                                                    \
        .ours = { IMPL(ours, fn) },                                     \
        .peers = {                                                      \
            { "glib", IMPL(glib, fn) },                                 \
            LIBUV(fn)                                                   \
            LIBEV(fn)                                                   \
            { "floor", IMPL(floor, fn) },                               \
        },                                                              \
    }

#define FIRE(name_, arg_)                                               \
    {                                                                   \
        .name = name_,                                                  \
        .arg = arg_,                                                    \
        .ours = { IMPL_IDLE(ours, arm_and_fire) },                      \
        .peers = {                                                      \
            LIBEV_IDLE(arm_and_fire)                                    \
            { "floor", IMPL_IDLE(floor, arm_and_fire) },                \
        },                                                              \
    }

static const BenchCase cases[] = {
    REARM("aio/timer/put-off/10", &n_10, put_off),
    REARM("aio/timer/put-off/1000", &n_1000, put_off),
    REARM("aio/timer/put-off/10000", &n_10000, put_off),
    REARM("aio/timer/put-off/100000", &n_100000, put_off),
    REARM("aio/timer/move/10", &n_10, move),
    REARM("aio/timer/move/1000", &n_1000, move),
    REARM("aio/timer/move/10000", &n_10000, move),
    REARM("aio/timer/move/100000", &n_100000, move),
    REARM("aio/timer/del-and-arm/10", &n_10, del_and_arm),
    REARM("aio/timer/del-and-arm/1000", &n_1000, del_and_arm),
    REARM("aio/timer/del-and-arm/100000", &n_100000, del_and_arm),
    FIRE("aio/timer/arm-and-fire/10", &n_10),
    FIRE("aio/timer/arm-and-fire/1000", &n_1000),
    FIRE("aio/timer/arm-and-fire/100000", &n_100000),
    { NULL },
};

int main(int argc, char **argv)
{
    GRand *rand = g_rand_new_with_seed(1);

    for (unsigned i = 0; i < N_RANDOM; i++) {
        random_ms[i] = g_rand_int_range(rand, 0, 10000000);
    }
    g_rand_free(rand);
    return bench_main(argc, argv, cases);
}
