/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The elements of the list: reading them, and errors about one.
 *
 * An element is a JSON object.  Its members "qom-type" and "id" are read here;
 * the others are properties, which object-apply-create.c sets.  An error names
 * the place of the value in the list and, for callers that know where each
 * value stands in a file, leaves the node of the value in `bad_node`.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"
#include "util/hash.h"

/* ---- Errors ---- */

char *apply_place(const ApplyItem *item, const char *name)
{
    return g_strdup_printf("objects[%u]%s%s", item->index, name ? "." : "",
                           name ? name : "");
}

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
    g_autofree char *place = apply_place(item, name);

    apply_locate(apply, item, name);
    if (*errp) {
        error_prepend(errp, "%s: ", place);
    }
}

/* Suggests only what can be set, because the list sets what it names. */
void apply_refuse_name(Apply *apply, const ApplyItem *item, Object *obj,
                       const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *place = apply_place(item, name);

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
    place = apply_place(item, key);
    if (node) {
        error_setg(errp, PARAMETER_TYPE, place, "string");
    } else {
        error_setg(errp, PARAMETER_MISSING, place);
    }
    apply_locate(apply, item, key);
    return NULL;
}

/* Finds the class, which must be one that users can create. */
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

/* Reads the id, which no other element may have. */
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

/* The element must be an object, before any of its members is read. */
static bool load_item(Apply *apply, ApplyItem *item, Error **errp)
{
    if (!JSON_NODE_HOLDS_OBJECT(item->node)) {
        g_autofree char *place = apply_place(item, NULL);

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

/* The array never grows, so that pointers to its elements stay valid. */
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

/*
 * Stops at the first element that is wrong.  The caller calls apply_unload() in
 * any case.
 */
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

/* Keeps the objects: those that were created belong to the tree. */
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
