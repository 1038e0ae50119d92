/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "tests/unit/test-util.h"

#include <string.h>

static char *to_text(JsonNode *node)
{
    GString *out = g_string_new(NULL);

    json_write(out, node, false);
    return g_string_free(out, FALSE);
}

/* A parse with implied key "type", and what it gives: JSON, or a message. */
typedef struct Row {
    const char *name;
    const char *params;
    const char *json; /* NULL: fails */
    const char *message;
} Row;

#define A127 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const Row rows[] = {
    { "empty", "", "{}" },
    { "one", "a=1", "{\"a\": \"1\"}" },
    { "two", "a=1,b=x", "{\"a\": \"1\", \"b\": \"x\"}" },
    { "trailing-comma", "a=1,", "{\"a\": \"1\"}" },
    { "lone-comma", ",", NULL, "Invalid parameter ''" },
    { "leading-comma", ",a=1", NULL, "Invalid parameter ''" },
    { "two-trailing-commas-escape", "a=1,,", "{\"a\": \"1,\"}" },
    { "empty-value", "a=", "{\"a\": \"\"}" },
    { "value-with-equals", "a=b=c", "{\"a\": \"b=c\"}" },
    { "comma-in-value", "a=x,,y,b=,,z", "{\"a\": \"x,y\", \"b\": \",z\"}" },
    { "commas-in-value", "a=,,,,", "{\"a\": \",,\"}" },
    { "three-commas-end-value", "a=x,,,b=1",
      "{\"a\": \"x,\", \"b\": \"1\"}" },
    { "no-equals", "a=1,b", NULL, "Expected '=' after parameter 'b'" },
    { "empty-key", "=1", NULL, "Invalid parameter ''" },
    { "empty-fragment", "a..b=1", NULL, "Invalid parameter 'a..b'" },
    { "trailing-dot", "a.=1", NULL, "Invalid parameter 'a.'" },
    { "leading-dot", ".a=1", NULL, "Invalid parameter '.a'" },
    { "blank-after-key", "a = b", NULL, "Invalid parameter 'a '" },
    { "digit-first", "1a=1", NULL, "Invalid parameter '1a'" },
    { "index-first", "0=1", NULL, "Invalid parameter '0'" },
    { "digit-first-fragment", "a.1b=1", NULL, "Invalid parameter 'a.1b'" },
    { "dashes-and-underscores", "a-b_c=1", "{\"a-b_c\": \"1\"}" },
    { "underscore-first", "_a=1", NULL, "Invalid parameter '_a'" },
    { "downstream-prefix", "__com.example-x_foo=1",
      "{\"__com.example-x_foo\": \"1\"}" },
    { "downstream-prefix-alone", "__com.example_=1", NULL,
      "Invalid parameter '__com.example_'" },
    { "downstream-prefix-nested", "a.__org.x_y.z=1",
      "{\"a\": {\"__org.x_y\": {\"z\": \"1\"}}}" },
    { "case-matters", "A=1,a=2", "{\"A\": \"1\", \"a\": \"2\"}" },
    { "fragment-of-127", A127 "=1", "{\"" A127 "\": \"1\"}" },
    { "fragment-of-128", "b." A127 "a=1", NULL,
      "Parameter fragment '" A127 "a' is too long" },
    { "last-wins", "a=1,a=2", "{\"a\": \"2\"}" },
    { "last-wins-keeps-place", "a=1,b=2,a=3",
      "{\"a\": \"3\", \"b\": \"2\"}" },

    { "implied", "iothread", "{\"type\": \"iothread\"}" },
    { "implied-then-key", "iothread,id=x",
      "{\"type\": \"iothread\", \"id\": \"x\"}" },
    { "implied-with-comma", "iothread,,x", NULL, "Invalid parameter ''" },
    { "implied-explicit", "type=iothread", "{\"type\": \"iothread\"}" },
    { "implied-overridden", "a,type=b", "{\"type\": \"b\"}" },
    { "implied-first-only", "a=1,iothread", NULL,
      "Expected '=' after parameter 'iothread'" },
    { "implied-anything", "!%\xff", "{\"type\": \"!%\\uFFFD\"}" },

    { "object", "a.b=1,a.c=2", "{\"a\": {\"b\": \"1\", \"c\": \"2\"}}" },
    { "object-deep", "a.b.c=1,a.d=2",
      "{\"a\": {\"b\": {\"c\": \"1\"}, \"d\": \"2\"}}" },
    { "object-in-two-places", "a.b=1,x=,a.c=2",
      "{\"a\": {\"b\": \"1\", \"c\": \"2\"}, \"x\": \"\"}" },
    { "object-last-wins", "a.b=1,a.b=2", "{\"a\": {\"b\": \"2\"}}" },
    { "list", "a.0=x,a.1=y", "{\"a\": [\"x\", \"y\"]}" },
    { "list-any-order", "a.1=y,a.0=x", "{\"a\": [\"x\", \"y\"]}" },
    { "list-leading-zeros", "a.00=x,a.01=y", "{\"a\": [\"x\", \"y\"]}" },
    { "list-leading-zero-is-same", "a.0=x,a.00=y", "{\"a\": [\"y\"]}" },
    { "list-of-objects", "a.0.b=1,a.1.b=2",
      "{\"a\": [{\"b\": \"1\"}, {\"b\": \"2\"}]}" },
    { "list-of-lists", "a.0.0=1,a.0.1=2",
      "{\"a\": [[\"1\", \"2\"]]}" },
    { "list-in-object", "a.b.0=1", "{\"a\": {\"b\": [\"1\"]}}" },
    { "list-hole", "list.0=x,list.2=y", NULL, "Parameter 'list.1' missing" },
    { "list-hole-first", "list.1=y", NULL, "Parameter 'list.0' missing" },
    { "list-hole-nested", "a.list.1=y", NULL,
      "Parameter 'a.list.0' missing" },
    { "list-huge-index", "a.99999999999999999999=1", NULL,
      "Parameter 'a.0' missing" },
    { "list-mixed-with-names", "a.0=x,a.b=y", NULL,
      "Parameters 'a.*' used inconsistently" },
    { "list-mixed-nested", "a.b.0=x,a.b.c=y", NULL,
      "Parameters 'a.b.*' used inconsistently" },
    { "scalar-then-object", "a=1,a.b=2", NULL,
      "Parameters 'a.*' used inconsistently" },
    { "object-then-scalar", "a.b=1,a=2", NULL,
      "Parameters 'a.*' used inconsistently" },
    { "scalar-then-object-nested", "a.b=1,a.b.c=2", NULL,
      "Parameters 'a.b.*' used inconsistently" },
    { "object-then-scalar-nested", "a.b.c=1,a.b=2", NULL,
      "Parameters 'a.b.*' used inconsistently" },
    { "value-no-utf8", "a.b=\xff" "1", "{\"a\": {\"b\": \"\\uFFFD1\"}}" },
};

static void test_row(const void *data)
{
    const Row *row = data;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    g_autoptr(Error) err = NULL;
    bool help = true;

    node = keyval_parse(row->params, "type", &help, &err);
    if (!row->json) {
        g_assert_null(node);
        g_assert_cmpstr(error_get_pretty(err), ==, row->message);
        g_assert_true(help);
        return;
    }
    g_assert_null(err);
    text = to_text(node);
    g_assert_cmpstr(text, ==, row->json);
    g_assert_false(help);
}

static void test_no_implied_key(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(keyval_parse("iothread", NULL, NULL, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Expected '=' after parameter 'iothread'");
}

/* Text with a request for help, and the JSON of the rest. */
typedef struct HelpRow {
    const char *name;
    const char *params;
    const char *json;
    bool help;
} HelpRow;

static const HelpRow help_rows[] = {
    { "first", "help", "{}", true },
    { "question-mark", "?", "{}", true },
    { "after-implied", "iothread,help", "{\"type\": \"iothread\"}", true },
    { "in-the-middle", "iothread,?,id=x",
      "{\"type\": \"iothread\", \"id\": \"x\"}", true },
    { "with-value", "help=on", "{\"help\": \"on\"}", false },
    { "as-prefix", "helpful", "{\"type\": \"helpful\"}", false },
};

static void test_help(const void *data)
{
    const HelpRow *row = data;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    bool help = !row->help;

    node = keyval_parse(row->params, "type", &help, &error_abort);
    text = to_text(node);
    g_assert_cmpstr(text, ==, row->json);
    g_assert_true(help == row->help);
}

static void test_help_then_implied(void)
{
    g_autoptr(Error) err = NULL;
    bool help = false;

    g_assert_null(keyval_parse("help,iothread", "type", &help, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Expected '=' after parameter 'iothread'");
    g_assert_false(help);
}

static void test_help_unavailable(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(keyval_parse("a=1,help", "type", NULL, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Help is not available for this option");
}

static void test_too_deep(void)
{
    g_autoptr(GString) params = g_string_new("a");
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) node = NULL;
    int i;

    for (i = 1; i < KEYVAL_MAX_NESTING; i++) {
        g_string_append(params, ".a");
    }
    g_string_append(params, "=1");
    node = keyval_parse(params->str, NULL, NULL, &error_abort);
    g_assert_nonnull(node);
    g_string_insert(params, 0, "a.");
    g_assert_null(keyval_parse(params->str, NULL, NULL, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Parameter 'a.*' is nested more than 1024 deep");
}

/* Elements in any order, and one that is assigned to twice. */
static void test_nested_list(void)
{
    g_autoptr(GString) params = g_string_new(NULL);
    g_autoptr(JsonNode) node = NULL;
    JsonArray *list;

    for (unsigned i = 2000; i-- > 0;) {
        g_string_append_printf(params, "a.%u.0=%u,", i, i);
    }
    g_string_append(params, "a.1999.00=x");
    node = keyval_parse(params->str, NULL, NULL, &error_abort);
    list = json_object_get_array_member(json_node_get_object(node), "a");
    g_assert_cmpuint(json_array_get_length(list), ==, 2000);
    for (unsigned i = 0; i < 2000; i++) {
        JsonArray *element = json_array_get_array_element(list, i);
        g_autofree char *text = g_strdup_printf("%u", i);

        g_assert_cmpuint(json_array_get_length(element), ==, 1);
        g_assert_cmpstr(json_array_get_string_element(element, 0), ==,
                        i == 1999 ? "x" : text);
    }
}

static char *many_names(const char *prefix, unsigned n)
{
    GString *params = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(params, "%s%sn%u=1", i ? "," : "", prefix, i);
    }
    return g_string_free(params, FALSE);
}

static void test_too_many_names(void)
{
    g_autofree char *most = many_names("a.b.", JSON_MAX_MEMBERS);
    g_autofree char *more = many_names("a.b.", JSON_MAX_MEMBERS + 1);
    g_autofree char *flat = many_names("", JSON_MAX_MEMBERS + 1);
    g_autoptr(JsonNode) node = keyval_parse(most, NULL, NULL, &error_abort);
    Error *err = NULL;

    g_assert_nonnull(node);
    g_assert_null(keyval_parse(more, NULL, NULL, &err));
    assert_error(err, "Parameters 'a.b.*' have more than 1024 names");
    g_assert_null(keyval_parse(flat, NULL, NULL, &err));
    assert_error(err, "More than 1024 parameters");
}

static void test_entries_in_order(void)
{
    g_autoptr(Keyval) kv = NULL;

    kv = keyval_parse_entries("foo,b=1,a.x=2,c=,b=3,,4,a.y=5", "type", NULL,
                              &error_abort);
    g_assert_cmpuint(kv->n_entries, ==, 4);
    g_assert_cmpstr(kv->entries[0].key, ==, "type");
    g_assert_cmpstr(kv->entries[0].text, ==, "foo");
    g_assert_cmpstr(kv->entries[1].key, ==, "b");
    g_assert_cmpstr(kv->entries[1].text, ==, "3,4");
    g_assert_null(kv->entries[1].node);
    g_assert_cmpstr(kv->entries[2].key, ==, "a");
    g_assert_null(kv->entries[2].text);
    g_assert_true(JSON_NODE_HOLDS_OBJECT(kv->entries[2].node));
    g_assert_cmpstr(kv->entries[3].key, ==, "c");
    g_assert_cmpstr(kv->entries[3].text, ==, "");
}

static void test_implied_key_is_dotted(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    Error *err = NULL;

    node = keyval_parse("x,b=1,a.list.1=z", "a.list.0", NULL, &error_abort);
    text = to_text(node);
    g_assert_cmpstr(text, ==,
                    "{\"a\": {\"list\": [\"x\", \"z\"]}, \"b\": \"1\"}");
    g_assert_null(keyval_parse("x,a=1", "a.b", NULL, &err));
    assert_error(err, "Parameters 'a.*' used inconsistently");
    g_assert_null(keyval_parse("x", "a..b", NULL, &err));
    assert_error(err, "Invalid parameter 'a..b'");
}

static void test_many_entries(void)
{
    g_autoptr(GString) params = g_string_new(NULL);
    g_autoptr(Keyval) kv = NULL;
    int i;

    for (i = 0; i < 2000; i++) {
        g_string_append_printf(params, "k%d=%d,", i % 1000, i);
    }
    kv = keyval_parse_entries(params->str, NULL, NULL, &error_abort);
    g_assert_cmpuint(kv->n_entries, ==, 1000);
    for (i = 0; i < 1000; i++) {
        g_autofree char *key = g_strdup_printf("k%d", i);
        g_autofree char *text = g_strdup_printf("%d", 1000 + i);

        g_assert_cmpstr(kv->entries[i].key, ==, key);
        g_assert_cmpstr(kv->entries[i].text, ==, text);
    }
}

static const struct MergeRow {
    const char *name;
    const char *dest;
    const char *merged;
    const char *json;
    const char *message;
} merge_rows[] = {
    { "disjoint", "a=1", "b=2", "{\"a\": \"1\", \"b\": \"2\"}" },
    { "scalar", "a=1,b=2", "a=3", "{\"a\": \"3\", \"b\": \"2\"}" },
    { "object", "a.b=1,a.c=2", "a.b=3,a.d=4",
      "{\"a\": {\"b\": \"3\", \"c\": \"2\", \"d\": \"4\"}}" },
    { "list", "a.0=x", "a.0=y,a.1=z", "{\"a\": [\"x\", \"y\", \"z\"]}" },
    { "scalar-and-object", "x=1,a=1", "x=2,a.b=1", NULL,
      "Parameters 'a.*' used inconsistently" },
    { "list-and-object", "a.b.0=1", "a.b.c=1", NULL,
      "Parameters 'a.b.*' used inconsistently" },
};

static void test_merge(const void *data)
{
    const struct MergeRow *row = data;
    g_autoptr(JsonNode) dest = NULL;
    g_autoptr(JsonNode) merged = NULL;
    g_autofree char *before = NULL;
    g_autofree char *text = NULL;
    g_autoptr(Error) err = NULL;
    bool ok;

    dest = keyval_parse(row->dest, NULL, NULL, &error_abort);
    merged = keyval_parse(row->merged, NULL, NULL, &error_abort);
    before = to_text(dest);
    ok = keyval_merge(dest, merged, &err);
    text = to_text(dest);
    g_assert_true(ok == !row->message);
    g_assert_cmpstr(err ? error_get_pretty(err) : NULL, ==, row->message);
    g_assert_cmpstr(text, ==, ok ? row->json : before);
}

#define ADD_ROWS(prefix, rows, fn) \
    TEST_ADD_ROWS("/qapi/keyval/" prefix, rows, name, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("parse", rows, test_row);
    ADD_ROWS("help", help_rows, test_help);
    ADD_ROWS("merge", merge_rows, test_merge);
    g_test_add_func("/qapi/keyval/parse/no-implied-key", test_no_implied_key);
    g_test_add_func("/qapi/keyval/parse/too-deep", test_too_deep);
    g_test_add_func("/qapi/keyval/parse/implied-key-is-dotted",
                    test_implied_key_is_dotted);
    g_test_add_func("/qapi/keyval/parse/nested-list", test_nested_list);
    g_test_add_func("/qapi/keyval/parse/too-many-names", test_too_many_names);
    g_test_add_func("/qapi/keyval/help/then-implied", test_help_then_implied);
    g_test_add_func("/qapi/keyval/help/unavailable", test_help_unavailable);
    g_test_add_func("/qapi/keyval/entries/in-order", test_entries_in_order);
    g_test_add_func("/qapi/keyval/entries/many", test_many_entries);
    return test_run();
}
