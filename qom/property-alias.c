/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Aliases: properties that lead to a property of another object, which must
 * exist as long as the alias.
 */
#include "qapi/visitor/forward-visitor.h"
#include "qom/object-internal.h"

typedef struct AliasProperty {
    Object *target_obj;
    char *target_name;
} AliasProperty;

/*
 * The other property's getter uses its own name.  The forwarding visitor turns
 * that into the name of the alias.
 */
static void alias_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    AliasProperty *alias = opaque;
    Visitor *inner = forward_field_visitor_new(v, alias->target_name, name);

    object_property_get(alias->target_obj, alias->target_name, inner, errp);
    visit_free(inner);
}

/* As alias_get().  The other property checks and stores the value. */
static void alias_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    AliasProperty *alias = opaque;
    Visitor *inner = forward_field_visitor_new(v, alias->target_name, name);

    object_property_set(alias->target_obj, alias->target_name, inner, errp);
    visit_free(inner);
}

static void alias_release(Object *obj, const char *name, void *opaque)
{
    AliasProperty *alias = opaque;

    g_free(alias->target_name);
    g_free(alias);
}

/* An alias of an alias is followed to its end. */
void object_property_origin(Object **obj, const char **name)
{
    ObjectProperty *prop;

    while ((prop = object_find_property(*obj, *name)) &&
           prop->release == alias_release) {
        AliasProperty *alias = prop->opaque;

        *obj = alias->target_obj;
        *name = alias->target_name;
    }
}

/* Lets paths lead through the alias of a child or a link. */
static Object *alias_resolve(Object *obj, void *opaque, const char *part)
{
    AliasProperty *alias = opaque;

    return object_resolve_path_component(alias->target_obj,
                                         alias->target_name);
}

/* An alias of a child is a link, because the child has its own parent. */
static char *alias_type(const ObjectProperty *target)
{
    if (g_str_has_prefix(target->type, "child<")) {
        return g_strdup_printf("link%s", target->type + strlen("child"));
    }
    return g_strdup(target->type);
}

ObjectProperty *object_property_add_alias(Object *obj, const char *name,
                                          Object *target_obj,
                                          const char *target_name)
{
    ObjectProperty *target = object_property_find_err(target_obj, target_name,
                                                      &error_abort);
    ObjectProperty *prop = object_property_insert(obj, name, NULL,
                                                  &error_abort);
    AliasProperty *alias = g_new0(AliasProperty, 1);

    alias->target_obj = target_obj;
    alias->target_name = g_strdup(target_name);
    prop->type = alias_type(target);
    prop->state |= PROPERTY_OWNS_TYPE;
    prop->get = target->get ? alias_get : NULL;
    prop->set = target->set ? alias_set : NULL;
    prop->release = alias_release;
    prop->opaque = alias;
    if (target->resolve) {
        prop->resolve = alias_resolve;
        path_index_add(prop);
    }
    if (target->defval) {
        prop->defval = json_node_ref(target->defval);
    }
    if (target->description) {
        object_property_set_description(obj, prop->name, target->description);
    }
    return prop;
}
