/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qom-set-text by qom-set, which wants a value of the property's type. */
#include "tools/standard-internal.h"
#include "qapi/json/json.h"
#include "tools/property-text.h"
#include "tools/reply.h"
#include "tools/target.h"

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

/* Partial paths are resolved by the target, each time in the same way. */
JsonNode *standard_set_text(JsonObject *arguments, Error **errp)
{
    const char *path = reply_text(arguments, "path");
    const char *name = reply_text(arguments, "property");
    g_autoptr(JsonNode) list =
        target_execute("qom-list", errp, "path", json_text_new(path), NULL);
    JsonObject *property = reply_find(list, name);
    JsonNode *value;

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
    return target_execute("qom-set", errp, "path", json_text_new(path),
                          "property", json_text_new(name), "value", value,
                          NULL);
}

