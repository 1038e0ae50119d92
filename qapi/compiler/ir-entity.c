/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entities: creating them, adding them to a schema, and what all kinds have.
 *
 * Each entity is in the list of the schema and in that of its module, and its
 * Name points to it.  Types, commands and events share one set of names;
 * classes have another.
 */
#include "qapi/compiler/ir-internal.h"

#include <string.h>

/*
 * An entity that is derived from another one has its place, module and
 * condition.
 */
IrEntity *ir_new_entity(QapiSchema *schema, IrKind kind, Name *name,
                        const IrEntity *like)
{
    IrEntity *e = arena_new(&schema->arena, IrEntity);

    e->kind = kind;
    e->name = name;
    if (like) {
        e->meta = like->meta;
        e->definition = like->definition;
        e->loc = like->loc;
        e->module = like->module;
        e->cond = like->cond;
    }
    return e;
}

/* Entities without a module are the built-in ones. */
static void append_entity(QapiSchema *schema, IrEntity *e)
{
    *schema->entity_tail = e;
    schema->entity_tail = &e->next;
    if (e->module) {
        *e->module->tail = e;
        e->module->tail = &e->next_in_module;
    }
}

/* Names the place of the first definition, unless it is built in. */
static void report_redefined(QapiSchema *schema, const IrEntity *e)
{
    const IrEntity *old = e->kind == IR_CLASS ? e->name->klass
                                              : e->name->entity;
    SrcPlace at;

    if (!old->loc) {
        diag(&schema->diags, DIAG_BUILTIN, e->loc, 0, "built-in type",
             e->name->str);
        return;
    }
    at = source_place(&schema->sources, old->loc);
    diag(&schema->diags, DIAG_REDEFINED, e->loc, 0, e->name->str,
         arena_printf(&schema->arena, "%s:%u", at.file->path, at.line));
}

/* Types, commands and events share one set of names. */
void ir_add_entity(QapiSchema *schema, IrEntity *e)
{
    append_entity(schema, e);
    if (e->name->entity) {
        report_redefined(schema, e);
        return;
    }
    e->name->entity = e;
}

/* Classes have names of their own: a class may be called like a command. */
void ir_add_class(QapiSchema *schema, IrEntity *e)
{
    append_entity(schema, e);
    if (e->name->klass) {
        report_redefined(schema, e);
        return;
    }
    e->name->klass = e;
    *schema->class_tail = e;
    schema->class_tail = &e->next_class;
}

/*
 * Returns the name of the array type of an element type, which is defined at
 * its first use.  Names are short as a rule, so the text is built on the stack.
 */
Name *ir_array_of(QapiSchema *schema, Name *element, const IrEntity *user)
{
    char stack[128];
    g_autofree char *heap = NULL;
    char *text = stack;
    Name *name;
    IrEntity *e;

    if (element->len + sizeof("List") > sizeof(stack)) {
        text = heap = g_malloc(element->len + sizeof("List"));
    }
    memcpy(text, element->str, element->len);
    memcpy(text + element->len, "List", sizeof("List"));
    name = name_intern(&schema->names, text, element->len + 4);
    if (!name->entity) {
        e = ir_new_entity(schema, IR_ARRAY, name, user);
        e->cond = NULL;
        e->u.array_of.element_name = element;
        ir_add_entity(schema, e);
    }
    return name;
}

IrMembers ir_members(const IrEntity *e)
{
    switch (e->kind) {
    case IR_ENUM:
        return e->u.enumeration.values;
    case IR_OBJECT:
        return e->u.object.locals;
    case IR_ALTERNATE:
        return e->u.alternate.branches;
    case IR_CLASS:
        return e->u.klass.properties;
    default:
        return (IrMembers){ 0 };
    }
}

/*
 * A union and an implicit object are objects, but messages call them by other
 * names.
 */
const char *ir_describe(QapiSchema *schema, const IrEntity *e)
{
    static const char *const kinds[] = {
        [IR_BUILTIN] = "built-in type", [IR_ENUM] = "enum type",
        [IR_ARRAY] = "array type",      [IR_OBJECT] = "struct type",
        [IR_ALTERNATE] = "alternate type", [IR_COMMAND] = "command",
        [IR_EVENT] = "event",           [IR_CLASS] = "class",
    };
    const char *kind = ir_is_union(e) ? "union type"
                       : e->implicit  ? "object type"
                                      : kinds[e->kind];

    return arena_printf(&schema->arena, "%s '%s'", kind, e->name->str);
}
