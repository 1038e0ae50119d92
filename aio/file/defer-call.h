/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deferred calls: call a function once for many requests instead of once for
 * each.
 *
 * A module that submits requests one by one, and prefers to pass all of them
 * to the kernel together, passes its submit function to defer_call().  Outside
 * of a section, defer_call() calls the function immediately.  In a section,
 * which is the code between defer_call_begin() and defer_call_end(), the
 * function is called at the end of the section.  Calls of the same function
 * with the same argument are merged:
 *
 *     defer_call_begin();
 *     aio_file_read(file, 0, a, 4096, done, NULL);
 *     aio_file_read(file, 4096, b, 4096, done, NULL);
 *     defer_call_end();                      // one system call
 *
 * A section belongs to the thread that began it.  Sections nest: only the end
 * of the outermost one calls the functions.
 *
 * Contract: the API of QEMU 10's "block/block-io.h", defer_call()
 */
#ifndef QOM_AIO_DEFER_CALL_H
#define QOM_AIO_DEFER_CALL_H

#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * DeferCallFunc: a function that can be deferred
 * @opaque: the pointer that was passed to defer_call()
 *
 * Thread: the one that called defer_call()
 */
typedef void DeferCallFunc(void *opaque);

/**
 * defer_call_begin: begins a section
 *
 * A coroutine must not yield before defer_call_end().
 *
 * Thread: any
 */
void defer_call_begin(void);

/**
 * defer_call_end: ends a section
 *
 * The end of the outermost section calls the deferred functions in the order
 * in which each was first deferred.  The section has ended when they run: a
 * defer_call() in one of them takes effect immediately, unless it is in a
 * section that the function itself began.  A call without a section is a
 * programming error and aborts.
 *
 * Thread: the one that began the section
 */
void defer_call_end(void);

/**
 * defer_call: calls a function at the end of the section, or immediately if
 *             the thread is not in a section
 * @func: called once for all calls in the section with this @func and @opaque
 * @opaque: passed to @func; borrowed until then
 *
 * Thread: any
 */
void defer_call(DeferCallFunc *func, void *opaque);

QOM_END_DECLS

#endif
