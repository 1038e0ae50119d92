/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating and finalizing objects.
 *
 * - The *image* of a class is the first bytes of a new instance: the class
 *   pointer, one reference and the defaults of property rows.  object_new()
 *   copies it and then calls the init hooks.
 * - Finalizing first deletes all that leads to other objects (instance
 *   properties, links).  Then the finalizers run, those of derived classes
 *   before those of their parents.  The memory that the fields of rows own is
 *   freed last, because finalizers may still read it.
 */
#include "qom/object.h"
#include "qom/property-row-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

#include <stdlib.h>

struct ObjectExtra *object_extra(Object *obj)
{
    if (!obj->extra) {
        obj->extra = g_new0(struct ObjectExtra, 1);
    }
    return obj->extra;
}

/* ---- Creating ---- */

/*
 * Runs everything of the class that a copy of the image cannot do, in this
 * order: strings of defaults, init hooks of properties, children, instance_init
 * from parent to child, instance_post_init in the order of the seal.
 */
static void object_init_fields(Object *obj, const ClassSeal *seal)
{
    for (ObjectProperty **p = seal->with_copy; *p; p++) {
        property_row_default_to((*p)->row, obj);
    }
    for (ObjectProperty **p = seal->with_init; *p; p++) {
        (*p)->init(obj, *p);
    }
    if (G_UNLIKELY(*seal->children)) {
        object_children_create(obj);
    }
    for (InstanceHook **hook = seal->inits; *hook; hook++) {
        (*hook)(obj);
    }
    for (InstanceHook **hook = seal->post_inits; *hook; hook++) {
        (*hook)(obj);
    }
}

/*
 * @mem has instance_size bytes of any content.  What follows the image is
 * zero.
 */
static void object_initialize_with_class(void *mem, ObjectClass *klass)
{
    const ClassSeal *seal = class_seal(klass);
    Object *obj = mem;

    memcpy(obj, seal->image, seal->image_size);
    memset((char *)mem + seal->image_size, 0,
           seal->instance_size - seal->image_size);
    if (G_UNLIKELY(object_is_tracking())) {
        object_tracking_add(obj);
    }
    PROBE(object_new, obj, klass->type->name);
    object_init_fields(obj, seal);
}

/* Users' type names are checked by object_try_new() instead. */
static void check_concrete(const ObjectClass *klass)
{
    if (G_UNLIKELY(klass->type->abstract)) {
        programming_error("type '%s' is abstract; create an object of a type "
                          "that derives from it", klass->type->name);
    }
}

static ObjectClass *object_concrete_class(const char *type_name)
{
    ObjectClass *klass = object_class_by_name(type_name);

    if (!klass) {
        programming_error("unknown type '%s'; register it, or use "
                          "object_try_new() for a name that users give",
                          type_name);
    }
    check_concrete(klass);
    return klass;
}

void object_initialize(void *obj, size_t size, const char *type_name)
{
    ObjectClass *klass = object_concrete_class(type_name);

    if (size < klass->type->instance_size) {
        programming_error("object_initialize(): %zu bytes are too few for an "
                          "object of type '%s', which has %zu", size,
                          type_name, klass->type->instance_size);
    }
    object_initialize_with_class(obj, klass);
    ((Object *)obj)->free = NULL;
}

/*
 * g_malloc() aligns to 16 bytes on the machines that this runs on; a struct may
 * ask for more, such as a cache line.
 */
static void *object_alloc(const ClassSeal *seal)
{
    void *mem;

    if (G_LIKELY(seal->instance_align <= G_MEM_ALIGN * 2)) {
        return g_malloc(seal->instance_size);
    }
    if (posix_memalign(&mem, seal->instance_align, seal->instance_size)) {
        g_error("no memory for %zu bytes", seal->instance_size);
    }
    return mem;
}

Object *object_new_with_class(ObjectClass *klass)
{
    void *mem;

    check_concrete(klass);
    mem = object_alloc(class_seal(klass));
    object_initialize_with_class(mem, klass);
    return mem;
}

Object *object_new(const char *type_name)
{
    return object_new_with_class(object_concrete_class(type_name));
}

Object *object_try_new(const char *type_name, Error **errp)
{
    ObjectClass *klass = object_class_by_name(type_name);

    if (!klass) {
        error_setg(errp, TYPE_INVALID, type_name);
        return NULL;
    }
    if (klass->type->abstract) {
        error_setg(errp, TYPE_ABSTRACT, type_name);
        return NULL;
    }
    return object_new_with_class(klass);
}

/* ---- Finalizing ---- */

static void object_release_own_properties(Object *obj)
{
    struct ObjectExtra *extra = obj->extra;
    ObjectProperty *prop;

    /* a release hook may delete other properties, so begin again after each */
    while (extra && (prop = extra->list.first)) {
        /* A property whose release hook is on the stack of this thread */
        while (prop && (prop->state & PROPERTY_RELEASING)) {
            prop = prop->next;
        }
        if (!prop) {
            return;
        }
        object_property_remove(obj, prop);
    }
}

/* Frees what only objects with instance properties, children or links have. */
static void object_free_extra(Object *obj)
{
    struct ObjectExtra *extra = obj->extra;

    if (!extra) {
        return;
    }
    object_links_release(obj);
    object_holders_release(obj);
    property_table_destroy(&extra->table);
    g_clear_pointer(&extra->wildcards, g_hash_table_destroy);
    g_free(extra);
    obj->extra = NULL;
}

/* The last reference of an object in the tree belongs to its parent. */
static G_NORETURN void abort_borrowed(Object *obj)
{
    g_autofree char *path = object_get_canonical_path(obj);

    programming_error("object_unref(): '%s' of type '%s' loses its last "
                      "reference, which belongs to its parent; drop only "
                      "references of your own, and delete the object with "
                      "object_unparent()",
                      path ? path : obj->parent_link->name,
                      object_get_typename(obj));
}

/* The memory may be reused by now, so the class is searched, not read. */
static G_NORETURN void abort_unref_freed(const Object *obj)
{
    const char *type_name = type_name_of_class(obj->klass);

    programming_error("object_unref(): object %p of type '%s' has no "
                      "references left; a reference was dropped twice",
                      (void *)obj, type_name ? type_name : "(freed)");
}

static void object_finalize(Object *obj)
{
    const ClassSeal *seal = class_seal(obj->klass);
    uint32_t ref;

    if (G_UNLIKELY(obj->parent)) {
        abort_borrowed(obj);
    }
    PROBE(object_finalize, obj, obj->klass->type->name);
    /*
     * From here on object_unparent() of a child takes no reference to this
     * object.  Properties that lead to no objects are removed in any thread,
     * because any thread may finalize an object that is outside of the tree.
     */
    obj->state |= OBJECT_DYING;
    if (obj->extra) {
        object_holders_release(obj); /* clears the weak links to it */
    }
    object_release_own_properties(obj);
    for (ObjectProperty **p = seal->with_release; *p; p++) {
        (*p)->release(obj, (*p)->name, (*p)->opaque);
    }
    for (InstanceHook **hook = seal->finalizers; *hook; hook++) {
        (*hook)(obj);
    }
    /* A finalizer may take references for its own use, if it drops them. */
    ref = atomic_load_explicit(&obj->ref, memory_order_relaxed);
    if (G_UNLIKELY(ref)) {
        programming_error("object of type '%s': instance_finalize left %u "
                          "references to it, and it is freed now",
                          object_get_typename(obj), ref);
    }
    for (ObjectProperty **p = seal->with_free; *p; p++) {
        property_row_free((*p)->row, obj);
    }
    if (G_UNLIKELY(*seal->children)) {
        object_children_drop(obj);
    }
    object_free_extra(obj);
    if (G_UNLIKELY(object_is_tracking())) {
        object_tracking_remove(obj);
    }
    if (obj->free) {
        obj->free(obj);
    }
}

Object *object_ref(void *objptr)
{
    Object *obj = objptr;
    G_GNUC_UNUSED uint32_t ref;

    if (!obj) {
        return NULL;
    }
    /* Relaxed: the caller has a reference, so nothing depends on this one. */
    ref = atomic_fetch_add_explicit(&obj->ref, 1, memory_order_relaxed);
    /*
     * The limit is far below the overflow, so that other threads cannot reach
     * the overflow between the addition and this check.  The count of a freed
     * object is usually above the limit, too.
     */
    if (G_UNLIKELY(ref >= INT_MAX)) {
        const char *type_name = type_name_of_class(obj->klass);

        programming_error("object_ref(): object %p of type '%s' has %u "
                          "references; they leak, or it was freed", objptr,
                          type_name ? type_name : "(freed)", ref);
    }
    return obj;
}

/*
 * Acquire and release: the thread that drops the last reference, and therefore
 * runs the finalizers, sees what all other threads wrote before they dropped
 * theirs.
 */
void object_unref(void *objptr)
{
    Object *obj = objptr;
    uint32_t ref;

    if (!obj) {
        return;
    }
    ref = atomic_fetch_sub_explicit(&obj->ref, 1, memory_order_acq_rel);
    if (G_UNLIKELY(ref == 0)) {
        abort_unref_freed(obj);
    }
    if (ref == 1) {
        object_finalize(obj);
    }
}

/* ---- Queries ---- */

ObjectClass *object_get_class(Object *obj)
{
    return obj->klass;
}

const char *object_get_typename(const Object *obj)
{
    return obj->klass->type->name;
}

Object *object_get_parent(const Object *obj)
{
    return obj->parent;
}

/* ---- Built-in types ---- */

static char *object_get_type_property(Object *obj, Error **errp)
{
    return g_strdup(object_get_typename(obj));
}

static void object_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_str(klass, "type", object_get_type_property,
                                  NULL);
}

static void object_register_types(void)
{
    static const TypeInfo object_info = {
        .name = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .instance_align = __alignof__(Object),
        .abstract = true,
        .class_init = object_class_init,
    };
    static const TypeInfo container_info = {
        .name = TYPE_CONTAINER,
        .parent = TYPE_OBJECT,
    };

    type_add(&object_info);
    type_register_static(&container_info);
}

type_init(object_register_types)
