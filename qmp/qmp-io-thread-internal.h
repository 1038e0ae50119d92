/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread that reads, executes out of band and writes for clients that have
 * enabled `oob`, while the main thread is busy.
 *
 * The process has one such thread while at least one connection holds it.  It
 * waits for the main thread only where that does not block, so the main thread
 * may wait for the thread.
 *
 * Thread: main, for all functions
 */
#ifndef QOM_QMP_QMP_IO_THREAD_INTERNAL_H
#define QOM_QMP_QMP_IO_THREAD_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

typedef struct AioContext AioContext;

/**
 * qmp_io_thread_get: takes a hold on the thread.  The first hold starts it.
 * @errp: set if the thread cannot be started
 *
 * Returns: the loop of the thread, borrowed until qmp_io_thread_put(); NULL
 *          with @errp set
 */
AioContext *qmp_io_thread_get(Error **errp);

/*
 * qmp_io_thread_put: releases a hold.  The last release stops the thread and
 * waits for its end.
 */
void qmp_io_thread_put(void);

/**
 * qmp_io_thread_call: calls a function in the thread and waits until it has
 * returned
 * @fn: called from the loop of the thread
 * @opaque: passed to @fn
 *
 * The main loop does not run in the meantime.
 */
void qmp_io_thread_call(void (*fn)(void *opaque), void *opaque);

#endif
