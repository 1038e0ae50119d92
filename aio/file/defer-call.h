/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deferred calls: do once for many what would be done for each.
 *
 * Who submits requests one by one, but would rather tell the kernel of all of
 * them at once, hands the telling to defer_call().  Outside of a section that
 * is a plain call.  Between defer_call_begin() and defer_call_end() it waits
 * for the end, and calls of the same function with the same argument become
 * one:
 *
 *     defer_call_begin();
 *     aio_file_read(file, 0, a, 4096, done, NULL);
 *     aio_file_read(file, 4096, b, 4096, done, NULL);
 *     defer_call_end();                      // one system call
 *
 * Sections belong to their thread and may nest; the outermost end counts.
 *
 * Contract: the API of QEMU 10's "block/block-io.h", defer_call()
 */
#ifndef QOM_AIO_DEFER_CALL_H
#define QOM_AIO_DEFER_CALL_H

#include "util/macros.h"

QOM_BEGIN_DECLS

typedef void DeferCallFunc(void *opaque);

/**
 * defer_call_begin: begin a section
 *
 * A coroutine does not yield inside of it.
 *
 * Thread: any
 */
void defer_call_begin(void);

/**
 * defer_call_end: end a section; the outermost one calls what was deferred
 *
 * In the order in which the calls came first.  When they run the section is
 * over: a defer_call() in one of them calls at once, or belongs to the section
 * that was begun there.
 *
 * Thread: the one that began the section
 */
void defer_call_end(void);

/**
 * defer_call: call a function at the end of the section, or now without one
 * @func: called once for all calls with the same @func and @opaque
 * @opaque: passed to @func
 *
 * Thread: any
 */
void defer_call(DeferCallFunc *func, void *opaque);

QOM_END_DECLS

#endif
