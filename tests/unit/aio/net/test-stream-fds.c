/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streams that pass file descriptors, with each fd monitor.
 *
 * What is passed is the writing end of a pipe.  While a process has it open, a
 * read from the pipe has to wait; after the last one is closed, the read finds
 * the end.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/net/stream.h"

#include <fcntl.h>
#include <string.h>

/* ---- Pipes ---- */

typedef struct Pipe {
    int out; /* its reading end */
    int in;  /* its writing end; -1: passed on */
} Pipe;

static void pipe_open(Pipe *p)
{
    int fd[2];

    g_assert_cmpint(pipe2(fd, O_CLOEXEC | O_NONBLOCK), ==, 0);
    *p = (Pipe) { .out = fd[0], .in = fd[1] };
}

static bool pipe_is_closed(const Pipe *p)
{
    char byte;

    return read(p->out, &byte, 1) == 0;
}

/* @fd is a duplicate of the writing end; it is closed. */
static void assert_is_pipe(Pipe *p, int fd)
{
    char byte = 0;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    g_assert_cmpint(write(fd, "p", 1), ==, 1);
    close(fd);
    g_assert_cmpint(read(p->out, &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'p');
}

/* ---- The other end ---- */

/* Sends @text and duplicates of the writing ends, which are closed here. */
static void peer_send(NetFixture *f, const char *text, Pipe *pipes, unsigned n)
{
    char control[CMSG_SPACE(4 * AIO_STREAM_FDS_MAX * sizeof(int))] = { 0 };
    struct iovec iov = { .iov_base = (char *)text, .iov_len = strlen(text) };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = CMSG_SPACE(n * sizeof(int)),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n * sizeof(int));
    for (unsigned i = 0; i < n; i++) {
        memcpy(CMSG_DATA(header) + i * sizeof(int), &pipes[i].in, sizeof(int));
    }
    g_assert_cmpint(sendmsg(f->fd[1], &message, 0), ==, strlen(text));
    for (unsigned i = 0; i < n; i++) {
        close(pipes[i].in);
        pipes[i].in = -1;
    }
}

/* Opens a pipe and sends its writing end with @text. */
static void peer_send_pipe(NetFixture *f, const char *text, Pipe *p)
{
    pipe_open(p);
    peer_send(f, text, p, 1);
}

static void pipes_close(Pipe *pipes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        close(pipes[i].out);
        if (pipes[i].in >= 0) {
            close(pipes[i].in);
        }
    }
}

static AioStream *open_stream(NetFixture *f, bool receives)
{
    AioStream *stream = aio_stream_new(f->ctx, f->fd[0]);

    f->fd[0] = -1;
    aio_stream_set_receives_fds(stream, receives);
    return stream;
}

/* ---- Receiving ---- */

NET_TEST(test_received_with_input)
{
    AioStream *stream = open_stream(f, true);
    Pipe p;

    g_assert_true(aio_stream_can_pass_fds(stream));
    peer_send_pipe(f, "with", &p);
    g_assert_cmpint(send(f->fd[1], "without", 7, 0), ==, 7);
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    g_assert_cmpint(aio_stream_try_fill(stream), ==, 4);
    assert_is_pipe(&p, aio_stream_take_fd(stream));
    g_assert_true(pipe_is_closed(&p));
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    g_assert_cmpint(aio_stream_try_fill(stream), ==, 11);
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    aio_stream_free(stream);
    pipes_close(&p, 1);
}

/* Two requests that are in the buffer together. */
NET_TEST(test_taken_in_order)
{
    AioStream *stream = open_stream(f, true);
    Pipe p[3];

    pipe_open(&p[0]);
    pipe_open(&p[1]);
    peer_send(f, "1st", p, 2);
    peer_send_pipe(f, "2nd", &p[2]);
    g_assert_cmpint(aio_stream_try_fill(stream), ==, 3);
    g_assert_cmpint(aio_stream_try_fill(stream), ==, 6);
    for (int i = 0; i < 3; i++) {
        assert_is_pipe(&p[i], aio_stream_take_fd(stream));
        aio_stream_consume(stream, 2);
    }
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    aio_stream_free(stream);
    pipes_close(p, 3);
}

NET_TEST(test_closed_when_later_input_is_consumed)
{
    AioStream *stream = open_stream(f, true);
    Pipe p[2];

    peer_send_pipe(f, "1st", &p[0]);
    peer_send_pipe(f, "2nd", &p[1]);
    aio_stream_try_fill(stream);
    aio_stream_try_fill(stream);
    aio_stream_consume(stream, 2);
    aio_stream_consume(stream, 1);
    g_assert_false(pipe_is_closed(&p[0]));
    aio_stream_consume(stream, 1);
    g_assert_true(pipe_is_closed(&p[0]));
    g_assert_false(pipe_is_closed(&p[1]));
    assert_is_pipe(&p[1], aio_stream_take_fd(stream));
    aio_stream_free(stream);
    pipes_close(p, 2);
}

NET_TEST(test_closed_with_the_stream)
{
    AioStream *stream = open_stream(f, true);
    Pipe p[2];

    peer_send_pipe(f, "1st", &p[0]);
    aio_stream_try_fill(stream);
    aio_stream_set_receives_fds(stream, false);
    g_assert_true(pipe_is_closed(&p[0]));
    aio_stream_set_receives_fds(stream, true);
    peer_send_pipe(f, "2nd", &p[1]);
    aio_stream_try_fill(stream);
    g_assert_false(pipe_is_closed(&p[1]));
    aio_stream_free(stream);
    g_assert_true(pipe_is_closed(&p[1]));
    pipes_close(p, 2);
}

/* Too many in one message, of which the kernel closes some; and in several. */
NET_TEST(test_bounded)
{
    enum { N = AIO_STREAM_FDS_MAX + 5 };
    AioStream *stream = open_stream(f, true);
    Pipe p[N];

    for (int i = 0; i < N; i++) {
        pipe_open(&p[i]);
    }
    peer_send(f, "a", p, N - 2);
    peer_send(f, "b", p + N - 2, 2);
    aio_stream_try_fill(stream);
    aio_stream_try_fill(stream);
    for (int i = 0; i < N; i++) {
        g_assert_cmpint(pipe_is_closed(&p[i]), ==, i >= AIO_STREAM_FDS_MAX);
    }
    for (int i = 0; i < AIO_STREAM_FDS_MAX; i++) {
        assert_is_pipe(&p[i], aio_stream_take_fd(stream));
    }
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    aio_stream_free(stream);
    pipes_close(p, N);
}

NET_TEST(test_not_received_unless_asked_for)
{
    AioStream *stream = open_stream(f, false);
    Pipe p;

    peer_send_pipe(f, "data", &p);
    g_assert_cmpint(aio_stream_try_fill(stream), ==, 4);
    g_assert_true(pipe_is_closed(&p));
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    aio_stream_free(stream);
    pipes_close(&p, 1);
}

NET_TEST(test_only_on_unix_sockets)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AioStream *stream;

    g_assert_cmpint(fd, >=, 0);
    stream = aio_stream_new(f->ctx, fd);
    g_assert_false(aio_stream_can_pass_fds(stream));
    aio_stream_set_receives_fds(stream, true);
    g_assert_cmpint(aio_stream_take_fd(stream), ==, -1);
    aio_stream_free(stream);
}

/* Headers, each of which is read directly into memory. */
static int read_headers(void *opaque)
{
    AioStream *stream = opaque;
    char header[4];

    for (int i = 0; i < 2; i++) {
        if (aio_stream_read(stream, header, 4, -1) != 4) {
            return -EIO;
        }
    }
    return 0;
}

NET_TEST(test_read_directly)
{
    AioStream *stream = open_stream(f, true);
    Pipe p[2];

    co_group_spawn(f->group, NULL, read_headers, stream);
    peer_send_pipe(f, "head", &p[0]);
    peer_send_pipe(f, "head", &p[1]);
    g_assert_cmpint(net_join(f), ==, 0);
    g_assert_true(pipe_is_closed(&p[0]));
    g_assert_false(pipe_is_closed(&p[1]));
    assert_is_pipe(&p[1], aio_stream_take_fd(stream));
    aio_stream_free(stream);
    pipes_close(p, 2);
}

/* ---- Sending ---- */

static int run_flush(void *opaque)
{
    return aio_stream_flush(opaque, -1);
}

static char large[1 << 20];

/* @stream receives `large`, and then "fds" with two of them. */
static int receive_fds(void *opaque)
{
    AioStream *stream = opaque;

    if (aio_stream_skip(stream, sizeof(large), -1) != sizeof(large) ||
        aio_stream_fill(stream, 3, -1) != 3) {
        return -EIO;
    }
    return memcmp(aio_stream_peek(stream, &(size_t) { 0 }), "fds", 3) ? -EIO
                                                                      : 0;
}

NET_TEST(test_sent_in_order_with_data)
{
    AioStream *stream = open_stream(f, false);
    AioStream *peer = aio_stream_new(f->ctx, f->fd[1]);
    Pipe p[2];

    f->fd[1] = -1;
    aio_stream_set_receives_fds(peer, true);
    pipe_open(&p[0]);
    pipe_open(&p[1]);
    aio_stream_queue_borrowed(stream, large, sizeof(large), NULL, NULL);
    aio_stream_queue_with_fds(stream, "fds", 3, (int[]) { p[0].in, p[1].in },
                              2);
    p[0].in = -1;
    p[1].in = -1;
    g_assert_cmpuint(aio_stream_get_unsent(stream), ==, sizeof(large) + 3);
    co_group_spawn(f->group, NULL, receive_fds, peer);
    co_group_spawn(f->group, NULL, run_flush, stream);
    g_assert_cmpint(net_join(f), ==, 0);
    assert_is_pipe(&p[0], aio_stream_take_fd(peer));
    assert_is_pipe(&p[1], aio_stream_take_fd(peer));
    g_assert_true(pipe_is_closed(&p[0])); /* the sender has closed its own */
    g_assert_true(pipe_is_closed(&p[1]));
    aio_stream_free(stream);
    aio_stream_free(peer);
    pipes_close(p, 2);
}

NET_TEST(test_closed_when_output_is_dropped)
{
    AioStream *stream = open_stream(f, false);
    Pipe p[2];

    pipe_open(&p[0]);
    pipe_open(&p[1]);
    aio_stream_queue_with_fds(stream, "a", 1, &p[0].in, 1);
    net_close(f, 1);
    co_group_spawn(f->group, NULL, run_flush, stream);
    g_assert_cmpint(net_join(f), ==, -EPIPE);
    g_assert_true(pipe_is_closed(&p[0]));
    aio_stream_queue_with_fds(stream, "b", 1, &p[1].in, 1);
    g_assert_true(pipe_is_closed(&p[1]));
    aio_stream_free(stream);
    p[0].in = -1;
    p[1].in = -1;
    pipes_close(p, 2);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(NetFixture *f, const void *data);
    } tests[] = {
        { "receive/with-input", test_received_with_input },
        { "receive/order", test_taken_in_order },
        { "receive/not-taken", test_closed_when_later_input_is_consumed },
        { "receive/free", test_closed_with_the_stream },
        { "receive/bounded", test_bounded },
        { "receive/off", test_not_received_unless_asked_for },
        { "receive/tcp", test_only_on_unix_sockets },
        { "receive/direct", test_read_directly },
        { "send/order", test_sent_in_order_with_data },
        { "send/dropped", test_closed_when_output_is_dropped },
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        net_add("/aio/net/stream-fds", tests[i].name, tests[i].test);
    }
    return test_run();
}
