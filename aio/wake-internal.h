/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wake-up protocol: how a thread that adds work wakes the loop up.
 * wake.c explains it.
 */
#ifndef QOM_AIO_WAKE_INTERNAL_H
#define QOM_AIO_WAKE_INTERNAL_H

#include "aio/aio.h"
#include "util/event-notifier.h"

#include <stdatomic.h>

/* aio_notify() was called and the loop has not consumed it yet. */
#define AIO_WAKE_NOTIFIED 1u
/*
 * The loop sleeps or is about to.  The thread that finds this bit clears it
 * and wakes the loop up.  A loop that busy polls does not set it, because it
 * finds new work without a wake-up.
 */
#define AIO_WAKE_ARMED 2u
/* With ARMED: the loop sleeps on the word, not in the fd monitor. */
#define AIO_WAKE_FUTEX 4u

typedef struct AioWake {
    atomic_uint word;       /* AIO_WAKE_*; any thread writes */
    EventNotifier notifier; /* constant; the fd monitor watches it */
} AioWake;

/*
 * aio_arm: announces that the loop is about to sleep.
 * @bits: AIO_WAKE_ARMED, with AIO_WAKE_FUTEX or without
 *
 * Returns: for how many nanoseconds it may sleep, -1: without limit
 * Thread: the home thread; aio_disarm() follows
 */
int64_t aio_arm(AioContext *ctx, unsigned bits);

/* Ends aio_arm() and consumes aio_notify().  Returns: true if it was called
 * since it was last consumed.  The home thread. */
bool aio_disarm(AioContext *ctx);

/* Returns: the same, but the call is not consumed.  The home thread. */
static inline bool aio_is_notified(AioWake *wake)
{
    /* Relaxed: aio_disarm() orders what the caller wrote before. */
    return atomic_load_explicit(&wake->word, memory_order_relaxed) &
           AIO_WAKE_NOTIFIED;
}

/* Sleeps until the wake word differs from @bits, or for @timeout_ns. */
void aio_sleep_on_word(AioContext *ctx, unsigned bits, int64_t timeout_ns);

/* Returns: the nanoseconds until bottom halves or timers are due, -1: never.
 * The home thread. */
int64_t aio_compute_timeout(AioContext *ctx);

#endif
