/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files: pragmas, and definitions with their comments.  parser-value.c parses
 * the expressions, doc.c the comments, and include.c finds included files.
 *
 * After a syntax error the rest of the file cannot be trusted, so it is
 * skipped.  Files that are included before it are still parsed, and each file
 * reports its first error.
 *
 * An included file is parsed when the directive is read.  Its definitions
 * therefore precede those that follow the directive.
 */
#include "qapi/compiler/parser-internal.h"
#include "qapi/compiler/hint-internal.h"

/* Returns true if @value is a list of strings; it may be empty. */
static bool is_string_list(const AstValue *value)
{
    if (value->kind != AST_LIST) {
        return false;
    }
    for (AstValue *v = value->first; v; v = v->next) {
        if (v->kind != AST_STRING) {
            return false;
        }
    }
    return true;
}

/*
 * Exceptions become bits of the names, so that a check reads them without a
 * search.  Lists add up: a library's modules have some, too.
 */
static void mark_exceptions(const AstValue *list)
{
    for (AstValue *v = list->first; v; v = v->next) {
        v->str->exceptions |=
            1 << (list->key->keyword - KW_COMMAND_NAME_EXCEPTIONS);
    }
}

/* The names of all pragmas, as bits. */
#define PRAGMA(keyword) (UINT64_C(1) << KW_##keyword)
#define PRAGMAS                                                      \
    (PRAGMA(DOC_REQUIRED) | PRAGMA(LANGUAGE) |                       \
     PRAGMA(COMMAND_NAME_EXCEPTIONS) |                               \
     PRAGMA(COMMAND_RETURNS_EXCEPTIONS) |                            \
     PRAGMA(DOCUMENTATION_EXCEPTIONS) | PRAGMA(MEMBER_NAME_EXCEPTIONS))

/*
 * Apart from lists, a later pragma replaces an earlier one of the same name.
 * Checks run when everything is parsed, so a pragma applies to the whole
 * schema, wherever it is; only the language counts from its place on.
 */
static bool set_pragma(Parser *p, AstValue *expr, AstValue *pragma)
{
    QapiSchema *schema = p->schema;

    switch (pragma->key->keyword) {
    case KW_DOC_REQUIRED:
        if (pragma->kind != AST_BOOL) {
            return diag(&schema->diags, DIAG_PRAGMA_BOOL, expr->loc,
                        pragma->loc, pragma->key->str);
        }
        schema->doc_required = pragma->boolean;
        return true;
    case KW_LANGUAGE:
        return (pragma->kind == AST_STRING &&
                language_of(pragma->str->str, &schema->language)) ||
               diag(&schema->diags, DIAG_PRAGMA_LANGUAGE, expr->loc,
                    pragma->loc, language_names());
    case KW_COMMAND_NAME_EXCEPTIONS:
    case KW_COMMAND_RETURNS_EXCEPTIONS:
    case KW_DOCUMENTATION_EXCEPTIONS:
    case KW_MEMBER_NAME_EXCEPTIONS:
        if (!is_string_list(pragma)) {
            return diag(&schema->diags, DIAG_PRAGMA_LIST, expr->loc,
                        pragma->loc, pragma->key->str);
        }
        mark_exceptions(pragma);
        return true;
    default:
        return diag(&schema->diags, DIAG_PRAGMA_UNKNOWN, expr->loc,
                    pragma->key_loc, pragma->key->str,
                    hint_keyword(schema, pragma->key->str, PRAGMAS));
    }
}

/* The first error ends the directive. */
static void parse_pragma(Parser *p, AstValue *expr)
{
    AstValue *value = ast_get(expr, p->schema->keywords[KW_PRAGMA]);

    if (expr->n != 1) {
        diag(&p->schema->diags, DIAG_PRAGMA_KEYS, expr->loc, 0);
        return;
    }
    if (value->kind != AST_OBJECT) {
        diag(&p->schema->diags, DIAG_PRAGMA_TYPE, expr->loc, value->loc);
        return;
    }
    for (AstValue *v = value->first; v && set_pragma(p, expr, v);
         v = v->next) {
    }
}

/* @expr: (nullable) NULL for a free-form comment */
static void add_top_level(Parser *p, AstValue *expr, Doc *doc)
{
    TopLevel *top = arena_new(&p->schema->arena, TopLevel);

    top->expr = expr;
    top->doc = doc;
    top->module = p->module;
    *p->schema->top_level_tail = top;
    p->schema->top_level_tail = &top->next;
}

/* Reports the documentation of a definition that no definition follows. */
static void reject_doc(Parser *p, const Doc *doc)
{
    if (doc && doc->symbol) {
        diag(&p->schema->diags, DIAG_DOC_NO_DEFINITION, doc->loc, 0,
             doc->symbol->str);
    }
}

/*
 * A free-form comment directly before a definition would be mistaken for its
 * documentation.
 */
static void parse_definition(Parser *p, AstValue *expr, Doc *doc)
{
    if (doc && !doc->symbol) {
        diag(&p->schema->diags, DIAG_DOC_FREE_DEFINITION, doc->loc, 0);
        return;
    }
    add_top_level(p, expr, doc);
}

/* Directives take effect here; definitions are kept for the next pass. */
static void finish_expression(Parser *p, AstValue *expr, Doc *doc)
{
    if (expr->kind != AST_OBJECT) {
        diag(&p->schema->diags, DIAG_TOP_LEVEL, expr->loc, 0);
    } else if (ast_get(expr, p->schema->keywords[KW_INCLUDE])) {
        reject_doc(p, doc);
        parse_include(p, expr);
    } else if (ast_get(expr, p->schema->keywords[KW_PRAGMA])) {
        reject_doc(p, doc);
        parse_pragma(p, expr);
    } else {
        parse_definition(p, expr, doc);
    }
}

/* Parses the whole file.  A definition follows its documentation directly. */
static bool parse_top_level(Parser *p)
{
    Doc *doc = NULL; /* the comment before the next expression */

    if (!lexer_next(&p->lexer, LEX_NORMAL)) {
        return false;
    }
    while (p->lexer.kind != TOKEN_END) {
        AstValue *expr;

        if (p->lexer.kind == TOKEN_COMMENT) {
            reject_doc(p, doc);
            doc = parse_doc(p);
            if (!doc) {
                return false;
            }
            if (!doc->symbol) {
                add_top_level(p, NULL, doc);
            }
            continue;
        }
        p->in_class = false;
        if (!parse_value(p, 0, &expr)) {
            return false;
        }
        finish_expression(p, expr, doc);
        doc = NULL;
    }
    reject_doc(p, doc);
    return true;
}

/* Reports the first byte that is no text, at its place. */
static bool check_text(QapiSchema *schema, const SourceFile *file)
{
    char byte[8];

    if (!file->not_text) {
        return true;
    }
    g_snprintf(byte, sizeof(byte), "0x%02x", (unsigned char)*file->not_text);
    return diag(&schema->diags, DIAG_NOT_TEXT,
                file->base + (file->not_text - file->text), 0, byte);
}

bool parse_file(QapiSchema *schema, SourceFile *file,
                unsigned include_depth)
{
    Parser parser = {
        .schema = schema,
        .module = add_module(schema, file),
        .include_depth = include_depth,
    };

    lexer_init(&parser.lexer, file, &schema->names, &schema->diags);
    return check_text(schema, file) && parse_top_level(&parser);
}

void parse_schema(QapiSchema *schema, SourceFile *root)
{
    parse_file(schema, root, 0);
}
