/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers: functions that are called at a time.
 *
 * A timer belongs to one clock and to one context, which calls it back in its
 * home thread.  It fires once; the callback may arm it again.  Timers that
 * expire at the same nanosecond fire in the order in which they were armed.
 *
 * Moving an armed timer to a later time takes constant time.  Everything else
 * is O(log n) in the number of the context's timers of the clock.
 *
 * The functions, in the order of this header:
 *
 *     timer_init_ns() and others     a timer in the caller's memory, and in the
 *                                    main context
 *     timer_new_ns() and others      the same, allocated
 *     aio_timer_init(), _new()       the same in any context
 *     timer_mod(), timer_del()       arming and disarming
 *     timer_pending() and others     querying
 *     clock_enable()                 clocks
 *     timer_list_group_deadline_ns() deadlines, for programs that drive timers
 *                                    themselves
 *
 * Contract: the API of QEMU 10's "qemu/timer.h", its qemu_ names neutral
 */
#ifndef QOM_AIO_TIMER_H
#define QOM_AIO_TIMER_H

#include "aio/aio.h"
#include "util/clock.h"

QOM_BEGIN_DECLS

typedef void AioTimerCB(void *opaque);
typedef struct AioTimerList AioTimerList;

/* For programs that record and replay events: the timer has no effect on what
 * is recorded. */
#define TIMER_ATTR_EXTERNAL (1 << 0)
#define TIMER_ATTR_ALL 0xffffffff

/* May be embedded; the members are private to the functions below. */
typedef struct AioTimer {
    int64_t expire_time_ns; /* -1: not armed; written under the list's lock */
    AioTimerList *list;
    AioTimerCB *cb;
    void *opaque;
    uint32_t armed_seq; /* order among equal times; under the list's lock */
    uint32_t slot;      /* in the list's heap; 0: not armed */
    int scale;
    int attributes;
} AioTimer;

/* ---- Creating timers ---- */

/**
 * timer_init_full: initializes a timer in the caller's memory
 * @ts: filled in; must stay until timer_del() and, if it runs, its callback
 *      have returned
 * @timers: (nullable) borrowed, from aio_context_get_timers(); NULL for the
 *          main context, which must exist
 * @type: the clock
 * @scale: nanoseconds in a unit of timer_mod(): SCALE_MS, SCALE_US or SCALE_NS
 * @attributes: 0 or TIMER_ATTR_EXTERNAL
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Thread: any
 */
void timer_init_full(AioTimer *ts, AioTimerListGroup *timers,
                     AioClockType type, int scale, int attributes,
                     AioTimerCB *cb, void *opaque);

/* timer_init: as timer_init_full(), in the main context, without attributes. */
static inline void timer_init(AioTimer *ts, AioClockType type, int scale,
                              AioTimerCB *cb, void *opaque)
{
    timer_init_full(ts, NULL, type, scale, 0, cb, opaque);
}

/* timer_init_ns: as timer_init(), with nanoseconds as the unit. */
static inline void timer_init_ns(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_NS, cb, opaque);
}

/* timer_init_us: as timer_init(), with microseconds as the unit. */
static inline void timer_init_us(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_US, cb, opaque);
}

/* timer_init_ms: as timer_init(), with milliseconds as the unit. */
static inline void timer_init_ms(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_MS, cb, opaque);
}

/**
 * timer_new_full: allocates a timer and initializes it
 * @timers: (nullable) borrowed, from aio_context_get_timers(); NULL for the
 *          main context, which must exist
 * @type: the clock
 * @scale: nanoseconds in a unit of timer_mod()
 * @attributes: 0 or TIMER_ATTR_EXTERNAL
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Returns: (transfer full) to be freed with timer_free()
 * Thread: any
 */
AioTimer *timer_new_full(AioTimerListGroup *timers, AioClockType type,
                         int scale, int attributes, AioTimerCB *cb,
                         void *opaque);

/* timer_new: as timer_new_full(), in the main context, without attributes. */
static inline AioTimer *timer_new(AioClockType type, int scale,
                                  AioTimerCB *cb, void *opaque)
{
    return timer_new_full(NULL, type, scale, 0, cb, opaque);
}

/* timer_new_ns: as timer_new(), with nanoseconds as the unit. */
static inline AioTimer *timer_new_ns(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_NS, cb, opaque);
}

/* timer_new_us: as timer_new(), with microseconds as the unit. */
static inline AioTimer *timer_new_us(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_US, cb, opaque);
}

/* timer_new_ms: as timer_new(), with milliseconds as the unit. */
static inline AioTimer *timer_new_ms(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_MS, cb, opaque);
}

/* aio_timer_new_with_attrs: as timer_new_full(), in the context @ctx. */
static inline AioTimer *
aio_timer_new_with_attrs(AioContext *ctx, AioClockType type, int scale,
                         int attributes, AioTimerCB *cb, void *opaque)
{
    return timer_new_full(aio_context_get_timers(ctx), type, scale,
                          attributes, cb, opaque);
}

/* aio_timer_new: the same without attributes. */
static inline AioTimer *aio_timer_new(AioContext *ctx, AioClockType type,
                                      int scale, AioTimerCB *cb,
                                      void *opaque)
{
    return aio_timer_new_with_attrs(ctx, type, scale, 0, cb, opaque);
}

/* aio_timer_init_with_attrs: as timer_init_full(), in the context @ctx. */
static inline void
aio_timer_init_with_attrs(AioContext *ctx, AioTimer *ts, AioClockType type,
                          int scale, int attributes, AioTimerCB *cb,
                          void *opaque)
{
    timer_init_full(ts, aio_context_get_timers(ctx), type, scale, attributes,
                    cb, opaque);
}

/* aio_timer_init: the same without attributes. */
static inline void aio_timer_init(AioContext *ctx, AioTimer *ts,
                                  AioClockType type, int scale,
                                  AioTimerCB *cb, void *opaque)
{
    aio_timer_init_with_attrs(ctx, ts, type, scale, 0, cb, opaque);
}

/**
 * timer_deinit: ends the use of a timer that timer_init_full() has initialized
 * @ts: not armed
 *
 * Thread: the caller's, one at a time
 */
void timer_deinit(AioTimer *ts);

/**
 * timer_free: disarms a timer and frees it
 * @ts: (nullable) (transfer full) from timer_new_full() or a function that
 *      calls it
 *
 * Thread: as timer_del(); outside the home thread the caller must know that the
 *         callback is not running
 */
void timer_free(AioTimer *ts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioTimer, timer_free)

/* ---- Arming timers ---- */

/**
 * timer_mod_ns: arms a timer or moves it
 * @ts: the timer
 * @expire_time: nanoseconds of its clock; a negative time counts as 0
 *
 * A sleeping loop wakes up if this timer expires first.
 *
 * Thread: any
 */
void timer_mod_ns(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod_anticipate_ns: arms a timer or moves it to an earlier time
 * @ts: the timer
 * @expire_time: nanoseconds of its clock; if the timer is armed to an earlier
 *               time, nothing happens
 *
 * Thread: any
 */
void timer_mod_anticipate_ns(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod: arms a timer or moves it, in its unit
 * @ts: the timer
 * @expire_time: in units of the timer's scale; a time that exceeds 63 bits of
 *               nanoseconds counts as the last one
 *
 * Thread: any
 */
void timer_mod(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod_anticipate: arms a timer or moves it to an earlier time, in its
 * unit
 * @ts: the timer
 * @expire_time: as for timer_mod(); if the timer is armed to an earlier time,
 *               nothing happens
 *
 * Thread: any
 */
void timer_mod_anticipate(AioTimer *ts, int64_t expire_time);

/**
 * timer_del: disarms a timer
 * @ts: the timer, armed or not
 *
 * After a call in the home thread the callback does not run. A call in another
 * thread does not wait for a callback that is running.
 *
 * Thread: any
 */
void timer_del(AioTimer *ts);

/* ---- Querying timers ---- */

/**
 * timer_pending: tests whether a timer is armed
 * @ts: the timer
 *
 * Returns: true if it is armed; false in its own callback
 * Thread: any
 */
bool timer_pending(const AioTimer *ts);

/**
 * timer_expired: tests whether the time of an armed timer has come
 * @ts: (nullable) the timer
 * @current_time: in units of the timer's scale
 *
 * Returns: true if the timer is armed and its time is @current_time or earlier
 * Thread: any
 */
bool timer_expired(const AioTimer *ts, int64_t current_time);

/**
 * timer_expire_time_ns: returns the time at which a timer expires
 * @ts: the timer
 *
 * Returns: nanoseconds of its clock; -1 if it is not armed
 * Thread: any
 */
int64_t timer_expire_time_ns(const AioTimer *ts);

/* ---- Clocks and deadlines ---- */

/**
 * clock_enable: enables or disables the timers of a clock
 * @type: the clock; AIO_CLOCK_VIRTUAL starts disabled, and its time passes only
 *        while it is enabled; the other clocks start enabled
 * @enabled: whether its timers fire
 *
 * Disabling a clock returns when no callback of the clock is running in any
 * context.
 *
 * Thread: any; a callback of a timer of @type must not disable it
 */
void clock_enable(AioClockType type, bool enabled);

/**
 * clock_is_enabled: tests whether the timers of a clock fire
 * @type: the clock
 *
 * Returns: true if the clock is enabled
 * Thread: any
 */
bool clock_is_enabled(AioClockType type);

/**
 * timer_list_group_deadline_ns: returns the time until the next timer expires
 * @timers: borrowed, from aio_context_get_timers()
 *
 * Returns: nanoseconds; 0 if a timer has expired, -1 if no timer of an enabled
 *          clock is armed
 * Thread: any
 */
int64_t timer_list_group_deadline_ns(AioTimerListGroup *timers);

/**
 * timer_list_group_run: calls back for all timers that have expired
 * @timers: borrowed, from aio_context_get_timers()
 *
 * The time is read once per clock. If a callback arms a timer to that time or
 * an earlier one, the timer fires in the same call.
 *
 * Returns: true if a callback ran
 * Thread: the home thread
 */
bool timer_list_group_run(AioTimerListGroup *timers);

/**
 * soonest_timeout: returns the earlier one of two timeouts
 * @timeout1: nanoseconds; -1: without limit
 * @timeout2: nanoseconds; -1: without limit
 *
 * Returns: nanoseconds; -1: without limit
 * Thread: any
 */
static inline int64_t soonest_timeout(int64_t timeout1, int64_t timeout2)
{
    return (uint64_t)timeout1 < (uint64_t)timeout2 ? timeout1 : timeout2;
}

/**
 * timeout_ns_to_ms: converts a timeout for poll(2)
 * @ns: nanoseconds; negative: without limit
 *
 * Returns: milliseconds, rounded up, at most INT32_MAX; -1: without limit
 * Thread: any
 */
int timeout_ns_to_ms(int64_t ns);

QOM_END_DECLS

#endif
