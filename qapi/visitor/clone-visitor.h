/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copy a value by visiting it.
 *
 * Where a descriptor is at hand, qapi_type_clone() does the same without a
 * visitor; this is for values that only a function can visit.
 *
 * Thread: any, one at a time for one value
 * Contract: the API of QEMU 10's "qapi/visitor/clone-visitor.h"
 */
#ifndef QOM_QAPI_CLONE_VISITOR_H
#define QOM_QAPI_CLONE_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * qapi_clone: copy a struct, list or alternate deeply
 * @src: (nullable) what to copy
 * @visit_type: visits a value of its type
 *
 * A string that is NULL is "" in the copy.
 *
 * Returns: (transfer full); NULL when @src is
 */
void *qapi_clone(const void *src,
                 bool (*visit_type)(Visitor *v, const char *name, void **obj,
                                    Error **errp));

/**
 * qapi_clone_members: copy the members of a struct to another
 * @dst: filled; what it held is overwritten, not freed
 * @src: what to copy
 * @size: bytes of the struct
 * @visit_type_members: visits the members of its type
 */
void qapi_clone_members(void *dst, const void *src, size_t size,
                        bool (*visit_type_members)(Visitor *v, void *obj,
                                                   Error **errp));

/**
 * QAPI_CLONE: qapi_clone() of a type that has a visit_type_TYPE()
 */
#define QAPI_CLONE(type, src)                                           \
    ((type *)qapi_clone((src),                                          \
        (bool (*)(Visitor *, const char *, void **, Error **))          \
        (void (*)(void))visit_type_##type))

/**
 * QAPI_CLONE_MEMBERS: as QAPI_CLONE(), with a visit_type_TYPE_members()
 */
#define QAPI_CLONE_MEMBERS(type, dst, src)                              \
    qapi_clone_members(1 ? (dst) : (type *)NULL,                        \
                       1 ? (src) : (type *)NULL, sizeof(type),          \
        (bool (*)(Visitor *, void *, Error **))                         \
        (void (*)(void))visit_type_##type##_members)

QOM_END_DECLS

#endif
