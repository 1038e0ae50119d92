/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option -log. */
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

#endif
