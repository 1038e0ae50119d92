/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs that look at objects and types, and the one that sets a property.
 * Each makes a JSON value first; text is written from that value, so both
 * forms say the same.  Members and elements keep the order of the library:
 * declaration for properties, creation for children, names for types.
 */
#include "qapi/json.h"
#include "qom/object.h"
#include "tools/actions.h"
#include "tools/output.h"

#include <string.h>

/* ---- Helpers ---- */

static int failed(Error *err)
{
    output_error(NULL, err);
    return EXIT_FAILED;
}

static Object *find_object(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (!obj) {
        error_setg(errp, ambiguous ? "path '%s' matches more than one object"
                                   : "object '%s' not found", path);
    }
    return obj;
}

static ObjectClass *find_class(const char *name, Error **errp)
{
    ObjectClass *klass = object_class_by_name(name);

    if (!klass) {
        error_setg(errp, "type '%s' not found", name);
    }
    return klass;
}

static JsonNode *array_node(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, array);
    return node;
}

static int output_rows(const Args *args, JsonNode *rows,
                       const Column *columns)
{
    return args->json ? output_json(rows) : output_table(rows, columns);
}

/* ---- tree ---- */

static JsonNode *tree_node(Object *obj);

static int add_child_node(Object *child, void *opaque)
{
    json_array_add_element(opaque, tree_node(child));
    return 0;
}

static JsonNode *tree_node(Object *obj)
{
    g_autofree char *path = object_get_canonical_path(obj);
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *members = json_object_new();
    JsonArray *children = json_array_new();

    object_child_foreach(obj, add_child_node, children);
    json_object_set_string_member(members, "path", path);
    json_object_set_string_member(members, "type", object_get_typename(obj));
    json_object_set_array_member(members, "children", children);
    json_node_take_object(node, members);
    return node;
}

/* A line for the object and those for its children below it. */
static void append_tree(GString *out, JsonObject *tree, int depth)
{
    const char *path = json_object_get_string_member(tree, "path");
    JsonArray *children = json_object_get_array_member(tree, "children");

    g_string_append_printf(out, "%*s%s (%s)\n", 2 * depth, "",
                           depth ? strrchr(path, '/') : path,
                           json_object_get_string_member(tree, "type"));
    for (guint i = 0; i < json_array_get_length(children); i++) {
        append_tree(out, json_array_get_object_element(children, i),
                    depth + 1);
    }
}

int action_tree(const Args *args)
{
    const char *path = args->rest->pdata[0];
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) tree = NULL;
    Error *err = NULL;
    Object *obj = find_object(path ? path : "/", &err);

    if (!obj) {
        return failed(err);
    }
    tree = tree_node(obj);
    if (args->json) {
        return output_json(tree);
    }
    append_tree(text, json_node_get_object(tree), 0);
    return output_text(text->str);
}

/* ---- list ---- */

static JsonNode *list_rows(Object *obj)
{
    JsonArray *rows = json_array_new();
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        JsonObject *row = json_object_new();

        json_object_set_string_member(row, "name", prop->name);
        json_object_set_string_member(row, "type", prop->type);
        json_array_add_object_element(rows, row);
    }
    return array_node(rows);
}

/* In text a child's name ends in '/', as that of a folder does. */
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

int action_list(const Args *args)
{
    static const Column columns[] = { { "name" }, { "type" }, { NULL } };
    const char *path = args->rest->pdata[0];
    g_autoptr(JsonNode) rows = NULL;
    Error *err = NULL;
    Object *obj = find_object(path ? path : "/", &err);

    if (!obj) {
        return failed(err);
    }
    rows = list_rows(obj);
    if (!args->json) {
        mark_children(json_node_get_array(rows));
    }
    return output_rows(args, rows, columns);
}

/* ---- get, set ---- */

/*
 * Arguments name a property as PATH PROPERTY, or as PATH.PROPERTY with the
 * last dot between the two; @n_after arguments follow.
 */
static bool is_in_one(const Args *args, guint n_after)
{
    return args->rest->len - 1 == n_after + 1;
}

/* Returns: EXIT_DONE; EXIT_USAGE after a message when no property is named */
static int check_usage(const Args *args, guint n_after, const char *verb)
{
    const char *first = args->rest->pdata[0];
    Error *err = NULL;

    if (!is_in_one(args, n_after) || strchr(first, '.')) {
        return EXIT_DONE;
    }
    error_setg(&err, "'%s' names no property; see 'qom %s -help'", first,
               verb);
    output_error(verb, err);
    return EXIT_USAGE;
}

static Object *find_property(const Args *args, guint n_after, char **name,
                             Error **errp)
{
    const char *first = args->rest->pdata[0];
    const char *dot = strrchr(first, '.');
    g_autofree char *path = NULL;
    Object *obj;

    if (is_in_one(args, n_after)) {
        path = g_strndup(first, dot - first);
        *name = g_strdup(dot + 1);
    } else {
        path = g_strdup(first);
        *name = g_strdup(args->rest->pdata[1]);
    }
    obj = find_object(path, errp);
    return obj && object_property_find_err(obj, *name, errp) ? obj : NULL;
}

int action_get(const Args *args)
{
    g_autofree char *name = NULL;
    g_autoptr(JsonNode) value = NULL;
    int status = check_usage(args, 0, "get");
    Error *err = NULL;
    Object *obj;

    if (status != EXIT_DONE) {
        return status;
    }
    obj = find_property(args, 0, &name, &err);
    value = obj ? object_property_get_json(obj, name, &err) : NULL;
    if (!value) {
        return failed(err);
    }
    return args->json ? output_json(value) : output_value(value);
}

static bool set_json(Object *obj, const char *name, const char *text,
                     Error **errp)
{
    g_autoptr(JsonNode) value = json_parse(text, -1, errp);

    return value && object_property_set_json(obj, name, value, errp);
}

int action_set(const Args *args)
{
    const char *text = args->rest->pdata[args->rest->len - 2];
    g_autofree char *name = NULL;
    int status = check_usage(args, 1, "set");
    Error *err = NULL;
    Object *obj;

    if (status != EXIT_DONE) {
        return status;
    }
    obj = find_property(args, 1, &name, &err);
    if (obj && (args->json ? set_json(obj, name, text, &err)
                           : object_property_parse(obj, name, text, &err))) {
        return EXIT_DONE;
    }
    return failed(err);
}

/* ---- types ---- */

static void add_type(ObjectClass *klass, void *opaque)
{
    ObjectClass *parent = object_class_get_parent(klass);
    JsonObject *row = json_object_new();

    json_object_set_string_member(row, "name", object_class_get_name(klass));
    if (parent) {
        json_object_set_string_member(row, "parent",
                                      object_class_get_name(parent));
    }
    if (object_class_is_abstract(klass)) {
        json_object_set_boolean_member(row, "abstract", TRUE);
    }
    json_array_add_object_element(opaque, row);
}

int action_types(const Args *args)
{
    static const Column columns[] = { { "name" }, { NULL } };
    g_autoptr(JsonNode) rows = array_node(json_array_new());
    Error *err = NULL;

    if (args->implements && !find_class(args->implements, &err)) {
        return failed(err);
    }
    object_class_foreach(add_type, args->implements, args->abstract,
                         json_node_get_array(rows));
    return output_rows(args, rows, columns);
}

/* ---- props ---- */

static JsonNode *bound_node(const PropertyRow *row, const PropertyValue *bound)
{
    switch (row->type->kind) {
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        return json_number_new_uint64(bound->u);
    case QAPI_KIND_NUMBER:
        return json_number_new_double(bound->n);
    default:
        return json_number_new_int64(bound->i);
    }
}

static const char *set_name(const ObjectProperty *prop)
{
    switch (object_property_mutability(prop)) {
    case PROPERTY_SET_ANY_TIME:
        return "any-time";
    case PROPERTY_SET_CREATE:
        return "create";
    case PROPERTY_SET_NEVER:
        return "never";
    }
    g_assert_not_reached();
}

static void add_row_facts(JsonObject *out, const PropertyRow *row)
{
    if (row->flags & PROPERTY_HAS_MIN) {
        json_object_set_member(out, "min", bound_node(row, &row->min));
    }
    if (row->flags & PROPERTY_HAS_MAX) {
        json_object_set_member(out, "max", bound_node(row, &row->max));
    }
    if (row->unit) {
        json_object_set_string_member(out, "unit", row->unit);
    }
}

static JsonObject *prop_row(const ObjectProperty *prop)
{
    JsonObject *row = json_object_new();

    json_object_set_string_member(row, "name", prop->name);
    json_object_set_string_member(row, "type", prop->type);
    if (prop->defval) {
        json_object_set_member(row, "default",
                               json_node_copy_deep(prop->defval));
    }
    if (prop->row) {
        add_row_facts(row, prop->row);
    }
    json_object_set_string_member(row, "set", set_name(prop));
    if (prop->description) {
        json_object_set_string_member(row, "description", prop->description);
    }
    return row;
}

/* In text the bounds are one column, "MIN..MAX". */
static void add_ranges(JsonArray *rows)
{
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonObject *row = json_array_get_object_element(rows, i);
        g_autoptr(GString) range = g_string_new(NULL);

        if (json_object_has_member(row, "min")) {
            json_write(range, json_object_get_member(row, "min"), false);
        }
        g_string_append(range, "..");
        if (json_object_has_member(row, "max")) {
            json_write(range, json_object_get_member(row, "max"), false);
        }
        if (range->len > strlen("..")) {
            json_object_set_string_member(row, "range", range->str);
        }
    }
}

int action_props(const Args *args)
{
    static const Column columns[] = {
        { "name", "NAME" },   { "type", "TYPE" },
        { "default", "DEFAULT" }, { "range", "RANGE" },
        { "unit", "UNIT" },   { "set", "SET" },
        { "description", "DESCRIPTION" }, { NULL },
    };
    g_autoptr(JsonNode) rows = array_node(json_array_new());
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    Error *err = NULL;
    ObjectClass *klass = find_class(args->rest->pdata[0], &err);

    if (!klass) {
        return failed(err);
    }
    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        json_array_add_object_element(json_node_get_array(rows),
                                      prop_row(prop));
    }
    if (!args->json) {
        add_ranges(json_node_get_array(rows));
    }
    return output_rows(args, rows, columns);
}
