/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: their way from the code that sends them to the queues of all clients.
 *
 * Contract: docs/qmp.md, "Events"
 */
#ifndef QOM_QMP_QMP_EVENTS_INTERNAL_H
#define QOM_QMP_QMP_EVENTS_INTERNAL_H

#include <stdbool.h>

typedef struct AioContext AioContext;
typedef struct QmpEventQueue QmpEventQueue;

/**
 * qmp_events_start: Makes this folder the emitter of events.
 * @ctx: the loop that runs the timer of rate limits; borrowed until
 *       qmp_events_stop()
 *
 * Thread: main
 */
void qmp_events_start(AioContext *ctx);

/**
 * qmp_events_stop: Ends what qmp_events_start() has begun.
 *
 * Thread: main
 */
void qmp_events_stop(void);

/**
 * qmp_events_subscribe: Adds a queue, which receives all events from now on.
 * @queue: the queue; borrowed until qmp_events_unsubscribe()
 *
 * Thread: main
 */
void qmp_events_subscribe(QmpEventQueue *queue);

/**
 * qmp_events_unsubscribe: Removes a queue.
 * @queue: the queue; it need not have been added
 *
 * After the function has returned, no event is added to the queue.
 *
 * Thread: main
 */
void qmp_events_unsubscribe(QmpEventQueue *queue);

/**
 * qmp_events_are_wanted: Returns true if a client receives events.
 *
 * Thread: any
 */
bool qmp_events_are_wanted(void);

#endif
