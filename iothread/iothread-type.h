/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOThread from inside, for classes that derive from it: another way to run
 * the loop, with everything else of an iothread as it is.  query-iothreads
 * and links to iothreads take such an object as one.
 *
 * Users of an iothread want "iothread/iothread.h" alone.
 *
 * A derived class has an IOThread as the first member of its instance and an
 * IOThreadClass as the first one of its class, if it has a class structure.
 *
 * Contract: docs/iothread.md, "Other ways to run"
 */
#ifndef QOM_IOTHREAD_IOTHREAD_TYPE_H
#define QOM_IOTHREAD_IOTHREAD_TYPE_H

#include "iothread/iothread.h"
#include "util/macros.h"
#include "util/thread.h"

#include <pthread.h>
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
    sem_t started;   /* posted once thread_id and start_error are there */
    int thread_id;   /* atomic; 0 until the thread has begun */
    bool is_awaited; /* its maker waits for it to start */
    Error *start_error;            /* (nullable) the thread ended with it */
    struct IOThreadPlaced *placed; /* (nullable) see iothread-placement.c */

    bool running; /* the thread's own */

    pthread_mutex_t gcontext_lock;
    bool stopping;          /* under gcontext_lock; nobody runs what comes */
    GMainContext *gcontext; /* under gcontext_lock; set once */
    GMainLoop *gloop;       /* under gcontext_lock; set once */
    bool run_gcontext;      /* the thread's own */
};

struct IOThreadClass {
    EventLoopBaseClass parent_class;

    /**
     * iterate: one turn of the loop
     * @iothread: the calling thread's
     *
     * Called again and again, and does not wait for long for anything but
     * the context's events.  iothread_stop() is a bottom half, so a turn that
     * calls aio_poll(), as does the default with `blocking`, sees it.  Once
     * somebody has asked for the thread's GMainContext, GLib runs the loop and
     * there are no more turns.
     */
    void (*iterate)(IOThread *iothread);
};

QOM_END_DECLS

#endif
