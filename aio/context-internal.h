/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioContext: the states of all modules, and short functions that use several.
 *
 * The members are grouped by the thread that writes them.  The first cache line
 * and the ring hold what any thread writes when it schedules work.  The lines
 * from `bhs` on are written by the home thread alone, so other threads do not
 * evict them while the loop runs.
 */
#ifndef QOM_AIO_CONTEXT_INTERNAL_H
#define QOM_AIO_CONTEXT_INTERNAL_H

#include "aio/attachment-internal.h"
#include "aio/bh-internal.h"
#include "aio/busy-poll-internal.h"
#include "aio/check-internal.h"
#include "aio/closed-fd-internal.h"
#include "aio/fdmon-internal.h"
#include "aio/fork-internal.h"
#include "aio/handler-internal.h"
#include "aio/home-thread-internal.h"
#include "aio/iteration-internal.h"
#include "aio/source-internal.h"
#include "aio/stats-internal.h"
#include "aio/timer-internal.h"
#include "aio/wake-internal.h"

/* Parameters.  They are written under `lock` and read by any thread. */
typedef struct AioParams {
    Lock lock;
    atomic_bool poll_changed; /* the polling window is to be learned again */
    _Atomic int64_t poll_max_ns;
    _Atomic int64_t poll_grow;
    _Atomic int64_t poll_shrink;
    _Atomic int64_t poll_weight;
    _Atomic int64_t aio_max_batch;
    _Atomic int64_t thread_pool_min;
    _Atomic int64_t thread_pool_max;

    /* Constant; tests change them before the first iteration. */
    int64_t thread_pool_idle_ns;
    int64_t poll_idle_ns;
} AioParams;

struct AioContext {
    /* Any thread writes. */
    AioWake wake;
    _Atomic(AioBH *) bh_pending; /* those that do not fit into the ring, newest
                                    first; the home thread takes them all */
    atomic_uint ref_count;

    /* Seldom written; any thread reads. */
    AioParams params;
    _Atomic(struct RFifoLock *) context_lock; /* NULL until used, then
                                                 constant */
    unsigned n_forks; /* constant: of the process when it was created */
    _Atomic(AioBHRing *) bh_ring; /* bh_null_ring until the home thread sets
                                     it, then constant */

    /* The home thread writes. */
    AioBhQueue bhs __attribute__((aligned(AIO_CACHE_LINES)));
    AioHome home;
    AioCounters counters; /* any thread reads */
    AioMonitor monitor;
    AioIteration iteration;
    AioCheck check;
    AioSource source;
    AioClosedFds closed_fds;
    AioBusyPoll busy;

    /* The thread that sets a handler writes. */
    AioHandlers handlers;
    AioNextMonitor next_monitor;

    AioAttachments attachments;

    /* Created when first needed, under params.lock; constant then. */
    _Atomic(AioTimerListGroup *) timers;

    AioReported reported; /* any thread that reads statistics writes */
    QueueLink link; /* in aio_all_contexts; under the lock of debug lists */
};

/* A thread that schedules work finds all that it writes on one line, and the
 * pointer to the ring on another one, which no thread writes. */
G_STATIC_ASSERT(offsetof(AioContext, ref_count) + sizeof(atomic_uint) <=
                AIO_CACHE_LINE);
G_STATIC_ASSERT(offsetof(AioContext, bh_ring) >= AIO_CACHE_LINE &&
                offsetof(AioContext, bh_ring) < offsetof(AioContext, bhs));

/* ---- context-lock.c ---- */

void aio_context_lock_cleanup(AioContext *ctx);

/* ---- Scheduling; any thread ---- */

static inline AioBHRing *aio_bh_ring(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->bh_ring, memory_order_acquire);
}

/* Wakes the loop up if it sleeps, after a sequentially consistent store of
 * something that it will find. */
static inline void aio_wake_if_armed(AioContext *ctx)
{
    if (atomic_load(&ctx->wake.word) & AIO_WAKE_ARMED) {
        aio_notify(ctx);
    }
}

/* The same after a store of less order, which it orders first. */
static inline void aio_wake_if_armed_after_store(AioContext *ctx)
{
#ifdef __SANITIZE_THREAD__
    /* The sanitizer does not know fences. */
    if (atomic_fetch_or(&ctx->wake.word, 0) & AIO_WAKE_ARMED) {
        aio_notify(ctx);
    }
#else
    atomic_thread_fence(memory_order_seq_cst);
    aio_wake_if_armed(ctx);
#endif
}

/*
 * ---- What an iteration can leave out; home thread ----
 *
 * These save most iterations most calls: one that dispatches a file
 * descriptor has neither bottom halves nor timers.
 */

static inline bool aio_has_bh(AioContext *ctx)
{
    return ctx->bhs.first || bh_ring_has(aio_bh_ring(ctx)) ||
           atomic_load_explicit(&ctx->bh_pending, memory_order_acquire);
}

static inline bool aio_has_timers(AioContext *ctx)
{
    AioTimerListGroup *timers = atomic_load(&ctx->timers);

    return timers && atomic_load(&timers->used) != 0;
}

static inline bool aio_has_deleted_handlers(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->handlers.deleted,
                                memory_order_relaxed) != NULL;
}

/* Returns: true if the monitor waits for more than aio_notify() */
static inline bool aio_watches(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->handlers.n_watched,
                                memory_order_relaxed) > 0;
}

/* Checks file descriptors if the bottom halves that are about to run allow no
 * later check.  In a series of them the clock is read once in a while only. */
static inline void aio_check_before_bhs(AioContext *ctx)
{
    AioCheck *check = &ctx->check;

    if (check->bh_series == 0 || ctx->counters.begin != 0 ||
        check->bh_series - check->bh_series_timed >= check->bh_series_step) {
        aio_check_before_bhs_timed(ctx);
    }
}

static inline bool aio_may_busy_poll(AioContext *ctx)
{
    return ctx->busy.max_ns > 0 || ctx->busy.started ||
           atomic_load_explicit(&ctx->params.poll_changed,
                                memory_order_relaxed);
}

/* Returns: true if the last aio_busy_poll() has polled, and not only found work
 * that was there before */
static inline bool aio_busy_poll_has_waited(AioContext *ctx)
{
    return ctx->busy.begin_ns >= 0;
}

/* ---- Monitors; home thread ---- */

/* @node was found ready, for @revents and what it was found for before. */
static inline void aio_handler_ready(AioContext *ctx, AioHandler *node,
                                     unsigned revents)
{
    node->revents |= revents;
    if (!queue_is_linked(&node->ready_link)) {
        queue_push(&ctx->iteration.ready, &node->ready_link);
    }
}

/*
 * The monitor has found the context's notifier set.  An eventfd is not read,
 * see fdmon-epoll.c.  A pipe is read, because it fills up and a write to a
 * full one need not wake the loop up.
 */
static inline void aio_notifier_seen(AioContext *ctx)
{
    if (G_UNLIKELY(event_notifier_get_wfd(&ctx->wake.notifier) !=
                   ctx->handlers.own.fd)) {
        event_notifier_test_and_clear(&ctx->wake.notifier);
    }
}

/* Installs the monitor that was asked for, and passes all changes to it. */
static inline void aio_fdmon_sync(AioContext *ctx)
{
    if (G_UNLIKELY(
            atomic_load_explicit(&ctx->next_monitor.is_pending,
                                 memory_order_relaxed) ||
            (ctx->monitor.thread &&
             ctx->monitor.thread != aio_own_thread_serial) ||
            !fd_changes_is_empty(&ctx->handlers.changes))) {
        aio_fdmon_sync_slow(ctx);
    }
}

/* The same, and the changes take effect now. */
static inline void aio_fdmon_flush(AioContext *ctx)
{
    aio_fdmon_sync(ctx);
    if (ctx->monitor.ops->submit) {
        ctx->monitor.ops->submit(ctx);
    }
}

/* Waits for at most @timeout_ns (0: not at all, -1: without limit) and puts
 * what is ready on the ready list. */
static inline void aio_fdmon_wait(AioContext *ctx, int64_t timeout_ns)
{
    aio_fdmon_sync(ctx);
    ctx->monitor.ops->wait(ctx, timeout_ns);
}

#endif
