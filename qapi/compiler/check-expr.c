/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the shape of each expression: which keys it has, and what their values
 * look like.  Names are not looked up yet; entities do not exist in this pass.
 *
 * The first error of a definition ends its check.  The next definition is
 * checked all the same.
 */
#include "qapi/compiler/check-internal.h"
#include "qapi/compiler/hint-internal.h"

/* @value: (nullable) NULL is accepted */
static bool check_type_name(Checker *c, const AstValue *value,
                            Subject subject)
{
    if (value && value->kind != AST_STRING) {
        return check_diag(c, DIAG_NOT_TYPE, value->loc,
                          subject_text(c, subject));
    }
    return true;
}

/* A member's value is a type, or an object with the key 'type'. */
static bool check_member(Checker *c, const AstValue *member, bool permissive)
{
    const char *name = member->key->str;
    Subject subject = SUBJECT("'data' member", name);
    const AstValue *type = member;

    if (!check_member_name(c, name + (*name == '*'), subject, permissive,
                           member->key_loc)) {
        return false;
    }
    if (member->kind == AST_OBJECT) {
        if (!check_keys(c, member, subject, KEY(TYPE),
                        KEY(IF) | KEY(FEATURES)) ||
            !check_if(c, member, subject) || !check_features(c, member)) {
            return false;
        }
        type = key_get(c, member, KW_TYPE);
    }
    return check_type_or_array(c, type, subject);
}

/* @members: (nullable) an object of members; @key: what messages call it */
static bool check_members(Checker *c, const AstValue *members,
                          const char *key, bool permissive)
{
    if (!members) {
        return true;
    }
    if (members->kind != AST_OBJECT) {
        return check_diag(c, DIAG_NOT_MEMBERS, members->loc, key);
    }
    for (AstValue *v = members->first; v; v = v->next) {
        if (!check_member(c, v, permissive)) {
            return false;
        }
    }
    return true;
}

/* Checks a value that is inline members or the name of a struct. */
static bool check_members_or_name(Checker *c, const AstValue *value,
                                  const char *key, bool permissive)
{
    return (value && value->kind == AST_STRING) ||
           check_members(c, value, key, permissive);
}

/*
 * A value is its name, or an object with 'name' and perhaps 'if' and
 * 'features'.
 */
static bool check_enum_value(Checker *c, const AstValue *value,
                             bool permissive)
{
    Subject subject = SUBJECT("'data' member");
    const AstValue *name = value;
    g_autofree char *hidden = NULL;

    if (value->kind == AST_OBJECT) {
        if (!check_keys(c, value, subject, KEY(NAME),
                        KEY(IF) | KEY(FEATURES))) {
            return false;
        }
        name = key_get(c, value, KW_NAME);
    }
    if (!check_name_is_string(c, name, subject)) {
        return false;
    }
    subject.name = name->str->str;
    if (g_ascii_isdigit(*subject.name)) {
        /* Values alone may begin with a digit */
        hidden = g_strconcat("d", subject.name, NULL);
    }
    return check_name_lower(c, hidden ? hidden : subject.name, subject,
                            permissive, name->loc) &&
           (value->kind != AST_OBJECT ||
            (check_if(c, value, subject) && check_features(c, value)));
}

/*
 * Returns true if a pragma allows any spelling of the members of the
 * definition.
 */
static bool is_permissive(Checker *c, const AstValue *expr, Keyword kind)
{
    return key_get(c, expr, kind)->str->exceptions & EXCEPT_MEMBER_NAME;
}

/* Checks the values and the prefix of an enumeration's constants. */
static bool check_enum(Checker *c, const AstValue *expr)
{
    const AstValue *data = key_get(c, expr, KW_DATA);
    const AstValue *prefix = key_get(c, expr, KW_PREFIX);
    bool permissive = is_permissive(c, expr, KW_ENUM);

    if (data->kind != AST_LIST) {
        return check_diag(c, DIAG_NOT_ARRAY, data->loc, "'data'");
    }
    if (prefix && prefix->kind != AST_STRING) {
        return check_diag(c, DIAG_NOT_STRING, prefix->loc, "'prefix'");
    }
    for (AstValue *v = data->first; v; v = v->next) {
        if (!check_enum_value(c, v, permissive)) {
            return false;
        }
    }
    return true;
}

/* A struct has members and perhaps a base, which must be a name. */
static bool check_struct(Checker *c, const AstValue *expr)
{
    return check_members(c, key_get(c, expr, KW_DATA), "'data'",
                         is_permissive(c, expr, KW_STRUCT)) &&
           check_type_name(c, key_get(c, expr, KW_BASE), SUBJECT("'base'"));
}

/* Unions accept types as branches, alternates (@lists) also lists of types. */
static bool check_branch(Checker *c, const AstValue *branch, bool lists)
{
    Subject subject = SUBJECT("'data' member", branch->key->str);
    const AstValue *type = branch;

    if (branch->kind == AST_OBJECT) {
        if (!check_keys(c, branch, subject, KEY(TYPE), KEY(IF)) ||
            !check_if(c, branch, subject)) {
            return false;
        }
        type = key_get(c, branch, KW_TYPE);
    }
    return lists ? check_type_or_array(c, type, subject)
                 : check_type_name(c, type, subject);
}

/* The base of a union may be inline members. */
static bool check_union(Checker *c, const AstValue *expr)
{
    const AstValue *data = key_get(c, expr, KW_DATA);

    if (!check_members_or_name(c, key_get(c, expr, KW_BASE), "'base'",
                               is_permissive(c, expr, KW_UNION)) ||
        !check_name_is_string(c, key_get(c, expr, KW_DISCRIMINATOR),
                              SUBJECT("'discriminator'"))) {
        return false;
    }
    if (data->kind != AST_OBJECT) {
        return check_diag(c, DIAG_NOT_OBJECT, data->loc, "'data'");
    }
    for (AstValue *v = data->first; v; v = v->next) {
        if (!check_branch(c, v, false)) {
            return false;
        }
    }
    return true;
}

/* An alternate without branches accepts no value, so it is an error. */
static bool check_alternate(Checker *c, const AstValue *expr)
{
    const AstValue *data = key_get(c, expr, KW_DATA);

    if (data->kind != AST_OBJECT) {
        return check_diag(c, DIAG_NOT_OBJECT, data->loc, "'data'");
    }
    if (!data->first) {
        return check_diag(c, DIAG_EMPTY, data->loc, "'data'");
    }
    for (AstValue *v = data->first; v; v = v->next) {
        Subject subject = SUBJECT("'data' member", v->key->str);

        if (!check_name_lower(c, v->key->str, subject, false, v->key_loc) ||
            !check_branch(c, v, true)) {
            return false;
        }
    }
    return true;
}

/*
 * Checks 'data' of commands and events.  With 'boxed' it must be the name of a
 * type, because the handler gets one pointer to it.
 */
static bool check_data(Checker *c, const AstValue *expr)
{
    const AstValue *data = key_get(c, expr, KW_DATA);

    if (!key_get(c, expr, KW_BOXED)) {
        /* a program's arguments cannot be called in another way */
        return check_members_or_name(c, data, "'data'", c->schema->told);
    }
    if (!data) {
        return check_diag(c, DIAG_BOXED_DATA, expr->loc);
    }
    return check_type_name(c, data, SUBJECT("'data'"));
}

/*
 * Out-of-band commands must not wait, and commands in coroutines are there to
 * wait.
 */
static bool check_flags(Checker *c, const AstValue *expr)
{
    const AstValue *coroutine = key_get(c, expr, KW_COROUTINE);

    if (coroutine && key_get(c, expr, KW_ALLOW_OOB)) {
        return check_diag(c, DIAG_FLAG_CLASH, coroutine->loc);
    }
    return true;
}

/*
 * Checks a command; each flag may only be given the value that is not its
 * default.
 */
static bool check_command(Checker *c, const AstValue *expr)
{
    return check_data(c, expr) &&
           check_type_or_array(c, key_get(c, expr, KW_RETURNS),
                               SUBJECT("'returns'")) &&
           check_flag(c, expr, KW_GEN, false) &&
           check_flag(c, expr, KW_SUCCESS_RESPONSE, false) &&
           check_flag(c, expr, KW_BOXED, true) &&
           check_flag(c, expr, KW_ALLOW_OOB, true) &&
           check_flag(c, expr, KW_ALLOW_PRECONFIG, true) &&
           check_flag(c, expr, KW_COROUTINE, true) && check_flags(c, expr);
}

static bool check_event(Checker *c, const AstValue *expr)
{
    return check_data(c, expr) && check_flag(c, expr, KW_BOXED, true);
}

typedef struct MetaEntry {
    Keyword kind;
    uint64_t required; /* besides the kind itself */
    uint64_t optional; /* besides 'if' and 'features' */
    bool (*check)(Checker *c, const AstValue *expr);
} MetaEntry;

static const MetaEntry meta_entries[] = {
    { KW_ENUM, KEY(DATA), KEY(PREFIX), check_enum },
    { KW_STRUCT, KEY(DATA), KEY(BASE), check_struct },
    { KW_UNION, KEY(BASE) | KEY(DISCRIMINATOR) | KEY(DATA), 0, check_union },
    { KW_ALTERNATE, KEY(DATA), 0, check_alternate },
    { KW_COMMAND, 0,
      KEY(DATA) | KEY(RETURNS) | KEY(BOXED) | KEY(GEN) |
          KEY(SUCCESS_RESPONSE) | KEY(ALLOW_OOB) | KEY(ALLOW_PRECONFIG) |
          KEY(COROUTINE),
      check_command },
    { KW_EVENT, 0, KEY(DATA) | KEY(BOXED), check_event },
    { KW_CLASS, 0,
      KEY(PARENT) | KEY(ABSTRACT) | KEY(INTERFACES) | KEY(C_TYPE) |
          KEY(PROPERTIES),
      check_class },
};

static const char *quoted_keyword(Checker *c, Keyword keyword)
{
    return arena_printf(&c->schema->arena, "'%s'",
                        c->schema->keywords[keyword]->str);
}

/*
 * Returns the entry of the kind of definition that @expr is; NULL if it is of
 * none or of several.
 */
static const MetaEntry *find_meta(Checker *c, const AstValue *expr)
{
    const MetaEntry *found = NULL;

    for (AstValue *v = expr->first; v; v = v->next) {
        for (unsigned i = 0; i < G_N_ELEMENTS(meta_entries); i++) {
            if (v->key->keyword != meta_entries[i].kind) {
                continue;
            }
            if (found) {
                return NULL;
            }
            found = &meta_entries[i];
        }
    }
    return found;
}

/*
 * Checks that 'Returns' and 'Errors' document a command, and 'Returns' one that
 * returns a value.  In 7.2, 'Returns' also described errors.
 */
static bool check_doc_tag(Checker *c, const TopLevel *top,
                          const MetaEntry *meta, DocKind kind, const char *tag)
{
    Diags *diags = &c->schema->diags;

    for (DocSection *s = top->doc->sections; s; s = s->next) {
        if (s->kind != kind) {
            continue;
        }
        if (meta->kind != KW_COMMAND) {
            return diag(diags, DIAG_DOC_COMMAND_ONLY, s->loc, 0, tag);
        }
        if (kind == DOC_RETURNS && !key_get(c, top->expr, KW_RETURNS) &&
            !top->doc->is_loose) {
            return diag(diags, DIAG_DOC_RETURNS_NONE, s->loc, 0);
        }
    }
    return true;
}

/*
 * Checks that the comment before a definition is its documentation, if there is
 * one or the pragma 'doc-required' is set.
 */
static bool check_doc(Checker *c, const TopLevel *top, const Name *name,
                      const MetaEntry *meta)
{
    const Doc *doc = top->doc;

    if (!doc) {
        return !c->schema->doc_required ||
               check_diag(c, DIAG_DOC_REQUIRED, 0);
    }
    if (doc->symbol != name) {
        return check_diag(c, DIAG_DOC_OTHER, 0, doc->symbol->str);
    }
    return check_doc_tag(c, top, meta, DOC_RETURNS, "Returns") &&
           check_doc_tag(c, top, meta, DOC_ERRORS, "Errors");
}

/*
 * Returns which kind of definition, or which directive, a key may mean if none
 * of the keys is one.
 */
static const char *suggest_meta(Checker *c, const AstValue *expr)
{
    uint64_t keys = KEY(INCLUDE) | KEY(PRAGMA);
    const char *text = "";

    for (unsigned i = 0; i < G_N_ELEMENTS(meta_entries); i++) {
        keys |= UINT64_C(1) << meta_entries[i].kind;
    }
    for (AstValue *v = expr->first; v; v = v->next) {
        if (v->key->keyword && keys >> v->key->keyword & 1) {
            return "";
        }
        if (!*text && !v->key->keyword) {
            text = hint_keyword(c->schema, v->key->str, keys);
        }
    }
    return text;
}

/*
 * The name is checked first, so that the messages that follow can name the
 * definition.
 */
static bool check_definition(Checker *c, const TopLevel *top)
{
    const AstValue *expr = top->expr;
    const MetaEntry *meta = find_meta(c, expr);
    const AstValue *name;
    const char *kind;

    if (!meta) {
        return check_diag(c, DIAG_META, 0, suggest_meta(c, expr));
    }
    kind = c->schema->keywords[meta->kind]->str;
    name = key_get(c, expr, meta->kind);
    if (name->kind != AST_STRING) {
        return check_name_is_string(c, name,
                                    SUBJECT(quoted_keyword(c, meta->kind)));
    }
    c->schema->diags.kind = kind;
    c->schema->diags.name = name->str->str;
    return check_definition_name(c, name->str, kind, meta->kind) &&
           check_doc(c, top, name->str, meta) &&
           check_keys(c, expr, SUBJECT(kind),
                      meta->required | UINT64_C(1) << meta->kind,
                      meta->optional | KEY(IF) | KEY(FEATURES)) &&
           meta->check(c, expr) && check_if(c, expr, SUBJECT(kind)) &&
           check_features(c, expr);
}

void check_expressions(QapiSchema *schema)
{
    for (TopLevel *top = schema->top_levels; top; top = top->next) {
        if (top->expr) {
            Checker c = { .schema = schema, .loc = top->expr->loc };

            check_definition(&c, top);
            schema->diags.name = NULL;
        }
    }
}
