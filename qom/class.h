/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Classes: what all instances of a type share.
 *
 * The class structure of a type is built when the class is first used, after
 * those of the parent types.  It begins with a copy of the parent's, so methods
 * are inherited by value.  A class is never freed.
 *
 * The functions, in the order of this header:
 *
 *     ObjectClass, InterfaceClass            the structures and their methods
 *     object_class_by_name()                 finding a class
 *     object_get_class()
 *     object_class_get_name() and others     facts about a class
 *     object_class_foreach()                 iterating over all classes
 *     object_class_get_list()
 *
 * Thread: main for iteration; any for everything else
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_CLASS_H
#define QOM_QOM_CLASS_H

#include "util/atomic.h"
#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct TypeImpl TypeImpl;
typedef TypeImpl *Type;
typedef struct Object Object;
typedef struct PropertyRow PropertyRow;
typedef struct Error Error;
typedef struct ObjectClass ObjectClass;
typedef struct InterfaceClass InterfaceClass;

#define TYPE_OBJECT "object"
#define TYPE_INTERFACE "interface"

/* Identifies a type in casts, and where a class stores it; never 0. */
typedef uintptr_t TypeToken;

/* The token that the place of a cast remembers; 0 until it was found. */
typedef QOM_ATOMIC(TypeToken) TypeTokenCache;

/* Casts to types of a lower depth are inline; "object" has depth 0. */
#define OBJECT_CLASS_INLINE_DEPTH 8

typedef struct InterfaceSlot {
    TypeToken token;       /* 0: empty */
    InterfaceClass *iface; /* NULL: implemented more than once */
} InterfaceSlot;

/*
 * The head of every class structure.
 *
 * A class structure begins with that of the parent, and the parent's bytes
 * are copied before class_init runs: methods are inherited by value.
 */
struct ObjectClass {
    /* private: to be reached through the functions */
    Type type;
    QOM_ATOMIC(struct ClassSeal *) seal; /* (nullable) see class-internal.h */
    struct PropertyList *properties;
    TypeToken ancestors[OBJECT_CLASS_INLINE_DEPTH]; /* by depth */
    const InterfaceSlot *interfaces; /* [interface_mask + 1] */
    uintptr_t interface_mask;

    /* public: methods */

    /* Called before the object leaves its parent, which is still set. */
    void (*unparent)(Object *obj);

    /*
     * Called once after properties that are declared by rows have changed;
     * object_change_includes() tells which.
     * Returns true to accept the new values; false with @errp set to reject
     * them, and then the old values are restored.
     */
    bool (*properties_changed)(Object *obj, Error **errp);

    /*
     * Updates the field of a row of PROPERTY_SET_NEVER before it is read.  The
     * method calls that of the parent class for rows of the parent.
     */
    void (*property_refresh)(Object *obj, const PropertyRow *row);
};

/*
 * The head of the class structure of every interface.  Each class that
 * implements an interface has its own copy of the structure, in which
 * class_init sets the methods.  The type of the copy is hidden and called
 * "CLASS::INTERFACE".
 */
struct InterfaceClass {
    ObjectClass parent_class;
    /* private: */
    ObjectClass *concrete_class;
    Type interface_type;
};

/* ---- Finding a class ---- */

/**
 * object_class_by_name: gets the class of a type
 * @type_name: name of the type
 *
 * The class is built if this is its first use.  module_object_class_by_name()
 * is the name of the function in sources that load modules.
 *
 * Returns: the class, borrowed; it is never freed.  NULL if there is no such
 *          type
 * Thread: any
 */
ObjectClass *object_class_by_name(const char *type_name);
ObjectClass *module_object_class_by_name(const char *type_name);

/**
 * object_get_class: gets the class of an object
 * @obj: the object
 *
 * Returns: the class, borrowed; it is never freed
 * Thread: any
 */
ObjectClass *object_get_class(Object *obj);

/* ---- Facts about a class ---- */

/**
 * object_class_get_name: gets the name of the type of a class
 * @klass: the class
 *
 * Returns: the name, borrowed; it is valid until the program exits
 * Thread: any
 */
const char *object_class_get_name(const ObjectClass *klass);

/**
 * object_class_get_parent: gets the parent class
 * @klass: the class
 *
 * Returns: the parent class, borrowed; NULL for the class of "object"
 * Thread: any
 */
ObjectClass *object_class_get_parent(ObjectClass *klass);

/**
 * object_class_is_abstract: checks whether a class has no instances of its own
 * @klass: the class
 *
 * Returns: true if the class is abstract
 * Thread: any
 */
bool object_class_is_abstract(const ObjectClass *klass);

/**
 * object_type_get_instance_size: gets the size of the instances of a type
 * @type_name: name of the type, which must exist
 *
 * Returns: the size in bytes
 * Thread: any
 */
size_t object_type_get_instance_size(const char *type_name);

/**
 * object_class_is_interface: checks whether a class is that of an interface
 * @klass: the class
 *
 * Returns: true for "interface" and all types below it
 * Thread: any
 */
bool object_class_is_interface(const ObjectClass *klass);

/* ---- All classes ---- */

/**
 * object_class_foreach: calls a function for each class
 * @fn: the function; called in the order of the names of the types.  It must
 *      not register types.
 * @implements_type: (nullable) name of a class or interface: only classes that
 *                   can be cast to it
 * @include_abstract: true to include abstract classes
 * @opaque: passed to @fn
 *
 * All classes are built.
 */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque);

/**
 * object_class_get_list: gets the classes in the order of their names
 * @implements_type: (nullable) as for object_class_foreach()
 * @include_abstract: as for object_class_foreach()
 *
 * object_class_get_list_sorted() sorts without regard to upper and lower case.
 *
 * Returns: (transfer container) a list of ObjectClass
 */
GSList *object_class_get_list(const char *implements_type,
                              bool include_abstract);
GSList *object_class_get_list_sorted(const char *implements_type,
                                     bool include_abstract);

QOM_END_DECLS

#endif
