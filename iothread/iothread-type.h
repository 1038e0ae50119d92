/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The structures of IOThread, for classes that derive from it to run the loop
 * in another way.  query-iothreads and links treat an object of such a class
 * as an iothread.
 *
 * Code that only uses iothreads includes "iothread/iothread.h".
 *
 * The instance structure of a derived class begins with an IOThread.  If the
 * class has a class structure, it begins with an IOThreadClass.
 *
 * Contract: docs/iothread.md, "Other ways to run"
 */
#ifndef QOM_IOTHREAD_IOTHREAD_TYPE_H
#define QOM_IOTHREAD_IOTHREAD_TYPE_H

#include "iothread/iothread.h"
#include "util/atomic.h"
#include "util/macros.h"
#include "util/thread.h"

#include <semaphore.h>

QOM_BEGIN_DECLS

typedef struct IOThreadClass IOThreadClass;
DECLARE_CLASS_CHECKERS(IOThreadClass, IOTHREAD, TYPE_IOTHREAD)

struct IOThread {
    EventLoopBase parent_obj;

    /* private: */
    int64_t poll_max_ns;
    int64_t poll_grow;
    int64_t poll_shrink;
    int64_t poll_weight;
    struct uint16List *cpu_affinity;
    int sched_policy; /* SchedPolicy */
    int64_t sched_priority;

    Thread thread;
    AioContext *ctx; /* NULL until complete */
    sem_t started;   /* posted when thread_id and start_error are set */
    QOM_ATOMIC(int) thread_id; /* 0 until the thread has started */
    bool is_awaited; /* the creating thread waits for it to start */
    Error *start_error;            /* (nullable) why the thread has ended */
    struct IOThreadPlaced *placed; /* (nullable) see iothread-placement.c */

    bool running; /* used only by the thread */

    GMutex gcontext_lock;
    bool stopping;          /* under gcontext_lock; set by iothread_stop() */
    GMainContext *gcontext; /* under gcontext_lock; set once */
    GMainLoop *gloop;       /* under gcontext_lock; set once */
    bool run_gcontext;      /* used only by the thread */
};

struct IOThreadClass {
    EventLoopBaseClass parent_class;

    /**
     * iterate: run one iteration of the loop
     * @iothread: the iothread of the calling thread
     *
     * The thread calls the hook until the iothread is stopped.  The hook must
     * call aio_poll(), because iothread_stop() schedules a bottom half; the
     * default implementation calls it with `blocking`.  The hook must not wait
     * for anything else for long.  It is not called any longer after
     * iothread_get_g_main_context(), because GLib then runs the loop.
     */
    void (*iterate)(IOThread *iothread);
};

QOM_END_DECLS

#endif
