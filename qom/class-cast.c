/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Casts of classes and objects.
 *
 * - A *token* is a word that identifies a type in casts.
 * - The low byte of the token of a class is the depth of the type.  It is the
 *   index of the token in ObjectClass.ancestors.
 * - The low byte of the token of an interface is 0xff.  The token is in
 *   ObjectClass.interfaces, a hash table that is large enough to have no
 *   collision.
 *
 * The macros compare tokens inline.  They call the functions here when they
 * know no token yet, and when the cast fails.
 */
#include "qom/object.h"
#include "qom/type-internal.h"

#include <stdlib.h>

/*
 * Returns @klass itself, or its implementation of an interface; NULL if
 * neither. Two implementations of one interface are ambiguous and give NULL.
 */
static ObjectClass *class_cast(ObjectClass *klass, TypeImpl *target)
{
    const InterfaceSlot *slot;

    if (type_is_a(klass->type, target)) {
        return klass;
    }
    slot = &klass->interfaces[(target->token >> TYPE_TOKEN_SHIFT) &
                              klass->interface_mask];
    return slot->token == target->token ? (ObjectClass *)slot->iface : NULL;
}

/* A type whose class was never built cannot be an ancestor of one that was. */
static TypeImpl *type_by_name_for_cast(const char *type_name)
{
    ObjectClass *klass = object_class_by_name(type_name);

    return klass && klass->type->token ? klass->type : NULL;
}

ObjectClass *object_class_dynamic_cast(ObjectClass *klass,
                                       const char *type_name)
{
    TypeImpl *target;

    if (!klass) {
        return NULL;
    }
    /* Callers often pass the very string of the type; no lookup is needed. */
    if (klass->type->name == type_name) {
        return klass;
    }
    target = type_by_name_for_cast(type_name);
    return target ? class_cast(klass, target) : NULL;
}

static void G_GNUC_NORETURN cast_abort(const void *ptr, const char *is,
                                       const char *type_name,
                                       const char *file, int line,
                                       const char *func)
{
    g_printerr("%s:%d:%s: %p is '%s', not an instance of type '%s'\n", file,
               line, func, ptr, is, type_name);
    abort();
}

ObjectClass *object_class_cast_slow(ObjectClass *klass, TypeTokenCache *token,
                                    const char *type_name, const char *file,
                                    int line, const char *func)
{
    TypeImpl *target = type_by_name_for_cast(type_name);
    ObjectClass *result = NULL;

    if (!klass) {
        return NULL;
    }
    if (target) {
        /*
         * The next cast at this place compares tokens inline. Every thread
         * stores the same word, and nothing else depends on it: relaxed.
         */
        atomic_store_explicit(token, target->token, memory_order_relaxed);
        result = class_cast(klass, target);
    }
    if (!result) {
        cast_abort(klass, klass->type->name, type_name, file, line, func);
    }
    return result;
}

Object *object_cast_slow(Object *obj, TypeTokenCache *token,
                         const char *type_name, const char *file, int line,
                         const char *func)
{
    if (!obj) {
        return NULL;
    }
    object_class_cast_slow(obj->klass, token, type_name, file, line, func);
    return obj;
}

ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass,
                                              const char *type_name,
                                              const char *file, int line,
                                              const char *func)
{
    ObjectClass *result = object_class_dynamic_cast(klass, type_name);

    if (klass && !result) {
        cast_abort(klass, klass->type->name, type_name, file, line, func);
    }
    return result;
}

Object *object_dynamic_cast(Object *obj, const char *type_name)
{
    if (obj && object_class_dynamic_cast(obj->klass, type_name)) {
        return obj;
    }
    return NULL;
}

Object *object_dynamic_cast_assert(Object *obj, const char *type_name,
                                   const char *file, int line,
                                   const char *func)
{
    if (obj && !object_class_dynamic_cast(obj->klass, type_name)) {
        cast_abort(obj, obj->klass->type->name, type_name, file, line, func);
    }
    return obj;
}
