/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the walkers share.
 *
 * Thread: any; a value is used by one at a time
 */
#ifndef QOM_QAPI_QAPI_TYPE_INTERNAL_H
#define QOM_QAPI_QAPI_TYPE_INTERNAL_H

#include "qapi/qapi-slot.h"
#include "qapi/qapi-type.h"

static inline bool qapi_type_is_struct(const QapiType *type)
{
    return type->kind == QAPI_KIND_STRUCT || type->kind == QAPI_KIND_UNION;
}

/**
 * qapi_member_has_flag: is there a has_NAME beside the member?
 * @member: any; a pointer other than a list's is absent when it is NULL
 */
static inline bool qapi_member_has_flag(const QapiMember *member)
{
    return member->optional && (!qapi_type_is_pointer(member->type) ||
                                member->type->kind == QAPI_KIND_LIST);
}

/**
 * qapi_type_find_branch: the branch of a tag value or JSON type
 * @type: a union or alternate
 * @value: the value
 *
 * Returns: static; NULL when there is none
 */
const QapiBranch *qapi_type_find_branch(const QapiType *type, int value);

/**
 * qapi_type_union_branch: the type of the members that a union adds
 * @type: a union
 * @obj: the C struct
 *
 * Returns: static; NULL when the tag's value adds none
 */
static inline const QapiType *qapi_type_union_branch(const QapiType *type,
                                                     const void *obj)
{
    const char *tag = (const char *)obj +
        type->members[type->tag_index].offset;
    const QapiBranch *branch = qapi_type_find_branch(type,
                                                     *(const int *)tag);

    return branch ? branch->type : NULL;
}

#endif
