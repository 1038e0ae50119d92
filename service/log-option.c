/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The values become the options of an object as JSON, so that -log accepts what
 * the object accepts and fails with the same messages.
 */
#include "service/log-option-internal.h"

#include "qapi/json/json.h"
#include "qom/user-creatable.h"
#include "service/log-object.h"

#include <string.h>

/* Appends an element of the property `areas`. */
static void add_area(JsonArray *areas, const char *area, const char *level)
{
    JsonObject *entry = json_object_new();

    json_object_set_string_member(entry, "area", area);
    json_object_set_string_member(entry, "level", level);
    json_array_add_object_element(areas, entry);
}

/* "debug" sets the level of all areas; "qmp=debug" adds an area. */
static void add_value(JsonObject *options, JsonArray *areas,
                      const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, "=", 2);

    if (parts[0] && parts[1]) {
        add_area(areas, parts[0], parts[1]);
    } else {
        json_object_set_string_member(options, "level", value);
    }
}

/* Without the option there is no object, and nothing is written. */
bool log_option_apply(const GPtrArray *values, Error **errp)
{
    g_autoptr(JsonObject) options = NULL;
    JsonArray *areas;

    if (!values) {
        return true;
    }
    options = json_object_new();
    areas = json_array_new();
    json_object_set_string_member(options, "qom-type", TYPE_LOG);
    json_object_set_string_member(options, "id", "log");
    for (guint i = 0; i < values->len; i++) {
        add_value(options, areas, values->pdata[i]);
    }
    json_object_set_array_member(options, "areas", areas);
    if (!user_creatable_add_json(options, errp)) {
        error_prepend(errp, "-log: ");
        return false;
    }
    return true;
}
