/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deleting objects that users created. */
#include "tests/unit/qom/thing-fixture.h"
#include "qom/object-apply.h"

static void test_delete(void *fixture, const void *data)
{
    add_str("thing,id=a");
    test_trace_begin();
    g_assert_true(user_creatable_del("a", &error_abort));
    test_trace_end("unparent(a)");
    g_assert_null(find_thing("a"));
    g_assert_cmpint(n_things, ==, 0);
    g_assert_nonnull(add_str("thing,id=a"));
}

static const ErrorRow delete_rows[] = {
    { "unknown", "nobody", "object 'nobody' not found", NULL },
    { "empty", "", "object '' not found", NULL },
    { "path", "/objects/a", "object '/objects/a' not found", NULL },
    { "relative-path", "objects/a", "object 'objects/a' not found", NULL },
    { "container", "objects", "object 'objects' not found", NULL },
    { "property", "type", "object 'type' not found", NULL },
    { "grandchild", "inner", "object 'inner' not found", NULL },
    { "not-creatable", "box", "object 'box' not found", NULL },
    { "pinned", "pinned", "object 'pinned' is in use, can not be deleted",
      NULL },
    { "held", "held",
      "object 'held' is in use, can not be deleted: linked to by "
      "/objects/holder.friend", NULL },
    { "held-twice", "popular",
      "object 'popular' is in use, can not be deleted: linked to by "
      "/objects/fan1.friend, /objects/fan2.friend", NULL },
};

static void test_delete_fails(void *fixture, const void *data)
{
    const ErrorRow *row = data;
    g_autoptr(Error) err = NULL;
    Object *a = add_str("thing,id=a");
    Object *box = object_property_add_new_container(object_get_objects_root(),
                                                    "box");
    int n_before;

    object_property_add_new_container(a, "inner");
    add_str("thing,id=pinned,pinned=on");
    add_str("thing,id=held");
    add_str("thing,id=holder,friend=held");
    add_str("thing,id=popular");
    add_str("thing,id=fan1,friend=popular");
    add_str("thing,id=fan2,friend=popular");
    n_before = n_things;
    test_trace_begin();
    g_assert_false(user_creatable_del(row->text, &err));
    test_trace_end("");
    assert_error_hint(err, row->message, row->hint);
    g_assert_cmpint(n_things, ==, n_before);
    g_assert_true(find_thing("box") == box);
}

static void test_delete_after_holder(void *fixture, const void *data)
{
    add_str("thing,id=a");
    add_str("thing,id=b,friend=a");
    g_assert_false(user_creatable_del("a", NULL));
    g_assert_true(user_creatable_del("b", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_delete_after_link_is_cleared(void *fixture,
                                              const void *data)
{
    Object *b;

    add_str("thing,id=a");
    b = add_str("thing,id=b,friend=a");
    g_assert_true(object_property_set_str(b, "friend", "", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_weak_link_does_not_hold(void *fixture, const void *data)
{
    Object *b;

    add_str("thing,id=a");
    b = add_str("thing,id=b,admirer=a");
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_null(THING(b)->admirer);
}

/* A link from within goes with the object, so it does not count. */
static void test_own_child_does_not_hold(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");
    Object *kid = object_new_with_props("thing", a, "kid", &error_abort,
                                        NULL);

    g_assert_true(object_property_set_link(kid, "friend", a, &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_null(find_thing("a"));
    g_assert_cmpint(n_things, ==, 0);
}

static void test_link_to_itself_does_not_hold(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");

    g_assert_true(object_property_set_str(a, "friend", "a", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_cmpint(n_things, ==, 0);
}

/* Each is in use by the other one, until a link is cleared. */
static void test_circle_holds(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");

    add_str("thing,id=b,friend=a");
    g_assert_true(object_property_set_str(a, "friend", "b", &error_abort));
    g_assert_false(user_creatable_del("a", NULL));
    g_assert_false(user_creatable_del("b", NULL));
    user_creatable_cleanup();
    g_assert_cmpint(n_things, ==, 0);
}

static void test_class_says_why_not(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) apply_err = NULL;
    g_autoptr(JsonArray) nothing = json_array_new();
    Object *obj = add_str("thing,id=a,number=99");

    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "99 must stay");
    g_assert_null(object_apply(nothing, false, NULL, &apply_err));
    assert_error(apply_err, "99 must stay");
    g_assert_true(object_resolve_path("/objects/a", NULL) == obj);
}

/* The list holds an object that a user deletes. */
static void test_find_list(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");
    Object *b = add_str("thing,id=b");
    strList second = { .value = (char *)"/objects/a" };
    strList first = { .next = &second, .value = (char *)"b" };
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(Error) err = NULL;

    none = user_creatable_find_list(NULL, "parts", "thing", &error_abort);
    g_assert_cmpuint(none->len, ==, 0);
    list = user_creatable_find_list(&first, "parts", "thing", &error_abort);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_true(list->pdata[0] == b && list->pdata[1] == a);
    user_creatable_del("a", &error_abort);
    g_assert_cmpint(THING(a)->number, ==, 7);
    g_assert_null(user_creatable_find_list(&first, "parts", "thing", &err));
    assert_error(err, "parts[1]: thing '/objects/a' not found");
}

/* It is no part of the configuration, and can be deleted by its id. */
static void test_builtin(void *fixture, const void *data)
{
    g_autoptr(Object) obj = object_new("thing");
    g_autoptr(Object) other = object_new("thing");
    g_autoptr(JsonArray) nothing = json_array_new();
    g_autoptr(JsonNode) steps = NULL;
    g_autoptr(JsonNode) list = NULL;
    g_autoptr(Error) err = NULL;

    g_assert_true(user_creatable_add_builtin(obj, "b0", &error_abort));
    g_assert_false(user_creatable_add_builtin(other, "b0", &err));
    g_assert_null(other->parent);
    list = object_snapshot();
    g_assert_cmpuint(json_array_get_length(json_node_get_array(list)), ==, 0);
    steps = object_apply(nothing, false, NULL, &error_abort);
    g_assert_true(object_resolve_path("/objects/b0", NULL) == obj);
    g_assert_true(user_creatable_del("b0", &error_abort));
    g_assert_null(obj->parent);
}

static void test_builtin_incomplete(void *fixture, const void *data)
{
    g_autoptr(Object) obj = object_new("thing");
    g_autoptr(Error) err = NULL;

    object_property_set_bool(obj, "fail", true, &error_abort);
    g_assert_false(user_creatable_add_builtin(obj, "b0", &err));
    assert_error(err, "cannot complete");
    g_assert_null(object_resolve_path("/objects/b0", NULL));
}

static void test_holder_without_path(void *fixture, const void *data)
{
    g_autoptr(Object) orphan = object_new("thing");
    g_autoptr(Error) err = NULL;

    object_property_set_link(orphan, "friend", add_str("thing,id=a"),
                             &error_abort);
    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "object 'a' is in use, can not be deleted: linked to "
                      "by thing.friend");
}

static void test_cleanup_is_newest_first(void *fixture, const void *data)
{
    add_str("thing,id=a,pinned=on");
    add_str("thing,id=b");
    add_str("thing,id=c,friend=a");
    test_trace_begin();
    user_creatable_cleanup();
    test_trace_end("unparent(c) unparent(b) unparent(a)");
    g_assert_cmpint(n_things, ==, 0);
}

static void test_cleanup_of_nothing(void *fixture, const void *data)
{
    user_creatable_cleanup();
    user_creatable_cleanup();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    thing_register();

    add_test("delete/one", NULL, test_delete);
    for (size_t i = 0; i < G_N_ELEMENTS(delete_rows); i++) {
        g_autofree char *path = g_strconcat("delete/fails/",
                                            delete_rows[i].name, NULL);

        add_test(path, &delete_rows[i], test_delete_fails);
    }
    add_test("delete/after-holder", NULL, test_delete_after_holder);
    add_test("delete/after-link-is-cleared", NULL,
             test_delete_after_link_is_cleared);
    add_test("delete/weak-link-does-not-hold", NULL,
             test_weak_link_does_not_hold);
    add_test("delete/own-child-does-not-hold", NULL,
             test_own_child_does_not_hold);
    add_test("delete/link-to-itself-does-not-hold", NULL,
             test_link_to_itself_does_not_hold);
    add_test("delete/circle-holds-until-cleanup", NULL, test_circle_holds);
    add_test("delete/class-says-why-not", NULL, test_class_says_why_not);
    add_test("find-list", NULL, test_find_list);
    add_test("builtin/is-not-configured", NULL, test_builtin);
    add_test("builtin/cannot-complete", NULL, test_builtin_incomplete);
    add_test("delete/holder-without-path", NULL, test_holder_without_path);
    add_test("cleanup/is-newest-first", NULL, test_cleanup_is_newest_first);
    add_test("cleanup/of-nothing", NULL, test_cleanup_of_nothing);
    return test_run();
}
