/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/visitor/string-visitor.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

/* Text that is read, and written again in the plain form. */
typedef struct GoodRow {
    const char *name;
    const QapiType *type;
    const char *text;
    const char *written; /* NULL: as @text */
} GoodRow;

static char *to_text(const QapiType *type, void *obj, bool human)
{
    char *text = NULL;
    g_autoptr(Visitor) v = string_output_visitor_new(human, &text);

    qapi_type_visit(v, "x", type, obj, &error_abort);
    visit_complete(v, &text);
    return text;
}

static bool from_text(const QapiType *type, const char *text, void *obj,
                      Error **errp)
{
    g_autoptr(Visitor) v = string_input_visitor_new(text);

    return qapi_type_visit(v, "x", type, obj, errp);
}

static const GoodRow good_rows[] = {
    { "int", &qapi_type_int, "-42" },
    { "int-hexadecimal", &qapi_type_int, "0x10", "16" },
    { "int-octal", &qapi_type_int, "010", "8" },
    { "int8", &qapi_type_int8, "-128" },
    { "uint64-max", &qapi_type_uint64, "18446744073709551615" },
    { "size", &qapi_type_size, "1.5k", "1536" },
    { "bool-on", &qapi_type_bool, "on", "true" },
    { "bool-no", &qapi_type_bool, "no", "false" },
    { "str", &qapi_type_str, "a,b c" },
    { "str-empty", &qapi_type_str, "" },
    { "number", &qapi_type_number, "0.1", "0.10000000000000001" },
    { "number-integer", &qapi_type_number, "5" },
    { "enum", &Color_type, "dark-blue" },
    { "null", &qapi_type_null, "" },
    { "list-empty", &qapi_type_intList, "" },
    { "list-one", &qapi_type_intList, "7" },
    { "list", &qapi_type_intList, "1,3" },
    { "list-range", &qapi_type_intList, "1-3,5" },
    { "list-merged", &qapi_type_intList, "5,1,2,3", "1-3,5" },
    { "list-duplicates", &qapi_type_intList, "1,1-2,2", "1-2" },
    { "list-overlap", &qapi_type_intList, "3-6,1-4", "1-6" },
    { "list-negative-range", &qapi_type_intList, "-5--1", "-5--1" },
    { "list-from-negative", &qapi_type_intList, "-1-1", "-1-1" },
    { "list-hexadecimal", &qapi_type_intList, "0x10-0x12", "16-18" },
    { "list-int64-limits", &qapi_type_intList,
      "-9223372036854775808,9223372036854775807" },
    { "list-uint64-max", &qapi_type_uint64List,
      "1,18446744073709551614-18446744073709551615" },
    { "list-uint8", &qapi_type_uint8List, "0,253-255" },
};

static void test_good(const void *data)
{
    const GoodRow *row = data;
    g_autofree char *text = NULL;
    uint64_t slot = 0;

    from_text(row->type, row->text, &slot, &error_abort);
    text = to_text(row->type, &slot, false);
    g_assert_cmpstr(text, ==, row->written ? row->written : row->text);
    qapi_type_free(row->type, &slot);
}

typedef struct BadRow {
    const char *name;
    const QapiType *type;
    const char *text;
    const char *message;
} BadRow;

#define NOT_TEXT "Parameter 'x' cannot be given as plain text"
#define NOT_INTS "Parameter 'x' expects a list of int64 values or ranges"
#define TOO_MANY                                                        \
    "Parameter 'x' has ranges of more than 65536 integers in total"
#define NOT_UINTS "Parameter 'x' expects a list of uint64 values or ranges"

static const BadRow bad_rows[] = {
    { "int", &qapi_type_int, "abc", "Parameter 'x' expects an int64 value" },
    { "int-empty", &qapi_type_int, "",
      "Parameter 'x' expects an int64 value" },
    { "int-tail", &qapi_type_int, "1 ",
      "Parameter 'x' expects an int64 value" },
    { "int-range", &qapi_type_int8, "128", "Parameter 'x' expects int8_t" },
    { "uint-negative", &qapi_type_uint64, "-1",
      "Parameter 'x' expects a uint64 value" },
    { "uint16-negative", &qapi_type_uint16, "-1",
      "Parameter 'x' expects uint16_t" },
    { "size", &qapi_type_size, "1.5", "Parameter 'x' expects a size value" },
    { "bool", &qapi_type_bool, "ON", "Parameter 'x' expects 'on' or 'off'" },
    { "number", &qapi_type_number, "inf",
      "Invalid parameter type for 'x', expected: number" },
    { "null", &qapi_type_null, "null",
      "Invalid parameter type for 'x', expected: null" },
    { "enum", &Color_type, "Red",
      "Parameter 'x' does not accept value 'Red'" },
    { "any", &qapi_type_any, "1", NOT_TEXT },
    { "struct", &Base_type, "1", NOT_TEXT },
    { "alternate", &Source_type, "1", NOT_TEXT },
    { "list-of-str", &qapi_type_strList, "a,b", NOT_TEXT },
    { "list-of-structs", &DiskList_type, "a",
      "Parameter 'x[0]' cannot be given as plain text" },
    { "list-word", &qapi_type_intList, "1,a", NOT_INTS },
    { "list-trailing-comma", &qapi_type_intList, "1,", NOT_INTS },
    { "list-empty-item", &qapi_type_intList, "1,,2", NOT_INTS },
    { "list-descending", &qapi_type_intList, "3-1", NOT_INTS },
    { "list-open-range", &qapi_type_intList, "1-", NOT_INTS },
    { "list-two-dashes", &qapi_type_intList, "1-2-3", NOT_INTS },
    { "list-int64-range", &qapi_type_intList, "9223372036854775808",
      NOT_INTS },
    { "list-uint64-negative", &qapi_type_uint64List, "-1", NOT_UINTS },
    { "list-long-item", &qapi_type_intList,
      "1,0000000000000000000000000000000000000000000000000000000000000x",
      NOT_INTS },
    { "list-huge-range", &qapi_type_intList, "0-65536", NOT_INTS },
    { "list-huge-ranges", &qapi_type_intList, "0-65535,5-6", TOO_MANY },
    { "list-many-ranges", &qapi_type_uint64List, "0-65535,0-65535,x",
      TOO_MANY },
    { "list-whole-range", &qapi_type_intList,
      "-9223372036854775808-9223372036854775807", NOT_INTS },
    { "list-element-range", &qapi_type_uint8List, "1,256",
      "Parameter 'x[1]' expects uint8_t" },
};

static void test_bad(const void *data)
{
    const BadRow *row = data;
    Error *err = NULL;
    uint64_t slot = 0;

    g_assert_false(from_text(row->type, row->text, &slot, &err));
    if (g_str_has_suffix(row->message, "as plain text")) {
        g_assert_cmpstr(error_get_hint(err), ==, "Give the value as JSON.\n");
    }
    assert_error(err, row->message);
    g_assert_cmpuint(slot, ==, 0);
}

static void test_biggest_range(void)
{
    intList *list = NULL;
    int64_t n = 1;
    intList *l;

    from_text(&qapi_type_intList, "1-65536", &list, &error_abort);
    for (l = list; l; l = l->next) {
        g_assert_cmpint(l->value, ==, n++);
    }
    g_assert_cmpint(n, ==, 65537);
    qapi_type_free(&qapi_type_intList, &list);
}

static void test_list_not_visited_to_the_end(void)
{
    g_autoptr(Visitor) v = string_input_visitor_new("1-3");
    Error *err = NULL;
    int64_t value;

    visit_start_list(v, "x", NULL, 0, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_false(visit_check_list(v, &err));
    assert_error(err, "Fewer list elements expected in 'x'");
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_cmpint(value, ==, 3);
    visit_check_list(v, &error_abort);
    g_assert_false(visit_type_int(v, NULL, &value, &err));
    assert_error(err, "Parameter 'x[3]' is missing");
    visit_end_list(v, NULL);
}

/* JSON of a value, and its text in both forms. */
typedef struct OutputRow {
    const char *name;
    const QapiType *type;
    const char *json;
    const char *plain;
    const char *human;
} OutputRow;

static const OutputRow output_rows[] = {
    { "int", &qapi_type_int, "4096", "4096", "4096 (0x1000)" },
    { "int-negative", &qapi_type_int, "-1", "-1",
      "-1 (0xffffffffffffffff)" },
    { "uint64-max", &qapi_type_uint64, "18446744073709551615",
      "18446744073709551615", "18446744073709551615 (0xffffffffffffffff)" },
    { "size", &qapi_type_size, "65536", "65536", "65536 (64 KiB)" },
    { "size-small", &qapi_type_size, "999", "999", "999 (999 B)" },
    { "size-fraction", &qapi_type_size, "1610612736", "1610612736",
      "1610612736 (1.5 GiB)" },
    { "size-max", &qapi_type_size, "18446744073709551615",
      "18446744073709551615", "18446744073709551615 (16 EiB)" },
    { "bool", &qapi_type_bool, "true", "true", "true" },
    { "str", &qapi_type_str, "\"a b\"", "a b", "\"a b\"" },
    { "enum", &Color_type, "\"red\"", "red", "\"red\"" },
    { "null", &qapi_type_null, "null", "", "<null>" },
    { "number", &qapi_type_number, "0.1", "0.10000000000000001",
      "0.10000000000000001" },
    { "list", &qapi_type_intList, "[5, 2, 1, 3]", "1-3,5",
      "1-3,5 (0x1-0x3,0x5)" },
    { "list-empty", &qapi_type_intList, "[]", "", "" },
    { "list-of-str", &qapi_type_strList, "[\"a\", \"\", \"b\"]", "a,,b",
      "\"a\",\"\",\"b\"" },
    { "list-of-sizes", &qapi_type_sizeList, "[1024, 1]", "1024,1",
      "1024 (1 KiB),1 (1 B)" },
    { "struct", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"tags\": [\"b\"], \"parts\":"
      " [{\"id\": \"c\", \"size\": 1}], \"limits\": {\"iops\": [1]}}",
      "<omitted>", "<omitted>" },
    { "list-of-structs", &DiskList_type,
      "[{\"id\": \"a\", \"size\": 1}, {\"id\": \"a\", \"size\": 1}]",
      "<omitted>,<omitted>", "<omitted>,<omitted>" },
    { "alternate", &Source_type, "\"f\"", "f", "\"f\"" },
    { "any", &qapi_type_any, "{\"a\": [1]}", "{\"a\": [1]}",
      "{\"a\": [1]}" },
};

static void test_output(const void *data)
{
    const OutputRow *row = data;
    g_autofree char *plain = NULL;
    g_autofree char *human = NULL;
    uint64_t slot = 0;

    test_from_json(row->type, row->json, &slot, &error_abort);
    plain = to_text(row->type, &slot, false);
    human = to_text(row->type, &slot, true);
    g_assert_cmpstr(plain, ==, row->plain);
    g_assert_cmpstr(human, ==, row->human);
    qapi_type_free(row->type, &slot);
}

static void test_output_null_string(void)
{
    g_autofree char *plain = NULL;
    g_autofree char *human = NULL;
    char *str = NULL;

    plain = to_text(&qapi_type_str, &str, false);
    human = to_text(&qapi_type_str, &str, true);
    g_assert_cmpstr(plain, ==, "");
    g_assert_cmpstr(human, ==, "<null>");
}

static void test_output_list_of_lists(void)
{
    char *text = NULL;
    g_autoptr(Visitor) v = string_output_visitor_new(false, &text);
    Error *err = NULL;

    visit_start_list(v, "x", NULL, 0, &error_abort);
    g_assert_false(visit_start_list(v, NULL, NULL, 0, &err));
    assert_error(err, "Parameter 'x' is a list of lists, which plain text"
                 " cannot express");
    visit_end_list(v, NULL);
}

#define ADD_ROWS(prefix, rows, fn) \
    TEST_ADD_ROWS("/qapi/string-visitor/" prefix, rows, name, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("input/good", good_rows, test_good);
    ADD_ROWS("input/bad", bad_rows, test_bad);
    ADD_ROWS("output", output_rows, test_output);
    g_test_add_func("/qapi/string-visitor/input/biggest-range",
                    test_biggest_range);
    g_test_add_func("/qapi/string-visitor/input/list-not-visited-to-the-end",
                    test_list_not_visited_to_the_end);
    g_test_add_func("/qapi/string-visitor/output/null-string",
                    test_output_null_string);
    g_test_add_func("/qapi/string-visitor/output/list-of-lists",
                    test_output_list_of_lists);
    return test_run();
}
