/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors that are passed over a unix socket (SCM_RIGHTS).
 *
 * The kernel delivers them with the first byte that they were sent with, and
 * ends a read behind the message that carried them.  So the input that a
 * received file descriptor belongs to ends where the read has ended, or later.
 *
 * *Held* are those that were received and not taken.  Each remembers how much
 * of the buffer's input belongs to it or precedes it.  When that was consumed,
 * and the user consumes more, it is closed.
 */
#include "aio/net/stream-internal.h"

#include "util/programming-error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Those that a stream holds, `n_fds` of them; NULL in a stream that does not
 * receive. */
struct StreamFds {
    struct {
        int fd;
        size_t left_bytes; /* input in the buffer up to where its read ended */
    } held[AIO_STREAM_FDS_MAX];
};

/* Those that one entry of the output carries. */
struct StreamSentFds {
    unsigned n;
    int fds[AIO_STREAM_FDS_MAX];
};

/* Space for a control message that passes AIO_STREAM_FDS_MAX of them. */
typedef union ControlBuffer {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(AIO_STREAM_FDS_MAX * sizeof(int))];
} ControlBuffer;

static bool is_unix_socket(int fd)
{
    int domain;
    socklen_t size = sizeof(domain);

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           domain == AF_UNIX;
}

bool aio_stream_can_pass_fds(const AioStream *s)
{
    return is_unix_socket(s->in_fd) && is_unix_socket(s->out_fd);
}

/* ---- Receiving ---- */

void aio_stream_set_receives_fds(AioStream *s, bool receives)
{
    stream_enter(s);
    if (!receives) {
        stream_fds_free(s);
    } else if (!s->fds && aio_stream_can_pass_fds(s)) {
        s->fds = g_new0(StreamFds, 1);
    }
}

void stream_fds_free(AioStream *s)
{
    for (unsigned i = 0; i < s->n_fds; i++) {
        close(s->fds->held[i].fd);
    }
    s->n_fds = 0;
    g_clear_pointer(&s->fds, g_free);
}

/* Removes the first @n, which were taken or closed. */
static void fds_remove(AioStream *s, unsigned n)
{
    StreamFds *fds = s->fds;

    s->n_fds -= n;
    memmove(fds->held, fds->held + n, s->n_fds * sizeof(*fds->held));
}

int aio_stream_take_fd(AioStream *s)
{
    int fd;

    if (G_LIKELY(s->n_fds == 0)) {
        return -1;
    }
    fd = s->fds->held[0].fd;
    fds_remove(s, 1);
    return fd;
}

/* Those of earlier input are before those of later input. */
void stream_fds_consume(AioStream *s, size_t size_bytes)
{
    StreamFds *fds = s->fds;
    unsigned n_passed = 0;

    while (n_passed < s->n_fds && fds->held[n_passed].left_bytes == 0) {
        close(fds->held[n_passed++].fd);
    }
    fds_remove(s, n_passed);
    for (unsigned i = 0; i < s->n_fds; i++) {
        fds->held[i].left_bytes -= MIN(fds->held[i].left_bytes, size_bytes);
    }
}

/* Holds what a control message contains, and closes what is too much. */
static void fds_add(AioStream *s, const struct cmsghdr *control,
                    size_t left_bytes)
{
    unsigned n = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (unsigned i = 0; i < n; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
        if (s->n_fds < AIO_STREAM_FDS_MAX) {
            s->fds->held[s->n_fds].fd = fd;
            s->fds->held[s->n_fds++].left_bytes = left_bytes;
        } else {
            close(fd);
        }
    }
}

/* A message that passes more than there is space for is cut by the kernel,
 * which closes the rest. */
ssize_t stream_fds_read(AioStream *s, struct iovec *iov, unsigned n_iov,
                        size_t direct_bytes)
{
    ControlBuffer control;
    struct msghdr message = {
        .msg_iov = iov,
        .msg_iovlen = n_iov,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t n = recvmsg(s->in_fd, &message, MSG_CMSG_CLOEXEC);
    size_t left_bytes;

    if (n < 0) {
        return -errno;
    }
    left_bytes = s->end - s->start;
    left_bytes += (size_t)n > direct_bytes ? n - direct_bytes : 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c;
         c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            fds_add(s, c, left_bytes);
        }
    }
    return n;
}

/* ---- Sending ---- */

StreamSentFds *stream_sent_fds_new(const AioStream *s, const int *fds,
                                   unsigned n)
{
    StreamSentFds *sent;

    if (n == 0 || n > AIO_STREAM_FDS_MAX || !aio_stream_can_pass_fds(s)) {
        programming_error("aio_stream_queue_with_fds(): %u file descriptors, "
                          "or the stream is not a unix socket", n);
    }
    sent = g_new(StreamSentFds, 1);
    sent->n = n;
    memcpy(sent->fds, fds, n * sizeof(*fds));
    return sent;
}

void stream_sent_fds_free(void *sent_fds)
{
    StreamSentFds *sent = sent_fds;

    for (unsigned i = 0; i < sent->n; i++) {
        close(sent->fds[i]);
    }
    g_free(sent);
}

ssize_t stream_sent_fds_send(const AioStream *s, struct msghdr *message,
                             const StreamSentFds *sent, int flags)
{
    ControlBuffer control;
    struct cmsghdr *header = &control.header;

    memset(&control, 0, sizeof(control));
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sent->n * sizeof(int));
    memcpy(CMSG_DATA(header), sent->fds, sent->n * sizeof(int));
    message->msg_control = &control;
    message->msg_controllen = CMSG_SPACE(sent->n * sizeof(int));
    return sendmsg(s->out_fd, message, flags);
}
