/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parsers of expressions (parser.c) and of comments (doc.c) share. */
#ifndef QOM_QAPI_COMPILER_PARSER_INTERNAL_H
#define QOM_QAPI_COMPILER_PARSER_INTERNAL_H

#include "qapi/compiler/lexer-internal.h"
#include "qapi/compiler/schema-internal.h"

typedef struct Parser {
    QapiSchema *schema;
    IrModule *module;
    Lexer lexer;
    unsigned include_depth;
    bool in_class; /* the expression may be a class: numbers are allowed */
} Parser;

/**
 * parse_doc: Parses a documentation comment.
 * @parser: the current word is the first line of the comment; afterwards it is
 *          the word after the comment
 *
 * Returns: the comment; NULL after an error has been reported
 */
Doc *parse_doc(Parser *parser);

#define parser_diag(parser, id, ...) \
    diag(&(parser)->schema->diags, (id), lexer_loc(&(parser)->lexer), 0, \
         ##__VA_ARGS__)

#endif
