/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiEvent: an event of the schema, as constant data.
 *
 * For each event the schema compiler emits a QapiEvent and a function
 * `qapi_event_send_NAME()`.  The function passes both the QapiEvent and the
 * data of the event to qapi_event_send().  That function creates JSON from the
 * data and passes it to the emitter, which is the QMP server or a test.
 *
 * Contract: docs/schema-language.md, "Events"
 */
#ifndef QOM_QAPI_QAPI_EVENT_H
#define QOM_QAPI_QAPI_EVENT_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <stddef.h>

QOM_BEGIN_DECLS

/* One event.  All data is constant and static. */
typedef struct QapiEvent {
    const char *name;
    const QapiType *arg_type;    /* (nullable) a struct or union */
    uint64_t special_features;   /* bit numbers as for commands */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
} QapiEvent;

/**
 * QapiEventEmitter: Delivers one event.
 * @event: the event
 * @data: (nullable) the data, an object; borrowed; NULL for an event without
 *        data
 * @opaque: the argument of qapi_event_set_emitter()
 *
 * It may send events itself, but must not call qapi_event_set_emitter().
 * Several threads may call it at once.
 *
 * Thread: the one that sends the event
 */
typedef void QapiEventEmitter(const QapiEvent *event, JsonNode *data,
                              void *opaque);

/**
 * qapi_event_set_emitter: sets the function that delivers events
 * @emitter: (nullable) replaces the previous emitter; NULL: events are
 *          discarded
 * @opaque: passed to @emitter; it must be valid until another emitter is set
 *
 * The function waits until no call of the previous emitter is running.  An
 * emitter must therefore not call it.
 *
 * Thread: any
 */
void qapi_event_set_emitter(QapiEventEmitter *emitter, void *opaque);

/**
 * qapi_event_send: sends an event
 * @event: the event
 * @arg: (nullable) the C struct of its data; borrowed; NULL if the event has no
 *       data
 *
 * If there is an emitter, it is called before the function returns.
 *
 * Thread: any
 */
void qapi_event_send(const QapiEvent *event, const void *arg);

/**
 * qapi_register_events: registers events, so that introspection reports them
 * @events: pointers to the events, which must be static; the array itself is
 *          borrowed
 * @n: number of events
 *
 * Thread: main
 */
void qapi_register_events(const QapiEvent *const *events, size_t n);

/**
 * qapi_for_each_event: calls a function for every registered event
 * @fn: called in the order of registration
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qapi_for_each_event(void (*fn)(const QapiEvent *event, void *opaque),
                         void *opaque);

QOM_END_DECLS

#endif
