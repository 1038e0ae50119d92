/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A sealed class: all that making, using and finalizing an instance needs,
 * own and inherited, in one place and flat.
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
    PropertyTable table; /* all class properties by name */

    /*
     * Properties lately found, by the address of the name asked for: most
     * names are literals.  A hint, to be confirmed by the text; atomic.
     */
    ObjectProperty *recent[CLASS_SEAL_RECENT];

    InstanceHook **inits; /* parents first; ends with NULL */
    InstanceHook **post_inits; /* parents first; ends with NULL */
    InstanceHook **finalizers; /* parents last; ends with NULL */

    bool user_creatable;
    size_t instance_size;
    size_t instance_align;
    /* First bytes of a new instance; what follows is zero. */
    void *image;
    size_t image_size;

    /* Class properties by what they ask for; each ends with NULL. */
    ObjectProperty **with_init;    /* an init hook */
    ObjectProperty **with_release; /* a release hook */
    ObjectProperty **with_copy;    /* a row whose default is to be copied */
    ObjectProperty **with_free;    /* a row whose value owns memory */
} ClassSeal;

/* class_seal_slow: seal a class */
ClassSeal *class_seal_slow(ObjectClass *klass);

/* class_seal: the seal of a class, made if need be; any thread */
static inline ClassSeal *class_seal(ObjectClass *klass)
{
    ClassSeal *seal = __atomic_load_n(&klass->seal, __ATOMIC_ACQUIRE);

    return G_LIKELY(seal) ? seal : class_seal_slow(klass);
}

/*
 * class_unseal: @klass got a property @name, which no class below it may have:
 * it and those below it are sealed anew
 */
void class_unseal(ObjectClass *klass, const char *name);

#endif
