/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The abstract class: rows for the properties, and a bridge from the hooks of
 * the object model to those of a loop.
 */
#include "event-loop-base/event-loop-base.h"
#include "event-loop-base/qapi-classes-event-loop-base.h"
#include "qom/user-creatable.h"

bool event_loop_base_apply(EventLoopBase *base, AioContext *ctx,
                           Error **errp)
{
    if (!aio_context_set_thread_pool_params(ctx, base->thread_pool_min,
                                            base->thread_pool_max, errp)) {
        return false;
    }
    aio_context_set_aio_params(ctx, base->aio_max_batch);
    return true;
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
