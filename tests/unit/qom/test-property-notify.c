/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows whose change does not concern their class, PROPERTY_NO_NOTIFY, and
 * rows that their class brings up to date, PROPERTY_SET_NEVER.
 */
#include "tests/unit/test-util.h"
#include "qapi/qapi-type.h"
#include "qom/object.h"

typedef struct Quiet {
    Object parent_obj;
    int64_t loud;
    int64_t quiet;
    char *text;
    struct Quiet *link;

    /* what properties_changed() does */
    int n_changes;
    bool refuse;
    int64_t n_reads; /* of itself */
} Quiet;

DECLARE_INSTANCE_CHECKER(Quiet, QUIET, "quiet")

static const PropertyRow quiet_rows[] = {
    PROPERTY_INT("loud", Quiet, loud),
    PROPERTY_INT("quiet", Quiet, quiet, .flags = PROPERTY_NO_NOTIFY),
    PROPERTY_STR("text", Quiet, text, .flags = PROPERTY_NO_NOTIFY),
    PROPERTY_LINK("link", Quiet, link, Quiet, "quiet",
                  .flags = PROPERTY_NO_NOTIFY),
    PROPERTY_INT("n-reads", Quiet, n_reads, .set = PROPERTY_SET_NEVER),
    PROPERTY_END
};

static bool quiet_changed(Object *obj, Error **errp)
{
    QUIET(obj)->n_changes++;
    if (QUIET(obj)->refuse) {
        error_setg(errp, "refused");
        return false;
    }
    return true;
}

static void quiet_refresh(Object *obj, const PropertyRow *row)
{
    g_assert_cmpstr(row->name, ==, "n-reads");
    QUIET(obj)->n_reads++;
}

static void quiet_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = quiet_changed;
    klass->property_refresh = quiet_refresh;
    object_class_add_properties(klass, quiet_rows);
}

static const TypeInfo quiet_info = {
    .name = "quiet",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Quiet),
    .class_init = quiet_class_init,
};

static void test_write(void)
{
    g_autoptr(Object) obj = object_new("quiet");
    Quiet *quiet = QUIET(obj);

    quiet->refuse = true;
    g_assert_true(object_property_set_int(obj, "quiet", 3, &error_abort));
    g_assert_true(object_property_set_str(obj, "text", "x", &error_abort));
    g_assert_cmpint(quiet->n_changes, ==, 0);
    g_assert_cmpint(quiet->quiet, ==, 3);
    g_assert_cmpstr(quiet->text, ==, "x");
}

static void test_link(void)
{
    Object *target = object_new_with_props(
        "quiet", object_get_objects_root(), "target", &error_abort, NULL);
    g_autoptr(Object) obj = object_new("quiet");
    Quiet *quiet = QUIET(obj);

    g_assert_true(object_property_set_link(obj, "link", target,
                                           &error_abort));
    g_assert_true(quiet->link == QUIET(target));
    g_assert_true(object_property_set_link(obj, "link", NULL, &error_abort));
    g_assert_cmpint(quiet->n_changes, ==, 0);
    object_unparent(target);
}

static void test_others_call_hook(void)
{
    g_autoptr(Object) obj = object_new("quiet");

    g_assert_true(object_property_set_int(obj, "loud", 3, &error_abort));
    g_assert_cmpint(QUIET(obj)->n_changes, ==, 1);
}

static void test_change_set(void)
{
    g_autoptr(Object) obj = object_new("quiet");
    ObjectChange *change = object_change_begin(obj);

    QUIET(obj)->refuse = true;
    g_assert_true(object_property_set_int(obj, "quiet", 1, &error_abort));
    g_assert_true(object_property_set_int(obj, "loud", 1, &error_abort));
    g_assert_true(object_property_set_int(obj, "loud", 0, &error_abort));
    g_assert_true(object_change_end(change, true, &error_abort));
    g_assert_cmpint(QUIET(obj)->n_changes, ==, 0);
    g_assert_cmpint(QUIET(obj)->quiet, ==, 1);
}

static void test_change_set_refused(void)
{
    g_autoptr(Object) obj = object_new("quiet");
    ObjectChange *change = object_change_begin(obj);
    g_autoptr(Error) err = NULL;

    QUIET(obj)->refuse = true;
    g_assert_true(object_property_set_int(obj, "quiet", 1, &error_abort));
    g_assert_true(object_property_set_int(obj, "loud", 1, &error_abort));
    g_assert_false(object_change_end(change, true, &err));
    assert_error(err, "refused");
    g_assert_cmpint(QUIET(obj)->n_changes, ==, 1);
    g_assert_cmpint(QUIET(obj)->quiet, ==, 0);
    g_assert_cmpint(QUIET(obj)->loud, ==, 0);
}

static void test_refresh(void)
{
    g_autoptr(Object) obj = object_new("quiet");
    g_autofree char *text = NULL;

    g_assert_cmpint(object_property_get_int(obj, "n-reads", &error_abort),
                    ==, 1);
    object_property_get_int(obj, "loud", &error_abort);
    text = object_property_print(obj, "n-reads", false, &error_abort);
    g_assert_cmpstr(text, ==, "2");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static(&quiet_info);

    g_test_add_func("/qom/no-notify/write-calls-no-hook", test_write);
    g_test_add_func("/qom/no-notify/link-calls-no-hook", test_link);
    g_test_add_func("/qom/no-notify/others-call-hook", test_others_call_hook);
    g_test_add_func("/qom/no-notify/change-set-calls-no-hook",
                    test_change_set);
    g_test_add_func("/qom/no-notify/is-put-back-with-the-refused",
                    test_change_set_refused);
    g_test_add_func("/qom/refresh/before-each-read", test_refresh);
    return test_run();
}
