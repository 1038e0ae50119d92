/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON: the text is cut into tokens.  A change replaces a *value* (a scalar, or
 * everything from a bracket to the one that closes it) or an *item* (an
 * element, or a member with its key) by other text.  Commas separate items, so
 * deleting or repeating an item includes a comma.
 */
#include "tests/fuzz/mutate-json-internal.h"

#include <string.h>

static void put(JsonText *j, JsonSpan span, const GString *with)
{
    mutate_splice(j->text, span.start, span.end - span.start, with->str,
                  with->len);
}

static const char *separator(const JsonText *j, size_t token)
{
    return json_text_is_nested(j, token) ? ", " : "\n";
}

typedef void Change(JsonText *j, size_t token, GString *with);

static void change_value(JsonText *j, size_t token, GString *with)
{
    json_append_value(j, with, 0);
    put(j, json_text_value(j, token), with);
}

/* One more item of the same kind before it: with the same key, or another. */
static void insert_item(JsonText *j, size_t token, GString *with)
{
    JsonSpan item = json_text_item(j, token);
    bool has_key = item.start != json_text_value(j, token).start;

    if (has_key) {
        json_append_key(j, with);
        g_string_append(with, ": ");
    }
    json_append_value(j, with, 0);
    g_string_append(with, separator(j, token));
    put(j, (JsonSpan){ item.start, item.start }, with);
}

static void repeat_item(JsonText *j, size_t token, GString *with)
{
    JsonSpan item = json_text_item(j, token);
    size_t n = mutate_chance(j->r, 8) ? 20 : 1;

    while (n--) {
        g_string_append_len(with, j->text->str + item.start,
                            item.end - item.start);
        g_string_append(with, separator(j, token));
    }
    put(j, (JsonSpan){ item.start, item.start }, with);
}

static void delete_item(JsonText *j, size_t token, GString *with)
{
    JsonSpan item = json_text_item(j, token);
    size_t first = token;
    size_t after = token_at(j, token)->close + 1;

    while (first && token_at(j, first)->start > item.start) {
        first--;
    }
    if (after < j->tokens->len && token_at(j, after)->kind == ',') {
        item.end = token_at(j, after)->end;
    } else if (first && token_at(j, first - 1)->kind == ',') {
        item.start = token_at(j, first - 1)->start;
    }
    put(j, item, with);
}

static void swap_values(JsonText *j, size_t token, GString *with)
{
    JsonSpan a = json_text_value(j, token);
    JsonSpan b = json_text_value(j, json_text_pick(j, j->values));

    if (b.start < a.start) {
        JsonSpan other = a;

        a = b;
        b = other;
    }
    if (a.end > b.start) {
        return; /* one is inside the other */
    }
    g_string_append_len(with, j->text->str + b.start, b.end - b.start);
    g_string_append_len(with, j->text->str + a.end, b.start - a.end);
    g_string_append_len(with, j->text->str + a.start, a.end - a.start);
    put(j, (JsonSpan){ a.start, b.end }, with);
}

/* Brackets around the value, some or many. */
static void nest_value(JsonText *j, size_t token, GString *with)
{
    JsonSpan span = json_text_value(j, token);
    size_t depth = 1 + mutate_below(j->r, mutate_chance(j->r, 8) ? 1100 : 3);
    bool object = mutate_chance(j->r, 2);

    for (size_t i = 0; i < depth; i++) {
        g_string_append(with, object ? "{\"a\":" : "[");
    }
    g_string_append_len(with, j->text->str + span.start,
                        span.end - span.start);
    for (size_t i = 0; i < depth; i++) {
        g_string_append_c(with, object ? '}' : ']');
    }
    put(j, span, with);
}

/* Without the brackets, or what is inside of another one. */
static void lift_value(JsonText *j, size_t token, GString *with)
{
    JsonSpan span = json_text_value(j, token);
    size_t n = token_at(j, token)->close - token;
    size_t inner = token + 1 + mutate_below(j->r, n);

    if (n && strchr("{[\"0a", token_at(j, inner)->kind)) {
        JsonSpan part = json_text_value(j, inner);

        g_string_append_len(with, j->text->str + part.start,
                            part.end - part.start);
        put(j, span, with);
    } else {
        change_value(j, token, with);
    }
}

static void change_key(JsonText *j, size_t token, GString *with)
{
    if (!j->keys->len) {
        change_value(j, token, with);
        return;
    }
    json_append_quoted(with, json_pick_word(j->r, j->words->keys));
    put(j, json_text_value(j, json_text_pick(j, j->keys)), with);
}

/* Inside of the quotes, if it is a string. */
static void edit_string(JsonText *j, size_t token, GString *with)
{
    const JsonToken *t = token_at(j, token);

    if (t->kind != '"' || t->end - t->start < 2) {
        change_value(j, token, with);
        return;
    }
    g_string_append(with, json_pick_string(j->r));
    if (mutate_chance(j->r, 2)) {
        put(j, (JsonSpan){ t->start + 1, t->start + 1 }, with);
    } else {
        put(j, (JsonSpan){ t->end - 1, t->end - 1 }, with);
    }
}

static void insert_blank(JsonText *j, size_t token, GString *with)
{
    static const char *const blanks[] = { " ", "\n", "\r\n", "\t" };
    size_t start = token_at(j, token)->start;

    g_string_append(with, MUTATE_PICK(j->r, blanks));
    put(j, (JsonSpan){ start, start }, with);
}

/* At any token: something that does not belong there, or nothing. */
static void break_text(JsonText *j, size_t token, GString *with)
{
    size_t i = mutate_below(j->r, j->tokens->len);
    JsonSpan span = { token_at(j, i)->start, token_at(j, i)->end };

    switch (mutate_below(j->r, 4)) {
    case 0:
        g_string_append(with, json_pick_bad(j->r));
        put(j, json_text_value(j, token), with);
        break;
    case 1:
        g_string_append(with, json_pick_bad(j->r));
        span.end = span.start;
        put(j, span, with);
        break;
    case 2:
        put(j, span, with);
        break;
    default:
        mutate_bytes(j->text, j->r);
    }
}

static void change(JsonText *j)
{
    static Change *const changes[] = {
        change_value, change_value, change_value, insert_item, insert_item,
        repeat_item, delete_item, delete_item, swap_values, nest_value,
        lift_value, change_key, edit_string, edit_string, insert_blank,
        break_text,
    };
    g_autoptr(GString) with = g_string_new(NULL);

    if (!j->values->len) {
        json_append_value(j, j->text, 0);
        return;
    }
    MUTATE_PICK(j->r, changes)(j, json_text_pick(j, j->values), with);
}

void mutate_json(GString *text, MutateRandom *r, const MutateWords *words)
{
    JsonText j;

    json_text_begin(&j, text, r, words);
    change(&j);
    json_text_end(&j);
}

void mutate_json_comment(GString *text, MutateRandom *r)
{
    static const MutateWords no_words;
    static const char *const comments[] = {
        "// a\n", "//\n", "# \"b\n", "#\r\n", "/* c */", "/**/", "/* // */",
        "/* \n\n */", "/***/", "// /*\n", "/*/ */", "//", "/*", "/",
    };
    const char *comment = MUTATE_PICK(r, comments);
    size_t at = text->len;
    JsonText j;

    json_text_begin(&j, text, r, &no_words);
    if (j.tokens->len && !mutate_chance(r, 10)) {
        at = token_at(&j, mutate_below(r, j.tokens->len))->start;
    }
    json_text_end(&j);
    g_string_insert(text, at, comment);
}

void mutate_json_cross(GString *text, const GString *other, MutateRandom *r)
{
    static const MutateWords no_words;
    g_autoptr(GString) from_text = g_string_new_len(other->str, other->len);
    g_autoptr(GString) part = g_string_new(NULL);
    JsonText to;
    JsonText from;

    json_text_begin(&to, text, r, &no_words);
    json_text_begin(&from, from_text, r, &no_words);
    if (from.values->len) {
        JsonSpan span = json_text_value(&from, json_text_pick(&from,
                                                              from.values));

        g_string_append_len(part, from_text->str + span.start,
                            span.end - span.start);
    }
    if (to.values->len && !mutate_chance(r, 3)) {
        put(&to, json_text_value(&to, json_text_pick(&to, to.values)), part);
    } else {
        g_string_append_c(text, '\n');
        g_string_append_len(text, part->str, part->len);
    }
    json_text_end(&to);
    json_text_end(&from);
}
