/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

#include <math.h>

static void test_enum_parse(void)
{
    Error *err = NULL;

    g_assert_cmpint(qapi_enum_parse(&Color_lookup, "dark-blue", -1,
                                    &error_abort), ==, COLOR_DARK_BLUE);
    g_assert_cmpint(qapi_enum_parse(&Color_lookup, NULL, 7, &error_abort),
                    ==, 7);
    g_assert_cmpint(qapi_enum_parse(&Color_lookup, "Red", -1, &err), ==, -1);
    assert_error(err, "invalid parameter value: Red");
}

static void test_enum_lookup(void)
{
    g_assert_cmpstr(qapi_enum_lookup(&Color_lookup, COLOR_DARK_BLUE), ==,
                    "dark-blue");
    g_assert_cmpstr(qapi_enum_lookup(qapi_type_QType.lookup, QTYPE_QDICT),
                    ==, "qdict");
}

static void abort_enum_lookup(void)
{
    qapi_enum_lookup(qapi_type_QType.lookup, 4711);
}

static void test_enum_with_hole(void)
{
    static const char *const names[] = { "a", NULL, "c" };
    static const QEnumLookup lookup = { .array = names, .size = 3 };

    g_assert_cmpint(qapi_enum_parse(&lookup, "c", -1, NULL), ==, 2);
    g_assert_cmpint(qapi_enum_parse(&lookup, "b", -1, NULL), ==, -1);
}

static void test_builtins(void)
{
    static const struct {
        const QapiType *type;
        const QapiType *list;
        const char *name;
        const char *list_name;
        size_t size;
    } rows[] = {
        { &qapi_type_bool, &qapi_type_boolList, "bool", "boolList", 1 },
        { &qapi_type_int, &qapi_type_intList, "int", "intList", 8 },
        { &qapi_type_int8, &qapi_type_int8List, "int8", "int8List", 1 },
        { &qapi_type_uint16, &qapi_type_uint16List, "uint16", "uint16List",
          2 },
        { &qapi_type_uint32, &qapi_type_uint32List, "uint32", "uint32List",
          4 },
        { &qapi_type_size, &qapi_type_sizeList, "size", "sizeList", 8 },
        { &qapi_type_number, &qapi_type_numberList, "number", "numberList",
          8 },
        { &qapi_type_str, &qapi_type_strList, "str", "strList",
          sizeof(char *) },
        { &qapi_type_null, &qapi_type_nullList, "null", "nullList",
          sizeof(void *) },
        { &qapi_type_any, &qapi_type_anyList, "any", "anyList",
          sizeof(void *) },
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpstr(rows[i].type->name, ==, rows[i].name);
        g_assert_cmpstr(rows[i].list->name, ==, rows[i].list_name);
        g_assert_cmpuint(rows[i].type->size, ==, rows[i].size);
        g_assert_true(rows[i].list->element == rows[i].type);
    }
}

/* Values that differ from each other, each in one place. */
static const char *const disks[] = {
    "{\"id\": \"a\", \"size\": 1}",
    "{\"id\": \"b\", \"size\": 1}",
    "{\"id\": \"a\", \"size\": 2}",
    "{\"id\": \"a\", \"enabled\": true, \"size\": 1}",
    "{\"id\": \"a\", \"enabled\": false, \"size\": 1}",
    "{\"id\": \"a\", \"size\": 1, \"ratio\": 0.5}",
    "{\"id\": \"a\", \"size\": 1, \"limits\": {}}",
    "{\"id\": \"a\", \"size\": 1, \"limits\": {\"iops\": []}}",
    "{\"id\": \"a\", \"size\": 1, \"limits\": {\"iops\": [1]}}",
    "{\"id\": \"a\", \"size\": 1, \"limits\": {\"iops\": [1, 2]}}",
    "{\"id\": \"a\", \"size\": 1, \"limits\": {\"color\": \"red\"}}",
    "{\"id\": \"a\", \"size\": 1, \"tags\": [\"x\"]}",
    "{\"id\": \"a\", \"size\": 1, \"tags\": [\"y\"]}",
    "{\"id\": \"a\", \"size\": 1, \"extra\": {\"x\": [1]}}",
    "{\"id\": \"a\", \"size\": 1, \"extra\": {\"x\": [2]}}",
    "{\"id\": \"a\", \"size\": 1, \"nothing\": null}",
    "{\"id\": \"a\", \"size\": 1, \"next\": {\"id\": \"a\", \"size\": 1}}",
    "{\"id\": \"a\", \"size\": 1, \"parts\": [{\"id\": \"a\", \"size\": 1}]}",
};

static const char *const shapes[] = {
    "{\"kind\": \"red\"}",
    "{\"kind\": \"red\", \"burst\": 1}",
    "{\"label\": \"x\", \"kind\": \"red\", \"iops\": [1]}",
    "{\"kind\": \"dark-blue\", \"id\": \"x\"}",
    "{\"kind\": \"dark-blue\", \"id\": \"y\"}",
    "{\"kind\": \"puce\"}",
};

static const char *const sources[] = {
    "\"f\"", "\"g\"", "{\"id\": \"f\"}", "{\"id\": \"g\"}", "[]", "[1]",
    "[2]", "null",
};

static const char *const amounts[] = { "1", "2", "true", "\"red\"" };

static const struct Values {
    const char *name;
    const QapiType *type;
    const char *const *json;
    size_t n;
} values[] = {
    { "struct", &Disk_type, disks, G_N_ELEMENTS(disks) },
    { "union", &Shape_type, shapes, G_N_ELEMENTS(shapes) },
    { "alternate", &Source_type, sources, G_N_ELEMENTS(sources) },
    { "alternate-of-scalars", &Amount_type, amounts,
      G_N_ELEMENTS(amounts) },
};

static void test_equal(const void *data)
{
    const struct Values *row = data;
    size_t i;
    size_t j;

    for (i = 0; i < row->n; i++) {
        for (j = 0; j < row->n; j++) {
            void *a = NULL;
            void *b = NULL;

            test_from_json(row->type, row->json[i], &a, &error_abort);
            test_from_json(row->type, row->json[j], &b, &error_abort);
            g_assert_true(qapi_type_equal(row->type, &a, &b) == (i == j));
            qapi_type_free(row->type, &a);
            qapi_type_free(row->type, &b);
        }
    }
}

static void test_clone(const void *data)
{
    const struct Values *row = data;
    size_t i;

    for (i = 0; i < row->n; i++) {
        g_autofree char *text = NULL;
        void *value = NULL;
        void *copy;

        test_from_json(row->type, row->json[i], &value, &error_abort);
        qapi_type_clone(row->type, &copy, &value);
        g_assert_true(qapi_type_equal(row->type, &value, &copy));
        qapi_type_free(row->type, &value);
        g_assert_null(value);
        text = test_to_json(row->type, &copy);
        g_assert_cmpstr(text, ==, row->json[i]);
        qapi_type_free(row->type, &copy);
    }
}

static void test_clone_scalars(void)
{
    char *str = (char *)"x";
    double number = 0.5;
    double number_copy;
    uint8_t byte = 7;
    uint8_t byte_copy;
    char *str_copy;

    qapi_type_clone(&qapi_type_str, &str_copy, &str);
    qapi_type_clone(&qapi_type_number, &number_copy, &number);
    qapi_type_clone(&qapi_type_uint8, &byte_copy, &byte);
    g_assert_cmpstr(str_copy, ==, "x");
    g_assert_true(str_copy != str);
    g_assert_cmpfloat(number_copy, ==, 0.5);
    g_assert_cmpuint(byte_copy, ==, 7);
    g_free(str_copy);
}

/* What has_NAME calls absent is neither copied, compared nor freed. */
static void test_absent_is_ignored(void)
{
    strList junk = { .value = (char *)"junk" };
    Disk disk = { .id = (char *)"a", .tags = &junk, .ratio = 5 };
    Disk other = { .id = (char *)"a" };
    Disk *slot = &disk;
    Disk *other_slot = &other;
    Disk *copy;

    g_assert_true(qapi_type_equal(&Disk_type, &slot, &other_slot));
    qapi_type_clone(&Disk_type, &copy, &slot);
    g_assert_null(copy->tags);
    g_assert_cmpfloat(copy->ratio, ==, 0);
    qapi_type_free(&Disk_type, &copy);
}

static void test_clone_null(void)
{
    Disk *disk = NULL;
    Disk *copy = (Disk *)1;

    qapi_type_clone(&Disk_type, &copy, &disk);
    g_assert_null(copy);
    g_assert_true(qapi_type_equal(&Disk_type, &copy, &disk));
}

static void test_equal_numbers(void)
{
    double zero = 0.0;
    double minus_zero = -0.0;
    double nan = NAN;

    g_assert_true(qapi_type_equal(&qapi_type_number, &zero, &minus_zero));
    g_assert_false(qapi_type_equal(&qapi_type_number, &nan, &nan));
}

static void test_free_half_built(void)
{
    Shape *shape = g_new0(Shape, 1);
    Source *source = g_new0(Source, 1);
    DiskList *list = g_new0(DiskList, 1);

    qapi_type_free(&Shape_type, &shape);
    qapi_type_free(&Source_type, &source);
    qapi_type_free(&DiskList_type, &list);
    g_assert_null(shape);
    g_assert_null(source);
    g_assert_null(list);
}

static void test_free_long_list(void)
{
    intList *list = NULL;
    int i;

    for (i = 0; i < 1000000; i++) {
        intList *node = g_new0(intList, 1);

        node->next = list;
        list = node;
    }
    qapi_type_free(&qapi_type_intList, &list);
    g_assert_null(list);
}

static void test_free_without_type(void)
{
    void *value = NULL;

    qapi_type_free(NULL, &value);
}

int main(int argc, char **argv)
{
    size_t i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *equal = g_strconcat("/qapi/qapi-type/equal/",
                                             values[i].name, NULL);
        g_autofree char *clone = g_strconcat("/qapi/qapi-type/clone/",
                                             values[i].name, NULL);

        g_test_add_data_func(equal, &values[i], test_equal);
        g_test_add_data_func(clone, &values[i], test_clone);
    }
    g_test_add_func("/qapi/qapi-type/enum/parse", test_enum_parse);
    g_test_add_func("/qapi/qapi-type/enum/lookup", test_enum_lookup);
    g_test_add_func("/qapi/qapi-type/enum/hole", test_enum_with_hole);
    test_add_abort_func("/qapi/qapi-type/enum/aborts", abort_enum_lookup,
                        "*4711 is no value of the enumeration of 'none'*");
    g_test_add_func("/qapi/qapi-type/builtins", test_builtins);
    g_test_add_func("/qapi/qapi-type/clone/scalars", test_clone_scalars);
    g_test_add_func("/qapi/qapi-type/clone/null", test_clone_null);
    g_test_add_func("/qapi/qapi-type/absent-is-ignored",
                    test_absent_is_ignored);
    g_test_add_func("/qapi/qapi-type/equal/numbers", test_equal_numbers);
    g_test_add_func("/qapi/qapi-type/free/half-built", test_free_half_built);
    g_test_add_func("/qapi/qapi-type/free/long-list", test_free_long_list);
    g_test_add_func("/qapi/qapi-type/free/without-type",
                    test_free_without_type);
    return test_run();
}
