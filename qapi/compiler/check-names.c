/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How names may be spelt.
 *
 * A name is an optional downstream prefix `__RFQDN_`, an optional `x-`, and the
 * stem.  The rules on case apply to the stem alone: a domain name is in lower
 * case even in the name of an event.
 *
 * Contract: docs/schema-language.md, "Names"
 */
#include "qapi/compiler/check-internal.h"

#include <string.h>

/*
 * Returns true if @name is letters, digits, '-' and '_', and begins with a
 * letter.
 */
static bool is_stem(const char *name)
{
    if (!g_ascii_isalpha(*name)) {
        return false;
    }
    while (g_ascii_isalnum(*name) || *name == '-' || *name == '_') {
        name++;
    }
    return *name == '\0';
}

/* Returns the text after "__RFQDN_"; NULL if there is no such prefix. */
static const char *skip_downstream(const char *name)
{
    const char *p = name + 2;

    if (name[0] != '_' || name[1] != '_') {
        return NULL;
    }
    while (g_ascii_isalnum(*p) || *p == '.' || *p == '-') {
        p++;
    }
    return p > name + 2 && *p == '_' ? p + 1 : NULL;
}

/*
 * Returns the stem of @name; NULL if the name is not valid. `x-` is a prefix
 * only if a stem follows it; in "x-1" it belongs to the stem.
 */
static const char *stem_of(const char *name)
{
    const char *rest = skip_downstream(name);

    if (!rest) {
        rest = name;
    }
    if ((*rest == 'x' || *rest == 'X') && rest[1] == '-' &&
        is_stem(rest + 2)) {
        return rest + 2;
    }
    return is_stem(rest) ? rest : NULL;
}

/*
 * Returns true for "q_" and the like, which C names of keywords begin with; see
 * c_name_of().
 */
static bool is_generated(const char *name)
{
    return name[0] == 'q' && name[1] && !g_ascii_isalnum(name[1]);
}

/* Returns the stem; NULL after an error has been reported. */
static const char *check_name(Checker *c, const char *name, Subject subject,
                              SrcLoc detail)
{
    const char *stem = is_generated(name) ? NULL : stem_of(name);

    if (!stem) {
        check_diag(c, DIAG_NAME_INVALID, detail, subject_text(c, subject));
    }
    return stem;
}

bool check_name_is_string(Checker *c, const AstValue *value, Subject subject)
{
    if (value->kind != AST_STRING) {
        return check_diag(c, DIAG_NAME_STRING, value->loc,
                          subject_text(c, subject));
    }
    return true;
}

/*
 * Checks a name of members, values and classes.  A pragma makes the check
 * permissive for the members of a definition: they may then have capitals and
 * '_'.
 */
bool check_name_lower(Checker *c, const char *name, Subject subject,
                      bool permissive, SrcLoc detail)
{
    const char *stem = check_name(c, name, subject, detail);

    if (!stem) {
        return false;
    }
    for (; *stem && !permissive; stem++) {
        if (g_ascii_isupper(*stem) || *stem == '_') {
            return check_diag(c, DIAG_NAME_LOWER, detail,
                              subject_text(c, subject));
        }
    }
    return true;
}

/*
 * A member must not be called like what generated structs have in addition: the
 * union `u` and the flags `has_NAME`.
 */
bool check_member_name(Checker *c, const char *name, Subject subject,
                       bool permissive, SrcLoc detail)
{
    if (!check_name_lower(c, name, subject, permissive, detail)) {
        return false;
    }
    if (strcmp(name, "u") == 0 ||
        (strncmp(name, "has", 3) == 0 && (name[3] == '-' || name[3] == '_'))) {
        return check_diag(c, DIAG_NAME_RESERVED, detail,
                          subject_text(c, subject));
    }
    return true;
}

/* Events are in upper case, and '_' is between their words. */
static bool check_event_name(Checker *c, const char *name, const char *meta)
{
    const char *stem = check_name(c, name, SUBJECT(meta), 0);

    for (; stem && *stem; stem++) {
        if (g_ascii_islower(*stem) || *stem == '-') {
            return check_diag(c, DIAG_NAME_UPPER, 0, meta);
        }
    }
    return stem != NULL;
}

/*
 * Commands are in lower case, and '-' is between their words; a pragma exempts
 * single commands from the latter.
 */
static bool check_command_name(Checker *c, const Name *name, const char *meta)
{
    const char *stem = check_name(c, name->str, SUBJECT(meta), 0);
    bool underscore = name->exceptions & EXCEPT_COMMAND_NAME;

    for (; stem && *stem; stem++) {
        if (g_ascii_isupper(*stem) || (*stem == '_' && !underscore)) {
            return check_diag(c, DIAG_NAME_LOWER, 0, meta);
        }
    }
    return stem != NULL;
}

/*
 * Types are in CamelCase: letters and digits, a capital first, and at least one
 * small letter.
 */
static bool check_type_spelling(Checker *c, const char *name,
                                const char *meta)
{
    const char *stem = check_name(c, name, SUBJECT(meta), 0);
    bool lower = false;

    if (!stem) {
        return false;
    }
    for (const char *p = stem; *p; p++) {
        if (!g_ascii_isalnum(*p)) {
            lower = false;
            break;
        }
        lower |= g_ascii_islower(*p);
    }
    if (!g_ascii_isupper(*stem) || !lower) {
        return check_diag(c, DIAG_NAME_CAMEL, 0, meta);
    }
    return true;
}

/* Array types take the names that end in "List", so definitions must not. */
bool check_definition_name(Checker *c, Name *name, const char *meta,
                           Keyword kind)
{
    switch (kind) {
    case KW_EVENT:
        if (!check_event_name(c, name->str, meta)) {
            return false;
        }
        break;
    case KW_COMMAND:
        if (!check_command_name(c, name, meta)) {
            return false;
        }
        break;
    case KW_CLASS:
        return check_name_lower(c, name->str, SUBJECT(meta), false, 0);
    default:
        if (!check_type_spelling(c, name->str, meta)) {
            return false;
        }
    }
    if (g_str_has_suffix(name->str, "List")) {
        return check_diag(c, DIAG_NAME_LIST, 0, meta);
    }
    return true;
}
