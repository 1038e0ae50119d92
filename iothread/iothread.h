/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOThread: an event loop in a thread of its own, as an object.
 *
 * Users make one with `-object iothread,id=ID` or object-add; C code takes
 * one by its id and gives its AioContext work, or makes a private one with
 * iothread_create().  When the object has been made, its thread runs.
 *
 * The thread is named "IO ID", shortened to the 15 bytes that the kernel
 * keeps.
 *
 * Thread: main, where nothing else is said
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
 * iothread_create: make an iothread that users do not see
 * @id: its name, for the thread
 * @errp: set on failure
 *
 * Returns: (transfer full) end it with iothread_destroy(); NULL on failure
 */
IOThread *iothread_create(const char *id, Error **errp);

/**
 * iothread_destroy: stop and free what iothread_create() made
 * @iothread: consumed
 */
void iothread_destroy(IOThread *iothread);

/**
 * iothread_by_id: find an iothread that a user made
 * @id: its id, or a path of it as object_resolve_path() takes
 *
 * Returns: borrowed; NULL when there is none, or more than one
 */
IOThread *iothread_by_id(const char *id);

/**
 * iothread_get_id: the name that the iothread has in its parent
 *
 * Returns: (transfer full)
 */
char *iothread_get_id(IOThread *iothread);

/**
 * iothread_get_aio_context: the loop that the thread runs
 *
 * Returns: borrowed as long as @iothread lives
 * Thread: any
 */
AioContext *iothread_get_aio_context(IOThread *iothread);

/**
 * iothread_get_g_main_context: a GMainContext that the thread runs
 *
 * From the first call on the loop is driven by GLib, and never goes back.
 * Bottom halves that are scheduled after the call see the context as their
 * thread's default.  After iothread_stop() nobody runs the context.
 *
 * Returns: borrowed as long as @iothread lives
 * Thread: any
 */
GMainContext *iothread_get_g_main_context(IOThread *iothread);

/* iothread_get_thread_id: the kernel's number of the thread; any thread */
int iothread_get_thread_id(IOThread *iothread);

/**
 * iothread_stop: end the thread and wait for it
 *
 * What is running in the loop finishes first.  No effect the second time.
 */
void iothread_stop(IOThread *iothread);

/* in_iothread: does the calling thread run a context that is not the main? */
bool in_iothread(void);

QOM_END_DECLS

#endif
