/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents: looking at them, and the sizes at which they grow.  That they are
 * read as nodes are is shown where nodes are (test-json-stream.c,
 * test-json-input-visitor.c).
 */
#include "qapi/json/json-doc.h"
#include "tests/unit/test-util.h"

static JsonDoc *parse(const char *text)
{
    return json_doc_parse(text, -1, &error_abort);
}

static void assert_same_as_nodes(const char *text)
{
    g_autoptr(JsonDoc) doc = parse(text);
    g_autoptr(JsonNode) expected = json_parse(text, -1, &error_abort);
    g_autoptr(JsonNode) node = json_item_to_node(json_doc_root(doc));

    g_assert_true(json_node_equal_deep(node, expected));
}

static void test_qtype(void)
{
    static const struct {
        const char *text;
        QType qtype;
    } rows[] = {
        { "null", QTYPE_QNULL },  { "true", QTYPE_QBOOL },
        { "false", QTYPE_QBOOL }, { "1", QTYPE_QNUM },
        { "1e2", QTYPE_QNUM },    { "'1'", QTYPE_QSTRING },
        { "{}", QTYPE_QDICT },    { "[]", QTYPE_QLIST },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonDoc) doc = parse(rows[i].text);

        g_assert_cmpint(json_item_qtype(json_doc_root(doc)), ==,
                        rows[i].qtype);
    }
}

static void test_string(void)
{
    g_autoptr(JsonDoc) doc = parse("['a\\nb', 1]");
    g_autoptr(JsonDoc) text = parse("'a\\nb'");

    g_assert_cmpstr(json_item_string(json_doc_root(text)), ==, "a\nb");
    g_assert_null(json_item_string(json_doc_root(doc)));
}

static void test_member(void)
{
    g_autoptr(JsonDoc) doc = parse("{'a': {'b': 1}, 'b': 'x', 'c': []}");
    const JsonItem *root = json_doc_root(doc);

    g_assert_cmpstr(json_item_string(json_item_member(root, "b")), ==, "x");
    g_assert_nonnull(json_item_member(json_item_member(root, "a"), "b"));
    g_assert_null(json_item_member(root, "d"));
    g_assert_null(json_item_member(root, ""));
}

static void test_members_in_order(void)
{
    g_autoptr(JsonDoc) doc = parse("{'b': [1, {'z': 2}], 'a': {}, 'c': 3}");
    g_autoptr(GString) names = g_string_new(NULL);
    const JsonItem *member = NULL;
    const char *name;

    while ((member = json_item_next_member(json_doc_root(doc), member,
                                           &name))) {
        g_string_append_printf(names, "%s ", name);
    }
    g_assert_cmpstr(names->str, ==, "b a c ");
}

static void test_write(void)
{
    static const char *const texts[] = {
        "null", "true", "-5", "18446744073709551615", "1e2", "\"\\u00E9\"",
        "{\"a\": [1, {}]}",
        ("{\"b\": [], \"a\": {}, \"c\": [null, false, {\"d\\n\": \"\\\\\"}, "
         "[[0.1]]], \"\": [{\"e\": 1, \"f\": 2}, 3]}"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(JsonDoc) doc = parse(texts[i]);
        g_autoptr(GString) out = g_string_new(NULL);

        json_item_write(out, json_doc_root(doc));
        g_assert_cmpstr(out->str, ==, texts[i]);
    }
}

static void test_int64(void)
{
    g_autoptr(JsonDoc) doc = parse("{'a': -5, 'b': 9223372036854775808, "
                                   "'c': 1e2, 'd': '6', 'e': [7]}");
    const JsonItem *member = NULL;
    const char *name;
    int64_t value = 1;

    while ((member = json_item_next_member(json_doc_root(doc), member,
                                           &name))) {
        g_assert_cmpint(json_item_get_int64(member, &value), ==,
                        *name == 'a');
        g_assert_cmpint(value, ==, -5);
    }
}

static void test_error(void)
{
    Error *err = NULL;

    g_assert_null(json_doc_parse("{'a': 1, 'a': 2}", -1, &err));
    assert_error(err, "JSON parse error, duplicate key 'a' "
                 "(line 1, column 15)");
}

static void test_after_the_value(void)
{
    Error *err = NULL;

    g_assert_null(json_doc_parse("[1] 2", -1, &err));
    assert_error(err, "Expecting at most one JSON value");
}

/* More items and more text than a document has room for at first. */
static void test_grows(void)
{
    g_autoptr(GString) text = g_string_new("[");

    for (int i = 0; i < 1000; i++) {
        g_string_append_printf(text, "%s{'name-%d': ['%0*d', %d]}",
                               i ? "," : "", i, i % 50, i, i);
    }
    g_string_append(text, "]");
    assert_same_as_nodes(text->str);
}

static char *object_of(int n, const char *last)
{
    GString *text = g_string_new("{");

    for (int i = 0; i < n; i++) {
        g_string_append_printf(text, "'m%d': [%d], ", i, i);
    }
    g_string_append_printf(text, "'%s': 0}", last);
    return g_string_free(text, FALSE);
}

/* However names are compared: few of them, and many. */
static void test_duplicates(void)
{
    for (int n = 1; n < 60; n++) {
        g_autofree char *good = object_of(n, "x");
        g_autofree char *first = object_of(n, "m0");
        g_autofree char *name = g_strdup_printf("m%d", n - 1);
        g_autofree char *last = object_of(n, name);

        assert_same_as_nodes(good);
        g_assert_null(json_doc_parse(first, -1, NULL));
        g_assert_null(json_doc_parse(last, -1, NULL));
    }
}

/* The same name in another object is another name. */
static void test_same_names_elsewhere(void)
{
    g_autofree char *inner = object_of(40, "x");
    g_autofree char *text = g_strdup_printf("{'x': %s, 'm1': [%s, %s]}",
                                            inner, inner, inner);

    assert_same_as_nodes(text);
}

#define ADD(name, fn) g_test_add_func("/qapi/json-doc/" name, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("qtype", test_qtype);
    ADD("string", test_string);
    ADD("member", test_member);
    ADD("members-in-order", test_members_in_order);
    ADD("write", test_write);
    ADD("int64", test_int64);
    ADD("parse/error", test_error);
    ADD("parse/after-the-value", test_after_the_value);
    ADD("grows", test_grows);
    ADD("duplicates", test_duplicates);
    ADD("same-names-elsewhere", test_same_names_elsewhere);
    return test_run();
}
