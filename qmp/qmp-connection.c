/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A turn is: read one chunk if nothing is queued, execute what is queued, send
 * all replies with one write.  It ends after TURN_US, or when the client does
 * not take its replies; then nothing is read until the queue is empty and the
 * output is below its limit, so what a client can make us hold is one chunk of
 * requests, the output limit and one reply.
 *
 * A turn is taken when a descriptor is ready and, where that is nothing to
 * wait for, in a bottom half: if requests are left over, and if the input is
 * always ready (a file, /dev/null; epoll refuses them).
 *
 * A command may run the loop, and then a turn is asked for within a turn.  It
 * is not taken; watching stops until the outer one is over, or the inner loop
 * would spin.
 *
 * The client may stop sending and still wait for replies, so the end of input
 * ends the conversation only when all has been executed and sent.
 */
#include "qmp/qmp-connection-internal.h"

#include "aio/aio.h"
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
    int in_fd;
    int out_fd;
    bool close_fds;
    bool in_is_file;    /* always ready; not to be watched */
    bool out_is_socket; /* else a write may raise SIGPIPE */
    bool eof;           /* the client sends no more */
    bool failed;        /* nothing more can be sent */
    bool quit_told;
    bool in_watched;
    bool out_watched;
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

/* write() to what may be a pipe, without the signal if it is broken. */
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

/* Send as much as is taken without waiting. */
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

/* ---- Turns ---- */

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
        aio_set_fd_handler(c->ctx, c->in_fd, in ? on_readable : NULL,
                           out && same_fd ? on_writable : NULL, NULL, NULL,
                           c);
    }
    if (out_changed && !same_fd) {
        aio_set_fd_handler(c->ctx, c->out_fd, NULL, out ? on_writable : NULL,
                           NULL, NULL, c);
    }
}

static bool wants_input(const Connection *c)
{
    return !c->eof && !c->failed && !c->session->quit &&
           !qmp_session_has_requests(c->session) &&
           qmp_session_unsent(c->session) < QMP_OUTPUT_LIMIT;
}

/* Is there something to execute, and room for its reply? */
static bool can_run(const Connection *c)
{
    return qmp_session_has_requests(c->session) && !c->session->quit &&
           qmp_session_unsent(c->session) < QMP_OUTPUT_LIMIT;
}

static bool is_over(const Connection *c)
{
    bool no_more = c->eof || c->session->quit;

    return c->failed || (no_more && !qmp_session_has_requests(c->session) &&
                         !qmp_session_unsent(c->session));
}

/* Events, above all; from any thread. */
static void on_mail(void *opaque)
{
    Connection *c = opaque;

    aio_bh_schedule(c->bh);
}

/* Have the next turn come when there is something to do. */
static void wait_for_turn(Connection *c)
{
    bool in = wants_input(c);

    watch(c, in && !c->in_is_file, qmp_session_unsent(c->session) > 0);
    if (can_run(c) || (in && c->in_is_file)) {
        aio_bh_schedule(c->bh);
    }
}

/* May free @c. */
static void finish_turn(Connection *c)
{
    if (c->session->quit && !c->quit_told) {
        c->quit_told = true;
        c->ops->quit(&c->public, c->opaque);
    }
    if (is_over(c)) {
        c->ops->ended(&c->public, c->opaque);
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
    }
    send_output(c);
    finish_turn(c);
}

static void on_readable(void *opaque)
{
    take_turn(opaque, true);
}

static void on_writable(void *opaque)
{
    take_turn(opaque, false);
}

static void on_bh(void *opaque)
{
    Connection *c = opaque;

    take_turn(c, c->in_is_file);
}

/* ---- Life ---- */

/* Does epoll refuse it? */
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

QmpConnection *qmp_connection_new(AioContext *ctx, int in_fd, int out_fd,
                                  bool close_fds, bool pretty,
                                  const QmpConnectionOps *ops, void *opaque)
{
    Connection *c = g_new0(Connection, 1);

    c->ctx = ctx;
    c->session = qmp_session_new(pretty);
    c->bh = aio_bh_new(ctx, on_bh, c);
    c->session->wake_opaque = c;
    c->session->wake = on_mail;
    c->ops = ops;
    c->opaque = opaque;
    c->in_fd = in_fd;
    c->out_fd = out_fd;
    c->close_fds = close_fds;
    c->out_is_socket = is_socket(out_fd);
    c->in_is_file = in_fd != out_fd && is_always_ready(in_fd);
    send_output(c);
    if (c->failed) {
        aio_bh_schedule(c->bh); /* where it is said that it has ended */
    } else {
        wait_for_turn(c);
    }
    return &c->public;
}

/* The client that said quit deserves its reply. */
static void send_last_output(Connection *c)
{
    int64_t end = g_get_monotonic_time() + QUIT_TIMEOUT_US;
    struct pollfd pollfd = { .fd = c->out_fd, .events = POLLOUT };
    int64_t left;

    send_output(c);
    while (c->session->quit && !c->failed && qmp_session_unsent(c->session)) {
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
    watch(c, false, false);
    send_last_output(c);
    qmp_session_free(c->session);
    aio_bh_delete(c->bh);
    if (c->close_fds) {
        close(c->in_fd);
        if (c->out_fd != c->in_fd) {
            close(c->out_fd);
        }
    }
    g_free(c);
}
