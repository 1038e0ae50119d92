/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiCommand: a command of the schema, as an entry of a constant table.
 *
 * An entry holds the name of the command and the types of its arguments and its
 * result.  The QMP server (or a test) finds the entry by name, visits the
 * arguments into the C form of @arg_type, calls @run, and visits the result out
 * of the C form of @ret_type.  No command needs marshalling code.  The schema
 * compiler (`qapi gen`) emits the entries and the @run functions; a @run
 * function unpacks the struct and calls the handler
 * `qmp_NAME(args..., Error **errp)`.  An entry may also be written by hand.
 *
 * This is how to call a command, with the functions of "qapi/qapi-type.h":
 *
 *     void *arg = NULL;               // T *; not used without @arg_type
 *     QapiValue ret = { 0 };          // room for any C form
 *
 *     ok = qapi_type_visit(in, NULL, cmd->arg_type, &arg, errp) &&
 *          cmd->run(arg, &ret, errp) &&
 *          qapi_type_visit(out, NULL, cmd->ret_type, &ret, errp);
 *     qapi_type_free(cmd->ret_type, &ret);
 *     qapi_type_free(cmd->arg_type, &arg);
 *
 * A command with 'gen': false gets its arguments as JSON: both types are
 * &qapi_type_any, and the handler is
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

/* Flags of a command. */
typedef enum QapiCommandOptions {
    QCO_NO_OPTIONS = 0,
    QCO_NO_SUCCESS_RESP = 1 << 0, /* the server sends no reply on success */
    QCO_ALLOW_OOB = 1 << 1,       /* may be executed out of band */
    QCO_ALLOW_PRECONFIG = 1 << 2, /* may be executed before start-up ends */
    QCO_COROUTINE = 1 << 3,       /* @run must be called in a coroutine */
} QapiCommandOptions;

/* One command.  All data is constant and static. */
typedef struct QapiCommand {
    const char *name;
    const QapiType *arg_type; /* (nullable) a struct, a union or any */
    const QapiType *ret_type; /* (nullable) any type */

    /*
     * Executes the command.
     * @arg: the C struct of the arguments (`T *`, or `JsonNode *` for any);
     *       borrowed; NULL without @arg_type
     * @ret: the slot for the result, zeroed, in the C form that
     *       qapi_type_visit() takes (`T **`, `char **`, `int64_t *`); filled on
     *       success (transfer full), not changed on failure; ignored without
     *       @ret_type
     *
     * Returns: true; false with @errp set
     */
    bool (*run)(void *arg, void *ret, Error **errp);

    /*
     * (nullable) The types that introspection reports for a command that gets
     * its arguments as JSON.
     */
    const QapiType *info_arg_type;
    const QapiType *info_ret_type;
    /* (nullable) a type that qapi_schema_info_provide() provides */
    const char *info_arg_name;

    unsigned flags;              /* flags of QapiCommandOptions */
    uint64_t special_features;   /* bit numbers such as QAPI_DEPRECATED */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
} QapiCommand;

/* A slot for one value of any C form. */
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
 * qapi_register_commands: registers commands
 * @commands: the commands; static, because the registry keeps pointers to them
 * @n: number of commands
 *
 * Generated code calls it in a function that is declared with module_init(...,
 * MODULE_INIT_QMP).  To register a name twice is a programming error.
 *
 * Thread: main
 */
void qapi_register_commands(const QapiCommand *commands, size_t n);

/**
 * qapi_find_command: looks up a command
 * @name: the name of the command in QMP; borrowed
 *
 * Returns: the command, static; NULL if no command has this name
 * Thread: any
 */
const QapiCommand *qapi_find_command(const char *name);

/**
 * qapi_find_command_err: qapi_find_command() with an error.
 * @name: the name of the command in QMP; borrowed
 * @errp: set to an error of class CommandNotFound: "The command X has not been
 *        found"; the hint has the command that @name resembles
 *
 * Returns: the command, static; NULL with @errp set
 * Thread: any
 */
const QapiCommand *qapi_find_command_err(const char *name, Error **errp);

/**
 * qapi_command_execute: executes a command and creates JSON from its result
 * @cmd: the command
 * @arguments: an input visitor for the object that holds the arguments; nothing
 *          of it was visited yet; borrowed
 * @result: (out) (nullable) (transfer full) the result; NULL if the command
 *          returns nothing, and on failure
 * @errp: set if the arguments are rejected or the command fails
 *
 * A value of type 'any' is a node already and is passed on as it is.
 *
 * Returns: true; false with @errp set
 * Thread: the one that the command needs, usually main
 */
bool qapi_command_execute(const QapiCommand *cmd, Visitor *arguments,
                          JsonNode **result, Error **errp);

/**
 * qapi_for_each_command: calls a function for every registered command
 * @fn: called in the order of registration
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qapi_for_each_command(void (*fn)(const QapiCommand *cmd, void *opaque),
                           void *opaque);

QOM_END_DECLS

#endif
