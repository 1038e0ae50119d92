/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A description of a class of a running program, in the form of show.c.
 *
 * Classes are no part of introspection data, so they are described by the
 * replies to qom-list-types, and to qom-describe-type or, by programs that lack
 * it, qom-list-properties.  Members that a peer leaves out, or that have a type
 * of another kind, are not shown.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/info-set-internal.h"
#include "qapi/compiler/show-internal.h"

#include "qapi/json/json.h"

#include <string.h>

/* Returns (nullable) the elements of a reply; NULL if it is no list. */
static JsonArray *elements_of(JsonNode *reply, const char *command,
                              Error **errp)
{
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(reply)
                           ? json_node_get_array(reply)
                           : NULL;

    for (guint i = 0; i < info_length(array); i++) {
        if (!JSON_NODE_HOLDS_OBJECT(json_array_get_element(array, i))) {
            array = NULL;
        }
    }
    if (!array) {
        error_setg(errp, "the reply to %s is no list of objects", command);
    }
    return array;
}

/* Appends a list as a schema writes it: "uint16List" is "[uint16]". */
static void out_type(GString *out, const char *type)
{
    size_t len = strlen(type);

    if (len > 4 && g_str_has_suffix(type, "List")) {
        g_string_append_printf(out, "[%.*s]", (int)(len - 4), type);
    } else {
        g_string_append(out, type);
    }
}

/*
 * Appends a value, a string without quotes.  Returns false if there is none.
 */
static bool out_value(GString *out, const char *before, JsonObject *property,
                      const char *key)
{
    JsonNode *value = json_object_get_member(property, key);

    if (!value) {
        return false;
    }
    g_string_append(out, before);
    if (json_qtype(value) == QTYPE_QSTRING) {
        g_string_append(out, json_node_get_string(value));
    } else {
        json_write(out, value, false);
    }
    return true;
}

/* Appends default, range, unit and the time of setting. */
static void out_facts(GString *out, JsonObject *property)
{
    const char *unit = info_string(property, "unit");
    const char *set = info_string(property, "set");

    if (!out_value(out, "  = ", property, "default")) {
        out_value(out, "  = ", property, "default-value"); /* QEMU's name */
    }
    if (json_object_has_member(property, "min") ||
        json_object_has_member(property, "max")) {
        out_value(out, "  ", property, "min");
        g_string_append(out, json_object_has_member(property, "min") ? ".."
                                                                     : "  ..");
        out_value(out, "", property, "max");
    }
    if (*unit) {
        g_string_append_printf(out, "  %s", unit);
    }
    if (strcmp(set, "create") == 0) {
        g_string_append(out, "  create only");
    } else if (strcmp(set, "never") == 0) {
        g_string_append(out, "  read only");
    }
}

/* Appends the values that are accepted, if they are told. */
static void out_values(GString *out, JsonArray *values)
{
    g_autoptr(GString) text = g_string_new("one of");

    for (guint i = 0; i < info_length(values); i++) {
        g_string_append_printf(text, "%s %s", i ? "," : "",
                               info_string_at(values, i));
    }
    if (info_length(values)) {
        show_text(out, text->str, 8);
    }
}

/* Appends a line and the texts below it; a description is one paragraph. */
static void out_property(GString *out, JsonObject *property)
{
    const char *text = info_string(property, "description");

    g_string_append_printf(out, "    %s: ", info_string(property, "name"));
    out_type(out, info_string(property, "type"));
    out_facts(out, property);
    g_string_append_c(out, '\n');
    if (*text) {
        show_text(out, text, 8);
    }
    out_values(out, info_array(property, "values"));
}

/* Every object has the property "type", which describes nothing. */
static bool is_shown(JsonObject *property)
{
    return strcmp(info_string(property, "name"), "type") != 0 ||
           strcmp(info_string(property, "type"), "string") != 0;
}

/* Returns true if no object can be created of the class itself. */
static bool is_abstract(JsonObject *type)
{
    JsonNode *value = json_object_get_member(type, "abstract");

    return value && json_qtype(value) == QTYPE_QBOOL &&
           json_node_get_boolean(value);
}

/* Appends the line that begins the description. */
static void out_title(GString *out, const char *name, JsonArray *types)
{
    g_string_append_printf(out, "class %s", name);
    for (guint i = 0; i < info_length(types); i++) {
        JsonObject *type = info_object_at(types, i);
        const char *parent = info_string(type, "parent");

        if (strcmp(info_string(type, "name"), name) == 0) {
            if (*parent && strcmp(parent, "object") != 0) {
                g_string_append_printf(out, ": %s", parent);
            }
            g_string_append(out, is_abstract(type) ? "  abstract" : "");
            break;
        }
    }
    g_string_append_c(out, '\n');
}

/*
 * A class without properties is its title alone.  The order of properties is
 * the program's: QEMU's is that of a hash table.
 */
bool qapi_show_class(const char *name, JsonNode *types, JsonNode *properties,
                     GString *out, Error **errp)
{
    JsonArray *list = elements_of(types, "qom-list-types", errp);
    JsonArray *rows = list ? elements_of(properties, "qom-list-properties",
                                         errp)
                           : NULL;
    const char *title = "  properties\n";

    if (!rows) {
        return false;
    }
    out_title(out, name, list);
    for (guint i = 0; i < info_length(rows); i++) {
        if (is_shown(info_object_at(rows, i))) {
            g_string_append(out, title);
            title = "";
            out_property(out, info_object_at(rows, i));
        }
    }
    return true;
}

/* The elements are pointers into an array of names. */
static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted by name; programs tell classes in the order of their own tables. */
bool qapi_show_classes(JsonNode *types, GString *out, Error **errp)
{
    JsonArray *list = elements_of(types, "qom-list-types", errp);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    if (!list) {
        return false;
    }
    for (guint i = 0; i < info_length(list); i++) {
        g_ptr_array_add(names,
                        (char *)info_string(info_object_at(list, i), "name"));
    }
    g_ptr_array_sort(names, compare_names);
    g_string_append_printf(out, "class (%u)\n", names->len);
    for (guint i = 0; i < names->len; i++) {
        g_string_append_printf(out, "  %s\n",
                               (const char *)names->pdata[i]);
    }
    return true;
}
