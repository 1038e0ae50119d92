/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Diagnostics: all messages of the compiler, in one table.
 *
 * An entry has an id and a text, in which %1 to %4 represent arguments.  The id
 * is printed in brackets after the message, and the schema in tests/schema/bad/
 * that provokes the message is called like it.  A message looks like
 *
 *     In file included from root.json:3:
 *     sub/foo.json: In struct 'Foo':
 *     sub/foo.json:7:1: 'data' member 'bar' misses key 'type' [missing-key]
 *
 * The line is that of the definition that contains the error, as tools that
 * read messages of QEMU's compiler expect.  If the error is on another line,
 * the text ends with that line.
 */
#ifndef QOM_QAPI_COMPILER_DIAG_INTERNAL_H
#define QOM_QAPI_COMPILER_DIAG_INTERNAL_H

#include "qapi/compiler/source-internal.h"

#define DIAG_LIST(X)                                                        \
    /* files */                                                             \
    X(CANT_READ, "cant-read", "can't read %1 file '%2': %3")                \
    X(INCLUDE_LOOP, "include-loop", "inclusion loop for %1")                \
    X(INCLUDE_DEPTH, "include-depth", "includes nest deeper than %1")       \
    /* characters and words */                                              \
    X(NOT_TEXT, "not-text", "invalid byte %1: a schema is UTF-8 text")      \
    X(STRAY, "stray", "stray '%1'")                                         \
    X(DOUBLE_QUOTE, "double-quote",                                         \
      "stray '%1'; strings are in single quotes")                           \
    X(STRING_END, "string-end", "missing terminating \"'\"")                \
    X(STRING_CHAR, "string-char", "funny character in string")              \
    X(STRING_ESCAPE, "string-escape", "unknown escape \\%1")                \
    X(NUMBER, "number", "malformed number '%1'")                            \
    X(NUMBER_PLACE, "number-place",                                         \
      "number '%1' where none is allowed; only the keys 'default', 'min' "  \
      "and 'max' of a property take one")                                   \
    /* expressions */                                                       \
    X(EXPECTED, "expected", "expected %1")                                  \
    X(NUMBER_KEY, "number-key", "key '%1' takes no number")                 \
    X(DUPLICATE_KEY, "duplicate-key", "duplicate key '%1'")                 \
    X(DEPTH, "depth", "brackets nest deeper than %1")                       \
    X(TOP_LEVEL, "top-level", "top-level expression must be an object")     \
    /* directives */                                                        \
    X(INCLUDE_KEYS, "include-keys", "invalid 'include' directive")          \
    X(INCLUDE_TYPE, "include-type", "value of 'include' must be a string")  \
    X(PRAGMA_KEYS, "pragma-keys", "invalid 'pragma' directive")             \
    X(PRAGMA_TYPE, "pragma-type", "value of 'pragma' must be an object")    \
    X(PRAGMA_UNKNOWN, "pragma-unknown", "unknown pragma '%1'%2")            \
    X(PRAGMA_BOOL, "pragma-bool", "pragma '%1' must be boolean")            \
    X(PRAGMA_LANGUAGE, "pragma-language",                                   \
      "pragma 'language' must be one of %1")                                \
    X(PRAGMA_LIST, "pragma-list", "pragma '%1' must be a list of strings")  \
    /* documentation comments */                                            \
    X(DOC_START_JUNK, "doc-start-junk",                                     \
      "junk after '##' at start of documentation comment")                  \
    X(DOC_END_JUNK, "doc-end-junk",                                         \
      "junk after '##' at end of documentation comment")                    \
    X(DOC_END, "doc-end", "documentation comment must end with '##'")       \
    X(DOC_SPACE, "doc-space", "missing space after #")                      \
    X(DOC_LONG_LINE, "doc-long-line",                                       \
      "documentation line longer than %1 characters")                       \
    X(DOC_SENTENCES, "doc-sentences", "Use two spaces between sentences")   \
    X(DOC_COLON, "doc-colon", "line should end with ':'")                   \
    X(DOC_NAME, "doc-name", "name required after '@'")                      \
    X(DOC_FREE_MEMBER, "doc-free-member",                                   \
      "'@%1:' not allowed in free-form documentation")                      \
    X(DOC_HEADING_FIRST, "doc-heading-first",                               \
      "'=' heading must come first in a comment block")                     \
    X(DOC_HEADING, "doc-heading",                                           \
      "unexpected '=' markup in definition documentation")                  \
    X(DOC_INDENT, "doc-indent",                                             \
      "unexpected de-indent (expected at least %1 spaces)")                 \
    X(DOC_ARG_LATE, "doc-arg-late",                                         \
      "description of '@%1:' follows a section")                            \
    X(DOC_ARG_NAME, "doc-arg-name", "name required in '@name:'")            \
    X(DOC_ARG_TWICE, "doc-arg-twice", "'%1' is described twice")            \
    X(DOC_FEATURES_TWICE, "doc-features-twice",                             \
      "duplicated 'Features:' line")                                        \
    X(DOC_FEATURES_EMPTY, "doc-features-empty",                             \
      "feature descriptions expected")                                      \
    X(DOC_SECTION_GONE, "doc-section-gone",                                 \
      "section '%1' is no longer supported; use the rST directive '.. %2::'") \
    X(DOC_SECTION_TWICE, "doc-section-twice", "duplicated '%1' section")    \
    X(DOC_SECTION_EMPTY, "doc-section-empty", "text required after '%1:'")  \
    X(DOC_NO_DEFINITION, "doc-no-definition",                               \
      "documentation for '%1' is not followed by the definition")           \
    X(DOC_REQUIRED, "doc-required", "documentation comment required")       \
    X(DOC_FREE_DEFINITION, "doc-free-definition",                           \
      "definition documentation required")                                  \
    X(DOC_OTHER, "doc-other", "documentation comment is for '%1'")          \
    X(DOC_RETURNS_NONE, "doc-returns-none",                                 \
      "'Returns' section, but command doesn't return anything")             \
    X(DOC_COMMAND_ONLY, "doc-command-only",                                 \
      "'%1' section is only valid for commands")                            \
    X(DOC_UNKNOWN, "doc-unknown", "documented %1 '%2' %3 not exist")        \
    X(DOC_LACKS, "doc-lacks", "%1 '%2' lacks documentation")                \
    /* shape of definitions */                                              \
    X(META, "meta", "expression must have exactly one key 'enum', "         \
      "'struct', 'union', 'alternate', 'command', 'event', 'class'%1")      \
    X(MISSING_KEY, "missing-key", "%1 misses key%2 %3")                     \
    X(UNKNOWN_KEY, "unknown-key", "%1 has unknown key%2 %3; "               \
      "valid keys are %4%5")                                                \
    X(NAME_STRING, "name-string", "%1 requires a string name")              \
    X(NAME_INVALID, "name-invalid", "%1 has an invalid name")               \
    X(NAME_UPPER, "name-upper", "name of %1 must not use lowercase or '-'") \
    X(NAME_LOWER, "name-lower", "name of %1 must not use uppercase or '_'") \
    X(NAME_CAMEL, "name-camel", "name of %1 must use CamelCase")            \
    X(NAME_LIST, "name-list", "%1 name should not end in 'List'")           \
    X(NAME_RESERVED, "name-reserved", "%1 uses reserved name")              \
    X(NOT_STRING, "not-string", "%1 must be a string")                      \
    X(NOT_ARRAY, "not-array", "%1 must be an array")                        \
    X(NOT_OBJECT, "not-object", "%1 must be an object")                     \
    X(NOT_MEMBERS, "not-members", "%1 should be an object or type name")    \
    X(NOT_TYPE, "not-type", "%1 should be a type name")                     \
    X(ARRAY_TYPE, "array-type",                                             \
      "%1: array type must contain single type name")                       \
    X(EMPTY, "empty", "%1 must not be empty")                               \
    X(BOXED_DATA, "boxed-data", "'boxed': true requires 'data'")            \
    X(FLAG_FALSE, "flag-false", "flag '%1' may only use false value")       \
    X(FLAG_TRUE, "flag-true", "flag '%1' may only use true value")          \
    X(FLAG_BOOL, "flag-bool", "flag '%1' must be true or false")            \
    X(FLAG_CLASH, "flag-clash",                                             \
      "flags 'allow-oob' and 'coroutine' are incompatible")                 \
    X(IF_NAME, "if-name",                                                   \
      "'if' condition '%1' of %2 is not a valid identifier")                \
    X(IF_TYPE, "if-type",                                                   \
      "'if' condition of %1 must be a string or an object")                 \
    X(IF_KEYS, "if-keys", "'if' condition of %1 has conflicting keys")      \
    X(IF_ARRAY, "if-array", "'%1' condition of %2 must be an array")        \
    X(IF_EMPTY, "if-empty", "'if' condition of %1 is empty")                \
    /* meaning of definitions */                                            \
    X(REDEFINED, "redefined", "'%1' is already defined at %2")              \
    X(BUILTIN, "builtin", "%1 '%2' is already defined")                     \
    X(UNKNOWN_TYPE, "unknown-type", "%1 uses unknown type '%2'%3")          \
    X(COLLIDES, "collides", "%1 collides with %2")                          \
    X(SELF, "self", "%1 contains itself")                                   \
    X(BASE_DEPTH, "base-depth", "bases and branches nest deeper than %1")   \
    X(BASE_STRUCT, "base-struct", "'base' requires a struct type, %1 isn't") \
    X(FEATURE_TYPE, "feature-type",                                         \
      "feature '%1' is not supported for types")                            \
    X(FEATURE_COUNT, "feature-count",                                       \
      "more than %1 different features in the schema")                      \
    X(TAG_UNKNOWN, "tag-unknown",                                           \
      "discriminator '%1' is not a member of 'base'%2")                     \
    X(TAG_ENUM, "tag-enum",                                                 \
      "discriminator member '%1' must be of enum type")                     \
    X(TAG_OPTIONAL, "tag-optional",                                         \
      "discriminator member '%1' must not be optional")                     \
    X(TAG_CONDITIONAL, "tag-conditional",                                   \
      "discriminator member '%1' must not be conditional")                  \
    X(NO_BRANCHES, "no-branches", "union has no branches")                  \
    X(BRANCH_VALUE, "branch-value", "%1 is not a value of %2%3")            \
    X(CANNOT_USE, "cannot-use", "%1 cannot use %2")                         \
    X(ALTERNATE_CLASH, "alternate-clash",                                   \
      "%1 can't be distinguished from '%2'")                                \
    X(DATA_TYPE, "data-type", "%1's 'data' cannot take %2")                 \
    X(DATA_BOXED, "data-boxed",                                             \
      "%1's 'data' can take %2 only with 'boxed': true")                    \
    X(CONDITIONAL_ARGS, "conditional-args",                                 \
      "conditional %1 arguments require 'boxed': true")                     \
    X(RETURNS_TYPE, "returns-type", "command's 'returns' cannot take %1")   \
    /* classes */                                                           \
    X(CLASS_PARENT, "class-parent", "'parent' names unknown class '%1'%2")  \
    X(CLASS_LOOP, "class-loop", "class '%1' descends from itself")          \
    X(CLASS_DEPTH, "class-depth",                                           \
      "class '%1' has more than %2 ancestors")                              \
    X(CLASS_C_TYPE, "class-c-type", "'c-type' '%1' is not a C identifier")  \
    X(PROPERTY_SET, "property-set",                                         \
      "'set' of %1 must be 'any-time', 'create' or 'never'")                \
    X(PROPERTY_NUMBER, "property-number",                                   \
      "'%1' of %2 needs a property of a numeric type")                      \
    X(PROPERTY_VALUE, "property-value", "'%1' of %2 is no value of %3")     \
    X(PROPERTY_RANGE, "property-range",                                     \
      "'%1' of %2 is outside 'min' to 'max'")                               \
    X(PROPERTY_TWICE, "property-twice",                                     \
      "%1 is inherited from class '%2' already")                            \
    X(PROPERTY_LINK, "property-link", "%1: malformed type '%2'")            \
    X(PROPERTY_CLASS, "property-class", "%1 names unknown class '%2'%3")    \
    X(PROPERTY_CHILD, "property-child", "%1: a child property must have "   \
      "'set': 'never'")                                                     \
    X(CHILD_ABSTRACT, "child-abstract",                                     \
      "%1: no child can be created of '%2', which is abstract")             \
    X(CHILD_DEPTH, "child-depth", "children nest deeper than %1")

typedef enum DiagId {
#define DIAG_ENUM(id, name, text) DIAG_##id,
    DIAG_LIST(DIAG_ENUM)
#undef DIAG_ENUM
    DIAG__MAX,
} DiagId;

#define DIAG_MAX_ARGS 5

typedef struct Diags {
    SourceSet *sources;
    GString *text;     /* all messages; each line ends with '\n' */
    unsigned n_errors;
    /* the definition that is being checked; NULL outside of definitions */
    const char *kind;
    const char *name;
} Diags;

/* diags_init, diags_clear: Begin without messages; free all messages. */
void diags_init(Diags *diags, SourceSet *sources);
void diags_clear(Diags *diags);

/* diag_name: returns the id of a message, such as "missing-key" */
const char *diag_name(DiagId id);

/**
 * diag_report: reports an error; the macro diag() takes @args one by one
 * @loc: the place whose line the message names; 0: none
 * @detail: the place of the error inside the definition; 0: the same
 * @args: texts for %1 to %5; copied
 *
 * After 100 errors the rest is only counted.
 *
 * Returns: false, so that a check can return the call
 */
bool diag_report(Diags *diags, DiagId id, SrcLoc loc, SrcLoc detail,
                 const char *const args[DIAG_MAX_ARGS]);

#define diag(diags, id, loc, detail, ...)                     \
    diag_report((diags), (id), (loc), (detail),               \
                (const char *const[DIAG_MAX_ARGS]){ __VA_ARGS__ })

#endif
