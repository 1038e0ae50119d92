/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visiting a value of any type: one function for each kind of type does what
 * QEMU's generated visit_type_T() functions do.  The functions that free, clone
 * and compare values are in value.c.
 *
 * The branch of a union has no slot: its members are visited as members of the
 * union.  A struct branch of an alternate also lies inside the C form of the
 * alternate, but its visit has a start and an end.
 *
 * A visitor decides what happens with a value; this walk only says what the
 * value consists of.  It works in both directions: an input visitor creates a
 * struct before its members are visited.
 */
#include "qapi/walk/walk-internal.h"
#include "qapi/scalar-text.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/visitor-impl.h"
#include "util/programming-error.h"

/*
 * Returns true if the optional member is present.  An input visitor stores the
 * answer in has_NAME, if there is one.
 */
static bool visit_presence(Visitor *v, const QapiMember *member, void *obj)
{
    bool *has = (bool *)((char *)obj + member->has_offset);
    bool present;

    if (qapi_member_has_flag(member)) {
        return visit_optional(v, member->name, has);
    }
    present = *(void **)((char *)obj + member->offset);
    return visit_optional(v, member->name, &present);
}

/*
 * The compatibility policy may reject an input or hide an output, which needs
 * the features of the member.
 */
static bool visit_member(Visitor *v, const QapiMember *member, void *obj,
                         Error **errp)
{
    if (member->optional && !visit_presence(v, member, obj)) {
        return true;
    }
    if (member->special_features) {
        if (visit_policy_reject(v, member->name, member->special_features,
                                errp)) {
            return false;
        }
        if (visit_policy_skip(v, member->name, member->special_features)) {
            return true;
        }
    }
    return qapi_type_visit(v, member->name, member->type,
                           (char *)obj + member->offset, errp);
}

/*
 * The tag of a union is a member, so it was visited before the branch that it
 * selects.
 */
bool qapi_type_visit_members(Visitor *v, const QapiType *type, void *obj,
                             Error **errp)
{
    const QapiType *branch;
    uint32_t i;

    for (i = 0; i < type->n_members; i++) {
        if (!visit_member(v, &type->members[i], obj, errp)) {
            return false;
        }
    }
    if (type->kind != QAPI_KIND_UNION) {
        return true;
    }
    branch = qapi_type_union_branch(type, obj);
    return !branch ||
        qapi_type_visit_members(v, branch, (char *)obj + type->u_offset,
                                errp);
}

/* What an input visitor has created is freed if the visit of a member fails. */
static bool visit_struct(Visitor *v, const char *name, const QapiType *type,
                         void **obj, Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, name, obj, type->size, errp)) {
        return false;
    }
    /* A dealloc visitor may find NULL, where a visit has failed before. */
    ok = !*obj || (qapi_type_visit_members(v, type, *obj, errp) &&
                   visit_check_struct(v, errp));
    visit_end_struct(v, obj);
    if (!ok && visit_is_input(v)) {
        qapi_type_free(type, obj);
    }
    return ok;
}

/* visit_next_list() creates the nodes of an input, one ahead of its element. */
static bool visit_list(Visitor *v, const char *name, const QapiType *type,
                       GenericList **obj, Error **errp)
{
    GenericList *tail;
    bool ok = true;

    if (!visit_start_list(v, name, obj, type->size, errp)) {
        return false;
    }
    for (tail = *obj; tail && ok;
         tail = ok ? visit_next_list(v, tail, type->size) : NULL) {
        ok = qapi_type_visit(v, NULL, type->element,
                             (char *)tail + type->value_offset, errp);
    }
    ok = ok && visit_check_list(v, errp);
    visit_end_list(v, (void **)obj);
    if (!ok && visit_is_input(v)) {
        qapi_type_free(type, obj);
    }
    return ok;
}

/* Returns true if @text can be parsed as a value of the scalar type @type. */
static bool text_fits(const QapiType *type, const char *text)
{
    uint64_t u;
    int64_t i;
    double d;
    bool b;

    switch (type->kind) {
    case QAPI_KIND_BOOL:
        return scalar_parse_bool(text, &b);
    case QAPI_KIND_SIZE:
        return scalar_parse_size(text, &u);
    case QAPI_KIND_UINT64:
        return scalar_parse_uint64(text, &u);
    case QAPI_KIND_NUMBER:
        return scalar_parse_number(text, &d);
    case QAPI_KIND_ENUM:
        return qapi_enum_parse(type->lookup, text, -1, NULL) >= 0;
    case QAPI_KIND_STR:
        return true;
    case QAPI_KIND_INT8:
    case QAPI_KIND_INT16:
    case QAPI_KIND_INT32:
    case QAPI_KIND_INT64:
    case QAPI_KIND_UINT8:
    case QAPI_KIND_UINT16:
    case QAPI_KIND_UINT32:
        return scalar_parse_int64(text, &i);
    default:
        return false;
    }
}

/*
 * Returns the branch for @text: the first one that can parse it, and a string
 * only if no other branch can.
 */
static const QapiBranch *find_text_branch(const QapiType *type,
                                          const char *text)
{
    uint32_t i;

    for (i = 0; i < type->n_branches; i++) {
        const QapiBranch *branch = &type->branches[i];

        if (branch->type->kind != QAPI_KIND_STR &&
            text_fits(branch->type, text)) {
            return branch;
        }
    }
    return qapi_type_find_branch(type, QTYPE_QSTRING);
}

/*
 * The branch of an alternate is a slot, or a struct inside the alternate, which
 * the visitor must not allocate.
 */
static bool visit_branch(Visitor *v, const char *name, const QapiType *type,
                         void *u, Error **errp)
{
    bool ok;

    if (!qapi_type_is_struct(type)) {
        return qapi_type_visit(v, name, type, u, errp);
    }
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return false;
    }
    ok = qapi_type_visit_members(v, type, u, errp) &&
        visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

/* An input visitor has set the JSON type; the branch follows from it. */
static bool visit_alternate_branch(Visitor *v, const char *name,
                                   const QapiType *type,
                                   GenericAlternate *obj, Error **errp)
{
    const QapiBranch *branch = qapi_type_find_branch(type, obj->type);
    const char *text = visit_is_input(v) && v->ops->peek_text
        ? v->ops->peek_text(v, name) : NULL;

    /* With keyval every scalar is text, so the branch depends on the text. */
    if (text) {
        branch = find_text_branch(type, text);
        obj->type = branch ? branch->value : QTYPE_NONE;
    }
    if (!branch) {
        if (G_UNLIKELY(visit_is_output(v))) {
            programming_error("alternate '%s': no branch has the QType %d, "
                              "which its 'type' is", type->name, obj->type);
        }
        obj->type = QTYPE_NONE;
        return !visit_is_input(v) ||
               visitor_fail_type(v, name, type->name, errp);
    }
    return visit_branch(v, name, branch->type, (char *)obj + type->u_offset,
                        errp);
}

/* As for structs, a failed input is freed. */
static bool visit_alternate(Visitor *v, const char *name,
                            const QapiType *type, GenericAlternate **obj,
                            Error **errp)
{
    bool ok;

    if (!visit_start_alternate(v, name, obj, type->size, errp)) {
        return false;
    }
    ok = !*obj || visit_alternate_branch(v, name, type, *obj, errp);
    visit_end_alternate(v, (void **)obj);
    if (!ok && visit_is_input(v)) {
        qapi_type_free(type, obj);
    }
    return ok;
}

/*
 * Calls the operation itself where the generic layer would only pass the call
 * on.
 */
bool qapi_type_visit(Visitor *v, const char *name, const QapiType *type,
                     void *obj, Error **errp)
{
    switch (type->kind) {
    case QAPI_KIND_BOOL:
        return v->ops->type_bool(v, name, obj, errp);
    case QAPI_KIND_INT8:
        return visit_type_int8(v, name, obj, errp);
    case QAPI_KIND_INT16:
        return visit_type_int16(v, name, obj, errp);
    case QAPI_KIND_INT32:
        return visit_type_int32(v, name, obj, errp);
    case QAPI_KIND_INT64:
        return v->ops->type_int64(v, name, obj, errp);
    case QAPI_KIND_UINT8:
        return visit_type_uint8(v, name, obj, errp);
    case QAPI_KIND_UINT16:
        return visit_type_uint16(v, name, obj, errp);
    case QAPI_KIND_UINT32:
        return visit_type_uint32(v, name, obj, errp);
    case QAPI_KIND_UINT64:
        return v->ops->type_uint64(v, name, obj, errp);
    case QAPI_KIND_SIZE:
        return visit_type_size(v, name, obj, errp);
    case QAPI_KIND_NUMBER:
        return v->ops->type_number(v, name, obj, errp);
    case QAPI_KIND_STR:
        return visit_type_str(v, name, obj, errp);
    case QAPI_KIND_ENUM:
        return visit_type_enum(v, name, obj, type->lookup, errp);
    case QAPI_KIND_NULL:
        return visit_type_null(v, name, obj, errp);
    case QAPI_KIND_ANY:
        return visit_type_any(v, name, obj, errp);
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
        return visit_struct(v, name, type, obj, errp);
    case QAPI_KIND_ALTERNATE:
        return visit_alternate(v, name, type, obj, errp);
    case QAPI_KIND_LIST:
        return visit_list(v, name, type, obj, errp);
    }
    g_assert_not_reached();
}

/* The visitor writes into @node when the walk is complete. */
JsonNode *qapi_type_to_json(const QapiType *type, void *slot, Error **errp)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    if (!qapi_type_visit(v, NULL, type, slot, errp)) {
        return NULL;
    }
    visit_complete(v, &node);
    return node;
}
