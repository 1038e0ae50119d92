/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arguments of device_add.
 *
 * Known      those that QEMU's schema has: driver, bus and id
 * Property   any other argument.  The device has a type for it, which
 *            device-list-properties describes
 */
#include "tools/device-add.h"
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "tools/path.h"
#include "tools/property-text.h"
#include "tools/reply.h"
#include "tools/target.h"

JsonNode *device_add_properties(const char *driver, Error **errp)
{
    Error *err = NULL;
    JsonNode *list = target_execute("device-list-properties", &err, "typename",
                                    json_text_new(driver), NULL);

    if (!list) {
        type_explain(driver, &err);
        error_propagate(errp, err);
    }
    return list;
}

/* Sets an error that names a property that the device has instead. */
static void set_unknown(const char *driver, JsonNode *properties,
                        const char *name, Error **errp)
{
    ERRP_GUARD();
    Suggestion near;

    suggestion_init(&near, name);
    for (guint i = 0; i < reply_length(properties); i++) {
        suggestion_offer(&near,
                         reply_text(reply_element(properties, i), "name"));
    }
    error_setg(errp, "device '%s' has no property '%s'", driver, name);
    suggestion_append_hint(&near, errp);
}

/*
 * Returns (transfer full) the value of a property.  A text that does not suit
 * the type is sent as it is: QEMU accepts "06.0" for an integer, and words the
 * error otherwise.
 */
static JsonNode *parse_value(JsonObject *property, JsonNode *value)
{
    JsonNode *node = NULL;

    if (json_qtype(value) == QTYPE_QSTRING) {
        node = property_text_parse("", reply_text(property, "type"), NULL,
                                   json_node_get_string(value), NULL);
    }
    return node ? node : json_node_ref(value);
}

/* Adds the properties among @texts to @arguments. */
static bool add_properties(JsonObject *arguments, const char *driver,
                           JsonObject *texts, Error **errp)
{
    g_autoptr(JsonNode) properties = device_add_properties(driver, errp);
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    if (!properties) {
        return false;
    }
    json_object_iter_init_ordered(&iter, texts);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        JsonObject *property = reply_find(properties, name);

        if (json_object_has_member(arguments, name)) {
            continue;
        }
        if (!property) {
            set_unknown(driver, properties, name, errp);
            return false;
        }
        json_object_set_member(arguments, name, parse_value(property, value));
    }
    return true;
}

/* Returns (transfer full) the members of @texts that the schema has. */
static JsonNode *select_known(const QapiInfo *info, JsonObject *texts)
{
    g_autoptr(GArray) members = qapi_info_members(
        info, qapi_info_argument_type(info, "device_add"), NULL);
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *known = json_object_new();

    for (guint i = 0; i < members->len; i++) {
        const char *name = g_array_index(members, QapiInfoMember, i).name;

        if (json_object_has_member(texts, name)) {
            json_object_set_member(known, name,
                                   json_object_dup_member(texts, name));
        }
    }
    json_node_take_object(node, known);
    return node;
}

JsonNode *device_add_parse(const QapiInfo *info, JsonNode *texts,
                           Error **errp)
{
    JsonObject *given = json_node_get_object(texts);
    g_autoptr(JsonNode) known = select_known(info, given);
    g_autoptr(JsonNode) arguments =
        qapi_info_parse_arguments(info, "device_add", known, errp);
    JsonObject *object = arguments ? json_node_get_object(arguments) : NULL;

    /* Without properties the device need not be described. */
    if (object &&
        json_object_get_size(object) < json_object_get_size(given) &&
        !add_properties(object, reply_text(object, "driver"), given, errp)) {
        return NULL;
    }
    return g_steal_pointer(&arguments);
}
