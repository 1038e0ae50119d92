/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fallback of event_notifier_init(), for itself and for its test.
 */
#ifndef QOM_UTIL_EVENT_NOTIFIER_INTERNAL_H
#define QOM_UTIL_EVENT_NOTIFIER_INTERNAL_H

#include "util/event-notifier.h"

/**
 * event_notifier_init_pipe: makes a notifier of a pipe
 * @notifier: uninitialised memory, filled in
 * @active: not 0 to have it set from the start
 *
 * Returns: 0, or a negative errno value with @notifier as after cleanup
 * Thread: caller's, one at a time
 */
int event_notifier_init_pipe(EventNotifier *notifier, int active);

#endif
