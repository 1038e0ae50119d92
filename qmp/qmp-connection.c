/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Slices: a connection works in time slices.  In a slice it reads one chunk if
 * no request is queued, executes queued requests and sends all replies with one
 * write.  A slice ends after SLICE_US, or when the client does not take its
 * replies.  A client can make the server hold one chunk of requests, the output
 * limit and one reply.
 *
 * A slice runs when a file descriptor is ready.  It runs in a bottom half if
 * requests are left over, or if the input is always ready (a regular file,
 * /dev/null), which epoll does not accept.
 *
 * Nesting: a command may run the loop, in which a slice may become due while
 * another one runs.  That slice is skipped, and the file descriptors are not
 * watched until the outer slice has ended; otherwise the inner loop would spin.
 * Other connections read requests in the inner loop and execute them after the
 * command has ended, see qmp-gate.c.
 *
 * End: a client may stop sending and still expect replies.  End of input
 * therefore ends the conversation only after all requests have been executed
 * and all replies sent.
 *
 * Out of band: when the client enables `oob`, the connection moves to the
 * thread of qmp-io-thread.c and stays there: `io_bh` is set.  Each slice is
 * then done by two threads:
 *
 *     thread       run_io_slice: read, run out of band, send
 *         |  schedules `bh` if a request in band may be executed,
 *         |  or if the conversation has ended (`io_ended`)
 *         v
 *     main loop    run_main_slice: run in band, send
 *         |  schedules `io_bh` if the thread has to do something about it:
 *         v  output is left, there is room to read, the client is leaving
 *     thread
 *
 * The main loop sends the replies itself, because waking up the thread takes
 * longer than a write.  The thread alone reads and watches file descriptors.
 * The main loop creates and frees the connection; to free it, it calls a
 * function in the thread and waits until the thread has released the
 * connection.
 */
#include "qmp/qmp-connection-internal.h"

#include "aio/aio.h"
#include "qmp/qmp-io-thread-internal.h"
#include "qmp/qmp-session-internal.h"
#include "util/sigpipe.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE (16 * 1024)
#define SLICE_US 1000
#define QUIT_TIMEOUT_US G_USEC_PER_SEC

typedef struct Connection {
    QmpConnection public;
    AioContext *ctx;
    QmpSession *session;
    AioBH *bh;
    const QmpConnectionOps *ops;
    void *opaque;
    pid_t process_id; /* the process that serves the client */
    int in_fd;
    int out_fd;
    bool close_fds;
    bool in_is_file;    /* always ready, so it is not watched */
    bool out_is_socket; /* else a write may raise SIGPIPE */
    atomic_bool eof;    /* the client sends no more */
    atomic_bool failed; /* nothing more can be sent */
    bool quit_reported;

    /* Used by the thread that reads. */
    AioContext *watch_ctx; /* the loop that watches the file descriptors */
    bool in_watched;
    bool out_watched;

    AioContext *thread_ctx; /* (nullable) the loop of the thread, held */
    AioBH *io_bh; /* (nullable) set while the thread has the connection */
    atomic_bool io_ended; /* in the thread, the conversation has ended */
} Connection;

/* ---- Input and output ---- */

static void read_chunk(Connection *c)
{
    char chunk[CHUNK_SIZE];
    ssize_t n;

    do {
        n = read(c->in_fd, chunk, sizeof(chunk));
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        qmp_session_feed(c->session, chunk, n);
    } else if (n == 0) {
        c->eof = true;
        qmp_session_end_input(c->session);
    } else if (errno != EAGAIN) {
        c->eof = true;
        c->failed = true;
    }
}

/* Writes to what may be a pipe. */
static ssize_t write_quietly(int fd, const void *bytes, size_t n_bytes)
{
    SigPipe sigpipe;
    ssize_t n;

    sigpipe_block(&sigpipe);
    n = write(fd, bytes, n_bytes);
    sigpipe_unblock(&sigpipe, n < 0 && errno == EPIPE);
    return n;
}

/* See QmpOutputWrite. */
static ssize_t write_some(void *opaque, const char *bytes, size_t n_bytes)
{
    Connection *c = opaque;
    ssize_t n;

    do {
        n = c->out_is_socket ? send(c->out_fd, bytes, n_bytes, MSG_NOSIGNAL)
                             : write_quietly(c->out_fd, bytes, n_bytes);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN) {
        c->failed = true;
    }
    return n;
}

/*
 * Sends as much as the file descriptor accepts without blocking.  Returns true
 * if nothing is left.
 */
static bool send_output(Connection *c)
{
    return !c->failed && qmp_session_send(c->session, write_some, c);
}

/* ---- Time slices ---- */

static void on_readable(void *opaque);
static void on_writable(void *opaque);

static void watch(Connection *c, bool in, bool out)
{
    bool same_fd = c->in_fd == c->out_fd;
    bool in_changed = in != c->in_watched;
    bool out_changed = out != c->out_watched;

    c->in_watched = in;
    c->out_watched = out;
    if (in_changed || (out_changed && same_fd)) {
        aio_set_fd_handler(c->watch_ctx, c->in_fd, in ? on_readable : NULL,
                           out && same_fd ? on_writable : NULL, NULL, NULL,
                           c);
    }
    if (out_changed && !same_fd) {
        aio_set_fd_handler(c->watch_ctx, c->out_fd, NULL,
                           out ? on_writable : NULL, NULL, NULL, c);
    }
}

static bool wants_input(const Connection *c)
{
    return !c->eof && !c->failed && qmp_session_wants_input(c->session);
}

static bool is_over(const Connection *c)
{
    QmpSession *s = c->session;

    if (c->failed) {
        return true;
    }
    return (c->eof || qmp_session_has_quit(s)) && qmp_session_is_idle(s) &&
           !qmp_session_has_events(s) && !qmp_session_unsent(s);
}

/* Returns true if no other part will schedule a slice that has work to do. */
static bool is_busy(const Connection *c)
{
    return c->io_bh ? qmp_session_may_run(c->session, QMP_OUT_OF_BAND)
                    : qmp_session_is_ready(c->session);
}

/*
 * Schedules the next slice of the thread that reads: it runs when there is
 * something to do.
 * @all_sent: what send_output() has just returned
 */
static void schedule_slice(Connection *c, bool all_sent)
{
    bool in = wants_input(c);

    watch(c, in && !c->in_is_file, !all_sent);
    if (is_busy(c) || (in && c->in_is_file)) {
        aio_bh_schedule(c->io_bh ? c->io_bh : c->bh);
    }
}

static void report_quit(Connection *c)
{
    if (qmp_session_has_quit(c->session) && !c->quit_reported) {
        c->quit_reported = true;
        c->ops->quit(&c->public, c->opaque);
    }
}

static void move_to_thread(Connection *c);

/* May free @c. */
static void finish_slice(Connection *c)
{
    bool all_sent = send_output(c);

    report_quit(c);
    if (is_over(c)) {
        c->ops->ended(&c->public, c->opaque);
    } else if (qmp_session_has_oob(c->session)) {
        move_to_thread(c);
    } else {
        schedule_slice(c, all_sent);
    }
}

/* May free @c. */
static void run_slice(Connection *c, bool readable)
{
    if (qmp_session_is_in_use(c->session)) {
        watch(c, false, false);
        return;
    }
    if (readable && wants_input(c)) {
        read_chunk(c);
    }
    if (!c->failed) {
        qmp_session_run(c->session, QMP_IN_BAND, SLICE_US);
    }
    finish_slice(c);
}

/* ---- Out of band ---- */

/*
 * Sends from the thread.  When the output is empty, the lock is not taken, for
 * which the main loop would have to wait or the thread for a write of the main
 * loop: what the main loop appends from now on, it sends itself.
 */
static bool send_from_thread(Connection *c)
{
    bool is_empty = !qmp_session_unsent(c->session) &&
                    !qmp_session_has_events(c->session);

    /* At the end of input the lock is needed, see send_from_main(). */
    return is_empty && !c->eof ? true : send_output(c);
}

/* In the thread. */
static void run_io_slice(Connection *c, bool readable)
{
    QmpSession *s = c->session;
    bool all_sent;

    if (c->io_ended) {
        return;
    }
    if (readable && wants_input(c)) {
        read_chunk(c);
    }
    if (!c->failed) {
        qmp_session_run(s, QMP_OUT_OF_BAND, SLICE_US);
    }
    all_sent = send_from_thread(c);
    if (is_over(c)) {
        watch(c, false, false);
        c->io_ended = true;
        aio_bh_schedule(c->bh);
        return;
    }
    if (qmp_session_may_run(s, QMP_IN_BAND)) {
        aio_bh_schedule(c->bh);
    }
    schedule_slice(c, all_sent);
}

/*
 * Sends from the main loop.  The thread is woken up if it has to act on the
 * result: it does not read while the output is full, it waits until left output
 * can be sent, and it finds out that the conversation has ended.
 *
 * At the end of input both threads send before they check whether the
 * conversation has ended, and the lock of the output orders the two.  The one
 * that sends last finds that nothing is left, or sees `eof`.
 */
static void send_from_main(Connection *c)
{
    QmpSession *s = c->session;
    bool was_full = qmp_session_unsent(s) >= QMP_OUTPUT_LIMIT;
    bool all_sent;

    all_sent = send_output(c);
    if (was_full || !all_sent || c->eof || qmp_session_has_quit(s)) {
        aio_bh_schedule(c->io_bh);
    }
}

/* In the main thread.  May free @c. */
static void run_main_slice(Connection *c)
{
    QmpSession *s = c->session;

    if (qmp_session_is_in_use(s)) {
        return; /* the outer slice continues */
    }
    if (!c->io_ended) {
        qmp_session_run(s, QMP_IN_BAND, SLICE_US);
        send_from_main(c);
    }
    report_quit(c);
    if (c->io_ended) {
        c->ops->ended(&c->public, c->opaque);
    } else if (qmp_session_is_ready(s)) {
        aio_bh_schedule(c->bh);
    }
}

static void on_io_bh(void *opaque)
{
    Connection *c = opaque;

    run_io_slice(c, c->in_is_file);
}

/* Called in any thread, usually because of an event. */
static void on_io_wake(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->io_bh);
}

static void move_to_thread(Connection *c)
{
    watch(c, false, false);
    c->watch_ctx = c->thread_ctx;
    c->io_bh = aio_bh_new(c->thread_ctx, on_io_bh, c);
    qmp_session_set_wake(c->session, on_io_wake, c);
    aio_bh_schedule(c->io_bh);
}

/* In the thread. */
static void detach_from_thread(void *opaque)
{
    Connection *c = opaque;

    watch(c, false, false);
    aio_bh_delete(c->io_bh);
}

/* Schedules a slice of the main loop.  Called in any thread. */
static void on_wake(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->bh);
}

/*
 * The order matters: first no other thread may schedule slices in the thread.
 */
static void move_from_thread(Connection *c)
{
    qmp_session_set_wake(c->session, on_wake, c);
    qmp_io_thread_call(detach_from_thread, c);
    c->io_bh = NULL;
    c->watch_ctx = c->ctx;
}

static bool start_oob(void *opaque, Error **errp)
{
    Connection *c = opaque;

    c->thread_ctx = qmp_io_thread_get(errp);
    return c->thread_ctx != NULL;
}

static const QmpSessionOps session_ops = {
    .start_oob = start_oob,
    .run_later = on_wake,
};

/* ---- Handlers, of either thread ---- */

static void on_ready(Connection *c, bool readable)
{
    if (c->io_bh) {
        run_io_slice(c, readable);
    } else {
        run_slice(c, readable);
    }
}

static void on_readable(void *opaque)
{
    on_ready(opaque, true);
}

static void on_writable(void *opaque)
{
    on_ready(opaque, false);
}

static void on_bh(void *opaque)
{
    Connection *c = opaque;

    if (c->io_bh) {
        run_main_slice(c);
    } else {
        run_slice(c, c->in_is_file);
    }
}

/* ---- Life ---- */

/*
 * Returns true if epoll rejects the file descriptor, because it is always
 * ready.
 */
static bool is_always_ready(int fd)
{
    struct epoll_event event = { .events = EPOLLIN };
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bool refused;

    if (epoll_fd < 0) {
        return false;
    }
    refused = epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 &&
              errno == EPERM;
    close(epoll_fd);
    return refused;
}

static bool is_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static QmpSession *new_session(int in_fd, bool pretty)
{
    struct ucred peer = { 0 };
    socklen_t len = sizeof(peer);
    bool has_peer = getsockopt(in_fd, SOL_SOCKET, SO_PEERCRED, &peer,
                               &len) == 0;

    return qmp_session_new_full(&(QmpSessionOptions) {
        .pretty = pretty,
        .offers_oob = true,
        .has_peer = has_peer,
        .peer_pid = peer.pid,
        .peer_uid = peer.uid,
    });
}

QmpConnection *qmp_connection_new(AioContext *ctx, int in_fd, int out_fd,
                                  bool close_fds, bool pretty,
                                  const QmpConnectionOps *ops, void *opaque)
{
    Connection *c = g_new0(Connection, 1);
    bool all_sent;

    c->ctx = ctx;
    c->watch_ctx = ctx;
    c->session = new_session(in_fd, pretty);
    c->bh = aio_bh_new(ctx, on_bh, c);
    qmp_session_set_ops(c->session, &session_ops, c);
    qmp_session_set_wake(c->session, on_wake, c);
    c->ops = ops;
    c->opaque = opaque;
    c->process_id = getpid();
    c->in_fd = in_fd;
    c->out_fd = out_fd;
    c->close_fds = close_fds;
    c->out_is_socket = is_socket(out_fd);
    c->in_is_file = in_fd != out_fd && is_always_ready(in_fd);
    all_sent = send_output(c);
    if (c->failed) {
        aio_bh_schedule(c->bh); /* bh reports that the connection has ended */
    } else {
        schedule_slice(c, all_sent);
    }
    return &c->public;
}

/*
 * A client that has sent `quit` gets up to QUIT_TIMEOUT_US to read the reply.
 */
static void send_last_output(Connection *c)
{
    int64_t end = g_get_monotonic_time() + QUIT_TIMEOUT_US;
    struct pollfd pollfd = { .fd = c->out_fd, .events = POLLOUT };
    int64_t left;

    send_output(c);
    while (qmp_session_has_quit(c->session) && !c->failed &&
           qmp_session_unsent(c->session)) {
        left = end - g_get_monotonic_time();
        if (left <= 0) {
            return;
        }
        poll(&pollfd, 1, (left + 999) / 1000);
        send_output(c);
    }
}

void qmp_connection_free(QmpConnection *conn)
{
    Connection *c = (Connection *)conn;

    if (!c) {
        return;
    }
    if (c->io_bh) {
        move_from_thread(c);
    }
    watch(c, false, false);
    if (c->process_id == getpid()) { /* otherwise the parent process sends it */
        send_last_output(c);
    }
    qmp_session_free(c->session);
    if (c->thread_ctx) {
        qmp_io_thread_put();
    }
    aio_bh_delete(c->bh);
    if (c->close_fds) {
        close(c->in_fd);
        if (c->out_fd != c->in_fd) {
            close(c->out_fd);
        }
    }
    g_free(c);
}
