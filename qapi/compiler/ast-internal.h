/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The result of the parser: JSON-like values, each with its place, and
 * documentation comments, divided into sections.
 *
 * An object or a list is a chain of values; a value in an object has a key.
 * Conditions ('if') keep this form in all passes, because they are only
 * printed.
 */
#ifndef QOM_QAPI_COMPILER_AST_INTERNAL_H
#define QOM_QAPI_COMPILER_AST_INTERNAL_H

#include "qapi/compiler/names-internal.h"
#include "qapi/compiler/source-internal.h"

/* The limit of nesting for brackets, includes, bases and branches. */
#define MAX_DEPTH 400
#define MAX_DEPTH_TEXT "400"

typedef enum AstKind {
    AST_OBJECT,
    AST_LIST,
    AST_STRING,
    AST_BOOL,
    AST_NUMBER,
} AstKind;

typedef struct AstValue AstValue;
struct AstValue {
    AstKind kind;
    bool boolean;   /* AST_BOOL */
    SrcLoc loc;     /* of the value */
    SrcLoc key_loc; /* of the key, in an object */
    uint32_t n;     /* AST_OBJECT, AST_LIST: number of values */
    Name *key;      /* in an object */
    Name *str;      /* AST_STRING; AST_NUMBER: as written */
    AstValue *first; /* AST_OBJECT, AST_LIST */
    AstValue *next;  /* in the containing object or list */
};

/**
 * ast_get: returns the value of a key
 * @object: an AST_OBJECT
 *
 * Returns: (nullable) the value; NULL if @object does not have the key
 */
static inline AstValue *ast_get(const AstValue *object, const Name *key)
{
    for (AstValue *v = object->first; v; v = v->next) {
        if (v->key == key) {
            return v;
        }
    }
    return NULL;
}

typedef enum DocKind {
    DOC_PLAIN,
    DOC_MEMBER,  /* "@name:" */
    DOC_FEATURE, /* "@name:" after "Features:" */
    DOC_RETURNS,
    DOC_ERRORS,
    DOC_SINCE,
    DOC_TODO,
} DocKind;

typedef struct DocSection DocSection;
struct DocSection {
    DocKind kind;
    SrcLoc loc;
    Name *name;       /* DOC_MEMBER, DOC_FEATURE */
    const char *text; /* lines joined by '\n', without blank ones at the ends */
    bool connected;   /* the member or feature that it describes exists */
    DocSection *next;
};

typedef struct Doc {
    SrcLoc loc;
    Name *symbol; /* NULL: free-form */
    DocSection *sections;
    bool has_features;
    bool is_loose; /* by the rules of 7.2: members may lack a text, "Returns"
                      may be where nothing is returned */
} Doc;

/* doc_find_section: returns (nullable) the first section of a kind */
static inline const DocSection *doc_find_section(const Doc *doc, DocKind kind)
{
    for (const DocSection *s = doc->sections; s; s = s->next) {
        if (s->kind == kind) {
            return s;
        }
    }
    return NULL;
}

/* An element of the schema; the list has the order of the files. */
typedef struct TopLevel TopLevel;
struct TopLevel {
    AstValue *expr; /* NULL: a free-form comment */
    Doc *doc;       /* NULL: none */
    struct IrModule *module;
    TopLevel *next;
};

#endif
