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
#include "qom/user-creatable.h"

/* A property that has been changed, and its old value */
typedef struct Undo {
    Object *obj;          /* with a reference */
    ObjectProperty *prop; /* held */
    JsonNode *old;  /* NULL: a row that was clear, or a link */
    Object *target; /* (nullable) of a link; with a reference */
} Undo;

/* The steps that have been executed so far */
typedef struct Transaction {
    Apply apply;
    GPtrArray *old_order; /* ObjectProperty of /objects before; held */
    GPtrArray *hidden;    /* Object, children of /objects before */
    GPtrArray *added;     /* Object, children of /objects since */
    GArray *undo;         /* Undo, oldest first */
} Transaction;

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
static void save_order(Transaction *t)
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
static bool hide(Transaction *t, Object *obj, const char *id, Error **errp)
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
static bool hide_unlisted(Transaction *t, Error **errp)
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
static bool add_or_replace(Transaction *t, ApplyItem *item, Object *obj,
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
static bool create_item(Transaction *t, ApplyItem *item, bool dry_run,
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
static bool compare_deferred(Transaction *t, ApplyItem *item, const char *name,
                             Error **errp)
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

static bool compare_all_deferred(Transaction *t, ApplyItem *item, Error **errp)
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
static bool create_all(Transaction *t, bool dry_run, Error **errp)
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

/* ---- Holders of hidden objects ---- */

/*
 * Returns the child of /objects that is @obj or an ancestor, if it is hidden.
 */
static Object *hidden_ancestor(Object *obj)
{
    while (obj && obj->parent != object_get_objects_root()) {
        obj = obj->parent;
    }
    return obj && (obj->parent_link->state & PROPERTY_HIDDEN) ? obj : NULL;
}

/*
 * Returns true if the list changes the target of the link.  A link NAME[N]
 * follows the property NAME, as those of a loop-object follow `iothreads`.
 */
static bool will_change(Transaction *t, Object *holder, const char *property)
{
    g_autofree char *name = g_strndup(property, strcspn(property, "["));
    ApplyItem *item = NULL;

    if (holder->parent == object_get_objects_root()) {
        item = g_hash_table_lookup(t->apply.by_id,
                                   holder->parent_link->name);
    }
    return item && item->obj == holder && item->changed &&
           (json_object_has_member(item->changed, property) ||
            json_object_has_member(item->changed, name));
}

typedef struct HolderSearch {
    Transaction *t;
    char *found; /* PATH.PROPERTY */
} HolderSearch;

static int find_holder(Object *holder, const char *property, void *opaque)
{
    HolderSearch *search = opaque;
    g_autofree char *path = NULL;

    if (hidden_ancestor(holder) ||
        will_change(search->t, holder, property)) {
        return 0;
    }
    path = object_get_canonical_path(holder);
    search->found = g_strdup_printf(
        "%s.%s", path ? path : object_get_typename(holder), property);
    return 1;
}

/*
 * Step 3. It comes after the creation, because an element may move a link from
 * a hidden object to another one.
 */
static bool check_holders(Transaction *t, Error **errp)
{
    for (guint i = 0; i < t->hidden->len; i++) {
        Object *obj = t->hidden->pdata[i];
        HolderSearch search = { t, NULL };

        if (obj->parent_link &&
            object_foreach_holder(obj, find_holder, &search)) {
            error_setg(errp, OBJECT_IN_USE_BY, obj->parent_link->name,
                       search.found);
            g_free(search.found);
            return false;
        }
    }
    return true;
}

/* An object whose holders are being followed */
typedef struct HolderFrame {
    Object *obj;
    LinkRecord *next; /* (nullable) */
} HolderFrame;

typedef struct HolderWalk {
    GArray *stack;     /* HolderFrame; a chain may be of any length */
    GPtrArray *sorted; /* Object */
    GHashTable *seen;
} HolderWalk;

/* @obj: (nullable) */
static void walk_begin(HolderWalk *walk, Object *obj)
{
    HolderFrame frame = { .obj = obj };

    if (obj && g_hash_table_add(walk->seen, obj)) {
        frame.next = obj->extra ? obj->extra->holders_first : NULL;
        g_array_append_val(walk->stack, frame);
    }
}

static void walk_holders(HolderWalk *walk, Object *obj)
{
    walk_begin(walk, obj);
    while (walk->stack->len) {
        HolderFrame *top = &g_array_index(walk->stack, HolderFrame,
                                          walk->stack->len - 1);
        LinkRecord *record = top->next;

        /* All holders of the object are sorted before it. */
        if (!record) {
            g_ptr_array_add(walk->sorted, object_ref(top->obj));
            g_array_set_size(walk->stack, walk->stack->len - 1);
            continue;
        }
        top->next = record->target_next;
        if (record->strong) {
            walk_begin(walk, hidden_ancestor(record->holder));
        }
    }
}

/* Sorts holders before their targets, and otherwise the newest first. */
static void sort_hidden(Transaction *t)
{
    HolderWalk walk = { g_array_new(FALSE, FALSE, sizeof(HolderFrame)),
                        g_ptr_array_new_with_free_func(object_unref),
                        g_hash_table_new(NULL, NULL) };

    for (guint i = t->old_order->len; i > 0; i--) {
        ObjectProperty *prop = t->old_order->pdata[i - 1];

        if ((prop->state & PROPERTY_HIDDEN) &&
            !(prop->state & PROPERTY_GONE)) {
            walk_holders(&walk, prop->opaque);
        }
    }
    g_array_unref(walk.stack);
    g_hash_table_unref(walk.seen);
    g_ptr_array_unref(t->hidden);
    t->hidden = walk.sorted;
}

/* ---- Changing ---- */

static void undo_clear(gpointer data)
{
    Undo *undo = data;

    g_clear_pointer(&undo->old, json_node_unref);
    g_clear_pointer(&undo->target, object_unref);
    object_property_drop(undo->prop);
    object_unref(undo->obj);
}

/*
 * Saves a value before it is changed. A pointer that was never set has no JSON
 * form: its NULL is "clear".
 */
static void remember(Transaction *t, Object *obj, const char *name)
{
    ObjectProperty *prop = object_find_property(obj, name);
    Undo undo = { .obj = obj, .prop = prop };

    if (!prop) {
        return;
    }
    object_ref(obj);
    object_property_hold(prop);
    if (property_link_target(obj, prop, &undo.target)) {
        object_ref(undo.target);
    } else if (!prop->row || !object_row_is_clear(obj, prop)) {
        undo.old = object_property_get_json(obj, name, NULL);
    }
    g_array_append_val(t->undo, undo);
}

static bool change_item(Transaction *t, ApplyItem *item, Error **errp)
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
            remember(t, item->obj, name);
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
static bool change_all(Transaction *t, Error **errp)
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

/*
 * A setter that accepted the old value once may refuse it now; this is
 * reported, and the other properties are still restored.
 */
static bool restore_property(const Undo *undo, Error **errp)
{
    Object *now;

    if (property_link_target(undo->obj, undo->prop, &now)) {
        return object_property_set_link(undo->obj, undo->prop->name,
                                        undo->target, errp);
    }
    if (undo->old) {
        return object_property_set_json(undo->obj, undo->prop->name,
                                        undo->old, errp);
    }
    return !undo->prop->row ||
           object_row_clear(undo->obj, undo->prop, errp);
}

/*
 * Restores, backwards from @end, the properties of one object; returns the
 * index of the first one.
 */
static guint restore_object(Transaction *t, guint end, Error **errp)
{
    Object *obj = g_array_index(t->undo, Undo, end - 1).obj;
    const char *id = object_get_canonical_path_component(obj);
    ObjectChange *change = object_change_begin(obj);
    Error *err = NULL;
    guint i = end;

    while (i && g_array_index(t->undo, Undo, i - 1).obj == obj) {
        /* Only the first error is kept. */
        restore_property(&g_array_index(t->undo, Undo, --i), err ? NULL : &err);
    }
    object_change_end(change, true, err ? NULL : &err);
    if (err) {
        error_append_hint(errp, "Some properties of '%s' could not be "
                          "restored: %s\n",
                          id ? id : object_get_typename(obj),
                          error_get_pretty(err));
        error_free(err);
    }
    return i;
}

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
static void roll_back(Transaction *t, Error **errp)
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
    for (guint end = t->undo->len; end > 0;) {
        end = restore_object(t, end, errp);
    }
    for (guint i = t->added->len; i > 0; i--) {
        /* Last, because until now changed links may lead to these objects. */
        user_creatable_discard(t->added->pdata[i - 1]);
    }
}

/* ---- Committing ---- */

static void delete_hidden(Transaction *t)
{
    for (guint i = 0; i < t->hidden->len; i++) {
        user_creatable_discard(t->hidden->pdata[i]);
    }
}

/* The deletion of an id is reported before the new object with this id. */
static void announce_added(Transaction *t)
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
static void order_like_list(Transaction *t)
{
    for (guint i = 0; i < t->apply.items->len; i++) {
        ApplyItem *item = &g_array_index(t->apply.items, ApplyItem, i);

        if (item->obj->parent_link) {
            object_property_move_last(item->obj->parent_link);
        }
    }
}

/* ---- The reply ---- */

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

/* The plan shows what the list gives, not defaults. */
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

/*
 * Describes the steps in the order in which they take effect for clients:
 * delete, add, change.
 */
static JsonNode *create_plan(Transaction *t)
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

/* ---- The transaction ---- */

static JsonNode *apply_list(Transaction *t, bool dry_run, Error **errp)
{
    JsonNode *plan = NULL;
    bool ok;

    save_order(t);
    apply_sort(&t->apply);
    ok = hide_unlisted(t, errp) && create_all(t, dry_run, errp) &&
         check_holders(t, errp);
    if (ok) {
        sort_hidden(t);
        plan = create_plan(t);
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
    Transaction t = {
        .old_order = g_ptr_array_new_with_free_func(drop_property),
        .hidden = g_ptr_array_new_with_free_func(object_unref),
        .added = g_ptr_array_new_with_free_func(object_unref),
        .undo = g_array_new(FALSE, FALSE, sizeof(Undo)),
    };
    ObjectPending pending;
    JsonNode *plan = NULL;

    object_assert_main_thread(NULL);
    g_array_set_clear_func(t.undo, undo_clear);
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
