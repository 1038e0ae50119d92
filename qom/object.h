/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects: their life, and the composition tree that they form.
 *
 * An object is an instance of a class.  It is born with one reference, which
 * belongs to whoever made it; when the last one goes, its properties are
 * released, the finalizers of its class and then of the parents run, and its
 * memory is freed.
 *
 * Objects form a tree: a parent holds a reference to each child by a property
 * of type "child<T>", and the names of these properties from the root down
 * make the object's canonical path, such as "/objects/io0".  Links ("link<T>",
 * qom/object-property.h) go across the tree and are followed by paths.
 *
 * Thread: object_ref(), object_unref(), casts and object_get_class() may be
 * called from any thread; an object that another thread drops last is
 * finalized there, so it must be out of the tree, without children, and no
 * link may lead to or from it.  All else: main.
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
    ObjectFree *free; /* NULL: the memory is its maker's */
    Object *parent;
    ObjectProperty *parent_link; /* the parent's child<> property */
    struct ObjectExtra *extra;   /* instance properties, holders; or NULL */
    uint32_t ref;                /* atomic */
    uint32_t state;              /* see object-internal.h */
};

/**
 * object_new: make an object
 * @type_name: a type that is known and not abstract; else the call aborts
 *
 * Returns: (transfer full) with one reference
 */
Object *object_new(const char *type_name);

/* object_new_with_class: the same for a class, which must not be abstract */
Object *object_new_with_class(ObjectClass *klass);

/**
 * object_try_new: make an object of a type that may be unknown or abstract
 * @type_name: the type's name
 * @errp: set on failure
 *
 * Returns: (transfer full); NULL with @errp set
 */
Object *object_try_new(const char *type_name, Error **errp);

/**
 * object_new_with_props: make an object from properties in text
 * @type_name: the type
 * @parent: the object that it becomes a child of; not NULL when @id is not
 * @id: (nullable) its name there; NULL leaves it without a parent
 * @errp: set on failure, and then nothing was made
 * @...: pairs of property name and value, in the form of
 *       object_property_parse(), ended by NULL
 *
 * The properties are one change: their order does not matter, and
 * `properties_changed` runs once.  A user-creatable object is completed.
 *
 * Returns: the object: borrowed from @parent when @id is given, otherwise
 * (transfer full); NULL with @errp set
 */
Object *object_new_with_props(const char *type_name, Object *parent,
                              const char *id, Error **errp,
                              ...) G_GNUC_NULL_TERMINATED;
Object *object_new_with_propv(const char *type_name, Object *parent,
                              const char *id, Error **errp, va_list vargs);

/**
 * object_set_props: set properties from text
 * @obj: the object
 * @errp: set on failure, and then no row property has changed
 * @...: pairs of property name and value, ended by NULL
 */
bool object_set_props(Object *obj, Error **errp, ...) G_GNUC_NULL_TERMINATED;
bool object_set_propv(Object *obj, Error **errp, va_list vargs);

/**
 * object_initialize: make an object in memory of the caller's
 * @obj: memory, aligned for the type
 * @size: its bytes, at least the type's instance size
 * @type_name: as for object_new()
 *
 * The last object_unref() finalizes the object but frees no memory.
 */
void object_initialize(void *obj, size_t size, const char *type_name);

/**
 * object_initialize_child_with_props: object_initialize() as a child
 * @parentobj: the parent
 * @propname: the child's name there
 * @childobj: memory for it
 * @size: bytes of @childobj
 * @type: the type's name
 * @errp: set on failure, and then the child has been finalized
 * @...: as for object_new_with_props()
 *
 * Returns: true, and @parentobj owns the only reference; false with @errp set
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

/* object_initialize_child: the same without properties; failure aborts */
#define object_initialize_child(parent, propname, child, type)              \
    object_initialize_child_internal((parent), (propname), (child),         \
                                     sizeof(*(child)), (type))
void object_initialize_child_internal(Object *parent, const char *propname,
                                      void *child, size_t size,
                                      const char *type);

/**
 * object_ref: take a reference
 * @obj: (nullable) an object
 *
 * Returns: @obj
 * Thread: any
 */
Object *object_ref(void *obj);

/**
 * object_unref: drop a reference
 * @obj: (nullable) consumed; with the last reference the object goes
 *
 * Call it with no lock held: a finalizer may run.
 * Thread: any
 */
void object_unref(void *obj);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

const char *object_get_typename(const Object *obj);

/* The tree. */

/**
 * object_get_root: the object whose path is "/", made at the first use
 *
 * object_get_objects_root() is its child "objects", the parent of what users
 * create; object_get_internal_root() is the root of a tree of its own, for
 * objects that users do not see and that no path finds.
 */
Object *object_get_root(void);
Object *object_get_objects_root(void);
Object *object_get_internal_root(void);

/**
 * object_get_container: a child of the root that only holds children
 * @name: its name; made when it is not there
 */
Object *object_get_container(const char *name);

#define TYPE_CONTAINER "container"

/**
 * object_unparent: take an object out of the tree
 * @obj: may lose its last reference; no effect without a parent
 */
void object_unparent(Object *obj);

/* object_get_parent: the parent, or NULL */
Object *object_get_parent(const Object *obj);

/**
 * object_get_canonical_path: the path from the root
 *
 * Returns: (transfer full); NULL when @obj is not below the root
 */
char *object_get_canonical_path(const Object *obj);

/**
 * object_get_canonical_path_component: the object's name in its parent
 *
 * Returns: borrowed as long as the object stays there; NULL without a parent
 */
const char *object_get_canonical_path_component(const Object *obj);

/**
 * object_resolve_path: find an object
 * @path: absolute ("/objects/io0"), or partial: the last components of the
 *        absolute path ("io0"), which must match one object alone
 * @ambiguous: (out) (nullable) whether a partial path matched more than one
 *
 * Empty components are skipped.
 *
 * Returns: borrowed; NULL when there is none or more than one
 */
Object *object_resolve_path(const char *path, bool *ambiguous);

/* object_resolve_path_type: the same among instances of @type_name */
Object *object_resolve_path_type(const char *path, const char *type_name,
                                 bool *ambiguous);

/**
 * object_resolve_type_unambiguous: the one object of a type
 * @type_name: class or interface
 * @errp: set when there is none or more than one
 */
Object *object_resolve_type_unambiguous(const char *type_name, Error **errp);

/* object_resolve_path_at: absolute, or relative to @parent */
Object *object_resolve_path_at(Object *parent, const char *path);

/* object_resolve_path_component: follow one child, link or alias property */
Object *object_resolve_path_component(Object *parent, const char *part);

/**
 * object_child_foreach: call a function for each child
 * @fn: anything but 0 ends the walk; may unparent the child it is given
 *
 * Returns: what the last @fn returned, or 0
 */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque),
                         void *opaque);

/* object_child_foreach_recursive: parents before their children */
int object_child_foreach_recursive(Object *obj,
                                   int (*fn)(Object *child, void *opaque),
                                   void *opaque);

/**
 * object_foreach_holder: who keeps an object in use?
 * @obj: the target of strong links
 * @fn: called for each link: the object that has it and the property's name,
 *      in the order in which the links were set; anything but 0 ends the walk
 *
 * Returns: what the last @fn returned, or 0
 */
int object_foreach_holder(Object *obj,
                          int (*fn)(Object *holder, const char *property,
                                    void *opaque),
                          void *opaque);

QOM_END_DECLS

#endif
