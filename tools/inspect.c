/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs that print objects and types: tree, list, get, types, props.
 *
 * Each verb executes a QMP command, which returns a JSON value.  With -json the
 * value is printed as it is.  Text is written from the same value, so both
 * forms have the same content, and so have this process and another program.
 *
 * The order is that of the library: declaration for properties, creation for
 * children, names for types.
 */
#include "qapi/json/json.h"
#include "tools/object-walk.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/path.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <string.h>

/* ---- Helpers ---- */

/*
 * Prints the error of a verb, which is consumed.  The verb is named if the
 * target lacks what it needs.
 */
static int failed(const char *verb, Error *err)
{
    target_refuse(verb, &err);
    output_error(NULL, err);
    return EXIT_FAILED;
}

/* Returns (transfer full) a node for @array, which is consumed. */
static JsonNode *array_node(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, array);
    return node;
}

/* Prints an array of objects as JSON or as a table. */
static int output_rows(const Args *args, JsonNode *rows,
                       const Column *columns)
{
    return args->json ? output_json(rows) : output_table(rows, columns);
}

/*
 * Returns (transfer full) a copy of the array @rows in which each object has
 * only the members @names, in that order.  QMP commands return more members
 * than a table shows.
 */
static JsonNode *select_members(JsonNode *rows, const char *const *names)
{
    JsonArray *array = json_node_get_array(rows);
    JsonArray *selected = json_array_new();

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonObject *row = json_array_get_object_element(array, i);
        JsonObject *copy = json_object_new();

        for (const char *const *name = names; *name; name++) {
            if (json_object_has_member(row, *name)) {
                json_object_set_member(copy, *name,
                                       json_object_dup_member(row, *name));
            }
        }
        json_array_add_object_element(selected, copy);
    }
    return array_node(selected);
}

/* ---- tree ---- */

/*
 * Appends a line for each property, in the form of `watch`.  The dot
 * distinguishes a property from a child, whose name begins with a slash.
 */
static void append_properties(GString *out, JsonArray *properties, int depth)
{
    for (guint i = 0; i < json_array_get_length(properties); i++) {
        JsonObject *property = json_array_get_object_element(properties, i);
        JsonNode *value = json_object_get_member(property, "value");

        g_string_append_printf(out, "%*s.", 2 * depth, "");
        safe_text_append(out,
                           json_object_get_string_member(property, "name"),
                           "");
        g_string_append(out, value ? " = " : " cannot be read");
        if (value) {
            output_append_value(out, value);
        }
        g_string_append_c(out, '\n');
    }
}

/* Appends a line for the object, and the lines of its children below it. */
static void append_tree(GString *out, JsonObject *tree, int depth)
{
    const char *path = json_object_get_string_member(tree, "path");
    const char *name = depth ? strrchr(path, '/') : NULL;
    JsonArray *children = json_object_get_array_member(tree, "children");

    g_string_append_printf(out, "%*s", 2 * depth, "");
    safe_text_append(out, name ? name : path, "");
    g_string_append(out, " (");
    safe_text_append(out, json_object_get_string_member(tree, "type"), "");
    g_string_append(out, ")\n");
    if (json_object_has_member(tree, "properties")) {
        append_properties(
            out, json_object_get_array_member(tree, "properties"), depth + 1);
    }
    for (guint i = 0; i < json_array_get_length(children); i++) {
        append_tree(out, json_array_get_object_element(children, i),
                    depth + 1);
    }
}

int action_tree(void *opaque)
{
    const Args *args = opaque;
    const char *path = args->base.rest->pdata[0];
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) tree = NULL;
    Error *err = NULL;

    path = path ? path : "/";
    tree = args->values
               ? object_walk_tree(path, true, &err)
               : target_execute("qom-tree", &err, "path",
                                json_text_new(path), NULL);
    if (!tree) {
        path_explain(path, &err);
        return failed("tree", err);
    }
    if (args->json) {
        return output_json(tree);
    }
    append_tree(text, json_node_get_object(tree), 0);
    return output_text(text->str);
}

/* ---- list ---- */

/* Appends '/' to the name of each child, as ls -F does for folders. */
static void mark_children(JsonArray *rows)
{
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonObject *row = json_array_get_object_element(rows, i);
        const char *name = json_object_get_string_member(row, "name");
        const char *type = json_object_get_string_member(row, "type");

        if (g_str_has_prefix(type, "child<")) {
            g_autofree char *marked = g_strdup_printf("%s/", name);

            json_object_set_string_member(row, "name", marked);
        }
    }
}

int action_list(void *opaque)
{
    static const Column columns[] = { { "name" }, { "type" }, { NULL } };
    static const char *const members[] = { "name", "type", NULL };
    const Args *args = opaque;
    const char *path = args->base.rest->pdata[0];
    g_autoptr(JsonNode) properties = NULL;
    g_autoptr(JsonNode) rows = NULL;
    Error *err = NULL;

    path = path ? path : "/";
    properties = target_execute("qom-list", &err, "path", json_text_new(path),
                                NULL);
    if (!properties) {
        path_explain(path, &err);
        return failed("list", err);
    }
    rows = select_members(properties, members);
    if (!args->json) {
        mark_children(json_node_get_array(rows));
    }
    return output_rows(args, rows, columns);
}

/* ---- get ---- */

int action_get(void *opaque)
{
    const Args *args = opaque;
    g_auto(PropertyPath) where = { NULL };
    g_autoptr(JsonNode) value = NULL;
    Error *err = NULL;

    if (!property_path_init(&where, args, 0, "get")) {
        return EXIT_USAGE;
    }
    value = target_execute("qom-get", &err, "path",
                           json_text_new(where.path), "property",
                           json_text_new(where.property), NULL);
    if (!value) {
        property_explain(&where, &err);
        return failed("get", err);
    }
    return args->json ? output_json(value) : output_value(value);
}

/* ---- types ---- */

/* Returns true as JSON, or NULL: a flag that is off is left out. */
static JsonNode *flag(bool value)
{
    return value ? json_node_init_boolean(json_node_alloc(), true) : NULL;
}

/*
 * Returns true if a type exists.  qom-list-types returns an empty list both for
 * a type that does not exist and for one that no other type implements.
 */
static bool type_exists(const char *name, Error **errp)
{
    Error *err = NULL;
    JsonNode *properties = target_execute("qom-list-properties", &err,
                                          "typename", json_text_new(name),
                                          NULL);

    if (properties) {
        json_node_unref(properties);
        return true;
    }
    if (error_get_class(err) == ERROR_CLASS_DEVICE_NOT_FOUND) {
        type_explain(name, &err);
        error_propagate(errp, err);
        return false;
    }
    /* The command refuses interfaces, which have no properties to list. */
    error_free(err);
    return true;
}

int action_types(void *opaque)
{
    static const Column columns[] = { { "name" }, { NULL } };
    static const char *const members[] = { "name", "parent", "abstract",
                                           NULL };
    const Args *args = opaque;
    g_autoptr(JsonNode) types = NULL;
    g_autoptr(JsonNode) selected = NULL;
    g_autoptr(JsonNode) rows = NULL;
    Error *err = NULL;

    types = target_execute("qom-list-types", &err, "implements",
                           args->implements
                               ? json_text_new(args->implements) : NULL,
                           "abstract", flag(args->abstract), NULL);
    if (!types || (args->implements &&
                   !json_array_get_length(json_node_get_array(types)) &&
                   !type_exists(args->implements, &err))) {
        return failed("types", err);
    }
    selected = select_members(types, members);
    rows = reply_sort(selected);
    return output_rows(args, rows, columns);
}

/* ---- props ---- */

/* Appends "MIN..MAX", or nothing if there is neither. */
static void append_range(GString *out, JsonObject *row)
{
    JsonNode *min = json_object_get_member(row, "min");
    JsonNode *max = json_object_get_member(row, "max");

    if (min) {
        json_write(out, min, false);
    }
    if (min || max) {
        g_string_append(out, "..");
    }
    if (max) {
        json_write(out, max, false);
    }
}

/* Appends "a|b|c", the values of an enumeration, if it is one. */
static void append_values(GString *out, JsonObject *row)
{
    JsonNode *node = json_object_get_member(row, "values");
    JsonArray *values = node ? json_node_get_array(node) : NULL;

    for (guint i = 0; values && i < json_array_get_length(values); i++) {
        g_string_append_printf(out, "%s%s", i ? "|" : "",
                               json_array_get_string_element(values, i));
    }
}

/* Adds a member "range", the column that text shows for the bounds or values */
static void add_ranges(JsonArray *rows)
{
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonObject *row = json_array_get_object_element(rows, i);
        g_autoptr(GString) range = g_string_new(NULL);

        append_range(range, row);
        append_values(range, row);
        if (range->len) {
            json_object_set_string_member(row, "range", range->str);
        }
    }
}

int action_props(void *opaque)
{
    static const Column columns[] = {
        { "name", "NAME" },   { "type", "TYPE" },
        { "default", "DEFAULT" }, { "range", "RANGE" },
        { "unit", "UNIT" },   { "set", "SET" },
        { "description", "DESCRIPTION" }, { NULL },
    };
    const Args *args = opaque;
    const char *type = args->base.rest->pdata[0];
    g_autoptr(JsonNode) rows = NULL;
    Error *err = NULL;

    rows = target_execute("qom-describe-type", &err, "typename",
                          json_text_new(type), NULL);
    if (!rows) {
        type_explain(type, &err);
        return failed("props", err);
    }
    if (!args->json) {
        add_ranges(json_node_get_array(rows));
    }
    return output_rows(args, rows, columns);
}
