/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A source that implements the iothread itself, as QEMU's did in 2017 (2.11),
 * 2019 (4.1) and 2022 (7.2), with the functions that QEMU's other sources call.
 * The library has functions of the same names.
 *
 * After "helpers" was set to a number, the object creates that many private
 * iothreads when it is completed; a bottom half in each of them increments
 * "heard". "peers" is the number of iothreads of this type that users have
 * created.
 */
#include "qemu/osdep.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "qemu/module.h"
#include "block/aio.h"
#include "block/block.h"
#include "sysemu/iothread.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#if QOM_COMPAT_QEMU < 212
#include "qmp-commands.h"
#else
#include "qapi/qapi-commands-misc.h"
#endif
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"

#if QOM_COMPAT_QEMU < 502
#define atomic_of_time(verb) atomic_##verb
#else
#define atomic_of_time(verb) qatomic_##verb
#endif

/* The fields of IOThread that no QEMU ever had. */
typedef struct OwnIOThread {
    IOThread parent_obj;
    int64_t helpers;
    int heard; /* atomic */
} OwnIOThread;

#define OWN_IOTHREAD(obj) OBJECT_CHECK(OwnIOThread, (obj), TYPE_IOTHREAD)

static __thread IOThread *own_iothread;

AioContext *qemu_get_current_aio_context(void)
{
    return own_iothread ? own_iothread->ctx : qemu_get_aio_context();
}

bool qemu_in_iothread(void)
{
    return own_iothread != NULL;
}

/* ---- In the thread ---- */

static void *iothread_run(void *opaque)
{
    IOThread *iothread = opaque;

    rcu_register_thread();
    own_iothread = iothread;
    iothread->thread_id = qemu_get_thread_id();
    iothread->running = true;
    qemu_sem_post(&iothread->init_done_sem);
    while (iothread->running) {
        aio_poll(iothread_get_aio_context(iothread), true);
    }
    rcu_unregister_thread();
    return NULL;
}

static void iothread_stop_bh(void *opaque)
{
    ((IOThread *)opaque)->running = false;
}

static void iothread_hear(void *opaque)
{
    OwnIOThread *own = opaque;

    g_assert(qemu_in_iothread());
    atomic_of_time(inc)(&own->heard);
}

/* ---- Start and stop ---- */

static void iothread_start(IOThread *iothread, Error **errp)
{
    g_autofree char *name = iothread_get_id(iothread);

    iothread->ctx = aio_context_new(errp);
    if (!iothread->ctx) {
        return;
    }
    qemu_thread_create(&iothread->thread, name, iothread_run, iothread,
                       QEMU_THREAD_JOINABLE);
    qemu_sem_wait(&iothread->init_done_sem);
}

static void iothread_use_helper(OwnIOThread *own, int i)
{
    g_autofree char *id = g_strdup_printf("helper%d", i);
    IOThread *helper = iothread_create(id, &error_abort);
    g_autofree char *found = iothread_get_id(helper);

    g_assert_cmpstr(found, ==, id);
    aio_bh_schedule_oneshot(iothread_get_aio_context(helper), iothread_hear,
                            own);
    iothread_stop(helper);
    iothread_destroy(helper);
}

static void iothread_start_all(IOThread *iothread, Error **errp)
{
    OwnIOThread *own = OWN_IOTHREAD(iothread);

    iothread_start(iothread, errp);
    for (int i = 0; iothread->ctx && i < own->helpers; i++) {
        iothread_use_helper(own, i);
    }
}

void iothread_stop(IOThread *iothread)
{
    if (!iothread->ctx || iothread->stopping) {
        return;
    }
    iothread->stopping = true;
    aio_bh_schedule_oneshot(iothread->ctx, iothread_stop_bh, iothread);
    qemu_thread_join(&iothread->thread);
}

#if QOM_COMPAT_QEMU < 701
static void iothread_complete(UserCreatable *uc, Error **errp)
{
    iothread_start_all(IOTHREAD(uc), errp);
}
#else
static void iothread_init(EventLoopBase *base, Error **errp)
{
    iothread_start_all(IOTHREAD(base), errp);
}
#endif

/* ---- The object ---- */

static void iothread_get_helpers(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    visit_type_int(v, name, &OWN_IOTHREAD(obj)->helpers, errp);
}

static void iothread_get_heard(Object *obj, Visitor *v, const char *name,
                               void *opaque, Error **errp)
{
    int64_t heard = atomic_of_time(read)(&OWN_IOTHREAD(obj)->heard);

    visit_type_int(v, name, &heard, errp);
}

static void iothread_get_peers(Object *obj, Visitor *v, const char *name,
                               void *opaque, Error **errp)
{
    IOThreadInfoList *list = qmp_query_iothreads(&error_abort);
    int64_t n = 0;

    for (IOThreadInfoList *info = list; info; info = info->next) {
        n++;
    }
    qapi_free_IOThreadInfoList(list);
    visit_type_int(v, name, &n, errp);
}

static void iothread_instance_init(Object *obj)
{
    qemu_sem_init(&IOTHREAD(obj)->init_done_sem, 0);
}

static void iothread_instance_finalize(Object *obj)
{
    IOThread *iothread = IOTHREAD(obj);

    iothread_stop(iothread);
    if (iothread->ctx) {
        aio_context_unref(iothread->ctx);
    }
    qemu_sem_destroy(&iothread->init_done_sem);
}

#if QOM_COMPAT_QEMU < 501
#define add_property(klass, name, get, set) \
    object_class_property_add((klass), (name), "int", (get), (set), NULL, \
                              NULL, &error_abort)
#else
#define add_property(klass, name, get, set) \
    object_class_property_add((klass), (name), "int", (get), (set), NULL, NULL)
#endif

static void iothread_class_init(ObjectClass *klass, void *data)
{
#if QOM_COMPAT_QEMU < 701
    USER_CREATABLE_CLASS(klass)->complete = iothread_complete;
#else
    EVENT_LOOP_BASE_CLASS(klass)->init = iothread_init;
#endif
    add_property(klass, "helpers", iothread_get_helpers, iothread_get_helpers);
    add_property(klass, "heard", iothread_get_heard, NULL);
    add_property(klass, "peers", iothread_get_peers, NULL);
}

static const TypeInfo iothread_info = {
    .name = TYPE_IOTHREAD,
#if QOM_COMPAT_QEMU < 701
    .parent = TYPE_OBJECT,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
#else
    .parent = TYPE_EVENT_LOOP_BASE,
#endif
    .class_init = iothread_class_init,
    .instance_size = sizeof(OwnIOThread),
    .instance_init = iothread_instance_init,
    .instance_finalize = iothread_instance_finalize,
};

static void iothread_register_types(void)
{
    type_register_static(&iothread_info);
}

type_init(iothread_register_types)

/* ---- For other sources ---- */

char *iothread_get_id(IOThread *iothread)
{
#if QOM_COMPAT_QEMU < 501
    return object_get_canonical_path_component(OBJECT(iothread));
#else
    return g_strdup(object_get_canonical_path_component(OBJECT(iothread)));
#endif
}

AioContext *iothread_get_aio_context(IOThread *iothread)
{
    return iothread->ctx;
}

IOThread *iothread_create(const char *id, Error **errp)
{
    Object *obj = object_new_with_props(TYPE_IOTHREAD,
                                        object_get_internal_root(), id, errp,
                                        NULL);

    return obj ? IOTHREAD(obj) : NULL;
}

void iothread_destroy(IOThread *iothread)
{
    object_unparent(OBJECT(iothread));
}

static int iothread_add_info(Object *obj, void *opaque)
{
    IOThreadInfoList **list = opaque;
    IOThread *iothread =
        (IOThread *)object_dynamic_cast(obj, TYPE_IOTHREAD);

    if (iothread) {
        IOThreadInfoList *head = g_new0(IOThreadInfoList, 1);

        head->value = g_new0(IOThreadInfo, 1);
        head->value->id = iothread_get_id(iothread);
        head->value->thread_id = iothread->thread_id;
        head->next = *list;
        *list = head;
    }
    return 0;
}

IOThreadInfoList *qmp_query_iothreads(Error **errp)
{
    IOThreadInfoList *list = NULL;

    object_child_foreach(object_get_objects_root(), iothread_add_info, &list);
    return list;
}
