/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating, arming and querying timers.  There is one heap per context and
 * clock; timer-run.c runs the timers that have expired.
 *
 * Moving a timer to a later time leaves its heap entry where it is.  The entry
 * is moved only when its old time has reached the front of the heap.  Timeouts
 * that are postponed again and again, as most are, therefore cost two stores.
 * The times in the heap are lower bounds; timer-run.c corrects the first one
 * before it is used.
 *
 * `first_ns` is a copy of the first time.  It is stored and the wake word is
 * then read, both sequentially consistent; wake.c explains why.
 */
#include "aio/timer-list-internal.h"
#include "util/programming-error.h"

/* ---- One list, under its lock ---- */

/* The first time is earlier.  Sequentially consistent: either the loop that
 * arms itself sees it, or the caller sees that the loop is armed. */
static void list_first_is_earlier(AioTimerList *list)
{
    timer_list_publish_first(list, memory_order_seq_cst);
}

static int64_t timer_get_time(const AioTimer *ts)
{
    return atomic_load_explicit((_Atomic int64_t *)&ts->expire_time_ns,
                                memory_order_relaxed);
}

/* Returns: true if the timer of @slot is the first one in the heap */
static bool list_is_first(const AioTimerList *list, unsigned slot)
{
    return timer_heap_first(&list->heap)->slot == slot;
}

static void list_use_clock(AioTimerList *list)
{
    atomic_uint *used = &aio_context_get_timers(list->ctx)->used;
    unsigned bit = 1u << list->type;

    /*
     * Set before first_ns is stored, so that a loop which arms itself does not
     * skip this clock.  The bit is never cleared, so the test may be relaxed.
     */
    if (!(atomic_load_explicit(used, memory_order_relaxed) & bit)) {
        atomic_fetch_or(used, bit);
    }
}

/* Returns: true if the list's first time is earlier than before */
static bool list_arm(AioTimerList *list, AioTimer *ts, int64_t expire_time_ns)
{
    int64_t old_ns = timer_get_time(ts);

    timer_set_time(ts, expire_time_ns);
    ts->armed_seq = ++list->next_seq;
    if (!ts->slot) {
        timer_heap_insert(&list->heap, ts);
        list_use_clock(list);
        return list_is_first(list, ts->slot);
    }
    if (expire_time_ns >= old_ns ||
        expire_time_ns >=
            timer_heap_entry(&list->heap, ts)->expire_time_ns) {
        /* The entry stays where it is and is now too early. */
        if (list_is_first(list, ts->slot)) {
            atomic_store_explicit(&list->first_is_stale, true,
                                  memory_order_relaxed);
        }
        return false;
    }
    timer_heap_update(&list->heap, ts);
    return list_is_first(list, ts->slot);
}

/* ---- Creating timers ---- */

void timer_init_full(AioTimer *ts, AioTimerListGroup *timers,
                     AioClockType type, int scale, int attributes,
                     AioTimerCB *cb, void *opaque)
{
    if (!timers) {
        AioContext *ctx = aio_get_main_context();

        if (!ctx) {
            programming_error("a timer was created before the main loop's "
                              "context; call aio_main_context_init() first, "
                              "or name the context with aio_timer_new()");
        }
        timers = aio_context_get_timers(ctx);
    }
    *ts = (AioTimer) {
        .expire_time_ns = -1,
        .list = &timers->lists[type],
        .cb = cb,
        .opaque = opaque,
        .scale = scale,
        .attributes = attributes,
    };
}

AioTimer *timer_new_full(AioTimerListGroup *timers, AioClockType type,
                         int scale, int attributes, AioTimerCB *cb,
                         void *opaque)
{
    AioTimer *ts = g_new(AioTimer, 1);

    timer_init_full(ts, timers, type, scale, attributes, cb, opaque);
    return ts;
}

void timer_deinit(AioTimer *ts)
{
    if (timer_pending(ts)) {
        programming_error("timer_deinit(): the timer is armed; call "
                          "timer_del() first");
    }
    ts->list = NULL;
}

void timer_free(AioTimer *ts)
{
    if (!ts) {
        return;
    }
    if (ts->list) {
        timer_del(ts);
    }
    g_free(ts);
}

/* ---- Arming timers ---- */

static void timer_arm(AioTimer *ts, int64_t expire_time_ns, bool earlier_only)
{
    AioTimerList *list = ts->list;
    bool is_first = false;
    int64_t old_ns;

    expire_time_ns = MAX(expire_time_ns, 0);
    lock_acquire(&list->lock);
    old_ns = timer_get_time(ts);
    if (!earlier_only || old_ns < 0 || expire_time_ns < old_ns) {
        is_first = list_arm(list, ts, expire_time_ns);
        if (is_first) {
            list_first_is_earlier(list);
        }
    }
    lock_release(&list->lock);
    /* Without the lock, which the loop needs as soon as it is awake. */
    if (is_first) {
        aio_wake_if_armed(list->ctx);
    }
}

void timer_mod_ns(AioTimer *ts, int64_t expire_time)
{
    timer_arm(ts, expire_time, false);
}

void timer_mod_anticipate_ns(AioTimer *ts, int64_t expire_time)
{
    timer_arm(ts, expire_time, true);
}

/* Returns: @time in nanoseconds, or the nearest time that fits */
static int64_t timer_scaled(const AioTimer *ts, int64_t time)
{
    int64_t ns;

    if (__builtin_mul_overflow(time, ts->scale, &ns)) {
        ns = time < 0 ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

void timer_mod(AioTimer *ts, int64_t expire_time)
{
    timer_mod_ns(ts, timer_scaled(ts, expire_time));
}

void timer_mod_anticipate(AioTimer *ts, int64_t expire_time)
{
    timer_mod_anticipate_ns(ts, timer_scaled(ts, expire_time));
}

void timer_del(AioTimer *ts)
{
    AioTimerList *list = ts->list;

    lock_acquire(&list->lock);
    if (ts->slot) {
        bool was_first = list_is_first(list, ts->slot);

        timer_list_disarm(list, ts);
        /* The loop is not woken up: it finds no expired timer and sleeps on. */
        if (was_first) {
            timer_list_first_is_later(list);
        }
    }
    lock_release(&list->lock);
}

/* ---- Querying timers ---- */

bool timer_pending(const AioTimer *ts)
{
    return timer_get_time(ts) >= 0;
}

int64_t timer_expire_time_ns(const AioTimer *ts)
{
    return timer_get_time(ts);
}

bool timer_expired(const AioTimer *ts, int64_t current_time)
{
    int64_t expire_ns = ts ? timer_get_time(ts) : -1;

    return expire_ns >= 0 && expire_ns <= timer_scaled(ts, current_time);
}

int timeout_ns_to_ms(int64_t ns)
{
    if (ns < 0) {
        return -1;
    }
    return MIN(ns / SCALE_MS + (ns % SCALE_MS != 0), INT32_MAX);
}
