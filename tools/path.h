/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths on the command line, and what to say of one that leads nowhere. */
#ifndef QOM_TOOLS_PATH_H
#define QOM_TOOLS_PATH_H

#include "tools/verbs.h"

/* PATH PROPERTY, or PATH.PROPERTY with the last dot between the two. */
typedef struct PropertyPath {
    char *path;
    char *property;
} PropertyPath;

/**
 * property_path_init: read it from the arguments
 * @where: zeroed
 * @n_after: how many arguments follow it
 * @verb: for the message
 *
 * Returns: false after a message when no property is named
 */
bool property_path_init(PropertyPath *where, const Args *args, guint n_after,
                        const char *verb);
void property_path_clear(PropertyPath *where);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PropertyPath, property_path_clear)

/* path_explain: if @path is what is wrong, say so in words for people */
void path_explain(const char *path, Error **errp);

#endif
