/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Expressions: objects, lists and scalars.
 *
 * The parser is a recursive descent with one word of look-ahead.  It counts the
 * depth of brackets, so that no input can exhaust the stack.
 */
#include "qapi/compiler/parser-internal.h"

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
bool parse_value(Parser *p, unsigned depth, AstValue **value)
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
