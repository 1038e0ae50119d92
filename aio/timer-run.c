/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The timers of a context, one list per clock: when the first one expires, and
 * running those that have expired.
 *
 * `first_ns` is a copy of the first time of a list, so a loop whose timers have
 * not expired takes no lock.  Clocks that never had a timer in this context are
 * skipped.  The times in the heap are lower bounds (timer.c), so
 * list_update_first() corrects the first one before it is used.
 *
 * Disabling a clock waits for its callbacks.  A list sets `running` before it
 * tests whether its clock is enabled; clock_enable() changes the clock first
 * and then reads `running`.
 */
#include "aio/timer-list-internal.h"
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

/* ---- The first timer of a list, under its lock ---- */

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
    timer_list_first_is_later(list);
}

/* Returns: the first timer if it has expired at @now_ns; it is disarmed */
static AioTimer *list_take_expired(AioTimerList *list, int64_t now_ns)
{
    AioTimer *ts = list_update_first(list, now_ns);

    if (ts) {
        timer_list_disarm(list, ts);
    }
    timer_list_first_is_later(list);
    return ts;
}

/* ---- Deadlines ---- */

/* Returns: nanoseconds until the first timer expires; -1 if there is none */
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

/* ---- Running ---- */

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
                                       AIO_CALLBACK_TIMER, (void *)cb, -1);
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
