/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change set: several writes to one object that take effect together or not
 * at all.
 *
 *     ObjectChange *change = object_change_begin(obj);
 *     ok = object_property_set(...) && object_property_parse(...);
 *     if (!object_change_end(change, ok, errp)) ...
 *
 * Writes check the range and store the value at once; properties_changed() is
 * called at the end.  Only properties that are declared by rows take part:
 * writes to properties with accessors are not undone.
 *
 * Thread: main
 * Contract: docs/objects.md, "Properties"
 */
#ifndef QOM_QOM_OBJECT_CHANGE_H
#define QOM_QOM_OBJECT_CHANGE_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Error Error;
typedef struct Object Object;
typedef struct ObjectChange ObjectChange;

/**
 * object_change_begin: begins a change set
 * @obj: the object; the change set holds a reference to it
 *
 * If a change set of the object is open, the new one becomes part of it and
 * must end first.
 *
 * Returns: (transfer full) the change set, to be freed by object_change_end()
 */
ObjectChange *object_change_begin(Object *obj);

/**
 * object_change_end: ends a change set
 * @change: the change set; consumed
 * @commit: true to keep the new values, false to restore the old ones
 * @errp: set if properties_changed() rejects the new values, or if other code
 *        was changing the object when the change set began; the old values are
 *        then restored
 *
 * Returns: true if the new values are kept; false otherwise, with @errp set if
 *          @commit was true
 */
bool object_change_end(ObjectChange *change, bool commit, Error **errp);

/**
 * object_change_includes: tells properties_changed() what has changed
 * @obj: the object whose properties_changed() is running
 * @name: name of a property that the class or a parent class declares by a row
 *
 *     if (object_change_includes(obj, "path") && !reopen(obj, errp)) {
 *         return false;
 *     }
 *
 * A change set can include several properties.  A property that was set to the
 * value that it had before is not included.
 *
 * A call outside of properties_changed(), or with another name, is a
 * programming error and aborts.
 *
 * Returns: true if the property has another value than before the change
 */
bool object_change_includes(const Object *obj, const char *name);

QOM_END_DECLS

#endif
