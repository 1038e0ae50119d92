/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Freeing, cloning and comparing values by their type descriptors, without a
 * visitor.
 *
 * Each of the three is a pair of functions: one for a slot, one for the members
 * of a struct in memory.  Cloning copies the bytes first and then replaces the
 * pointers in the copy.  A member whose has_NAME is false is neither freed nor
 * compared, and its slot in a copy is zero.
 *
 * The recursion is as deep as the types of the value nest; lists are walked in
 * loops.
 */
#include "qapi/json/json.h"
#include "qapi/walk/walk-internal.h"
#include "qapi/visitor/visitor.h"

#include <string.h>

const QapiBranch *qapi_type_find_branch(const QapiType *type, int value)
{
    uint32_t i;

    for (i = 0; i < type->n_branches; i++) {
        if (type->branches[i].value == value) {
            return &type->branches[i];
        }
    }
    return NULL;
}

/* Returns true if the member has a has_NAME that is false. */
static bool is_absent(const QapiMember *member, const void *obj)
{
    return qapi_member_has_flag(member) &&
        !*(const bool *)((const char *)obj + member->has_offset);
}

/*
 * Scalars own nothing and are skipped.  The union's branch lies inside the
 * struct.
 */
static void free_members(const QapiType *type, void *obj)
{
    const QapiType *branch;
    uint32_t i;

    for (i = 0; i < type->n_members; i++) {
        const QapiMember *member = &type->members[i];

        if (qapi_type_is_pointer(member->type) && !is_absent(member, obj)) {
            qapi_type_free(member->type, (char *)obj + member->offset);
        }
    }
    if (type->kind == QAPI_KIND_UNION) {
        branch = qapi_type_union_branch(type, obj);
        if (branch) {
            free_members(branch, (char *)obj + type->u_offset);
        }
    }
}

/* A struct branch lies inside the alternate; any other branch is a slot. */
static void free_alternate(const QapiType *type, GenericAlternate *obj)
{
    const QapiBranch *branch = qapi_type_find_branch(type, obj->type);
    void *u = (char *)obj + type->u_offset;

    if (branch && qapi_type_is_struct(branch->type)) {
        free_members(branch->type, u);
    } else if (branch) {
        qapi_type_free(branch->type, u);
    }
}

/*
 * Frees node by node, in a loop: a list may be longer than the stack is deep.
 */
static void free_list(const QapiType *type, GenericList *list)
{
    while (list) {
        GenericList *next = list->next;

        qapi_type_free(type->element, (char *)list + type->value_offset);
        g_free(list);
        list = next;
    }
}

/* A value may be partly built: what is missing is NULL. */
void qapi_type_free(const QapiType *type, void *obj)
{
    void **slot = obj;

    if (!type || !qapi_type_is_pointer(type) || !*slot) {
        return;
    }
    switch (type->kind) {
    case QAPI_KIND_NULL:
    case QAPI_KIND_ANY:
        json_node_unref(*slot);
        break;
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
        free_members(type, *slot);
        g_free(*slot);
        break;
    case QAPI_KIND_ALTERNATE:
        free_alternate(type, *slot);
        g_free(*slot);
        break;
    case QAPI_KIND_LIST:
        free_list(type, *slot);
        break;
    default:
        g_free(*slot);
        break;
    }
    *slot = NULL;
}

/*
 * Replaces the pointers in @obj, a copy of the bytes of a struct, by copies of
 * what they point to.
 */
static void own_members(const QapiType *type, void *obj)
{
    const QapiType *branch;
    uint32_t i;

    for (i = 0; i < type->n_members; i++) {
        const QapiMember *member = &type->members[i];
        void *slot = (char *)obj + member->offset;

        if (is_absent(member, obj)) {
            memset(slot, 0, qapi_type_slot_size(member->type));
        } else if (qapi_type_is_pointer(member->type)) {
            qapi_type_clone(member->type, slot, slot);
        }
    }
    if (type->kind == QAPI_KIND_UNION) {
        branch = qapi_type_union_branch(type, obj);
        if (branch) {
            own_members(branch, (char *)obj + type->u_offset);
        }
    }
}

/* The branch is found by the tag, which is in the bytes that were copied. */
static void *clone_alternate(const QapiType *type, const GenericAlternate *src)
{
    const QapiBranch *branch = qapi_type_find_branch(type, src->type);
    GenericAlternate *copy = g_memdup2(src, type->size);
    void *u = (char *)copy + type->u_offset;

    if (branch && qapi_type_is_struct(branch->type)) {
        own_members(branch->type, u);
    } else if (branch) {
        qapi_type_clone(branch->type, u, u);
    }
    return copy;
}

/*
 * Unlike a struct, a list is cloned node by node, in a loop: a recursion would
 * use stack for every node.
 */
static GenericList *clone_list(const QapiType *type, const GenericList *src)
{
    GenericList *head = NULL;
    GenericList **tail = &head;

    for (; src; src = src->next) {
        *tail = g_malloc0(type->size);
        qapi_type_clone(type->element, (char *)*tail + type->value_offset,
                        (const char *)src + type->value_offset);
        tail = &(*tail)->next;
    }
    return head;
}

/*
 * The copy is one allocation of the same size, whose pointers still belong to
 * the source until own_members() replaces them.
 */
static void *clone_struct(const QapiType *type, const void *src)
{
    void *copy = g_memdup2(src, type->size);

    own_members(type, copy);
    return copy;
}

/* @dst may be equal to @src; the slot then holds a borrowed pointer. */
void qapi_type_clone(const QapiType *type, void *dst, const void *src)
{
    void *from;

    if (!qapi_type_is_pointer(type)) {
        memmove(dst, src, type->size);
        return;
    }
    from = *(void *const *)src;
    if (from) {
        switch (type->kind) {
        case QAPI_KIND_NULL:
        case QAPI_KIND_ANY:
            from = json_node_copy_deep(from);
            break;
        case QAPI_KIND_STRUCT:
        case QAPI_KIND_UNION:
            from = clone_struct(type, from);
            break;
        case QAPI_KIND_ALTERNATE:
            from = clone_alternate(type, from);
            break;
        case QAPI_KIND_LIST:
            from = clone_list(type, from);
            break;
        default:
            from = g_strdup(from);
            break;
        }
    }
    *(void **)dst = from;
}

/* A member is equal if it is absent on both sides, or present and equal. */
static bool equal_member(const QapiMember *member, const void *a,
                         const void *b)
{
    bool absent = is_absent(member, a);

    if (absent != is_absent(member, b)) {
        return false;
    }
    return absent || qapi_type_equal(member->type,
                                     (const char *)a + member->offset,
                                     (const char *)b + member->offset);
}

/* Compares the members in order; the first difference ends the comparison. */
static bool equal_members(const QapiType *type, const void *a, const void *b)
{
    const QapiType *branch;
    uint32_t i;

    for (i = 0; i < type->n_members; i++) {
        if (!equal_member(&type->members[i], a, b)) {
            return false;
        }
    }
    if (type->kind != QAPI_KIND_UNION) {
        return true;
    }
    /* The tags are members and have been compared, so both have this branch. */
    branch = qapi_type_union_branch(type, a);
    return !branch || equal_members(branch, (const char *)a + type->u_offset,
                                    (const char *)b + type->u_offset);
}

/*
 * The types of the branches are compared first; without a branch there is
 * nothing else.
 */
static bool equal_alternates(const QapiType *type, const GenericAlternate *a,
                             const GenericAlternate *b)
{
    const void *a_u = (const char *)a + type->u_offset;
    const void *b_u = (const char *)b + type->u_offset;
    const QapiBranch *branch;

    if (a->type != b->type) {
        return false;
    }
    branch = qapi_type_find_branch(type, a->type);
    if (!branch) {
        return true;
    }
    return qapi_type_is_struct(branch->type)
        ? equal_members(branch->type, a_u, b_u)
        : qapi_type_equal(branch->type, a_u, b_u);
}

/* Lists of different lengths differ, which shows when one of them ends. */
static bool equal_lists(const QapiType *type, const GenericList *a,
                        const GenericList *b)
{
    while (a && b) {
        if (!qapi_type_equal(type->element,
                             (const char *)a + type->value_offset,
                             (const char *)b + type->value_offset)) {
            return false;
        }
        a = a->next;
        b = b->next;
    }
    return a == b;
}

/* Scalars other than doubles are equal if their bytes are. */
bool qapi_type_equal(const QapiType *type, const void *a, const void *b)
{
    void *a_value;
    void *b_value;

    if (type->kind == QAPI_KIND_NUMBER) {
        return *(const double *)a == *(const double *)b;
    }
    if (!qapi_type_is_pointer(type)) {
        return !memcmp(a, b, type->size);
    }
    a_value = *(void *const *)a;
    b_value = *(void *const *)b;
    if (!a_value || !b_value) {
        return a_value == b_value;
    }
    switch (type->kind) {
    case QAPI_KIND_NULL:
    case QAPI_KIND_ANY:
        return json_node_equal_deep(a_value, b_value);
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
        return equal_members(type, a_value, b_value);
    case QAPI_KIND_ALTERNATE:
        return equal_alternates(type, a_value, b_value);
    case QAPI_KIND_LIST:
        return equal_lists(type, a_value, b_value);
    default:
        return !strcmp(a_value, b_value);
    }
}
