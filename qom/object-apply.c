/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the user-creatable objects match a list, all or nothing.
 *
 * No existing object is deleted before everything that can fail has succeeded:
 *
 * 1.  Objects that are not in the list are hidden: no path leads to them, but
 *    they stay alive.
 * 2.  A new object is created for each element, targets of links before their
 *    holders.  If an object of that id exists and can be changed to match, the
 *    new one only serves to find the differences and is dropped.  Otherwise
 *    the old one is hidden, and the new one takes its place and is completed.
 * 3.  Every hidden object must be deletable, and no object that stays may link
 *    to it.
 * 4.  Properties of existing objects are changed, and their old values are
 *    saved.
 * 5.  The hidden objects are deleted, holders before the targets of their
 *    links.
 *
 * If a step up to 4 fails, changed properties are restored, new objects are
 * deleted and hidden ones are shown again.  A dry run ends after step 3 and
 * completes no object.
 *
 * A hook may wait, and other code may then remove one of these objects from
 * the tree.  So the transaction holds references, and it skips objects that
 * have no parent.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/object-pending-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"

static bool is_applying;

bool object_apply_is_under_way(void)
{
    return is_applying;
}

/* ---- Hiding ---- */

/*
 * Remembers all properties of /objects. A property that is held stays readable
 * even if other code deletes its object.
 */
static void save_order(ApplyTransaction *t)
{
    struct ObjectExtra *extra = object_get_objects_root()->extra;
    ObjectProperty *prop = extra ? extra->list.first : NULL;

    for (; prop; prop = prop->next) {
        object_property_hold(prop);
        g_ptr_array_add(t->old_order, prop);
    }
}

/* Returns false if other code has removed the object from the tree. */
static bool check_is_there(const Object *obj, const char *id, Error **errp)
{
    if (!obj->parent_link) {
        error_setg(errp, "object '%s' was deleted while the list was being "
                   "applied", id);
        return false;
    }
    return true;
}

/* Hides an object, unless other code is using it or its class refuses. */
static bool hide(ApplyTransaction *t, Object *obj, const char *id,
                 Error **errp)
{
    if (!object_check_deletable(obj, errp)) {
        return false;
    }
    if (!user_creatable_check_class(obj, id, errp)) {
        return false;
    }
    /* The hooks may have waited. */
    if (!check_is_there(obj, id, errp)) {
        return false;
    }
    object_property_hide(obj->parent_link);
    g_ptr_array_add(t->hidden, object_ref(obj));
    return true;
}

/*
 * Hides what the list does not have.  Objects that users cannot create, and
 * those of the program, stay as they are.
 */
static bool hide_unlisted(ApplyTransaction *t, Error **errp)
{
    ERRP_GUARD();

    for (guint i = 0; i < t->old_order->len; i++) {
        ObjectProperty *prop = t->old_order->pdata[i];

        if (!(prop->state & PROPERTY_IS_CHILD) ||
            (prop->state & PROPERTY_GONE) ||
            g_hash_table_contains(t->apply.by_id, prop->name) ||
            !user_creatable_is_listed(prop->opaque)) {
            continue;
        }
        if (!hide(t, prop->opaque, prop->name, errp)) {
            error_append_hint(errp, "It is not in the list.\n");
            return false;
        }
    }
    return true;
}

/* ---- Making ---- */

/*
 * Adds @obj to /objects and hides the old object.  The reference is consumed.
 */
static bool add_or_replace(ApplyTransaction *t, ApplyItem *item, Object *obj,
                           bool dry_run, Error **errp)
{
    if (item->old && !hide(t, item->old, item->id, errp)) {
        object_unref(obj);
        return false;
    }
    /* Clients must not see an object that may be rolled back. */
    obj->state |= OBJECT_UNANNOUNCED;
    if (!object_property_try_add_child(object_get_objects_root(), item->id,
                                       obj, errp)) {
        object_unref(obj);
        return false;
    }
    g_ptr_array_add(t->added, obj);
    item->obj = obj;
    return dry_run || user_creatable_complete(USER_CREATABLE(obj), errp);
}

/*
 * Step 2 for one element. A new object is created even if the old one stays:
 * only an object knows which values it accepts, and its defaults.
 */
static bool create_item(ApplyTransaction *t, ApplyItem *item, bool dry_run,
                        Error **errp)
{
    Object *obj;

    if (item->old && (!check_is_there(item->old, item->id, errp) ||
                      !object_check_free(item->old, errp))) {
        apply_locate_error(&t->apply, item, NULL, errp);
        return false;
    }
    obj = apply_create(&t->apply, item, errp);
    if (!obj) {
        return false;
    }
    if (item->old && apply_compare(item, obj)) {
        item->obj = item->old;
        object_unref(obj);
        return true;
    }
    if (!add_or_replace(t, item, obj, dry_run, errp)) {
        apply_locate_error(&t->apply, item, NULL, errp);
        return false;
    }
    return true;
}

/* Compares a deferred link, whose target exists by now, with the element. */
static bool compare_deferred(ApplyTransaction *t, ApplyItem *item,
                             const char *name, Error **errp)
{
    JsonNode *path = json_object_get_member(item->options, name);
    ObjectProperty *prop = object_find_property(item->obj, name);
    Object *target;

    if (!prop) {
        apply_refuse_name(&t->apply, item, item->obj, name, errp);
        return false;
    }
    if (property_link_target(item->obj, prop, &target) && target &&
        target == object_resolve_path(json_node_get_string(path), NULL)) {
        return true;
    }
    if (!item->changed) {
        item->changed = json_object_new();
    }
    json_object_set_member(item->changed, name, json_node_ref(path));
    return true;
}

static bool compare_all_deferred(ApplyTransaction *t, ApplyItem *item,
                                 Error **errp)
{
    JsonObjectIter iter;
    const char *name;

    json_object_iter_init_ordered(&iter, item->options);
    while (json_object_iter_next_ordered(&iter, &name, NULL)) {
        if (g_hash_table_contains(item->deferred_links, name) &&
            !compare_deferred(t, item, name, errp)) {
            return false;
        }
    }
    return true;
}

/* Links that close a cycle come last, when all their targets exist. */
static bool create_all(ApplyTransaction *t, bool dry_run, Error **errp)
{
    for (guint i = 0; i < t->apply.order->len; i++) {
        if (!create_item(t, t->apply.order->pdata[i], dry_run, errp)) {
            return false;
        }
    }
    for (guint i = 0; i < t->apply.order->len; i++) {
        ApplyItem *item = t->apply.order->pdata[i];

        if (item->deferred_links && !compare_all_deferred(t, item, errp)) {
            return false;
        }
    }
    return true;
}

/* ---- Changing ---- */

static bool change_item(ApplyTransaction *t, ApplyItem *item, Error **errp)
{
    ObjectChange *change = object_change_begin(item->obj);
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    bool ok = true;

    json_object_iter_init_ordered(&iter, item->changed);
    while (ok && json_object_iter_next_ordered(&iter, &name, &value)) {
        /* A new object is not restored but deleted. */
        if (item->obj == item->old) {
            apply_remember(t, item->obj, name);
        }
        ok = apply_set(&t->apply, item, item->obj, name, value, errp);
    }
    if (object_change_end(change, ok, errp)) {
        return true;
    }
    if (ok) {
        apply_locate_error(&t->apply, item, NULL, errp);
    }
    return false;
}

/* Step 4, in the order of creation, so that errors name the first element. */
static bool change_all(ApplyTransaction *t, Error **errp)
{
    for (guint i = 0; i < t->apply.order->len; i++) {
        ApplyItem *item = t->apply.order->pdata[i];

        if (item->changed && !change_item(t, item, errp)) {
            return false;
        }
    }
    return true;
}

/* ---- Undoing ---- */

static void restore_order(GPtrArray *old_order)
{
    for (guint i = 0; i < old_order->len; i++) {
        ObjectProperty *prop = old_order->pdata[i];

        if (!(prop->state & PROPERTY_GONE)) {
            object_property_move_last(prop);
        }
    }
}

/*
 * Restores the tree before the values, because the values of links are paths.
 */
static void roll_back(ApplyTransaction *t, Error **errp)
{
    ERRP_GUARD();

    for (guint i = t->added->len; i > 0; i--) {
        Object *obj = t->added->pdata[i - 1];

        if (obj->parent_link) {
            object_property_hide(obj->parent_link);
        }
    }
    for (guint i = 0; i < t->hidden->len; i++) {
        Object *obj = t->hidden->pdata[i];

        if (obj->parent_link) {
            object_property_show(obj->parent_link);
        }
    }
    restore_order(t->old_order);
    apply_restore_values(t, errp);
    for (guint i = t->added->len; i > 0; i--) {
        /* Last, because until now changed links may lead to these objects. */
        user_creatable_discard(t->added->pdata[i - 1]);
    }
}

/* ---- Committing ---- */

static void delete_hidden(ApplyTransaction *t)
{
    for (guint i = 0; i < t->hidden->len; i++) {
        user_creatable_discard(t->hidden->pdata[i]);
    }
}

/* The deletion of an id is reported before the new object with this id. */
static void announce_added(ApplyTransaction *t)
{
    for (guint i = 0; i < t->added->len; i++) {
        Object *obj = t->added->pdata[i];

        obj->state &= ~OBJECT_UNANNOUNCED;
        if (object_is_observed()) {
            object_observe_added(obj);
        }
    }
}

/* Moves the objects into the order of the list. */
static void order_like_list(ApplyTransaction *t)
{
    for (guint i = 0; i < t->apply.items->len; i++) {
        ApplyItem *item = &g_array_index(t->apply.items, ApplyItem, i);

        if (item->obj->parent_link) {
            object_property_move_last(item->obj->parent_link);
        }
    }
}

/* ---- The transaction ---- */

static JsonNode *apply_list(ApplyTransaction *t, bool dry_run, Error **errp)
{
    JsonNode *plan = NULL;
    bool ok;

    save_order(t);
    apply_sort(&t->apply);
    ok = hide_unlisted(t, errp) && create_all(t, dry_run, errp) &&
         apply_check_holders(t, errp);
    if (ok) {
        apply_sort_hidden(t);
        plan = apply_create_plan(t);
    }
    if (ok && !dry_run && change_all(t, errp)) {
        delete_hidden(t);
        order_like_list(t);
        announce_added(t);
        return plan;
    }
    roll_back(t, errp);
    /* A plan that was not executed is the result of a dry run alone. */
    if (!ok || !dry_run) {
        g_clear_pointer(&plan, json_node_unref);
    }
    return plan;
}

static void drop_property(gpointer prop)
{
    object_property_drop(prop);
}

JsonNode *object_apply(JsonArray *objects, bool dry_run, JsonNode **bad_node,
                       Error **errp)
{
    ApplyTransaction t = {
        .old_order = g_ptr_array_new_with_free_func(drop_property),
        .hidden = g_ptr_array_new_with_free_func(object_unref),
        .added = g_ptr_array_new_with_free_func(object_unref),
        .undo = apply_undo_new(),
    };
    ObjectPending pending;
    JsonNode *plan = NULL;

    object_assert_main_thread(NULL);
    if (is_applying) {
        error_setg(errp, "'/objects' is being changed: another "
                   "list of objects is being applied");
    } else if (apply_load(&t.apply, objects, errp)) {
        object_pending_begin(&pending, object_get_objects_root(),
                             OBJECT_PENDING_SET);
        /*
         * While a hook waits, object-add, object-del and a second list are
         * refused.
         */
        is_applying = true;
        plan = apply_list(&t, dry_run, errp);
        is_applying = false;
        object_pending_end(&pending);
    }
    if (bad_node) {
        *bad_node = t.apply.bad_node;
    }
    if (t.apply.items) {
        apply_unload(&t.apply);
    }
    g_ptr_array_unref(t.old_order);
    g_ptr_array_unref(t.hidden);
    g_ptr_array_unref(t.added);
    g_array_unref(t.undo);
    return plan;
}
