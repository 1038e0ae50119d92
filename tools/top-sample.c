/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the statistics of a running program.
 *
 * Entry    an object below /objects, with what was read of it.
 * Level    the entries at one depth of the tree.  One round trip lists the
 *          properties of all of them, and so finds the next level.
 * Value    a property that metrics use.  One round trip reads all values.
 *
 * Objects may be deleted at any time.  Their entries stay, without values.
 */
#include "tools/top-sample.h"

#include "qapi/json/json.h"
#include "service/metrics.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <string.h>

typedef struct Value {
    JsonObject *entry; /* borrowed */
    char *property;
} Value;

typedef struct Reading {
    JsonArray *entries; /* all, as metrics_append() takes them */
    GPtrArray *level;   /* of entries that were found last; borrowed */
    GArray *values;     /* of Value, to be read */
} Reading;

static void value_clear(void *opaque)
{
    g_free(((Value *)opaque)->property);
}

/* ---- Commands ---- */

/* @property: (nullable) to leave it out */
static QmpCall call_new(const char *command, JsonObject *entry,
                        const char *property)
{
    g_autofree char *path = g_strconcat(
        "/objects/", json_object_get_string_member(entry, "id"), NULL);
    QmpCall call = { .command = command,
                     .arguments = json_node_new(JSON_NODE_OBJECT) };
    JsonObject *arguments = json_object_new();

    json_object_set_string_member(arguments, "path", path);
    if (property) {
        json_object_set_string_member(arguments, "property", property);
    }
    json_node_take_object(call.arguments, arguments);
    return call;
}

/*
 * Executes all calls at once, and frees their arguments.
 *
 * Returns: (transfer full) the results; NULL for an object that was deleted.
 *          Sets @errp if the connection is lost.
 */
static JsonNode **execute(QmpCall *calls, unsigned n, Error **errp)
{
    g_autofree Error **errors = g_new0(Error *, n);
    JsonNode **results = g_new0(JsonNode *, n);

    target_execute_all(calls, n, results, errors);
    for (unsigned i = 0; i < n; i++) {
        if (errors[i] && !target_is_there() && !*errp) {
            *errp = g_steal_pointer(&errors[i]);
        }
        error_free(errors[i]);
        json_node_unref(calls[i].arguments);
    }
    return results;
}

/* ---- Listing ---- */

/* Adds a child of @parent; NULL: of /objects.  Its type is "child<TYPE>". */
static void add_entry(Reading *reading, JsonObject *parent, const char *name,
                      const char *type)
{
    const char *above = parent ? json_object_get_string_member(parent, "id")
                               : "";
    g_autofree char *id = g_strconcat(above, parent ? "/" : "", name, NULL);
    g_autofree char *type_name = g_strndup(type + 6, strlen(type) - 7);
    JsonObject *entry = json_object_new();

    json_object_set_string_member(entry, "id", id);
    json_object_set_string_member(entry, "qom-type", type_name);
    json_array_add_object_element(reading->entries, entry);
    g_ptr_array_add(reading->level, entry);
}

/* Takes the list of properties of an entry; NULL: of /objects. */
static void take_list(Reading *reading, JsonObject *entry, JsonNode *list)
{
    JsonArray *properties = json_node_get_array(list);

    for (guint i = 0; i < json_array_get_length(properties); i++) {
        JsonObject *property = json_array_get_object_element(properties, i);
        const char *name = json_object_get_string_member(property, "name");
        const char *type = json_object_get_string_member(property, "type");
        Value value = { .entry = entry };

        if (g_str_has_prefix(type, "child<")) {
            add_entry(reading, entry, name, type);
        } else if (entry && metrics_use_property(name)) {
            value.property = g_strdup(name);
            g_array_append_val(reading->values, value);
        }
    }
}

/* Lists the properties of the last level, and makes their children the next. */
static void list_level(Reading *reading, Error **errp)
{
    g_autoptr(GPtrArray) level = g_steal_pointer(&reading->level);
    g_autofree QmpCall *calls = g_new(QmpCall, level->len);
    g_autofree JsonNode **lists = NULL;

    reading->level = g_ptr_array_new();
    for (guint i = 0; i < level->len; i++) {
        calls[i] = call_new("qom-list", level->pdata[i], NULL);
    }
    lists = execute(calls, level->len, errp);
    for (guint i = 0; i < level->len; i++) {
        if (lists[i]) {
            take_list(reading, level->pdata[i], lists[i]);
            json_node_unref(lists[i]);
        }
    }
}

/* QEMU has iothreads, but no statistics; without objects it has no list. */
static void set_no_stats(Error **errp)
{
    g_autofree char *target = target_describe();

    error_setg(errp, "no object of %s has statistics", target);
}

/* Takes the list of /objects, which is the first level. */
static bool list_root(Reading *reading, Error **errp)
{
    Error *err = NULL;
    g_autoptr(JsonNode) list = target_execute(
        "qom-list", &err, "path", json_text_new("/objects"), NULL);

    if (list) {
        take_list(reading, NULL, list);
    } else if (error_get_class(err) == ERROR_CLASS_DEVICE_NOT_FOUND) {
        g_clear_pointer(&err, error_free);
        set_no_stats(&err);
    }
    error_propagate(errp, err);
    return list;
}

/* ---- Reading ---- */

static void read_values(Reading *reading, Error **errp)
{
    GArray *values = reading->values;
    g_autofree QmpCall *calls = g_new(QmpCall, values->len);
    g_autofree JsonNode **results = NULL;

    for (guint i = 0; i < values->len; i++) {
        const Value *value = &g_array_index(values, Value, i);

        calls[i] = call_new("qom-get", value->entry, value->property);
    }
    results = execute(calls, values->len, errp);
    for (guint i = 0; i < values->len; i++) {
        const Value *value = &g_array_index(values, Value, i);

        if (results[i]) {
            metrics_add_property(value->entry, value->property, results[i]);
            json_node_unref(results[i]);
        }
    }
}

TopSample *top_sample_take(Error **errp)
{
    ERRP_GUARD();
    g_autoptr(TopSample) sample = g_new0(TopSample, 1);
    Reading reading = {
        .entries = sample->objects = json_array_new(),
        .level = g_ptr_array_new(),
        .values = g_array_new(false, false, sizeof(Value)),
    };

    g_array_set_clear_func(reading.values, value_clear);
    if (list_root(&reading, errp)) {
        while (reading.level->len && !*errp) {
            list_level(&reading, errp);
        }
        read_values(&reading, errp);
    }
    sample->time_us = g_get_monotonic_time();
    sample->real_us = g_get_real_time();
    g_ptr_array_unref(reading.level);
    g_array_unref(reading.values);
    return *errp ? NULL : g_steal_pointer(&sample);
}

/* ---- Samples ---- */

bool top_sample_check(const TopSample *sample, Error **errp)
{
    for (guint i = 0; i < json_array_get_length(sample->objects); i++) {
        if (json_object_has_member(
                json_array_get_object_element(sample->objects, i), "stats")) {
            return true;
        }
    }
    set_no_stats(errp);
    return false;
}

void top_sample_free(TopSample *sample)
{
    if (sample) {
        json_array_unref(sample->objects);
        g_free(sample);
    }
}
