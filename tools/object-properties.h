/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of objects of the target, by the commands that every QMP server
 * with objects has.
 */
#ifndef QOM_TOOLS_OBJECT_PROPERTIES_H
#define QOM_TOOLS_OBJECT_PROPERTIES_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct ObjectName {
    const char *path;
    const char *type; /* (nullable) NULL: not known */
} ObjectName;

/**
 * object_properties_get: gets the properties of several objects
 * @objects: [n] the objects
 * @n: their number
 * @values: true to get the values, too; they may be there in any case
 * @lists: (out) [n] (transfer full) lists of ObjectPropertyValue; NULL where
 *         @errors has an error
 * @errors: (out) [n] (transfer full) set if there is no such object, or if the
 *          target lacks a command
 */
void object_properties_get(const ObjectName *objects, guint n, bool values,
                           JsonNode **lists, Error **errors);

/* object_properties_get_one: the same for one object, with values */
JsonNode *object_properties_get_one(const char *path, Error **errp);

#endif
