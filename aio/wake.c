/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waking the loop up.
 *
 * Before the loop sleeps it sets AIO_WAKE_ARMED in the wake word and then
 * checks for bottom halves, timers and an earlier aio_notify().  A thread that
 * adds work stores the work first and then reads the word.  All of these
 * accesses are sequentially consistent, so either the loop sees the work or the
 * thread sees ARMED.  The thread that finds ARMED clears it in the same atomic
 * operation, and it alone wakes the loop up.  A sleep thus costs one wake-up
 * system call; a loop that is awake costs none.
 *
 * The loop sleeps in the fd monitor, which watches the context's notifier, or,
 * when it watches no file descriptor, on the word itself (AIO_WAKE_FUTEX).
 *
 * tests/unit/aio/test-wake-model.c tries all interleavings of a model of this
 * protocol.
 */
#include "aio/context-internal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void futex_wait(atomic_uint *word, unsigned value, int64_t timeout_ns)
{
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
            timeout_ns < 0 ? NULL : &ts, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* ---- Any thread ---- */

void aio_notify(AioContext *ctx)
{
    unsigned old = atomic_exchange(&ctx->wake.word, AIO_WAKE_NOTIFIED);

    if (old & AIO_WAKE_FUTEX) {
        futex_wake(&ctx->wake.word);
    } else if (old & AIO_WAKE_ARMED && !aio_is_inherited(ctx)) {
        /* In a child process the notifier is still the parent's. */
        event_notifier_set(&ctx->wake.notifier);
    }
}

/* ---- The home thread ---- */

void aio_notify_accept(AioContext *ctx)
{
    if (aio_is_notified(&ctx->wake)) {
        aio_disarm(ctx);
    }
}

int64_t aio_compute_timeout(AioContext *ctx)
{
    int64_t timeout_ns = aio_bh_timeout(ctx);

    if (timeout_ns == 0 || !aio_has_timers(ctx)) {
        return timeout_ns;
    }
    return soonest_timeout(timeout_ns,
                           timer_list_group_deadline_ns(ctx->timers));
}

int64_t aio_arm(AioContext *ctx, unsigned bits)
{
    unsigned old = atomic_exchange(&ctx->wake.word, bits);

    return old & AIO_WAKE_NOTIFIED ? 0 : aio_compute_timeout(ctx);
}

bool aio_disarm(AioContext *ctx)
{
    /*
     * An exchange, not a store: what another thread wrote before aio_notify()
     * must be visible once the loop has consumed that call.  An iteration
     * inside a callback of a GSource that GLib is about to poll leaves the
     * loop armed, because GLib sleeps next.
     */
    return atomic_exchange(&ctx->wake.word,
                           ctx->source.is_armed ? AIO_WAKE_ARMED : 0) &
           AIO_WAKE_NOTIFIED;
}

void aio_sleep_on_word(AioContext *ctx, unsigned bits, int64_t timeout_ns)
{
    futex_wait(&ctx->wake.word, bits, timeout_ns);
}
