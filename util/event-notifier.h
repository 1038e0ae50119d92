/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EventNotifier: wakes up a thread that polls a file descriptor.
 *
 * A notifier is a flag in the kernel.  Any thread, another process or the
 * kernel can set it.  Its file descriptor is then readable until a thread tests
 * and clears the flag.  Setting a flag that is set has no effect.  The notifier
 * is an eventfd if the kernel has eventfd, otherwise a pipe.  Both ends are
 * non-blocking and closed on exec.
 *
 * Contract: the API of QEMU 10's "qemu/event_notifier.h"
 */
#ifndef QOM_UTIL_EVENT_NOTIFIER_H
#define QOM_UTIL_EVENT_NOTIFIER_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/* To be embedded; only the functions below use the fields. */
typedef struct EventNotifier {
    int rfd; /* readable while the flag is set; -1: not initialized */
    int wfd; /* written to set the flag; the same as rfd for an eventfd */
} EventNotifier;

/**
 * EventNotifierHandler: a function that a loop calls while a notifier is set
 * @notifier: the notifier, which the function tests and clears
 */
typedef void EventNotifierHandler(EventNotifier *notifier);

/**
 * event_notifier_init: initializes a notifier
 * @notifier: uninitialized memory, filled in
 * @active: whether the flag is set from the start
 *
 * Returns: 0, or a negative errno value with @notifier as after cleanup
 * Thread: caller's, one at a time
 */
int event_notifier_init(EventNotifier *notifier, int active);

/**
 * event_notifier_init_fd: initializes a notifier with an existing eventfd
 * @notifier: uninitialized memory, filled in
 * @fd: an eventfd, or a file descriptor that is read and written like one;
 *      consumed: event_notifier_cleanup() closes it
 *
 * Thread: caller's, one at a time
 */
void event_notifier_init_fd(EventNotifier *notifier, int fd);

/**
 * event_notifier_cleanup: closes the file descriptors
 * @notifier: the notifier, which no event loop watches
 *
 * Does nothing if the notifier was cleaned up before, or its initialization
 * failed.
 *
 * Thread: caller's, one at a time
 */
void event_notifier_cleanup(EventNotifier *notifier);

/**
 * event_notifier_get_fd: returns the file descriptor to poll
 * @notifier: the notifier
 *
 * Returns: borrowed; -1 if @notifier is not initialized
 * Thread: any
 */
int event_notifier_get_fd(const EventNotifier *notifier);

/**
 * event_notifier_get_wfd: returns the file descriptor to write to
 * @notifier: the notifier
 *
 * Writing the 8-byte integer 1 in host order sets the flag.
 *
 * Returns: borrowed; -1 if @notifier is not initialized
 * Thread: any
 */
int event_notifier_get_wfd(const EventNotifier *notifier);

/**
 * event_notifier_set: sets the flag
 * @notifier: the notifier
 *
 * The thread that clears the flag sees everything that the caller wrote to
 * memory before.
 *
 * Returns: 0, or a negative errno value
 * Thread: any
 */
int event_notifier_set(EventNotifier *notifier);

/**
 * event_notifier_test_and_clear: clears the flag
 * @notifier: the notifier
 *
 * Returns: non-zero if the flag was set
 * Thread: any
 */
int event_notifier_test_and_clear(EventNotifier *notifier);

QOM_END_DECLS

#endif
