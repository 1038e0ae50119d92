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

#endif
