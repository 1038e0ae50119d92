/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of standard commands, and what they share. */
#ifndef QOM_TOOLS_STANDARD_INTERNAL_H
#define QOM_TOOLS_STANDARD_INTERNAL_H

#include "tools/standard.h"

/* qom-set-text; see StandardFunc */
JsonNode *standard_set_text(JsonObject *arguments, Error **errp);

/*
 * standard_text_of: returns (borrowed) a member that is a string; NULL if there
 * is none.
 */
const char *standard_text_of(JsonObject *object, const char *name);

/*
 * standard_find_named: returns (borrowed) the object of a list whose member
 * "name" is @name; NULL if there is none.
 */
JsonObject *standard_find_named(JsonNode *list, const char *name);

#endif
