/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parser of expressions and that of comments share. */
#ifndef QOM_QAPI_COMPILER_PARSER_INTERNAL_H
#define QOM_QAPI_COMPILER_PARSER_INTERNAL_H

#include "qapi/compiler/lexer-internal.h"
#include "qapi/compiler/schema-internal.h"

typedef struct Parser {
    QapiSchema *schema;
    IrModule *module;
    Lexer lexer;
    unsigned include_depth;
    bool in_class; /* the expression has had the key 'class' */
} Parser;

/**
 * parse_doc: parse a documentation comment
 * @parser: the current word is its first line; afterwards, the word after it
 *
 * Returns: NULL when something is wrong, which is reported
 */
Doc *parse_doc(Parser *parser);

#define parser_diag(parser, id, ...) \
    diag(&(parser)->schema->diags, (id), lexer_loc(&(parser)->lexer), 0, \
         ##__VA_ARGS__)

#endif
