/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EventLoopBase: an object with the parameters that all event loops have.
 *
 * The class is abstract and user-creatable.  The class of an event loop derives
 * from it and implements the hooks.  Properties can be set at any time.  If the
 * loop rejects a value, the properties keep their old values.
 *
 * Thread: main
 * Contract: the API of QEMU 10's "system/event-loop-base.h"
 */
#ifndef QOM_EVENT_LOOP_BASE_EVENT_LOOP_BASE_H
#define QOM_EVENT_LOOP_BASE_EVENT_LOOP_BASE_H

#include "aio/aio.h"
#include "aio/timer.h"
#include "qom/object.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_EVENT_LOOP_BASE "event-loop-base"
OBJECT_DECLARE_TYPE(EventLoopBase, EventLoopBaseClass, EVENT_LOOP_BASE)

struct EventLoopBaseClass {
    ObjectClass parent_class;

    /* Creates the loop when all properties are set; sets @errp on failure. */
    void (*init)(EventLoopBase *base, Error **errp);

    /*
     * Applies changed properties to the loop.  It is also called before init,
     * and then has nothing to do.  On failure it sets @errp and leaves the
     * loop as it was.
     */
    void (*update_params)(EventLoopBase *base, Error **errp);

    /* (nullable) Returns false if the loop must not be deleted now. */
    bool (*can_be_deleted)(EventLoopBase *base);

    /* (nullable) Returns the context of the loop, borrowed; NULL before init */
    AioContext *(*get_context)(EventLoopBase *base);
};

struct EventLoopBase {
    Object parent;

    int64_t aio_max_batch;   /* requests; 0: the limit of the I/O engine */
    int64_t thread_pool_min; /* threads */
    int64_t thread_pool_max; /* threads */
    int fd_monitor;          /* FdMonitor */
    int fd_monitor_in_use;   /* FdMonitor; as of the last read */
    struct EventLoopStats *stats; /* as of the last read */
    uint32_t stats_interval;      /* milliseconds; 0: off */
    struct EventLoopHistograms *histograms; /* as of the last read */
    AioTimer *stats_timer; /* (nullable) */
};

/**
 * event_loop_base_apply: applies the parameters to a context
 * @base: the loop, which has the parameters
 * @ctx: the context of the loop
 * @errp: set if a parameter is rejected; @ctx is then as before
 *
 * Returns: true; false with @errp set
 */
bool event_loop_base_apply(EventLoopBase *base, AioContext *ctx,
                           Error **errp);

/**
 * event_loop_base_get_stats: gets the statistics of the loop
 * @base: the loop
 *
 * Returns: (transfer full) the statistics; all are zero before the loop has a
 *          context
 */
struct EventLoopStats *event_loop_base_get_stats(EventLoopBase *base);

QOM_END_DECLS

#endif
