/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating objects from a list of names and values of properties.
 *
 * All properties are set in one change set.  The object then becomes a child of
 * its parent, and is completed last.  If one of the steps fails, the object is
 * freed.
 */
#include "qom/object-pending-internal.h"
#include "util/programming-error.h"

bool object_set_propv(Object *obj, Error **errp, va_list vargs)
{
    ObjectChange change;
    const char *name;
    bool ok = true;

    /*
     * One change set for all: the order of the properties does not matter, and
     * a refused value undoes the earlier ones.
     */
    object_change_init(&change, obj);
    while (ok && (name = va_arg(vargs, char *))) {
        const char *value = va_arg(vargs, char *);

        if (!value) {
            programming_error("property '%s.%s' has no value; the list of "
                              "names and values ends with NULL after a value",
                              object_get_typename(obj), name);
        }
        ok = object_property_parse(obj, name, value, errp);
    }
    return object_change_finish(&change, ok, errp);
}

bool object_set_props(Object *obj, Error **errp, ...)
{
    va_list vargs;
    bool ok;

    va_start(vargs, errp);
    ok = object_set_propv(obj, errp, vargs);
    va_end(vargs);
    return ok;
}

/*
 * The common end of creating an object.  The reference of @obj is consumed if
 * it gets a parent, and on failure.
 */
static bool object_finish_new(Object *obj, Object *parent, const char *id,
                              Error **errp, va_list vargs)
{
    const ClassSeal *seal = class_seal(obj->klass);
    bool ok;

    if (!object_set_propv(obj, errp, vargs) ||
        (id && !object_property_take_child(parent, id, obj, errp))) {
        object_unref(obj);
        return false;
    }
    /* Most objects have no hook that could wait or fail. */
    if (!seal->user_creatable && !*seal->children) {
        obj->state |= OBJECT_COMPLETE;
        return true;
    }
    /*
     * complete() of the object and of its children may wait.  A bottom half may
     * then delete the object.
     */
    object_ref(obj);
    ok = object_complete(obj, errp);
    if (!ok && id) {
        object_unparent(obj);
    } else if (!ok) {
        object_unref(obj);
    }
    object_unref(obj);
    return ok;
}

Object *object_new_with_propv(const char *type_name, Object *parent,
                              const char *id, Error **errp, va_list vargs)
{
    Object *obj = object_try_new(type_name, errp);

    if (!obj || !object_finish_new(obj, parent, id, errp, vargs)) {
        return NULL;
    }
    return obj;
}

Object *object_new_with_props(const char *type_name, Object *parent,
                              const char *id, Error **errp, ...)
{
    va_list vargs;
    Object *obj;

    va_start(vargs, errp);
    obj = object_new_with_propv(type_name, parent, id, errp, vargs);
    va_end(vargs);
    return obj;
}

bool object_initialize_child_with_propsv(Object *parentobj,
                                         const char *propname,
                                         void *childobj, size_t size,
                                         const char *type, Error **errp,
                                         va_list vargs)
{
    object_initialize(childobj, size, type);
    return object_finish_new(childobj, parentobj, propname, errp, vargs);
}

bool object_initialize_child_with_props(Object *parentobj,
                                        const char *propname, void *childobj,
                                        size_t size, const char *type,
                                        Error **errp, ...)
{
    va_list vargs;
    bool ok;

    va_start(vargs, errp);
    ok = object_initialize_child_with_propsv(parentobj, propname, childobj,
                                             size, type, errp, vargs);
    va_end(vargs);
    return ok;
}

void object_initialize_child_internal(Object *parent, const char *propname,
                                      void *child, size_t size,
                                      const char *type)
{
    object_initialize_child_with_props(parent, propname, child, size, type,
                                       &error_abort, NULL);
}
