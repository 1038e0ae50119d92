/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool: another thread calls a function that does nothing, and the
 * loop receives the result.
 *
 * An operation is one request: one at a time, or as one of 64 in flight, where
 * each callback submits the next.  libuv's pool has its four threads and one
 * queue per process.  GLib's GThreadPool has four, and returns results as idle
 * sources.  The floor of one at a time is a futex and an eventfd: a sleeping
 * thread is woken up and wakes up a loop that sleeps in epoll.  The floor of 64
 * is two rings between two threads that never sleep.
 *
 * Waking up a thread on another CPU takes ten times as long as on the same one,
 * and it is a matter of luck, which lasts, where the scheduler places a pair of
 * threads.  One at a time is therefore measured for both: all other threads are
 * pinned to the CPU of the loop, or to another one.
 */
#include "aio/aio.h"
#include "aio/thread-pool/thread-pool.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"
#include "util/thread.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif

#define IN_FLIGHT 64
#define PEER_THREADS 4

typedef enum Placement {
    ANYWHERE,
    ONE_CORE,
    TWO_CORES,
} Placement;

typedef struct Load {
    unsigned in_flight;
    Placement placement;
} Load;

/* ---- Where threads run ---- */

/* What the process had at first. */
static cpu_set_t all_cpus;

static cpu_set_t nth_cpu(int n)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all_cpus) && n-- == 0) {
            CPU_SET(i, &set);
        }
    }
    return CPU_COUNT(&set) > 0 ? set : all_cpus;
}

/* Places all threads, also those that the library has just created. */
static void place_threads(Placement placement)
{
    cpu_set_t here = placement == ANYWHERE ? all_cpus : nth_cpu(0);
    cpu_set_t there = placement == TWO_CORES ? nth_cpu(1) : here;
    GDir *dir = g_dir_open("/proc/self/task", 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)) != NULL) {
        pid_t id = atoi(name);

        sched_setaffinity(id, sizeof(here), id == getpid() ? &here : &there);
    }
    g_clear_pointer(&dir, g_dir_close);
}

/* Of the case that runs. */
static const Load *load;

static void place(void *state, uint64_t n)
{
    place_threads(load->placement);
}

/* ---- The work ---- */

/* How many are still to be submitted, and to be done. */
static uint64_t left;
static uint64_t undone;

static void begin(uint64_t n)
{
    left = n;
    undone = n;
}

/* Returns: true if another one is to be submitted */
static bool one_done(void)
{
    undone--;
    return left > 0 && left--;
}

static uint64_t first_ones(void)
{
    uint64_t n = MIN(left, load->in_flight);

    left -= n;
    return n;
}

static int work(void *opaque)
{
    return 0;
}

/* ---- Ours ---- */

typedef struct Ours {
    AioContext *ctx;
} Ours;

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    load = arg;
    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    return s;
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s);
}

static void ours_done(void *opaque, int ret)
{
    if (one_done()) {
        thread_pool_submit_aio(work, NULL, ours_done, NULL);
    }
}

static void ours_run(void *state, uint64_t n)
{
    Ours *s = state;

    begin(n);
    for (uint64_t i = first_ones(); i > 0; i--) {
        thread_pool_submit_aio(work, NULL, ours_done, NULL);
    }
    while (undone > 0) {
        aio_poll(s->ctx, true);
    }
}

/* ---- GLib ---- */

typedef struct Glib {
    GMainContext *ctx;
    GThreadPool *pool;
} Glib;

static gboolean glib_done(gpointer opaque)
{
    Glib *s = opaque;

    if (one_done()) {
        g_thread_pool_push(s->pool, s, NULL);
    }
    return G_SOURCE_REMOVE;
}

static void glib_work(gpointer data, gpointer opaque)
{
    Glib *s = data;
    GSource *source = g_idle_source_new();

    g_source_set_callback(source, glib_done, s, NULL);
    g_source_attach(source, s->ctx);
    g_source_unref(source);
}

static void *glib_setup(const void *arg)
{
    Glib *s = g_new0(Glib, 1);

    load = arg;
    s->ctx = g_main_context_new();
    s->pool = g_thread_pool_new(glib_work, NULL, PEER_THREADS, TRUE, NULL);
    return s;
}

static void glib_teardown(void *state)
{
    Glib *s = state;

    g_thread_pool_free(s->pool, FALSE, TRUE);
    g_main_context_unref(s->ctx);
    g_free(s);
}

static void glib_run(void *state, uint64_t n)
{
    Glib *s = state;

    begin(n);
    for (uint64_t i = first_ones(); i > 0; i--) {
        g_thread_pool_push(s->pool, s, NULL);
    }
    while (undone > 0) {
        g_main_context_iteration(s->ctx, TRUE);
    }
}

#define GLIB { .name = "glib", .setup = glib_setup, .before = place, \
               .run = glib_run, .teardown = glib_teardown },

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    uv_loop_t loop;
    uv_work_t reqs[IN_FLIGHT];
} Uv;

static void uv_bench_work(uv_work_t *req)
{
}

static void uv_bench_done(uv_work_t *req, int status)
{
    if (one_done()) {
        uv_queue_work(req->loop, req, uv_bench_work, uv_bench_done);
    }
}

static void *uv_bench_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    load = arg;
    uv_loop_init(&s->loop);
    return s;
}

static void uv_bench_teardown(void *state)
{
    Uv *s = state;

    uv_loop_close(&s->loop);
    g_free(s);
}

static void uv_bench_run(void *state, uint64_t n)
{
    Uv *s = state;

    begin(n);
    for (uint64_t i = first_ones(); i > 0; i--) {
        uv_queue_work(&s->loop, &s->reqs[i - 1], uv_bench_work,
                      uv_bench_done);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

#define LIBUV { .name = "libuv", .setup = uv_bench_setup, .before = place, \
                .run = uv_bench_run, .teardown = uv_bench_teardown },
#else
#define LIBUV
#endif

/* ---- The floors ---- */

typedef struct Floor {
    Thread thread;
    atomic_uint word; /* 0: none, 1: a request, 2: the end */
    int event_fd;
    int epoll_fd;
    _Atomic uint64_t sent __attribute__((aligned(64)));
    _Atomic uint64_t answered __attribute__((aligned(64)));
    atomic_bool stop;
} Floor;

static void *floor_sleeper(void *opaque)
{
    Floor *s = opaque;
    uint64_t one = 1;

    while (true) {
        while (atomic_load(&s->word) == 0) {
            syscall(SYS_futex, &s->word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL,
                    0);
        }
        if (atomic_exchange(&s->word, 0) == 2) {
            return NULL;
        }
        if (write(s->event_fd, &one, sizeof(one)) != sizeof(one)) {
            g_assert_not_reached();
        }
    }
}

static void floor_post(Floor *s, unsigned value)
{
    atomic_store(&s->word, value);
    syscall(SYS_futex, &s->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *floor_one_setup(const void *arg)
{
    Floor *s = g_aligned_alloc0(1, sizeof(*s), 64);
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };

    s->event_fd = eventfd(0, EFD_CLOEXEC);
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->event_fd, &event);
    load = arg;
    thread_create(&s->thread, "floor", 0, floor_sleeper, s);
    return s;
}

static void floor_one_teardown(void *state)
{
    Floor *s = state;

    floor_post(s, 2);
    thread_join(&s->thread);
    close(s->epoll_fd);
    close(s->event_fd);
    g_aligned_free(s);
}

static void floor_one_run(void *state, uint64_t n)
{
    Floor *s = state;
    struct epoll_event event;

    while (n--) {
        floor_post(s, 1);
        epoll_wait(s->epoll_fd, &event, 1, -1);
    }
}

static void *floor_answer(void *opaque)
{
    Floor *s = opaque;
    unsigned turns = 0;

    while (!atomic_load(&s->stop)) {
        uint64_t sent = atomic_load(&s->sent);

        if (sent != atomic_load(&s->answered)) {
            atomic_fetch_add(&s->answered, 1);
        } else if (turns++ % 64 == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static void *floor_many_setup(const void *arg)
{
    Floor *s = g_aligned_alloc0(1, sizeof(*s), 64);

    load = arg;
    thread_create(&s->thread, "floor", 0, floor_answer, s);
    return s;
}

static void floor_many_teardown(void *state)
{
    Floor *s = state;

    atomic_store(&s->stop, true);
    thread_join(&s->thread);
    g_aligned_free(s);
}

static void floor_many_run(void *state, uint64_t n)
{
    Floor *s = state;
    uint64_t end = atomic_load(&s->sent) + n;
    unsigned turns = 0;

    while (atomic_load(&s->answered) != end) {
        uint64_t sent = atomic_load(&s->sent);

        if (sent != end && sent - atomic_load(&s->answered) < IN_FLIGHT) {
            atomic_fetch_add(&s->sent, 1);
        } else if (turns++ % 64 == 0) {
            sched_yield();
        }
    }
}

#define OURS { .setup = ours_setup, .before = place, .run = ours_run, \
               .teardown = ours_teardown }

#define ONE_CASE(case_name, placement_)                                     \
    { .name = "thread-pool/one-at-a-time-" case_name,                       \
      .arg = &(const Load) { 1, placement_ },                               \
      .ours = OURS,                                                         \
      .peers = { GLIB LIBUV                                                 \
                 { .name = "floor", .setup = floor_one_setup,               \
                   .before = place, .run = floor_one_run,                   \
                   .teardown = floor_one_teardown } } }

static const BenchCase cases[] = {
    ONE_CASE("two-cores", TWO_CORES),
    ONE_CASE("one-core", ONE_CORE),
    { .name = "thread-pool/64-in-flight",
      .arg = &(const Load) { IN_FLIGHT, ANYWHERE },
      .ours = OURS,
      .peers = { GLIB LIBUV
                 { .name = "floor", .setup = floor_many_setup,
                   .before = place, .run = floor_many_run,
                   .teardown = floor_many_teardown } } },
    { NULL }
};

int main(int argc, char **argv)
{
    sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
    return bench_main(argc, argv, cases);
}
