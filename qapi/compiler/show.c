/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A description of a schema for a terminal.
 *
 * Overview    the name and the first sentence of each definition, by kind.
 * Definition  its place in the files, its documentation, its contents
 *             (show-body.c) and the definitions that use it.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/show-internal.h"

#include "qapi/compiler/compiler.h"
#include "qapi/suggestion.h"

#include <string.h>

/* Appends "FILE:LINE". */
static void out_place(QapiSchema *schema, GString *out, SrcLoc loc)
{
    SrcPlace at = source_place(&schema->sources, loc);

    out_printf(out, "%s:%u", at.file->path, at.line);
}

/* ---- Users of a type ---- */

/* Returns true if @type is @wanted or a list of it.  @type: (nullable) */
static bool is_of_type(const IrEntity *type, const IrEntity *wanted)
{
    return type && (type == wanted || (type->kind == IR_ARRAY &&
                                       type->u.array_of.element == wanted));
}

/* Returns true if one of the members is of type @wanted, or a list of it. */
static bool members_use(IrMembers members, const IrEntity *wanted)
{
    for (uint32_t i = 0; i < members.n; i++) {
        if (is_of_type(members.item[i].type, wanted)) {
            return true;
        }
    }
    return false;
}

/*
 * Returns true if @wanted is mentioned in the definition of @e itself.  A type
 * that is used only through another one is not mentioned.
 */
static bool uses(const IrEntity *e, const IrEntity *wanted)
{
    switch (e->kind) {
    case IR_OBJECT:
        return e->u.object.base == wanted ||
               members_use(e->u.object.branches, wanted) ||
               members_use(e->u.object.locals, wanted);
    case IR_COMMAND:
        return is_of_type(e->u.call.arg, wanted) ||
               is_of_type(e->u.call.ret, wanted);
    case IR_EVENT:
        return is_of_type(e->u.call.arg, wanted);
    case IR_CLASS:
        return e->u.klass.parent == wanted ||
               members_use(e->u.klass.properties, wanted);
    default:
        return members_use(ir_members(e), wanted);
    }
}

/*
 * A type that is implied counts as the definition that implies it, which is
 * named once.
 */
static void out_users(QapiSchema *schema, GString *out,
                      const IrEntity *wanted)
{
    uint32_t epoch = ++schema->names.epoch;
    const char *before = "  used by: ";

    for (const IrEntity *e = schema->entities; e; e = e->next) {
        if (e->definition && e->definition->mark != epoch && e != wanted &&
            uses(e, wanted)) {
            e->definition->mark = epoch;
            out_printf(out, "%s%s", before, e->definition->str);
            before = ", ";
        }
    }
    if (*before == ',') {
        out_puts(out, "\n");
    }
}

/* ---- One definition ---- */

/* Sections are shown by their kind, in the order of the table. */
static void out_sections(GString *out, const IrEntity *e)
{
    static const struct {
        DocKind kind;
        const char *title;
    } sections[] = {
        { DOC_FEATURE, "feature" },
        { DOC_RETURNS, "returns" },
        { DOC_ERRORS, "errors" },
        { DOC_SINCE, "since" },
    };

    for (unsigned i = 0; e->doc && i < G_N_ELEMENTS(sections); i++) {
        for (DocSection *s = e->doc->sections; s; s = s->next) {
            if (s->kind == sections[i].kind) {
                out_printf(out, "  %s%s%s\n", sections[i].title,
                           s->name ? " " : "", s->name ? s->name->str : "");
                show_text(out, s->text, 4);
            }
        }
    }
}

/* A schema from introspection data has no places to show. */
static void show_entity(QapiSchema *schema, GString *out, const IrEntity *e)
{
    const char *text = entity_doc_text(e);

    out_printf(out, "%s %s", e->meta ? e->meta : "built-in", e->name->str);
    if (e->kind == IR_CLASS && e->u.klass.parent_name) {
        out_printf(out, ": %s", e->u.klass.parent_name->str);
    }
    if (e->kind == IR_CLASS && e->u.klass.abstract) {
        out_puts(out, "  abstract");
    }
    show_tags(out, &e->features);
    show_condition(out, e->cond);
    if (e->loc && !schema->told) {
        out_puts(out, "  (");
        out_place(schema, out, e->loc);
        out_puts(out, ")");
    }
    out_puts(out, "\n");
    if (*text) {
        out_puts(out, "\n");
        show_text(out, text, 2);
        out_puts(out, "\n");
    }
    show_body(schema, out, e);
    out_sections(out, e);
    out_users(schema, out, e);
}

/* ---- The overview ---- */

/*
 * Counts what the author defined; an entity that is implied has another name
 * than its definition.
 */
static unsigned count_kind(const QapiSchema *schema, const char *meta)
{
    unsigned n = 0;

    for (const IrEntity *e = schema->entities; e; e = e->next) {
        n += e->meta && e->name == e->definition &&
             strcmp(e->meta, meta) == 0;
    }
    return n;
}

/* Appends the name and the first sentence of the documentation. */
static void out_summary(GString *out, const IrEntity *e)
{
    g_autofree char *text = doc_join(entity_doc_text(e));
    char *stop;

    text[doc_line_length(text)] = '\0';
    stop = strstr(text, ". ");
    if (stop) {
        stop[1] = '\0';
    }
    out_printf(out, *text ? "  %-30s %s\n" : "  %s\n", e->name->str, text);
}

/* Lists the definitions by kind; the ones that users look for come first. */
static void show_overview(QapiSchema *schema, GString *out)
{
    static const char *const metas[] = {
        "class", "command", "event", "struct", "union", "alternate", "enum",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(metas); i++) {
        unsigned n = count_kind(schema, metas[i]);

        if (n) {
            out_printf(out, "%s (%u)\n", metas[i], n);
        }
        for (const IrEntity *e = n ? schema->entities : NULL; e;
             e = e->next) {
            if (e->meta && e->name == e->definition &&
                strcmp(e->meta, metas[i]) == 0) {
                out_summary(out, e);
            }
        }
    }
}

/* Hints at the definition that a misspelt name may mean. */
static void suggest_definition(const QapiSchema *schema, const char *name,
                               Error *const *errp)
{
    Suggestion s;

    suggestion_init(&s, name);
    for (const IrEntity *e = schema->entities; e; e = e->next) {
        if (e->definition == e->name) {
            suggestion_offer(&s, e->name->str);
        }
    }
    suggestion_append_hint(&s, errp);
}

/* A class and another definition may have the same name; both are shown. */
bool qapi_schema_show(QapiSchema *schema, const char *name, GString *out,
                      Error **errp)
{
    ERRP_GUARD();
    const Name *found;

    if (!name) {
        show_overview(schema, out);
        return true;
    }
    found = name_of(&schema->names, name);
    if (!found->klass && !found->entity) {
        error_setg(errp, "the schema defines no '%s'", name);
        suggest_definition(schema, name, errp);
        return false;
    }
    if (found->klass) {
        show_entity(schema, out, found->klass);
    }
    if (found->entity) {
        show_entity(schema, out, found->entity);
    }
    return true;
}
