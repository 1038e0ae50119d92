/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each write of a property is a transaction, and so is a set of changes.
 */
#include "tests/unit/qom/property-rows-fixture.h"
#include "tests/unit/test-util.h"

/* ---- One write is a transaction ---- */

static void test_hook_sees_new_value(void)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(object_property_set_int(obj, "i64", 3, &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
    g_assert_cmpint(ROWS(obj)->seen_i64, ==, 3);
}

static void test_refused_value_is_put_back(const void *data)
{
    const KindRow *row = data;
    g_autoptr(Object) obj = object_new("rows");
    g_autofree char *before = NULL;
    g_autoptr(Error) err = NULL;

    before = get_json(obj, row->name);
    ROWS(obj)->refuse = true;
    g_assert_false(set_json(obj, row->name, row->json, &err));
    assert_error(err, "refused");
    assert_json(obj, row->name, before);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
}

static void test_equal_value_calls_no_hook(const void *data)
{
    const KindRow *row = data;
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(set_json(obj, row->name, row->json, &error_abort));
    ROWS(obj)->refuse = true;
    g_assert_true(set_json(obj, row->name, row->json, &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
}

/* ---- Change sets ---- */

static void test_change_set_calls_hook_once(void)
{
    g_autoptr(Object) obj = object_new("rows");
    ObjectChange *change = object_change_begin(obj);

    g_assert_true(object_property_set_int(obj, "i64", 3, &error_abort));
    g_assert_true(object_property_parse(obj, "text", "x", &error_abort));
    g_assert_true(set_json(obj, "ints", "[1]", &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
    assert_json(obj, "i64", "3");
    g_assert_true(object_change_end(change, true, &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
    assert_json(obj, "text", "\"x\"");
    assert_json(obj, "ints", "[1]");
}

static void change_everything(Object *obj)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kind_rows); i++) {
        g_assert_true(set_json(obj, kind_rows[i].name, kind_rows[i].json,
                               &error_abort));
    }
}

static char *dump(Object *obj)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(kind_rows); i++) {
        g_autofree char *json = get_json(obj, kind_rows[i].name);

        g_string_append_printf(text, "%s=%s\n", kind_rows[i].name, json);
    }
    return g_string_free(text, FALSE);
}

static Object *new_filled(void)
{
    Object *obj = object_new("rows");

    ROWS(obj)->text = g_strdup("old");
    return obj;
}

static void test_change_set_dropped(void)
{
    g_autoptr(Object) obj = new_filled();
    g_autofree char *before = dump(obj);
    g_autofree char *after = NULL;
    ObjectChange *change = object_change_begin(obj);

    change_everything(obj);
    g_assert_false(object_change_end(change, false, &error_abort));
    after = dump(obj);
    g_assert_cmpstr(after, ==, before);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

static void test_change_set_refused(void)
{
    g_autoptr(Object) obj = new_filled();
    g_autofree char *before = dump(obj);
    g_autofree char *after = NULL;
    g_autoptr(Error) err = NULL;
    ObjectChange *change = object_change_begin(obj);

    change_everything(obj);
    ROWS(obj)->refuse = true;
    g_assert_false(object_change_end(change, true, &err));
    assert_error(err, "refused");
    after = dump(obj);
    g_assert_cmpstr(after, ==, before);
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 1);
}

/* The oldest value is the one to put back. */
static void test_change_set_same_twice(void)
{
    g_autoptr(Object) obj = new_filled();
    ObjectChange *change = object_change_begin(obj);

    g_assert_true(object_property_set_str(obj, "text", "a", &error_abort));
    g_assert_true(object_property_set_str(obj, "text", "b", &error_abort));
    g_assert_true(object_property_set_int(obj, "i64", 1, &error_abort));
    g_assert_true(object_property_set_int(obj, "i64", 2, &error_abort));
    object_change_end(change, false, NULL);
    assert_json(obj, "text", "\"old\"");
    assert_json(obj, "i64", "0");
}

static void test_change_set_undone_calls_no_hook(void)
{
    g_autoptr(Object) obj = new_filled();
    ObjectChange *change = object_change_begin(obj);

    g_assert_true(object_property_set_int(obj, "i64", 1, &error_abort));
    g_assert_true(object_property_set_str(obj, "text", "a", &error_abort));
    g_assert_true(object_property_set_int(obj, "i64", 0, &error_abort));
    g_assert_true(object_property_set_str(obj, "text", "old", &error_abort));
    g_assert_true(object_change_end(change, true, &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

static void test_change_set_empty(void)
{
    g_autoptr(Object) obj = object_new("rows");

    g_assert_true(object_change_end(object_change_begin(obj), true,
                                    &error_abort));
    g_assert_cmpint(ROWS(obj)->n_changes, ==, 0);
}

static void test_change_set_range_is_checked_at_once(void)
{
    g_autoptr(Object) obj = object_new("rows");
    ObjectChange *change = object_change_begin(obj);
    g_autoptr(Error) err = NULL;

    g_assert_true(object_property_set_int(obj, "i64", 1, &error_abort));
    g_assert_false(object_property_set_int(obj, "ranged", 11, &err));
    assert_error(err, RANGE_RANGED);
    g_assert_true(object_change_end(change, true, &error_abort));
    assert_json(obj, "i64", "1");
    assert_json(obj, "ranged", "5");
}

static void test_change_sets_of_two_objects(void)
{
    g_autoptr(Object) one = object_new("rows");
    g_autoptr(Object) two = object_new("rows");
    ObjectChange *outer = object_change_begin(one);
    ObjectChange *inner = object_change_begin(two);

    g_assert_true(object_property_set_int(one, "i64", 1, &error_abort));
    g_assert_true(object_property_set_int(two, "i64", 2, &error_abort));
    g_assert_true(object_change_end(inner, true, &error_abort));
    g_assert_false(object_change_end(outer, false, &error_abort));
    assert_json(one, "i64", "0");
    assert_json(two, "i64", "2");
}

/* The inner change is done, but what it did is the outer one's to undo. */
static void test_change_within_change(void)
{
    g_autoptr(Object) obj = object_new("rows");
    ObjectChange *outer = object_change_begin(obj);
    ObjectChange *inner;

    g_assert_true(object_property_set_str(obj, "text", "a", &error_abort));
    inner = object_change_begin(obj);
    g_assert_true(object_property_set_str(obj, "text", "b", &error_abort));
    g_assert_true(object_property_set_int(obj, "i64", 1, &error_abort));
    g_assert_true(object_change_end(inner, true, &error_abort));
    assert_json(obj, "i64", "1");
    g_assert_false(object_change_end(outer, false, &error_abort));
    assert_json(obj, "i64", "0");
    assert_json(obj, "text", "\"\"");
}

static void test_refused_change_within_change(void)
{
    g_autoptr(Object) obj = object_new("rows");
    ObjectChange *outer = object_change_begin(obj);
    ObjectChange *inner;

    g_assert_true(object_property_set_str(obj, "text", "a", &error_abort));
    inner = object_change_begin(obj);
    g_assert_true(object_property_set_str(obj, "text", "b", &error_abort));
    g_assert_false(object_change_end(inner, false, &error_abort));
    assert_json(obj, "text", "\"a\"");
    g_assert_true(object_change_end(outer, true, &error_abort));
    assert_json(obj, "text", "\"a\"");
}

static void abort_change_ends_before_inner(void)
{
    Object *obj = object_new("rows");
    ObjectChange *outer = object_change_begin(obj);

    object_change_begin(obj);
    object_change_end(outer, true, NULL);
}

/* ---- Set-up ---- */

static void add_transaction_tests(void)
{
    g_test_add_func("/qom/rows/hook/sees-new-value",
                    test_hook_sees_new_value);
    ADD_ROWS("hook/refusal-puts-back", kind_rows,
             test_refused_value_is_put_back);
    ADD_ROWS("hook/equal-value-calls-no-hook", kind_rows,
             test_equal_value_calls_no_hook);
    g_test_add_func("/qom/rows/change/calls-hook-once",
                    test_change_set_calls_hook_once);
    g_test_add_func("/qom/rows/change/dropped", test_change_set_dropped);
    g_test_add_func("/qom/rows/change/refused", test_change_set_refused);
    g_test_add_func("/qom/rows/change/same-twice",
                    test_change_set_same_twice);
    g_test_add_func("/qom/rows/change/undone-calls-no-hook",
                    test_change_set_undone_calls_no_hook);
    g_test_add_func("/qom/rows/change/empty", test_change_set_empty);
    g_test_add_func("/qom/rows/change/range-is-checked-at-once",
                    test_change_set_range_is_checked_at_once);
    g_test_add_func("/qom/rows/change/of-two-objects",
                    test_change_sets_of_two_objects);
    g_test_add_func("/qom/rows/change/within-change",
                    test_change_within_change);
    g_test_add_func("/qom/rows/change/refused-within-change",
                    test_refused_change_within_change);
    test_add_abort_func("/qom/rows/aborts/change-ends-before-inner",
                        abort_change_ends_before_inner,
                        "*object_change_end(): a change of an object of type "
                        "'rows' that began later is open*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    rows_register();

    add_transaction_tests();
    return test_run();
}
