/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Warnings about a schema that is right: what a reviewer would ask to change.
 *
 * Texts: definitions, members, values and results without a text.
 *
 * Definitions: types that nothing uses, and "x-" names without 'unstable'.
 *
 * Lines of comments: their style by the newest version of the language, and
 * names in them that the schema does not have.
 *
 * A rule is silent where a pragma states an exception.  The rule about 'Since:'
 * is silent if no definition of the schema has one.
 *
 * Contract: docs/schema-language.md, "Warnings"
 */
#include "qapi/compiler/compiler.h"

#include "qapi/compiler/doc-style-internal.h"
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/hint-internal.h"
#include "qapi/compiler/rst-internal.h"

#include <string.h>

/* Each suggestion compares a word with all members of a definition. */
#define MAX_HINTS 100

typedef struct Warning {
    SrcLoc loc;
    unsigned number; /* in the order of finding, for equal places */
    char *text;
} Warning;

typedef struct Lint {
    QapiSchema *schema;
    GArray *warnings;   /* of Warning */
    const IrEntity *of; /* the definition that is looked at */
    bool has_since;     /* some definition says since when it is there */
    unsigned n_hints;   /* number of suggestions that were searched */
    uint32_t known;     /* the epoch of names that are members or features */
} Lint;

/* @id: the name of the rule */
G_GNUC_PRINTF(4, 5)
static void warn(Lint *l, SrcLoc loc, const char *id, const char *fmt, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    va_list args;
    Warning w = { .loc = loc, .number = l->warnings->len };

    if (l->of) {
        g_string_append_printf(text, "%s '%s': ", l->of->meta,
                               l->of->definition->str);
    }
    va_start(args, fmt);
    g_string_append_vprintf(text, fmt, args);
    va_end(args);
    g_string_append_printf(text, " [%s]", id);
    w.text = g_string_free(g_steal_pointer(&text), FALSE);
    g_array_append_val(l->warnings, w);
}

/* Returns true for what the schema itself contains. */
static bool is_written(const IrEntity *e)
{
    return e->definition == e->name && !e->from_class && !e->implicit;
}

/* ---- Texts that are missing ---- */

/* Features need no exception: in all versions but 7.2 they must have a text. */
static void lint_members(Lint *l)
{
    IrMembers members = ir_documented_members(l->of);
    bool is_excepted = l->of->name->exceptions & EXCEPT_DOCUMENTATION;

    for (uint32_t i = 0; i < members.n && !is_excepted; i++) {
        const IrMember *m = &members.item[i];

        if (!m->doc || !*m->doc->text) {
            warn(l, m->loc, "no-text", "%s '%s' has no text", ir_role(l->of),
                 m->name->str);
        }
    }
}

/* A type that the schema defines has a comment of its own. */
static bool returns_builtin(const IrEntity *e)
{
    const IrEntity *ret = e->kind == IR_COMMAND ? e->u.call.ret : NULL;

    if (ret && ret->kind == IR_ARRAY) {
        ret = ret->u.array_of.element;
    }
    return ret && ret->kind == IR_BUILTIN;
}

/* Members of a definition without a comment are not named one by one. */
static void lint_comment(Lint *l)
{
    const IrEntity *e = l->of;

    if (!e->doc) {
        warn(l, e->loc, "no-comment", "has no comment");
        return;
    }
    lint_members(l);
    if (l->has_since && !doc_find_section(e->doc, DOC_SINCE)) {
        warn(l, e->doc->loc, "no-since", "lacks 'Since:', which others have");
    }
    if (returns_builtin(e) && !doc_find_section(e->doc, DOC_RETURNS)) {
        warn(l, e->doc->loc, "no-returns",
             "lacks 'Returns:', and the type of the result has no comment");
    }
}

/*
 * ---- Types that nothing uses ----
 * Only a mention by another definition counts, so that a type which contains
 * itself is not its own user.
 */

/* @type: (nullable) */
static void mark_used(const IrEntity *type, const IrEntity *by, uint32_t epoch)
{
    IrEntity *used =
        (IrEntity *)(type && type->kind == IR_ARRAY ? type->u.array_of.element
                                                    : type);

    if (used && used->definition != by->definition) {
        used->visit = epoch;
    }
}

static void mark_all_used(IrMembers members, const IrEntity *by, uint32_t epoch)
{
    for (uint32_t i = 0; i < members.n; i++) {
        mark_used(members.item[i].type, by, epoch);
    }
}

/* Marks what the definition of @e mentions. */
static void mark_used_by(const IrEntity *e, uint32_t epoch)
{
    mark_all_used(ir_members(e), e, epoch);
    if (e->kind == IR_OBJECT) {
        mark_used(e->u.object.base, e, epoch);
        mark_all_used(e->u.object.branches, e, epoch);
    } else if (e->kind == IR_COMMAND || e->kind == IR_EVENT) {
        mark_used(e->u.call.arg, e, epoch);
        mark_used(e->u.call.ret, e, epoch);
    }
}

/* A schema without commands, events and classes has types for programs only. */
static void lint_unused(Lint *l)
{
    uint32_t epoch = ++l->schema->names.epoch;
    bool has_clients = false;

    for (const IrEntity *e = l->schema->entities; e; e = e->next) {
        mark_used_by(e, epoch);
        has_clients |=
            e->kind == IR_COMMAND || e->kind == IR_EVENT || e->kind == IR_CLASS;
    }
    for (const IrEntity *e = l->schema->entities; e && has_clients;
         e = e->next) {
        bool is_type = e->kind == IR_ENUM || e->kind == IR_OBJECT ||
                       e->kind == IR_ALTERNATE;

        if (is_type && e->visit != epoch && is_written(e)) {
            l->of = e;
            warn(l, e->loc, "unused", "nothing uses this type");
        }
    }
    l->of = NULL;
}

/* ---- Lines of comments ---- */

static void mark_features(IrFeatures features, uint32_t epoch)
{
    for (uint32_t i = 0; i < features.n; i++) {
        features.item[i].name->mark = epoch;
    }
}

/*
 * Marks all names of members, values and features.  Comments also mention
 * those of other definitions.
 */
static void mark_known(Lint *l)
{
    l->known = ++l->schema->names.epoch;
    for (const IrEntity *e = l->schema->entities; e; e = e->next) {
        IrMembers members = ir_members(e);

        mark_features(e->features, l->known);
        for (uint32_t i = 0; i < members.n; i++) {
            members.item[i].name->mark = l->known;
            mark_features(members.item[i].features, l->known);
        }
    }
}

/* Returns true for "`name`", which has neither a role nor an address. */
static bool is_plain_reference(const RstSpan *span, const char *line)
{
    const char *quote = span->text - 1;

    return span->kind == RST_REFERENCE && span->target == span->text &&
           *quote == '`' && (quote == line || quote[-1] != ':');
}

/* Returns true if the schema has this name, or the definition of "Foo.bar". */
static bool is_known(Lint *l, const char *str, size_t len)
{
    const char *dot = memchr(str, '.', len);
    const Name *name = name_intern(&l->schema->names, str, len);

    return name->entity || name->klass || name->mark == l->known ||
           (dot && is_known(l, str, dot - str));
}

/* @name: not NUL-terminated */
static void warn_unknown(Lint *l, SrcLoc loc, const char *name, size_t len)
{
    g_autofree char *word = g_strndup(name, len);
    const char *hint = "";

    if (l->of && l->n_hints++ < MAX_HINTS) {
        hint = hint_member(l->schema, word, ir_documented_members(l->of));
    }
    warn(l, loc, "no-such-name", "nothing in the schema is called '%s'%s", word,
         hint);
}

/* Warns about names in the line that the schema does not have. */
static void lint_names(Lint *l, SrcLoc loc, const char *line, size_t len)
{
    g_autofree char *text = g_strndup(line, len);
    const char *p = text;
    RstSpan span;

    while (rst_next_span(&p, p > text ? p[-1] : '\n', &span)) {
        bool is_name = span.kind == RST_NAME || is_plain_reference(&span, text);

        if (is_name && !is_known(l, span.text, span.len)) {
            warn_unknown(l, loc, span.text, span.len);
        }
    }
}

/* The word of the lexer is the line, with its "# ". */
static void lint_line(Lint *l, DocStyle *style, const Lexer *lexer)
{
    SrcLoc loc = lexer_loc(lexer);
    const char *line = lexer->start;
    size_t len = lexer->next - line;
    size_t at;

    while (len > 2 && g_ascii_isspace(line[len - 1])) {
        len--;
    }
    line += MIN(len, 2);
    len -= MIN(len, 2);
    switch (doc_style_fault(style, line, len, lexer->next, &at)) {
    case DOC_FAULT_LONG_LINE:
        warn(l, loc, "doc-long-line",
             "documentation line longer than " DOC_MAX_LINE_TEXT " characters");
        break;
    case DOC_FAULT_SENTENCES:
        warn(l, loc, "doc-sentences", "use two spaces between sentences");
        break;
    default:
        break;
    }
    if (!style->is_literal) {
        lint_names(l, loc, line, len);
    }
}

/*
 * The text of sections has lost its lines, so the comment is read again, which
 * is known to end with "##".
 */
static void lint_lines(Lint *l, const Doc *doc)
{
    QapiSchema *schema = l->schema;
    const SourceFile *file = source_place(&schema->sources, doc->loc).file;
    DocStyle style = { 0 };
    Lexer lexer;

    lexer_init(&lexer, file, &schema->names, &schema->diags);
    lexer.next = file->text + (doc->loc - file->base);
    lexer_next(&lexer, LEX_COMMENTS);
    while (lexer_next(&lexer, LEX_COMMENTS) && lexer.start[1] != '#') {
        lint_line(l, &style, &lexer);
    }
}

/* ---- All ---- */

static bool is_unstable(Lint *l, const IrEntity *e)
{
    for (uint32_t i = 0; i < e->features.n; i++) {
        if (e->features.item[i].name == l->schema->keywords[KW_UNSTABLE]) {
            return true;
        }
    }
    return false;
}

/* The order does not matter: print() sorts the warnings by their places. */
static void lint_definition(Lint *l, const IrEntity *e)
{
    l->of = e;
    lint_comment(l);
    if (g_str_has_prefix(e->name->str, "x-") && !is_unstable(l, e)) {
        warn(l, e->loc, "unstable", "lacks the feature 'unstable'");
    }
    if (e->doc) {
        lint_lines(l, e->doc);
    }
    l->of = NULL;
}

/* For g_array_sort(), which does not keep the order of equal elements. */
static int compare(gconstpointer a, gconstpointer b)
{
    const Warning *x = a;
    const Warning *y = b;

    return x->loc != y->loc ? (x->loc > y->loc ? 1 : -1)
                            : (int)x->number - (int)y->number;
}

/* By file, in the order in which they were read, and by line. */
static unsigned print(Lint *l, GString *out)
{
    unsigned n = l->warnings->len;

    g_array_sort(l->warnings, compare);
    for (unsigned i = 0; i < n; i++) {
        Warning *w = &g_array_index(l->warnings, Warning, i);
        SrcPlace at = source_place(&l->schema->sources, w->loc);

        g_string_append_printf(out, "%s:%u: warning: %s\n", at.file->path,
                               at.line, w->text);
        g_free(w->text);
    }
    g_array_free(l->warnings, TRUE);
    return n;
}

unsigned qapi_schema_lint(QapiSchema *schema, GString *out)
{
    Lint l = { .schema = schema,
               .warnings = g_array_new(FALSE, FALSE, sizeof(Warning)) };

    mark_known(&l);
    for (const TopLevel *top = schema->top_levels; top; top = top->next) {
        if (top->doc && doc_find_section(top->doc, DOC_SINCE)) {
            l.has_since = true;
        }
        if (top->doc && !top->expr) {
            lint_lines(&l, top->doc);
        }
    }
    for (const IrEntity *e = schema->entities; e; e = e->next) {
        if (is_written(e)) {
            lint_definition(&l, e);
        }
    }
    lint_unused(&l);
    return print(&l, out);
}
