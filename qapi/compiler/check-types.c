/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the entities, one by one: the names of types are resolved, and members
 * do not collide in C.  What is particular to unions, alternates, and commands
 * and events has a file each.
 *
 * An object is checked after its base and its branches, which are part of it in
 * C; this finds objects that contain themselves.  An error is reported for the
 * entity that contains it; the entities that use that one get no further error.
 */
#include "qapi/compiler/check-entity-internal.h"
#include "qapi/compiler/hint-internal.h"

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
bool check_entity(QapiSchema *schema, IrEntity *e, unsigned depth)
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
