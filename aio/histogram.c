/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading histograms: the times of buckets, and percentiles.
 *
 * Buckets are limited in ticks.  The scale from ticks to nanoseconds is
 * measured while the program runs, so it is part of each copy.
 */
#include "aio/histogram-internal.h"

/* Returns: the ticks at which a bucket begins */
static uint64_t begin_of(unsigned bucket)
{
    uint64_t units = bucket;

    if (bucket >= AIO_HISTOGRAM_SUBS) {
        units = (uint64_t)(AIO_HISTOGRAM_SUBS + bucket % AIO_HISTOGRAM_SUBS)
                << (bucket / AIO_HISTOGRAM_SUBS - 1);
    }
    return units << AIO_HISTOGRAM_UNIT_BITS;
}

void aio_histogram_read(AioTicksHistogram *histogram, double ns_per_tick,
                        AioHistogram *copy)
{
    copy->n = 0;
    copy->ns_per_tick = ns_per_tick;
    for (unsigned i = 0; i < AIO_HISTOGRAM_BUCKETS; i++) {
        copy->counts[i] = atomic_load_explicit(&histogram->counts[i],
                                               memory_order_relaxed);
        copy->n += copy->counts[i];
    }
}

uint64_t aio_histogram_get_limit_ns(const AioHistogram *histogram,
                                    unsigned bucket)
{
    if (bucket >= AIO_HISTOGRAM_BUCKETS - 1) {
        return UINT64_MAX;
    }
    return begin_of(bucket + 1) * histogram->ns_per_tick;
}

/* Within a bucket, times are taken as evenly distributed. */
uint64_t aio_histogram_get_percentile_ns(const AioHistogram *histogram,
                                         double percent)
{
    double rank = histogram->n * percent / 100;
    uint64_t n = 0;

    for (unsigned i = 0; i < AIO_HISTOGRAM_BUCKETS; i++) {
        uint64_t count = histogram->counts[i];

        if (count && n + count >= rank) {
            uint64_t begin = begin_of(i);
            double part = rank > n ? (rank - n) / count : 0;

            return (begin + (begin_of(i + 1) - begin) * part) *
                   histogram->ns_per_tick;
        }
        n += count;
    }
    return 0;
}
