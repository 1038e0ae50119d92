/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the statistics of a running program: the properties `stats` and, of
 * event loops, `histograms` of all objects below /objects.  All objects are
 * asked at once, so a sample takes one round trip per property.
 */
#include "tools/top-sample.h"

#include "qapi/json/json.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "util/hash.h"

#include <string.h>

/*
 * ---- Taking ----
 * Users create all objects below /objects, each under its id.
 */

/* Returns: (transfer full) the arguments of qom-get */
static JsonNode *get_arguments(JsonObject *object, const char *property)
{
    g_autofree char *path = g_strconcat(
        "/objects/", json_object_get_string_member(object, "id"), NULL);
    JsonObject *arguments = json_object_new();
    JsonNode *node = json_node_alloc();

    json_object_set_string_member(arguments, "path", path);
    json_object_set_string_member(arguments, "property", property);
    json_node_init_object(node, arguments);
    json_object_unref(arguments);
    return node;
}

/*
 * Reads a property of all objects at once.  An object that lacks it, or that
 * has been deleted, has NULL, and so has one whose property is not of @type.
 * Sets @errp if the connection is lost.
 */
static JsonNode **read_all(JsonArray *objects, const char *property,
                           JsonNodeType type, Error **errp)
{
    unsigned n = json_array_get_length(objects);
    g_autofree QmpCall *calls = g_new0(QmpCall, n);
    g_autofree Error **errors = g_new0(Error *, n);
    JsonNode **results = g_new0(JsonNode *, n);

    /* An error of one object is none of the sample, unless all will fail. */
    for (unsigned i = 0; i < n; i++) {
        calls[i].command = "qom-get";
        calls[i].arguments = get_arguments(
            json_array_get_object_element(objects, i), property);
    }
    target_execute_all(calls, n, results, errors);
    for (unsigned i = 0; i < n; i++) {
        if (errors[i] && !target_is_there() && !*errp) {
            *errp = g_steal_pointer(&errors[i]);
        }
        error_free(errors[i]);
        json_node_unref(calls[i].arguments);
        if (results[i] && JSON_NODE_TYPE(results[i]) != type) {
            g_clear_pointer(&results[i], json_node_unref);
        }
    }
    return results;
}

/*
 * Returns: (transfer full) the children in a reply of qom-list, whose type is
 * "child<TYPE>"
 */
static JsonArray *children_of(JsonArray *properties)
{
    JsonArray *objects = json_array_new();

    for (guint i = 0; i < json_array_get_length(properties); i++) {
        JsonObject *property = json_array_get_object_element(properties, i);
        const char *type = json_object_get_string_member(property, "type");
        JsonObject *object;

        if (g_str_has_prefix(type, "child<")) {
            g_autofree char *name = g_strndup(type + 6, strlen(type) - 7);

            object = json_object_new();
            json_object_set_string_member(
                object, "id", json_object_get_string_member(property, "name"));
            json_object_set_string_member(object, "qom-type", name);
            json_array_add_object_element(objects, object);
        }
    }
    return objects;
}

/* QEMU has iothreads, but no statistics; without objects it has no list. */
static void set_no_stats(Error **errp)
{
    g_autofree char *target = target_describe();

    error_setg(errp, "no object of %s has statistics", target);
}

bool top_sample_check(const TopSample *sample, Error **errp)
{
    for (unsigned i = 0; i < sample->n; i++) {
        if (sample->stats[i]) {
            return true;
        }
    }
    set_no_stats(errp);
    return false;
}

/* Returns: (transfer full) (nullable) what qom-list has of /objects */
static JsonNode *list_objects(Error **errp)
{
    Error *err = NULL;
    JsonNode *list = target_execute("qom-list", &err, "path",
                                    json_text_new("/objects"), NULL);

    if (!list && error_get_class(err) == ERROR_CLASS_DEVICE_NOT_FOUND) {
        g_clear_pointer(&err, error_free);
        set_no_stats(&err);
    }
    error_propagate(errp, err);
    return list;
}

TopSample *top_sample_take(Error **errp)
{
    g_autoptr(JsonNode) list = list_objects(errp);
    g_autoptr(TopSample) sample = NULL;
    Error *err = NULL;

    if (!list) {
        return NULL;
    }
    sample = g_new0(TopSample, 1);
    sample->objects = children_of(json_node_get_array(list));
    sample->n = json_array_get_length(sample->objects);
    /* The time is that of the counters; histograms only yield percentiles. */
    sample->stats = read_all(sample->objects, "stats", JSON_NODE_OBJECT, &err);
    sample->time_us = g_get_monotonic_time();
    sample->real_us = g_get_real_time();
    sample->histograms = read_all(sample->objects, "histograms",
                                  JSON_NODE_OBJECT, &err);
    sample->connections = read_all(sample->objects, "connections",
                                   JSON_NODE_VALUE, &err);
    if (err) {
        error_propagate(errp, err);
        return NULL;
    }
    return g_steal_pointer(&sample);
}

/* Shares the value: metrics only read it. */
static void add_member(JsonObject *entry, const char *name, JsonNode *value)
{
    if (value) {
        json_object_set_member(entry, name, json_node_ref(value));
    }
}

JsonArray *top_sample_to_objects(const TopSample *sample)
{
    JsonArray *objects = json_array_new();

    for (unsigned i = 0; i < sample->n; i++) {
        JsonObject *object = json_array_get_object_element(sample->objects, i);
        JsonObject *entry = json_object_new();

        json_object_set_string_member(
            entry, "id", json_object_get_string_member(object, "id"));
        json_object_set_string_member(
            entry, "qom-type",
            json_object_get_string_member(object, "qom-type"));
        add_member(entry, "stats", sample->stats[i]);
        add_member(entry, "histograms", sample->histograms[i]);
        add_member(entry, "connections", sample->connections[i]);
        json_array_add_object_element(objects, entry);
    }
    return objects;
}

void top_sample_free(TopSample *sample)
{
    if (!sample) {
        return;
    }
    for (unsigned i = 0; i < sample->n; i++) {
        g_clear_pointer(&sample->stats[i], json_node_unref);
        g_clear_pointer(&sample->histograms[i], json_node_unref);
        g_clear_pointer(&sample->connections[i], json_node_unref);
    }
    g_free(sample->stats);
    g_free(sample->histograms);
    g_free(sample->connections);
    json_array_unref(sample->objects);
    g_free(sample);
}
