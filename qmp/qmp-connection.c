/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection gives the input of a stream to a session, and sends the output
 * of the session through the stream.
 *
 * Slices: a connection works in time slices.  In a slice it reads one chunk if
 * no request is queued, executes queued requests and sends all replies with one
 * write.  A slice ends after `slice_us`, or when the client does not take its
 * replies.  A client can make the server hold one chunk of requests, the output
 * limit and one reply.
 *
 * A slice runs when the stream has input, or room for output.  It runs in a
 * bottom half if requests are left over.
 *
 * Nesting: a command may run the loop, in which a slice may become due while
 * another one runs.  That slice is skipped, and the stream does not report
 * input until the outer slice has ended; otherwise the inner loop would spin.
 * Other connections read requests in the inner loop and execute them after the
 * command has ended, see qmp-gate.c.
 *
 * End: a client may stop sending and still expect replies.  End of input
 * therefore ends the conversation only after all requests have been executed
 * and all replies sent.
 *
 * Sides: the main loop reads, executes and sends.  With `oob`, a thread does
 * part of it, see qmp-connection-thread.c.
 */
#include "qmp/qmp-connection-state-internal.h"

#include "aio/net/stream.h"
#include "qmp/qmp-dispatch-internal.h"
#include "qmp/qmp-io-thread-internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Input and output ---- */

/* Called with in_lock held, after a read and before its bytes are parsed. */
static void receive_fds(Side *side)
{
    int fds[AIO_STREAM_FDS_MAX];
    unsigned n = 0;
    int fd;

    while ((fd = aio_stream_take_fd(side->stream)) >= 0) {
        fds[n++] = fd;
    }
    if (G_UNLIKELY(n)) {
        qmp_session_receive_fds(side->conn->session, fds, n);
    }
}

/* Called with in_lock held.  Nothing is left in the stream's buffer. */
static void read_chunk(Side *side)
{
    Connection *c = side->conn;
    ssize_t n = aio_stream_try_fill(side->stream);
    const void *chunk;
    size_t size;

    if (n > 0) {
        receive_fds(side);
        chunk = aio_stream_peek(side->stream, &size);
        qmp_session_feed(c->session, chunk, size);
        aio_stream_consume(side->stream, size);
    } else if (n == 0) {
        c->eof = true;
        qmp_session_end_input(c->session);
    } else if (n != -EAGAIN) {
        c->eof = true;
        c->failed = true;
    }
}

/* See QmpOutputWrite. */
static ssize_t write_some(void *opaque, const char *bytes, size_t n_bytes)
{
    Side *side = opaque;
    ssize_t n = aio_stream_try_send(side->stream, bytes, n_bytes);

    if (n < 0 && n != -EAGAIN) {
        side->conn->failed = true;
    }
    return n;
}

/* If something is left, the stream reports when there is room for it. */
bool qmp_connection_send(Side *side)
{
    return !side->conn->failed &&
           qmp_session_send(side->conn->session, write_some, side);
}

/* ---- Slices of either side ---- */

static bool wants_input(const Connection *c)
{
    return !c->eof && !c->failed && qmp_session_wants_input(c->session);
}

void qmp_connection_read_requests(Side *side, bool readable)
{
    Connection *c = side->conn;

    if (readable && wants_input(c)) {
        read_chunk(side);
    }
    if (c->has_thread && !c->failed) {
        qmp_session_run(c->session, QMP_OUT_OF_BAND,
                        qmp_session_limits(c->session)->slice_us);
    }
}

void qmp_connection_schedule(Side *side, bool in, bool is_busy)
{
    aio_stream_set_reading(side->stream, in && wants_input(side->conn));
    if (is_busy) {
        aio_bh_schedule(side->bh);
    }
}

bool qmp_connection_is_ending(const Connection *c)
{
    return c->eof || c->failed || qmp_session_has_quit(c->session);
}

/* ---- The main loop's side ---- */

/*
 * Returns false if the thread is reading.  The main loop then does not watch
 * the input, or else it would spin, until it runs the next request in band.
 *
 * The thread continues if a request out of band is left at the end of the
 * slice.
 */
static bool read_from_main(Connection *c)
{
    if (!c->has_thread) {
        qmp_connection_read_requests(&c->main, true);
        return true;
    }
    if (!g_mutex_trylock(&c->in_lock)) {
        return false;
    }
    qmp_connection_read_requests(&c->main, true);
    g_mutex_unlock(&c->in_lock);
    if (qmp_session_may_run(c->session, QMP_OUT_OF_BAND)) {
        aio_bh_schedule(c->thread.bh);
    }
    return true;
}

/*
 * Sends from the main loop.  The thread is woken up if it has to watch for room
 * to send, or for input that it does not watch while the output is full.
 */
static void send_from_main(Connection *c)
{
    bool was_full = qmp_session_unsent(c->session) >=
                    qmp_session_limits(c->session)->output_bytes;
    bool all_sent = qmp_connection_send(&c->main);

    if (c->has_thread && (was_full || !all_sent)) {
        aio_bh_schedule(c->thread.bh);
    }
}

/*
 * Returns true if the conversation has ended.  The lock is taken, because the
 * thread may be executing the last request out of band.
 */
static bool is_over(Connection *c)
{
    QmpSession *s = c->session;
    bool is_over;

    if (!qmp_connection_is_ending(c)) {
        return false;
    }
    if (c->has_thread) {
        g_mutex_lock(&c->in_lock);
    }
    is_over = c->failed || (qmp_session_is_idle(s) &&
                            !qmp_session_has_events(s) &&
                            !qmp_session_unsent(s));
    if (c->has_thread) {
        g_mutex_unlock(&c->in_lock);
    }
    return is_over;
}

static void report_quit(Connection *c)
{
    if (qmp_session_has_quit(c->session) && !c->quit_reported) {
        c->quit_reported = true;
        c->ops->quit(&c->public, c->opaque);
    }
}

/* May free @c. */
static void run_main_slice(Connection *c, bool readable)
{
    bool in = true;

    if (qmp_session_is_in_use(c->session)) {
        aio_stream_set_reading(c->main.stream, false);
        return; /* the outer slice continues */
    }
    if (readable) {
        in = read_from_main(c);
    }
    if (!c->failed) {
        qmp_session_run(c->session, QMP_IN_BAND,
                        qmp_session_limits(c->session)->slice_us);
    }
    send_from_main(c);
    report_quit(c);
    if (is_over(c)) {
        c->ops->ended(&c->public, c->opaque);
        return;
    }
    if (qmp_session_needs_thread(c->session) && !c->has_thread) {
        qmp_connection_join_thread(c);
        return;
    }
    qmp_connection_schedule(&c->main, in, qmp_session_is_ready(c->session));
}

static void on_main_readable(AioStream *stream, void *opaque)
{
    run_main_slice(opaque, true);
}

static void on_main_sent(AioStream *stream, void *opaque)
{
    run_main_slice(opaque, false);
}

static const AioStreamOps main_ops = {
    .readable = on_main_readable,
    .sent = on_main_sent,
};

static void on_main_bh(void *opaque)
{
    run_main_slice(opaque, false);
}

/* Schedules a slice of the main loop.  Called in any thread. */
static void on_wake_main(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->main.bh);
}

static bool start_oob(void *opaque, Error **errp)
{
    Connection *c = opaque;

    c->thread_ctx = qmp_io_thread_get(errp);
    return c->thread_ctx != NULL;
}

/* Called when the main thread runs no slice of the connection. */
static bool send_now(void *opaque)
{
    Connection *c = opaque;

    return qmp_connection_send(&c->main) && !qmp_connection_is_ending(c);
}

static const QmpSessionOps session_ops = {
    .start_oob = start_oob,
    .run_later = on_wake_main,
    .send_now = send_now,
};

/* ---- Life ---- */

static QmpSession *new_session(int fd, const QmpSessionOptions *options)
{
    QmpSessionOptions full = *options;
    struct ucred peer = { 0 };
    socklen_t len = sizeof(peer);
    socklen_t family_len = sizeof(int);
    int family = AF_UNSPEC;
    bool has_peer = false;

    /* The kernel knows the process at the other end of a unix socket. */
    if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &family_len) &&
        family == AF_UNIX) {
        has_peer = !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    }
    log_info(&qmp_log, "client connected", log_int("fd", fd),
             log_int("pid", peer.pid), log_int("uid", peer.uid));
    full.offers_oob = true;
    full.has_peer = has_peer;
    full.peer_pid = peer.pid;
    full.peer_uid = peer.uid;
    return qmp_session_new_full(&full);
}

QmpConnection *qmp_connection_new(AioStream *stream,
                                  const QmpSessionOptions *options,
                                  const QmpConnectionOps *ops, void *opaque)
{
    Connection *c = g_new0(Connection, 1);

    c->main.conn = c;
    c->main.stream = stream;
    c->main.bh = aio_bh_new(aio_stream_get_context(stream), on_main_bh, c);
    c->thread.conn = c;
    aio_stream_limit_input(stream, QMP_CHUNK_BYTES);
    c->receives_fds = options->receives_fds;
    aio_stream_set_receives_fds(stream, c->receives_fds);
    aio_stream_set_ops(stream, &main_ops, c);
    g_mutex_init(&c->in_lock);
    c->session = new_session(aio_stream_get_fd(stream), options);
    qmp_session_set_ops(c->session, &session_ops, c);
    qmp_session_set_wake(c->session, on_wake_main, c);
    c->ops = ops;
    c->opaque = opaque;
    c->process_id = getpid();
    qmp_connection_send(&c->main);
    /* A failure is reported in a slice. */
    qmp_connection_schedule(&c->main, true, c->failed);
    return &c->public;
}

/*
 * A client that has sent `quit` gets up to `quit_us` to read the reply.
 */
static void send_last_output(Connection *c)
{
    int64_t end = g_get_monotonic_time() +
                  qmp_session_limits(c->session)->quit_us;
    struct pollfd pollfd = {
        .fd = aio_stream_get_output_fd(c->main.stream), .events = POLLOUT,
    };
    int64_t left;

    while (!qmp_connection_send(&c->main) && !c->failed &&
           qmp_session_has_quit(c->session)) {
        left = end - g_get_monotonic_time();
        if (left <= 0) {
            return;
        }
        poll(&pollfd, 1, (left + 999) / 1000);
    }
}

void qmp_connection_free(QmpConnection *conn)
{
    Connection *c = (Connection *)conn;

    if (!c) {
        return;
    }
    if (c->has_thread) {
        /* First, no other thread may schedule slices in that thread. */
        qmp_session_set_wake(c->session, on_wake_main, c);
        qmp_connection_leave_thread(c);
    }
    /* In a child process, its parent sends the output and uses the lock. */
    if (c->process_id == getpid()) {
        send_last_output(c);
        g_mutex_clear(&c->in_lock);
        log_info(&qmp_log, "client disconnected",
                 log_int("fd", aio_stream_get_fd(c->main.stream)));
    }
    qmp_session_free(c->session);
    if (c->thread_ctx) {
        qmp_io_thread_put();
    }
    aio_bh_delete(c->main.bh);
    aio_stream_free(c->main.stream);
    g_free(c);
}

QmpSession *qmp_connection_session(const QmpConnection *conn)
{
    return ((const Connection *)conn)->session;
}
