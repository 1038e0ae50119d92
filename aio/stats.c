/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counting, and reading what was counted.
 *
 * The record of the longest callback is several fields, and there are two of
 * it: the home thread fills the one that is not current and then publishes
 * it.  A reader that finds the version unchanged after it has read has seen
 * fields of one record, since the current one is not written to before
 * another one is current.
 *
 * What goes on now has lasted since `since`, which a reader adds to the time
 * that is counted; it reads again when `since` has changed meanwhile.
 *
 * In a row of rounds that find something at once the time is read every few
 * rounds, so what is told of one of them is the mean of those, as long as
 * that is no longer than a moment.
 */
#include "aio/aio-internal.h"
#include "aio/thread-pool-internal.h"

#include <dlfcn.h>
#include <pthread.h>

#define HUNT_MIN 64
#define HUNT_MAX 4096
#define REST 63
#define EXACT 16
#define FOUND_STEP_MAX 16
#define QUICK_TICKS (AIO_TICKS_MOMENT / 32) /* one that is not suspicious, */
#define ROUND_TICKS (AIO_TICKS_MOMENT / 8)  /* and a round with descriptors */
#define SLOW_TICKS (AIO_TICKS_MOMENT / 2)   /* timing it costs 1 in 50 */
#define READ_TRIES 8

/* ---- Ticks ---- */

/* Two readings at one time: when the first context was made. */
static uint64_t first_ticks;
static int64_t first_ns;

static void read_both(void)
{
    first_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    first_ticks = aio_ticks();
}

/* Nanoseconds in a tick, which is the better the longer it all lasts. */
static double ns_per_tick(void)
{
    int64_t ns = clock_get_ns(AIO_CLOCK_REALTIME) - first_ns;
    int64_t ticks = aio_ticks() - first_ticks;

    return ns > 0 && ticks > 0 ? (double)ns / ticks : 1;
}

/* ---- The home thread ---- */

void aio_counters_init(AioCounters *counters)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, read_both);
    counters->hunt = HUNT_MIN;
    counters->hunt_next = HUNT_MIN;
    atomic_init(&counters->longest[0].fd, -1);
}

static AioTime counters_what(uint64_t since)
{
    return since & AIO_TIME_MASK;
}

/* Returns: how long the last one has lasted */
static uint64_t counters_switch(AioCounters *counters, AioTime what,
                                uint64_t now)
{
    uint64_t since = aio_counter_get(&counters->since);
    uint64_t begin = since & ~AIO_TIME_MASK;
    uint64_t ticks = since && now > begin ? now - begin : 0;

    aio_counter_add(&counters->ticks[counters_what(since)], ticks);
    /* After the sum: see read_times(). */
    atomic_store_explicit(&counters->since, (now & ~AIO_TIME_MASK) | what,
                          memory_order_release);
    return ticks;
}

/* Callbacks end here that may not have been timed; usually in @usual_ticks,
 * not counting the longest. */
static void counters_end_inexact(AioCounters *counters, uint64_t now,
                                 uint64_t usual_ticks)
{
    if (counters->exact || counters->mark == 0 || counters->rest > 0 ||
        now - counters->mark <= counters->longest_ticks + usual_ticks) {
        return;
    }
    counters->hunt = counters->hunt_next;
    counters->rest = counters->hunt_next * REST;
    counters->hunt_next = MIN(counters->hunt_next * 2, HUNT_MAX);
}

/* Descriptors are looked at, or it waits. */
static void counters_end_busy(AioCounters *counters, uint64_t now)
{
    uint64_t busy = counters->looked ? now - counters->looked : 0;
    unsigned n = counters->n_found + 1;

    counters_end_inexact(counters, now, counters->n_found * ROUND_TICKS);
    if (busy / n < AIO_TICKS_MOMENT) {
        busy /= n;
    }
    if (busy > aio_counter_get(&counters->longest_busy_ticks)) {
        atomic_store_explicit(&counters->longest_busy_ticks, busy,
                              memory_order_relaxed);
    }
    counters->n_found = 0;
}

/* A round begins. */
static void counters_begin(AioCounters *counters, uint64_t now, bool exact)
{
    counters->exact = exact || counters->hunt > 0 ? EXACT : 0;
    if (counters->hunt > 0) {
        counters->hunt--;
    } else {
        counters->rest -= counters->rest > 0;
    }
    counters->mark = now;
}

void aio_counters_wait(AioCounters *counters, AioTime what)
{
    uint64_t now = aio_ticks();

    if (counters_what(aio_counter_get(&counters->since)) == AIO_TIME_BUSY) {
        counters_end_busy(counters, now);
    }
    counters_switch(counters, what, now);
}

uint64_t aio_counters_wake(AioCounters *counters)
{
    uint64_t now = aio_ticks();
    uint64_t waited = counters_switch(counters, AIO_TIME_BUSY, now);

    counters_begin(counters, now, waited > AIO_TICKS_MOMENT);
    counters->looked = now;
    counters->n_found = 0;
    counters->found_step = 1;
    return waited;
}

void aio_counters_resume(AioCounters *counters)
{
    if (counters_what(aio_counter_get(&counters->since)) == AIO_TIME_BUSY) {
        counters->mark = aio_ticks();
    } else {
        aio_counters_wake(counters);
    }
}

bool aio_counters_row(AioCounters *counters, uint64_t now, unsigned n)
{
    uint64_t ticks = now - counters->mark;

    counters_end_inexact(counters, now, n * QUICK_TICKS);
    counters_begin(counters, now, ticks / SLOW_TICKS >= n);
    return counters->exact > 0;
}

void aio_counters_look(AioCounters *counters, uint64_t now, bool exact)
{
    counters_end_busy(counters, now);
    counters_begin(counters, now, exact);
    counters->looked = now;
}

void aio_counters_glance(AioCounters *counters)
{
    if (counters->hunt > 0) {
        aio_counters_look(counters, aio_ticks(), true);
    } else {
        counters->exact = 0;
        counters->mark = 0;
        counters->looked = 0;
        counters->n_found = 0;
    }
}

void aio_counters_found_slow(AioCounters *counters)
{
    uint64_t now = aio_ticks();
    uint64_t ticks = now - counters->looked;
    bool slow = ticks / SLOW_TICKS >= counters->n_found;

    aio_counters_look(counters, now, slow);
    counters->found_step = counters->exact
        ? 1 : MIN(counters->found_step * 2, FOUND_STEP_MAX);
}

static void counters_set_longest(AioCounters *counters, AioCallbackKind kind,
                                 const char *name, void *function, int fd)
{
    unsigned version = atomic_load_explicit(&counters->version,
                                            memory_order_relaxed) + 1;
    AioLongest *longest = &counters->longest[version % 2];

    atomic_store_explicit(&longest->ticks, counters->longest_ticks,
                          memory_order_release);
    atomic_store_explicit(&longest->kind, kind, memory_order_release);
    atomic_store_explicit(&longest->name, name, memory_order_release);
    atomic_store_explicit(&longest->function, function,
                          memory_order_release);
    atomic_store_explicit(&longest->fd, fd, memory_order_release);
    atomic_store_explicit(&counters->version, version, memory_order_release);
}

void aio_counters_ran(AioCounters *counters, AioCallbackKind kind,
                      const char *name, void *function, int fd)
{
    uint64_t now = aio_ticks();
    uint64_t ticks = now - counters->mark;

    counters->mark = now;
    counters->exact--;
    if (G_UNLIKELY(ticks > counters->longest_ticks)) {
        counters->longest_ticks = ticks;
        counters_set_longest(counters, kind, name, function, fd);
    }
}

/* ---- Any thread ---- */

/* What lasts now is in @ticks too, unless the loop moves on all the time. */
static void read_times(AioContext *ctx, uint64_t ticks[AIO_TIME__MAX])
{
    const AioCounters *counters = &ctx->counters;
    uint64_t since, now;
    unsigned tries = READ_TRIES;

    do {
        since = atomic_load_explicit((AioCounter *)&counters->since,
                                     memory_order_acquire);
        for (unsigned i = 0; i < AIO_TIME__MAX; i++) {
            ticks[i] = atomic_load_explicit(
                (AioCounter *)&counters->ticks[i], memory_order_acquire);
        }
        now = aio_ticks();
    } while (aio_counter_get(&counters->since) != since && --tries > 0);
    if (tries > 0 && since != 0 && now > since) {
        ticks[counters_what(since)] += now - (since & ~AIO_TIME_MASK);
    }
}

/* Returns: false when there was another record meanwhile */
static bool read_longest(AioCounters *counters, double scale, AioStats *stats)
{
    unsigned version = atomic_load_explicit(&counters->version,
                                            memory_order_acquire);
    AioLongest *longest = &counters->longest[version % 2];

    stats->longest_ns = scale * atomic_load_explicit(&longest->ticks,
                                                     memory_order_acquire);
    stats->longest_kind = atomic_load_explicit(&longest->kind,
                                               memory_order_acquire);
    stats->longest_name = atomic_load_explicit(&longest->name,
                                               memory_order_acquire);
    stats->longest_function = atomic_load_explicit(&longest->function,
                                                   memory_order_acquire);
    stats->longest_fd = atomic_load_explicit(&longest->fd,
                                             memory_order_acquire);
    return atomic_load_explicit(&counters->version, memory_order_relaxed) ==
           version;
}

static void read_thread_pool(AioContext *ctx, AioStats *stats)
{
    ThreadPool *pool = atomic_load_explicit(&ctx->thread_pool,
                                            memory_order_acquire);
    uint64_t completed = atomic_load_explicit(&ctx->counters.pool_completed,
                                              memory_order_acquire);

    stats->thread_pool_requests =
        aio_counter_get(&ctx->counters.pool_submitted);
    stats->thread_pool_depth = stats->thread_pool_requests - completed;
    stats->thread_pool_threads =
        pool ? atomic_load_explicit(&pool->n_workers, memory_order_relaxed)
             : 0;
}

void aio_context_get_stats(AioContext *ctx, AioStats *stats)
{
    AioCounters *counters = &ctx->counters;
    double scale = ns_per_tick();
    uint64_t ticks[AIO_TIME__MAX];

    memset(stats, 0, sizeof(*stats));
    stats->iterations = aio_counter_get(&counters->iterations);
    for (unsigned i = 0; i < AIO_WAKE_BY__MAX; i++) {
        stats->wakes[i] = aio_counter_get(&counters->wakes[i]);
    }
    for (unsigned i = 0; i < AIO_CALLBACK__MAX; i++) {
        stats->callbacks[i] = aio_counter_get(&counters->callbacks[i]);
    }
    stats->callbacks[AIO_CALLBACK_BH] +=
        aio_counter_get(&counters->bottom_halves);
    read_times(ctx, ticks);
    stats->polling_ns = scale * ticks[AIO_TIME_POLLING];
    stats->asleep_ns = scale * ticks[AIO_TIME_ASLEEP];
    stats->busy_ns = scale * ticks[AIO_TIME_BUSY];
    stats->longest_busy_ns =
        scale * aio_counter_get(&counters->longest_busy_ticks);
    read_thread_pool(ctx, stats);
    /* Each try again means that a longer one was found, so they are few. */
    while (!read_longest(counters, scale, stats)) {
        continue;
    }
}

/* ---- Names ---- */

char *aio_function_name(void *function)
{
    Dl_info info;
    const char *file;

    if (!dladdr(function, &info)) {
        return g_strdup_printf("%p", function);
    }
    if (info.dli_sname && info.dli_saddr == function) {
        return g_strdup(info.dli_sname);
    }
    file = strrchr(info.dli_fname, '/');
    return g_strdup_printf("%s+0x%zx", file ? file + 1 : info.dli_fname,
                           (size_t)((char *)function -
                                    (char *)info.dli_fbase));
}

char *aio_stats_get_longest_name(const AioStats *stats)
{
    static const char *const what[] = {
        [AIO_CALLBACK_READ] = "read",
        [AIO_CALLBACK_WRITE] = "write",
        [AIO_CALLBACK_POLL] = "poll",
        [AIO_CALLBACK_NOTIFIER] = "notifier",
    };
    g_autofree char *function = NULL;

    switch (stats->longest_kind) {
    case AIO_CALLBACK_NONE:
        return NULL;
    case AIO_CALLBACK_BH:
        return g_strdup_printf("bottom half %s", stats->longest_name);
    case AIO_CALLBACK_TIMER:
        function = aio_function_name(stats->longest_function);
        return g_strdup_printf("timer: %s", function);
    default:
        function = aio_function_name(stats->longest_function);
        return g_strdup_printf("%s of fd %d: %s", what[stats->longest_kind],
                               stats->longest_fd, function);
    }
}
