/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling: its state and what an iteration calls.  busy-poll.c explains
 * the polling, busy-poll-window.c how long it lasts.
 */
#ifndef QOM_AIO_BUSY_POLL_INTERNAL_H
#define QOM_AIO_BUSY_POLL_INTERNAL_H

#include "aio/aio.h"
#include "aio/fd-table-internal.h"

/* What busy-poll.c keeps; the home thread's alone. */
typedef struct AioBusyPoll {
    int64_t max_ns; /* copies of the parameters */
    int64_t grow;
    int64_t shrink;
    int64_t weight;
    int64_t ns;       /* learned: how long to poll; 0: not at all */
    int64_t mean_ns;  /* of the time that waits took, -1: none yet */
    int64_t begin_ns; /* of this wait; 0: no clock was needed so far,
                         -1: not to be learned from */
    unsigned long seen_end; /* of the ring, before this wait check_ticks, */
    AioBH *seen_head;       /* and of the list: those were cancelled */
    int64_t window_ns; /* how long this wait polls at most */
    int64_t waited_ns; /* of the last wait: until the clock was last read */
    int waits_until_probe;  /* while ns is 0: waits until the next probe, */
    int backoff;      /* and how many after that */
    unsigned n_found; /* waits that polling was enough for */
    int64_t idle_check_ns;  /* when to look for idle handlers */
    bool started;     /* hooks were called, io_poll must be */
    bool update_pending;   /* polling ended the last wait, which is to be learned
                         from at the next */
    unsigned version; /* poll_version of handlers */
    AioHandler **handlers; /* the poll set: n with io_poll */
    unsigned n;
    unsigned capacity;
} AioBusyPoll;

/* ---- busy-poll.c; home thread ---- */

bool aio_busy_poll(AioContext *ctx);
void aio_busy_poll_update(AioContext *ctx);
bool aio_busy_poll_stop(AioContext *ctx);
bool aio_busy_poll_once(AioContext *ctx);
void aio_busy_poll_readd(AioContext *ctx, AioHandler *node);
void aio_busy_poll_cleanup(AioContext *ctx);

/* ---- busy-poll-window.c; home thread ---- */

void aio_busy_poll_take_params(AioContext *ctx);
int64_t aio_busy_poll_window_ns(AioBusyPoll *bp);
void aio_busy_poll_update_ns(AioBusyPoll *bp, int64_t wait_ns);

#endif
