/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the daemon share, and what a plugin with a filter needs. */
#ifndef RELAY_H
#define RELAY_H

#include "qom/object.h"

#define TYPE_RELAY_FILTER "relay-filter"
OBJECT_DECLARE_TYPE(RelayFilter, RelayFilterClass, RELAY_FILTER)

struct RelayFilter {
    Object parent_obj;
};

struct RelayFilterClass {
    ObjectClass parent_class;

    /*
     * Changes a line in place; it can become shorter, not longer.  Loops call
     * it at the same time.  Returns: false to drop the line
     */
    bool (*apply)(const RelayFilter *filter, char *line, size_t *size_bytes);
};

#endif
