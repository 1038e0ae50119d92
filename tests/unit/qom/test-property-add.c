/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties as things with a name: adding, finding, iterating over and
 * deleting them, of classes and of objects.
 */
#include "tests/unit/test-util.h"
#include "qom/object.h"

#include <string.h>

/* ---- Types that have some ---- */

static void host_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "text", "string", NULL, NULL, NULL,
                              NULL);
}

static void dynamic_host_init(Object *obj)
{
    object_property_add(obj, "i-text", "string", NULL, NULL, NULL, NULL);
}

static void family_base_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "base-b", "int", NULL, NULL, NULL, NULL);
    object_class_property_add(klass, "base-a", "int", NULL, NULL, NULL, NULL);
}

static void family_kid_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "kid-b", "int", NULL, NULL, NULL, NULL);
    object_class_property_add(klass, "kid-a", "int", NULL, NULL, NULL, NULL);
}

static const TypeInfo infos[] = {
    {
        .name = "host",
        .parent = TYPE_OBJECT,
        .class_init = host_class_init,
    },
    {
        .name = "dynamic-host",
        .parent = "host",
        .instance_init = dynamic_host_init,
    },
    {
        .name = "family-base",
        .parent = TYPE_OBJECT,
        .class_init = family_base_class_init,
    },
    {
        .name = "family-kid",
        .parent = "family-base",
        .class_init = family_kid_class_init,
    },
};

/* ---- Adding ---- */

static void test_add_returns_property(void)
{
    g_autoptr(Object) obj = object_new("host");
    char type[] = "free text";
    char name[] = "mine";
    ObjectProperty *prop = object_property_add(obj, name, type, NULL, NULL,
                                               NULL, obj);

    memset(type, 'x', strlen(type));
    memset(name, 'x', strlen(name));
    g_assert_cmpstr(prop->name, ==, "mine");
    g_assert_cmpstr(prop->type, ==, "free text");
    g_assert_true(prop->opaque == obj);
    g_assert_true(object_property_find(obj, "mine") == prop);
}

static void test_add_duplicate(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;
    ObjectProperty *prop = object_property_add(obj, "mine", "int", NULL,
                                               NULL, NULL, NULL);

    g_assert_null(object_property_try_add(obj, "mine", "int", NULL, NULL,
                                          NULL, NULL, &err));
    assert_error(err, "attempt to add duplicate property 'mine' to object "
                      "(type 'host')");
    g_assert_true(object_property_find(obj, "mine") == prop);
}

static void test_add_clashes_with_class(void)
{
    g_autoptr(Object) obj = object_new("dynamic-host");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_property_try_add(obj, "text", "int", NULL, NULL,
                                          NULL, NULL, &err));
    assert_error(err, "attempt to add duplicate property 'text' to object "
                      "(type 'dynamic-host')");
}

static void test_names_may_hold_anything(void)
{
    static const char *const names[] = {
        "x", "a b", "\303\244", "a.b", "[0]", "[*", "*]", "a[*]b",
        "a-name-that-is-longer-than-what-the-hash-takes-in-one-step",
    };
    g_autoptr(Object) obj = object_new("host");

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        object_property_add(obj, names[i], "int", NULL, NULL, NULL, NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpstr(object_property_find(obj, names[i])->name, ==,
                        names[i]);
    }
}

static void test_add_many(void)
{
    g_autoptr(Object) obj = object_new("host");

    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("p%d", i);

        object_property_add(obj, name, "int", NULL, NULL, NULL, NULL);
    }
    for (int i = 0; i < 1000; i += 2) {
        g_autofree char *name = g_strdup_printf("p%d", i);

        object_property_del(obj, name);
    }
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("p%d", i);

        g_assert_cmpint(object_property_find(obj, name) != NULL, ==, i % 2);
    }
}

/* A class property that is added after instances were made. */
static void test_class_property_added_late(void)
{
    static const TypeInfo late_infos[] = {
        { .name = "late-base", .parent = TYPE_OBJECT },
        { .name = "late-kid", .parent = "late-base" },
    };
    g_autoptr(Object) obj = NULL;

    type_register_static_array(late_infos, 2);
    obj = object_new("late-kid");
    g_assert_null(object_property_find(obj, "late"));
    object_class_property_add(object_class_by_name("late-base"), "late",
                              "int", NULL, NULL, NULL, NULL);
    g_assert_nonnull(object_property_find(obj, "late"));
}

static void abort_add_duplicate(void)
{
    object_property_add(object_new("host"), "text", "int", NULL, NULL, NULL,
                        NULL);
}

static void abort_add_empty_name(void)
{
    object_property_add(object_new("host"), "", "int", NULL, NULL, NULL,
                        NULL);
}

static void abort_class_duplicate(void)
{
    object_class_property_add(object_class_by_name("host"), "text", "int",
                              NULL, NULL, NULL, NULL);
}

static void abort_class_duplicate_of_parent(void)
{
    object_class_property_add(object_class_by_name("dynamic-host"), "text",
                              "int", NULL, NULL, NULL, NULL);
}

static void abort_class_duplicate_of_child(void)
{
    g_assert_nonnull(object_class_by_name("family-kid"));
    object_class_property_add(object_class_by_name("family-base"), "kid-a",
                              "int", NULL, NULL, NULL, NULL);
}

/* ---- name[*] ---- */

static const char *add_wildcard(Object *obj, const char *name)
{
    return object_property_add(obj, name, "int", NULL, NULL, NULL,
                               NULL)->name;
}

static void test_wildcard_counts(void)
{
    g_autoptr(Object) obj = object_new("host");

    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[0]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[1]");
    g_assert_cmpstr(add_wildcard(obj, "bar[*]"), ==, "bar[0]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[2]");
    g_assert_cmpstr(add_wildcard(obj, "[*]"), ==, "[0]");
}

static void test_wildcard_fills_gaps(void)
{
    g_autoptr(Object) obj = object_new("host");

    for (int i = 0; i < 5; i++) {
        add_wildcard(obj, "foo[*]");
    }
    object_property_del(obj, "foo[3]");
    object_property_del(obj, "foo[1]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[1]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[3]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[5]");
}

static void test_wildcard_passes_over_names_given(void)
{
    g_autoptr(Object) obj = object_new("host");

    add_wildcard(obj, "foo[0]");
    add_wildcard(obj, "foo[2]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[1]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[3]");
}

static void test_wildcard_limit(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    for (int i = 0; i <= 32767; i++) {
        add_wildcard(obj, "foo[*]");
    }
    g_assert_nonnull(object_property_find(obj, "foo[32767]"));
    g_assert_null(object_property_try_add(obj, "foo[*]", "int", NULL, NULL,
                                          NULL, NULL, &err));
    assert_error(err, "object (type 'host') has no room for another "
                      "'foo[*]'");
    object_property_del(obj, "foo[77]");
    g_assert_cmpstr(add_wildcard(obj, "foo[*]"), ==, "foo[77]");
}

static void test_wildcard_child(void)
{
    Object *parent = object_property_add_new_container(object_get_root(),
                                                       "wild");
    Object *one = object_property_add_new_container(parent, "kid[*]");
    Object *two = object_property_add_new_container(parent, "kid[*]");

    g_assert_cmpstr(object_get_canonical_path_component(one), ==, "kid[0]");
    g_assert_cmpstr(object_get_canonical_path_component(two), ==, "kid[1]");
    object_unparent(one);
    g_assert_true(object_resolve_path("/wild/kid[1]", NULL) == two);
    object_unparent(parent);
}

/* ---- Finding ---- */

static void test_find_in_parent_class(void)
{
    g_autoptr(Object) obj = object_new("family-kid");

    g_assert_nonnull(object_property_find(obj, "base-a"));
    g_assert_nonnull(object_property_find(obj, "kid-a"));
    g_assert_nonnull(object_property_find(obj, "type"));
    g_assert_null(object_class_property_find(
        object_class_by_name("family-base"), "kid-a"));
}

static void test_find_err(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_property_find_err(obj, "nothing", &err));
    assert_error(err, "Property 'host.nothing' not found");
    g_assert_nonnull(object_property_find_err(obj, "text", &error_abort));
}

static void test_class_find_err(void)
{
    ObjectClass *klass = object_class_by_name("host");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_class_property_find_err(klass, "nothing", &err));
    assert_error(err, "Property 'host.nothing' not found");
    g_assert_nonnull(object_class_property_find_err(klass, "text",
                                                    &error_abort));
}

static void test_class_does_not_find_instance_property(void)
{
    g_autoptr(Object) obj = object_new("dynamic-host");

    g_assert_nonnull(object_property_find(obj, "i-text"));
    g_assert_null(object_class_property_find(object_get_class(obj),
                                             "i-text"));
}

/* ---- Iteration ---- */

static char *iterate(ObjectPropertyIterator *iter)
{
    GString *names = g_string_new(NULL);
    ObjectProperty *prop;

    while ((prop = object_property_iter_next(iter))) {
        g_string_append_printf(names, "%s%s", names->len ? " " : "",
                               prop->name);
    }
    g_assert_null(object_property_iter_next(iter));
    return g_string_free(names, FALSE);
}

static char *names_of(Object *obj)
{
    ObjectPropertyIterator iter;

    object_property_iter_init(&iter, obj);
    return iterate(&iter);
}

static void test_iterate_in_order_of_declaration(void)
{
    g_autoptr(Object) obj = object_new("family-kid");
    g_autofree char *names = NULL;

    object_property_add(obj, "zz", "int", NULL, NULL, NULL, NULL);
    object_property_add(obj, "aa", "int", NULL, NULL, NULL, NULL);
    names = names_of(obj);
    g_assert_cmpstr(names, ==, "kid-b kid-a base-b base-a type zz aa");
}

static void test_iterate_after_delete(void)
{
    g_autoptr(Object) obj = object_new("family-kid");
    g_autofree char *names = NULL;

    for (const char *name = "edcba"; *name; name++) {
        const char text[] = { *name, '\0' };

        object_property_add(obj, text, "int", NULL, NULL, NULL, NULL);
    }
    object_property_del(obj, "d");
    object_property_del(obj, "e");
    object_property_del(obj, "a");
    object_property_add(obj, "d", "int", NULL, NULL, NULL, NULL);
    names = names_of(obj);
    g_assert_cmpstr(names, ==, "kid-b kid-a base-b base-a type c b d");
}

static void test_iterate_class(void)
{
    ObjectPropertyIterator iter;
    g_autofree char *names = NULL;

    object_class_property_iter_init(&iter,
                                    object_class_by_name("family-kid"));
    names = iterate(&iter);
    g_assert_cmpstr(names, ==, "kid-b kid-a base-b base-a type");
}

static void test_iterate_root_class(void)
{
    ObjectPropertyIterator iter;
    g_autofree char *names = NULL;

    object_class_property_iter_init(&iter, object_class_by_name(TYPE_OBJECT));
    names = iterate(&iter);
    g_assert_cmpstr(names, ==, "type");
}

/* ---- Deleting ---- */

static void count_release(Object *obj, const char *name, void *opaque)
{
    g_assert_cmpstr(name, ==, "mine");
    ++*(int *)opaque;
}

static void test_delete_calls_release_once(void)
{
    Object *obj = object_new("host");
    int n = 0;

    object_property_add(obj, "mine", "int", NULL, NULL, count_release, &n);
    object_property_del(obj, "mine");
    g_assert_cmpint(n, ==, 1);
    g_assert_null(object_property_find(obj, "mine"));
    object_unref(obj);
    g_assert_cmpint(n, ==, 1);
}

static void test_delete_and_add_again(void)
{
    g_autoptr(Object) obj = object_new("host");

    object_property_add(obj, "mine", "int", NULL, NULL, NULL, NULL);
    object_property_del(obj, "mine");
    object_property_add(obj, "mine", "bool", NULL, NULL, NULL, NULL);
    g_assert_cmpstr(object_property_get_type(obj, "mine", &error_abort), ==,
                    "bool");
}

static void abort_delete_absent(void)
{
    object_property_del(object_new("host"), "nothing");
}

static void abort_delete_class_property(void)
{
    object_property_del(object_new("host"), "text");
}

/* ---- Set-up ---- */

static void add_add_tests(void)
{
    g_test_add_func("/qom/property/add/returns-property",
                    test_add_returns_property);
    g_test_add_func("/qom/property/add/duplicate", test_add_duplicate);
    g_test_add_func("/qom/property/add/clashes-with-class",
                    test_add_clashes_with_class);
    g_test_add_func("/qom/property/add/names-may-hold-anything",
                    test_names_may_hold_anything);
    g_test_add_func("/qom/property/add/many", test_add_many);
    g_test_add_func("/qom/property/add/late-to-class",
                    test_class_property_added_late);
    test_add_abort_func("/qom/property/aborts/duplicate",
                        abort_add_duplicate,
                        "*attempt to add duplicate property 'text' to "
                        "object (type 'host')*");
    test_add_abort_func("/qom/property/aborts/empty-name",
                        abort_add_empty_name,
                        "*object of type 'host': a property has no name*");
    test_add_abort_func("/qom/property/aborts/class-duplicate",
                        abort_class_duplicate,
                        "*class '*': property '*' is declared by class "
                        "'*' already; give it another name*");
    test_add_abort_func("/qom/property/aborts/class-duplicate-of-parent",
                        abort_class_duplicate_of_parent,
                        "*class '*': property '*' is declared by class "
                        "'*' already; give it another name*");
    test_add_abort_func("/qom/property/aborts/class-duplicate-of-child",
                        abort_class_duplicate_of_child,
                        "*class '*': property '*' is declared by class "
                        "'*', below it, already; give it another name*");
    g_test_add_func("/qom/property/wildcard/counts", test_wildcard_counts);
    g_test_add_func("/qom/property/wildcard/fills-gaps",
                    test_wildcard_fills_gaps);
    g_test_add_func("/qom/property/wildcard/passes-over-names-given",
                    test_wildcard_passes_over_names_given);
    g_test_add_func("/qom/property/wildcard/limit", test_wildcard_limit);
    g_test_add_func("/qom/property/wildcard/child", test_wildcard_child);
}

static void add_find_tests(void)
{
    g_test_add_func("/qom/property/find/in-parent-class",
                    test_find_in_parent_class);
    g_test_add_func("/qom/property/find/err", test_find_err);
    g_test_add_func("/qom/property/find/class-err", test_class_find_err);
    g_test_add_func("/qom/property/find/class-ignores-instances",
                    test_class_does_not_find_instance_property);
    g_test_add_func("/qom/property/iterate/in-order-of-declaration",
                    test_iterate_in_order_of_declaration);
    g_test_add_func("/qom/property/iterate/after-delete",
                    test_iterate_after_delete);
    g_test_add_func("/qom/property/iterate/class", test_iterate_class);
    g_test_add_func("/qom/property/iterate/root-class",
                    test_iterate_root_class);
    g_test_add_func("/qom/property/delete/calls-release-once",
                    test_delete_calls_release_once);
    g_test_add_func("/qom/property/delete/and-add-again",
                    test_delete_and_add_again);
    test_add_abort_func("/qom/property/aborts/delete-absent",
                        abort_delete_absent,
                        "*object_property_del(): object of type 'host' has "
                        "no property '*' of its own*");
    test_add_abort_func("/qom/property/aborts/delete-class-property",
                        abort_delete_class_property,
                        "*object_property_del(): object of type 'host' has "
                        "no property '*' of its own*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_add_tests();
    add_find_tests();
    return test_run();
}
