/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manual of a schema: free-form comments and definitions in the order of
 * the files.
 *
 * Of rST what schemas use is understood: paragraphs, lists, literal blocks
 * (whatever is indented), ``code``, **strong**, @name and admonitions; the
 * rest appears as written.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/gen-internal.h"
#include "qapi/compiler/manual-internal.h"

#include "qapi/compiler/compiler.h"

#include <string.h>

typedef struct Manual {
    QapiSchema *schema;
    const ManualFormat *format;
    GString *out;
    ManualPlace place;
} Manual;

static bool is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_';
}

/* The length of the marked piece at @p, with its marks; 0 if there is none. */
static size_t match_span(const char *p, const char *end, SpanKind *kind,
                         size_t *mark)
{
    static const struct {
        const char *mark;
        SpanKind kind;
    } marks[] = { { "``", SPAN_CODE }, { "**", SPAN_STRONG },
                  { "`", SPAN_CODE } };

    for (unsigned i = 0; i < G_N_ELEMENTS(marks); i++) {
        size_t len = strlen(marks[i].mark);
        const char *close;

        if ((size_t)(end - p) <= 2 * len ||
            strncmp(p, marks[i].mark, len) != 0) {
            continue;
        }
        close = g_strstr_len(p + len, end - p - len, marks[i].mark);
        if (close && close > p + len) {
            *kind = marks[i].kind;
            *mark = len;
            return close + len - p;
        }
    }
    if (*p == '@' && p + 1 < end && is_name_char(p[1])) {
        const char *q = p + 1;

        while (q < end && is_name_char(*q)) {
            q++;
        }
        *kind = SPAN_NAME;
        *mark = 0;
        return q - p;
    }
    return 0;
}

static void out_spans(Manual *m, const char *p, const char *end)
{
    const char *plain = p;

    while (p < end) {
        SpanKind kind;
        size_t mark;
        size_t len = match_span(p, end, &kind, &mark);

        if (!len) {
            p++;
            continue;
        }
        if (p > plain) {
            m->format->span(m->out, SPAN_PLAIN, plain, p - plain);
        }
        if (kind == SPAN_NAME) {
            m->format->span(m->out, kind, p + 1, len - 1);
        } else {
            m->format->span(m->out, kind, p + mark, len - 2 * mark);
        }
        p += len;
        plain = p;
    }
    if (p > plain) {
        m->format->span(m->out, SPAN_PLAIN, plain, p - plain);
    }
}

/* Lines up to a blank one, or to the next item. */
static const char *out_paragraph(Manual *m, const char *p)
{
    size_t mark = doc_item_mark(p);
    bool item = mark > 0;

    m->format->start_paragraph(m->out, item, m->place);
    for (p += mark; *p && *p != '\n'; p = doc_next_line(p)) {
        const char *start = p + strspn(p, " ");
        const char *end = p + doc_line_length(p);

        out_spans(m, start, end);
        if (*end && end[1] && end[1] != '\n' && !doc_item_mark(end + 1)) {
            m->format->span(m->out, SPAN_PLAIN, "\n", 1);
        } else {
            p = doc_next_line(p);
            break;
        }
    }
    m->format->end_paragraph(m->out, item);
    m->place = m->place == MANUAL_BODY ? MANUAL_BODY : MANUAL_TERM;
    return p;
}

/* Lines that are indented, and blank ones between them. */
static const char *out_literal(Manual *m, const char *p)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t indent = strspn(p, " ");

    while (*p == ' ' || *p == '\n') {
        size_t skip = MIN(indent, strspn(p, " "));

        g_string_append_len(text, p + skip, doc_line_length(p) - skip);
        g_string_append_c(text, '\n');
        p = doc_next_line(p);
    }
    while (g_str_has_suffix(text->str, "\n\n")) {
        g_string_truncate(text, text->len - 1);
    }
    m->format->literal(m->out, text->str, text->len, m->place);
    return p;
}

/* ".. note:: text" reads "Note: text", and "as follows::" "as follows:" */
static char *plain_directives(const char *text)
{
    static GRegex *directive;
    static GRegex *colons;
    g_autofree char *single = NULL;

    if (g_once_init_enter(&directive)) {
        g_once_init_leave(&directive,
                          g_regex_new("^\\.\\. (qmp-)?(\\w)([-\\w]*)::",
                                      G_REGEX_MULTILINE | G_REGEX_OPTIMIZE, 0,
                                      NULL));
    }
    if (g_once_init_enter(&colons)) {
        g_once_init_leave(&colons,
                          g_regex_new("(?<=\\S)::$",
                                      G_REGEX_MULTILINE | G_REGEX_OPTIMIZE, 0,
                                      NULL));
    }
    single = g_regex_replace(directive, text, -1, 0,
                             "**\\u\\2\\E\\3:**", 0, NULL);
    return g_regex_replace_literal(colons, single, -1, 0, ":", 0, NULL);
}

/* Is it ".. note::" or another of those that hold text?  Examples do not. */
static bool is_admonition(const char *p)
{
    static const char *const names[] = {
        "admonition", "attention", "caution", "danger", "error", "hint",
        "important", "note", "seealso", "tip", "warning",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t len = strlen(names[i]);

        if (strncmp(p, ".. ", 3) == 0 &&
            strncmp(p + 3, names[i], len) == 0 &&
            strncmp(p + 3 + len, "::", 2) == 0) {
            return true;
        }
    }
    return false;
}

/* Indented lines are a literal, except those of an admonition. */
static char *without_admonitions(const char *text)
{
    GString *out = g_string_new(NULL);
    const char *p = text;

    while (*p) {
        const char *end = doc_next_line(p);
        bool admonition = is_admonition(p);
        size_t indent;

        g_string_append_len(out, p, end - p);
        p = end;
        if (!admonition) {
            continue;
        }
        while (*end && (*end == ' ' || doc_is_blank(end))) {
            end = doc_next_line(end);
        }
        indent = doc_common_indent(p, end);
        for (; p < end; p = doc_next_line(p)) {
            size_t skip = MIN(indent, strspn(p, " "));

            g_string_append_len(out, p + skip, doc_next_line(p) - p - skip);
        }
    }
    return g_string_free(out, FALSE);
}

static void out_body_text(Manual *m, const char *text)
{
    g_autofree char *flat = without_admonitions(text);
    g_autofree char *plain = plain_directives(flat);
    const char *p = plain;

    while (*p) {
        if (*p == '\n') {
            p++;
        } else if (*p == ' ') {
            p = out_literal(m, p);
        } else {
            p = out_paragraph(m, p);
        }
    }
}

static void out_text(Manual *m, const char *text)
{
    g_autofree char *flat = doc_dedent(text);

    out_body_text(m, flat);
}

static void out_free_text(Manual *m, const Doc *doc)
{
    const char *text = doc->sections ? doc->sections->text : "";
    size_t level = strspn(text, "=");

    if (level && text[level] == ' ') {
        g_autofree char *title =
            g_strndup(text + level + 1, doc_line_length(text) - level - 1);

        m->format->heading(m->out, level, title);
        text = doc_next_line(text);
    }
    out_body_text(m, text);
}

/* "optional, default 5, 0 to 10, ns, if defined(X), deprecated" */
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
                               member->features.row[i].name->str);
    }
    if (member->cond) {
        g_autoptr(GString) text = g_string_new(NULL);

        out_if(text, member->cond);
        g_string_append_printf(notes, ", if %.*s", (int)text->len - 5,
                               text->str + 4);
    }
    return g_strdup(notes->len ? notes->str + 2 : "");
}

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

static void out_term_text(Manual *m, const char *text)
{
    m->place = MANUAL_TERM_FIRST;
    out_text(m, text);
    m->place = MANUAL_BODY;
}

/* Built-in types and what classes imply have no place to link to. */
static bool is_described(const IrEntity *type)
{
    return type->definition && type->name == type->definition;
}

static void out_member(Manual *m, const IrMember *member)
{
    g_autofree char *notes = member_notes(member);
    g_autofree char *type_text = member_type(member);
    const IrEntity *type = member->type;

    if (type && type->kind == IR_ARRAY) {
        type = type->u.array_of.element;
    }
    m->format->term(m->out, member->name->str,
                    type && is_described(type) ? type : NULL,
                    type_text, notes);
    if (member->doc) {
        out_term_text(m, member->doc->text);
    }
    m->format->end_term(m->out);
}

static void out_members(Manual *m, const char *title, IrMembers members)
{
    if (members.n == 0) {
        return;
    }
    m->format->title(m->out, title);
    m->format->start_terms(m->out);
    for (uint32_t i = 0; i < members.n; i++) {
        out_member(m, &members.row[i]);
    }
    m->format->end_terms(m->out);
}

/* A type that is all there is to say. */
static void out_type_line(Manual *m, const char *title, IrEntity *type)
{
    IrMember member = { .name = type->name, .type = type };
    g_autofree char *text = member_type(&member);
    const IrEntity *target =
        type->kind == IR_ARRAY ? type->u.array_of.element : type;

    m->format->title(m->out, title);
    m->format->start_terms(m->out);
    m->format->term(m->out, "", is_described(target) ? target : NULL, text,
                    "");
    m->format->end_term(m->out);
    m->format->end_terms(m->out);
}

static void out_call(Manual *m, const IrEntity *e)
{
    const char *title = e->kind == IR_COMMAND ? "Arguments" : "Data";

    if (e->u.call.arg && e->u.call.arg->implicit) {
        out_members(m, title, e->u.call.arg->u.object.locals);
    } else if (e->u.call.arg) {
        out_type_line(m, title, e->u.call.arg);
    }
    if (e->kind == IR_COMMAND && e->u.call.ret) {
        out_type_line(m, "Returns", e->u.call.ret);
    }
}

static void out_object(Manual *m, const IrEntity *e)
{
    IrEntity *base = e->u.object.base;
    IrMembers branches = e->u.object.branches;
    g_autofree char *title = NULL;

    if (base && base->implicit) {
        out_members(m, "Members", base->u.object.locals);
    } else if (base) {
        out_type_line(m, "Members of", base);
    }
    out_members(m, "Members", e->u.object.locals);
    if (ir_is_union(e)) {
        title = g_strdup_printf("By %s", e->u.object.tag->name->str);
        branches.n = e->u.object.n_explicit;
        out_members(m, title, branches);
    }
}

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

static void out_features(Manual *m, const Doc *doc)
{
    if (!doc->has_features) {
        return;
    }
    m->format->title(m->out, "Features");
    m->format->start_terms(m->out);
    for (DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == DOC_FEATURE) {
            m->format->term(m->out, s->name->str, NULL, "", "");
            out_term_text(m, s->text);
            m->format->end_term(m->out);
        }
    }
    m->format->end_terms(m->out);
}

static void out_sections(Manual *m, const Doc *doc)
{
    static const struct {
        DocKind kind;
        const char *title;
    } kinds[] = {
        { DOC_RETURNS, "Result" },
        { DOC_ERRORS, "Errors" },
        { DOC_SINCE, "Since" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        for (DocSection *s = doc->sections; s; s = s->next) {
            if (s->kind == kinds[i].kind) {
                m->format->title(m->out, kinds[i].title);
                out_text(m, s->text);
            }
        }
    }
    out_features(m, doc);
}

static void out_definition(Manual *m, const IrEntity *e)
{
    g_autoptr(GString) notes = g_string_new(NULL);
    IrMember like = { .features = e->features, .cond = e->cond };
    g_autofree char *facts = member_notes(&like);
    bool first = true;

    if (e->kind == IR_CLASS && e->u.klass.parent_name) {
        g_string_append_printf(notes, "a %s", e->u.klass.parent_name->str);
    }
    g_string_append_printf(notes, "%s%s", notes->len && *facts ? ", " : "",
                           facts);
    m->format->definition(m->out, e, e->meta, notes->str);
    for (DocSection *s = e->doc ? e->doc->sections : NULL; s; s = s->next) {
        if (s->kind == DOC_PLAIN && first) {
            out_body_text(m, s->text);
            first = false;
        }
    }
    out_body(m, e);
    if (e->doc) {
        out_sections(m, e->doc);
    }
    first = true;
    for (DocSection *s = e->doc ? e->doc->sections : NULL; s; s = s->next) {
        if (s->kind == DOC_PLAIN && !first) {
            out_body_text(m, s->text);
        }
        first &= s->kind != DOC_PLAIN;
    }
    m->format->end_definition(m->out);
}

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
            out_free_text(&m, top->doc);
        } else if (entity_of(top)) {
            out_definition(&m, entity_of(top));
        }
    }
    m.format->end(out);
}
