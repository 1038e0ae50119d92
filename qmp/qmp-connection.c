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
 * Sides: the main loop reads, executes and sends.  When the client enables
 * `oob`, the thread of qmp-io-thread.c joins it for good, because the main loop
 * may be busy.  Each of the two has a side of the connection: what it watches,
 * and a bottom half for its slices.
 *
 *     main loop    read, run out of band, run in band, send, end
 *     thread       read, run out of band,              send
 *
 * Both are woken up by input, and the first one takes it, under `in_lock`.
 * That is usually the main loop, unless it is busy.  A request in band is then
 * not handed from one thread to another, which takes about as long as executing
 * it, and the thread finds nothing to read.
 *
 * A side schedules a slice of the other one if it leaves something that the
 * other one has to do: the main loop executes in band and ends the connection;
 * the thread has to send what is left, and to watch the input again, even if
 * the main loop is busy from now on.
 *
 * Life: the main loop creates and frees the connection.  To free it, it calls a
 * function in the thread and waits until the thread has left the connection.
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

typedef struct Connection Connection;

/* The part of a connection that one thread has. */
typedef struct Side {
    Connection *conn;
    AioContext *ctx; /* the loop of the thread */
    AioBH *bh;       /* runs a slice */
    bool in_watched; /* used by the thread alone, like the next one */
    bool out_watched;
} Side;

struct Connection {
    QmpConnection public;
    QmpSession *session;
    const QmpConnectionOps *ops;
    void *opaque;
    pid_t process_id; /* the process that serves the client */
    int in_fd;
    int out_fd;
    bool close_fds;
    bool in_is_file;    /* always ready, so it is not watched */
    bool out_is_socket; /* else a write may raise SIGPIPE */
    bool quit_reported;
    bool has_thread;    /* `thread` is in use; changed by the main thread */
    Side main;
    Side thread;        /* `ctx` (nullable) is held */
    GMutex in_lock;     /* taken if has_thread: to read and run out of band */
    atomic_bool eof;    /* the client sends no more; set under in_lock */
    atomic_bool failed; /* nothing more can be sent */
};

/* ---- Input and output ---- */

/* Called with in_lock held. */
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

/* ---- Slices of either side ---- */

static void on_readable(void *opaque);
static void on_writable(void *opaque);

static void watch(Side *side, bool in, bool out)
{
    const Connection *c = side->conn;
    bool same_fd = c->in_fd == c->out_fd;
    bool in_changed = in != side->in_watched;
    bool out_changed = out != side->out_watched;

    side->in_watched = in;
    side->out_watched = out;
    if (in_changed || (out_changed && same_fd)) {
        aio_set_fd_handler(side->ctx, c->in_fd, in ? on_readable : NULL,
                           out && same_fd ? on_writable : NULL, NULL, NULL,
                           side);
    }
    if (out_changed && !same_fd) {
        aio_set_fd_handler(side->ctx, c->out_fd, NULL,
                           out ? on_writable : NULL, NULL, NULL, side);
    }
}

static bool wants_input(const Connection *c)
{
    return !c->eof && !c->failed && qmp_session_wants_input(c->session);
}

/*
 * Reads a chunk if @readable, and runs out of band; called with in_lock held.
 */
static void read_requests(Connection *c, bool readable)
{
    if (readable && wants_input(c)) {
        read_chunk(c);
    }
    if (c->has_thread && !c->failed) {
        qmp_session_run(c->session, QMP_OUT_OF_BAND, SLICE_US);
    }
}

/*
 * Schedules the next slice of a side: it runs when there is something to do.
 * @in: true if the side reads
 * @all_sent: what send_output() has just returned
 * @is_busy: true if requests can be executed, and no other part will schedule a
 *           slice for them
 */
static void schedule_slice(Side *side, bool in, bool all_sent, bool is_busy)
{
    const Connection *c = side->conn;

    in = in && wants_input(c);
    watch(side, in && !c->in_is_file, !all_sent && !c->failed);
    if (is_busy || (in && c->in_is_file)) {
        aio_bh_schedule(side->bh);
    }
}

/*
 * Returns true if the conversation ends once everything has been executed and
 * sent.
 */
static bool is_ending(const Connection *c)
{
    return c->eof || c->failed || qmp_session_has_quit(c->session);
}

/* ---- The thread's side ---- */

/*
 * If the output is empty, its lock is not taken, for which one of the threads
 * would wait while the other one writes: what the main loop appends from now
 * on, it sends itself.
 */
static bool send_from_thread(Connection *c)
{
    QmpSession *s = c->session;

    return (!qmp_session_unsent(s) && !qmp_session_has_events(s)) ||
           send_output(c);
}

static void run_thread_slice(Connection *c, bool readable)
{
    QmpSession *s = c->session;
    bool all_sent;

    g_mutex_lock(&c->in_lock);
    read_requests(c, readable);
    g_mutex_unlock(&c->in_lock);
    /* Before checking what may be executed, which depends on the output. */
    all_sent = send_from_thread(c);
    schedule_slice(&c->thread, true, all_sent,
                   qmp_session_may_run(s, QMP_OUT_OF_BAND));
    if (is_ending(c) || qmp_session_may_run(s, QMP_IN_BAND)) {
        aio_bh_schedule(c->main.bh);
    }
}

static void on_thread_bh(void *opaque)
{
    Connection *c = opaque;

    run_thread_slice(c, c->in_is_file);
}

/* Called in any thread, usually because of an event. */
static void on_wake_thread(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->thread.bh);
}

/*
 * Called in the main thread.  The thread takes the next slice, and the main
 * loop watches again after its own next one: the kernel wakes up the loop first
 * that began to watch last.
 */
static void join_thread(Connection *c)
{
    watch(&c->main, false, false);
    c->thread.bh = aio_bh_new(c->thread.ctx, on_thread_bh, c);
    c->has_thread = true;
    qmp_session_set_wake(c->session, on_wake_thread, c);
    aio_bh_schedule(c->thread.bh);
}

/* Called in the thread, while the main thread waits. */
static void detach_from_thread(void *opaque)
{
    Connection *c = opaque;

    watch(&c->thread, false, false);
    aio_bh_delete(c->thread.bh);
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
        read_requests(c, true);
        return true;
    }
    if (!g_mutex_trylock(&c->in_lock)) {
        return false;
    }
    read_requests(c, true);
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
static bool send_from_main(Connection *c)
{
    bool was_full = qmp_session_unsent(c->session) >= QMP_OUTPUT_LIMIT;
    bool all_sent = send_output(c);

    if (c->has_thread && (was_full || !all_sent)) {
        aio_bh_schedule(c->thread.bh);
    }
    return all_sent;
}

/*
 * Returns true if the conversation has ended.  The lock is taken, because the
 * thread may be executing the last request out of band.
 */
static bool is_over(Connection *c)
{
    QmpSession *s = c->session;
    bool is_over;

    if (!is_ending(c)) {
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
    bool all_sent;

    if (qmp_session_is_in_use(c->session)) {
        watch(&c->main, false, false);
        return; /* the outer slice continues */
    }
    if (readable) {
        in = read_from_main(c);
    }
    if (!c->failed) {
        qmp_session_run(c->session, QMP_IN_BAND, SLICE_US);
    }
    all_sent = send_from_main(c);
    report_quit(c);
    if (is_over(c)) {
        c->ops->ended(&c->public, c->opaque);
        return;
    }
    if (qmp_session_has_oob(c->session) && !c->has_thread) {
        join_thread(c);
        return;
    }
    schedule_slice(&c->main, in, all_sent, qmp_session_is_ready(c->session));
}

static void on_main_bh(void *opaque)
{
    Connection *c = opaque;

    run_main_slice(c, c->in_is_file);
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

    c->thread.ctx = qmp_io_thread_get(errp);
    return c->thread.ctx != NULL;
}

static const QmpSessionOps session_ops = {
    .start_oob = start_oob,
    .run_later = on_wake_main,
};

/*
 * The order matters: first no other thread may schedule slices in the thread.
 */
static void leave_thread(Connection *c)
{
    qmp_session_set_wake(c->session, on_wake_main, c);
    qmp_io_thread_call(detach_from_thread, c);
    c->has_thread = false;
}

/* ---- Handlers of either side ---- */

static void on_ready(Side *side, bool readable)
{
    Connection *c = side->conn;

    if (side == &c->thread) {
        run_thread_slice(c, readable);
    } else {
        run_main_slice(c, readable);
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

    c->main.conn = c;
    c->main.ctx = ctx;
    c->main.bh = aio_bh_new(ctx, on_main_bh, c);
    c->thread.conn = c;
    g_mutex_init(&c->in_lock);
    c->session = new_session(in_fd, pretty);
    qmp_session_set_ops(c->session, &session_ops, c);
    qmp_session_set_wake(c->session, on_wake_main, c);
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
        aio_bh_schedule(c->main.bh); /* reports that the connection has ended */
    } else {
        schedule_slice(&c->main, true, all_sent, false);
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
    if (c->has_thread) {
        leave_thread(c);
    }
    watch(&c->main, false, false);
    /* In a child process, its parent sends the output and uses the lock. */
    if (c->process_id == getpid()) {
        send_last_output(c);
        g_mutex_clear(&c->in_lock);
    }
    qmp_session_free(c->session);
    if (c->thread.ctx) {
        qmp_io_thread_put();
    }
    aio_bh_delete(c->main.bh);
    if (c->close_fds) {
        close(c->in_fd);
        if (c->out_fd != c->in_fd) {
            close(c->out_fd);
        }
    }
    g_free(c);
}
