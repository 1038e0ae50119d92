/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving streams between loops while data flows through them, with each fd
 * monitor, and streams in child processes.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/aio-wait.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/net/stream.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

#define N_LOOPS 2
#define MESSAGE_BYTES 512

static unsigned n_moves(void)
{
    return g_test_slow() ? 10000 : 1000;
}

/* ---- Two loops in threads, and a stream that moves between them ---- */

typedef struct Trip {
    Loop loops[N_LOOPS];
    CoGroup *group;
    int fd; /* of `stream` */
    AioStream *stream;
    AioStream *client; /* of the main loop; the other end of `stream` */
    unsigned n_moves;
    atomic_bool done;  /* the client ends the conversation */
    unsigned n_echoed; /* messages that the client has sent */
    uint64_t n_bytes;  /* that the server has read */
    unsigned at; /* the loop that `stream` is in; written in its thread */
} Trip;

static void trip_begin(Trip *trip, const void *data)
{
    const NetVariant *variant = data;
    int fd[2];

    *trip = (Trip) { .group = co_group_new() };
    for (int i = 0; i < N_LOOPS; i++) {
        loop_start(&trip->loops[i]);
        aio_context_set_fd_monitor(trip->loops[i].ctx, variant->monitor, NULL);
    }
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd),
                    ==, 0);
    trip->client = aio_stream_new(aio_get_main_context(), fd[0]);
    trip->fd = fd[1];
}

/* In the thread of the first loop. */
static void trip_open(void *opaque)
{
    Trip *trip = opaque;
    trip->stream = aio_stream_new(trip->loops[0].ctx, trip->fd);
}

static void trip_end(Trip *trip)
{
    g_assert_cmpint(co_group_wait(trip->group), ==, 0);
    aio_stream_free(trip->client);
    co_group_free(trip->group);
    for (int i = 0; i < N_LOOPS; i++) {
        loop_end(&trip->loops[i]);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        loop_join(&trip->loops[i]);
        aio_context_unref(trip->loops[i].ctx);
    }
}

/* ---- The server: echoes what it reads ---- */

static void echo_input(AioStream *stream)
{
    size_t size;
    const void *bytes = aio_stream_peek(stream, &size);

    aio_stream_queue(stream, bytes, size);
    aio_stream_consume(stream, size);
}

static int echo(void *opaque)
{
    Trip *trip = opaque;
    ssize_t n;

    trip_open(trip);
    while ((n = aio_stream_fill(trip->stream, 1, -1)) > 0) {
        echo_input(trip->stream);
    }
    g_assert_cmpint(n, ==, 0);
    return aio_stream_end_output(trip->stream, -1);
}

static int echo_some(AioStream *stream, void *opaque)
{
    do {
        echo_input(stream);
    } while (aio_stream_try_fill(stream) > 0);
    return aio_stream_has_ended(stream) ? aio_stream_end_output(stream, -1)
                                        : 1;
}

static void serve(void *opaque)
{
    Trip *trip = opaque;

    trip_open(trip);
    aio_stream_serve(trip->stream, trip->group, echo_some, trip);
}

/* Moves itself after each message. */
static int echo_and_move(void *opaque)
{
    Trip *trip = opaque;
    ssize_t n;

    trip_open(trip);
    while ((n = aio_stream_fill(trip->stream, 1, -1)) > 0) {
        echo_input(trip->stream);
        if (trip->n_moves < n_moves()) {
            trip->n_moves++;
            trip->at = !trip->at;
            aio_stream_move_self(trip->stream, trip->loops[trip->at].ctx);
            g_assert_true(in_aio_context_home_thread(
                trip->loops[trip->at].ctx));
        }
    }
    return aio_stream_end_output(trip->stream, -1);
}

/* ---- The client: keeps the connection busy until the moves are done ---- */

static int send_messages(void *opaque)
{
    Trip *trip = opaque;
    char bytes[MESSAGE_BYTES];

    for (unsigned i = 0; !atomic_load(&trip->done); i++) {
        memset(bytes, i, sizeof(bytes));
        aio_stream_queue(trip->client, bytes, sizeof(bytes));
        trip->n_echoed++;
        g_assert_cmpint(aio_stream_drain(trip->client, 4 * MESSAGE_BYTES, -1),
                        ==, 0);
        co_sleep_ns(AIO_CLOCK_REALTIME, 0);
    }
    return aio_stream_end_output(trip->client, -1);
}

static int check_messages(void *opaque)
{
    Trip *trip = opaque;
    char bytes[MESSAGE_BYTES];
    char expected[MESSAGE_BYTES];
    unsigned i = 0;
    ssize_t n;

    while ((n = aio_stream_read(trip->client, bytes, sizeof(bytes), -1)) ==
           MESSAGE_BYTES) {
        memset(expected, i++, sizeof(expected));
        g_assert_cmpmem(bytes, sizeof(bytes), expected, sizeof(expected));
    }
    g_assert_cmpint(n, ==, 0);
    g_assert_cmpuint(i, ==, trip->n_echoed);
    return 0;
}

static void client_start(Trip *trip)
{
    co_group_spawn(trip->group, NULL, check_messages, trip);
    co_group_spawn(trip->group, NULL, send_messages, trip);
}

/* ---- The mover: moves the stream from outside, whatever it waits for ---- */

static void move_next(void *opaque)
{
    Trip *trip = opaque;

    if (trip->n_moves == n_moves()) {
        atomic_store(&trip->done, true);
        return;
    }
    trip->n_moves++;
    trip->at = !trip->at;
    aio_stream_move(trip->stream, trip->loops[trip->at].ctx);
    aio_bh_schedule_oneshot(trip->loops[trip->at].ctx, move_next, trip);
}

static void free_stream(void *opaque)
{
    aio_stream_free(opaque);
}

static void check_moves(Trip *trip)
{
    g_assert_cmpuint(trip->n_moves, ==, n_moves());
    aio_wait_bh_oneshot(aio_stream_get_context(trip->stream), free_stream,
                        trip->stream);
}

static void test_move_while_it_waits(const void *data)
{
    Trip trip;

    trip_begin(&trip, data);
    co_group_spawn(trip.group, trip.loops[0].ctx, echo, &trip);
    aio_bh_schedule_oneshot(trip.loops[0].ctx, move_next, &trip);
    client_start(&trip);
    g_assert_cmpint(co_group_wait(trip.group), ==, 0);
    check_moves(&trip);
    trip_end(&trip);
}

static void test_move_while_served(const void *data)
{
    Trip trip;

    trip_begin(&trip, data);
    aio_wait_bh_oneshot(trip.loops[0].ctx, serve, &trip);
    aio_bh_schedule_oneshot(trip.loops[0].ctx, move_next, &trip);
    client_start(&trip);
    g_assert_cmpint(co_group_wait(trip.group), ==, 0);
    check_moves(&trip);
    trip_end(&trip);
}

static int ping_pong(void *opaque)
{
    Trip *trip = opaque;
    char bytes[MESSAGE_BYTES];

    while (trip->n_echoed < 2 * n_moves()) {
        memset(bytes, trip->n_echoed++, sizeof(bytes));
        aio_stream_queue(trip->client, bytes, sizeof(bytes));
        g_assert_cmpint(aio_stream_read(trip->client, bytes, sizeof(bytes),
                                        -1), ==, sizeof(bytes));
    }
    return aio_stream_end_output(trip->client, -1);
}

static void test_move_itself(const void *data)
{
    Trip trip;

    trip_begin(&trip, data);
    co_group_spawn(trip.group, trip.loops[0].ctx, echo_and_move, &trip);
    co_group_spawn(trip.group, NULL, ping_pong, &trip);
    g_assert_cmpint(co_group_wait(trip.group), ==, 0);
    check_moves(&trip);
    trip_end(&trip);
}

/* ---- Data that comes faster than it is read ---- */

#define FLOOD_BYTES (64 * 1024)

static int count_bytes(void *opaque)
{
    Trip *trip = opaque;
    ssize_t n;

    trip_open(trip);
    while ((n = aio_stream_fill(trip->stream, 1, -1)) > 0) {
        aio_stream_consume(trip->stream, n);
        trip->n_bytes += n;
    }
    return n;
}

static int flood(void *opaque)
{
    static const char bytes[FLOOD_BYTES];
    Trip *trip = opaque;

    while (!atomic_load(&trip->done)) {
        aio_stream_queue_borrowed(trip->client, bytes, sizeof(bytes), NULL,
                                  NULL);
        trip->n_echoed++;
        g_assert_cmpint(aio_stream_flush(trip->client, -1), ==, 0);
    }
    return aio_stream_end_output(trip->client, -1);
}

/* The reader seldom waits, and moves all the same. */
static void test_move_in_a_flood(const void *data)
{
    Trip trip;

    trip_begin(&trip, data);
    co_group_spawn(trip.group, trip.loops[0].ctx, count_bytes, &trip);
    aio_bh_schedule_oneshot(trip.loops[0].ctx, move_next, &trip);
    co_group_spawn(trip.group, NULL, flood, &trip);
    g_assert_cmpint(co_group_wait(trip.group), ==, 0);
    g_assert_cmpuint(trip.n_bytes, ==, (uint64_t)trip.n_echoed * FLOOD_BYTES);
    check_moves(&trip);
    trip_end(&trip);
}

/* ---- What moves along ---- */

static void do_nothing(void *opaque)
{
}

static int fill_until(void *opaque)
{
    Trip *trip = opaque;

    trip_open(trip);
    return aio_stream_fill(trip->stream, 1, co_deadline_ns(20 * SCALE_MS));
}

static void move_once(void *opaque)
{
    Trip *trip = opaque;

    trip->at = !trip->at;
    aio_stream_move(trip->stream, trip->loops[trip->at].ctx);
}

static void test_deadline_moves_along(const void *data)
{
    Trip trip;

    trip_begin(&trip, data);
    co_group_spawn(trip.group, trip.loops[0].ctx, fill_until, &trip);
    aio_wait_bh_oneshot(trip.loops[0].ctx, move_once, &trip);
    g_assert_cmpint(co_group_wait(trip.group), ==, -ETIMEDOUT);
    aio_wait_bh_oneshot(trip.loops[1].ctx, free_stream, trip.stream);
    trip_end(&trip);
}

static int fill_without_limit(void *opaque)
{
    Trip *trip = opaque;

    trip_open(trip);
    return aio_stream_fill(trip->stream, 1, -1);
}

/* The cancellation is on its way while the stream moves. */
static void test_cancel_during_moves(const void *data)
{
    for (int i = 0; i < 50; i++) {
        Trip trip;

        trip_begin(&trip, data);
        co_group_spawn(trip.group, trip.loops[0].ctx, fill_without_limit,
                       &trip);
        aio_bh_schedule_oneshot(trip.loops[0].ctx, move_once, &trip);
        co_group_cancel(trip.group);
        g_assert_cmpint(co_group_wait(trip.group), ==, -ECANCELED);
        aio_wait_bh_oneshot(trip.loops[0].ctx, do_nothing, NULL);
        aio_wait_bh_oneshot(trip.loops[trip.at].ctx, free_stream, trip.stream);
        trip_end(&trip);
    }
}

/* ---- Child processes ---- */

static int fill_forever(void *opaque)
{
    ssize_t n = aio_stream_fill(opaque, 1, -1);

    return MIN(n, 0);
}

NET_TEST(test_fork)
{
    AioStream *stream = aio_stream_new(f->ctx, f->fd[0]);
    pid_t child;
    int status;

    f->fd[0] = -1;
    aio_stream_queue(stream, "parent", 6);
    co_group_spawn(f->group, NULL, fill_forever, stream);
    aio_stream_queue(stream, "parent", 6);
    net_run(f, false);
    child = fork();
    if (child == 0) {
        aio_stream_free(stream);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpint(send(f->fd[1], "x", 1, 0), ==, 1);
    g_assert_cmpint(net_join(f), ==, 0);
    aio_stream_free(stream);
}

static void add(const char *name, void (*test)(const void *data))
{
    for (int i = 0; i < 3; i++) {
        g_autofree char *path = g_strdup_printf("/aio/net/stream/move/%s/%s",
                                                name, net_variants[i].name);

        g_test_add_data_func(path, &net_variants[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    add("while-it-waits", test_move_while_it_waits);
    add("while-served", test_move_while_served);
    add("itself", test_move_itself);
    add("in-a-flood", test_move_in_a_flood);
    add("deadline", test_deadline_moves_along);
    add("cancel", test_cancel_during_moves);
    net_add("/aio/net/stream", "fork", test_fork);
    return test_run();
}
