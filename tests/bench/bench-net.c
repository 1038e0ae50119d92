/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets and streams.
 *
 * A client in the same thread sends a batch of requests of 28 bytes with one
 * call, the server answers each with 16 bytes, and the client receives the
 * answers.  An operation is a request.  The floor does the same with
 * epoll_wait(), recv() and one send() for each batch, so the difference is what
 * the loop, the coroutine and the stream cost.
 *
 * stream is a coroutine that waits in the stream, serve one that is started for
 * the input, and ops are functions without a coroutine.  co_io is a coroutine
 * that uses co_read() and co_write(), which register the file descriptor for
 * each wait.
 */
#include "aio/aio.h"
#include "aio/net/stream.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define REQUEST_BYTES 28
#define REPLY_BYTES 16
#define MAX_DEPTH 64

typedef struct State {
    unsigned depth; /* requests in a batch */
    int fd[2];      /* client, server */
    int epoll_fd;   /* of the floor */
    AioContext *ctx;
    AioStream *stream;
    CoGroup *group;
} State;

static State *state_new(const void *arg)
{
    State *s = g_new0(State, 1);

    s->depth = GPOINTER_TO_UINT(arg);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   s->fd) < 0) {
        abort();
    }
    return s;
}

static void send_requests(State *s)
{
    char requests[REQUEST_BYTES * MAX_DEPTH] = { 0 };
    ssize_t n = send(s->fd[0], requests, REQUEST_BYTES * s->depth, 0);

    BENCH_KEEP(n);
}

static bool receive_replies(State *s)
{
    char replies[REPLY_BYTES * MAX_DEPTH];

    return recv(s->fd[0], replies, REPLY_BYTES * s->depth, 0) ==
           REPLY_BYTES * (ssize_t)s->depth;
}

/* ---- Ours ---- */

static void answer(AioStream *stream)
{
    static const char reply[REPLY_BYTES];
    size_t size;

    aio_stream_peek(stream, &size);
    while (size >= REQUEST_BYTES) {
        aio_stream_consume(stream, REQUEST_BYTES);
        size -= REQUEST_BYTES;
        aio_stream_queue(stream, reply, sizeof(reply));
    }
}

static int run_stream(void *opaque)
{
    State *s = opaque;

    while (aio_stream_fill(s->stream, REQUEST_BYTES, -1) >= REQUEST_BYTES) {
        answer(s->stream);
    }
    return 0;
}

static int run_serve(AioStream *stream, void *opaque)
{
    while (aio_stream_try_fill(stream) > 0) {
        answer(stream);
        if (aio_stream_has_ended(stream)) {
            return 0;
        }
    }
    return 1;
}

static void on_readable(AioStream *stream, void *opaque)
{
    char replies[REPLY_BYTES * MAX_DEPTH] = { 0 };
    ssize_t n = aio_stream_try_fill(stream);

    if (n > 0) {
        n = n / REQUEST_BYTES * REQUEST_BYTES;
        aio_stream_consume(stream, n);
        n = aio_stream_try_send(stream, replies,
                                n / REQUEST_BYTES * REPLY_BYTES);
        BENCH_KEEP(n);
    }
    aio_stream_set_reading(stream, !aio_stream_has_ended(stream));
}

static const AioStreamOps ops = { .readable = on_readable };

static int run_co_io(void *opaque)
{
    State *s = opaque;
    char requests[REQUEST_BYTES * MAX_DEPTH];
    char replies[REPLY_BYTES * MAX_DEPTH] = { 0 };
    ssize_t n;

    while ((n = co_read(s->fd[1], requests, sizeof(requests), -1)) > 0) {
        co_write(s->fd[1], replies, n / REQUEST_BYTES * REPLY_BYTES, -1);
    }
    return 0;
}

static State *ours_new(const void *arg)
{
    State *s = state_new(arg);

    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    s->group = co_group_new();
    return s;
}

static void *stream_setup(const void *arg)
{
    State *s = ours_new(arg);

    s->stream = aio_stream_new(s->ctx, s->fd[1]);
    co_group_spawn(s->group, NULL, run_stream, s);
    return s;
}

static void *serve_setup(const void *arg)
{
    State *s = ours_new(arg);

    s->stream = aio_stream_new(s->ctx, s->fd[1]);
    aio_stream_serve(s->stream, s->group, run_serve, s);
    return s;
}

static void *ops_setup(const void *arg)
{
    State *s = ours_new(arg);

    s->stream = aio_stream_new(s->ctx, s->fd[1]);
    aio_stream_set_ops(s->stream, &ops, s);
    aio_stream_set_reading(s->stream, true);
    return s;
}

static void *co_io_setup(const void *arg)
{
    State *s = ours_new(arg);

    co_group_spawn(s->group, NULL, run_co_io, s);
    return s;
}

static void ours_run(void *state, uint64_t n)
{
    State *s = state;

    for (uint64_t done = 0; done < n; done += s->depth) {
        send_requests(s);
        do {
            aio_poll(s->ctx, true);
        } while (!receive_replies(s));
    }
}

static void ours_teardown(void *state)
{
    State *s = state;

    close(s->fd[0]);
    co_group_wait(s->group);
    co_group_free(s->group);
    if (s->stream) {
        aio_stream_free(s->stream);
    } else {
        close(s->fd[1]);
    }
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s);
}

/* ---- The floor ---- */

static void *floor_setup(const void *arg)
{
    State *s = state_new(arg);
    struct epoll_event event = { .events = EPOLLIN };

    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->fd[1], &event);
    return s;
}

static void floor_run(void *state, uint64_t n)
{
    State *s = state;
    struct epoll_event event;
    char requests[REQUEST_BYTES * MAX_DEPTH];
    char replies[REPLY_BYTES * MAX_DEPTH] = { 0 };

    for (uint64_t done = 0; done < n; done += s->depth) {
        ssize_t size;

        send_requests(s);
        epoll_wait(s->epoll_fd, &event, 1, -1);
        size = recv(s->fd[1], requests, sizeof(requests), 0);
        size = send(s->fd[1], replies, size / REQUEST_BYTES * REPLY_BYTES,
                    MSG_NOSIGNAL);
        BENCH_KEEP(size);
        receive_replies(s);
    }
}

static void floor_teardown(void *state)
{
    State *s = state;

    close(s->epoll_fd);
    close(s->fd[0]);
    close(s->fd[1]);
    g_free(s);
}

#define OURS(how) { \
        .setup = how##_setup, .run = ours_run, .teardown = ours_teardown, \
    }

#define FLOOR { { "floor", floor_setup, .run = floor_run, \
                  .teardown = floor_teardown } }

#define CASE(how, depth) \
    { "net/" #how "/" #depth, GUINT_TO_POINTER(depth), 0, OURS(how), FLOOR }

static const BenchCase cases[] = {
    CASE(stream, 1),
    CASE(stream, 16),
    CASE(stream, 64),
    CASE(serve, 1),
    CASE(serve, 16),
    CASE(ops, 1),
    CASE(ops, 16),
    CASE(co_io, 1),
    { NULL }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
