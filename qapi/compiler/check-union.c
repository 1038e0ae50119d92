/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unions: the tag is a member that is always there, each branch is a value of
 * the tag, and no member of a branch collides with one that all branches have.
 */
#include "qapi/compiler/check-entity-internal.h"
#include "qapi/compiler/hint-internal.h"

/* Returns what a discriminator may mean that is no member. */
static const char *suggest_tag(QapiSchema *schema, const IrEntity *e)
{
    Suggestion s;

    suggestion_init(&s, e->u.object.tag_name->str);
    for (uint32_t i = 0; i < e->u.object.n_members; i++) {
        suggestion_offer(&s, e->u.object.members[i]->name->str);
    }
    return hint_end(schema, &s);
}

/*
 * Finds the discriminator among the members.  It must always be there, because
 * nothing else says which branch is valid.
 */
static bool check_tag(QapiSchema *schema, IrEntity *e)
{
    Name *name = e->u.object.tag_name;
    IrMember *tag = NULL;

    for (uint32_t i = 0; i < e->u.object.n_members && !tag; i++) {
        if (e->u.object.members[i]->name == name) {
            tag = e->u.object.members[i];
            e->u.object.tag_index = i;
        }
    }
    if (!tag) {
        return ir_diag(schema, e, DIAG_TAG_UNKNOWN, 0, name->str,
                       suggest_tag(schema, e));
    }
    if (tag->type->kind != IR_ENUM) {
        return ir_diag(schema, e, DIAG_TAG_ENUM, 0, name->str);
    }
    if (tag->optional) {
        return ir_diag(schema, e, DIAG_TAG_OPTIONAL, 0, name->str);
    }
    if (tag->cond) {
        return ir_diag(schema, e, DIAG_TAG_CONDITIONAL, 0, name->str);
    }
    e->u.object.tag = tag;
    return true;
}

/*
 * Gives an empty branch to each value of the tag that has none.  Generators and
 * introspection can then take every value alike.
 */
static void add_implicit_branches(QapiSchema *schema, IrEntity *e)
{
    IrMembers *branches = &e->u.object.branches;
    IrMembers values = e->u.object.tag->type->u.enumeration.values;
    IrMember *all =
        arena_new_n(&schema->arena, IrMember, branches->n + values.n);
    uint32_t epoch = ++schema->names.epoch;
    uint32_t n = branches->n;

    for (uint32_t i = 0; i < n; i++) {
        all[i] = branches->item[i];
        all[i].name->mark = epoch;
    }
    for (uint32_t i = 0; i < values.n; i++) {
        if (values.item[i].name->mark != epoch) {
            all[n++] = (IrMember){
                .name = values.item[i].name,
                .type_name = name_of(&schema->names, "q_empty"),
                .cond = values.item[i].cond,
                .owner = e,
                .loc = e->loc,
                .implicit = true,
            };
        }
    }
    branches->item = all;
    branches->n = n;
}

/* Each branch must be a value of the tag. */
static bool check_branch_names(QapiSchema *schema, IrEntity *e)
{
    IrEntity *enumeration = e->u.object.tag->type;
    IrMembers values = enumeration->u.enumeration.values;
    IrMembers branches = e->u.object.branches;
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < values.n; i++) {
        values.item[i].name->mark = epoch;
    }
    for (uint32_t i = 0; i < branches.n; i++) {
        if (branches.item[i].name->mark != epoch) {
            return ir_diag(
                schema, e, DIAG_BRANCH_VALUE, branches.item[i].loc,
                describe_member(schema, &branches.item[i], e),
                ir_describe(schema, enumeration),
                hint_member(schema, branches.item[i].name->str, values));
        }
    }
    return true;
}

/*
 * A branch lies inside the union in C, so its type is checked first, like a
 * base.
 */
static bool check_branch_type(QapiSchema *schema, IrEntity *e, IrMember *b,
                              unsigned depth)
{
    if (!resolve_member(schema, e, b)) {
        return false;
    }
    if (b->type->kind != IR_OBJECT) {
        return ir_diag(schema, e, DIAG_CANNOT_USE, b->loc,
                       describe_member(schema, b, e),
                       ir_describe(schema, b->type));
    }
    return check_entity(schema, b->type, depth);
}

/* Neither the members of @object nor those of its branches are marked. */
static bool check_branch_clash(QapiSchema *schema, const IrEntity *e,
                               IrEntity *object, uint32_t epoch)
{
    IrMembers branches = object->u.object.branches;

    if (object->visit == epoch) {
        return true;
    }
    object->visit = epoch;
    for (uint32_t i = 0; i < object->u.object.n_members; i++) {
        if (!check_clash(schema, e, object->u.object.members[i], epoch)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < branches.n; i++) {
        if (!check_branch_clash(schema, e, branches.item[i].type, epoch)) {
            return false;
        }
    }
    return true;
}

/*
 * Members of one branch may be called like those of another, but not like those
 * that all have.  A branch that is a union brings branches of its own, which
 * are right among themselves, as its own check has found.
 */
static bool check_branch_members(QapiSchema *schema, IrEntity *e)
{
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < e->u.object.n_members; i++) {
        mark_member(schema, e, e->u.object.members[i], epoch);
    }
    for (uint32_t i = 0; i < e->u.object.branches.n; i++) {
        if (!check_branch_clash(schema, e, e->u.object.branches.item[i].type,
                                epoch)) {
            return false;
        }
    }
    return true;
}

/*
 * A union that classes imply may have no branches: a schema can have abstract
 * classes alone.
 */
bool check_union(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    if (!check_tag(schema, e)) {
        return false;
    }
    add_implicit_branches(schema, e);
    if (e->u.object.branches.n == 0 && !e->from_class) {
        return ir_diag(schema, e, DIAG_NO_BRANCHES, 0);
    }
    if (!check_branch_names(schema, e)) {
        return false;
    }
    for (uint32_t i = 0; i < e->u.object.branches.n; i++) {
        if (!check_branch_type(schema, e, &e->u.object.branches.item[i],
                               depth)) {
            return false;
        }
    }
    return check_branch_members(schema, e);
}
