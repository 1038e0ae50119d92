/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which properties of objects are statistics, and those of this process.
 *
 * An object has one set of statistics, from all of its properties that are
 * statistics, so that those who read it need not know their names.
 */
#include "service/metrics-internal.h"

#include "qapi/json/json.h"
#include "qom/object.h"
#include "service/metrics.h"

#include <string.h>

#define STATS "stats"
#define STATS_SUFFIX "-stats"

bool metrics_use_property(const char *name)
{
    return !strcmp(name, STATS) || g_str_has_suffix(name, STATS_SUFFIX) ||
           !strcmp(name, "connections") || !strcmp(name, "histograms");
}

/* Returns: borrowed; the statistics, which are created on first use */
static JsonObject *stats_of(JsonObject *object)
{
    JsonObject *stats = json_member_object(object, STATS);

    if (!stats) {
        stats = json_object_new();
        json_object_set_object_member(object, STATS, stats);
    }
    return stats;
}

/* Adds all members of an object to another one, sharing their values. */
static void add_members(JsonObject *to, JsonObject *from)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, from);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        json_object_set_member(to, name, json_node_ref(value));
    }
}

/* Clients watch the number of connections, so it is a property of its own. */
void metrics_add_property(JsonObject *object, const char *name,
                          JsonNode *value)
{
    bool is_object = JSON_NODE_HOLDS_OBJECT(value);

    /* "file-stats" becomes the member "file", so that no names collide. */
    if (is_object && !strcmp(name, STATS)) {
        add_members(stats_of(object), json_node_get_object(value));
    } else if (is_object && g_str_has_suffix(name, STATS_SUFFIX)) {
        g_autofree char *member =
            g_strndup(name, strlen(name) - strlen(STATS_SUFFIX));

        json_object_set_member(stats_of(object), member,
                               json_node_ref(value));
    } else if (is_object && !strcmp(name, "histograms")) {
        json_object_set_member(object, name, json_node_ref(value));
    } else if (json_qtype(value) == QTYPE_QNUM &&
               !strcmp(name, "connections")) {
        json_object_set_member(stats_of(object), name, json_node_ref(value));
    }
}

/* ---- An object of this process ---- */

/* Reading a property may fail while its object is being changed. */
static void add_properties(JsonObject *entry, Object *obj)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        g_autoptr(JsonNode) value = NULL;

        if (metrics_use_property(prop->name)) {
            value = object_property_get_json(obj, prop->name, NULL);
        }
        if (value) {
            metrics_add_property(entry, prop->name, value);
        }
    }
}

/*
 * The path may lead to another object than the one that was listed, if that was
 * deleted and its id used again.
 */
JsonObject *metrics_read_object(const char *path)
{
    Object *obj = object_resolve_path_at(object_get_objects_root(), path);
    JsonObject *entry;

    if (!obj) {
        return NULL;
    }
    entry = json_object_new();
    json_object_set_string_member(entry, "id", path);
    json_object_set_string_member(entry, "qom-type", object_get_typename(obj));
    add_properties(entry, obj);
    return entry;
}

/* ---- All objects of this process ---- */

typedef struct Listing {
    GPtrArray *paths;
    const char *above; /* (nullable) path of the parent; NULL: /objects */
} Listing;

/* Lists an object and those below it. */
static int list_object(Object *obj, void *opaque)
{
    const Listing *all = opaque;
    char *path = g_strconcat(
        all->above ? all->above : "", all->above ? "/" : "",
        object_get_canonical_path_component(obj), NULL);
    Listing below = { .paths = all->paths, .above = path };

    g_ptr_array_add(all->paths, path);
    object_child_foreach(obj, list_object, &below);
    return 0;
}

GPtrArray *metrics_list_objects(void)
{
    Listing all = { .paths = g_ptr_array_new_with_free_func(g_free) };

    object_child_foreach(object_get_objects_root(), list_object, &all);
    return all.paths;
}

/* Reading a property may delete an object that follows, so paths are kept. */
JsonArray *metrics_collect(void)
{
    g_autoptr(GPtrArray) paths = metrics_list_objects();
    JsonArray *objects = json_array_new();

    for (guint i = 0; i < paths->len; i++) {
        JsonObject *object = metrics_read_object(paths->pdata[i]);

        if (object) {
            json_array_add_object_element(objects, object);
        }
    }
    return objects;
}
