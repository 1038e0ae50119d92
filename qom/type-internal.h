/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry's view of a type, shared by type.c (names and registration)
 * and class.c (class structures and casts).
 */
#ifndef QOM_QOM_TYPE_INTERNAL_H
#define QOM_QOM_TYPE_INTERNAL_H

#include "qom/type.h"
#include "util/hash.h"

#include <string.h>

struct TypeImpl {
    const char *name;
    uint32_t hash; /* of name */
    TypeInfo info; /* texts are copies, interfaces is unused */
    const char *interfaces[TYPE_MAX_INTERFACES];
    unsigned n_interfaces;
    _Atomic(const char *) child_type_name; /* "child<NAME>", created when it
                                              is needed */

    /* Filled in when the class is built, constant afterwards. */
    TypeImpl *parent;
    unsigned depth;
    TypeToken token;
    size_t instance_size;
    size_t instance_align;
    size_t class_size;
    bool abstract;
    GPtrArray *iface_classes; /* its InterfaceClass structures */
    _Atomic(ObjectClass *) klass; /* release store when it is complete */
    ObjectClass *building; /* under type_lock: class_init is running */
};

#ifdef __SIZEOF_INT128__
/* Both halves of the product of 64 bits each, so that all bits count. */
static inline uint64_t qom_hash_multiply(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = a;

    product *= b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * The hash of a name, used for types and properties alike.  Names are short,
 * so it takes eight bytes at a time and the last eight twice over.  It is
 * keyed as wyhash is: users choose the names of objects, and without the key
 * they cannot choose words whose products agree.
 */
static inline uint32_t qom_name_hash_len(const char *name, size_t n_bytes)
{
    uint64_t hash = hash_key[0] ^ n_bytes;
    uint64_t head = 0;
    uint64_t tail = 0;

    if (n_bytes >= 8) {
        memcpy(&head, name, 8);
        memcpy(&tail, name + n_bytes - 8, 8);
        for (size_t i = 8; G_UNLIKELY(i + 8 < n_bytes); i += 8) {
            uint64_t word;

            memcpy(&word, name + i, 8);
            hash = qom_hash_multiply(hash ^ word, hash_key[1]);
        }
    } else if (n_bytes >= 4) {
        uint32_t word;

        memcpy(&word, name, 4);
        head = word;
        memcpy(&word, name + n_bytes - 4, 4);
        tail = word;
    } else if (n_bytes > 0) {
        head = (unsigned char)name[0] |
               (uint64_t)(unsigned char)name[n_bytes / 2] << 8 |
               (uint64_t)(unsigned char)name[n_bytes - 1] << 16;
    }
    hash = qom_hash_multiply(head ^ hash, tail ^ hash_key[1]);
    /* With a few keys the products of similar names are close to each other,
     * and would crowd in a table. */
    return hash * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}
#else
static inline uint32_t qom_name_hash_len(const char *name, size_t n_bytes)
{
    return hash_siphash13(hash_key, name, n_bytes);
}
#endif

static inline uint32_t qom_name_hash(const char *name)
{
    return qom_name_hash_len(name, strlen(name));
}

/* type_is_a: true if @type, which has a class, is or derives from @ancestor */
static inline bool type_is_a(const TypeImpl *type, const TypeImpl *ancestor)
{
    while (type && type != ancestor) {
        type = type->parent;
    }
    return type;
}

/* type_impl_new: a type that is not filed under its name */
TypeImpl *type_impl_new(const TypeInfo *info);

/* type_add: adds a type to the registry; aborts like type_register() */
TypeImpl *type_add(const TypeInfo *info);

/* type_get_parent: the parent, resolved by name; aborts when it is unknown */
TypeImpl *type_get_parent(TypeImpl *type);

/* type_list: all types in the order of their names (transfer container) */
GPtrArray *type_list(void);

/* Between the two, registering a type is a programming error. */
void type_enumeration_begin(void);
void type_enumeration_end(void);

/* The lock under which types are registered and classes built; recursive. */
void type_lock(void);
void type_unlock(void);

/* "child<NAME>"; made once a type, never freed */
const char *type_child_type_name(TypeImpl *type);

/* type_name_of_class: the type with this class; NULL if @klass is no class */
const char *type_name_of_class(const ObjectClass *klass);

#endif
