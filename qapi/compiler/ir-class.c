/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types that classes imply: a struct `<Name>Properties` for each class, the
 * enum `ObjectType` of the classes that can be created, and the union
 * `ObjectOptions` of their properties, which is the argument of object-add.
 * The passes and generators that follow treat them like any other entity.
 */
#include "qapi/compiler/ir-internal.h"

/* Returns the name of the struct that a class implies. */
static Name *properties_name(QapiSchema *schema, const Name *klass)
{
    g_autofree char *camel = camel_name(klass->str);

    return ir_intern(schema,
                     arena_printf(&schema->arena, "%sProperties", camel));
}

/* Returns true if a client may give the property when it creates an object. */
static bool is_option(const IrMember *m)
{
    return !m->property->is_child && m->property->set != IR_SET_NEVER;
}

/*
 * Every option may be left out, because a property has a default or stays
 * unset.  The struct of the parent class is the base.
 */
static void define_properties(QapiSchema *schema, IrEntity *klass)
{
    IrMembers from = klass->u.klass.properties;
    IrEntity *e = ir_new_entity(schema, IR_OBJECT,
                                properties_name(schema, klass->name), klass);
    IrMembers *to = &e->u.object.locals;
    Name *parent = klass->u.klass.parent_name;

    e->from_class = true;
    if (parent && parent->klass) {
        e->u.object.base_name = properties_name(schema, parent);
    }
    to->item = arena_new_n(&schema->arena, IrMember, from.n);
    for (uint32_t i = 0; i < from.n; i++) {
        if (is_option(&from.item[i])) {
            IrMember *m = &to->item[to->n++];

            *m = from.item[i];
            m->owner = e;
            m->optional = true;
        }
    }
    klass->u.klass.struct_type = e;
    ir_add_entity(schema, e);
}

/* Returns the number of classes that can be created. */
static uint32_t count_concrete(const QapiSchema *schema)
{
    uint32_t n = 0;

    for (IrEntity *e = schema->classes; e; e = e->next_class) {
        n += !e->u.klass.abstract;
    }
    return n;
}

/*
 * Creates an entity of the root module that represents all classes.  Messages
 * about it name the first class.
 */
static IrEntity *new_global(QapiSchema *schema, IrKind kind, const char *name)
{
    IrEntity *e = ir_new_entity(schema, kind, ir_intern(schema, name),
                                schema->classes);

    e->module = schema->modules;
    e->cond = NULL;
    e->from_class = true;
    return e;
}

/* A value has the condition and the features of its class. */
static void define_object_type(QapiSchema *schema, uint32_t n)
{
    IrEntity *e = new_global(schema, IR_ENUM, "ObjectType");
    IrMembers *values = &e->u.enumeration.values;

    values->item = arena_new_n(&schema->arena, IrMember, n);
    for (IrEntity *k = schema->classes; k; k = k->next_class) {
        if (!k->u.klass.abstract) {
            values->item[values->n++] = (IrMember){
                .name = k->name,
                .cond = k->cond,
                .features = k->features,
                .owner = e,
                .loc = k->loc,
            };
        }
    }
    ir_add_entity(schema, e);
}

/* Defines the members that every object has: qom-type and id. */
static Name *define_options_base(QapiSchema *schema, const IrEntity *options)
{
    IrEntity *e = ir_new_entity(schema, IR_OBJECT,
                                ir_intern(schema, "q_obj_ObjectOptions-base"),
                                options);
    IrMember *m = arena_new_n(&schema->arena, IrMember, 2);

    m[0] = (IrMember){ .name = ir_intern(schema, "qom-type"),
                       .type_name = ir_intern(schema, "ObjectType"),
                       .owner = e, .loc = e->loc };
    m[1] = (IrMember){ .name = ir_intern(schema, "id"),
                       .type_name = ir_intern(schema, "str"),
                       .owner = e, .loc = e->loc };
    e->implicit = true;
    e->from_class = true;
    e->u.object.locals = (IrMembers){ m, 2 };
    ir_add_entity(schema, e);
    return e->name;
}

/*
 * A class that has no options still has a branch, because its struct has the
 * options of its parents.
 */
static void define_object_options(QapiSchema *schema, uint32_t n)
{
    IrEntity *e = new_global(schema, IR_OBJECT, "ObjectOptions");
    IrMembers *branches = &e->u.object.branches;

    e->u.object.base_name = define_options_base(schema, e);
    e->u.object.tag_name = ir_intern(schema, "qom-type");
    branches->item = arena_new_n(&schema->arena, IrMember, n);
    for (IrEntity *k = schema->classes; k; k = k->next_class) {
        if (!k->u.klass.abstract) {
            branches->item[branches->n++] = (IrMember){
                .name = k->name,
                .type_name = properties_name(schema, k->name),
                .cond = k->cond,
                .owner = e,
                .loc = k->loc,
            };
        }
    }
    e->u.object.n_explicit = branches->n;
    ir_add_entity(schema, e);
}

/* @n is the number of values and of branches. */
void define_class_types(QapiSchema *schema)
{
    uint32_t n = count_concrete(schema);

    if (!schema->classes) {
        return;
    }
    for (IrEntity *e = schema->classes; e; e = e->next_class) {
        schema->diags.kind = e->meta;
        schema->diags.name = e->name->str;
        define_properties(schema, e);
    }
    define_object_type(schema, n);
    define_object_options(schema, n);
    schema->diags.name = NULL;
}
