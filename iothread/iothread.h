/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOThread: an event loop in a thread of its own, as an object.
 *
 * Users create one with `-object iothread,id=ID` or object-add.  C code looks
 * it up by its id and schedules work in its AioContext, or creates a private
 * iothread with iothread_create().
 *
 * The thread is named "IO ID".  The kernel keeps the first 15 bytes of it.
 *
 * Thread: main, unless a function says otherwise
 * Contract: the API of QEMU 10's "system/iothread.h"
 */
#ifndef QOM_IOTHREAD_IOTHREAD_H
#define QOM_IOTHREAD_IOTHREAD_H

#include "aio/aio.h"
#include "event-loop-base/event-loop-base.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_IOTHREAD "iothread"
OBJECT_DECLARE_SIMPLE_TYPE(IOThread, IOTHREAD)

/**
 * iothread_create: creates an iothread that users do not see
 * @id: name of the iothread and of its thread; copied
 * @errp: set on failure
 *
 * Returns: (transfer full) the iothread, to be freed with iothread_destroy();
 *          NULL with @errp set
 */
IOThread *iothread_create(const char *id, Error **errp);

/**
 * iothread_destroy: stops the thread of a private iothread, and frees it
 * @iothread: an iothread of iothread_create(); consumed
 */
void iothread_destroy(IOThread *iothread);

/**
 * iothread_by_id: finds an iothread that a user has created
 * @id: id of the iothread, or a path for object_resolve_path()
 *
 * Returns: the iothread, borrowed; NULL if no iothread matches @id, or more
 *          than one
 */
IOThread *iothread_by_id(const char *id);

/**
 * iothread_get_id: gets the name of the iothread in its parent
 * @iothread: the iothread
 *
 * Returns: (transfer full) the name
 */
char *iothread_get_id(IOThread *iothread);

/**
 * iothread_get_aio_context: gets the context that the thread runs
 * @iothread: the iothread
 *
 * Returns: the context, borrowed: it is valid as long as @iothread exists
 * Thread: any
 */
AioContext *iothread_get_aio_context(IOThread *iothread);

/**
 * iothread_get_g_main_context: gets a GMainContext that the thread runs
 * @iothread: the iothread
 *
 * The first call switches the thread to GLib for the rest of its life.  Bottom
 * halves that are scheduled after the call find the GMainContext as the
 * default of their thread.  After iothread_stop() no thread runs it.
 *
 * Returns: the GMainContext, borrowed: it is valid as long as @iothread exists
 * Thread: any
 */
GMainContext *iothread_get_g_main_context(IOThread *iothread);

/**
 * iothread_get_thread_id: gets the id that the kernel has given the thread
 * @iothread: the iothread
 *
 * Waits for the thread to start if it has not yet.
 *
 * Returns: the thread id, as gettid() returns it in the thread; 0 if the
 *          iothread is not complete
 * Thread: any
 */
int iothread_get_thread_id(IOThread *iothread);

/**
 * iothread_stop: ends the thread and waits until it has ended
 * @iothread: the iothread
 *
 * A callback that is running returns first.  The function has no effect if the
 * thread was stopped before.
 */
void iothread_stop(IOThread *iothread);

/**
 * in_iothread: checks whether the calling thread is that of an iothread
 *
 * Returns: true if the thread's current context is not the main context
 * Thread: any
 */
bool in_iothread(void);

QOM_END_DECLS

#endif
