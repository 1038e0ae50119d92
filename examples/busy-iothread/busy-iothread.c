/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plugin with another way to run an iothread: the loop does not sleep.
 *
 * The class derives from iothread, so its objects can be used wherever an
 * iothread can: by links, query-iothreads and iothread_by_id().  The schema,
 * busy-iothread.json, describes the class and the command; code is generated
 * from it.
 *
 *     qom run -plugin ./busy-iothread.so -object busy-iothread,id=b
 *
 * The main thread sets the property.  The loop's thread reads an atomic copy of
 * the value, and counts in atomic variables that any thread may read.
 */
#include "iothread/iothread-type.h"
#include "qom/plugin.h"

#include "qapi-commands-busy-iothread.h"
#include "qapi-types-busy-iothread.h"

#include <stdatomic.h>

QOM_PLUGIN()

#define TYPE_BUSY_IOTHREAD "busy-iothread"
OBJECT_DECLARE_SIMPLE_TYPE(BusyIOThread, BUSY_IOTHREAD)

struct BusyIOThread {
    IOThread parent_obj;

    int64_t idle_max;

    _Atomic int64_t limit; /* copy of idle_max for the loop's thread */
    int64_t n_idle; /* iterations without work; for the loop's thread alone */
    atomic_ullong iterations;
    atomic_ullong idle_iterations;
    atomic_ullong sleeps;
};

#include "qapi-classes-busy-iothread.h"

OBJECT_DEFINE_SIMPLE_TYPE(BusyIOThread, busy_iothread, BUSY_IOTHREAD,
                          IOTHREAD)

/* ---- The loop ---- */

/* Only the loop's thread writes the counters, so a plain addition is enough. */
static void count(atomic_ullong *counter)
{
    atomic_store_explicit(
        counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
        memory_order_relaxed);
}

static bool wants_sleep(BusyIOThread *busy)
{
    int64_t limit = atomic_load_explicit(&busy->limit, memory_order_relaxed);

    return limit && busy->n_idle >= limit;
}

static void busy_iothread_iterate(IOThread *iothread)
{
    BusyIOThread *busy = BUSY_IOTHREAD(iothread);
    AioContext *ctx = iothread_get_aio_context(iothread);
    bool progress;

    count(&busy->iterations);
    if (wants_sleep(busy)) {
        count(&busy->sleeps);
        aio_poll(ctx, true);
        busy->n_idle = 0;
        return;
    }
    progress = aio_poll(ctx, false);
    busy->n_idle = progress ? 0 : busy->n_idle + 1;
    if (!progress) {
        count(&busy->idle_iterations);
    }
}

/* ---- The class ---- */

static EventLoopBaseClass *parent_class;

/* A loop that sleeps reads the new limit when it wakes up. */
static void busy_iothread_update_params(EventLoopBase *base, Error **errp)
{
    ERRP_GUARD();
    BusyIOThread *busy = BUSY_IOTHREAD(base);

    parent_class->update_params(base, errp);
    if (!*errp) {
        atomic_store(&busy->limit, busy->idle_max);
    }
}

static void busy_iothread_start(EventLoopBase *base, Error **errp)
{
    BusyIOThread *busy = BUSY_IOTHREAD(base);

    atomic_store(&busy->limit, busy->idle_max);
    parent_class->init(base, errp);
}

static void busy_iothread_init(Object *obj)
{
}

/* The thread uses fields of this class, so it ends before they are freed. */
static void busy_iothread_finalize(Object *obj)
{
    iothread_stop(IOTHREAD(obj));
}

static void busy_iothread_class_init(ObjectClass *klass, const void *data)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_CLASS(klass);

    parent_class = EVENT_LOOP_BASE_CLASS(object_class_get_parent(klass));
    bc->init = busy_iothread_start;
    bc->update_params = busy_iothread_update_params;
    IOTHREAD_CLASS(klass)->iterate = busy_iothread_iterate;
    object_class_add_properties(klass, busy_iothread_properties);
}

/* ---- The command ---- */

static int query_one(Object *obj, void *opaque)
{
    BusyIOThreadInfoList ***tail = opaque;
    BusyIOThread *busy;
    BusyIOThreadInfo *info;

    if (!object_dynamic_cast(obj, TYPE_BUSY_IOTHREAD)) {
        return 0;
    }
    busy = BUSY_IOTHREAD(obj);
    info = g_new0(BusyIOThreadInfo, 1);
    info->id = iothread_get_id(IOTHREAD(obj));
    info->iterations = atomic_load(&busy->iterations);
    info->idle_iterations = atomic_load(&busy->idle_iterations);
    info->sleeps = atomic_load(&busy->sleeps);
    QAPI_LIST_APPEND(*tail, info);
    return 0;
}

BusyIOThreadInfoList *qmp_query_busy_iothreads(Error **errp)
{
    BusyIOThreadInfoList *list = NULL;
    BusyIOThreadInfoList **tail = &list;

    object_child_foreach(object_get_objects_root(), query_one, &tail);
    return list;
}
