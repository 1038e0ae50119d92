/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of objects, found by comparing.
 *
 * Snapshot   what a run has found: the types of objects by path, and the values
 *            of properties by "PATH.PROPERTY".
 * Target     an object or a property that a run asks for.
 *
 * A run takes a snapshot and compares it with the last one.  An object that is
 * not there has no values, and its properties keep their last known ones, so
 * that a restored object with the same values has not changed.
 */
#include "tools/object-poll.h"
#include "qapi/json/json.h"
#include "tools/object-properties.h"
#include "tools/target.h"
#include "util/hash.h"

#include <string.h>

typedef struct Target {
    char *path;
    char *property; /* (nullable) */
} Target;

struct ObjectPoll {
    GArray *targets;     /* of Target */
    GHashTable *objects; /* (nullable) char * path to char * type */
    GHashTable *values;  /* char * to JsonNode: "PATH.PROPERTY" to the value */
    GPtrArray *events;   /* (nullable) of the current run, but the first */
};

static void target_clear(void *opaque)
{
    Target *target = opaque;

    g_free(target->path);
    g_free(target->property);
}

ObjectPoll *object_poll_new(void)
{
    ObjectPoll *poll = g_new0(ObjectPoll, 1);

    poll->targets = g_array_new(FALSE, FALSE, sizeof(Target));
    g_array_set_clear_func(poll->targets, target_clear);
    poll->values = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                         (GDestroyNotify)json_node_unref);
    return poll;
}

void object_poll_free(ObjectPoll *poll)
{
    if (poll) {
        g_array_unref(poll->targets);
        g_clear_pointer(&poll->objects, g_hash_table_unref);
        g_hash_table_unref(poll->values);
        g_free(poll);
    }
}

void object_poll_add(ObjectPoll *poll, const char *path, const char *property)
{
    Target target = { g_strdup(path), g_strdup(property) };

    g_array_append_val(poll->targets, target);
}

/* ---- Events ---- */

/*
 * Adds an event with "path", and a member @key of @value, which is consumed.
 * Returns its data, to which more can be added.
 */
static JsonObject *add_event(GPtrArray *events, const char *name,
                             const char *path, const char *key,
                             JsonNode *value)
{
    int64_t now_us = g_get_real_time();
    JsonObject *event = json_object_new();
    JsonObject *data = json_object_new();
    JsonObject *timestamp = json_object_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_object_set_string_member(event, "event", name);
    json_object_set_member(data, "path", json_text_new(path));
    json_object_set_member(data, key, value);
    json_object_set_object_member(event, "data", data);
    json_object_set_int_member(timestamp, "seconds", now_us / 1000000);
    json_object_set_int_member(timestamp, "microseconds", now_us % 1000000);
    json_object_set_object_member(event, "timestamp", timestamp);
    json_node_take_object(node, event);
    g_ptr_array_add(events, node);
    return data;
}

/* ---- Properties ---- */

/* Compares a value with the last one; @value is borrowed. */
static void compare_value(ObjectPoll *poll, const char *path,
                          const char *property, JsonNode *value)
{
    g_autofree char *key = g_strdup_printf("%s.%s", path, property);
    JsonNode *last = g_hash_table_lookup(poll->values, key);

    if (last && json_node_equal(last, value)) {
        return;
    }
    if (poll->events) {
        JsonObject *data = add_event(poll->events, "PROPERTY_CHANGED", path,
                                     "property", json_text_new(property));

        json_object_set_member(data, "value", json_node_ref(value));
    }
    g_hash_table_replace(poll->values, g_steal_pointer(&key),
                         json_node_ref(value));
}

/*
 * Returns false with @errp set if an error is not about the object or the
 * property, which may be gone; @err is consumed.
 */
static bool may_be_gone(Error *err, Error **errp)
{
    if (err && (!target_is_there() ||
                error_get_class(err) == ERROR_CLASS_COMMAND_NOT_FOUND)) {
        error_propagate(errp, err);
        return false;
    }
    error_free(err);
    return true;
}

static bool compare_property(ObjectPoll *poll, const Target *target,
                             Error **errp)
{
    Error *err = NULL;
    g_autoptr(JsonNode) value = target_execute(
        "qom-get", &err, "path", json_text_new(target->path), "property",
        json_text_new(target->property), NULL);

    if (value) {
        compare_value(poll, target->path, target->property, value);
    }
    return may_be_gone(err, errp);
}

static bool compare_properties(ObjectPoll *poll, const Target *target,
                               Error **errp)
{
    Error *err = NULL;
    g_autoptr(JsonNode) list = object_properties_get_one(target->path,
                                                           &err);
    JsonArray *array = list ? json_node_get_array(list) : NULL;

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonObject *property = json_array_get_object_element(array, i);
        const char *type = json_object_get_string_member(property, "type");

        /* Children are compared as objects. */
        if (json_object_has_member(property, "value") &&
            !g_str_has_prefix(type, "child<")) {
            compare_value(poll, target->path,
                          json_object_get_string_member(property, "name"),
                          json_object_get_member(property, "value"));
        }
    }
    return may_be_gone(err, errp);
}

/* ---- Objects ---- */

/* Adds the types of an object and of all below it to @objects. */
static void add_objects(GHashTable *objects, JsonObject *tree)
{
    JsonArray *children = json_object_get_array_member(tree, "children");

    g_hash_table_replace(
        objects, g_strdup(json_object_get_string_member(tree, "path")),
        g_strdup(json_object_get_string_member(tree, "type")));
    for (guint i = 0; i < json_array_get_length(children); i++) {
        add_objects(objects, json_array_get_object_element(children, i));
    }
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds events for objects of @all that @others does not have, by path. */
static void compare_objects(GPtrArray *events, const char *event,
                            GHashTable *all, GHashTable *others)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    GHashTableIter iter;
    void *path;
    void *type;

    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &path, &type)) {
        /* One that has another type was deleted and created again. */
        if (g_strcmp0(g_hash_table_lookup(others, path), type)) {
            g_ptr_array_add(paths, path);
        }
    }
    g_ptr_array_sort(paths, compare_texts);
    for (guint i = 0; i < paths->len; i++) {
        add_event(events, event, paths->pdata[i], "type",
                  json_text_new(g_hash_table_lookup(all, paths->pdata[i])));
    }
}

static bool find_objects(GHashTable *objects, const char *path, Error **errp)
{
    Error *err = NULL;
    g_autoptr(JsonNode) tree =
        target_execute("qom-tree", &err, "path", json_text_new(path), NULL);

    if (tree) {
        add_objects(objects, json_node_get_object(tree));
    }
    return may_be_gone(err, errp);
}

/* ---- A run ---- */

static bool run(ObjectPoll *poll, GHashTable *objects, Error **errp)
{
    bool ok = poll->targets->len || find_objects(objects, "/", errp);

    for (guint i = 0; ok && i < poll->targets->len; i++) {
        const Target *target = &g_array_index(poll->targets, Target, i);

        ok = target->property
                 ? compare_property(poll, target, errp)
                 : compare_properties(poll, target, errp) &&
                       find_objects(objects, target->path, errp);
    }
    return ok;
}

bool object_poll_run(ObjectPoll *poll, GPtrArray **events, Error **errp)
{
    g_autoptr(GHashTable) objects =
        g_hash_table_new_full(hash_str, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_node_unref);
    bool ok;

    poll->events = poll->objects ? found : NULL;
    ok = run(poll, objects, errp);
    poll->events = NULL;
    if (!ok) {
        return false;
    }
    if (poll->objects) {
        compare_objects(found, "OBJECT_DELETED", poll->objects, objects);
        compare_objects(found, "OBJECT_ADDED", objects, poll->objects);
        g_hash_table_unref(poll->objects);
    }
    poll->objects = g_steal_pointer(&objects);
    *events = g_steal_pointer(&found);
    return true;
}
