/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A description of a schema for a terminal: an overview, or one definition with
 * its place in the files and with the definitions that use it.
 *
 * Every line begins with its indentation: 2 blanks for titles, 4 for members, 8
 * for their texts.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/show-internal.h"

#include "qapi/compiler/compiler.h"
#include "qapi/suggestion.h"

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
 * then described where it is used, because its name tells nothing.
 */
static bool is_masked(const QapiSchema *schema, const IrEntity *type)
{
    const char *number = type->name->str + strlen("Type");

    return schema->told && g_str_has_prefix(type->name->str, "Type") &&
           *number && strspn(number, "0123456789") == strlen(number);
}

/* Appends "FILE:LINE". */
static void out_place(QapiSchema *schema, GString *out, SrcLoc loc)
{
    SrcPlace at = source_place(&schema->sources, loc);

    out_printf(out, "%s:%u", at.file->path, at.line);
}

#define COLUMNS 79

/*
 * Appends a line of words, broken where it is too long.  Later lines of a list
 * item are indented to its text.
 */
static void out_folded(GString *out, const char *p, size_t len, size_t indent)
{
    const char *end = p + len;
    size_t hang = doc_item_mark(p); /* of the lines after the first */
    size_t col = 0;

    while (p < end) {
        size_t word = MIN(strcspn(p, " "), (size_t)(end - p));

        if (col && col + 1 + word > COLUMNS) {
            out_puts(out, "\n");
            col = 0;
            indent += hang;
            hang = 0;
        }
        if (col) {
            out_puts(out, " ");
            col++;
        } else {
            out_printf(out, "%*s", (int)indent, "");
            col = indent;
        }
        g_string_append_len(out, p, word);
        col += word;
        p = MIN(p + word + 1, end);
    }
    out_puts(out, "\n");
}

/* Literal blocks are not folded. */
void show_text(GString *out, const char *text, size_t indent)
{
    g_autofree char *joined = doc_join(text);

    for (const char *p = joined; *p; p = doc_next_line(p)) {
        size_t len = doc_line_length(p);

        if (len == 0) {
            out_puts(out, "\n");
        } else if (*p == ' ') {
            out_printf(out, "%*s%.*s\n", (int)indent, "", (int)len, p);
        } else {
            out_folded(out, p, len, indent);
        }
    }
}

/* Appends features, such as "[deprecated]". */
static void out_tags(GString *out, const IrFeatures *features)
{
    for (uint32_t i = 0; i < features->n; i++) {
        out_printf(out, "  [%s]", features->item[i].name->str);
    }
}

/*
 * The condition is the one that out_if() writes, without "#if " and the
 * newline.
 */
static void out_condition(GString *out, const AstValue *cond)
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
    out_folded(out, text->str, text->len, 8);
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
    out_tags(out, &m->features);
    out_condition(out, m->cond);
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

/* Returns true if @wanted is mentioned in the definition of @e itself. */
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

/* An implicit object counts as the definition that has it. */
static void out_users(QapiSchema *schema, GString *out,
                      const IrEntity *wanted)
{
    const char *before = "  used by: ";

    for (const IrEntity *e = schema->entities; e; e = e->next) {
        if (e->definition && e != wanted && uses(e, wanted)) {
            out_printf(out, "%s%s", before, e->definition->str);
            before = ", ";
        }
    }
    if (*before == ',') {
        out_puts(out, "\n");
    }
}

/* Appends what is particular to the kind of definition. */
static void out_body(QapiSchema *schema, GString *out, const IrEntity *e)
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
    out_tags(out, &e->features);
    out_condition(out, e->cond);
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
    out_body(schema, out, e);
    out_sections(out, e);
    out_users(schema, out, e);
}

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
