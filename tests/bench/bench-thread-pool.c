/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool: have another thread call a function that does nothing, and
 * be told in the loop.
 *
 * An operation is one request: one at a time, or as one of 64 in flight,
 * where each callback submits the next.  libuv's pool has its four threads and
 * one queue for the process; GLib's GThreadPool has four, and brings results
 * back as idle sources.  The floor of one at a time is a futex and an eventfd:
 * a thread that sleeps is woken up, and wakes up a loop that sleeps in epoll.
 * That of 64 is two rings between two threads that never sleep.
 */
#include "aio/aio.h"
#include "aio/thread-pool.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"
#include "util/thread.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif

#define IN_FLIGHT 64
#define PEER_THREADS 4

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

static uint64_t first_ones(const void *arg)
{
    uint64_t n = MIN(left, (uint64_t)GPOINTER_TO_UINT(arg));

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
    const void *arg;
} Ours;

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->ctx = aio_context_new(&error_abort);
    s->arg = arg;
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
    for (uint64_t i = first_ones(s->arg); i > 0; i--) {
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
    const void *arg;
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

    s->ctx = g_main_context_new();
    s->pool = g_thread_pool_new(glib_work, NULL, PEER_THREADS, TRUE, NULL);
    s->arg = arg;
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
    for (uint64_t i = first_ones(s->arg); i > 0; i--) {
        g_thread_pool_push(s->pool, s, NULL);
    }
    while (undone > 0) {
        g_main_context_iteration(s->ctx, TRUE);
    }
}

#define GLIB { .name = "glib", .setup = glib_setup, .run = glib_run, \
               .teardown = glib_teardown },

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    uv_loop_t loop;
    uv_work_t reqs[IN_FLIGHT];
    const void *arg;
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

    uv_loop_init(&s->loop);
    s->arg = arg;
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
    for (uint64_t i = first_ones(s->arg); i > 0; i--) {
        uv_queue_work(&s->loop, &s->reqs[i - 1], uv_bench_work,
                      uv_bench_done);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

#define LIBUV { .name = "libuv", .setup = uv_bench_setup, \
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

#define OURS { .setup = ours_setup, .run = ours_run, \
               .teardown = ours_teardown }

static const BenchCase cases[] = {
    { .name = "thread-pool/one-at-a-time",
      .arg = GUINT_TO_POINTER(1),
      .ours = OURS,
      .peers = { GLIB LIBUV
                 { .name = "floor", .setup = floor_one_setup,
                   .run = floor_one_run, .teardown = floor_one_teardown } } },
    { .name = "thread-pool/64-in-flight",
      .arg = GUINT_TO_POINTER(IN_FLIGHT),
      .ours = OURS,
      .peers = { GLIB LIBUV
                 { .name = "floor", .setup = floor_many_setup,
                   .run = floor_many_run,
                   .teardown = floor_many_teardown } } },
    { NULL }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
