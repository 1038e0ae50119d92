/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding properties of classes and objects, and iterating over them.
 *
 * A class has a table of all properties that it and its parents declare, in its
 * seal; an object has another one of its instance properties.  An iteration
 * follows the lists instead, which keep the order of declaration.
 */
#include "qom/object-internal.h"

/* ---- Finding ---- */

ObjectProperty *object_property_find(Object *obj, const char *name)
{
    return object_find_property(obj, name);
}

/* Suggestions are searched only for a caller that reads them. */
static void G_GNUC_NO_INLINE property_not_found(Object *obj, const char *name,
                                                Error **errp)
{
    ERRP_GUARD();

    error_setg(errp, PROPERTY_NOT_FOUND, object_get_typename(obj), name);
    suggest_property(obj, name, errp);
}

ObjectProperty *object_property_find_err(Object *obj, const char *name,
                                         Error **errp)
{
    ObjectProperty *prop = object_find_property(obj, name);

    if (!prop && errp) {
        property_not_found(obj, name, errp);
    }
    return prop;
}

/* Children of a class are not in its table, where objects find theirs. */
ObjectProperty *object_class_property_find(ObjectClass *klass,
                                           const char *name)
{
    const ClassSeal *seal = class_seal(klass);
    size_t len = strlen(name);
    ObjectProperty *prop = property_table_find(&seal->table, name, len,
                                               qom_name_hash_len(name, len));

    for (ObjectProperty **p = seal->children; !prop && *p; p++) {
        if (!strcmp((*p)->name, name)) {
            prop = *p;
        }
    }
    return prop;
}

ObjectProperty *object_class_property_find_err(ObjectClass *klass,
                                               const char *name, Error **errp)
{
    ERRP_GUARD();
    ObjectProperty *prop = object_class_property_find(klass, name);

    if (!prop) {
        error_setg(errp, PROPERTY_NOT_FOUND, object_class_get_name(klass),
                   name);
        suggest_class_property(klass, name, false, errp);
    }
    return prop;
}

/* A property without a setter is never written, whatever its flags say. */
PropertySet object_property_mutability(const ObjectProperty *prop)
{
    if (!prop->set) {
        return PROPERTY_SET_NEVER;
    }
    return prop->state & PROPERTY_CREATE_ONLY ? PROPERTY_SET_CREATE
                                              : PROPERTY_SET_ANY_TIME;
}

/* ---- Iteration ---- */

static ObjectProperty *list_first(const PropertyList *list)
{
    return list ? list->first : NULL;
}

void object_class_property_iter_init(ObjectPropertyIterator *iter,
                                     ObjectClass *klass)
{
    iter->next_class = object_class_get_parent(klass);
    iter->next = list_first(klass->properties);
    iter->obj = NULL;
}

void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj)
{
    object_class_property_iter_init(iter, obj->klass);
    iter->obj = obj;
}

/* Returns the next property, also a child that a class declares. */
static ObjectProperty *iter_step(ObjectPropertyIterator *iter)
{
    ObjectProperty *prop;

    /* Classes without properties are skipped. */
    while (!iter->next && iter->next_class) {
        iter->next = list_first(iter->next_class->properties);
        iter->next_class = object_class_get_parent(iter->next_class);
    }
    /*
     * All classes are done: the properties of the object itself come last.
     * Clearing @obj makes sure that they come once.
     */
    if (!iter->next && iter->obj) {
        iter->next = iter->obj->extra ? iter->obj->extra->list.first : NULL;
        iter->obj = NULL;
    }
    prop = iter->next;
    if (prop) {
        iter->next = prop->next;
    }
    return prop;
}

/* Of an object, the child itself is one of the properties. */
ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter)
{
    ObjectProperty *prop;

    do {
        prop = iter_step(iter);
    } while (prop && iter->obj && property_creates_child(prop));
    return prop;
}
