/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notification of objects that are added, deleted or changed.
 *
 * A process has one observer; while a QMP server exists, it is the server.  An
 * object is reported as added when it is in the tree and it and all its
 * ancestors are complete.  Changes are reported for objects that are marked as
 * watched; for other objects a change costs the test of one bit.
 *
 * Thread: main, except object_property_changed()
 * Contract: docs/objects.md, "Observing"
 */
#ifndef QOM_QOM_OBJECT_OBSERVER_H
#define QOM_QOM_OBJECT_OBSERVER_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Object Object;

/* The functions must not add, delete or change objects. */
typedef struct ObjectObserver {
    /* @obj was added to the tree; parents are reported before children */
    void (*added)(Object *obj, void *opaque);
    /* @obj is about to leave the tree; children are reported first */
    void (*deleted)(Object *obj, void *opaque);
    /* @property of the watched object @obj may have changed */
    void (*changed)(Object *obj, const char *property, void *opaque);
    /*
     * The same in another thread than the main one, and whether or not the
     * object is watched.  Called under a lock: the function arranges for
     * object_property_changed() to be called in the main thread.
     */
    void (*changed_in_thread)(Object *obj, const char *property,
                              void *opaque);
} ObjectObserver;

/**
 * object_set_observer: sets the observer of the process
 * @observer: (nullable) the functions to call; borrowed until another observer
 *            is set; NULL removes the present one
 * @opaque: passed to the functions
 */
void object_set_observer(const ObjectObserver *observer, void *opaque);

/**
 * object_set_watched: enables or disables reports of changes of an object
 * @obj: the object
 * @watched: true to report changes
 */
void object_set_watched(Object *obj, bool watched);

/**
 * object_property_changed: reports that a property may have changed
 * @obj: the object
 * @name: name of the property
 *
 * The functions that set properties call it.  A class calls it for a property
 * that changes on its own.  In another thread than the main one, @obj must have
 * a reference; the main loop then reports the change later, and several changes
 * of one property as one.
 *
 * Thread: any
 */
void object_property_changed(Object *obj, const char *name);

/**
 * object_property_origin: finds the property to which an alias leads
 * @obj: (inout) the object; replaced by the object of the alias's target
 * @name: (inout) name of the property; replaced by the name of the target,
 *        which is borrowed from the alias
 *
 * Neither changes if the property is not an alias.
 */
void object_property_origin(Object **obj, const char **name);

QOM_END_DECLS

#endif
