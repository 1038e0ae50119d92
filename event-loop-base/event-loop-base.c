/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The abstract class of event loops: the rows of its properties, and hooks of
 * the object model that call those of the event loop.
 */
#include "event-loop-base/event-loop-base.h"
#include "aio/timer.h"
#include "event-loop-base/event-loop-stats-internal.h"
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

AioContext *event_loop_base_get_context(EventLoopBase *base)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(base);

    return bc->get_context ? bc->get_context(base) : NULL;
}

/* ---- The class ---- */

/*
 * Called before a read-only property is read. Collecting the statistics takes
 * memory, so only their own property does it.
 */
static void event_loop_base_refresh(Object *obj, const PropertyRow *row)
{
    EventLoopBase *base = EVENT_LOOP_BASE(obj);
    AioContext *ctx = event_loop_base_get_context(base);

    base->fd_monitor_in_use = ctx
        ? (int)aio_context_get_fd_monitor_in_use(ctx) : FD_MONITOR_AUTO;
    if (row->type == &qapi_type_EventLoopStats) {
        qapi_type_free(&qapi_type_EventLoopStats, &base->stats);
        base->stats = event_loop_base_get_stats(base);
    } else if (row->type == &qapi_type_EventLoopHistograms) {
        qapi_type_free(&qapi_type_EventLoopHistograms, &base->histograms);
        base->histograms = event_loop_get_histograms(base);
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
    if (!*errp && object_change_includes(obj, "stats-interval")) {
        event_loop_set_stats_interval(EVENT_LOOP_BASE(obj), errp);
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

static void event_loop_base_finalize(Object *obj)
{
    timer_free(EVENT_LOOP_BASE(obj)->stats_timer);
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
        .instance_finalize = event_loop_base_finalize,
        .class_init = event_loop_base_class_init,
        .abstract = true,
        .interfaces = interfaces,
    };

    type_register_static(&info);
}

type_init(event_loop_base_register_types)
