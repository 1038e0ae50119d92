/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOThread, for sources that use iothreads, and for QEMU's own iothread.c.
 *
 * The fields are for a source that implements the type itself.  The struct has
 * all fields that any version of QEMU had.  The library's iothreads have
 * another layout, so their users call the functions.
 *
 * -DTYPE_IOTHREAD='"NAME"' names the type of such a source in a program that
 * has both types; all sources that use it are compiled with the same name.
 */
#ifndef QOM_COMPAT_QEMU_IOTHREAD_H
#define QOM_COMPAT_QEMU_IOTHREAD_H

#include "qemu/aio.h"
#include "qemu/thread.h"
#include "qom/object.h"
#include "sysemu/event-loop-base.h"
#include "sysemu/iothread-names.h"

typedef struct IOThread IOThread;

struct IOThread {
#if QOM_COMPAT_QEMU < 701
    Object parent_obj;
#else
    EventLoopBase parent_obj;
#endif

    QemuThread thread;
    AioContext *ctx;
    GOnce once;
    bool run_gcontext;
    GMainContext *worker_context;
    GMainLoop *main_loop;
    QemuMutex init_done_lock;
    QemuCond init_done_cond;
    QemuSemaphore init_done_sem;
    bool stopping;
    bool running;
    int thread_id;

    int64_t poll_max_ns;
    int64_t poll_grow;
    int64_t poll_shrink;
    int64_t poll_weight;
    int64_t aio_max_batch;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(IOThread, object_unref)
DECLARE_INSTANCE_CHECKER(IOThread, IOTHREAD, TYPE_IOTHREAD)

QOM_BEGIN_DECLS

/* As in the library's "iothread/iothread.h", if the library has it. */
char *iothread_get_id(IOThread *iothread);
IOThread *iothread_by_id(const char *id);
AioContext *iothread_get_aio_context(IOThread *iothread);
GMainContext *iothread_get_g_main_context(IOThread *iothread);
#if QOM_COMPAT_QEMU < 212
void iothread_stop_all(void);
#endif
#if QOM_COMPAT_QEMU >= 211
IOThread *iothread_create(const char *id, Error **errp);
void iothread_stop(IOThread *iothread);
void iothread_destroy(IOThread *iothread);
#endif

QOM_END_DECLS

#endif
