/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for file descriptors, and reading and writing them, in coroutines.
 *
 * Each function tries the operation first and waits only if the file descriptor
 * is not ready.  A coroutine whose operations never have to wait yields once
 * after a series of them, so that it cannot keep the loop from other work.
 *
 * The file descriptors are non-blocking.  A coroutine must not close a file
 * descriptor while another coroutine waits for it.  One coroutine may wait for
 * input and another one for output of the same file descriptor; a second one
 * for the same direction aborts.  A file descriptor that a coroutine waits for
 * has no other handler in the context.
 *
 * Every wait has a deadline and ends when the coroutine is cancelled.  A
 * deadline is a time of AIO_CLOCK_REALTIME in nanoseconds; -1 means that there
 * is none.  An operation that needs not wait succeeds after its deadline, too.
 *
 * Results are those of the system calls, errors are negative errno values.  In
 * addition, functions return -ETIMEDOUT when the deadline has passed, and
 * -ECANCELED when the coroutine was cancelled, before the call or during the
 * wait.
 *
 * AioStream ("aio/net/stream.h") is faster for connections, because it keeps
 * its handler registered between waits.
 *
 * Thread: in a coroutine, in its context's thread
 * Contract: docs/net.md
 */
#ifndef QOM_AIO_NET_CO_IO_H
#define QOM_AIO_NET_CO_IO_H

#include "aio/coroutine/coroutine.h"
#include "util/clock.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

QOM_BEGIN_DECLS

/**
 * co_deadline_ns: computes a deadline
 * @timeout_ns: nanoseconds from now; negative for no limit
 *
 * Returns: a deadline for the functions below; -1: no limit
 * Thread: any
 */
static inline int64_t co_deadline_ns(int64_t timeout_ns)
{
    int64_t now_ns;

    if (timeout_ns < 0) {
        return -1;
    }
    now_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    return timeout_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + timeout_ns;
}

/**
 * co_fd_wait: waits until a file descriptor is ready
 * @fd: the file descriptor; borrowed
 * @events: POLLIN, POLLOUT or both
 * @deadline_ns: nanoseconds, or -1
 *
 * Does not test first: the coroutine yields at least once.
 *
 * Returns: those of @events that are possible without blocking, where an error
 *          or a hang-up counts as readiness; -ETIMEDOUT or -ECANCELED
 */
int coroutine_fn co_fd_wait(int fd, unsigned events, int64_t deadline_ns);

/**
 * co_accept: accepts a connection
 * @listen_fd: a listening socket, non-blocking; borrowed
 * @deadline_ns: nanoseconds, or -1
 *
 * A client that has gone before it was accepted is skipped.
 *
 * Returns: (transfer full) a file descriptor, non-blocking and close-on-exec;
 *          or a negative errno value, -EMFILE or -ENFILE if the limit of file
 *          descriptors is reached
 */
int coroutine_fn co_accept(int listen_fd, int64_t deadline_ns);

/**
 * co_connect: connects a socket
 * @fd: a socket, non-blocking; borrowed
 * @address: @address_size bytes; borrowed during the call
 * @address_size: size of the address
 * @deadline_ns: nanoseconds, or -1
 *
 * If a unix socket has no room for more clients, the call tries again until it
 * has.  After an error the socket can only be closed.
 *
 * Returns: 0, or a negative errno value
 */
int coroutine_fn co_connect(int fd, const struct sockaddr *address,
                            socklen_t address_size, int64_t deadline_ns);

/**
 * co_read: reads what is available
 * @fd: a socket, pipe or terminal, non-blocking; borrowed
 * @buf: @size_bytes bytes; borrowed during the call
 * @size_bytes: number of bytes, at least 1
 * @deadline_ns: nanoseconds, or -1
 *
 * Returns: the number of bytes, which may be less than @size_bytes; 0 at the
 *          end of the input; or a negative errno value
 */
ssize_t coroutine_fn co_read(int fd, void *buf, size_t size_bytes,
                             int64_t deadline_ns);

/**
 * co_readv: reads what is available into several buffers
 * @fd: as for co_read()
 * @iov: @n_iov buffers; borrowed during the call
 * @n_iov: number of buffers, 1 to IOV_MAX
 * @deadline_ns: nanoseconds, or -1
 *
 * Returns: as co_read()
 */
ssize_t coroutine_fn co_readv(int fd, const struct iovec *iov, int n_iov,
                              int64_t deadline_ns);

/**
 * co_write: writes a buffer
 * @fd: a socket, pipe or terminal, non-blocking; borrowed
 * @buf: @size_bytes bytes; borrowed during the call
 * @size_bytes: number of bytes
 * @deadline_ns: nanoseconds, or -1
 *
 * Waits as often as is necessary to write everything.  Raises no SIGPIPE.
 *
 * Returns: @size_bytes, or a negative errno value, also if a part was written
 *          before the error
 */
ssize_t coroutine_fn co_write(int fd, const void *buf, size_t size_bytes,
                              int64_t deadline_ns);

/**
 * co_writev: writes several buffers
 * @fd: as for co_write()
 * @iov: @n_iov buffers; borrowed during the call
 * @n_iov: number of buffers, 1 to IOV_MAX
 * @deadline_ns: nanoseconds, or -1
 *
 * Returns: the size of all buffers, or a negative errno value as co_write()
 */
ssize_t coroutine_fn co_writev(int fd, const struct iovec *iov, int n_iov,
                               int64_t deadline_ns);

QOM_END_DECLS

#endif
