/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers: one heap per context and clock.
 *
 * Moving a timer to a later time leaves its heap entry where it is.  The entry
 * is moved only when its old time has reached the front of the heap.  Timeouts
 * that are postponed again and again, as most are, therefore cost two stores.
 * The times in the heap are lower bounds; list_update_first() corrects the
 * first one before it is used.
 *
 * `first_ns` is a copy of the first time, so a loop whose timers have not
 * expired takes no lock.  Clocks that never had a timer in this context are
 * skipped.  `first_ns` is stored and the wake word is then read, both
 * sequentially consistent; wake.c explains why.
 *
 * Disabling a clock waits for its callbacks.  A list sets `running` before it
 * tests whether its clock is enabled; clock_enable() changes the clock first
 * and then reads `running`.
 */
#include "aio/timer-heap-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

/* All lists of the process. */
static GMutex clock_mutex;
static GCond clock_idle;
static QueueLink clock_lists = { &clock_lists, &clock_lists };

static atomic_bool clock_disabled[AIO_CLOCK_MAX] = {
    [AIO_CLOCK_VIRTUAL] = true,
};
static atomic_uint clock_waiters; /* threads that disable a clock */

/* ---- One list, under its lock ---- */

/* Copies the time of the heap's first entry with memory order @order. */
static inline void list_publish_first(AioTimerList *list, memory_order order)
{
    const AioTimerEntry *first = timer_heap_first(&list->heap);
    int64_t first_ns = INT64_MAX;
    bool stale = false;

    if (first) {
        first_ns = first->expire_time_ns;
        stale = first->seq != timer_heap_timer(&list->heap, first)->armed_seq;
    }
    atomic_store_explicit(&list->first_is_stale, stale, memory_order_relaxed);
    atomic_store_explicit(&list->first_ns, first_ns, order);
}

/* The first time is later than it was.  A loop that sleeps wakes up too early
 * once, so the store needs no order. */
static void list_first_is_later(AioTimerList *list)
{
    list_publish_first(list, memory_order_relaxed);
}

/* The first time is earlier.  Sequentially consistent: either the loop that
 * arms itself sees it, or the caller sees that the loop is armed. */
static void list_first_is_earlier(AioTimerList *list)
{
    list_publish_first(list, memory_order_seq_cst);
}

static void timer_set_time(AioTimer *ts, int64_t expire_time_ns)
{
    /*
     * Not declared _Atomic, as the header must compile as C++, too.  Relaxed:
     * it is written under the list's lock, and a thread that reads it without
     * the lock gets one of the times that were set.
     */
    atomic_store_explicit((_Atomic int64_t *)&ts->expire_time_ns,
                          expire_time_ns, memory_order_relaxed);
}

static int64_t timer_get_time(const AioTimer *ts)
{
    return atomic_load_explicit((_Atomic int64_t *)&ts->expire_time_ns,
                                memory_order_relaxed);
}

static void list_disarm(AioTimerList *list, AioTimer *ts)
{
    timer_set_time(ts, -1);
    timer_heap_remove(&list->heap, ts);
}

/*
 * Corrects first entries whose timers were moved to a later time, as far as
 * they are due.
 *
 * Returns: the timer that expires first, if that is at @limit_ns or before;
 * otherwise NULL
 */
static AioTimer *list_update_first(AioTimerList *list, int64_t limit_ns)
{
    const AioTimerEntry *first;

    while ((first = timer_heap_first(&list->heap)) != NULL &&
           first->expire_time_ns <= limit_ns) {
        AioTimer *ts = timer_heap_timer(&list->heap, first);

        if (first->seq == ts->armed_seq) {
            return ts;
        }
        timer_heap_update(&list->heap, ts);
    }
    return NULL;
}

/* Makes the heap's first time that of its timer. */
static void list_correct_first(AioTimerList *list)
{
    list_update_first(list, INT64_MAX);
    list_first_is_later(list);
}

/* Returns: the first timer if it has expired at @now_ns; it is disarmed */
static AioTimer *list_take_expired(AioTimerList *list, int64_t now_ns)
{
    AioTimer *ts = list_update_first(list, now_ns);

    if (ts) {
        list_disarm(list, ts);
    }
    list_first_is_later(list);
    return ts;
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

        list_disarm(list, ts);
        /* The loop is not woken up: it finds no expired timer and sleeps on. */
        if (was_first) {
            list_first_is_later(list);
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

/* ---- Groups ---- */

AioTimerListGroup *timer_list_group_new(AioContext *ctx)
{
    AioTimerListGroup *timers = g_new0(AioTimerListGroup, 1);

    g_mutex_lock(&clock_mutex);
    for (unsigned type = 0; type < AIO_CLOCK_MAX; type++) {
        AioTimerList *list = &timers->lists[type];

        list->type = type;
        list->ctx = ctx;
        atomic_init(&list->first_ns, INT64_MAX);
        queue_push(&clock_lists, &list->link);
    }
    g_mutex_unlock(&clock_mutex);
    return timers;
}

void timer_list_group_free(AioTimerListGroup *timers)
{
    if (!timers) {
        return;
    }
    g_mutex_lock(&clock_mutex);
    for (unsigned type = 0; type < AIO_CLOCK_MAX; type++) {
        queue_remove(&timers->lists[type].link);
    }
    g_mutex_unlock(&clock_mutex);

    for (unsigned type = 0; type < AIO_CLOCK_MAX; type++) {
        if (timers->lists[type].heap.n > 0) {
            programming_error("aio_context_unref(): %zu timers of the event "
                              "loop are armed; call timer_del() for each",
                              (size_t)timers->lists[type].heap.n);
        }
        timer_heap_cleanup(&timers->lists[type].heap);
    }
    g_free(timers);
}

static int64_t list_deadline_ns(AioTimerList *list)
{
    int64_t deadline_ns;

    if (atomic_load(&list->first_ns) == INT64_MAX ||
        !clock_is_enabled(list->type)) {
        return -1;
    }
    if (atomic_load_explicit(&list->first_is_stale, memory_order_relaxed)) {
        lock_acquire(&list->lock);
        list_correct_first(list);
        lock_release(&list->lock);
    }
    /* In a variable, because MAX() would evaluate it twice. */
    deadline_ns = atomic_load(&list->first_ns) - clock_get_ns(list->type);
    return MAX(deadline_ns, 0);
}

int64_t timer_list_group_deadline_ns(AioTimerListGroup *timers)
{
    unsigned used = atomic_load(&timers->used);
    int64_t deadline_ns = -1;

    for (; used; used &= used - 1) {
        AioTimerList *list = &timers->lists[__builtin_ctz(used)];

        deadline_ns = soonest_timeout(deadline_ns, list_deadline_ns(list));
    }
    return deadline_ns;
}

/* No callback of the list runs now: wakes threads up that disable its clock. */
static void list_run_ends(AioTimerList *list)
{
    atomic_fetch_sub(&list->running, 1);
    if (atomic_load(&clock_waiters) > 0) {
        g_mutex_lock(&clock_mutex);
        g_cond_broadcast(&clock_idle);
        g_mutex_unlock(&clock_mutex);
    }
}

/*
 * The lock is not held during a callback, which may arm and delete any timer.
 * The time is read once: a timer that a callback arms for a later time waits
 * for the next iteration.
 */
static bool list_run_expired(AioTimerList *list, int64_t now_ns)
{
    bool progress = false;

    aio_count_start(list->ctx);
    while (clock_is_enabled(list->type)) {
        AioTimerCB *cb;
        void *opaque;
        uint64_t begin;
        AioTimer *ts;

        lock_acquire(&list->lock);
        ts = list_take_expired(list, now_ns);
        if (ts) {
            cb = ts->cb;
            opaque = ts->opaque;
        }
        lock_release(&list->lock);
        if (!ts) {
            break;
        }
        /* The callback may free its timer, so nothing is read from it. */
        begin = list->ctx->counters.begin;
        PROBE(callback_begin, cb);
        cb(opaque);
        PROBE(callback_end);
        aio_counters_callback_returned(&list->ctx->counters, begin,
                                       AIO_CALLBACK_TIMER,
                            (void *)cb, -1);
        progress = true;
    }
    return progress;
}

static bool list_run(AioTimerList *list)
{
    int64_t first_ns = atomic_load_explicit(&list->first_ns,
                                            memory_order_acquire);
    int64_t now_ns;
    bool progress;

    if (first_ns == INT64_MAX || !clock_is_enabled(list->type)) {
        return false;
    }
    now_ns = clock_get_ns(list->type);
    if (first_ns > now_ns) {
        return false;
    }
    atomic_fetch_add(&list->running, 1);
    progress = list_run_expired(list, now_ns);
    list_run_ends(list);
    return progress;
}

bool timer_list_group_run(AioTimerListGroup *timers)
{
    unsigned used = atomic_load_explicit(&timers->used,
                                         memory_order_acquire);
    bool progress = false;

    for (; used; used &= used - 1) {
        progress |= list_run(&timers->lists[__builtin_ctz(used)]);
    }
    return progress;
}

/* ---- Clocks ---- */

bool clock_is_enabled(AioClockType type)
{
    return !atomic_load(&clock_disabled[type]);
}

/* Called under clock_mutex: the loops compute their timeouts again. */
static void clock_notify_all(AioClockType type)
{
    QueueLink *link;

    QUEUE_FOREACH(link, &clock_lists) {
        AioTimerList *list = container_of(link, AioTimerList, link);

        if (list->type == type) {
            aio_notify(list->ctx);
        }
    }
}

static bool clock_is_running(AioClockType type)
{
    QueueLink *link;

    QUEUE_FOREACH(link, &clock_lists) {
        AioTimerList *list = container_of(link, AioTimerList, link);

        if (list->type == type && atomic_load(&list->running)) {
            return true;
        }
    }
    return false;
}

void clock_enable(AioClockType type, bool enabled)
{
    g_mutex_lock(&clock_mutex);
    atomic_store(&clock_disabled[type], !enabled);
    if (type == AIO_CLOCK_VIRTUAL) {
        clock_virtual_run(enabled);
    }
    if (enabled) {
        clock_notify_all(type);
    } else {
        atomic_fetch_add(&clock_waiters, 1);
        while (clock_is_running(type)) {
            g_cond_wait(&clock_idle, &clock_mutex);
        }
        atomic_fetch_sub(&clock_waiters, 1);
    }
    g_mutex_unlock(&clock_mutex);
}
