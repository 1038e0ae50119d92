/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiSchema: everything that is known about a schema, filled in pass by pass.
 *
 *   pass              file             result
 *   parse             parser.c, doc.c  top_levels, pragmas
 *   check expressions check-expr.c     keys, names and shapes are right
 *   define            ir.c             entities, modules
 *   define class      ir-class.c       entities that classes imply
 *     types
 *   check entities    check-types.c    types are resolved, docs connected
 *
 * A pass runs only if the passes before it found no error.  Within a pass, an
 * error in one definition does not prevent the check of others.
 *
 * Thread: one at a time uses a schema; this applies to all private headers of
 *         this folder
 */
#ifndef QOM_QAPI_COMPILER_SCHEMA_INTERNAL_H
#define QOM_QAPI_COMPILER_SCHEMA_INTERNAL_H

#include "qapi/compiler/ast-internal.h"
#include "qapi/compiler/diag-internal.h"
#include "qapi/compiler/names-internal.h"
#include "qapi/compiler/source-internal.h"

/*
 * The keywords: words of the language that are keys of objects, or names that
 * it gives a meaning to.
 */
#define KEYWORD_LIST(X)                                                  \
    X(INCLUDE, "include") X(PRAGMA, "pragma")                            \
    X(ENUM, "enum") X(STRUCT, "struct") X(UNION, "union")                \
    X(ALTERNATE, "alternate") X(COMMAND, "command") X(EVENT, "event")    \
    X(CLASS, "class")                                                    \
    X(DATA, "data") X(BASE, "base") X(DISCRIMINATOR, "discriminator")    \
    X(PREFIX, "prefix") X(IF, "if") X(FEATURES, "features")              \
    X(RETURNS, "returns") X(BOXED, "boxed") X(GEN, "gen")                \
    X(SUCCESS_RESPONSE, "success-response") X(ALLOW_OOB, "allow-oob")    \
    X(ALLOW_PRECONFIG, "allow-preconfig") X(COROUTINE, "coroutine")      \
    X(NAME, "name") X(TYPE, "type")                                      \
    X(ALL, "all") X(ANY, "any") X(NOT, "not")                            \
    X(PARENT, "parent") X(ABSTRACT, "abstract")                          \
    X(INTERFACES, "interfaces") X(C_TYPE, "c-type")                      \
    X(PROPERTIES, "properties") X(DEFAULT, "default") X(MIN, "min")      \
    X(MAX, "max") X(UNIT, "unit") X(SET, "set") X(NOTIFY, "notify")      \
    X(DOC_REQUIRED, "doc-required") X(LANGUAGE, "language")              \
    X(COMMAND_NAME_EXCEPTIONS, "command-name-exceptions")                \
    X(COMMAND_RETURNS_EXCEPTIONS, "command-returns-exceptions")          \
    X(DOCUMENTATION_EXCEPTIONS, "documentation-exceptions")              \
    X(MEMBER_NAME_EXCEPTIONS, "member-name-exceptions")                  \
    X(DEPRECATED, "deprecated") X(UNSTABLE, "unstable")

typedef enum Keyword {
    KW_NONE,
#define KEYWORD_ENUM(id, text) KW_##id,
    KEYWORD_LIST(KEYWORD_ENUM)
#undef KEYWORD_ENUM
    KW__MAX,
} Keyword;

/*
 * The version of the language, by which comments are checked.  Everything else
 * is the same in all versions.
 */
typedef enum Language {
    LANGUAGE_7_2,  /* sections "Note:" and "Example:"; headings anywhere */
    LANGUAGE_10_0, /* '=' headings have rules */
    LANGUAGE_10_2, /* reST headings; length of lines, blanks after sentences */
    LANGUAGE_DEFAULT = LANGUAGE_10_2, /* the newest */
} Language;

/* Bits of Name.exceptions: which pragmas list the name, in their order. */
enum {
    EXCEPT_COMMAND_NAME = 1 << 0,
    EXCEPT_COMMAND_RETURNS = 1 << 1,
    EXCEPT_DOCUMENTATION = 1 << 2,
    EXCEPT_MEMBER_NAME = 1 << 3,
};

typedef struct IrModule IrModule;
struct IrModule {
    const char *name;       /* path from the root's folder */
    SourceFile *file;
    GPtrArray *includes;    /* of IrModule, directly, in order */
    struct IrEntity *first; /* its entities, chained by next_in_module */
    struct IrEntity **tail;
    uint32_t visit;         /* epoch of the last walk that reached it */
    IrModule *next;

    /* Set by gen_group_modules(). */
    GPtrArray *needs;        /* of IrModule: what its header includes */
    IrModule *group;         /* the first module of its group */
    IrModule *next_in_group; /* (nullable) */
    uint32_t order;          /* when the walk reached it, from 1 */
    uint32_t low;            /* least order of its group that is known */
    guint n_walked;          /* how many of its needs the walk has followed */
};

typedef struct QapiSchema QapiSchema;
struct QapiSchema {
    Arena arena;
    NameTable names;
    SourceSet sources;
    char **libraries; /* absolute folders of modules, ends with NULL */
    Diags diags;
    Name *keywords[KW__MAX];

    TopLevel *top_levels;
    TopLevel **top_level_tail;
    IrModule *modules; /* the root first */
    IrModule **module_tail;

    bool told; /* created from introspection data: there are no lines to point
                  to, and documentation is incomplete */
    bool doc_required;
    Language language; /* of the comments that are parsed next */

    struct IrEntity *entities; /* chained by next */
    struct IrEntity **entity_tail;
    struct IrEntity *classes; /* chained by next_class */
    struct IrEntity **class_tail;
    GPtrArray *features; /* of Name, in the order of first use */
};

/*
 * schema_load_told: loads a schema as qapi_schema_load_text() does, from text
 * that was created from introspection data
 */
QapiSchema *schema_load_told(const char *name, const char *text, size_t len,
                             Error **errp);

/**
 * parse_schema: parses a file and all files that it includes
 * @root: the first file
 *
 * Errors are added to @schema->diags, here and in the passes below.
 */
void parse_schema(QapiSchema *schema, SourceFile *root);

/*
 * language_of: looks up a version of the language, such as "10.2"
 *
 * Returns: true; false if there is no such version
 */
bool language_of(const char *version, Language *language);

/* language_names: returns the versions, for messages */
const char *language_names(void);

/* The passes that follow, in their order. */
void check_expressions(QapiSchema *schema);
void define_entities(QapiSchema *schema);
void define_class_types(QapiSchema *schema);
void check_entities(QapiSchema *schema);

#endif
