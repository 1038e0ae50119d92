/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether an object has been reported is not stored.  It follows from the
 * tree: an object has been reported if it and all its ancestors are complete.
 * A user-creatable object is complete when its complete() has returned, any
 * other object at once, and an object that object_apply() creates when the
 * whole list has been applied.
 */
#include "qom/object-observer.h"
#include "qom/object-internal.h"
#include "util/thread.h"

#include <unistd.h>

/* Written by the main thread under the lock, under which others read. */
const ObjectObserver *object_observer;
static void *observer_opaque;
static GMutex observer_lock;

void object_set_observer(const ObjectObserver *observer, void *opaque)
{
    object_assert_main_thread(NULL);
    g_mutex_lock(&observer_lock);
    object_observer = observer;
    observer_opaque = opaque;
    g_mutex_unlock(&observer_lock);
}

void object_set_watched(Object *obj, bool watched)
{
    object_assert_main_thread(obj);
    if (watched) {
        obj->state |= OBJECT_WATCHED;
    } else {
        obj->state &= ~OBJECT_WATCHED;
    }
}

/* An object that object_apply() may still roll back is not complete. */
static bool is_complete(const Object *obj)
{
    if (obj->state & OBJECT_UNANNOUNCED) {
        return false;
    }
    return (obj->state & OBJECT_COMPLETE) ||
           !class_seal(obj->klass)->user_creatable;
}

/* True if clients know the object: it and all above it are complete. */
static bool is_visible(const Object *obj)
{
    for (; obj->parent; obj = obj->parent) {
        if (!is_complete(obj)) {
            return false;
        }
    }
    return obj == object_get_root();
}

/* ---- Messages ---- */

LOG_AREA_DEFINE(qom_log, "qom")

static void log_object(const char *text, Object *obj)
{
    g_autofree char *path = NULL;

    if (log_is_on(&qom_log, LOG_LEVEL_INFO)) {
        path = object_get_canonical_path(obj);
        log_info(&qom_log, text, log_str("path", path),
                 log_str("type", object_get_typename(obj)));
    }
}

/*
 * Only rows are read: a getter may do anything.  An object that is not in the
 * tree yet is being created, which is logged as a whole.
 */
static void log_changed(Object *obj, const char *name)
{
    g_autofree char *path = object_get_canonical_path(obj);
    g_autofree char *value = NULL;
    const ObjectProperty *prop;

    if (!path) {
        return;
    }
    prop = object_property_find(obj, name);
    if (prop && prop->row) {
        value = object_property_print(obj, name, false, NULL);
    }
    log_debug(&qom_log, "property may have changed", log_str("path", path),
              log_str("property", name), log_str("value", value));
}

/* ---- Objects ---- */

/*
 * Reports an object and lets the walk go on below it. Objects below one that is
 * not complete are reported when that one is.
 */
static ObjectWalkStep tell_added(Object *obj, void *opaque)
{
    if (!is_complete(obj)) {
        return OBJECT_WALK_SKIP;
    }
    if (object_observer) {
        object_observer->added(obj, observer_opaque);
    }
    log_object("object added", obj);
    return OBJECT_WALK_ON;
}

void object_observe_added(Object *obj)
{
    static const ObjectWalk walk = { .enter = tell_added };

    if (is_visible(obj) && tell_added(obj, NULL) == OBJECT_WALK_ON) {
        /* Children that were added before the object became visible. */
        object_walk(obj, &walk, NULL);
    }
}

/* @opaque: unsigned, how many from the object up to the root are invisible */
static ObjectWalkStep enter_deleted(Object *obj, void *opaque)
{
    *(unsigned *)opaque += !is_complete(obj);
    return OBJECT_WALK_ON;
}

/*
 * Reports children before their parents. A watched object is reported even if
 * it was never visible, so that its watch ends.
 */
static void leave_deleted(Object *obj, void *opaque)
{
    unsigned *n_invisible = opaque;

    if (object_observer &&
        (!*n_invisible || (obj->state & OBJECT_WATCHED))) {
        object_observer->deleted(obj, observer_opaque);
    }
    if (!*n_invisible) {
        log_object("object deleted", obj);
    }
    *n_invisible -= !is_complete(obj);
}

void object_observe_deleted(Object *obj)
{
    static const ObjectWalk walk = { enter_deleted, leave_deleted };
    unsigned n_invisible = !is_visible(obj->parent);

    enter_deleted(obj, &n_invisible);
    object_walk(obj, &walk, &n_invisible);
    leave_deleted(obj, &n_invisible);
}

void object_report_changed_slow(Object *obj, const char *name)
{
    object_assert_main_thread(obj);
    if (object_observer && (obj->state & OBJECT_WATCHED)) {
        object_observer->changed(obj, name, observer_opaque);
    }
    if (log_is_on(&qom_log, LOG_LEVEL_DEBUG)) {
        log_changed(obj, name);
    }
}

void object_property_changed(Object *obj, const char *name)
{
    if (G_LIKELY(thread_get_id() == getpid())) {
        object_report_changed(obj, name);
        return;
    }
    g_mutex_lock(&observer_lock);
    if (object_observer) {
        object_observer->changed_in_thread(obj, name, observer_opaque);
    }
    g_mutex_unlock(&observer_lock);
}
