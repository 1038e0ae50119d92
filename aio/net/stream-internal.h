/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a stream.  stream.c explains it.
 *
 * Thread: the home thread of the stream's context
 */
#ifndef QOM_AIO_NET_STREAM_INTERNAL_H
#define QOM_AIO_NET_STREAM_INTERNAL_H

#include "aio/net/net-internal.h"
#include "aio/net/stream.h"

#include <sys/socket.h>

typedef struct NetBlock NetBlock; /* of output, see stream-queue.c */
typedef struct StreamFds StreamFds; /* received, see stream-fds.c */
typedef struct StreamSentFds StreamSentFds; /* sent with one byte of output */

/* What stream.c does in the home thread; the other files call it by these. */
typedef struct StreamCallbacks {
    IOHandler *on_readable;
    IOHandler *on_writable;
    AioBHFunc *on_bh; /* scheduled by aio_stream_kick() */
} StreamCallbacks;

struct AioStream {
    const StreamCallbacks *callbacks;
    AioContext *ctx;
    AioNet *net; /* of `ctx` */
    int in_fd;
    int out_fd; /* may be `in_fd` */
    bool owns_fd; /* aio_stream_free() closes the one file descriptor */
    bool in_is_file;    /* always readable, so the bottom half reports input */
    bool out_is_socket;
    bool watch_in;  /* the handler has io_read */
    bool watch_out; /* the handler has io_write */

    /* Callbacks: stream.c. */
    const AioStreamOps *ops; /* NULL: none */
    void *ops_opaque;
    bool is_reading; /* `readable` is called */

    /* Input: stream-input.c. */
    bool has_ended;  /* the end of the input was read */
    bool maybe_more; /* a read may find something; else the handler reports
                        when it does */
    int in_error;    /* negative errno value; 0: none */
    char *buffer;    /* NET_BUFFER_BYTES; NULL while there is no input */
    size_t max_bytes; /* that are used of it */
    size_t start;    /* of the input in the buffer */
    size_t end;
    StreamFds *fds; /* NULL: the stream does not receive file descriptors */
    unsigned n_fds; /* that are held */
    NetWait reader;

    /* Output: stream-queue.c and stream-output.c. */
    int out_error;   /* negative errno value; 0: none */
    bool is_sending; /* a release function may run */
    NetBlock *first_block; /* NULL: nothing is queued */
    NetBlock *last_block;
    size_t unsent_bytes;
    size_t writer_max_bytes; /* `writer` waits until no more is left */
    NetWait writer;

    /* Coroutines that are started for input: stream.c. */
    AioStreamFunc *serve; /* NULL: none */
    void *serve_opaque;
    CoGroup *group;
    bool is_serving;
    bool *freed; /* set to true by aio_stream_free(); NULL: not needed */

    AioBH *bh; /* created by the first aio_stream_kick() in this context */
    bool must_serve;  /* what `bh` is scheduled for, besides output */
    AioBH *arrival_bh; /* set while the stream moves */
};

/* ---- stream-watch.c ---- */

/* Registers the handlers for these directions. */
void stream_watch_slow(AioStream *s, bool in, bool out);

static inline void stream_watch(AioStream *s, bool in, bool out)
{
    if (G_UNLIKELY(in != s->watch_in || out != s->watch_out)) {
        stream_watch_slow(s, in, out);
    }
}

/* Removes the handlers, without a change of what is watched. */
void stream_unwatch(AioStream *s);

/* Completes a move, if the stream has moved here; see aio_stream_move(). */
void stream_arrive(AioStream *s);

static inline void stream_enter(AioStream *s)
{
    if (G_UNLIKELY(s->arrival_bh)) {
        stream_arrive(s);
    }
}

/* ---- stream-fds.c ---- */

/*
 * Reads as readv(), and holds the file descriptors that come with the input.
 *
 * @direct_bytes: how many bytes of @iov are not in the buffer of the stream
 *
 * Returns: the number of bytes; 0 at the end; or a negative errno value
 */
ssize_t stream_fds_read(AioStream *s, struct iovec *iov, unsigned n_iov,
                        size_t direct_bytes);

/* @size_bytes of the buffer are about to be consumed; only if some are held. */
void stream_fds_consume(AioStream *s, size_t size_bytes);

/* Closes those that are held.  The stream then does not receive others. */
void stream_fds_free(AioStream *s);

/* Returns: (transfer full) @n file descriptors, which are consumed */
StreamSentFds *stream_sent_fds_new(const AioStream *s, const int *fds,
                                   unsigned n);

/* Closes them; an AioStreamReleaseFunc. */
void stream_sent_fds_free(void *sent_fds);

/* As sendmsg(), with the file descriptors. */
ssize_t stream_sent_fds_send(const AioStream *s, struct msghdr *message,
                             const StreamSentFds *sent, int flags);

/* ---- stream-input.c ---- */

/* Returns the buffer to the context if it is empty. */
static inline void stream_input_idle(AioStream *s)
{
    if (s->buffer && s->start == s->end) {
        net_memory_put(&s->net->buffers, s->buffer);
        s->buffer = NULL;
        s->start = 0;
        s->end = 0;
    }
}

/* ---- stream-output.c ---- */

/* Wakes up the coroutine that waits for output, if it need not wait any longer.
 * It may free the stream. */
void stream_output_check_writer(AioStream *s);

#endif
