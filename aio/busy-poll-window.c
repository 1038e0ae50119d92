/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling: how long to poll.
 *
 * The context learns one polling time from the duration of past waits, however
 * they ended.  `mean_ns` is their weighted mean.
 *
 * - If the mean exceeds poll-max-ns, polling is not worth its cost: the polling
 *   time shrinks.
 * - Otherwise, if the wait lasted longer than the polling time, that grows.
 * - Otherwise, if the polling time exceeds MARGIN times the mean, it shrinks
 *   towards that value.  The margin allows for jitter.
 *
 * A wait counts as at most OUTLIER times poll-max-ns.  Without this limit one
 * long wait would outweigh hundreds of short ones.  While the polling time is
 * 0, a wait costs two readings of the clock and nothing else.
 *
 * Probes: a wait in which the loop slept includes the time that it took to wake
 * up.  Two loops that answer each other could stay slow for good, because every
 * wait then includes two wake-ups and looks too long to poll for.  So a loop
 * that does not poll tries one polling window of up to PROBE_NS after
 * PROBE_FIRST waits.  Each probe that finds nothing doubles the number of waits
 * until the next one, up to PROBE_LAST.
 *
 * A shared CPU: if the thread that the loop waits for can only run on the CPU
 * of the loop, polling keeps that thread from running.  Its work then comes
 * right after each window, however long that is.  After 8 windows like this the
 * loop only probes.  A window that finds work counts against half a late one,
 * because some find nothing new: io_uring reports a file descriptor that was
 * read once more.
 */
#include "aio/context-internal.h"

#define FIRST_NS 4000    /* the polling time grows from 0 to this */
#define MARGIN 8         /* the polling time is at most this many means */
#define OUTLIER 2        /* a wait counts as at most this many poll-max-ns */

#define PROBE_NS 50000   /* the longest window of a probe */
#define PROBE_FIRST 4    /* waits until the first probe, */
#define PROBE_LAST 4096  /* and until a later one, at most */
#define PROVEN 64        /* after so many successful waits it is PROBE_FIRST
                            again */

#define LATE_STEP 2      /* a window that work came right after; one that found
                            work counts as -1 */
#define LATE_MAX 16      /* of the sum: polling stops */

static int64_t saturating_mul(int64_t a, int64_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* The parameters have changed: what was learned no longer applies. */
void aio_busy_poll_take_params(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;

    atomic_store(&ctx->params.poll_changed, false);
    lock_acquire(&ctx->params.lock);
    bp->max_ns = atomic_load(&ctx->params.poll_max_ns);
    bp->grow = atomic_load(&ctx->params.poll_grow);
    bp->shrink = atomic_load(&ctx->params.poll_shrink);
    bp->weight = atomic_load(&ctx->params.poll_weight);
    lock_release(&ctx->params.lock);
    bp->ns = 0;
    bp->mean_ns = -1;
    bp->backoff = PROBE_FIRST;
    bp->waits_until_probe = 0;
    bp->n_found = 0;
    bp->late = 0;
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
    return MAX(bp->ns / bp->shrink, MIN(least_ns, bp->ns));
}

/* The polling time is 0 now: polling is not worth its cost. */
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

/* Returns: true if polling delays the work that it waits for */
static bool busy_poll_is_late(const AioBusyPoll *bp)
{
    return bp->late >= LATE_MAX;
}

/* Work came late if the sleep after a window was shorter than the window. */
static void busy_poll_count(AioBusyPoll *bp, int64_t wait_ns, bool found)
{
    if (found) {
        bp->n_found++;
        bp->late = busy_poll_is_late(bp) ? 0 : MAX(bp->late - 1, 0);
    } else if (bp->window_ns > 0 && wait_ns - bp->window_ns < bp->window_ns) {
        bp->late = MIN(bp->late + LATE_STEP, LATE_MAX);
    }
}

/* Switches polling off until a probe finds work. */
static void busy_poll_leave_to_probes(AioBusyPoll *bp)
{
    if (bp->window_ns > 0) {
        bp->ns = 0;
        busy_poll_schedule_probe(bp);
    }
}

void aio_busy_poll_update_ns(AioBusyPoll *bp, int64_t wait_ns)
{
    bool found = bp->window_ns > 0 && wait_ns <= bp->window_ns;
    int64_t enough_ns;

    /* A successful probe.  The mean so far includes the time to wake up, so it
     * says nothing about polling. */
    bp->mean_ns = found && bp->ns == 0 ? wait_ns
                                       : busy_poll_mean(bp, wait_ns);
    busy_poll_count(bp, wait_ns, found);
    if (busy_poll_is_late(bp)) {
        busy_poll_leave_to_probes(bp);
        return;
    }
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

int64_t aio_busy_poll_window_ns(AioBusyPoll *bp)
{
    bool may_grow = bp->mean_ns <= bp->max_ns && !busy_poll_is_late(bp);

    if (bp->ns > 0 || may_grow || bp->waits_until_probe-- > 0) {
        return bp->ns;
    }
    return MIN(bp->max_ns, PROBE_NS);
}
