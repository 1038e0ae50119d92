/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiCommand: a command of the schema, as one row of a constant table.
 *
 * A row says how a command is called and what its arguments and its result
 * are.  Whoever carries commands (the QMP server, a test) finds the row by
 * name, visits the arguments into the C form of @arg_type, calls @run, and
 * visits the result out of the C form of @ret_type; there is no marshalling
 * code per command.  The schema compiler emits the rows (`qapi gen`) and the
 * @run functions, which unpack the struct and call the handler
 * `qmp_NAME(args..., Error **errp)`; a row may also be written by hand.
 *
 * Calling a command, with the helpers of "qapi/qapi-type.h":
 *
 *     void *arg = NULL;               // T *; needs no slot without @arg_type
 *     QapiValue ret = { 0 };          // room for any C form
 *
 *     ok = qapi_type_visit(in, NULL, cmd->arg_type, &arg, errp) &&
 *          cmd->run(arg, &ret, errp) &&
 *          qapi_type_visit(out, NULL, cmd->ret_type, &ret, errp);
 *     qapi_type_free(cmd->ret_type, &ret);
 *     qapi_type_free(cmd->arg_type, &arg);
 *
 * A command with 'gen': false takes its arguments as they are: both types
 * are &qapi_type_any, and the handler is
 * `bool qmp_NAME(JsonNode *args, JsonNode **ret, Error **errp)`.
 *
 * Contract: docs/schema-language.md, "Commands"
 */
#ifndef QOM_QAPI_QAPI_COMMAND_H
#define QOM_QAPI_QAPI_COMMAND_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef enum QapiCommandOptions {
    QCO_NO_OPTIONS = 0,
    QCO_NO_SUCCESS_RESP = 1 << 0, /* success sends no response */
    QCO_ALLOW_OOB = 1 << 1,       /* may be run out of band */
    QCO_ALLOW_PRECONFIG = 1 << 2, /* may be run before start-up is done */
    QCO_COROUTINE = 1 << 3,       /* @run expects to be in a coroutine */
} QapiCommandOptions;

typedef struct QapiCommand {
    const char *name;
    const QapiType *arg_type; /* (nullable) struct or union, or any */
    const QapiType *ret_type; /* (nullable) any type */

    /*
     * @arg: the C struct of the arguments (`T *`, or `JsonNode *` for any);
     *       borrowed; NULL without @arg_type
     * @ret: slot for the result, zeroed, in the C form that qapi_type_visit()
     *       takes (`T **`, `char **`, `int64_t *`); filled on success
     *       (transfer full), untouched on failure; ignored without @ret_type
     * Returns: true; false with @errp set
     */
    bool (*run)(void *arg, void *ret, Error **errp);

    /*
     * (nullable) What introspection tells of a command that takes its
     * arguments as they are.
     */
    const QapiType *info_arg_type;
    const QapiType *info_ret_type;
    const char *info_arg_name; /* a type that is provided at run time, see
                                  qapi_schema_info_provide() */

    unsigned flags;              /* of QapiCommandOptions */
    uint64_t special_features;   /* bits as QAPI_DEPRECATED */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
} QapiCommand;

/* Room for one value of any C form. */
typedef union QapiValue {
    bool boolean;
    int enumeration;
    int64_t i64;
    uint64_t u64;
    double number;
    char *str;
    void *pointer;
} QapiValue;

/**
 * qapi_register_commands: make commands known by name
 * @rows: static data, kept
 * @n: how many
 *
 * Generated code calls it from a module_init(..., MODULE_INIT_QMP) function.
 * A name that is registered already is a programming error.
 *
 * Thread: main
 */
void qapi_register_commands(const QapiCommand *rows, size_t n);

/**
 * qapi_find_command: look a command up
 * @name: its name on the wire
 *
 * Returns: the row, static; NULL when there is none
 * Thread: any
 */
const QapiCommand *qapi_find_command(const char *name);

/**
 * qapi_command_execute: execute a command, with JSON out
 * @cmd: the command
 * @arguments: an input visitor of an object, of which nothing was visited
 * @result: (out) (nullable) (transfer full) what the command returns; NULL if
 *          it returns nothing, and on failure
 * @errp: set when the arguments are refused or the command fails
 *
 * Values of the type 'any' are nodes already and are passed as they are.
 *
 * Thread: the command's, in general main
 */
bool qapi_command_execute(const QapiCommand *cmd, Visitor *arguments,
                          JsonNode **result, Error **errp);

/**
 * qapi_for_each_command: call a function for every registered command
 * @fn: called in order of registration; registers no commands itself
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qapi_for_each_command(void (*fn)(const QapiCommand *cmd, void *opaque),
                           void *opaque);

QOM_END_DECLS

#endif
