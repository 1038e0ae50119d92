/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documentation and what it documents.
 *
 * Each member and feature of a documented definition must have a section that
 * describes it, and each section must describe one that exists.  A section is
 * connected when the member or feature of its name is found; in the end, a
 * section that is not connected describes nothing.
 *
 * Members that a base contributes are described at the base.
 */
#include "qapi/compiler/ir-internal.h"

/*
 * Makes Name.marked point to the section of the kind @kind that describes the
 * name, so that looking up a section is one comparison.  Returns the epoch of
 * the marks.
 */
static uint32_t mark_sections(QapiSchema *schema, const Doc *doc,
                              DocKind kind)
{
    uint32_t epoch = ++schema->names.epoch;

    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == kind) {
            s->name->mark = epoch;
            s->name->marked = s;
        }
    }
    return epoch;
}

/*
 * Returns (nullable) the section that describes @name and marks it as
 * connected.
 */
static const DocSection *connect(const Name *name, uint32_t epoch)
{
    DocSection *section;

    if (name->mark != epoch) {
        return NULL;
    }
    section = (DocSection *)name->marked;
    section->connected = true;
    return section;
}

/*
 * The inline members of a command, event or union belong to an implicit object,
 * which has no documentation of its own.
 */
IrMembers ir_documented_members(const IrEntity *e)
{
    if (e->kind == IR_COMMAND || e->kind == IR_EVENT) {
        if (e->u.call.arg && e->u.call.arg->implicit) {
            return e->u.call.arg->u.object.locals;
        }
        return (IrMembers){ 0 };
    }
    if (ir_is_union(e)) {
        if (e->u.object.base && e->u.object.base->implicit) {
            return e->u.object.base->u.object.locals;
        }
        return (IrMembers){ 0 };
    }
    return ir_members(e);
}

/* Reports that @name has no section. */
static bool lacks(QapiSchema *schema, const IrEntity *e, const char *what,
                  const Name *name)
{
    return diag(&schema->diags, DIAG_DOC_LACKS, e->loc, 0, what, name->str);
}

const char *ir_role(const IrEntity *e)
{
    switch (e->kind) {
    case IR_ENUM:
        return "value";
    case IR_ALTERNATE:
        return "branch";
    case IR_CLASS:
        return "property";
    case IR_COMMAND:
    case IR_EVENT:
        return "parameter";
    default:
        return "member";
    }
}

/*
 * Data from introspection (schema->told) lacks texts, so that a member without
 * one is no error there; neither is it in a definition that a pragma exempts.
 */
static bool connect_members(QapiSchema *schema, const IrEntity *e)
{
    IrMembers members = ir_documented_members(e);
    uint32_t epoch = mark_sections(schema, e->doc, DOC_MEMBER);

    for (uint32_t i = 0; i < members.n; i++) {
        IrMember *m = &members.item[i];

        m->doc = connect(m->name, epoch);
        if (!m->doc && !schema->told && !e->doc->is_loose &&
            !(e->name->exceptions & EXCEPT_DOCUMENTATION)) {
            return lacks(schema, e, ir_role(e), m->name);
        }
    }
    return true;
}

/* Connects one list of features; @epoch is that of the marks. */
static bool connect_features(QapiSchema *schema, const IrEntity *e,
                             IrFeatures features, uint32_t epoch)
{
    for (uint32_t i = 0; i < features.n; i++) {
        IrFeature *f = &features.item[i];

        f->doc = connect(f->name, epoch);
        if (!f->doc && !schema->told) {
            return lacks(schema, e, "feature", f->name);
        }
    }
    return true;
}

/*
 * The features of a definition and those of its members share one part of the
 * documentation.
 */
static bool connect_all_features(QapiSchema *schema, const IrEntity *e)
{
    IrMembers members = ir_documented_members(e);
    uint32_t epoch = mark_sections(schema, e->doc, DOC_FEATURE);

    if (!connect_features(schema, e, e->features, epoch)) {
        return false;
    }
    for (uint32_t i = 0; i < members.n; i++) {
        if (!connect_features(schema, e, members.item[i].features, epoch)) {
            return false;
        }
    }
    return true;
}

/*
 * A class's properties are also members of the struct that it implies, except
 * those that are no options.  Both lists have the same order.
 */
static void share_docs(const IrEntity *klass)
{
    IrMembers from = klass->u.klass.properties;
    IrMembers to = klass->u.klass.struct_type->u.object.locals;
    uint32_t n = 0;

    for (uint32_t i = 0; i < from.n && n < to.n; i++) {
        if (from.item[i].name == to.item[n].name) {
            to.item[n++].doc = from.item[i].doc;
        }
    }
}

void connect_doc(QapiSchema *schema, IrEntity *e)
{
    schema->diags.kind = e->meta;
    schema->diags.name = e->definition->str;
    if (connect_members(schema, e)) {
        connect_all_features(schema, e);
    }
    if (e->kind == IR_CLASS) {
        share_docs(e);
    }
    schema->diags.name = NULL;
}

/*
 * Reports the sections of the kind @kind that describe nothing, all in one
 * message, at the first of them.
 */
static void check_sections(QapiSchema *schema, const Doc *doc, DocKind kind,
                           const char *what)
{
    g_autoptr(GString) names = g_string_new(NULL);
    const DocSection *first = NULL;
    unsigned n = 0;

    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == kind && !s->connected) {
            first = first ? first : s;
            g_string_append_printf(names, "%s%s", n++ ? "', '" : "",
                                   s->name->str);
        }
    }
    if (first) {
        diag(&schema->diags, DIAG_DOC_UNKNOWN, first->loc, 0,
             n > 1 ? arena_printf(&schema->arena, "%ss", what) : what,
             names->str, n > 1 ? "do" : "does");
    }
}

/*
 * Runs only if all entities are right: a description must not be called wrong
 * because its member was not understood.
 */
void check_docs(QapiSchema *schema)
{
    for (TopLevel *top = schema->top_levels; top; top = top->next) {
        if (top->expr && top->doc) {
            check_sections(schema, top->doc, DOC_MEMBER, "member");
            check_sections(schema, top->doc, DOC_FEATURE, "feature");
        }
    }
}
