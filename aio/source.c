/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A context as a GSource.
 *
 * The source holds a reference to the context; the context points to the
 * source without one, and forgets it when it is disposed.  With the epoll
 * monitor GLib polls a single descriptor, whatever the number of handlers.
 *
 * Between prepare and check GLib sleeps for us, so the context is armed in
 * between, as in a blocking aio_poll().
 */
#include "aio/aio-internal.h"

typedef struct AioSource {
    GSource source;
    AioContext *ctx;
} AioSource;

static AioContext *source_ctx(GSource *source)
{
    return ((AioSource *)source)->ctx;
}

static gboolean aio_source_prepare(GSource *source, gint *timeout_ms)
{
    AioContext *ctx = source_ctx(source);

    aio_assert_may_run(ctx);
    ctx->source_armed = true;
    if (G_UNLIKELY(atomic_load(&ctx->fdmon_must_change))) {
        aio_change_fdmon(ctx, &fdmon_poll_ops);
    }
    *timeout_ms = timeout_ns_to_ms(aio_arm(ctx));
    return *timeout_ms == 0;
}

static gboolean aio_source_check(GSource *source)
{
    AioContext *ctx = source_ctx(source);

    ctx->source_armed = false;
    aio_disarm(ctx);
    ctx->walking++;
    ctx->fdmon->source_check(ctx);
    ctx->walking--;
    return !queue_is_empty(&ctx->ready) || aio_bh_timeout(ctx) >= 0 ||
           timer_list_group_deadline_ns(&ctx->timers) == 0;
}

static gboolean aio_source_dispatch(GSource *source, GSourceFunc callback,
                                    gpointer user_data)
{
    aio_dispatch(source_ctx(source));
    return G_SOURCE_CONTINUE;
}

static void aio_source_dispose(GSource *source)
{
    AioContext *ctx = source_ctx(source);

    lock_take(&ctx->source_lock);
    lock_take(&ctx->handler_lock);
    if (ctx->source == source) {
        ctx->source = NULL;
    }
    lock_leave(&ctx->handler_lock);
    lock_leave(&ctx->source_lock);
}

static void aio_source_finalize(GSource *source)
{
    aio_context_unref(source_ctx(source));
}

static GSourceFuncs aio_source_funcs = {
    .prepare = aio_source_prepare,
    .check = aio_source_check,
    .dispatch = aio_source_dispatch,
    .finalize = aio_source_finalize,
};

static GSource *aio_source_new(AioContext *ctx)
{
    GSource *source = g_source_new(&aio_source_funcs, sizeof(AioSource));

    aio_context_ref(ctx);
    ((AioSource *)source)->ctx = ctx;
    g_source_set_dispose_function(source, aio_source_dispose);
    g_source_set_can_recurse(source, TRUE);
    g_source_set_static_name(source, "aio-context");
    return source;
}

GSource *aio_get_g_source(AioContext *ctx)
{
    GSource *source;

    lock_take(&ctx->source_lock);
    source = ctx->source;
    if (source) {
        g_source_ref(source);
    } else {
        source = aio_source_new(ctx);
        lock_take(&ctx->handler_lock);
        ctx->source = source;
        ctx->fdmon->source_attach(ctx, source);
        lock_leave(&ctx->handler_lock);
    }
    lock_leave(&ctx->source_lock);
    return source;
}
