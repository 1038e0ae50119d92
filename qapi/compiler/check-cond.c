/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keys 'if' and 'features', which nearly everything may have.
 *
 * A condition is the name of a macro, or an object with exactly one of the keys
 * 'all', 'any' (a list of conditions) and 'not' (one condition).  It becomes an
 * expression of the C preprocessor, so a name must be an identifier of C.
 */
#include "qapi/compiler/check-internal.h"

#include <string.h>

static bool check_condition(Checker *c, const AstValue *cond,
                            Subject subject);

/*
 * The names are macros of the build, which are in upper case by convention;
 * QEMU's compiler accepts no others.
 */
static bool is_condition_name(const char *name)
{
    if (!g_ascii_isupper(*name)) {
        return false;
    }
    while (g_ascii_isupper(*name) || g_ascii_isdigit(*name) ||
           *name == '_') {
        name++;
    }
    return *name == '\0';
}

/* Checks the list of 'all' or 'any'.  An empty list has no expression in C. */
static bool check_operands(Checker *c, const AstValue *list, Subject subject)
{
    if (list->kind != AST_LIST) {
        return check_diag(c, DIAG_IF_ARRAY, list->loc, list->key->str,
                          subject_text(c, subject));
    }
    if (!list->first) {
        return check_diag(c, DIAG_IF_EMPTY, list->loc,
                          subject_text(c, subject));
    }
    for (AstValue *v = list->first; v; v = v->next) {
        if (!check_condition(c, v, subject)) {
            return false;
        }
    }
    return true;
}

/* The recursion ends because the parser limits how deep brackets nest. */
static bool check_condition(Checker *c, const AstValue *cond, Subject subject)
{
    const AstValue *operand = cond->first;

    if (cond->kind == AST_STRING) {
        return is_condition_name(cond->str->str) ||
               check_diag(c, DIAG_IF_NAME, cond->loc, cond->str->str,
                          subject_text(c, subject));
    }
    if (cond->kind != AST_OBJECT) {
        return check_diag(c, DIAG_IF_TYPE, cond->loc,
                          subject_text(c, subject));
    }
    if (!check_keys(c, cond, SUBJECT("'if' condition"), 0,
                    KEY(ALL) | KEY(ANY) | KEY(NOT))) {
        return false;
    }
    if (cond->n != 1) {
        return check_diag(c, DIAG_IF_KEYS, cond->loc,
                          subject_text(c, subject));
    }
    if (operand->key->keyword == KW_NOT) {
        return check_condition(c, operand, subject);
    }
    return check_operands(c, operand, subject);
}

/* Checks the condition of a definition, member, value, branch or feature. */
bool check_if(Checker *c, const AstValue *object, Subject subject)
{
    const AstValue *cond = key_get(c, object, KW_IF);

    return !cond || check_condition(c, cond, subject);
}

/* A feature is its name, or an object with 'name' and perhaps 'if'. */
static bool check_feature(Checker *c, const AstValue *feature)
{
    const AstValue *name = feature;
    Subject subject = SUBJECT("'features' member");

    if (feature->kind == AST_OBJECT) {
        if (!check_keys(c, feature, subject, KEY(NAME), KEY(IF))) {
            return false;
        }
        name = key_get(c, feature, KW_NAME);
    }
    if (!check_name_is_string(c, name, subject)) {
        return false;
    }
    subject.name = name->str->str;
    return check_name_lower(c, subject.name, subject, false, name->loc) &&
           (feature->kind != AST_OBJECT || check_if(c, feature, subject));
}

/*
 * Only the spelling is checked here.  Whether two features collide, and which
 * of them a type may have, is checked when the entities are known
 * (check-types.c).
 */
bool check_features(Checker *c, const AstValue *object)
{
    const AstValue *features = key_get(c, object, KW_FEATURES);

    if (!features) {
        return true;
    }
    if (features->kind != AST_LIST) {
        return check_diag(c, DIAG_NOT_ARRAY, features->loc, "'features'");
    }
    for (AstValue *v = features->first; v; v = v->next) {
        if (!check_feature(c, v)) {
            return false;
        }
    }
    return true;
}
