/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parser is a recursive descent with one word of look-ahead.  It counts the
 * depth of brackets and includes, so that no input can exhaust the stack.
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

#include <string.h>

static bool parse_value(Parser *p, unsigned depth, AstValue **value);

static bool next_word(Parser *p)
{
    return lexer_next(&p->lexer, LEX_NORMAL);
}

static bool expected(Parser *p, const char *what)
{
    return parser_diag(p, DIAG_EXPECTED, what);
}

/* Keys seen in one object: few are compared in turn, many are hashed. */
#define FEW_KEYS 16

/*
 * Few keys are compared one by one; the set is built only for an object with
 * many.
 */
static bool key_is_new(const AstValue *object, const Name *key,
                       GHashTable **seen)
{
    if (object->n < FEW_KEYS) {
        return !ast_get(object, key);
    }
    if (!*seen) {
        *seen = g_hash_table_new(NULL, NULL);
        for (AstValue *v = object->first; v; v = v->next) {
            g_hash_table_add(*seen, v->key);
        }
    }
    return g_hash_table_add(*seen, (void *)key);
}

/*
 * Numbers are for the keys of a property, at depth 3: class, properties,
 * property.  Which of the keys take one, and that none takes a list of them, is
 * checked later, so that the key is reported.
 */
static bool may_be_number(const Parser *p, unsigned depth)
{
    return p->in_class && depth >= 3;
}

/*
 * The current word is a key; afterwards it is the word after the value.  After
 * the key 'class' or 'properties' at the top, numbers are allowed.  @tail:
 * where the next value of the object is stored
 */
static bool parse_member(Parser *p, unsigned depth, AstValue *object,
                         AstValue ***tail, GHashTable **seen)
{
    Name *key = p->lexer.name;
    SrcLoc key_loc = lexer_loc(&p->lexer);
    AstValue *value;

    if (!next_word(p)) {
        return false;
    }
    if (p->lexer.kind != TOKEN_COLON) {
        return expected(p, "':'");
    }
    if (!lexer_next(&p->lexer, LEX_NUMBERS)) {
        return false;
    }
    if (p->lexer.kind == TOKEN_NUMBER && !may_be_number(p, depth)) {
        return parser_diag(p, DIAG_NUMBER_KEY, key->str);
    }
    if (!key_is_new(object, key, seen)) {
        return parser_diag(p, DIAG_DUPLICATE_KEY, key->str);
    }
    if (depth == 1 &&
        (key->keyword == KW_CLASS || key->keyword == KW_PROPERTIES)) {
        p->in_class = true;
    }
    if (!parse_value(p, depth, &value)) {
        return false;
    }
    value->key = key;
    value->key_loc = key_loc;
    **tail = value;
    *tail = &value->next;
    object->n++;
    return true;
}

/* Parses the members and the closing brace. */
static bool parse_members(Parser *p, unsigned depth, AstValue *object,
                          GHashTable **seen)
{
    AstValue **tail = &object->first;

    if (!next_word(p)) {
        return false;
    }
    if (p->lexer.kind == TOKEN_CLOSE_BRACE) {
        return next_word(p);
    }
    if (p->lexer.kind != TOKEN_STRING) {
        return expected(p, "string or '}'");
    }
    for (;;) {
        if (!parse_member(p, depth, object, &tail, seen)) {
            return false;
        }
        if (p->lexer.kind == TOKEN_CLOSE_BRACE) {
            return next_word(p);
        }
        if (p->lexer.kind != TOKEN_COMMA) {
            return expected(p, "',' or '}'");
        }
        if (!next_word(p)) {
            return false;
        }
        if (p->lexer.kind != TOKEN_STRING) {
            return expected(p, "string");
        }
    }
}

/* @seen is created on demand and freed here, on every way out. */
static bool parse_object(Parser *p, unsigned depth, AstValue *object)
{
    GHashTable *seen = NULL;
    bool ok;

    object->kind = AST_OBJECT;
    ok = parse_members(p, depth, object, &seen);
    if (seen) {
        g_hash_table_destroy(seen);
    }
    return ok;
}

/* Returns true for the words that may begin an element of a list. */
static bool starts_value(TokenKind kind)
{
    return kind == TOKEN_OPEN_BRACE || kind == TOKEN_OPEN_BRACKET ||
           kind == TOKEN_STRING || kind == TOKEN_TRUE || kind == TOKEN_FALSE ||
           kind == TOKEN_NUMBER;
}

/* Reads the word that may begin an element of a list. */
static bool next_element(Parser *p, unsigned depth)
{
    return lexer_next(&p->lexer,
                      may_be_number(p, depth) ? LEX_NUMBERS : LEX_NORMAL);
}

/* Parses the elements and the closing bracket. */
static bool parse_list(Parser *p, unsigned depth, AstValue *list)
{
    AstValue **tail = &list->first;

    list->kind = AST_LIST;
    if (!next_element(p, depth)) {
        return false;
    }
    if (p->lexer.kind == TOKEN_CLOSE_BRACKET) {
        return next_word(p);
    }
    if (!starts_value(p->lexer.kind)) {
        return expected(p, "'{', '[', ']', string, or boolean");
    }
    for (;;) {
        if (!parse_value(p, depth, tail)) {
            return false;
        }
        tail = &(*tail)->next;
        list->n++;
        if (p->lexer.kind == TOKEN_CLOSE_BRACKET) {
            return next_word(p);
        }
        if (p->lexer.kind != TOKEN_COMMA) {
            return expected(p, "',' or ']'");
        }
        if (!next_element(p, depth)) {
            return false;
        }
    }
}

/*
 * The text of a number is kept; its value depends on the type of the property.
 */
static bool parse_scalar(Parser *p, AstValue *value)
{
    switch (p->lexer.kind) {
    case TOKEN_STRING:
        value->kind = AST_STRING;
        value->str = p->lexer.name;
        return next_word(p);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        value->kind = AST_BOOL;
        value->boolean = p->lexer.kind == TOKEN_TRUE;
        return next_word(p);
    case TOKEN_NUMBER:
        value->kind = AST_NUMBER;
        value->str = name_intern(&p->schema->names, p->lexer.start,
                                 p->lexer.next - p->lexer.start);
        return next_word(p);
    default:
        return expected(p, "'{', '[', string, or boolean");
    }
}

/* @depth: the number of open brackets around the value */
static bool parse_value(Parser *p, unsigned depth, AstValue **value)
{
    AstValue *v = arena_new(&p->schema->arena, AstValue);

    *value = v;
    v->loc = lexer_loc(&p->lexer);
    if (p->lexer.kind != TOKEN_OPEN_BRACE &&
        p->lexer.kind != TOKEN_OPEN_BRACKET) {
        return parse_scalar(p, v);
    }
    if (depth == MAX_DEPTH) {
        return parser_diag(p, DIAG_DEPTH, MAX_DEPTH_TEXT);
    }
    return p->lexer.kind == TOKEN_OPEN_BRACE ? parse_object(p, depth + 1, v)
                                             : parse_list(p, depth + 1, v);
}

static bool parse_file(QapiSchema *schema, SourceFile *file,
                       unsigned include_depth);

/* Returns true if the file with this path is @file or includes it. */
static bool is_loop(const SourceFile *file, const char *abs_path)
{
    for (; file; file = file->includer) {
        if (strcmp(file->abs_path, abs_path) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns the module of a file that has been parsed. */
static IrModule *module_of(QapiSchema *schema, const SourceFile *file)
{
    for (IrModule *m = schema->modules; m; m = m->next) {
        if (m->file == file) {
            return m;
        }
    }
    return NULL;
}

/*
 * A file that is included twice is parsed once.  The include is recorded each
 * time, because generated headers include each other likewise.
 */
static void load_include(Parser *p, const char *path, const char *abs_path,
                         SrcLoc loc)
{
    QapiSchema *schema = p->schema;
    SourceFile *file = g_hash_table_lookup(schema->sources.by_path, abs_path);
    Error *err = NULL;

    if (!file) {
        file = source_load(&schema->sources, path, &err);
        if (!file) {
            diag(&schema->diags, DIAG_CANT_READ, loc, 0, "include", path,
                 error_get_pretty(err));
            error_free(err);
            return;
        }
        file->includer = (SourceFile *)p->lexer.file;
        file->include_loc = loc;
        parse_file(schema, file, p->include_depth + 1);
    }
    g_ptr_array_add(p->module->includes, module_of(schema, file));
}

/*
 * Returns the path of an included file: relative to the file that includes it,
 * or, if that does not exist, in the library if it exists there.
 */
static char *include_path(const Parser *p, const char *name)
{
    char **libraries = p->schema->libraries;
    g_autofree char *folder = NULL;
    g_autofree char *path = NULL;

    if (g_path_is_absolute(name)) {
        return g_strdup(name);
    }
    if (strchr(p->lexer.file->path, '/')) {
        folder = g_path_get_dirname(p->lexer.file->path);
    }
    path = folder ? g_build_filename(folder, name, NULL) : g_strdup(name);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        return g_steal_pointer(&path);
    }
    for (; *libraries; libraries++) {
        g_autofree char *other = g_build_filename(*libraries, name, NULL);

        if (g_file_test(other, G_FILE_TEST_EXISTS)) {
            return g_steal_pointer(&other);
        }
    }
    return g_steal_pointer(&path);
}

static void parse_include(Parser *p, AstValue *expr)
{
    Diags *diags = &p->schema->diags;
    AstValue *value = ast_get(expr, p->schema->keywords[KW_INCLUDE]);
    g_autofree char *path = NULL;
    g_autofree char *abs_path = NULL;

    if (expr->n != 1) {
        diag(diags, DIAG_INCLUDE_KEYS, expr->loc, 0);
        return;
    }
    if (value->kind != AST_STRING) {
        diag(diags, DIAG_INCLUDE_TYPE, expr->loc, value->loc);
        return;
    }
    path = include_path(p, value->str->str);
    abs_path = g_canonicalize_filename(path, NULL);
    if (is_loop(p->lexer.file, abs_path)) {
        diag(diags, DIAG_INCLUDE_LOOP, expr->loc, 0, value->str->str);
        return;
    }
    if (p->include_depth == MAX_DEPTH) {
        diag(diags, DIAG_INCLUDE_DEPTH, expr->loc, 0, MAX_DEPTH_TEXT);
        return;
    }
    load_include(p, path, abs_path, expr->loc);
}

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

/* The names of all pragmas, as bits. */
#define PRAGMA(keyword) (UINT64_C(1) << KW_##keyword)
#define PRAGMAS                                                      \
    (PRAGMA(DOC_REQUIRED) | PRAGMA(LANGUAGE) |                       \
     PRAGMA(COMMAND_NAME_EXCEPTIONS) |                               \
     PRAGMA(COMMAND_RETURNS_EXCEPTIONS) |                            \
     PRAGMA(DOCUMENTATION_EXCEPTIONS) | PRAGMA(MEMBER_NAME_EXCEPTIONS))

/*
 * A later pragma replaces an earlier one of the same name.  Exceptions are
 * applied to the names when everything is parsed, because a pragma applies to
 * the whole schema.
 */
static bool set_pragma(Parser *p, AstValue *expr, AstValue *pragma)
{
    QapiSchema *schema = p->schema;
    int list;

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
        list = pragma->key->keyword - KW_COMMAND_NAME_EXCEPTIONS;
        schema->exceptions[list] = pragma;
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

    if (!next_word(p)) {
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

/* Returns the part of @path below @folder; NULL if it is elsewhere. */
static const char *path_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    return strncmp(path, folder, len) == 0 && path[len] == '/'
               ? path + len + 1
               : NULL;
}

/*
 * Returns the path of a file as seen from the root's folder, or as seen from
 * the library's folder if the file belongs to the library.  The root may be
 * below the library's folder, as that of a plugin is which is built with the
 * library; the files below the root's folder are then its own.
 */
static const char *module_name(const QapiSchema *schema,
                               const SourceFile *file)
{
    const SourceFile *root = schema->modules ? schema->modules->file : file;
    const char *slash = strrchr(root->path, '/');
    size_t len = slash ? slash + 1 - root->path : 0;
    g_autofree char *folder = g_path_get_dirname(root->abs_path);

    for (char **library = schema->libraries; *library; library++) {
        if (path_below(file->abs_path, *library) &&
            !(path_below(root->abs_path, *library) &&
              path_below(file->abs_path, folder))) {
            return path_below(file->abs_path, *library);
        }
    }
    return file->path + (strncmp(file->path, root->path, len) ? 0 : len);
}

static IrModule *add_module(QapiSchema *schema, SourceFile *file)
{
    IrModule *module = arena_new(&schema->arena, IrModule);

    module->name = module_name(schema, file);
    module->file = file;
    module->includes = g_ptr_array_new();
    module->tail = &module->first;
    *schema->module_tail = module;
    schema->module_tail = &module->next;
    return module;
}

static bool parse_file(QapiSchema *schema, SourceFile *file,
                       unsigned include_depth)
{
    Parser parser = {
        .schema = schema,
        .module = add_module(schema, file),
        .include_depth = include_depth,
    };

    lexer_init(&parser.lexer, file, &schema->names, &schema->diags);
    return parse_top_level(&parser);
}

/*
 * Exceptions become bits of the names, so that a check reads them without a
 * search.
 */
void parse_schema(QapiSchema *schema, SourceFile *root)
{
    parse_file(schema, root, 0);
    for (int i = 0; i < N_EXCEPTIONS; i++) {
        if (schema->exceptions[i]) {
            for (AstValue *v = schema->exceptions[i]->first; v; v = v->next) {
                v->str->exceptions |= 1 << i;
            }
        }
    }
}
