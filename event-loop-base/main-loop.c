/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object of the main loop.  Only the instance that was completed changes
 * the main context; completing a second one fails first.
 */
#include "event-loop-base/main-loop.h"

/* The object whose parameters the main context has; NULL if there is none. */
static MainLoop *main_loop_instance;

static void main_loop_init(EventLoopBase *base, Error **errp)
{
    AioContext *ctx = aio_get_main_context();

    /* Checked first: a second object must not touch the live loop. */
    if (main_loop_instance) {
        error_setg(errp, "only one main-loop instance allowed");
        return;
    }
    if (!ctx) {
        error_setg(errp, "main-loop needs the main loop to be set up first");
        return;
    }
    if (event_loop_base_apply(base, ctx, errp)) {
        main_loop_instance = MAIN_LOOP(base);
    }
}

/* Also called while the options are set, before complete(). */
static void main_loop_update_params(EventLoopBase *base, Error **errp)
{
    if (main_loop_instance == MAIN_LOOP(base)) {
        event_loop_base_apply(base, aio_get_main_context(), errp);
    }
}

/* As in QEMU, the main loop keeps its object until the program ends. */
static bool main_loop_can_be_deleted(EventLoopBase *base)
{
    return false;
}

/* An object that is not complete has no context, and so no statistics. */
static AioContext *main_loop_get_context(EventLoopBase *base)
{
    return main_loop_instance == MAIN_LOOP(base) ? aio_get_main_context()
                                                 : NULL;
}

static void main_loop_finalize(Object *obj)
{
    if (main_loop_instance == MAIN_LOOP(obj)) {
        main_loop_instance = NULL;
    }
}

static void main_loop_class_init(ObjectClass *klass, const void *data)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_CLASS(klass);

    bc->init = main_loop_init;
    bc->update_params = main_loop_update_params;
    bc->can_be_deleted = main_loop_can_be_deleted;
    bc->get_context = main_loop_get_context;
}

static void main_loop_register_types(void)
{
    static const TypeInfo info = {
        .name = TYPE_MAIN_LOOP,
        .parent = TYPE_EVENT_LOOP_BASE,
        .instance_size = sizeof(MainLoop),
        .instance_finalize = main_loop_finalize,
        .class_init = main_loop_class_init,
    };

    type_register_static(&info);
}

type_init(main_loop_register_types)
