/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output of a stream.
 *
 * The queue is a list of blocks.  A *block* is an array of entries, which are
 * sent with one system call, and memory for copies.  Copies that follow each
 * other are one entry.  An entry may also be a part of a file, which the kernel
 * sends without copying it through this process, or a byte that carries file
 * descriptors.  Blocks come from the context and go back when they are sent.
 *
 * A write that does not take everything has filled the socket.  The handler
 * sends what is left.
 */
#include "aio/net/stream-internal.h"

#include "util/programming-error.h"
#include "util/sigpipe.h"

#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BLOCK_ENTRIES 256
#define BLOCK_COPY_BYTES (16 * 1024)

/* Larger copies have memory of their own. */
#define COPY_MAX_BYTES (BLOCK_COPY_BYTES / 4)

typedef enum EntryKind {
    ENTRY_MEMORY,
    ENTRY_FILE,     /* `fd` of the owner is the file */
    ENTRY_WITH_FDS, /* one byte; `opaque` of the owner is a StreamSentFds */
} EntryKind;

struct NetBlock {
    NetBlock *next;
    unsigned first; /* entries before it are sent */
    unsigned n;
    size_t copied_bytes; /* of `copies` */
    struct iovec iov[BLOCK_ENTRIES]; /* of a file: of no meaning but its size */
    struct {
        AioStreamReleaseFunc *release; /* NULL: none */
        void *opaque;
        EntryKind kind;
        int fd; /* of a file */
        int64_t offset_bytes; /* in the file */
    } owner[BLOCK_ENTRIES];
    char copies[BLOCK_COPY_BYTES];
};

/* ---- Blocks ---- */

/* Returns: (transfer full) an empty block */
static NetBlock *block_get(AioNet *net)
{
    NetBlock *block = net_memory_get(&net->blocks, sizeof(*block));

    block->next = NULL;
    block->first = 0;
    block->n = 0;
    block->copied_bytes = 0;
    return block;
}

/* Returns: the last block, with room for an entry and @copy_bytes */
static NetBlock *output_room(AioStream *s, size_t copy_bytes)
{
    NetBlock *block = s->last_block;

    if (s->first_block && block->n < BLOCK_ENTRIES &&
        block->copied_bytes + copy_bytes <= BLOCK_COPY_BYTES) {
        return block;
    }
    block = block_get(s->net);
    if (s->first_block) {
        s->last_block->next = block;
    } else {
        s->first_block = block;
    }
    s->last_block = block;
    return block;
}

/* Appends an entry; the caller has made sure that there is room. */
static void block_add(NetBlock *block, const void *data, size_t size_bytes,
                      AioStreamReleaseFunc *release, void *opaque)
{
    unsigned i = block->n++;

    block->iov[i].iov_base = (void *)data;
    block->iov[i].iov_len = size_bytes;
    block->owner[i].release = release;
    block->owner[i].opaque = opaque;
    block->owner[i].kind = ENTRY_MEMORY;
}

/* ---- Queueing ---- */

void aio_stream_queue_borrowed(AioStream *s, const void *data,
                               size_t size_bytes,
                               AioStreamReleaseFunc *release, void *opaque)
{
    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        if (release) {
            release(opaque);
        }
        return;
    }
    block_add(output_room(s, 0), data, size_bytes, release, opaque);
    s->unsent_bytes += size_bytes;
}

void aio_stream_queue_file(AioStream *s, int fd, int64_t offset_bytes,
                           size_t size_bytes, AioStreamReleaseFunc *release,
                           void *opaque)
{
    NetBlock *block;

    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        if (release) {
            release(opaque);
        }
        return;
    }
    block = output_room(s, 0);
    block_add(block, "", size_bytes, release, opaque);
    block->owner[block->n - 1].kind = ENTRY_FILE;
    block->owner[block->n - 1].fd = fd;
    block->owner[block->n - 1].offset_bytes = offset_bytes;
    s->unsent_bytes += size_bytes;
}

/* Makes the last entry longer if the copy follows it.  Returns: true if so */
static bool block_extend(NetBlock *block, const char *copy, size_t size_bytes)
{
    struct iovec *last;

    if (block->n == block->first || block->owner[block->n - 1].release ||
        block->owner[block->n - 1].kind != ENTRY_MEMORY) {
        return false;
    }
    last = &block->iov[block->n - 1];
    if ((char *)last->iov_base + last->iov_len != copy) {
        return false;
    }
    last->iov_len += size_bytes;
    return true;
}

void aio_stream_queue(AioStream *s, const void *data, size_t size_bytes)
{
    NetBlock *block;
    char *copy;

    if (size_bytes > COPY_MAX_BYTES) {
        copy = g_memdup2(data, size_bytes);
        aio_stream_queue_borrowed(s, copy, size_bytes, g_free, copy);
        return;
    }
    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        return;
    }
    block = output_room(s, size_bytes);
    copy = block->copies + block->copied_bytes;
    memcpy(copy, data, size_bytes);
    block->copied_bytes += size_bytes;
    if (!block_extend(block, copy, size_bytes)) {
        block_add(block, copy, size_bytes, NULL, NULL);
    }
    s->unsent_bytes += size_bytes;
}

/* The file descriptors travel with the first byte, so only this byte needs an
 * entry of its own. */
void aio_stream_queue_with_fds(AioStream *s, const void *data,
                               size_t size_bytes, const int *fds,
                               unsigned n_fds)
{
    StreamSentFds *sent = stream_sent_fds_new(s, fds, n_fds);
    NetBlock *block;
    char *copy;

    if (size_bytes == 0) {
        programming_error("aio_stream_queue_with_fds(): without data");
    }
    stream_enter(s);
    if (s->out_error) {
        stream_sent_fds_free(sent);
        return;
    }
    block = output_room(s, 1);
    copy = block->copies + block->copied_bytes++;
    *copy = *(const char *)data;
    block_add(block, copy, 1, stream_sent_fds_free, sent);
    block->owner[block->n - 1].kind = ENTRY_WITH_FDS;
    s->unsent_bytes++;
    aio_stream_queue(s, (const char *)data + 1, size_bytes - 1);
}

size_t aio_stream_get_unsent(const AioStream *s)
{
    return s->unsent_bytes;
}

/* ---- Sending ---- */

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
        n = sendmsg(s->out_fd, &message, flags);
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

/* The first entry was sent or is dropped. */
static void block_pop(NetBlock *block)
{
    unsigned i = block->first++;

    if (block->owner[i].release) {
        block->owner[i].release(block->owner[i].opaque);
    }
}

/* A release function may add entries to the block.  Returns: true if all of it
 * was sent */
static bool block_consume(NetBlock *block, size_t n)
{
    while (block->first < block->n && n >= block->iov[block->first].iov_len) {
        n -= block->iov[block->first].iov_len;
        block_pop(block);
    }
    if (n > 0) {
        struct iovec *iov = &block->iov[block->first];

        if (block->owner[block->first].kind == ENTRY_FILE) {
            block->owner[block->first].offset_bytes += n;
        } else {
            iov->iov_base = (char *)iov->iov_base + n;
        }
        iov->iov_len -= n;
    }
    return block->first == block->n;
}

/* The first block was sent. */
static void output_pop_block(AioStream *s)
{
    NetBlock *block = s->first_block;

    s->first_block = block->next;
    net_memory_put(&s->net->blocks, block);
}

/* Calls the release functions of all entries. */
void stream_output_drop(AioStream *s)
{
    while (s->first_block) {
        while (s->first_block->first < s->first_block->n) {
            block_pop(s->first_block);
        }
        output_pop_block(s);
    }
    s->unsent_bytes = 0;
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
        s->unsent_bytes -= n;
        if (block_consume(block, n)) {
            output_pop_block(s);
        } else if ((size_t)n < size_bytes) {
            return -EAGAIN;
        }
    }
    return 0;
}

/*
 * An error ends the output: what is queued is dropped, so that its owners get
 * it back, and is reported to the next coroutine that waits for output.
 */
int stream_send(AioStream *s)
{
    int ret;

    if (s->is_sending) {
        return -EAGAIN; /* called by a release function; the caller sends */
    }
    s->is_sending = true;
    ret = output_send_all(s);
    if (ret < 0 && ret != -EAGAIN) {
        s->out_error = ret;
        stream_output_drop(s);
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
        ret = stream_send(s);
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
