/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Defaults and descriptions of properties that are not declared by rows.
 */
#include "qom/object-internal.h"
#include "qapi/json/json.h"
#include "util/programming-error.h"

/*
 * The init hook of a property with a default: every new object gets it by the
 * setter.  The image of the class cannot have it, because there is no field.
 */
static void property_apply_default(Object *obj, ObjectProperty *prop)
{
    object_property_set_json(obj, prop->name, prop->defval, &error_abort);
}

/*
 * Consumes @defval. The setter of the property writes the default into every
 * new object, so a default that the setter refuses aborts at the first object.
 */
static void property_set_default(ObjectProperty *prop, JsonNode *defval)
{
    if (prop->defval || prop->init || !prop->set) {
        programming_error("property '%s' cannot get a default: %s",
                          prop->name,
                          prop->set ? "it has one already"
                                    : "it has no setter");
    }
    prop->defval = defval;
    prop->init = property_apply_default;
}

void object_property_set_default_bool(ObjectProperty *prop, bool value)
{
    JsonNode *node = json_node_init_boolean(json_node_alloc(), value);

    property_set_default(prop, node);
}

void object_property_set_default_str(ObjectProperty *prop, const char *value)
{
    property_set_default(prop, json_text_new(value));
}

void object_property_set_default_list(ObjectProperty *prop)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, json_array_new());
    property_set_default(prop, node);
}

void object_property_set_default_int(ObjectProperty *prop, int64_t value)
{
    property_set_default(prop, json_number_new_int64(value));
}

void object_property_set_default_uint(ObjectProperty *prop, uint64_t value)
{
    property_set_default(prop, json_number_new_uint64(value));
}

/* Copies the text: unlike that of a property row it may not be constant. */
static void property_describe(ObjectProperty *prop, const char *description)
{
    if (prop->state & PROPERTY_OWNS_DESCRIPTION) {
        g_free((char *)prop->description);
    }
    prop->description = g_strdup(description);
    prop->state |= PROPERTY_OWNS_DESCRIPTION;
}

void object_property_set_description(Object *obj, const char *name,
                                     const char *description)
{
    property_describe(object_property_find_err(obj, name, &error_abort),
                      description);
}

void object_class_property_set_description(ObjectClass *klass,
                                           const char *name,
                                           const char *description)
{
    property_describe(object_class_property_find_err(klass, name,
                                                     &error_abort),
                      description);
}
