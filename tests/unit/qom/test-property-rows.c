/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties that a table of rows declares: every kind, ranges, defaults and
 * who may set them when.  That each write is a transaction:
 * test-property-transaction.c.
 */
#include "tests/unit/qom/property-rows-fixture.h"
#include "tests/unit/test-util.h"
#include "qom/user-creatable.h"

#include <string.h>

/* ---- Every kind ---- */

static void test_kind_json(const void *data)
{
    const KindRow *row = data;
    g_autoptr(Object) obj = object_new("rows");

    g_assert_cmpstr(object_property_get_type(obj, row->name, &error_abort),
                    ==, row->type);
    g_assert_true(set_json(obj, row->name, row->json, &error_abort));
    assert_json(obj, row->name, row->json);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
}

static void test_kind_text(const void *data)
{
    const KindRow *row = data;
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *text = NULL;

    g_assert_true(object_property_parse(obj, row->name, row->text,
                                        &error_abort));
    assert_json(obj, row->name, row->json);
    text = object_property_print(obj, row->name, false, &error_abort);
    g_assert_cmpstr(text, ==, row->text);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
}

/* The old value goes, the new one belongs to the object. */
static void test_kind_is_replaced(const void *data)
{
    const KindRow *row = data;
    g_autoptr(Object) one = object_new("rows");
    g_autoptr(Object) two = object_new("rows");

    g_assert_true(set_json(one, row->name, row->json, &error_abort));
    g_assert_true(set_json(two, row->name, row->json, &error_abort));
    g_assert_true(set_json(one, row->name, row->json, &error_abort));
    g_assert_cmpint(ROWS(one)->n_changes, ==, 1);
    assert_json(one, row->name, row->json);
}

static void test_fields(void)
{
    g_autoptr(Object) obj = object_new("rows");
    Rows *rows = ROWS(obj);

    g_assert_true(object_set_props(obj, &error_abort, "i8", "-1", "u8", "1",
                                   "i16", "-2", "u16", "2", "i32", "-3",
                                   "u32", "3", "flag", "on", NULL));
    g_assert_cmpint(rows->i8, ==, -1);
    g_assert_cmpint(rows->u8, ==, 1);
    g_assert_cmpint(rows->i16, ==, -2);
    g_assert_cmpint(rows->u16, ==, 2);
    g_assert_cmpint(rows->i32, ==, -3);
    g_assert_cmpint(rows->u32, ==, 3);
    g_assert_true(rows->flag);
}

static void test_size_suffix(void)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(object_property_parse(obj, "size", "1.5k", &error_abort));
    g_assert_cmpuint(ROWS(obj)->size, ==, 1536);
}

static void test_list_replaced_by_empty(void)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(set_json(obj, "ints", "[1]", &error_abort));
    g_assert_true(set_json(obj, "ints", "[]", &error_abort));
    g_assert_null(ROWS(obj)->ints);
    assert_json(obj, "ints", "[]");
}

static void test_unset_reads_as_null(const void *data)
{
    g_autoptr(Object) obj = object_new("rows");

    assert_json(obj, data, "null");
}

static void test_unset_prints(void)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *text = object_property_print(obj, "point", true,
                                                  &error_abort);

    g_assert_cmpstr(text, ==, "<null>");
}

/* ---- Values that are refused ---- */

typedef struct RefusalRow {
    const char *name;
    const char *property;
    const char *value; /* JSON or text, by test */
    const char *message;
    const char *json_message; /* (nullable) where JSON has another one */
} RefusalRow;

#define RANGE_I8 "i8 value must be in range [-128, 127]"
#define RANGE_I16 "i16 value must be in range [-32768, 32767]"
#define RANGE_I32 "i32 value must be in range [-2147483648, 2147483647]"
#define RANGE_I64 "i64 value must be in range [-9223372036854775808, " \
                  "9223372036854775807]"
#define RANGE_U8 "u8 value must be in range [0, 255]"
#define RANGE_U16 "u16 value must be in range [0, 65535]"
#define RANGE_U32 "u32 value must be in range [0, 4294967295]"
#define RANGE_U64 "u64 value must be in range [0, 18446744073709551615]"
#define RANGE_SIZE "size value must be in range [0, 18446744073709551615]"
#define RANGE_URANGED "uranged value must be in range [3, " \
                      "18446744073709551615]"
#define RANGE_NRANGED "nranged value must be in range [0, 1.5]"

static const RefusalRow range_rows[] = {
    { "i8-low", "i8", "-129", RANGE_I8 },
    { "i8-high", "i8", "128", RANGE_I8 },
    { "i16-low", "i16", "-32769", RANGE_I16 },
    { "i16-high", "i16", "32768", RANGE_I16 },
    { "i32-low", "i32", "-2147483649", RANGE_I32 },
    { "i32-high", "i32", "2147483648", RANGE_I32 },
    { "i64-low", "i64", "-9223372036854775809", RANGE_I64,
      "Parameter 'i64' expects int64" },
    { "i64-high", "i64", "9223372036854775808", RANGE_I64,
      "Parameter 'i64' expects int64" },
    { "i64-huge", "i64", "99999999999999999999", RANGE_I64,
      "Parameter 'i64' expects int64" },
    { "u8-low", "u8", "-1", RANGE_U8 },
    { "u8-high", "u8", "256", RANGE_U8 },
    { "u16-low", "u16", "-1", RANGE_U16 },
    { "u16-high", "u16", "65536", RANGE_U16 },
    { "u32-low", "u32", "-1", RANGE_U32 },
    { "u32-high", "u32", "4294967296", RANGE_U32 },
    { "u64-low", "u64", "-1", RANGE_U64,
      "Parameter 'u64' expects uint64" },
    { "u64-high", "u64", "18446744073709551616", RANGE_U64,
      "Parameter 'u64' expects uint64" },
    { "size-low", "size", "-1", RANGE_SIZE,
      "Parameter 'size' expects uint64" },
    { "size-high", "size", "18446744073709551616", RANGE_SIZE,
      "Parameter 'size' expects uint64" },
    { "ranged-low", "ranged", "-11", RANGE_RANGED },
    { "ranged-high", "ranged", "11", RANGE_RANGED },
    { "ranged-huge", "ranged", "99999999999999999999", RANGE_RANGED,
      "Parameter 'ranged' expects int64" },
    { "uranged-low", "uranged", "2", RANGE_URANGED },
    { "uranged-negative", "uranged", "-1", RANGE_URANGED,
      "Parameter 'uranged' expects uint64" },
    { "nranged-low", "nranged", "-0.5", RANGE_NRANGED },
    { "nranged-high", "nranged", "1.75", RANGE_NRANGED },
};

static void test_range_text(const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *before = get_json(obj, row->property);
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_parse(obj, row->property, row->value,
                                         &err));
    assert_error(err, row->message);
    assert_json(obj, row->property, before);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

static void test_range_json(const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *before = get_json(obj, row->property);
    g_autoptr(Error) err = NULL;

    g_assert_false(set_json(obj, row->property, row->value, &err));
    assert_error(err, row->json_message ? row->json_message : row->message);
    assert_json(obj, row->property, before);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

static const RefusalRow json_refusal_rows[] = {
    { "flag-number", "flag", "1",
      "Invalid parameter type for 'flag', expected: boolean" },
    { "int-text", "i64", "\"1\"",
      "Invalid parameter type for 'i64', expected: integer" },
    { "int-fraction", "i64", "1.5",
      "Invalid parameter type for 'i64', expected: integer" },
    { "uint-list", "u64", "[]",
      "Invalid parameter type for 'u64', expected: integer" },
    { "number-text", "number", "\"1\"",
      "Invalid parameter type for 'number', expected: number" },
    { "text-number", "text", "1",
      "Invalid parameter type for 'text', expected: string" },
    { "text-null", "text", "null",
      "Invalid parameter type for 'text', expected: string" },
    { "enum-unknown", "colour", "\"pink\"",
      "Parameter 'colour' does not accept value 'pink'" },
    { "enum-number", "colour", "1",
      "Invalid parameter type for 'colour', expected: string" },
    { "struct-number", "point", "1",
      "Invalid parameter type for 'point', expected: object" },
    { "struct-member-missing", "point", "{}",
      "Parameter 'point.x' is missing" },
    { "struct-member-type", "point", "{\"x\": true}",
      "Invalid parameter type for 'point.x', expected: integer" },
    { "struct-member-unknown", "point", "{\"x\": 1, \"y\": 2}",
      "Parameter 'point.y' is unexpected" },
    { "list-element", "ints", "[1, true]",
      "Invalid parameter type for 'ints[1]', expected: integer" },
    { "list-number", "ints", "1",
      "Invalid parameter type for 'ints', expected: array" },
};

static const RefusalRow text_refusal_rows[] = {
    { "flag", "flag", "1", "Parameter 'flag' expects 'on' or 'off'" },
    { "int", "i64", "abc", "Parameter 'i64' expects an int64 value" },
    { "int-empty", "i64", "", "Parameter 'i64' expects an int64 value" },
    { "int-fraction", "i64", "1.5",
      "Parameter 'i64' expects an int64 value" },
    { "uint", "u64", "abc", "Parameter 'u64' expects a uint64 value" },
    { "size", "size", "1x", "Parameter 'size' expects a size value" },
    { "number", "number", "abc",
      "Invalid parameter type for 'number', expected: number" },
    { "number-inf", "number", "inf",
      "Invalid parameter type for 'number', expected: number" },
    { "enum", "colour", "pink",
      "Parameter 'colour' does not accept value 'pink'" },
    { "struct", "point", "x",
      "Parameter 'point' cannot be given as plain text" },
};

/* ---- By C type ---- */

static void test_native_accessors(void)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *text = NULL;

    g_assert_true(object_property_set_int(obj, "i8", -3, &error_abort));
    g_assert_cmpint(object_property_get_int(obj, "i8", &error_abort), ==, -3);
    g_assert_true(object_property_set_uint(obj, "u64", UINT64_MAX,
                                           &error_abort));
    g_assert_true(object_property_get_uint(obj, "u64", &error_abort) ==
                  UINT64_MAX);
    g_assert_true(object_property_set_bool(obj, "flag", true, &error_abort));
    g_assert_true(object_property_get_bool(obj, "flag", &error_abort));
    g_assert_true(object_property_set_str(obj, "text", "x", &error_abort));
    text = object_property_get_str(obj, "text", &error_abort);
    g_assert_cmpstr(text, ==, "x");
    g_assert_true(object_property_set_str(obj, "colour", "blue",
                                          &error_abort));
    g_assert_cmpint(object_property_get_enum(obj, "colour", "Colour",
                                             &error_abort), ==, COLOUR_BLUE);
}

static void test_native_across_signs(void)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(object_property_set_uint(obj, "i8", 127, &error_abort));
    g_assert_cmpuint(object_property_get_uint(obj, "i8", &error_abort), ==,
                     127);
    g_assert_true(object_property_set_int(obj, "size", 9, &error_abort));
    g_assert_cmpint(object_property_get_int(obj, "size", &error_abort), ==,
                    9);
}

static void test_null_text_reads_as_empty(void)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *text = object_property_get_str(obj, "text",
                                                    &error_abort);

    g_assert_cmpstr(text, ==, "");
    assert_json(obj, "text", "\"\"");
}

static void test_native_range(void)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_int(obj, "u8", 256, &err));
    assert_error(err, RANGE_U8);
    g_assert_false(object_property_set_int(obj, "u64", -1, &err));
    assert_error(err, RANGE_U64);
    g_assert_false(object_property_set_uint(obj, "i64", UINT64_MAX, &err));
    assert_error(err, RANGE_I64);
    g_assert_false(object_property_set_int(obj, "ranged", 11, &err));
    assert_error(err, RANGE_RANGED);
    g_assert_cmpint(ROWS(obj)->ranged, ==, 5);
}

static void test_native_wrong_type(void)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autoptr(Error) err = NULL;

    ROWS(obj)->i64 = -1;
    ROWS(obj)->u64 = UINT64_MAX;
    g_assert_cmpint(object_property_get_int(obj, "text", &err), ==, -1);
    assert_error(err, "Invalid parameter type for 'text', expected: int");
    g_assert_cmpint(object_property_get_int(obj, "u64", &err), ==, -1);
    assert_error(err, "Invalid parameter type for 'u64', expected: int");
    g_assert_cmpuint(object_property_get_uint(obj, "i64", &err), ==, 0);
    assert_error(err, "Invalid parameter type for 'i64', expected: uint");
    g_assert_false(object_property_get_bool(obj, "i64", &err));
    assert_error(err, "Invalid parameter type for 'i64', expected: boolean");
    g_assert_null(object_property_get_str(obj, "flag", &err));
    assert_error(err, "Invalid parameter type for 'flag', expected: string");
    g_assert_false(object_property_set_bool(obj, "i64", true, &err));
    assert_error(err, "Invalid parameter type for 'i64', expected: integer");
    g_assert_false(object_property_set_int(obj, "flag", 1, &err));
    assert_error(err, "Invalid parameter type for 'flag', expected: boolean");
    g_assert_false(object_property_set_str(obj, "i64", "1", &err));
    assert_error(err, "Invalid parameter type for 'i64', expected: integer");
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

/* ---- Defaults and what is shown ---- */

static void test_defaults(void)
{
    g_autoptr(Object) obj = object_new("rows-kid");
    Rows *rows = ROWS(obj);

    g_assert_cmpint(rows->ranged, ==, 5);
    g_assert_true(rows->uranged == UINT64_MAX);
    g_assert_cmpfloat(rows->nranged, ==, 0.5);
    g_assert_cmpstr(rows->title, ==, "Untitled");
    g_assert_cmpint(rows->shade, ==, COLOUR_GREEN);
    g_assert_cmpint(rows->i64, ==, 0);
    g_assert_cmpint(rows->n_changes, ==, 0);
}

typedef struct ShownRow {
    const char *name;
    const char *json; /* of the default; NULL: none */
} ShownRow;

static const ShownRow shown_rows[] = {
    { "ranged", "5" },
    { "uranged", "18446744073709551615" },
    { "nranged", "0.5" },
    { "title", "\"Untitled\"" },
    { "shade", "\"green\"" },
    { "i64", NULL },
    { "text", NULL },
};

static void test_default_is_shown(const void *data)
{
    const ShownRow *row = data;
    ObjectProperty *prop = object_class_property_find(
        object_class_by_name("rows"), row->name);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!row->json) {
        g_assert_null(prop->defval);
        return;
    }
    json_write(text, prop->defval, false);
    g_assert_cmpstr(text->str, ==, row->json);
}

static void test_doc_is_description(void)
{
    ObjectProperty *prop = object_class_property_find(
        object_class_by_name("rows"), "text");

    g_assert_cmpstr(prop->description, ==, "some text");
    g_assert_true(prop->row == &rows_rows[11]);
}

/* ---- Mutability ---- */

static const char *const writers[] = { "text", "json", "int", "uint" };

static bool write_by(const char *writer, Object *obj, const char *name,
                     Error **errp)
{
    if (!strcmp(writer, "text")) {
        return object_property_parse(obj, name, "1", errp);
    } else if (!strcmp(writer, "json")) {
        return set_json(obj, name, "1", errp);
    } else if (!strcmp(writer, "int")) {
        return object_property_set_int(obj, name, 1, errp);
    }
    return object_property_set_uint(obj, name, 1, errp);
}

static void test_set_never(const void *data)
{
    g_autoptr(Object) obj = object_new("rows");
    g_autoptr(Error) err = NULL;

    g_assert_false(write_by(data, obj, "fixed", &err));
    assert_error(err, "Property 'rows.fixed' is not writable");
    ROWS(obj)->fixed = 3;
    assert_json(obj, "fixed", "3");
}

static void test_set_create(const void *data)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(write_by(data, obj, "at-birth", &error_abort));
    g_assert_cmpint(ROWS(obj)->at_birth, ==, 1);
}

static void test_set_create_after_completion(const void *data)
{
    g_autoptr(Object) obj = object_new_with_props("rows", NULL, NULL,
                                                  &error_abort, "at-birth",
                                                  "7", NULL);
    g_autoptr(Error) err = NULL;

    g_assert_false(write_by(data, obj, "at-birth", &err));
    assert_error(err, "Property 'rows.at-birth' can only be set when the "
                      "object is created");
    g_assert_cmpint(ROWS(obj)->at_birth, ==, 7);
}

static void test_set_create_of_user_creatable(void)
{
    Object *obj = user_creatable_add_from_str(
        "creatable-rows,id=made,at-birth=7", &error_abort);
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_int(obj, "at-birth", 1, &err));
    assert_error(err, "Property 'creatable-rows.at-birth' can only be set "
                      "when the object is created");
    g_assert_true(user_creatable_del("made", &error_abort));
}

/* ---- Set-up ---- */

static void test_json_refused(const void *data)
{
    test_range_json(data);
}

static void test_text_refused(const void *data)
{
    test_range_text(data);
}

static void add_kind_tests(void)
{
    ADD_ROWS("kind/json", kind_rows, test_kind_json);
    ADD_ROWS("kind/is-replaced", kind_rows, test_kind_is_replaced);
    for (size_t i = 0; i < G_N_ELEMENTS(kind_rows); i++) {
        g_autofree char *path = g_strconcat("/qom/rows/kind/text/",
                                            kind_rows[i].name, NULL);

        if (kind_rows[i].text) {
            g_test_add_data_func(path, &kind_rows[i], test_kind_text);
        }
    }
    g_test_add_func("/qom/rows/kind/fields", test_fields);
    g_test_add_func("/qom/rows/kind/size-suffix", test_size_suffix);
    g_test_add_func("/qom/rows/kind/list-replaced-by-empty",
                    test_list_replaced_by_empty);
    g_test_add_data_func("/qom/rows/unset/any-reads-as-null", "any",
                         test_unset_reads_as_null);
    g_test_add_data_func("/qom/rows/unset/struct-reads-as-null", "point",
                         test_unset_reads_as_null);
    g_test_add_func("/qom/rows/unset/prints", test_unset_prints);
    ADD_ROWS("range/text", range_rows, test_range_text);
    ADD_ROWS("range/json", range_rows, test_range_json);
    ADD_ROWS("refuses/json", json_refusal_rows, test_json_refused);
    ADD_ROWS("refuses/text", text_refusal_rows, test_text_refused);
}

static void add_native_tests(void)
{
    g_test_add_func("/qom/rows/native/set-and-get", test_native_accessors);
    g_test_add_func("/qom/rows/native/across-signs",
                    test_native_across_signs);
    g_test_add_func("/qom/rows/native/null-text-reads-as-empty",
                    test_null_text_reads_as_empty);
    g_test_add_func("/qom/rows/native/range", test_native_range);
    g_test_add_func("/qom/rows/native/wrong-type", test_native_wrong_type);
}

static void add_declaration_tests(void)
{
    g_test_add_func("/qom/rows/default/is-applied", test_defaults);
    ADD_ROWS("default/is-shown", shown_rows, test_default_is_shown);
    g_test_add_func("/qom/rows/doc-is-description", test_doc_is_description);
    for (size_t i = 0; i < G_N_ELEMENTS(writers); i++) {
        g_autofree char *never = g_strconcat("/qom/rows/set/never/",
                                             writers[i], NULL);
        g_autofree char *create = g_strconcat("/qom/rows/set/create/",
                                              writers[i], NULL);
        g_autofree char *late = g_strconcat(
            "/qom/rows/set/create-after-completion/", writers[i], NULL);

        g_test_add_data_func(never, writers[i], test_set_never);
        g_test_add_data_func(create, writers[i], test_set_create);
        g_test_add_data_func(late, writers[i],
                             test_set_create_after_completion);
    }
    g_test_add_func("/qom/rows/set/create-of-user-creatable",
                    test_set_create_of_user_creatable);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    rows_register();

    add_kind_tests();
    add_native_tests();
    add_declaration_tests();
    return test_run();
}
