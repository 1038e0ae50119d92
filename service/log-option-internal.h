/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option -log, and the end of the object that it creates. */
#ifndef QOM_SERVICE_LOG_OPTION_INTERNAL_H
#define QOM_SERVICE_LOG_OPTION_INTERNAL_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>

/**
 * log_option_apply: creates the object "log" from the values of -log
 * @values: (nullable) of const char *: "LEVEL", "AREA=LEVEL"
 * @errp: set if a value is wrong; the message begins with the option
 *
 * Returns: true; false with @errp set, and there is no such object
 */
bool log_option_apply(const GPtrArray *values, Error **errp);

/**
 * log_object_keep: keeps the messages on while objects are deleted
 * @begin: true: deleting the object `log` does not end its messages; false:
 *         they end now if it has been deleted since
 */
void log_object_keep(bool begin);

#endif
