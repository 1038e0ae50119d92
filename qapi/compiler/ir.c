/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From expressions to entities, in the order of the schema.
 *
 * An array type is defined where it is first used, and an object type for
 * inline members directly before the definition that has them.  Names of types
 * stay names in this pass, because a type may be defined after its use;
 * check-types.c resolves them.
 */
#include "qapi/compiler/ir-internal.h"

#include <string.h>

/* Returns (nullable) the value of a key; NULL if the value is no object. */
static AstValue *key(QapiSchema *schema, const AstValue *object, Keyword kw)
{
    return object->kind == AST_OBJECT
               ? ast_get(object, schema->keywords[kw])
               : NULL;
}

/*
 * Returns the name of the type that @value mentions: a name, a list of one, or
 * an object with either as 'type'.
 */
static Name *type_ref(QapiSchema *schema, const AstValue *value,
                      const IrEntity *user)
{
    const AstValue *type = value->kind == AST_OBJECT
                               ? key(schema, value, KW_TYPE)
                               : value;

    return type->kind == AST_LIST
               ? ir_array_of(schema, type->first->str, user)
               : type->str;
}

/*
 * A feature that occurs for the first time is added to the list of all
 * features.
 */
static IrFeatures make_features(QapiSchema *schema, const AstValue *object)
{
    const AstValue *list = key(schema, object, KW_FEATURES);
    IrFeatures features = { 0 };

    if (!list || list->n == 0) {
        return features;
    }
    features.item = arena_new_n(&schema->arena, IrFeature, list->n);
    for (AstValue *v = list->first; v; v = v->next) {
        IrFeature *feature = &features.item[features.n++];

        feature->loc = v->loc;
        feature->name = v->kind == AST_OBJECT ? key(schema, v, KW_NAME)->str
                                              : v->str;
        feature->cond = key(schema, v, KW_IF);
        if (!feature->name->is_feature) {
            feature->name->is_feature = true;
            g_ptr_array_add(schema->features, feature->name);
        }
    }
    return features;
}

/* Sets what members, values, branches and properties have in common. */
static IrMember *make_member(QapiSchema *schema, IrMember *m, IrEntity *owner,
                             const AstValue *value, Name *name)
{
    m->name = name;
    m->owner = owner;
    m->loc = value->key ? value->key_loc : value->loc;
    m->cond = key(schema, value, KW_IF);
    m->features = make_features(schema, value);
    return m;
}

/* A name that begins with '*' is that of an optional member. */
static IrMembers make_members(QapiSchema *schema, IrEntity *owner,
                              const AstValue *object)
{
    IrMembers members = { arena_new_n(&schema->arena, IrMember, object->n) };

    for (AstValue *v = object->first; v; v = v->next) {
        bool optional = v->key->str[0] == '*';
        Name *name = optional ? name_intern(&schema->names, v->key->str + 1,
                                            v->key->len - 1)
                              : v->key;
        IrMember *m = make_member(schema, &members.item[members.n++], owner,
                                  v, name);

        m->optional = optional;
        m->type_name = type_ref(schema, v, owner);
    }
    return members;
}

/* The position of a value in the list is the value in C. */
static IrMembers make_values(QapiSchema *schema, IrEntity *owner,
                             const AstValue *list)
{
    IrMembers values = { arena_new_n(&schema->arena, IrMember, list->n) };

    for (AstValue *v = list->first; v; v = v->next) {
        const AstValue *name = v->kind == AST_OBJECT
                                   ? key(schema, v, KW_NAME)
                                   : v;

        make_member(schema, &values.item[values.n++], owner, v, name->str);
    }
    return values;
}

/*
 * Returns the name of the object type of inline members, "q_obj_NAME-ROLE";
 * NULL if there are no members.  A definition that occurs twice is reported
 * later, so its object may be there.
 */
static Name *implicit_object(QapiSchema *schema, const IrEntity *user,
                             const AstValue *members, const char *role)
{
    Name *name;
    IrEntity *e;

    if (!members->first) {
        return NULL;
    }
    name = ir_intern(schema, arena_printf(&schema->arena, "q_obj_%s-%s",
                                          user->name->str, role));
    if (!name->entity) {
        e = ir_new_entity(schema, IR_OBJECT, name, user);
        e->implicit = true;
        e->u.object.locals = make_members(schema, e, members);
        ir_add_entity(schema, e);
    }
    return name;
}

/*
 * Returns the name of a type, or that of the implicit type of inline members.
 */
static Name *object_ref(QapiSchema *schema, const IrEntity *user,
                        const AstValue *value, const char *role)
{
    if (!value) {
        return NULL;
    }
    return value->kind == AST_OBJECT
               ? implicit_object(schema, user, value, role)
               : value->str;
}

static void define_enum(QapiSchema *schema, IrEntity *e, const AstValue *expr)
{
    AstValue *prefix = key(schema, expr, KW_PREFIX);

    e->u.enumeration.prefix = prefix ? prefix->str : NULL;
    e->u.enumeration.values =
        make_values(schema, e, key(schema, expr, KW_DATA));
}

static void define_struct(QapiSchema *schema, IrEntity *e,
                          const AstValue *expr)
{
    AstValue *base = key(schema, expr, KW_BASE);

    e->u.object.base_name = base ? base->str : NULL;
    e->u.object.locals = make_members(schema, e, key(schema, expr, KW_DATA));
}

/*
 * The values of the tag are not known yet; check-union.c adds the branches that
 * the author has left out.
 */
static void define_union(QapiSchema *schema, IrEntity *e,
                         const AstValue *expr)
{
    e->u.object.base_name =
        object_ref(schema, e, key(schema, expr, KW_BASE), "base");
    e->u.object.tag_name = key(schema, expr, KW_DISCRIMINATOR)->str;
    e->u.object.branches =
        make_members(schema, e, key(schema, expr, KW_DATA));
    e->u.object.n_explicit = e->u.object.branches.n;
}

static void define_alternate(QapiSchema *schema, IrEntity *e,
                             const AstValue *expr)
{
    e->u.alternate.branches =
        make_members(schema, e, key(schema, expr, KW_DATA));
}

/* Commands and events have their argument in common. */
static void define_event(QapiSchema *schema, IrEntity *e,
                         const AstValue *expr)
{
    e->u.call.arg_name =
        object_ref(schema, e, key(schema, expr, KW_DATA), "arg");
    e->u.call.boxed = key(schema, expr, KW_BOXED) != NULL;
}

static void define_command(QapiSchema *schema, IrEntity *e,
                           const AstValue *expr)
{
    AstValue *returns = key(schema, expr, KW_RETURNS);

    define_event(schema, e, expr);
    e->u.call.ret_name = returns ? type_ref(schema, returns, e) : NULL;
    e->u.call.no_gen = key(schema, expr, KW_GEN) != NULL;
    e->u.call.no_response = key(schema, expr, KW_SUCCESS_RESPONSE) != NULL;
    e->u.call.allow_oob = key(schema, expr, KW_ALLOW_OOB) != NULL;
    e->u.call.allow_preconfig =
        key(schema, expr, KW_ALLOW_PRECONFIG) != NULL;
    e->u.call.coroutine = key(schema, expr, KW_COROUTINE) != NULL;
}

/*
 * The checks have made sure of the spelling of 'set' and of the brackets.  In
 * JSON a link and a child are the path of an object.
 */
static IrProperty *make_property(QapiSchema *schema, const AstValue *value,
                                 IrMember *m)
{
    IrProperty *p = arena_new(&schema->arena, IrProperty);
    AstValue *unit = key(schema, value, KW_UNIT);
    AstValue *set = key(schema, value, KW_SET);
    AstValue *notify = key(schema, value, KW_NOTIFY);
    const char *open = strchr(m->type_name->str, '<');

    p->def = key(schema, value, KW_DEFAULT);
    p->min = key(schema, value, KW_MIN);
    p->max = key(schema, value, KW_MAX);
    p->unit = unit ? unit->str : NULL;
    p->notify = !notify || notify->boolean;
    p->is_link = open && m->type_name->str[0] == 'l';
    p->is_child = open && !p->is_link;
    p->set = p->is_child ? IR_SET_NEVER : IR_SET_ANY_TIME;
    if (set) {
        p->set = set->str->str[0] == 'a'   ? IR_SET_ANY_TIME
                 : set->str->str[0] == 'c' ? IR_SET_CREATE
                                           : IR_SET_NEVER;
    }
    if (open) {
        p->target = name_intern(&schema->names, open + 1,
                                strlen(open) - 2);
        m->type_name = ir_intern(schema, "str");
    }
    return p;
}

/*
 * Values and properties have the same order, so both lists are walked at once.
 */
static void define_class(QapiSchema *schema, IrEntity *e,
                         const AstValue *expr)
{
    AstValue *parent = key(schema, expr, KW_PARENT);
    AstValue *c_type = key(schema, expr, KW_C_TYPE);
    AstValue *properties = key(schema, expr, KW_PROPERTIES);
    const AstValue *v;

    e->u.klass.parent_name = parent ? parent->str : NULL;
    e->u.klass.c_type = c_type ? c_type->str->str : NULL;
    e->u.klass.interfaces = key(schema, expr, KW_INTERFACES);
    e->u.klass.abstract = key(schema, expr, KW_ABSTRACT) != NULL;
    if (!properties) {
        return;
    }
    e->u.klass.properties = make_members(schema, e, properties);
    v = properties->first;
    for (uint32_t i = 0; i < e->u.klass.properties.n; i++, v = v->next) {
        IrMember *m = &e->u.klass.properties.item[i];

        m->property = make_property(schema, v, m);
    }
}

typedef struct DefineEntry {
    Keyword keyword;
    IrKind kind;
    void (*define)(QapiSchema *schema, IrEntity *e, const AstValue *expr);
} DefineEntry;

static const DefineEntry define_entries[] = {
    { KW_ENUM, IR_ENUM, define_enum },
    { KW_STRUCT, IR_OBJECT, define_struct },
    { KW_UNION, IR_OBJECT, define_union },
    { KW_ALTERNATE, IR_ALTERNATE, define_alternate },
    { KW_COMMAND, IR_COMMAND, define_command },
    { KW_EVENT, IR_EVENT, define_event },
    { KW_CLASS, IR_CLASS, define_class },
};

/* Makes the entity of one definition and adds it. */
static void define(QapiSchema *schema, const TopLevel *top,
                   const DefineEntry *entry, Name *name)
{
    IrEntity *e = ir_new_entity(schema, entry->kind, name, NULL);

    e->meta = schema->keywords[entry->keyword]->str;
    e->definition = name;
    e->loc = top->expr->loc;
    e->module = top->module;
    e->cond = key(schema, top->expr, KW_IF);
    e->doc = top->doc;
    e->features = make_features(schema, top->expr);
    entry->define(schema, e, top->expr);
    schema->diags.kind = e->meta;
    schema->diags.name = name->str;
    if (entry->kind == IR_CLASS) {
        ir_add_class(schema, e);
    } else {
        ir_add_entity(schema, e);
    }
    schema->diags.name = NULL;
}

/*
 * The special features are known even if the schema does not use them, so that
 * they have the lowest numbers.
 */
void define_entities(QapiSchema *schema)
{
    for (int i = KW_DEPRECATED; i <= KW_UNSTABLE; i++) {
        schema->keywords[i]->is_feature = true;
        g_ptr_array_add(schema->features, schema->keywords[i]);
    }
    ir_define_builtins(schema);
    for (TopLevel *top = schema->top_levels; top; top = top->next) {
        for (unsigned i = 0; top->expr && i < G_N_ELEMENTS(define_entries);
             i++) {
            AstValue *name = key(schema, top->expr, define_entries[i].keyword);

            if (name) {
                define(schema, top, &define_entries[i], name->str);
                break;
            }
        }
    }
}
