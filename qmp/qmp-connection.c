/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection works in time slices.  In a slice it reads one chunk if no
 * request is queued, executes the queued requests and sends all replies with
 * one write.  A slice ends after TURN_US, or when the client does not take its
 * replies.  Nothing more is read until the queue is empty and the unsent output
 * is below its limit.  A client can therefore make the server hold one chunk of
 * requests, the output limit and one reply.
 *
 * A slice runs when a file descriptor is ready.  It runs in a bottom half if
 * requests are left over, or if the input is always ready (a regular file,
 * /dev/null), which epoll does not accept.
 *
 * A command may run the loop, in which a slice may become due while another one
 * runs.  That slice is skipped, and the file descriptors are not watched until
 * the outer slice has ended; otherwise the inner loop would spin.  Other
 * connections read requests in the inner loop and execute them after the
 * command has ended, see qmp-gate.c.
 *
 * A client may stop sending and still expect replies.  End of input therefore
 * ends the conversation only after all requests have been executed and all
 * replies sent.
 *
 * Out of band: when the client enables `oob`, the connection moves to the
 * thread of qmp-io-thread.c and stays there.  From then on `io_bh` is set, and
 * that thread owns the file descriptors, the flags of input and output, and the
 * reading half of the session.  In its slices it parses all requests but
 * executes only those that are out of band.  The main loop executes the others
 * in `bh`.  The main loop also creates and frees the connection: the thread
 * sets `io_over` when the conversation has ended.  To free a connection, the
 * main thread calls a function in the thread and waits until it has released
 * the connection.
 */
#include "qmp/qmp-connection-internal.h"

#include "aio/aio.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-io-thread-internal.h"
#include "qmp/qmp-session-internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE (16 * 1024)
#define TURN_US 1000
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
    bool eof;           /* the client sends no more */
    bool failed;        /* nothing more can be sent */
    bool quit_told;
    bool in_watched;
    bool out_watched;

    AioContext *watch_ctx;  /* the loop that watches the file descriptors */
    AioContext *thread_ctx; /* (nullable) the loop of the thread, held */
    AioBH *io_bh; /* (nullable) set while the thread has the connection */
    bool io_over; /* atomic: in the thread, the conversation has ended */
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

/*
 * Writes to what may be a pipe.  A broken pipe raises no SIGPIPE: the signal is
 * blocked and, if this write caused it, taken from the pending signals.
 */
static ssize_t write_quietly(int fd, const void *bytes, size_t n_bytes)
{
    const struct timespec now = { 0 };
    sigset_t pending;
    sigset_t pipe_set;
    sigset_t old;
    ssize_t n;
    int saved;

    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_set, &old);
    sigpending(&pending);
    n = write(fd, bytes, n_bytes);
    saved = errno;
    if (n < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE)) {
        sigtimedwait(&pipe_set, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return n;
}

static ssize_t write_some(Connection *c, const char *bytes, size_t n_bytes)
{
    ssize_t n;

    do {
        n = c->out_is_socket ? send(c->out_fd, bytes, n_bytes, MSG_NOSIGNAL)
                             : write_quietly(c->out_fd, bytes, n_bytes);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Sends as much as the file descriptor accepts without blocking. */
static void send_output(Connection *c)
{
    QmpSession *s = c->session;
    ssize_t n;

    qmp_session_take_mail(s);
    while (qmp_session_unsent(s) && !c->failed) {
        n = write_some(c, s->out->str + s->out_sent, qmp_session_unsent(s));
        if (n < 0) {
            c->failed = errno != EAGAIN;
            return;
        }
        qmp_session_sent(s, n);
        qmp_session_take_mail(s);
    }
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

/*
 * Returns true if a command of the session is waiting in a coroutine.  Until
 * the command has ended nothing is read, not even the end of input.  With the
 * thread, qmp-oob.c handles this case instead.
 */
static bool has_job(const Connection *c)
{
    return !c->io_bh && c->session->job;
}

static bool wants_input(const Connection *c)
{
    return !c->eof && !c->failed && !qmp_session_has_quit(c->session) &&
           !qmp_session_has_requests(c->session) && !has_job(c) &&
           qmp_session_unsent(c->session) < QMP_OUTPUT_LIMIT &&
           (!c->io_bh || qmp_session_has_inband_room(c->session));
}

/* Returns true if a request is queued and there is room for its reply. */
static bool can_run(const Connection *c)
{
    if (c->io_bh) {
        return qmp_session_can_route(c->session);
    }
    return qmp_session_has_requests(c->session) && !c->session->quit &&
           !has_job(c) &&
           qmp_session_unsent(c->session) < QMP_OUTPUT_LIMIT;
}

static bool is_over(const Connection *c)
{
    bool quit = qmp_session_has_quit(c->session);

    if (c->failed) {
        return true;
    }
    return (quit || (c->eof && !qmp_session_has_requests(c->session))) &&
           (!c->io_bh || qmp_session_is_inband_idle(c->session)) &&
           qmp_mailbox_is_empty(&c->session->mailbox) &&
           !qmp_session_unsent(c->session);
}

/* Called in any thread when the output queue has got text, usually an event. */
static void on_mail(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->bh);
}

/*
 * Returns true if requests can be executed and no other part will wake the
 * connection up.
 */
static bool is_busy(const Connection *c)
{
    return can_run(c) && (c->io_bh || !qmp_gate_is_waiting(c->session));
}

/* Schedules the next slice: it runs when there is something to do. */
static void wait_for_turn(Connection *c)
{
    bool in = wants_input(c);

    watch(c, in && !c->in_is_file, qmp_session_unsent(c->session) > 0);
    if (is_busy(c) || (in && c->in_is_file)) {
        aio_bh_schedule(c->io_bh ? c->io_bh : c->bh);
    }
}

static void tell_quit(Connection *c)
{
    if (qmp_session_has_quit(c->session) && !c->quit_told) {
        c->quit_told = true;
        c->ops->quit(&c->public, c->opaque);
    }
}

static void enter_thread(Connection *c);

/* May free @c. */
static void finish_turn(Connection *c)
{
    tell_quit(c);
    if (is_over(c)) {
        c->ops->ended(&c->public, c->opaque);
    } else if (qmp_session_has_oob(c->session)) {
        enter_thread(c);
    } else {
        wait_for_turn(c);
    }
}

/* May free @c. */
static void take_turn(Connection *c, bool readable)
{
    if (c->session->running) {
        watch(c, false, false);
        return;
    }
    if (readable && wants_input(c)) {
        read_chunk(c);
    }
    if (can_run(c) && !c->failed) {
        qmp_session_run(c->session, TURN_US);
    } else {
        qmp_gate_forget(c->session);
    }
    send_output(c);
    finish_turn(c);
}

/* ---- Out of band ---- */

/* In the thread. */
static void take_io_turn(Connection *c, bool readable)
{
    QmpSession *s = c->session;

    if (c->io_over) {
        return;
    }
    if (readable && wants_input(c)) {
        read_chunk(c);
    }
    if (!c->failed) {
        qmp_session_route(s, TURN_US);
    }
    send_output(c);
    if (is_over(c)) {
        watch(c, false, false);
        __atomic_store_n(&c->io_over, true, __ATOMIC_RELEASE);
        aio_bh_schedule(c->bh);
        return;
    }
    if (qmp_session_can_run_inband(s)) {
        aio_bh_schedule(c->bh);
    }
    wait_for_turn(c);
}

/* In the main thread.  May free @c. */
static void take_main_turn(Connection *c)
{
    QmpSession *s = c->session;

    if (s->running) {
        return; /* the outer slice continues */
    }
    if (!__atomic_load_n(&c->io_over, __ATOMIC_ACQUIRE) &&
        qmp_session_can_run_inband(s)) {
        qmp_session_run_inband(s, TURN_US);
    } else {
        qmp_gate_forget(s);
    }
    tell_quit(c);
    if (__atomic_load_n(&c->io_over, __ATOMIC_ACQUIRE)) {
        c->ops->ended(&c->public, c->opaque);
    } else if (qmp_session_can_run_inband(s) && !qmp_gate_is_waiting(s)) {
        aio_bh_schedule(c->bh);
    }
}

static void on_io_bh(void *opaque)
{
    Connection *c = opaque;

    take_io_turn(c, c->in_is_file);
}

static void on_io_mail(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->io_bh);
}

static void enter_thread(Connection *c)
{
    watch(c, false, false);
    c->watch_ctx = c->thread_ctx;
    c->io_bh = aio_bh_new(c->thread_ctx, on_io_bh, c);
    qmp_events_set_wake(c->session, on_io_mail, c);
    aio_bh_schedule(c->io_bh);
}

/* In the thread. */
static void let_go(void *opaque)
{
    Connection *c = opaque;

    watch(c, false, false);
    aio_bh_delete(c->io_bh);
}

/*
 * The order matters: first no other thread may schedule slices in the thread.
 */
static void leave_thread(Connection *c)
{
    qmp_events_set_wake(c->session, on_mail, c);
    qmp_io_thread_call(let_go, c);
    c->io_bh = NULL;
    c->watch_ctx = c->ctx;
}

static bool start_oob(void *opaque, Error **errp)
{
    Connection *c = opaque;

    c->thread_ctx = qmp_io_thread_get(errp);
    return c->thread_ctx != NULL;
}

/* ---- Handlers, of either thread ---- */

static void on_ready(Connection *c, bool readable)
{
    if (c->io_bh) {
        take_io_turn(c, readable);
    } else {
        take_turn(c, readable);
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
        take_main_turn(c);
    } else {
        take_turn(c, c->in_is_file);
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

    c->ctx = ctx;
    c->watch_ctx = ctx;
    c->session = new_session(in_fd, pretty);
    c->bh = aio_bh_new(ctx, on_bh, c);
    qmp_events_set_wake(c->session, on_mail, c);
    c->session->run_later = on_mail;
    c->session->run_opaque = c;
    c->session->start_oob = start_oob;
    c->session->start_oob_opaque = c;
    c->ops = ops;
    c->opaque = opaque;
    c->process_id = getpid();
    c->in_fd = in_fd;
    c->out_fd = out_fd;
    c->close_fds = close_fds;
    c->out_is_socket = is_socket(out_fd);
    c->in_is_file = in_fd != out_fd && is_always_ready(in_fd);
    send_output(c);
    if (c->failed) {
        aio_bh_schedule(c->bh); /* bh reports that the connection has ended */
    } else {
        wait_for_turn(c);
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
        leave_thread(c);
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
