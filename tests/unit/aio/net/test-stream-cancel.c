/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each wait of a stream, with each fd monitor, run by aio_poll() and by GLib:
 * after its deadline, and cancelled at each time.  The stream is usable
 * afterwards, and is freed without leaks.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/net/stream.h"
#include "aio/timer.h"

#include <malloc.h>
#include <string.h>

/* A wait that does not end by itself: the peer neither sends nor reads. */
typedef struct Op {
    const char *name;
    int64_t (*run)(AioStream *stream, int64_t deadline_ns);
} Op;

static char large[1 << 20];

static int64_t op_fill(AioStream *stream, int64_t deadline_ns)
{
    return aio_stream_fill(stream, 100, deadline_ns);
}

static int64_t op_read(AioStream *stream, int64_t deadline_ns)
{
    char bytes[100];

    return aio_stream_read(stream, bytes, sizeof(bytes), deadline_ns);
}

static int64_t op_skip(AioStream *stream, int64_t deadline_ns)
{
    return aio_stream_skip(stream, 100, deadline_ns);
}

static int64_t op_drain(AioStream *stream, int64_t deadline_ns)
{
    return aio_stream_drain(stream, 10, deadline_ns);
}

static int64_t op_end_output(AioStream *stream, int64_t deadline_ns)
{
    return aio_stream_end_output(stream, deadline_ns);
}

static const Op ops[] = {
    { "fill", op_fill },
    { "read", op_read },
    { "skip", op_skip },
    { "drain", op_drain },
    { "end-output", op_end_output },
};

typedef struct Run {
    AioStream *stream;
    const Op *op;
    int64_t deadline_ns;
    unsigned n_cancels; /* by itself, before the operation */
    Coroutine *co;
    int64_t ret;
    bool done;
} Run;

static int run_op(void *opaque)
{
    Run *run = opaque;

    run->co = coroutine_self();
    for (unsigned i = 0; i < run->n_cancels; i++) {
        coroutine_cancel(run->co);
    }
    run->ret = run->op->run(run->stream, run->deadline_ns);
    run->done = true;
    return 0;
}

static void run_begin(NetFixture *f, Run *run)
{
    run->stream = aio_stream_new(f->ctx, f->fd[0]);
    f->fd[0] = -1;
    aio_stream_queue_borrowed(run->stream, large, sizeof(large), NULL, NULL);
    co_group_spawn(f->group, NULL, run_op, run);
}

/* The input works, whatever happened before. */
static void run_end(NetFixture *f, Run *run, int64_t ret)
{
    Run again = { .stream = run->stream, .op = run->op, .deadline_ns = -1 };
    char bytes[100] = { 0 };

    net_run_until(f, run->done);
    g_assert_cmpint(run->ret, ==, ret);
    again.op = &ops[0];
    g_assert_cmpint(send(f->fd[1], bytes, sizeof(bytes), 0), ==, 100);
    co_group_spawn(f->group, NULL, run_op, &again);
    net_run_until(f, again.done);
    g_assert_cmpint(again.ret, ==, 100);
    aio_stream_free(run->stream);
}

static void check_deadline(NetFixture *f, const Op *op)
{
    Run run = { .op = op, .deadline_ns = co_deadline_ns(0) };

    run_begin(f, &run);
    run_end(f, &run, -ETIMEDOUT);
}

static void send_input(void *opaque)
{
    const NetFixture *f = opaque;
    char bytes[100] = { 0 };

    g_assert_cmpint(send(f->fd[1], bytes, sizeof(bytes), 0), ==, 100);
}

/*
 * A timer sends what the operation waits for.  The deadline of the operation
 * expires next, before the loop checks the file descriptor.
 */
static void check_input_at_deadline(NetFixture *f, const Op *op)
{
    int64_t sent_ns = co_deadline_ns(0);
    Run run = { .op = op, .deadline_ns = sent_ns + 1 };
    AioTimer *timer;

    if (op->run == op_drain || op->run == op_end_output) {
        return; /* waits for the end of the input, or for output */
    }
    timer = aio_timer_new(f->ctx, AIO_CLOCK_REALTIME, SCALE_NS, send_input, f);
    timer_mod_ns(timer, sent_ns);
    run_begin(f, &run);
    run_end(f, &run, 100);
    timer_free(timer);
}

static void check_at_once(NetFixture *f, const Op *op)
{
    Run run = { .op = op, .deadline_ns = -1, .n_cancels = 2 };

    run_begin(f, &run);
    g_assert_true(run.done);
    run_end(f, &run, -ECANCELED);
}

static void check_cancel(NetFixture *f, const Op *op)
{
    Run run = { .op = op, .deadline_ns = co_deadline_ns(HOUR_NS) };

    run_begin(f, &run);
    net_run(f, false);
    g_assert_false(run.done);
    coroutine_cancel(run.co);
    g_assert_true(run.done);
    run_end(f, &run, -ECANCELED);
}

/* Through the group, before the wait and after the end. */
static void check_group(NetFixture *f, const Op *op)
{
    Run run = { .op = op, .deadline_ns = -1 };

    run_begin(f, &run);
    co_group_cancel(f->group);
    co_group_cancel(f->group);
    net_join(f);
    co_group_cancel(f->group);
    net_join(f);
    run_end(f, &run, -ECANCELED);
}

static void *cancel_group(void *opaque)
{
    co_group_cancel(opaque);
    return NULL;
}

static void check_thread(NetFixture *f, const Op *op)
{
    Run run = { .op = op, .deadline_ns = -1 };
    Thread thread;

    run_begin(f, &run);
    g_assert_cmpint(thread_create(&thread, "cancel", 0, cancel_group,
                                  f->group), ==, 0);
    net_join(f);
    thread_join(&thread);
    run_end(f, &run, -ECANCELED);
}

static const struct {
    const char *name;
    void (*check)(NetFixture *f, const Op *op);
} checks[] = {
    { "deadline", check_deadline },
    { "input-at-deadline", check_input_at_deadline },
    { "cancel-at-once", check_at_once },
    { "cancel", check_cancel },
    { "cancel-group", check_group },
    { "cancel-by-thread", check_thread },
};

/* ---- The operations of a variant ---- */

typedef struct Case {
    const NetVariant *variant;
    void (*check)(NetFixture *f, const Op *op);
} Case;

static void test_case(const void *data)
{
    const Case *c = data;

    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
        NetFixture f;

        g_test_message("%s", ops[i].name);
        net_setup(&f, c->variant);
        if (f.skip) {
            g_test_skip("the kernel does not have the monitor");
        } else {
            c->check(&f, &ops[i]);
        }
        net_teardown(&f, c->variant);
    }
}

static void add_cases(void)
{
    static Case cases[G_N_ELEMENTS(net_variants) * G_N_ELEMENTS(checks)];
    Case *c = cases;

    for (size_t v = 0; v < G_N_ELEMENTS(net_variants); v++) {
        for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
            g_autofree char *path = g_strdup_printf(
                "/aio/net/stream/%s/%s", checks[i].name,
                net_variants[v].name);

            *c = (Case) { &net_variants[v], checks[i].check };
            g_test_add_data_func(path, c++, test_case);
        }
    }
}

/* ---- Idle streams ---- */

#define N_IDLE 200
#define IDLE_MAX_BYTES 3000 /* with the loop's share, and that of its buffer */

static int serve_echo(AioStream *stream, void *opaque)
{
    while (aio_stream_try_fill(stream) > 0) {
        size_t size;
        const void *bytes = aio_stream_peek(stream, &size);

        aio_stream_queue(stream, bytes, size);
        aio_stream_consume(stream, size);
        ++*(unsigned *)opaque;
    }
    return 1;
}

static size_t allocated_bytes(void)
{
#ifdef __GLIBC__
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd; /* 0 with the address sanitizer */
#else
    return 0;
#endif
}

typedef struct Idle {
    AioStream *streams[N_IDLE];
    int fd[N_IDLE][2];
    unsigned n_served;
    size_t before_bytes;
} Idle;

/* Streams with one request each. */
static void idle_begin(NetFixture *f, Idle *idle)
{
    idle->n_served = 0;
    for (int i = 0; i < N_IDLE; i++) {
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
                                   idle->fd[i]), ==, 0);
        g_assert_cmpint(send(idle->fd[i][1], "hello", 5, 0), ==, 5);
    }
    idle->before_bytes = allocated_bytes();
    for (int i = 0; i < N_IDLE; i++) {
        idle->streams[i] = aio_stream_new(f->ctx, idle->fd[i][0]);
    }
}

/* A context keeps up to 16 buffers. */
static void idle_end(Idle *idle, unsigned n_contexts)
{
    size_t bytes = allocated_bytes() - idle->before_bytes;

    g_test_message("%zu bytes for each stream", bytes / N_IDLE);
    g_assert_cmpuint(bytes, <, N_IDLE * IDLE_MAX_BYTES +
                     n_contexts * 16 * AIO_STREAM_BUFFER_BYTES);
    for (int i = 0; i < N_IDLE; i++) {
        aio_stream_free(idle->streams[i]);
        close(idle->fd[i][1]);
    }
}

/* After its first request a stream has neither buffers nor a coroutine. */
NET_TEST(test_idle_streams_are_small)
{
    Idle idle;

    idle_begin(f, &idle);
    for (int i = 0; i < N_IDLE; i++) {
        aio_stream_serve(idle.streams[i], f->group, serve_echo,
                         &idle.n_served);
    }
    net_run_until(f, idle.n_served == N_IDLE);
    g_assert_cmpuint(co_group_get_n(f->group), ==, 0);
    idle_end(&idle, 0);
}

static int read_hello(void *opaque)
{
    AioStream *stream = opaque;
    ssize_t n = aio_stream_fill(stream, 5, -1);

    g_assert_cmpint(n, ==, 5);
    aio_stream_consume(stream, n);
    return 0;
}

/* A handshake before, and a move to the context where the stream is served. */
NET_TEST(test_idle_streams_after_a_handshake)
{
    AioContext *ctx = aio_context_new(&error_abort);
    Idle idle;

    idle_begin(f, &idle);
    for (int i = 0; i < N_IDLE; i++) {
        co_group_spawn(f->group, NULL, read_hello, idle.streams[i]);
    }
    net_join(f);
    for (int i = 0; i < N_IDLE; i++) {
        if (i % 2) {
            aio_stream_move(idle.streams[i], ctx);
        } else {
            aio_stream_serve(idle.streams[i], f->group, serve_echo, NULL);
        }
    }
    aio_set_current_context(ctx);
    aio_poll(ctx, false);
    for (int i = 1; i < N_IDLE; i += 2) {
        aio_stream_move(idle.streams[i], f->ctx);
    }
    aio_set_current_context(f->ctx);
    net_run(f, false);
    idle_end(&idle, 2);
    aio_context_unref(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    add_cases();
    net_add("/aio/net/stream", "idle/served", test_idle_streams_are_small);
    net_add("/aio/net/stream", "idle/after-handshake",
            test_idle_streams_after_a_handshake);
    return test_run();
}
