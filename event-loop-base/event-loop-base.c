/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The abstract class: rows for the properties, and a bridge from the hooks of
 * the object model to those of a loop.
 */
#include "event-loop-base/event-loop-base.h"
#include "event-loop-base/qapi-classes-event-loop-base.h"
#include "qapi/error.h"
#include "qom/user-creatable.h"

G_STATIC_ASSERT((int)FD_MONITOR_AUTO == AIO_FD_MONITOR_AUTO &&
                (int)FD_MONITOR_POLL == AIO_FD_MONITOR_POLL &&
                (int)FD_MONITOR_EPOLL == AIO_FD_MONITOR_EPOLL &&
                (int)FD_MONITOR_IO_URING == AIO_FD_MONITOR_IO_URING);

/* Two may be refused; limits that were good before are good again. */
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

static void event_loop_base_refresh(Object *obj, const PropertyRow *row)
{
    EventLoopBase *base = EVENT_LOOP_BASE(obj);
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(obj);
    AioContext *ctx = bc->get_context ? bc->get_context(base) : NULL;

    base->fd_monitor_in_use = ctx
        ? (int)aio_context_get_fd_monitor_in_use(ctx) : FD_MONITOR_AUTO;
}

static bool event_loop_base_changed(Object *obj, Error **errp)
{
    ERRP_GUARD();
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(obj);

    if (bc->update_params) {
        bc->update_params(EVENT_LOOP_BASE(obj), errp);
    }
    return !*errp;
}

static void event_loop_base_complete(UserCreatable *uc, Error **errp)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(uc);

    if (bc->init) {
        bc->init(EVENT_LOOP_BASE(uc), errp);
    }
}

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
