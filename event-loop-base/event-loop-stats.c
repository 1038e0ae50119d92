/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The statistics of a context as the structures that the schema defines.
 *
 * With `stats-interval`, a timer of the main loop reports that the property
 * `stats` has changed.  Clients that watch it then get it; without such a
 * client nothing is read.
 */
#include "event-loop-base/event-loop-stats-internal.h"

#include "aio/aio-stats.h"
#include "aio/timer.h"
#include "qapi/error.h"
#include "qom/object-observer.h"

/* ---- Counters and times ---- */

/* Copies counters into the structures that the schema defines. */
static EventLoopWakes *describe_wakes(const AioStats *stats)
{
    EventLoopWakes *wakes = g_new(EventLoopWakes, 1);

    wakes->descriptor = stats->wakes[AIO_WAKE_BY_FD];
    wakes->notification = stats->wakes[AIO_WAKE_BY_NOTIFICATION];
    wakes->timer = stats->wakes[AIO_WAKE_BY_TIMER];
    wakes->other = stats->wakes[AIO_WAKE_BY_OTHER];
    return wakes;
}

static EventLoopCallbacks *describe_callbacks(const AioStats *stats)
{
    EventLoopCallbacks *callbacks = g_new(EventLoopCallbacks, 1);

    callbacks->bottom_half = stats->callbacks[AIO_CALLBACK_BH];
    callbacks->read = stats->callbacks[AIO_CALLBACK_READ];
    callbacks->write = stats->callbacks[AIO_CALLBACK_WRITE];
    callbacks->poll = stats->callbacks[AIO_CALLBACK_POLL];
    callbacks->notifier = stats->callbacks[AIO_CALLBACK_NOTIFIER];
    callbacks->timer = stats->callbacks[AIO_CALLBACK_TIMER];
    return callbacks;
}

/* A bucket has a width, so a percentile in the last one could be longer than
 * the longest time. */
static EventLoopTimes *describe_times(AioContext *ctx, AioHistogramKind kind,
                                      uint64_t max_ns)
{
    EventLoopTimes *times = g_new0(EventLoopTimes, 1);
    AioHistogram histogram;

    /* Before there is a context, there are no times. */
    if (!ctx) {
        return times;
    }
    aio_context_get_histogram(ctx, kind, &histogram);
    times->count = histogram.n;
    times->p50_ns = MIN(max_ns,
                        aio_histogram_get_percentile_ns(&histogram, 50));
    times->p99_ns = MIN(max_ns,
                        aio_histogram_get_percentile_ns(&histogram, 99));
    times->max_ns = max_ns;
    return times;
}

/* The members are those of AioStats, under the names of the schema. */
EventLoopStats *event_loop_base_get_stats(EventLoopBase *base)
{
    EventLoopStats *info = g_new0(EventLoopStats, 1);
    AioContext *ctx = event_loop_base_get_context(base);
    /* Before there is a context, all counters are 0. */
    AioStats stats = { .longest_kind = AIO_CALLBACK_NONE };

    if (ctx) {
        aio_context_get_stats(ctx, &stats);
    }
    info->iterations = stats.iterations;
    info->wakes = describe_wakes(&stats);
    info->callbacks = describe_callbacks(&stats);
    info->polling_ns = stats.polling_ns;
    info->asleep_ns = stats.asleep_ns;
    info->busy_ns = stats.busy_ns;
    info->thread_pool_requests = stats.thread_pool_requests;
    info->thread_pool_depth = stats.thread_pool_depth;
    info->thread_pool_threads = stats.thread_pool_threads;
    info->file_requests = stats.file_requests;
    info->file_bytes = stats.file_bytes;
    info->file_depth = stats.file_depth;
    info->handlers_without_poll = stats.handlers_without_poll;
    info->longest_busy_ns = stats.longest_busy_ns;
    info->longest_callback_ns = stats.longest_ns;
    info->longest_callback = aio_stats_get_longest_name(&stats);
    info->thread_id = stats.thread_id;
    info->cpu_ns = stats.cpu_ns;
    info->lag = describe_times(ctx, AIO_HISTOGRAM_LAG, stats.longest_busy_ns);
    info->callback_time = describe_times(ctx, AIO_HISTOGRAM_CALLBACK,
                                         stats.longest_ns);
    return info;
}

/* ---- Histograms ---- */

/* Counts are cumulative, as in most systems that collect them. */
static EventLoopBucketList *describe_buckets(AioContext *ctx,
                                             AioHistogramKind kind)
{
    EventLoopBucketList *list = NULL;
    EventLoopBucketList **tail = &list;
    AioHistogram histogram;
    uint64_t n = 0;

    aio_context_get_histogram(ctx, kind, &histogram);
    for (unsigned i = 0; i < AIO_HISTOGRAM_BUCKETS; i++) {
        EventLoopBucket *bucket;

        if (!histogram.counts[i]) {
            continue;
        }
        n += histogram.counts[i];
        bucket = g_new(EventLoopBucket, 1);
        bucket->below_ns = aio_histogram_get_limit_ns(&histogram, i);
        bucket->count = n;
        *tail = g_new0(EventLoopBucketList, 1);
        (*tail)->value = bucket;
        tail = &(*tail)->next;
    }
    return list;
}

/* A loop that does not exist yet has no times. */
EventLoopHistograms *event_loop_get_histograms(EventLoopBase *base)
{
    EventLoopHistograms *info = g_new0(EventLoopHistograms, 1);
    AioContext *ctx = event_loop_base_get_context(base);

    if (ctx) {
        info->lag = describe_buckets(ctx, AIO_HISTOGRAM_LAG);
        info->callback = describe_buckets(ctx, AIO_HISTOGRAM_CALLBACK);
    }
    return info;
}

/* ---- Events, for clients that draw or collect ---- */

/* The next report is an interval after this one, however long it takes. */
static void arm(EventLoopBase *base)
{
    timer_mod(base->stats_timer,
              clock_get_ms(AIO_CLOCK_REALTIME) + base->stats_interval);
}

/* A client that has not taken the last event gets one with newer values. */
static void on_interval(void *opaque)
{
    EventLoopBase *base = opaque;

    arm(base);
    object_property_changed(OBJECT(base), "stats");
}

/* A change restarts the interval. */
bool event_loop_set_stats_interval(EventLoopBase *base, Error **errp)
{
    if (!base->stats_interval) {
        g_clear_pointer(&base->stats_timer, timer_free);
        return true;
    }
    if (!aio_get_main_context()) {
        error_setg(errp, "stats-interval needs the main loop to be set up "
                   "first");
        return false;
    }
    if (!base->stats_timer) {
        base->stats_timer = timer_new(AIO_CLOCK_REALTIME, SCALE_MS,
                                      on_interval, base);
    }
    arm(base);
    return true;
}
