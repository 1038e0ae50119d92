/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sending events.  The emitter is the function that delivers them; it is called
 * without the lock, in any number of threads at once.  Each emitter counts its
 * running calls, so that qapi_event_set_emitter() can wait until the last one
 * of the emitter that it replaces has returned.
 */
#include "qapi/qapi-event.h"

#include "qapi/visitor/json-visitor.h"

typedef struct Emitter {
    QapiEventEmitter *emit;
    void *opaque;
    unsigned n_running; /* number of calls of @emit; under emitter_lock */
} Emitter;

static GMutex emitter_lock;
static GCond emitter_idle; /* a replaced emitter has no running call left */
static Emitter *current;   /* (nullable) under emitter_lock */

void qapi_event_set_emitter(QapiEventEmitter *emitter, void *opaque)
{
    Emitter *new_emitter = NULL;
    Emitter *old;

    if (emitter) {
        new_emitter = g_new0(Emitter, 1);
        new_emitter->emit = emitter;
        new_emitter->opaque = opaque;
    }
    g_mutex_lock(&emitter_lock);
    old = current;
    current = new_emitter;
    while (old && old->n_running) {
        g_cond_wait(&emitter_idle, &emitter_lock);
    }
    g_mutex_unlock(&emitter_lock);
    g_free(old);
}

/* Returns (nullable) the current emitter, which stays until emitter_end(). */
static Emitter *emitter_begin(void)
{
    Emitter *emitter;

    g_mutex_lock(&emitter_lock);
    emitter = current;
    if (emitter) {
        emitter->n_running++;
    }
    g_mutex_unlock(&emitter_lock);
    return emitter;
}

static void emitter_end(Emitter *emitter)
{
    g_mutex_lock(&emitter_lock);
    if (!--emitter->n_running && emitter != current) {
        g_cond_broadcast(&emitter_idle);
    }
    g_mutex_unlock(&emitter_lock);
}

void qapi_event_send(const QapiEvent *event, const void *arg)
{
    Emitter *emitter = emitter_begin();
    g_autoptr(JsonNode) data = NULL;

    if (!emitter) {
        return;
    }
    if (event->arg_type) {
        /* valid C data of a type always has a JSON form */
        data = qapi_type_to_json(event->arg_type, &arg, &error_abort);
    }
    emitter->emit(event, data, emitter->opaque);
    emitter_end(emitter);
}
