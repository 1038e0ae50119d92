/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of this folder share beyond iothread-type.h.
 */
#ifndef QOM_IOTHREAD_IOTHREAD_INTERNAL_H
#define QOM_IOTHREAD_IOTHREAD_INTERNAL_H

#include "iothread/iothread-type.h"
#include "iothread/qapi-types-iothread.h"

/*
 * iothread_is_to_be_placed: returns true if a property has another value than
 * the thread: CPUs, policy or priority
 */
bool iothread_is_to_be_placed(IOThread *iothread);

/*
 * iothread_place: sets the CPUs, the policy and the priority of the thread to
 * the values of the properties
 * @thread_id: the thread, which is running; not used if nothing is to change
 * @errp: set if the kernel rejects a value; the thread is then as before
 *
 * iothread_place_finish() must follow a success.
 *
 * Returns: true; false with @errp set
 * Thread: main, or the new thread while the main thread waits for it
 */
bool iothread_place(IOThread *iothread, int thread_id, Error **errp);

/*
 * iothread_place_finish: keeps what iothread_place() has set if @keep is true;
 * restore the values from before otherwise
 */
void iothread_place_finish(IOThread *iothread, int thread_id, bool keep);

/* iothread_place_cleanup: frees the memory of the functions above */
void iothread_place_cleanup(IOThread *iothread);

#endif
