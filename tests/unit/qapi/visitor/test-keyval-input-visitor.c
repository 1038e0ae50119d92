/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input visitor of keyval text, whose scalars are strings. */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

/* Input that is read and written again. */
typedef struct GoodRow {
    const char *name;
    const QapiType *type;
    const char *input;
    const char *written; /* NULL: as @input */
} GoodRow;

static const GoodRow keyval_rows[] = {
    { "numbers", &Numbers_type,
      "i8=-0x80,i16=010,u8=+7,u64=18446744073709551615,size=1.5k,"
      "number=1e3,b=on,color=red,s=1",
      "{\"i8\": -128, \"i16\": 8, \"u8\": 7, \"u64\": 18446744073709551615,"
      " \"size\": 1536, \"number\": 1000, \"b\": true, \"color\": \"red\","
      " \"s\": \"1\"}" },
    { "struct-nested", &Disk_type,
      "id=a,size=1,limits.iops.1=2,limits.iops.0=1,next.id=b,next.size=2",
      "{\"id\": \"a\", \"size\": 1, \"limits\": {\"iops\": [1, 2]},"
      " \"next\": {\"id\": \"b\", \"size\": 2}}" },
    { "any-scalar", &Numbers_type, "any=1", "{\"any\": \"1\"}" },
    { "any-structure", &Numbers_type, "any.a.0=1",
      "{\"any\": {\"a\": [\"1\"]}}" },
    { "union", &Shape_type, "kind=red,burst=1k",
      "{\"kind\": \"red\", \"burst\": 1024}" },
};

static void test_keyval(const void *data)
{
    const GoodRow *row = data;
    void *slot = NULL;
    g_autofree char *text = NULL;

    test_from_keyval(row->type, row->input, &slot, &error_abort);
    text = test_to_json(row->type, &slot);
    g_assert_cmpstr(text, ==, row->written);
    qapi_type_free(row->type, &slot);
}

/* An alternate of text is chosen by which branch can parse it. */
static void test_keyval_alternate(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = NULL;
    g_autofree char *text = NULL;
    void *list = NULL;

    node = json_parse("[\"5\", \"on\", \"red\"]", -1, &error_abort);
    v = json_input_visitor_new_keyval(node);
    qapi_type_visit(v, NULL, &AmountList_type, &list, &error_abort);
    text = test_to_json(&AmountList_type, &list);
    g_assert_cmpstr(text, ==, "[5, true, \"red\"]");
    qapi_type_free(&AmountList_type, &list);
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

static const BadRow keyval_bad_rows[] = {
    { "bool", &Numbers_type, "b=ON", "Parameter 'b' expects 'on' or 'off'" },
    { "integer", &Numbers_type, "i64=abc", "Parameter 'i64' expects integer" },
    { "integer-empty", &Numbers_type, "i64=",
      "Parameter 'i64' expects integer" },
    { "integer-trailing-blank", &Numbers_type, "u64=1 ",
      "Parameter 'u64' expects integer" },
    { "integer-suffix", &Numbers_type, "u64=1k",
      "Parameter 'u64' expects integer" },
    { "integer-range", &Numbers_type, "i64=99999999999999999999",
      "Parameter 'i64' expects int64" },
    { "unsigned-negative", &Numbers_type, "u64=-1",
      "Parameter 'u64' expects uint64" },
    { "narrow-negative", &Numbers_type, "u8=-1",
      "Parameter 'u8' expects uint8_t" },
    { "size", &Numbers_type, "size=1.5", "Parameter 'size' expects size" },
    { "number", &Numbers_type, "number=inf",
      "Parameter 'number' expects number" },
    { "null", &Numbers_type, "null=", TYPE_ERROR("null", "null") },
    { "enum", &Disk_type, "id=a,size=1,limits.color=x",
      "Parameter 'limits.color' does not accept value 'x'" },
    { "container-for-scalar", &Numbers_type, "i64.a=1",
      "Parameters 'i64.*' are unexpected" },
    { "list-for-scalar", &Numbers_type, "s.0=1",
      "Parameters 's.*' are unexpected" },
    { "scalar-for-list", &Limits_type, "iops=1",
      TYPE_ERROR("iops", "array") },
    { "scalar-for-struct", &Disk_type, "id=a,size=1,limits=x",
      TYPE_ERROR("limits", "object") },
    { "element", &Disk_type, "id=a,size=1,limits.iops.0=1,limits.iops.1=256",
      "Parameter 'limits.iops.1' expects uint8_t" },
    { "missing-in-list", &Disk_type, "id=a,size=1,parts.0.id=b",
      "Parameter 'parts.0.size' is missing" },
    { "unexpected", &Disk_type, "id=a,size=1,limits.x=1",
      "Parameter 'limits.x' is unexpected" },
};

static void test_keyval_bad(const void *data)
{
    const BadRow *row = data;
    Error *err = NULL;
    void *slot = (void *)1;

    g_assert_false(test_from_keyval(row->type, row->input, &slot, &err));
    assert_error(err, row->message);
    g_assert_null(slot);
}

#define ADD_ROWS(prefix, rows, fn) \
    TEST_ADD_ROWS("/qapi/json-visitor/" prefix, rows, name, fn)

#define ADD(path, fn) g_test_add_func("/qapi/json-visitor/" path, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("keyval/good", keyval_rows, test_keyval);
    ADD_ROWS("keyval/bad", keyval_bad_rows, test_keyval_bad);
    ADD("keyval/alternate", test_keyval_alternate);
    return test_run();
}
