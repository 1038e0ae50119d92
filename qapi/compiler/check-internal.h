/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the checks of expressions share. */
#ifndef QOM_QAPI_COMPILER_CHECK_INTERNAL_H
#define QOM_QAPI_COMPILER_CHECK_INTERNAL_H

#include "qapi/compiler/schema-internal.h"

/* One definition under check. */
typedef struct Checker {
    QapiSchema *schema;
    SrcLoc loc; /* of the definition: where errors are reported */
} Checker;

/*
 * What a message is about: @what alone, or @what and the name in quotes.
 * Texts are made only when there is a message.
 */
typedef struct Subject {
    const char *what;
    const char *name; /* NULL: none */
} Subject;

#define SUBJECT(what, ...) ((Subject){ (what), ##__VA_ARGS__ })

#define check_diag(c, id, detail, ...) \
    diag(&(c)->schema->diags, (id), (c)->loc, (detail), ##__VA_ARGS__)

#define KEY(kw) (UINT64_C(1) << KW_##kw)

/*
 * The checks return true, or false after they have reported an error.
 */

/* ---- check-keys.c ---- */

/* subject_text: returns the text of a subject; it lives with the schema */
const char *subject_text(Checker *c, Subject subject);

/* key_get: returns (nullable) the value of a key */
AstValue *key_get(Checker *c, const AstValue *object, Keyword keyword);

/**
 * check_keys: checks that an object has the keys that it must have and no
 * others
 * @required: the keys that must be there, bits KEY()
 * @optional: the keys that may be there, bits KEY()
 */
bool check_keys(Checker *c, const AstValue *object, Subject subject,
                uint64_t required, uint64_t optional);

/*
 * check_type_or_array: checks that a value is the name of a type, or a list of
 * one such name.  @value: (nullable) NULL is accepted
 */
bool check_type_or_array(Checker *c, const AstValue *value, Subject subject);

/*
 * check_flag: checks that a key, if it is there, has the boolean value @wanted,
 * which is not the default
 */
bool check_flag(Checker *c, const AstValue *object, Keyword key, bool wanted);

/* ---- check-names.c ---- */

bool check_name_is_string(Checker *c, const AstValue *value, Subject subject);
bool check_definition_name(Checker *c, Name *name, const char *meta,
                           Keyword kind);
bool check_name_lower(Checker *c, const char *name, Subject subject,
                      bool permissive, SrcLoc detail);
bool check_member_name(Checker *c, const char *name, Subject subject,
                       bool permissive, SrcLoc detail);

/* ---- check-cond.c: the keys 'if' and 'features' ---- */

bool check_if(Checker *c, const AstValue *object, Subject subject);
bool check_features(Checker *c, const AstValue *object);

/* ---- check-class.c ---- */

bool check_class(Checker *c, const AstValue *expr);

#endif
