/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths on the command line, and messages about paths without an object. */
#ifndef QOM_TOOLS_PATH_H
#define QOM_TOOLS_PATH_H

#include "tools/verbs.h"

/* PATH PROPERTY as two arguments, or PATH.PROPERTY, split at the last dot. */
typedef struct PropertyPath {
    char *path;
    char *property;
} PropertyPath;

/**
 * property_path_init: reads path and property from the arguments of a verb
 * @where: zeroed; property_path_clear() it
 * @args: the arguments
 * @n_after: number of arguments that follow the property
 * @verb: the verb's name, for the message
 *
 * Returns: true; false after a message if no property is named
 */
bool property_path_init(PropertyPath *where, const Args *args, guint n_after,
                        const char *verb);

/* property_path_clear: frees what @where owns. */
void property_path_clear(PropertyPath *where);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PropertyPath, property_path_clear)

/**
 * path_explain: replaces the text of an error that is about a path
 * @path: the path that was sent to a command
 * @errp: an error of that command; one about anything else stays
 */
void path_explain(const char *path, Error **errp);

/**
 * property_explain: explains an error about a property or its object
 * @where: what was sent to a command
 * @errp: an error of that command; see path_explain().  If there is no such
 *        property, and the hint does not name a similar one, as that of this
 *        project's programs does, the properties of the object are searched
 */
void property_explain(const PropertyPath *where, Error **errp);

/**
 * type_explain: replaces the text of an error about a type that does not exist
 * @type: the name that was sent to a command
 * @errp: an error of that command; one of another class than DeviceNotFound
 *        stays.  The hint names a similar type
 */
void type_explain(const char *type, Error **errp);

#endif
