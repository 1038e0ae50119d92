/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of several objects of the target, with their values.
 *
 * One qom-list-get asks for all of them.  A target without it gets a qom-list
 * for each object, and then a qom-get for each property.  The requests are sent
 * without waiting for the replies, because most of the time is that of a reply
 * on its way.  If one object is gone, qom-list-get fails for all; they are then
 * asked for one by one.
 */
#include "tools/object-properties.h"
#include "qapi/json/json.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <string.h>

/* Returns (transfer full) a list of one path for each object. */
static JsonNode *paths_of(const ObjectName *objects, guint n)
{
    JsonNode *list = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_sized_new(n);

    for (guint i = 0; i < n; i++) {
        json_array_add_element(array, json_text_new(objects[i].path));
    }
    json_node_take_array(list, array);
    return list;
}

/*
 * Adds the value of the property "type", which the reply about the parent of
 * the object has contained.  Returns false if it is another property.
 */
static bool add_type(JsonObject *property, const char *type)
{
    if (!type ||
        strcmp(json_object_get_string_member(property, "name"), "type")) {
        return false;
    }
    json_object_set_string_member(property, "value", type);
    return true;
}

/* Appends a call with "path" and, if it is not NULL, "property". */
static void add_call(GArray *calls, const char *command, const char *path,
                     const char *property)
{
    QmpCall call = { .command = command };
    JsonObject *arguments = json_object_new();

    json_object_set_member(arguments, "path", json_text_new(path));
    if (property) {
        json_object_set_member(arguments, "property",
                               json_text_new(property));
    }
    call.arguments = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(call.arguments, arguments);
    g_array_append_val(calls, call);
}

/* For g_array_set_clear_func(). */
static void clear_call(void *opaque)
{
    json_node_unref(((QmpCall *)opaque)->arguments);
}

static GArray *calls_new(void)
{
    GArray *calls = g_array_new(FALSE, FALSE, sizeof(QmpCall));

    g_array_set_clear_func(calls, clear_call);
    return calls;
}

/*
 * Adds its value to each property of the lists that has one.  The value of a
 * child is its path.
 */
static void add_values(const ObjectName *objects, guint n, JsonNode **lists)
{
    g_autoptr(GArray) calls = calls_new();
    g_autoptr(GPtrArray) properties = g_ptr_array_new();
    g_autofree JsonNode **values = NULL;
    g_autofree Error **errors = NULL;

    for (guint i = 0; i < n; i++) {
        JsonArray *list = lists[i] ? json_node_get_array(lists[i]) : NULL;

        for (guint k = 0; list && k < json_array_get_length(list); k++) {
            JsonObject *property = json_array_get_object_element(list, k);

            if (!reply_is_child(property) &&
                !add_type(property, objects[i].type)) {
                add_call(calls, "qom-get", objects[i].path,
                         json_object_get_string_member(property, "name"));
                g_ptr_array_add(properties, property);
            }
        }
    }
    values = g_new(JsonNode *, calls->len);
    errors = g_new(Error *, calls->len);
    target_execute_all((QmpCall *)calls->data, calls->len, values, errors);
    for (guint i = 0; i < calls->len; i++) {
        if (values[i]) {
            json_object_set_member(properties->pdata[i], "value", values[i]);
        }
        error_free(errors[i]);
    }
}

/* Leaves only the members that qom-list-get has, too. */
static void drop_other_members(JsonNode *list)
{
    JsonArray *array = json_node_get_array(list);

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonObject *property = json_array_get_object_element(array, i);

        json_object_remove_member(property, "description");
        json_object_remove_member(property, "default-value");
    }
}

/* Gets the properties of objects by qom-list and qom-get. */
static void list_and_get(const ObjectName *objects, guint n, bool values,
                         JsonNode **lists, Error **errors)
{
    g_autoptr(GArray) calls = calls_new();

    for (guint i = 0; i < n; i++) {
        add_call(calls, "qom-list", objects[i].path, NULL);
    }
    target_execute_all((QmpCall *)calls->data, n, lists, errors);
    for (guint i = 0; i < n; i++) {
        if (lists[i]) {
            drop_other_members(lists[i]);
        }
    }
    if (values) {
        add_values(objects, n, lists);
    }
}

/* Returns (transfer full) what qom-list-get returns for exactly @n objects. */
static JsonNode *list_get(const ObjectName *objects, guint n, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(JsonNode) list = target_execute(
        "qom-list-get", errp, "paths", paths_of(objects, n), NULL);

    if (list && json_array_get_length(json_node_get_array(list)) != n) {
        error_setg(errp, "expected %u elements", n);
        target_bad_reply("qom-list-get", errp);
        return NULL;
    }
    return g_steal_pointer(&list);
}

void object_properties_get(const ObjectName *objects, guint n, bool values,
                           JsonNode **lists, Error **errors)
{
    Error *err = NULL;
    g_autoptr(JsonNode) all = list_get(objects, n, &err);

    if (target_lacks(&err)) {
        list_and_get(objects, n, values, lists, errors);
        return;
    }
    for (guint i = 0; i < n; i++) {
        errors[i] = NULL;
        lists[i] = NULL;
        if (all) {
            lists[i] = json_object_dup_member(
                json_array_get_object_element(json_node_get_array(all), i),
                "properties");
        } else if (n > 1) {
            /* One of them is gone. */
            object_properties_get(objects + i, 1, values, &lists[i],
                                  &errors[i]);
        } else {
            errors[0] = g_steal_pointer(&err);
        }
    }
    error_free(err);
}

JsonNode *object_properties_get_one(const char *path, Error **errp)
{
    const ObjectName object = { path, NULL };
    JsonNode *list;
    Error *err;

    object_properties_get(&object, 1, true, &list, &err);
    error_propagate(errp, err);
    return list;
}
