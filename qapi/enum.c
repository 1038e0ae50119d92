/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Enumeration values and their names.  A value is an index into the names.  An
 * index without a name is no value of the enumeration: a build that leaves
 * values out by 'if' leaves gaps.
 */
#include "qapi/qapi-type.h"

#include "qapi/suggestion.h"
#include "util/programming-error.h"

#include <string.h>

/* Some enumerations, such as those of keys, have hundreds of values. */
#define MAX_VALUES_IN_HINT 20

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

/*
 * The list ends before it fills the screen.  Values that the build leaves out
 * are not counted.
 */
void qapi_enum_append_values(const QEnumLookup *lookup, Error *const *errp)
{
    const char *separator = "Accepted values: ";
    int n = 0;

    for (int i = 0; i < lookup->size; i++) {
        if (lookup->array[i] && n++ < MAX_VALUES_IN_HINT) {
            error_append_hint(errp, "%s%s", separator, lookup->array[i]);
            separator = ", ";
        }
    }
    if (n > MAX_VALUES_IN_HINT) {
        error_append_hint(errp, " and %d more", n - MAX_VALUES_IN_HINT);
    }
    error_append_hint(errp, "%s", n ? ".\n" : "There is no value.\n");
}

/*
 * The message is QEMU's, which clients know; what helps the user is in the
 * hint.
 */
void qapi_enum_refuse(const QEnumLookup *lookup, const char *param,
                      const char *name, Error **errp)
{
    ERRP_GUARD();
    Suggestion suggestion;

    error_setg(errp, "Parameter '%s' does not accept value '%s'", param,
               name);
    suggestion_init(&suggestion, name);
    for (int i = 0; i < lookup->size; i++) {
        if (lookup->array[i]) {
            suggestion_offer(&suggestion, lookup->array[i]);
        }
    }
    suggestion_append_hint(&suggestion, errp);
    qapi_enum_append_values(lookup, errp);
}

const char *qapi_enum_lookup(const QEnumLookup *lookup, int value)
{
    if (value < 0 || value >= lookup->size || !lookup->array[value]) {
        programming_error("%d is no value of the enumeration of '%s'", value,
                          lookup->size ? lookup->array[0] : "(nothing)");
    }
    return lookup->array[value];
}
