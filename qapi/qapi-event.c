/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The emitter is called with the lock held for reading.
 * qapi_event_set_emitter() takes it for writing, and so waits until no thread
 * runs the previous emitter.
 */
#include "qapi/qapi-event.h"

#include "qapi/visitor/json-visitor.h"
#include "util/registration.h"

#include <string.h>

static GRWLock event_lock;
static QapiEventEmitter *event_emitter; /* under event_lock */
static void *event_opaque;              /* under event_lock */
static GPtrArray *event_rows;           /* under event_lock */

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

/* For registration_add(): tests whether the name is in use. */
static bool row_is_known(const char *name)
{
    bool found = false;

    g_rw_lock_reader_lock(&event_lock);
    for (guint i = 0; event_rows && i < event_rows->len && !found; i++) {
        const QapiEvent *event = g_ptr_array_index(event_rows, i);

        found = !strcmp(event->name, name);
    }
    g_rw_lock_reader_unlock(&event_lock);
    return found;
}

/* For registration: adds the event to the list. */
static void row_file(void *row)
{
    g_rw_lock_writer_lock(&event_lock);
    if (!event_rows) {
        event_rows = g_ptr_array_new();
    }
    g_ptr_array_add(event_rows, row);
    g_rw_lock_writer_unlock(&event_lock);
}

static const RegistrationKind event_kind = {
    .what = "event",
    .is_known = row_is_known,
    .file = row_file,
};

void qapi_register_events(const QapiEvent *const *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (registration_is_open()) {
            registration_add(&event_kind, rows[i]->name, (void *)rows[i]);
        } else {
            row_file((void *)rows[i]);
        }
    }
}

void qapi_for_each_event(void (*fn)(const QapiEvent *event, void *opaque),
                         void *opaque)
{
    g_rw_lock_reader_lock(&event_lock);
    for (guint i = 0; event_rows && i < event_rows->len; i++) {
        fn(g_ptr_array_index(event_rows, i), opaque);
    }
    g_rw_lock_reader_unlock(&event_lock);
}
