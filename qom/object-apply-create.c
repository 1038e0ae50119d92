/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating an object for an element of the list, and comparing it with the
 * existing object of the same id.
 */
#include "qapi/json/json.h"
#include "qapi/visitor/forward-visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/visitor-impl.h"
#include "qom/object-apply-internal.h"
#include "qom/property-row-internal.h"
#include "qom/user-creatable-internal.h"

/* ---- Creating ---- */

/*
 * The messages of visitors name the whole path of the value.  Messages of the
 * class do not, so they are given the path here.
 */
static bool set_value(Apply *apply, const ApplyItem *item, Object *obj,
                      ObjectProperty *prop, JsonNode *value, Error **errp)
{
    g_autofree char *place = apply_place(item, prop->name);
    g_autoptr(Visitor) outer = json_input_visitor_new(value);
    g_autoptr(Visitor) v = forward_field_visitor_new(outer, prop->name,
                                                     place);

    if (object_property_set_prop(obj, prop, v, errp)) {
        return true;
    }
    /* The message already says which value is wrong. */
    if (outer->was_named) {
        apply_locate(apply, item, prop->name);
    } else {
        apply_locate_error(apply, item, prop->name, errp);
    }
    return false;
}

/*
 * Returns true if @value is what a row without a default has in a new object.
 */
static bool is_clear(const ObjectProperty *prop, JsonNode *value)
{
    if (!prop->row || (property_row_flags(prop->row) & PROPERTY_HAS_DEFAULT)) {
        return false;
    }
    switch (json_qtype(value)) {
    case QTYPE_QNULL:
        return true;
    case QTYPE_QSTRING:
        return prop->row->type->kind == QAPI_KIND_STR &&
               !*json_node_get_string(value);
    default:
        return false;
    }
}

bool apply_set(Apply *apply, const ApplyItem *item, Object *obj,
               const char *name, JsonNode *value, Error **errp)
{
    ObjectProperty *prop = object_find_property(obj, name);

    if (!prop) {
        apply_refuse_name(apply, item, obj, name, errp);
        return false;
    }
    /*
     * A value of the list is always set by the visitor, so that a value of the
     * wrong type is reported. Only a default can be clear.
     */
    if (json_object_has_member(item->options, name) ||
        !is_clear(prop, value)) {
        return set_value(apply, item, obj, prop, value, errp);
    }
    if (!object_row_clear(obj, prop, errp)) {
        apply_locate_error(apply, item, name, errp);
        return false;
    }
    return true;
}

static bool set_all(Apply *apply, const ApplyItem *item, Object *obj,
                    Error **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, item->options);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (strcmp(name, KEY_TYPE) && strcmp(name, KEY_ID) &&
            !apply_is_deferred(item, name) &&
            !apply_set(apply, item, obj, name, value, errp)) {
            return false;
        }
    }
    return true;
}

/* One change set: the order of the members does not matter. */
Object *apply_create(Apply *apply, const ApplyItem *item, Error **errp)
{
    Object *obj = object_new_with_class(item->klass);
    ObjectChange *change = object_change_begin(obj);
    bool ok = set_all(apply, item, obj, errp);

    if (object_change_end(change, ok, errp)) {
        return obj;
    }
    /* All values were accepted one by one, but not together. */
    if (ok) {
        apply_locate_error(apply, item, NULL, errp);
    }
    object_unref(obj);
    return NULL;
}

/* ---- Comparing ---- */

/*
 * Returns false if the object must be created again: a value cannot be
 * changed, or it cannot be read and therefore not be compared.
 */
static bool compare_property(ApplyItem *item, Object *made,
                             ObjectProperty *prop)
{
    g_autoptr(JsonNode) value = NULL;

    /* No value: the property cannot be read. */
    if (!property_differs(made, prop, item->old, &value)) {
        return value || !json_object_has_member(item->options, prop->name);
    }
    if (object_property_mutability(prop) == PROPERTY_SET_CREATE) {
        return false;
    }
    if (!item->changed) {
        item->changed = json_object_new();
    }
    json_object_set_member(item->changed, prop->name,
                           g_steal_pointer(&value));
    return true;
}

bool apply_compare(ApplyItem *item, Object *made)
{
    g_autoptr(GPtrArray) props = NULL;

    if (item->old->klass != made->klass) {
        return false;
    }
    props = object_property_hold_all(made);
    for (guint i = 0; i < props->len; i++) {
        ObjectProperty *prop = props->pdata[i];

        if (!(prop->state & PROPERTY_GONE) && prop->set &&
            !apply_is_deferred(item, prop->name) &&
            !compare_property(item, made, prop)) {
            g_clear_pointer(&item->changed, json_object_unref);
            return false;
        }
    }
    return true;
}
