/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The style of lines in documentation, since version 10.2 of the language. */
#ifndef QOM_QAPI_COMPILER_DOC_STYLE_INTERNAL_H
#define QOM_QAPI_COMPILER_DOC_STYLE_INTERNAL_H

#include "qapi/compiler/parser-internal.h"

/* What is known about a comment; all zero before its first line. */
typedef struct DocStyle {
    bool is_free;          /* it is the comment of a class */
    bool is_strict;        /* it is that of something else; neither: unknown */
    bool is_literal;       /* the line is part of a literal block */
    size_t literal_indent; /* of its first line; 0: there was none yet */
} DocStyle;

#define DOC_MAX_LINE_TEXT "70"

typedef enum DocFault {
    DOC_FAULT_NONE,
    DOC_FAULT_LONG_LINE,
    DOC_FAULT_SENTENCES, /* one blank between them */
} DocFault;

/*
 * doc_style_fault: looks for a fault of the next line of a comment
 * @line: the line without "# " and trailing blanks, in the text of the file
 * @next: the text after the line, which ends with NUL
 * @at: (out) the position of the fault in @line
 */
DocFault doc_style_fault(DocStyle *style, const char *line, size_t len,
                         const char *next, size_t *at);

/*
 * doc_style_check: checks a line by the rules of the schema's language
 * @line: the line without "# " and trailing blanks, in the text of the file
 *
 * Returns: true; false after an error has been reported
 */
bool doc_style_check(DocStyle *style, const Parser *p, const char *line,
                     size_t len);

#endif
