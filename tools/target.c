/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tool asks one target in its life, which is therefore not passed around.
 */
#include "tools/target.h"
#include "qapi/json-visitor.h"
#include "qapi/qapi-command.h"

#include <stdarg.h>
#include <string.h>

enum {
    TIMEOUT_MS = 10000,
};

static QmpClient *client; /* NULL: this process */

bool target_connect(const char *socket, Error **errp)
{
    if (g_str_has_prefix(socket, "unix:")) {
        socket += strlen("unix:");
    }
    client = qmp_client_connect(socket, TIMEOUT_MS, errp);
    return client != NULL;
}

void target_disconnect(void)
{
    g_clear_pointer(&client, qmp_client_free);
}

QmpClient *target_client(void)
{
    return client;
}

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

static JsonNode *execute_here(const char *command, JsonNode *arguments,
                              Error **errp)
{
    g_autoptr(Visitor) v = json_input_visitor_new(arguments);
    const QapiCommand *cmd = qapi_find_command(command);
    JsonNode *result;

    if (!cmd) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", command);
        return NULL;
    }
    if (!qapi_command_execute(cmd, v, &result, errp)) {
        return NULL;
    }
    if (!result) {
        result = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(result, json_object_new());
    }
    return result;
}

JsonNode *target_execute(const char *command, Error **errp, ...)
{
    g_autoptr(JsonNode) arguments = NULL;
    va_list ap;

    va_start(ap, errp);
    arguments = object_of_pairs(ap);
    va_end(ap);
    return client ? qmp_client_execute(client, command, arguments, errp)
                  : execute_here(command, arguments, errp);
}
