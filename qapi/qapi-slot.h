/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Slots: a slot is a C variable that holds a value of a QapiType.
 *
 * A member of a struct, an element of a list and the field of a property row
 * are slots.  The table in qapi/qapi-type.h shows the C type for each kind of
 * type.
 *
 * Thread: any
 */
#ifndef QOM_QAPI_QAPI_SLOT_H
#define QOM_QAPI_QAPI_SLOT_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * qapi_type_is_pointer: tests whether a slot of a type is a pointer
 * @type: the type descriptor
 *
 * Such a slot owns the memory that it points to; it may be NULL.  All other
 * slots are scalars.
 *
 * Returns: true if a slot of @type is a pointer
 * Thread: any
 */
static inline bool qapi_type_is_pointer(const QapiType *type)
{
    return type->kind >= QAPI_KIND_STR && type->kind != QAPI_KIND_ENUM;
}

/**
 * qapi_type_slot_size: returns the size of a slot of a type
 * @type: the type descriptor
 *
 * Returns: the size in bytes: 1, 2, 4 or 8
 * Thread: any
 */
static inline size_t qapi_type_slot_size(const QapiType *type)
{
    /* Below, the size of the C form is that of the slot, also of a char *. */
    return type->kind >= QAPI_KIND_STRUCT ? sizeof(void *) : type->size;
}

/**
 * qapi_slot_int_limits: returns the range of an integer slot
 * @type: a type descriptor of QAPI_KIND_INT8 to QAPI_KIND_UINT32
 * @min: (out) the smallest value
 * @max: (out) the largest value
 *
 * Thread: any
 */
static inline void qapi_slot_int_limits(const QapiType *type, int64_t *min,
                                        int64_t *max)
{
    bool is_signed = type->kind <= QAPI_KIND_INT64;

    *max = INT64_MAX >> (64 - 8 * type->size - (is_signed ? 0 : 1));
    *min = is_signed ? -*max - 1 : 0;
}

QOM_END_DECLS

#endif
