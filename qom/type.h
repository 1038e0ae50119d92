/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types, classes and checked casts.
 *
 * A TypeInfo describes a type, which is identified by its name.  Registering a
 * type stores the description.  The class structure is built when the class is
 * first used, after those of the parent types, so types can be registered in
 * any order.  A type has one parent; the root is "object".  It can implement
 * interfaces, which are types below the root "interface".  An interface has
 * methods and no instance data.
 *
 * A cast names the type.  The macros below store the type in a static variable
 * at each place of a cast, so that a cast to a class is one comparison.
 *
 * Thread: main for registration and iteration; any for lookups and casts
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_TYPE_H
#define QOM_QOM_TYPE_H

#include "qapi/error.h"
#include "util/atomic.h"
#include "util/macros.h"
#include "util/module.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct TypeImpl TypeImpl;
typedef TypeImpl *Type;
typedef struct TypeInfo TypeInfo;
typedef struct Object Object;
typedef struct PropertyRow PropertyRow;
typedef struct ObjectClass ObjectClass;
typedef struct InterfaceClass InterfaceClass;

#define TYPE_OBJECT "object"
#define TYPE_INTERFACE "interface"

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

/* Identifies a type in casts, and where a class stores it; never 0. */
typedef uintptr_t TypeToken;

/* The token that the place of a cast remembers; 0 until it was found. */
typedef QOM_ATOMIC(TypeToken) TypeTokenCache;

/* Casts to types of a lower depth are inline; "object" has depth 0. */
#define OBJECT_CLASS_INLINE_DEPTH 8

typedef struct InterfaceSlot {
    TypeToken token;       /* 0: empty */
    InterfaceClass *iface; /* NULL: implemented more than once */
} InterfaceSlot;

/*
 * The head of every class structure.
 *
 * A class structure begins with that of the parent, and the parent's bytes
 * are copied before class_init runs: methods are inherited by value.
 */
struct ObjectClass {
    /* private: to be reached through the functions */
    Type type;
    QOM_ATOMIC(struct ClassSeal *) seal; /* (nullable) see class-internal.h */
    struct PropertyList *properties;
    TypeToken ancestors[OBJECT_CLASS_INLINE_DEPTH]; /* by depth */
    const InterfaceSlot *interfaces; /* [interface_mask + 1] */
    uintptr_t interface_mask;

    /* public: methods */

    /* Called before the object leaves its parent, which is still set. */
    void (*unparent)(Object *obj);

    /*
     * Called once after properties that are declared by rows have changed;
     * object_change_includes() tells which.
     * Returns true to accept the new values; false with @errp set to reject
     * them, and then the old values are restored.
     */
    bool (*properties_changed)(Object *obj, Error **errp);

    /*
     * Updates the field of a row of PROPERTY_SET_NEVER before it is read.  The
     * method calls that of the parent class for rows of the parent.
     */
    void (*property_refresh)(Object *obj, const PropertyRow *row);
};

/*
 * The head of the class structure of every interface.  Each class that
 * implements an interface has its own copy of the structure, in which
 * class_init sets the methods.  The type of the copy is hidden and called
 * "CLASS::INTERFACE".
 */
struct InterfaceClass {
    ObjectClass parent_class;
    /* private: */
    ObjectClass *concrete_class;
    Type interface_type;
};

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

/**
 * object_class_by_name: gets the class of a type
 * @type_name: name of the type
 *
 * The class is built if this is its first use.  module_object_class_by_name()
 * is the name of the function in sources that load modules.
 *
 * Returns: the class, borrowed; it is never freed.  NULL if there is no such
 *          type
 * Thread: any
 */
ObjectClass *object_class_by_name(const char *type_name);
ObjectClass *module_object_class_by_name(const char *type_name);

/**
 * object_class_get_name: gets the name of the type of a class
 * @klass: the class
 *
 * Returns: the name, borrowed; it is valid until the program exits
 * Thread: any
 */
const char *object_class_get_name(const ObjectClass *klass);

/**
 * object_class_get_parent: gets the parent class
 * @klass: the class
 *
 * Returns: the parent class, borrowed; NULL for the class of "object"
 * Thread: any
 */
ObjectClass *object_class_get_parent(ObjectClass *klass);

/**
 * object_class_is_abstract: checks whether a class has no instances of its own
 * @klass: the class
 *
 * Returns: true if the class is abstract
 * Thread: any
 */
bool object_class_is_abstract(const ObjectClass *klass);

/**
 * object_type_get_instance_size: gets the size of the instances of a type
 * @type_name: name of the type, which must exist
 *
 * Returns: the size in bytes
 * Thread: any
 */
size_t object_type_get_instance_size(const char *type_name);

/**
 * object_class_is_interface: checks whether a class is that of an interface
 * @klass: the class
 *
 * Returns: true for "interface" and all types below it
 * Thread: any
 */
bool object_class_is_interface(const ObjectClass *klass);

/**
 * object_class_dynamic_cast: casts a class to a class or an interface
 * @klass: (nullable) the class
 * @type_name: name of a class or an interface
 *
 * Returns: @klass if it is the class or derived from it; the structure of
 *          @klass for the interface if it implements it once; NULL otherwise
 * Thread: any
 */
ObjectClass *object_class_dynamic_cast(ObjectClass *klass,
                                       const char *type_name);

/*
 * object_class_dynamic_cast_assert: object_class_dynamic_cast() that aborts and
 * names the place of the cast instead of returning NULL
 */
ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass,
                                              const char *type_name,
                                              const char *file, int line,
                                              const char *func);

/**
 * object_class_foreach: calls a function for each class
 * @fn: the function; called in the order of the names of the types.  It must
 *      not register types.
 * @implements_type: (nullable) name of a class or interface: only classes that
 *                   can be cast to it
 * @include_abstract: true to include abstract classes
 * @opaque: passed to @fn
 *
 * All classes are built.
 */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque);

/**
 * object_class_get_list: gets the classes in the order of their names
 * @implements_type: (nullable) as for object_class_foreach()
 * @include_abstract: as for object_class_foreach()
 *
 * object_class_get_list_sorted() sorts without regard to upper and lower case.
 *
 * Returns: (transfer container) a list of ObjectClass
 */
GSList *object_class_get_list(const char *implements_type,
                              bool include_abstract);
GSList *object_class_get_list_sorted(const char *implements_type,
                                     bool include_abstract);

/**
 * object_dynamic_cast: casts an object to a class or an interface
 * @obj: (nullable) the object
 * @type_name: name of a class or an interface
 *
 * Returns: @obj if it is an instance of the class or implements the interface;
 *          NULL otherwise
 * Thread: any
 */
Object *object_dynamic_cast(Object *obj, const char *type_name);

/*
 * object_dynamic_cast_assert: object_dynamic_cast() that aborts, and names the
 * place of the cast, if @obj is not NULL and has another type
 */
Object *object_dynamic_cast_assert(Object *obj, const char *type_name,
                                   const char *file, int line,
                                   const char *func);

/* The slow path of the casts below: finds the type and sets @token. */
Object *object_cast_slow(Object *obj, TypeTokenCache *token,
                         const char *type_name, const char *file, int line,
                         const char *func);
ObjectClass *object_class_cast_slow(ObjectClass *klass, TypeTokenCache *token,
                                    const char *type_name, const char *file,
                                    int line, const char *func);

/* Low byte of a token: depth of a class, or 0xff; the rest numbers the type. */
#define TYPE_TOKEN_SHIFT 8

/* The beginning of Object, which the inline casts read. */
struct ObjectHead {
    ObjectClass *klass;
};

/* object_class_has_ancestor: returns true if the class derives from a class */
static inline bool object_class_has_ancestor(const ObjectClass *klass,
                                             TypeToken token)
{
    return klass->ancestors[token & (OBJECT_CLASS_INLINE_DEPTH - 1)] == token;
}

/* object_class_has_interface: returns true if the class implements it once */
static inline bool object_class_has_interface(const ObjectClass *klass,
                                              TypeToken token)
{
    const InterfaceSlot *slot;

    slot = &klass->interfaces[(token >> TYPE_TOKEN_SHIFT) &
                              klass->interface_mask];
    return slot->token == token && slot->iface;
}

/*
 * The fast paths of casts.  @token is a static variable at the place of the
 * cast.  It is 0 until the first cast has found the type.  Any thread may read
 * and write it, because it is one word and all threads write the same value.
 */
static inline Object *object_cast_class(const void *ptr,
                                        TypeTokenCache *token,
                                        const char *type_name,
                                        const char *file, int line,
                                        const char *func)
{
    Object *obj = (Object *)ptr;
    TypeToken wanted = atomic_load_explicit(token, memory_order_relaxed);

    if (G_LIKELY(obj &&
                 object_class_has_ancestor(
                     ((const struct ObjectHead *)ptr)->klass, wanted))) {
        return obj;
    }
    return object_cast_slow(obj, token, type_name, file, line, func);
}

/* object_cast_interface: casts an object to an interface, or aborts */
static inline Object *object_cast_interface(const void *ptr,
                                            TypeTokenCache *token,
                                            const char *type_name,
                                            const char *file, int line,
                                            const char *func)
{
    Object *obj = (Object *)ptr;
    TypeToken wanted = atomic_load_explicit(token, memory_order_relaxed);

    if (G_LIKELY(obj && wanted &&
                 object_class_has_interface(
                     ((const struct ObjectHead *)ptr)->klass, wanted))) {
        return obj;
    }
    return object_cast_slow(obj, token, type_name, file, line, func);
}

/* object_class_cast: casts a class to a class, or aborts */
static inline ObjectClass *object_class_cast(const void *ptr,
                                             TypeTokenCache *token,
                                             const char *type_name,
                                             const char *file, int line,
                                             const char *func)
{
    ObjectClass *klass = (ObjectClass *)ptr;
    TypeToken wanted = atomic_load_explicit(token, memory_order_relaxed);

    if (G_LIKELY(klass && object_class_has_ancestor(klass, wanted))) {
        return klass;
    }
    return object_class_cast_slow(klass, token, type_name, file, line, func);
}

/* OBJECT, OBJECT_CLASS: casts that need no check */
#define OBJECT(obj) ((Object *)(obj))
#define OBJECT_CLASS(klass) ((ObjectClass *)(klass))

/*
 * OBJECT_CHECK and the macros below: checked casts as expressions.  If the name
 * is a string literal, it is looked up once for each place of a cast.
 */
#define OBJECT_CHECK(type, obj, name)                                       \
    (G_GNUC_EXTENSION({                                                     \
        static TypeTokenCache cast_token_;                                  \
        (type *)(__builtin_constant_p(name)                                 \
                 ? object_cast_class((obj), &cast_token_, (name),      \
                                     __FILE__, __LINE__, __func__)          \
                 : object_dynamic_cast_assert(OBJECT(obj), (name),          \
                                              __FILE__, __LINE__,           \
                                              __func__));                   \
    }))

#define OBJECT_CLASS_CHECK(class_type, klass, name)                         \
    ((class_type *)object_class_dynamic_cast_assert(                        \
        OBJECT_CLASS(klass), (name), __FILE__, __LINE__, __func__))

#define OBJECT_GET_CLASS(klass_type, obj, name)                             \
    OBJECT_CLASS_CHECK(klass_type, object_get_class(OBJECT(obj)), name)

#define INTERFACE_CHECK(interface, obj, name)                               \
    ((interface *)object_dynamic_cast_assert(OBJECT((obj)), (name),         \
                                             __FILE__, __LINE__, __func__))

#define INTERFACE_CLASS(klass)                                              \
    OBJECT_CLASS_CHECK(InterfaceClass, klass, TYPE_INTERFACE)

/**
 * object_get_class: gets the class of an object
 * @obj: the object
 *
 * Returns: the class, borrowed; it is never freed
 * Thread: any
 */
ObjectClass *object_get_class(Object *obj);

/**
 * DECLARE_INSTANCE_CHECKER: define the cast FOO(obj)
 * @InstanceType: the instance structure
 * @OBJ_NAME: name of the function, in upper case
 * @TYPENAME: name of the type, a string
 */
#define DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)          \
    static inline G_GNUC_UNUSED InstanceType *OBJ_NAME(const void *obj)     \
    {                                                                       \
        static TypeTokenCache token;                                        \
        return (InstanceType *)object_cast_class(                           \
            obj, &token, TYPENAME, __FILE__, __LINE__, __func__);           \
    }

/**
 * DECLARE_CLASS_CHECKERS: define the casts FOO_CLASS(klass), FOO_GET_CLASS(obj)
 * @ClassType: the class structure
 * @OBJ_NAME: prefix of the functions, in upper case
 * @TYPENAME: name of the type, a string
 */
#define DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)               \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_GET_CLASS(            \
        const void *obj)                                                    \
    {                                                                       \
        static TypeTokenCache token;                                        \
        return (ClassType *)object_class_cast(                              \
            ((const struct ObjectHead *)obj)->klass, &token, TYPENAME,      \
            __FILE__, __LINE__, __func__);                                  \
    }                                                                       \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_CLASS(                \
        const void *klass)                                                  \
    {                                                                       \
        static TypeTokenCache token;                                        \
        return (ClassType *)object_class_cast(                              \
            klass, &token, TYPENAME, __FILE__, __LINE__, __func__);         \
    }

#define DECLARE_OBJ_CHECKERS(InstanceType, ClassType, OBJ_NAME, TYPENAME)   \
    DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)              \
    DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)

/**
 * DECLARE_INTERFACE_CHECKER: define the cast of objects to an interface
 * @InterfaceType: the structure of the interface, an incomplete type
 * @OBJ_NAME: name of the function, in upper case
 * @TYPENAME: name of the interface, a string
 */
#define DECLARE_INTERFACE_CHECKER(InterfaceType, OBJ_NAME, TYPENAME)        \
    static inline G_GNUC_UNUSED InterfaceType *OBJ_NAME(const void *obj)    \
    {                                                                       \
        static TypeTokenCache token;                                        \
        return (InterfaceType *)object_cast_interface(                      \
            obj, &token, TYPENAME, __FILE__, __LINE__, __func__);           \
    }

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

QOM_END_DECLS

#endif
