/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What definitions and comments share that are written from introspection. */
#ifndef QOM_QAPI_COMPILER_FROM_INFO_INTERNAL_H
#define QOM_QAPI_COMPILER_FROM_INFO_INTERNAL_H

#include "qapi/compiler/info-set-internal.h"

/* from_info_is_masked: returns true if the name of a type is a number */
static inline bool from_info_is_masked(const char *name)
{
    return g_ascii_isdigit(*name);
}

/*
 * from_info_name: appends a name.  A character that no name can contain becomes
 * '?', which the compiler rejects, so that no data can add text of its own to
 * the schema.
 */
void from_info_name(GString *out, const char *name);

/* from_info_type_name: appends the name of a type, which may be a number */
void from_info_type_name(GString *out, const char *name);

/*
 * from_info_doc: appends a documentation comment; none if there is no text
 * @info: the entry; its text is under "details"
 * @members: (nullable) the members with texts of their own
 */
void from_info_doc(GString *out, JsonObject *info, JsonArray *members);

#endif
