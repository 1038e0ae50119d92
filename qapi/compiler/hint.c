/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Suggestions for misspelt words.  They are searched only when an error is
 * reported, so all known words are compared one by one.
 */
#include "qapi/compiler/hint-internal.h"

/*
 * After some errors nothing is suggested any longer: a schema from a peer may
 * have as many errors as names, and each error compares all names.
 */
enum {
    MAX_ERRORS = 20,
};

const char *hint_end(QapiSchema *schema, const Suggestion *s)
{
    return s->best ? arena_printf(&schema->arena, "; did you mean '%s'?",
                                  s->best)
                   : "";
}

const char *hint_keyword(QapiSchema *schema, const char *word,
                            uint64_t keys)
{
    Suggestion s;

    suggestion_init(&s, schema->diags.n_errors < MAX_ERRORS ? word : "");
    for (unsigned i = 1; i < KW__MAX; i++) {
        if (keys >> i & 1) {
            suggestion_offer(&s, schema->keywords[i]->str);
        }
    }
    return hint_end(schema, &s);
}

/* Offers all types or all classes; implicit ones have no name to write. */
static const char *hint_entity(QapiSchema *schema, const char *word,
                                  bool classes)
{
    Suggestion s;

    suggestion_init(&s, schema->diags.n_errors < MAX_ERRORS ? word : "");
    for (const IrEntity *e = schema->entities; e; e = e->next) {
        bool is_type = e->kind != IR_COMMAND && e->kind != IR_EVENT &&
                       e->kind != IR_ARRAY && e->kind != IR_CLASS;

        if (!e->implicit && (classes ? e->kind == IR_CLASS : is_type)) {
            suggestion_offer(&s, e->name->str);
        }
    }
    return hint_end(schema, &s);
}

const char *hint_type(QapiSchema *schema, const char *word)
{
    return hint_entity(schema, word, false);
}

const char *hint_class(QapiSchema *schema, const char *word)
{
    return hint_entity(schema, word, true);
}

const char *hint_member(QapiSchema *schema, const char *word,
                           IrMembers members)
{
    Suggestion s;

    suggestion_init(&s, schema->diags.n_errors < MAX_ERRORS ? word : "");
    for (uint32_t i = 0; i < members.n; i++) {
        suggestion_offer(&s, members.item[i].name->str);
    }
    return hint_end(schema, &s);
}
