/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `qapi` reads from a program that serves QMP, instead of from files.
 *
 * On failure a function has printed a message, as the verbs do.
 */
#ifndef QOM_TOOLS_QAPI_LIVE_H
#define QOM_TOOLS_QAPI_LIVE_H

#include "qapi/compiler/compiler.h"

/*
 * live_info: returns (transfer full) introspection data; NULL on failure
 * @unmask, @details: request names and texts, which our programs tell
 */
JsonNode *live_info(const char *socket, bool unmask, bool details);

/* live_schema: returns (transfer full) a program's schema; NULL on failure */
QapiSchema *live_schema(const char *socket);

/*
 * live_show: appends the description of a definition or a class, or an overview
 * if @name is NULL; false on failure
 */
bool live_show(const char *socket, const char *name, GString *out);

/*
 * live_names: returns (transfer full) the names of commands, events and
 * classes, of char *; on failure it has none, without a message
 */
GPtrArray *live_names(const char *socket);

#endif
