/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling: how long.
 *
 * How long to look is learned, one time for the context, from what the waits
 * took so far, however they ended.  Their weighted mean says whether polling
 * pays at all: a mean beyond poll-max-ns says no.  Else the time grows when a
 * wait outlasted it, and comes down to a multiple of the mean, which leaves
 * room for jitter.  A single long wait counts for twice poll-max-ns at
 * most, or it would take hundreds of short ones to be forgotten.  While the
 * time is 0 a wait costs two looks at the clock and nothing else.
 *
 * A wait in which the loop sleeps contains the time that it takes to wake up,
 * which is often longer than all the rest when somebody answers what the
 * callbacks sent.  So, once in a long while, a loop that does not poll probes
 * whether it should, and after each probe in vain waits twice as long.
 */
#include "aio/context-internal.h"

#define FIRST_NS 4000    /* what the time grows to from 0 */
#define GROW_DEFAULT 2
#define WEIGHT_DEFAULT 3
#define MARGIN 8         /* times the mean is long enough */
#define OUTLIER 2        /* times poll-max-ns is the most that a wait counts */

#define PROBE_NS 50000   /* how long a probe polls at most */
#define PROBE_FIRST 4    /* waits from giving up to a probe, */
#define PROBE_LAST 4096  /* and the most it comes to */
#define PROVEN 64        /* waits found by polling start that over */

static int64_t saturating_mul(int64_t a, int64_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* Other parameters: forget what was learned. */
void aio_busy_poll_take_params(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;
    int64_t weight;

    atomic_store(&ctx->params.poll_changed, false);
    lock_take(&ctx->params.lock);
    bp->max_ns = atomic_load(&ctx->params.poll_max_ns);
    bp->grow = atomic_load(&ctx->params.poll_grow);
    bp->shrink = atomic_load(&ctx->params.poll_shrink);
    weight = atomic_load(&ctx->params.poll_weight);
    lock_leave(&ctx->params.lock);
    if (bp->grow == 0) {
        bp->grow = GROW_DEFAULT;
    }
    bp->weight = weight ? weight : WEIGHT_DEFAULT;
    bp->ns = 0;
    bp->mean_ns = -1;
    bp->backoff = PROBE_FIRST;
    bp->waits_until_probe = 0;
    bp->n_found = 0;
}

static int64_t busy_poll_mean(const AioBusyPoll *bp, int64_t wait_ns)
{
    int64_t mean_ns = bp->mean_ns;

    wait_ns = MIN(wait_ns, saturating_mul(bp->max_ns, OUTLIER));
    if (mean_ns < 0) {
        return wait_ns;
    }
    return wait_ns > mean_ns
        ? mean_ns + ((wait_ns - mean_ns) >> bp->weight)
        : mean_ns - ((mean_ns - wait_ns) >> bp->weight);
}

static int64_t busy_poll_grown(const AioBusyPoll *bp)
{
    int64_t ns = bp->ns ? saturating_mul(bp->ns, bp->grow) : FIRST_NS;

    ns = MAX(ns, bp->mean_ns);
    return MIN(ns, bp->max_ns);
}

static int64_t busy_poll_shrunk(const AioBusyPoll *bp, int64_t least_ns)
{
    int64_t ns = bp->shrink ? bp->ns / bp->shrink : 0;

    return MAX(ns, MIN(least_ns, bp->ns));
}

/* Polling does not pay; how many waits until that is check_ticks at again? */
static void busy_poll_schedule_probe(AioBusyPoll *bp)
{
    if (bp->n_found >= PROVEN) {
        bp->backoff = PROBE_FIRST;
    }
    bp->n_found = 0;
    bp->waits_until_probe = bp->backoff;
    bp->backoff = MIN(bp->backoff * 2, PROBE_LAST);
}

static void busy_poll_shrink(AioBusyPoll *bp)
{
    if (bp->window_ns > 0) {
        bp->ns = busy_poll_shrunk(bp, 0);
        if (bp->ns == 0) {
            busy_poll_schedule_probe(bp);
        }
    }
}

void aio_busy_poll_update_ns(AioBusyPoll *bp, int64_t wait_ns)
{
    bool found = bp->window_ns > 0 && wait_ns <= bp->window_ns;
    int64_t enough_ns;

    /* A probe that was right: what was learned while sleeping is void. */
    bp->mean_ns = found && bp->ns == 0 ? wait_ns
                                       : busy_poll_mean(bp, wait_ns);
    bp->n_found += found;
    if (bp->mean_ns > bp->max_ns) {
        busy_poll_shrink(bp);
        return;
    }
    if (!found || bp->ns == 0) {
        bp->ns = busy_poll_grown(bp);
        return;
    }
    enough_ns = saturating_mul(bp->mean_ns, MARGIN);
    enough_ns = MAX(enough_ns, FIRST_NS);
    if (enough_ns < bp->ns) {
        bp->ns = busy_poll_shrunk(bp, enough_ns);
    }
}

/* Returns: how long to poll in this wait */
int64_t aio_busy_poll_window_ns(AioBusyPoll *bp)
{
    if (bp->ns > 0 || bp->mean_ns <= bp->max_ns || bp->waits_until_probe-- > 0) {
        return bp->ns;
    }
    return MIN(bp->max_ns, PROBE_NS);
}
