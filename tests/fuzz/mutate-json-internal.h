/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the mutator of JSON share. */
#ifndef QOM_TESTS_MUTATE_JSON_INTERNAL_H
#define QOM_TESTS_MUTATE_JSON_INTERNAL_H

#include "tests/fuzz/mutate.h"

/* ---- mutate-json-tokens.c: a text as tokens ---- */

typedef struct JsonToken {
    char kind; /* one of {}[],: or " string, 0 number, a word, ? other */
    size_t start;
    size_t end;
    size_t close; /* index of the token that ends the value, or its own */
} JsonToken;

typedef struct JsonText {
    GString *text;
    MutateRandom *r;
    const MutateWords *words;
    GArray *tokens; /* of JsonToken */
    GArray *values; /* of size_t: tokens that begin a value */
    GArray *keys;   /* of size_t: strings before a colon */
} JsonText;

/* A part of the text. */
typedef struct JsonSpan {
    size_t start;
    size_t end;
} JsonSpan;

/* json_text_begin: read the tokens of @text, which is borrowed */
void json_text_begin(JsonText *j, GString *text, MutateRandom *r,
                     const MutateWords *words);

/* json_text_end: forget the tokens */
void json_text_end(JsonText *j);

static inline JsonToken *token_at(const JsonText *j, size_t i)
{
    return &g_array_index(j->tokens, JsonToken, i);
}

/* json_text_pick: one of `values` or `keys`, of which there are some */
size_t json_text_pick(JsonText *j, GArray *indexes);

/* json_text_value: where the value is that begins with a token */
JsonSpan json_text_value(const JsonText *j, size_t token);

/* json_text_item: the same, with its key, if it has one */
JsonSpan json_text_item(const JsonText *j, size_t token);

/* json_text_is_nested: returns true if a value is inside of brackets. */
bool json_text_is_nested(const JsonText *j, size_t token);

/* ---- mutate-json-values.c: what is put there ---- */

/* json_append_quoted: append a string; @inside is as it stands in JSON */
void json_append_quoted(GString *out, const char *inside);

/* json_append_key: append a key of the text, or a word */
void json_append_key(JsonText *j, GString *out);

/* json_append_value: append a value of the text, or one of our own */
void json_append_value(JsonText *j, GString *out, unsigned depth);

/* json_pick_word: a word of @words, (nullable), or an interesting string */
const char *json_pick_word(MutateRandom *r, const char *const *words);

/* json_pick_string: what may be inside of quotes */
const char *json_pick_string(MutateRandom *r);

/* json_pick_bad: what is not JSON as this project reads it */
const char *json_pick_bad(MutateRandom *r);

#endif
