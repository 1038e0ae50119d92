/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What json-number.c does with nodes: numbers, types, copies and equality. */
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"

#include <stdlib.h>

typedef struct NumberRow {
    const char *text;
    bool integer;
    bool int64;
    bool uint64;
    bool number;
} NumberRow;

static const NumberRow number_rows[] = {
    { "0", true, true, true, true },
    { "-0", true, true, true, true },
    { "-1", true, true, false, true },
    { "9007199254740993", true, true, true, false },
    { "9223372036854775807", true, true, true, false },
    { "-9223372036854775808", true, true, false, true },
    { "9223372036854775808", true, false, true, true },
    { "18446744073709551615", true, false, true, false },
    { "18446744073709551616", true, false, false, true },
    { "1.0", false, false, false, true },
    { "1e3", false, false, false, true },
    { "\"1\"", false, false, false, false },
    { "true", false, false, false, false },
    { "null", false, false, false, false },
    { "[1]", false, false, false, false },
    { "{}", false, false, false, false },
};

static void test_number(const void *data)
{
    const NumberRow *row = data;
    g_autoptr(JsonNode) node = json_parse(row->text, -1, &error_abort);
    uint64_t u = 77;
    int64_t i = 77;
    double d = 77;

    g_assert_true(json_number_is_integer(node) == row->integer);
    g_assert_true(json_number_get_int64(node, &i) == row->int64);
    g_assert_cmpint(i, ==, row->int64 ? strtoll(row->text, NULL, 10) : 77);
    g_assert_true(json_number_get_uint64(node, &u) == row->uint64);
    g_assert_cmpuint(u, ==, row->uint64 ? strtoull(row->text, NULL, 10) : 77);
    g_assert_true(json_number_get_double(node, &d) == row->number);
    g_assert_cmpfloat(d, ==, row->number ? strtod(row->text, NULL) : 77);
}

static void test_number_new_uint64(void)
{
    g_autoptr(JsonNode) node = json_number_new_uint64(UINT64_MAX);
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t value;

    json_write(text, node, false);
    g_assert_cmpint(json_qtype(node), ==, QTYPE_QNUM);
    g_assert_cmpstr(text->str, ==, "18446744073709551615");
    g_assert_true(json_number_get_uint64(node, &value));
    g_assert_cmpuint(value, ==, UINT64_MAX);
}

static void test_qtype(void)
{
    static const struct {
        const char *text;
        QType qtype;
    } rows[] = {
        { "null", QTYPE_QNULL }, { "1", QTYPE_QNUM }, { "1e2", QTYPE_QNUM },
        { "\"1\"", QTYPE_QSTRING }, { "{}", QTYPE_QDICT },
        { "[]", QTYPE_QLIST }, { "false", QTYPE_QBOOL },
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonNode) node = json_parse(rows[i].text, -1, &error_abort);

        g_assert_cmpint(json_qtype(node), ==, rows[i].qtype);
    }
}

static void test_copy_is_deep(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(JsonNode) copy = NULL;

    node = json_parse("{\"a\": [1, {\"b\": 1e2}]}", -1, &error_abort);
    copy = json_node_copy_deep(node);
    g_assert_true(json_node_equal_deep(node, copy));
    json_array_add_null_element(
        json_object_get_array_member(json_node_get_object(copy), "a"));
    g_assert_false(json_node_equal_deep(node, copy));
    g_assert_cmpuint(json_array_get_length(json_object_get_array_member(
                         json_node_get_object(node), "a")), ==, 2);
}

typedef struct EqualRow {
    const char *name;
    const char *a;
    const char *b;
    bool equal;
} EqualRow;

static const EqualRow equal_rows[] = {
    { "member-order", "{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", true },
    { "element-order", "[1, 2]", "[2, 1]", false },
    { "spelling", "[1.0, 1e2]", "[1, 100]", true },
    { "big", "18446744073709551615", "18446744073709551614", false },
    { "huge", "123456789012345678901234567891",
      "123456789012345678901234567890", false },
    { "type", "1", "\"1\"", false },
    { "strings", "\"a\"", "\"b\"", false },
    { "bools", "true", "false", false },
    { "nulls", "null", "null", true },
    { "missing-member", "{\"a\": 1}", "{\"b\": 1}", false },
    { "size", "{\"a\": 1}", "{}", false },
    { "length", "[1]", "[]", false },
};

static void test_equal(const void *data)
{
    const EqualRow *row = data;
    g_autoptr(JsonNode) a = json_parse(row->a, -1, &error_abort);
    g_autoptr(JsonNode) b = json_parse(row->b, -1, &error_abort);

    g_assert_true(json_node_equal_deep(a, b) == row->equal);
    g_assert_true(json_node_equal_deep(b, a) == row->equal);
}

static void test_round(void)
{
    static const struct {
        const char *text;
        double number;
    } rows[] = {
        { "0", 0 },
        { "0.5", 0.5 },
        { "-3", -3 },
        { "9007199254740993", 9007199254740992.0 }, /* 2^53 + 1 */
        { "-9007199254740993", -9007199254740992.0 },
        { "18446744073709551615", 18446744073709551616.0 },
        { "\"1\"", 0 },
        { "[]", 0 },
        { "null", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonNode) node = json_parse(rows[i].text, -1, &error_abort);

        g_assert_true(json_number_round(node) == rows[i].number);
    }
    g_assert_true(json_number_round(NULL) == 0);
}

static void test_members(void)
{
    g_autoptr(JsonNode) node = json_parse("{'a': 1.5, 'b': {'c': 2}}", -1,
                                          &error_abort);
    JsonObject *object = json_node_get_object(node);

    g_assert_true(json_member_round(object, "a") == 1.5);
    g_assert_true(json_member_round(object, "b") == 0);
    g_assert_true(json_member_round(object, "none") == 0);
    g_assert_true(json_member_round(NULL, "a") == 0);
    g_assert_true(json_member_round(json_member_object(object, "b"), "c") ==
                  2);
    g_assert_null(json_member_object(object, "a"));
    g_assert_null(json_member_object(object, "none"));
    g_assert_null(json_member_object(NULL, "b"));
}

#define ADD_ROWS(prefix, rows, label, fn) \
    TEST_ADD_ROWS("/qapi/json/" prefix, rows, label, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("number", number_rows, text, test_number);
    ADD_ROWS("equal", equal_rows, name, test_equal);
    g_test_add_func("/qapi/json/number/round", test_round);
    g_test_add_func("/qapi/json/members", test_members);
    g_test_add_func("/qapi/json/number/new-uint64", test_number_new_uint64);
    g_test_add_func("/qapi/json/qtype", test_qtype);
    g_test_add_func("/qapi/json/copy-is-deep", test_copy_is_deep);
    return test_run();
}
