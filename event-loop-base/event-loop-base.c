/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The abstract class of event loops: the rows of its properties, and hooks of
 * the object model that call those of the event loop.
 */
#include "event-loop-base/event-loop-base.h"
#include "aio/aio-stats.h"
#include "event-loop-base/qapi-classes-event-loop-base.h"
#include "qapi/error.h"
#include "qom/user-creatable.h"

/*
 * The schema and aio/ both define the monitors, as neither may include the
 * other; the numbers must agree.
 */
G_STATIC_ASSERT((int)FD_MONITOR_AUTO == AIO_FD_MONITOR_AUTO &&
                (int)FD_MONITOR_POLL == AIO_FD_MONITOR_POLL &&
                (int)FD_MONITOR_EPOLL == AIO_FD_MONITOR_EPOLL &&
                (int)FD_MONITOR_IO_URING == AIO_FD_MONITOR_IO_URING);

/*
 * Two parameters can be rejected.  The limits of the thread pool come first,
 * because setting the old limits again cannot fail.
 */
bool event_loop_base_apply(EventLoopBase *base, AioContext *ctx,
                           Error **errp)
{
    int64_t old_min;
    int64_t old_max;

    aio_context_get_thread_pool_params(ctx, &old_min, &old_max);
    if (!aio_context_set_thread_pool_params(ctx, base->thread_pool_min,
                                            base->thread_pool_max, errp)) {
        return false;
    }
    if (!aio_context_set_fd_monitor(ctx, (AioFdMonitor)base->fd_monitor,
                                    errp)) {
        aio_context_set_thread_pool_params(ctx, old_min, old_max,
                                           &error_abort);
        return false;
    }
    aio_context_set_aio_params(ctx, base->aio_max_batch);
    return true;
}

/* Returns the context; NULL before the object is complete. */
static AioContext *get_context(EventLoopBase *base)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(base);

    return bc->get_context ? bc->get_context(base) : NULL;
}

/* ---- Statistics ---- */

/* Copies counters into the structures that the schema defines. */
static EventLoopWakes *describe_wakes(const AioStats *stats)
{
    EventLoopWakes *wakes = g_new(EventLoopWakes, 1);

    wakes->descriptor = stats->wakes[AIO_WAKE_BY_FD];
    wakes->notification = stats->wakes[AIO_WAKE_BY_NOTIFICATION];
    wakes->timer = stats->wakes[AIO_WAKE_BY_TIMER];
    wakes->other = stats->wakes[AIO_WAKE_BY_OTHER];
    return wakes;
}

static EventLoopCallbacks *describe_callbacks(const AioStats *stats)
{
    EventLoopCallbacks *callbacks = g_new(EventLoopCallbacks, 1);

    callbacks->bottom_half = stats->callbacks[AIO_CALLBACK_BH];
    callbacks->read = stats->callbacks[AIO_CALLBACK_READ];
    callbacks->write = stats->callbacks[AIO_CALLBACK_WRITE];
    callbacks->poll = stats->callbacks[AIO_CALLBACK_POLL];
    callbacks->notifier = stats->callbacks[AIO_CALLBACK_NOTIFIER];
    callbacks->timer = stats->callbacks[AIO_CALLBACK_TIMER];
    return callbacks;
}

EventLoopStats *event_loop_base_get_stats(EventLoopBase *base)
{
    EventLoopStats *info = g_new0(EventLoopStats, 1);
    AioContext *ctx = get_context(base);
    /* Before there is a context, all counters are 0. */
    AioStats stats = { .longest_kind = AIO_CALLBACK_NONE };

    if (ctx) {
        aio_context_get_stats(ctx, &stats);
    }
    info->iterations = stats.iterations;
    info->wakes = describe_wakes(&stats);
    info->callbacks = describe_callbacks(&stats);
    info->polling_ns = stats.polling_ns;
    info->asleep_ns = stats.asleep_ns;
    info->busy_ns = stats.busy_ns;
    info->thread_pool_requests = stats.thread_pool_requests;
    info->thread_pool_depth = stats.thread_pool_depth;
    info->thread_pool_threads = stats.thread_pool_threads;
    info->handlers_without_poll = stats.handlers_without_poll;
    info->longest_busy_ns = stats.longest_busy_ns;
    info->longest_callback_ns = stats.longest_ns;
    info->longest_callback = aio_stats_get_longest_name(&stats);
    return info;
}

/* ---- The class ---- */

/*
 * Called before a read-only property is read. Collecting the statistics takes
 * memory, so only their own property does it.
 */
static void event_loop_base_refresh(Object *obj, const PropertyRow *row)
{
    EventLoopBase *base = EVENT_LOOP_BASE(obj);
    AioContext *ctx = get_context(base);

    base->fd_monitor_in_use = ctx
        ? (int)aio_context_get_fd_monitor_in_use(ctx) : FD_MONITOR_AUTO;
    if (row->type == &qapi_type_EventLoopStats) {
        qapi_type_free(&qapi_type_EventLoopStats, &base->stats);
        base->stats = event_loop_base_get_stats(base);
    }
}

/* The hook of the object model becomes that of QEMU's class. */
static bool event_loop_base_changed(Object *obj, Error **errp)
{
    ERRP_GUARD();
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(obj);

    if (bc->update_params) {
        bc->update_params(EVENT_LOOP_BASE(obj), errp);
    }
    return !*errp;
}

/* init() of the subclass creates the context. */
static void event_loop_base_complete(UserCreatable *uc, Error **errp)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(uc);

    if (bc->init) {
        bc->init(EVENT_LOOP_BASE(uc), errp);
    }
}

/* A class without the hook does not object. */
static bool event_loop_base_can_be_deleted(UserCreatable *uc)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(uc);

    return !bc->can_be_deleted || bc->can_be_deleted(EVENT_LOOP_BASE(uc));
}

static void event_loop_base_class_init(ObjectClass *klass, const void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = event_loop_base_complete;
    ucc->can_be_deleted = event_loop_base_can_be_deleted;
    klass->properties_changed = event_loop_base_changed;
    klass->property_refresh = event_loop_base_refresh;
    object_class_add_properties(klass, event_loop_base_properties);
}

static void event_loop_base_register_types(void)
{
    static const InterfaceInfo interfaces[] = {
        { TYPE_USER_CREATABLE },
        { }
    };
    static const TypeInfo info = {
        .name = TYPE_EVENT_LOOP_BASE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(EventLoopBase),
        .class_size = sizeof(EventLoopBaseClass),
        .class_init = event_loop_base_class_init,
        .abstract = true,
        .interfaces = interfaces,
    };

    type_register_static(&info);
}

type_init(event_loop_base_register_types)
