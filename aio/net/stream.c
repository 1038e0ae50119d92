/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streams: their life, what their handler and bottom half do, and moving them.
 *
 * A *move* has two halves.  The old home thread removes the handler and the
 * timers, and from then on does not touch the stream.  A bottom half in the new
 * home thread, or the first call there, sets them up again (stream-watch.c).
 * The coroutines that wait belong to the new context from the first half on.
 *
 * Input is reported to one of three users, the first that there is: a coroutine
 * that waits for it, aio_stream_serve(), or the function `readable`.
 */
#include "aio/net/stream-queue-internal.h"

#include "aio/context-internal.h"
#include "util/programming-error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Serving ---- */

/* Returns: true if no more input will come, so that the handler would report
 * the end again and again */
static bool input_is_over(const AioStream *s)
{
    return s->has_ended || s->in_error;
}

/*
 * One coroutine of aio_stream_serve().  The function may free the stream, which
 * it reports through `freed`, because its result does not say so.
 */
static int coroutine_fn serve_run(void *opaque)
{
    AioStream *s = opaque;
    bool freed = false;
    int ret;

    s->freed = &freed;
    ret = s->serve(s, s->serve_opaque);
    if (freed) {
        return MIN(ret, 0);
    }
    s->freed = NULL;
    s->is_serving = false;
    if (ret <= 0) {
        s->serve = NULL;
    }
    stream_input_idle(s);
    stream_watch(s, s->serve && !input_is_over(s), s->watch_out);
    if (s->first_block && !s->watch_out) {
        aio_stream_send(s);
    }
    return MIN(ret, 0);
}

static void serve_run_alone(void *opaque)
{
    serve_run(opaque);
}

/* May free @s. */
static void serve_start(AioStream *s)
{
    s->is_serving = true;
    if (s->group) {
        co_group_spawn(s->group, s->ctx, serve_run, s);
    } else {
        aio_co_enter(s->ctx, coroutine_create(serve_run_alone, s));
    }
}

void aio_stream_serve(AioStream *s, CoGroup *group, AioStreamFunc *serve,
                      void *opaque)
{
    stream_enter(s);
    s->serve = serve;
    s->serve_opaque = opaque;
    s->group = group;
    if (!serve || s->is_serving) {
        return;
    }
    /* The user may have read before, without waiting afterwards. */
    stream_input_idle(s);
    stream_watch(s, !input_is_over(s), s->watch_out);
    if (s->start < s->end || input_is_over(s)) {
        s->must_serve = true;
        aio_stream_kick(s);
    }
}

/* ---- Callbacks ---- */

void aio_stream_set_ops(AioStream *s, const AioStreamOps *ops, void *opaque)
{
    stream_enter(s);
    aio_stream_set_reading(s, false);
    s->ops = ops;
    s->ops_opaque = opaque;
}

/* The user calls it after reading, so an empty buffer is not needed for now. */
void aio_stream_set_reading(AioStream *s, bool reading)
{
    stream_enter(s);
    s->is_reading = reading;
    stream_input_idle(s);
    stream_watch(s, reading, s->watch_out);
}

/* The loop has sent output, or failed to.  Tells the coroutine that waits for
 * it, or the user if nothing is left.  May free @s. */
static void output_progress(AioStream *s)
{
    const AioStreamOps *ops = s->ops;

    if (s->writer.co) {
        stream_output_check_writer(s);
    } else if (!ops || s->first_block) {
        return;
    } else if (s->out_error && ops->closed) {
        ops->closed(s, s->out_error, s->ops_opaque);
    } else if (!s->out_error && ops->sent) {
        ops->sent(s, s->ops_opaque);
    }
}

/* ---- The handlers ---- */

/* Without a user for the input it stops watching, since the handler would be
 * called again and again. */
static void stream_on_readable(void *opaque)
{
    AioStream *s = opaque;

    s->maybe_more = true;
    if (s->reader.co) {
        net_wait_wake(&s->reader, 0);
    } else if (s->serve && !s->is_serving) {
        serve_start(s);
    } else if (s->is_reading) {
        s->ops->readable(s, s->ops_opaque);
    } else {
        stream_watch(s, false, s->watch_out);
    }
}

/* Sends what an earlier attempt has left; there may be no coroutine. */
static void stream_on_writable(void *opaque)
{
    AioStream *s = opaque;

    aio_stream_send(s);
    output_progress(s);
}

/* ---- The bottom half ---- */

/* What aio_stream_kick() has scheduled; input that was in the buffer when
 * aio_stream_serve() was called, which the handler does not report; and input
 * of a file, which has no handler. */
static void stream_bh(void *opaque)
{
    AioStream *s = opaque;
    bool must_send = s->first_block && !s->watch_out;
    bool reports = s->writer.co || (must_send && s->ops);
    bool polls_file = s->in_is_file && s->watch_in;

    if (must_send) {
        aio_stream_send(s);
    }
    if (polls_file || (reports && s->must_serve)) {
        aio_bh_schedule(s->bh);
    }
    /* Each of these may free the stream, so one of them runs at a time. */
    if (reports) {
        output_progress(s);
    } else if (s->must_serve) {
        s->must_serve = false;
        if (s->serve && !s->is_serving && !s->reader.co) {
            serve_start(s);
        }
    } else if (polls_file) {
        stream_on_readable(s);
    }
}

static const StreamCallbacks callbacks = {
    .on_readable = stream_on_readable,
    .on_writable = stream_on_writable,
    .on_bh = stream_bh,
};

/* ---- Moving ---- */

static void stream_arrival_bh(void *opaque)
{
    stream_arrive(opaque);
}

/* The first half of a move, in the old home thread. */
void aio_stream_move(AioStream *s, AioContext *ctx)
{
    AioBH *arrival_bh;

    aio_assert_home(s->ctx, "aio_stream_move");
    stream_enter(s);
    if (ctx == s->ctx) {
        return;
    }
    stream_unwatch(s);
    g_clear_pointer(&s->bh, aio_bh_delete);
    stream_input_idle(s);
    s->ctx = ctx;
    arrival_bh = aio_bh_new(ctx, stream_arrival_bh, s);
    s->arrival_bh = arrival_bh;
    net_wait_leave_context(&s->reader, ctx);
    net_wait_leave_context(&s->writer, ctx);
    /* From here on the other thread may use the stream, and may free it. */
    aio_bh_schedule(arrival_bh);
}

void aio_stream_move_self(AioStream *s, AioContext *ctx)
{
    aio_stream_move(s, ctx);
    aio_co_reschedule_self(ctx);
}

/* ---- Life ---- */

/*
 * Returns: true if epoll rejects the file descriptor, because it is always
 * ready
 */
static bool is_always_ready(int fd)
{
    struct epoll_event event = { .events = EPOLLIN };
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bool rejected;

    if (epoll_fd < 0) {
        return false;
    }
    rejected = epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 &&
               errno == EPERM;
    close(epoll_fd);
    return rejected;
}

static bool is_socket(int fd)
{
    int type;
    socklen_t size = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static void set_non_blocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* `maybe_more`: the first reader tries to read before it waits. */
AioStream *aio_stream_new_borrowed(AioContext *ctx, int in_fd, int out_fd)
{
    AioStream *s = g_new0(AioStream, 1);

    s->callbacks = &callbacks;
    s->ctx = ctx;
    s->net = net_get(ctx);
    s->in_fd = in_fd;
    s->out_fd = out_fd;
    s->out_is_socket = is_socket(out_fd);
    s->in_is_file = (in_fd != out_fd || !s->out_is_socket) &&
                    is_always_ready(in_fd);
    s->max_bytes = NET_BUFFER_BYTES;
    s->maybe_more = true;
    set_non_blocking(in_fd);
    if (out_fd != in_fd) {
        set_non_blocking(out_fd);
    }
    return s;
}

AioStream *aio_stream_new(AioContext *ctx, int fd)
{
    AioStream *s = aio_stream_new_borrowed(ctx, fd, fd);

    s->owns_fd = true;
    return s;
}

/* In a child process the lists of free buffers may be half changed. */
static void stream_forget_net(AioStream *s, AioNet *full)
{
    *full = (AioNet) {
        .buffers.n = NET_FREE_MAX, .blocks.n = NET_FREE_MAX,
    };
    s->net = full;
}

void aio_stream_free(AioStream *s)
{
    AioNet full;

    if (!s) {
        return;
    }
    if (aio_is_inherited(s->ctx)) {
        stream_forget_net(s, &full);
    } else {
        if (s->reader.co || s->writer.co) {
            programming_error("aio_stream_free(): a coroutine waits in the "
                              "stream");
        }
        stream_enter(s);
    }
    if (s->freed) {
        *s->freed = true;
    }
    s->out_error = -EPIPE; /* a release function may queue output */
    stream_queue_drop(s);
    if (s->buffer) {
        net_memory_put(&s->net->buffers, s->buffer);
    }
    stream_fds_free(s);
    stream_watch(s, false, false);
    g_clear_pointer(&s->arrival_bh, aio_bh_delete);
    g_clear_pointer(&s->bh, aio_bh_delete);
    if (s->owns_fd) {
        close(s->in_fd);
    }
    g_free(s);
}

int aio_stream_get_fd(const AioStream *s)
{
    return s->in_fd;
}

int aio_stream_get_output_fd(const AioStream *s)
{
    return s->out_fd;
}

AioContext *aio_stream_get_context(const AioStream *s)
{
    return s->ctx;
}
