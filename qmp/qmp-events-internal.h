/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: their way from the code that sends them to all sessions.
 *
 * Contract: docs/qmp.md, "Events"
 */
#ifndef QOM_QMP_QMP_EVENTS_INTERNAL_H
#define QOM_QMP_QMP_EVENTS_INTERNAL_H

#include "util/queue.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct AioContext AioContext;
typedef struct Object Object;
typedef struct QmpSession QmpSession;

/**
 * qmp_events_start: Registers a server.
 * @ctx: the loop of the server; borrowed
 *
 * The first server makes this folder the emitter of events and the observer of
 * objects, until qmp_events_stop() has been called once for each server.
 *
 * Thread: main
 */
void qmp_events_start(AioContext *ctx);
/* qmp_events_stop: Unregisters a server.  Thread: main */
void qmp_events_stop(void);

/*
 * qmp_events_add_session: Adds a session, whose output queue may then receive
 * events.  Thread: main
 */
void qmp_events_add_session(QmpSession *s);

/*
 * qmp_events_remove_session: Removes a session.  After the function has
 * returned, no event is put into its output queue.  Thread: main
 */
void qmp_events_remove_session(QmpSession *s);

/**
 * qmp_events_set_wake: Sets the function that is called when the output queue
 * has got text.
 * @s: the session
 * @wake: (nullable) may be called in any thread
 * @opaque: passed to @wake
 *
 * When the function returns, no other thread is running the previous @wake.
 *
 * Thread: main
 */
void qmp_events_set_wake(QmpSession *s, void (*wake)(void *opaque),
                         void *opaque);

/**
 * qmp_events_for_each_session: Calls a function for every session.
 * @fn: it must not block or send events, and reads only fields that any thread
 *      may read
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qmp_events_for_each_session(void (*fn)(const QmpSession *s,
                                            void *opaque), void *opaque);

/*
 * qmp_events_negotiated: Lets a session receive events from now on.  Thread:
 * main
 */
void qmp_events_negotiated(QmpSession *s);

/*
 * qmp_events_flush_later: Schedules a check of watched properties that have
 * changed.  Thread: any
 */
void qmp_events_flush_later(void);

/**
 * qmp_event_text: Creates the text of an event, with the present time as its
 * time stamp.
 * @name: the name of the event
 * @data: (nullable) the data, an object; borrowed
 * @pretty: true to write it on several lines
 *
 * Returns: (transfer full) the text, which ends with a line end
 * Thread: any
 */
char *qmp_event_text(const char *name, JsonNode *data, bool pretty);

/* ---- qmp-watch.c ---- */

/*
 * qmp_watch_changed: Marks a property as changed.  The observer of objects
 * calls it.  Thread: main
 */
void qmp_watch_changed(Object *obj, const char *property);
/*
 * qmp_watch_deleted: Ends all watches of an object that is being deleted.
 * Thread: main
 */
void qmp_watch_deleted(Object *obj);

/*
 * qmp_watch_flush: Sends changed properties to the client, as long as there is
 * room for them.  Thread: main
 */
void qmp_watch_flush(QmpSession *s);

/* qmp_watch_begin: Prepares the watches of a new session.  Thread: main */
void qmp_watch_begin(QmpSession *s);

/* qmp_watch_end: Ends all watches of a session.  Thread: main */
void qmp_watch_end(QmpSession *s);

#endif
