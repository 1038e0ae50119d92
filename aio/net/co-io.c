/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for file descriptors in coroutines.
 *
 * A `NetFd` is a file descriptor that at least one coroutine waits for, by its
 * number in a table of the context.  It joins the coroutine that waits for
 * input and the one that waits for output, because the loop has one handler for
 * both.  It exists during the waits only, so the user may close the file
 * descriptor afterwards.
 */
#include "aio/net/co-io.h"

#include "aio/context-internal.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/net/net-internal.h"
#include "util/programming-error.h"

#include <errno.h>
#include <poll.h>

/* Between two attempts to connect to a unix socket whose backlog is full. */
#define CONNECT_PAUSE_NS (10 * SCALE_MS)

/* One wait, on the stack of the coroutine. */
typedef struct FdWait {
    NetWait wait;
    unsigned events; /* waited for */
    unsigned ready;
} FdWait;

typedef struct NetFd {
    AioContext *ctx;
    int fd;
    FdWait *in;  /* NULL: none waits for input */
    FdWait *out; /* may be the same as `in` */
} NetFd;

/* ---- Waiting ---- */

/*
 * One event may end the waits of two coroutines, and a wait for both directions
 * gets two events.  The first one wakes up the coroutine.
 */
static void fd_on_ready(FdWait *wait, unsigned events)
{
    if (wait) {
        wait->ready |= events;
        if (wait->wait.co) {
            net_wait_wake(&wait->wait, 0);
        }
    }
}

/* An error or a hang-up is reported as readable, too. */
static void fd_on_readable(void *opaque)
{
    NetFd *net_fd = opaque;

    fd_on_ready(net_fd->in, POLLIN);
}

static void fd_on_writable(void *opaque)
{
    NetFd *net_fd = opaque;

    fd_on_ready(net_fd->out, POLLOUT);
}

/* Registers the handler for the waits that there are, or removes it. */
static void fd_watch(NetFd *net_fd)
{
    aio_set_fd_handler(net_fd->ctx, net_fd->fd,
                       net_fd->in ? fd_on_readable : NULL,
                       net_fd->out ? fd_on_writable : NULL, NULL, NULL,
                       net_fd);
}

/* Returns: the entry of a file descriptor, created if it has none */
static NetFd *fd_get(AioContext *ctx, AioNet *net, int fd)
{
    NetFd *net_fd;

    if (!net->fds) {
        net->fds = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    }
    net_fd = g_hash_table_lookup(net->fds, GINT_TO_POINTER(fd));
    if (!net_fd) {
        net_fd = g_new0(NetFd, 1);
        net_fd->ctx = ctx;
        net_fd->fd = fd;
        g_hash_table_insert(net->fds, GINT_TO_POINTER(fd), net_fd);
    }
    return net_fd;
}

/* The handler is changed once, for both directions. */
static void fd_wait_begin(NetFd *net_fd, FdWait *wait)
{
    if (((wait->events & POLLIN) && net_fd->in) ||
        ((wait->events & POLLOUT) && net_fd->out)) {
        programming_error("co_fd_wait(): two coroutines wait for the same "
                          "direction of file descriptor %d", net_fd->fd);
    }
    if (wait->events & POLLIN) {
        net_fd->in = wait;
    }
    if (wait->events & POLLOUT) {
        net_fd->out = wait;
    }
    fd_watch(net_fd);
}

/* After it the user may close the file descriptor, if no other coroutine waits
 * for it. */
static void fd_wait_end(AioNet *net, NetFd *net_fd, FdWait *wait)
{
    if (net_fd->in == wait) {
        net_fd->in = NULL;
    }
    if (net_fd->out == wait) {
        net_fd->out = NULL;
    }
    fd_watch(net_fd);
    if (!net_fd->in && !net_fd->out) {
        g_hash_table_remove(net->fds, GINT_TO_POINTER(net_fd->fd));
    }
}

int co_fd_wait(int fd, unsigned events, int64_t deadline_ns)
{
    FdWait wait = { .events = events };
    AioContext *ctx = aio_get_current_context();
    AioNet *net;
    NetFd *net_fd;
    int ret;

    if (!(events & (POLLIN | POLLOUT))) {
        programming_error("co_fd_wait(): events must be POLLIN or POLLOUT");
    }
    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    net = net_get(ctx);
    /* The number may belong to another file than at the last wait. */
    net_fd = fd_get(ctx, net, fd);
    fd_wait_begin(net_fd, &wait);
    ret = net_wait(&wait.wait, ctx, deadline_ns);
    fd_wait_end(net, net_fd, &wait);
    return ret < 0 ? ret : (int)wait.ready;
}

/* ---- Operations ---- */

/*
 * The system calls return negative errno values from functions that are not
 * inlined: a compiler may keep the address of `errno` across a wait, after
 * which the coroutine may be in another thread.
 */

/* Returns: the result of a system call; a negative errno value on failure */
static ssize_t result(ssize_t ret)
{
    return ret < 0 ? -errno : ret;
}

static G_GNUC_NO_INLINE ssize_t try_accept(int fd)
{
    return result(accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static G_GNUC_NO_INLINE ssize_t try_connect(int fd,
                                            const struct sockaddr *address,
                                            socklen_t address_size)
{
    return result(connect(fd, address, address_size));
}

static G_GNUC_NO_INLINE ssize_t try_readv(int fd, const struct iovec *iov,
                                          int n_iov)
{
    return result(readv(fd, iov, n_iov));
}

/* sendmsg() prevents SIGPIPE; pipes and terminals need writev(). */
static G_GNUC_NO_INLINE ssize_t try_writev(int fd, struct iovec *iov,
                                           int n_iov)
{
    struct msghdr message = { .msg_iov = iov, .msg_iovlen = n_iov };
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

    return result(n < 0 && errno == ENOTSOCK
                  ? net_writev(fd, iov, n_iov) : n);
}

/* Returns: 0 if the socket is connected; -EINPROGRESS if not yet, as a vsock
 * may be writable before; or another negative errno value */
static G_GNUC_NO_INLINE int get_connect_result(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    int error = 0;
    socklen_t error_size = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0) {
        return -errno;
    }
    if (error) {
        return -error;
    }
    if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0) {
        return errno == ENOTCONN ? -EINPROGRESS : -errno;
    }
    return 0;
}

static int coroutine_fn finish_connect(int fd, int64_t deadline_ns)
{
    int ret;

    do {
        ret = co_fd_wait(fd, POLLOUT, deadline_ns);
        if (ret >= 0) {
            ret = get_connect_result(fd);
        }
    } while (ret == -EINPROGRESS);
    return ret;
}

/*
 * What follows an attempt that has returned @ret.
 *
 * Returns: 1 if @ret is the result; 0 if the caller tries again; or a negative
 *          errno value
 */
static int coroutine_fn after_try(int fd, unsigned events, ssize_t ret,
                                  int64_t deadline_ns)
{
    AioContext *ctx;

    if (ret >= 0) {
        ctx = aio_get_current_context();
        if (net_is_series(net_get(ctx))) {
            aio_co_schedule(ctx, coroutine_self());
            coroutine_yield();
        }
        return 1;
    }
    if (ret == -EINTR) {
        return 0;
    }
    if (ret != -EAGAIN) {
        return ret;
    }
    ret = co_fd_wait(fd, events, deadline_ns);
    return ret < 0 ? ret : 0;
}

int co_accept(int listen_fd, int64_t deadline_ns)
{
    ssize_t fd;
    int ret;

    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    do {
        fd = try_accept(listen_fd);
        ret = fd == -ECONNABORTED
            ? 0 : after_try(listen_fd, POLLIN, fd, deadline_ns);
    } while (ret == 0);
    return ret < 0 ? ret : fd;
}

/* No event reports that the backlog of a unix socket has room again. */
static int coroutine_fn pause_connect(int64_t deadline_ns)
{
    int64_t now_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    int64_t pause_ns = CONNECT_PAUSE_NS;

    if (deadline_ns >= 0) {
        if (now_ns >= deadline_ns) {
            return -ETIMEDOUT;
        }
        pause_ns = MIN(pause_ns, deadline_ns - now_ns);
    }
    return co_sleep_ns(AIO_CLOCK_REALTIME, pause_ns);
}

int co_connect(int fd, const struct sockaddr *address, socklen_t address_size,
               int64_t deadline_ns)
{
    int ret = coroutine_is_cancelled() ? -ECANCELED : 0;

    while (ret == 0) {
        ret = try_connect(fd, address, address_size);
        if (ret == -EINPROGRESS || ret == -EINTR) {
            return finish_connect(fd, deadline_ns);
        }
        if (ret != -EAGAIN) {
            return ret;
        }
        ret = pause_connect(deadline_ns);
    }
    return ret;
}

ssize_t co_readv(int fd, const struct iovec *iov, int n_iov,
                 int64_t deadline_ns)
{
    ssize_t n;
    int ret;

    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    do {
        n = try_readv(fd, iov, n_iov);
        ret = after_try(fd, POLLIN, n, deadline_ns);
    } while (ret == 0);
    return ret < 0 ? ret : n;
}

ssize_t co_read(int fd, void *buf, size_t size_bytes, int64_t deadline_ns)
{
    struct iovec iov = { .iov_base = buf, .iov_len = size_bytes };

    return co_readv(fd, &iov, 1, deadline_ns);
}

/* Removes the first @n bytes, and buffers that are empty then.  Returns: the
 * number of buffers that are left, from *@iov on */
static int iov_consume(struct iovec **iov, int n_iov, size_t n)
{
    while (n_iov > 0 && n >= (*iov)->iov_len) {
        n -= (*iov)->iov_len;
        ++*iov;
        n_iov--;
    }
    if (n_iov > 0) {
        (*iov)->iov_base = (char *)(*iov)->iov_base + n;
        (*iov)->iov_len -= n;
    }
    return n_iov;
}

/* Changes @iov. */
static ssize_t coroutine_fn write_all(int fd, struct iovec *iov, int n_iov,
                                      int64_t deadline_ns)
{
    ssize_t written = 0;

    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    n_iov = iov_consume(&iov, n_iov, 0);
    while (n_iov > 0) {
        ssize_t n = try_writev(fd, iov, n_iov);
        int ret = after_try(fd, POLLOUT, n, deadline_ns);

        if (ret < 0) {
            return ret;
        }
        if (ret > 0) {
            written += n;
            n_iov = iov_consume(&iov, n_iov, n);
        }
    }
    return written;
}

ssize_t co_writev(int fd, const struct iovec *iov, int n_iov,
                  int64_t deadline_ns)
{
    g_autofree struct iovec *copy =
        g_memdup2(iov, (size_t)n_iov * sizeof(*iov));

    return write_all(fd, copy, n_iov, deadline_ns);
}

ssize_t co_write(int fd, const void *buf, size_t size_bytes,
                 int64_t deadline_ns)
{
    struct iovec iov = { .iov_base = (void *)buf, .iov_len = size_bytes };

    return write_all(fd, &iov, 1, deadline_ns);
}
