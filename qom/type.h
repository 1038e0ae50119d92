/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types: declaring, defining and registering them.
 *
 * A TypeInfo describes a type, which is identified by its name.  Registering a
 * type stores the description.  The class is built when it is first used, so
 * types can be registered in any order.  A type has one parent; the root is
 * "object".  It can implement interfaces, which are types below the root
 * "interface".  An interface has methods and no instance data.
 *
 * In this order:
 *
 *     TypeInfo                   the description of a type
 *     OBJECT_DECLARE_TYPE()      declares a type and its casts, in a header
 *     OBJECT_DEFINE_TYPE()       describes and registers it, in a source file
 *     type_register()            the same without macros
 *     DEFINE_TYPES()             registers an array of types
 *
 * Classes are in "qom/class.h" and casts in "qom/cast.h", which this header
 * includes.
 *
 * Thread: main for registration; any for lookups
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_TYPE_H
#define QOM_QOM_TYPE_H

#include "qapi/error.h"
#include "qom/cast.h"
#include "util/module.h"

QOM_BEGIN_DECLS

typedef struct TypeInfo TypeInfo;

/* One interface that a type implements. */
typedef struct InterfaceInfo {
    const char *type;
} InterfaceInfo;

/*
 * The type of the data that class_init receives.  compat/ removes the const for
 * sources that were written for older versions of QEMU.
 */
#ifndef QOM_CLASS_DATA
#define QOM_CLASS_DATA const void
#endif

/* Largest number of interfaces in TypeInfo.interfaces */
#define TYPE_MAX_INTERFACES 32

/*
 * The description of a type.  All strings are copied.
 *
 * A name has at least two characters: first a letter or a digit other than 0,
 * then letters, digits, '-', '_' and '.'.  A size of 0 stands for the size of
 * the parent.
 */
struct TypeInfo {
    const char *name;
    const char *parent; /* TYPE_OBJECT if there is no other one */

    size_t instance_size;  /* bytes, including the parent's */
    size_t instance_align; /* power of two; 0: that of the parent */
    void (*instance_init)(Object *obj);      /* parents first */
    void (*instance_post_init)(Object *obj); /* then, parents first */
    void (*instance_finalize)(Object *obj);  /* parents last */

    bool abstract;
    size_t class_size;

    /* Those of all ancestors are called before class_init, nearest first. */
    void (*class_base_init)(ObjectClass *klass, QOM_CLASS_DATA *data);
    void (*class_init)(ObjectClass *klass, QOM_CLASS_DATA *data);
    const void *class_data; /* passed to both; borrowed until the exit */

    const InterfaceInfo *interfaces; /* ends with a NULL type */

    /*
     * For sources of QEMU before 10.1, which compat/ sets: instance_post_init
     * of this type is called before that of its parent if the parent is such a
     * type, too.
     */
    bool post_init_before_parent;
};

/* ---- Declaring a type, in a header ---- */

/**
 * OBJECT_DECLARE_TYPE: declare a type that has a class structure
 * @InstanceType: instance structure
 * @ClassType: class structure
 * @MODULE_OBJ_NAME: name in upper case; the macro TYPE_MODULE_OBJ_NAME is the
 *                   name of the type
 *
 * A header declares the type; a source file defines it with
 * OBJECT_DEFINE_TYPE().
 */
#define OBJECT_DECLARE_TYPE(InstanceType, ClassType, MODULE_OBJ_NAME)       \
    typedef struct InstanceType InstanceType;                               \
    typedef struct ClassType ClassType;                                     \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)               \
    DECLARE_OBJ_CHECKERS(InstanceType, ClassType, MODULE_OBJ_NAME,          \
                         TYPE_##MODULE_OBJ_NAME)

/* OBJECT_DECLARE_SIMPLE_TYPE: declare a type without a class structure */
#define OBJECT_DECLARE_SIMPLE_TYPE(InstanceType, MODULE_OBJ_NAME)           \
    typedef struct InstanceType InstanceType;                               \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)               \
    DECLARE_INSTANCE_CHECKER(InstanceType, MODULE_OBJ_NAME,                 \
                             TYPE_##MODULE_OBJ_NAME)

/* ---- Defining a type, in a source file ---- */

/**
 * OBJECT_DEFINE_TYPE_EXTENDED: define and register a type
 * @ModuleObjName: instance structure; ModuleObjNameClass is the class structure
 * @module_obj_name: prefix of the functions _init, _finalize and _class_init,
 *                   which the source file defines
 * @MODULE_OBJ_NAME: name in upper case, as for OBJECT_DECLARE_TYPE()
 * @PARENT_MODULE_OBJ_NAME: name of the parent in upper case
 * @ABSTRACT: true for an abstract type
 * @...: initializers of InterfaceInfo, the last one { NULL }
 *
 * The macros with SIMPLE in their name are for types without a class structure.
 */
#define OBJECT_DEFINE_TYPE_EXTENDED_SIZED(ModuleObjName, ClassSize,         \
                                          module_obj_name, MODULE_OBJ_NAME, \
                                          PARENT_MODULE_OBJ_NAME, ABSTRACT, \
                                          ...)                              \
    static void module_obj_name##_finalize(Object *obj);                    \
    static void module_obj_name##_class_init(ObjectClass *oc,               \
                                             QOM_CLASS_DATA *data);         \
    static void module_obj_name##_init(Object *obj);                        \
    static const InterfaceInfo module_obj_name##_interfaces[] = {           \
        __VA_ARGS__                                                         \
    };                                                                      \
    static const TypeInfo module_obj_name##_info = {                        \
        .name = TYPE_##MODULE_OBJ_NAME,                                     \
        .parent = TYPE_##PARENT_MODULE_OBJ_NAME,                            \
        .instance_size = sizeof(ModuleObjName),                             \
        .instance_align = __alignof__(ModuleObjName),                       \
        .instance_init = module_obj_name##_init,                            \
        .instance_post_init = NULL,                                         \
        .instance_finalize = module_obj_name##_finalize,                    \
        .abstract = ABSTRACT,                                               \
        .class_size = ClassSize,                                            \
        .class_base_init = NULL,                                            \
        .class_init = module_obj_name##_class_init,                         \
        .class_data = NULL,                                                 \
        .interfaces = module_obj_name##_interfaces,                         \
    };                                                                      \
    static void module_obj_name##_register_types(void)                      \
    {                                                                       \
        type_register_static(&module_obj_name##_info);                      \
    }                                                                       \
    type_init(module_obj_name##_register_types)

#define OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name,         \
                                    MODULE_OBJ_NAME,                        \
                                    PARENT_MODULE_OBJ_NAME, ABSTRACT, ...)  \
    OBJECT_DEFINE_TYPE_EXTENDED_SIZED(ModuleObjName,                        \
                                      sizeof(ModuleObjName##Class),         \
                                      module_obj_name, MODULE_OBJ_NAME,     \
                                      PARENT_MODULE_OBJ_NAME, ABSTRACT,     \
                                      __VA_ARGS__)

#define OBJECT_DEFINE_TYPE(ModuleObjName, module_obj_name, MODULE_OBJ_NAME, \
                           PARENT_MODULE_OBJ_NAME)                          \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name,             \
                                MODULE_OBJ_NAME, PARENT_MODULE_OBJ_NAME,    \
                                false, { NULL })

#define OBJECT_DEFINE_TYPE_WITH_INTERFACES(ModuleObjName, module_obj_name,  \
                                           MODULE_OBJ_NAME,                 \
                                           PARENT_MODULE_OBJ_NAME, ...)     \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name,             \
                                MODULE_OBJ_NAME, PARENT_MODULE_OBJ_NAME,    \
                                false, __VA_ARGS__)

#define OBJECT_DEFINE_ABSTRACT_TYPE(ModuleObjName, module_obj_name,         \
                                    MODULE_OBJ_NAME,                        \
                                    PARENT_MODULE_OBJ_NAME)                 \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name,             \
                                MODULE_OBJ_NAME, PARENT_MODULE_OBJ_NAME,    \
                                true, { NULL })

#define OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(ModuleObjName,            \
                                                  module_obj_name,          \
                                                  MODULE_OBJ_NAME,          \
                                                  PARENT_MODULE_OBJ_NAME,   \
                                                  ...)                      \
    OBJECT_DEFINE_TYPE_EXTENDED_SIZED(ModuleObjName, 0, module_obj_name,    \
                                      MODULE_OBJ_NAME,                      \
                                      PARENT_MODULE_OBJ_NAME, false,        \
                                      __VA_ARGS__)

#define OBJECT_DEFINE_SIMPLE_TYPE(ModuleObjName, module_obj_name,           \
                                  MODULE_OBJ_NAME, PARENT_MODULE_OBJ_NAME)  \
    OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(ModuleObjName,                \
                                              module_obj_name,              \
                                              MODULE_OBJ_NAME,              \
                                              PARENT_MODULE_OBJ_NAME,       \
                                              { NULL })

/* ---- Registering a type without the macros ---- */

/**
 * type_register: registers a type
 * @info: description of the type; copied, except for class_data
 *
 * A name that is not valid or is in use, and a description without a parent,
 * are programming errors and abort with a message.  A parent that is not
 * registered aborts when the type is first used.  While a plugin is loaded, all
 * of these are errors of plugin_load() instead.
 *
 * type_register_static() is another name of the function, and
 * type_register_static_array() registers @nr_infos types.
 *
 * Returns: the type, borrowed; it is never freed.  If the loading of a plugin
 *          has failed, it may be NULL.
 */
Type type_register(const TypeInfo *info);
Type type_register_static(const TypeInfo *info);
void type_register_static_array(const TypeInfo *infos, int nr_infos);

/**
 * type_get_by_name: finds a type by its name
 * @name: name of the type
 *
 * Returns: the type, borrowed; NULL if there is none
 * Thread: any
 */
Type type_get_by_name(const char *name);

/**
 * type_get_name: gets the name of a type
 * @type: the type
 *
 * Returns: the name, borrowed; it is valid until the program exits
 * Thread: any
 */
const char *type_get_name(Type type);

/* DEFINE_TYPES: register all types of a static array at program start */
#define DEFINE_TYPES(type_array)                                           \
    static void do_register_##type_array(void)                            \
    {                                                                      \
        type_register_static_array(type_array, G_N_ELEMENTS(type_array));  \
    }                                                                      \
    type_init(do_register_##type_array)

QOM_END_DECLS

#endif
