/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deleting user-creatable objects: one that is not in use, or all at the end of
 * the program.
 */
#include "qom/object-apply.h"
#include "qom/object-pending-internal.h"
#include "qom/user-creatable-internal.h"
#include "qom/user-creatable.h"

/* The depth of the tree limits the loop. */
bool object_is_within(const Object *obj, const Object *ancestor)
{
    while (obj && obj != ancestor) {
        obj = obj->parent;
    }
    return obj;
}

typedef struct HolderList {
    const Object *target;
    GString *text;
} HolderList;

static int name_holder(Object *holder, const char *property, void *opaque)
{
    HolderList *list = opaque;
    g_autofree char *path = object_get_canonical_path(holder);

    /* Links from children of the object go with it. */
    if (!object_is_within(holder, list->target)) {
        g_string_append_printf(list->text, "%s%s.%s",
                               list->text->len ? ", " : "",
                               path ? path : object_get_typename(holder),
                               property);
    }
    return 0;
}

/*
 * Holders are asked for before the class, because their error is the better
 * one: it says what to delete first.
 */
static bool check_deletable(Object *obj, const char *id, Error **errp)
{
    g_autoptr(GString) holders = g_string_new(NULL);
    HolderList list = { obj, holders };

    object_foreach_holder(obj, name_holder, &list);
    if (holders->len) {
        error_setg(errp, OBJECT_IN_USE_BY, id, holders->str);
        return false;
    }
    return user_creatable_check_class(obj, id, errp);
}

static int has_holder(Object *holder, const char *property, void *opaque)
{
    return 1;
}

static int clear_links(Object *obj, void *opaque)
{
    object_links_clear(obj);
    return 0;
}

/* Clears links between objects outside of the tree, which hold each other. */
static void break_cycles(Object *obj)
{
    if (object_foreach_holder(obj, has_holder, NULL)) {
        object_links_clear(obj);
        object_child_foreach_recursive(obj, clear_links, NULL);
    }
}

/* The extra reference keeps the object until its cycles are broken. */
void user_creatable_discard(Object *obj)
{
    object_ref(obj);
    object_unparent(obj);
    break_cycles(obj);
    object_unref(obj);
}

Object *user_creatable_find(const char *id)
{
    size_t len = strlen(id);
    /*
     * /objects has no class properties but "type", so only its own are
     * searched.
     */
    ObjectProperty *prop = object_find_instance_property(
        object_get_objects_root(), id, len, qom_name_hash_len(id, len));

    if (!prop || !(prop->state & PROPERTY_IS_CHILD) ||
        !object_dynamic_cast(prop->opaque, TYPE_USER_CREATABLE)) {
        return NULL;
    }
    return prop->opaque;
}

bool user_creatable_del(const char *id, Error **errp)
{
    ERRP_GUARD();
    Object *obj = user_creatable_find(id);
    ObjectPending pending;
    bool ok;

    if (!obj) {
        error_setg(errp, "object '%s' not found", id);
        return false;
    }
    /* A hook of object-apply that waits can lead here. */
    if (object_apply_is_under_way()) {
        error_setg(errp, OBJECT_CANNOT_BE_DELETED "'/objects' is being "
                   "changed", id);
        return false;
    }
    if (!object_check_deletable(obj, errp)) {
        error_prepend(errp, OBJECT_CANNOT_BE_DELETED, id);
        return false;
    }
    /* From here on a second deletion, and links to the object, are refused. */
    object_pending_begin(&pending, obj, OBJECT_PENDING_DELETE);
    ok = check_deletable(obj, id, errp);
    if (ok) {
        user_creatable_discard(obj);
    }
    object_pending_end(&pending);
    return ok;
}

/* Returns the newest property that is not being released. */
static ObjectProperty *last_to_release(const Object *obj)
{
    ObjectProperty *prop = obj->extra ? obj->extra->list.last : NULL;

    while (prop && (prop->state & PROPERTY_RELEASING)) {
        prop = prop->prev;
    }
    return prop;
}

/*
 * Links keep objects alive until their holders are finalized.  Objects that
 * still exist when all are outside of the tree hold each other in a cycle.
 */
void user_creatable_cleanup(void)
{
    Object *objects = object_get_objects_root();
    g_autoptr(GPtrArray) linked = g_ptr_array_new();
    ObjectProperty *prop;

    /*
     * Newest first, and read from the end each time: a hook may add and delete.
     */
    while ((prop = last_to_release(objects))) {
        if ((prop->state & PROPERTY_IS_CHILD) &&
            object_foreach_holder(prop->opaque, has_holder, NULL)) {
            /*
             * Kept until all have left the tree; only then is a holder a cycle.
             */
            g_ptr_array_add(linked, object_ref(prop->opaque));
        }
        object_property_remove(objects, prop);
    }
    for (guint i = 0; i < linked->len; i++) {
        break_cycles(linked->pdata[i]);
        object_unref(linked->pdata[i]);
    }
}
