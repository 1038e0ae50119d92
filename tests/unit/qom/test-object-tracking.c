/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that are alive are reported with what holds them. */
#include "qom/object-tracking.h"
#include "qom/object.h"
#include "tests/unit/test-util.h"

typedef struct Pump {
    Object parent_obj;
    struct Pump *next;
} Pump;

static const PropertyRow pump_rows[] = {
    PROPERTY_LINK("next", Pump, next, Pump, "pump"),
    PROPERTY_END
};

static void pump_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, pump_rows);
}

static const TypeInfo pump_info = {
    .name = "pump",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Pump),
    .class_init = pump_class_init,
};

static void assert_report(uint64_t since, const char *expected)
{
    g_autofree char *report = object_tracking_report(since);

    g_assert_cmpstr(report, ==, expected);
}

static Object *new_child(const char *name)
{
    return object_new_with_props("pump", object_get_objects_root(), name,
                                 &error_abort, NULL);
}

static void test_holders(void)
{
    uint64_t since = object_tracking_start();
    Object *a = new_child("a");
    Object *b = new_child("b");

    object_property_set_link(b, "next", a, &error_abort);
    object_ref(b);
    assert_report(since,
                  "/objects/a (pump): 2 references: its parent, "
                  "/objects/b.next\n"
                  "/objects/b (pump): 2 references: its parent, unknown\n");
    object_unparent(b);
    object_unref(b);
    assert_report(since, "/objects/a (pump): 1 reference: its parent\n");
    object_unparent(a);
    assert_report(since, NULL);
}

static void test_outside_of_the_tree(void)
{
    uint64_t since = object_tracking_start();
    Object *obj = object_new("pump");
    g_autofree char *expected = g_strdup_printf(
        "%p (pump): 1 reference: unknown\n", (void *)obj);

    assert_report(since, expected);
    object_unref(obj);
    assert_report(since, NULL);
}

static void test_since(void)
{
    Object *a = new_child("a");
    uint64_t since = object_tracking_start();
    Object *b = new_child("b");

    assert_report(since, "/objects/b (pump): 1 reference: its parent\n");
    object_unparent(a);
    object_unparent(b);
}

static void test_in_place(void)
{
    uint64_t since = object_tracking_start();
    g_autofree char *report = NULL;
    Pump pump;

    object_initialize(&pump, sizeof(pump), "pump");
    report = object_tracking_report(since);
    g_assert_nonnull(strstr(report, "(pump)"));
    object_unref(&pump);
    assert_report(since, NULL);
}

static void *churn(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        object_unref(object_new("pump"));
    }
    return arg;
}

static void test_threads(void)
{
    uint64_t since = object_tracking_start();
    GThread *a = g_thread_new("a", churn, NULL);
    GThread *b = g_thread_new("b", churn, NULL);

    g_thread_join(a);
    g_thread_join(b);
    assert_report(since, NULL);
    g_assert_cmpuint(object_tracking_start(), ==, since + 2000);
}

/* What every unit test does at its end */
static void test_leak_fails_the_test(void)
{
    if (g_test_subprocess()) {
        object_new("pump");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static(&pump_info);

    g_test_add_func("/qom/tracking/holders", test_holders);
    g_test_add_func("/qom/tracking/outside-of-the-tree",
                    test_outside_of_the_tree);
    g_test_add_func("/qom/tracking/since", test_since);
    g_test_add_func("/qom/tracking/in-place", test_in_place);
    g_test_add_func("/qom/tracking/threads", test_threads);
    g_test_add_func("/qom/tracking/leak-fails-the-test",
                    test_leak_fails_the_test);
    return test_run();
}
