/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection: what clients may know of the running program's commands and
 * events, in the form of query-qmp-schema (SchemaInfo).
 *
 * It is read from the same descriptors that commands are run by, so it cannot
 * disagree with the program, and what a plugin registers is in it.
 *
 * Commands and events come first, in order of registration, then the types
 * that they use, in order of first use.  Integers are all `int`; a type that
 * nothing uses is not there; names of types are numbers unless unmasked, as
 * they are no part of the interface.
 *
 * Contract: docs/schema-language.md, "Introspection"; QEMU 10's
 * query-qmp-schema
 */
#ifndef QOM_QAPI_SCHEMA_INFO_H
#define QOM_QAPI_SCHEMA_INFO_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * qapi_schema_info: describe all commands and events and their types
 * @unmask: give types their own names
 * @details: add a member "details" to entities, members and values: "doc",
 *           and for properties of classes "default", "min", "max", "unit" and
 *           "set"
 *
 * Returns: (transfer full) an array of SchemaInfo
 * Thread: main
 */
JsonNode *qapi_schema_info(bool unmask, bool details);

/**
 * QapiTypeProvider: make a descriptor of what is there now
 * @garbage: to be given every piece of memory that was allocated, to be freed
 *           with g_free() once the descriptor is no longer used
 *
 * Returns: the descriptor
 */
typedef const QapiType *QapiTypeProvider(GPtrArray *garbage);

/**
 * qapi_schema_info_provide: let a type be described at run time
 * @type_name: a type that commands or events use
 * @provider: (nullable) asked for each time; NULL: as the schema says, again
 *
 * For a type such as the options of all objects, which depends on what is
 * registered.
 *
 * Thread: main
 */
void qapi_schema_info_provide(const char *type_name,
                              QapiTypeProvider *provider);

QOM_END_DECLS

#endif
