/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects that -object creates in this process, and the plugins of -plugin.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_OBJECT_OPTION_H
#define QOM_TOOLS_OBJECT_OPTION_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>

/**
 * plugins_load: loads plugins, in order
 * @files: (nullable) the values of -plugin
 *
 * Returns: EXIT_DONE; EXIT_FAILED after a message
 */
int plugins_load(const GPtrArray *files);

/**
 * objects_help: prints the help of "-object help" and "-object TYPE,help"
 * @objects: (nullable) the values of -object
 * @exit_code: set if one of them asks for help
 *
 * Returns: true if one of them asks for help
 */
bool objects_help(const GPtrArray *objects, int *exit_code);

/**
 * objects_add: creates objects, all or none; targets of links come first
 * @objects: (nullable) the values of -object
 *
 * Returns: EXIT_DONE; EXIT_FAILED after a message, and no object exists
 */
int objects_add(const GPtrArray *objects);

/* objects_del: deletes all objects below /objects, newest first. */
void objects_del(void);

#endif
