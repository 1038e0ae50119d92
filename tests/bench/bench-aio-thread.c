/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bottom half to another thread and back; each thread has a loop.
 *
 * In the sleeping cases no loop polls, so each direction wakes up a thread: on
 * two cores, where the CPU's own wake-up is most of the time, and on one core,
 * where the work of the loops shows.  GLib's equivalent is a source whose ready
 * time the other thread sets, libuv's is its async handle.  The floor is two
 * bare threads that alternate over two futexes.
 *
 * In the polling case the loops learn to poll, as iothreads do with their
 * default parameters.  The floor is two threads that spin, with a pause between
 * two reads, on words in separate cache lines: one store and one line that
 * moves per direction, the least that is possible.  The distance of a line from
 * the CPUs depends on its address, so that two lines took 300 ns in one run and
 * 500 in the next.  The floor therefore uses 32 lines in turn for each
 * direction.
 *
 * Both loops belong to their threads, as those of iothreads do.  What one of
 * our threads writes, the benchmark's own variables included, is on no line
 * that the other one reads, as with the floor.  Otherwise such lines would move
 * in each direction and be counted for the loop.
 *
 * The other thread runs only during a sample and is pinned, so that the
 * implementations do not disturb each other.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif

typedef struct DuoArg {
    bool one_core;
    bool polling;
} DuoArg;

static const DuoArg sleeping_two_cores = { false, false };
static const DuoArg sleeping_one_core = { true, false };
static const DuoArg polling = { false, true };

/* Some processors fetch lines in pairs. */
#define CACHE_LINES 128
#define LINES_OF_ITS_OWN __attribute__((aligned(CACHE_LINES)))

/* ---- The other thread ---- */

/* First in each implementation's state. */
typedef struct Duo {
    const DuoArg *arg;
    void (*serve)(void *state); /* until the implementation stops it */
    pthread_t thread;
    sem_t running;
    cpu_set_t old_cpus;
} Duo;

static void duo_init(Duo *duo, const void *arg, void (*serve)(void *state))
{
    duo->arg = arg;
    duo->serve = serve;
}

static void *duo_thread(void *opaque)
{
    Duo *duo = opaque;

    sem_post(&duo->running);
    duo->serve(duo);
    return NULL;
}

/* The first allowed processor after @cpu, or @cpu if there is none. */
static int next_cpu(const cpu_set_t *cpus, int cpu)
{
    for (int i = cpu + 1; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, cpus)) {
            return i;
        }
    }
    return cpu;
}

/* The thread starts on its own processor: this one may soon be spinning. */
static void duo_start_thread(Duo *duo, int cpu)
{
    pthread_attr_t attr;
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    pthread_attr_init(&attr);
    pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
    pthread_create(&duo->thread, &attr, duo_thread, duo);
    pthread_attr_destroy(&attr);
    while (sem_wait(&duo->running)) {
        /* interrupted by a signal */
    }
}

static void duo_start(Duo *duo)
{
    cpu_set_t cpus;
    int cpu;

    sched_getaffinity(0, sizeof(duo->old_cpus), &duo->old_cpus);
    cpu = next_cpu(&duo->old_cpus, -1);
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    sched_setaffinity(0, sizeof(cpus), &cpus);
    sem_init(&duo->running, 0, 0);
    duo_start_thread(duo, duo->arg->one_core
                              ? cpu : next_cpu(&duo->old_cpus, cpu));
}

static void duo_join(Duo *duo)
{
    pthread_join(duo->thread, NULL);
    sem_destroy(&duo->running);
    sched_setaffinity(0, sizeof(duo->old_cpus), &duo->old_cpus);
}

/* ---- Ours ---- */

typedef struct Ours {
    Duo duo;
    AioContext *here;
    AioContext *there;
    bool came_back LINES_OF_ITS_OWN; /* main thread */
    bool serving LINES_OF_ITS_OWN;   /* the other thread */
} Ours;

static void ours_come_back(void *opaque)
{
    ((Ours *)opaque)->came_back = true;
}

static void ours_answer(void *opaque)
{
    Ours *s = opaque;

    aio_bh_schedule_oneshot(s->here, ours_come_back, s);
}

static void ours_stop_bh(void *opaque)
{
    ((Ours *)opaque)->serving = false;
}

static void ours_serve(void *state)
{
    Ours *s = state;

    aio_set_current_context(s->there);
    s->serving = true;
    while (s->serving) {
        aio_poll(s->there, true);
    }
    aio_set_current_context(NULL);
}

static AioContext *ours_new(const DuoArg *arg)
{
    AioContext *ctx = aio_context_new(&error_abort);

    if (arg->polling) {
        aio_context_set_poll_params(ctx, 32768, 0, 0, &error_abort);
    }
    return ctx;
}

static void *ours_setup(const void *arg)
{
    Ours *s = g_aligned_alloc0(1, sizeof(Ours), CACHE_LINES);

    duo_init(&s->duo, arg, ours_serve);
    s->here = ours_new(arg);
    s->there = ours_new(arg);
    return s;
}

static void ours_before(void *state, uint64_t n)
{
    Ours *s = state;

    aio_set_current_context(s->here);
    duo_start(&s->duo);
}

static void ours_round_trips(void *state, uint64_t n)
{
    Ours *s = state;

    while (n--) {
        s->came_back = false;
        aio_bh_schedule_oneshot(s->there, ours_answer, s);
        while (!s->came_back) {
            aio_poll(s->here, true);
        }
    }
}

static void ours_after(void *state, uint64_t n)
{
    Ours *s = state;

    aio_bh_schedule_oneshot(s->there, ours_stop_bh, s);
    duo_join(&s->duo);
    aio_set_current_context(NULL);
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    aio_context_unref(s->here);
    aio_context_unref(s->there);
    g_aligned_free(s);
}

/* ---- GLib ---- */

typedef struct GlibSide {
    GMainContext *context;
    GSource *source;
} GlibSide;

typedef struct Glib {
    Duo duo;
    GlibSide here;
    GlibSide there;
    bool came_back; /* main thread */
    atomic_bool end;
} Glib;

static gboolean glib_dispatch(GSource *source, GSourceFunc callback,
                              gpointer opaque)
{
    g_source_set_ready_time(source, -1);
    return callback ? callback(opaque) : G_SOURCE_CONTINUE;
}

static GSourceFuncs glib_funcs = { .dispatch = glib_dispatch };

static gboolean glib_come_back(gpointer opaque)
{
    ((Glib *)opaque)->came_back = true;
    return G_SOURCE_CONTINUE;
}

static gboolean glib_answer(gpointer opaque)
{
    g_source_set_ready_time(((Glib *)opaque)->here.source, 0);
    return G_SOURCE_CONTINUE;
}

static void glib_serve(void *state)
{
    Glib *s = state;

    while (!atomic_load(&s->end)) {
        g_main_context_iteration(s->there.context, TRUE);
    }
}

static void glib_side_init(Glib *s, GlibSide *side, GSourceFunc cb)
{
    side->context = g_main_context_new();
    side->source = g_source_new(&glib_funcs, sizeof(GSource));
    g_source_set_callback(side->source, cb, s, NULL);
    g_source_attach(side->source, side->context);
}

static void *glib_setup(const void *arg)
{
    Glib *s = g_new0(Glib, 1);

    duo_init(&s->duo, arg, glib_serve);
    glib_side_init(s, &s->here, glib_come_back);
    glib_side_init(s, &s->there, glib_answer);
    return s;
}

static void glib_before(void *state, uint64_t n)
{
    Glib *s = state;

    atomic_store(&s->end, false);
    duo_start(&s->duo);
}

static void glib_round_trips(void *state, uint64_t n)
{
    Glib *s = state;

    while (n--) {
        s->came_back = false;
        g_source_set_ready_time(s->there.source, 0);
        while (!s->came_back) {
            g_main_context_iteration(s->here.context, TRUE);
        }
    }
}

static void glib_after(void *state, uint64_t n)
{
    Glib *s = state;

    atomic_store(&s->end, true);
    g_main_context_wakeup(s->there.context);
    duo_join(&s->duo);
}

static void glib_side_cleanup(GlibSide *side)
{
    g_source_destroy(side->source);
    g_source_unref(side->source);
    g_main_context_unref(side->context);
}

static void glib_teardown(void *state)
{
    Glib *s = state;

    glib_side_cleanup(&s->here);
    glib_side_cleanup(&s->there);
    g_free(s);
}

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct UvSide {
    uv_loop_t loop;
    uv_async_t async;
} UvSide;

typedef struct Uv {
    Duo duo;
    UvSide here;
    UvSide there;
    bool came_back; /* main thread */
    atomic_bool end;
} Uv;

static void libuv_come_back(uv_async_t *async)
{
    ((Uv *)async->data)->came_back = true;
}

static void libuv_answer(uv_async_t *async)
{
    Uv *s = async->data;

    if (atomic_load(&s->end)) {
        uv_stop(&s->there.loop);
    } else {
        uv_async_send(&s->here.async);
    }
}

static void libuv_serve(void *state)
{
    uv_run(&((Uv *)state)->there.loop, UV_RUN_DEFAULT);
}

static void libuv_side_init(Uv *s, UvSide *side, uv_async_cb cb)
{
    uv_loop_init(&side->loop);
    uv_async_init(&side->loop, &side->async, cb);
    side->async.data = s;
}

static void *libuv_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    duo_init(&s->duo, arg, libuv_serve);
    libuv_side_init(s, &s->here, libuv_come_back);
    libuv_side_init(s, &s->there, libuv_answer);
    return s;
}

static void libuv_before(void *state, uint64_t n)
{
    Uv *s = state;

    atomic_store(&s->end, false);
    duo_start(&s->duo);
}

static void libuv_round_trips(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        s->came_back = false;
        uv_async_send(&s->there.async);
        while (!s->came_back) {
            uv_run(&s->here.loop, UV_RUN_ONCE);
        }
    }
}

static void libuv_after(void *state, uint64_t n)
{
    Uv *s = state;

    atomic_store(&s->end, true);
    uv_async_send(&s->there.async);
    duo_join(&s->duo);
}

static void libuv_side_cleanup(UvSide *side)
{
    uv_close((uv_handle_t *)&side->async, NULL);
    uv_run(&side->loop, UV_RUN_DEFAULT);
    uv_loop_close(&side->loop);
}

static void libuv_teardown(void *state)
{
    Uv *s = state;

    libuv_side_cleanup(&s->here);
    libuv_side_cleanup(&s->there);
    g_free(s);
}
#endif

/* ---- The floors ---- */

#define FLOOR_STOP UINT_MAX

typedef struct FloorWord {
    atomic_uint value;
} LINES_OF_ITS_OWN FloorWord;

#define FLOOR_WORDS 32

/* Each for the calls whose number it is, modulo FLOOR_WORDS. */
typedef struct FloorWords {
    FloorWord there[FLOOR_WORDS]; /* main thread writes: number of the call */
    FloorWord here[FLOOR_WORDS]; /* the other thread writes: of the answer */
} FloorWords;

typedef struct Floor {
    Duo duo;
    FloorWords *words;
} Floor;

static void floor_send(Floor *s, FloorWord words[FLOOR_WORDS],
                       unsigned number, unsigned value)
{
    atomic_uint *word = &words[number % FLOOR_WORDS].value;

    if (s->duo.arg->polling) {
        atomic_store_explicit(word, value, memory_order_release);
    } else {
        atomic_store(word, value);
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

/* Wait for that @number.  Returns: false if it is FLOOR_STOP */
static bool floor_receive(Floor *s, FloorWord words[FLOOR_WORDS],
                          unsigned number)
{
    atomic_uint *word = &words[number % FLOOR_WORDS].value;
    unsigned value;

    while ((value = atomic_load_explicit(word, memory_order_acquire)) !=
               number &&
           value != FLOOR_STOP) {
        if (s->duo.arg->polling) {
#ifdef __x86_64__
            __builtin_ia32_pause();
#endif
        } else {
            syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL,
                    0);
        }
    }
    return value == number;
}

static void floor_serve(void *state)
{
    Floor *s = state;

    for (unsigned i = 1; floor_receive(s, s->words->there, i); i++) {
        floor_send(s, s->words->here, i, i);
    }
}

static void *floor_setup(const void *arg)
{
    Floor *s = g_new0(Floor, 1);

    duo_init(&s->duo, arg, floor_serve);
    s->words = g_aligned_alloc0(1, sizeof(*s->words), CACHE_LINES);
    return s;
}

static void floor_before(void *state, uint64_t n)
{
    Floor *s = state;

    memset(s->words, 0, sizeof(*s->words));
    duo_start(&s->duo);
}

static void floor_round_trips(void *state, uint64_t n)
{
    Floor *s = state;

    for (unsigned i = 1; i <= n; i++) {
        floor_send(s, s->words->there, i, i);
        floor_receive(s, s->words->here, i);
    }
}

static void floor_after(void *state, uint64_t n)
{
    Floor *s = state;

    floor_send(s, s->words->there, n + 1, FLOOR_STOP);
    duo_join(&s->duo);
}

static void floor_teardown(void *state)
{
    Floor *s = state;

    g_aligned_free(s->words);
    g_free(s);
}

/* ---- The table ---- */

#define IMPL(prefix, text) \
    { text, prefix##_setup, prefix##_before, prefix##_round_trips, \
      prefix##_after, prefix##_teardown }

#ifdef HAVE_LIBUV
#define LIBUV IMPL(libuv, "libuv"),
#else
#define LIBUV
#endif

#define MAX_OPS 100000

static const BenchCase cases[] = {
    {
        .name = "aio/thread/sleeping-two-cores",
        .arg = &sleeping_two_cores,
        .max_ops = MAX_OPS,
        .ours = IMPL(ours, "ours"),
        .peers = { IMPL(glib, "glib"), LIBUV IMPL(floor, "floor") },
    },
    {
        .name = "aio/thread/sleeping-one-core",
        .arg = &sleeping_one_core,
        .max_ops = MAX_OPS,
        .ours = IMPL(ours, "ours"),
        .peers = { IMPL(glib, "glib"), LIBUV IMPL(floor, "floor") },
    },
    {
        .name = "aio/thread/polling",
        .arg = &polling,
        .max_ops = MAX_OPS,
        .ours = IMPL(ours, "ours"),
        .peers = { IMPL(floor, "floor") },
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
