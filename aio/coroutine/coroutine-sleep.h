/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines that sleep, and a limit on how long a function may take.
 *
 * A timer of the context in which the caller is measures the time.  A sleep
 * ends early if the coroutine is cancelled
 * ("aio/coroutine/coroutine-cancel.h").
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
 * A sleep that other code can end.  It may be embedded; zero bytes are a sleep
 * that is ready for use.  The member is private to the functions below.
 */
typedef struct CoSleep {
    QOM_ATOMIC(Coroutine *) to_wake;
} CoSleep;

/**
 * co_sleep_ns: sleeps for a time
 * @type: the clock
 * @ns: nanoseconds; if not positive, until the next iteration of the loop
 *
 * A loop around a sleep ends when the sleep returns an error.
 *
 * Returns: 0; -ECANCELED, at once if the coroutine was cancelled before
 * Thread: in a coroutine, in the home thread of its context
 */
int coroutine_fn co_sleep_ns(AioClockType type, int64_t ns);

/**
 * co_sleep_ns_wakeable: sleeps for a time, or until co_sleep_wake()
 * @sleep: no coroutine sleeps on it
 * @type: the clock
 * @ns: as for co_sleep_ns()
 *
 * Returns at once if co_sleep_wake() was called while no coroutine slept.
 *
 * Returns: 0; -ECANCELED, at once if the coroutine was cancelled before
 * Thread: in a coroutine, in the home thread of its context
 */
int coroutine_fn co_sleep_ns_wakeable(CoSleep *sleep, AioClockType type,
                                      int64_t ns);

/**
 * co_sleep: sleeps until co_sleep_wake()
 * @sleep: as for co_sleep_ns_wakeable()
 *
 * Returns: 0; -ECANCELED, at once if the coroutine was cancelled before
 * Thread: in a coroutine
 */
int coroutine_fn co_sleep(CoSleep *sleep);

/**
 * co_sleep_wake: ends a sleep early
 * @sleep: if no coroutine sleeps on it, the next sleep returns at once
 *
 * The coroutine continues as after aio_co_wake().
 *
 * Thread: any
 */
void co_sleep_wake(CoSleep *sleep);

/**
 * co_timeout: runs a function, and waits for it no longer than a limit
 * @entry: called in a separate coroutine, or by the caller if there is no limit
 * @opaque: passed to @entry
 * @timeout_ns: nanoseconds of AIO_CLOCK_REALTIME; 0 for no limit
 * @clean: (nullable) called with @opaque if @entry returns after the limit, so
 *         that what it uses can be freed
 *
 * A function that exceeds the limit is not stopped.  It continues on its own,
 * and the context must exist until it has returned.  If the caller is
 * cancelled, the function is cancelled, and the caller waits for it until the
 * limit.
 *
 * Returns: 0 if @entry has returned; -ETIMEDOUT
 * Thread: in a coroutine, in the home thread of its context
 */
int coroutine_fn co_timeout(CoroutineEntry *entry, void *opaque,
                            uint64_t timeout_ns,
                            void (*clean)(void *opaque));

QOM_END_DECLS

#endif
