/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events of any program by their names, for `qom watch -events`. */
#ifndef QOM_TOOLS_WATCH_NAMES_H
#define QOM_TOOLS_WATCH_NAMES_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

/**
 * watch_names_check: checks that the target has events of all names
 * @names: the names; NULL ends them
 * @errp: set if it has not, or if it has no events at all
 *
 * Returns: true; false with @errp set
 */
bool watch_names_check(char *const *names, Error **errp);

/* watch_names_want: returns true if @names (as above) has the event's name, or
 * is empty; no schema checks events. */
bool watch_names_want(char *const *names, JsonNode *event);

/* watch_names_output: prints "NAME DATA"; returns as output_text() */
int watch_names_output(JsonNode *event);

#endif
