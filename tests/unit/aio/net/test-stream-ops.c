/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streams without coroutines, with each fd monitor: the functions that the loop
 * calls, two file descriptors, files, and two threads on one connection.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/net/stream.h"

#include <fcntl.h>
#include <string.h>

/* ---- A user ---- */

typedef struct User {
    AioStream *stream;
    bool reads;    /* and appends what was read to `input` */
    bool frees;    /* the next function frees the stream */
    unsigned n_readable;
    unsigned n_sent;
    unsigned n_closed;
    int error;     /* of the last `closed` */
    GString *input;
    bool has_ended;
} User;

static void read_input(User *user)
{
    ssize_t n = aio_stream_try_fill(user->stream);
    size_t size;
    const char *bytes = aio_stream_peek(user->stream, &size);

    if (n > 0) {
        g_string_append_len(user->input, bytes, size);
        aio_stream_consume(user->stream, size);
    } else if (n == 0) {
        g_assert_true(aio_stream_has_ended(user->stream));
        user->has_ended = true;
        aio_stream_set_reading(user->stream, false);
    }
}

static void maybe_free(User *user)
{
    if (user->frees) {
        g_clear_pointer(&user->stream, aio_stream_free);
    }
}

static void on_readable(AioStream *stream, void *opaque)
{
    User *user = opaque;

    user->n_readable++;
    if (user->reads) {
        read_input(user);
    }
    maybe_free(user);
}

static void on_sent(AioStream *stream, void *opaque)
{
    User *user = opaque;

    g_assert_cmpuint(aio_stream_get_unsent(stream), ==, 0);
    user->n_sent++;
    maybe_free(user);
}

static void on_closed(AioStream *stream, int error, void *opaque)
{
    User *user = opaque;

    user->n_closed++;
    user->error = error;
    maybe_free(user);
}

static const AioStreamOps ops = {
    .readable = on_readable,
    .sent = on_sent,
    .closed = on_closed,
};

static void user_begin_with(User *user, AioStream *stream)
{
    *user = (User) {
        .stream = stream, .reads = true, .input = g_string_new(NULL),
    };
    aio_stream_set_ops(stream, &ops, user);
    aio_stream_set_reading(stream, true);
}

static void user_begin(User *user, NetFixture *f)
{
    user_begin_with(user, aio_stream_new(f->ctx, f->fd[0]));
    f->fd[0] = -1;
}

static void user_end(User *user)
{
    aio_stream_free(user->stream);
    g_string_free(user->input, TRUE);
}

static void peer_send(NetFixture *f, const char *text)
{
    g_assert_cmpint(send(f->fd[1], text, strlen(text), 0), ==, strlen(text));
}

static char large[3 << 20];

/* Reads what has arrived.  Returns: the number of bytes */
static size_t peer_receive(NetFixture *f)
{
    size_t total = 0;
    ssize_t n;

    while ((n = recv(f->fd[1], large, sizeof(large), 0)) > 0) {
        total += n;
    }
    return total;
}

/* ---- Input ---- */

NET_TEST(test_readable_until_it_was_read)
{
    User user;

    user_begin(&user, f);
    user.reads = false;
    net_run(f, false);
    g_assert_cmpuint(user.n_readable, ==, 0);
    peer_send(f, "one");
    net_run_until(f, user.n_readable == 2);
    user.reads = true;
    net_run_until(f, user.input->len == 3);
    g_assert_cmpuint(user.n_readable, ==, 3);
    net_run(f, false);
    g_assert_cmpuint(user.n_readable, ==, 3);
    peer_send(f, "two");
    net_run_until(f, user.input->len == 6);
    g_assert_cmpstr(user.input->str, ==, "onetwo");
    user_end(&user);
}

NET_TEST(test_reading_stops_and_starts)
{
    User user;

    user_begin(&user, f);
    aio_stream_set_reading(user.stream, false);
    peer_send(f, "one");
    net_run(f, false);
    net_run(f, false);
    g_assert_cmpuint(user.n_readable, ==, 0);
    aio_stream_set_reading(user.stream, true);
    net_run_until(f, user.input->len == 3);
    user_end(&user);
}

NET_TEST(test_end_of_input)
{
    User user;

    user_begin(&user, f);
    peer_send(f, "last");
    net_close(f, 1);
    net_run_until(f, user.has_ended);
    g_assert_cmpstr(user.input->str, ==, "last");
    net_run(f, false);
    net_run(f, false);
    g_assert_cmpuint(user.n_readable, ==, 2);
    user_end(&user);
}

NET_TEST(test_free_in_readable)
{
    User user;

    user_begin(&user, f);
    user.frees = true;
    peer_send(f, "one");
    net_run_until(f, !user.stream);
    user_end(&user);
}

NET_TEST(test_limited_input)
{
    User user;

    user_begin(&user, f);
    aio_stream_limit_input(user.stream, 4);
    peer_send(f, "one two three");
    net_run_until(f, user.n_readable == 1);
    g_assert_cmpstr(user.input->str, ==, "one ");
    g_assert_cmpint(aio_stream_try_fill(user.stream), ==, 4);
    g_assert_cmpint(aio_stream_try_fill(user.stream), ==, 4);
    aio_stream_consume(user.stream, 1);
    g_assert_cmpint(aio_stream_try_fill(user.stream), ==, 4);
    g_assert_cmpmem(aio_stream_peek(user.stream, &(size_t) { 0 }), 4, "wo t",
                    4);
    user_end(&user);
}

/* ---- Output ---- */

NET_TEST(test_sent_after_a_kick)
{
    User user;

    user_begin(&user, f);
    aio_stream_queue(user.stream, "one", 3);
    aio_stream_kick(user.stream);
    g_assert_cmpuint(user.n_sent, ==, 0);
    net_run_until(f, user.n_sent == 1);
    g_assert_cmpuint(peer_receive(f), ==, 3);
    net_run(f, false);
    g_assert_cmpuint(user.n_sent, ==, 1);
    user_end(&user);
}

NET_TEST(test_sent_after_large_output)
{
    size_t received = 0;
    User user;

    user_begin(&user, f);
    aio_stream_queue_borrowed(user.stream, large, sizeof(large), NULL, NULL);
    aio_stream_kick(user.stream);
    net_run(f, true);
    g_assert_cmpuint(user.n_sent, ==, 0);
    while (!user.n_sent) {
        received += peer_receive(f);
        net_run(f, true);
    }
    received += peer_receive(f);
    g_assert_cmpuint(received, ==, sizeof(large));
    user_end(&user);
}

NET_TEST(test_send)
{
    User user;

    user_begin(&user, f);
    g_assert_cmpint(aio_stream_send(user.stream), ==, 0);
    aio_stream_queue(user.stream, "one", 3);
    g_assert_cmpint(aio_stream_send(user.stream), ==, 0);
    g_assert_cmpuint(peer_receive(f), ==, 3);
    aio_stream_queue_borrowed(user.stream, large, sizeof(large), NULL, NULL);
    g_assert_cmpint(aio_stream_send(user.stream), ==, -EAGAIN);
    while (!user.n_sent) {
        peer_receive(f);
        net_run(f, true);
    }
    peer_receive(f);
    user_end(&user);
}

NET_TEST(test_try_send)
{
    ssize_t n;
    User user;

    user_begin(&user, f);
    g_assert_cmpint(aio_stream_try_send(user.stream, "one", 3), ==, 3);
    net_run(f, false);
    g_assert_cmpuint(user.n_sent, ==, 0);
    n = aio_stream_try_send(user.stream, large, sizeof(large));
    g_assert_cmpint(n, >, 0);
    g_assert_cmpint(n, <, sizeof(large));
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), ==, -EAGAIN);
    net_run(f, false);
    g_assert_cmpuint(user.n_sent, ==, 0);
    g_assert_cmpint(peer_receive(f), ==, 3 + n);
    net_run_until(f, user.n_sent == 1);
    net_run(f, false);
    g_assert_cmpuint(user.n_sent, ==, 1);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), ==, 1);
    user_end(&user);
}

/* What is queued comes first. */
NET_TEST(test_try_send_behind_the_queue)
{
    User user;

    user_begin(&user, f);
    aio_stream_queue(user.stream, "one", 3);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), ==, -EAGAIN);
    net_run_until(f, user.n_sent == 1);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), ==, 1);
    g_assert_cmpuint(peer_receive(f), ==, 4);
    user_end(&user);
}

NET_TEST(test_closed)
{
    User user;

    user_begin(&user, f);
    aio_stream_set_reading(user.stream, false);
    aio_stream_queue_borrowed(user.stream, large, sizeof(large), NULL, NULL);
    aio_stream_kick(user.stream);
    net_run(f, true);
    net_close(f, 1);
    net_run_until(f, user.n_closed == 1);
    g_assert_true(user.error == -EPIPE || user.error == -ECONNRESET);
    g_assert_cmpuint(user.n_sent, ==, 0);
    net_run(f, false);
    g_assert_cmpuint(user.n_closed, ==, 1);
    user_end(&user);
}

NET_TEST(test_free_in_closed)
{
    User user;

    user_begin(&user, f);
    user.frees = true;
    aio_stream_set_reading(user.stream, false);
    aio_stream_queue(user.stream, "one", 3);
    net_close(f, 1);
    aio_stream_kick(user.stream);
    net_run_until(f, !user.stream);
    g_assert_cmpuint(user.n_closed, ==, 1);
    user_end(&user);
}

/* The error is returned, so it is not reported. */
NET_TEST(test_try_send_to_a_closed_peer)
{
    User user;

    user_begin(&user, f);
    aio_stream_set_reading(user.stream, false);
    g_assert_cmpint(aio_stream_try_send(user.stream, large, sizeof(large)), >,
                    0);
    net_close(f, 1);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), <, 0);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), !=, -EAGAIN);
    net_run(f, false);
    g_assert_cmpuint(user.n_closed, ==, 0);
    user_end(&user);
}

/* ---- Two file descriptors ---- */

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

NET_TEST(test_two_pipes)
{
    char bytes[16];
    int in[2];
    int out[2];
    User user;

    g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
    user_begin_with(&user, aio_stream_new_borrowed(f->ctx, in[0], out[1]));
    g_assert_cmpint(aio_stream_get_fd(user.stream), ==, in[0]);
    g_assert_cmpint(aio_stream_get_output_fd(user.stream), ==, out[1]);
    g_assert_cmpint(write(in[1], "one", 3), ==, 3);
    net_run_until(f, user.input->len == 3);
    g_assert_cmpint(aio_stream_try_send(user.stream, "two", 3), ==, 3);
    g_assert_cmpint(read(out[0], bytes, sizeof(bytes)), ==, 3);
    while (aio_stream_try_send(user.stream, large, sizeof(large)) > 0) {
        continue;
    }
    net_run(f, false);
    g_assert_cmpuint(user.n_sent, ==, 0);
    g_assert_cmpint(read(out[0], large, sizeof(large)), >, 0);
    net_run_until(f, user.n_sent == 1);
    close(in[1]);
    net_run_until(f, user.has_ended);
    close(out[0]);
    g_assert_cmpint(aio_stream_try_send(user.stream, "x", 1), ==, -EPIPE);
    user_end(&user);
    g_assert_true(is_open(in[0]));
    g_assert_true(is_open(out[1]));
    close(in[0]);
    close(out[1]);
}

/* Returns: a file with @size_bytes of `large`, to be read from its start */
static int make_file(size_t size_bytes)
{
    int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = i * 7 + i / 251;
    }
    g_assert_cmpint(write(fd, large, size_bytes), ==, size_bytes);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}

/* epoll rejects regular files. */
NET_TEST(test_file_as_input)
{
    int fd = make_file(sizeof(large));
    User user;

    user_begin_with(&user, aio_stream_new_borrowed(f->ctx, fd, f->fd[0]));
    net_run_until(f, user.input->len > 0);
    aio_stream_set_reading(user.stream, false);
    net_run(f, false);
    g_assert_false(aio_poll(f->ctx, false));
    g_assert_cmpuint(user.input->len, <, sizeof(large));
    aio_stream_set_reading(user.stream, true);
    net_run_until(f, user.has_ended);
    g_assert_cmpmem(user.input->str, user.input->len, large, sizeof(large));
    while (aio_poll(f->ctx, false)) {
        continue; /* ends, although the file is still readable */
    }
    user_end(&user);
    close(fd);
}

static int read_file(void *opaque)
{
    AioStream *stream = opaque;
    g_autofree char *copy = g_malloc(sizeof(large));
    ssize_t n = aio_stream_read(stream, copy, sizeof(large) / 2, -1);

    g_assert_cmpint(n, ==, sizeof(large) / 2);
    while (aio_stream_fill(stream, 1, -1) > 0) {
        size_t size;
        const char *bytes = aio_stream_peek(stream, &size);

        memcpy(copy + n, bytes, size);
        aio_stream_consume(stream, size);
        n += size;
    }
    g_assert_cmpmem(copy, n, large, sizeof(large));
    return 0;
}

NET_TEST(test_file_read_by_a_coroutine)
{
    int fd = make_file(sizeof(large));
    AioStream *stream = aio_stream_new(f->ctx, fd);

    co_group_spawn(f->group, NULL, read_file, stream);
    g_assert_cmpint(net_join(f), ==, 0);
    aio_stream_free(stream);
}

/* ---- Moving ---- */

/* In another thread: echoes, and frees the stream at the end of the input. */
static void moved_readable(AioStream *stream, void *opaque)
{
    const Loop *loop = opaque;
    ssize_t n = aio_stream_try_fill(stream);
    size_t size;
    const void *bytes = aio_stream_peek(stream, &size);

    g_assert_true(aio_get_current_context() == loop->ctx);
    if (n > 0) {
        aio_stream_queue(stream, bytes, size);
        aio_stream_kick(stream);
        aio_stream_consume(stream, size);
    } else if (n == 0) {
        aio_stream_free(stream);
    }
}

static const AioStreamOps moved_ops = { .readable = moved_readable };

/* Waits for all of @bytes; completions of io_uring interrupt MSG_WAITALL. */
static void expect_bytes(int fd, const void *bytes, size_t size)
{
    g_autofree char *copy = g_malloc(size);

    for (size_t n = 0; n < size;) {
        ssize_t ret;

        poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1, -1);
        ret = recv(fd, copy + n, size - n, 0);
        g_assert_true(ret > 0 ||
                      (ret < 0 && (errno == EAGAIN || errno == EINTR)));
        n += MAX(ret, 0);
    }
    g_assert_cmpmem(copy, size, bytes, size);
}

/* What is watched, and output that is queued, move along. */
NET_TEST(test_move)
{
    AioStream *stream = aio_stream_new(f->ctx, f->fd[0]);
    char byte;
    Loop loop;

    f->fd[0] = -1;
    loop_start(&loop);
    aio_stream_set_ops(stream, &moved_ops, &loop);
    aio_stream_set_reading(stream, true);
    aio_stream_queue(stream, "one ", 4);
    aio_stream_move(stream, loop.ctx);
    peer_send(f, "two");
    expect_bytes(f->fd[1], "one two", 7);
    shutdown(f->fd[1], SHUT_WR);
    poll(&(struct pollfd) { .fd = f->fd[1], .events = POLLIN }, 1, -1);
    loop_end(&loop);
    loop_join(&loop);
    g_assert_cmpint(recv(f->fd[1], &byte, 1, 0), ==, 0);
    aio_context_unref(loop.ctx);
}

/* ---- Two threads on one connection ---- */

#define N_MESSAGES 5000

typedef struct Shared {
    GMutex lock;    /* taken to read, to use `echo` and to send */
    GString *echo;  /* what was read and is to be sent */
    Loop loops[2];
    AioStream *streams[2];
    unsigned n_reads[2];
} Shared;

static void shared_echo(Shared *shared, AioStream *stream)
{
    while (shared->echo->len > 0) {
        ssize_t n = aio_stream_try_send(stream, shared->echo->str,
                                        shared->echo->len);

        if (n < 0) {
            break;
        }
        g_string_erase(shared->echo, 0, n);
    }
}

static void shared_readable(AioStream *stream, void *opaque)
{
    Shared *shared = opaque;
    ssize_t n;
    size_t size;
    const char *bytes;

    g_mutex_lock(&shared->lock);
    n = aio_stream_try_fill(stream);
    if (n > 0) {
        shared->n_reads[aio_stream_get_context(stream) ==
                        shared->loops[1].ctx]++;
        bytes = aio_stream_peek(stream, &size);
        g_string_append_len(shared->echo, bytes, size);
        aio_stream_consume(stream, size);
    } else if (n == 0) {
        aio_stream_set_reading(stream, false);
    }
    shared_echo(shared, stream);
    g_mutex_unlock(&shared->lock);
}

static void shared_sent(AioStream *stream, void *opaque)
{
    Shared *shared = opaque;

    g_mutex_lock(&shared->lock);
    shared_echo(shared, stream);
    g_mutex_unlock(&shared->lock);
}

static const AioStreamOps shared_ops = {
    .readable = shared_readable,
    .sent = shared_sent,
};

typedef struct Opening {
    Shared *shared;
    int i;
    int fd;
} Opening;

static void shared_open(void *opaque)
{
    Opening *opening = opaque;
    Shared *shared = opening->shared;
    AioStream *stream;

    stream = aio_stream_new_borrowed(shared->loops[opening->i].ctx,
                                     opening->fd, opening->fd);
    shared->streams[opening->i] = stream;
    aio_stream_set_ops(stream, &shared_ops, shared);
    aio_stream_set_reading(stream, true);
}

/* Sends numbers and checks that they come back. */
static void converse(int fd)
{
    uint32_t numbers[64];

    for (uint32_t i = 0; i < N_MESSAGES; i += G_N_ELEMENTS(numbers)) {
        for (uint32_t k = 0; k < G_N_ELEMENTS(numbers); k++) {
            numbers[k] = i + k;
        }
        g_assert_cmpint(send(fd, numbers, sizeof(numbers), 0), ==,
                        sizeof(numbers));
        expect_bytes(fd, numbers, sizeof(numbers));
    }
}

static void test_two_threads(void)
{
    Shared shared = { .echo = g_string_new(NULL) };
    Opening openings[2];
    int fd[2];

    g_mutex_init(&shared.lock);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd),
                    ==, 0);
    for (int i = 0; i < 2; i++) {
        loop_start(&shared.loops[i]);
        openings[i] = (Opening) { .shared = &shared, .i = i, .fd = fd[0] };
        aio_bh_schedule_oneshot(shared.loops[i].ctx, shared_open,
                                &openings[i]);
    }
    converse(fd[1]);
    close(fd[1]);
    for (int i = 0; i < 2; i++) {
        loop_end(&shared.loops[i]);
        loop_join(&shared.loops[i]);
        aio_set_current_context(shared.loops[i].ctx);
        aio_stream_free(shared.streams[i]);
        aio_set_current_context(aio_get_main_context());
        aio_context_unref(shared.loops[i].ctx);
    }
    g_test_message("reads: %u and %u", shared.n_reads[0], shared.n_reads[1]);
    g_assert_cmpuint(shared.echo->len, ==, 0);
    g_string_free(shared.echo, TRUE);
    g_mutex_clear(&shared.lock);
    close(fd[0]);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(NetFixture *f, const void *data);
    } tests[] = {
        { "readable/until-read", test_readable_until_it_was_read },
        { "readable/set-reading", test_reading_stops_and_starts },
        { "readable/end", test_end_of_input },
        { "readable/free", test_free_in_readable },
        { "readable/limited", test_limited_input },
        { "sent/kick", test_sent_after_a_kick },
        { "sent/large", test_sent_after_large_output },
        { "send", test_send },
        { "try-send/partial", test_try_send },
        { "try-send/behind-the-queue", test_try_send_behind_the_queue },
        { "try-send/closed-peer", test_try_send_to_a_closed_peer },
        { "closed/once", test_closed },
        { "closed/free", test_free_in_closed },
        { "two-fds/pipes", test_two_pipes },
        { "file/readable", test_file_as_input },
        { "file/coroutine", test_file_read_by_a_coroutine },
        { "move", test_move },
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        net_add("/aio/net/stream-ops", tests[i].name, tests[i].test);
    }
    g_test_add_func("/aio/net/stream-ops/two-threads", test_two_threads);
    return test_run();
}
