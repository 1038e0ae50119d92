/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sending the output of a stream: what is queued, or memory of the user.
 *
 * A write that does not take everything has filled the socket.  The handler
 * sends what is left.
 */
#include "aio/net/stream-queue-internal.h"

#include "util/programming-error.h"
#include "util/sigpipe.h"

#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* ---- System calls ---- */

/* Not inlined, as try_read() of stream-input.c. */
static G_GNUC_NO_INLINE ssize_t try_send_memory(const AioStream *s,
                                                struct iovec *iov,
                                                unsigned n_iov, bool more,
                                                const StreamSentFds *fds)
{
    struct msghdr message = { .msg_iov = iov, .msg_iovlen = n_iov };
    int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t n;

    if (G_UNLIKELY(fds)) {
        n = stream_sent_fds_send(s, &message, fds, flags);
    } else if (G_LIKELY(s->out_is_socket)) {
        /* send() saves the kernel the copy of two structures: 100 ns. */
        n = n_iov == 1 ? send(s->out_fd, iov->iov_base, iov->iov_len, flags)
                       : sendmsg(s->out_fd, &message, flags);
    } else {
        n = net_writev(s->out_fd, iov, n_iov);
    }
    return n < 0 ? -errno : n;
}

static G_GNUC_NO_INLINE ssize_t try_send_bytes(const AioStream *s,
                                               const void *data,
                                               size_t size_bytes)
{
    const struct iovec iov = {
        .iov_base = (void *)data, .iov_len = size_bytes,
    };
    ssize_t n;

    do {
        n = s->out_is_socket
                ? send(s->out_fd, data, size_bytes, MSG_NOSIGNAL)
                : net_writev(s->out_fd, &iov, 1);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

/* sendfile() has no flag against SIGPIPE, so the signal is blocked. */
static ssize_t sendfile_quietly(int socket, int fd, off_t *offset, size_t size)
{
    SigPipe sigpipe;
    ssize_t n;

    sigpipe_block(&sigpipe);
    n = sendfile(socket, fd, offset, size);
    n = n < 0 ? -errno : n;
    sigpipe_unblock(&sigpipe, n == -EPIPE);
    return n;
}

/* A file that has become shorter is an error: its size was announced. */
static G_GNUC_NO_INLINE ssize_t try_send_file(const AioStream *s, int fd,
                                              int64_t offset_bytes,
                                              size_t size_bytes)
{
    off_t offset = offset_bytes;
    ssize_t n = sendfile_quietly(s->out_fd, fd, &offset, size_bytes);

    return n == 0 ? -EIO : n;
}

/*
 * Sends a file; or the entries up to the next one that is a file or carries
 * file descriptors, because the kernel passes these with the first byte of a
 * message.
 *
 * @size_bytes: (out) their size
 */
static ssize_t try_send(const AioStream *s, NetBlock *block,
                        size_t *size_bytes)
{
    const StreamSentFds *fds = NULL;
    unsigned first = block->first;
    unsigned end = first;

    if (block->owner[first].kind == ENTRY_FILE) {
        *size_bytes = block->iov[first].iov_len;
        return try_send_file(s, block->owner[first].fd,
                             block->owner[first].offset_bytes, *size_bytes);
    }
    if (block->owner[first].kind == ENTRY_WITH_FDS) {
        fds = block->owner[first].opaque;
    }
    *size_bytes = 0;
    do {
        *size_bytes += block->iov[end++].iov_len;
    } while (end < block->n && block->owner[end].kind == ENTRY_MEMORY);
    return try_send_memory(s, block->iov + first, end - first, end < block->n,
                           fds);
}

/* Returns: 0; -EAGAIN if the socket is full; another negative errno value */
static int output_send_all(AioStream *s)
{
    while (s->first_block) {
        NetBlock *block = s->first_block;
        size_t size_bytes;
        ssize_t n = try_send(s, block, &size_bytes);

        if (n == -EINTR) {
            continue;
        }
        if (n < 0) {
            return n;
        }
        if (!stream_queue_consume(s, n) && (size_t)n < size_bytes) {
            return -EAGAIN;
        }
    }
    return 0;
}

/*
 * An error ends the output: what is queued is dropped, so that its owners get
 * it back, and is reported to the next coroutine that waits for output.
 */
int aio_stream_send(AioStream *s)
{
    int ret;

    stream_enter(s);
    if (s->is_sending) {
        return -EAGAIN; /* called by a release function; the caller sends */
    }
    s->is_sending = true;
    ret = output_send_all(s);
    if (ret < 0 && ret != -EAGAIN) {
        s->out_error = ret;
        stream_queue_drop(s);
    }
    s->is_sending = false;
    stream_watch(s, s->watch_in, ret == -EAGAIN);
    return ret;
}

ssize_t aio_stream_try_send(AioStream *s, const void *data, size_t size_bytes)
{
    ssize_t n;

    stream_enter(s);
    if (s->out_error) {
        return s->out_error;
    }
    n = s->first_block ? -EAGAIN : try_send_bytes(s, data, size_bytes);
    if (n < 0 && n != -EAGAIN) {
        s->out_error = n;
    }
    stream_watch(s, s->watch_in, n != (ssize_t)size_bytes && !s->out_error);
    return n;
}

/* An error ends the wait, too: the writer then returns it. */
void stream_output_check_writer(AioStream *s)
{
    if (s->writer.co &&
        (s->out_error || s->unsent_bytes <= s->writer_max_bytes)) {
        net_wait_wake(&s->writer, 0);
    }
}

/*
 * The writer had not to wait.  After a series of these it waits for the bottom
 * half, for the reason that input_read_at_once() gives.  The output is sent, so
 * a cancellation is left to the next wait.
 */
static void coroutine_fn output_sent_at_once(AioStream *s)
{
    if (net_is_series(s->net)) {
        aio_stream_kick(s);
        net_wait(&s->writer, s->ctx, -1);
    }
}

int aio_stream_drain(AioStream *s, size_t max_unsent_bytes,
                     int64_t deadline_ns)
{
    bool has_waited = false;
    int ret = 0;

    stream_enter(s);
    if (s->writer.co) {
        programming_error("two coroutines wait for the output of one "
                          "AioStream");
    }
    if (coroutine_is_cancelled()) {
        return -ECANCELED;
    }
    if (s->first_block && !s->watch_out) {
        ret = aio_stream_send(s);
    }
    while (ret >= 0 || ret == -EAGAIN) {
        if (s->out_error) {
            return s->out_error;
        }
        s->writer_max_bytes = max_unsent_bytes;
        if (s->unsent_bytes <= max_unsent_bytes) {
            if (!has_waited) {
                output_sent_at_once(s);
            }
            return 0;
        }
        has_waited = true;
        ret = net_wait(&s->writer, s->ctx, deadline_ns);
    }
    return ret;
}

static G_GNUC_NO_INLINE int try_end_output(int fd)
{
    return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

int aio_stream_end_output(AioStream *s, int64_t deadline_ns)
{
    int ret = aio_stream_flush(s, deadline_ns);

    return ret < 0 ? ret : try_end_output(s->out_fd);
}
