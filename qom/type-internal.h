/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry's view of a type, shared by type.c (names and registration)
 * and class.c (class structures and casts).
 */
#ifndef QOM_QOM_TYPE_INTERNAL_H
#define QOM_QOM_TYPE_INTERNAL_H

#include "qom/name-hash-internal.h"
#include "qom/type.h"

struct TypeImpl {
    const char *name;
    uint32_t hash; /* of name */
    TypeInfo info; /* texts are copies, interfaces is unused */
    const char *interfaces[TYPE_MAX_INTERFACES];
    unsigned n_interfaces;
    _Atomic(const char *) child_type_name; /* "child<NAME>", created when it
                                              is needed */

    /* Filled in when the class is built, constant afterwards. */
    TypeImpl *parent;
    unsigned depth;
    TypeToken token;
    size_t instance_size;
    size_t instance_align;
    size_t class_size;
    bool abstract;
    GPtrArray *iface_classes; /* its InterfaceClass structures */
    _Atomic(ObjectClass *) klass; /* release store when it is complete */
    ObjectClass *building; /* under type_lock: class_init is running */
};

/* type_is_a: true if @type, which has a class, is or derives from @ancestor */
static inline bool type_is_a(const TypeImpl *type, const TypeImpl *ancestor)
{
    while (type && type != ancestor) {
        type = type->parent;
    }
    return type;
}

/* type_impl_new: a type that is not filed under its name */
TypeImpl *type_impl_new(const TypeInfo *info);

/* type_add: adds a type to the registry; aborts like type_register() */
TypeImpl *type_add(const TypeInfo *info);

/* type_get_parent: the parent, resolved by name; aborts when it is unknown */
TypeImpl *type_get_parent(TypeImpl *type);

/* type_list: all types in the order of their names (transfer container) */
GPtrArray *type_list(void);

/* Between the two, registering a type is a programming error. */
void type_enumeration_begin(void);
void type_enumeration_end(void);

/* The lock under which types are registered and classes built; recursive. */
void type_lock(void);
void type_unlock(void);

/* "child<NAME>"; made once a type, never freed */
const char *type_child_type_name(TypeImpl *type);

/* type_name_of_class: the type with this class; NULL if @klass is no class */
const char *type_name_of_class(const ObjectClass *klass);

#endif
