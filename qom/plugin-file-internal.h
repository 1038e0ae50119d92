/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef QOM_QOM_PLUGIN_FILE_INTERNAL_H
#define QOM_QOM_PLUGIN_FILE_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

/*
 * plugin_file_check: is @file a shared object for this machine that says
 * QOM_PLUGIN() with this library's ABI?  None of its code runs.  Thread: any
 */
bool plugin_file_check(const char *file, Error **errp);

#endif
