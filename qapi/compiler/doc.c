/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documentation comments: the lines between two `##`, divided into sections.
 *
 * A section begins with a line that is not indented: a tag such as "Returns:",
 * a description "@name:", or a plain paragraph.  A section with a tag contains
 * the lines that follow as long as they are indented or blank; a blank line
 * ends a plain paragraph, and consecutive paragraphs are one section.  Text is
 * kept as it is written.
 *
 * Contract: docs/schema-language.md, "Documentation"
 */
#include "qapi/compiler/doc-lines-internal.h"

#include <string.h>

/* Gives the last section its text, without blank lines at both ends. */
static void end_section(DocParser *d)
{
    size_t start = strspn(d->text->str, "\n");
    size_t end = d->text->len;

    if (!d->section) {
        return;
    }
    while (end > start && d->text->str[end - 1] == '\n') {
        end--;
    }
    d->section->text = arena_strndup(&d->p->schema->arena,
                                     d->text->str + start, end - start);
    g_string_truncate(d->text, 0);
}

/* The place of a section is that of its first line, for messages. */
static void start_section(DocParser *d, DocKind kind, Name *name)
{
    DocSection *section = arena_new(&d->p->schema->arena, DocSection);

    end_section(d);
    section->kind = kind;
    section->name = name;
    section->loc = lexer_loc(&d->p->lexer);
    section->text = "";
    d->section = section;
    *d->tail = section;
    d->tail = &section->next;
}

/* A paragraph joins the plain section before it, after a blank line. */
static void start_paragraph(DocParser *d)
{
    if (d->section && d->section->kind == DOC_PLAIN) {
        g_string_append_c(d->text, '\n');
    } else {
        start_section(d, DOC_PLAIN, NULL);
    }
}

/*
 * The lines of a section after its first.  Those that continue it are
 * indented like the first of them; later ones may be indented less, as long
 * as none comes right after that first one.
 */
static bool indented_lines(DocParser *d)
{
    const char *name;
    size_t name_len;
    size_t indent;
    char text[16];

    if (!doc_next(d)) {
        return false;
    }
    while (!d->at_end && d->len == 0) {
        doc_append(d);
        if (!doc_next(d)) {
            return false;
        }
    }
    indent = d->at_end ? 0 : doc_indent(d);
    if (indent == 0) {
        return true;
    }
    for (bool first = true;; first = false) {
        doc_append(d);
        if (!doc_next(d)) {
            return false;
        }
        if (d->at_end || doc_at_name(d, &name, &name_len) ||
            (d->doc->is_loose && doc_begins_section(d))) {
            return true;
        }
        if (d->len && doc_indent(d) < indent) {
            if (!first) {
                return true;
            }
            g_snprintf(text, sizeof(text), "%zu", indent);
            return doc_diag(d, DIAG_DOC_INDENT, text);
        }
    }
}

/*
 * The rest of the current line begins the section.  In 7.2, lines after an
 * empty one need no indentation.
 */
static bool section_body(DocParser *d, const char *text)
{
    bool is_open;

    doc_skip_to(d, text);
    is_open = d->doc->is_loose && !d->len;
    if (d->len) {
        doc_append(d);
    }
    if (!indented_lines(d)) {
        return false;
    }
    while (is_open && !d->at_end && d->len && !doc_begins_section(d)) {
        doc_append(d);
        if (!doc_next(d)) {
            return false;
        }
    }
    return true;
}

/*
 * Parses consecutive "@name:" sections.  Names of members and of features are
 * marked in different epochs, because a feature may be called like a member.
 */
static bool descriptions(DocParser *d, DocKind kind, unsigned *n)
{
    QapiSchema *schema = d->p->schema;
    uint32_t epoch = schema->names.epoch - (kind == DOC_FEATURE);
    const char *str;
    size_t len;

    for (*n = 0; !d->at_end && doc_at_name(d, &str, &len); ++*n) {
        Name *name;

        while (d->doc->is_loose && len && str[len - 1] == ' ') {
            len--;
        }
        name = name_intern(&schema->names, str, len);
        if (len == 0) {
            return doc_diag(d, DIAG_DOC_ARG_NAME);
        }
        if (name->mark == epoch) {
            return doc_diag(d, DIAG_DOC_ARG_TWICE, name->str);
        }
        name->mark = epoch;
        start_section(d, kind, name);
        if (!section_body(d, strchr(str + len, ':') + 1)) {
            return false;
        }
    }
    return true;
}

/* "Features:" must be followed by descriptions. */
static bool features(DocParser *d)
{
    unsigned n;

    if (d->doc->has_features) {
        return doc_diag(d, DIAG_DOC_FEATURES_TWICE);
    }
    if (!doc_next(d) || !doc_skip_blank(d) ||
        !descriptions(d, DOC_FEATURE, &n)) {
        return false;
    }
    if (n == 0) {
        return doc_diag(d, DIAG_DOC_FEATURES_EMPTY);
    }
    d->doc->has_features = true;
    return true;
}

/* Appends the line, less @indent blanks, as contents of a directive. */
static void append_contents(DocParser *d, size_t indent)
{
    size_t skip = MIN(indent, doc_indent(d));

    if (d->len) {
        g_string_append(d->text, "   ");
    }
    d->line += skip;
    d->len -= skip;
    doc_append(d);
}

/*
 * Parses a section that a directive has replaced.  It ends before the next tag
 * or description, whatever the indentation is, and becomes the directive.
 */
static bool old_section(DocParser *d, const DocTag *tag)
{
    size_t indent = 0;

    start_section(d, DOC_PLAIN, NULL);
    g_string_append_printf(d->text, ".. %s::\n\n", tag->directive);
    doc_skip_to(d, d->line + strlen(tag->tag) + 1);
    for (bool first = d->len > 0;; first = false) {
        append_contents(d, indent);
        if (!doc_next(d)) {
            return false;
        }
        if (d->at_end || doc_begins_section(d)) {
            return true;
        }
        /* the line below text that follows the tag */
        indent = first ? doc_indent(d) : indent;
    }
}

/* Every tag but the one for open tasks may occur once. */
static bool tagged_section(DocParser *d, const DocTag *tag)
{
    if (tag->directive) {
        return d->p->schema->language == LANGUAGE_7_2
                   ? old_section(d, tag)
                   : doc_diag(d, DIAG_DOC_SECTION_GONE, tag->tag,
                              tag->directive);
    }
    if (tag->kind != DOC_TODO && doc_find_section(d->doc, tag->kind)) {
        return doc_diag(d, DIAG_DOC_SECTION_TWICE, tag->tag);
    }
    start_section(d, tag->kind, NULL);
    return section_body(d, d->line + strlen(tag->tag) + 1);
}

/* Parses lines up to a blank one; in 7.2, a section needs none before it. */
static bool paragraph(DocParser *d)
{
    start_paragraph(d);
    do {
        doc_append(d);
        if (!doc_next(d)) {
            return false;
        }
    } while (!d->at_end && d->len &&
             !(d->doc->is_loose && doc_begins_section(d)));
    return true;
}

/*
 * Parses one section, or all consecutive descriptions.  The current line is not
 * blank.  @no_more_args: (inout) true after anything else than plain text
 */
static bool section(DocParser *d, bool *no_more_args)
{
    const DocTag *tag;
    const char *name;
    size_t len;
    unsigned n;

    if (doc_is_features(d)) {
        *no_more_args = true;
        return features(d);
    }
    if (doc_at_name(d, &name, &len)) {
        if (*no_more_args) {
            g_autofree char *text = g_strndup(name, len);

            return doc_diag(d, DIAG_DOC_ARG_LATE, text);
        }
        *no_more_args = true;
        return descriptions(d, DOC_MEMBER, &n);
    }
    tag = doc_tag_of(d);
    if (tag) {
        *no_more_args = true;
        return tagged_section(d, tag);
    }
    if (doc_is_old_heading(d)) {
        return doc_diag(d, DIAG_DOC_HEADING);
    }
    return paragraph(d);
}

/* The first line is "@NAME:", the definition's name. */
static bool definition_doc(DocParser *d)
{
    NameTable *names = &d->p->schema->names;
    bool no_more_args = false;

    if (d->line[d->len - 1] != ':') {
        return doc_diag(d, DIAG_DOC_COLON);
    }
    if (d->len == 2) {
        return doc_diag(d, DIAG_DOC_NAME);
    }
    d->doc->symbol = name_intern(names, d->line + 1, d->len - 2);
    names->epoch += 2; /* one for members, the next for features */
    if (!doc_next(d) || !doc_skip_blank(d)) {
        return false;
    }
    while (!d->at_end) {
        if (!section(d, &no_more_args) || !doc_skip_blank(d)) {
            return false;
        }
    }
    return true;
}

/*
 * A free-form comment is one section.  A heading "= TITLE" is its first line.
 */
static bool free_doc(DocParser *d)
{
    const char *name;
    size_t len;

    start_paragraph(d);
    for (bool first = true; !d->at_end; first = false) {
        if (doc_at_name(d, &name, &len)) {
            g_autofree char *text = g_strndup(name, len);

            return doc_diag(d, DIAG_DOC_FREE_MEMBER, text);
        }
        if (!first && doc_is_old_heading(d)) {
            return doc_diag(d, DIAG_DOC_HEADING_FIRST);
        }
        doc_append(d);
        if (!doc_next(d)) {
            return false;
        }
    }
    return true;
}

/* Returns what messages call a section that is not plain text. */
static const char *section_title(const DocSection *section)
{
    return section->name ? section->name->str : doc_tag_name(section->kind);
}

/* Checks that no tag or description is without text. */
static bool all_have_text(DocParser *d)
{
    for (DocSection *s = d->doc->sections; s; s = s->next) {
        if (s->kind != DOC_PLAIN && !*s->text &&
            !(s->kind == DOC_MEMBER && d->doc->is_loose)) {
            return diag(&d->p->schema->diags, DIAG_DOC_SECTION_EMPTY, s->loc, 0,
                        section_title(s));
        }
    }
    return true;
}

/*
 * Parses the lines after the opening `##`. The current word is then the one
 * after the comment.
 */
static bool doc_body(DocParser *d)
{
    const Lexer *lexer = &d->p->lexer;

    if (lexer->next - lexer->start > 2) {
        return doc_diag(d, DIAG_DOC_START_JUNK);
    }
    if (!doc_next(d)) {
        return false;
    }
    if (!d->at_end && d->len && *d->line == '@' ? !definition_doc(d)
                                                : !free_doc(d)) {
        return false;
    }
    end_section(d);
    return lexer_next(&d->p->lexer, LEX_NORMAL) && all_have_text(d);
}

Doc *parse_doc(Parser *parser)
{
    Doc *doc = arena_new(&parser->schema->arena, Doc);
    DocParser d = { .p = parser, .doc = doc, .tail = &doc->sections };

    doc->loc = lexer_loc(&parser->lexer);
    doc->is_loose = parser->schema->language == LANGUAGE_7_2;
    d.text = g_string_new(NULL);
    if (!doc_body(&d)) {
        doc = NULL;
    }
    g_string_free(d.text, TRUE);
    return doc;
}
