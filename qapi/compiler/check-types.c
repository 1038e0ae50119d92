/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the entities: the names of types are resolved, members do not collide
 * in C, and the branches of unions and alternates can be distinguished in JSON.
 *
 * An object is checked after its base and its branches, which are part of it in
 * C; this finds objects that contain themselves.  An error is reported for the
 * entity that contains it; the entities that use that one get no further error.
 */
#include "qapi/compiler/ir-internal.h"
#include "qapi/compiler/hint-internal.h"

#include <string.h>

static bool check_entity(QapiSchema *schema, IrEntity *e, unsigned depth);

#define ir_diag(schema, e, id, detail, ...) \
    diag(&(schema)->diags, (id), (e)->loc, (detail), ##__VA_ARGS__)

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
static const char *describe_member(QapiSchema *schema, const IrMember *m,
                                   const IrEntity *from)
{
    if (m->owner == from || m->owner->implicit) {
        return arena_printf(&schema->arena, "%s '%s'", member_role(m),
                            m->name->str);
    }
    return arena_printf(&schema->arena, "%s '%s' of type '%s'",
                        member_role(m), m->name->str, m->owner->name->str);
}

/*
 * Returns true if @e is a type that @user may mention.  An implicit object has
 * a name that no author can write, so only its own definition uses it.
 */
static bool is_type(const IrEntity *e, const IrEntity *user)
{
    return e && e->kind != IR_COMMAND && e->kind != IR_EVENT &&
           (!e->implicit || e->definition == user->definition);
}

/*
 * Looks up the type of a member.  The type "q_empty" of an implicit branch is
 * always there.
 */
static bool resolve_member(QapiSchema *schema, const IrEntity *e, IrMember *m)
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
static bool check_feature_names(QapiSchema *schema, const IrEntity *e,
                                const IrFeatures *features)
{
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < features->n; i++) {
        const IrFeature *f = &features->item[i];
        Name *c_name = c_name_of(&schema->names, f->name);

        if (c_name->mark == epoch) {
            const IrFeature *other = c_name->marked;

            return ir_diag(schema, e, DIAG_COLLIDES, f->loc,
                           arena_printf(&schema->arena, "feature '%s'",
                                        f->name->str),
                           arena_printf(&schema->arena, "feature '%s'",
                                        other->name->str));
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
static bool check_clash(QapiSchema *schema, const IrEntity *e,
                        const IrMember *m, uint32_t epoch)
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
static bool mark_member(QapiSchema *schema, const IrEntity *e,
                        const IrMember *m, uint32_t epoch)
{
    Name *c_name = c_name_of(&schema->names, m->name);

    if (!check_clash(schema, e, m, epoch)) {
        return false;
    }
    c_name->mark = epoch;
    c_name->marked = m;
    return true;
}

/*
 * The constants of an enumeration are in upper case, so "a" and "A" are one
 * name.
 */
static bool mark_value(QapiSchema *schema, const IrEntity *e,
                       const IrMember *value, uint32_t epoch)
{
    g_autofree char *constant = c_identifier(value->name->str);
    Name *c_name;

    for (char *p = constant; *p; p++) {
        *p = g_ascii_toupper(*p);
    }
    c_name = name_of(&schema->names, constant);
    if (c_name->mark == epoch) {
        return ir_diag(schema, e, DIAG_COLLIDES, value->loc,
                       describe_member(schema, value, e),
                       describe_member(schema, c_name->marked, e));
    }
    c_name->mark = epoch;
    c_name->marked = value;
    return true;
}

/*
 * Features are checked in a second loop, because marking their names ends the
 * epoch of the values.
 */
static bool check_values(QapiSchema *schema, IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < values.n; i++) {
        if (!mark_value(schema, e, &values.item[i], epoch)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < values.n; i++) {
        if (!check_feature_names(schema, e, &values.item[i].features)) {
            return false;
        }
    }
    return true;
}

/*
 * An array exists where its element does, so it takes over the element's
 * condition.  It is not checked with its element: a struct may hold a list of
 * itself.
 */
static bool check_array(QapiSchema *schema, IrEntity *e)
{
    IrEntity *element = e->u.array_of.element_name->entity;

    if (!is_type(element, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0, "array",
                       e->u.array_of.element_name->str,
                       hint_type(schema, e->u.array_of.element_name->str));
    }
    if (element->kind == IR_ARRAY) {
        return ir_diag(schema, e, DIAG_CANNOT_USE, 0, "array",
                       ir_describe(schema, element));
    }
    e->u.array_of.element = element;
    e->cond = element->cond;
    element->array = e;
    return true;
}

/*
 * Resolves and checks the base.  A base that is a union would need its branches
 * in the middle of the struct.
 */
static bool check_base(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    IrEntity *base;

    if (!e->u.object.base_name) {
        return true;
    }
    base = e->u.object.base_name->entity;
    if (!is_type(base, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0, "'base'",
                       e->u.object.base_name->str,
                       hint_type(schema, e->u.object.base_name->str));
    }
    if (base->kind != IR_OBJECT || ir_is_union(base)) {
        return ir_diag(schema, e, DIAG_BASE_STRUCT, 0,
                       ir_describe(schema, base));
    }
    e->u.object.base = base;
    return check_entity(schema, base, depth);
}

/*
 * Builds the list of all members, those of the base first.  A clash in the base
 * was reported for the base, and this entity is not checked then.
 */
static bool collect_members(QapiSchema *schema, IrEntity *e)
{
    IrEntity *base = e->u.object.base;
    IrMembers *locals = &e->u.object.locals;
    uint32_t n_base = base ? base->u.object.n_members : 0;
    IrMember **members =
        arena_new_n(&schema->arena, IrMember *, n_base + locals->n);
    uint32_t epoch = ++schema->names.epoch;

    for (uint32_t i = 0; i < n_base; i++) {
        members[i] = base->u.object.members[i];
        mark_member(schema, e, members[i], epoch);
    }
    for (uint32_t i = 0; i < locals->n; i++) {
        members[n_base + i] = &locals->item[i];
        if (!mark_member(schema, e, &locals->item[i], epoch)) {
            return false;
        }
    }
    e->u.object.members = members;
    e->u.object.n_members = n_base + locals->n;
    return true;
}

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
    IrMember *all = arena_new_n(&schema->arena, IrMember,
                                branches->n + values.n);
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
            return ir_diag(schema, e, DIAG_BRANCH_VALUE, branches.item[i].loc,
                           describe_member(schema, &branches.item[i], e),
                           ir_describe(schema, enumeration),
                           hint_member(schema, branches.item[i].name->str,
                                          values));
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
static bool check_union(QapiSchema *schema, IrEntity *e, unsigned depth)
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

/*
 * @depth counts bases and branches, which are contained in each other; members
 * that are pointers do not add to it.
 */
static bool check_object(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    IrMembers locals = e->u.object.locals;

    if (depth > MAX_DEPTH) {
        return ir_diag(schema, e, DIAG_BASE_DEPTH, 0, MAX_DEPTH_TEXT);
    }
    if (!check_base(schema, e, depth + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < locals.n; i++) {
        if (!resolve_member(schema, e, &locals.item[i]) ||
            !check_feature_names(schema, e, &locals.item[i].features)) {
            return false;
        }
    }
    return collect_members(schema, e) &&
           (!e->u.object.tag_name || check_union(schema, e, depth + 1));
}

/*
 * Returns the JSON type of the values of @type; QTYPE_NONE if they have no
 * single one, so that the type cannot be a branch.
 */
static QType alternate_qtype(const IrEntity *type)
{
    switch (type->kind) {
    case IR_BUILTIN:
        return type->u.builtin->qtype;
    case IR_ENUM:
        return QTYPE_QSTRING;
    case IR_ARRAY:
        return QTYPE_QLIST;
    case IR_OBJECT:
        return QTYPE_QDICT;
    default:
        return QTYPE_NONE;
    }
}

/*
 * Returns the JSON types that no other branch may have, as bits.  As text
 * (keyval) every scalar is a string, so a string branch also conflicts with
 * numbers and booleans, and an enumeration does if one of its values reads like
 * one.
 */
static unsigned conflicting_qtypes(const IrEntity *type)
{
    QType qtype = alternate_qtype(type);
    unsigned conflicts = 1u << qtype;

    if (qtype != QTYPE_QSTRING) {
        return conflicts;
    }
    if (type->kind != IR_ENUM) {
        return conflicts | 1u << QTYPE_QNUM | 1u << QTYPE_QBOOL;
    }
    for (uint32_t i = 0; i < type->u.enumeration.values.n; i++) {
        const char *name = type->u.enumeration.values.item[i].name->str;

        if (strcmp(name, "on") == 0 || strcmp(name, "off") == 0) {
            conflicts |= 1u << QTYPE_QBOOL;
        }
        if (*name && strchr("-+.0123456789", *name)) {
            conflicts |= 1u << QTYPE_QNUM;
        }
    }
    return conflicts;
}

/* @seen: for each JSON type the branch that takes it */
static bool check_alternative(QapiSchema *schema, IrEntity *e,
                              const IrMember *b,
                              const char *seen[QTYPE__MAX])
{
    unsigned conflicts;

    if (alternate_qtype(b->type) == QTYPE_NONE) {
        return ir_diag(schema, e, DIAG_CANNOT_USE, b->loc,
                       describe_member(schema, b, e),
                       ir_describe(schema, b->type));
    }
    conflicts = conflicting_qtypes(b->type);
    for (int q = 0; q < QTYPE__MAX; q++) {
        if (!(conflicts & 1u << q)) {
            continue;
        }
        if (seen[q]) {
            return ir_diag(schema, e, DIAG_ALTERNATE_CLASH, b->loc,
                           describe_member(schema, b, e), seen[q]);
        }
        seen[q] = b->name->str;
    }
    return true;
}

/*
 * Types are resolved first, because resolving does not use marks but checking
 * does.
 */
static bool check_alternate(QapiSchema *schema, IrEntity *e)
{
    IrMembers branches = e->u.alternate.branches;
    const char *seen[QTYPE__MAX] = { NULL };
    uint32_t epoch;

    for (uint32_t i = 0; i < branches.n; i++) {
        if (!resolve_member(schema, e, &branches.item[i])) {
            return false;
        }
    }
    epoch = ++schema->names.epoch;
    for (uint32_t i = 0; i < branches.n; i++) {
        if (!mark_member(schema, e, &branches.item[i], epoch) ||
            !check_alternative(schema, e, &branches.item[i], seen)) {
            return false;
        }
    }
    return true;
}

/* Returns true if the parameters of a C function would depend on the build. */
static bool has_conditional_member(const IrEntity *object)
{
    for (uint32_t i = 0; i < object->u.object.n_members; i++) {
        if (object->u.object.members[i]->cond) {
            return true;
        }
    }
    return false;
}

/*
 * Without 'boxed' the members of the argument become parameters in C. A union
 * has no fixed list of them.
 */
static bool check_arg(QapiSchema *schema, IrEntity *e)
{
    IrEntity *arg;

    if (!e->u.call.arg_name) {
        return true;
    }
    arg = e->u.call.arg_name->entity;
    if (!is_type(arg, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0,
                       arena_printf(&schema->arena, "%s's 'data'", e->meta),
                       e->u.call.arg_name->str,
                       hint_type(schema, e->u.call.arg_name->str));
    }
    if (arg->kind != IR_OBJECT) {
        return ir_diag(schema, e, DIAG_DATA_TYPE, 0, e->meta,
                       ir_describe(schema, arg));
    }
    if (ir_is_union(arg) && !e->u.call.boxed) {
        return ir_diag(schema, e, DIAG_DATA_BOXED, 0, e->meta,
                       ir_describe(schema, arg));
    }
    e->u.call.arg = arg;
    if (!check_entity(schema, arg, 0)) {
        return false;
    }
    if (has_conditional_member(arg) && !e->u.call.boxed) {
        return ir_diag(schema, e, DIAG_CONDITIONAL_ARGS, 0, e->meta);
    }
    return true;
}

/*
 * Commands return objects or lists of objects, which can be extended later; a
 * pragma exempts old commands.
 */
static bool check_ret(QapiSchema *schema, IrEntity *e)
{
    IrEntity *ret;
    IrEntity *type;

    if (!e->u.call.ret_name) {
        return true;
    }
    ret = e->u.call.ret_name->entity;
    if (!is_type(ret, e)) {
        return ir_diag(schema, e, DIAG_UNKNOWN_TYPE, 0,
                       "command's 'returns'", e->u.call.ret_name->str,
                       hint_type(schema, e->u.call.ret_name->str));
    }
    e->u.call.ret = ret;
    type = ret->kind == IR_ARRAY ? ret->u.array_of.element_name->entity : ret;
    if (!(e->name->exceptions & EXCEPT_COMMAND_RETURNS) && type &&
        type->kind != IR_OBJECT) {
        return ir_diag(schema, e, DIAG_RETURNS_TYPE, 0,
                       ir_describe(schema, type));
    }
    return true;
}

/* 'deprecated' and 'unstable' are for what clients can see. */
static bool check_type_features(QapiSchema *schema, IrEntity *e)
{
    for (uint32_t i = 0; i < e->features.n; i++) {
        Name *name = e->features.item[i].name;

        if (name->keyword == KW_DEPRECATED || name->keyword == KW_UNSTABLE) {
            return ir_diag(schema, e, DIAG_FEATURE_TYPE,
                           e->features.item[i].loc, name->str);
        }
    }
    return true;
}

/*
 * The options of a class are its properties: what is wrong with those is
 * reported for the class alone.
 */
static bool check_class_of(QapiSchema *schema, IrEntity *e)
{
    IrEntity *klass = e->from_class ? e->definition->klass : NULL;

    return !klass || klass->u.klass.struct_type != e ||
           check_entity(schema, klass, 0);
}

/*
 * Checks the classes first whose rows are part of each object: the parent's,
 * and those of children, which are created with the object.  So a class that is
 * met again would never end creating children.  An error of the parent is
 * reported once, and does not hide errors of this class.
 */
static bool check_class(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    IrMembers properties = e->u.klass.properties;

    if (depth > MAX_DEPTH) {
        return ir_diag(schema, e, DIAG_CHILD_DEPTH, 0, MAX_DEPTH_TEXT);
    }
    if (!check_class_parent(schema, e)) {
        return false;
    }
    if (e->u.klass.parent) {
        check_entity(schema, e->u.klass.parent, depth + 1);
    }
    for (uint32_t i = 0; i < properties.n; i++) {
        const IrProperty *p = properties.item[i].property;

        if (p->is_child && p->target->klass &&
            !check_entity(schema, p->target->klass, depth + 1)) {
            return false;
        }
    }
    return check_class_properties(schema, e);
}

/* @depth: see check_object() */
static bool check_by_kind(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    switch (e->kind) {
    case IR_BUILTIN:
        return true;
    case IR_ENUM:
        return check_type_features(schema, e) && check_values(schema, e);
    case IR_ARRAY:
        return check_array(schema, e);
    case IR_OBJECT:
        return check_class_of(schema, e) && check_type_features(schema, e) &&
               check_object(schema, e, depth);
    case IR_ALTERNATE:
        return check_type_features(schema, e) && check_alternate(schema, e);
    case IR_COMMAND:
        return check_arg(schema, e) && check_ret(schema, e);
    case IR_EVENT:
        return check_arg(schema, e);
    case IR_CLASS:
        return check_class(schema, e, depth);
    }
    return false;
}

/*
 * Checks an entity once.  An entity that is met while it is being checked
 * contains itself.  The outer entity's name is restored for the messages that
 * follow.
 */
static bool check_entity(QapiSchema *schema, IrEntity *e, unsigned depth)
{
    const char *outer_kind = schema->diags.kind;
    const char *outer_name = schema->diags.name;
    bool ok;

    if (e->state == IR_CHECKED || e->state == IR_FAILED) {
        return e->state == IR_CHECKED;
    }
    schema->diags.kind = e->meta;
    schema->diags.name = e->definition ? e->definition->str : NULL;
    if (e->state == IR_CHECKING) {
        ok = ir_diag(schema, e, DIAG_SELF, 0, ir_describe(schema, e));
    } else {
        e->state = IR_CHECKING;
        ok = check_feature_names(schema, e, &e->features) &&
             check_by_kind(schema, e, depth);
    }
    e->state = ok ? IR_CHECKED : IR_FAILED;
    schema->diags.kind = outer_kind;
    schema->diags.name = outer_name;
    return ok;
}

/*
 * A set of features has 64 bits.  The error is for the definition that has the
 * 65th feature.
 */
static void check_feature_count(QapiSchema *schema)
{
    const Name *last;

    if (schema->features->len <= 64) {
        return;
    }
    last = g_ptr_array_index(schema->features, 64);
    for (IrEntity *e = schema->entities; e; e = e->next) {
        IrMembers members = ir_members(e);
        bool found = false;

        for (uint32_t i = 0; i < e->features.n; i++) {
            found |= e->features.item[i].name == last;
        }
        for (uint32_t m = 0; m < members.n; m++) {
            for (uint32_t i = 0; i < members.item[m].features.n; i++) {
                found |= members.item[m].features.item[i].name == last;
            }
        }
        if (found) {
            schema->diags.kind = e->meta;
            schema->diags.name = e->definition->str;
            ir_diag(schema, e, DIAG_FEATURE_COUNT, 0, "64");
            schema->diags.name = NULL;
            return;
        }
    }
}

/*
 * Documentation is connected to what is right, and checked as a whole at the
 * end.
 */
void check_entities(QapiSchema *schema)
{
    for (IrEntity *e = schema->entities; e; e = e->next) {
        if (check_entity(schema, e, 0) && e->doc) {
            connect_doc(schema, e);
        }
    }
    if (schema->diags.n_errors == 0) {
        check_docs(schema);
    }
    if (schema->diags.n_errors == 0) {
        check_feature_count(schema);
    }
}
