/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types and classes: what exists, who derives from whom, and checked casts.
 *
 * A type is described by a TypeInfo and known by its name.  Registering it
 * only files the description; its class structure is built when the class is
 * first needed, parents first, so the order of registration is free.  There
 * is single inheritance from the root "object", and any number of interfaces,
 * which are types below the root "interface" that have methods but no
 * instance data.
 *
 * A cast says which type is wanted by its name; the macros below keep the
 * type at the place of the cast, so a cast to a class is one compare.
 *
 * Thread: registration and enumeration: main.  Looking types and classes up
 * and casting: any.
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_TYPE_H
#define QOM_QOM_TYPE_H

#include "qapi/error.h"
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

/* What class_data is to class_init; compat/ takes the const away for sources
 * of a time when there was none. */
#ifndef QOM_CLASS_DATA
#define QOM_CLASS_DATA const void
#endif

/* A type implements at most this many interfaces of its own. */
#define TYPE_MAX_INTERFACES 32

/*
 * A type as its author describes it.  All texts are copied.
 *
 * Names have two or more characters: a letter or a digit other than 0, then
 * letters, digits, '-', '_' and '.'.  A size of 0 is that of the parent.
 */
struct TypeInfo {
    const char *name;
    const char *parent; /* mandatory; TYPE_OBJECT at the least */

    size_t instance_size;  /* bytes, those of the parent included */
    size_t instance_align; /* power of two; 0: that of the parent */
    void (*instance_init)(Object *obj);      /* parents first */
    void (*instance_post_init)(Object *obj); /* after all init; parents first */
    void (*instance_finalize)(Object *obj);  /* parents last */

    bool abstract;
    size_t class_size;

    /* For each ancestor that has one, nearest first, before class_init. */
    void (*class_base_init)(ObjectClass *klass, QOM_CLASS_DATA *data);
    void (*class_init)(ObjectClass *klass, QOM_CLASS_DATA *data);
    const void *class_data; /* borrowed for ever; handed to both */

    const InterfaceInfo *interfaces; /* ends with a NULL type */
};

/* What casts compare: identifies a type and says where to look. Not 0. */
typedef uintptr_t TypeToken;

/* Depth up to which a cast needs no function call; "object" has depth 0. */
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
    struct ClassSeal *seal; /* what instances need; see class-internal.h */
    struct PropertyList *properties;
    TypeToken ancestors[OBJECT_CLASS_INLINE_DEPTH]; /* by depth */
    const InterfaceSlot *interfaces; /* [interface_mask + 1] */
    uintptr_t interface_mask;

    /* public: methods */

    /* Called when the object leaves its parent, which is still set. */
    void (*unparent)(Object *obj);

    /*
     * Called once after properties of a row table (qom/object-property.h)
     * have changed.  When it fails, the old values are put back.
     */
    bool (*properties_changed)(Object *obj, Error **errp);

    /*
     * Called before a row is read that is never set (PROPERTY_SET_NEVER): to
     * bring its field up to date.  A class that has some calls its parent's
     * method for the others.
     */
    void (*property_refresh)(Object *obj, const PropertyRow *row);
};

/*
 * The head of every interface's class structure.  A class that implements an
 * interface has a copy of that structure of its own, whose type is hidden and
 * called "CLASS::INTERFACE"; class_init fills its methods in.
 */
struct InterfaceClass {
    ObjectClass parent_class;
    /* private: */
    ObjectClass *concrete_class;
    Type interface_type;
};

/**
 * type_register: register a type
 * @info: its description; may be gone after the call, but for class_data
 *
 * A bad or known name, or a missing parent's name, is a programming error and
 * aborts with a message.  A parent that is never registered is found at the
 * type's first use, with the same result.  In the registration of a plugin all
 * of these are errors of plugin_load().
 *
 * Returns: the type; never freed, but with a plugin that was refused, for
 * which it may be NULL
 */
Type type_register(const TypeInfo *info);

/* type_register_static: the same, under the name that static tables use */
Type type_register_static(const TypeInfo *info);
void type_register_static_array(const TypeInfo *infos, int nr_infos);

/* type_get_by_name: the type called @name, or NULL */
Type type_get_by_name(const char *name);

/* type_get_name: the name; static */
const char *type_get_name(Type type);

/* Register all types of a static array at start-up. */
#define DEFINE_TYPES(type_array)                                           \
    static void do_register_##type_array(void)                            \
    {                                                                      \
        type_register_static_array(type_array, G_N_ELEMENTS(type_array));  \
    }                                                                      \
    type_init(do_register_##type_array)

/**
 * object_class_by_name: the class of a type
 * @type_name: the name
 *
 * Returns: the class, built if need be; NULL when there is no such type
 */
ObjectClass *object_class_by_name(const char *type_name);

/* module_object_class_by_name: the same, and may load a module for it */
ObjectClass *module_object_class_by_name(const char *type_name);

const char *object_class_get_name(const ObjectClass *klass);
ObjectClass *object_class_get_parent(ObjectClass *klass);
bool object_class_is_abstract(const ObjectClass *klass);
size_t object_type_get_instance_size(const char *type_name);

/* object_class_is_interface: is this "interface" or a type below it? */
bool object_class_is_interface(const ObjectClass *klass);

/**
 * object_class_dynamic_cast: is @klass, or does it implement, a type?
 * @klass: (nullable) a class
 * @type_name: a class or an interface
 *
 * Returns: @klass, or its structure for that interface; NULL when it is not,
 * when the type is unknown, and when the interface is implemented twice over
 */
ObjectClass *object_class_dynamic_cast(ObjectClass *klass,
                                       const char *type_name);

/* object_class_dynamic_cast_assert: the same, but NULL aborts */
ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass,
                                              const char *type_name,
                                              const char *file, int line,
                                              const char *func);

/**
 * object_class_foreach: call a function for every class
 * @fn: called in the order of type names
 * @implements_type: (nullable) only classes that are or implement this
 * @include_abstract: also abstract classes
 * @opaque: for @fn
 *
 * Builds every class.  @fn may not register types.
 */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque);

/**
 * object_class_get_list: all classes, in the order of type names
 *
 * Returns: (transfer container)
 */
GSList *object_class_get_list(const char *implements_type,
                              bool include_abstract);

/* object_class_get_list_sorted: the same, in an order that ignores case */
GSList *object_class_get_list_sorted(const char *implements_type,
                                     bool include_abstract);

/**
 * object_dynamic_cast: is @obj an instance of a type?
 * @obj: (nullable) an object
 * @type_name: a class or an interface
 *
 * Returns: @obj or NULL; see object_class_dynamic_cast()
 */
Object *object_dynamic_cast(Object *obj, const char *type_name);

/* object_dynamic_cast_assert: the same, but NULL (of non-NULL) aborts */
Object *object_dynamic_cast_assert(Object *obj, const char *type_name,
                                   const char *file, int line,
                                   const char *func);

/* The slow half of the casts below: finds the type and fills @token. */
Object *object_cast_slow(Object *obj, TypeToken *token,
                         const char *type_name, const char *file, int line,
                         const char *func);
ObjectClass *object_class_cast_slow(ObjectClass *klass, TypeToken *token,
                                    const char *type_name, const char *file,
                                    int line, const char *func);

/* Tokens: low byte the depth (classes) or 0xff, the rest the type's number. */
#define TYPE_TOKEN_SHIFT 8

/* The head of Object, as much as the inline casts need. */
struct ObjectHead {
    ObjectClass *klass;
};

static inline bool object_class_has_ancestor(const ObjectClass *klass,
                                             TypeToken token)
{
    return klass->ancestors[token & (OBJECT_CLASS_INLINE_DEPTH - 1)] == token;
}

static inline bool object_class_has_interface(const ObjectClass *klass,
                                              TypeToken token)
{
    const InterfaceSlot *slot;

    slot = &klass->interfaces[(token >> TYPE_TOKEN_SHIFT) &
                              klass->interface_mask];
    return slot->token == token && slot->iface;
}

/*
 * The inline halves.  @token is a static variable of the place of the cast:
 * 0 until the first cast there has found the type.  It is one word that is
 * written with one value only, so any thread may read or write it.
 */
static inline Object *object_cast_class(const void *ptr, TypeToken *token,
                                        const char *type_name,
                                        const char *file, int line,
                                        const char *func)
{
    Object *obj = (Object *)ptr;
    TypeToken wanted = __atomic_load_n(token, __ATOMIC_RELAXED);

    if (G_LIKELY(obj &&
                 object_class_has_ancestor(
                     ((const struct ObjectHead *)ptr)->klass, wanted))) {
        return obj;
    }
    return object_cast_slow(obj, token, type_name, file, line, func);
}

static inline Object *object_cast_interface(const void *ptr, TypeToken *token,
                                            const char *type_name,
                                            const char *file, int line,
                                            const char *func)
{
    Object *obj = (Object *)ptr;
    TypeToken wanted = __atomic_load_n(token, __ATOMIC_RELAXED);

    if (G_LIKELY(obj && wanted &&
                 object_class_has_interface(
                     ((const struct ObjectHead *)ptr)->klass, wanted))) {
        return obj;
    }
    return object_cast_slow(obj, token, type_name, file, line, func);
}

static inline ObjectClass *object_class_cast(const void *ptr,
                                             TypeToken *token,
                                             const char *type_name,
                                             const char *file, int line,
                                             const char *func)
{
    ObjectClass *klass = (ObjectClass *)ptr;
    TypeToken wanted = __atomic_load_n(token, __ATOMIC_RELAXED);

    if (G_LIKELY(klass && object_class_has_ancestor(klass, wanted))) {
        return klass;
    }
    return object_class_cast_slow(klass, token, type_name, file, line, func);
}

/* OBJECT, OBJECT_CLASS: unchecked, as everything is one of them */
#define OBJECT(obj) ((Object *)(obj))
#define OBJECT_CLASS(klass) ((ObjectClass *)(klass))

/*
 * OBJECT_CHECK and friends: checked casts as expressions.  A name that is a
 * string literal is looked up once a place.
 */
#define OBJECT_CHECK(type, obj, name)                                       \
    (G_GNUC_EXTENSION({                                                     \
        static TypeToken cast_token_;                                  \
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

/* The class of an object; here as the macros below need it. */
ObjectClass *object_get_class(Object *obj);

/**
 * DECLARE_INSTANCE_CHECKER: define the cast FOO(obj)
 * @InstanceType: the instance structure
 * @OBJ_NAME: the function's name, upper case
 * @TYPENAME: the type's name, a string
 */
#define DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)          \
    static inline G_GNUC_UNUSED InstanceType *OBJ_NAME(const void *obj)     \
    {                                                                       \
        static TypeToken token;                                             \
        return (InstanceType *)object_cast_class(                           \
            obj, &token, TYPENAME, __FILE__, __LINE__, __func__);           \
    }

/**
 * DECLARE_CLASS_CHECKERS: define the casts FOO_CLASS(klass), FOO_GET_CLASS(obj)
 * @ClassType: the class structure
 * @OBJ_NAME: the prefix, upper case
 * @TYPENAME: the type's name, a string
 */
#define DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)               \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_GET_CLASS(            \
        const void *obj)                                                    \
    {                                                                       \
        static TypeToken token;                                             \
        return (ClassType *)object_class_cast(                              \
            ((const struct ObjectHead *)obj)->klass, &token, TYPENAME,      \
            __FILE__, __LINE__, __func__);                                  \
    }                                                                       \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_CLASS(                \
        const void *klass)                                                  \
    {                                                                       \
        static TypeToken token;                                             \
        return (ClassType *)object_class_cast(                              \
            klass, &token, TYPENAME, __FILE__, __LINE__, __func__);         \
    }

#define DECLARE_OBJ_CHECKERS(InstanceType, ClassType, OBJ_NAME, TYPENAME)   \
    DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)              \
    DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)

/**
 * DECLARE_INTERFACE_CHECKER: define the cast of objects to an interface
 * @InterfaceType: the (incomplete) structure that stands for it
 * @OBJ_NAME: the function's name, upper case
 * @TYPENAME: the interface's name, a string
 */
#define DECLARE_INTERFACE_CHECKER(InterfaceType, OBJ_NAME, TYPENAME)        \
    static inline G_GNUC_UNUSED InterfaceType *OBJ_NAME(const void *obj)    \
    {                                                                       \
        static TypeToken token;                                             \
        return (InterfaceType *)object_cast_interface(                      \
            obj, &token, TYPENAME, __FILE__, __LINE__, __func__);           \
    }

/**
 * OBJECT_DECLARE_TYPE: declare a type with an own class structure
 * @InstanceType: instance structure
 * @ClassType: class structure
 * @MODULE_OBJ_NAME: upper-case name; TYPE_ followed by it is the type's name
 *
 * For the header; OBJECT_DEFINE_TYPE() is its counterpart in the source.
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
 * @ModuleObjName: instance structure; the class's is that with Class behind
 * @module_obj_name: prefix of the functions _init, _finalize, _class_init,
 *                   which the source file defines
 * @MODULE_OBJ_NAME: upper-case name
 * @PARENT_MODULE_OBJ_NAME: that of the parent
 * @ABSTRACT: true or false
 * @...: InterfaceInfo initialisers, ended by { NULL }
 *
 * The class structure is used when DECLARE_CLASS_CHECKERS made one.
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
