/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types, objects and properties have the same names as in the library.  This
 * header adds the forms of arguments that older versions had.
 *
 * The library's own headers include this one under the same name.  Therefore
 * the whole header of the library is included before a macro replaces a name.
 */
#ifndef QOM_COMPAT_QEMU_QOM_OBJECT_H
#define QOM_COMPAT_QEMU_QOM_OBJECT_H

#include "qemu/compat-version.h"

/* The data of class_init() became const after 10.0. */
#if QOM_COMPAT_QEMU < 1001
#define QOM_CLASS_DATA void
#endif

#include "../../../qom/object.h"
#include "qom/user-creatable.h"

/*
 * Until 10.0 instance_post_init() of a type was called before that of its
 * parent.  Types of sources of that time keep this order among themselves.
 */
#if QOM_COMPAT_QEMU < 1001
static inline Type qemu_type_register(const TypeInfo *info)
{
    TypeInfo copy = *info;

    copy.post_init_before_parent = true;
    return type_register(&copy);
}

static inline void qemu_type_register_array(const TypeInfo *infos,
                                            int nr_infos)
{
    for (int i = 0; i < nr_infos; i++) {
        qemu_type_register(&infos[i]);
    }
}

#define type_register(info) qemu_type_register(info)
#define type_register_static(info) qemu_type_register(info)
#define type_register_static_array(infos, nr_infos) \
    qemu_type_register_array((infos), (nr_infos))
#endif

/* Returns the child of @root at @path; creates missing containers. */
static inline Object *container_get(Object *root, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    Object *obj = root;

    for (char **part = parts; *part; part++) {
        Object *child;

        if (**part == '\0') {
            continue;
        }
        child = object_resolve_path_component(obj, *part);
        obj = child ? child : object_property_add_new_container(obj, *part);
    }
    return obj;
}

#if QOM_COMPAT_QEMU < 300
#define OBJ_PROP_LINK_UNREF_ON_RELEASE OBJ_PROP_LINK_STRONG
#endif

/* ---- Until 5.1: finding a property took an errp ---- */

#if QOM_COMPAT_QEMU < 502
#define object_property_find(obj, name, errp) \
    object_property_find_err((obj), (name), (errp))
#define object_class_property_find(klass, name, errp) \
    object_class_property_find_err((klass), (name), (errp))
#endif

/* ---- Until 5.0 ---- */

#if QOM_COMPAT_QEMU < 501

/* (transfer full) */
#define object_get_canonical_path_component(obj) \
    g_strdup(object_get_canonical_path_component(obj))

/* The value or the visitor came before the name. */
#define object_property_get(obj, v, name, errp) \
    object_property_get((obj), (name), (v), (errp))
#define object_property_set(obj, v, name, errp) \
    object_property_set((obj), (name), (v), (errp))
#define object_property_set_str(obj, value, name, errp) \
    object_property_set_str((obj), (name), (value), (errp))
#define object_property_set_bool(obj, value, name, errp) \
    object_property_set_bool((obj), (name), (value), (errp))
#define object_property_set_int(obj, value, name, errp) \
    object_property_set_int((obj), (name), (value), (errp))
#define object_property_set_uint(obj, value, name, errp) \
    object_property_set_uint((obj), (name), (value), (errp))
#define object_property_set_link(obj, value, name, errp) \
    object_property_set_link((obj), (name), (value), (errp))
#define object_property_parse(obj, string, name, errp) \
    object_property_parse((obj), (name), (string), (errp))

/* 0 or -1 */
#define object_set_props(...) (object_set_props(__VA_ARGS__) ? 0 : -1)

/*
 * Adding took an errp, which was set if the name was in use.  The library sets
 * it where it can; elsewhere such a name is a programming error and aborts.
 */
#define object_property_add(obj, name, type, get, set, release, opaque, errp) \
    object_property_try_add((obj), (name), (type), (get), (set), (release),   \
                            (opaque), (errp))
#define object_property_add_child(obj, name, child, errp) \
    ((void)object_property_try_add_child((obj), (name), (child), (errp)))

#define object_class_property_add(klass, name, type, get, set, release,  \
                                  opaque, errp)                          \
    ((void)(errp), object_class_property_add((klass), (name), (type), (get), \
                                             (set), (release), (opaque)))
#define object_property_del(obj, name, errp) \
    ((void)(errp), object_property_del((obj), (name)))
#define object_property_add_link(obj, name, type, child, check, flags, errp) \
    ((void)(errp), object_property_add_link((obj), (name), (type), (child),  \
                                            (check), (flags)))
#define object_property_add_const_link(obj, name, target, errp) \
    ((void)(errp), object_property_add_const_link((obj), (name), (target)))
#define object_property_add_alias(obj, name, target, target_name, errp)    \
    ((void)(errp), object_property_add_alias((obj), (name), (target),      \
                                             (target_name)))
#define object_property_add_str(obj, name, get, set, errp) \
    ((void)(errp), object_property_add_str((obj), (name), (get), (set)))
#define object_class_property_add_str(klass, name, get, set, errp) \
    ((void)(errp),                                                 \
     object_class_property_add_str((klass), (name), (get), (set)))
#define object_property_add_bool(obj, name, get, set, errp) \
    ((void)(errp), object_property_add_bool((obj), (name), (get), (set)))
#define object_class_property_add_bool(klass, name, get, set, errp) \
    ((void)(errp),                                                  \
     object_class_property_add_bool((klass), (name), (get), (set)))
#define object_property_add_enum(obj, name, type, lookup, get, set, errp) \
    ((void)(errp), object_property_add_enum((obj), (name), (type),        \
                                            (lookup), (get), (set)))
#define object_class_property_add_enum(klass, name, type, lookup, get, set, \
                                       errp)                                \
    ((void)(errp),                                                          \
     object_class_property_add_enum((klass), (name), (type), (lookup),      \
                                    (get), (set)))
#define object_property_add_tm(obj, name, get, errp) \
    ((void)(errp), object_property_add_tm((obj), (name), (get)))
#define object_class_property_add_tm(klass, name, get, errp) \
    ((void)(errp), object_class_property_add_tm((klass), (name), (get)))
#define object_property_set_description(obj, name, description, errp) \
    ((void)(errp),                                                    \
     object_property_set_description((obj), (name), (description)))
#define object_class_property_set_description(klass, name, description, errp) \
    ((void)(errp),                                                            \
     object_class_property_set_description((klass), (name), (description)))

/* Until 4.2 these took no flags and were read-only. */
#if QOM_COMPAT_QEMU < 500
#define QEMU_ADD_PTR_(kind, owner, name, v, errp) \
    ((void)(errp), kind((owner), (name), (v), OBJ_PROP_FLAG_READ))
#define object_property_add_uint8_ptr(obj, name, v, errp) \
    QEMU_ADD_PTR_(object_property_add_uint8_ptr, obj, name, v, errp)
#define object_property_add_uint16_ptr(obj, name, v, errp) \
    QEMU_ADD_PTR_(object_property_add_uint16_ptr, obj, name, v, errp)
#define object_property_add_uint32_ptr(obj, name, v, errp) \
    QEMU_ADD_PTR_(object_property_add_uint32_ptr, obj, name, v, errp)
#define object_property_add_uint64_ptr(obj, name, v, errp) \
    QEMU_ADD_PTR_(object_property_add_uint64_ptr, obj, name, v, errp)
#define object_class_property_add_uint8_ptr(klass, name, v, errp) \
    QEMU_ADD_PTR_(object_class_property_add_uint8_ptr, klass, name, v, errp)
#define object_class_property_add_uint16_ptr(klass, name, v, errp) \
    QEMU_ADD_PTR_(object_class_property_add_uint16_ptr, klass, name, v, errp)
#define object_class_property_add_uint32_ptr(klass, name, v, errp) \
    QEMU_ADD_PTR_(object_class_property_add_uint32_ptr, klass, name, v, errp)
#define object_class_property_add_uint64_ptr(klass, name, v, errp) \
    QEMU_ADD_PTR_(object_class_property_add_uint64_ptr, klass, name, v, errp)
#else
#define QEMU_ADD_PTR_(kind, owner, name, v, flags, errp) \
    ((void)(errp), kind((owner), (name), (v), (flags)))
#define object_property_add_uint8_ptr(obj, name, v, flags, errp) \
    QEMU_ADD_PTR_(object_property_add_uint8_ptr, obj, name, v, flags, errp)
#define object_property_add_uint16_ptr(obj, name, v, flags, errp) \
    QEMU_ADD_PTR_(object_property_add_uint16_ptr, obj, name, v, flags, errp)
#define object_property_add_uint32_ptr(obj, name, v, flags, errp) \
    QEMU_ADD_PTR_(object_property_add_uint32_ptr, obj, name, v, flags, errp)
#define object_property_add_uint64_ptr(obj, name, v, flags, errp) \
    QEMU_ADD_PTR_(object_property_add_uint64_ptr, obj, name, v, flags, errp)
#endif

/* The size, an errp and properties to set were arguments. */
#undef object_initialize_child
#define object_initialize_child(parent, propname, child, size, type, errp, \
                                ...)                                       \
    ((void)object_initialize_child_with_props((parent), (propname),        \
                                              (child), (size), (type),     \
                                              (errp), __VA_ARGS__))
#endif

#endif
