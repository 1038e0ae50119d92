/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ThrottleLimits: how many requests and bytes may pass in a time.
 *
 * There are six limits: of requests and of bytes, each for reads, for writes
 * and for both together.  A limit is a bucket that leaks at a constant rate.  A
 * request pours its cost into the buckets that concern it, and it may pass if
 * none of them overflows.  The size of a bucket is the burst: what may pass at
 * once after a pause.
 */
#ifndef BLOCK_THROTTLE_LIMITS_INTERNAL_H
#define BLOCK_THROTTLE_LIMITS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ThrottleDirection {
    THROTTLE_READ,
    THROTTLE_WRITE,
    THROTTLE_TOTAL,
    THROTTLE_DIRECTION__MAX,
} ThrottleDirection;

typedef struct ThrottleBucket {
    double rate;  /* units a second; 0: no limit */
    double burst; /* units */
    double level; /* units; more than `burst` after a request that is larger */
} ThrottleBucket;

/* Zero bytes are limits that let everything pass. */
typedef struct ThrottleLimits {
    ThrottleBucket requests[THROTTLE_DIRECTION__MAX];
    ThrottleBucket bytes[THROTTLE_DIRECTION__MAX];
    int64_t last_ns; /* when the buckets leaked last */
} ThrottleLimits;

/* throttle_bucket_set: sets a limit
 * @rate: units a second; 0 for no limit
 * @burst: units; 0 for what passes in a tenth of a second
 */
void throttle_bucket_set(ThrottleBucket *bucket, uint64_t rate,
                         uint64_t burst);

/*
 * throttle_limits_change: takes rates and bursts over from other limits, whose
 * levels do not matter
 */
void throttle_limits_change(ThrottleLimits *limits,
                            const ThrottleLimits *to);

/* throttle_limits_leak: lets the time pass up to @now_ns */
void throttle_limits_leak(ThrottleLimits *limits, int64_t now_ns);

/* throttle_limits_get_wait: when a request may pass
 * @direction: THROTTLE_READ or THROTTLE_WRITE
 * @size_bytes: its cost in bytes
 * @of_total: (out) set to true if a limit for both directions is the reason
 *
 * Returns: time in ns until it may pass, if no other request passes before; 0
 *          if it may pass now
 */
int64_t throttle_limits_get_wait(const ThrottleLimits *limits,
                                 ThrottleDirection direction,
                                 int64_t size_bytes, bool *of_total);

/* throttle_limits_charge: a request passes */
void throttle_limits_charge(ThrottleLimits *limits,
                            ThrottleDirection direction, int64_t size_bytes);

/* throttle_limits_any: returns true if there is a limit at all */
bool throttle_limits_any(const ThrottleLimits *limits);

#endif
