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
 * The functions, in the order of this header:
 *
 *     object_property_get(), _set()      reading and writing with a visitor,
 *     _print(), _parse()                 as text,
 *     _get_json(), _set_json()           as JSON,
 *     _get_str(), _set_str() and others  as a value of a C type
 *     object_property_find()             finding a property, and facts about it
 *     object_property_iter_init()        iterating
 *
 * In other headers, which this one includes:
 *
 *     property rows                      "qom/property-row.h"
 *     accessors, children, links         "qom/property-add.h"
 *     change sets of rows                "qom/object-change.h"
 *
 * Thread: main
 * Contract: the API of QEMU 10's "qom/object.h"; rows: docs/objects.md
 */
#ifndef QOM_QOM_OBJECT_PROPERTY_H
#define QOM_QOM_OBJECT_PROPERTY_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "qapi/visitor/visitor.h"
#include "qom/object-change.h"
#include "qom/property-add.h"
#include "qom/property-row.h"
#include "qom/type.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>

QOM_BEGIN_DECLS

/* Returns the object to which a property leads in a path, borrowed, or NULL. */
typedef Object *(ObjectPropertyResolve)(Object *obj, void *opaque,
                                        const char *part);

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

/* ---- Finding a property, and facts about it ---- */

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

/* ---- Iterating ---- */

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

QOM_END_DECLS

#endif
