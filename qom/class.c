/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Class structures: building them, and queries.
 *
 * A class is built once, under the recursive lock of the registry, and
 * published with a release store.  Afterwards it is read without a lock.
 * While class_init runs, the same thread can look up the class that is being
 * built.
 *
 * Building also gives the type its token; class-cast.c says what that is.
 */
#include "qom/object.h"
#include "qom/type-internal.h"
#include "util/programming-error.h"

#include <string.h>

#define TOKEN_INTERFACE 0xff
#define TOKEN_MAX_DEPTH 0xfe

/* Classes without interfaces share one empty slot. */
static const InterfaceSlot no_interfaces[1];

/* Last number given to a type in a token, from 1; under the registry lock */
static uintptr_t n_class_tokens;
static uintptr_t n_interface_tokens;

static void class_build(TypeImpl *type);

/* All interfaces derive from the type "interface". */
static bool type_is_interface(const TypeImpl *type)
{
    while (type->parent) {
        type = type->parent;
    }
    return !strcmp(type->name, TYPE_INTERFACE);
}

/* An instance begins with one of its parent, so no size may be smaller. */
static void type_check_size(const TypeImpl *type, const char *what,
                            size_t size, size_t parent_size)
{
    if (size < parent_size) {
        programming_error("type '%s': its %s is %zu, but that of its parent "
                          "type '%s' is %zu; the struct must begin with the "
                          "parent's", type->name, what, size,
                          type->parent->name, parent_size);
    }
}

/*
 * An interface is never instantiated. Hooks in its TypeInfo would silently
 * never run.
 */
static void type_check_interface(const TypeImpl *type)
{
    const char *what = NULL;

    if (type->instance_size) {
        what = "an instance_size";
    } else if (type->n_interfaces) {
        what = "interfaces";
    } else if (type->info.instance_init) {
        what = "an instance_init";
    } else if (type->info.instance_post_init) {
        what = "an instance_post_init";
    } else if (type->info.instance_finalize) {
        what = "an instance_finalize";
    }
    if (what) {
        programming_error("interface '%s' has %s; an interface has no "
                          "instances, and derives from others by 'parent'",
                          type->name, what);
    }
}

/*
 * Takes sizes that are 0 over from the parent, and gives the type its depth and
 * token. It runs when the class is built, because a parent may be registered
 * after its children.
 */
static void type_settle(TypeImpl *type)
{
    TypeImpl *parent = type->parent;

    type->depth = parent ? parent->depth + 1 : 0;
    type->class_size = type->info.class_size;
    type->instance_size = type->info.instance_size;
    type->instance_align = type->info.instance_align;
    if (parent) {
        if (!type->class_size) {
            type->class_size = parent->class_size;
        }
        if (!type->instance_size) {
            type->instance_size = parent->instance_size;
        }
        if (!type->instance_align) {
            type->instance_align = parent->instance_align;
        }
        type_check_size(type, "class_size", type->class_size,
                        parent->class_size);
        type_check_size(type, "instance_size", type->instance_size,
                        parent->instance_size);
        type_check_size(type, "instance_align", type->instance_align,
                        parent->instance_align);
    } else if (!type->class_size) {
        type->class_size = sizeof(ObjectClass);
    }
    type->abstract = type->info.abstract || !type->instance_size;

    if (type_is_interface(type)) {
        type_check_interface(type);
        type->token = ++n_interface_tokens << TYPE_TOKEN_SHIFT |
                      TOKEN_INTERFACE;
    } else {
        /*
         * A type deeper than the ancestors array shares the last index; casts
         * to it compare parent by parent.
         */
        type->token = ++n_class_tokens << TYPE_TOKEN_SHIFT |
                      MIN(type->depth, TOKEN_MAX_DEPTH);
    }
}

/* ---- Interfaces ---- */

/* InterfaceClass pointers of the class that is being built */
static void class_add_interface(ObjectClass *klass, GPtrArray *ifaces,
                                TypeImpl *iface_type, TypeImpl *parent)
{
    g_autofree char *name = g_strconcat(klass->type->name, "::",
                                        iface_type->name, NULL);
    const TypeInfo info = { .name = name, .abstract = true };
    TypeImpl *type = type_impl_new(&info);
    InterfaceClass *iface;

    /*
     * Each implementation is a type of its own, "CLASS::INTERFACE". Its parent
     * is the interface, or the implementation of the parent class, so that
     * methods are inherited.
     */
    type->parent = parent;
    class_build(type);
    iface = (InterfaceClass *)type->klass;
    iface->concrete_class = klass;
    iface->interface_type = iface_type;
    g_ptr_array_add(ifaces, iface);
}

/* Copies the interfaces of the parent, each with a new structure. */
static void class_inherit_interfaces(ObjectClass *klass,
                                     const ObjectClass *parent,
                                     GPtrArray *ifaces)
{
    const GPtrArray *inherited = parent->type->iface_classes;

    for (guint i = 0; i < inherited->len; i++) {
        InterfaceClass *iface = inherited->pdata[i];

        class_add_interface(klass, ifaces, iface->interface_type,
                            iface->parent_class.type);
    }
}

/*
 * True if the class already implements the interface, or one derived from it.
 */
static bool class_has_sub_interface(const GPtrArray *ifaces,
                                    const TypeImpl *iface_type)
{
    for (guint i = 0; i < ifaces->len; i++) {
        const InterfaceClass *iface = ifaces->pdata[i];

        if (type_is_a(iface->interface_type, iface_type)) {
            return true;
        }
    }
    return false;
}

static ObjectClass *type_class(TypeImpl *type);

/* Adds the interfaces that the type itself names, after the inherited ones. */
static void class_add_own_interfaces(ObjectClass *klass, GPtrArray *ifaces)
{
    TypeImpl *type = klass->type;

    for (unsigned i = 0; i < type->n_interfaces; i++) {
        TypeImpl *iface_type = type_get_by_name(type->interfaces[i]);

        if (!iface_type) {
            programming_error("type '%s' is missing its interface '%s'; "
                              "register it, too", type->name,
                              type->interfaces[i]);
        }
        type_class(iface_type);
        if (!type_is_interface(iface_type)) {
            programming_error("type '%s' names '%s' as an interface, which "
                              "is a class", type->name, iface_type->name);
        }
        if (!class_has_sub_interface(ifaces, iface_type)) {
            class_add_interface(klass, ifaces, iface_type, iface_type);
        }
    }
}

/* Returns false if two tokens have the same slot. */
static bool class_fill_interface_slots(InterfaceSlot *slots, uintptr_t mask,
                                       const GPtrArray *ifaces)
{
    for (guint i = 0; i < ifaces->len; i++) {
        InterfaceClass *iface = ifaces->pdata[i];

        for (TypeImpl *t = iface->interface_type; t; t = t->parent) {
            InterfaceSlot *slot = &slots[(t->token >> TYPE_TOKEN_SHIFT) &
                                         mask];

            if (slot->token == t->token) {
                slot->iface = NULL; /* two ways to implement it: ambiguous */
            } else if (!slot->token) {
                *slot = (InterfaceSlot){ t->token, iface };
            } else {
                return false;
            }
        }
    }
    return true;
}

/*
 * Doubles the table until no two tokens meet in a slot. Tokens are consecutive
 * numbers, so the table stays small, and a cast reads one slot.
 */
static void class_index_interfaces(ObjectClass *klass,
                                   const GPtrArray *ifaces)
{
    klass->interfaces = no_interfaces;
    klass->interface_mask = 0;
    if (!ifaces->len) {
        return;
    }
    for (uintptr_t n_slots = 2;; n_slots *= 2) {
        InterfaceSlot *slots = g_new0(InterfaceSlot, n_slots);

        if (class_fill_interface_slots(slots, n_slots - 1, ifaces)) {
            klass->interfaces = slots;
            klass->interface_mask = n_slots - 1;
            return;
        }
        g_free(slots);
    }
}

/* The list of structures is kept, because derived classes copy it. */
static void class_build_interfaces(ObjectClass *klass,
                                   const ObjectClass *parent)
{
    GPtrArray *ifaces = g_ptr_array_new();

    if (!type_is_interface(klass->type)) {
        if (parent) {
            class_inherit_interfaces(klass, parent, ifaces);
        }
        class_add_own_interfaces(klass, ifaces);
    }
    class_index_interfaces(klass, ifaces);
    klass->type->iface_classes = ifaces;
}

/* ---- Building ---- */

/*
 * Starts a class as a copy of its parent's structure: methods are inherited.
 * The seal and the list of properties are not.
 */
static ObjectClass *class_alloc(TypeImpl *type, const ObjectClass *parent)
{
    ObjectClass *klass = g_malloc0(type->class_size);

    if (parent) {
        memcpy(klass, parent, type->parent->class_size);
    }
    klass->type = type;
    atomic_init(&klass->seal, NULL);
    klass->properties = NULL;
    if (type->depth < OBJECT_CLASS_INLINE_DEPTH) {
        klass->ancestors[type->depth] = type->token;
    }
    return klass;
}

/* The caller holds the lock of the registry. */
static void class_build(TypeImpl *type)
{
    const ObjectClass *parent = NULL;
    ObjectClass *klass;

    if (!type->parent) {
        type->parent = type_get_parent(type);
    }
    if (type->parent) {
        parent = type_class(type->parent);
    }
    /* The parent's class is complete: its sizes and methods are final. */
    type_settle(type);
    klass = class_alloc(type, parent);
    type->building = klass;
    class_build_interfaces(klass, parent);

    /*
     * class_base_init of every ancestor sees the new class before class_init.
     */
    for (TypeImpl *t = type->parent; t; t = t->parent) {
        if (t->info.class_base_init) {
            t->info.class_base_init(klass, type->info.class_data);
        }
    }
    if (type->info.class_init) {
        type->info.class_init(klass, type->info.class_data);
    }
    type->building = NULL;
    atomic_store_explicit(&type->klass, klass, memory_order_release);
}

/* Returns the class of a type and builds it if necessary. */
static ObjectClass *type_class(TypeImpl *type)
{
    ObjectClass *klass = atomic_load_explicit(&type->klass,
                                              memory_order_acquire);

    if (G_LIKELY(klass)) {
        return klass;
    }
    type_lock();
    if (!atomic_load_explicit(&type->klass, memory_order_relaxed) &&
        !type->building) {
        class_build(type);
    }
    /* The lock is recursive: class_init of this type runs in this thread. */
    klass = atomic_load_explicit(&type->klass, memory_order_relaxed);
    klass = klass ? klass : type->building;
    type_unlock();
    return klass;
}

/* ---- Queries ---- */

ObjectClass *object_class_by_name(const char *type_name)
{
    TypeImpl *type = type_get_by_name(type_name);

    return type ? type_class(type) : NULL;
}

ObjectClass *module_object_class_by_name(const char *type_name)
{
    return object_class_by_name(type_name);
}

const char *object_class_get_name(const ObjectClass *klass)
{
    return klass->type->name;
}

ObjectClass *object_class_get_parent(ObjectClass *klass)
{
    TypeImpl *parent = klass->type->parent;

    return parent ? type_class(parent) : NULL;
}

bool object_class_is_abstract(const ObjectClass *klass)
{
    return klass->type->abstract;
}

bool object_class_is_interface(const ObjectClass *klass)
{
    return type_is_interface(klass->type);
}

size_t object_type_get_instance_size(const char *type_name)
{
    ObjectClass *klass = object_class_by_name(type_name);

    if (!klass) {
        programming_error("object_type_get_instance_size(): unknown type '%s'",
                          type_name);
    }
    return klass->type->instance_size;
}

/* ---- The roots ---- */

static void class_register_roots(void)
{
    static const TypeInfo interface_info = {
        .name = TYPE_INTERFACE,
        .class_size = sizeof(InterfaceClass),
        .abstract = true,
    };

    type_add(&interface_info);
}

type_init(class_register_roots)
