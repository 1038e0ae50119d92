/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which properties of objects are statistics, and those of this process.
 *
 * An object has one set of statistics, from all of its properties that are
 * statistics, so that those who read it need not know their names.
 */
#include "service/metrics.h"

#include "qapi/json/json.h"
#include "qom/object.h"

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

/* ---- This process ---- */

typedef struct Collection {
    JsonArray *objects;
    const char *above; /* (nullable) id of the parent; NULL: /objects */
} Collection;

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

/* Adds an object and those below it. */
static int collect(Object *obj, void *opaque)
{
    const Collection *all = opaque;
    g_autofree char *id = g_strconcat(
        all->above ? all->above : "", all->above ? "/" : "",
        object_get_canonical_path_component(obj), NULL);
    Collection below = { .objects = all->objects, .above = id };
    JsonObject *entry = json_object_new();

    json_object_set_string_member(entry, "id", id);
    json_object_set_string_member(entry, "qom-type", object_get_typename(obj));
    json_array_add_object_element(all->objects, entry);
    add_properties(entry, obj);
    object_child_foreach(obj, collect, &below);
    return 0;
}

JsonArray *metrics_collect(void)
{
    Collection all = { .objects = json_array_new() };

    object_child_foreach(object_get_objects_root(), collect, &all);
    return all.objects;
}
