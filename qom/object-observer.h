/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is told that objects come, go and change.
 *
 * There is one observer in the process; the QMP server is it while it serves.
 * An object is told of while it is in the tree, as soon as it and all that it
 * is below are complete.  Changes are told of objects that are marked as
 * watched; for all others a change costs one test of a bit.
 *
 * Thread: main
 * Contract: docs/objects.md, "Observing"
 */
#ifndef QOM_QOM_OBJECT_OBSERVER_H
#define QOM_QOM_OBJECT_OBSERVER_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Object Object;

/* None of these may add, delete or change objects. */
typedef struct ObjectObserver {
    /* @obj can be found; parents come before children */
    void (*added)(Object *obj, void *opaque);
    /* @obj is about to go, and can be found still; children come first */
    void (*deleted)(Object *obj, void *opaque);
    /* @property of a watched object may have another value than before */
    void (*changed)(Object *obj, const char *property, void *opaque);
} ObjectObserver;

/**
 * object_set_observer: say who is told
 * @observer: (nullable) static; replaces the one before; NULL: nobody
 * @opaque: passed to its functions
 */
void object_set_observer(const ObjectObserver *observer, void *opaque);

/**
 * object_set_watched: turn on or off that changes of an object are told
 * @obj: the object
 * @watched: whether they are
 */
void object_set_watched(Object *obj, bool watched);

/**
 * object_property_changed: say that a property has another value
 * @obj: the object
 * @name: the property
 *
 * For what changes by itself; the functions that set properties call it.
 */
void object_property_changed(Object *obj, const char *name);

/**
 * object_property_origin: where the value of a property is kept
 * @obj: in: the object; out: the one that an alias stands for
 * @name: in: the property; out: that of the other object, borrowed from the
 *        alias
 *
 * What is no alias is left as it is.
 */
void object_property_origin(Object **obj, const char **name);

QOM_END_DECLS

#endif
