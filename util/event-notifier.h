/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EventNotifier: wake up whoever polls a file descriptor.
 *
 * A notifier is a flag in the kernel: set it from any thread (or process, or
 * the kernel itself), and its read descriptor becomes readable until somebody
 * tests and clears it.  Setting a set notifier changes nothing.  It is an
 * eventfd where there is one, else a pipe; both ends are non-blocking and
 * closed on exec.
 *
 * Contract: the API of QEMU 10's "qemu/event_notifier.h"
 */
#ifndef QOM_UTIL_EVENT_NOTIFIER_H
#define QOM_UTIL_EVENT_NOTIFIER_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/* Embed it; the fields belong to the functions below. */
typedef struct EventNotifier {
    int rfd; /* readable while set; -1 when not initialised */
    int wfd; /* written to set it; the same as rfd for an eventfd */
} EventNotifier;

/**
 * EventNotifierHandler: what an event loop calls when a notifier is set
 * @notifier: the notifier; the handler tests and clears it
 */
typedef void EventNotifierHandler(EventNotifier *notifier);

/**
 * event_notifier_init: make a notifier
 * @notifier: uninitialised memory, filled in
 * @active: not 0 to have it set from the start
 *
 * Returns: 0, or a negative errno value with @notifier as after cleanup
 * Thread: caller's, one at a time
 */
int event_notifier_init(EventNotifier *notifier, int active);

/**
 * event_notifier_init_fd: make a notifier of an eventfd that exists
 * @notifier: uninitialised memory, filled in
 * @fd: an eventfd, or anything that reads and writes like one; consumed:
 *      event_notifier_cleanup() closes it
 *
 * Thread: caller's, one at a time
 */
void event_notifier_init_fd(EventNotifier *notifier, int fd);

/**
 * event_notifier_cleanup: close the descriptors
 * @notifier: the notifier; no event loop watches it any more
 *
 * A notifier that is not initialised any more, or whose initialisation
 * failed, is left alone.
 *
 * Thread: caller's, one at a time
 */
void event_notifier_cleanup(EventNotifier *notifier);

/**
 * event_notifier_get_fd: the descriptor to poll
 * @notifier: the notifier
 *
 * Returns: borrowed; -1 when @notifier is not initialised
 * Thread: any
 */
int event_notifier_get_fd(const EventNotifier *notifier);

/**
 * event_notifier_get_wfd: the descriptor to write to
 * @notifier: the notifier
 *
 * An 8-byte integer 1 in host order sets the notifier.
 *
 * Returns: borrowed; -1 when @notifier is not initialised
 * Thread: any
 */
int event_notifier_get_wfd(const EventNotifier *notifier);

/**
 * event_notifier_set: set the notifier
 * @notifier: the notifier
 *
 * What the caller wrote to memory before is seen by who clears it.
 *
 * Returns: 0, or a negative errno value
 * Thread: any
 */
int event_notifier_set(EventNotifier *notifier);

/**
 * event_notifier_test_and_clear: was it set? it is not any more
 * @notifier: the notifier
 *
 * Returns: not 0 when it was set
 * Thread: any
 */
int event_notifier_test_and_clear(EventNotifier *notifier);

QOM_END_DECLS

#endif
