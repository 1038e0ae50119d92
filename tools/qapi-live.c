/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema and the classes of a program that serves QMP.
 *
 * Commands that only our programs have, or arguments of them, are tried first.
 * Other programs refuse them, and are then sent the command that QEMU has.
 */
#include "tools/qapi-live.h"
#include "qapi/compiler/introspection.h"
#include "qapi/suggestion.h"
#include "tools/qapi-verbs.h"
#include "tools/qmp-client.h"
#include "tools/reply.h"

#include <string.h>

/* The time that a program has to answer a command. */
enum {
    TIMEOUT_MS = 10000,
    COMPLETION_TIMEOUT_MS = 2000, /* a user waits for the names */
};

/* Returns (transfer full) a connection; NULL after a message. */
static QmpClient *connect_to(const char *socket)
{
    Error *err = NULL;
    QmpClient *client = qmp_client_connect(socket, TIMEOUT_MS, -1, &err);

    if (!client) {
        qapi_report(err);
    }
    return client;
}

/* ---- Introspection data ---- */

/* Returns (transfer full) the arguments of query-qmp-schema. */
static JsonNode *flags_new(bool unmask, bool details)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    if (unmask) {
        json_object_set_boolean_member(object, "unmask", true);
    }
    if (details) {
        json_object_set_boolean_member(object, "details", true);
    }
    json_node_take_object(node, object);
    return node;
}

/*
 * Queries introspection data.  QEMU's query-qmp-schema has no arguments and
 * refuses ours, so on an error the query is repeated without them.
 */
static JsonNode *query(QmpClient *client, bool unmask, bool details,
                       Error **errp)
{
    if (unmask || details) {
        g_autoptr(JsonNode) flags = flags_new(unmask, details);
        Error *err = NULL;
        JsonNode *info =
            qmp_client_execute(client, "query-qmp-schema", flags, &err);

        /* A failed connection cannot be used for the second query. */
        if (info || !qmp_client_is_open(client)) {
            error_propagate(errp, err);
            return info;
        }
        error_free(err);
    }
    return qmp_client_execute(client, "query-qmp-schema", NULL, errp);
}

/*
 * Returns (transfer full) introspection data; NULL after a message.  QEMU's
 * guest agent has none.
 */
static JsonNode *info_of(QmpClient *client, const char *socket, bool unmask,
                         bool details)
{
    Error *err = NULL;
    JsonNode *info = query(client, unmask, details, &err);

    if (info) {
        return info;
    }
    if (error_get_class(err) == ERROR_CLASS_COMMAND_NOT_FOUND) {
        error_free(err);
        err = NULL;
        error_setg(&err, "'%s' does not tell its schema, because it lacks the "
                   "command query-qmp-schema", socket);
        error_append_hint(&err, "A guest agent lists its commands: qom call "
                          "-s %s guest-info\n", socket);
    }
    qapi_report(err);
    return NULL;
}

/* Returns (transfer full) the schema; NULL after a message. */
static QapiSchema *schema_of(QmpClient *client, const char *socket)
{
    g_autoptr(JsonNode) info = info_of(client, socket, true, true);
    Error *err = NULL;
    QapiSchema *schema =
        info ? qapi_schema_load_info(socket, info, &err) : NULL;

    if (info && !schema) {
        qapi_report(err);
    }
    return schema;
}

JsonNode *live_info(const char *socket, bool unmask, bool details)
{
    g_autoptr(QmpClient) client = connect_to(socket);

    return client ? info_of(client, socket, unmask, details) : NULL;
}

QapiSchema *live_schema(const char *socket)
{
    g_autoptr(QmpClient) client = connect_to(socket);

    return client ? schema_of(client, socket) : NULL;
}

/* ---- Classes ---- */

/* Executes a command with one argument.  Returns: (transfer full) (nullable) */
static JsonNode *call(QmpClient *client, const char *command,
                      const char *argument, JsonNode *value, Error **errp)
{
    g_autoptr(JsonNode) arguments = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_object_set_member(object, argument, value);
    json_node_take_object(arguments, object);
    return qmp_client_execute(client, command, arguments, errp);
}

/* Returns (transfer full) all classes; NULL if the program tells none. */
static JsonNode *types_of(QmpClient *client)
{
    return call(client, "qom-list-types", "abstract",
                json_node_init_boolean(json_node_alloc(), true), NULL);
}

/* Returns (transfer full) the properties; NULL with @errp set. */
static JsonNode *properties_of(QmpClient *client, const char *name,
                               const char *command, Error **errp)
{
    return call(client, command, "typename",
                json_node_init_string(json_node_alloc(), name), errp);
}

/*
 * Returns (borrowed) the name of the i-th class of the reply to qom-list-types;
 * NULL if the reply is wrong there.
 */
static const char *class_name(JsonNode *types, guint i)
{
    JsonNode *type = json_array_get_element(json_node_get_array(types), i);
    JsonNode *value =
        JSON_NODE_HOLDS_OBJECT(type)
            ? json_object_get_member(json_node_get_object(type), "name")
            : NULL;

    return value && json_node_get_value_type(value) == G_TYPE_STRING
               ? json_node_get_string(value)
               : NULL;
}

static guint n_classes(JsonNode *types)
{
    return types && JSON_NODE_HOLDS_ARRAY(types)
               ? json_array_get_length(json_node_get_array(types))
               : 0;
}

/* Returns true if the reply to qom-list-types has the class. */
static bool has_class(JsonNode *types, const char *name)
{
    for (guint i = 0; i < n_classes(types); i++) {
        if (!g_strcmp0(class_name(types, i), name)) {
            return true;
        }
    }
    return false;
}

/* Hints at the class that a misspelt name may mean. */
static void suggest_class(JsonNode *types, const char *name, Error **errp)
{
    ERRP_GUARD();
    Suggestion near;

    suggestion_init(&near, name);
    for (guint i = 0; i < n_classes(types); i++) {
        if (class_name(types, i)) {
            suggestion_offer(&near, class_name(types, i));
        }
    }
    suggestion_append_hint(&near, errp);
}

/*
 * Returns (transfer full) the properties by the command of QEMU, which lists
 * them in the order of a hash table.
 */
static JsonNode *standard_properties_of(QmpClient *client, const char *name,
                                        Error **errp)
{
    g_autoptr(JsonNode) list =
        properties_of(client, name, "qom-list-properties", errp);

    /* A wrong reply is left to the function that reads it. */
    for (guint i = 0; i < n_classes(list); i++) {
        if (!class_name(list, i)) {
            return g_steal_pointer(&list);
        }
    }
    return n_classes(list) ? reply_sort(list) : g_steal_pointer(&list);
}

/* Appends a class, which the program has. */
static bool show_class(QmpClient *client, JsonNode *types, const char *name,
                       GString *out, Error **errp)
{
    g_autoptr(JsonNode) properties =
        properties_of(client, name, "qom-describe-type", NULL);

    if (!properties && qmp_client_is_open(client)) {
        properties = standard_properties_of(client, name, errp);
    }
    return properties && qapi_show_class(name, types, properties, out, errp);
}

static bool describes_classes(QapiSchema *schema)
{
    g_autoptr(GString) ignored = g_string_new(NULL);

    return qapi_schema_show(schema, "qom-describe-type", ignored, NULL);
}

/*
 * Appends the definition, the class, or both if they have the same name.  An
 * overview lists the classes of programs that describe them; QEMU has hundreds
 * and describes little of them.
 */
static bool show(QmpClient *client, QapiSchema *schema, const char *name,
                 GString *out, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(JsonNode) types = NULL;

    if (!name) {
        types = describes_classes(schema) ? types_of(client) : NULL;
        return (!types || qapi_show_classes(types, out, errp)) &&
               qapi_schema_show(schema, NULL, out, errp);
    }
    types = types_of(client);
    if (!has_class(types, name)) {
        if (qapi_schema_show(schema, name, out, errp)) {
            return true;
        }
        if (!error_get_hint(*errp)) {
            suggest_class(types, name, errp);
        }
        return false;
    }
    if (!show_class(client, types, name, out, errp)) {
        return false;
    }
    /* It has been found, so another definition need not exist. */
    qapi_schema_show(schema, name, out, NULL);
    return true;
}

bool live_show(const char *socket, const char *name, GString *out)
{
    g_autoptr(QmpClient) client = connect_to(socket);
    g_autoptr(QapiSchema) schema = client ? schema_of(client, socket) : NULL;
    Error *err = NULL;

    if (schema && !show(client, schema, name, out, &err)) {
        qapi_report(err);
        return false;
    }
    return schema != NULL;
}

/* ---- Names for completion ---- */

/* Copies the strings of an array, which is consumed. */
static void add_names(GPtrArray *names, GPtrArray *more)
{
    for (guint i = 0; i < more->len; i++) {
        g_ptr_array_add(names, g_strdup(more->pdata[i]));
    }
    g_ptr_array_unref(more);
}

GPtrArray *live_names(const char *socket)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(QmpClient) client =
        qmp_client_connect(socket, COMPLETION_TIMEOUT_MS, -1, NULL);
    g_autoptr(JsonNode) data =
        client ? query(client, false, false, NULL) : NULL;
    g_autoptr(QapiInfo) info =
        data ? qapi_info_new(socket, data, NULL) : NULL;
    g_autoptr(JsonNode) types = info ? types_of(client) : NULL;

    if (info) {
        add_names(names, qapi_info_names(info, "command"));
        add_names(names, qapi_info_names(info, "event"));
    }
    for (guint i = 0; i < n_classes(types); i++) {
        if (class_name(types, i)) {
            g_ptr_array_add(names, g_strdup(class_name(types, i)));
        }
    }
    return names;
}
