/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Children: properties that lead to an object below their own one in the tree.
 *
 * - The property owns one reference to the child, the tree's.  Deleting the
 *   property, and unparenting the child, are the same.
 * - A class may *declare* a child by a row.  Its property creates a child for
 *   each new object, which then has a property of its own.  The field has a
 *   second reference, so that finalizers of the parent can use the child.
 */
#include "qom/object-pending-internal.h"
#include "util/programming-error.h"

/* A child is read as its path. */
static void child_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    g_autofree char *path = object_get_canonical_path(opaque);

    visit_type_str(v, name, &path, errp);
}

/* A child that is being finalized may have no reference left. */
static Object *child_resolve(Object *parent, void *opaque, const char *part)
{
    Object *child = opaque;

    return child->parent == parent ? child : NULL;
}

/*
 * Ends the relation of parent and child: observers first, while the path is
 * still known; then the class's unparent; then the tree's reference.
 */
static void child_release(Object *obj, const char *name, void *opaque)
{
    Object *child = opaque;

    if (object_is_observed()) {
        object_observe_deleted(child);
    }
    if (child->klass->unparent) {
        ObjectPending pending;

        /* unparent may wait; other code must not set properties then. */
        object_pending_begin(&pending, child, OBJECT_PENDING_DELETE);
        child->klass->unparent(child);
        object_pending_end(&pending);
    }
    child->parent = NULL;
    child->parent_link = NULL;
    object_unref(child);
}

ObjectProperty *object_property_take_child(Object *obj, const char *name,
                                           Object *child, Error **errp)
{
    ObjectProperty *prop;

    if (G_UNLIKELY(child->parent)) {
        g_autofree char *path = object_get_canonical_path(child);

        programming_error("object of type '%s' cannot become child '%s': it "
                          "is '%s' already; call object_unparent() first",
                          object_get_typename(child), name,
                          path ? path : child->parent_link->name);
    }
    /* "child<T>" is a constant of the type T, so it is not copied. */
    prop = object_property_insert(obj, name,
                                  type_child_type_name(child->klass->type),
                                  errp);
    if (!prop) {
        return NULL;
    }
    prop->get = child_get;
    prop->release = child_release;
    prop->resolve = child_resolve;
    prop->opaque = child;
    prop->state |= PROPERTY_IS_CHILD;
    path_index_add(prop);
    child->parent = obj;
    child->parent_link = prop;
    if (object_is_observed()) {
        object_observe_added(child);
    }
    return prop;
}

ObjectProperty *object_property_try_add_child(Object *obj, const char *name,
                                              Object *child, Error **errp)
{
    ObjectProperty *prop = object_property_take_child(obj, name, child, errp);

    if (prop) {
        object_ref(child);
    }
    return prop;
}

ObjectProperty *object_property_add_child(Object *obj, const char *name,
                                          Object *child)
{
    return object_property_try_add_child(obj, name, child, &error_abort);
}

Object *object_property_add_new_container(Object *obj, const char *name)
{
    Object *child = object_new(TYPE_CONTAINER);

    object_property_add_child(obj, name, child);
    object_unref(child);
    return child;
}

/* The child may hold the last reference to its parent. */
void object_unparent(Object *obj)
{
    Object *parent = obj->parent;

    object_assert_main_thread(obj);
    if (!parent) {
        return;
    }
    /*
     * A parent that is being finalized has no reference that could be taken,
     * and it exists until its finalizers return.
     */
    if (parent->state & OBJECT_DYING) {
        object_property_remove(parent, obj->parent_link);
        return;
    }
    object_ref(parent);
    object_property_remove(parent, obj->parent_link);
    object_unref(parent);
}

/* ---- Children that a class declares ---- */

/* The child's type may be registered later, so it is not looked up here. */
void object_class_add_child_row(ObjectClass *klass, const PropertyRow *row)
{
    ObjectProperty *prop = object_class_property_insert(
        klass, row->name, g_strdup_printf("child<%s>", row->link));

    prop->state |= PROPERTY_IS_CHILD | PROPERTY_OWNS_TYPE;
    prop->description = row->doc;
    prop->opaque = (void *)row;
}

static Object **child_slot(Object *obj, const ObjectProperty *declared)
{
    return (Object **)((char *)obj + property_child_row(declared)->offset);
}

static ObjectClass *child_class(const Object *obj, const PropertyRow *row)
{
    ObjectClass *klass = object_class_by_name(row->link);

    if (!klass || object_class_is_abstract(klass)) {
        programming_error("class '%s': child '%s' cannot be created: its type "
                          "'%s' is %s", object_get_typename(obj), row->name,
                          row->link,
                          klass ? "abstract; declare a type that derives from "
                                  "it"
                                : "unknown; register it, too");
    }
    return klass;
}

void object_children_create(Object *obj)
{
    for (ObjectProperty **p = class_seal(obj->klass)->children; *p; p++) {
        const PropertyRow *row = property_child_row(*p);
        Object *child = object_new_with_class(child_class(obj, row));

        *child_slot(obj, *p) = object_ref(child);
        object_property_take_child(obj, row->name, child,
                                   &error_abort)->description = row->doc;
    }
}

bool object_children_complete(Object *obj, Error **errp)
{
    for (ObjectProperty **p = class_seal(obj->klass)->children; *p; p++) {
        Object *child = *child_slot(obj, *p);

        /* A child that was declared after the object was created is NULL. */
        if (child && !(child->state & OBJECT_COMPLETE) &&
            !object_complete(child, errp)) {
            error_prepend(errp, "child '%s': ", (*p)->name);
            return false;
        }
    }
    return true;
}

/* In reverse order, because a later child may use an earlier one. */
void object_children_drop(Object *obj)
{
    ObjectProperty **children = class_seal(obj->klass)->children;
    unsigned n = 0;

    while (children[n]) {
        n++;
    }
    while (n) {
        object_unref(*child_slot(obj, children[--n]));
    }
}

bool object_child_has_field(const Object *child)
{
    Object *parent = child->parent;

    for (ObjectProperty **p = class_seal(parent->klass)->children; *p; p++) {
        if (*child_slot(parent, *p) == child) {
            return true;
        }
    }
    return false;
}
