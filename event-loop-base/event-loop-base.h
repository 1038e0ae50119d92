/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EventLoopBase: the parameters that every event loop has, as an object.
 *
 * An abstract, user-creatable class; a loop of some kind derives from it and
 * fills the hooks in.  Its properties may be changed at any time; whatever the
 * loop refuses leaves them as they were.
 *
 * Thread: main
 * Contract: the API of QEMU 10's "system/event-loop-base.h"
 */
#ifndef QOM_EVENT_LOOP_BASE_EVENT_LOOP_BASE_H
#define QOM_EVENT_LOOP_BASE_EVENT_LOOP_BASE_H

#include "aio/aio.h"
#include "qom/object.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_EVENT_LOOP_BASE "event-loop-base"
OBJECT_DECLARE_TYPE(EventLoopBase, EventLoopBaseClass, EVENT_LOOP_BASE)

struct EventLoopBaseClass {
    ObjectClass parent_class;

    /* All properties are set: make the loop work; see UserCreatableClass. */
    void (*init)(EventLoopBase *base, Error **errp);

    /* Properties have changed; before init, there is nothing to do. */
    void (*update_params)(EventLoopBase *base, Error **errp);

    /* May the loop be deleted now?  Absent: yes. */
    bool (*can_be_deleted)(EventLoopBase *base);

    /* The loop's context, NULL before init.  Absent: there is none. */
    AioContext *(*get_context)(EventLoopBase *base);
};

struct EventLoopBase {
    Object parent;

    int64_t aio_max_batch;   /* requests; 0: the I/O engine's own limit */
    int64_t thread_pool_min; /* threads */
    int64_t thread_pool_max; /* threads */
    int fd_monitor;          /* FdMonitor */
    int fd_monitor_in_use;   /* FdMonitor; when it was last read */
    struct EventLoopStats *stats; /* when they were last read */
};

/**
 * event_loop_base_apply: give the parameters to a context
 * @base: the loop
 * @ctx: its context
 * @errp: set when they are refused, and then @ctx is as before
 */
bool event_loop_base_apply(EventLoopBase *base, AioContext *ctx,
                           Error **errp);

/**
 * event_loop_base_get_stats: what the loop has done
 * @base: the loop; nothing but zeroes before it was completed
 *
 * Returns: (transfer full)
 */
struct EventLoopStats *event_loop_base_get_stats(EventLoopBase *base);

QOM_END_DECLS

#endif
