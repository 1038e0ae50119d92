/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The texts of a manual: rst.c makes blocks and spans of them, and the format
 * writes these.  Names in a text become links to definitions.
 */
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/compiler/manual-internal.h"

#include <string.h>

/* Built-in types and what classes imply have no place to link to. */
bool manual_describes(const IrEntity *type)
{
    return type->definition && type->name == type->definition;
}

/* Returns (nullable) the described definition of a name of @len bytes. */
static const IrEntity *find_definition(QapiSchema *schema, const char *str,
                                       size_t len)
{
    const Name *name = name_intern(&schema->names, str, len);

    if (name->klass) {
        return name->klass;
    }
    return name->entity && manual_describes(name->entity) ? name->entity : NULL;
}

/* Returns true if @name is a member or an argument of @e. */
static bool has_member(const IrEntity *e, const Name *name)
{
    const IrEntity *object =
        e->kind == IR_COMMAND || e->kind == IR_EVENT ? e->u.call.arg : e;
    IrMembers locals = ir_members(e);

    for (uint32_t i = 0; i < locals.n; i++) {
        if (locals.item[i].name == name) {
            return true;
        }
    }
    if (object && object->kind == IR_OBJECT) {
        for (uint32_t i = 0; i < object->u.object.n_members; i++) {
            if (object->u.object.members[i]->name == name) {
                return true;
            }
        }
    }
    return false;
}

/*
 * "@name" is a member of the definition at hand; older schemas refer to other
 * definitions in the same way.
 */
static const IrEntity *resolve_name(Manual *m, const RstSpan *span)
{
    const IrEntity *e =
        find_definition(m->schema, span->target, span->target_len);

    return e && !(m->definition && has_member(m->definition, e->name)) ? e
                                                                       : NULL;
}

/*
 * Returns (nullable) the definition that a reference leads to.  "Foo.bar" leads
 * to the definition of which bar is a member.
 */
static const IrEntity *resolve(Manual *m, const RstSpan *span)
{
    const IrEntity *e;
    const char *dot;

    if (span->kind != RST_REFERENCE) {
        return NULL;
    }
    e = find_definition(m->schema, span->target, span->target_len);
    dot = memchr(span->target, '.', span->target_len);
    return e || !dot ? e
                     : find_definition(m->schema, span->target,
                                       dot - span->target);
}

/*
 * Appends text with inline markup.  The byte before a piece decides whether it
 * may be markup.
 */
static void out_spans(Manual *m, GString *out, const char *text)
{
    const char *p = text;
    RstSpan span;

    while (rst_next_span(&p, p > text ? p[-1] : '\n', &span)) {
        if (span.kind == RST_NAME) {
            span.target = span.text;
            span.target_len = span.len;
            if (resolve_name(m, &span)) {
                span.kind = RST_REFERENCE;
            }
        }
        m->format->span(out, &span, resolve(m, &span));
    }
}

/*
 * Appends blocks, the contents of each before the block itself.  The recursion
 * is limited by the parser.
 */
static void out_blocks(Manual *m, GString *out, const RstBlock *blocks)
{
    for (const RstBlock *b = blocks; b; b = b->next) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GString) contents = g_string_new(NULL);

        if (b->kind == RST_HEADING) {
            m->format->heading(out, b->number, b->text);
            continue;
        }
        if (b->text && b->kind != RST_LITERAL) {
            out_spans(m, text, b->text);
        }
        out_blocks(m, contents, b->first);
        m->format->block(out, b, b->kind == RST_LITERAL ? b->text : text->str,
                         contents->str);
    }
}

/* Appends the text of a section, whose later lines may be indented. */
void manual_text(Manual *m, GString *out, const char *text)
{
    g_autofree char *flat = doc_dedent(text);

    out_blocks(m, out, rst_parse(&m->schema->arena, flat, false));
}

/* Headings may be in free-form comments alone. */
void manual_free_text(Manual *m, const Doc *doc)
{
    const char *text = doc->sections ? doc->sections->text : "";

    out_blocks(m, m->out, rst_parse(&m->schema->arena, text, true));
}

void manual_indent(GString *out, const char *lines, const char *first,
                   const char *rest)
{
    for (const char *p = lines; *p; p = doc_next_line(p)) {
        size_t len = doc_line_length(p);

        if (len) {
            g_string_append(out, p == lines ? first : rest);
            g_string_append_len(out, p, len);
        }
        g_string_append_c(out, '\n');
    }
}

/* Appends a plain section, whose lines are not indented. */
void manual_plain_text(Manual *m, const char *text)
{
    out_blocks(m, m->out, rst_parse(&m->schema->arena, text, false));
}
