/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: their way from the code that sends them to the queues of all clients.
 *
 * Contract: docs/qmp.md, "Events"
 */
#ifndef QOM_QMP_QMP_EVENTS_INTERNAL_H
#define QOM_QMP_QMP_EVENTS_INTERNAL_H

#include <stdbool.h>

#include "qapi/json/json-doc.h"

typedef struct AioContext AioContext;
typedef struct QmpEventQueue QmpEventQueue;

/**
 * qmp_events_start: makes this folder the emitter of events
 * @ctx: the loop that runs the timer of rate limits; borrowed until
 *       qmp_events_stop()
 *
 * Thread: main
 */
void qmp_events_start(AioContext *ctx);

/**
 * qmp_events_stop: ends what qmp_events_start() has begun
 *
 * Thread: main
 */
void qmp_events_stop(void);

/**
 * qmp_events_subscribe: adds a queue, which receives all events from now on
 * @queue: the queue; borrowed until qmp_events_unsubscribe()
 *
 * Thread: main
 */
void qmp_events_subscribe(QmpEventQueue *queue);

/**
 * qmp_events_unsubscribe: removes a queue
 * @queue: the queue; it need not have been added
 *
 * After the function has returned, no event is added to the queue.
 *
 * Thread: main
 */
void qmp_events_unsubscribe(QmpEventQueue *queue);

/**
 * qmp_events_relay: sends an event of another program
 * @source: the source of the clients that get it; see QmpEventQueue
 * @message: the whole event; borrowed
 *
 * Rate limits do not apply.
 *
 * Thread: main
 */
void qmp_events_relay(const void *source, const JsonItem *message);

/**
 * qmp_events_announce: sends an event that no schema declares
 * @source: the source of the clients that get it; see QmpEventQueue
 * @name: the name of the event, an identifier
 * @data: (nullable) the data, an object; borrowed
 *
 * Thread: main
 */
void qmp_events_announce(const void *source, const char *name,
                         JsonNode *data);

/**
 * qmp_events_are_wanted: returns true if a client receives events
 *
 * Thread: any
 */
bool qmp_events_are_wanted(void);

#endif
