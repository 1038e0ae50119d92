/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of errors about values that a property does not accept, by each of
 * the ways in which a value can be written; and those about names that do not
 * exist.
 */
#include "tests/unit/qom/property-rows-fixture.h"
#include "tests/unit/test-util.h"
#include "qapi/json/json.h"
#include "util/module.h"

/* ---- Values ---- */

typedef bool (*Writer)(Object *obj, const char *property, const char *value,
                       Error **errp);

/* The C function of the property's kind: integers from text of digits. */
static bool set_native_int(Object *obj, const char *property,
                           const char *value, Error **errp)
{
    return object_property_set_int(obj, property,
                                   g_ascii_strtoll(value, NULL, 10), errp);
}

typedef struct ValueRow {
    const char *name;
    Writer write;
    const char *property;
    const char *value;
    const char *message;
    const char *hint; /* NULL: none */
} ValueRow;

#define COLOURS "Accepted values: red, green, blue.\n"
#define NOT_PINK "Parameter 'colour' does not accept value 'pink'"
#define NOT_GREN "Parameter 'colour' does not accept value 'gren'"
#define DEGREES "The unit is degrees.\n"
#define RANGE "Accepted values: -10 to 10, in degrees.\n"

static const ValueRow value_rows[] = {
    { "enum/text", object_property_parse, "colour", "pink", NOT_PINK,
      COLOURS },
    { "enum/json", set_json, "colour", "\"pink\"", NOT_PINK, COLOURS },
    { "enum/native", object_property_set_str, "colour", "pink", NOT_PINK,
      COLOURS },
    { "enum/similar-text", object_property_parse, "colour", "gren", NOT_GREN,
      "Did you mean 'green'?\n" COLOURS },
    { "enum/similar-json", set_json, "colour", "\"gren\"", NOT_GREN,
      "Did you mean 'green'?\n" COLOURS },
    { "enum/type", set_json, "colour", "1",
      "Invalid parameter type for 'colour', expected: string", COLOURS },
    { "range/text", object_property_parse, "ranged", "11", RANGE_RANGED,
      DEGREES },
    { "range/json", set_json, "ranged", "11", RANGE_RANGED, DEGREES },
    { "range/native", set_native_int, "ranged", "11", RANGE_RANGED, DEGREES },
    { "range/without-unit", object_property_parse, "u8", "256",
      "u8 value must be in range [0, 255]", NULL },
    { "type/text", object_property_parse, "ranged", "hot",
      "Parameter 'ranged' expects an int64 value", RANGE },
    { "type/json", set_json, "ranged", "\"5\"",
      "Invalid parameter type for 'ranged', expected: integer", RANGE },
    { "type/native", object_property_set_str, "ranged", "5",
      "Invalid parameter type for 'ranged', expected: integer", RANGE },
    { "type/uint64", object_property_parse, "uranged", "x",
      "Parameter 'uranged' expects a uint64 value",
      "Accepted values: 3 to 18446744073709551615.\n" },
    { "type/number", set_json, "nranged", "\"1\"",
      "Invalid parameter type for 'nranged', expected: number",
      "Accepted values: 0 to 1.5.\n" },
    { "type/without-range", set_json, "i64", "\"1\"",
      "Invalid parameter type for 'i64', expected: integer", NULL },
    { "accepted-type-not-writable", set_json, "fixed", "1",
      "Property 'rows.fixed' is not writable", NULL },
};

static void test_value(const void *data)
{
    const ValueRow *row = data;
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *before = get_json(obj, row->property);
    Error *err = NULL;

    g_assert_false(row->write(obj, row->property, row->value, &err));
    assert_error_hint(err, row->message, row->hint);
    assert_json(obj, row->property, before);
    /* Callers that do not read the error get none. */
    g_assert_false(row->write(obj, row->property, row->value, NULL));
}

/* An enumeration of many values is not listed as a whole. */
static void test_many_values(void)
{
    static const char *const names[] = {
        "a0", "a1", NULL, "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b0",
        "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9", "c0", "c1",
        "c2",
    };
    static const QEnumLookup lookup = { .array = names,
                                        .size = G_N_ELEMENTS(names) };
    Error *err = NULL;

    qapi_enum_refuse(&lookup, "x", "nothing", &err);
    assert_error_hint(err, "Parameter 'x' does not accept value 'nothing'",
                      "Accepted values: a0, a1, a3, a4, a5, a6, a7, a8, a9, "
                      "b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0 and 2 "
                      "more.\n");
}

/* ---- Names ---- */

static void test_property_name(void)
{
    g_autoptr(Object) obj = object_new("rows");
    Error *err = NULL;

    g_assert_null(object_property_find_err(obj, "colur", &err));
    assert_error_hint(err, "Property 'rows.colur' not found",
                      "Did you mean 'colour'?\n");
    g_assert_false(set_json(obj, "rangd", "1", &err));
    assert_error_hint(err, "Property 'rows.rangd' not found",
                      "Did you mean 'ranged'?\n");
    g_assert_null(object_class_property_find_err(object_get_class(obj),
                                                 "titel", &err));
    assert_error_hint(err, "Property 'rows.titel' not found",
                      "Did you mean 'title'?\n");
    g_assert_null(object_property_find_err(obj, "nothing-like-it", &err));
    assert_error_hint(err, "Property 'rows.nothing-like-it' not found",
                      NULL);
    g_assert_null(object_property_find_err(obj, "colur", NULL));
}

/* A property of the object itself, such as a child. */
static void test_instance_property_name(void)
{
    Object *objects = object_get_objects_root();
    g_autoptr(Object) child = object_new("rows");
    Error *err = NULL;

    object_property_add_child(objects, "disk0", child);
    g_assert_null(object_property_find_err(objects, "dsik0", &err));
    assert_error_hint(err, "Property 'container.dsik0' not found",
                      "Did you mean 'disk0'?\n");
    object_unparent(child);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    rows_register();
    for (size_t i = 0; i < G_N_ELEMENTS(value_rows); i++) {
        g_autofree char *path = g_strdup_printf("/qom/hints/value/%s",
                                                value_rows[i].name);

        g_test_add_data_func(path, &value_rows[i], test_value);
    }
    g_test_add_func("/qom/hints/value/many", test_many_values);
    g_test_add_func("/qom/hints/name/property", test_property_name);
    g_test_add_func("/qom/hints/name/instance-property",
                    test_instance_property_name);
    return test_run();
}
