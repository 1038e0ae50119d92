/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CompatPolicy: deprecated and unstable input is rejected, output hidden. */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"

static bool visit_disk_with(const CompatPolicy *policy, const char *text,
                            Error **errp)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    Disk *disk = NULL;
    bool ok;

    visit_set_policy(v, policy);
    ok = qapi_type_visit(v, NULL, &Disk_type, &disk, errp);
    qapi_type_free(&Disk_type, &disk);
    return ok;
}

static void test_policy_rejects_deprecated(void)
{
    const CompatPolicy policy = {
        .deprecated_input = COMPAT_POLICY_INPUT_REJECT,
    };
    Error *err = NULL;

    g_assert_false(visit_disk_with(
        &policy, "{\"id\": \"a\", \"size\": 1, \"next\":"
        " {\"id\": \"a\", \"size\": 1, \"old\": 1}}", &err));
    assert_error(err,
                 "Deprecated parameter 'next.old' disabled by policy");
    g_assert_true(visit_disk_with(
        &policy, "{\"id\": \"a\", \"size\": 1, \"trial\": \"x\"}",
        &error_abort));
}

static void test_policy_rejects_unstable(void)
{
    const CompatPolicy policy = {
        .unstable_input = COMPAT_POLICY_INPUT_REJECT,
    };
    Error *err = NULL;

    g_assert_false(visit_disk_with(
        &policy, "{\"id\": \"a\", \"size\": 1, \"trial\": \"x\"}", &err));
    assert_error(err, "Unstable parameter 'trial' disabled by policy");
}

static void test_policy_rejects_enum_value(void)
{
    const CompatPolicy policy = {
        .deprecated_input = COMPAT_POLICY_INPUT_REJECT,
    };
    Error *err = NULL;

    g_assert_false(visit_disk_with(
        &policy, "{\"id\": \"a\", \"size\": 1, \"limits\":"
        " {\"color\": \"puce\"}}", &err));
    assert_error(err, "Deprecated value 'puce' disabled by policy");
}

static void test_policy_crashes(void)
{
    const CompatPolicy policy = {
        .deprecated_input = COMPAT_POLICY_INPUT_CRASH,
    };

    if (g_test_subprocess()) {
        visit_disk_with(&policy, "{\"id\": \"a\", \"size\": 1, \"old\": 1}",
                        NULL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static void test_policy_hides(void)
{
    const CompatPolicy policy = {
        .deprecated_output = COMPAT_POLICY_OUTPUT_HIDE,
        .unstable_output = COMPAT_POLICY_OUTPUT_HIDE,
    };
    Disk disk = {
        .id = (char *)"a", .has_old = true, .old = 1, .trial = (char *)"t",
    };
    Disk *slot = &disk;
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    g_autoptr(GString) text = g_string_new(NULL);

    visit_set_policy(v, &policy);
    qapi_type_visit(v, NULL, &Disk_type, &slot, &error_abort);
    visit_complete(v, &node);
    json_write(text, node, false);
    g_assert_cmpstr(text->str, ==, "{\"id\": \"a\", \"size\": 0}");
}

#define ADD(path, fn) g_test_add_func("/qapi/json-visitor/" path, fn)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("policy/rejects-deprecated", test_policy_rejects_deprecated);
    ADD("policy/rejects-unstable", test_policy_rejects_unstable);
    ADD("policy/rejects-enum-value", test_policy_rejects_enum_value);
    ADD("policy/crashes", test_policy_crashes);
    ADD("policy/hides", test_policy_hides);
    return test_run();
}
