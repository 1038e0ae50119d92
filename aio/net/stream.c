/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Streams: their life, what their handler and bottom half do, and moving them.
 *
 * A *move* has two halves.  The old home thread removes the handler and the
 * timers, and from then on does not touch the stream.  A bottom half in the new
 * home thread, or the first call there, sets them up again (stream-watch.c).
 * The coroutines that wait belong to the new context from the first half on.
 */
#include "aio/net/stream-internal.h"

#include "aio/context-internal.h"
#include "util/programming-error.h"

#include <errno.h>
#include <fcntl.h>
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
        stream_send(s);
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

/* ---- The handler ---- */

/* Wakes up the reader, starts serve(), or stops watching, in this order. */
static void stream_on_readable(void *opaque)
{
    AioStream *s = opaque;

    s->maybe_more = true;
    if (s->reader.co) {
        net_wait_wake(&s->reader, 0);
    } else if (s->serve && !s->is_serving) {
        serve_start(s);
    } else {
        stream_watch(s, false, s->watch_out);
    }
}

/* Sends what an earlier attempt has left; there may be no coroutine. */
static void stream_on_writable(void *opaque)
{
    AioStream *s = opaque;

    stream_send(s);
    stream_output_check_writer(s);
}

/* ---- The bottom half ---- */

/* What aio_stream_kick() has scheduled; and input that was in the buffer when
 * aio_stream_serve() was called, which the handler does not report. */
static void stream_bh(void *opaque)
{
    AioStream *s = opaque;
    bool must_serve = s->must_serve;

    s->must_serve = false;
    if (s->first_block && !s->watch_out) {
        stream_send(s);
    }
    /* Each of the two may free the stream, so the other one comes later. */
    if (s->writer.co) {
        if (must_serve) {
            s->must_serve = true;
            aio_bh_schedule(s->bh);
        }
        stream_output_check_writer(s);
    } else if (must_serve && s->serve && !s->is_serving && !s->reader.co) {
        serve_start(s);
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
    if (s->watch_in || s->watch_out) {
        aio_set_fd_handler(s->ctx, s->fd, NULL, NULL, NULL, NULL, NULL);
    }
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

AioStream *aio_stream_new(AioContext *ctx, int fd)
{
    AioStream *s = g_new0(AioStream, 1);
    int type;
    socklen_t size = sizeof(type);

    s->callbacks = &callbacks;
    s->ctx = ctx;
    s->net = net_get(ctx);
    s->fd = fd;
    s->is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    s->maybe_more = true;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
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
    stream_output_drop(s);
    if (s->buffer) {
        net_memory_put(&s->net->buffers, s->buffer);
    }
    stream_fds_free(s);
    stream_watch(s, false, false);
    g_clear_pointer(&s->arrival_bh, aio_bh_delete);
    g_clear_pointer(&s->bh, aio_bh_delete);
    close(s->fd);
    g_free(s);
}

int aio_stream_get_fd(const AioStream *s)
{
    return s->fd;
}

AioContext *aio_stream_get_context(const AioStream *s)
{
    return s->ctx;
}
