/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The elements of the list: reading them, sorting them, creating an object for
 * one and comparing it with an existing object.
 *
 * Links are paths in the list.  Their targets are derived from the text of the
 * path, because the objects need not exist yet.  A link that closes a cycle is
 * set after all objects of the cycle exist.
 */
#include "qapi/visitor/forward-visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/visitor-impl.h"
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable.h"
#include "util/hash.h"

/* ---- Errors ---- */

/*
 * Returns "objects[3].name", the place as clients know it from their request;
 * (transfer full).
 */
static char *place_of(const ApplyItem *item, const char *name)
{
    return g_strdup_printf("objects[%u]%s%s", item->index, name ? "." : "",
                           name ? name : "");
}

/*
 * Notes the node to which the error belongs; a configuration file turns it into
 * a line and column.
 */
void apply_locate(Apply *apply, const ApplyItem *item, const char *name)
{
    JsonNode *value = NULL;

    if (name && item->options) {
        value = json_object_get_member(item->options, name);
    }
    apply->bad_node = value ? value : item->node;
}

void apply_locate_error(Apply *apply, const ApplyItem *item, const char *name,
                        Error **errp)
{
    ERRP_GUARD();
    g_autofree char *place = place_of(item, name);

    apply_locate(apply, item, name);
    if (*errp) {
        error_prepend(errp, "%s: ", place);
    }
}

void apply_refuse_name(Apply *apply, const ApplyItem *item, Object *obj,
                       const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *place = place_of(item, name);

    error_setg(errp, PARAMETER_UNEXPECTED, place);
    suggest_class_property(object_get_class(obj), name, true, errp);
    apply_locate(apply, item, name);
}

/* ---- Reading ---- */

/* Returns a member that must be a string, borrowed. */
static const char *load_text(Apply *apply, ApplyItem *item, const char *key,
                             Error **errp)
{
    JsonNode *node = json_object_get_member(item->options, key);
    g_autofree char *place = NULL;

    if (node && json_qtype(node) == QTYPE_QSTRING) {
        return json_node_get_string(node);
    }
    place = place_of(item, key);
    if (node) {
        error_setg(errp, PARAMETER_TYPE, place, "string");
    } else {
        error_setg(errp, PARAMETER_MISSING, place);
    }
    apply_locate(apply, item, key);
    return NULL;
}

static bool load_type(Apply *apply, ApplyItem *item, Error **errp)
{
    const char *type = load_text(apply, item, KEY_TYPE, errp);

    if (!type) {
        return false;
    }
    item->klass = user_creatable_class(type, errp);
    if (!item->klass) {
        apply_locate_error(apply, item, KEY_TYPE, errp);
        return false;
    }
    return true;
}

static bool load_id(Apply *apply, ApplyItem *item, Error **errp)
{
    ApplyItem *other;
    bool ok;

    item->id = load_text(apply, item, KEY_ID, errp);
    if (!item->id) {
        return false;
    }
    ok = user_creatable_check_id(item->id, errp);
    other = g_hash_table_lookup(apply->by_id, item->id);
    if (ok && other) {
        /* Both elements are named: the error can be in either. */
        error_setg(errp, "'%s' is the id of objects[%u], too", item->id,
                   other->index);
        ok = false;
    }
    if (!ok) {
        apply_locate_error(apply, item, KEY_ID, errp);
        return false;
    }
    g_hash_table_insert(apply->by_id, (char *)item->id, item);
    return true;
}

static bool load_item(Apply *apply, ApplyItem *item, Error **errp)
{
    if (!JSON_NODE_HOLDS_OBJECT(item->node)) {
        g_autofree char *place = place_of(item, NULL);

        error_setg(errp, PARAMETER_TYPE, place, "object");
        apply_locate(apply, item, NULL);
        return false;
    }
    item->options = json_node_get_object(item->node);
    if (!load_type(apply, item, errp) || !load_id(apply, item, errp)) {
        return false;
    }
    /* The reference keeps the old object while hooks wait. */
    item->old = object_ref(user_creatable_find(item->id));
    return true;
}

void apply_init(Apply *apply, unsigned n)
{
    apply->items = g_array_new(FALSE, TRUE, sizeof(ApplyItem));
    apply->by_id = g_hash_table_new(hash_str, g_str_equal);
    apply->order = g_ptr_array_new();
    g_array_set_size(apply->items, n);
    for (unsigned i = 0; i < n; i++) {
        g_array_index(apply->items, ApplyItem, i).index = i;
    }
}

bool apply_load(Apply *apply, JsonArray *list, Error **errp)
{
    ERRP_GUARD();
    guint n = json_array_get_length(list);

    apply_init(apply, n);
    apply->list = list;
    for (guint i = 0; i < n; i++) {
        ApplyItem *item = &g_array_index(apply->items, ApplyItem, i);

        item->node = json_array_get_element(list, i);
        if (!load_item(apply, item, errp)) {
            return false;
        }
    }
    return true;
}

void apply_unload(Apply *apply)
{
    for (guint i = 0; i < apply->items->len; i++) {
        ApplyItem *item = &g_array_index(apply->items, ApplyItem, i);

        g_clear_pointer(&item->changed, json_object_unref);
        object_unref(item->old);
        if (item->deferred_links) {
            g_hash_table_unref(item->deferred_links);
        }
    }
    g_array_unref(apply->items);
    g_hash_table_unref(apply->by_id);
    g_ptr_array_unref(apply->order);
}

/* ---- Order ---- */

/*
 * Returns true if the property may be a link.  Which instance properties there
 * will be is not known before the object exists.
 */
static bool may_be_link(const ApplyItem *item, const char *name)
{
    ObjectProperty *prop = object_class_property_find(item->klass, name);

    return prop ? g_str_has_prefix(prop->type, "link<")
                : strcmp(name, KEY_TYPE) && strcmp(name, KEY_ID);
}

/*
 * Returns the element to whose object, or to an object below it, a path leads.
 */
static ApplyItem *find_item(Apply *apply, const char *path)
{
    g_autofree char *part = NULL;
    size_t len;

    do {
        path += strspn(path, "/");
        len = strcspn(path, "/");
        g_free(part);
        part = g_strndup(path, len);
        path += len;
    } while (len && !strcmp(part, "objects"));
    return len ? g_hash_table_lookup(apply->by_id, part) : NULL;
}

/* An element whose links are being followed */
typedef struct SortFrame {
    ApplyItem *item;
    JsonObjectIter iter; /* of the properties that are still to be read */
    const char *name;
    JsonNode *value; /* (nullable) of a property that is being read */
    guint element;   /* of `value`, if it is an array: the next to read */
} SortFrame;

/* Starts to follow the links of an element. */
static void sort_begin(GArray *stack, ApplyItem *item)
{
    SortFrame frame = { .item = item };

    item->mark = ITEM_VISITING;
    json_object_iter_init_ordered(&frame.iter, item->options);
    g_array_append_val(stack, frame);
}

static void defer_link(ApplyItem *item, const char *name)
{
    if (!item->deferred_links) {
        item->deferred_links = g_hash_table_new(hash_str, g_str_equal);
    }
    g_hash_table_add(item->deferred_links, (char *)name);
}

/*
 * Returns an element that is named in a list or an object, such as the value of
 * `iothreads`, and has to be created yet; NULL if there is none.  A name in a
 * cycle cannot be deferred as a link can, so its property is rejected.
 */
static ApplyItem *find_new_within(Apply *apply, JsonNode *value)
{
    ApplyItem *target = NULL;

    if (JSON_NODE_HOLDS_OBJECT(value)) {
        g_autoptr(GList) values =
            json_object_get_values(json_node_get_object(value));

        for (GList *l = values; l && !target; l = l->next) {
            target = find_new_within(apply, l->data);
        }
    } else if (JSON_NODE_HOLDS_ARRAY(value)) {
        JsonArray *array = json_node_get_array(value);
        guint n = json_array_get_length(array);

        for (guint i = 0; i < n && !target; i++) {
            target = find_new_within(apply,
                                     json_array_get_element(array, i));
        }
    } else if (json_qtype(value) == QTYPE_QSTRING) {
        target = find_item(apply, json_node_get_string(value));
    }
    return target && target->mark == ITEM_NEW ? target : NULL;
}

/* As above, for the value of a property, without what has been searched. */
static ApplyItem *find_new_in_value(Apply *apply, SortFrame *frame)
{
    ApplyItem *target = NULL;
    JsonArray *array;

    if (!JSON_NODE_HOLDS_ARRAY(frame->value)) {
        return find_new_within(apply, frame->value);
    }
    array = json_node_get_array(frame->value);
    while (frame->element < json_array_get_length(array)) {
        target = find_new_within(apply, json_array_get_element(
                                            array, frame->element));
        if (target) {
            break;
        }
        frame->element++;
    }
    return target;
}

/*
 * Returns: the next element that has to be created before the frame's; NULL if
 * there is none
 */
static ApplyItem *sort_next(Apply *apply, SortFrame *frame)
{
    while (frame->value ||
           json_object_iter_next_ordered(&frame->iter, &frame->name,
                                         &frame->value)) {
        JsonNode *value = frame->value;
        ApplyItem *target = NULL;

        if (JSON_NODE_HOLDS_OBJECT(value) || JSON_NODE_HOLDS_ARRAY(value)) {
            target = find_new_in_value(apply, frame);
            if (target) {
                return target;
            }
        } else if (json_qtype(value) == QTYPE_QSTRING &&
                   may_be_link(frame->item, frame->name)) {
            target = find_item(apply, json_node_get_string(value));
        }
        frame->value = NULL;
        frame->element = 0;
        if (target && target->mark == ITEM_NEW) {
            return target;
        }
        /* The target is on the stack, so that this link closes a cycle. */
        if (target && target->mark == ITEM_VISITING) {
            defer_link(frame->item, frame->name);
        }
    }
    return NULL;
}

/* The stack is explicit because a chain of links may be of any length. */
void apply_sort(Apply *apply)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(SortFrame));

    for (guint i = 0; i < apply->items->len; i++) {
        ApplyItem *item = &g_array_index(apply->items, ApplyItem, i);

        if (item->mark == ITEM_NEW) {
            sort_begin(stack, item);
        }
        while (stack->len) {
            SortFrame *top = &g_array_index(stack, SortFrame, stack->len - 1);
            ApplyItem *target = sort_next(apply, top);

            if (target) {
                sort_begin(stack, target);
            } else {
                top->item->mark = ITEM_VISITED;
                g_ptr_array_add(apply->order, top->item);
                g_array_set_size(stack, stack->len - 1);
            }
        }
    }
}

static bool is_deferred(const ApplyItem *item, const char *name)
{
    return item->deferred_links &&
           g_hash_table_contains(item->deferred_links, name);
}

/* ---- Making ---- */

/*
 * The messages of visitors name the whole path of the value.  Messages of the
 * class do not, so they are given the path here.
 */
static bool set_value(Apply *apply, const ApplyItem *item, Object *obj,
                      ObjectProperty *prop, JsonNode *value, Error **errp)
{
    g_autofree char *place = place_of(item, prop->name);
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
            !is_deferred(item, name) &&
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
            !is_deferred(item, prop->name) &&
            !compare_property(item, made, prop)) {
            g_clear_pointer(&item->changed, json_object_unref);
            return false;
        }
    }
    return true;
}
