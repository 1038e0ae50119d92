/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What object_apply() returns: the steps that it has executed, or that it would
 * execute.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable-internal.h"

/* Appends one step to the plan.  Returns it, borrowed. */
static JsonObject *add_step(JsonArray *plan, const char *action,
                            const char *id, ObjectClass *klass)
{
    JsonObject *step = json_object_new();

    json_object_set_string_member(step, "action", action);
    json_object_set_string_member(step, KEY_ID, id);
    json_object_set_string_member(step, KEY_TYPE,
                                  object_class_get_name(klass));
    json_array_add_object_element(plan, step);
    return step;
}

/*
 * Returns (transfer full) the properties that the list gives; the plan does not
 * show defaults.
 */
static JsonObject *given_properties(const ApplyItem *item)
{
    JsonObject *properties = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, item->options);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (strcmp(name, KEY_TYPE) && strcmp(name, KEY_ID)) {
            json_object_set_member(properties, name,
                                   json_node_copy_deep(value));
        }
    }
    return properties;
}

JsonNode *apply_create_plan(ApplyTransaction *t)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *plan = json_array_new();

    for (guint i = 0; i < t->hidden->len; i++) {
        Object *obj = t->hidden->pdata[i];

        add_step(plan, "delete", object_get_canonical_path_component(obj),
                 obj->klass);
    }
    for (guint i = 0; i < t->apply.order->len; i++) {
        ApplyItem *item = t->apply.order->pdata[i];

        if (item->obj != item->old) {
            json_object_set_object_member(
                add_step(plan, "add", item->id, item->klass), "properties",
                given_properties(item));
        } else if (item->changed) {
            json_object_set_object_member(
                add_step(plan, "change", item->id, item->klass),
                "properties", json_object_ref(item->changed));
        }
    }
    json_node_take_array(node, plan);
    return node;
}
