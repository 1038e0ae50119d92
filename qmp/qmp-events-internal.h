/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: from whoever sends them to all sessions.
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
 * qmp_events_start: there is a server
 * @ctx: its loop
 *
 * The first one makes the servers the emitter of events and the observer of
 * objects, until each start has had its qmp_events_stop().
 *
 * Thread: main
 */
void qmp_events_start(AioContext *ctx);
void qmp_events_stop(void);

/* qmp_events_add_session: events may be put into its mailbox.  Thread: main */
void qmp_events_add_session(QmpSession *s);

/* qmp_events_remove_session: and now no more.  Thread: main */
void qmp_events_remove_session(QmpSession *s);

/**
 * qmp_events_set_wake: whom to tell of mail from now on
 * @s: the session
 * @wake: (nullable) may be called in any thread
 * @opaque: passed to @wake
 *
 * When it returns nobody is in the previous function any more, but for the
 * main thread itself.
 *
 * Thread: main
 */
void qmp_events_set_wake(QmpSession *s, void (*wake)(void *opaque),
                         void *opaque);

/**
 * qmp_events_for_each_session: call a function for all that there are
 * @fn: may not block, nor send events; what it reads is not only for main
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qmp_events_for_each_session(void (*fn)(const QmpSession *s,
                                            void *opaque), void *opaque);

/* qmp_events_negotiated: the session may have events from now on */
void qmp_events_negotiated(QmpSession *s);

/* qmp_events_flush_later: look for changes to be told soon.  Thread: any */
void qmp_events_flush_later(void);

/**
 * qmp_event_text: an event as it is sent, with the time
 * @name: the event's
 * @data: (nullable) an object
 * @pretty: over several lines
 *
 * Returns: (transfer full)
 */
char *qmp_event_text(const char *name, JsonNode *data, bool pretty);

/* ---- qmp-watch.c ---- */

/* qmp_watch_changed: for the observer of objects */
void qmp_watch_changed(Object *obj, const char *property);
void qmp_watch_deleted(Object *obj);

/* qmp_watch_flush: tell the session of changes, if it reads.  Thread: main */
void qmp_watch_flush(QmpSession *s);

/* qmp_watch_begin: the session, which is new, has no watches.  Thread: main */
void qmp_watch_begin(QmpSession *s);

/* qmp_watch_end: the session ends.  Thread: main */
void qmp_watch_end(QmpSession *s);

#endif
