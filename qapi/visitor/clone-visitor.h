/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copying a value by visiting it.
 *
 * A caller that has the type descriptor uses qapi_type_clone(), which needs no
 * visitor.  The functions below are for values that only a function can visit.
 *
 * Thread: any; one thread at a time uses a value
 * Contract: the API of QEMU 10's "qapi/visitor/clone-visitor.h"
 */
#ifndef QOM_QAPI_CLONE_VISITOR_H
#define QOM_QAPI_CLONE_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * qapi_clone: copies a struct, list or alternate with everything that it owns
 * @src: (nullable) the value to copy; borrowed, not changed
 * @visit_type: visits a value of this type
 *
 * A string that is NULL in @src is "" in the copy.
 *
 * Returns: (transfer full) the copy; NULL if @src is NULL
 * Thread: any
 */
void *qapi_clone(const void *src,
                 bool (*visit_type)(Visitor *v, const char *name, void **obj,
                                    Error **errp));

/**
 * qapi_clone_members: copies the members of a struct to another struct
 * @dst: the struct to fill; its former contents are overwritten, not freed
 * @src: the struct to copy; borrowed, not changed
 * @size: size of the struct in bytes
 * @visit_type_members: visits the members of this type
 *
 * Thread: any
 */
void qapi_clone_members(void *dst, const void *src, size_t size,
                        bool (*visit_type_members)(Visitor *v, void *obj,
                                                   Error **errp));

/**
 * QAPI_CLONE: Calls qapi_clone() for a type that has a function
 * visit_type_TYPE().
 * @type: the name of the type
 * @src: (nullable) the value to copy
 *
 * Returns: (transfer full) the copy, a TYPE *; NULL if @src is NULL
 */
#define QAPI_CLONE(type, src)                                           \
    ((type *)qapi_clone((src),                                          \
        (bool (*)(Visitor *, const char *, void **, Error **))          \
        (void (*)(void))visit_type_##type))

/**
 * QAPI_CLONE_MEMBERS: Calls qapi_clone_members() for a type that has a function
 * visit_type_TYPE_members().
 * @type: the name of the type
 * @dst: the struct to fill, a TYPE *
 * @src: the struct to copy, a TYPE *
 */
#define QAPI_CLONE_MEMBERS(type, dst, src)                              \
    qapi_clone_members(1 ? (dst) : (type *)NULL,                        \
                       1 ? (src) : (type *)NULL, sizeof(type),          \
        (bool (*)(Visitor *, void *, Error **))                         \
        (void (*)(void))visit_type_##type##_members)

QOM_END_DECLS

#endif
