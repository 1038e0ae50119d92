/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties: named values of an object that can be read and written.
 *
 * A property has a name and a type.  It is read and written through a visitor,
 * so the same property serves the command line, JSON and C.  A class declares
 * its properties in one of two ways:
 *
 * - Property rows, the normal way: a constant table with the name, type, field,
 *   default and range of each property.  The library reads and writes the
 *   fields.  If the range of a row or properties_changed() of the class rejects
 *   a value, the object does not change.
 * - Accessors: a getter and a setter for each property that is not a field.
 *
 * A class property is shared by all instances and cannot be deleted.  An
 * instance property belongs to one object and can be deleted; the children of
 * an object are such properties.  A lookup searches the class, its parent
 * classes, and then the object.
 *
 * Iteration is in order of declaration: first the class, then its parent
 * classes, then the object.
 *
 * Thread: main
 * Contract: the API of QEMU 10's "qom/object.h"; rows: docs/objects.md
 */
#ifndef QOM_QOM_OBJECT_PROPERTY_H
#define QOM_QOM_OBJECT_PROPERTY_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "qapi/visitor/visitor.h"
#include "qom/property-row.h"
#include "qom/type.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <time.h>

QOM_BEGIN_DECLS

typedef struct ObjectProperty ObjectProperty;

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
/* Returns the object to which a property leads in a path, borrowed, or NULL. */
typedef Object *(ObjectPropertyResolve)(Object *obj, void *opaque,
                                        const char *part);
/* Releases @opaque when the property is deleted or its object finalized. */
typedef void(ObjectPropertyRelease)(Object *obj, const char *name,
                                    void *opaque);
/* Sets the property to its default while the object is being created. */
typedef void(ObjectPropertyInit)(Object *obj, ObjectProperty *prop);

/* A property; callers only read its fields. */
struct ObjectProperty {
    const char *name;
    const char *type; /* "int", "child<T>", the name of an enum... */
    const char *description; /* (nullable) */
    ObjectPropertyAccessor *get;
    ObjectPropertyAccessor *set;
    ObjectPropertyResolve *resolve;
    ObjectPropertyRelease *release;
    ObjectPropertyInit *init;
    void *opaque;
    JsonNode *defval;              /* (nullable) */
    const PropertyRow *row;        /* (nullable) the row that declares it */

    /* private: see object-internal.h */
    Object *owner;
    ObjectProperty *next;
    ObjectProperty *prev;
    ObjectProperty *same_name_next;
    ObjectProperty *same_name_prev;
    struct LinkRecord *links; /* of a class: objects that have set the link */
    int64_t min; /* range of an integer row and its C type */
    int64_t max;
    uint32_t hash;
    uint32_t name_len;
    uint32_t state;
    uint32_t n_holders;
};

/* ---- Change sets of rows; rows are in qom/property-row.h ---- */

/*
 * A change set: several writes to one object that take effect together or not
 * at all.
 *
 *     ObjectChange *change = object_change_begin(obj);
 *     ok = object_property_set(...) && object_property_parse(...);
 *     if (!object_change_end(change, ok, errp)) ...
 *
 * Writes check the range and store the value at once; properties_changed() is
 * called at the end.  Only properties that are declared by rows take part:
 * writes to properties with accessors are not undone.
 */
typedef struct ObjectChange ObjectChange;

/**
 * object_change_begin: begins a change set
 * @obj: the object; the change set holds a reference to it
 *
 * If a change set of the object is open, the new one becomes part of it and
 * must end first.
 *
 * Returns: (transfer full) the change set, to be freed by object_change_end()
 */
ObjectChange *object_change_begin(Object *obj);

/**
 * object_change_end: ends a change set
 * @change: the change set; consumed
 * @commit: true to keep the new values, false to restore the old ones
 * @errp: set if properties_changed() rejects the new values, or if other code
 *        was changing the object when the change set began; the old values are
 *        then restored
 *
 * Returns: true if the new values are kept; false otherwise, with @errp set if
 *          @commit was true
 */
bool object_change_end(ObjectChange *change, bool commit, Error **errp);

/**
 * object_change_includes: tells properties_changed() what has changed
 * @obj: the object whose properties_changed() is running
 * @name: name of a property that the class or a parent class declares by a row
 *
 *     if (object_change_includes(obj, "path") && !reopen(obj, errp)) {
 *         return false;
 *     }
 *
 * A change set can include several properties.  A property that was set to the
 * value that it had before is not included.
 *
 * A call outside of properties_changed(), or with another name, is a
 * programming error and aborts.
 *
 * Returns: true if the property has another value than before the change
 */
bool object_change_includes(const Object *obj, const char *name);

/* ---- Accessors ---- */

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

/**
 * object_property_del: deletes an instance property
 * @obj: the object
 * @name: name of the property, which must exist
 */
void object_property_del(Object *obj, const char *name);

/**
 * object_property_find: finds a property of an object or of its class
 * @obj: the object
 * @name: name of the property
 *
 * Returns: the property, borrowed; NULL if there is none
 */
ObjectProperty *object_property_find(Object *obj, const char *name);

/**
 * object_property_find_err: object_property_find() with an error
 * @errp: set if there is no such property: "Property 'TYPE.NAME' not found"
 *
 * Returns: the property, borrowed; NULL with @errp set
 */
ObjectProperty *object_property_find_err(Object *obj, const char *name,
                                         Error **errp);

/**
 * object_class_property_find: finds a property of a class or a parent class
 * @klass: the class
 * @name: name of the property
 *
 * object_class_property_find_err() sets @errp if there is no such property.
 *
 * Returns: the property, borrowed; NULL if there is none
 */
ObjectProperty *object_class_property_find(ObjectClass *klass,
                                           const char *name);
ObjectProperty *object_class_property_find_err(ObjectClass *klass,
                                               const char *name,
                                               Error **errp);

/**
 * object_property_mutability: gets when a property can be set
 * @prop: the property
 *
 * Returns: at any time, until the object is complete, or never
 */
PropertySet object_property_mutability(const ObjectProperty *prop);

/* The position of an iteration, in which no property is added or deleted. */
typedef struct ObjectPropertyIterator {
    /* private: */
    ObjectClass *next_class;
    ObjectProperty *next;
    Object *obj;
} ObjectPropertyIterator;

/**
 * object_property_iter_init: begins to iterate over the properties of an object
 * @iter: (out) the position
 * @obj: the object
 *
 * object_class_property_iter_init() iterates over the properties of a class
 * and of its parent classes.
 */
void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj);
void object_class_property_iter_init(ObjectPropertyIterator *iter,
                                     ObjectClass *klass);

/**
 * object_property_iter_next: goes to the next property
 * @iter: the position
 *
 * Returns: the property, borrowed; NULL at the end
 */
ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter);

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

/* ---- Reading and writing ---- */

/**
 * object_property_get: reads a property into an output visitor
 * @obj: the object
 * @name: name of the property
 * @v: the output visitor
 * @errp: set on failure: "Property 'TYPE.NAME' not found", "Property
 *        'TYPE.NAME' is not readable", or an error of the getter
 *
 * Returns: true; false with @errp set
 */
bool object_property_get(Object *obj, const char *name, Visitor *v,
                         Error **errp);

/**
 * object_property_set: writes a property from an input visitor
 * @obj: the object
 * @name: name of the property
 * @v: the input visitor
 * @errp: set on failure: "Property 'TYPE.NAME' not found", "Property
 *        'TYPE.NAME' is not writable", or the reason why the value is
 *        rejected; a property of a row then has its old value
 *
 * Returns: true; false with @errp set
 */
bool object_property_set(Object *obj, const char *name, Visitor *v,
                         Error **errp);

/**
 * object_property_parse: writes a property from text
 * @obj: the object
 * @name: name of the property
 * @string: the value in the form of string_input_visitor_new()
 * @errp: set on failure, as by object_property_set()
 *
 * Returns: true; false with @errp set
 */
bool object_property_parse(Object *obj, const char *name, const char *string,
                           Error **errp);

/**
 * object_property_print: reads a property as text
 * @obj: the object
 * @name: name of the property
 * @human: true for a human-readable form, false for a form that
 *         object_property_parse() accepts
 * @errp: set on failure, as by object_property_get()
 *
 * Returns: (transfer full) the text; NULL with @errp set
 */
char *object_property_print(Object *obj, const char *name, bool human,
                            Error **errp);

/**
 * object_property_get_json: reads a property as a JSON value
 * @obj: the object
 * @name: name of the property
 * @errp: set on failure, as by object_property_get()
 *
 * Returns: (transfer full) the value; NULL with @errp set
 */
JsonNode *object_property_get_json(Object *obj, const char *name,
                                   Error **errp);

/**
 * object_property_set_json: writes a property from a JSON value
 * @obj: the object
 * @name: name of the property
 * @value: the value; borrowed
 * @errp: set on failure, as by object_property_set()
 *
 * Returns: true; false with @errp set
 */
bool object_property_set_json(Object *obj, const char *name, JsonNode *value,
                              Error **errp);

/**
 * object_property_set_str: writes or reads a property as a value of a C type
 * @obj: the object
 * @name: name of the property
 * @value: the value; a string is copied
 * @errp: set on failure; a property of another type is an error: "Invalid
 *        parameter type for 'NAME', expected: integer"
 *
 * The functions _set_str, _set_bool, _set_int and _set_uint write, and
 * _get_str, _get_bool, _get_int and _get_uint read.
 *
 * Returns: setters: true; false with @errp set.  Getters: the value, a string
 *          (transfer full); with @errp set, the value next to the prototype
 */
bool object_property_set_str(Object *obj, const char *name,
                             const char *value, Error **errp);
char *object_property_get_str(Object *obj, const char *name,
                              Error **errp); /* NULL */
bool object_property_set_bool(Object *obj, const char *name, bool value,
                              Error **errp);
bool object_property_get_bool(Object *obj, const char *name,
                              Error **errp); /* false */
bool object_property_set_int(Object *obj, const char *name, int64_t value,
                             Error **errp);
int64_t object_property_get_int(Object *obj, const char *name,
                                Error **errp); /* -1 */
bool object_property_set_uint(Object *obj, const char *name, uint64_t value,
                              Error **errp);
uint64_t object_property_get_uint(Object *obj, const char *name,
                                  Error **errp); /* 0 */

/**
 * object_property_set_link: sets the target of a link
 * @obj: the object that has the link
 * @name: name of the link
 * @value: (nullable) the new target, which must have a path; NULL clears the
 *         link
 * @errp: set on failure; the link then has its old target
 *
 * Returns: true; false with @errp set
 */
bool object_property_set_link(Object *obj, const char *name, Object *value,
                              Error **errp);

/**
 * object_property_get_link: gets the target of a link
 * @obj: the object that has the link
 * @name: name of the link
 * @errp: set if the property does not exist or is not a link
 *
 * Returns: the target, borrowed; NULL if the link has none, and with @errp set
 */
Object *object_property_get_link(Object *obj, const char *name,
                                 Error **errp);

/**
 * object_property_get_enum: reads a property of an enumeration
 * @obj: the object
 * @name: name of the property
 * @type_name: name of the enumeration, which must be the type of the property
 * @errp: set on failure
 *
 * Returns: the value of the C enum; -1 with @errp set
 */
int object_property_get_enum(Object *obj, const char *name,
                             const char *type_name, Error **errp);

/**
 * object_property_get_type: gets the type of a property
 * @obj: the object
 * @name: name of the property
 * @errp: set if there is no such property
 *
 * Returns: the name of the type, borrowed from the property; NULL with @errp
 *          set
 */
const char *object_property_get_type(Object *obj, const char *name,
                                     Error **errp);

/* ---- Kinds of properties ---- */

typedef enum ObjectPropertyLinkFlags {
    OBJ_PROP_LINK_STRONG = 1 << 0, /* holds a reference to the target */
    OBJ_PROP_LINK_DIRECT = 1 << 1, /* private */
    OBJ_PROP_LINK_CLASS = 1 << 2,  /* private */
} ObjectPropertyLinkFlags;

typedef enum ObjectPropertyFlags {
    OBJ_PROP_FLAG_READ = 1 << 0,
    OBJ_PROP_FLAG_WRITE = 1 << 1,
    OBJ_PROP_FLAG_READWRITE = OBJ_PROP_FLAG_READ | OBJ_PROP_FLAG_WRITE,
} ObjectPropertyFlags;

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

/**
 * object_property_add_link: adds a link
 * @obj: the object that gets the link; a class for
 *       object_class_property_add_link()
 * @name: name of the link
 * @type: name of the type of the target; copied
 * @targetp: the pointer to the target; borrowed, it must exist as long as the
 *           property; the link has no target while it is NULL.  A class has the
 *           offset of the pointer in its instances (@offset) instead.
 * @check: (nullable) called before the target changes to @val, which is NULL to
 *         clear the link; rejects it by setting @errp.  NULL: the link is
 *         read-only.
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
    void (*check)(const Object *obj, const char *name, Object *val,
                  Error **errp),
    ObjectPropertyLinkFlags flags);
ObjectProperty *object_class_property_add_link(
    ObjectClass *klass, const char *name, const char *type, ptrdiff_t offset,
    void (*check)(const Object *obj, const char *name, Object *val,
                  Error **errp),
    ObjectPropertyLinkFlags flags);

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

QOM_END_DECLS

#endif
