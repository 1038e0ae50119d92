/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Updates the counters and reads them.
 *
 * Times: the loop is busy, asleep or polling.  The counter of the state that it
 * is in holds the sum so far minus the time at which the state began, so a
 * reader finds both in one word and adds the present time.
 *
 * The times that a reader gets never decrease.  Three things would make them
 * decrease: the scale from ticks to nanoseconds, which is measured more exactly
 * as time passes; a home thread that is preempted between ending a state and
 * storing that; and time stamp counters of two CPUs that differ.  A reader
 * therefore publishes each time that it returns, and never returns less than
 * was published before.
 *
 * The longest callback is a record of several fields, and there are two copies.
 * The home thread fills the copy that is not current and then publishes it in
 * `version`.  A reader that finds `version` unchanged after reading has read
 * one consistent record, because a current copy is not written to.
 */
#include "aio/context-internal.h"
#include "aio/function-name-internal.h"
#include "util/log.h"
#include "util/thread.h"

#include <pthread.h>

/* Readings that a full budget pays for: a loop that was idle can time this many
 * short callbacks in a row. */
#define BUDGET_READINGS 2048
#define BUDGET_MAX (BUDGET_READINGS * AIO_READ_COST)

/* The scale is measured again until it was measured over this time. */
#define SCALE_FINAL_NS (10 * NANOSECONDS_PER_SECOND)
#define PAIR_TRIES 4

static uint64_t ticks_between(uint64_t begin, uint64_t end)
{
    return end > begin ? end - begin : 0;
}

/* ---- Ticks to nanoseconds ---- */

/* Two clocks, read at about the same time. */
typedef struct ClockPair {
    uint64_t ticks;
    int64_t ns;
} ClockPair;

static ClockPair first_pair; /* when the first context was created */
static _Atomic double final_scale; /* nanoseconds in a tick; 0: not yet */

/* The thread may be preempted between the readings of the two clocks.  Of
 * several tries the shortest one is the best. */
static ClockPair clock_pair_read(void)
{
    ClockPair best = { };
    uint64_t best_ticks = UINT64_MAX;

    for (unsigned i = 0; i < PAIR_TRIES; i++) {
        uint64_t begin = aio_ticks();
        int64_t ns = clock_get_ns(AIO_CLOCK_REALTIME);
        uint64_t ticks = ticks_between(begin, aio_ticks());

        if (ticks < best_ticks) {
            best_ticks = ticks;
            best = (ClockPair) { .ticks = begin + ticks / 2, .ns = ns };
        }
    }
    return best;
}

static void first_pair_read(void)
{
    first_pair = clock_pair_read();
}

static double ns_per_tick(void)
{
    double scale = atomic_load(&final_scale);
    ClockPair now;
    int64_t ns;
    uint64_t ticks;

    if (scale > 0) {
        return scale;
    }
    now = clock_pair_read();
    ns = now.ns - first_pair.ns;
    ticks = ticks_between(first_pair.ticks, now.ticks);
    if (ns <= 0 || ticks == 0) {
        return 0;
    }
    scale = (double)ns / ticks;
    if (ns >= SCALE_FINAL_NS) {
        atomic_store(&final_scale, scale);
    }
    return scale;
}

/* ---- Names ---- */

static char *callback_name(AioCallbackKind kind, const char *name,
                           void *function, int fd)
{
    static const char *const what[] = {
        [AIO_CALLBACK_READ] = "read",
        [AIO_CALLBACK_WRITE] = "write",
        [AIO_CALLBACK_POLL] = "poll",
        [AIO_CALLBACK_NOTIFIER] = "notifier",
    };
    g_autofree char *text = NULL;

    switch (kind) {
    case AIO_CALLBACK_NONE:
        return NULL;
    case AIO_CALLBACK_BH:
        return g_strdup_printf("bottom half %s", name);
    case AIO_CALLBACK_TIMER:
        text = aio_function_name(function);
        return g_strdup_printf("timer: %s", text);
    default:
        text = aio_function_name(function);
        return g_strdup_printf("%s of fd %d: %s", what[kind], fd, text);
    }
}

/* ---- The home thread ---- */

static void clocks_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, first_pair_read);
}

void aio_counters_init(AioCounters *counters)
{
    clocks_init();
    counters->budget = BUDGET_MAX;
    atomic_init(&counters->longest[0].fd, -1);
}

/*
 * The unit is half a tick.  The lowest bit is 1 while the state lasts, so that
 * a reader knows whether to add the present time.  All arithmetic is modulo
 * 2^64, so an intermediate sum may be negative.
 */
static void time_start(AioCounter *time, uint64_t now)
{
    aio_counter_add(time, 1 - 2 * now);
}

static void time_stop(AioCounter *time, uint64_t now)
{
    aio_counter_add(time, 2 * now - 1);
}

/* Returns: for how many ticks the last state lasted */
static uint64_t counters_switch(AioCounters *counters, AioTime what,
                                uint64_t now)
{
    uint64_t ticks = 0;

    if (counters->since != 0) {
        now = MAX(now, counters->since);
        ticks = now - counters->since;
        time_stop(&counters->times[counters->what], now);
    }
    time_start(&counters->times[what], now);
    counters->what = what;
    counters->since = now;
    return ticks;
}

/* The clock was read, which fills the budget by the time since the last
 * reading. */
static void counters_read(AioCounters *counters, uint64_t now)
{
    uint64_t ticks = ticks_between(counters->read, now);

    counters->budget = MIN(counters->budget + MIN(ticks, BUDGET_MAX),
                           BUDGET_MAX);
    counters->read = now;
    counters->n_unread = 0;
}

void aio_counters_start(AioCounters *counters, uint64_t now)
{
    counters_read(counters, now);
    counters->begin = counters->budget >= AIO_READ_COST ? now : 0;
}

/* The loop checks file descriptors, or waits: records the time since it last
 * did if that is the longest one. */
static void counters_end_busy(AioCounters *counters, uint64_t now)
{
    uint64_t busy = ticks_between(counters->check_ticks, now);

    if (counters->check_ticks == 0) {
        return;
    }
    aio_histogram_add(&counters->histograms[AIO_HISTOGRAM_LAG], busy);
    if (busy > aio_counter_get(&counters->longest_busy_ticks)) {
        atomic_store_explicit(&counters->longest_busy_ticks, busy,
                              memory_order_relaxed);
    }
}

void aio_counters_begin_wait(AioCounters *counters, AioTime what, uint64_t now)
{
    if (counters->what == AIO_TIME_BUSY) {
        counters_end_busy(counters, now);
    }
    counters_read(counters, now);
    counters_switch(counters, what, now);
}

uint64_t aio_counters_end_wait(AioCounters *counters, uint64_t now)
{
    counters->check_ticks = now;
    aio_counters_start(counters, now);
    return counters_switch(counters, AIO_TIME_BUSY, now);
}

void aio_counters_begin_dispatch(AioCounters *counters, uint64_t now)
{
    if (counters->what == AIO_TIME_BUSY) {
        aio_counters_start(counters, now);
    } else {
        aio_counters_end_wait(counters, now);
    }
}

void aio_counters_checked(AioCounters *counters, uint64_t now)
{
    counters_end_busy(counters, now);
    counters->check_ticks = now;
    aio_counters_start(counters, now);
}

/* A callback that took @ticks is the longest one so far. */
static void counters_set_longest(AioCounters *counters, uint64_t ticks,
                                 const AioCallback *callback)
{
    unsigned version = atomic_load_explicit(&counters->version,
                                            memory_order_relaxed) + 1;
    AioLongest *longest = &counters->longest[version % 2];
    uint64_t last_ns = aio_counter_get(&counters->longest[1 - version % 2].ns);
    uint64_t ns = ns_per_tick() * ticks;

    counters->longest_ticks = ticks;
    atomic_store_explicit(&longest->ns, MAX(ns, last_ns),
                          memory_order_release);
    atomic_store_explicit(&longest->kind, callback->kind,
                          memory_order_release);
    atomic_store_explicit(&longest->name, callback->name,
                          memory_order_release);
    atomic_store_explicit(&longest->function, callback->function,
                          memory_order_release);
    atomic_store_explicit(&longest->fd, callback->fd, memory_order_release);
    atomic_store_explicit(&counters->version, version, memory_order_release);
}

/* ---- Slow callbacks ---- */

LOG_AREA_DEFINE(aio_stats_log, "aio")

static _Atomic int64_t slow_ns;                  /* 0: none is slow */
static _Atomic uint64_t slow_ticks = UINT64_MAX; /* not more than slow_ns */

void aio_set_slow_callback_ns(int64_t ns)
{
    double scale;

    clocks_init();
    scale = ns_per_tick();
    atomic_store(&slow_ns, ns);
    /* The scale becomes more exact as time passes, so report_slow() decides. */
    atomic_store(&slow_ticks, ns <= 0 ? UINT64_MAX
                              : scale > 0 ? (uint64_t)(ns / scale * 0.9) : 0);
}

/* Home thread. */
static G_GNUC_NO_INLINE void report_slow(uint64_t ticks,
                                         const AioCallback *callback)
{
    int64_t ns = ns_per_tick() * ticks;
    int64_t limit_ns = atomic_load(&slow_ns);

    if (limit_ns > 0 && ns >= limit_ns) {
        g_autofree char *thread = thread_describe(thread_get_id());
        g_autofree char *name = callback_name(callback->kind, callback->name,
                                              callback->function,
                                              callback->fd);

        log_warning(&aio_stats_log, "a callback has blocked its event loop",
                    log_str("callback", name), log_int("us", ns / 1000),
                    log_str("thread", thread));
    }
}

void aio_counters_callback_timed(AioCounters *counters, uint64_t begin,
                                 uint64_t now, const AioCallback *callback)
{
    uint64_t ticks = ticks_between(begin, now);

    counters->budget -= AIO_READ_COST;
    aio_histogram_add(&counters->histograms[AIO_HISTOGRAM_CALLBACK], ticks);
    if (G_UNLIKELY(ticks > counters->longest_ticks)) {
        counters_set_longest(counters, ticks, callback);
        /* Recording takes time, which must not count for the next callback. */
        now = aio_ticks();
    }
    if (G_UNLIKELY(ticks >= atomic_load_explicit(&slow_ticks,
                                                 memory_order_relaxed))) {
        report_slow(ticks, callback);
        now = aio_ticks();
    }
    aio_counters_start(counters, now);
}

/* ---- Any thread ---- */

/* Returns: the larger one of @ns and the largest value reported so far */
static uint64_t report(AioCounter *reported, uint64_t ns)
{
    uint64_t last_ns = atomic_load(reported);

    while (ns > last_ns &&
           !atomic_compare_exchange_weak(reported, &last_ns, ns)) {
        continue;
    }
    return MAX(ns, last_ns);
}

/* The caller has read @now before, so a state that has ended since then is not
 * counted beyond its end. */
static uint64_t read_time(AioContext *ctx, AioTime what, uint64_t now,
                          double scale)
{
    uint64_t time = aio_counter_get(&ctx->counters.times[what]);

    if (time & 1) {
        time += 2 * now - 1;
    }
    /* Negative if it began after @now. */
    return report(&ctx->reported.times[what],
                  (int64_t)time > 0 ? scale * (time / 2) : 0);
}

/* Returns: false if another record was published in the meantime */
static bool read_longest(AioCounters *counters, AioStats *stats)
{
    unsigned version = atomic_load_explicit(&counters->version,
                                            memory_order_acquire);
    AioLongest *longest = &counters->longest[version % 2];

    stats->longest_ns = atomic_load_explicit(&longest->ns,
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

void aio_context_get_stats(AioContext *ctx, AioStats *stats)
{
    AioCounters *counters = &ctx->counters;
    uint64_t now = aio_ticks();
    double scale = ns_per_tick();

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
    stats->polling_ns = read_time(ctx, AIO_TIME_POLLING, now, scale);
    stats->asleep_ns = read_time(ctx, AIO_TIME_ASLEEP, now, scale);
    stats->busy_ns = read_time(ctx, AIO_TIME_BUSY, now, scale);
    stats->thread_id = atomic_load_explicit(&ctx->home.id,
                                            memory_order_relaxed);
    stats->cpu_ns = report(&ctx->reported.cpu,
                           stats->thread_id
                               ? thread_get_cpu_ns(stats->thread_id) : 0);
    stats->longest_busy_ns =
        report(&ctx->reported.longest_busy,
               scale * aio_counter_get(&counters->longest_busy_ticks));
    stats->handlers_without_poll =
        atomic_load_explicit(&ctx->handlers.n_without_poll,
                             memory_order_relaxed);
    aio_attachments_read_stats(&ctx->attachments, stats);
    /* The home thread has found a longer callback between the tries.  That is
     * rare, so the loop ends soon. */
    while (!read_longest(counters, stats)) {
        continue;
    }
}

void aio_context_get_histogram(AioContext *ctx, AioHistogramKind kind,
                               AioHistogram *histogram)
{
    aio_histogram_read(&ctx->counters.histograms[kind], ns_per_tick(),
                       histogram);
}

char *aio_stats_get_longest_name(const AioStats *stats)
{
    return callback_name(stats->longest_kind, stats->longest_name,
                         stats->longest_function, stats->longest_fd);
}
