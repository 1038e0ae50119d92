/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects: creating and freeing them, and the composition tree.
 *
 * An object is an instance of a class.  A new object has one reference, which
 * belongs to the caller that created it.  When the last reference is dropped,
 * the properties of the object are released, the finalizers of its class and of
 * the parent classes run, and its memory is freed.
 *
 * Objects form a tree.  A parent has a property of type "child<T>" for each
 * child, and with it a reference to the child.  The names of these properties
 * from the root to an object are its canonical path, such as "/objects/io0".
 * Links ("link<T>", qom/object-property.h) connect objects across the tree.
 *
 * The functions, in the order of this header:
 *
 *     object_new() and others        creating an object
 *     object_set_props()             setting several properties
 *     object_initialize()            creating one in the caller's memory
 *     object_ref(), object_unref()   references
 *     object_get_root() and others   the tree: its roots, parents, paths
 *     object_resolve_path()          finding an object by its path
 *     object_child_foreach()         iterating over children and over holders
 *
 * Properties are in "qom/object-property.h", types and casts in "qom/type.h".
 * This header includes both.
 *
 * Thread: main.  object_ref(), object_unref(), object_get_class() and casts
 * may be called in any thread.  The thread that drops the last reference
 * finalizes the object.  If it is not the main thread, the object must be
 * outside of the tree, and it must have no children, and no link may lead to
 * it or from it.
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_OBJECT_H
#define QOM_QOM_OBJECT_H

#include "qapi/error.h"
#include "qom/object-property.h"
#include "qom/type.h"
#include "util/macros.h"

#include <stdarg.h>

QOM_BEGIN_DECLS

typedef void(ObjectFree)(void *obj);

/* The head of every instance. */
struct Object {
    /* private: to be reached through the functions */
    ObjectClass *klass;
    ObjectFree *free; /* NULL: the memory belongs to the caller */
    Object *parent;
    ObjectProperty *parent_link; /* the parent's child<> property */
    struct ObjectExtra *extra;   /* instance properties, holders; or NULL */
    QOM_ATOMIC(uint32_t) ref;
    uint32_t state;              /* see object-internal.h */
};

/* ---- Creating an object ---- */

/**
 * object_new: creates an object
 * @type_name: name of the type; an unknown or abstract type is a programming
 *             error and aborts
 *
 * Returns: (transfer full) the object, with one reference
 */
Object *object_new(const char *type_name);

/**
 * object_new_with_class: creates an object of a class
 * @klass: the class; an abstract class is a programming error and aborts
 *
 * Returns: (transfer full) the object, with one reference
 */
Object *object_new_with_class(ObjectClass *klass);

/**
 * object_try_new: creates an object of a type that may be unknown or abstract
 * @type_name: name of the type
 * @errp: set on failure
 *
 * Returns: (transfer full) the object, with one reference; NULL with @errp set
 */
Object *object_try_new(const char *type_name, Error **errp);

/**
 * object_new_with_props: creates an object and sets properties of it
 * @type_name: name of the type
 * @parent: (nullable) the parent of the object; not NULL if @id is not NULL
 * @id: (nullable) name of the object in @parent; NULL: the object gets no
 *      parent
 * @errp: set on failure; no object exists then
 * @...: pairs of the name of a property and its value as text, as for
 *       object_property_parse(); NULL ends the list
 *
 * The properties are one change set: their order does not matter, and
 * properties_changed() is called once.  A user-creatable object is completed.
 *
 * object_new_with_propv() takes the pairs as a va_list.
 *
 * Returns: the object; borrowed from @parent if @id is not NULL, (transfer
 *          full) otherwise; NULL with @errp set
 */
Object *object_new_with_props(const char *type_name, Object *parent,
                              const char *id, Error **errp,
                              ...) G_GNUC_NULL_TERMINATED;
Object *object_new_with_propv(const char *type_name, Object *parent,
                              const char *id, Error **errp, va_list vargs);

/**
 * object_set_props: sets properties of an object as one change set
 * @obj: the object
 * @errp: set on failure; properties that are declared by rows then have their
 *        old values
 * @...: pairs of name and value, as for object_new_with_props()
 *
 * object_set_propv() takes the pairs as a va_list.
 *
 * Returns: true; false with @errp set
 */
bool object_set_props(Object *obj, Error **errp, ...) G_GNUC_NULL_TERMINATED;
bool object_set_propv(Object *obj, Error **errp, va_list vargs);

/* ---- Creating an object in the caller's memory ---- */

/**
 * object_initialize: creates an object in memory that belongs to the caller
 * @obj: the memory, aligned as the type requires
 * @size: size of the memory in bytes, at least the instance size of the type
 * @type_name: name of the type, as for object_new()
 *
 * The last object_unref() finalizes the object and does not free the memory.
 */
void object_initialize(void *obj, size_t size, const char *type_name);

/**
 * object_initialize_child_with_props: creates a child in memory of the caller
 * @parentobj: the parent
 * @propname: name of the child in the parent
 * @childobj: the memory, as for object_initialize()
 * @size: size of the memory in bytes
 * @type: name of the type
 * @errp: set on failure; the child is then finalized
 * @...: pairs of name and value, as for object_new_with_props()
 *
 * object_initialize_child_with_propsv() takes the pairs as a va_list.
 *
 * Returns: true, and @parentobj has the only reference; false with @errp set
 */
bool object_initialize_child_with_props(Object *parentobj,
                                        const char *propname, void *childobj,
                                        size_t size, const char *type,
                                        Error **errp,
                                        ...) G_GNUC_NULL_TERMINATED;
bool object_initialize_child_with_propsv(Object *parentobj,
                                         const char *propname,
                                         void *childobj, size_t size,
                                         const char *type, Error **errp,
                                         va_list vargs);

/*
 * object_initialize_child: object_initialize_child_with_props() without
 * properties, for memory of the right C type; a failure aborts
 */
#define object_initialize_child(parent, propname, child, type)              \
    object_initialize_child_internal((parent), (propname), (child),         \
                                     sizeof(*(child)), (type))
void object_initialize_child_internal(Object *parent, const char *propname,
                                      void *child, size_t size,
                                      const char *type);

/* ---- References ---- */

/**
 * object_ref: takes a reference to an object
 * @obj: (nullable) the object
 *
 * Returns: (transfer full) @obj
 * Thread: any
 */
Object *object_ref(void *obj);

/**
 * object_unref: drops a reference to an object
 * @obj: (nullable) the object; consumed.  It is finalized with its last
 *       reference.
 *
 * The caller must not hold a lock, because finalizers may run.
 *
 * Thread: any; see above
 */
void object_unref(void *obj);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

/**
 * object_get_typename: gets the name of the type of an object
 * @obj: the object
 *
 * Returns: the name, borrowed; it is valid until the program exits
 */
const char *object_get_typename(const Object *obj);

/* ---- The tree ---- */

/**
 * object_get_root: gets the root of the tree, whose path is "/"
 *
 * object_get_objects_root() returns its child "objects", which is the parent of
 * the objects that users create.  object_get_internal_root() returns the root
 * of a second tree, for objects that users do not see; no path leads into it.
 * Each is created at its first use.
 *
 * Returns: the object, borrowed; it exists until the program exits
 */
Object *object_get_root(void);
Object *object_get_objects_root(void);
Object *object_get_internal_root(void);

/**
 * object_get_container: gets a child of the root that only holds children
 * @name: name of the child, which is created if it does not exist
 *
 * Returns: the child, borrowed from the root
 */
Object *object_get_container(const char *name);

#define TYPE_CONTAINER "container"

/**
 * object_unparent: removes an object from its parent
 * @obj: the object.  The reference of the parent is dropped, which may be the
 *       last one.  The function has no effect on an object without a parent.
 */
void object_unparent(Object *obj);

/**
 * object_get_parent: gets the parent of an object
 * @obj: the object
 *
 * Returns: the parent, borrowed; NULL if the object has none
 */
Object *object_get_parent(const Object *obj);

/**
 * object_get_canonical_path: gets the path from the root to an object
 * @obj: the object
 *
 * Returns: (transfer full) the path; NULL if @obj is not in the tree
 */
char *object_get_canonical_path(const Object *obj);

/**
 * object_get_canonical_path_component: gets the name of an object in its parent
 * @obj: the object
 *
 * Returns: the name, borrowed; it is valid as long as the object has this
 *          parent; NULL if the object has none
 */
const char *object_get_canonical_path_component(const Object *obj);

/* ---- Finding an object by its path ---- */

/**
 * object_resolve_path: finds an object by its path
 * @path: either absolute ("/objects/io0"), or partial: the last components of
 *        an absolute path ("io0"); empty components are ignored
 * @ambiguous: (out) (nullable) set to true if a partial path matches more than
 *             one object, or more than 1,000 objects have its first component;
 *             to false otherwise
 *
 * Returns: the object, borrowed; NULL if no object matches, or more than one
 */
Object *object_resolve_path(const char *path, bool *ambiguous);

/**
 * object_resolve_path_type: finds an object of a type by its path
 * @path: the path, as for object_resolve_path()
 * @type_name: a class or interface; other objects are ignored
 * @ambiguous: (out) (nullable) as for object_resolve_path()
 *
 * Returns: the object, borrowed; NULL if no object matches, or more than one
 */
Object *object_resolve_path_type(const char *path, const char *type_name,
                                 bool *ambiguous);

/**
 * object_resolve_type_unambiguous: finds the only object of a type
 * @type_name: a class or interface
 * @errp: set if there is no such object, or more than one
 *
 * Returns: the object, borrowed; NULL with @errp set
 */
Object *object_resolve_type_unambiguous(const char *type_name, Error **errp);

/**
 * object_resolve_path_at: finds an object by a path from another object
 * @parent: the object at which a relative path begins
 * @path: a path that is absolute, or relative to @parent
 *
 * Returns: the object, borrowed; NULL if there is none
 */
Object *object_resolve_path_at(Object *parent, const char *path);

/**
 * object_resolve_path_component: follows one property of an object
 * @parent: the object
 * @part: name of a child, a link, or an alias of one
 *
 * Returns: the object to which the property leads, borrowed; NULL if there is
 *          none
 */
Object *object_resolve_path_component(Object *parent, const char *part);

/* ---- Iterating ---- */

/**
 * object_child_foreach: calls a function for each child of an object
 * @obj: the parent
 * @fn: the function; it may remove @child from @obj.  A result other than 0
 *      ends the iteration.
 * @opaque: passed to @fn
 *
 * Returns: the result of the last call of @fn; 0 if there was none
 */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque),
                         void *opaque);

/**
 * object_child_foreach_recursive: calls a function for all objects below one
 * @obj: the object at the top, for which @fn is not called
 * @fn: the function, as for object_child_foreach(); it is called for parents
 *      before their children
 * @opaque: passed to @fn
 *
 * Returns: the result of the last call of @fn; 0 if there was none
 */
int object_child_foreach_recursive(Object *obj,
                                   int (*fn)(Object *child, void *opaque),
                                   void *opaque);

/**
 * object_foreach_holder: calls a function for each strong link to an object
 * @obj: the target of the links
 * @fn: the function, called with the object that has the link and the name of
 *      the property, in the order in which the links were set.  A result other
 *      than 0 ends the iteration.
 * @opaque: passed to @fn
 *
 * Returns: the result of the last call of @fn; 0 if there was none
 */
int object_foreach_holder(Object *obj,
                          int (*fn)(Object *holder, const char *property,
                                    void *opaque),
                          void *opaque);

QOM_END_DECLS

#endif
