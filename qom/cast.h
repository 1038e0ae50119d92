/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Casts, which check the type when the program runs.
 *
 * In this order:
 *
 *     DECLARE_INSTANCE_CHECKER() and others  define the casts of a type: FOO()
 *                                            and FOO_CLASS()
 *     OBJECT_CHECK() and others              casts as expressions
 *     object_dynamic_cast() and others       casts to a type that a string
 *                                            names, which may return NULL
 *     fast paths                             private
 *
 * A cast that finds another type aborts and names the place of the cast.  Each
 * place has a static variable, in which the first cast stores the type, so that
 * each later one is a comparison.
 *
 * Thread: any
 * Contract: the API of QEMU 10's "qom/object.h"
 */
#ifndef QOM_QOM_CAST_H
#define QOM_QOM_CAST_H

#include "qom/class.h"

QOM_BEGIN_DECLS

/* ---- Defining the casts of a type ---- */

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

/* ---- Casts as expressions ---- */

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

/* ---- Casts to a type that a string names ---- */

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

/* ---- Private: what the macros expand to ---- */

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

QOM_END_DECLS

#endif
