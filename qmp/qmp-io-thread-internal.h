/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread that moves the bytes of clients which have enabled `oob`, and
 * executes their commands out of band.
 *
 * There is one in the process while anybody holds it.  It never waits for the
 * main thread, so the main thread may wait for it.
 *
 * Thread: all functions: main
 */
#ifndef QOM_QMP_QMP_IO_THREAD_INTERNAL_H
#define QOM_QMP_QMP_IO_THREAD_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

typedef struct AioContext AioContext;

/**
 * qmp_io_thread_get: hold the thread; the first one starts it
 * @errp: set when it cannot be started
 *
 * Returns: its loop, borrowed until qmp_io_thread_put(); NULL with @errp set
 */
AioContext *qmp_io_thread_get(Error **errp);

/* qmp_io_thread_put: hold it no more; the last one ends it and waits */
void qmp_io_thread_put(void);

/**
 * qmp_io_thread_call: call a function in the thread and wait
 * @fn: called from its loop
 * @opaque: passed to @fn
 *
 * The main loop does not run meanwhile.
 */
void qmp_io_thread_call(void (*fn)(void *opaque), void *opaque);

#endif
