/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How objects are made.  Their life and death: test-object-life.c. */
#include "tests/unit/test-util.h"
#include "qom/object.h"
#include "qom/user-creatable.h"

#include <string.h>

/* ---- Types ---- */

typedef struct Base {
    Object parent_obj;
    int64_t number;
    char *text;
    int64_t seen_number; /* what instance_init found */
    bool fail_complete;
} Base;

DECLARE_INSTANCE_CHECKER(Base, BASE, "base")

static const PropertyRow base_rows[] = {
    PROPERTY_INT("number", Base, number, .def = 7, .min = 0, .max = 100),
    PROPERTY_STR("text", Base, text, .def = "seven"),
    PROPERTY_BOOL("fail-complete", Base, fail_complete),
    PROPERTY_END
};

static bool base_changed(Object *obj, Error **errp)
{
    test_note("changed");
    if (BASE(obj)->number == 66) {
        error_setg(errp, "66 is refused");
        return false;
    }
    return true;
}

static void base_unparent(Object *obj)
{
    test_note(object_get_parent(obj) ? "unparent" : "unparent-too-late");
}

static void base_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = base_changed;
    klass->unparent = base_unparent;
    object_class_add_properties(klass, base_rows);
}

static void base_init(Object *obj)
{
    test_note("base.init");
    BASE(obj)->seen_number = BASE(obj)->number;
}

static void base_post_init(Object *obj)
{
    test_note("base.post-init");
}

static void base_finalize(Object *obj)
{
    g_assert_null(object_get_parent(obj));
    g_assert_cmpstr(BASE(obj)->text, !=, "freed");
    test_note("base.finalize");
}

static void derived_init(Object *obj)
{
    test_note("derived.init");
}

static void derived_post_init(Object *obj)
{
    test_note("derived.post-init");
}

static void old_post_init(Object *obj)
{
    test_note("old.post-init");
}

static void older_post_init(Object *obj)
{
    test_note("older.post-init");
}

static void derived_finalize(Object *obj)
{
    test_note("derived.finalize");
}

static void creatable_complete(UserCreatable *uc, Error **errp)
{
    test_note(object_get_parent(OBJECT(uc)) ? "complete" : "complete-orphan");
    if (BASE(uc)->fail_complete) {
        error_setg(errp, "complete fails");
    }
}

static void creatable_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = creatable_complete;
}

typedef struct Aligned {
    Object parent_obj;
    char line[128] __attribute__((aligned(64)));
} Aligned;

static int64_t with_setter_value;

static void with_setter_get(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    visit_type_int(v, name, &with_setter_value, errp);
}

static void with_setter_set(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    test_note("setter");
    visit_type_int(v, name, &with_setter_value, errp);
}

static void with_setter_class_init(ObjectClass *klass, const void *data)
{
    ObjectProperty *prop = object_class_property_add(
        klass, "value", "int", with_setter_get, with_setter_set, NULL, NULL);

    object_property_set_default_int(prop, 12);
}

static void with_setter_init(Object *obj)
{
    test_note("init");
    g_assert_cmpint(with_setter_value, ==, 12);
}

static const TypeInfo infos[] = {
    {
        .name = "base",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Base),
        .instance_init = base_init,
        .instance_post_init = base_post_init,
        .instance_finalize = base_finalize,
        .class_init = base_class_init,
    },
    {
        .name = "derived",
        .parent = "base",
        .instance_init = derived_init,
        .instance_post_init = derived_post_init,
        .instance_finalize = derived_finalize,
    },
    {
        .name = "old",
        .parent = "base",
        .instance_post_init = old_post_init,
        .post_init_before_parent = true,
    },
    { .name = "without-hook", .parent = "old" },
    {
        .name = "older",
        .parent = "without-hook",
        .instance_post_init = older_post_init,
        .post_init_before_parent = true,
    },
    {
        .name = "derived-from-old",
        .parent = "older",
        .instance_post_init = derived_post_init,
    },
    { .name = "abstract-base", .parent = "base", .abstract = true },
    {
        .name = "creatable",
        .parent = "base",
        .class_init = creatable_class_init,
        .interfaces = (const InterfaceInfo[]){ { TYPE_USER_CREATABLE },
                                               { NULL } },
    },
    {
        .name = "aligned",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Aligned),
        .instance_align = __alignof__(Aligned),
    },
    { .name = "aligned-child", .parent = "aligned" },
    {
        .name = "with-setter",
        .parent = TYPE_OBJECT,
        .instance_init = with_setter_init,
        .class_init = with_setter_class_init,
    },
};

static Object *new_container(const char *name)
{
    return object_property_add_new_container(object_get_root(), name);
}

/* ---- Birth ---- */

static void test_init_order(void)
{
    Object *obj;

    test_trace_begin();
    obj = object_new("derived");
    test_trace_end("base.init derived.init base.post-init derived.post-init");
    object_unref(obj);
}

/* Types that want it are before their parents, among themselves alone. */
static void test_post_init_before_parent(void)
{
    Object *obj;

    test_trace_begin();
    obj = object_new("derived-from-old");
    test_trace_end("base.init base.post-init older.post-init old.post-init "
                   "derived.post-init");
    object_unref(obj);
}

static void test_defaults_before_init(void)
{
    g_autoptr(Object) obj = object_new("derived");

    g_assert_cmpint(BASE(obj)->seen_number, ==, 7);
    g_assert_cmpstr(BASE(obj)->text, ==, "seven");
}

static void test_defaults_through_setter_before_init(void)
{
    Object *obj;

    with_setter_value = 0;
    test_trace_begin();
    obj = object_new("with-setter");
    test_trace_end("setter init");
    object_unref(obj);
}

static void test_memory_is_zeroed(void)
{
    g_autoptr(Object) obj = object_new("aligned");
    static const char zero[sizeof(((Aligned *)0)->line)];

    g_assert_cmpmem(((Aligned *)obj)->line, sizeof(zero), zero, sizeof(zero));
}

static void test_default_text_is_per_object(void)
{
    g_autoptr(Object) one = object_new("base");
    g_autoptr(Object) two = object_new("base");

    g_assert_true(BASE(one)->text != BASE(two)->text);
}

static void test_new_with_class(void)
{
    g_autoptr(Object) obj = object_new_with_class(
        object_class_by_name("derived"));

    g_assert_cmpstr(object_get_typename(obj), ==, "derived");
}

static void test_try_new(void)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(Object) obj = object_try_new("derived", &err);

    g_assert_nonnull(obj);
    g_assert_null(err);
}

static void test_try_new_unknown(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(object_try_new("no-such-type", &err));
    assert_error(err, "invalid object type: no-such-type");
}

static void test_try_new_abstract(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(object_try_new("abstract-base", &err));
    assert_error(err, "object type 'abstract-base' is abstract");
}

static void abort_new_unknown(void)
{
    object_new("no-such-type");
}

static void abort_new_abstract(void)
{
    object_new("abstract-base");
}

static void abort_new_interface(void)
{
    object_new(TYPE_USER_CREATABLE);
}

static void test_type_property(void)
{
    g_autoptr(Object) obj = object_new("derived");
    g_autofree char *type = object_property_get_str(obj, "type",
                                                    &error_abort);

    g_assert_cmpstr(type, ==, "derived");
}

/* ---- Alignment ---- */

static void test_alignment(void)
{
    Object *objs[16];

    for (size_t i = 0; i < G_N_ELEMENTS(objs); i++) {
        objs[i] = object_new("aligned");
        g_assert_cmpuint((uintptr_t)objs[i] % 64, ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(objs); i++) {
        object_unref(objs[i]);
    }
}

static void test_alignment_is_inherited(void)
{
    g_autoptr(Object) obj = object_new("aligned-child");

    g_assert_cmpuint((uintptr_t)obj % 64, ==, 0);
}

/* ---- Memory of the caller's ---- */

static void test_initialize_in_place(void)
{
    Base memory;

    memset(&memory, 0xa5, sizeof(memory));
    object_initialize(&memory, sizeof(memory), "derived");
    g_assert_cmpint(memory.number, ==, 7);
    g_assert_false(memory.fail_complete);
    test_trace_begin();
    object_unref(&memory);
    test_trace_end("derived.finalize base.finalize");
}

static void abort_initialize_small(void)
{
    char memory[sizeof(Object)];

    object_initialize(memory, sizeof(memory), "derived");
}

static void test_initialize_child(void)
{
    Object *parent = new_container("in-place");
    Base memory;

    object_initialize_child(parent, "kid", &memory, "derived");
    g_assert_true(object_get_parent(OBJECT(&memory)) == parent);
    g_assert_cmpuint(OBJECT(&memory)->ref, ==, 1);
    test_trace_begin();
    object_unparent(parent);
    test_trace_end("unparent derived.finalize base.finalize");
}

static void test_initialize_child_with_props(void)
{
    Object *parent = new_container("in-place");
    Base memory;

    g_assert_true(object_initialize_child_with_props(
        parent, "kid", &memory, sizeof(memory), "base", &error_abort,
        "number", "8", "text", "eight", NULL));
    g_assert_cmpint(memory.number, ==, 8);
    g_assert_cmpstr(memory.text, ==, "eight");
    object_unparent(parent);
}

static void test_initialize_child_fails(void)
{
    Object *parent = new_container("in-place");
    g_autoptr(Error) err = NULL;
    Base memory;

    test_trace_begin();
    g_assert_false(object_initialize_child_with_props(
        parent, "kid", &memory, sizeof(memory), "base", &err,
        "number", "101", NULL));
    assert_error(err, "number value must be in range [0, 100]");
    test_trace_end("base.init base.post-init base.finalize");
    g_assert_null(object_resolve_path_component(parent, "kid"));
    object_unparent(parent);
}

static void test_initialize_child_duplicate(void)
{
    Object *parent = new_container("in-place");
    g_autoptr(Error) err = NULL;
    Base first;
    Base second;

    object_initialize_child(parent, "kid", &first, "base");
    g_assert_false(object_initialize_child_with_props(
        parent, "kid", &second, sizeof(second), "base", &err, NULL));
    assert_error(err, "attempt to add duplicate property 'kid' to object "
                      "(type 'container')");
    g_assert_true(object_resolve_path_component(parent, "kid") ==
                  OBJECT(&first));
    object_unparent(parent);
}

/* ---- Properties at birth ---- */

static void test_new_with_props(void)
{
    Object *parent = new_container("props");
    Object *obj = object_new_with_props("base", parent, "kid", &error_abort,
                                        "number", "8", "text", "eight", NULL);

    g_assert_cmpint(BASE(obj)->number, ==, 8);
    g_assert_cmpstr(BASE(obj)->text, ==, "eight");
    g_assert_cmpuint(obj->ref, ==, 1);
    g_assert_true(object_get_parent(obj) == parent);
    object_unparent(parent);
}

static void test_new_with_props_orphan(void)
{
    g_autoptr(Object) obj = object_new_with_props("base", NULL, NULL,
                                                  &error_abort, NULL);

    g_assert_cmpuint(obj->ref, ==, 1);
    g_assert_null(object_get_parent(obj));
}

static void test_new_with_props_one_change(void)
{
    Object *obj;

    test_trace_begin();
    obj = object_new_with_props("base", NULL, NULL, &error_abort,
                                "number", "66", "text", "a", "number", "67",
                                NULL);
    test_trace_end("base.init base.post-init changed");
    object_unref(obj);
}

typedef struct BirthRow {
    const char *name;
    const char *type;
    const char *property;
    const char *value;
    const char *message;
} BirthRow;

static const BirthRow birth_rows[] = {
    { "unknown-type", "no-such-type", "number", "1",
      "invalid object type: no-such-type" },
    { "abstract-type", "abstract-base", "number", "1",
      "object type 'abstract-base' is abstract" },
    { "unknown-property", "base", "colour", "1",
      "Property 'base.colour' not found" },
    { "read-only-property", "base", "type", "x",
      "Property 'base.type' is not writable" },
    { "bad-value", "base", "number", "many",
      "Parameter 'number' expects an int64 value" },
    { "out-of-range", "base", "number", "-1",
      "number value must be in range [0, 100]" },
    { "refused-by-hook", "base", "number", "66", "66 is refused" },
    { "failing-complete", "creatable", "fail-complete", "on",
      "complete fails" },
};

static void test_new_with_props_fails(const void *data)
{
    const BirthRow *row = data;
    Object *parent = new_container("props");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_new_with_props(row->type, parent, "kid", &err,
                                        "text", "a", row->property,
                                        row->value, NULL));
    assert_error(err, row->message);
    g_assert_null(object_resolve_path_component(parent, "kid"));
    g_assert_nonnull(object_new_with_props("base", parent, "kid",
                                           &error_abort, NULL));
    object_unparent(parent);
}

static void test_new_with_props_frees_on_failure(void)
{
    test_trace_begin();
    g_assert_null(object_new_with_props("derived", NULL, NULL, NULL,
                                        "number", "-1", NULL));
    test_trace_end("base.init derived.init base.post-init derived.post-init "
              "derived.finalize base.finalize");
}

static void test_new_with_props_completes(void)
{
    Object *parent = new_container("props");

    test_trace_begin();
    object_new_with_props("creatable", parent, "kid", &error_abort,
                          "number", "8", NULL);
    test_trace_end("base.init base.post-init changed complete");
    object_unparent(parent);
}

static void test_failed_complete_unparents(void)
{
    Object *parent = new_container("props");
    g_autoptr(Error) err = NULL;

    test_trace_begin();
    g_assert_null(object_new_with_props("creatable", parent, "kid", &err,
                                        "fail-complete", "on", NULL));
    test_trace_end("base.init base.post-init changed complete unparent "
              "base.finalize");
    assert_error(err, "complete fails");
    object_unparent(parent);
}

static void test_failed_complete_of_orphan(void)
{
    g_autoptr(Error) err = NULL;

    test_trace_begin();
    g_assert_null(object_new_with_props("creatable", NULL, NULL, &err,
                                        "fail-complete", "on", NULL));
    test_trace_end("base.init base.post-init changed complete-orphan "
              "base.finalize");
    assert_error(err, "complete fails");
}

static void test_set_props(void)
{
    g_autoptr(Object) obj = object_new("base");

    g_assert_true(object_set_props(obj, &error_abort, "number", "3", "text",
                                   "three", NULL));
    g_assert_cmpint(BASE(obj)->number, ==, 3);
    g_assert_cmpstr(BASE(obj)->text, ==, "three");
}

static void test_set_props_all_or_nothing(void)
{
    g_autoptr(Object) obj = object_new("base");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_set_props(obj, &err, "number", "3", "text",
                                    "three", "number", "-3", NULL));
    assert_error(err, "number value must be in range [0, 100]");
    g_assert_cmpint(BASE(obj)->number, ==, 7);
    g_assert_cmpstr(BASE(obj)->text, ==, "seven");
}

/* ---- Set-up ---- */

static void add_birth_tests(void)
{
    g_test_add_func("/qom/object/new/init-order", test_init_order);
    g_test_add_func("/qom/object/new/post-init-before-parent",
                    test_post_init_before_parent);
    g_test_add_func("/qom/object/new/defaults-before-init",
                    test_defaults_before_init);
    g_test_add_func("/qom/object/new/defaults-through-setter-before-init",
                    test_defaults_through_setter_before_init);
    g_test_add_func("/qom/object/new/memory-is-zeroed",
                    test_memory_is_zeroed);
    g_test_add_func("/qom/object/new/default-text-is-per-object",
                    test_default_text_is_per_object);
    g_test_add_func("/qom/object/new/with-class", test_new_with_class);
    g_test_add_func("/qom/object/new/type-property", test_type_property);
    g_test_add_func("/qom/object/try-new/known", test_try_new);
    g_test_add_func("/qom/object/try-new/unknown", test_try_new_unknown);
    g_test_add_func("/qom/object/try-new/abstract", test_try_new_abstract);
    test_add_abort_func("/qom/object/aborts/new-unknown", abort_new_unknown,
                        "*unknown type 'no-such-type'; register it*");
    test_add_abort_func("/qom/object/aborts/new-abstract",
                        abort_new_abstract,
                        "*type '*' is abstract; create an object of a type "
                        "that derives from it*");
    test_add_abort_func("/qom/object/aborts/new-interface",
                        abort_new_interface, "*type '*' is abstract;*");
    test_add_abort_func("/qom/object/aborts/initialize-small",
                        abort_initialize_small,
                        "*object_initialize(): * bytes are too few for an "
                        "object of type '*', which has *");
    g_test_add_func("/qom/object/alignment/large", test_alignment);
    g_test_add_func("/qom/object/alignment/is-inherited",
                    test_alignment_is_inherited);
}

static void add_in_place_tests(void)
{
    g_test_add_func("/qom/object/initialize/in-place",
                    test_initialize_in_place);
    g_test_add_func("/qom/object/initialize/child", test_initialize_child);
    g_test_add_func("/qom/object/initialize/child-with-props",
                    test_initialize_child_with_props);
    g_test_add_func("/qom/object/initialize/child-fails",
                    test_initialize_child_fails);
    g_test_add_func("/qom/object/initialize/child-duplicate",
                    test_initialize_child_duplicate);
}

static void add_props_tests(void)
{
    g_test_add_func("/qom/object/new-with-props/child", test_new_with_props);
    g_test_add_func("/qom/object/new-with-props/orphan",
                    test_new_with_props_orphan);
    g_test_add_func("/qom/object/new-with-props/one-change",
                    test_new_with_props_one_change);
    for (size_t i = 0; i < G_N_ELEMENTS(birth_rows); i++) {
        g_autofree char *path = g_strconcat("/qom/object/new-with-props/",
                                            birth_rows[i].name, NULL);

        g_test_add_data_func(path, &birth_rows[i], test_new_with_props_fails);
    }
    g_test_add_func("/qom/object/new-with-props/frees-on-failure",
                    test_new_with_props_frees_on_failure);
    g_test_add_func("/qom/object/new-with-props/completes",
                    test_new_with_props_completes);
    g_test_add_func("/qom/object/new-with-props/failed-complete-unparents",
                    test_failed_complete_unparents);
    g_test_add_func("/qom/object/new-with-props/failed-complete-of-orphan",
                    test_failed_complete_of_orphan);
    g_test_add_func("/qom/object/set-props/several", test_set_props);
    g_test_add_func("/qom/object/set-props/all-or-nothing",
                    test_set_props_all_or_nothing);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_birth_tests();
    add_in_place_tests();
    add_props_tests();
    return test_run();
}
