/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioStream: a connection with buffers.
 *
 * Input is read into a buffer of the stream in large pieces, and the user
 * parses it there: aio_stream_fill() waits for input, aio_stream_peek() shows
 * it, and aio_stream_consume() releases what was used.  So a server can handle
 * every request that has arrived before it reads again.
 *
 * Output is put into a queue.  It is sent, everything with one system call if
 * the socket takes it, by aio_stream_flush(), by aio_stream_kick() at the end
 * of the iteration, or before the reader waits.
 *
 * One coroutine may read and one may wait for output at the same time.
 * Queueing output and aio_stream_kick() are not waits: any coroutine or
 * callback of the stream's context may call them.  A user without coroutines
 * has functions called when there is input and when output was sent, see
 * aio_stream_set_ops().
 *
 * A stream whose input is used up and whose output is sent has no buffers; it
 * costs a few hundred bytes.  The handler of the file descriptor stays
 * registered between waits.
 *
 * Deadlines, -ETIMEDOUT and -ECANCELED are as in "aio/net/co-io.h".  They leave
 * the stream as it is, so the operation may be tried again.  Other errors are
 * final: the stream can only be freed.
 *
 * Two threads may use one connection, each with a stream of its own, of which
 * at least one was created by aio_stream_new_borrowed().  The user then makes
 * sure, with a lock, that one of them reads at a time and consumes all that it
 * has read, and that one of them sends at a time, by aio_stream_try_send()
 * alone.  So no stream keeps a part of the data, and the lock serializes what
 * matters: a stream needs no lock of its own.
 *
 * Thread: the home thread of the stream's context, unless a function says
 *         otherwise
 * Contract: docs/net.md
 */
#ifndef QOM_AIO_NET_STREAM_H
#define QOM_AIO_NET_STREAM_H

#include "aio/coroutine/coroutine-group.h"
#include "aio/net/co-io.h"

QOM_BEGIN_DECLS

typedef struct AioStream AioStream;

/* The input that a stream can hold, and so the largest argument of
 * aio_stream_fill(). */
#define AIO_STREAM_BUFFER_BYTES (256 * 1024)

/**
 * AioStreamReleaseFunc: called when queued output is no longer used
 * @opaque: as passed to aio_stream_queue_borrowed()
 *
 * The output was sent, or it is dropped because of an error or because the
 * stream is freed.  The function may queue output; it must not free the stream.
 */
typedef void AioStreamReleaseFunc(void *opaque);

/**
 * AioStreamFunc: serves the input of a stream
 * @stream: the stream
 * @opaque: as passed to aio_stream_serve()
 *
 * Returns: a positive number to be called again when there is more input; 0 if
 *          the stream needs no more service, or a negative errno value.  In the
 *          last two cases the function may have freed the stream.
 */
typedef int coroutine_fn AioStreamFunc(AioStream *stream, void *opaque);

/* ---- Life ---- */

/**
 * aio_stream_new: creates a stream on a file descriptor
 * @ctx: the context; borrowed, and kept by the caller while the stream is in it
 * @fd: (transfer full) a connected socket, or a pipe or terminal for one
 *      direction; set to non-blocking
 *
 * Returns: (transfer full) to be freed with aio_stream_free()
 * Thread: the home thread of @ctx
 */
AioStream *aio_stream_new(AioContext *ctx, int fd);

/**
 * aio_stream_new_borrowed: creates a stream on file descriptors of the caller
 * @ctx: the context; borrowed, and kept by the caller while the stream is in it
 * @in_fd: read from; a socket, pipe, terminal or file; set to non-blocking
 * @out_fd: written to; it may be @in_fd; set to non-blocking
 *
 * Both are borrowed: the caller keeps them open while the stream exists, and
 * closes them.  For standard input and output, for example.
 *
 * Returns: (transfer full) to be freed with aio_stream_free()
 * Thread: the home thread of @ctx
 */
AioStream *aio_stream_new_borrowed(AioContext *ctx, int in_fd, int out_fd);

/**
 * aio_stream_free: closes a stream
 * @stream: (nullable) (transfer full); aborts if a coroutine waits in it
 *
 * Output that was not sent is dropped.  A child process may free a stream of
 * its parent, which the parent does not notice.
 *
 * Thread: the home thread of the stream's context; in a child process, any
 */
void aio_stream_free(AioStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioStream, aio_stream_free)

/**
 * aio_stream_get_fd: returns the file descriptor that a stream reads from
 * @stream: the stream
 *
 * Returns: borrowed; for socket options, not to be read or written
 * Thread: any
 */
int aio_stream_get_fd(const AioStream *stream);

/**
 * aio_stream_get_output_fd: returns the file descriptor that a stream writes to
 * @stream: the stream
 *
 * Returns: borrowed, as aio_stream_get_fd(), and the same unless the stream was
 *          created with two
 * Thread: any
 */
int aio_stream_get_output_fd(const AioStream *stream);

/**
 * aio_stream_get_context: returns the context that a stream is in
 * @stream: the stream
 *
 * Returns: borrowed
 */
AioContext *aio_stream_get_context(const AioStream *stream);

/* ---- Input ---- */

/**
 * aio_stream_limit_input: limits how much is read at once
 * @stream: the stream; its buffer is empty
 * @max_bytes: the input that the buffer can hold from now on, 1 to
 *             AIO_STREAM_BUFFER_BYTES, as at first; no wait may be for more
 *
 * For a server that parses all input at once, and limits what a client can make
 * it parse.
 */
void aio_stream_limit_input(AioStream *stream, size_t max_bytes);

/**
 * aio_stream_fill: waits until the buffer contains enough input
 * @stream: the stream
 * @min_bytes: bytes that are needed, 1 to AIO_STREAM_BUFFER_BYTES; including
 *             those that the buffer contains already
 * @deadline_ns: nanoseconds, or -1
 *
 * Reads as much as is available.  Before it waits, it sends what is queued, as
 * far as the socket takes it.
 *
 * Returns: the number of bytes in the buffer, at least @min_bytes; a smaller
 *          number, 0 for example, if the input has ended; or a negative errno
 *          value, with the buffer as it was
 */
ssize_t coroutine_fn aio_stream_fill(AioStream *stream, size_t min_bytes,
                                     int64_t deadline_ns);

/**
 * aio_stream_fill_line: waits until the buffer contains a line of text
 * @stream: the stream
 * @max_bytes: the longest line that is accepted, with its line break, 1 to
 *             AIO_STREAM_BUFFER_BYTES
 * @deadline_ns: nanoseconds, or -1
 *
 * As aio_stream_fill().  A server of a text protocol reads with it:
 *
 *     while ((size = aio_stream_fill_line(stream, 4096, -1)) > 0) {
 *         handle(aio_stream_peek(stream, NULL), size);
 *         aio_stream_consume(stream, size);
 *     }
 *
 * Returns: the size of the first line, including its line break; 0 if the input
 *          has ended before one; -EMSGSIZE if the line is longer; or another
 *          negative errno value.  The buffer is as it was or has more input.
 */
ssize_t coroutine_fn aio_stream_fill_line(AioStream *stream, size_t max_bytes,
                                          int64_t deadline_ns);

/**
 * aio_stream_try_fill: reads what is available, without waiting
 * @stream: the stream
 *
 * Returns: the number of bytes in the buffer, which is larger than before; the
 *          same number if the input has ended or the buffer is full; -EAGAIN if
 *          nothing has arrived; or a negative errno value
 * Thread: the home thread, also outside of coroutines
 */
ssize_t aio_stream_try_fill(AioStream *stream);

/**
 * aio_stream_peek: returns the input that the buffer contains
 * @stream: the stream
 * @size_bytes: (out) (nullable) its size
 *
 * Returns: borrowed until the next call of a function for input; not NULL, even
 *          if there is no input
 * Thread: the home thread, also outside of coroutines
 */
const void *aio_stream_peek(const AioStream *stream, size_t *size_bytes);

/**
 * aio_stream_consume: removes input from the buffer
 * @stream: the stream
 * @size_bytes: at most what aio_stream_peek() has reported
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_consume(AioStream *stream, size_t size_bytes);

/**
 * aio_stream_read: reads a number of bytes into the caller's memory
 * @stream: the stream
 * @buf: (out) @size_bytes bytes
 * @size_bytes: number of bytes
 * @deadline_ns: nanoseconds, or -1
 *
 * Takes what the buffer contains, and reads the rest directly into @buf.  What
 * has arrived after it goes into the buffer with the same system call.
 *
 * Returns: @size_bytes; a smaller number if the input has ended; or a negative
 *          errno value.  After -ETIMEDOUT and -ECANCELED a part of the input
 *          may be lost, so the stream can only be freed.
 */
ssize_t coroutine_fn aio_stream_read(AioStream *stream, void *buf,
                                     size_t size_bytes, int64_t deadline_ns);

/**
 * aio_stream_skip: reads a number of bytes and drops them
 * @stream: the stream
 * @size_bytes: number of bytes, of any size
 * @deadline_ns: nanoseconds, or -1
 *
 * Returns: @size_bytes; a smaller number if the input has ended; or a negative
 *          errno value, as aio_stream_read()
 */
int64_t coroutine_fn aio_stream_skip(AioStream *stream, uint64_t size_bytes,
                                     int64_t deadline_ns);

/**
 * aio_stream_has_ended: tests whether the other end has sent everything
 * @stream: the stream
 *
 * Returns: true after the end of the input was read; the buffer may contain the
 *          last input
 */
bool aio_stream_has_ended(const AioStream *stream);

/**
 * aio_stream_serve: has a function called in a coroutine when there is input
 * @stream: the stream
 * @group: (nullable) borrowed while the stream is served; the coroutines are
 *         its members
 * @serve: (nullable) the function; NULL to stop
 * @opaque: passed to @serve
 *
 * A stream that waits for its next request needs no coroutine and so no stack.
 * A coroutine is started when input, the end of the input or an error is there
 * to be read, or for input that the buffer contains when @serve is set.  It
 * ends when @serve returns.  @serve reads with aio_stream_try_fill() or
 * aio_stream_fill(), and returns when it has handled every complete request.
 *
 * If @serve returns a positive number while the buffer contains input, it is
 * called when more has arrived.  Only one call runs at a time.
 */
void aio_stream_serve(AioStream *stream, CoGroup *group, AioStreamFunc *serve,
                      void *opaque);

/* ---- Callbacks ---- */

/*
 * What the loop calls for a user without coroutines.  Each function is
 * (nullable) and may free the stream.
 */
typedef struct AioStreamOps {
    /* There is input, its end or an error, which aio_stream_try_fill() returns.
     * Called in every iteration until it was read. */
    void (*readable)(AioStream *stream, void *opaque);
    /* The output that was left is sent.  If aio_stream_try_send() did not take
     * everything, it will take more now. */
    void (*sent)(AioStream *stream, void *opaque);
    /* Output that was left could not be sent, and is dropped; @error is a
     * negative errno value. */
    void (*closed)(AioStream *stream, int error, void *opaque);
} AioStreamOps;

/**
 * aio_stream_set_ops: sets the functions that the loop calls
 * @stream: the stream; no coroutine waits in it or serves it
 * @ops: (nullable) static
 * @opaque: passed to the functions of @ops
 *
 * `sent` and `closed` are called for output that aio_stream_kick() sends or
 * that waits for room, `readable` only after aio_stream_set_reading().
 */
void aio_stream_set_ops(AioStream *stream, const AioStreamOps *ops,
                        void *opaque);

/**
 * aio_stream_set_reading: starts or stops the calls of `readable`
 * @stream: the stream
 * @reading: true to have `readable` called, which must be set
 *
 * A user that has no room for requests, and one that has read the end, stops
 * them.  Input that the buffer contains already is not reported.
 */
void aio_stream_set_reading(AioStream *stream, bool reading);

/* ---- Output ---- */

/**
 * aio_stream_queue: appends a copy to the output
 * @stream: the stream; after an error nothing is queued
 * @data: copied
 * @size_bytes: its size
 *
 * Meant for headers and short replies.
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_queue(AioStream *stream, const void *data, size_t size_bytes);

/**
 * aio_stream_queue_borrowed: appends the caller's memory to the output
 * @stream: the stream; after an error @release is called at once
 * @data: borrowed until @release is called
 * @size_bytes: its size
 * @release: (nullable) called when @data is no longer used
 * @opaque: passed to @release
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_queue_borrowed(AioStream *stream, const void *data,
                               size_t size_bytes,
                               AioStreamReleaseFunc *release, void *opaque);

/**
 * aio_stream_queue_file: appends a part of a file to the output
 * @stream: the stream; after an error @release is called at once
 * @fd: file descriptor of a regular file or a block device; borrowed until
 *      @release is called
 * @offset_bytes: where the part begins, >= 0
 * @size_bytes: its size
 * @release: (nullable) called when @fd is no longer used by this part
 * @opaque: passed to @release
 *
 * The kernel sends the data without copying it into this process.  If the data
 * is not in the page cache, the loop waits for the disk.  Writes to the file
 * that happen before the peer has received the data may be part of it.  If the
 * file ends before the part does, the stream fails with -EIO.
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_queue_file(AioStream *stream, int fd, int64_t offset_bytes,
                           size_t size_bytes, AioStreamReleaseFunc *release,
                           void *opaque);

/**
 * aio_stream_try_send: sends the caller's memory at once, without waiting
 * @stream: the stream
 * @data: not kept
 * @size_bytes: its size, at least 1
 *
 * For a user that keeps its output, because it merges or limits what waits.  If
 * the socket does not take everything, `sent` of AioStreamOps is called once
 * when it can take more.
 *
 * Returns: the number of bytes that the kernel has taken, at least 1; -EAGAIN
 *          if it takes none now, or if output that was queued before is left;
 *          or another negative errno value, -EPIPE or -ECONNRESET if the other
 *          end has closed the connection
 * Thread: the home thread, also outside of coroutines
 */
ssize_t aio_stream_try_send(AioStream *stream, const void *data,
                            size_t size_bytes);

/**
 * aio_stream_kick: sends what is queued, soon and without waiting
 * @stream: the stream
 *
 * The output is sent in the next bottom half, together with everything that is
 * queued until then.  What the socket does not take follows as soon as it can
 * take more.  aio_stream_drain() reports an error later.
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_kick(AioStream *stream);

/**
 * aio_stream_send: sends what is queued, as far as the socket takes it now
 * @stream: the stream
 *
 * The loop sends what is left, as soon as the socket can take more.  Later
 * calls report an error again.
 *
 * Returns: 0 if everything is sent; -EAGAIN if something is left; or another
 *          negative errno value, -EPIPE or -ECONNRESET if the other end has
 *          closed the connection
 * Thread: the home thread, also outside of coroutines
 */
int aio_stream_send(AioStream *stream);

/**
 * aio_stream_get_unsent: returns how much output is queued
 * @stream: the stream
 *
 * Returns: bytes that the kernel has not taken; 0 after an error
 * Thread: the home thread, also outside of coroutines
 */
size_t aio_stream_get_unsent(const AioStream *stream);

/**
 * aio_stream_drain: sends what is queued and waits until little is left
 * @stream: the stream
 * @max_unsent_bytes: how much may be left
 * @deadline_ns: nanoseconds, or -1
 *
 * A server calls it to limit the memory that a client uses that does not read.
 *
 * Returns: 0; or a negative errno value, -EPIPE or -ECONNRESET if the other end
 *          has closed the connection
 */
int coroutine_fn aio_stream_drain(AioStream *stream, size_t max_unsent_bytes,
                                  int64_t deadline_ns);

/**
 * aio_stream_flush: sends what is queued and waits until all of it is sent
 * @stream: the stream
 * @deadline_ns: nanoseconds, or -1
 *
 * Returns: as aio_stream_drain()
 */
static inline int coroutine_fn aio_stream_flush(AioStream *stream,
                                                int64_t deadline_ns)
{
    return aio_stream_drain(stream, 0, deadline_ns);
}

/**
 * aio_stream_end_output: sends what is queued and then the end of the output
 * @stream: the stream; nothing may be queued afterwards
 * @deadline_ns: nanoseconds, or -1
 *
 * The other end reads the end of its input.  This end can still read.
 *
 * Returns: 0, or a negative errno value
 */
int coroutine_fn aio_stream_end_output(AioStream *stream, int64_t deadline_ns);

/* ---- File descriptors ---- */

/*
 * A unix socket passes open file descriptors between processes (SCM_RIGHTS).
 * They travel with a byte of the data, in order.
 *
 * The kernel ends a read behind the message that carried file descriptors.
 * After a read, those that came with it belong to the last input in the buffer,
 * or to the message that this input begins.  A server that parses requests in
 * the buffer takes them while it handles a request, before it consumes input
 * behind the request.  A server that gives all input to a parser takes them
 * after each read.
 */

/* The number of file descriptors that a stream holds for its user, and that one
 * message may carry. */
#define AIO_STREAM_FDS_MAX 16

/**
 * aio_stream_can_pass_fds: tests whether the stream is a unix socket
 * @stream: the stream
 *
 * Returns: true if file descriptors can be sent and received
 * Thread: any
 */
bool aio_stream_can_pass_fds(const AioStream *stream);

/**
 * aio_stream_set_receives_fds: lets a stream receive file descriptors
 * @stream: the stream; nothing happens if it is not a unix socket
 * @receives: false to close those that nobody has taken, and to receive none
 *            from now on, as at first
 *
 * Set it before the first read: file descriptors that come with input which a
 * stream reads without it are closed by the kernel.
 *
 * A stream holds at most AIO_STREAM_FDS_MAX file descriptors for its user, and
 * closes others that arrive.  It closes those that are not taken when input
 * behind theirs is consumed, and when it is freed.  So a client that sends them
 * without need cannot use up those of the process.
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_set_receives_fds(AioStream *stream, bool receives);

/**
 * aio_stream_take_fd: takes the oldest file descriptor that the stream holds
 * @stream: the stream
 *
 * Returns: (transfer full) a file descriptor, which is close-on-exec; or -1 if
 *          the stream holds none
 * Thread: the home thread, also outside of coroutines
 */
int aio_stream_take_fd(AioStream *stream);

/**
 * aio_stream_queue_with_fds: appends a copy and file descriptors to the output
 * @stream: a unix socket; after an error nothing is queued
 * @data: copied
 * @size_bytes: its size, at least 1
 * @fds: (transfer full) [@n_fds] sent with the first byte of @data; the stream
 *       closes them when they are sent, or when the output is dropped
 * @n_fds: 1 to AIO_STREAM_FDS_MAX
 *
 * A user that keeps a file descriptor passes a duplicate.  If the kernel
 * refuses to pass them, the stream fails: with -ETOOMANYREFS if the receiver
 * does not read those that were sent before.
 *
 * Thread: the home thread, also outside of coroutines
 */
void aio_stream_queue_with_fds(AioStream *stream, const void *data,
                               size_t size_bytes, const int *fds,
                               unsigned n_fds);

/* ---- Moving ---- */

/**
 * aio_stream_move: moves a stream to another context
 * @stream: the stream
 * @ctx: the new context; borrowed, as by aio_stream_new()
 *
 * Coroutines that wait in the stream are moved with it and continue to wait
 * there; their deadlines stay.  Input in the buffer and queued output are kept.
 * From the return on the stream belongs to the home thread of @ctx.
 *
 * No other coroutine uses the stream during the move.  The calling coroutine
 * stays where it is; see aio_stream_move_self().
 *
 * Thread: the home thread of the stream's present context
 */
void aio_stream_move(AioStream *stream, AioContext *ctx);

/**
 * aio_stream_move_self: moves a stream together with the running coroutine
 * @stream: the stream
 * @ctx: the new context; the call returns in its home thread
 */
void coroutine_fn aio_stream_move_self(AioStream *stream, AioContext *ctx);

QOM_END_DECLS

#endif
