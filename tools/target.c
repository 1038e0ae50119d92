/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target of a verb.
 *
 * A process has one target, so it is a variable of this file and not a
 * parameter of every function.  Another program may be of another version, or
 * hostile: its replies are checked against the schema of this program, and
 * after a wrong one the connection is closed.
 */
#include "tools/target.h"
#include "tools/standard.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/qapi-command.h"
#include "util/hash.h"

#include <stdarg.h>
#include <string.h>

enum {
    TIMEOUT_MS = 10000,
    SILENT_MS = 1000, /* how long to wait for an error if success is silent */
};

static QmpClient *client; /* owned; NULL if the target is this process */
static unsigned number;   /* how many times the target has changed */
static int stop_fd = -1;  /* of target_set_stop_fd() */
static GHashTable *lacks; /* (nullable) of char *: commands it does not have */

bool target_connect(const char *socket, Error **errp)
{
    if (g_str_has_prefix(socket, "unix:")) {
        socket += strlen("unix:");
    }
    client = qmp_client_connect(socket, TIMEOUT_MS, stop_fd, errp);
    number++;
    return client != NULL;
}

void target_set_stop_fd(int fd)
{
    stop_fd = fd;
    if (client) {
        qmp_client_set_stop_fd(client, fd);
    }
}

void target_use(QmpClient *peer)
{
    target_disconnect();
    client = peer;
}

void target_disconnect(void)
{
    g_clear_pointer(&client, qmp_client_free);
    g_clear_pointer(&lacks, g_hash_table_unref);
    number++;
}

/* Both connecting and disconnecting count. */
unsigned target_number(void)
{
    return number;
}

const char *target_name(void)
{
    return client ? qmp_client_get_name(client) : "this process";
}

QmpClient *target_client(void)
{
    return client;
}

bool target_is_there(void)
{
    return !client || qmp_client_is_open(client);
}

/* Returns (transfer full) an object of the pairs of target_execute(). */
static JsonNode *object_of_pairs(va_list ap)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();
    const char *name;

    while ((name = va_arg(ap, const char *))) {
        JsonNode *value = va_arg(ap, JsonNode *);

        if (value) {
            json_object_set_member(object, name, value);
        }
    }
    json_node_take_object(node, object);
    return node;
}

/*
 * Executes a command in this process, without a QMP session.  The visitor
 * checks the arguments as it does for a client.
 */
static JsonNode *execute_here(const char *command, JsonNode *arguments,
                              Error **errp)
{
    g_autoptr(Visitor) v = json_input_visitor_new(arguments);
    const QapiCommand *cmd = qapi_find_command_err(command, errp);
    JsonNode *result;

    if (!cmd || !qapi_command_execute(cmd, v, &result, errp)) {
        return NULL;
    }
    /* QMP returns an empty object for commands without a result. */
    if (!result) {
        result = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(result, json_object_new());
    }
    return result;
}

/*
 * Visits a reply as a value of @type.  A command without a result returns an
 * object, to which later versions may add members.
 */
static bool visit_result(Visitor *v, const QapiType *type, Error **errp)
{
    QapiValue value = { 0 };
    bool ok;

    if (!type) {
        ok = visit_start_struct(v, "return", NULL, 0, errp);
        if (ok) {
            visit_end_struct(v, NULL);
        }
        return ok;
    }
    ok = qapi_type_visit(v, "return", type, &value, errp);
    qapi_type_free(type, &value);
    return ok;
}

/* Returns the command of this program whose result has the same type. */
static const QapiCommand *find_same_result(const char *command)
{
    return qapi_find_command(strcmp(command, "device-list-properties")
                                 ? command : "qom-list-properties");
}

/* Checks that a reply has the type that the schema gives the result. */
static bool check_reply(const char *command, JsonNode *reply, Error **errp)
{
    ERRP_GUARD();
    const QapiCommand *cmd = find_same_result(command);
    g_autoptr(Visitor) v = json_input_visitor_new_tolerant(reply);

    if (!visit_result(v, cmd ? cmd->ret_type : NULL, errp)) {
        target_bad_reply(command, errp);
        qmp_client_close(client);
        return false;
    }
    return true;
}

/* The hint goes: the user cannot change what the other program sends. */
void target_bad_reply(const char *command, Error **errp)
{
    g_autoptr(Error) err = *errp;

    *errp = NULL;
    error_setg(errp, "'%s' sent a wrong reply to %s: %s", target_name(),
               command, error_get_pretty(err));
}

/* Executes a command, which is not sent if the target lacks it. */
static JsonNode *try_there(const char *command, JsonNode *arguments,
                           Error **errp)
{
    JsonNode *reply;
    Error *err = NULL;

    if (lacks && g_hash_table_contains(lacks, command)) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", command);
        return NULL;
    }
    reply = qmp_client_execute(client, command, arguments, &err);
    if (err && error_get_class(err) == ERROR_CLASS_COMMAND_NOT_FOUND) {
        if (!lacks) {
            lacks = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                          NULL);
        }
        g_hash_table_add(lacks, g_strdup(command));
    }
    error_propagate(errp, err);
    return reply;
}

/*
 * Executes a command, or standard ones that do the same.  Those execute
 * commands in turn, whose replies are checked, so their result needs no check.
 */
static JsonNode *execute_there(const char *command, JsonNode *arguments,
                               Error **errp)
{
    StandardFunc *standard = standard_find(command);
    g_autoptr(JsonNode) reply = NULL;
    Error *err = NULL;

    reply = try_there(command, arguments, &err);
    if (standard && err &&
        error_get_class(err) == ERROR_CLASS_COMMAND_NOT_FOUND) {
        error_free(err);
        return standard(json_node_get_object(arguments), errp);
    }
    error_propagate(errp, err);
    return reply && check_reply(command, reply, errp) ? g_steal_pointer(&reply)
                                                      : NULL;
}

/* Without arguments a command of this process still visits an object. */
JsonNode *target_call(const char *command, JsonNode *arguments,
                      Error **errp)
{
    g_autoptr(JsonNode) none = NULL;

    if (client) {
        return qmp_client_execute(client, command, arguments, errp);
    }
    if (!arguments) {
        none = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(none, json_object_new());
    }
    return execute_here(command, arguments ? arguments : none, errp);
}

bool target_call_silent(const char *command, JsonNode *arguments,
                        Error **errp)
{
    const QmpCall call = { .command = command, .arguments = arguments,
                           .timeout_ns = SILENT_MS * INT64_C(1000000) };
    g_autoptr(JsonNode) result = NULL;
    Error *err = NULL;

    qmp_client_execute_all(client, &call, 1, &result, &err);
    /* The end of the time or of the connection is what is expected. */
    if (!qmp_client_is_open(client)) {
        g_clear_pointer(&err, error_free);
    }
    qmp_client_close(client);
    error_propagate(errp, err);
    return !err;
}

/* In this process they are executed one after the other. */
void target_execute_all(const QmpCall *calls, unsigned n, JsonNode **results,
                        Error **errors)
{
    if (client) {
        qmp_client_execute_all(client, calls, n, results, errors);
    }
    for (unsigned i = 0; i < n; i++) {
        const QmpCall *call = &calls[i];

        if (!client) {
            errors[i] = NULL;
            results[i] = execute_here(call->command, call->arguments,
                                      &errors[i]);
        } else if (results[i] &&
                   !check_reply(call->command, results[i], &errors[i])) {
            g_clear_pointer(&results[i], json_node_unref);
        }
    }
}

JsonNode *target_execute(const char *command, Error **errp, ...)
{
    g_autoptr(JsonNode) arguments = NULL;
    va_list ap;

    va_start(ap, errp);
    arguments = object_of_pairs(ap);
    va_end(ap);
    return client ? execute_there(command, arguments, errp)
                  : execute_here(command, arguments, errp);
}
