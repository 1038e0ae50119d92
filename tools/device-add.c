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

#include <string.h>

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
static JsonNode *parse_value(JsonObject *property, const KeyvalEntry *entry)
{
    JsonNode *node;

    if (entry->node) {
        return json_node_ref(entry->node);
    }
    node = property_text_parse("", reply_text(property, "type"), NULL,
                               entry->text, NULL);
    return node ? node : json_text_new(entry->text);
}

/* Adds the properties among the given ones to @arguments. */
static bool add_properties(JsonObject *arguments, const char *driver,
                           const Keyval *given, Error **errp)
{
    g_autoptr(JsonNode) properties = device_add_properties(driver, errp);

    if (!properties) {
        return false;
    }
    for (size_t i = 0; i < given->n_entries; i++) {
        const KeyvalEntry *entry = &given->entries[i];
        JsonObject *property = reply_find(properties, entry->key);

        if (json_object_has_member(arguments, entry->key)) {
            continue;
        }
        if (!property) {
            set_unknown(driver, properties, entry->key, errp);
            return false;
        }
        json_object_set_member(arguments, entry->key,
                               parse_value(property, entry));
    }
    return true;
}

/* Returns true if the schema has the argument. */
static bool is_known(const GArray *members, const char *name)
{
    for (guint i = 0; i < members->len; i++) {
        if (!strcmp(g_array_index(members, QapiInfoMember, i).name, name)) {
            return true;
        }
    }
    return false;
}

/*
 * Returns (transfer full) the arguments that the schema has.  Without a driver
 * all are checked, because no device has properties then.
 */
static JsonNode *parse_known(const QapiInfo *info, const Keyval *given,
                             Error **errp)
{
    g_autoptr(GArray) members = qapi_info_members(
        info, qapi_info_argument_type(info, "device_add"), NULL);
    g_autofree KeyvalEntry *entries = g_new(KeyvalEntry, given->n_entries);
    Keyval known = { .entries = entries };
    bool has_driver = false;

    for (size_t i = 0; i < given->n_entries; i++) {
        const char *key = given->entries[i].key;

        has_driver |= !strcmp(key, "driver");
        if (is_known(members, key)) {
            entries[known.n_entries++] = given->entries[i];
        }
    }
    return qapi_info_parse_arguments(info, "device_add",
                                     has_driver ? &known : given, errp);
}

JsonNode *device_add_parse(const QapiInfo *info, const Keyval *given,
                           Error **errp)
{
    g_autoptr(JsonNode) arguments = parse_known(info, given, errp);
    JsonObject *object = arguments ? json_node_get_object(arguments) : NULL;

    /* Without properties the device need not be described. */
    if (object && json_object_get_size(object) < given->n_entries &&
        !add_properties(object, reply_text(object, "driver"), given, errp)) {
        return NULL;
    }
    return g_steal_pointer(&arguments);
}
