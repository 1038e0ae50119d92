/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qom-set-text by qom-set, which wants a value of the property's type. */
#include "tools/standard-internal.h"
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "tools/property-text.h"
#include "tools/reply.h"
#include "tools/target.h"

#include <string.h>

/*
 * Returns (transfer full) the value that the text means; NULL with @errp set.
 * The present value is asked for only if it decides.
 */
static JsonNode *parse_property(JsonObject *arguments, const char *type,
                                Error **errp)
{
    g_autoptr(JsonNode) present = NULL;

    if (!property_text_knows(type)) {
        present = target_execute(
            "qom-get", NULL, "path", json_object_dup_member(arguments, "path"),
            "property", json_object_dup_member(arguments, "property"), NULL);
    }
    return property_text_parse(reply_text(arguments, "property"), type, present,
                               reply_text(arguments, "text"), errp);
}

/* Returns (transfer full) the values of an enumeration, or NULL. */
static JsonNode *values_of(const char *path, const char *name)
{
    g_autoptr(JsonNode) type =
        target_execute("qom-get", NULL, "path", json_text_new(path),
                       "property", json_text_new("type"), NULL);
    g_autoptr(JsonNode) rows =
        type ? target_execute("qom-describe-type", NULL, "typename",
                              json_node_ref(type), NULL)
             : NULL;
    JsonObject *row = reply_find(rows, name);

    return row ? json_object_dup_member(row, "values") : NULL;
}

/*
 * Adds the accepted values to the error of a program that refuses one, as our
 * programs do themselves.
 */
static void append_values(const char *path, const char *name, const char *text,
                          Error **errp)
{
    ERRP_GUARD();
    g_autoptr(JsonNode) values = values_of(path, name);
    g_autoptr(GString) all = g_string_new(NULL);
    Suggestion near;

    suggestion_init(&near, text);
    for (guint i = 0; i < reply_length(values); i++) {
        const char *value = json_array_get_string_element(
            json_node_get_array(values), i);

        if (!strcmp(value, text)) {
            return;
        }
        suggestion_offer(&near, value);
        g_string_append_printf(all, "%s%s", i ? ", " : "", value);
    }
    suggestion_append_hint(&near, errp);
    if (all->len) {
        error_append_hint(errp, "Accepted values: %s.\n", all->str);
    }
}

/* Partial paths are resolved by the target, each time in the same way. */
JsonNode *standard_set_text(JsonObject *arguments, Error **errp)
{
    const char *path = reply_text(arguments, "path");
    const char *name = reply_text(arguments, "property");
    g_autoptr(JsonNode) list =
        target_execute("qom-list", errp, "path", json_text_new(path), NULL);
    JsonObject *property = reply_find(list, name);
    JsonNode *value;
    JsonNode *result;
    Error *err = NULL;

    if (!list) {
        return NULL;
    }
    /* The target words the error of a property that it does not list. */
    if (property) {
        value = parse_property(arguments, reply_text(property, "type"),
                               errp);
    } else {
        value = json_text_new(reply_text(arguments, "text"));
    }
    if (!value) {
        return NULL;
    }
    result = target_execute("qom-set", &err, "path", json_text_new(path),
                            "property", json_text_new(name), "value", value,
                            NULL);
    if (err && !error_get_hint(err) && property && target_is_there()) {
        append_values(path, name, reply_text(arguments, "text"), &err);
    }
    error_propagate(errp, err);
    return result;
}

