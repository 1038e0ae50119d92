/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling: its state and what an iteration calls.  busy-poll.c explains
 * the polling, busy-poll-window.c how long it lasts.
 */
#ifndef QOM_AIO_BUSY_POLL_INTERNAL_H
#define QOM_AIO_BUSY_POLL_INTERNAL_H

#include "aio/aio.h"
#include "aio/fd-table-internal.h"

/* Home thread. */
typedef struct AioBusyPoll {
    /* The parameters, copied when they change. */
    int64_t max_ns;
    int64_t grow;
    int64_t shrink;
    int64_t weight;

    /* What was learned. */
    int64_t ns;            /* the polling time; 0: do not poll */
    int64_t mean_ns;       /* weighted mean of waits, -1: none yet */
    int waits_until_probe; /* while ns is 0 */
    int backoff;           /* waits until the probe after that one */
    unsigned n_found;      /* waits that polling was long enough for */
    int late;              /* grows with windows that work came right after */

    /* This wait. */
    int64_t begin_ns;  /* 0: the clock was not read yet, -1: nothing is to be
                          learned from it */
    int64_t window_ns; /* it polls for so long at most */
    int64_t waited_ns; /* from begin_ns to the last reading of the clock */
    bool update_pending; /* polling ended the last wait, and the polling time
                            is to be updated at the next one */
    unsigned long seen_end; /* of the ring, and */
    AioBH *seen_head;       /* of bh_pending, when the wait began: all bottom
                               halves before them are cancelled or idle */

    /* The poll set: n handlers with io_poll. */
    bool started;     /* polling mode: io_poll_begin was called */
    unsigned version; /* handlers.poll_version when the set was built */
    AioHandler **handlers;
    unsigned n;
    unsigned capacity;
    int64_t idle_check_ns; /* when to search for idle handlers next */
} AioBusyPoll;

/* ---- busy-poll.c; home thread ---- */

/*
 * Polls for this wait's window.
 *
 * Returns: true if there is work; otherwise polling mode has ended and the loop
 * can sleep
 */
bool aio_busy_poll(AioContext *ctx);

/* The wait that began with aio_busy_poll() has ended. */
void aio_busy_poll_update(AioContext *ctx);

/* Ends polling mode, if the loop is in it.  Returns: true if a handler is
 * ready */
bool aio_busy_poll_stop(AioContext *ctx);

/* In polling mode, calls each io_poll once.  Returns: true if a handler is
 * ready */
bool aio_busy_poll_once(AioContext *ctx);

/* An event came for an idle handler: it is polled again. */
void aio_busy_poll_readd(AioContext *ctx, AioHandler *node);

void aio_busy_poll_cleanup(AioContext *ctx);

/* ---- busy-poll-window.c; home thread ---- */

/* Copies changed parameters and forgets what was learned. */
void aio_busy_poll_take_params(AioContext *ctx);

/* Returns: for how many nanoseconds to poll in the wait that begins */
int64_t aio_busy_poll_window_ns(AioBusyPoll *bp);

/* Learns from a wait that took @wait_ns. */
void aio_busy_poll_update_ns(AioBusyPoll *bp, int64_t wait_ns);

#endif
