/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Adding properties that are not declared by rows.
 *
 * A property is added to an object or, in a class_init, to a class.  For most
 * kinds there is a function for each: object_property_add_str() and
 * object_class_property_add_str().  The kinds, in this order:
 *
 *     object_property_add()              getter and setter with a visitor
 *     object_property_add_str(), _bool   getter and setter of a C type
 *     object_property_add_enum(), _tm
 *     object_property_add_uint8_ptr()    an integer in memory, 8 to 64 bits
 *     object_property_add_child()        a child in the composition tree
 *     object_property_add_link()         a link to another object
 *     object_property_add_alias()        another name of a property
 *
 * object_property_set_default_str() and object_property_set_description()
 * complete a property, and object_property_del() deletes it.
 *
 * Thread: main
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_PROPERTY_ADD_H
#define QOM_QOM_PROPERTY_ADD_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "qom/class.h"
#include "util/macros.h"

#include <time.h>

QOM_BEGIN_DECLS

typedef struct ObjectProperty ObjectProperty;
typedef struct Visitor Visitor;

/* ---- Getter and setter with a visitor ---- */

/**
 * ObjectPropertyAccessor: a function that reads or writes a property
 * @obj: the object; the caller holds a reference
 * @v: an output visitor to read, an input visitor to write
 * @name: name of the property, which the function passes to the visitor
 * @opaque: the pointer with which the property was added
 * @errp: set by the function on failure, and only then
 */
typedef void(ObjectPropertyAccessor)(Object *obj, Visitor *v,
                                     const char *name, void *opaque,
                                     Error **errp);

/* Releases @opaque when the property is deleted or its object finalized. */
typedef void(ObjectPropertyRelease)(Object *obj, const char *name,
                                    void *opaque);

/**
 * object_property_add: adds a property to an object
 * @obj: the object
 * @name: name of the property; copied.  "name[*]" stands for "name[N]" with the
 *        lowest N that is free.
 * @type: name of the type that clients see; copied
 * @get: (nullable) the getter; NULL: the property cannot be read
 * @set: (nullable) the setter; NULL: the property cannot be written
 * @release: (nullable) called when the property is deleted
 * @opaque: passed to the functions
 *
 * A name that is in use is a programming error and aborts.
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add(Object *obj, const char *name,
                                    const char *type,
                                    ObjectPropertyAccessor *get,
                                    ObjectPropertyAccessor *set,
                                    ObjectPropertyRelease *release,
                                    void *opaque);

/**
 * object_property_try_add: object_property_add() that can fail
 * @errp: set if the name is in use
 *
 * Returns: the property, borrowed from @obj; NULL with @errp set
 */
ObjectProperty *object_property_try_add(Object *obj, const char *name,
                                        const char *type,
                                        ObjectPropertyAccessor *get,
                                        ObjectPropertyAccessor *set,
                                        ObjectPropertyRelease *release,
                                        void *opaque, Error **errp);

/**
 * object_class_property_add: adds a property to a class
 * @klass: the class; @name must be in use neither there nor in a parent class
 *         or a derived class, otherwise the call aborts
 *
 * The other parameters are those of object_property_add().
 *
 * Returns: the property, borrowed from @klass; it is never deleted
 */
ObjectProperty *object_class_property_add(ObjectClass *klass,
                                          const char *name, const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque);

/* ---- Getter and setter of a C type ---- */

/**
 * object_property_add_str: adds a property with accessors of a C type
 * @obj: the object; a class for object_class_property_add_str()
 * @name: name of the property
 * @get: (nullable) returns the value, a string (transfer full), or sets @errp
 * @set: (nullable) stores the value, a string is borrowed, or sets @errp
 *
 * The functions for bool, enumerations and struct tm are alike: an enumeration
 * has a type name and a lookup table, both borrowed until the program exits; a
 * struct tm is read-only.
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_str(
    Object *obj, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **));
ObjectProperty *object_class_property_add_str(
    ObjectClass *klass, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **));

/* object_property_add_bool: adds a bool; see object_property_add_str() */
ObjectProperty *object_property_add_bool(
    Object *obj, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **));
ObjectProperty *object_class_property_add_bool(
    ObjectClass *klass, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **));

/* object_property_add_enum: adds an enum; see object_property_add_str() */
ObjectProperty *object_property_add_enum(
    Object *obj, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **));
ObjectProperty *object_class_property_add_enum(
    ObjectClass *klass, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **));

/* The members are tm_year, tm_mon, tm_mday, tm_hour, tm_min and tm_sec. */
ObjectProperty *object_property_add_tm(
    Object *obj, const char *name,
    void (*get)(Object *, struct tm *, Error **));
ObjectProperty *object_class_property_add_tm(
    ObjectClass *klass, const char *name,
    void (*get)(Object *, struct tm *, Error **));

/* ---- An integer in memory ---- */

typedef enum ObjectPropertyFlags {
    OBJ_PROP_FLAG_READ = 1 << 0,
    OBJ_PROP_FLAG_WRITE = 1 << 1,
    OBJ_PROP_FLAG_READWRITE = OBJ_PROP_FLAG_READ | OBJ_PROP_FLAG_WRITE,
} ObjectPropertyFlags;

/**
 * object_property_add_uint8_ptr: adds a property that is an integer in memory
 * @obj: the object; a class for object_class_property_add_uint8_ptr()
 * @name: name of the property
 * @v: the integer; borrowed, it must exist as long as the property
 * @flags: whether the property can be read and written
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_uint8_ptr(Object *obj, const char *name,
                                              const uint8_t *v,
                                              ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint16_ptr(Object *obj, const char *name,
                                               const uint16_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint32_ptr(Object *obj, const char *name,
                                               const uint32_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint64_ptr(Object *obj, const char *name,
                                               const uint64_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint8_ptr(
    ObjectClass *klass, const char *name, const uint8_t *v,
    ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint16_ptr(
    ObjectClass *klass, const char *name, const uint16_t *v,
    ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint32_ptr(
    ObjectClass *klass, const char *name, const uint32_t *v,
    ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint64_ptr(
    ObjectClass *klass, const char *name, const uint64_t *v,
    ObjectPropertyFlags flags);

/* ---- Children ---- */

/**
 * object_property_add_child: adds an object to the tree as a child
 * @obj: the parent, which takes its own reference to @child
 * @name: name of the child, as for object_property_add(); without '/'
 * @child: an object that has no parent
 *
 * A name that is in use aborts; object_property_try_add_child() sets @errp and
 * returns NULL instead.
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_child(Object *obj, const char *name,
                                          Object *child);
ObjectProperty *object_property_try_add_child(Object *obj, const char *name,
                                              Object *child, Error **errp);

/**
 * object_property_add_new_container: creates a child of the type "container"
 * @obj: the parent
 * @name: name of the child, as for object_property_add_child()
 *
 * Returns: the child, borrowed from @obj
 */
Object *object_property_add_new_container(Object *obj, const char *name);

/* ---- Links ---- */

typedef enum ObjectPropertyLinkFlags {
    OBJ_PROP_LINK_STRONG = 1 << 0, /* holds a reference to the target */
    OBJ_PROP_LINK_DIRECT = 1 << 1, /* private */
    OBJ_PROP_LINK_CLASS = 1 << 2,  /* private */
} ObjectPropertyLinkFlags;

/*
 * Called before the target of a link changes to @val, which is NULL to clear
 * the link.  Rejects it by setting @errp.
 */
typedef void(ObjectPropertyLinkCheck)(const Object *obj, const char *name,
                                      Object *val, Error **errp);

/**
 * object_property_add_link: adds a link
 * @obj: the object that gets the link; a class for
 *       object_class_property_add_link()
 * @name: name of the link
 * @type: name of the type of the target; copied
 * @targetp: the pointer to the target; borrowed, it must exist as long as the
 *           property; the link has no target while it is NULL.  A class has the
 *           offset of the pointer in its instances (@offset) instead.
 * @check: (nullable) called before the target changes; NULL: the link is
 *         read-only
 * @flags: OBJ_PROP_LINK_STRONG: the link holds a reference to its target; 0: it
 *         does not, and is cleared when the target is finalized
 *
 * An object to which strong links lead is in use: user_creatable_del() does not
 * delete it.
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_link(
    Object *obj, const char *name, const char *type, Object **targetp,
    ObjectPropertyLinkCheck *check, ObjectPropertyLinkFlags flags);
ObjectProperty *object_class_property_add_link(
    ObjectClass *klass, const char *name, const char *type, ptrdiff_t offset,
    ObjectPropertyLinkCheck *check, ObjectPropertyLinkFlags flags);

/* object_property_allow_set_link: a @check that accepts every target */
void object_property_allow_set_link(const Object *obj, const char *name,
                                    Object *child, Error **errp);

/**
 * object_property_add_const_link: adds a link that never changes
 * @obj: the object that gets the link
 * @name: name of the link
 * @target: the target; borrowed, no reference is taken
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_const_link(Object *obj, const char *name,
                                               Object *target);

/* ---- Aliases ---- */

/**
 * object_property_add_alias: adds a property that stands for another one
 * @obj: the object that gets the alias
 * @name: name of the alias
 * @target_obj: the object that has the other property; borrowed, it must exist
 *              as long as the alias
 * @target_name: name of the other property; the alias of a child is a link
 *
 * Returns: the property, borrowed from @obj
 */
ObjectProperty *object_property_add_alias(Object *obj, const char *name,
                                          Object *target_obj,
                                          const char *target_name);

/* ---- Defaults, descriptions, deletion ---- */

/**
 * object_property_set_default_bool: sets the default of a property
 * @prop: a property with a setter and without a default
 * @value: the default; a string is copied.  The default of
 *         object_property_set_default_list() is the empty list.
 *
 * The setter is called with the default when an object is created.
 */
void object_property_set_default_bool(ObjectProperty *prop, bool value);
void object_property_set_default_str(ObjectProperty *prop, const char *value);
void object_property_set_default_list(ObjectProperty *prop);
void object_property_set_default_int(ObjectProperty *prop, int64_t value);
void object_property_set_default_uint(ObjectProperty *prop, uint64_t value);

/**
 * object_property_set_description: sets the description of a property
 * @obj: the object; a class for object_class_property_set_description()
 * @name: name of the property, which must exist
 * @description: the description, one line; copied
 */
void object_property_set_description(Object *obj, const char *name,
                                     const char *description);
void object_class_property_set_description(ObjectClass *klass,
                                           const char *name,
                                           const char *description);

/**
 * object_property_del: deletes an instance property
 * @obj: the object
 * @name: name of the property, which must exist
 */
void object_property_del(Object *obj, const char *name);

QOM_END_DECLS

#endif
