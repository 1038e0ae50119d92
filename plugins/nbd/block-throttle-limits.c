/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request that costs more than a bucket holds passes when the bucket is
 * empty.  The level is then above the burst, so the next request waits until
 * the rate is kept on average.
 */
#include "block-throttle-limits-internal.h"

#include <glib.h>

#define DEFAULT_BURST_SECONDS 0.1
#define MAX_WAIT_SECONDS 1e9

void throttle_bucket_set(ThrottleBucket *bucket, uint64_t rate,
                         uint64_t burst)
{
    bucket->rate = rate;
    bucket->burst = burst > 0 ? burst : rate * DEFAULT_BURST_SECONDS;
    bucket->burst = MAX(bucket->burst, 1);
}

/* A bucket without a limit forgets what has passed. */
static void bucket_change(ThrottleBucket *bucket, const ThrottleBucket *to)
{
    bucket->rate = to->rate;
    bucket->burst = to->burst;
    if (bucket->rate == 0) {
        bucket->level = 0;
    }
}

void throttle_limits_change(ThrottleLimits *limits, const ThrottleLimits *to)
{
    for (int i = 0; i < THROTTLE_DIRECTION__MAX; i++) {
        bucket_change(&limits->requests[i], &to->requests[i]);
        bucket_change(&limits->bytes[i], &to->bytes[i]);
    }
}

static void bucket_leak(ThrottleBucket *bucket, double seconds)
{
    bucket->level = MAX(bucket->level - bucket->rate * seconds, 0);
}

/* Returns: seconds until @cost fits */
static double bucket_get_wait(const ThrottleBucket *bucket, double cost)
{
    double excess = bucket->level + cost - MAX(bucket->burst, cost);

    return bucket->rate > 0 && excess > 0 ? excess / bucket->rate : 0;
}

static void bucket_charge(ThrottleBucket *bucket, double cost)
{
    if (bucket->rate > 0) {
        bucket->level += cost;
    }
}

void throttle_limits_leak(ThrottleLimits *limits, int64_t now_ns)
{
    double seconds = MAX(now_ns - limits->last_ns, 0) / 1e9;

    limits->last_ns = now_ns;
    for (int i = 0; i < THROTTLE_DIRECTION__MAX; i++) {
        bucket_leak(&limits->requests[i], seconds);
        bucket_leak(&limits->bytes[i], seconds);
    }
}

static double get_wait(const ThrottleLimits *limits,
                       ThrottleDirection direction, int64_t size_bytes)
{
    return MAX(bucket_get_wait(&limits->requests[direction], 1),
               bucket_get_wait(&limits->bytes[direction], size_bytes));
}

int64_t throttle_limits_get_wait(const ThrottleLimits *limits,
                                 ThrottleDirection direction,
                                 int64_t size_bytes, bool *of_total)
{
    double total = get_wait(limits, THROTTLE_TOTAL, size_bytes);
    double wait = MAX(get_wait(limits, direction, size_bytes), total);

    *of_total = total > 0;
    /* One more, so that a timer does not expire just before. */
    return wait > 0 ? (int64_t)(MIN(wait, MAX_WAIT_SECONDS) * 1e9) + 1 : 0;
}

void throttle_limits_charge(ThrottleLimits *limits,
                            ThrottleDirection direction, int64_t size_bytes)
{
    bucket_charge(&limits->requests[direction], 1);
    bucket_charge(&limits->requests[THROTTLE_TOTAL], 1);
    bucket_charge(&limits->bytes[direction], size_bytes);
    bucket_charge(&limits->bytes[THROTTLE_TOTAL], size_bytes);
}

bool throttle_limits_any(const ThrottleLimits *limits)
{
    for (int i = 0; i < THROTTLE_DIRECTION__MAX; i++) {
        if (limits->requests[i].rate > 0 || limits->bytes[i].rate > 0) {
            return true;
        }
    }
    return false;
}
