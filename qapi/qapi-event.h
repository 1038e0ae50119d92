/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiEvent: an event of the schema, as a constant row.
 *
 * The schema compiler emits a row and a function `qapi_event_send_NAME()` for
 * each event; the function hands row and data to qapi_event_send(), which
 * makes JSON of the data and passes it on to whoever carries events: the QMP
 * server, or a test.
 *
 * Contract: docs/schema-language.md, "Events"
 */
#ifndef QOM_QAPI_QAPI_EVENT_H
#define QOM_QAPI_QAPI_EVENT_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <stddef.h>

QOM_BEGIN_DECLS

typedef struct QapiEvent {
    const char *name;
    const QapiType *arg_type;    /* (nullable) struct or union */
    uint64_t special_features;   /* bits as QAPI_DEPRECATED */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
} QapiEvent;

/**
 * QapiEventEmitter: carry one event
 * @event: which one
 * @data: (nullable) an object, borrowed; NULL for an event without data
 * @opaque: as given to qapi_event_set_emitter()
 *
 * Thread: that of the sender
 */
typedef void QapiEventEmitter(const QapiEvent *event, JsonNode *data,
                              void *opaque);

/**
 * qapi_event_set_emitter: say who carries events
 * @emitter: (nullable) replaces the one before; NULL drops events
 * @opaque: for @emitter; valid until another emitter is set
 *
 * Thread: any; on return, no call of the former emitter is under way.  Not to
 * be called from an emitter.
 */
void qapi_event_set_emitter(QapiEventEmitter *emitter, void *opaque);

/**
 * qapi_event_send: send an event
 * @event: which one
 * @arg: (nullable) the C struct of its data, borrowed; NULL without arg_type
 *
 * Thread: any
 */
void qapi_event_send(const QapiEvent *event, const void *arg);

/**
 * qapi_register_events: make events known
 * @rows: static data, kept
 * @n: how many
 *
 * Thread: main
 */
void qapi_register_events(const QapiEvent *const *rows, size_t n);

/**
 * qapi_for_each_event: call a function for every registered event
 * @fn: called in order of registration; registers no events itself
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qapi_for_each_event(void (*fn)(const QapiEvent *event, void *opaque),
                         void *opaque);

QOM_END_DECLS

#endif
