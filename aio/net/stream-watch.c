/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context of a stream: its handlers and its bottom half there.
 *
 * A stream has a handler; if it reads and writes different file descriptors, it
 * has two.  The *handler* of the file descriptor stays registered for input
 * after the reader has first waited.  It is changed when input arrives that no
 * coroutine waits for, since the level-triggered monitor would report it again
 * and again, and when output becomes blocked or free.
 *
 * A regular file, which epoll rejects, is always readable.  The bottom half
 * then does what the handler does for others, in each iteration.
 *
 * The other files of the stream use this one.  What the handler and the bottom
 * half do needs all of them, so it is called through `callbacks`.
 */
#include "aio/net/stream-internal.h"

/* Without a direction the handler is removed. */
static void set_handler(AioStream *s, int fd, bool in, bool out)
{
    aio_set_fd_handler(s->ctx, fd, in ? s->callbacks->on_readable : NULL,
                       out ? s->callbacks->on_writable : NULL, NULL, NULL, s);
}

void stream_watch_slow(AioStream *s, bool in, bool out)
{
    bool in_changed = in != s->watch_in;
    bool out_changed = out != s->watch_out;

    s->watch_in = in;
    s->watch_out = out;
    if (s->in_fd == s->out_fd && !s->in_is_file) {
        set_handler(s, s->in_fd, in, out);
        return;
    }
    if (in_changed && !s->in_is_file) {
        set_handler(s, s->in_fd, in, false);
    } else if (in_changed && in) {
        aio_stream_kick(s);
    }
    if (out_changed) {
        set_handler(s, s->out_fd, false, out);
    }
}

void stream_unwatch(AioStream *s)
{
    if (s->watch_in && !s->in_is_file) {
        set_handler(s, s->in_fd, false, false);
    }
    if (s->watch_out) {
        set_handler(s, s->out_fd, false, false);
    }
}

void aio_stream_kick(AioStream *s)
{
    stream_enter(s);
    if (!s->bh) {
        s->bh = aio_bh_new_full(s->ctx, s->callbacks->on_bh, s, "stream_bh",
                                NULL);
    }
    aio_bh_schedule(s->bh);
}

/* The second half of a move, in the new home thread. */
void stream_arrive(AioStream *s)
{
    bool in = s->watch_in;
    bool out = s->watch_out;

    g_clear_pointer(&s->arrival_bh, aio_bh_delete);
    s->net = net_get(s->ctx);
    net_wait_enter_context(&s->reader, s->ctx);
    net_wait_enter_context(&s->writer, s->ctx);
    s->watch_in = false;
    s->watch_out = false;
    stream_watch(s, in, out);
    if (s->must_serve || s->writer.co || (s->first_block && !out)) {
        aio_stream_kick(s);
    }
}
