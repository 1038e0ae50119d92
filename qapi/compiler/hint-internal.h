/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a misspelt word of a schema may mean, as the end of a message.
 *
 * Each function returns "; did you mean 'x'?", or "" if nothing resembles the
 * word.
 */
#ifndef QOM_QAPI_COMPILER_HINT_INTERNAL_H
#define QOM_QAPI_COMPILER_HINT_INTERNAL_H

#include "qapi/compiler/ir-internal.h"
#include "qapi/compiler/schema-internal.h"
#include "qapi/suggestion.h"

/* hint_end: returns the end of the message, for a search that is complete */
const char *hint_end(QapiSchema *schema, const Suggestion *s);

/* hint_keyword: searches keywords; bit n of @keys allows keyword n */
const char *hint_keyword(QapiSchema *schema, const char *word,
                            uint64_t keys);

/* hint_type, hint_class: Search what the schema defines. */
const char *hint_type(QapiSchema *schema, const char *word);
const char *hint_class(QapiSchema *schema, const char *word);

/* hint_member: searches members, branches or values */
const char *hint_member(QapiSchema *schema, const char *word,
                           IrMembers members);

#endif
