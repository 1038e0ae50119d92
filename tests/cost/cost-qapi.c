/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cases of the parsers of qapi/. */
#include "qapi/json/json-doc.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qapi/qapi-builtin-types.h"
#include "qapi/suggestion.h"
#include "qapi/visitor/string-visitor.h"
#include "qapi/visitor/visitor.h"
#include "tests/cost/cost.h"

#include <string.h>

static void append_many(GString *text, const char *piece, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, piece);
    }
}

/* ---- JSON ---- */

static void run_json(const char *text)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, NULL);
    g_autoptr(GString) out = g_string_new(NULL);

    json_doc_free(json_doc_parse(text, -1, NULL));
    if (node) {
        g_autoptr(JsonNode) copy = json_node_copy_deep(node);

        json_write(out, node, true);
        json_node_equal_deep(node, copy);
    }
}

static void append_object(GString *text, unsigned first, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, i ? ", \"" : "{\"");
        cost_append_colliding(text, first + i);
        g_string_append(text, "\": 1");
    }
    g_string_append_c(text, '}');
}

static void make_object(GString *text, unsigned n)
{
    append_object(text, 0, n);
}

static void make_objects(GString *text, unsigned n)
{
    g_string_append_c(text, '[');
    for (unsigned i = 0; i < n; i += 256) {
        g_string_append(text, i ? "," : "");
        append_object(text, i, 256);
    }
    g_string_append_c(text, ']');
}

static void make_list(GString *text, unsigned n)
{
    g_string_append(text, "[1");
    append_many(text, ",1", n);
    g_string_append_c(text, ']');
}

static void make_nested(GString *text, unsigned n)
{
    append_many(text, "[", JSON_MAX_NESTING);
    g_string_append_c(text, '1');
    append_many(text, ",1", n);
    append_many(text, "]", JSON_MAX_NESTING);
}

static void make_string(GString *text, unsigned n)
{
    g_string_append_c(text, '"');
    append_many(text, "\\u00e4a", n);
    g_string_append_c(text, '"');
}

static void make_number(GString *text, unsigned n)
{
    append_many(text, "12345678", n);
    g_string_append(text, "e-99999");
}

static void ignore(void *opaque, JsonDoc *doc, Error *err)
{
    json_doc_free(doc);
    error_free(err);
}

/* In pieces, as from a socket. */
static void run_pieces(const char *text)
{
    JsonStream *s = json_stream_new_doc(ignore, NULL);

    while (*text) {
        size_t n = strnlen(text, 512);

        json_stream_feed(s, text, n);
        text += n;
    }
    json_stream_flush(s);
    json_stream_free(s);
}

static void make_broken(GString *text, unsigned n)
{
    append_many(text, "{\"a\": [1 2]}\n", n);
}

static void make_open(GString *text, unsigned n)
{
    append_many(text, "[{\"a\": ", n);
}

/* ---- Keyval ---- */

static void run_keyval(const char *text)
{
    JsonNode *node = keyval_parse(text, "type", NULL, NULL);

    g_clear_pointer(&node, json_node_unref);
    keyval_free(keyval_parse_entries(text, "type", NULL, NULL));
}

static void make_keys(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        cost_append_colliding(text, i);
        g_string_append(text, "=1,");
    }
}

static void make_names(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, "a.");
        cost_append_colliding(text, i);
        g_string_append(text, "=1,");
    }
}

static void make_lists(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "a.%u.0=1,", i);
    }
}

static void make_again(GString *text, unsigned n)
{
    make_lists(text, 1000);
    append_many(text, "a.999.0=1,", n);
}

static void make_deep(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        append_many(text, "a.", KEYVAL_MAX_NESTING - 1);
        g_string_append_printf(text, "b%u=1,", i);
    }
}

static void make_commas(GString *text, unsigned n)
{
    g_string_append(text, "a=");
    append_many(text, "b,,", n);
}

/* ---- Plain text ---- */

static void run_ints(const char *text)
{
    g_autoptr(Visitor) v = string_input_visitor_new(text);
    void *list = NULL;

    qapi_type_visit(v, NULL, &qapi_type_intList, &list, NULL);
    qapi_type_free(&qapi_type_intList, &list);
}

static void make_ints(GString *text, unsigned n)
{
    append_many(text, "1-2,", n);
    g_string_append_c(text, '3');
}

static void make_ranges(GString *text, unsigned n)
{
    append_many(text, "0-65535,", n);
    g_string_append_c(text, '0');
}

/* ---- Suggestions ---- */

/* The first line is the misspelt name, the others are known names. */
static void run_suggestion(const char *text)
{
    g_auto(GStrv) names = g_strsplit(text, "\n", -1);
    Suggestion suggestion;

    suggestion_init(&suggestion, names[0]);
    for (char **name = names + 1; *name; name++) {
        suggestion_offer(&suggestion, *name);
    }
}

/* Each name is two edits away, so that all of the table is computed. */
static void make_known_names(GString *text, unsigned n)
{
    g_string_append(text, "poll-max-nanoseconds");
    append_many(text, "\npoll-mxa-nanosecnods", n);
}

static void make_long_name(GString *text, unsigned n)
{
    append_many(text, "x", n);
    g_string_append_c(text, '\n');
    append_many(text, "x", n + 1);
}

const CostCase cost_qapi_cases[] = {
    { "json/object", 1100, make_object, run_json },
    { "json/objects", 512, make_objects, run_json },
    { "json/list", 2000, make_list, run_json },
    { "json/nested", 2000, make_nested, run_json },
    { "json/string", 5000, make_string, run_json },
    { "json/number", 5000, make_number, run_json },
    { "json/pieces", 20000, make_string, run_pieces },
    { "json/pieces-number", 5000, make_number, run_pieces },
    { "json/broken", 1000, make_broken, run_pieces },
    { "json/open", 10000, make_open, run_pieces },
    { "keyval/keys", 2000, make_keys, run_keyval },
    { "keyval/names", 2000, make_names, run_keyval },
    { "keyval/lists", 1000, make_lists, run_keyval },
    { "keyval/again", 5000, make_again, run_keyval },
    { "keyval/deep", 2, make_deep, run_keyval },
    { "keyval/commas", 20000, make_commas, run_keyval },
    { "text/ints", 2000, make_ints, run_ints },
    { "text/ranges", 2000, make_ranges, run_ints },
    { "suggestion/names", 2000, make_known_names, run_suggestion },
    { "suggestion/long-name", 20000, make_long_name, run_suggestion },
    { }
};
