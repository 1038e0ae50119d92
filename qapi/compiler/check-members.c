/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Members of entities: their types, their names in C, and how messages call
 * them.
 *
 * Two names collide if they become one C identifier.  The first member of a
 * name marks its C name, so that looking for a collision is one comparison.
 */
#include "qapi/compiler/check-entity-internal.h"
#include "qapi/compiler/hint-internal.h"

#include <string.h>

/*
 * Returns what messages call a member.  A branch is recognized by its address,
 * because branches and members have the same type.
 */
static const char *member_role(const IrMember *m)
{
    const char *meta = m->owner ? m->owner->meta : NULL;

    if (m->property) {
        return "property";
    }
    if (!m->type_name) {
        return "value";
    }
    if (m->owner->kind == IR_ALTERNATE ||
        (ir_is_union(m->owner) && m->owner->u.object.branches.n &&
         m >= m->owner->u.object.branches.item &&
         m < m->owner->u.object.branches.item +
                 m->owner->u.object.branches.n)) {
        return "branch";
    }
    if (m->owner->implicit && meta && strcmp(meta, "union") == 0) {
        return "base member";
    }
    return m->owner->implicit ? "parameter" : "member";
}

/*
 * Returns the text for messages; it lives with the schema.  @from: the entity
 * that is checked; the message names the owner of a member of any other entity
 */
const char *describe_member(QapiSchema *schema, const IrMember *m,
                            const IrEntity *from)
{
    if (m->owner == from || m->owner->implicit) {
        return arena_printf(&schema->arena, "%s '%s'", member_role(m),
                            m->name->str);
    }
    return arena_printf(&schema->arena, "%s '%s' of type '%s'", member_role(m),
                        m->name->str, m->owner->name->str);
}

/*
 * Returns true if @e is a type that @user may mention.  An implicit object has
 * a name that no author can write, so only its own definition uses it.
 */
bool is_type(const IrEntity *e, const IrEntity *user)
{
    return e && e->kind != IR_COMMAND && e->kind != IR_EVENT &&
           (!e->implicit || e->definition == user->definition);
}

/*
 * Looks up the type of a member.  The type "q_empty" of an implicit branch is
 * always there.
 */
bool resolve_member(QapiSchema *schema, const IrEntity *e, IrMember *m)
{
    m->type = m->type_name->entity;
    return is_type(m->type, e) || m->implicit ||
           ir_diag(schema, e, DIAG_UNKNOWN_TYPE, m->loc,
                   describe_member(schema, m, e), m->type_name->str,
                   hint_type(schema, m->type_name->str));
}

/*
 * Two features of one definition or member must differ in C, as in QEMU, which
 * names a constant after each.
 */
bool check_feature_names(QapiSchema *schema, const IrEntity *e,
                         const IrFeatures *features)
{
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < features->n; i++) {
        const IrFeature *f = &features->item[i];
        Name *c_name = c_name_of(&schema->names, f->name);

        if (c_name->mark == epoch) {
            const IrFeature *other = c_name->marked;

            return ir_diag(
                schema, e, DIAG_COLLIDES, f->loc,
                arena_printf(&schema->arena, "feature '%s'", f->name->str),
                arena_printf(&schema->arena, "feature '%s'", other->name->str));
        }
        c_name->mark = epoch;
        c_name->marked = f;
    }
    return true;
}

/*
 * Checks that @m differs from the members that were marked in @epoch.  The
 * place is given if the member is written in @e itself.
 */
bool check_clash(QapiSchema *schema, const IrEntity *e, const IrMember *m,
                 uint32_t epoch)
{
    Name *c_name = c_name_of(&schema->names, m->name);

    if (c_name->mark == epoch) {
        return ir_diag(schema, e, DIAG_COLLIDES, m->owner == e ? m->loc : 0,
                       describe_member(schema, m, e),
                       describe_member(schema, c_name->marked, e));
    }
    return true;
}

/*
 * Checks a member and marks its C name, so that later members are compared with
 * it.
 */
bool mark_member(QapiSchema *schema, const IrEntity *e, const IrMember *m,
                 uint32_t epoch)
{
    Name *c_name = c_name_of(&schema->names, m->name);

    if (!check_clash(schema, e, m, epoch)) {
        return false;
    }
    c_name->mark = epoch;
    c_name->marked = m;
    return true;
}
