/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The side that a connection has in a second thread.
 *
 * The main loop reads, executes and sends.  When the client enables
 * `oob`, the thread of qmp-io-thread.c joins it for good, because the main loop
 * may be busy.  Each of the two has a side of the connection: a stream on the
 * same file descriptors, and a bottom half for its slices.
 *
 *     main loop    read, run out of band, run in band, send, end
 *     thread       read, run out of band,              send
 *
 * Both are woken up by input, and the first one takes it, under `in_lock`.
 * That is usually the main loop, unless it is busy.  A request in band is then
 * not handed from one thread to another, which takes about as long as executing
 * it, and the thread finds nothing to read.  The session serializes what the
 * two send.
 *
 * A side schedules a slice of the other one if it leaves something that the
 * other one has to do: the main loop executes in band and ends the connection;
 * the thread has to send what is left, and to watch the input again, even if
 * the main loop is busy from now on.
 *
 * Life: the main loop creates and frees the connection.  To free it, it calls a
 * function in the thread and waits until the thread has left the connection.
 */
#include "qmp/qmp-connection-state-internal.h"

#include "aio/net/stream.h"
#include "qmp/qmp-io-thread-internal.h"

/*
 * If the output is empty, its lock is not taken, for which one of the threads
 * would wait while the other one writes: what the main loop appends from now
 * on, it sends itself.
 */
static void send_from_thread(Connection *c)
{
    QmpSession *s = c->session;

    if (qmp_session_unsent(s) || qmp_session_has_events(s)) {
        qmp_connection_send(&c->thread);
    }
}

static void run_thread_slice(Connection *c, bool readable)
{
    QmpSession *s = c->session;

    g_mutex_lock(&c->in_lock);
    qmp_connection_read_requests(&c->thread, readable);
    g_mutex_unlock(&c->in_lock);
    /* Before checking what may be executed, which depends on the output. */
    send_from_thread(c);
    qmp_connection_schedule(&c->thread, true,
                            qmp_session_may_run(s, QMP_OUT_OF_BAND));
    if (qmp_connection_is_ending(c) || qmp_session_may_run(s, QMP_IN_BAND)) {
        aio_bh_schedule(c->main.bh);
    }
}

static void on_thread_readable(AioStream *stream, void *opaque)
{
    run_thread_slice(opaque, true);
}

static void on_thread_sent(AioStream *stream, void *opaque)
{
    run_thread_slice(opaque, false);
}

static const AioStreamOps thread_ops = {
    .readable = on_thread_readable,
    .sent = on_thread_sent,
};

/* The first slice opens the stream, whose home the thread is. */
static void on_thread_bh(void *opaque)
{
    Connection *c = opaque;
    const AioStream *main_stream = c->main.stream;

    if (!c->thread.stream) {
        c->thread.stream = aio_stream_new_borrowed(
            c->thread_ctx, aio_stream_get_fd(main_stream),
            aio_stream_get_output_fd(main_stream));
        aio_stream_limit_input(c->thread.stream, QMP_CHUNK_BYTES);
        aio_stream_set_receives_fds(c->thread.stream, c->receives_fds);
        aio_stream_set_ops(c->thread.stream, &thread_ops, c);
    }
    run_thread_slice(c, false);
}

/* Called in any thread, usually because of an event. */
static void on_wake_thread(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->thread.bh);
}

/*
 * The thread takes the next slice, and the main loop watches again after its
 * own next one: the kernel wakes up the loop first that began to watch last.
 */
void qmp_connection_join_thread(Connection *c)
{
    aio_stream_set_reading(c->main.stream, false);
    c->thread.bh = aio_bh_new(c->thread_ctx, on_thread_bh, c);
    c->has_thread = true;
    qmp_session_set_wake(c->session, on_wake_thread, c);
    aio_bh_schedule(c->thread.bh);
}

/* Called in the thread, while the main thread waits. */
static void detach_from_thread(void *opaque)
{
    Connection *c = opaque;

    aio_stream_free(c->thread.stream);
    aio_bh_delete(c->thread.bh);
}

void qmp_connection_leave_thread(Connection *c)
{
    qmp_io_thread_call(detach_from_thread, c);
    c->has_thread = false;
}
