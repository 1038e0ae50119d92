/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events of a client.
 *
 * - A listener is a function for events of one name or of all names.  A
 *   function may add and remove listeners while an event is passed on: removed
 *   ones are only marked, and freed afterwards; added ones do not get the
 *   present event.
 * - Kept events wait in a queue until they are taken.
 */
#include "qmp/qmp-client-internal.h"

#include <string.h>

/* A function for events. */
typedef struct QmpEventListener {
    unsigned id; /* 0: removed */
    char *name;  /* (nullable) NULL: all events */
    QmpEventFunc *func;
    void *opaque;
} QmpEventListener;

static void listener_free(void *opaque)
{
    QmpEventListener *listener = opaque;

    g_free(listener->name);
    g_free(listener);
}

void qmp_client_events_init(QmpClient *c)
{
    c->listeners = g_ptr_array_new_with_free_func(listener_free);
    g_queue_init(&c->kept);
}

void qmp_client_events_cleanup(QmpClient *c)
{
    g_ptr_array_unref(c->listeners);
    g_queue_clear_full(&c->kept, (GDestroyNotify)json_doc_free);
}

/* ---- Functions ---- */

unsigned qmp_client_on_event(QmpClient *c, const char *name,
                             QmpEventFunc *func, void *opaque)
{
    QmpEventListener *listener = g_new0(QmpEventListener, 1);

    listener->id = ++c->last_listener_id;
    listener->name = g_strdup(name);
    listener->func = func;
    listener->opaque = opaque;
    g_ptr_array_add(c->listeners, listener);
    return listener->id;
}

void qmp_client_off_event(QmpClient *c, unsigned id)
{
    for (guint i = 0; i < c->listeners->len; i++) {
        QmpEventListener *listener = c->listeners->pdata[i];

        if (listener->id == id) {
            listener->id = 0;
        }
    }
}

void qmp_client_drop_listeners(QmpClient *c)
{
    for (guint i = 0; i < c->listeners->len; i++) {
        ((QmpEventListener *)c->listeners->pdata[i])->id = 0;
    }
}

/* Backwards, because the array closes gaps. */
static void free_removed(QmpClient *c)
{
    for (guint i = c->listeners->len; i-- > 0;) {
        if (!((QmpEventListener *)c->listeners->pdata[i])->id) {
            g_ptr_array_remove_index(c->listeners, i);
        }
    }
}

/* ---- Passing on ---- */

const char *qmp_client_event_name(const JsonItem *message)
{
    const JsonItem *name = json_item_qtype(message) == QTYPE_QDICT
                               ? json_item_member(message, "event") : NULL;

    return name ? json_item_string(name) : NULL;
}

/* Returns: a member of the time stamp; -1 if it is no number */
static int64_t time_member(const JsonItem *message, const char *name)
{
    const JsonItem *time = json_item_member(message, "timestamp");
    const JsonItem *item = time && json_item_qtype(time) == QTYPE_QDICT
                               ? json_item_member(time, name) : NULL;
    int64_t value = -1;

    if (item) {
        json_item_get_int64(item, &value);
    }
    return value;
}

/* A function may free the client, whose caller has a reference. */
static void call_listeners(QmpClient *c, const QmpEvent *event)
{
    guint n = c->listeners->len; /* without those that are added */

    for (guint i = 0; i < n; i++) {
        const QmpEventListener *listener = c->listeners->pdata[i];

        if (listener->id &&
            (!listener->name || !strcmp(listener->name, event->name))) {
            listener->func(event, listener->opaque);
        }
    }
    free_removed(c);
}

/*
 * Limits are checked after the event was added, because the events that were
 * kept stay available when the connection is closed.
 */
static bool keep(QmpClient *c, JsonDoc *doc, Error **errp)
{
    if (g_queue_is_empty(&c->kept)) {
        c->unread_bytes = 0;
    }
    g_queue_push_tail(&c->kept, doc);
    if (c->kept.length > c->options.max_kept_events ||
        c->unread_bytes > c->options.max_unread_bytes) {
        error_setg(errp, "'%s' sent more events than are kept", c->name);
        return false;
    }
    co_enter_all(&c->changed, NULL);
    return true;
}

/* Most clients have few listeners, so events are not sorted by name. */
bool qmp_client_handle_event(QmpClient *c, JsonDoc *doc, Error **errp)
{
    const JsonItem *message = json_doc_root(doc);

    if (c->listeners->len) {
        const QmpEvent event = {
            .name = qmp_client_event_name(message),
            .data = json_item_member(message, "data"),
            .seconds = time_member(message, "seconds"),
            .microseconds = time_member(message, "microseconds"),
            .message = message,
        };

        call_listeners(c, &event);
    }
    if (c->keeps_events) {
        return keep(c, doc, errp);
    }
    json_doc_free(doc);
    return true;
}

/* ---- Kept events ---- */

void qmp_client_keep_events(QmpClient *c)
{
    c->keeps_events = true;
}

JsonNode *qmp_client_take_event(QmpClient *c)
{
    g_autoptr(JsonDoc) doc = g_queue_pop_head(&c->kept);

    if (g_queue_is_empty(&c->kept)) {
        c->unread_bytes = 0;
    }
    return doc ? json_item_to_node(json_doc_root(doc)) : NULL;
}

JsonNode *qmp_client_co_next_event(QmpClient *c, int64_t deadline_ns,
                                   Error **errp)
{
    /* Another coroutine may take the event first, so this is a loop. */
    while (g_queue_is_empty(&c->kept)) {
        int ret = qmp_client_is_open(c)
                      ? co_queue_wait_until(&c->changed, NULL, deadline_ns)
                      : 0;

        if (!qmp_client_is_open(c)) {
            error_setg(errp, "'%s' is not connected any more", c->name);
            return NULL;
        }
        if (ret < 0) {
            error_setg_errno(errp, -ret, "no event of '%s' has arrived",
                             c->name);
            return NULL;
        }
    }
    return qmp_client_take_event(c);
}
