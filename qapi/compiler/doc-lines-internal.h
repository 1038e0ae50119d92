/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of a documentation comment, one after the other, and what the
 * current line is.
 */
#ifndef QOM_QAPI_COMPILER_DOC_LINES_INTERNAL_H
#define QOM_QAPI_COMPILER_DOC_LINES_INTERNAL_H

#include "qapi/compiler/doc-style-internal.h"
#include "qapi/compiler/parser-internal.h"

typedef struct DocParser {
    Parser *p;
    Doc *doc;
    DocSection *section; /* the last one */
    DocSection **tail;
    GString *text; /* of @section */

    /* The current line, without "# " and trailing space */
    const char *line;
    size_t len;
    bool at_end; /* it is the closing `##` */

    DocStyle style;
} DocParser;

/* A word that begins a section, such as "Returns". */
typedef struct DocTag {
    const char *tag;
    DocKind kind;
    const char *directive; /* what replaced it in 9.1; NULL: it is in use */
} DocTag;

#define doc_diag(d, id, ...) parser_diag((d)->p, (id), ##__VA_ARGS__)

/*
 * doc_next: reads the next line
 *
 * Returns: true; false after an error has been reported
 */
bool doc_next(DocParser *d);
/* doc_skip_blank: reads lines until one is not blank or is the closing `##` */
bool doc_skip_blank(DocParser *d);
/* doc_skip_to: makes the line begin at the first word of @text, part of it */
void doc_skip_to(DocParser *d, const char *text);
/* doc_append: appends the current line to the text of the section */
void doc_append(DocParser *d);

/* doc_indent: returns the number of blanks that the line begins with */
size_t doc_indent(const DocParser *d);
/* doc_is_features: returns true for "Features:" */
bool doc_is_features(const DocParser *d);
/*
 * doc_at_name: returns true for "@name: text".  @name: (out) the name, not
 * NUL-terminated
 */
bool doc_at_name(const DocParser *d, const char **name, size_t *name_len);
/*
 * doc_tag_of: returns (nullable) the tag of a line "Tag: text".  "Tag::" begins
 * a literal block of reST.
 */
const DocTag *doc_tag_of(const DocParser *d);
/* doc_begins_section: returns true if one begins that is not plain text */
bool doc_begins_section(const DocParser *d);
/*
 * doc_is_old_heading: returns true for "= TITLE", if it has rules in this
 * version of the language
 */
bool doc_is_old_heading(const DocParser *d);

/* doc_tag_name: returns (nullable) the tag of the sections of a kind */
const char *doc_tag_name(DocKind kind);

#endif
