/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pieces of C text that several generators need: conditions, literals,
 * comments, features, and the names of C. What is appended compiles as C and as
 * C++, whatever the schema's texts contain.
 */
#include "qapi/compiler/gen-internal.h"

#include "qapi/compiler/doc-text-internal.h"

#include <string.h>

/*
 * Appends a condition as an expression of the preprocessor.  Parentheses are
 * added only around several operands, because the text is meant to be read.
 */
static void out_cond(GString *out, const AstValue *cond)
{
    const AstValue *operand;
    const char *operator;

    if (cond->kind == AST_STRING) {
        out_printf(out, "defined(%s)", cond->str->str);
        return;
    }
    operand = cond->first;
    if (operand->key->keyword == KW_NOT) {
        out_puts(out, "!");
        out_cond(out, operand);
        return;
    }
    operator = operand->key->keyword == KW_ALL ? " && " : " || ";
    out_puts(out, operand->n > 1 ? "(" : "");
    for (const AstValue *v = operand->first; v; v = v->next) {
        out_cond(out, v);
        out_puts(out, v->next ? operator : "");
    }
    out_puts(out, operand->n > 1 ? ")" : "");
}

void out_if(GString *out, const AstValue *cond)
{
    if (cond) {
        out_puts(out, "#if ");
        out_cond(out, cond);
        out_puts(out, "\n");
    }
}

/* The comment repeats the condition. */
void out_endif(GString *out, const AstValue *cond)
{
    if (cond) {
        out_puts(out, "#endif /* ");
        out_cond(out, cond);
        out_puts(out, " */\n");
    }
}

/* A literal continues on a new line after this column. */
#define STRING_COLUMNS 70

/*
 * A control character is written in octal with three digits, so that a digit
 * may follow.
 */
void out_string(GString *out, const char *text, int indent)
{
    int col = indent;

    g_string_append_c(out, '"');
    for (; *text; text++) {
        bool end_line = *text == '\n' || (*text == ' ' &&
                                          col > STRING_COLUMNS);

        if (*text == '\n') {
            out_puts(out, "\\n");
        } else if (*text == '"' || *text == '\\') {
            out_printf(out, "\\%c", *text);
        } else if (*text == '?' && text[1] == '?') {
            out_puts(out, "\\?"); /* no trigraphs */
        } else if (g_ascii_iscntrl(*text)) {
            out_printf(out, "\\%03o", *text);
        } else {
            g_string_append_c(out, *text);
        }
        col++;
        if (end_line && text[1]) {
            out_printf(out, "\"\n%*s\"", indent, "");
            col = indent;
        }
    }
    g_string_append_c(out, '"');
}

void out_doc_string(GString *out, const char *text, int indent)
{
    g_autofree char *joined = doc_join(text);

    out_string(out, joined, indent);
}

void out_doc_field(GString *out, const char *text, int indent)
{
    if (*text) {
        out_printf(out, "%*s.doc = ", indent, "");
        out_doc_string(out, text, indent + 4);
        out_puts(out, ",\n");
    }
}

/*
 * Appends text inside a comment.  A blank separates what would begin or end a
 * comment.
 */
static void out_comment_text(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        g_string_append_c(out, text[i]);
        if ((text[i] == '*' && i + 1 < len && text[i + 1] == '/') ||
            (text[i] == '/' && i + 1 < len && text[i + 1] == '*')) {
            g_string_append_c(out, ' ');
        }
    }
}

/* Appends text inside a doc comment, each line after " * ". */
static void out_comment_lines(GString *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        out_puts(out, len ? " * " : " *");
        out_comment_text(out, text, len);
        out_puts(out, "\n");
        text += len;
        text += *text == '\n';
    }
}

/* Only what stands before the members describes the entity as a whole. */
const char *entity_doc_text(const IrEntity *e)
{
    for (DocSection *s = e->doc ? e->doc->sections : NULL; s; s = s->next) {
        if (s->kind == DOC_PLAIN) {
            return s->text;
        }
        if (s->kind == DOC_MEMBER) {
            break;
        }
    }
    return "";
}

/* Appends "TITLE TEXT".  The text keeps the indentation of its later lines. */
static void out_comment_section(GString *out, const char *title,
                                const char *text)
{
    g_autoptr(GString) lines = g_string_new(title);

    g_string_append(lines, *text && *text != '\n' ? " " : "");
    g_string_append(lines, text);
    out_comment_lines(out, lines->str);
}

/* @name: the C name, which the comment begins with */
void out_doc_comment(Gen *gen, GString *out, const IrEntity *e,
                     const char *name)
{
    const char *text = entity_doc_text(e);

    if (!e->doc) {
        return;
    }
    out_printf(out, "/**\n * %s:\n", name);
    if (*text) {
        out_puts(out, " *\n");
        out_comment_lines(out, text);
    }
    for (DocSection *s = e->doc->sections; s; s = s->next) {
        static const char *const tags[] = {
            [DOC_RETURNS] = "Returns:",
            [DOC_ERRORS] = "Errors:",
            [DOC_SINCE] = "Since:",
        };
        g_autofree char *title = NULL;

        if (s->kind == DOC_MEMBER || s->kind == DOC_FEATURE) {
            title = g_strdup_printf(s->kind == DOC_MEMBER ? "@%s:"
                                                          : "Feature %s:",
                                    s->name->str);
        } else if (s->kind != DOC_PLAIN && s->kind != DOC_TODO) {
            title = g_strdup(tags[s->kind]);
        } else if (s->kind == DOC_TODO || s->text == text) {
            continue;
        }
        out_puts(out, " *\n");
        out_comment_section(out, title ? title : "", s->text);
    }
    out_puts(out, " */\n");
}

/* Returns (nullable) the constant of a feature that the library acts on. */
static const char *special_name(const Name *feature)
{
    switch (feature->keyword) {
    case KW_DEPRECATED:
        return "QAPI_DEPRECATED";
    case KW_UNSTABLE:
        return "QAPI_UNSTABLE";
    default:
        return NULL;
    }
}

/* Decides whether a table has a field for them at all. */
bool has_special_features(IrFeatures features)
{
    for (uint32_t i = 0; i < features.n; i++) {
        if (special_name(features.item[i].name)) {
            return true;
        }
    }
    return false;
}

/*
 * Appends an expression; a feature under a condition is a line of its own
 * between #if and #endif.
 */
void out_special_features(GString *out, IrFeatures features, int indent)
{
    bool first = true;

    for (uint32_t i = 0; i < features.n; i++) {
        const IrFeature *f = &features.item[i];
        const char *name = special_name(f->name);

        if (!name) {
            continue;
        }
        if (f->cond) {
            out_puts(out, first ? "0\n" : "\n");
            out_if(out, f->cond);
            out_printf(out, "%*s| 1u << %s\n", indent, "", name);
            out_endif(out, f->cond);
            out_printf(out, "%*s", indent, "");
        } else {
            out_printf(out, "%s1u << %s", first ? "" : " | ", name);
        }
        first = false;
    }
}

/*
 * The table ends with an entry without a name, because conditions make its
 * length depend on the build.
 */
void out_features_table(GString *out, IrFeatures features, const char *name)
{
    if (features.n == 0) {
        return;
    }
    out_printf(out, "static const QapiFeature %s[] = {\n", name);
    for (uint32_t i = 0; i < features.n; i++) {
        const IrFeature *f = &features.item[i];

        out_if(out, f->cond);
        out_printf(out, "    { .name = \"%s\"", f->name->str);
        if (f->doc && *f->doc->text) {
            out_puts(out, ",\n      .doc = ");
            out_doc_string(out, f->doc->text, 6);
        }
        out_puts(out, " },\n");
        out_endif(out, f->cond);
    }
    out_puts(out, "    { .name = NULL },\n};\n\n");
}

const char *gen_c_name(Gen *gen, Name *name)
{
    return c_name_of(&gen->schema->names, name)->str;
}

/*
 * Built-in types are called like keywords of C, but qapi_type_int is not a
 * keyword.
 */
const char *gen_symbol(Gen *gen, const IrEntity *type)
{
    return type->kind == IR_BUILTIN ? type->name->str
                                    : gen_c_name(gen, type->name);
}

/* The text ends with a blank or a '*', so that a name can follow. */
const char *gen_c_type(Gen *gen, const IrEntity *type)
{
    switch (type->kind) {
    case IR_BUILTIN:
        return type->u.builtin->c_type;
    case IR_ENUM:
        return arena_printf(&gen->schema->arena, "%s ",
                            gen_c_name(gen, type->name));
    default:
        return arena_printf(&gen->schema->arena, "%s *",
                            gen_c_name(gen, type->name));
    }
}

/*
 * Returns the name of a constant, such as "FOO_BAR_VALUE".  Constants that
 * headers of generated code define themselves are kept apart by "Q_".  @value:
 * the name in the schema; "_MAX" for the number of values
 */
const char *gen_enum_const(Gen *gen, const IrEntity *type, const char *value)
{
    Name *prefix = type->u.enumeration.prefix;
    g_autofree char *upper = prefix ? NULL : c_upper_name(type->name->str);
    g_autofree char *c_value = c_identifier(value);

    for (char *p = c_value; *p; p++) {
        *p = g_ascii_toupper(*p);
    }
    return arena_printf(&gen->schema->arena, "%s%s_%s",
                        upper && c_is_taken_prefix(upper) ? "Q_" : "",
                        prefix ? prefix->str : upper, c_value);
}

const char *gen_field(Gen *gen, const IrMember *m)
{
    return gen_c_name(gen, m->name);
}

/*
 * This is the rule that the table in qapi/qapi-type.h shows: pointers other
 * than lists are absent if they are NULL.
 */
bool gen_has_flag(const IrMember *m)
{
    if (!m->optional) {
        return false;
    }
    switch (m->type->kind) {
    case IR_BUILTIN:
        return strchr(m->type->u.builtin->c_type, '*') == NULL;
    case IR_ENUM:
    case IR_ARRAY:
        return true;
    default:
        return false;
    }
}

/*
 * Types without C code of their own are built-in types, their lists, and
 * implicit objects, which only the code of their command or event defines.
 */
bool gen_is_own_type(const IrEntity *e)
{
    switch (e->kind) {
    case IR_ENUM:
    case IR_OBJECT:
    case IR_ALTERNATE:
        return !e->implicit && e->module;
    case IR_ARRAY:
        return e->u.array_of.element->kind != IR_BUILTIN;
    default:
        return false;
    }
}

/* ISO C forbids a struct without members, so it gets one, in every build. */
void out_struct_members(Gen *gen, GString *out, IrMember *const *members,
                        uint32_t n)
{
    bool any = false;

    for (uint32_t i = 0; i < n; i++) {
        const IrMember *m = members[i];

        any |= !m->cond;
        out_if(out, m->cond);
        if (gen_has_flag(m)) {
            out_printf(out, "    bool has_%s;\n", gen_field(gen, m));
        }
        out_printf(out, "    %s%s;\n", gen_c_type(gen, m->type),
                   gen_field(gen, m));
        out_endif(out, m->cond);
    }
    if (!any) {
        out_puts(out, "    char qapi_dummy_for_empty_struct;\n");
    }
}

/* The last column of a line of a prototype. */
#define COLUMNS 79

/* Later lines are indented to the column after the opening parenthesis. */
void out_wrapped(GString *out, const char *prototype)
{
    size_t indent = strcspn(prototype, "(") + 1;
    size_t col = 0;

    while (*prototype) {
        size_t len = strcspn(prototype, ",");

        len += prototype[len] == ',';
        if (col + len > COLUMNS && col > indent) {
            prototype += *prototype == ' ';
            len -= 1;
            out_printf(out, "\n%*s", (int)indent, "");
            col = indent;
        }
        g_string_append_len(out, prototype, len);
        prototype += len;
        col += len;
    }
}

/* Features that the library acts on are bits as well. */
void out_features_field(GString *out, IrFeatures features, const char *table,
                        int indent)
{
    if (has_special_features(features)) {
        out_printf(out, "%*s.special_features = ", indent, "");
        out_special_features(out, features, indent + 4);
        out_puts(out, ",\n");
    }
    if (features.n) {
        out_printf(out, "%*s.features = %s,\n", indent, "", table);
    }
}
