/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of properties as text, for programs that want them with their type. */
#ifndef QOM_TOOLS_PROPERTY_TEXT_H
#define QOM_TOOLS_PROPERTY_TEXT_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

/*
 * property_text_knows: returns true if the type of a property, as qom-list has
 * it, says which values it has.  Only the program knows types such as
 * enumerations.
 */
bool property_text_knows(const char *type);

/**
 * property_text_parse: returns the value that a text means
 * @name: the property, for the message
 * @type: its type
 * @present: (nullable) the value that it has, which decides if the type is not
 *           known; without it a text is JSON if it can be, otherwise a string
 * @text: the text
 * @errp: set if the text is no value of the type
 *
 * Returns: (transfer full) the value; NULL with @errp set
 */
JsonNode *property_text_parse(const char *name, const char *type,
                              JsonNode *present, const char *text,
                              Error **errp);

#endif
