/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a definition contains, for a terminal: values, members, branches,
 * arguments, results and properties.
 *
 * Every line begins with its indentation: 2 blanks for titles, 4 for members, 8
 * for their texts.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/show-internal.h"

#include <string.h>

/* Returns the name of a type as the schema writes it. */
static const char *type_text(QapiSchema *schema, const IrEntity *type)
{
    if (type->kind == IR_ARRAY) {
        return arena_printf(&schema->arena, "[%s]",
                            type->u.array_of.element->name->str);
    }
    return type->name->str;
}

/*
 * Returns true if a peer gave the type a number instead of a name.  The type is
 * then described where it is used, because its name has no meaning.
 */
static bool is_masked(const QapiSchema *schema, const IrEntity *type)
{
    const char *number = type->name->str + strlen("Type");

    return schema->told && g_str_has_prefix(type->name->str, "Type") &&
           *number && strspn(number, "0123456789") == strlen(number);
}

/* Appends features, such as "[deprecated]". */
void show_tags(GString *out, const IrFeatures *features)
{
    for (uint32_t i = 0; i < features->n; i++) {
        out_printf(out, "  [%s]", features->item[i].name->str);
    }
}

/*
 * The condition is the one that out_if() writes, without "#if " and the
 * newline.
 */
void show_condition(GString *out, const AstValue *cond)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (cond) {
        out_if(text, cond);
        out_printf(out, "  if %.*s", (int)text->len - 5, text->str + 4);
    }
}

/*
 * Appends the default, the range, the unit and the time of setting.  @p:
 * (nullable)
 */
static void out_facts(GString *out, const IrProperty *p)
{
    static const char *const sets[] = { "", "  create only", "  read only" };

    if (!p) {
        return;
    }
    if (p->def) {
        out_printf(out, "  = %s", p->def->kind == AST_BOOL
                                      ? (p->def->boolean ? "true" : "false")
                                      : p->def->str->str);
    }
    if (p->min || p->max) {
        out_printf(out, "  %s..%s", p->min ? p->min->str->str : "",
                   p->max ? p->max->str->str : "");
    }
    if (p->unit) {
        out_printf(out, "  %s", p->unit->str);
    }
    out_puts(out, sets[p->set]);
}

/* Appends the values of an enumeration whose name is a number. */
static void out_masked_values(QapiSchema *schema, GString *out,
                              const IrEntity *type)
{
    g_autoptr(GString) text = g_string_new("one of");

    if (type->kind == IR_ARRAY) {
        type = type->u.array_of.element;
    }
    if (type->kind != IR_ENUM || !is_masked(schema, type)) {
        return;
    }
    for (uint32_t i = 0; i < type->u.enumeration.values.n; i++) {
        const IrMember *value = &type->u.enumeration.values.item[i];

        out_printf(text, "%s %s", i ? "," : "", value->name->str);
    }
    show_folded(out, text->str, text->len, 8);
}

/*
 * Appends one line and the text below it.  An enumeration value has no type; a
 * link is shown by its class.
 */
static void out_member(QapiSchema *schema, GString *out, const IrMember *m)
{
    out_printf(out, "    %s%s", m->name->str, m->optional ? "?" : "");
    if (m->property && (m->property->is_link || m->property->is_child)) {
        out_printf(out, ": %s<%s>", m->property->is_link ? "link" : "child",
                   m->property->target->str);
    } else if (m->type && !m->type->implicit) {
        out_printf(out, ": %s", type_text(schema, m->type));
    }
    out_facts(out, m->property);
    show_tags(out, &m->features);
    show_condition(out, m->cond);
    out_puts(out, "\n");
    if (m->doc) {
        show_text(out, m->doc->text, 8);
    }
    if (m->type) {
        out_masked_values(schema, out, m->type);
    }
}

/* Appends nothing if there are no members. */
static void out_members(QapiSchema *schema, GString *out, const char *title,
                        IrMembers members)
{
    if (members.n) {
        out_printf(out, "  %s\n", title);
    }
    for (uint32_t i = 0; i < members.n; i++) {
        out_member(schema, out, &members.item[i]);
    }
}

/*
 * Members of the base are listed, too, because a client must know all of them.
 */
static void out_all_members(QapiSchema *schema, GString *out,
                            const IrEntity *object, const char *title)
{
    if (object->u.object.n_members) {
        out_printf(out, "  %s\n", title);
    }
    for (uint32_t i = 0; i < object->u.object.n_members; i++) {
        out_member(schema, out, object->u.object.members[i]);
    }
}

/* Branches of a union are listed by the value of the tag. */
static void out_contents(QapiSchema *schema, GString *out, const IrEntity *e,
                         const char *title)
{
    out_all_members(schema, out, e, title);
    if (ir_is_union(e)) {
        out_printf(out, "  by %s\n", e->u.object.tag->name->str);
        for (uint32_t i = 0; i < e->u.object.branches.n; i++) {
            out_member(schema, out, &e->u.object.branches.item[i]);
        }
    }
}

/* Appends a struct or union; the members of its base are repeated. */
static void out_object(QapiSchema *schema, GString *out, const IrEntity *e)
{
    const IrEntity *base = e->u.object.base;

    if (base && !base->implicit) {
        out_printf(out, "  base: %s\n", base->name->str);
    }
    out_contents(schema, out, e, "members");
}

/* Appends the type of a result, and its members if its name is a number. */
static void out_result(QapiSchema *schema, GString *out, const IrEntity *type)
{
    const IrEntity *element =
        type->kind == IR_ARRAY ? type->u.array_of.element : type;

    out_printf(out, "  returns: %s\n", type_text(schema, type));
    if (is_masked(schema, element) && element->kind == IR_OBJECT) {
        out_contents(schema, out, element, type == element ? "members"
                                                           : "members of each");
    }
}

/*
 * Inline arguments are listed; arguments of a named type are shown with that
 * type.
 */
static void out_call(QapiSchema *schema, GString *out, const IrEntity *e)
{
    const IrEntity *arg = e->u.call.arg;

    if (arg && (arg->implicit || is_masked(schema, arg))) {
        out_contents(schema, out, arg, "arguments");
    } else if (arg) {
        out_printf(out, "  arguments: %s\n", arg->name->str);
    }
    if (e->kind == IR_COMMAND && e->u.call.ret) {
        out_result(schema, out, e->u.call.ret);
    }
    if (e->kind == IR_COMMAND && e->u.call.allow_oob) {
        out_puts(out, "  may be run out of band\n");
    }
}

/*
 * Inherited properties come first, those of the closest ancestor before others.
 */
static void out_class(QapiSchema *schema, GString *out, const IrEntity *e)
{
    for (const IrEntity *k = e->u.klass.parent; k; k = k->u.klass.parent) {
        g_autofree char *title =
            g_strdup_printf("properties of %s", k->name->str);

        out_members(schema, out, title, k->u.klass.properties);
    }
    out_members(schema, out, "properties", e->u.klass.properties);
}

/* Appends what is particular to the kind of definition. */
void show_body(QapiSchema *schema, GString *out, const IrEntity *e)
{
    switch (e->kind) {
    case IR_ENUM:
        out_members(schema, out, "values", ir_members(e));
        break;
    case IR_OBJECT:
        out_object(schema, out, e);
        break;
    case IR_ALTERNATE:
        out_members(schema, out, "one of", ir_members(e));
        break;
    case IR_COMMAND:
    case IR_EVENT:
        out_call(schema, out, e);
        break;
    case IR_CLASS:
        out_class(schema, out, e);
        break;
    default:
        break;
    }
}
