/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bottom halves: a thread schedules one, and the loop calls it.
 *
 * In the cases with one thread an operation is one call, alone in an iteration
 * or as one of 64. The nearest equivalents of the peers are GLib's idle source;
 * libuv's idle handle, which only the loop's own thread may start ("libuv"),
 * and its async handle, which any thread may send ("libuv-async"); and libev's
 * ev_feed_event(), again only for the loop's own thread.  The floor is the
 * least that a queue costs which other threads may use: an atomic push, an
 * atomic take and a call, with flags for a bottom half that is reused, and with
 * malloc() and free() for one that is not.  "floor-ring" is the same with a
 * queue that keeps the order and that a thread on another CPU can poll: a ring
 * of cells with a cache line each.
 *
 * In the flood one thread schedules as fast as it can, and another one runs the
 * loop.  An operation is 50,000 bottom halves, so that starting the thread does
 * not count.  The peers are GLib's g_main_context_invoke(); libuv's documented
 * way, a locked queue and one async handle; and as the floor an atomic list on
 * which the consumer spins.  It runs on two cores, and with both threads on one
 * core, which is steadier.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif
#ifdef HAVE_LIBEV
#include <ev.h>
#endif

#define BATCH 64
#define FLOOD 50000

static uint64_t called;

static void count(void *opaque)
{
    called++;
}

/* ---- Ours ---- */

typedef struct Ours {
    AioContext *ctx;
    AioBH *bh[BATCH];
} Ours;

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    for (int i = 0; i < BATCH; i++) {
        s->bh[i] = aio_bh_new(s->ctx, count, NULL);
    }
    return s;
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    for (int i = 0; i < BATCH; i++) {
        aio_bh_delete(s->bh[i]);
    }
    aio_poll(s->ctx, false);
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s);
}

static void ours_oneshot(void *state, uint64_t n)
{
    AioContext *ctx = ((Ours *)state)->ctx;

    while (n--) {
        aio_bh_schedule_oneshot(ctx, count, NULL);
        aio_poll(ctx, true);
    }
}

static void ours_reused(void *state, uint64_t n)
{
    Ours *s = state;

    while (n--) {
        aio_bh_schedule(s->bh[0]);
        aio_poll(s->ctx, true);
    }
}

static void ours_oneshot_batch(void *state, uint64_t n)
{
    AioContext *ctx = ((Ours *)state)->ctx;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            aio_bh_schedule_oneshot(ctx, count, NULL);
        }
        aio_poll(ctx, true);
    }
}

static void ours_reused_batch(void *state, uint64_t n)
{
    Ours *s = state;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            aio_bh_schedule(s->bh[i]);
        }
        aio_poll(s->ctx, true);
    }
}

/* ---- GLib ---- */

static void *glib_setup(const void *arg)
{
    return g_main_context_new();
}

static void glib_teardown(void *state)
{
    g_main_context_unref(state);
}

static gboolean glib_once(gpointer opaque)
{
    called++;
    return G_SOURCE_REMOVE;
}

static void glib_add(GMainContext *context)
{
    GSource *source = g_idle_source_new();

    g_source_set_callback(source, glib_once, NULL, NULL);
    g_source_attach(source, context);
    g_source_unref(source);
}

static void glib_oneshot(void *state, uint64_t n)
{
    while (n--) {
        glib_add(state);
        g_main_context_iteration(state, TRUE);
    }
}

static void glib_oneshot_batch(void *state, uint64_t n)
{
    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            glib_add(state);
        }
        g_main_context_iteration(state, TRUE);
    }
}

/* One source that stays and is told to be ready. */
typedef struct ReadySource {
    GSource source;
} ReadySource;

static gboolean ready_dispatch(GSource *source, GSourceFunc callback,
                               gpointer opaque)
{
    g_source_set_ready_time(source, -1);
    called++;
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs ready_funcs = { .dispatch = ready_dispatch };

typedef struct GlibReused {
    GMainContext *context;
    GSource *source[BATCH];
} GlibReused;

static void *glib_reused_setup(const void *arg)
{
    GlibReused *s = g_new0(GlibReused, 1);
    gsize n = arg ? BATCH : 1;

    s->context = g_main_context_new();
    for (gsize i = 0; i < n; i++) {
        s->source[i] = g_source_new(&ready_funcs, sizeof(ReadySource));
        g_source_attach(s->source[i], s->context);
    }
    return s;
}

static void glib_reused_teardown(void *state)
{
    GlibReused *s = state;

    for (int i = 0; i < BATCH && s->source[i]; i++) {
        g_source_destroy(s->source[i]);
        g_source_unref(s->source[i]);
    }
    g_main_context_unref(s->context);
    g_free(s);
}

static void glib_reused(void *state, uint64_t n)
{
    GlibReused *s = state;

    while (n--) {
        g_source_set_ready_time(s->source[0], 0);
        g_main_context_iteration(s->context, TRUE);
    }
}

static void glib_reused_batch(void *state, uint64_t n)
{
    GlibReused *s = state;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            g_source_set_ready_time(s->source[i], 0);
        }
        g_main_context_iteration(s->context, TRUE);
    }
}

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    uv_loop_t loop;
    uv_idle_t idle[BATCH];
    uv_async_t async;
} Uv;

static void uv_async_count(uv_async_t *async)
{
    called++;
}

static void uv_idle_count(uv_idle_t *idle)
{
    called++;
    uv_idle_stop(idle);
}

static void *libuv_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    uv_loop_init(&s->loop);
    uv_async_init(&s->loop, &s->async, uv_async_count);
    for (int i = 0; i < BATCH; i++) {
        uv_idle_init(&s->loop, &s->idle[i]);
    }
    return s;
}

static void libuv_teardown(void *state)
{
    Uv *s = state;

    for (int i = 0; i < BATCH; i++) {
        uv_close((uv_handle_t *)&s->idle[i], NULL);
    }
    uv_close((uv_handle_t *)&s->async, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    g_free(s);
}

static void libuv_idle(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        uv_idle_start(&s->idle[0], uv_idle_count);
        uv_run(&s->loop, UV_RUN_NOWAIT);
    }
}

static void libuv_idle_batch(void *state, uint64_t n)
{
    Uv *s = state;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            uv_idle_start(&s->idle[i], uv_idle_count);
        }
        uv_run(&s->loop, UV_RUN_NOWAIT);
    }
}

static void libuv_async(void *state, uint64_t n)
{
    Uv *s = state;

    while (n--) {
        uv_async_send(&s->async);
        uv_run(&s->loop, UV_RUN_NOWAIT);
    }
}
#endif

/* ---- libev ---- */

#ifdef HAVE_LIBEV
typedef struct Ev {
    struct ev_loop *loop;
    ev_prepare watcher[BATCH];
} Ev;

static void ev_count(struct ev_loop *loop, ev_prepare *w, int revents)
{
    called++;
}

static void *libev_setup(const void *arg)
{
    Ev *s = g_new0(Ev, 1);

    s->loop = ev_loop_new(EVBACKEND_EPOLL);
    for (int i = 0; i < BATCH; i++) {
        ev_prepare_init(&s->watcher[i], ev_count);
    }
    return s;
}

static void libev_teardown(void *state)
{
    ev_loop_destroy(((Ev *)state)->loop);
    g_free(state);
}

static void libev_feed(void *state, uint64_t n)
{
    Ev *s = state;

    while (n--) {
        ev_feed_event(s->loop, &s->watcher[0], EV_CUSTOM);
        ev_run(s->loop, EVRUN_NOWAIT);
    }
}

static void libev_feed_batch(void *state, uint64_t n)
{
    Ev *s = state;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            ev_feed_event(s->loop, &s->watcher[i], EV_CUSTOM);
        }
        ev_run(s->loop, EVRUN_NOWAIT);
    }
}
#endif

/* ---- The floor ---- */

typedef struct Node {
    struct Node *next;
    void (*cb)(void *opaque);
    void *opaque;
    atomic_uint flags;
} Node;

typedef struct Floor {
    _Atomic(Node *) head;
    Node node[BATCH];
} Floor;

static void *floor_setup(const void *arg)
{
    Floor *s = g_new0(Floor, 1);

    for (int i = 0; i < BATCH; i++) {
        s->node[i].cb = count;
    }
    return s;
}

static void floor_push(Floor *s, Node *node)
{
    Node *head = atomic_load_explicit(&s->head, memory_order_relaxed);

    do {
        node->next = head;
    } while (!atomic_compare_exchange_weak(&s->head, &head, node));
}

static Node *floor_new(void)
{
    Node *node = malloc(sizeof(*node));

    node->cb = count;
    node->opaque = NULL;
    return node;
}

static void floor_run_oneshots(Floor *s)
{
    Node *node = atomic_exchange(&s->head, NULL);

    while (node) {
        Node *next = node->next;

        node->cb(node->opaque);
        free(node);
        node = next;
    }
}

static void floor_run_reused(Floor *s)
{
    Node *node = atomic_exchange(&s->head, NULL);

    while (node) {
        Node *next = node->next;

        if (atomic_fetch_and(&node->flags, 0)) {
            node->cb(node->opaque);
        }
        node = next;
    }
}

static void floor_schedule(Floor *s, Node *node)
{
    if (!atomic_fetch_or(&node->flags, 1)) {
        floor_push(s, node);
    }
}

static void floor_oneshot(void *state, uint64_t n)
{
    while (n--) {
        floor_push(state, floor_new());
        floor_run_oneshots(state);
    }
}

static void floor_reused(void *state, uint64_t n)
{
    Floor *s = state;

    while (n--) {
        floor_schedule(s, &s->node[0]);
        floor_run_reused(s);
    }
}

static void floor_oneshot_batch(void *state, uint64_t n)
{
    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            floor_push(state, floor_new());
        }
        floor_run_oneshots(state);
    }
}

static void floor_reused_batch(void *state, uint64_t n)
{
    Floor *s = state;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            floor_schedule(s, &s->node[i]);
        }
        floor_run_reused(s);
    }
}

typedef struct Cell {
    Node *node;
    atomic_ulong filled; /* once it is: its position + 2 */
} __attribute__((aligned(64))) Cell;

typedef struct FloorRing {
    atomic_ulong tail; /* bit 0: a thread fills the cell */
    Cell cells[BATCH];
    unsigned long first; /* to run */
    Node node[BATCH];
} FloorRing;

static void *floor_ring_setup(const void *arg)
{
    FloorRing *s = g_aligned_alloc0(1, sizeof(*s), 64);

    for (int i = 0; i < BATCH; i++) {
        s->node[i].cb = count;
    }
    return s;
}

static void floor_ring_schedule(FloorRing *s, Node *node)
{
    unsigned long pos = atomic_load_explicit(&s->tail, memory_order_relaxed);
    Cell *cell = &s->cells[pos / 2 % BATCH];

    if (!atomic_fetch_or(&node->flags, 1) &&
        atomic_compare_exchange_strong(&s->tail, &pos, pos | 1)) {
        cell->node = node;
        atomic_store_explicit(&cell->filled, pos + 2, memory_order_release);
        atomic_store_explicit(&s->tail, pos + 2, memory_order_release);
    }
}

static void floor_ring_batch(void *state, uint64_t n)
{
    FloorRing *s = state;
    Cell *cell;

    for (; n > 0; n -= MIN(n, BATCH)) {
        for (uint64_t i = 0; i < MIN(n, BATCH); i++) {
            floor_ring_schedule(s, &s->node[i]);
        }
        while (cell = &s->cells[s->first / 2 % BATCH],
               atomic_load(&cell->filled) == s->first + 2) {
            s->first += 2;
            if (atomic_fetch_and(&cell->node->flags, 0)) {
                cell->node->cb(cell->node->opaque);
            }
        }
    }
}

/* ---- The flood ---- */

typedef struct FloodArg {
    bool one_core;
} FloodArg;

static const FloodArg two_cores = { false };
static const FloodArg one_core = { true };

/* A thread that calls @produce once; @produce does all operations. */
typedef struct Flood {
    void *target;
    uint64_t n;
    void (*produce)(struct Flood *flood);
    bool one_core;
    cpu_set_t old_cpus;
} Flood;

static Flood *flood_new(const void *arg, void *target)
{
    Flood *f = g_new0(Flood, 1);

    f->one_core = ((const FloodArg *)arg)->one_core;
    f->target = target;
    sched_getaffinity(0, sizeof(f->old_cpus), &f->old_cpus);
    return f;
}

static void *flood_thread(void *opaque)
{
    Flood *f = opaque;

    f->produce(f);
    return NULL;
}

static void flood_run(Flood *f, uint64_t n, void (*produce)(Flood *f),
                      void (*consume)(Flood *f))
{
    pthread_t thread;

    f->n = n * FLOOD;
    f->produce = produce;
    called = 0;
    if (f->one_core) {
        cpu_set_t cpus;

        CPU_ZERO(&cpus);
        CPU_SET(sched_getcpu(), &cpus);
        sched_setaffinity(0, sizeof(cpus), &cpus);
    }
    pthread_create(&thread, NULL, flood_thread, f);
    consume(f);
    pthread_join(thread, NULL);
    sched_setaffinity(0, sizeof(f->old_cpus), &f->old_cpus);
}

static void *ours_flood_setup(const void *arg)
{
    return flood_new(arg, ours_setup(NULL));
}

static void ours_produce(Flood *f)
{
    AioContext *ctx = ((Ours *)f->target)->ctx;

    for (uint64_t i = 0; i < f->n; i++) {
        aio_bh_schedule_oneshot(ctx, count, NULL);
    }
}

static void ours_consume(Flood *f)
{
    while (called < f->n) {
        aio_poll(((Ours *)f->target)->ctx, true);
    }
}

static void ours_flood(void *state, uint64_t n)
{
    flood_run(state, n, ours_produce, ours_consume);
}

static void ours_flood_teardown(void *state)
{
    ours_teardown(((Flood *)state)->target);
    g_free(state);
}

static void *glib_flood_setup(const void *arg)
{
    return flood_new(arg, glib_setup(NULL));
}

static void glib_produce(Flood *f)
{
    for (uint64_t i = 0; i < f->n; i++) {
        glib_add(f->target);
    }
}

static void glib_consume(Flood *f)
{
    while (called < f->n) {
        g_main_context_iteration(f->target, TRUE);
    }
}

static void glib_flood(void *state, uint64_t n)
{
    flood_run(state, n, glib_produce, glib_consume);
}

static void glib_flood_teardown(void *state)
{
    glib_teardown(((Flood *)state)->target);
    g_free(state);
}

#ifdef HAVE_LIBUV
typedef struct UvItem {
    struct UvItem *next;
} UvItem;

typedef struct UvQueue {
    uv_loop_t loop;
    uv_async_t async;
    uv_mutex_t mutex;
    UvItem *first; /* under mutex */
    UvItem **last;
} UvQueue;

static void uv_queue_run(uv_async_t *async)
{
    UvQueue *q = async->data;
    UvItem *item;

    uv_mutex_lock(&q->mutex);
    item = q->first;
    q->first = NULL;
    q->last = &q->first;
    uv_mutex_unlock(&q->mutex);
    while (item) {
        UvItem *next = item->next;

        called++;
        free(item);
        item = next;
    }
}

static void *libuv_flood_setup(const void *arg)
{
    UvQueue *q = g_new0(UvQueue, 1);

    uv_loop_init(&q->loop);
    uv_async_init(&q->loop, &q->async, uv_queue_run);
    uv_mutex_init(&q->mutex);
    q->async.data = q;
    q->last = &q->first;
    return flood_new(arg, q);
}

static void libuv_flood_teardown(void *state)
{
    UvQueue *q = ((Flood *)state)->target;

    uv_close((uv_handle_t *)&q->async, NULL);
    uv_run(&q->loop, UV_RUN_DEFAULT);
    uv_loop_close(&q->loop);
    uv_mutex_destroy(&q->mutex);
    g_free(q);
    g_free(state);
}

static void libuv_produce(Flood *f)
{
    UvQueue *q = f->target;

    for (uint64_t i = 0; i < f->n; i++) {
        UvItem *item = malloc(sizeof(*item));

        item->next = NULL;
        uv_mutex_lock(&q->mutex);
        *q->last = item;
        q->last = &item->next;
        uv_mutex_unlock(&q->mutex);
        uv_async_send(&q->async);
    }
}

static void libuv_consume(Flood *f)
{
    while (called < f->n) {
        uv_run(&((UvQueue *)f->target)->loop, UV_RUN_ONCE);
    }
}

static void libuv_flood(void *state, uint64_t n)
{
    flood_run(state, n, libuv_produce, libuv_consume);
}
#endif

static void *floor_flood_setup(const void *arg)
{
    return flood_new(arg, floor_setup(NULL));
}

static void floor_flood_teardown(void *state)
{
    g_free(((Flood *)state)->target);
    g_free(state);
}

static void floor_produce(Flood *f)
{
    for (uint64_t i = 0; i < f->n; i++) {
        floor_push(f->target, floor_new());
    }
}

static void floor_consume(Flood *f)
{
    Floor *s = f->target;

    while (called < f->n) {
        if (atomic_load_explicit(&s->head, memory_order_relaxed)) {
            floor_run_oneshots(s);
        } else if (f->one_core) {
            sched_yield();
        }
    }
}

static void floor_flood(void *state, uint64_t n)
{
    flood_run(state, n, floor_produce, floor_consume);
}

/* ---- Tables ---- */

#define OURS(fn) { .setup = ours_setup, .run = fn, .teardown = ours_teardown }
#define GLIB(fn) { "glib", .setup = glib_setup, .run = fn, \
                   .teardown = glib_teardown }
#define GLIB_REUSED(fn) { "glib", .setup = glib_reused_setup, .run = fn, \
                          .teardown = glib_reused_teardown }
#define FLOOR(fn) { "floor", .setup = floor_setup, .run = fn, \
                    .teardown = g_free }
#ifdef HAVE_LIBUV
#define LIBUV(name, fn) { name, .setup = libuv_setup, .run = fn, \
                          .teardown = libuv_teardown },
#define LIBUV_FLOOD { "libuv", .setup = libuv_flood_setup, \
                      .run = libuv_flood, .teardown = libuv_flood_teardown },
#else
#define LIBUV(name, fn)
#define LIBUV_FLOOD
#endif
#ifdef HAVE_LIBEV
#define LIBEV(fn) { "libev", .setup = libev_setup, .run = fn, \
                    .teardown = libev_teardown },
#else
#define LIBEV(fn)
#endif

#define FLOOD_IMPLS                                                     \
    .ours = { .setup = ours_flood_setup, .run = ours_flood,             \
              .teardown = ours_flood_teardown },                        \
    .peers = {                                                          \
        { "glib", .setup = glib_flood_setup, .run = glib_flood,         \
          .teardown = glib_flood_teardown },                            \
        LIBUV_FLOOD                                                     \
        { "floor", .setup = floor_flood_setup, .run = floor_flood,      \
          .teardown = floor_flood_teardown },                           \
    }

static const BenchCase cases[] = {
    {
        .name = "aio/bh/oneshot",
        .ours = OURS(ours_oneshot),
        .peers = {
            GLIB(glib_oneshot),
            LIBUV("libuv", libuv_idle)
            LIBUV("libuv-async", libuv_async)
            LIBEV(libev_feed)
            FLOOR(floor_oneshot),
        },
    },
    {
        .name = "aio/bh/reused",
        .ours = OURS(ours_reused),
        .peers = {
            GLIB_REUSED(glib_reused),
            LIBUV("libuv", libuv_idle)
            LIBUV("libuv-async", libuv_async)
            LIBEV(libev_feed)
            FLOOR(floor_reused),
        },
    },
    {
        .name = "aio/bh/oneshot-64-a-round",
        .ours = OURS(ours_oneshot_batch),
        .peers = {
            GLIB(glib_oneshot_batch),
            LIBUV("libuv", libuv_idle_batch)
            LIBEV(libev_feed_batch)
            FLOOR(floor_oneshot_batch),
        },
    },
    {
        .name = "aio/bh/reused-64-a-round",
        .arg = cases, /* not NULL: as many sources */
        .ours = OURS(ours_reused_batch),
        .peers = {
            GLIB_REUSED(glib_reused_batch),
            LIBUV("libuv", libuv_idle_batch)
            LIBEV(libev_feed_batch)
            FLOOR(floor_reused_batch),
            { "floor-ring", .setup = floor_ring_setup,
              .run = floor_ring_batch, .teardown = g_aligned_free },
        },
    },
    {
        .name = "aio/bh/flood-50000-two-cores",
        .arg = &two_cores,
        .max_ops = 8,
        FLOOD_IMPLS,
    },
    {
        .name = "aio/bh/flood-50000-one-core",
        .arg = &one_core,
        .max_ops = 8,
        FLOOD_IMPLS,
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
