/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While at least one server exists, the object model reports each object that
 * is added, deleted or changed.  Additions and deletions become events for all
 * clients; changes go to the watches.
 */
#include "qmp/qmp-observer-internal.h"

#include "qmp/qapi-events-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-watch-internal.h"
#include "qom/object-observer.h"
#include "qom/object.h"

static unsigned n_servers;

static void on_added(Object *obj, void *opaque)
{
    g_autofree char *path = NULL;

    if (qmp_events_are_wanted()) {
        path = object_get_canonical_path(obj);
        qapi_event_send_object_added(path, object_get_typename(obj));
    }
}

static void on_deleted(Object *obj, void *opaque)
{
    g_autofree char *path = NULL;

    qmp_watch_deleted(obj);
    if (qmp_events_are_wanted()) {
        path = object_get_canonical_path(obj);
        qapi_event_send_object_deleted(path, object_get_typename(obj));
    }
}

static void on_changed(Object *obj, const char *property, void *opaque)
{
    qmp_watch_changed(obj, property);
}

static const ObjectObserver observer = {
    .added = on_added,
    .deleted = on_deleted,
    .changed = on_changed,
};

void qmp_observer_start(AioContext *ctx)
{
    if (n_servers++) {
        return;
    }
    /*
     * The root object and `/objects` always exist, so they are created before
     * the observer can report them.
     */
    object_get_objects_root();
    qmp_watch_start(ctx);
    qmp_events_start(ctx);
    object_set_observer(&observer, NULL);
}

void qmp_observer_stop(void)
{
    if (--n_servers) {
        return;
    }
    object_set_observer(NULL, NULL);
    qmp_events_stop();
    qmp_watch_stop();
}
