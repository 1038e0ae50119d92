/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shape of a class, our addition to the language.  Whether a default is a
 * value of the property's type is checked when types are known
 * (check-property.c).
 *
 * Contract: docs/schema-language.md, "Classes"
 */
#include "qapi/compiler/check-internal.h"

#include <string.h>

/* @value: (nullable) NULL is accepted, as in the checks below */
static bool check_string(Checker *c, const AstValue *value, const char *what)
{
    if (value && value->kind != AST_STRING) {
        return check_diag(c, DIAG_NOT_STRING, value->loc, what);
    }
    return true;
}

/* Returns true if generated code may use @name as the name of a type. */
static bool is_c_identifier(const char *name)
{
    if (!g_ascii_isalpha(*name) && *name != '_') {
        return false;
    }
    while (g_ascii_isalnum(*name) || *name == '_') {
        name++;
    }
    return *name == '\0';
}

/*
 * Checks 'c-type', the struct of the class, which generated code names but does
 * not define.
 */
static bool check_c_type(Checker *c, const AstValue *value)
{
    if (!value) {
        return true;
    }
    if (!check_string(c, value, "'c-type'")) {
        return false;
    }
    return is_c_identifier(value->str->str) ||
           check_diag(c, DIAG_CLASS_C_TYPE, value->loc, value->str->str);
}

/*
 * Checks the names in 'interfaces'.  No schema defines interfaces, so they are
 * not looked up.
 */
static bool check_interfaces(Checker *c, const AstValue *list)
{
    if (!list) {
        return true;
    }
    if (list->kind != AST_LIST) {
        return check_diag(c, DIAG_NOT_ARRAY, list->loc, "'interfaces'");
    }
    for (AstValue *v = list->first; v; v = v->next) {
        if (!check_name_is_string(c, v, SUBJECT("'interfaces' member")) ||
            !check_name_lower(c, v->str->str,
                              SUBJECT("'interfaces' member", v->str->str),
                              false, v->loc)) {
            return false;
        }
    }
    return true;
}

/* Checks 'set', which says when a property may be set. */
static bool check_set(Checker *c, const AstValue *value, Subject subject)
{
    static const char *const modes[] = { "any-time", "create", "never" };

    for (unsigned i = 0; value && i < G_N_ELEMENTS(modes); i++) {
        if (value->kind == AST_STRING &&
            strcmp(value->str->str, modes[i]) == 0) {
            return true;
        }
    }
    return !value || check_diag(c, DIAG_PROPERTY_SET, value->loc,
                                subject_text(c, subject));
}

/* Checks a flag that may have both values, because its default is not false. */
static bool check_bool(Checker *c, const AstValue *flag)
{
    if (flag && flag->kind != AST_BOOL) {
        return check_diag(c, DIAG_FLAG_BOOL, flag->loc, flag->key->str);
    }
    return true;
}

/* Checks a type, a list of one, or "link<CLASS>" and "child<CLASS>". */
static bool check_property_type(Checker *c, const AstValue *type,
                                Subject subject)
{
    const char *open;
    g_autofree char *target = NULL;

    if (!check_type_or_array(c, type, subject)) {
        return false;
    }
    if (type->kind != AST_STRING) {
        return true;
    }
    open = strchr(type->str->str, '<');
    if (!open) {
        return true;
    }
    if ((g_str_has_prefix(type->str->str, "link<") ||
         g_str_has_prefix(type->str->str, "child<")) &&
        strlen(open) > 2 && open[strlen(open) - 1] == '>') {
        target = g_strndup(open + 1, strlen(open) - 2);
        return check_name_lower(c, target, subject, false, type->loc);
    }
    return check_diag(c, DIAG_PROPERTY_LINK, type->loc,
                      subject_text(c, subject), type->str->str);
}

/*
 * The type of a property is checked afterwards; the values of 'default', 'min'
 * and 'max' in a later pass.
 */
static bool check_property_keys(Checker *c, const AstValue *property,
                                Subject subject)
{
    return check_keys(c, property, subject, KEY(TYPE),
                      KEY(DEFAULT) | KEY(MIN) | KEY(MAX) | KEY(UNIT) |
                          KEY(SET) | KEY(IF) | KEY(FEATURES) |
                          KEY(NOTIFY)) &&
           check_string(c, key_get(c, property, KW_UNIT), "'unit'") &&
           check_set(c, key_get(c, property, KW_SET), subject) &&
           check_bool(c, key_get(c, property, KW_NOTIFY)) &&
           check_if(c, property, subject) && check_features(c, property);
}

/*
 * A property's value is a type, or an object with the key 'type', as for
 * members.
 */
static bool check_property(Checker *c, const AstValue *property)
{
    Subject subject = SUBJECT("property", property->key->str);
    const AstValue *type = property;

    if (!check_member_name(c, property->key->str, subject, false,
                           property->key_loc)) {
        return false;
    }
    if (property->kind == AST_OBJECT) {
        if (!check_property_keys(c, property, subject)) {
            return false;
        }
        type = key_get(c, property, KW_TYPE);
    }
    return check_property_type(c, type, subject);
}

bool check_class(Checker *c, const AstValue *expr)
{
    const AstValue *properties = key_get(c, expr, KW_PROPERTIES);

    if (!check_string(c, key_get(c, expr, KW_PARENT), "'parent'") ||
        !check_flag(c, expr, KW_ABSTRACT, true) ||
        !check_interfaces(c, key_get(c, expr, KW_INTERFACES)) ||
        !check_c_type(c, key_get(c, expr, KW_C_TYPE))) {
        return false;
    }
    if (properties && properties->kind != AST_OBJECT) {
        return check_diag(c, DIAG_NOT_OBJECT, properties->loc,
                          "'properties'");
    }
    for (AstValue *v = properties ? properties->first : NULL; v;
         v = v->next) {
        if (!check_property(c, v)) {
            return false;
        }
    }
    return true;
}
