/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

/* Input that is read and written again. */
typedef struct GoodRow {
    const char *name;
    const QapiType *type;
    const char *input;
    const char *written; /* NULL: as @input */
} GoodRow;

static const GoodRow typed_rows[] = {
    { "int", &qapi_type_int, "-9223372036854775808" },
    { "int-minus-zero", &qapi_type_int, "-0", "0" },
    { "uint64-max", &qapi_type_uint64, "18446744073709551615" },
    { "size-max", &qapi_type_size, "18446744073709551615" },
    { "bool", &qapi_type_bool, "true" },
    { "str", &qapi_type_str, "\"x\"" },
    { "str-with-nul", &qapi_type_str, "\"a\\u0000b\"" },
    { "number-of-integer", &qapi_type_number, "5" },
    { "number-of-fraction", &qapi_type_number, "0.1" },
    { "number-of-exponent", &qapi_type_number, "1e3", "1000" },
    { "null", &qapi_type_null, "null" },
    { "any", &qapi_type_any, "{\"a\": [1, 1e2, null]}" },
    { "enum", &Color_type, "\"dark-blue\"" },
    { "list-empty", &qapi_type_intList, "[]" },
    { "list", &qapi_type_intList, "[3, 1, 2]" },
    { "list-of-str", &qapi_type_strList, "[\"a\", \"\"]" },
    { "list-of-any", &qapi_type_anyList, "[1, {}, [\"x\"]]" },
    { "numbers-max", &Numbers_type,
      "{\"i8\": 127, \"i16\": 32767, \"i32\": 2147483647,"
      " \"i64\": 9223372036854775807, \"u8\": 255, \"u16\": 65535,"
      " \"u32\": 4294967295, \"u64\": 18446744073709551615}" },
    { "numbers-min", &Numbers_type,
      "{\"i8\": -128, \"i16\": -32768, \"i32\": -2147483648,"
      " \"i64\": -9223372036854775808, \"u8\": 0}" },
    { "struct-with-base", &Disk_type,
      "{\"id\": \"a\", \"enabled\": false, \"size\": 1}" },
    { "struct-in-any-order", &Disk_type, "{\"size\": 1, \"id\": \"a\"}",
      "{\"id\": \"a\", \"size\": 1}" },
    { "struct-full", &Disk_type,
      "{\"id\": \"a\", \"enabled\": true, \"size\": 1, \"ratio\": 0.5,"
      " \"limits\": {\"iops\": [1, 2], \"color\": \"red\", \"burst\": 3},"
      " \"tags\": [\"x\"], \"extra\": {\"y\": 1}, \"nothing\": null,"
      " \"next\": {\"id\": \"b\", \"size\": 2},"
      " \"parts\": [{\"id\": \"c\", \"size\": 3}],"
      " \"old\": 1, \"trial\": \"t\"}" },
    { "union", &Shape_type, "{\"kind\": \"red\", \"burst\": 1}" },
    { "union-other-branch", &Shape_type,
      "{\"label\": \"x\", \"kind\": \"dark-blue\", \"id\": \"y\"}" },
    { "union-empty-branch", &Shape_type, "{\"kind\": \"puce\"}" },
    { "union-tag-last", &Shape_type, "{\"burst\": 1, \"kind\": \"red\"}",
      "{\"kind\": \"red\", \"burst\": 1}" },
    { "alternate-str", &Source_type, "\"f\"" },
    { "alternate-struct", &Source_type, "{\"id\": \"x\"}" },
    { "alternate-list", &Source_type, "[1, 2]" },
    { "alternate-null", &Source_type, "null" },
    { "alternate-int", &Amount_type, "5" },
    { "alternate-bool", &Amount_type, "true" },
    { "alternate-enum", &Amount_type, "\"red\"" },
    { "list-of-alternates", &SourceList_type,
      "[\"f\", {\"id\": \"x\"}, [], null]" },
};

static void test_typed(const void *data)
{
    const GoodRow *row = data;
    uint64_t slot[2] = { 0 };
    g_autofree char *text = NULL;

    test_from_json(row->type, row->input, &slot, &error_abort);
    text = test_to_json(row->type, &slot);
    g_assert_cmpstr(text, ==, row->written ? row->written : row->input);
    qapi_type_free(row->type, &slot);
}

/* Input that fails. */
typedef struct BadRow {
    const char *name;
    const QapiType *type;
    const char *input;
    const char *message;
} BadRow;

#define TYPE_ERROR(path, expected) \
    "Invalid parameter type for '" path "', expected: " expected

static const BadRow typed_bad_rows[] = {
    { "missing", &Disk_type, "{\"id\": \"a\"}",
      "Parameter 'size' is missing" },
    { "missing-nested", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"next\": {\"size\": 1}}",
      "Parameter 'next.id' is missing" },
    { "missing-in-list", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"parts\": ["
      "{\"id\": \"b\", \"size\": 1}, {\"size\": 1}]}",
      "Parameter 'parts[1].id' is missing" },
    { "missing-in-deep-list", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"parts\": [{\"id\": \"b\", \"size\": 1,"
      " \"parts\": [{\"id\": \"c\", \"size\": 1, \"limits\":"
      " {\"iops\": [0, 256]}}]}]}",
      "Parameter 'parts[0].parts[0].limits.iops[1]' expects uint8_t" },
    { "unexpected", &Base_type, "{\"id\": \"a\", \"x\": 1}",
      "Parameter 'x' is unexpected" },
    { "unexpected-first-of-two", &Base_type,
      "{\"z\": 1, \"id\": \"a\", \"b\": 1}",
      "Parameter 'z' is unexpected" },
    { "unexpected-nested", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"limits\": {\"x\": 1}}",
      "Parameter 'limits.x' is unexpected" },
    { "unexpected-of-other-branch", &Shape_type,
      "{\"kind\": \"dark-blue\", \"id\": \"a\", \"burst\": 1}",
      "Parameter 'burst' is unexpected" },
    { "bad-value-before-unexpected", &Base_type, "{\"x\": 1, \"id\": 1}",
      TYPE_ERROR("id", "string") },
    { "root-type", &Base_type, "1", TYPE_ERROR("<anonymous>", "object") },
    { "type-object", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"limits\": []}",
      TYPE_ERROR("limits", "object") },
    { "type-array", &Limits_type, "{\"iops\": 1}",
      TYPE_ERROR("iops", "array") },
    { "type-element", &Limits_type, "{\"iops\": [1, \"2\"]}",
      TYPE_ERROR("iops[1]", "integer") },
    { "type-integer", &Numbers_type, "{\"i64\": \"1\"}",
      TYPE_ERROR("i64", "integer") },
    { "type-integer-unsigned", &Numbers_type, "{\"u64\": true}",
      TYPE_ERROR("u64", "integer") },
    { "type-boolean", &Numbers_type, "{\"b\": 1}",
      TYPE_ERROR("b", "boolean") },
    { "type-string", &Numbers_type, "{\"s\": 1}", TYPE_ERROR("s", "string") },
    { "type-string-of-exact-number", &Numbers_type, "{\"s\": 1e2}",
      TYPE_ERROR("s", "string") },
    { "type-number", &Numbers_type, "{\"number\": \"1\"}",
      TYPE_ERROR("number", "number") },
    { "type-null", &Numbers_type, "{\"null\": 0}",
      TYPE_ERROR("null", "null") },
    { "type-enum", &Numbers_type, "{\"color\": 1}",
      TYPE_ERROR("color", "string") },
    { "integer-with-fraction", &Numbers_type, "{\"i64\": 5.0}",
      TYPE_ERROR("i64", "integer") },
    { "integer-with-exponent", &Numbers_type, "{\"i64\": 1e3}",
      TYPE_ERROR("i64", "integer") },
    { "range-int8", &Numbers_type, "{\"i8\": 128}",
      "Parameter 'i8' expects int8_t" },
    { "range-int16", &Numbers_type, "{\"i16\": -32769}",
      "Parameter 'i16' expects int16_t" },
    { "range-int32", &Numbers_type, "{\"i32\": 2147483648}",
      "Parameter 'i32' expects int32_t" },
    { "range-int64", &Numbers_type, "{\"i64\": 9223372036854775808}",
      "Parameter 'i64' expects int64" },
    { "range-uint8", &Numbers_type, "{\"u8\": 256}",
      "Parameter 'u8' expects uint8_t" },
    { "range-uint16-negative", &Numbers_type, "{\"u16\": -1}",
      "Parameter 'u16' expects uint16_t" },
    { "range-uint32", &Numbers_type, "{\"u32\": 4294967296}",
      "Parameter 'u32' expects uint32_t" },
    { "range-uint64-negative", &Numbers_type, "{\"u64\": -1}",
      "Parameter 'u64' expects uint64" },
    { "range-uint64", &Numbers_type, "{\"u64\": 18446744073709551616}",
      "Parameter 'u64' expects uint64" },
    { "range-size-negative", &Numbers_type, "{\"size\": -1}",
      "Parameter 'size' expects uint64" },
    { "number-not-exact", &Numbers_type, "{\"number\": 9007199254740993}",
      "Parameter 'number' expects a number that 'double' can hold" },
    { "enum-value", &Disk_type,
      "{\"id\": \"a\", \"size\": 1, \"limits\": {\"color\": \"RED\"}}",
      "Parameter 'limits.color' does not accept value 'RED'" },
    { "union-missing-tag", &Shape_type, "{\"burst\": 1}",
      "Parameter 'kind' is missing" },
    { "alternate-type", &Source_type, "true",
      TYPE_ERROR("<anonymous>", "Source") },
    { "alternate-type-in-list", &SourceList_type, "[\"a\", 5]",
      TYPE_ERROR("[1]", "Source") },
    { "alternate-struct", &SourceList_type, "[\"a\", {\"id\": \"x\","
      " \"y\": 1}]", "Parameter '[1].y' is unexpected" },
};

/* What was built is freed, and the slot holds NULL. */
static void test_typed_bad(const void *data)
{
    const BadRow *row = data;
    Error *err = NULL;
    void *slot = (void *)1;

    g_assert_false(test_from_json(row->type, row->input, &slot, &err));
    assert_error(err, row->message);
    g_assert_null(slot);
}

/* A scalar's slot keeps its value when the visit fails. */
static void test_scalar_untouched(void)
{
    Error *err = NULL;
    uint8_t value = 7;

    g_assert_false(test_from_json(&qapi_type_uint8, "256", &value, &err));
    assert_error(err, "Parameter '<anonymous>' expects uint8_t");
    g_assert_cmpuint(value, ==, 7);
}

/* A name at the root, as a property's accessor gives, is named. */
static void test_root_name(void)
{
    g_autoptr(JsonNode) node = json_parse("[1, 256]", -1, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    Error *err = NULL;
    uint8List *list;

    g_assert_false(qapi_type_visit(v, "cpu-affinity", &qapi_type_uint8List,
                                   &list, &err));
    assert_error(err, "Parameter 'cpu-affinity[1]' expects uint8_t");
    g_assert_null(list);
}

static void test_virtual_walk(void)
{
    g_autoptr(JsonNode) node = json_parse("{\"a\": [1, 2]}", -1,
                                          &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    int64_t value;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_start_list(v, "a", NULL, 0, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_cmpint(value, ==, 1);
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_cmpint(value, ==, 2);
    visit_check_list(v, &error_abort);
    visit_end_list(v, NULL);
    visit_check_struct(v, &error_abort);
    visit_end_struct(v, NULL);
}

static void test_list_too_long(void)
{
    g_autoptr(JsonNode) node = json_parse("{\"a\": [1, 2, 3]}", -1,
                                          &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    Error *err = NULL;
    int64_t value;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_start_list(v, "a", NULL, 0, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_false(visit_check_list(v, &err));
    assert_error(err, "Only 2 list elements expected in 'a'");
    visit_end_list(v, NULL);
    visit_end_struct(v, NULL);
}

static void test_list_too_short(void)
{
    g_autoptr(JsonNode) node = json_parse("[1]", -1, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    Error *err = NULL;
    int64_t value;

    visit_start_list(v, NULL, NULL, 0, &error_abort);
    visit_type_int(v, NULL, &value, &error_abort);
    g_assert_false(visit_type_int(v, NULL, &value, &err));
    assert_error(err, "Parameter '[1]' is missing");
    visit_end_list(v, NULL);
}

static void test_free_in_the_middle(void)
{
    g_autoptr(JsonNode) node = json_parse("{\"a\": [1, 2]}", -1,
                                          &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_start_list(v, "a", NULL, 0, &error_abort);
}

static void test_deep(void)
{
    const char *inner = "{\"id\": \"a\", \"size\": 1}";
    g_autoptr(GString) text = g_string_new(inner);
    g_autofree char *written = NULL;
    Disk *disk = NULL;
    int i;

    for (i = 0; i < 500; i++) {
        g_string_insert(text, text->len - i - 1, ", \"next\": ");
        g_string_insert(text, text->len - i - 1, inner);
    }
    test_from_json(&Disk_type, text->str, &disk, &error_abort);
    written = test_to_json(&Disk_type, &disk);
    g_assert_cmpstr(written, ==, text->str);
    qapi_type_free(&Disk_type, &disk);
}

static void test_many_members(void)
{
    g_autoptr(GString) text = g_string_new("{");
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = NULL;
    Error *err = NULL;
    int64_t value;
    int i;

    for (i = 0; i < 100; i++) {
        g_string_append_printf(text, "\"m%d\": %d, ", i, i);
    }
    g_string_append(text, "\"x\": 1}");
    node = json_parse(text->str, -1, &error_abort);
    v = json_input_visitor_new(node);
    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    for (i = 0; i < 100; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);

        visit_type_int(v, name, &value, &error_abort);
        g_assert_cmpint(value, ==, i);
        visit_type_int(v, name, &value, &error_abort);
    }
    g_assert_false(visit_check_struct(v, &err));
    assert_error(err, "Parameter 'x' is unexpected");
    visit_end_struct(v, NULL);
}

static void test_tolerant(void)
{
    g_autoptr(JsonNode) node = json_parse(
        "{\"id\": \"a\", \"new\": 1, \"size\": 2,"
        " \"next\": {\"id\": \"b\", \"size\": 3, \"newer\": []}}", -1,
        &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new_tolerant(node);
    g_autofree char *written = NULL;
    Disk *disk = NULL;

    qapi_type_visit(v, NULL, &Disk_type, &disk, &error_abort);
    written = test_to_json(&Disk_type, &disk);
    g_assert_cmpstr(written, ==, "{\"id\": \"a\", \"size\": 2, "
                    "\"next\": {\"id\": \"b\", \"size\": 3}}");
    qapi_type_free(&Disk_type, &disk);
}

/* Only what is not known is ignored. */
static void test_tolerant_bad(void)
{
    g_autoptr(JsonNode) node = json_parse(
        "{\"id\": \"a\", \"size\": 2, \"next\": {\"id\": 7}}", -1,
        &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new_tolerant(node);
    Disk *disk = NULL;
    Error *err = NULL;

    g_assert_false(qapi_type_visit(v, NULL, &Disk_type, &disk, &err));
    assert_error(err, "Invalid parameter type for 'next.id', expected: "
                 "string");
    g_assert_null(disk);
}

#define ADD_ROWS(prefix, rows, fn) \
    TEST_ADD_ROWS("/qapi/json-visitor/" prefix, rows, name, fn)

#define ADD(path, fn) g_test_add_func("/qapi/json-visitor/" path, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("input/good", typed_rows, test_typed);
    ADD_ROWS("input/bad", typed_bad_rows, test_typed_bad);
    ADD("input/scalar-untouched-by-failure", test_scalar_untouched);
    ADD("input/root-name", test_root_name);
    ADD("input/virtual-walk", test_virtual_walk);
    ADD("input/list-too-long", test_list_too_long);
    ADD("input/list-too-short", test_list_too_short);
    ADD("input/free-in-the-middle", test_free_in_the_middle);
    ADD("input/deep", test_deep);
    ADD("input/many-members", test_many_members);
    ADD("tolerant/ignores-the-unknown", test_tolerant);
    ADD("tolerant/refuses-the-wrong", test_tolerant_bad);
    return test_run();
}
