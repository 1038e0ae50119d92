/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When the loop checks file descriptors, that is, asks the kernel which are
 * ready.  check.c explains it.
 */
#ifndef QOM_AIO_CHECK_INTERNAL_H
#define QOM_AIO_CHECK_INTERNAL_H

#include "aio/aio.h"

/* Home thread. */
typedef struct AioCheck {
    unsigned bh_series; /* bottom halves run in a series of iterations that
                           each ran one; 0: the last iteration ran none */
    unsigned bh_series_timed; /* bh_series when the time was last read, */
    unsigned bh_series_step;  /* and by how much it grows until the next */
    uint64_t bh_series_ticks; /* that time */
    uint64_t last_ticks;      /* when file descriptors were last checked */
    unsigned quick_waits; /* consecutive waits that ended at once, because of a
                             file descriptor */
} AioCheck;

/* All: home thread. */

/* Checks file descriptors without waiting. */
void aio_check_now(AioContext *ctx);

/* The slow half of aio_check_before_bhs(), which reads the clock. */
void aio_check_before_bhs_timed(AioContext *ctx);

/*
 * Checks file descriptors first where the last waits all ended at once.
 *
 * Returns: true if one is ready, so that there is nothing to wait for
 */
bool aio_check_before_wait(AioContext *ctx);

/* Busy polling has found work: checks if the last check was long ago. */
void aio_check_monitor_if_overdue(AioContext *ctx);

/* The wait took @ticks. */
void aio_check_note_wait(AioContext *ctx, uint64_t ticks);

/* @n bottom halves were run. */
static inline void aio_check_note_bhs(AioCheck *check, unsigned n)
{
    check->bh_series = n > 0 ? check->bh_series + n : 0;
}

/* The home thread has set a handler: the next iteration checks. */
static inline void aio_check_soon(AioCheck *check)
{
    check->bh_series = 0;
}

#endif
