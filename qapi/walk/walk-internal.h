/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Functions that visit, free, clone and compare share.
 *
 * Thread: any; one thread at a time uses a value
 */
#ifndef QOM_QAPI_WALK_INTERNAL_H
#define QOM_QAPI_WALK_INTERNAL_H

#include "qapi/qapi-slot.h"
#include "qapi/qapi-type.h"

/* qapi_type_is_struct: returns true for a struct and for a union */
static inline bool qapi_type_is_struct(const QapiType *type)
{
    return type->kind == QAPI_KIND_STRUCT || type->kind == QAPI_KIND_UNION;
}

/**
 * qapi_member_has_flag: tests whether a member has a has_NAME next to it
 * @member: any member
 *
 * An optional member that is a pointer, other than a list, has none: it is
 * absent if it is NULL.
 *
 * Returns: true if the C struct has a has_NAME for @member
 */
static inline bool qapi_member_has_flag(const QapiMember *member)
{
    return member->optional && (!qapi_type_is_pointer(member->type) ||
                                member->type->kind == QAPI_KIND_LIST);
}

/**
 * qapi_type_find_branch: looks up the branch of a tag's value or of a JSON
 * type
 * @type: a union or alternate
 * @value: the value of the tag, or a QType
 *
 * Returns: static; NULL if no branch is declared for @value
 */
const QapiBranch *qapi_type_find_branch(const QapiType *type, int value);

/**
 * qapi_type_union_branch: returns the members that a union adds to those of its
 * base
 * @type: a union
 * @obj: the C struct
 *
 * Returns: the type of these members, static; NULL if the tag's value adds none
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
