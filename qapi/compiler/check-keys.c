/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all kinds of definitions have in common: which keys an object must have
 * and may have, and the shapes of their values.
 *
 * Most unknown keys are misspelt, so an unknown key is compared with those that
 * are allowed; the message then names the key that may be meant.
 */
#include "qapi/compiler/check-internal.h"
#include "qapi/compiler/hint-internal.h"

const char *subject_text(Checker *c, Subject subject)
{
    return subject.name ? arena_printf(&c->schema->arena, "%s '%s'",
                                       subject.what, subject.name)
                        : subject.what;
}

AstValue *key_get(Checker *c, const AstValue *object, Keyword keyword)
{
    return ast_get(object, c->schema->keywords[keyword]);
}

/*
 * Returns (transfer full) the spellings of the keywords in @keys, in quotes, in
 * the order of the table.  @n: (out) their number
 */
static char *keyword_names(Checker *c, uint64_t keys, unsigned *n)
{
    GString *text = g_string_new(NULL);

    *n = 0;
    for (unsigned i = 1; i < KW__MAX; i++) {
        if (keys & (UINT64_C(1) << i)) {
            g_string_append_printf(text, "%s'%s'", (*n)++ ? ", " : "",
                                   c->schema->keywords[i]->str);
        }
    }
    return g_string_free(text, FALSE);
}

/* Returns true if @key is not one of the keywords @allowed. */
static bool is_unknown(const AstValue *key, uint64_t allowed)
{
    return !key->key->keyword || !(allowed >> key->key->keyword & 1);
}

/*
 * Returns true if a key of @object looks like one that is missing.  The unknown
 * key is then reported instead of the missing one, because it is what the
 * author has to mend.
 */
static bool is_misspelt(Checker *c, const AstValue *object, uint64_t missing,
                        uint64_t allowed)
{
    for (AstValue *v = object->first; v; v = v->next) {
        if (is_unknown(v, allowed) &&
            *hint_keyword(c->schema, v->key->str, missing)) {
            return true;
        }
    }
    return false;
}

/*
 * Reports all unknown keys in one message, ten at most by name.  The advice is
 * for the first.
 */
static bool report_unknown_keys(Checker *c, const AstValue *object,
                                Subject subject, uint64_t allowed)
{
    g_autoptr(GString) unknown = g_string_new(NULL);
    g_autofree char *valid = NULL;
    const AstValue *first = NULL;
    unsigned n = 0;

    for (AstValue *v = object->first; v; v = v->next) {
        if (is_unknown(v, allowed)) {
            first = first ? first : v;
            if (n < 10) {
                g_string_append_printf(unknown, "%s'%s'", n ? ", " : "",
                                       v->key->str);
            }
            n++;
        }
    }
    if (n > 10) {
        g_string_append(unknown, ", ...");
    }
    valid = keyword_names(c, allowed, &(unsigned){ 0 });
    return check_diag(c, DIAG_UNKNOWN_KEY, first->key_loc,
                      subject_text(c, subject), n > 1 ? "s" : "",
                      unknown->str, valid,
                      hint_keyword(c->schema, first->key->str, allowed));
}

/*
 * @keys has bit 0 set for keys that are no keywords, which @required never has.
 */
bool check_keys(Checker *c, const AstValue *object, Subject subject,
                uint64_t required, uint64_t optional)
{
    uint64_t keys = 0;

    for (AstValue *v = object->first; v; v = v->next) {
        keys |= UINT64_C(1) << v->key->keyword;
    }
    if (required & ~keys &&
        !is_misspelt(c, object, required & ~keys, required | optional)) {
        unsigned n;
        g_autofree char *missing =
            keyword_names(c, required & ~keys, &n);

        return check_diag(c, DIAG_MISSING_KEY, object->loc,
                          subject_text(c, subject), n > 1 ? "s" : "",
                          missing);
    }
    if (keys & ~(required | optional)) {
        return report_unknown_keys(c, object, subject, required | optional);
    }
    return true;
}

bool check_type_or_array(Checker *c, const AstValue *value, Subject subject)
{
    if (!value || value->kind == AST_STRING) {
        return true;
    }
    if (value->kind != AST_LIST) {
        return check_diag(c, DIAG_NOT_TYPE, value->loc,
                          subject_text(c, subject));
    }
    if (value->n != 1 || value->first->kind != AST_STRING) {
        return check_diag(c, DIAG_ARRAY_TYPE, value->loc,
                          subject_text(c, subject));
    }
    return true;
}

bool check_flag(Checker *c, const AstValue *object, Keyword key,
                bool wanted)
{
    const AstValue *flag = key_get(c, object, key);

    if (flag && (flag->kind != AST_BOOL || flag->boolean != wanted)) {
        return check_diag(c, wanted ? DIAG_FLAG_TRUE : DIAG_FLAG_FALSE,
                          flag->loc, flag->key->str);
    }
    return true;
}
