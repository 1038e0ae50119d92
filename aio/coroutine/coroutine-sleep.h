/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines that sleep, and a limit on how long one may take.
 *
 * Times are measured by a timer of the context in which the caller is.
 *
 * Contract: the API of QEMU 10's "qemu/coroutine.h", its qemu_ names neutral;
 *           docs/coroutines.md
 */
#ifndef QOM_AIO_COROUTINE_SLEEP_H
#define QOM_AIO_COROUTINE_SLEEP_H

#include "aio/coroutine/coroutine.h"
#include "util/atomic.h"
#include "util/clock.h"

QOM_BEGIN_DECLS

/*
 * A sleep that others can end.  Embed it, zero bytes are one that is ready;
 * the field belongs to the functions below.
 */
typedef struct CoSleep {
    QOM_ATOMIC(Coroutine *) to_wake;
} CoSleep;

/**
 * co_sleep_ns: sleep
 * @type: the clock
 * @ns: how long; until the next round of the loop when it is not positive
 *
 * A loop around a sleep ends when the sleep returns an error.
 *
 * Returns: 0; -ECANCELED at once if the coroutine is cancelled
 * Thread: in a coroutine, in its context's thread
 */
int coroutine_fn co_sleep_ns(AioClockType type, int64_t ns);

/**
 * co_sleep_ns_wakeable: sleep, or until co_sleep_wake()
 * @sleep: nobody sleeps on it
 * @type: the clock
 * @ns: as co_sleep_ns()
 *
 * Returns at once after a co_sleep_wake() for which nobody slept.
 *
 * Returns: 0; -ECANCELED at once if the coroutine is cancelled
 * Thread: in a coroutine, in its context's thread
 */
int coroutine_fn co_sleep_ns_wakeable(CoSleep *sleep, AioClockType type,
                                      int64_t ns);

/**
 * co_sleep: sleep until co_sleep_wake()
 * @sleep: as for co_sleep_ns_wakeable()
 *
 * Returns: 0; -ECANCELED at once if the coroutine is cancelled
 * Thread: in a coroutine
 */
int coroutine_fn co_sleep(CoSleep *sleep);

/**
 * co_sleep_wake: end a sleep early
 * @sleep: when nobody sleeps on it, the next sleep does not take place
 *
 * The coroutine goes on as aio_co_wake() says.
 *
 * Thread: any
 */
void co_sleep_wake(CoSleep *sleep);

/**
 * co_timeout: run a function, and wait for it no longer than a limit
 * @entry: called in a coroutine of its own, unless there is no limit
 * @opaque: passed to @entry
 * @timeout_ns: of AIO_CLOCK_REALTIME; 0 is no limit
 * @clean: (nullable) called with @opaque when @entry returns after the limit,
 *         so that what it uses can be freed
 *
 * If the caller is cancelled, @entry is cancelled.
 *
 * Nothing stops an @entry that takes longer: it goes on by itself, and the
 * context lives until it has returned.
 *
 * Returns: 0; -ETIMEDOUT if @entry has not returned
 * Thread: in a coroutine, in its context's thread
 */
int coroutine_fn co_timeout(CoroutineEntry *entry, void *opaque,
                            uint64_t timeout_ns,
                            void (*clean)(void *opaque));

QOM_END_DECLS

#endif
