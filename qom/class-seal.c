/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sealing a class: collecting in flat tables what the class and its parents
 * declare.
 *
 * A class is sealed when its first instance is created or a property is first
 * looked up.  The seal is published with a release store.  Adding a class
 * property later invalidates the seals of this class and of all classes
 * derived from it.  Invalid seals are not freed, because another thread may
 * still be finalizing an instance with one.
 */
#include "qom/class-internal.h"
#include "qom/property-row-internal.h"
#include "qom/user-creatable.h"
#include "util/programming-error.h"

#include <string.h>

/* Returns the first property that the class itself declares; NULL: none. */
static ObjectProperty *first_property(const TypeImpl *type)
{
    /* class_init may create an instance of its own class. */
    const ObjectClass *klass = type->klass ? type->klass : type->building;

    return klass->properties ? klass->properties->first : NULL;
}

/* Properties of the class first, then those of its parent classes */
static GPtrArray *class_collect_properties(const TypeImpl *type)
{
    GPtrArray *props = g_ptr_array_new();

    for (; type; type = type->parent) {
        for (ObjectProperty *p = first_property(type); p; p = p->next) {
            g_ptr_array_add(props, p);
        }
    }
    return props;
}

/* Adds children of parent classes first, in the order of instance_init. */
static void collect_children(const TypeImpl *type, GPtrArray *children)
{
    if (!type) {
        return;
    }
    collect_children(type->parent, children);
    for (ObjectProperty *p = first_property(type); p; p = p->next) {
        if (property_creates_child(p)) {
            g_ptr_array_add(children, p);
        }
    }
}

static ObjectProperty **class_children(const TypeImpl *type)
{
    GPtrArray *children = g_ptr_array_new();

    collect_children(type, children);
    g_ptr_array_add(children, NULL);
    return (ObjectProperty **)g_ptr_array_free(children, FALSE);
}

/*
 * Returns the properties that @wanted accepts, ended by NULL. Most classes have
 * none of a kind, so that object_new() has nothing to do for it.
 */
static ObjectProperty **class_select(const GPtrArray *props,
                                     bool (*wanted)(const ObjectProperty *))
{
    GPtrArray *selected = g_ptr_array_new();

    for (guint i = 0; i < props->len; i++) {
        if (wanted(props->pdata[i])) {
            g_ptr_array_add(selected, props->pdata[i]);
        }
    }
    g_ptr_array_add(selected, NULL);
    return (ObjectProperty **)g_ptr_array_free(selected, FALSE);
}

static bool property_has_init(const ObjectProperty *prop)
{
    return prop->init;
}

static bool property_has_release(const ObjectProperty *prop)
{
    return prop->release;
}

static bool property_has_free(const ObjectProperty *prop)
{
    return prop->row && property_row_owns_memory(prop->row);
}

static bool property_has_copy(const ObjectProperty *prop)
{
    return property_has_free(prop) &&
           (property_row_flags(prop->row) & PROPERTY_HAS_DEFAULT);
}

typedef InstanceHook *(HookOf)(const TypeImpl *type);

static InstanceHook *hook_init(const TypeImpl *type)
{
    return type->info.instance_init;
}

static InstanceHook *hook_post_init(const TypeImpl *type)
{
    return type->info.instance_post_init;
}

static InstanceHook *hook_finalize(const TypeImpl *type)
{
    return type->info.instance_finalize;
}

/*
 * Collects a hook of the class and of its parents. Types without the hook are
 * left out, so the loops of object_new() make no test.
 */
static InstanceHook **class_chain(const TypeImpl *type, HookOf *hook_of,
                                  bool parents_first)
{
    InstanceHook **hooks = g_new0(InstanceHook *, type->depth + 2);
    unsigned n_hooks = 0;

    for (; type; type = type->parent) {
        if (hook_of(type)) {
            hooks[n_hooks++] = hook_of(type);
        }
    }
    for (unsigned i = 0; parents_first && i < n_hooks / 2; i++) {
        InstanceHook *hook = hooks[i];

        hooks[i] = hooks[n_hooks - 1 - i];
        hooks[n_hooks - 1 - i] = hook;
    }
    return hooks;
}

/*
 * Collects instance_post_init, of parents first.  Consecutive types that want
 * theirs before that of their parent are in the opposite order.
 */
static InstanceHook **class_post_inits(const TypeImpl *type)
{
    InstanceHook **hooks = class_chain(type, hook_post_init, false);
    g_autofree bool *reversed = g_new0(bool, type->depth + 2);
    InstanceHook **ordered = g_new0(InstanceHook *, type->depth + 2);
    unsigned n_hooks = 0, first, n = 0;

    for (; type; type = type->parent) {
        if (hook_post_init(type)) {
            reversed[n_hooks++] = type->info.post_init_before_parent;
        }
    }
    for (unsigned end = n_hooks; end > 0; end = first) {
        first = end - 1;
        while (reversed[first] && first > 0 && reversed[first - 1]) {
            first--;
        }
        for (unsigned i = first; i < end; i++) {
            ordered[n++] = hooks[i];
        }
    }
    g_free(hooks);
    return ordered;
}

/*
 * The image ends with the last byte that is not zero, so that little is
 * copied.
 */
static void class_make_image(ClassSeal *seal, ObjectClass *klass,
                             const GPtrArray *props)
{
    Object *image = g_malloc0(seal->instance_size);
    const char *bytes = (const char *)image;

    image->klass = klass;
    image->free = g_free;
    atomic_init(&image->ref, 1);
    for (guint i = 0; i < props->len; i++) {
        const ObjectProperty *prop = props->pdata[i];

        /*
         * Memory is not shared by instances: rows that own some are in
         * with_copy.
         */
        if (prop->row && !property_row_owns_memory(prop->row)) {
            property_row_default_to(prop->row, image);
        }
    }
    seal->image_size = seal->instance_size;
    while (seal->image_size > sizeof(Object) &&
           !bytes[seal->image_size - 1]) {
        seal->image_size--;
    }
    seal->image_size = MAX(seal->image_size, sizeof(Object));
    seal->image = g_realloc(image, seal->image_size);
}

static ClassSeal *class_seal_new(ObjectClass *klass)
{
    TypeImpl *type = klass->type;
    g_autoptr(GPtrArray) props = class_collect_properties(type);
    ClassSeal *seal = g_new0(ClassSeal, 1);

    for (guint i = 0; i < props->len; i++) {
        if (!property_creates_child(props->pdata[i])) {
            property_table_insert(&seal->table, props->pdata[i]);
        }
    }
    seal->children = class_children(type);
    seal->inits = class_chain(type, hook_init, true);
    seal->post_inits = class_post_inits(type);
    seal->finalizers = class_chain(type, hook_finalize, false);
    seal->with_init = class_select(props, property_has_init);
    seal->with_release = class_select(props, property_has_release);
    seal->with_copy = class_select(props, property_has_copy);
    seal->with_free = class_select(props, property_has_free);
    seal->user_creatable = object_class_dynamic_cast(klass,
                                                     TYPE_USER_CREATABLE);
    seal->instance_size = type->instance_size;
    seal->instance_align = type->instance_align;
    /* An abstract class has no instance, and its size may be 0. */
    if (!type->abstract) {
        class_make_image(seal, klass, props);
    }
    return seal;
}

ClassSeal *class_seal_slow(ObjectClass *klass)
{
    ClassSeal *seal;

    type_lock();
    /*
     * Another thread may have sealed the class while this one waited for the
     * lock.
     */
    seal = atomic_load_explicit(&klass->seal, memory_order_relaxed);
    if (!seal) {
        seal = class_seal_new(klass);
        atomic_store_explicit(&klass->seal, seal, memory_order_release);
    }
    type_unlock();
    return seal;
}

/* The caller holds the lock of the registry. */
static void class_drop_seal(ObjectClass *klass)
{
    static GPtrArray *dropped; /* keeps old seals reachable */
    ClassSeal *seal = atomic_load_explicit(&klass->seal, memory_order_relaxed);

    if (!seal) {
        return;
    }
    if (!dropped) {
        dropped = g_ptr_array_new();
    }
    g_ptr_array_add(dropped, seal);
    atomic_store_explicit(&klass->seal, NULL, memory_order_release);
}

/* Used by an error check of class_unseal() */
G_GNUC_UNUSED
/* True if the class itself, without its parents, declares the property. */
static bool class_declares(const ObjectClass *klass, const char *name)
{
    const PropertyList *list = klass->properties;

    for (ObjectProperty *p = list ? list->first : NULL; p; p = p->next) {
        if (!strcmp(p->name, name)) {
            return true;
        }
    }
    return false;
}

void class_unseal(ObjectClass *klass, const char *name)
{
    type_lock();
    class_drop_seal(klass);
    /* While class_init runs, no class is derived from this one yet. */
    if (!klass->type->building) {
        g_autoptr(GPtrArray) types = type_list();

        for (guint i = 0; i < types->len; i++) {
            TypeImpl *type = types->pdata[i];

            if (type->klass && type_is_a(type, klass->type)) {
                if (type->klass != klass &&
                    class_declares(type->klass, name)) {
                    programming_error(
                        "class '%s': property '%s' is declared by class "
                        "'%s', below it, already; give it another name",
                        klass->type->name, name, type->name);
                }
                class_drop_seal(type->klass);
            }
        }
    }
    type_unlock();
}
