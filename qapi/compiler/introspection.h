/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data of a program, as query-qmp-schema returns it, for clients:
 * which commands and events exist, which arguments a command has, and arguments
 * given as text turned into values of the right types.
 *
 * Types are named as in the data: a name, or a number if the program masks
 * names.  The data may be of any program, so what is missing in it reads as
 * empty.
 *
 * Thread: any; one thread at a time uses a QapiInfo
 * Contract: docs/qmp-servers.md
 */
#ifndef QOM_QAPI_COMPILER_INTROSPECTION_H
#define QOM_QAPI_COMPILER_INTROSPECTION_H

#include "qapi/error.h"
#include "qapi/visitor/keyval.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct QapiInfo QapiInfo;

/* A member of an object type, such as an argument of a command. */
typedef struct QapiInfoMember {
    const char *name;
    const char *type; /* its name in the data */
    bool optional;
} QapiInfoMember;

/**
 * qapi_info_new: takes introspection data
 * @name: the name of the data in messages; copied
 * @data: an array of SchemaInfo; any other JSON is an error; a reference is
 *        taken
 * @errp: set if @data is not introspection data
 *
 * Returns: (transfer full) the data, indexed; free it with qapi_info_free();
 *          NULL with @errp set
 * Thread: any
 */
QapiInfo *qapi_info_new(const char *name, JsonNode *data, Error **errp);

/**
 * qapi_info_free: frees introspection data
 * @info: (nullable) consumed
 *
 * Thread: any; no other thread may use @info
 */
void qapi_info_free(QapiInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QapiInfo, qapi_info_free)

/**
 * qapi_info_has: tests whether the program has a command or an event
 * @info: the data
 * @kind: "command" or "event"
 * @name: the name to look up
 *
 * Returns: true if the data contains it
 * Thread: any; one thread at a time uses @info
 */
bool qapi_info_has(const QapiInfo *info, const char *kind, const char *name);

/**
 * qapi_info_names: returns the names of all commands or all events
 * @info: the data
 * @kind: "command" or "event"
 *
 * Returns: (transfer container) the names (of const char *), sorted; they live
 *          as long as @info
 * Thread: any; one thread at a time uses @info
 */
GPtrArray *qapi_info_names(const QapiInfo *info, const char *kind);

/**
 * qapi_info_argument_type: returns the type of the arguments of a command, or
 * of the data of an event
 * @info: the data
 * @name: the name of the command or event
 *
 * Returns: the name of an object type, which lives as long as @info; NULL if
 *          there is no such command or event
 * Thread: any; one thread at a time uses @info
 */
const char *qapi_info_argument_type(const QapiInfo *info, const char *name);

/**
 * qapi_info_members: returns the members of an object type
 * @info: the data
 * @type: (nullable) the name of the type; NULL and a type of another kind have
 *        no members
 * @values: (nullable) members that are given already; borrowed.  Their texts
 *          select the branches of a union: its members are included if the
 *          member that selects them is given
 *
 * Returns: (transfer full) an array of QapiInfoMember, whose texts live as long
 *          as @info
 * Thread: any; one thread at a time uses @info
 */
GArray *qapi_info_members(const QapiInfo *info, const char *type,
                          JsonObject *values);

/**
 * qapi_info_values: returns the words that a value of a type can be
 * @info: the data
 * @type: the name of the type
 *
 * Returns: (transfer container) the values of an enumeration, "on" and "off"
 *          for a boolean, those of all branches for an alternate; empty for
 *          other types
 * Thread: any; one thread at a time uses @info
 */
GPtrArray *qapi_info_values(const QapiInfo *info, const char *type);

/**
 * qapi_info_element_type: returns the element type of an array type
 * @info: the data
 * @type: the name of the type
 *
 * Returns: the name of the type, which lives as long as @info; NULL if @type is
 *          not an array type
 * Thread: any; one thread at a time uses @info
 */
const char *qapi_info_element_type(const QapiInfo *info, const char *type);

/**
 * qapi_info_describe: describes the values of a type for a message
 * @info: (nullable) the data
 * @type: (nullable) the name of the type; NULL means any value
 *
 * Returns: (transfer full) a text such as "an integer" or "one of on, off"
 * Thread: any; one thread at a time uses @info
 */
char *qapi_info_describe(const QapiInfo *info, const char *type);

/**
 * qapi_info_parse_arguments: gives arguments that are text the types that the
 * command wants
 * @info: (nullable) the data; NULL if the program has none, so that each text
 *        is a JSON value if it is one, and a string otherwise
 * @command: the name of the command; it must exist in @info
 * @given: the arguments; borrowed.  Where an object, an array or any value is
 *         wanted, a text may be JSON
 * @errp: set if the command has no such argument, if a required one is missing,
 *        or if a text is no value of its type; the message names the argument
 *        and what is expected
 *
 * An integer may have a suffix of k, m, g, t, p or e (powers of 1024).  A list
 * of integers may be a text such as "0-3,8".  If a key is set more than once,
 * the last value wins, and such a list has all.
 *
 * Returns: (transfer full) an object; NULL with @errp set
 * Thread: any; one thread at a time uses @info
 */
JsonNode *qapi_info_parse_arguments(const QapiInfo *info, const char *command,
                                    const Keyval *given, Error **errp);

QOM_END_DECLS

#endif
