/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of this folder share beyond iothread-type.h.
 */
#ifndef QOM_IOTHREAD_IOTHREAD_INTERNAL_H
#define QOM_IOTHREAD_IOTHREAD_INTERNAL_H

#include "iothread/iothread-type.h"
#include "iothread/qapi-types-iothread.h"

/* iothread_is_to_be_placed: do the properties ask for anything special? */
bool iothread_is_to_be_placed(IOThread *iothread);

/*
 * iothread_place: give the thread what its properties say
 * @iothread: its thread runs
 * @errp: set when the kernel refuses, and then the thread is as before
 *
 * To be followed by iothread_place_finish().
 *
 * Thread: main, or the new thread while the main one waits for it
 */
bool iothread_place(IOThread *iothread, Error **errp);

/* Keep what iothread_place() has changed, or put it back. */
void iothread_place_finish(IOThread *iothread, bool keep);

/* Free what the above have made. */
void iothread_place_cleanup(IOThread *iothread);

#endif
