/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef QOM_QOM_PLUGIN_FILE_INTERNAL_H
#define QOM_QOM_PLUGIN_FILE_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * plugin_file_check: is @file a shared object for this machine that says
 * QOM_PLUGIN() with this library's ABI?  None of its code runs.  Thread: any
 */
bool plugin_file_check(const char *file, Error **errp);

/*
 * plugin_find: finds the file of a plugin
 *
 * A @name with a slash is that of the file.  Another one is looked up in the
 * folders of $QOM_PLUGIN_PATH and then in the folder of installed plugins.
 *
 * Returns: (transfer full) the name of the file, which may be unreadable; NULL
 *          with @errp set if there is none
 * Thread: main
 */
char *plugin_find(const char *name, Error **errp);

/* plugin_data_check: the same of a file's contents; @name is for messages */
bool plugin_data_check(const char *data, size_t n_bytes, const char *name,
                       Error **errp);

#endif
