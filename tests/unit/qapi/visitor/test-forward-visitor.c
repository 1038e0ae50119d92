/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/visitor/dealloc-visitor.h"
#include "qapi/visitor/forward-visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/string-visitor.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

/* An object that is being read, and a visitor that calls 'outer' 'inner'. */
typedef struct Fixture {
    JsonNode *node;
    Visitor *outer;
    Visitor *v;
} Fixture;

static void setup(Fixture *f, const void *json)
{
    f->node = json_parse(json, -1, &error_abort);
    f->outer = json_input_visitor_new(f->node);
    visit_start_struct(f->outer, NULL, NULL, 0, &error_abort);
    f->v = forward_field_visitor_new(f->outer, "inner", "outer");
}

static void teardown(Fixture *f, const void *json)
{
    visit_free(f->v);
    visit_end_struct(f->outer, NULL);
    visit_free(f->outer);
    json_node_unref(f->node);
}

static void test_scalar(Fixture *f, const void *json)
{
    int64_t value;

    visit_type_int(f->v, "inner", &value, &error_abort);
    g_assert_cmpint(value, ==, 5);
    visit_check_struct(f->outer, &error_abort);
}

static void test_other_name(Fixture *f, const void *json)
{
    Error *err = NULL;
    int64_t value = 7;
    char *str = (char *)1;

    g_assert_false(visit_type_int(f->v, "outer", &value, &err));
    assert_error(err, "Parameter 'outer' is missing");
    g_assert_cmpint(value, ==, 7);
    g_assert_false(visit_type_str(f->v, "other", &str, &err));
    assert_error(err, "Parameter 'other' is missing");
    g_assert_null(str);
}

static void test_optional(Fixture *f, const void *json)
{
    bool present;

    g_assert_true(visit_optional(f->v, "inner", &present));
    g_assert_false(visit_optional(f->v, "outer", &present));
    g_assert_false(visit_optional(f->v, "other", &present));
}

static void test_error_names_outer(Fixture *f, const void *json)
{
    Error *err = NULL;
    uint8_t value;
    int color;

    g_assert_false(visit_type_uint8(f->v, "inner", &value, &err));
    assert_error(err, "Parameter 'outer' expects uint8_t");
    g_assert_false(visit_type_enum(f->v, "inner", &color, &Color_lookup,
                                   &err));
    assert_error(err,
                 "Invalid parameter type for 'outer', expected: string");
}

static void test_struct(Fixture *f, const void *json)
{
    Disk *disk;

    qapi_type_visit(f->v, "inner", &Disk_type, &disk, &error_abort);
    g_assert_cmpuint(disk->limits->iops->value, ==, 1);
    g_assert_cmpstr(disk->next->id, ==, "inner");
    qapi_type_free(&Disk_type, &disk);
}

static void test_struct_error(Fixture *f, const void *json)
{
    Error *err = NULL;
    Disk *disk;

    g_assert_false(qapi_type_visit(f->v, "inner", &Disk_type, &disk, &err));
    assert_error(err, "Parameter 'outer.limits.iops[0]' expects uint8_t");
    g_assert_null(disk);
}

static void test_start_other_name(Fixture *f, const void *json)
{
    Error *err = NULL;
    Disk *disk = (Disk *)1;
    strList *list = (strList *)1;
    Source *source = (Source *)1;

    g_assert_false(qapi_type_visit(f->v, "x", &Disk_type, &disk, &err));
    assert_error(err, "Parameter 'x' is missing");
    g_assert_false(qapi_type_visit(f->v, "x", &qapi_type_strList, &list,
                                   &err));
    assert_error(err, "Parameter 'x' is missing");
    g_assert_false(qapi_type_visit(f->v, "x", &Source_type, &source, &err));
    assert_error(err, "Parameter 'x' is missing");
    g_assert_null(disk);
    g_assert_null(list);
    g_assert_null(source);
}

static void test_list(Fixture *f, const void *json)
{
    strList *list;

    qapi_type_visit(f->v, "inner", &qapi_type_strList, &list, &error_abort);
    g_assert_cmpstr(list->value, ==, "a");
    g_assert_cmpstr(list->next->value, ==, "b");
    qapi_type_free(&qapi_type_strList, &list);
}

static void test_alternate(Fixture *f, const void *json)
{
    Source *source;

    qapi_type_visit(f->v, "inner", &Source_type, &source, &error_abort);
    g_assert_cmpint(source->type, ==, QTYPE_QDICT);
    g_assert_cmpstr(source->u.spec.id, ==, "a");
    qapi_type_free(&Source_type, &source);
}

static void test_alternate_of_text(void)
{
    g_autoptr(JsonNode) node = json_parse("{\"outer\": \"5\"}", -1,
                                          &error_abort);
    g_autoptr(Visitor) outer = json_input_visitor_new_keyval(node);
    g_autoptr(Visitor) v = forward_field_visitor_new(outer, "inner", "outer");
    Amount *amount;

    visit_start_struct(outer, NULL, NULL, 0, &error_abort);
    qapi_type_visit(v, "inner", &Amount_type, &amount, &error_abort);
    g_assert_cmpint(amount->type, ==, QTYPE_QNUM);
    g_assert_cmpint(amount->u.n, ==, 5);
    qapi_type_free(&Amount_type, &amount);
}

static void test_output(void)
{
    static const char disk_json[] = "{\"id\": \"a\", \"size\": 1}";
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) outer = json_output_visitor_new(&node);
    g_autoptr(Visitor) v = forward_field_visitor_new(outer, "inner", "outer");
    g_autoptr(GString) text = g_string_new(NULL);
    Disk *disk;

    g_assert_true(visit_is_output(v));
    test_from_json(&Disk_type, disk_json, &disk, &error_abort);
    visit_start_struct(outer, NULL, NULL, 0, &error_abort);
    qapi_type_visit(v, "inner", &Disk_type, &disk, &error_abort);
    visit_end_struct(outer, NULL);
    visit_complete(outer, &node);
    json_write(text, node, false);
    g_assert_cmpstr(text->str, ==,
                    "{\"outer\": {\"id\": \"a\", \"size\": 1}}");
    qapi_type_free(&Disk_type, &disk);
}

static void test_size_keeps_suffix(void)
{
    g_autoptr(Visitor) outer = string_input_visitor_new("1k");
    g_autoptr(Visitor) v = forward_field_visitor_new(outer, "inner", "outer");
    uint64_t size;

    visit_type_size(v, "inner", &size, &error_abort);
    g_assert_cmpuint(size, ==, 1024);
}

static void test_dealloc(void)
{
    g_autoptr(Visitor) outer = qapi_dealloc_visitor_new();
    g_autoptr(Visitor) v = visitor_forward_field(outer, "inner", "outer");
    char *str = g_strdup("x");

    g_assert_true(visit_is_dealloc(v));
    visit_type_str(v, "inner", &str, &error_abort);
    g_assert_null(str);
}

static void test_policy(void)
{
    const CompatPolicy policy = {
        .deprecated_input = COMPAT_POLICY_INPUT_REJECT,
    };
    g_autoptr(Visitor) outer = string_input_visitor_new("puce");
    g_autoptr(Visitor) v = NULL;
    Error *err = NULL;
    int color;

    visit_set_policy(outer, &policy);
    v = forward_field_visitor_new(outer, "inner", "outer");
    g_assert_false(visit_type_enum(v, "inner", &color, &Color_lookup, &err));
    assert_error(err, "Deprecated value 'puce' disabled by policy");
}

#define ADD(name, json, fn) \
    g_test_add("/qapi/forward-visitor/" name, Fixture, json, setup, fn, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("scalar", "{\"outer\": 5}", test_scalar);
    ADD("other-name", "{\"outer\": 5, \"other\": 6}", test_other_name);
    ADD("optional", "{\"outer\": 5, \"other\": 6}", test_optional);
    ADD("error-names-outer", "{\"outer\": 256}", test_error_names_outer);
    ADD("struct", "{\"outer\": {\"id\": \"a\", \"size\": 1, \"limits\":"
        " {\"iops\": [1]}, \"next\": {\"id\": \"inner\", \"size\": 1}}}",
        test_struct);
    ADD("struct-error", "{\"outer\": {\"id\": \"a\", \"size\": 1,"
        " \"limits\": {\"iops\": [256]}}}", test_struct_error);
    ADD("start-other-name", "{}", test_start_other_name);
    ADD("list", "{\"outer\": [\"a\", \"b\"]}", test_list);
    ADD("alternate", "{\"outer\": {\"id\": \"a\"}}", test_alternate);
    g_test_add_func("/qapi/forward-visitor/alternate-of-text",
                    test_alternate_of_text);
    g_test_add_func("/qapi/forward-visitor/output", test_output);
    g_test_add_func("/qapi/forward-visitor/size-keeps-suffix",
                    test_size_keeps_suffix);
    g_test_add_func("/qapi/forward-visitor/dealloc", test_dealloc);
    g_test_add_func("/qapi/forward-visitor/policy", test_policy);
    return test_run();
}
