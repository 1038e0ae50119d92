/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Log-linear histograms of times in ticks.
 *
 * The unit is 32 ticks.  The first 16 buckets are one unit wide.  From there
 * on, each power of two has 16 buckets of the same width, so a bucket is at
 * most 6 % wide.  The last bucket also has all longer times.
 *
 * Only context-internal.h includes this header.
 */
#ifndef QOM_AIO_HISTOGRAM_INTERNAL_H
#define QOM_AIO_HISTOGRAM_INTERNAL_H

#include "aio/aio-stats.h"

#include <stdatomic.h>

#define AIO_HISTOGRAM_UNIT_BITS 5
#define AIO_HISTOGRAM_SUB_BITS 4 /* 16 buckets for each power of two */
#define AIO_HISTOGRAM_SUBS (1 << AIO_HISTOGRAM_SUB_BITS)

/* Only the home thread writes the counts; any thread reads. */
typedef struct AioTicksHistogram {
    _Atomic uint64_t counts[AIO_HISTOGRAM_BUCKETS];
} AioTicksHistogram;

static inline unsigned aio_histogram_bucket(uint64_t ticks)
{
    uint64_t units = ticks >> AIO_HISTOGRAM_UNIT_BITS;
    unsigned shift;
    unsigned bucket;

    if (units < AIO_HISTOGRAM_SUBS) {
        return units;
    }
    /* Leaves the highest five bits: 16 to 31. */
    shift = 63 - __builtin_clzll(units) - AIO_HISTOGRAM_SUB_BITS;
    bucket = shift * AIO_HISTOGRAM_SUBS + (units >> shift);
    return bucket < AIO_HISTOGRAM_BUCKETS ? bucket : AIO_HISTOGRAM_BUCKETS - 1;
}

/* Home thread. */
static inline void aio_histogram_add(AioTicksHistogram *histogram,
                                     uint64_t ticks)
{
    _Atomic uint64_t *count =
        &histogram->counts[aio_histogram_bucket(ticks)];

    atomic_store_explicit(
        count, atomic_load_explicit(count, memory_order_relaxed) + 1,
        memory_order_relaxed);
}

/* Copies the counts.  Thread: any */
void aio_histogram_read(AioTicksHistogram *histogram, double ns_per_tick,
                        AioHistogram *copy);

#endif
