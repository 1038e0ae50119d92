/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry of events: an array in the order of registration.  Its entries
 * are static.
 */
#include "qapi/qapi-event.h"

#include "util/registration.h"

#include <string.h>

static GRWLock registry_lock;
static GPtrArray *registry; /* of const QapiEvent *; under registry_lock */

/* For registration_add(): tests whether the name is in use. */
static bool row_is_known(const char *name)
{
    bool found = false;

    g_rw_lock_reader_lock(&registry_lock);
    for (guint i = 0; registry && i < registry->len && !found; i++) {
        const QapiEvent *event = g_ptr_array_index(registry, i);

        found = !strcmp(event->name, name);
    }
    g_rw_lock_reader_unlock(&registry_lock);
    return found;
}

/* For registration: adds the event to the list. */
static void row_file(void *row)
{
    g_rw_lock_writer_lock(&registry_lock);
    if (!registry) {
        registry = g_ptr_array_new();
    }
    g_ptr_array_add(registry, row);
    g_rw_lock_writer_unlock(&registry_lock);
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
    g_rw_lock_reader_lock(&registry_lock);
    for (guint i = 0; registry && i < registry->len; i++) {
        fn(g_ptr_array_index(registry, i), opaque);
    }
    g_rw_lock_reader_unlock(&registry_lock);
}
