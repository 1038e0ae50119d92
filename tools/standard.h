/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands that only programs of this project have, done with commands that
 * every QMP server with objects has.
 */
#ifndef QOM_TOOLS_STANDARD_H
#define QOM_TOOLS_STANDARD_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>

/*
 * Does what a command does.
 * @arguments: of the command; borrowed
 * Returns: (transfer full) the command's result; NULL with @errp set
 */
typedef JsonNode *StandardFunc(JsonObject *arguments, Error **errp);

/*
 * standard_find: returns what to call if the target lacks @command; NULL if
 * standard commands cannot do the same.
 */
StandardFunc *standard_find(const char *command);

#endif
