/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The emitter is called with the lock held for reading.
 * qapi_event_set_emitter() takes it for writing, and so waits until no thread
 * runs the previous emitter.
 */
#include "qapi/qapi-event.h"

#include "qapi/visitor/json-visitor.h"

static GRWLock event_lock;
static QapiEventEmitter *event_emitter; /* under event_lock */
static void *event_opaque;              /* under event_lock */

void qapi_event_set_emitter(QapiEventEmitter *emitter, void *opaque)
{
    g_rw_lock_writer_lock(&event_lock);
    event_emitter = emitter;
    event_opaque = opaque;
    g_rw_lock_writer_unlock(&event_lock);
}

void qapi_event_send(const QapiEvent *event, const void *arg)
{
    JsonNode *data = NULL;

    g_rw_lock_reader_lock(&event_lock);
    if (event_emitter) {
        if (event->arg_type) {
            /* valid C data of a type always has a JSON form */
            data = qapi_type_to_json(event->arg_type, &arg, &error_abort);
        }
        event_emitter(event, data, event_opaque);
    }
    g_rw_lock_reader_unlock(&event_lock);
    g_clear_pointer(&data, json_node_unref);
}
