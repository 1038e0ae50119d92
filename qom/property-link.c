/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links: properties that lead to objects which are no children.  Setting one
 * checks the target, changes the pointer and the references, and keeps a record
 * of the link (link-record.c).
 */
#include "qom/link-record-internal.h"
#include "qom/object-pending-internal.h"
#include "qom/property-row-internal.h"

/* What an ObjectProperty that is a link has as its `opaque` */
typedef struct LinkProperty {
    union {
        Object **targetp; /* of an instance */
        Object *target;   /* a constant link */
        ptrdiff_t offset; /* of a class */
    };
    const char *target_type;
    void (*check)(const Object *obj, const char *name, Object *val,
                  Error **errp);
    ObjectPropertyLinkFlags flags;
    const PropertyRow *row; /* (nullable) what declared it */
} LinkProperty;

/*
 * Returns the address of the pointer to the target.  Instance links give it
 * directly, class links by offset.
 */
static Object **link_slot(Object *obj, LinkProperty *link)
{
    if (link->flags & OBJ_PROP_LINK_DIRECT) {
        return &link->target;
    }
    if (link->flags & OBJ_PROP_LINK_CLASS) {
        return (Object **)((char *)obj + link->offset);
    }
    return link->targetp;
}

/* A link is read as the path of its target; "" if it has none. */
static void link_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    Object **slot = link_slot(obj, opaque);
    g_autofree char *path = *slot ? object_get_canonical_path(*slot) : NULL;

    if (!path) {
        path = g_strdup("");
    }
    visit_type_str(v, name, &path, errp);
}

/*
 * Finds the target of a link by its path. If it fails, the checks below find
 * out which of four errors tells the user what is wrong.
 */
static Object *link_resolve_path(Object *obj, const char *name,
                                 const char *path, const LinkProperty *link,
                                 Error **errp)
{
    bool ambiguous = false;
    Object *target = object_resolve_path_type(path, link->target_type,
                                              &ambiguous);

    if (target) {
        return target;
    }
    /* not checked before: a plugin may register the type later */
    if (!object_class_by_name(link->target_type)) {
        error_setg(errp,
                   "Property '%s.%s' links to objects of type '%s', which is "
                   "not registered", object_get_typename(obj), name,
                   link->target_type);
    } else if (ambiguous) {
        error_setg(errp, "Path '%s' does not uniquely identify an object",
                   path);
    } else if (object_resolve_path(path, &ambiguous) || ambiguous) {
        error_setg(errp, PARAMETER_TYPE, name, link->target_type);
    } else {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, DEVICE_NOT_FOUND, path);
    }
    return NULL;
}

/* Changes the pointer and the records; references do not change. */
static void link_point(Object *obj, ObjectProperty *prop, Object *target)
{
    LinkProperty *link = prop->opaque;
    Object **slot = link_slot(obj, link);

    link_forget(obj, (const Object *const *)slot);
    *slot = target;
    if (target) {
        link_record_new(obj, prop, slot, link->flags & OBJ_PROP_LINK_STRONG);
    }
}

void object_row_link_finish(Object *obj, const PropertyRow *row, Object *old,
                            bool keep)
{
    ObjectProperty *prop = object_find_property(obj, row->name);
    Object *current = *link_slot(obj, prop->opaque);

    if (!keep) {
        link_point(obj, prop, old);
    }
    object_unref(keep ? old : current);
}

/*
 * Calls the check, which may wait, and then makes sure that the target exists.
 */
static bool link_check(Object *obj, ObjectProperty *prop, Object *target,
                       Error **errp)
{
    ERRP_GUARD();
    LinkProperty *link = prop->opaque;
    bool has_path = target && target->parent;

    link->check(obj, prop->name, target, errp);
    if (*errp) {
        return false;
    }
    if (has_path && !target->parent) {
        error_setg(errp, "The target of '%s' was deleted while it was checked",
                   prop->name);
        return false;
    }
    return true;
}

/* The caller holds @old and @target, and they cannot be deleted. */
static bool link_exchange(Object *obj, ObjectProperty *prop, Object *old,
                          Object *target, Error **errp)
{
    LinkProperty *link = prop->opaque;

    if (!link_check(obj, prop, target, errp)) {
        return false;
    }
    if (link->row && target == old) {
        /* A row that gets its old value does not call properties_changed(). */
        return true;
    }
    link_point(obj, prop, target);
    if (link->flags & OBJ_PROP_LINK_STRONG) {
        object_ref(target);
    }
    /*
     * From here on the change of a row may still be rolled back:
     * object_row_link_store() owns the reference to @old.
     */
    if (link->row) {
        return object_row_link_store(obj, link->row, old, errp);
    }
    if (link->flags & OBJ_PROP_LINK_STRONG) {
        object_unref(old);
    }
    return true;
}

/*
 * Sets a link. While the check and the change hook run, both targets are held,
 * and object_check_deletable() finds them in @pending and refuses to delete
 * them.
 */
static bool link_assign(Object *obj, ObjectProperty *prop, Object *target,
                        Error **errp)
{
    LinkProperty *link = prop->opaque;
    Object *old = *link_slot(obj, link);
    ObjectPending pending;
    bool ok;

    if ((link->row && (!object_row_check_writable(obj, link->row, errp) ||
                       !object_check_row_free_slow(obj, link->row, errp))) ||
        !object_check_linkable(target, errp)) {
        return false;
    }
    object_pending_begin(&pending, obj, OBJECT_PENDING_LINK);
    pending.row = link->row;
    pending.link = prop->name;
    pending.old_target = object_ref(old);
    pending.new_target = object_ref(target);
    ok = link_exchange(obj, prop, old, target, errp);
    pending.old_target = NULL;
    pending.new_target = NULL;
    object_unref(old);
    object_unref(target);
    object_pending_end(&pending);
    return ok;
}

/* The empty path clears the link. */
static void link_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    g_autofree char *path = NULL;
    Object *target = NULL;

    if (!visit_type_str(v, name, &path, errp)) {
        return;
    }
    if (*path) {
        target = link_resolve_path(obj, name, path, opaque, errp);
        if (!target) {
            return;
        }
    }
    link_assign(obj, object_find_property(obj, name), target, errp);
}

/* Lets paths lead through a link. */
static Object *link_resolve(Object *parent, void *opaque, const char *part)
{
    return *link_slot(parent, opaque);
}

/* Called when an instance property is deleted or its object is finalized. */
static void link_release(Object *obj, const char *name, void *opaque)
{
    LinkProperty *link = opaque;
    Object **slot = link_slot(obj, link);
    Object *target = *slot;

    link_forget(obj, (const Object *const *)slot);
    if (target && (link->flags & OBJ_PROP_LINK_STRONG)) {
        *slot = NULL;
        object_unref(target);
    }
    /* A link of a class is released for each object, but stays itself. */
    if (!(link->flags & OBJ_PROP_LINK_CLASS)) {
        g_free((char *)link->target_type);
        g_free(link);
    }
}

static LinkProperty *link_new(
    const char *type,
    void (*check)(const Object *, const char *, Object *, Error **),
    unsigned flags)
{
    LinkProperty *link = g_new0(LinkProperty, 1);

    link->target_type = g_strdup(type);
    link->check = check;
    link->flags = flags;
    return link;
}

/* A link without a check function is read-only, as in QEMU. */
static void link_fill(ObjectProperty *prop, LinkProperty *link)
{
    prop->type = g_strdup_printf("link<%s>", link->target_type);
    prop->state |= PROPERTY_OWNS_TYPE;
    prop->get = link_get;
    prop->set = link->check ? link_set : NULL;
    prop->release = link_release;
    prop->resolve = link_resolve;
    prop->opaque = link;
}

ObjectProperty *object_property_add_link(
    Object *obj, const char *name, const char *type, Object **targetp,
    void (*check)(const Object *, const char *, Object *, Error **),
    ObjectPropertyLinkFlags flags)
{
    ObjectProperty *prop = object_property_insert(obj, name, NULL,
                                                  &error_abort);
    LinkProperty *link = link_new(type, check, flags);

    link->targetp = targetp;
    link_fill(prop, link);
    path_index_add(prop);
    return prop;
}

ObjectProperty *object_class_property_add_link(
    ObjectClass *klass, const char *name, const char *type, ptrdiff_t offset,
    void (*check)(const Object *, const char *, Object *, Error **),
    ObjectPropertyLinkFlags flags)
{
    ObjectProperty *prop = object_class_property_insert(klass, name, NULL);
    LinkProperty *link = link_new(type, check, flags | OBJ_PROP_LINK_CLASS);

    link->offset = offset;
    link_fill(prop, link);
    return prop;
}

void object_class_add_link_row(ObjectClass *klass, const PropertyRow *row)
{
    ObjectProperty *prop = object_class_property_add_link(
        klass, row->name, row->link, row->offset,
        row->set == PROPERTY_SET_NEVER ? NULL : object_property_allow_set_link,
        OBJ_PROP_LINK_STRONG);

    ((LinkProperty *)prop->opaque)->row = row;
    prop->description = row->doc;
    prop->state |= row->set == PROPERTY_SET_CREATE ? PROPERTY_CREATE_ONLY : 0;
}

const PropertyRow *property_link_row(const ObjectProperty *prop)
{
    return prop->get == link_get ? ((LinkProperty *)prop->opaque)->row : NULL;
}

ObjectProperty *object_property_add_const_link(Object *obj, const char *name,
                                               Object *target)
{
    ObjectProperty *prop = object_property_insert(obj, name, NULL,
                                                  &error_abort);
    LinkProperty *link = link_new(object_get_typename(target), NULL,
                                  OBJ_PROP_LINK_DIRECT);

    link->target = target;
    link_fill(prop, link);
    path_index_add(prop);
    link_record_new(obj, prop, &link->target, false);
    return prop;
}

void object_property_allow_set_link(const Object *obj, const char *name,
                                    Object *child, Error **errp)
{
}

/*
 * Rejects a target without a path.  Reading the link would return an empty
 * path, as if it had no target.
 */
bool object_property_set_link(Object *obj, const char *name, Object *value,
                              Error **errp)
{
    g_autofree char *path = NULL;

    if (!value) {
        return object_property_set_str(obj, name, "", errp);
    }
    path = object_get_canonical_path(value);
    if (!path) {
        error_setg(errp,
                   "Property '%s.%s' cannot link to an object of type '%s' "
                   "that has no path", object_get_typename(obj), name,
                   object_get_typename(value));
        return false;
    }
    return object_property_set_str(obj, name, path, errp);
}

Object *object_property_get_link(Object *obj, const char *name, Error **errp)
{
    g_autofree char *path = object_property_get_str(obj, name, errp);
    Object *target;

    if (!path || !*path) {
        return NULL;
    }
    target = object_resolve_path(path, NULL);
    if (!target) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, DEVICE_NOT_FOUND, path);
    }
    return target;
}
