/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loops under load: two million bottom halves, parameters that change while
 * work comes, and programs that are started beside.  The sanitizers get fewer
 * of each.
 *
 * More of the kind: test-multithread.c (descriptors, timers, references),
 * test-iothread-stress.c (loops that come and go), test-coroutine-aio.c
 * (coroutines among loops), test-thread-pool.c (requests, cancelled or not).
 */
#include "aio/aio-wait.h"
#include "aio/thread-pool/thread-pool.h"
#include "aio/timer.h"
#include "iothread/iothread.h"
#include "qmp/qmp-server.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/event-notifier.h"
#include "util/module.h"
#include "util/thread.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SCALE_DOWN 4
#else
#define SCALE_DOWN 1
#endif

static void loop_stop(Loop *loop)
{
    loop_end(loop);
    loop_join(loop);
}

/* ---- Two million bottom halves across four threads ---- */

#define N_LOOPS 4
#define N_ITEMS (2000000 / SCALE_DOWN)
#define BATCH 100

typedef struct Item {
    AioBH *bh; /* NULL: a oneshot */
    atomic_uint n_runs;
} Item;

/* Each loop schedules a share of the items, in any of the loops. */
typedef struct Share {
    Loop loop;
    struct Share *all;
    Item *items;
    unsigned n_left; /* home thread */
    unsigned seed;
} Share;

static atomic_uint n_items_run;

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

static void item_runs(void *opaque)
{
    Item *item = opaque;

    atomic_fetch_add_explicit(&item->n_runs, 1, memory_order_relaxed);
    if (item->bh) {
        aio_bh_delete(item->bh);
    }
    if (atomic_fetch_add(&n_items_run, 1) + 1 == N_ITEMS) {
        aio_wait_kick();
    }
}

static void schedule_item(AioContext *ctx, Item *item, bool is_oneshot)
{
    if (is_oneshot) {
        aio_bh_schedule_oneshot(ctx, item_runs, item);
        return;
    }
    item->bh = aio_bh_new(ctx, item_runs, item);
    aio_bh_schedule(item->bh);
}

static void schedule_batch(void *opaque)
{
    Share *share = opaque;

    for (unsigned i = 0; i < BATCH && share->n_left > 0; i++) {
        unsigned random = next_random(&share->seed);

        schedule_item(share->all[random % N_LOOPS].loop.ctx,
                      &share->items[--share->n_left], random & 64);
    }
    if (share->n_left > 0) {
        aio_bh_schedule_oneshot(share->loop.ctx, schedule_batch, share);
    }
}

static void test_two_million(void)
{
    Item *items = g_new0(Item, N_ITEMS);
    Share shares[N_LOOPS];

    atomic_store(&n_items_run, 0);
    for (unsigned i = 0; i < N_LOOPS; i++) {
        shares[i] = (Share) {
            .all = shares, .n_left = N_ITEMS / N_LOOPS,
            .items = items + i * (N_ITEMS / N_LOOPS),
            .seed = g_test_rand_int(),
        };
        loop_start(&shares[i].loop);
    }
    for (unsigned i = 0; i < N_LOOPS; i++) {
        aio_bh_schedule_oneshot(shares[i].loop.ctx, schedule_batch,
                                &shares[i]);
    }
    AIO_WAIT_WHILE(NULL, atomic_load(&n_items_run) < N_ITEMS);
    for (unsigned i = 0; i < N_LOOPS; i++) {
        loop_stop(&shares[i].loop);
    }
    for (unsigned i = 0; i < N_LOOPS; i++) {
        aio_context_unref(shares[i].loop.ctx);
    }
    g_assert_cmpuint(atomic_load(&n_items_run), ==, N_ITEMS);
    for (unsigned i = 0; i < N_ITEMS; i++) {
        g_assert_cmpuint(atomic_load(&items[i].n_runs), ==, 1);
    }
    g_free(items);
}

/* ---- Polling parameters that change while there is work ---- */

#define N_PLAYERS 2
#define N_HOPS (20000 / SCALE_DOWN)

/* A ball is thrown to and fro, in one of three ways. */
typedef struct Player {
    Loop loop;
    EventNotifier e;
    atomic_bool is_thrown; /* by way of e */
    AioTimer *ts;
    struct Game *game;
} Player;

typedef struct Game {
    Player players[N_PLAYERS];
    unsigned n_left; /* goes with the ball */
    atomic_uint n_hops; /* relaxed, so that it does not order anything */
    atomic_bool is_over;
} Game;

static void ball_comes(void *opaque)
{
    Game *game = opaque;
    unsigned n = game->n_left--;
    Player *to = &game->players[n % N_PLAYERS];

    atomic_fetch_add_explicit(&game->n_hops, 1, memory_order_relaxed);
    if (n == 0) {
        atomic_store(&game->is_over, true);
        aio_wait_kick();
    } else if (n % 5 < 2) {
        aio_bh_schedule_oneshot(to->loop.ctx, ball_comes, game);
    } else if (n % 5 < 4) {
        atomic_store(&to->is_thrown, true);
        event_notifier_set(&to->e);
    } else {
        timer_mod(to->ts, clock_get_ns(AIO_CLOCK_REALTIME) + n % 1000);
    }
}

static bool player_polls(void *opaque)
{
    Player *player = container_of((EventNotifier *)opaque, Player, e);

    return atomic_load(&player->is_thrown);
}

static void player_catches(EventNotifier *e)
{
    Player *player = container_of(e, Player, e);

    event_notifier_test_and_clear(e);
    if (atomic_exchange(&player->is_thrown, false)) {
        ball_comes(player->game);
    }
}

static void player_start(Player *player, Game *game)
{
    player->game = game;
    event_notifier_init(&player->e, 0);
    loop_start(&player->loop);
    player->ts = aio_timer_new(player->loop.ctx, AIO_CLOCK_REALTIME, SCALE_NS,
                               ball_comes, game);
    aio_set_event_notifier(player->loop.ctx, &player->e, player_catches,
                           player_polls, player_catches);
}

static void player_free(Player *player)
{
    aio_set_event_notifier(player->loop.ctx, &player->e, NULL, NULL, NULL);
    timer_free(player->ts);
    aio_context_unref(player->loop.ctx);
    event_notifier_cleanup(&player->e);
}

static void change_parameters(Game *game, unsigned *seed)
{
    static const int64_t max_ns[] = { 0, 1000, 32768, 1000000 };
    AioContext *ctx = game->players[next_random(seed) % N_PLAYERS].loop.ctx;

    aio_context_set_poll_params(ctx, max_ns[next_random(seed) % 4],
                                next_random(seed) % 4, next_random(seed) % 4,
                                &error_abort);
    aio_context_set_poll_weight(ctx, next_random(seed) % 64, &error_abort);
    aio_context_set_aio_params(ctx, next_random(seed) % 64);
}

static void wait_for_hops(Game *game, unsigned n)
{
    unsigned first = atomic_load_explicit(&game->n_hops,
                                          memory_order_relaxed);

    while (!atomic_load(&game->is_over) &&
           atomic_load_explicit(&game->n_hops, memory_order_relaxed) - first <
           n) {
        sched_yield();
    }
}

static void test_change_polling(void)
{
    Game game = { .n_left = N_HOPS };
    unsigned seed = g_test_rand_int();

    for (int i = 0; i < N_PLAYERS; i++) {
        player_start(&game.players[i], &game);
    }
    aio_bh_schedule_oneshot(game.players[0].loop.ctx, ball_comes, &game);
    while (!atomic_load(&game.is_over)) {
        change_parameters(&game, &seed);
        wait_for_hops(&game, next_random(&seed) % 8);
    }
    for (int i = 0; i < N_PLAYERS; i++) {
        loop_stop(&game.players[i].loop);
    }
    for (int i = 0; i < N_PLAYERS; i++) {
        player_free(&game.players[i]);
    }
}

/* ---- Programs that are started beside a running loop ---- */

#define N_PROGRAMS (SCALE_DOWN > 1 ? 3 : 30)

/* Returns: (transfer full) the descriptors that a new program has */
static char *list_descriptors(void)
{
    char *argv[] = { (char *)"ls", (char *)"/proc/self/fd", NULL };
    posix_spawn_file_actions_t actions;
    char text[4096];
    ssize_t n, len = 0;
    int fds[2], status;
    pid_t pid;

    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    g_assert_cmpint(posix_spawnp(&pid, "ls", &actions, NULL, argv, environ),
                    ==, 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    while ((n = read(fds[0], text + len, sizeof(text) - len)) > 0) {
        len += n;
    }
    close(fds[0]);
    waitpid(pid, &status, 0);
    g_assert_cmpint(status, ==, 0);
    return g_strndup(text, len);
}

static int pool_run(void *opaque)
{
    return 0;
}

static void pool_done(void *opaque, int ret)
{
    atomic_fetch_add((atomic_uint *)opaque, 1);
    aio_wait_kick();
}

static void use_pool(void *opaque)
{
    thread_pool_submit_aio(pool_run, NULL, pool_done, opaque);
}

static atomic_bool is_ending;

/* Descriptors of all kinds come and go all the time. */
static void *make_contexts(void *opaque)
{
    while (!atomic_load(&is_ending)) {
        AioContext *ctx = aio_context_new(&error_abort);
        EventNotifier e;

        event_notifier_init(&e, 0);
        aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
        aio_set_event_notifier(ctx, &e, player_catches, NULL, NULL);
        aio_poll(ctx, false);
        aio_set_event_notifier(ctx, &e, NULL, NULL, NULL);
        aio_context_unref(ctx);
        event_notifier_cleanup(&e);
    }
    return NULL;
}

static void run_programs(AioContext *ctx, const char *expected)
{
    atomic_uint n_done = 0;
    Thread thread;

    atomic_store(&is_ending, false);
    thread_create(&thread, "make", 0, make_contexts, NULL);
    for (unsigned i = 0; i < N_PROGRAMS; i++) {
        g_autofree char *found = NULL;

        aio_bh_schedule_oneshot(ctx, use_pool, &n_done);
        found = list_descriptors();
        g_assert_cmpstr(found, ==, expected);
    }
    atomic_store(&is_ending, true);
    thread_join(&thread);
    AIO_WAIT_WHILE(NULL, atomic_load(&n_done) < N_PROGRAMS);
}

/* An iothread with a GMainContext, a thread pool, and a QMP server. */
static void test_programs(void)
{
    g_autofree char *before = list_descriptors();
    g_autofree char *dir = g_dir_make_tmp("qom-XXXXXX", NULL);
    g_autofree char *address = g_strdup_printf("unix:%s/sock", dir);
    IOThread *iothread = iothread_create("beside", &error_abort);
    QmpServer *server = qmp_server_new(aio_get_main_context(), address,
                                       &error_abort);
    AioContext *ctx = iothread_get_aio_context(iothread);

    iothread_get_g_main_context(iothread);
    run_programs(ctx, before);
    qmp_server_free(server);
    iothread_destroy(iothread);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    g_test_add_func("/aio/stress/two-million-bottom-halves",
                    test_two_million);
    g_test_add_func("/aio/stress/polling-changes-under-load",
                    test_change_polling);
    g_test_add_func("/aio/stress/programs-inherit-nothing", test_programs);
    return test_run();
}
