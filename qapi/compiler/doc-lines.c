/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of documentation comments.
 *
 * A line is read by the lexer as one word, checked for its style and kept in
 * DocParser without "# ".  What the line begins is found by its first
 * characters alone: a description "@name:", a tag such as "Returns:", the word
 * "Features:" or a heading.
 */
#include "qapi/compiler/doc-lines-internal.h"

#include <string.h>

/*
 * Takes the text of the current word, which must be a comment line.  A line
 * "##" ends the comment, and must contain nothing else.
 */
static bool doc_line(DocParser *d)
{
    const Lexer *lexer = &d->p->lexer;
    size_t len = lexer->next - lexer->start;

    if (lexer->kind != TOKEN_COMMENT) {
        return doc_diag(d, DIAG_DOC_END);
    }
    if (len >= 2 && lexer->start[1] == '#') {
        if (len > 2) {
            return doc_diag(d, DIAG_DOC_END_JUNK);
        }
        d->at_end = true;
        return true;
    }
    if (len > 1 && lexer->start[1] != ' ') {
        return doc_diag(d, DIAG_DOC_SPACE);
    }
    while (len > 2 && g_ascii_isspace(lexer->start[len - 1])) {
        len--;
    }
    d->line = lexer->start + MIN(len, 2);
    d->len = len - MIN(len, 2);
    return doc_style_check(&d->style, d->p, d->line, d->len);
}

/* Outside of this comment the lexer skips lines that begin with '#'. */
bool doc_next(DocParser *d)
{
    return lexer_next(&d->p->lexer, LEX_COMMENTS) && doc_line(d);
}

void doc_append(DocParser *d)
{
    g_string_append_len(d->text, d->line, d->len);
    g_string_append_c(d->text, '\n');
}

bool doc_skip_blank(DocParser *d)
{
    while (!d->at_end && d->len == 0) {
        if (!doc_next(d)) {
            return false;
        }
    }
    return true;
}

/* What precedes @text is not part of the section. */
void doc_skip_to(DocParser *d, const char *text)
{
    const char *end = d->line + d->len;

    while (text < end && *text == ' ') {
        text++;
    }
    d->line = text;
    d->len = end - text;
}

/* A tab counts like a blank, as in the language that this one follows. */
size_t doc_indent(const DocParser *d)
{
    size_t n = 0;

    while (n < d->len && g_ascii_isspace(d->line[n])) {
        n++;
    }
    return n;
}

/*
 * The old tags are in the table in all versions, so that later versions can
 * name the directive to write instead.
 */
static const DocTag doc_tags[] = {
    { "Returns", DOC_RETURNS },
    { "Errors", DOC_ERRORS },
    { "Since", DOC_SINCE },
    { "TO" "DO", DOC_TODO },
    { "Note", DOC_PLAIN, "note" },
    { "Notes", DOC_PLAIN, "note" },
    { "Example", DOC_PLAIN, "qmp-example" },
    { "Examples", DOC_PLAIN, "qmp-example" },
};

bool doc_is_features(const DocParser *d)
{
    return d->len == 9 && memcmp(d->line, "Features:", 9) == 0;
}

bool doc_at_name(const DocParser *d, const char **name, size_t *name_len)
{
    const char *colon = d->len && *d->line == '@'
                            ? memchr(d->line, ':', d->len)
                            : NULL;

    if (!colon) {
        return false;
    }
    *name = d->line + 1;
    *name_len = colon - *name;
    return true;
}

/* A longer word that begins like a tag has no colon after it. */
const DocTag *doc_tag_of(const DocParser *d)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(doc_tags); i++) {
        size_t len = strlen(doc_tags[i].tag);

        if (d->len > len && memcmp(d->line, doc_tags[i].tag, len) == 0 &&
            d->line[len] == ':' &&
            !(d->len > len + 1 && d->line[len + 1] == ':')) {
            return &doc_tags[i];
        }
    }
    return NULL;
}

bool doc_begins_section(const DocParser *d)
{
    const char *name;
    size_t len;

    return doc_tag_of(d) || doc_at_name(d, &name, &len) || doc_is_features(d);
}

/* Rows of '=' are headings and tables of reST, which is accepted everywhere. */
bool doc_is_old_heading(const DocParser *d)
{
    size_t n = strspn(d->line, "=");

    return n && n + 1 < d->len && d->line[n] == ' ' && d->line[n + 1] != '=' &&
           d->p->schema->language == LANGUAGE_10_0;
}

const char *doc_tag_name(DocKind kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(doc_tags); i++) {
        if (doc_tags[i].kind == kind) {
            return doc_tags[i].tag;
        }
    }
    return NULL;
}
