/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

#include <math.h>

static void test_output_null_string(void)
{
    g_autofree char *text = NULL;
    char *str = NULL;

    text = test_to_json(&qapi_type_str, &str);
    g_assert_cmpstr(text, ==, "\"\"");
}

static void test_output_not_finite(void)
{
    Disk disk = { .id = (char *)"a", .has_ratio = true, .ratio = NAN };
    Disk *slot = &disk;
    DiskList list = { .value = slot };
    DiskList *list_slot = &list;
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    Error *err = NULL;

    g_assert_false(qapi_type_visit(v, NULL, &DiskList_type, &list_slot,
                                   &err));
    assert_error(err, "Parameter '[0].ratio' is not a finite number");
}

/* What is written owns nothing of what was visited. */
static void test_output_any_is_copied(void)
{
    g_autoptr(JsonNode) value = json_parse("{\"a\": []}", -1, &error_abort);
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    visit_type_any(v, NULL, &value, &error_abort);
    visit_complete(v, &node);
    json_object_remove_member(json_node_get_object(value), "a");
    g_assert_true(json_object_has_member(json_node_get_object(node), "a"));
}

static void test_output_unfinished(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    int64_t value = 1;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_type_int(v, "a", &value, &error_abort);
    g_clear_pointer(&v, visit_free);
    g_assert_null(node);
}

static void test_output_two_roots(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = NULL;
    int64_t value = 1;

    if (g_test_subprocess()) {
        v = json_output_visitor_new(&node);
        visit_type_int(v, NULL, &value, NULL);
        visit_type_int(v, NULL, &value, NULL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static void test_output_bad_enum(void)
{
    if (g_test_subprocess()) {
        Color color = COLOR__MAX;

        g_free(test_to_json(&Color_type, &color));
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

#define ADD(path, fn) g_test_add_func("/qapi/json-visitor/" path, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("output/null-string", test_output_null_string);
    ADD("output/not-finite", test_output_not_finite);
    ADD("output/any-is-copied", test_output_any_is_copied);
    ADD("output/unfinished", test_output_unfinished);
    ADD("output/two-roots-abort", test_output_two_roots);
    ADD("output/bad-enum-aborts", test_output_bad_enum);
    return test_run();
}
