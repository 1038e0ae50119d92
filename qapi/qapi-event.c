/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry of events is an array in the order of registration; events are
 * static and are never removed.  It serves introspection and the check of new
 * names alone: an event is sent by its address, without a lookup
 * (qapi/walk/event.c).
 */
#include "qapi/qapi-event.h"

#include "util/registration.h"

#include <string.h>

static GMutex registry_lock;
static GPtrArray *registry; /* of const QapiEvent *; under registry_lock */

/* Returns event @i in the order of registration; NULL at the end. */
static const QapiEvent *registry_get(guint i)
{
    const QapiEvent *event = NULL;

    g_mutex_lock(&registry_lock);
    if (registry && i < registry->len) {
        event = g_ptr_array_index(registry, i);
    }
    g_mutex_unlock(&registry_lock);
    return event;
}

static bool event_is_known(const char *name)
{
    const QapiEvent *event;
    guint i = 0;

    do {
        event = registry_get(i++);
    } while (event && strcmp(event->name, name));
    return event;
}

static void event_add(void *event)
{
    g_mutex_lock(&registry_lock);
    if (!registry) {
        registry = g_ptr_array_new();
    }
    g_ptr_array_add(registry, event);
    g_mutex_unlock(&registry_lock);
}

static const RegistrationKind event_kind = {
    .what = "event",
    .is_known = event_is_known,
    .commit = event_add,
};

void qapi_register_events(const QapiEvent *const *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (registration_is_open()) {
            registration_add(&event_kind, events[i]->name, (void *)events[i]);
        } else {
            event_add((void *)events[i]);
        }
    }
}

/* @fn is called without the lock, so that it may use the registry. */
void qapi_for_each_event(void (*fn)(const QapiEvent *event, void *opaque),
                         void *opaque)
{
    const QapiEvent *event;

    for (guint i = 0; (event = registry_get(i)); i++) {
        fn(event, opaque);
    }
}
