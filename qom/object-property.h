/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties: what an object shows of itself, by name.
 *
 * A property has a type and is read and written through a visitor, so the
 * same one serves the command line, JSON and C.  There are two ways to
 * declare properties of a class:
 *
 * - rows (the normal way): a constant table says name, type, place in the
 *   instance, default, range and so on, and the library does the rest.
 *   A write is a transaction: a value that the row's range or the class's
 *   properties_changed() refuses leaves the object as it was;
 * - accessors: functions of one's own, for what is not a field.
 *
 * Class properties are shared by all instances and stay for ever; an instance
 * property belongs to one object (children are such properties) and can be
 * deleted.  A property is looked for in the class and its parents first.
 *
 * Iteration is in order of declaration: the own class, the parents, then the
 * object's own.
 *
 * Thread: main, for all functions
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
 * ObjectPropertyAccessor: read or write a property's value
 * @obj: the object
 * @v: the visitor: an output visitor to read, an input visitor to write
 * @name: the property's name, to be passed to the visitor
 * @opaque: what the property was added with
 * @errp: set on failure; tells success, as the return type is the field's
 */
typedef void(ObjectPropertyAccessor)(Object *obj, Visitor *v,
                                     const char *name, void *opaque,
                                     Error **errp);
/* The object that a property stands for in a path; NULL if none. */
typedef Object *(ObjectPropertyResolve)(Object *obj, void *opaque,
                                        const char *part);
/* The property, or its object, is going away. */
typedef void(ObjectPropertyRelease)(Object *obj, const char *name,
                                    void *opaque);
/* An object is being made: give the property its default. */
typedef void(ObjectPropertyInit)(Object *obj, ObjectProperty *prop);

/* A property as it is found; read-only. */
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
    const PropertyRow *row;        /* (nullable) what declared it */

    /* private: see object-internal.h */
    Object *owner;
    ObjectProperty *next;
    ObjectProperty *prev;
    ObjectProperty *same_name_next;
    ObjectProperty *same_name_prev;
    int64_t min; /* of an integer row: the range, its type's included */
    int64_t max;
    uint32_t hash;
    uint32_t name_len;
    uint32_t state;
    uint32_t n_holders;
};

/* ---- Rows: see qom/property-row.h ---- */

/*
 * A change set: several properties of one object set as one change.
 *
 *     ObjectChange *change = object_change_begin(obj);
 *     ok = object_property_set(...) && object_property_parse(...);
 *     if (!object_change_end(change, ok, errp)) ...
 *
 * Between the two, values are stored and ranges checked, but
 * properties_changed() waits for the end.  Properties with accessors of their
 * own take part in name only: what they have done stays done.
 */
typedef struct ObjectChange ObjectChange;

/*
 * object_change_begin: begin; a change that begins within another one of the
 * same object ends before that, and is decided on with it
 */
ObjectChange *object_change_begin(Object *obj);

/**
 * object_change_end: finish a change
 * @change: consumed
 * @commit: false puts the old values back
 * @errp: set when properties_changed() refuses, and then they are back, too;
 *        or when other code was changing the object when the change began
 *
 * Returns: @commit; false with @errp set when refused
 */
bool object_change_end(ObjectChange *change, bool commit, Error **errp);

/* ---- Accessors ---- */

/**
 * object_property_add: add a property to an object
 * @obj: the object
 * @name: its name; "name[*]" takes the lowest free index
 * @type: what clients see as its type
 * @get: (nullable) NULL: cannot be read
 * @set: (nullable) NULL: cannot be written
 * @release: (nullable) called when the property goes
 * @opaque: for the functions
 *
 * Returns: the property; a name that is taken aborts
 */
ObjectProperty *object_property_add(Object *obj, const char *name,
                                    const char *type,
                                    ObjectPropertyAccessor *get,
                                    ObjectPropertyAccessor *set,
                                    ObjectPropertyRelease *release,
                                    void *opaque);

/* object_property_try_add: the same; a name that is taken is an error */
ObjectProperty *object_property_try_add(Object *obj, const char *name,
                                        const char *type,
                                        ObjectPropertyAccessor *get,
                                        ObjectPropertyAccessor *set,
                                        ObjectPropertyRelease *release,
                                        void *opaque, Error **errp);

/* object_class_property_add: add one to a class; name that is taken: abort */
ObjectProperty *object_class_property_add(ObjectClass *klass,
                                          const char *name, const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque);

/* object_property_del: delete an instance property, which must exist */
void object_property_del(Object *obj, const char *name);

/* object_property_find: a property of the class or the object, or NULL */
ObjectProperty *object_property_find(Object *obj, const char *name);

/* object_property_find_err: the same; "Property 'T.N' not found" */
ObjectProperty *object_property_find_err(Object *obj, const char *name,
                                         Error **errp);
ObjectProperty *object_class_property_find(ObjectClass *klass,
                                           const char *name);
ObjectProperty *object_class_property_find_err(ObjectClass *klass,
                                               const char *name,
                                               Error **errp);

/* object_property_mutability: when it may be written from outside */
PropertySet object_property_mutability(const ObjectProperty *prop);

/* Iteration; do not add or delete properties meanwhile. */
typedef struct ObjectPropertyIterator {
    /* private: */
    ObjectClass *next_class;
    ObjectProperty *next;
    Object *obj;
} ObjectPropertyIterator;

void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj);
void object_class_property_iter_init(ObjectPropertyIterator *iter,
                                     ObjectClass *klass);

/* object_property_iter_next: the next property, or NULL at the end */
ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter);

/* Default of a property with a setter; applied when an object is made. */
void object_property_set_default_bool(ObjectProperty *prop, bool value);
void object_property_set_default_str(ObjectProperty *prop, const char *value);
void object_property_set_default_list(ObjectProperty *prop); /* empty */
void object_property_set_default_int(ObjectProperty *prop, int64_t value);
void object_property_set_default_uint(ObjectProperty *prop, uint64_t value);

/* Description of a property, which must exist; copied. */
void object_property_set_description(Object *obj, const char *name,
                                     const char *description);
void object_class_property_set_description(ObjectClass *klass,
                                           const char *name,
                                           const char *description);

/* ---- Reading and writing ---- */

/**
 * object_property_get: read a property into an output visitor
 * object_property_set: write a property from an input visitor
 * @errp: set on failure: "Property 'T.N' not found", "... is not readable",
 *        "... is not writable", or what the value is refused for; a property
 *        of a row is then unchanged
 */
bool object_property_get(Object *obj, const char *name, Visitor *v,
                         Error **errp);
bool object_property_set(Object *obj, const char *name, Visitor *v,
                         Error **errp);

/**
 * object_property_parse: write a property from text
 * @string: in the form of string_input_visitor_new()
 */
bool object_property_parse(Object *obj, const char *name, const char *string,
                           Error **errp);

/**
 * object_property_print: read a property as text
 * @human: in a form for people rather than for parsing
 *
 * Returns: (transfer full); NULL with @errp set
 */
char *object_property_print(Object *obj, const char *name, bool human,
                            Error **errp);

/* object_property_get_json, object_property_set_json: as a JSON value */
JsonNode *object_property_get_json(Object *obj, const char *name,
                                   Error **errp); /* (transfer full) */
bool object_property_set_json(Object *obj, const char *name, JsonNode *value,
                              Error **errp);

/*
 * By C type.  A property of another type is an error: "Invalid parameter type
 * for 'N', expected: integer".  What a getter returns on failure is in its
 * line; setters return false.
 */
bool object_property_set_str(Object *obj, const char *name,
                             const char *value, Error **errp);
char *object_property_get_str(Object *obj, const char *name,
                              Error **errp); /* (transfer full), NULL */
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

/* object_property_set_link: @value NULL clears; an orphan is an error */
bool object_property_set_link(Object *obj, const char *name, Object *value,
                              Error **errp);
Object *object_property_get_link(Object *obj, const char *name,
                                 Error **errp); /* borrowed, NULL */

/* object_property_get_enum: the property's type must be called @type_name */
int object_property_get_enum(Object *obj, const char *name,
                             const char *type_name, Error **errp); /* -1 */

/* object_property_get_type: the property's type, borrowed; NULL */
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
 * object_property_add_child: make an object a child of another
 * @obj: the parent, which takes a reference of its own
 * @name: as for object_property_add(), without '/'
 * @child: an object without a parent
 */
ObjectProperty *object_property_add_child(Object *obj, const char *name,
                                          Object *child);
ObjectProperty *object_property_try_add_child(Object *obj, const char *name,
                                              Object *child, Error **errp);

/* object_property_add_new_container: a new child of type "container" */
Object *object_property_add_new_container(Object *obj, const char *name);

/**
 * object_property_add_link: add a link
 * @type: type of the target
 * @targetp: where the pointer is; NULL is no target
 * @check: (nullable) may refuse a new target (@val, NULL to clear) by setting
 *         @errp; without it the link cannot be written
 * @flags: OBJ_PROP_LINK_STRONG, or 0: the link does not keep its target, and
 *         is cleared when that goes
 *
 * An object that strong links point to is in use and cannot be deleted by
 * user_creatable_del().
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

/* object_property_allow_set_link: a check that allows everything */
void object_property_allow_set_link(const Object *obj, const char *name,
                                    Object *child, Error **errp);

/* object_property_add_const_link: a link that never changes; no reference */
ObjectProperty *object_property_add_const_link(Object *obj, const char *name,
                                               Object *target);

/**
 * object_property_add_alias: make a property of another object one's own
 * @target_obj: borrowed; must outlive the alias
 * @target_name: a property of it; a child shows as a link
 */
ObjectProperty *object_property_add_alias(Object *obj, const char *name,
                                          Object *target_obj,
                                          const char *target_name);

ObjectProperty *object_property_add_str(
    Object *obj, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **));
ObjectProperty *object_class_property_add_str(
    ObjectClass *klass, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **));

ObjectProperty *object_property_add_bool(
    Object *obj, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **));
ObjectProperty *object_class_property_add_bool(
    ObjectClass *klass, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **));

ObjectProperty *object_property_add_enum(
    Object *obj, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **));
ObjectProperty *object_class_property_add_enum(
    ObjectClass *klass, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **));

/* A read-only struct of tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec. */
ObjectProperty *object_property_add_tm(
    Object *obj, const char *name,
    void (*get)(Object *, struct tm *, Error **));
ObjectProperty *object_class_property_add_tm(
    ObjectClass *klass, const char *name,
    void (*get)(Object *, struct tm *, Error **));

/* An integer at a fixed address, which must outlive the property. */
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
