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

/* plugin_data_check: the same of a file's contents; @name is for messages */
bool plugin_data_check(const char *data, size_t n_bytes, const char *name,
                       Error **errp);

#endif
