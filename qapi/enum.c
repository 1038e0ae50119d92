/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Enumeration values and their names.  A value is an index into the names.  An
 * index without a name is no value of the enumeration: a build that leaves
 * values out by 'if' leaves gaps.
 */
#include "qapi/qapi-type.h"

#include "util/programming-error.h"

#include <string.h>

int qapi_enum_parse(const QEnumLookup *lookup, const char *name, int def,
                    Error **errp)
{
    int i;

    if (!name) {
        return def;
    }
    for (i = 0; i < lookup->size; i++) {
        if (lookup->array[i] && !strcmp(lookup->array[i], name)) {
            return i;
        }
    }
    error_setg(errp, "invalid parameter value: %s", name);
    return def;
}

const char *qapi_enum_lookup(const QEnumLookup *lookup, int value)
{
    if (value < 0 || value >= lookup->size || !lookup->array[value]) {
        programming_error("%d is no value of the enumeration of '%s'", value,
                          lookup->size ? lookup->array[0] : "(nothing)");
    }
    return lookup->array[value];
}
