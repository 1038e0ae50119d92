/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The user-creatable objects as a list from which object_apply() creates them.
 *
 * Properties that have their default value are left out.  The default of a
 * property is only known for certain from a new object, because accessors and
 * instance_init can set it.  So each object is compared with a new object of
 * its type, which is dropped afterwards.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"

bool property_link_target(Object *obj, const ObjectProperty *prop,
                          Object **target)
{
    /* Children resolve, too, but are no links. */
    if (!prop->resolve || !g_str_has_prefix(prop->type, "link<")) {
        return false;
    }
    *target = prop->resolve(obj, prop->opaque, prop->name);
    return true;
}

bool property_differs(Object *obj, ObjectProperty *prop, Object *other,
                      JsonNode **value)
{
    g_autoptr(JsonNode) mine = object_property_get_json(obj, prop->name,
                                                        NULL);
    g_autoptr(JsonNode) its = NULL;
    ObjectProperty *other_prop;
    Object *target;
    Object *its_target;
    bool differs;

    *value = NULL;
    if (!mine || !object_find_property(other, prop->name) ||
        !(its = object_property_get_json(other, prop->name, NULL))) {
        return false;
    }
    /* Looked up again, because the getters above may have waited. */
    other_prop = object_find_property(other, prop->name);
    if (property_link_target(obj, prop, &target) && other_prop &&
        property_link_target(other, other_prop, &its_target)) {
        differs = target != its_target;
    } else {
        differs = !json_node_equal_deep(mine, its);
    }
    *value = g_steal_pointer(&mine);
    return differs;
}

static JsonObject *describe_object(Object *obj)
{
    JsonObject *options = json_object_new();
    Object *fresh = object_new_with_class(obj->klass);
    g_autoptr(GPtrArray) props = object_property_hold_all(obj);

    json_object_set_string_member(options, KEY_TYPE,
                                  object_get_typename(obj));
    json_object_set_string_member(options, KEY_ID, obj->parent_link->name);
    for (guint i = 0; i < props->len; i++) {
        ObjectProperty *prop = props->pdata[i];
        g_autoptr(JsonNode) value = NULL;

        if (!(prop->state & PROPERTY_GONE) && prop->set &&
            property_differs(obj, prop, fresh, &value)) {
            json_object_set_member(options, prop->name,
                                   g_steal_pointer(&value));
        }
    }
    object_unref(fresh);
    return options;
}

/* Other children of /objects are no part of the configuration. */
static int add_object(Object *child, void *opaque)
{
    if (user_creatable_is_listed(child)) {
        json_array_add_object_element(opaque, describe_object(child));
    }
    return 0;
}

JsonNode *object_snapshot(void)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    object_child_foreach(object_get_objects_root(), add_object, array);
    json_node_take_array(node, array);
    return node;
}
