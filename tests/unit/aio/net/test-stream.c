/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams, with each fd monitor, run by aio_poll() and by GLib. */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/coroutine/coroutine-sleep.h"
#include "aio/net/stream.h"

#include <fcntl.h>
#include <signal.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

static char large[3 << 20];

/* ---- A stream, and a coroutine that uses it ---- */

typedef struct Use {
    NetFixture *f;
    AioStream *stream; /* on f->fd[0] */
    size_t min_bytes;
    int64_t deadline_ns;
    Coroutine *co;
    ssize_t ret;
    bool done;
} Use;

static void use_begin(Use *use, NetFixture *f)
{
    *use = (Use) { .f = f, .min_bytes = 1, .deadline_ns = -1 };
    use->stream = aio_stream_new(f->ctx, f->fd[0]);
    f->fd[0] = -1;
}

static int run_fill(void *opaque)
{
    Use *use = opaque;

    use->co = coroutine_self();
    use->ret = aio_stream_fill(use->stream, use->min_bytes, use->deadline_ns);
    use->done = true;
    return 0;
}

static int run_flush(void *opaque)
{
    Use *use = opaque;

    use->co = coroutine_self();
    use->ret = aio_stream_flush(use->stream, use->deadline_ns);
    use->done = true;
    return 0;
}

static void start(Use *use, CoGroupFunc *entry)
{
    use->done = false;
    co_group_spawn(use->f->group, NULL, entry, use);
}

static void peer_send(NetFixture *f, const char *text)
{
    g_assert_cmpint(send(f->fd[1], text, strlen(text), 0), ==, strlen(text));
}

#define assert_input(use, text)                                         \
    do {                                                                \
        size_t size_;                                                   \
        const char *bytes_ = aio_stream_peek((use)->stream, &size_);    \
        g_assert_cmpmem(bytes_, size_, (text), strlen(text));           \
    } while (0)

/* ---- Input ---- */

NET_TEST(test_fill_returns_all_that_has_arrived)
{
    Use use;

    use_begin(&use, f);
    peer_send(f, "one two");
    start(&use, run_fill);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, 7);
    assert_input(&use, "one two");
    aio_stream_consume(use.stream, 4);
    assert_input(&use, "two");
    aio_stream_free(use.stream);
}

NET_TEST(test_fill_waits_for_enough)
{
    Use use;

    use_begin(&use, f);
    use.min_bytes = 5;
    start(&use, run_fill);
    peer_send(f, "ab");
    net_run(f, true);
    net_run(f, false);
    g_assert_false(use.done);
    peer_send(f, "cdefg");
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 7);
    assert_input(&use, "abcdefg");
    aio_stream_free(use.stream);
}

NET_TEST(test_fill_at_the_end)
{
    Use use;

    use_begin(&use, f);
    use.min_bytes = 5;
    start(&use, run_fill);
    peer_send(f, "abc");
    net_close(f, 1);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 3);
    g_assert_true(aio_stream_has_ended(use.stream));
    aio_stream_consume(use.stream, 3);
    start(&use, run_fill);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, 0);
    aio_stream_free(use.stream);
}

static int run_fill_line(void *opaque)
{
    Use *use = opaque;

    use->co = coroutine_self();
    use->ret = aio_stream_fill_line(use->stream, use->min_bytes,
                                    use->deadline_ns);
    use->done = true;
    return 0;
}

/* Lines that arrive together, in parts, and without a line break. */
NET_TEST(test_fill_line)
{
    Use use;

    use_begin(&use, f);
    use.min_bytes = 6; /* the longest line */
    start(&use, run_fill_line);
    peer_send(f, "one\n\ntw");
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 4);
    aio_stream_consume(use.stream, 4);
    start(&use, run_fill_line);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, 1);
    aio_stream_consume(use.stream, 1);
    start(&use, run_fill_line);
    net_run(f, false);
    g_assert_false(use.done);
    peer_send(f, "o 3\nlonger\n");
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 6);
    aio_stream_consume(use.stream, 6);
    start(&use, run_fill_line);
    g_assert_cmpint(use.ret, ==, -EMSGSIZE);
    aio_stream_consume(use.stream, 7);
    peer_send(f, "end");
    net_close(f, 1);
    start(&use, run_fill_line);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 0);
    assert_input(&use, "end");
    aio_stream_free(use.stream);
}

NET_TEST(test_fill_line_is_cancelled)
{
    Use use;

    use_begin(&use, f);
    use.min_bytes = 100;
    start(&use, run_fill_line);
    peer_send(f, "part");
    net_run(f, false);
    coroutine_cancel(use.co);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, -ECANCELED);
    aio_stream_free(use.stream);
}

NET_TEST(test_fill_after_its_deadline)
{
    Use use;

    use_begin(&use, f);
    use.deadline_ns = co_deadline_ns(0);
    start(&use, run_fill);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, -ETIMEDOUT);
    peer_send(f, "a");
    use.deadline_ns = co_deadline_ns(HOUR_NS);
    start(&use, run_fill);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 1);
    aio_stream_free(use.stream);
}

NET_TEST(test_fill_is_cancelled)
{
    Use use;

    use_begin(&use, f);
    start(&use, run_fill);
    net_run(f, false);
    coroutine_cancel(use.co);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, -ECANCELED);
    start(&use, run_fill);
    g_assert_false(use.done);
    peer_send(f, "a");
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 1);
    aio_stream_free(use.stream);
}

/* One byte at a time, in pieces that cross the end of the buffer. */
static int read_numbers(void *opaque)
{
    Use *use = opaque;
    size_t total = 0;

    while (total < sizeof(large)) {
        size_t want = 1 + total % 70001;
        size_t size;
        const char *bytes;

        want = MIN(want, sizeof(large) - total);
        if (aio_stream_fill(use->stream, want, -1) < (ssize_t)want) {
            return -EIO;
        }
        bytes = aio_stream_peek(use->stream, &size);
        g_assert_cmpint(memcmp(bytes, large + total, want), ==, 0);
        aio_stream_consume(use->stream, want);
        total += want;
    }
    return 0;
}

static int send_large(void *opaque)
{
    NetFixture *f = opaque;

    return MIN(0, co_write(f->fd[1], large, sizeof(large), -1));
}

static void fill_large(void)
{
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = i * 7 + i / 251;
    }
}

NET_TEST(test_input_crosses_the_buffer)
{
    Use use;

    fill_large();
    use_begin(&use, f);
    start(&use, read_numbers);
    co_group_spawn(f->group, NULL, send_large, f);
    g_assert_cmpint(net_join(f), ==, 0);
    aio_stream_free(use.stream);
}

static int read_directly(void *opaque)
{
    Use *use = opaque;
    g_autofree char *copy = g_malloc(sizeof(large));
    size_t half = sizeof(large) / 2;

    if (aio_stream_fill(use->stream, 5, -1) < 5 ||
        aio_stream_read(use->stream, copy, half, -1) != (ssize_t)half ||
        aio_stream_skip(use->stream, 1000, -1) != 1000 ||
        aio_stream_read(use->stream, copy + half + 1000, half - 1000, -1) !=
            (ssize_t)half - 1000) {
        return -EIO;
    }
    memcpy(copy + half, large + half, 1000);
    g_assert_cmpint(memcmp(copy, large, sizeof(large)), ==, 0);
    return 0;
}

NET_TEST(test_read_into_memory)
{
    Use use;

    fill_large();
    use_begin(&use, f);
    start(&use, read_directly);
    co_group_spawn(f->group, NULL, send_large, f);
    g_assert_cmpint(net_join(f), ==, 0);
    aio_stream_free(use.stream);
}

/* ---- Output ---- */

static void count(void *opaque)
{
    ++*(unsigned *)opaque;
}

NET_TEST(test_output_is_sent_in_order)
{
    unsigned released = 0;
    char bytes[64];
    Use use;

    use_begin(&use, f);
    aio_stream_queue(use.stream, "one ", 4);
    aio_stream_queue(use.stream, "two ", 4);
    aio_stream_queue_borrowed(use.stream, "three", 5, count, &released);
    aio_stream_queue(use.stream, " four", 5);
    g_assert_cmpuint(aio_stream_get_unsent(use.stream), ==, 18);
    start(&use, run_flush);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, 0);
    g_assert_cmpuint(released, ==, 1);
    g_assert_cmpuint(aio_stream_get_unsent(use.stream), ==, 0);
    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==, 18);
    g_assert_cmpmem(bytes, 18, "one two three four", 18);
    aio_stream_free(use.stream);
}

NET_TEST(test_kick_sends_in_the_next_iteration)
{
    char bytes[64];
    Use use;

    use_begin(&use, f);
    aio_stream_queue(use.stream, "one ", 4);
    aio_stream_kick(use.stream);
    aio_stream_queue(use.stream, "two", 3);
    aio_stream_kick(use.stream);
    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==, -1);
    net_run(f, true);
    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==, 7);
    aio_stream_free(use.stream);
}

static int receive_all(void *opaque)
{
    NetFixture *f = opaque;
    g_autofree char *copy = g_malloc(sizeof(large));
    size_t total = 0;
    ssize_t n;

    while ((n = co_read(f->fd[1], copy + total, sizeof(large) - total,
                        -1)) > 0) {
        total += n;
        if (total == sizeof(large)) {
            break;
        }
    }
    g_assert_cmpuint(total, ==, sizeof(large));
    g_assert_cmpint(memcmp(copy, large, total), ==, 0);
    return 0;
}

/* Copies and borrowed memory of many sizes: several blocks and partial
 * sends. */
static void queue_large(AioStream *stream, unsigned *n, unsigned *released)
{
    for (size_t at = 0, i = 0; at < sizeof(large); i++) {
        size_t size = MIN(1 + i * 37 % 9000, sizeof(large) - at);

        if (i % 3) {
            aio_stream_queue(stream, large + at, size);
        } else {
            aio_stream_queue_borrowed(stream, large + at, size, count,
                                      released);
            ++*n;
        }
        at += size;
    }
}

NET_TEST(test_large_output)
{
    unsigned n = 0;
    unsigned released = 0;
    Use use;

    fill_large();
    use_begin(&use, f);
    queue_large(use.stream, &n, &released);
    start(&use, run_flush);
    g_assert_false(use.done);
    co_group_spawn(f->group, NULL, receive_all, f);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 0);
    g_assert_cmpint(net_join(f), ==, 0);
    g_assert_cmpuint(released, ==, n);
    aio_stream_free(use.stream);
}

/* Returns: a file with the bytes of `large`, which has no name */
static int make_file(void)
{
    int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, large, sizeof(large)), ==, sizeof(large));
    return fd;
}

/* Parts of a file between memory, larger than the socket takes. */
NET_TEST(test_parts_of_a_file)
{
    const size_t size = sizeof(large) / 3;
    unsigned released = 0;
    Use use;
    int fd;

    fill_large();
    fd = make_file();
    use_begin(&use, f);
    aio_stream_queue(use.stream, large, 10);
    aio_stream_queue_file(use.stream, fd, 10, size - 10, count, &released);
    aio_stream_queue_borrowed(use.stream, large + size, size, count,
                              &released);
    aio_stream_queue_file(use.stream, fd, 2 * size, size - 7, count,
                          &released);
    aio_stream_queue_file(use.stream, fd, 0, 0, count, &released);
    aio_stream_queue(use.stream, large + 3 * size - 7, 7);
    g_assert_cmpuint(aio_stream_get_unsent(use.stream), ==, 3 * size);
    start(&use, run_flush);
    g_assert_false(use.done);
    co_group_spawn(f->group, NULL, receive_all, f);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, 0);
    g_assert_cmpint(net_join(f), ==, 0);
    g_assert_cmpuint(released, ==, 4);
    g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, sizeof(large));
    aio_stream_free(use.stream);
    close(fd);
}

NET_TEST(test_file_that_is_too_short)
{
    unsigned released = 0;
    Use use;
    int fd;

    fill_large();
    fd = make_file();
    use_begin(&use, f);
    aio_stream_queue_file(use.stream, fd, sizeof(large) - 5, 6, count,
                          &released);
    aio_stream_queue(use.stream, "after", 5);
    start(&use, run_flush);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, -EIO);
    g_assert_cmpuint(released, ==, 1);
    aio_stream_queue_file(use.stream, fd, 0, 6, count, &released);
    g_assert_cmpuint(released, ==, 2);
    aio_stream_free(use.stream);
    close(fd);
}

/* SIGPIPE would end the program. */
NET_TEST(test_file_to_a_closed_peer)
{
    unsigned released = 0;
    sigset_t pending;
    Use use;
    int fd;

    fill_large();
    fd = make_file();
    use_begin(&use, f);
    net_close(f, 1);
    signal(SIGPIPE, SIG_DFL);
    aio_stream_queue_file(use.stream, fd, 0, 6, count, &released);
    start(&use, run_flush);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, -EPIPE);
    g_assert_cmpuint(released, ==, 1);
    g_assert_cmpint(sigpending(&pending), ==, 0);
    g_assert_cmpint(sigismember(&pending, SIGPIPE), ==, 0);
    aio_stream_free(use.stream);
    close(fd);
}

/* The handler sends what a kick has left. */
NET_TEST(test_kick_of_large_output)
{
    unsigned n = 0;
    unsigned released = 0;
    Use use;

    fill_large();
    use_begin(&use, f);
    queue_large(use.stream, &n, &released);
    aio_stream_kick(use.stream);
    co_group_spawn(f->group, NULL, receive_all, f);
    g_assert_cmpint(net_join(f), ==, 0);
    net_run_until(f, aio_stream_get_unsent(use.stream) == 0);
    g_assert_cmpuint(released, ==, n);
    aio_stream_free(use.stream);
}

static int run_drain_half(void *opaque)
{
    Use *use = opaque;

    use->ret = aio_stream_drain(use->stream, sizeof(large) / 2, -1);
    use->done = true;
    return 0;
}

NET_TEST(test_drain_returns_early)
{
    Use use;

    use_begin(&use, f);
    aio_stream_queue_borrowed(use.stream, large, sizeof(large), NULL, NULL);
    start(&use, run_drain_half);
    g_assert_false(use.done);
    while (!use.done) {
        net_run(f, false);
        g_assert_cmpint(recv(f->fd[1], large, 100000, 0), >, 0);
    }
    g_assert_cmpint(use.ret, ==, 0);
    g_assert_cmpuint(aio_stream_get_unsent(use.stream), >, 0);
    aio_stream_free(use.stream);
}

NET_TEST(test_flush_after_its_deadline)
{
    Use use;

    use_begin(&use, f);
    aio_stream_queue_borrowed(use.stream, large, sizeof(large), NULL, NULL);
    use.deadline_ns = co_deadline_ns(0);
    start(&use, run_flush);
    net_run_until(f, use.done);
    g_assert_cmpint(use.ret, ==, -ETIMEDOUT);
    use.deadline_ns = -1;
    start(&use, run_flush);
    co_group_spawn(f->group, NULL, receive_all, f);
    g_assert_cmpint(net_join(f), ==, 0);
    g_assert_cmpint(use.ret, ==, 0);
    aio_stream_free(use.stream);
}

NET_TEST(test_flush_is_cancelled)
{
    unsigned released = 0;
    Use use;

    use_begin(&use, f);
    aio_stream_queue_borrowed(use.stream, large, sizeof(large), count,
                              &released);
    start(&use, run_flush);
    coroutine_cancel(use.co);
    g_assert_true(use.done);
    g_assert_cmpint(use.ret, ==, -ECANCELED);
    g_assert_cmpuint(released, ==, 0);
    aio_stream_free(use.stream);
    g_assert_cmpuint(released, ==, 1);
}

NET_TEST(test_peer_vanishes_during_flush)
{
    unsigned released = 0;
    Use use;

    use_begin(&use, f);
    aio_stream_queue_borrowed(use.stream, large, sizeof(large), count,
                              &released);
    start(&use, run_flush);
    net_close(f, 1);
    net_run_until(f, use.done);
    g_assert_true(use.ret == -EPIPE || use.ret == -ECONNRESET);
    g_assert_cmpuint(released, ==, 1);
    aio_stream_queue_borrowed(use.stream, large, 1, count, &released);
    g_assert_cmpuint(released, ==, 2);
    aio_stream_queue(use.stream, "x", 1);
    start(&use, run_flush);
    g_assert_cmpint(use.ret, <, 0);
    aio_stream_free(use.stream);
}

/* A stream for one direction; SIGPIPE would end the program. */
NET_TEST(test_pipe)
{
    char bytes[16];
    int fd[2];
    Use use;

    g_assert_cmpint(pipe2(fd, O_CLOEXEC), ==, 0);
    signal(SIGPIPE, SIG_DFL);
    net_close(f, 0);
    f->fd[0] = fd[1];
    use_begin(&use, f);
    aio_stream_queue(use.stream, "one", 3);
    start(&use, run_flush);
    g_assert_cmpint(use.ret, ==, 0);
    g_assert_cmpint(read(fd[0], bytes, sizeof(bytes)), ==, 3);
    close(fd[0]);
    aio_stream_queue(use.stream, "two", 3);
    start(&use, run_flush);
    g_assert_cmpint(use.ret, ==, -EPIPE);
    aio_stream_free(use.stream);
}

/* ---- Half close ---- */

static int run_half_close(void *opaque)
{
    Use *use = opaque;

    aio_stream_queue(use->stream, "last words", 10);
    g_assert_cmpint(aio_stream_end_output(use->stream, -1), ==, 0);
    use->ret = aio_stream_fill(use->stream, 6, -1);
    use->done = true;
    return 0;
}

NET_TEST(test_half_close)
{
    char bytes[64];
    Use use;

    use_begin(&use, f);
    start(&use, run_half_close);
    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==, 10);
    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==, 0);
    peer_send(f, "answer");
    net_run_until(f, use.done);
    assert_input(&use, "answer");
    aio_stream_free(use.stream);
}

/* ---- Serving ---- */

typedef struct Server {
    AioStream *stream;
    unsigned n_calls;
    int end_ret;
    bool ended;
} Server;

/* Echoes lines; frees the stream at the end. */
static int serve_lines(AioStream *stream, void *opaque)
{
    Server *server = opaque;
    const char *bytes;
    const char *end;
    size_t size;

    server->n_calls++;
    do {
        bytes = aio_stream_peek(stream, &size);
        while ((end = memchr(bytes, '\n', size)) != NULL) {
            size_t line = end + 1 - bytes;

            aio_stream_queue(stream, bytes, line);
            aio_stream_consume(stream, line);
            bytes = aio_stream_peek(stream, &size);
        }
        if (aio_stream_has_ended(stream)) {
            aio_stream_free(stream);
            server->ended = true;
            return server->end_ret;
        }
    } while (aio_stream_try_fill(stream) >= 0);
    return 1;
}

static void peer_expect(NetFixture *f, const char *text)
{
    char bytes[64];

    g_assert_cmpint(recv(f->fd[1], bytes, sizeof(bytes), 0), ==,
                    strlen(text));
    g_assert_cmpint(memcmp(bytes, text, strlen(text)), ==, 0);
}

NET_TEST(test_serve)
{
    Server server = { .end_ret = -EIO };
    Use use;

    use_begin(&use, f);
    aio_stream_serve(use.stream, f->group, serve_lines, &server);
    net_run(f, false);
    g_assert_cmpuint(server.n_calls, ==, 0);
    peer_send(f, "a\nbb\nc");
    net_run_until(f, server.n_calls == 1);
    peer_expect(f, "a\nbb\n");
    g_assert_cmpuint(co_group_get_n(f->group), ==, 0);
    peer_send(f, "cc\n");
    net_run_until(f, server.n_calls == 2);
    peer_expect(f, "ccc\n");
    net_close(f, 1);
    net_run_until(f, server.ended);
    g_assert_cmpint(net_join(f), ==, -EIO);
}

NET_TEST(test_serve_what_the_buffer_contains)
{
    Server server = { 0 };
    Use use;

    use_begin(&use, f);
    peer_send(f, "a\n");
    start(&use, run_fill);
    aio_stream_serve(use.stream, NULL, serve_lines, &server);
    net_run_until(f, server.n_calls == 1);
    peer_expect(f, "a\n");
    net_close(f, 1);
    net_run_until(f, server.ended);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(NetFixture *f, const void *data);
    } tests[] = {
        { "fill/all", test_fill_returns_all_that_has_arrived },
        { "fill/enough", test_fill_waits_for_enough },
        { "fill/end", test_fill_at_the_end },
        { "fill-line", test_fill_line },
        { "fill-line/cancelled", test_fill_line_is_cancelled },
        { "fill/deadline", test_fill_after_its_deadline },
        { "fill/cancel", test_fill_is_cancelled },
        { "fill/crosses-the-buffer", test_input_crosses_the_buffer },
        { "read", test_read_into_memory },
        { "queue/order", test_output_is_sent_in_order },
        { "queue/kick", test_kick_sends_in_the_next_iteration },
        { "queue/large", test_large_output },
        { "queue/large-kick", test_kick_of_large_output },
        { "queue/parts-of-a-file", test_parts_of_a_file },
        { "queue/file-too-short", test_file_that_is_too_short },
        { "queue/file-to-a-closed-peer", test_file_to_a_closed_peer },
        { "drain/early", test_drain_returns_early },
        { "flush/deadline", test_flush_after_its_deadline },
        { "flush/cancel", test_flush_is_cancelled },
        { "flush/peer-vanishes", test_peer_vanishes_during_flush },
        { "pipe", test_pipe },
        { "half-close", test_half_close },
        { "serve/lines", test_serve },
        { "serve/buffer", test_serve_what_the_buffer_contains },
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        net_add("/aio/net/stream", tests[i].name, tests[i].test);
    }
    return test_run();
}
