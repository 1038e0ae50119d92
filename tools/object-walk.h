/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees of objects of the target, by the commands of object-properties.h. */
#ifndef QOM_TOOLS_OBJECT_WALK_H
#define QOM_TOOLS_OBJECT_WALK_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

/**
 * object_walk_tree: gets an object and all objects below it
 * @path: path of the object; it may be partial
 * @values: true to get the properties of all objects, too
 * @errp: set if there is no such object, or if the target lacks a command
 *
 * An object that is deleted during the walk is left out.
 *
 * Returns: (transfer full) an ObjectTree, as qom-tree returns it; with @values
 *          each object has a member "properties", a list of ObjectPropertyValue
 *          without children; NULL with @errp set
 */
JsonNode *object_walk_tree(const char *path, bool values, Error **errp);

/**
 * object_walk_path: gets the absolute path of an object
 * @path: path of the object; it may be partial
 * @errp: set if there is no such object, or more than one
 *
 * Returns: (transfer full) the path; NULL with @errp set
 */
char *object_walk_path(const char *path, Error **errp);

#endif
