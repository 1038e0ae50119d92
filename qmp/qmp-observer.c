/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While at least one server exists, the object model reports each object that
 * is added, deleted or changed.  Additions and deletions become events for all
 * clients; changes go to the watches.
 *
 * Changes that other threads report wait in a set until a bottom half reports
 * them in the main thread.
 */
#include "qmp/qmp-observer-internal.h"

#include "aio/aio.h"
#include "qmp/qapi-events-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-watch-internal.h"
#include "qom/object-observer.h"
#include "qom/object.h"
#include "util/hash.h"

static unsigned n_servers;

/* A change that another thread has reported. */
typedef struct Change {
    Object *obj; /* with a reference */
    char *property;
} Change;

static GMutex changes_lock;
static GHashTable *changes; /* of Change, under the lock */
static AioBH *changes_bh;   /* lives as long as the observer */

static guint change_hash(const void *key)
{
    const Change *change = key;

    return g_direct_hash(change->obj) ^ hash_str(change->property);
}

static gboolean change_equal(const void *a, const void *b)
{
    const Change *x = a;
    const Change *y = b;

    return x->obj == y->obj && g_str_equal(x->property, y->property);
}

static void change_free(void *key)
{
    Change *change = key;

    object_unref(change->obj);
    g_free(change->property);
    g_free(change);
}

static GHashTable *changes_new(void)
{
    return g_hash_table_new_full(change_hash, change_equal, change_free, NULL);
}

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

/*
 * Adds the change to the set, or frees it if the set has it.  The object model
 * calls this only while the observer is set, so the bottom half exists.
 *
 * Thread: any
 */
static void on_changed_in_thread(Object *obj, const char *property,
                                 void *opaque)
{
    Change *change = g_new(Change, 1);

    change->obj = object_ref(obj);
    change->property = g_strdup(property);
    g_mutex_lock(&changes_lock);
    g_hash_table_add(changes, change);
    g_mutex_unlock(&changes_lock);
    aio_bh_schedule(changes_bh);
}

/*
 * Empties the set first, so that a change that is reported from now on is not
 * taken for one whose value the watches have read.
 */
static void report_changes(void *opaque)
{
    g_autoptr(GHashTable) reported = NULL;
    GHashTableIter iter;
    void *key;

    g_mutex_lock(&changes_lock);
    reported = changes;
    changes = changes_new();
    g_mutex_unlock(&changes_lock);
    g_hash_table_iter_init(&iter, reported);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const Change *change = key;

        object_property_changed(change->obj, change->property);
    }
}

static const ObjectObserver observer = {
    .added = on_added,
    .deleted = on_deleted,
    .changed = on_changed,
    .changed_in_thread = on_changed_in_thread,
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
    changes = changes_new();
    changes_bh = aio_bh_new(ctx, report_changes, NULL);
    object_set_observer(&observer, NULL);
}

void qmp_observer_stop(void)
{
    if (--n_servers) {
        return;
    }
    object_set_observer(NULL, NULL);
    aio_bh_delete(changes_bh);
    g_clear_pointer(&changes, g_hash_table_unref);
    qmp_events_stop();
    qmp_watch_stop();
}
