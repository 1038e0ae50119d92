/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether an object has been told of is not remembered but follows from
 * where it is: it is if all from it up to the root are complete.  A
 * user-creatable object becomes so when its complete() has returned, any
 * other one by being there; what a list makes, when the list is done.
 */
#include "qom/object-observer.h"
#include "qom/object-internal.h"

const ObjectObserver *object_observer;
static void *observer_opaque;

void object_set_observer(const ObjectObserver *observer, void *opaque)
{
    object_assert_main_thread(NULL);
    object_observer = observer;
    observer_opaque = opaque;
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

static bool is_complete(const Object *obj)
{
    if (obj->state & OBJECT_UNTOLD) {
        return false;
    }
    return (obj->state & OBJECT_COMPLETE) ||
           !class_seal(obj->klass)->user_creatable;
}

static bool is_visible(const Object *obj)
{
    for (; obj->parent; obj = obj->parent) {
        if (!is_complete(obj)) {
            return false;
        }
    }
    return obj == object_get_root();
}

static int tell_added(Object *obj, void *opaque)
{
    if (is_complete(obj)) {
        object_observer->added(obj, observer_opaque);
        object_child_foreach(obj, tell_added, NULL);
    }
    return 0;
}

void object_observe_added(Object *obj)
{
    if (is_visible(obj)) {
        tell_added(obj, NULL);
    }
}

/* @opaque: not NULL if the parent is visible */
static int tell_deleted(Object *obj, void *opaque)
{
    void *visible = opaque && is_complete(obj) ? opaque : NULL;

    object_child_foreach(obj, tell_deleted, visible);
    if (visible || (obj->state & OBJECT_WATCHED)) {
        object_observer->deleted(obj, observer_opaque);
    }
    return 0;
}

void object_observe_deleted(Object *obj)
{
    tell_deleted(obj, is_visible(obj->parent) ? obj : NULL);
}

void object_property_changed(Object *obj, const char *name)
{
    if (G_UNLIKELY(obj->state & OBJECT_WATCHED) && object_observer) {
        object_assert_main_thread(obj);
        object_observer->changed(obj, name, observer_opaque);
    }
}
