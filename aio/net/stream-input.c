/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The input of a stream.
 *
 * The buffer comes from the context when input is read, and goes back when the
 * reader waits while it is empty.
 *
 * A read that does not fill the room has emptied the socket.  So the reader
 * then waits without another attempt, which would only return EAGAIN: the
 * handler is level-triggered and reports what has arrived since.
 */
#include "aio/net/stream-internal.h"

#include "util/programming-error.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

G_STATIC_ASSERT(AIO_STREAM_BUFFER_BYTES == NET_BUFFER_BYTES);

/* Input that is moved to the start of the buffer rather than read less. */
#define MOVE_MAX_BYTES 4096

/*
 * Not inlined: a coroutine that waits between two calls may be in another
 * thread afterwards, and must not keep the address of `errno`.
 */
static G_GNUC_NO_INLINE ssize_t try_read(AioStream *s, void *buf,
                                         size_t size_bytes)
{
    struct iovec iov = { .iov_base = buf, .iov_len = size_bytes };
    ssize_t n;

    if (G_UNLIKELY(s->fds)) {
        return stream_fds_read(s, &iov, 1, 0);
    }
    /* For a socket, recv() does less than read(): 70 ns. */
    n = s->out_is_socket && s->in_fd == s->out_fd
            ? recv(s->in_fd, buf, size_bytes, 0)
            : read(s->in_fd, buf, size_bytes);
    return n < 0 ? -errno : n;
}

/* The second part of @iov is the buffer. */
static G_GNUC_NO_INLINE ssize_t try_readv(AioStream *s, struct iovec iov[2])
{
    ssize_t n;

    if (G_UNLIKELY(s->fds)) {
        return stream_fds_read(s, iov, 2, iov[0].iov_len);
    }
    n = readv(s->in_fd, iov, 2);
    return n < 0 ? -errno : n;
}

static inline size_t input_size(const AioStream *s)
{
    return s->end - s->start;
}

/* ---- Reading ---- */

static void input_move(AioStream *s)
{
    memmove(s->buffer, s->buffer + s->start, input_size(s));
    s->end -= s->start;
    s->start = 0;
}

static void input_make_room_in_buffer(AioStream *s, size_t min_bytes)
{
    if (s->start == s->end) {
        s->start = 0;
        s->end = 0;
    } else if (s->start + min_bytes > s->max_bytes ||
               (s->end > s->max_bytes / 2 &&
                input_size(s) <= MOVE_MAX_BYTES)) {
        input_move(s);
    }
}

/* Makes room for input that @min_bytes in the buffer need. */
static inline void input_make_room(AioStream *s, size_t min_bytes)
{
    if (s->buffer) {
        input_make_room_in_buffer(s, min_bytes);
    } else {
        s->buffer = net_memory_get(&s->net->buffers, NET_BUFFER_BYTES);
    }
}

/*
 * What follows a read into room for @room_bytes that has returned @n.
 *
 * Returns: @n; -EAGAIN also after EINTR, so that the caller tries again
 */
static ssize_t input_after_read(AioStream *s, ssize_t n, size_t room_bytes)
{
    if (n > 0) {
        s->maybe_more = (size_t)n == room_bytes;
    } else if (n == 0) {
        s->has_ended = true;
    } else if (n == -EINTR) {
        return -EAGAIN;
    } else if (n == -EAGAIN) {
        s->maybe_more = false;
    } else {
        s->in_error = n;
    }
    return n;
}

/* Reads into the buffer, which has room.  Returns: as input_after_read() */
static inline ssize_t input_read(AioStream *s)
{
    size_t room_bytes = s->max_bytes - s->end;
    ssize_t n = try_read(s, s->buffer + s->end, room_bytes);

    if (n > 0) {
        s->end += n;
    }
    return input_after_read(s, n, room_bytes);
}

void aio_stream_limit_input(AioStream *s, size_t max_bytes)
{
    if (s->start < s->end || max_bytes == 0 || max_bytes > NET_BUFFER_BYTES) {
        programming_error("aio_stream_limit_input(): to %zu bytes, with %zu "
                          "in the buffer", max_bytes, input_size(s));
    }
    stream_input_idle(s);
    s->max_bytes = max_bytes;
}

/* ---- Waiting ---- */

/*
 * Whether the reader can continue without reading.
 *
 * Returns: 1 if the input has ended; 0 if it must read; or a negative errno
 *          value
 */
static int input_status(const AioStream *s)
{
    if (s->has_ended) {
        return 1;
    }
    if (s->in_error) {
        return s->in_error;
    }
    return coroutine_is_cancelled() ? -ECANCELED : 0;
}

static bool input_has_arrived(const AioStream *s)
{
    struct pollfd pollfd = { .fd = s->in_fd, .events = POLLIN };

    return poll(&pollfd, 1, 0) > 0;
}

/*
 * A signal can end the wait of the loop before it has checked the file
 * descriptor, for example SIGCONT.  Timers that have expired since then run
 * before the handler, although the peer was not late.
 *
 * Returns: 0 if there may be input; or a negative errno value
 */
static int coroutine_fn input_wait(AioStream *s, int64_t deadline_ns)
{
    int ret;

    if (s->reader.co) {
        programming_error("two coroutines read from one AioStream");
    }
    if (s->first_block && !s->watch_out) {
        aio_stream_send(s);
    }
    stream_input_idle(s);
    stream_watch(s, true, s->watch_out);
    ret = net_wait(&s->reader, s->ctx, deadline_ns);
    if (ret == -ETIMEDOUT && input_has_arrived(s)) {
        s->maybe_more = true;
        return 0;
    }
    return ret;
}

/*
 * The reader had not to wait.  After a series of such reads it waits for the
 * handler before the next one, so that it cannot keep the loop from other work.
 * It must not yield in another way, because aio_stream_move() moves only
 * coroutines that wait in the stream.
 */
static void input_read_at_once(AioStream *s)
{
    if (net_is_series(s->net)) {
        s->maybe_more = false;
    }
}

ssize_t aio_stream_fill(AioStream *s, size_t min_bytes, int64_t deadline_ns)
{
    bool has_waited = false;

    if (min_bytes > s->max_bytes) {
        programming_error("aio_stream_fill(): %zu bytes are more than the "
                          "buffer can hold", min_bytes);
    }
    stream_enter(s);
    while (input_size(s) < min_bytes) {
        int ret = input_status(s);

        if (ret != 0) {
            return ret < 0 ? ret : (ssize_t)input_size(s);
        }
        if (s->maybe_more) {
            input_make_room(s, min_bytes);
            if (input_read(s) > 0 && !has_waited) {
                input_read_at_once(s);
            }
            continue;
        }
        ret = input_wait(s, deadline_ns);
        if (ret < 0) {
            return ret;
        }
        has_waited = true;
    }
    return input_size(s);
}

/* What was searched before is not searched again. */
ssize_t aio_stream_fill_line(AioStream *s, size_t max_bytes,
                             int64_t deadline_ns)
{
    size_t n_searched = 0;

    for (;;) {
        size_t size;
        const char *text = aio_stream_peek(s, &size);
        const char *end = memchr(text + n_searched, '\n',
                                 MIN(size, max_bytes) - n_searched);
        ssize_t ret;

        if (end) {
            return end + 1 - text;
        }
        if (size >= max_bytes) {
            return -EMSGSIZE;
        }
        n_searched = size;
        ret = aio_stream_fill(s, size + 1, deadline_ns);
        if (ret <= (ssize_t)size) {
            return MIN(ret, 0);
        }
    }
}

ssize_t aio_stream_try_fill(AioStream *s)
{
    ssize_t n;

    stream_enter(s);
    if (s->has_ended) {
        return input_size(s);
    }
    if (s->in_error) {
        return s->in_error;
    }
    if (s->serve && !s->maybe_more) {
        return -EAGAIN; /* the handler starts another coroutine */
    }
    input_make_room(s, MIN(input_size(s) + 1, s->max_bytes));
    n = s->end < s->max_bytes ? input_read(s) : 0;
    return n < 0 ? n : (ssize_t)input_size(s);
}

/* ---- Using the input ---- */

const void *aio_stream_peek(const AioStream *s, size_t *size_bytes)
{
    if (size_bytes) {
        *size_bytes = input_size(s);
    }
    return s->buffer ? s->buffer + s->start : "";
}

void aio_stream_consume(AioStream *s, size_t size_bytes)
{
    if (size_bytes > input_size(s)) {
        programming_error("aio_stream_consume(): the buffer contains %zu "
                          "bytes, not %zu", input_size(s), size_bytes);
    }
    if (G_UNLIKELY(s->n_fds) && size_bytes > 0) {
        stream_fds_consume(s, size_bytes);
    }
    s->start += size_bytes;
}

bool aio_stream_has_ended(const AioStream *s)
{
    return s->has_ended;
}

/* Reads into @buf and, what is more, into the buffer, which is empty.  Returns:
 * the number of bytes in @buf; or as input_after_read() */
static ssize_t input_read_direct(AioStream *s, char *buf, size_t size_bytes)
{
    struct iovec iov[2];
    ssize_t n;

    input_make_room(s, 1);
    iov[0] = (struct iovec) { .iov_base = buf, .iov_len = size_bytes };
    iov[1] = (struct iovec) {
        .iov_base = s->buffer, .iov_len = s->max_bytes,
    };
    n = input_after_read(s, try_readv(s, iov), size_bytes + s->max_bytes);
    if (n > (ssize_t)size_bytes) {
        s->end = n - size_bytes;
        return size_bytes;
    }
    return n;
}

static size_t input_take(AioStream *s, char *buf, size_t size_bytes)
{
    size_t n = MIN(size_bytes, input_size(s));

    if (G_UNLIKELY(s->n_fds) && size_bytes > 0) {
        stream_fds_consume(s, n);
    }
    if (n > 0) {
        memcpy(buf, s->buffer + s->start, n);
        s->start += n;
    }
    return n;
}

ssize_t aio_stream_read(AioStream *s, void *buf, size_t size_bytes,
                        int64_t deadline_ns)
{
    size_t done;

    stream_enter(s);
    done = input_take(s, buf, size_bytes);
    while (done < size_bytes) {
        int ret = input_status(s);
        ssize_t n;

        if (ret != 0) {
            return ret < 0 ? ret : (ssize_t)done;
        }
        if (s->maybe_more) {
            n = input_read_direct(s, (char *)buf + done, size_bytes - done);
            if (n > 0) {
                done += n;
                input_read_at_once(s);
            }
            continue;
        }
        ret = input_wait(s, deadline_ns);
        if (ret < 0) {
            return ret;
        }
    }
    return done;
}

int64_t aio_stream_skip(AioStream *s, uint64_t size_bytes,
                        int64_t deadline_ns)
{
    uint64_t done = 0;

    while (done < size_bytes) {
        ssize_t n = aio_stream_fill(s, 1, deadline_ns);

        if (n <= 0) {
            return n < 0 ? n : (int64_t)done;
        }
        n = MIN((uint64_t)n, size_bytes - done);
        aio_stream_consume(s, n);
        done += n;
    }
    return done;
}
