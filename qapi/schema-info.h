/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection: a description of the running program's commands and events in
 * the form of query-qmp-schema (SchemaInfo).
 *
 * The description is created from the same data that commands are executed by,
 * so it cannot disagree with the program, and it includes what plugins have
 * registered.
 *
 * Commands and events come first, in the order of registration.  The types that
 * they use follow, in the order of first use; unused types are left out.  All
 * integer types are reported as `int`.  Type names are not part of the
 * interface, so they are replaced by numbers unless the caller asks for them.
 *
 * Contract: docs/schema-language.md, "Introspection"; QEMU 10's
 *          query-qmp-schema
 */
#ifndef QOM_QAPI_SCHEMA_INFO_H
#define QOM_QAPI_SCHEMA_INFO_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * qapi_schema_info: describes all commands and events and the types that they
 * use
 * @unmask: true to report type names instead of numbers
 * @details: true to add a member "details" to entities, members and values; it
 *          holds "doc", and for properties of classes also "default", "min",
 *          "max", "unit" and "set"
 *
 * Returns: (transfer full) an array of SchemaInfo
 * Thread: main
 */
JsonNode *qapi_schema_info(bool unmask, bool details);

/**
 * QapiTypeProvider: Creates a type descriptor at run time.
 * @garbage: the provider adds every piece of memory that it allocates; the
 *          caller frees the pieces with g_free() when the type descriptor is no
 *          longer used
 *
 * Returns: the type descriptor, valid until the pieces of @garbage are freed
 * Thread: main
 */
typedef const QapiType *QapiTypeProvider(GPtrArray *garbage);

/**
 * qapi_schema_info_provide: sets the function that describes a type at run
 * time
 * @type_name: the name of a type that commands or events use; copied
 * @provider: (nullable) called once for each qapi_schema_info() that needs the
 *          type; NULL: the type is described by the schema again
 *
 * It is meant for a type that depends on what is registered, such as the
 * options of all object types.
 *
 * Thread: main
 */
void qapi_schema_info_provide(const char *type_name,
                              QapiTypeProvider *provider);

QOM_END_DECLS

#endif
