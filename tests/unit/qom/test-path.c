/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths of the composition tree, and walks over it. */
#include "tests/unit/test-util.h"
#include "qom/object-observer.h"
#include "qom/object.h"

#include <string.h>

/* ---- Types ---- */

typedef struct Node {
    Object parent_obj;
    Object *peer;
} Node;

DECLARE_INSTANCE_CHECKER(Node, NODE, "node")

static void linked_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_link(klass, "class-peer", "node",
                                   offsetof(Node, peer),
                                   object_property_allow_set_link,
                                   OBJ_PROP_LINK_STRONG);
}

static const TypeInfo infos[] = {
    {
        .name = "node",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Node),
    },
    { .name = "node-kid", .parent = "node" },
    { .name = "only-one", .parent = "node" },
    { .name = "linked", .parent = "node", .class_init = linked_class_init },
};

static Object *add_node(Object *parent, const char *name, const char *type)
{
    return object_new_with_props(type, parent, name, &error_abort, NULL);
}

/*
 * /path-test/a        node
 * /path-test/a/deep   node
 * /path-test/a/twin   node
 * /path-test/b        container
 * /path-test/b/twin   node-kid
 * /path-test/b/lone   container
 */
typedef struct Tree {
    Object *root;
    Object *a;
    Object *deep;
    Object *a_twin;
    Object *b;
    Object *b_twin;
    Object *lone;
} Tree;

static void tree_set_up(Tree *tree, const void *data)
{
    tree->root = object_property_add_new_container(object_get_root(),
                                                   "path-test");
    tree->a = add_node(tree->root, "a", "node");
    tree->deep = add_node(tree->a, "deep", "node");
    tree->a_twin = add_node(tree->a, "twin", "node");
    tree->b = object_property_add_new_container(tree->root, "b");
    tree->b_twin = add_node(tree->b, "twin", "node-kid");
    tree->lone = object_property_add_new_container(tree->b, "lone");
}

static void tree_tear_down(Tree *tree, const void *data)
{
    object_unparent(tree->root);
}

/* ---- Canonical paths ---- */

#define assert_path(obj, expected)                                          \
    do {                                                                    \
        g_autofree char *path_ = object_get_canonical_path(obj);            \
                                                                            \
        g_assert_cmpstr(path_, ==, (expected));                             \
    } while (0)

static void test_canonical(Tree *tree, const void *data)
{
    assert_path(tree->deep, "/path-test/a/deep");
    assert_path(tree->root, "/path-test");
    g_assert_cmpstr(object_get_canonical_path_component(tree->deep), ==,
                    "deep");
}

static void test_canonical_of_root(void)
{
    assert_path(object_get_root(), "/");
    g_assert_null(object_get_canonical_path_component(object_get_root()));
}

static void test_canonical_of_orphan(void)
{
    g_autoptr(Object) obj = object_new("node");
    Object *kid = add_node(obj, "kid", "node");

    g_assert_null(object_get_canonical_path(obj));
    g_assert_null(object_get_canonical_path(kid));
    g_assert_null(object_get_canonical_path_component(obj));
    g_assert_cmpstr(object_get_canonical_path_component(kid), ==, "kid");
}

static void test_canonical_after_unparent(Tree *tree, const void *data)
{
    g_autoptr(Object) a = object_ref(tree->a);

    object_unparent(tree->a);
    g_assert_null(object_get_canonical_path(tree->deep));
    object_property_add_child(tree->b, "moved", a);
    assert_path(tree->deep, "/path-test/b/moved/deep");
}

/* ---- Resolving, as rows ---- */

typedef struct PathRow {
    const char *name;
    const char *path;
    const char *type;   /* (nullable) */
    const char *result; /* canonical path; NULL: nothing */
    bool ambiguous;
} PathRow;

static const PathRow path_rows[] = {
    { "absolute", "/path-test/a/deep", NULL, "/path-test/a/deep", false },
    { "root", "/", NULL, "/", false },
    { "many-slashes", "//path-test///a//deep/", NULL, "/path-test/a/deep",
      false },
    { "absolute-absent", "/path-test/a/nobody", NULL, NULL, false },
    { "absolute-through-absent", "/path-test/nobody/deep", NULL, NULL,
      false },
    { "absolute-of-property", "/path-test/a/type", NULL, NULL, false },
    { "partial-last", "deep", NULL, "/path-test/a/deep", false },
    { "partial-two", "a/deep", NULL, "/path-test/a/deep", false },
    { "partial-all", "path-test/a/deep", NULL, "/path-test/a/deep", false },
    { "partial-slashes", "a//deep/", NULL, "/path-test/a/deep", false },
    { "partial-absent", "nobody", NULL, NULL, false },
    { "partial-of-property", "type", NULL, NULL, false },
    { "partial-wrong-order", "deep/a", NULL, NULL, false },
    { "partial-part-of-name", "dee", NULL, NULL, false },
    { "partial-ambiguous", "twin", NULL, NULL, true },
    { "partial-unambiguous-with-parent", "b/twin", NULL, "/path-test/b/twin",
      false },
    { "empty", "", NULL, NULL, true },
    { "typed-absolute", "/path-test/a", "node", "/path-test/a", false },
    { "typed-absolute-by-parent", "/path-test/b/twin", "node",
      "/path-test/b/twin", false },
    { "typed-absolute-wrong", "/path-test/b", "node", NULL, false },
    { "typed-absolute-child-type", "/path-test/a/twin", "node-kid", NULL,
      false },
    { "typed-partial", "twin", "node-kid", "/path-test/b/twin", false },
    { "typed-partial-ambiguous", "twin", "node", NULL, true },
    { "typed-partial-wrong", "lone", "node", NULL, false },
    { "typed-partial-unknown-type", "deep", "no-such-type", NULL, false },
    { "typed-empty", "", "node-kid", "/path-test/b/twin", false },
    { "typed-empty-none", "", "only-one", NULL, false },
};

static void test_resolve(Tree *tree, const void *data)
{
    const PathRow *row = data;
    bool ambiguous = !row->ambiguous;
    Object *obj = object_resolve_path_type(row->path, row->type, &ambiguous);
    g_autofree char *path = obj ? object_get_canonical_path(obj) : NULL;

    g_assert_cmpstr(path, ==, row->result);
    g_assert_cmpint(ambiguous, ==, row->ambiguous);
    g_assert_true(object_resolve_path_type(row->path, row->type, NULL) ==
                  obj);
    if (!row->type) {
        g_assert_true(object_resolve_path(row->path, NULL) == obj);
    }
}

static void test_resolve_at(Tree *tree, const void *data)
{
    g_assert_true(object_resolve_path_at(tree->root, "a/deep") ==
                  tree->deep);
    g_assert_true(object_resolve_path_at(tree->a, "deep") == tree->deep);
    g_assert_null(object_resolve_path_at(tree->b, "deep"));
    g_assert_true(object_resolve_path_at(tree->b, "/path-test/a") ==
                  tree->a);
    g_assert_true(object_resolve_path_at(tree->b, "") == tree->b);
}

static void test_resolve_component(Tree *tree, const void *data)
{
    g_assert_true(object_resolve_path_component(tree->a, "deep") ==
                  tree->deep);
    g_assert_null(object_resolve_path_component(tree->a, "type"));
    g_assert_null(object_resolve_path_component(tree->a, "nobody"));
    g_assert_null(object_resolve_path_component(tree->root, "a/deep"));
}

/* ---- Links and aliases as components ---- */

static void test_through_link(Tree *tree, const void *data)
{
    object_property_add_const_link(tree->b, "peer", tree->a);
    g_assert_true(object_resolve_path("/path-test/b/peer/deep", NULL) ==
                  tree->deep);
    g_assert_true(object_resolve_path("b/peer/deep", NULL) == tree->deep);
    g_assert_true(object_resolve_path("peer", NULL) == tree->a);
}

static void test_through_unset_link(Tree *tree, const void *data)
{
    Object *target = NULL;

    object_property_add_link(tree->b, "peer", "node", &target, NULL, 0);
    g_assert_null(object_resolve_path("/path-test/b/peer", NULL));
    g_assert_null(object_resolve_path("/path-test/b/peer/deep", NULL));
    g_assert_null(object_resolve_path("peer", NULL));
    object_property_del(tree->b, "peer");
}

static void test_through_alias(Tree *tree, const void *data)
{
    object_property_add_alias(tree->b, "near", tree->a, "deep");
    g_assert_true(object_resolve_path("/path-test/b/near", NULL) ==
                  tree->deep);
    g_assert_true(object_resolve_path("near", NULL) == tree->deep);
    object_property_del(tree->b, "near");
}

/* The same object by two ways is one match. */
static void test_two_ways_to_one_object(Tree *tree, const void *data)
{
    bool ambiguous = true;

    object_property_add_const_link(tree->b, "deep", tree->deep);
    g_assert_true(object_resolve_path("deep", &ambiguous) == tree->deep);
    g_assert_false(ambiguous);
}

static void test_class_link_in_partial_path(Tree *tree, const void *data)
{
    Object *linked = add_node(tree->b, "linked", "linked");
    bool ambiguous = true;

    object_property_set_link(linked, "class-peer", tree->a, &error_abort);
    g_assert_true(object_resolve_path("class-peer", &ambiguous) == tree->a);
    g_assert_false(ambiguous);
    g_assert_true(object_resolve_path("class-peer/deep", NULL) ==
                  tree->deep);
    g_assert_true(object_resolve_path("linked/class-peer/deep", NULL) ==
                  tree->deep);
}

static void test_class_link_ambiguous(Tree *tree, const void *data)
{
    Object *one = add_node(tree->b, "one", "linked");
    Object *two = add_node(tree->b, "two", "linked");
    bool ambiguous = false;

    object_property_set_link(one, "class-peer", tree->a, &error_abort);
    object_property_set_link(two, "class-peer", tree->deep, &error_abort);
    g_assert_null(object_resolve_path("class-peer", &ambiguous));
    g_assert_true(ambiguous);
    object_property_set_link(two, "class-peer", tree->a, &error_abort);
    g_assert_true(object_resolve_path("class-peer", &ambiguous) == tree->a);
    g_assert_false(ambiguous);
}

/* One object in the tree has set the link, then none, then another one. */
static void test_class_link_changes(Tree *tree, const void *data)
{
    Object *one = add_node(tree->b, "one", "linked");
    Object *two = add_node(tree->b, "two", "linked");

    object_property_set_link(one, "class-peer", tree->a, &error_abort);
    object_property_set_link(two, "class-peer", tree->deep, &error_abort);
    object_property_set_str(one, "class-peer", "", &error_abort);
    g_assert_true(object_resolve_path("class-peer", NULL) == tree->deep);
    object_property_set_str(two, "class-peer", "", &error_abort);
    g_assert_null(object_resolve_path("class-peer", NULL));
    object_property_set_link(one, "class-peer", tree->a, &error_abort);
    g_assert_true(object_resolve_path("class-peer", NULL) == tree->a);
    object_unparent(one);
    g_assert_null(object_resolve_path("class-peer", NULL));
}

/* The last one of 1,000 objects that have the first component leads on. */
static void test_partial_from_many(Tree *tree, const void *data)
{
    bool ambiguous = true;

    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);
        Object *port = add_node(add_node(tree->b, name, "node"), "port",
                                "node");

        if (!i) {
            add_node(port, "end", "node");
        }
    }
    assert_path(object_resolve_path("port/end", &ambiguous),
                "/path-test/b/n0/port/end");
    g_assert_false(ambiguous);
    add_node(tree->a, "port", "node");
    g_assert_null(object_resolve_path("port/end", &ambiguous));
    g_assert_true(ambiguous);
    assert_path(object_resolve_path("n0/port/end", &ambiguous),
                "/path-test/b/n0/port/end");
    g_assert_false(ambiguous);
}

static void test_partial_ignores_orphans(Tree *tree, const void *data)
{
    g_autoptr(Object) orphan = object_new("node");
    bool ambiguous = true;

    add_node(orphan, "deep", "node");
    add_node(orphan, "elsewhere", "node");
    g_assert_true(object_resolve_path("deep", &ambiguous) == tree->deep);
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path("elsewhere", NULL));
}

static void test_partial_after_delete(Tree *tree, const void *data)
{
    object_unparent(tree->a_twin);
    g_assert_true(object_resolve_path("twin", NULL) == tree->b_twin);
    object_unparent(tree->b_twin);
    g_assert_null(object_resolve_path("twin", NULL));
    tree->a_twin = add_node(tree->a, "twin", "node");
    g_assert_true(object_resolve_path("twin", NULL) == tree->a_twin);
}

/* ---- Roots and containers ---- */

static void test_roots(void)
{
    Object *objects = object_get_objects_root();

    assert_path(objects, "/objects");
    g_assert_true(object_get_parent(objects) == object_get_root());
    g_assert_true(object_get_container("objects") == objects);
    g_assert_cmpstr(object_get_typename(object_get_root()), ==,
                    TYPE_CONTAINER);
}

static void test_get_container(void)
{
    Object *made = object_get_container("made-on-demand");

    assert_path(made, "/made-on-demand");
    g_assert_true(object_get_container("made-on-demand") == made);
    object_unparent(made);
}

static void test_internal_root_is_invisible(void)
{
    Object *internal = object_get_internal_root();
    Object *obj = add_node(internal, "hidden", "node");

    g_assert_null(object_get_canonical_path(internal));
    g_assert_null(object_get_canonical_path(obj));
    g_assert_null(object_resolve_path("hidden", NULL));
    g_assert_null(object_resolve_path("/hidden", NULL));
    g_assert_true(object_resolve_path_component(internal, "hidden") == obj);
    object_unparent(obj);
}

/* ---- The one object of a type ---- */

static void test_type_unambiguous(Tree *tree, const void *data)
{
    Object *obj = add_node(tree->b, "unique", "only-one");

    g_assert_true(object_resolve_type_unambiguous("only-one",
                                                  &error_abort) == obj);
}

static void test_type_unambiguous_none(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(object_resolve_type_unambiguous("only-one", &err));
    assert_error(err, "No object of type only-one");
}

static void test_type_unambiguous_two(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    add_node(tree->a, "one", "only-one");
    add_node(tree->b, "two", "only-one");
    g_assert_null(object_resolve_type_unambiguous("only-one", &err));
    assert_error(err, "More than one object of type only-one");
}

/* ---- Walks ---- */

static int list_child(Object *child, void *opaque)
{
    GString *text = opaque;

    g_string_append_printf(text, "%s%s", text->len ? " " : "",
                           object_get_canonical_path_component(child));
    return 0;
}

static void test_children_in_order(Tree *tree, const void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    object_property_add_const_link(tree->root, "no-child", tree->a);
    g_assert_cmpint(object_child_foreach(tree->root, list_child, text), ==,
                    0);
    g_assert_cmpstr(text->str, ==, "a b");
}

static void test_children_recursive(Tree *tree, const void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_assert_cmpint(object_child_foreach_recursive(tree->root, list_child,
                                                   text), ==, 0);
    g_assert_cmpstr(text->str, ==, "a deep twin b twin lone");
}

static int stop_at_twin(Object *child, void *opaque)
{
    ++*(int *)opaque;
    return strcmp(object_get_canonical_path_component(child), "twin") ? 0
                                                                      : 7;
}

static void test_children_walk_can_end(Tree *tree, const void *data)
{
    int n = 0;

    g_assert_cmpint(object_child_foreach_recursive(tree->root, stop_at_twin,
                                                   &n), ==, 7);
    g_assert_cmpint(n, ==, 3);
}

static int unparent_child(Object *child, void *opaque)
{
    object_unparent(child);
    return 0;
}

static void test_children_may_be_unparented(Tree *tree, const void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    object_child_foreach(tree->root, unparent_child, NULL);
    object_child_foreach(tree->root, list_child, text);
    g_assert_cmpstr(text->str, ==, "");
    tree->a = NULL;
}

static int count_child(Object *child, void *opaque)
{
    ++*(unsigned *)opaque;
    return 0;
}

static void count_deleted(Object *obj, void *opaque)
{
    ++*(unsigned *)opaque;
}

static void ignore_added(Object *obj, void *opaque)
{
}

/* A function that called itself for each level would overflow the stack. */
static void test_children_deep(Tree *tree, const void *data)
{
    static const ObjectObserver observer = {
        .added = ignore_added,
        .deleted = count_deleted,
    };
    const unsigned n = 100000;
    g_autoptr(GPtrArray) objects = g_ptr_array_new();
    Object *parent = tree->root;
    unsigned n_counted = 0;
    unsigned n_deleted = 0;

    for (unsigned i = 0; i < n; i++) {
        parent = object_property_add_new_container(parent, "deep");
        g_ptr_array_add(objects, object_ref(parent));
    }
    object_child_foreach_recursive(objects->pdata[0], count_child,
                                   &n_counted);
    g_assert_cmpuint(n_counted, ==, n - 1);
    object_set_observer(&observer, &n_deleted);
    object_unparent(objects->pdata[0]);
    object_set_observer(NULL, NULL);
    g_assert_cmpuint(n_deleted, ==, n);
    for (unsigned i = n; i > 0; i--) {
        object_unparent(objects->pdata[i - 1]);
        object_unref(objects->pdata[i - 1]);
    }
}

static void test_children_may_be_unparented_recursively(Tree *tree,
                                                        const void *data)
{
    object_child_foreach_recursive(tree->root, unparent_child, NULL);
    g_assert_null(object_resolve_path_component(tree->root, "a"));
}

static int never(Object *child, void *opaque)
{
    g_assert_not_reached();
}

static void test_children_of_none(Tree *tree, const void *data)
{
    g_assert_cmpint(object_child_foreach(tree->deep, never, NULL), ==, 0);
}

/* ---- Many ---- */

#define N_SIBLINGS 10000

static void test_many_siblings(Tree *tree, const void *data)
{
    g_autofree Object **kids = g_new(Object *, N_SIBLINGS);

    for (int i = 0; i < N_SIBLINGS; i++) {
        g_autofree char *name = g_strdup_printf("sibling-%d", i);

        kids[i] = add_node(tree->b, name, "node");
    }
    for (int i = 0; i < N_SIBLINGS; i += 97) {
        g_autofree char *path = g_strdup_printf("/path-test/b/sibling-%d",
                                                i);

        assert_path(kids[i], path);
        g_assert_true(object_resolve_path(path, NULL) == kids[i]);
        g_assert_true(object_resolve_path(strrchr(path, '/') + 1, NULL) ==
                      kids[i]);
    }
    for (int i = 0; i < N_SIBLINGS; i += 2) {
        object_unparent(kids[i]);
    }
    g_assert_null(object_resolve_path("sibling-4000", NULL));
    g_assert_true(object_resolve_path("sibling-4001", NULL) == kids[4001]);
}

static void test_many_of_one_name(Tree *tree, const void *data)
{
    bool ambiguous = false;

    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("n%d", i);
        Object *node = add_node(tree->b, name, "node");

        add_node(node, "same", i == 500 ? "only-one" : "node");
    }
    g_assert_null(object_resolve_path("same", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_nonnull(object_resolve_path_type("same", "only-one",
                                              &ambiguous));
    g_assert_false(ambiguous);
    g_assert_nonnull(object_resolve_path("n77/same", &ambiguous));
}

static void test_deep(Tree *tree, const void *data)
{
    GString *path = g_string_new("/path-test/b");
    Object *obj = tree->b;

    for (int i = 0; i < 1000; i++) {
        obj = object_property_add_new_container(obj, "x");
        g_string_append(path, "/x");
    }
    assert_path(obj, path->str);
    g_assert_true(object_resolve_path(path->str, NULL) == obj);
    g_string_free(path, TRUE);
}

/* ---- Set-up ---- */

static void add(const char *path, const void *data,
                void (*test)(Tree *tree, const void *data))
{
    g_autofree char *full = g_strconcat("/qom/path/", path, NULL);

    g_test_add(full, Tree, data, tree_set_up, test, tree_tear_down);
}

static void add_resolve_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(path_rows); i++) {
        g_autofree char *path = g_strconcat("resolve/", path_rows[i].name,
                                            NULL);

        add(path, &path_rows[i], test_resolve);
    }
    add("resolve-at/relative", NULL, test_resolve_at);
    add("resolve-component/one", NULL, test_resolve_component);
    add("through/link", NULL, test_through_link);
    add("through/unset-link", NULL, test_through_unset_link);
    add("through/alias", NULL, test_through_alias);
    add("partial/two-ways-to-one-object", NULL, test_two_ways_to_one_object);
    add("partial/class-link", NULL, test_class_link_in_partial_path);
    add("partial/class-link-ambiguous", NULL, test_class_link_ambiguous);
    add("partial/class-link-changes", NULL, test_class_link_changes);
    add("partial/from-many", NULL, test_partial_from_many);
    add("partial/ignores-orphans", NULL, test_partial_ignores_orphans);
    add("partial/after-delete", NULL, test_partial_after_delete);
}

static void add_walk_tests(void)
{
    add("children/in-order", NULL, test_children_in_order);
    add("children/recursive", NULL, test_children_recursive);
    add("children/walk-can-end", NULL, test_children_walk_can_end);
    add("children/may-be-unparented", NULL, test_children_may_be_unparented);
    add("children/deep", NULL, test_children_deep);
    add("children/may-be-unparented-recursively", NULL,
        test_children_may_be_unparented_recursively);
    add("children/of-none", NULL, test_children_of_none);
    add("type-unambiguous/one", NULL, test_type_unambiguous);
    add("type-unambiguous/none", NULL, test_type_unambiguous_none);
    add("type-unambiguous/two", NULL, test_type_unambiguous_two);
    add("many/siblings", NULL, test_many_siblings);
    add("many/of-one-name", NULL, test_many_of_one_name);
    add("many/deep", NULL, test_deep);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add("canonical/child", NULL, test_canonical);
    add("canonical/after-unparent", NULL, test_canonical_after_unparent);
    g_test_add_func("/qom/path/canonical/root", test_canonical_of_root);
    g_test_add_func("/qom/path/canonical/orphan", test_canonical_of_orphan);
    g_test_add_func("/qom/path/roots/objects", test_roots);
    g_test_add_func("/qom/path/roots/container", test_get_container);
    g_test_add_func("/qom/path/roots/internal-is-invisible",
                    test_internal_root_is_invisible);
    add_resolve_tests();
    add_walk_tests();
    return test_run();
}
