/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers: have a function called at a time.
 *
 * A timer belongs to one clock and to one context, which calls it back in
 * its home thread.  It fires once; the callback may arm it again.  Timers
 * that expire at the same nanosecond fire in the order in which they were
 * armed.
 *
 * To move a timer that is armed to a later time, or not to move it, takes
 * constant time; everything else is O(log n) in the context's timers of the
 * clock.
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

/* Of no interest to who replays recorded events: only the outside sees it. */
#define TIMER_ATTR_EXTERNAL (1 << 0)
#define TIMER_ATTR_ALL 0xffffffff

/* Embed it; the fields belong to the functions below. */
typedef struct AioTimer {
    int64_t expire_time_ns; /* -1: not armed; written under the list's lock */
    AioTimerList *list;
    AioTimerCB *cb;
    void *opaque;
    uint32_t armed_seq; /* place among equals; under the list's lock */
    uint32_t slot;      /* in the list's heap; 0: not armed */
    int scale;
    int attributes;
} AioTimer;

/* ---- Making timers ---- */

/**
 * timer_init_full: make a timer of uninitialised memory
 * @ts: filled in; stays until timer_del() and, if home runs, its callback
 * @timers: (nullable) from aio_context_get_timers(); NULL for the main
 *          context, which exists
 * @type: the clock
 * @scale: nanoseconds in a unit of timer_mod(): SCALE_MS, SCALE_US, SCALE_NS
 * @attributes: 0 or TIMER_ATTR_EXTERNAL
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Thread: any
 */
void timer_init_full(AioTimer *ts, AioTimerListGroup *timers,
                     AioClockType type, int scale, int attributes,
                     AioTimerCB *cb, void *opaque);

/* As timer_init_full(), in the main context, without attributes. */
static inline void timer_init(AioTimer *ts, AioClockType type, int scale,
                              AioTimerCB *cb, void *opaque)
{
    timer_init_full(ts, NULL, type, scale, 0, cb, opaque);
}

static inline void timer_init_ns(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_NS, cb, opaque);
}

static inline void timer_init_us(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_US, cb, opaque);
}

static inline void timer_init_ms(AioTimer *ts, AioClockType type,
                                 AioTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_MS, cb, opaque);
}

/**
 * timer_new_full: timer_init_full() on the heap
 *
 * Returns: (transfer full) timer_free() it
 * Thread: any
 */
AioTimer *timer_new_full(AioTimerListGroup *timers, AioClockType type,
                         int scale, int attributes, AioTimerCB *cb,
                         void *opaque);

/* As timer_new_full(), in the main context, without attributes. */
static inline AioTimer *timer_new(AioClockType type, int scale,
                                  AioTimerCB *cb, void *opaque)
{
    return timer_new_full(NULL, type, scale, 0, cb, opaque);
}

static inline AioTimer *timer_new_ns(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_NS, cb, opaque);
}

static inline AioTimer *timer_new_us(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_US, cb, opaque);
}

static inline AioTimer *timer_new_ms(AioClockType type, AioTimerCB *cb,
                                     void *opaque)
{
    return timer_new(type, SCALE_MS, cb, opaque);
}

/* As timer_new_full() and timer_init_full(), in any context. */
static inline AioTimer *
aio_timer_new_with_attrs(AioContext *ctx, AioClockType type, int scale,
                         int attributes, AioTimerCB *cb, void *opaque)
{
    return timer_new_full(aio_context_get_timers(ctx), type, scale,
                          attributes, cb, opaque);
}

static inline AioTimer *aio_timer_new(AioContext *ctx, AioClockType type,
                                      int scale, AioTimerCB *cb,
                                      void *opaque)
{
    return aio_timer_new_with_attrs(ctx, type, scale, 0, cb, opaque);
}

static inline void
aio_timer_init_with_attrs(AioContext *ctx, AioTimer *ts, AioClockType type,
                          int scale, int attributes, AioTimerCB *cb,
                          void *opaque)
{
    timer_init_full(ts, aio_context_get_timers(ctx), type, scale, attributes,
                    cb, opaque);
}

static inline void aio_timer_init(AioContext *ctx, AioTimer *ts,
                                  AioClockType type, int scale,
                                  AioTimerCB *cb, void *opaque)
{
    aio_timer_init_with_attrs(ctx, ts, type, scale, 0, cb, opaque);
}

/**
 * timer_deinit: undo timer_init_full()
 * @ts: not armed
 *
 * Thread: caller's, one at a time
 */
void timer_deinit(AioTimer *ts);

/**
 * timer_free: disarm a timer and free it
 * @ts: (nullable) consumed; from timer_new_full() and its like
 *
 * Thread: as timer_del(); when it is not home the caller knows that the
 *         callback is not running
 */
void timer_free(AioTimer *ts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioTimer, timer_free)

/* ---- Arming them ---- */

/**
 * timer_mod_ns: arm a timer, or move it
 * @ts: the timer
 * @expire_time: nanoseconds of its clock; a negative time counts as 0
 *
 * A sleeping loop wakes up if this timer is its next.
 *
 * Thread: any
 */
void timer_mod_ns(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod_anticipate_ns: as timer_mod_ns(), but never to a later time
 */
void timer_mod_anticipate_ns(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod: as timer_mod_ns(), in the timer's unit
 * @expire_time: ms, us or ns as the timer was made; a time beyond the
 *               nanoseconds of 63 bits counts as the last of them
 */
void timer_mod(AioTimer *ts, int64_t expire_time);

/**
 * timer_mod_anticipate: as timer_mod(), but never to a later time
 */
void timer_mod_anticipate(AioTimer *ts, int64_t expire_time);

/**
 * timer_del: disarm a timer
 * @ts: the timer, armed or not
 *
 * From the home thread the callback does not run any more.  Does not wait
 * for one that runs in another thread.
 *
 * Thread: any
 */
void timer_del(AioTimer *ts);

/* ---- Asking ---- */

/**
 * timer_pending: is the timer armed?
 *
 * Not so any more in its own callback.
 *
 * Thread: any
 */
bool timer_pending(const AioTimer *ts);

/**
 * timer_expired: has the time of an armed timer come?
 * @ts: (nullable) the timer
 * @current_time: in the timer's unit
 *
 * Thread: any
 */
bool timer_expired(const AioTimer *ts, int64_t current_time);

/**
 * timer_expire_time_ns: when will it fire?
 *
 * Returns: nanoseconds of its clock; -1 when it is not armed
 * Thread: any
 */
int64_t timer_expire_time_ns(const AioTimer *ts);

/* ---- Clocks and deadlines ---- */

/**
 * clock_enable: let a clock's timers fire, or hold them back
 * @type: the clock; AIO_CLOCK_VIRTUAL is disabled at start, and its time
 *        runs just while it is enabled; the others are enabled
 * @enabled: whether
 *
 * Disabling returns when no callback of the clock runs in any context.
 *
 * Thread: any, but no callback of a timer of @type may disable it
 */
void clock_enable(AioClockType type, bool enabled);

/**
 * clock_is_enabled: do the clock's timers fire?
 *
 * Thread: any
 */
bool clock_is_enabled(AioClockType type);

/**
 * timer_list_group_deadline_ns: how long until the next timer
 * @timers: from aio_context_get_timers()
 *
 * Returns: nanoseconds, 0 if one has expired; -1 without any
 * Thread: any
 */
int64_t timer_list_group_deadline_ns(AioTimerListGroup *timers);

/**
 * timer_list_group_run: call back for all timers that have expired
 * @timers: from aio_context_get_timers()
 *
 * The time is read once per clock.  A callback that arms a timer at that time
 * or before has it fire in the same call.
 *
 * Returns: true if a callback ran
 * Thread: home
 */
bool timer_list_group_run(AioTimerListGroup *timers);

/**
 * soonest_timeout: the earlier of two timeouts
 * @timeout1, @timeout2: nanoseconds; -1 is forever
 */
static inline int64_t soonest_timeout(int64_t timeout1, int64_t timeout2)
{
    return (uint64_t)timeout1 < (uint64_t)timeout2 ? timeout1 : timeout2;
}

/**
 * timeout_ns_to_ms: a timeout for poll()
 * @ns: nanoseconds; negative is forever
 *
 * Returns: milliseconds, rounded up, at most INT32_MAX; -1 for forever
 */
int timeout_ns_to_ms(int64_t ns);

QOM_END_DECLS

#endif
