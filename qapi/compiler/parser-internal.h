/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parsers of files, of expressions and of comments share. */
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

/*
 * parse_value: parses an expression.  @depth: number of brackets around it
 *
 * Returns: true; false after an error has been reported
 */
bool parse_value(Parser *p, unsigned depth, AstValue **value);

/*
 * parse_file: parses a file and what it includes.  @include_depth: number of
 * files that include it
 *
 * Returns: true; false after an error has been reported
 */
bool parse_file(QapiSchema *schema, SourceFile *file, unsigned include_depth);

/* add_module: creates the module of a file */
IrModule *add_module(QapiSchema *schema, SourceFile *file);

/* parse_include: parses the file that a directive names */
void parse_include(Parser *p, AstValue *expr);

/**
 * parse_doc: parses a documentation comment
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
