/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of objects and the order of their death: references, parents,
   properties that go. */
#include "tests/unit/test-util.h"
#include "qom/object.h"

static void base_unparent(Object *obj)
{
    test_note(object_get_parent(obj) ? "unparent" : "unparent-too-late");
}

static void base_class_init(ObjectClass *klass, const void *data)
{
    klass->unparent = base_unparent;
}

static void base_finalize(Object *obj)
{
    g_assert_null(object_get_parent(obj));
    test_note("base.finalize");
}

static void derived_finalize(Object *obj)
{
    test_note("derived.finalize");
}

static void class_property_release(Object *obj, const char *name,
                                   void *opaque)
{
    test_note("class-release");
}

static void releasing_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "class-prop", "int", NULL, NULL,
                              class_property_release, NULL);
}

static const TypeInfo infos[] = {
    {
        .name = "base",
        .parent = TYPE_OBJECT,
        .instance_finalize = base_finalize,
        .class_init = base_class_init,
    },
    {
        .name = "derived",
        .parent = "base",
        .instance_finalize = derived_finalize,
    },
    {
        .name = "releasing",
        .parent = "base",
        .class_init = releasing_class_init,
    },
};

static Object *new_container(const char *name)
{
    return object_property_add_new_container(object_get_root(), name);
}

/* ---- References ---- */

static void test_ref_returns_object(void)
{
    g_autoptr(Object) obj = object_new("base");

    g_assert_true(object_ref(obj) == obj);
    g_assert_cmpuint(obj->ref, ==, 2);
    object_unref(obj);
    g_assert_cmpuint(obj->ref, ==, 1);
}

static void test_ref_null(void)
{
    g_assert_null(object_ref(NULL));
    object_unref(NULL);
}

static void test_child_has_one_reference(void)
{
    Object *parent = new_container("refs");
    Object *obj = object_new("base");

    object_property_add_child(parent, "kid", obj);
    g_assert_cmpuint(obj->ref, ==, 2);
    object_unref(obj);
    g_assert_cmpuint(obj->ref, ==, 1);
    object_unparent(parent);
}

static void *ref_and_unref(void *opaque)
{
    for (int i = 0; i < 10000; i++) {
        object_ref(opaque);
        object_unref(opaque);
    }
    object_unref(opaque);
    return NULL;
}

static void test_refs_in_threads(void)
{
    GThread *threads[4];
    Object *obj = object_new("derived");

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("ref", ref_and_unref, object_ref(obj));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
    g_assert_cmpuint(obj->ref, ==, 1);
    object_unref(obj);
}

/* Whichever thread is last finalizes it. */
static void test_last_unref_in_thread(void)
{
    GThread *threads[4];
    Object *obj = object_new("derived");

    test_trace_begin();
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("ref", ref_and_unref, object_ref(obj));
    }
    object_unref(obj);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
    test_trace_end("derived.finalize base.finalize");
}

/* ---- Parents ---- */

static void test_unparent(void)
{
    Object *parent = new_container("tree");
    Object *obj = object_new_with_props("derived", parent, "kid",
                                        &error_abort, NULL);

    object_ref(obj);
    test_trace_begin();
    object_unparent(obj);
    test_trace_end("unparent");
    g_assert_null(object_get_parent(obj));
    g_assert_null(object_get_canonical_path_component(obj));
    g_assert_null(object_property_find(parent, "kid"));
    object_unref(obj);
    object_unparent(parent);
}

static void test_unparent_drops_reference(void)
{
    Object *parent = new_container("tree");
    Object *obj = object_new_with_props("derived", parent, "kid",
                                        &error_abort, NULL);

    test_trace_begin();
    object_unparent(obj);
    test_trace_end("unparent derived.finalize base.finalize");
    object_unparent(parent);
}

static void test_unparent_orphan(void)
{
    g_autoptr(Object) obj = object_new("base");

    test_trace_begin();
    object_unparent(obj);
    test_trace_end("");
}

static void test_unparent_and_add_again(void)
{
    Object *parent = new_container("tree");
    g_autoptr(Object) obj = object_new("base");

    object_property_add_child(parent, "one", obj);
    object_unparent(obj);
    object_property_add_child(parent, "two", obj);
    g_assert_cmpstr(object_get_canonical_path_component(obj), ==, "two");
    object_unparent(parent);
}

static void abort_two_parents(void)
{
    Object *parent = new_container("tree");
    Object *obj = object_new("base");

    object_property_add_child(parent, "one", obj);
    object_property_add_child(parent, "two", obj);
}

static void test_deleting_parent_deletes_children(void)
{
    Object *parent = new_container("tree");
    Object *kid = object_new_with_props("base", parent, "kid", &error_abort,
                                        NULL);

    object_new_with_props("base", kid, "grandkid", &error_abort, NULL);
    test_trace_begin();
    object_unparent(parent);
    test_trace_end("unparent unparent base.finalize base.finalize");
}

/* ---- The order of death ---- */

static void instance_property_release(Object *obj, const char *name,
                                      void *opaque)
{
    test_note("%s", name);
}

static Object *new_with_instance_properties(const char *type)
{
    Object *obj = object_new(type);

    object_property_add(obj, "one", "int", NULL, NULL,
                        instance_property_release, NULL);
    object_property_add(obj, "two", "int", NULL, NULL,
                        instance_property_release, NULL);
    return obj;
}

static void test_release_before_finalize(void)
{
    Object *obj = new_with_instance_properties("releasing");

    test_trace_begin();
    object_unref(obj);
    test_trace_end("one two class-release base.finalize");
}

static void deleting_release(Object *obj, const char *name, void *opaque)
{
    test_note("%s", name);
    object_property_del(obj, "two");
}

static void test_release_hook_deletes_another(void)
{
    Object *obj = object_new("base");

    object_property_add(obj, "killer", "int", NULL, NULL, deleting_release,
                        NULL);
    object_property_add(obj, "one", "int", NULL, NULL,
                        instance_property_release, NULL);
    object_property_add(obj, "two", "int", NULL, NULL,
                        instance_property_release, NULL);
    test_trace_begin();
    object_unref(obj);
    test_trace_end("killer two one base.finalize");
}

static void self_deleting_release(Object *obj, const char *name,
                                  void *opaque)
{
    test_note("%s", name);
    object_property_del(obj, name);
}

static void test_release_hook_deletes_itself(void)
{
    Object *obj = object_new("base");

    object_property_add(obj, "self", "int", NULL, NULL,
                        self_deleting_release, NULL);
    test_trace_begin();
    object_property_del(obj, "self");
    g_assert_null(object_property_find(obj, "self"));
    object_unref(obj);
    test_trace_end("self base.finalize");
}

/* A property is readable until its release hook has run. */
static void looking_release(Object *obj, const char *name, void *opaque)
{
    g_assert_nonnull(object_property_find(obj, name));
    test_note("looked");
}

static void test_release_before_entry_goes(void)
{
    Object *obj = object_new("base");

    object_property_add(obj, "look", "int", NULL, NULL, looking_release,
                        NULL);
    test_trace_begin();
    object_property_del(obj, "look");
    test_trace_end("looked");
    object_unref(obj);
}

static int count_child(Object *child, void *opaque)
{
    ++*(int *)opaque;
    return 0;
}

static Object *watched_parent;
static int n_seen_in_finalize;

static void watcher_finalize(Object *obj)
{
    n_seen_in_finalize = 0;
    object_child_foreach(watched_parent, count_child, &n_seen_in_finalize);
    g_assert_null(object_resolve_path_component(watched_parent, "watcher"));
}

static void test_dying_child_is_not_found(void)
{
    static const TypeInfo info = {
        .name = "watcher",
        .parent = TYPE_OBJECT,
        .instance_finalize = watcher_finalize,
    };
    Object *obj;

    type_register(&info);
    watched_parent = new_container("watched");
    object_property_add_new_container(watched_parent, "sibling");
    obj = object_new_with_props("watcher", watched_parent, "watcher",
                                &error_abort, NULL);
    n_seen_in_finalize = -1;
    object_unparent(obj);
    g_assert_cmpint(n_seen_in_finalize, ==, 1);
    object_unparent(watched_parent);
}

static void unref_opaque(Object *obj, const char *name, void *opaque)
{
    object_unref(opaque);
}

static void test_child_holds_last_reference_to_parent(void)
{
    Object *parent = object_new("base");
    Object *kid = object_new("base");

    object_property_add_child(parent, "kid", kid);
    object_property_add(kid, "holds", "int", NULL, NULL, unref_opaque,
                        parent);
    object_unref(kid);
    test_trace_begin();
    object_unparent(kid);
    test_trace_end("unparent base.finalize base.finalize");
}

/* ---- References that are not the caller's ---- */

static void abort_unref_borrowed(void)
{
    Object *obj = object_new("base");

    object_property_add_child(object_get_root(), "borrowed", obj);
    object_unref(obj);
    object_unref(obj);
}

/* In memory of the test, which no other thread can get in the meantime. */
static void abort_unref_twice(void)
{
    static Object obj[16];

    object_initialize(obj, sizeof(obj), "base");
    object_unref(obj);
    object_unref(obj);
}

static void abort_too_many_references(void)
{
    Object *obj = object_new("base");

    obj->ref = INT_MAX;
    object_ref(obj);
}

static void keep(Object *obj)
{
    object_ref(obj);
}

static void abort_finalize_keeps(void)
{
    static const TypeInfo info = {
        .name = "keeper", .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object), .instance_finalize = keep,
    };

    type_register_static(&info);
    object_unref(object_new("keeper"));
}

/* ---- Set-up ---- */

static void add_tree_tests(void)
{
    test_add_abort_func("/qom/object/aborts/two-parents", abort_two_parents,
                        "*object of type 'base' cannot become child '*': it "
                        "is '*' already; call object_unparent() first*");
    test_add_abort_func("/qom/object/aborts/unref-borrowed",
                        abort_unref_borrowed,
                        "*object_unref(): '/borrowed' of type 'base' loses "
                        "its last reference, which belongs to its parent; "
                        "drop only references of your own*");
    test_add_abort_func("/qom/object/aborts/unref-twice", abort_unref_twice,
                        "*object_unref(): object * of type 'base' has no "
                        "references left; a reference was dropped twice*");
    test_add_abort_func("/qom/object/aborts/too-many-references",
                        abort_too_many_references,
                        "*object_ref(): object * of type 'base' has "
                        "2147483647 references; they leak*");
    test_add_abort_func("/qom/object/aborts/finalize-keeps",
                        abort_finalize_keeps,
                        "*object of type 'keeper': instance_finalize left 1 "
                        "references to it*");
    g_test_add_func("/qom/object/ref/returns-object",
                    test_ref_returns_object);
    g_test_add_func("/qom/object/ref/null", test_ref_null);
    g_test_add_func("/qom/object/ref/child-has-one",
                    test_child_has_one_reference);
    g_test_add_func("/qom/object/ref/in-threads", test_refs_in_threads);
    g_test_add_func("/qom/object/ref/last-one-in-thread",
                    test_last_unref_in_thread);
    g_test_add_func("/qom/object/unparent/keeps-other-references",
                    test_unparent);
    g_test_add_func("/qom/object/unparent/drops-reference",
                    test_unparent_drops_reference);
    g_test_add_func("/qom/object/unparent/orphan", test_unparent_orphan);
    g_test_add_func("/qom/object/unparent/and-add-again",
                    test_unparent_and_add_again);
    g_test_add_func("/qom/object/unparent/child-holds-last-reference",
                    test_child_holds_last_reference_to_parent);
}

static void add_death_tests(void)
{
    g_test_add_func("/qom/object/finalize/children-go-with-parent",
                    test_deleting_parent_deletes_children);
    g_test_add_func("/qom/object/finalize/release-before-finalize",
                    test_release_before_finalize);
    g_test_add_func("/qom/object/finalize/release-hook-deletes-another",
                    test_release_hook_deletes_another);
    g_test_add_func("/qom/object/finalize/release-hook-deletes-itself",
                    test_release_hook_deletes_itself);
    g_test_add_func("/qom/object/finalize/release-before-entry-goes",
                    test_release_before_entry_goes);
    g_test_add_func("/qom/object/finalize/dying-child-is-not-found",
                    test_dying_child_is_not_found);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_tree_tests();
    add_death_tests();
    return test_run();
}
