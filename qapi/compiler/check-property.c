/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks that classes are right: the parent exists and is no descendant,
 * properties have types and hide no inherited ones, and defaults and limits are
 * values of those types.
 *
 * Numbers of the schema are kept as text until here, because only the type of
 * the property says whether 18446744073709551615 is in range.
 */
#include "qapi/compiler/ir-internal.h"
#include "qapi/compiler/hint-internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define property_diag(schema, m, id, ...) \
    diag(&(schema)->diags, (id), (m)->owner->loc, (m)->loc, ##__VA_ARGS__)

static const char *describe(QapiSchema *schema, const IrMember *m)
{
    return arena_printf(&schema->arena, "property '%s'", m->name->str);
}

/* A number of the schema, in both forms that a type may need. */
typedef struct Number {
    bool is_integer;   /* @i or @u is exact */
    bool negative;
    int64_t i;         /* when negative */
    uint64_t u;        /* otherwise */
    double d;
} Number;

/*
 * Numbers that no 64-bit integer can hold, and those with a fraction or an
 * exponent, are compared as doubles.
 */
static Number parse_number(const AstValue *value)
{
    const char *text = value->str->str;
    Number number = { .d = g_ascii_strtod(text, NULL) };
    char *end;

    number.negative = *text == '-';
    errno = 0;
    if (number.negative) {
        number.i = g_ascii_strtoll(text, &end, 10);
    } else {
        number.u = g_ascii_strtoull(text, &end, 10);
    }
    number.is_integer = *end == '\0' && errno == 0;
    return number;
}

/* Returns less than, equal to or greater than 0, as strcmp() does. */
static int compare_numbers(const Number *a, const Number *b)
{
    if (!a->is_integer || !b->is_integer) {
        return (a->d > b->d) - (a->d < b->d);
    }
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    return a->negative ? (a->i > b->i) - (a->i < b->i)
                       : (a->u > b->u) - (a->u < b->u);
}

/*
 * Returns true if a variable of the kind @kind can hold the number exactly, or
 * as a double.
 */
static bool fits(const Number *number, QapiKind kind)
{
    static const struct {
        int64_t min;
        uint64_t max;
    } limits[] = {
        [QAPI_KIND_INT8] = { INT8_MIN, INT8_MAX },
        [QAPI_KIND_INT16] = { INT16_MIN, INT16_MAX },
        [QAPI_KIND_INT32] = { INT32_MIN, INT32_MAX },
        [QAPI_KIND_INT64] = { INT64_MIN, INT64_MAX },
        [QAPI_KIND_UINT8] = { 0, UINT8_MAX },
        [QAPI_KIND_UINT16] = { 0, UINT16_MAX },
        [QAPI_KIND_UINT32] = { 0, UINT32_MAX },
        [QAPI_KIND_UINT64] = { 0, UINT64_MAX },
        [QAPI_KIND_SIZE] = { 0, UINT64_MAX },
    };

    if (kind == QAPI_KIND_NUMBER) {
        return isfinite(number->d);
    }
    if (!number->is_integer) {
        return false;
    }
    return number->negative ? number->i >= limits[kind].min
                            : number->u <= limits[kind].max;
}

/* Returns true for integers of all sizes, `size` and `number`. */
static bool is_numeric(const IrEntity *type)
{
    return type->kind == IR_BUILTIN && type->u.builtin->qtype == QTYPE_QNUM;
}

/* Returns true if the enumeration @type has a value @name. */
static bool is_enum_value(const IrEntity *type, const Name *name)
{
    for (uint32_t i = 0; i < type->u.enumeration.values.n; i++) {
        if (type->u.enumeration.values.item[i].name == name) {
            return true;
        }
    }
    return false;
}

/*
 * Returns true if @value may be the default or a limit of the property.  Only
 * scalars can be written in the schema; links and children have no default at
 * all.
 */
static bool is_value_of(const AstValue *value, const IrMember *m)
{
    const IrEntity *type = m->type;
    Number number;

    if (m->property->is_link || m->property->is_child) {
        return false;
    }
    switch (value->kind) {
    case AST_NUMBER:
        number = parse_number(value);
        return is_numeric(type) && fits(&number, type->u.builtin->kind);
    case AST_BOOL:
        return type->kind == IR_BUILTIN &&
               type->u.builtin->kind == QAPI_KIND_BOOL;
    case AST_STRING:
        return (type->kind == IR_BUILTIN &&
                type->u.builtin->kind == QAPI_KIND_STR) ||
               (type->kind == IR_ENUM && is_enum_value(type, value->str));
    default:
        return false;
    }
}

/* Checks one of 'default', 'min' and 'max'; NULL if the key is not there. */
static bool check_value(QapiSchema *schema, const IrMember *m,
                        const AstValue *value)
{
    return !value || is_value_of(value, m) ||
           property_diag(schema, m, DIAG_PROPERTY_VALUE, value->key->str,
                         describe(schema, m),
                         ir_describe(schema, m->type));
}

/* Returns true if the default is within the limits that are given. */
static bool in_range(const IrProperty *p)
{
    Number def = parse_number(p->def);

    if (p->min) {
        Number min = parse_number(p->min);

        if (compare_numbers(&def, &min) < 0) {
            return false;
        }
    }
    if (p->max) {
        Number max = parse_number(p->max);

        return compare_numbers(&def, &max) <= 0;
    }
    return true;
}

/*
 * Each limit must be a value of the type by itself before it is compared with
 * the default.
 */
static bool check_limits(QapiSchema *schema, const IrMember *m)
{
    const IrProperty *p = m->property;
    const AstValue *limit = p->min ? p->min : p->max;

    if (limit && !is_numeric(m->type)) {
        return property_diag(schema, m, DIAG_PROPERTY_NUMBER,
                             limit->key->str, describe(schema, m));
    }
    if (!check_value(schema, m, p->min) || !check_value(schema, m, p->max) ||
        !check_value(schema, m, p->def)) {
        return false;
    }
    if (limit && p->def && !in_range(p)) {
        return property_diag(schema, m, DIAG_PROPERTY_RANGE, "default",
                             describe(schema, m));
    }
    return true;
}

/*
 * Returns (nullable) the ancestor that already has this property.  Names are
 * compared as they are in C, because each class's options are one struct.
 */
static const IrEntity *inherited_from(QapiSchema *schema, const IrMember *m)
{
    Name *c_name = c_name_of(&schema->names, m->name);

    for (IrEntity *k = m->owner->u.klass.parent; k; k = k->u.klass.parent) {
        IrMembers properties = k->u.klass.properties;

        for (uint32_t i = 0; i < properties.n; i++) {
            if (c_name_of(&schema->names, properties.item[i].name) == c_name) {
                return k;
            }
        }
    }
    return NULL;
}

/*
 * Returns true if a class of the schema has the interface @name.  The schema
 * does not define interfaces, so their use is all that is known of them.
 */
static bool is_interface(const QapiSchema *schema, const Name *name)
{
    for (const IrEntity *k = schema->classes; k; k = k->next_class) {
        const AstValue *list = k->u.klass.interfaces;

        for (const AstValue *v = list ? list->first : NULL; v; v = v->next) {
            if (v->str == name) {
                return true;
            }
        }
    }
    return false;
}

/*
 * A class of the schema, an interface that one of them has, or a type of the
 * library that no schema describes.
 */
static bool is_class(const QapiSchema *schema, const Name *name)
{
    static const char *const types[] = { "object", "container",
                                         "user-creatable" };

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(name->str, types[i]) == 0) {
            return true;
        }
    }
    return name->klass || is_interface(schema, name);
}

/*
 * A child is created with its parent, so an object of exactly this class must
 * be possible.  Of the classes that no schema describes, only "container" is
 * not abstract.
 */
static bool check_child(QapiSchema *schema, const IrMember *m)
{
    const Name *target = m->property->target;

    if (m->property->set != IR_SET_NEVER) {
        return property_diag(schema, m, DIAG_PROPERTY_CHILD,
                             describe(schema, m));
    }
    if (target->klass ? target->klass->u.klass.abstract
                      : strcmp(target->str, "container") != 0) {
        return property_diag(schema, m, DIAG_CHILD_ABSTRACT,
                             describe(schema, m), target->str);
    }
    return true;
}

/*
 * The target of a link is checked by name alone; objects of a subclass are
 * checked when the link is set.
 */
static bool check_property(QapiSchema *schema, IrMember *m)
{
    const IrEntity *from = inherited_from(schema, m);
    const Name *target = m->property->target;

    m->type = m->type_name->entity;
    if (!m->type || m->type->implicit || m->type->kind == IR_COMMAND ||
        m->type->kind == IR_EVENT) {
        return property_diag(schema, m, DIAG_UNKNOWN_TYPE,
                             describe(schema, m), m->type_name->str,
                             hint_type(schema, m->type_name->str));
    }
    if (target && !is_class(schema, target)) {
        return property_diag(schema, m, DIAG_PROPERTY_CLASS,
                             describe(schema, m), target->str,
                             hint_class(schema, target->str));
    }
    if (from) {
        return property_diag(schema, m, DIAG_PROPERTY_TWICE,
                             describe(schema, m), from->name->str);
    }
    return (!m->property->is_child || check_child(schema, m)) &&
           check_limits(schema, m);
}

/*
 * Resolves the parent.  @n limits the length of the chain, and so the recursion
 * of everything that walks it; a loop that does not go through @e ends there,
 * too.
 */
bool check_class_parent(QapiSchema *schema, IrEntity *e)
{
    Name *name = e->u.klass.parent_name;
    unsigned n = 0;

    if (!name || (!name->klass && strcmp(name->str, "object") == 0)) {
        return true;
    }
    if (!name->klass) {
        return diag(&schema->diags, DIAG_CLASS_PARENT, e->loc, 0, name->str,
                    hint_class(schema, name->str));
    }
    for (const IrEntity *k = name->klass; k; n++) {
        if (k == e || n == MAX_DEPTH) {
            return diag(&schema->diags,
                        k == e ? DIAG_CLASS_LOOP : DIAG_CLASS_DEPTH, e->loc,
                        0, e->name->str, MAX_DEPTH_TEXT);
        }
        k = k->u.klass.parent_name ? k->u.klass.parent_name->klass : NULL;
    }
    e->u.klass.parent = name->klass;
    return true;
}

/*
 * The parent has been checked, because properties are compared with those of
 * the ancestors.  Two properties must also differ in C.
 */
bool check_class_properties(QapiSchema *schema, IrEntity *e)
{
    IrMembers properties = e->u.klass.properties;
    uint32_t epoch;

    for (uint32_t i = 0; i < properties.n; i++) {
        if (!check_property(schema, &properties.item[i])) {
            return false;
        }
    }
    epoch = ++schema->names.epoch;
    for (uint32_t i = 0; i < properties.n; i++) {
        IrMember *m = &properties.item[i];
        Name *c_name = c_name_of(&schema->names, m->name);

        if (c_name->mark == epoch) {
            return property_diag(schema, m, DIAG_COLLIDES,
                                 describe(schema, m),
                                 describe(schema, c_name->marked));
        }
        c_name->mark = epoch;
        c_name->marked = m;
    }
    return true;
}
