/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * properties_changed() learns which properties have changed: by a single
 * write, by a link, by a change set, and by a write of the hook itself.
 */
#include "qom/object.h"
#include "tests/unit/test-util.h"

typedef struct Probe {
    Object parent_obj;
    int64_t a;
    char *b;
    struct Probe *peer;
    int64_t from_hook;
    bool set_from_hook;
} Probe;

DECLARE_INSTANCE_CHECKER(Probe, PROBE, "probe")

static const PropertyRow probe_rows[] = {
    PROPERTY_INT("a", Probe, a),
    PROPERTY_STR("b", Probe, b),
    PROPERTY_LINK("peer", Probe, peer, Probe, "probe"),
    PROPERTY_INT("from-hook", Probe, from_hook),
    PROPERTY_END
};

static bool probe_changed(Object *obj, Error **errp)
{
    test_note("[");
    for (const PropertyRow *row = probe_rows; row->name; row++) {
        if (object_change_includes(obj, row->name)) {
            test_note("%s", row->name);
        }
    }
    if (PROBE(obj)->set_from_hook) {
        PROBE(obj)->set_from_hook = false;
        object_property_set_int(obj, "from-hook", 1, &error_abort);
        g_assert_true(object_change_includes(obj, "a"));
        g_assert_false(object_change_includes(obj, "from-hook"));
    }
    test_note("]");
    return true;
}

static void probe_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = probe_changed;
    object_class_add_properties(klass, probe_rows);
}

static const TypeInfo infos[] = {
    {
        .name = "probe",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Probe),
        .class_init = probe_class_init,
    },
    { .name = "probe-kid", .parent = "probe" },
};

static void test_write(void)
{
    g_autoptr(Object) obj = object_new("probe-kid");

    test_trace_begin();
    object_property_set_int(obj, "a", 1, &error_abort);
    object_property_set_str(obj, "b", "x", &error_abort);
    test_trace_end("[ a ] [ b ]");
}

static void test_link(void)
{
    Object *peer = object_new_with_props("probe", object_get_objects_root(),
                                         "peer", &error_abort, NULL);
    g_autoptr(Object) obj = object_new("probe");

    test_trace_begin();
    object_property_set_link(obj, "peer", peer, &error_abort);
    object_property_set_link(obj, "peer", NULL, &error_abort);
    test_trace_end("[ peer ] [ peer ]");
    object_unparent(peer);
}

/* A property that gets its old value again is not included. */
static void test_change_set(void)
{
    Object *peer = object_new_with_props("probe", object_get_objects_root(),
                                         "peer", &error_abort, NULL);
    g_autoptr(Object) obj = object_new("probe");
    ObjectChange *change = object_change_begin(obj);

    object_property_set_str(obj, "b", "x", &error_abort);
    object_property_set_int(obj, "a", 1, &error_abort);
    object_property_set_int(obj, "a", 0, &error_abort);
    object_property_set_link(obj, "peer", peer, &error_abort);
    test_trace_begin();
    g_assert_true(object_change_end(change, true, &error_abort));
    test_trace_end("[ b peer ]");
    object_property_set_link(obj, "peer", NULL, &error_abort);
    object_unparent(peer);
}

static void test_within_hook(void)
{
    g_autoptr(Object) obj = object_new("probe");

    PROBE(obj)->set_from_hook = true;
    test_trace_begin();
    object_property_set_int(obj, "a", 1, &error_abort);
    test_trace_end("[ a [ from-hook ] ]");
}

static void abort_outside(void)
{
    object_change_includes(object_new("probe"), "a");
}

static bool ask_for_none(Object *obj, Error **errp)
{
    return object_change_includes(obj, "none");
}

static void abort_unknown_name(void)
{
    object_class_by_name("probe")->properties_changed = ask_for_none;
    object_property_set_int(object_new("probe"), "a", 1, &error_abort);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    g_test_add_func("/qom/change-includes/write", test_write);
    g_test_add_func("/qom/change-includes/link", test_link);
    g_test_add_func("/qom/change-includes/change-set", test_change_set);
    g_test_add_func("/qom/change-includes/within-hook", test_within_hook);
    test_add_abort_func("/qom/change-includes/aborts/outside", abort_outside,
                        "*no change of an object of type 'probe' is being "
                        "decided; call it in properties_changed()*");
    test_add_abort_func("/qom/change-includes/aborts/unknown-name",
                        abort_unknown_name,
                        "*class 'probe' has no property 'none'*");
    return test_run();
}
