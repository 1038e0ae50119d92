/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seal of a class: flat tables of all that creating, using and finalizing
 * an instance needs, its own and the inherited declarations.
 */
#ifndef QOM_QOM_CLASS_INTERNAL_H
#define QOM_QOM_CLASS_INTERNAL_H

#include "qom/object.h"
#include "qom/property-table-internal.h"
#include "qom/type-internal.h"

typedef void(InstanceHook)(Object *obj);

/* Power of two. */
#define CLASS_SEAL_RECENT 16

typedef struct ClassSeal {
    PropertyTable table; /* all class properties by name, but no children */

    /*
     * The last properties that were found, by the address of the name, because
     * most names are string literals.  Each is a hint that a comparison of the
     * text must confirm.
     */
    _Atomic(ObjectProperty *) recent[CLASS_SEAL_RECENT];

    InstanceHook **inits; /* parents first; ends with NULL */
    InstanceHook **post_inits; /* in their order; ends with NULL */
    InstanceHook **finalizers; /* parents last; ends with NULL */

    ObjectProperty **children; /* parents' first; ends with NULL */

    bool user_creatable;
    size_t instance_size;
    size_t instance_align;
    /* The first bytes of a new instance; the other bytes are zero. */
    void *image;
    size_t image_size;

    /* Class properties that need a call for each object; NULL ends each. */
    ObjectProperty **with_init;    /* an init hook */
    ObjectProperty **with_release; /* a release hook */
    ObjectProperty **with_copy;    /* a row whose default is to be copied */
    ObjectProperty **with_free;    /* a row whose value owns memory */
} ClassSeal;

/* class_seal_slow: seals a class */
ClassSeal *class_seal_slow(ObjectClass *klass);

/* class_seal: gets the seal of a class, sealing it if necessary; any thread */
static inline ClassSeal *class_seal(ObjectClass *klass)
{
    /* Acquire: the seal is complete. */
    ClassSeal *seal = atomic_load_explicit(&klass->seal, memory_order_acquire);

    return G_LIKELY(seal) ? seal : class_seal_slow(klass);
}

/*
 * class_unseal: invalidates the seals of @klass and of the classes derived from
 * it after @klass has got the property @name; aborts if a derived class has one
 * of this name
 */
void class_unseal(ObjectClass *klass, const char *name);

#endif
