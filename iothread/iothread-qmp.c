/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * query-iothreads: visits the children of /objects, in order of creation.
 */
#include "iothread/iothread-internal.h"
#include "iothread/qapi-commands-iothread.h"

/* Appends "PATH.PROPERTY" of a strong link to the iothread. */
static int add_holder(Object *holder, const char *property, void *opaque)
{
    strList ***tail = opaque;
    g_autofree char *path = object_get_canonical_path(holder);

    QAPI_LIST_APPEND(*tail,
                     g_strdup_printf("%s.%s",
                                     path ? path
                                          : object_get_typename(holder),
                                     property));
    return 0;
}

/* Values are read from the properties, so both always agree. */
static int64_t get_int(Object *obj, const char *name)
{
    return object_property_get_int(obj, name, &error_abort);
}

static FdMonitor get_fd_monitor(Object *obj, const char *name)
{
    return object_property_get_enum(obj, name, "FdMonitor", &error_abort);
}

/* Reports what was set, also while the thread has inherited values. */
static void fill_placement(IOThreadInfo *info, const IOThread *iothread)
{
    qapi_type_clone(&qapi_type_uint16List, &info->cpu_affinity,
                    &iothread->cpu_affinity);
    info->sched_policy = iothread->sched_policy;
    info->sched_priority = iothread->sched_priority;
}

/* Appends a child of /objects to the list if it is an iothread. */
static int add_iothread(Object *obj, void *opaque)
{
    IOThreadInfoList ***tail = opaque;
    strList **holders_tail;
    IOThreadInfo *info;

    if (!object_dynamic_cast(obj, TYPE_IOTHREAD)) {
        return 0;
    }
    /* An iothread of C code is not a child of /objects, so it is not listed. */
    info = g_new0(IOThreadInfo, 1);
    info->id = iothread_get_id(IOTHREAD(obj));
    info->thread_id = iothread_get_thread_id(IOTHREAD(obj));
    info->poll_max_ns = get_int(obj, "poll-max-ns");
    info->poll_grow = get_int(obj, "poll-grow");
    info->poll_shrink = get_int(obj, "poll-shrink");
    info->poll_weight = get_int(obj, "poll-weight");
    fill_placement(info, IOTHREAD(obj));
    info->aio_max_batch = get_int(obj, "aio-max-batch");
    info->thread_pool_min = get_int(obj, "thread-pool-min");
    info->thread_pool_max = get_int(obj, "thread-pool-max");
    info->fd_monitor = get_fd_monitor(obj, "fd-monitor");
    info->fd_monitor_in_use = get_fd_monitor(obj, "fd-monitor-in-use");
    info->stats = event_loop_base_get_stats(EVENT_LOOP_BASE(obj));
    /* These objects prevent that the iothread is deleted. */
    holders_tail = &info->holders;
    object_foreach_holder(obj, add_holder, &holders_tail);
    QAPI_LIST_APPEND(*tail, info);
    return 0;
}

IOThreadInfoList *qmp_query_iothreads(Error **errp)
{
    IOThreadInfoList *list = NULL;
    IOThreadInfoList **tail = &list;

    object_child_foreach(object_get_objects_root(), add_iothread, &tail);
    return list;
}
