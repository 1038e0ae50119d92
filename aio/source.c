/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A context as a GSource.
 *
 * The context owns its source and destroys it when it is freed.  GLib does not
 * call a destroyed source, even if a program still has a reference to it.  A
 * source that keeps its context alive would need a weak pointer back, and
 * g_source_unref() of GLib 2.74 is not safe against a reference that another
 * thread takes from one at the same time.
 *
 * With the monitor epoll GLib polls a single file descriptor, whatever the
 * number of handlers.  GLib cannot wait for io_uring: epoll takes its place
 * before GLib first sleeps, see aio_fdmon_prepare_source().
 *
 * Between prepare and check GLib sleeps for the loop, so the context is armed
 * in between, as in a blocking aio_poll().
 */
#include "aio/context-internal.h"

typedef struct AioGSource {
    GSource source;
    AioContext *ctx;
    bool is_polled; /* the monitor has told it what to poll; home thread */
} AioGSource;

static AioContext *source_ctx(GSource *source)
{
    return ((AioGSource *)source)->ctx;
}

/* GLib sleeps without polling busily first. */
static bool aio_source_stop_polling(AioContext *ctx)
{
    bool found;

    ctx->iteration.walk_depth++;
    found = aio_busy_poll_stop(ctx);
    ctx->iteration.walk_depth--;
    return found;
}

/*
 * Only now, not when the source was created: another thread may still have been
 * attaching it to its GMainContext, which takes no lock against that.
 */
static void aio_source_prepare_monitor(AioContext *ctx, AioGSource *source)
{
    aio_fdmon_prepare_source(ctx);
    if (!source->is_polled) {
        lock_acquire(&ctx->handlers.lock);
        ctx->monitor.ops->source_attach(ctx, &source->source);
        source->is_polled = true;
        lock_release(&ctx->handlers.lock);
    }
    if (ctx->monitor.ops->source_prepare) {
        ctx->iteration.walk_depth++;
        ctx->monitor.ops->source_prepare(ctx);
        ctx->iteration.walk_depth--;
    }
}

static gboolean aio_source_prepare(GSource *source, gint *timeout_ms)
{
    AioContext *ctx = source_ctx(source);

    aio_assert_may_run(ctx);
    if (aio_source_stop_polling(ctx)) {
        *timeout_ms = 0;
        return TRUE;
    }
    aio_find_closed_fds_if_due(ctx);
    ctx->source.is_armed = true;
    *timeout_ms = timeout_ns_to_ms(aio_arm(ctx, AIO_WAKE_ARMED));
    /* Armed first: who changes a handler from now on wakes us up. */
    aio_source_prepare_monitor(ctx, (AioGSource *)source);
    if (!queue_is_empty(&ctx->iteration.ready)) {
        *timeout_ms = 0;
    }
    ctx->source.may_wait = *timeout_ms != 0;
    aio_counters_begin_wait(&ctx->counters, AIO_TIME_ASLEEP, aio_ticks());
    return !ctx->source.may_wait;
}

static gboolean aio_source_check(GSource *source)
{
    AioContext *ctx = source_ctx(source);
    bool notified;

    ctx->source.is_armed = false;
    aio_counters_end_wait(&ctx->counters, aio_ticks());
    notified = aio_disarm(ctx);
    if (ctx->monitor.ops->source_check) {
        ctx->iteration.walk_depth++;
        ctx->monitor.ops->source_check(ctx);
        ctx->iteration.walk_depth--;
    }
    if (ctx->source.may_wait) {
        aio_count_wake(ctx, notified);
    }
    return !queue_is_empty(&ctx->iteration.ready) || aio_bh_timeout(ctx) >= 0 ||
           (aio_has_timers(ctx) &&
            timer_list_group_deadline_ns(ctx->timers) == 0);
}

static gboolean aio_source_dispatch(GSource *source, GSourceFunc callback,
                                    gpointer user_data)
{
    AioContext *ctx = source_ctx(source);

    aio_counters_begin_dispatch(&ctx->counters, aio_ticks());
    aio_dispatch_timed(ctx);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs aio_source_funcs = {
    .prepare = aio_source_prepare,
    .check = aio_source_check,
    .dispatch = aio_source_dispatch,
};

static GSource *aio_source_new(AioContext *ctx)
{
    GSource *source = g_source_new(&aio_source_funcs, sizeof(AioGSource));

    ((AioGSource *)source)->ctx = ctx;
    g_source_set_can_recurse(source, TRUE);
    g_source_set_static_name(source, "aio-context");
    return source;
}

static bool aio_has_live_source(AioContext *ctx)
{
    return ctx->source.gsource && !g_source_is_destroyed(ctx->source.gsource);
}

GSource *aio_polled_source(AioContext *ctx)
{
    GSource *source = ctx->source.gsource;

    return aio_has_live_source(ctx) && ((AioGSource *)source)->is_polled
        ? source : NULL;
}

/* Under source.lock. */
static void aio_source_recreate(AioContext *ctx)
{
    GSource *source = aio_source_new(ctx);

    lock_acquire(&ctx->handlers.lock);
    g_clear_pointer(&ctx->source.gsource, g_source_unref);
    ctx->source.gsource = source;
    lock_release(&ctx->handlers.lock);
}

GSource *aio_get_g_source(AioContext *ctx)
{
    GSource *source;

    lock_acquire(&ctx->source.lock);
    if (!aio_has_live_source(ctx)) {
        aio_source_recreate(ctx);
    }
    source = g_source_ref(ctx->source.gsource);
    lock_release(&ctx->source.lock);
    return source;
}

void aio_source_cleanup(AioContext *ctx)
{
    if (ctx->source.gsource) {
        g_source_destroy(ctx->source.gsource);
        g_source_unref(ctx->source.gsource);
        ctx->source.gsource = NULL;
    }
}
