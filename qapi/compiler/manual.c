/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual of a schema: free-form comments and definitions in the order of
 * the files.
 *
 * manual-text.c writes the texts.  The other parts of a definition, such as its
 * arguments, come from the schema itself.
 */
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include "qapi/compiler/compiler.h"

#include <string.h>

/*
 * Returns (transfer full) what is said after a member's type, such as
 * "optional", "default 5, at least 0, at most 10, in ns", "if defined(X)",
 * "deprecated".  A property is always optional, so that is not said.
 */
static char *member_notes(const IrMember *member)
{
    const IrProperty *p = member->property;
    g_autoptr(GString) notes = g_string_new(NULL);

    if (member->optional && !p) {
        g_string_append(notes, ", optional");
    }
    if (p && p->def) {
        g_string_append_printf(notes, ", default %s",
                               p->def->kind != AST_BOOL ? p->def->str->str
                               : p->def->boolean        ? "true"
                                                        : "false");
    }
    if (p && p->min) {
        g_string_append_printf(notes, ", at least %s", p->min->str->str);
    }
    if (p && p->max) {
        g_string_append_printf(notes, ", at most %s", p->max->str->str);
    }
    if (p && p->unit) {
        g_string_append_printf(notes, ", in %s", p->unit->str);
    }
    if (p && p->set != IR_SET_ANY_TIME) {
        g_string_append(notes, p->set == IR_SET_NEVER ? ", read only"
                                                      : ", at creation only");
    }
    for (uint32_t i = 0; i < member->features.n; i++) {
        g_string_append_printf(notes, ", %s",
                               member->features.item[i].name->str);
    }
    if (member->cond) {
        g_autoptr(GString) text = g_string_new(NULL);

        out_if(text, member->cond);
        g_string_append_printf(notes, ", if %.*s", (int)text->len - 5,
                               text->str + 4);
    }
    return g_strdup(notes->len ? notes->str + 2 : "");
}

/*
 * Returns (transfer full) the type as it is written in a schema; "" for a
 * branch without members.
 */
static char *member_type(const IrMember *member)
{
    const IrProperty *p = member->property;

    if (p && (p->is_link || p->is_child)) {
        return g_strdup_printf("%s<%s>", p->is_link ? "link" : "child",
                               p->target->str);
    }
    if (!member->type || member->type->implicit) {
        return g_strdup("");
    }
    if (member->type->kind == IR_ARRAY) {
        return g_strdup_printf("[%s]",
                               member->type->u.array_of.element->name->str);
    }
    return g_strdup(member->type->name->str);
}

/* Links to the type, or to the element of a list. */
static void out_member(Manual *m, const IrMember *member)
{
    g_autofree char *notes = member_notes(member);
    g_autofree char *type_text = member_type(member);
    g_autoptr(GString) contents = g_string_new(NULL);
    const IrEntity *type = member->type;

    if (type && type->kind == IR_ARRAY) {
        type = type->u.array_of.element;
    }
    if (member->doc) {
        manual_text(m, contents, member->doc->text);
    }
    m->format->term(m->out, member->name->str,
                    type && manual_describes(type) ? type : NULL,
                    type_text, notes, contents->str);
}

/* Appends nothing if there are no members, not even the title. */
static void out_members(Manual *m, const char *title, IrMembers members)
{
    if (members.n == 0) {
        return;
    }
    m->format->title(m->out, title);
    m->format->start_terms(m->out);
    for (uint32_t i = 0; i < members.n; i++) {
        out_member(m, &members.item[i]);
    }
    m->format->end_terms(m->out);
}

/*
 * Appends a type alone, where inline members would be listed otherwise.  @doc:
 * (nullable) a text about it
 */
static void out_type_line(Manual *m, const char *title, IrEntity *type,
                          const DocSection *doc)
{
    IrMember member = { .name = type->name, .type = type };
    g_autofree char *text = member_type(&member);
    g_autoptr(GString) contents = g_string_new(NULL);
    const IrEntity *target =
        type->kind == IR_ARRAY ? type->u.array_of.element : type;

    if (doc) {
        manual_text(m, contents, doc->text);
    }
    m->format->title(m->out, title);
    m->format->start_terms(m->out);
    m->format->term(m->out, "", manual_describes(target) ? target : NULL, text,
                    "", contents->str);
    m->format->end_terms(m->out);
}

/* Appends all sections of a kind under its title. */
static void out_sections(Manual *m, const Doc *doc, DocKind kind,
                         const char *title)
{
    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == kind) {
            m->format->title(m->out, title);
            manual_text(m, m->out, s->text);
        }
    }
}

/*
 * A command that returns something says so even if its comment has no section
 * "Returns:".
 */
static void out_call(Manual *m, const IrEntity *e)
{
    const char *title = e->kind == IR_COMMAND ? "Arguments" : "Data";

    if (e->u.call.arg && e->u.call.arg->implicit) {
        out_members(m, title, e->u.call.arg->u.object.locals);
    } else if (e->u.call.arg) {
        out_type_line(m, title, e->u.call.arg, NULL);
    }
    if (e->kind == IR_COMMAND && e->u.call.ret) {
        out_type_line(m, "Returns", e->u.call.ret,
                      e->doc ? doc_find_section(e->doc, DOC_RETURNS) : NULL);
    } else if (e->doc) {
        out_sections(m, e->doc, DOC_RETURNS, "Returns");
    }
}

/*
 * Members of a named base are described there.  Branches that the author has
 * left out add nothing.
 */
static void out_object(Manual *m, const IrEntity *e)
{
    IrEntity *base = e->u.object.base;
    IrMembers branches = e->u.object.branches;
    g_autofree char *title = NULL;

    if (base && base->implicit) {
        out_members(m, "Members", base->u.object.locals);
    } else if (base) {
        out_type_line(m, "Members of", base, NULL);
    }
    out_members(m, "Members", e->u.object.locals);
    if (ir_is_union(e)) {
        title = g_strdup_printf("By %s", e->u.object.tag->name->str);
        branches.n = e->u.object.n_explicit;
        out_members(m, title, branches);
    }
}

/* The part of a definition that comes from the schema itself. */
static void out_body(Manual *m, const IrEntity *e)
{
    switch (e->kind) {
    case IR_COMMAND:
    case IR_EVENT:
        out_call(m, e);
        break;
    case IR_OBJECT:
        out_object(m, e);
        break;
    case IR_ENUM:
        out_members(m, "Values", ir_members(e));
        break;
    case IR_ALTERNATE:
        out_members(m, "One of", ir_members(e));
        break;
    case IR_CLASS:
        out_members(m, "Properties", ir_members(e));
        break;
    default:
        break;
    }
}

/*
 * All features of a definition and of its members have their texts in one list.
 */
static void out_features(Manual *m, const Doc *doc)
{
    if (!doc->has_features) {
        return;
    }
    m->format->title(m->out, "Features");
    m->format->start_terms(m->out);
    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == DOC_FEATURE) {
            g_autoptr(GString) contents = g_string_new(NULL);

            manual_text(m, contents, s->text);
            m->format->term(m->out, s->name->str, NULL, "", "",
                            contents->str);
        }
    }
    m->format->end_terms(m->out);
}

/*
 * Appends the text before the members, or the further plain sections, which are
 * notes and examples.
 */
static void out_plain_sections(Manual *m, const Doc *doc, bool further)
{
    bool is_first = true;

    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == DOC_PLAIN) {
            if (further != is_first) {
                manual_plain_text(m, s->text);
            }
            is_first = false;
        }
    }
}

/*
 * The order is the same for all definitions, whatever their comments have.  The
 * version is last, because notes would otherwise seem to be about it.
 */
static void out_definition(Manual *m, const IrEntity *e)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    IrMember like = { .features = e->features, .cond = e->cond };
    g_autofree char *facts = member_notes(&like);

    if (e->kind == IR_CLASS && e->u.klass.parent_name) {
        g_string_append_printf(notes, "a %s", e->u.klass.parent_name->str);
    }
    g_string_append_printf(notes, "%s%s", notes->len && *facts ? ", " : "",
                           facts);
    m->definition = e;
    m->format->definition(m->out, e, e->meta, notes->str);
    if (e->doc) {
        out_plain_sections(m, e->doc, false);
    }
    out_body(m, e);
    if (e->doc) {
        out_sections(m, e->doc, DOC_ERRORS, "Errors");
        out_features(m, e->doc);
        out_plain_sections(m, e->doc, true);
        out_sections(m, e->doc, DOC_SINCE, "Since");
    }
    m->format->end_definition(m->out);
    m->definition = NULL;
}

/* Returns (nullable) the entity of an expression; directives have none. */
static const IrEntity *entity_of(const TopLevel *top)
{
    for (AstValue *v = top->expr->first; v; v = v->next) {
        switch (v->key->keyword) {
        case KW_ENUM:
        case KW_STRUCT:
        case KW_UNION:
        case KW_ALTERNATE:
        case KW_COMMAND:
        case KW_EVENT:
            return v->str->entity;
        case KW_CLASS:
            return v->str->klass;
        default:
            break;
        }
    }
    return NULL;
}

/* The order is that of the files, because authors arrange them for readers. */
void qapi_schema_manual(QapiSchema *schema, QapiManualFormat format,
                        GString *out)
{
    static const ManualFormat *const formats[] = {
        [QAPI_MANUAL_HTML] = &manual_html,
        [QAPI_MANUAL_MAN] = &manual_man,
        [QAPI_MANUAL_MD] = &manual_md,
    };
    Manual m = { schema, formats[format], out };

    m.format->start(out, schema->modules->name);
    if (m.format->index) {
        m.format->index(out, schema);
    }
    for (TopLevel *top = schema->top_levels; top; top = top->next) {
        if (!top->expr) {
            manual_free_text(&m, top->doc);
        } else if (entity_of(top)) {
            out_definition(&m, entity_of(top));
        }
    }
    m.format->end(out);
}
