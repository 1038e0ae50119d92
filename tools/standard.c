/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands of this project, done with standard ones.
 *
 * A verb executes one command and knows nothing of this.  target_execute()
 * looks here for a function if the target lacks the command.
 *
 * Text    qom-set-text and object-add-text leave the types of texts to the
 *         program.  standard-set.c finds them out for one property; for
 *         object-add the schema has them.
 */
#include "tools/standard-internal.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "tools/object-properties.h"
#include "tools/object-walk.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "util/hash.h"

#include <string.h>

/*
 * Returns (transfer full) the objects of a list by name; they are borrowed.
 * @list: (nullable) without it there are none
 */
static GHashTable *index_by_name(JsonNode *list)
{
    JsonArray *array = list ? json_node_get_array(list) : NULL;
    GHashTable *index = g_hash_table_new(hash_str, g_str_equal);

    for (guint i = 0; list && i < json_array_get_length(array); i++) {
        JsonObject *object = json_array_get_object_element(array, i);

        g_hash_table_insert(index, (char *)reply_text(object, "name"), object);
    }
    return index;
}

static JsonNode *tree(JsonObject *arguments, Error **errp)
{
    const char *path = reply_text(arguments, "path");

    return object_walk_tree(path ? path : "/", false, errp);
}

/* ---- object-add-text ---- */

/* Returns (transfer full) the arguments of object-add. */
static JsonNode *parse_options(const char *text, Error **errp)
{
    g_autoptr(Keyval) given = NULL;
    const QapiInfo *info;

    if (*text == '{') {
        return json_parse(text, -1, errp);
    }
    given = keyval_parse_entries(text, "qom-type", NULL, errp);
    if (!given || !target_info(&info, errp)) {
        return NULL;
    }
    return qapi_info_parse_arguments(info, "object-add", given, errp);
}

static JsonNode *add_text(JsonObject *arguments, Error **errp)
{
    g_autoptr(JsonNode) options =
        parse_options(reply_text(arguments, "options"), errp);

    return options ? target_call("object-add", options, errp) : NULL;
}

/* Returns (transfer full) {"qom-type": @type} */
static JsonObject *object_of_type(const char *type)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "qom-type", type);
    return object;
}

/* ---- qom-describe-type ---- */

/*
 * Returns (transfer full) a property of qom-list-properties with what is known
 * of it.  @device: (nullable) the same property of device-list-properties
 */
static JsonObject *describe(JsonObject *property, JsonObject *device)
{
    static const char *const names[][2] = {
        { "name", "name" },
        { "type", "type" },
        { "default", "default-value" },
        { "description", "description" },
    };
    JsonObject *copy = json_object_new();

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        JsonObject *from =
            json_object_has_member(property, names[i][1]) || !device
                ? property
                : device;

        if (json_object_has_member(from, names[i][1])) {
            json_object_set_member(copy, names[i][0],
                                   json_object_dup_member(from,
                                                          names[i][1]));
        }
    }
    return copy;
}

/* Adds the values of a member that is an enumeration to its property. */
static void add_values(const QapiInfo *info, const QapiInfoMember *member,
                       JsonObject *property)
{
    g_autoptr(GPtrArray) words = qapi_info_values(info, member->type);
    JsonArray *values;

    if (!words->len || !g_strcmp0(reply_text(property, "type"), "bool")) {
        return;
    }
    values = json_array_new();
    for (guint i = 0; i < words->len; i++) {
        json_array_add_string_element(values, words->pdata[i]);
    }
    json_object_set_array_member(property, "values", values);
}

/*
 * Adds the values of enumerations, which only the schema knows, and only for
 * types that object-add creates.
 */
static void add_all_values(JsonNode *rows, const char *type)
{
    g_autoptr(GHashTable) by_name = index_by_name(rows);
    g_autoptr(JsonObject) options = object_of_type(type);
    g_autoptr(GArray) members = NULL;
    const QapiInfo *info;

    if (!target_info(&info, NULL) || !info) {
        return;
    }
    members = qapi_info_members(
        info, qapi_info_argument_type(info, "object-add"), options);
    for (guint i = 0; i < members->len; i++) {
        const QapiInfoMember *member =
            &g_array_index(members, QapiInfoMember, i);
        JsonObject *property = g_hash_table_lookup(by_name, member->name);

        if (property) {
            add_values(info, member, property);
        }
    }
}

/*
 * QEMU describes the properties of devices with another command, which refuses
 * types that are no devices.
 */
static JsonNode *describe_type(JsonObject *arguments, Error **errp)
{
    const char *type = reply_text(arguments, "typename");
    g_autoptr(JsonNode) list =
        target_execute("qom-list-properties", errp, "typename",
                       json_text_new(type), NULL);
    g_autoptr(JsonNode) devices = NULL;
    g_autoptr(GHashTable) by_name = NULL;
    g_autoptr(JsonNode) sorted = NULL;
    JsonNode *result;
    JsonArray *rows;

    if (!list) {
        return NULL;
    }
    devices = target_execute("device-list-properties", NULL, "typename",
                             json_text_new(type), NULL);
    by_name = index_by_name(devices);
    sorted = reply_sort(list);
    rows = json_array_new();
    for (guint i = 0; i < reply_length(sorted); i++) {
        JsonObject *property = reply_element(sorted, i);
        const char *name = reply_text(property, "name");

        json_array_add_object_element(
            rows, describe(property, g_hash_table_lookup(by_name, name)));
    }
    result = json_node_new(JSON_NODE_ARRAY);
    json_node_take_array(result, rows);
    /* Properties of devices are no arguments of object-add. */
    if (!devices) {
        add_all_values(result, type);
    }
    return result;
}

/* ---- query-objects ---- */

/* Returns true if object-add creates objects of the type. */
static bool is_user_creatable(const QapiInfo *info, const char *type)
{
    g_autoptr(GArray) members = qapi_info_members(
        info, qapi_info_argument_type(info, "object-add"), NULL);

    for (guint i = 0; i < members->len; i++) {
        QapiInfoMember *member = &g_array_index(members, QapiInfoMember, i);

        if (!strcmp(member->name, "qom-type")) {
            g_autoptr(GPtrArray) types = qapi_info_values(info, member->type);

            return g_ptr_array_find_with_equal_func(types, type, g_str_equal,
                                                    NULL);
        }
    }
    return false;
}

/*
 * Returns true if a value need not be given to object-add.  QEMU reads a text
 * that was never set as "".
 */
static bool is_default(JsonNode *value, JsonObject *property)
{
    JsonNode *def =
        property ? json_object_get_member(property, "default-value") : NULL;

    return (json_qtype(value) == QTYPE_QSTRING &&
            !*json_node_get_string(value)) ||
           (def && json_node_equal(def, value));
}

/* Returns (transfer full) an object in the form of object-add. */
static JsonObject *config_of(const QapiInfo *info, const char *id,
                             const char *type, Error **errp)
{
    g_autofree char *path = g_strconcat("/objects/", id, NULL);
    g_autoptr(JsonObject) object = object_of_type(type);
    g_autoptr(GArray) members = qapi_info_members(
        info, qapi_info_argument_type(info, "object-add"), object);
    g_autoptr(JsonNode) values = object_properties_get_one(path, errp);
    g_autoptr(JsonNode) defaults = NULL;
    g_autoptr(GHashTable) values_by_name = NULL;
    g_autoptr(GHashTable) defaults_by_name = NULL;

    if (!values) {
        return NULL;
    }
    defaults = target_execute("qom-list-properties", NULL, "typename",
                              json_text_new(type), NULL);
    values_by_name = index_by_name(values);
    defaults_by_name = index_by_name(defaults);
    json_object_set_string_member(object, "id", id);
    for (guint i = 0; i < members->len; i++) {
        const char *name = g_array_index(members, QapiInfoMember, i).name;
        JsonObject *property = g_hash_table_lookup(values_by_name, name);
        JsonNode *value =
            property ? json_object_get_member(property, "value") : NULL;

        /* Names of unstable properties begin with "x-". */
        if (value && !json_object_has_member(object, name) &&
            !g_str_has_prefix(name, "x-") &&
            !is_default(value, g_hash_table_lookup(defaults_by_name, name))) {
            json_object_set_member(object, name, json_node_ref(value));
        }
    }
    return g_steal_pointer(&object);
}

/* The properties of an object are the arguments of object-add that it has. */
static JsonNode *query_objects(JsonObject *arguments, Error **errp)
{
    g_autoptr(JsonNode) list = target_execute(
        "qom-list", errp, "path", json_text_new("/objects"), NULL);
    g_autoptr(JsonNode) children = list ? reply_sort(list) : NULL;
    g_autoptr(JsonArray) objects = json_array_new();
    const QapiInfo *info;
    JsonNode *result;

    if (!list || !target_info(&info, errp)) {
        return NULL;
    }
    for (guint i = 0; info && i < reply_length(children); i++) {
        JsonObject *child = reply_element(children, i);
        const char *type = reply_text(child, "type");
        g_autofree char *bare = NULL;
        JsonObject *object;

        if (!g_str_has_prefix(type, "child<")) {
            continue;
        }
        type += strlen("child<");
        bare = g_strndup(type, strcspn(type, ">"));
        /* QEMU has objects of this name for its options -qmp and -monitor. */
        if (is_user_creatable(info, bare) &&
            !g_str_has_prefix(reply_text(child, "name"),
                              "compat_monitor")) {
            object = config_of(info, reply_text(child, "name"), bare,
                               errp);
            if (!object) {
                return NULL;
            }
            json_array_add_object_element(objects, object);
        }
    }
    result = json_node_new(JSON_NODE_ARRAY);
    json_node_set_array(result, objects);
    return result;
}

/* ---- The table ---- */

static const struct {
    const char *command;
    StandardFunc *func;
} commands[] = {
    { "qom-tree", tree },
    { "qom-set-text", standard_set_text },
    { "object-add-text", add_text },
    { "qom-describe-type", describe_type },
    { "query-objects", query_objects },
};

StandardFunc *standard_find(const char *command)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (!strcmp(commands[i].command, command)) {
            return commands[i].func;
        }
    }
    return NULL;
}
