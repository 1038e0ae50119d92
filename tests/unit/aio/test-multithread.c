/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loops in threads of their own, with others at work on them.  Meant for the
 * thread sanitizer too, so all of it is pthread and atomics.
 */
#include "aio/aio-wait.h"
#include "aio/timer.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"
#include "util/lock.h"
#include "util/thread.h"

#include <sched.h>
#include <stdatomic.h>

#define N_WORKERS 3

/* A context in a thread that runs it until loop_stop(). */
typedef struct Loop {
    AioContext *ctx;
    Thread thread;
    bool running; /* home thread */
    atomic_bool is_home;
    bool use_source;
} Loop;

static void loop_run_source(Loop *loop)
{
    GMainContext *main_context = g_main_context_new();
    GSource *source = aio_get_g_source(loop->ctx);

    g_source_attach(source, main_context);
    while (loop->running) {
        g_main_context_iteration(main_context, TRUE);
    }
    g_source_destroy(source);
    g_source_unref(source);
    g_main_context_unref(main_context);
}

static void *loop_run(void *opaque)
{
    Loop *loop = opaque;

    aio_set_current_context(loop->ctx);
    atomic_store(&loop->is_home, true);
    if (loop->use_source) {
        loop_run_source(loop);
    }
    while (loop->running) {
        aio_poll(loop->ctx, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static void loop_start(Loop *loop)
{
    atomic_init(&loop->is_home, false);
    loop->running = true;
    g_assert_cmpint(thread_create(&loop->thread, "loop", 0, loop_run, loop),
                    ==, 0);
}

static void loop_stop_bh(void *opaque)
{
    ((Loop *)opaque)->running = false;
}

static void loop_stop(Loop *loop)
{
    aio_bh_schedule_oneshot(loop->ctx, loop_stop_bh, loop);
    thread_join(&loop->thread);
}

static void loop_init(Loop *loop)
{
    *loop = (Loop) { .ctx = aio_context_new(&error_abort) };
    loop_start(loop);
}

static void loop_cleanup(Loop *loop)
{
    loop_stop(loop);
    aio_context_unref(loop->ctx);
}

/* ---- Workers: threads that do the same thing n times ---- */

typedef struct Workers {
    Thread threads[N_WORKERS];
    void *opaque;
    void (*work)(void *opaque, unsigned worker);
    atomic_uint next;
} Workers;

static void *worker_run(void *opaque)
{
    Workers *w = opaque;

    w->work(w->opaque, atomic_fetch_add(&w->next, 1));
    return NULL;
}

static void workers_run(void (*work)(void *opaque, unsigned worker),
                        void *opaque)
{
    Workers w = { .opaque = opaque, .work = work };

    for (int i = 0; i < N_WORKERS; i++) {
        g_assert_cmpint(thread_create(&w.threads[i], "worker", 0, worker_run,
                                      &w), ==, 0);
    }
    for (int i = 0; i < N_WORKERS; i++) {
        thread_join(&w.threads[i]);
    }
}

static unsigned rounds(unsigned quick, unsigned slow)
{
    return g_test_slow() ? slow : quick;
}

/* ---- Start and stop ---- */

static void test_start_stop(const void *data)
{
    Loop loop = { .ctx = aio_context_new(&error_abort),
                  .use_source = data != NULL };

    for (unsigned i = 0; i < rounds(200, 5000); i++) {
        loop_start(&loop);
        loop_stop(&loop);
    }
    aio_context_unref(loop.ctx);
}

static void test_start_stop_many(void)
{
    Loop loops[32];

    for (size_t i = 0; i < G_N_ELEMENTS(loops); i++) {
        loop_init(&loops[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(loops); i++) {
        loop_cleanup(&loops[i]);
    }
}

/* ---- Waking up ---- */

typedef struct PingPong {
    Loop loops[2];
    unsigned left; /* travels with the bottom half */
    atomic_bool done;
} PingPong;

static void ping(void *opaque)
{
    PingPong *p = opaque;

    if (p->left-- == 0) {
        atomic_store(&p->done, true);
        aio_wait_kick();
        return;
    }
    aio_bh_schedule_oneshot(p->loops[p->left % 2].ctx, ping, p);
}

/* Each hop finds the other loop asleep or about to be: none is lost. */
static void test_ping_pong(const void *data)
{
    PingPong p = { .left = rounds(5000, 200000) };

    for (int i = 0; i < 2; i++) {
        p.loops[i].ctx = aio_context_new(&error_abort);
        p.loops[i].use_source = data != NULL;
        loop_start(&p.loops[i]);
    }
    aio_bh_schedule_oneshot(p.loops[0].ctx, ping, &p);
    AIO_WAIT_WHILE(NULL, !atomic_load(&p.done));
    /* Each may be about to wake the other: both stop before one goes. */
    for (int i = 0; i < 2; i++) {
        loop_stop(&p.loops[i]);
    }
    for (int i = 0; i < 2; i++) {
        aio_context_unref(p.loops[i].ctx);
    }
}

typedef struct Flood {
    Loop loop;
    unsigned long count; /* home thread */
    unsigned long last[N_WORKERS];
    bool in_order;
} Flood;

typedef struct Item {
    Flood *flood;
    unsigned worker;
    unsigned long number;
} Item;

static void flood_cb(void *opaque)
{
    Item *item = opaque;
    Flood *flood = item->flood;

    flood->count++;
    if (item->number != flood->last[item->worker] + 1) {
        flood->in_order = false;
    }
    flood->last[item->worker] = item->number;
    g_free(item);
}

static void flood_work(void *opaque, unsigned worker)
{
    Flood *flood = opaque;
    unsigned n = rounds(5000, 200000);

    for (unsigned i = 1; i <= n; i++) {
        Item *item = g_new(Item, 1);

        *item = (Item) { flood, worker, i };
        aio_bh_schedule_oneshot(flood->loop.ctx, flood_cb, item);
    }
}

static void test_oneshot_flood(void)
{
    Flood flood = { .in_order = true };

    loop_init(&flood.loop);
    workers_run(flood_work, &flood);
    loop_cleanup(&flood.loop);
    g_assert_cmpuint(flood.count, ==, N_WORKERS * rounds(5000, 200000));
    g_assert_true(flood.in_order);
}

/* ---- One order for both kinds ---- */

typedef struct Queue {
    Loop loop;
    Lock lock;
    unsigned long scheduled; /* under lock */
    unsigned long run;       /* home thread */
    bool in_order;
} Queue;

typedef struct Ticket {
    Queue *queue;
    AioBH *bh; /* NULL: a oneshot */
    unsigned long number;
} Ticket;

static void ticket_cb(void *opaque)
{
    Ticket *ticket = opaque;
    Queue *queue = ticket->queue;

    if (ticket->number != queue->run++) {
        queue->in_order = false;
    }
    if (ticket->bh) {
        aio_bh_delete(ticket->bh);
    }
    g_free(ticket);
}

static void queue_schedule(Queue *queue, bool oneshot)
{
    Ticket *ticket = g_new0(Ticket, 1);

    ticket->queue = queue;
    ticket->bh = oneshot ? NULL
                         : aio_bh_new(queue->loop.ctx, ticket_cb, ticket);
    lock_acquire(&queue->lock);
    ticket->number = queue->scheduled++;
    if (oneshot) {
        aio_bh_schedule_oneshot(queue->loop.ctx, ticket_cb, ticket);
    } else {
        aio_bh_schedule(ticket->bh);
    }
    lock_release(&queue->lock);
}

static void queue_work(void *opaque, unsigned worker)
{
    unsigned n = rounds(5000, 200000);

    for (unsigned i = 0; i < n; i++) {
        queue_schedule(opaque, (i * 7 + worker) % 5 != 0);
    }
}

static void test_one_order(void)
{
    Queue queue = { .in_order = true };

    loop_init(&queue.loop);
    workers_run(queue_work, &queue);
    loop_cleanup(&queue.loop);
    g_assert_cmpuint(queue.run, ==, N_WORKERS * rounds(5000, 200000));
    g_assert_true(queue.in_order);
}

/* ---- One bottom half, all calls from all threads ---- */

typedef struct Shared {
    Loop loop;
    AioBH *bh;
    atomic_uint requests; /* made before scheduling */
    unsigned seen;        /* home thread */
} Shared;

static void shared_cb(void *opaque)
{
    Shared *s = opaque;

    s->seen = atomic_load(&s->requests);
}

static void shared_schedule(void *opaque, unsigned worker)
{
    Shared *s = opaque;

    for (unsigned i = 0; i < rounds(5000, 100000); i++) {
        atomic_fetch_add(&s->requests, 1);
        aio_bh_schedule(s->bh);
    }
}

/* However calls coincide, the callback runs after the last of them. */
static void test_schedule_is_never_lost(void)
{
    Shared s = { .seen = 0 };

    loop_init(&s.loop);
    s.bh = aio_bh_new(s.loop.ctx, shared_cb, &s);
    workers_run(shared_schedule, &s);
    loop_stop(&s.loop);
    g_assert_cmpuint(s.seen, ==, N_WORKERS * rounds(5000, 100000));
    aio_bh_delete(s.bh);
    aio_context_unref(s.loop.ctx);
}

static void shared_any(void *opaque, unsigned worker)
{
    Shared *s = opaque;

    for (unsigned i = 0; i < rounds(2000, 50000); i++) {
        aio_bh_schedule(s->bh);
        aio_bh_schedule_idle(s->bh);
        aio_bh_cancel(s->bh);
        aio_notify(s->loop.ctx);
    }
}

static void test_all_calls_on_one(void)
{
    Shared s = { .seen = 0 };

    loop_init(&s.loop);
    s.bh = aio_bh_new(s.loop.ctx, shared_cb, &s);
    workers_run(shared_any, &s);
    aio_bh_delete(s.bh);
    loop_cleanup(&s.loop);
}

static void count_cb(void *opaque)
{
    atomic_fetch_add((atomic_uint *)opaque, 1);
}

static void own_bh_work(void *opaque, unsigned worker)
{
    Shared *s = opaque;

    for (unsigned i = 0; i < rounds(2000, 50000); i++) {
        AioBH *bh = aio_bh_new(s->loop.ctx, count_cb, &s->requests);

        aio_bh_schedule(bh);
        aio_bh_delete(bh);
    }
}

static void test_new_and_delete(void)
{
    Shared s = { .seen = 0 };

    loop_init(&s.loop);
    workers_run(own_bh_work, &s);
    loop_cleanup(&s.loop);
    g_assert_cmpuint(atomic_load(&s.requests), <=,
                     N_WORKERS * rounds(2000, 50000));
}

/* ---- Waiting ---- */

static void wait_cb(void *opaque)
{
    (*(unsigned *)opaque)++;
}

static void test_wait_bh_oneshot(void)
{
    unsigned n = rounds(1000, 50000);
    unsigned count = 0;
    Loop loop;

    loop_init(&loop);
    for (unsigned i = 0; i < n; i++) {
        aio_wait_bh_oneshot(loop.ctx, wait_cb, &count);
    }
    g_assert_cmpuint(count, ==, n);
    loop_cleanup(&loop);
}

typedef struct Kicker {
    atomic_uint turn;
    unsigned n;
} Kicker;

static void *kick(void *opaque)
{
    Kicker *k = opaque;

    for (unsigned i = 0; i < k->n; i++) {
        while (atomic_load(&k->turn) % 2 == 0) {
            sched_yield();
        }
        atomic_fetch_add(&k->turn, 1);
        aio_wait_kick();
    }
    return NULL;
}

static void test_wait_kick(void)
{
    Kicker k = { .n = rounds(2000, 50000) };
    Thread thread;

    thread_create(&thread, "kick", 0, kick, &k);
    for (unsigned i = 0; i < k.n; i++) {
        atomic_fetch_add(&k.turn, 1);
        AIO_WAIT_WHILE(NULL, atomic_load(&k.turn) % 2 == 1);
    }
    thread_join(&thread);
}

static void test_no_wait_when_false(void)
{
    g_assert_false(AIO_WAIT_WHILE(NULL, false));
    g_assert_false(AIO_WAIT_WHILE_UNLOCKED(aio_get_main_context(), false));
}

static void wait_illegally(void *opaque)
{
    AIO_WAIT_WHILE(opaque, true);
}

static void abort_wait_elsewhere(void)
{
    AioContext *other = aio_context_new(&error_abort);
    Loop loop;

    loop_init(&loop);
    aio_bh_schedule_oneshot(loop.ctx, wait_illegally, other);
    thread_join(&loop.thread);
}

/* ---- Descriptors ---- */

typedef struct Handlers {
    Loop loop;
    atomic_ulong called;
} Handlers;

typedef struct Handler {
    EventNotifier e;
    Handlers *all;
} Handler;

static void handler_cb(EventNotifier *e)
{
    Handler *h = container_of(e, Handler, e);

    event_notifier_test_and_clear(e);
    atomic_fetch_add(&h->all->called, 1);
}

static void barrier_cb(void *opaque)
{
    atomic_store((atomic_bool *)opaque, true);
}

/* Wait until the loop has finished what it was doing. */
static void loop_barrier(Loop *loop)
{
    atomic_bool done = false;

    aio_bh_schedule_oneshot(loop->ctx, barrier_cb, &done);
    while (!atomic_load(&done)) {
        sched_yield();
    }
}

static void handlers_work(void *opaque, unsigned worker)
{
    Handlers *all = opaque;

    for (unsigned i = 0; i < rounds(300, 10000); i++) {
        Handler *h = g_new(Handler, 1);
        unsigned long before = atomic_load(&all->called);

        h->all = all;
        event_notifier_init(&h->e, 0);
        aio_set_event_notifier(all->loop.ctx, &h->e, handler_cb, NULL, NULL);
        event_notifier_set(&h->e);
        while (i % 4 == 0 && atomic_load(&all->called) == before) {
            sched_yield();
        }
        aio_set_event_notifier(all->loop.ctx, &h->e, NULL, NULL, NULL);
        /* A callback may still run now; two iterations later it does not. */
        loop_barrier(&all->loop);
        loop_barrier(&all->loop);
        event_notifier_cleanup(&h->e);
        g_free(h);
    }
}

static void test_handlers(void)
{
    Handlers all = { .called = 0 };

    loop_init(&all.loop);
    workers_run(handlers_work, &all);
    loop_cleanup(&all.loop);
    g_assert_cmpuint(atomic_load(&all.called), >, 0);
}

static void replace_work(void *opaque, unsigned worker)
{
    Handler *h = opaque;

    for (unsigned i = 0; i < rounds(2000, 50000); i++) {
        aio_set_event_notifier(h->all->loop.ctx, &h->e, handler_cb, NULL,
                               NULL);
        event_notifier_set(&h->e);
    }
}

static void test_replace_one(void)
{
    Handlers all = { .called = 0 };
    Handler h = { .all = &all };

    loop_init(&all.loop);
    event_notifier_init(&h.e, 0);
    workers_run(replace_work, &h);
    loop_stop(&all.loop);
    aio_set_event_notifier(all.loop.ctx, &h.e, NULL, NULL, NULL);
    event_notifier_cleanup(&h.e);
    aio_context_unref(all.loop.ctx);
}

/* ---- Timers ---- */

static void timer_cb(void *opaque)
{
    atomic_fetch_add((atomic_uint *)opaque, 1);
}

static void timers_work(void *opaque, unsigned worker)
{
    Shared *s = opaque;
    AioTimer *ts = aio_timer_new(s->loop.ctx, AIO_CLOCK_REALTIME, SCALE_NS,
                                 timer_cb, &s->requests);

    for (unsigned i = 0; i < rounds(300, 10000); i++) {
        unsigned before = atomic_load(&s->requests);

        timer_mod(ts, clock_get_ns(AIO_CLOCK_REALTIME) + 3600LL * 1000000000);
        timer_mod_anticipate(ts, clock_get_ns(AIO_CLOCK_REALTIME) + i % 1000);
        /* A loop that sleeps for an hour, or without end, is woken up. */
        while (i % 4 == 0 && atomic_load(&s->requests) == before) {
            sched_yield();
        }
        timer_del(ts);
    }
    loop_barrier(&s->loop);
    timer_free(ts);
}

static void test_timers(void)
{
    Shared s = { .seen = 0 };

    loop_init(&s.loop);
    workers_run(timers_work, &s);
    loop_cleanup(&s.loop);
}

static void clocks_work(void *opaque, unsigned worker)
{
    Shared *s = opaque;

    if (worker > 0) {
        timers_work(opaque, worker);
        return;
    }
    for (unsigned i = 0; i < rounds(500, 10000); i++) {
        clock_enable(AIO_CLOCK_REALTIME, false);
        clock_enable(AIO_CLOCK_REALTIME, true);
    }
    atomic_fetch_add(&s->requests, 1);
}

static void test_clock_toggles(void)
{
    Shared s = { .seen = 0 };

    loop_init(&s.loop);
    workers_run(clocks_work, &s);
    loop_cleanup(&s.loop);
}

/* ---- Parameters ---- */

static void params_work(void *opaque, unsigned worker)
{
    Loop *loop = opaque;

    for (unsigned i = 1; i < rounds(2000, 50000); i++) {
        int64_t min, max, n = i * N_WORKERS + worker;

        aio_context_set_poll_params(loop->ctx, n, n, n, &error_abort);
        aio_context_set_aio_params(loop->ctx, n);
        aio_context_set_thread_pool_params(loop->ctx, n, n, &error_abort);
        /* A pair is one that somebody has set. */
        aio_context_get_thread_pool_params(loop->ctx, &min, &max);
        g_assert_cmpint(min, ==, max);
    }
}

static void test_params(void)
{
    Loop loop;

    loop_init(&loop);
    workers_run(params_work, &loop);
    loop_cleanup(&loop);
}

/* ---- References ---- */

static void refs_work(void *opaque, unsigned worker)
{
    for (unsigned i = 0; i < rounds(1000, 50000); i++) {
        GSource *source = aio_get_g_source(opaque);

        aio_context_ref(opaque);
        g_source_unref(source);
        aio_context_unref(opaque);
    }
}

static void test_references(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    workers_run(refs_work, ctx);
    aio_context_unref(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    g_test_add_data_func("/aio/threads/start-stop/aio-poll", NULL,
                         test_start_stop);
    g_test_add_data_func("/aio/threads/start-stop/source", "",
                         test_start_stop);
    g_test_add_func("/aio/threads/start-stop/many", test_start_stop_many);
    g_test_add_data_func("/aio/threads/ping-pong/aio-poll", NULL,
                         test_ping_pong);
    g_test_add_data_func("/aio/threads/ping-pong/source", "",
                         test_ping_pong);
    g_test_add_func("/aio/threads/bh/oneshot-flood", test_oneshot_flood);
    g_test_add_func("/aio/threads/bh/one-order-for-both-kinds",
                    test_one_order);
    g_test_add_func("/aio/threads/bh/schedule-is-never-lost",
                    test_schedule_is_never_lost);
    g_test_add_func("/aio/threads/bh/all-calls-on-one",
                    test_all_calls_on_one);
    g_test_add_func("/aio/threads/bh/new-and-delete", test_new_and_delete);
    g_test_add_func("/aio/threads/wait/bh-oneshot", test_wait_bh_oneshot);
    g_test_add_func("/aio/threads/wait/kick", test_wait_kick);
    g_test_add_func("/aio/threads/wait/not-when-false",
                    test_no_wait_when_false);
    test_add_abort_func("/aio/threads/wait/elsewhere-aborts",
                        abort_wait_elsewhere,
                        "*aio_wait_begin*");
    g_test_add_func("/aio/threads/fd/add-and-remove", test_handlers);
    g_test_add_func("/aio/threads/fd/replace-one", test_replace_one);
    g_test_add_func("/aio/threads/timers", test_timers);
    g_test_add_func("/aio/threads/clock-toggles", test_clock_toggles);
    g_test_add_func("/aio/threads/params", test_params);
    g_test_add_func("/aio/threads/references", test_references);
    return test_run();
}
