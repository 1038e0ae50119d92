/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a context, the main context, and parameters.
 *
 * A context owns its parts: fd monitor, handlers, bottom halves, timers.
 * Layers above, such as the thread pool, are attached to it; see attachment.c.
 *
 * Each parameter is atomic, so the loop reads it at no cost.  Parameters that
 * belong together are written, and read back by users, under params.lock.
 */
#include "aio/context-internal.h"
#include "qapi/error.h"
#include "util/debug-list.h"
#include "util/thread.h"

#include <limits.h>

#define THREAD_POOL_MAX_DEFAULT 64

/* A worker that was idle for so long ends, unless it is one of the minimum. */
#define THREAD_POOL_IDLE_NS (10 * NANOSECONDS_PER_SECOND)

/* A handler whose io_poll has found nothing for so long leaves the poll set. */
#define POLL_IDLE_NS (7 * NANOSECONDS_PER_SECOND)

#define POLL_WEIGHT_MAX 63 /* the mean is shifted by it, and has 64 bits */

static _Atomic(AioContext *) main_ctx; /* written by the main thread */

/* For tools/gdb/qom.py. */
static DebugList aio_all_contexts;

/* ---- Life ---- */

/* What is not zero in a new context and cannot fail. */
static void aio_context_init_fields(AioContext *ctx)
{
    atomic_init(&ctx->ref_count, 1);
    aio_counters_init(&ctx->counters);
    aio_fork_init(ctx);
    aio_closed_fds_init(ctx);
    ctx->bhs.last = &ctx->bhs.first;
    atomic_init(&ctx->bh_ring, &bh_null_ring);
    atomic_init(&ctx->params.poll_grow, AIO_POLL_GROW_DEFAULT);
    atomic_init(&ctx->params.poll_shrink, AIO_POLL_SHRINK_DEFAULT);
    atomic_init(&ctx->params.poll_weight, AIO_POLL_WEIGHT_DEFAULT);
    atomic_init(&ctx->params.thread_pool_max, THREAD_POOL_MAX_DEFAULT);
    ctx->params.thread_pool_idle_ns = THREAD_POOL_IDLE_NS;
    ctx->params.poll_idle_ns = POLL_IDLE_NS;
}

AioContext *aio_context_new(Error **errp)
{
    AioContext *ctx = g_aligned_alloc0(1, sizeof(*ctx), AIO_CACHE_LINES);
    int ret;

    aio_context_init_fields(ctx);
    ret = event_notifier_init(&ctx->wake.notifier, 0);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "Cannot create an event notifier");
        g_aligned_free(ctx);
        return NULL;
    }
    aio_handlers_init(ctx);
    if (!aio_fdmon_init(ctx, errp)) {
        event_notifier_cleanup(&ctx->wake.notifier);
        g_aligned_free(ctx);
        return NULL;
    }
    debug_list_add(&aio_all_contexts, &ctx->link);
    return ctx;
}

void aio_context_ref(AioContext *ctx)
{
    atomic_fetch_add_explicit(&ctx->ref_count, 1, memory_order_relaxed);
}

void aio_context_unref(AioContext *ctx)
{
    if (atomic_fetch_sub_explicit(&ctx->ref_count, 1,
                                  memory_order_acq_rel) != 1) {
        return;
    }
    /* In a child process the memory is not freed, see fork.c. */
    if (aio_is_inherited(ctx)) {
        aio_close_inherited(ctx);
        return;
    }
    debug_list_remove(&ctx->link);
    /* The layers above use what is below, so they come first. */
    aio_attachments_free(&ctx->attachments);
    aio_context_lock_cleanup(ctx);
    aio_source_cleanup(ctx);
    /* Now that the layers have deleted theirs, none may be scheduled. */
    aio_bh_cleanup(ctx);
    timer_list_group_free(atomic_load(&ctx->timers));
    aio_fdmon_cleanup(ctx);
    aio_handlers_cleanup(ctx);
    event_notifier_cleanup(&ctx->wake.notifier);
    g_aligned_free(ctx);
}

/* The lists are created for the first timer. */
AioTimerListGroup *aio_context_get_timers(AioContext *ctx)
{
    AioTimerListGroup *timers = atomic_load(&ctx->timers);

    if (G_LIKELY(timers)) {
        return timers;
    }
    /* Another thread may create them at the same time. */
    lock_acquire(&ctx->params.lock);
    timers = atomic_load(&ctx->timers);
    if (!timers) {
        timers = timer_list_group_new(ctx);
        atomic_store(&ctx->timers, timers);
    }
    lock_release(&ctx->params.lock);
    return timers;
}

/* ---- The main context ---- */

AioContext *aio_get_main_context(void)
{
    return atomic_load_explicit(&main_ctx, memory_order_acquire);
}

/* Called again it does nothing, except in a child process. */
bool aio_main_context_init(Error **errp)
{
    AioContext *ctx = aio_get_main_context();
    AioContext *inherited;

    if (ctx && !aio_is_inherited(ctx)) {
        aio_assert_home(ctx, G_STRFUNC);
        return true;
    }
    ctx = aio_context_new(errp);
    if (!ctx) {
        return false;
    }
    aio_set_current_context(ctx);
    /* In a child process: the parent's main context, which cannot be used. */
    inherited = atomic_exchange(&main_ctx, ctx);
    if (inherited) {
        aio_context_unref(inherited);
    }
    return true;
}

/* ---- Parameters ---- */

/* The loop copies them before its next wait and forgets what it has learned. */
static void aio_poll_params_changed(AioContext *ctx)
{
    atomic_store(&ctx->params.poll_changed, true);
    aio_notify(ctx);
}

/*
 * 0 becomes the default here, so that the loop and the functions that return
 * the parameters need not know of it.
 */
bool aio_context_set_poll_params(AioContext *ctx, int64_t max_ns,
                                 int64_t grow, int64_t shrink, Error **errp)
{
    if (max_ns < 0 || grow < 0 || shrink < 0) {
        error_setg(errp, "bad poll-max-ns/poll-grow/poll-shrink values");
        return false;
    }
    lock_acquire(&ctx->params.lock);
    atomic_store(&ctx->params.poll_max_ns, max_ns);
    atomic_store(&ctx->params.poll_grow, grow ? grow : AIO_POLL_GROW_DEFAULT);
    atomic_store(&ctx->params.poll_shrink,
                 shrink ? shrink : AIO_POLL_SHRINK_DEFAULT);
    lock_release(&ctx->params.lock);
    aio_poll_params_changed(ctx);
    return true;
}

/* Stores *value in *out unless @out is NULL. */
static void get_param(int64_t *out, _Atomic int64_t *value)
{
    if (out) {
        *out = atomic_load(value);
    }
}

void aio_context_get_poll_params(AioContext *ctx, int64_t *max_ns,
                                 int64_t *grow, int64_t *shrink)
{
    lock_acquire(&ctx->params.lock);
    get_param(max_ns, &ctx->params.poll_max_ns);
    get_param(grow, &ctx->params.poll_grow);
    get_param(shrink, &ctx->params.poll_shrink);
    lock_release(&ctx->params.lock);
}

bool aio_context_set_poll_weight(AioContext *ctx, int64_t weight,
                                 Error **errp)
{
    if (weight < 0 || weight > POLL_WEIGHT_MAX) {
        error_setg(errp, "bad poll-weight value");
        return false;
    }
    atomic_store(&ctx->params.poll_weight,
                 weight ? weight : AIO_POLL_WEIGHT_DEFAULT);
    aio_poll_params_changed(ctx);
    return true;
}

int64_t aio_context_get_poll_weight(AioContext *ctx)
{
    return atomic_load(&ctx->params.poll_weight);
}

/* aio/file reads it for each batch, so no attachment is notified. */
void aio_context_set_aio_params(AioContext *ctx, int64_t max_batch)
{
    atomic_store(&ctx->params.aio_max_batch, max_batch);
    aio_notify(ctx);
}

int64_t aio_context_get_aio_params(AioContext *ctx)
{
    return atomic_load(&ctx->params.aio_max_batch);
}

bool aio_context_set_thread_pool_params(AioContext *ctx, int64_t min,
                                        int64_t max, Error **errp)
{
    if (min < 0 || max < 1 || min > max || max > INT_MAX) {
        error_setg(errp, "bad thread-pool-min/thread-pool-max values");
        return false;
    }
    lock_acquire(&ctx->params.lock);
    atomic_store(&ctx->params.thread_pool_min, min);
    atomic_store(&ctx->params.thread_pool_max, max);
    lock_release(&ctx->params.lock);
    /* The pool creates missing workers or ends those that are too many. */
    aio_attachments_params_changed(&ctx->attachments);
    return true;
}

void aio_context_get_thread_pool_params(AioContext *ctx, int64_t *min,
                                        int64_t *max)
{
    lock_acquire(&ctx->params.lock);
    get_param(min, &ctx->params.thread_pool_min);
    get_param(max, &ctx->params.thread_pool_max);
    lock_release(&ctx->params.lock);
}
