/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links, strong and weak, and aliases. */
#include "tests/unit/test-util.h"
#include "qapi/json/json.h"
#include "qom/object.h"

#include <string.h>

/* ---- Types ---- */

typedef struct Target {
    Object parent_obj;
    int64_t level;
} Target;

DECLARE_INSTANCE_CHECKER(Target, TARGET, "target")

typedef struct Holder {
    Object parent_obj;
    Object *strong;
    Object *weak;
    Object *checked;
    Object *read_only;
    Target *row;
    Object *at_birth;
    Object *instance_strong;
    Object *instance_weak;
    int64_t number;
    int n_changes;
    bool refuse;
} Holder;

DECLARE_INSTANCE_CHECKER(Holder, HOLDER, "holder")

static int n_targets; /* alive */

static void target_init(Object *obj)
{
    n_targets++;
}

static void target_finalize(Object *obj)
{
    n_targets--;
}

static const PropertyRow target_rows[] = {
    PROPERTY_INT("level", Target, level, .def = 1, .min = 0, .max = 9,
                 .doc = "how high"),
    PROPERTY_END
};

static void target_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, target_rows);
}

static int n_checks;
static Object *checked_value;

static void check_link(const Object *obj, const char *name, Object *val,
                       Error **errp)
{
    g_assert_cmpstr(name, ==, "checked");
    n_checks++;
    checked_value = val;
    if (val && TARGET(val)->level == 9) {
        error_setg(errp, "level 9 is too high for '%s'", name);
    }
}

static const PropertyRow holder_rows[] = {
    PROPERTY_LINK("row", Holder, row, Target, "target",
                  .doc = "what is held"),
    PROPERTY_LINK("at-birth", Holder, at_birth, Target, "target",
                  .set = PROPERTY_SET_CREATE),
    PROPERTY_INT("number", Holder, number, .min = 0),
    PROPERTY_END
};

static bool holder_changed(Object *obj, Error **errp)
{
    HOLDER(obj)->n_changes++;
    if (HOLDER(obj)->refuse) {
        error_setg(errp, "refused");
        return false;
    }
    return true;
}

static void holder_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = holder_changed;
    object_class_add_properties(klass, holder_rows);
    object_class_property_add_link(klass, "strong", "target",
                                   offsetof(Holder, strong),
                                   object_property_allow_set_link,
                                   OBJ_PROP_LINK_STRONG);
    object_class_property_add_link(klass, "weak", "target",
                                   offsetof(Holder, weak),
                                   object_property_allow_set_link, 0);
    object_class_property_add_link(klass, "checked", "target",
                                   offsetof(Holder, checked), check_link,
                                   OBJ_PROP_LINK_STRONG);
    object_class_property_add_link(klass, "read-only", "target",
                                   offsetof(Holder, read_only), NULL,
                                   OBJ_PROP_LINK_STRONG);
}

static void holder_init(Object *obj)
{
    object_property_add_link(obj, "i-strong", "target",
                             &HOLDER(obj)->instance_strong,
                             object_property_allow_set_link,
                             OBJ_PROP_LINK_STRONG);
    object_property_add_link(obj, "i-weak", "target",
                             &HOLDER(obj)->instance_weak,
                             object_property_allow_set_link, 0);
}

static const TypeInfo infos[] = {
    {
        .name = "target",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Target),
        .instance_init = target_init,
        .instance_finalize = target_finalize,
        .class_init = target_class_init,
    },
    { .name = "target-kid", .parent = "target" },
    {
        .name = "holder",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Holder),
        .instance_init = holder_init,
        .class_init = holder_class_init,
    },
};

/* ---- A tree for each test: /link-test with h, t, u and a container ---- */

typedef struct Tree {
    Object *root;
    Object *holder;
    Object *target;
    Object *other;
} Tree;

static void tree_set_up(Tree *tree, const void *data)
{
    tree->root = object_property_add_new_container(object_get_root(),
                                                   "link-test");
    tree->holder = object_new_with_props("holder", tree->root, "h",
                                         &error_abort, NULL);
    tree->target = object_new_with_props("target", tree->root, "t",
                                         &error_abort, NULL);
    tree->other = object_new_with_props("target-kid", tree->root, "u",
                                        &error_abort, NULL);
    object_property_add_new_container(tree->root, "box");
    n_checks = 0;
}

static void tree_tear_down(Tree *tree, const void *data)
{
    object_unparent(tree->root);
    g_assert_cmpint(n_targets, ==, 0);
}

static char *read_link(Object *obj, const char *name)
{
    return object_property_get_str(obj, name, &error_abort);
}

#define assert_link(obj, name, expected)                                    \
    do {                                                                    \
        g_autofree char *found = read_link((obj), (name));                  \
                                                                            \
        g_assert_cmpstr(found, ==, (expected));                             \
    } while (0)

static void set_link(Tree *tree, const char *name, Object *target)
{
    g_assert_true(object_property_set_link(tree->holder, name, target,
                                           &error_abort));
}

/* ---- Setting and reading, each flavour ---- */

static const char *const flavours[] = {
    "strong", "weak", "checked", "row", "i-strong", "i-weak",
};
static const char *const strong_flavours[] = {
    "strong", "checked", "row", "i-strong",
};
static const char *const weak_flavours[] = { "weak", "i-weak" };

static void test_unset(Tree *tree, const void *name)
{
    assert_link(tree->holder, name, "");
    g_assert_null(object_property_get_link(tree->holder, name,
                                           &error_abort));
}

static void test_type_name(Tree *tree, const void *name)
{
    g_assert_cmpstr(object_property_get_type(tree->holder, name,
                                             &error_abort), ==,
                    "link<target>");
}

static void test_set_and_read(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    assert_link(tree->holder, name, "/link-test/t");
    g_assert_true(object_property_get_link(tree->holder, name,
                                           &error_abort) == tree->target);
    g_assert_true(object_resolve_path_component(tree->holder, name) ==
                  tree->target);
}

static void test_set_by_path(Tree *tree, const void *name)
{
    static const char *const paths[] = {
        "/link-test/t", "link-test/t", "t", "//link-test//t/",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_assert_true(object_property_parse(tree->holder, name, "",
                                            &error_abort));
        assert_link(tree->holder, name, "");
        g_assert_true(object_property_parse(tree->holder, name, paths[i],
                                            &error_abort));
        assert_link(tree->holder, name, "/link-test/t");
    }
}

static void test_set_derived_type(Tree *tree, const void *name)
{
    set_link(tree, name, tree->other);
    assert_link(tree->holder, name, "/link-test/u");
}

static void test_set_null(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    set_link(tree, name, NULL);
    assert_link(tree->holder, name, "");
    g_assert_cmpuint(tree->target->ref, ==, 1);
}

static void test_strong_holds_reference(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    g_assert_cmpuint(tree->target->ref, ==, 2);
    set_link(tree, name, tree->target);
    g_assert_cmpuint(tree->target->ref, ==, 2);
    set_link(tree, name, tree->other);
    g_assert_cmpuint(tree->target->ref, ==, 1);
    g_assert_cmpuint(tree->other->ref, ==, 2);
}

static void test_strong_keeps_target(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    object_unparent(tree->target);
    g_assert_cmpint(n_targets, ==, 2);
    assert_link(tree->holder, name, "");
    set_link(tree, name, NULL);
    g_assert_cmpint(n_targets, ==, 1);
}

static void test_strong_is_released_with_holder(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    object_unparent(tree->target);
    object_unparent(tree->holder);
    g_assert_cmpint(n_targets, ==, 1);
}

static void test_weak_holds_no_reference(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    g_assert_cmpuint(tree->target->ref, ==, 1);
}

static void test_weak_is_cleared_with_target(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    object_unparent(tree->target);
    g_assert_cmpint(n_targets, ==, 1);
    assert_link(tree->holder, name, "");
    g_assert_null(HOLDER(tree->holder)->weak);
    g_assert_null(HOLDER(tree->holder)->instance_weak);
}

static void test_weak_reads_empty_out_of_tree(Tree *tree, const void *name)
{
    g_autoptr(Object) kept = object_ref(tree->target);

    g_assert_true(kept == tree->target);
    set_link(tree, name, tree->target);
    object_unparent(tree->target);
    assert_link(tree->holder, name, "");
    g_assert_null(object_property_get_link(tree->holder, name,
                                           &error_abort));
}

static void test_holder_goes_before_weak_target(Tree *tree, const void *name)
{
    set_link(tree, name, tree->target);
    object_unparent(tree->holder);
    object_unparent(tree->target);
    g_assert_cmpint(n_targets, ==, 1);
}

/* ---- Refusals ---- */

typedef struct RefusalRow {
    const char *name;
    const char *path;
    const char *message;
    ErrorClass error_class;
} RefusalRow;

static const RefusalRow refusal_rows[] = {
    { "wrong-type", "/link-test/box",
      "Invalid parameter type for 'strong', expected: target",
      ERROR_CLASS_GENERIC_ERROR },
    { "wrong-type-partial", "box",
      "Invalid parameter type for 'strong', expected: target",
      ERROR_CLASS_GENERIC_ERROR },
    { "absent", "/link-test/nobody", "Device '/link-test/nobody' not found",
      ERROR_CLASS_DEVICE_NOT_FOUND },
    { "absent-partial", "nobody", "Device 'nobody' not found",
      ERROR_CLASS_DEVICE_NOT_FOUND },
    { "ambiguous", "twin",
      "Path 'twin' does not uniquely identify an object",
      ERROR_CLASS_GENERIC_ERROR },
    { "not-an-object", "/link-test/t/level",
      "Device '/link-test/t/level' not found",
      ERROR_CLASS_DEVICE_NOT_FOUND },
};

static void test_refused(Tree *tree, const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(Error) err = NULL;

    object_new_with_props("target", tree->target, "twin", &error_abort,
                          NULL);
    object_new_with_props("target", tree->other, "twin", &error_abort, NULL);
    set_link(tree, "strong", tree->target);
    g_assert_false(object_property_set_str(tree->holder, "strong", row->path,
                                           &err));
    g_assert_cmpint(error_get_class(err), ==, row->error_class);
    assert_error(err, row->message);
    assert_link(tree->holder, "strong", "/link-test/t");
    g_assert_cmpuint(tree->target->ref, ==, 2);
}

/* Of several that have the name, only those of the type count. */
static void test_type_settles_ambiguity(Tree *tree, const void *data)
{
    object_property_add_new_container(tree->target, "pair");
    object_new_with_props("target", tree->other, "pair", &error_abort, NULL);
    g_assert_true(object_property_set_str(tree->holder, "strong", "pair",
                                          &error_abort));
    assert_link(tree->holder, "strong", "/link-test/u/pair");
}

/* A plugin may still register it: only a write says that it is missing. */
static void test_unknown_type(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;
    Object *slot = NULL;

    object_property_add_link(tree->holder, "to-nothing", "no-such-type",
                             &slot, object_property_allow_set_link, 0);
    g_assert_false(object_property_set_link(tree->holder, "to-nothing",
                                            tree->target, &err));
    assert_error(err, "Property 'holder.to-nothing' links to objects of type "
                      "'no-such-type', which is not registered");
    g_assert_null(slot);
    g_assert_true(object_property_set_str(tree->holder, "to-nothing", "",
                                          &error_abort));
}

static void test_orphan_is_refused(Tree *tree, const void *name)
{
    g_autoptr(Object) orphan = object_new("target");
    g_autofree char *message = g_strdup_printf(
        "Property 'holder.%s' cannot link to an object of type 'target' "
        "that has no path", (const char *)name);
    g_autoptr(Error) err = NULL;

    set_link(tree, name, tree->target);
    g_assert_false(object_property_set_link(tree->holder, name, orphan,
                                            &err));
    assert_error(err, message);
    assert_link(tree->holder, name, "/link-test/t");
    g_assert_cmpuint(orphan->ref, ==, 1);
}

static void test_not_a_string(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_int(tree->holder, "strong", 1, &err));
    assert_error(err, "Invalid parameter type for 'strong', expected: "
                      "string");
}

static void test_read_only(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    HOLDER(tree->holder)->read_only = object_ref(tree->target);
    g_assert_false(object_property_set_link(tree->holder, "read-only",
                                            tree->other, &err));
    assert_error(err, "Property 'holder.read-only' is not writable");
    assert_link(tree->holder, "read-only", "/link-test/t");
}

/* ---- The check callback ---- */

static void test_check_is_called(Tree *tree, const void *data)
{
    set_link(tree, "checked", tree->target);
    g_assert_cmpint(n_checks, ==, 1);
    g_assert_true(checked_value == tree->target);
    set_link(tree, "checked", NULL);
    g_assert_cmpint(n_checks, ==, 2);
    g_assert_null(checked_value);
}

static void test_check_may_refuse(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    TARGET(tree->other)->level = 9;
    set_link(tree, "checked", tree->target);
    g_assert_false(object_property_set_link(tree->holder, "checked",
                                            tree->other, &err));
    assert_error(err, "level 9 is too high for 'checked'");
    assert_link(tree->holder, "checked", "/link-test/t");
    g_assert_cmpuint(tree->other->ref, ==, 1);
}

/* ---- Links of rows ---- */

static void test_row_field_and_doc(Tree *tree, const void *data)
{
    set_link(tree, "row", tree->target);
    g_assert_true(OBJECT(HOLDER(tree->holder)->row) == tree->target);
    g_assert_cmpstr(object_property_find(tree->holder, "row")->description,
                    ==, "what is held");
}

static void test_row_set_create(Tree *tree, const void *data)
{
    Object *obj = object_new_with_props("holder", tree->root, "fixed",
                                        &error_abort, "at-birth", "t", NULL);
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_link(obj, "at-birth", tree->other,
                                            &err));
    assert_error(err, "Property 'holder.at-birth' can only be set when the "
                      "object is created");
    assert_link(obj, "at-birth", "/link-test/t");
}

static void test_row_asks_hook(Tree *tree, const void *data)
{
    set_link(tree, "row", tree->target);
    g_assert_cmpint(HOLDER(tree->holder)->n_changes, ==, 1);
    set_link(tree, "row", tree->target);
    g_assert_cmpint(HOLDER(tree->holder)->n_changes, ==, 1);
}

static void test_row_refused_by_hook(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    set_link(tree, "row", tree->target);
    HOLDER(tree->holder)->refuse = true;
    g_assert_false(object_property_set_link(tree->holder, "row", tree->other,
                                            &err));
    assert_error(err, "refused");
    assert_link(tree->holder, "row", "/link-test/t");
    g_assert_cmpuint(tree->target->ref, ==, 2);
    g_assert_cmpuint(tree->other->ref, ==, 1);
}

static void test_row_in_dropped_change(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    set_link(tree, "row", tree->target);
    g_assert_false(object_set_props(tree->holder, &err, "row", "u", "number",
                                    "-1", NULL));
    assert_error(err, "number value must be in range [0, "
                      "9223372036854775807]");
    assert_link(tree->holder, "row", "/link-test/t");
    g_assert_cmpuint(tree->target->ref, ==, 2);
    g_assert_cmpuint(tree->other->ref, ==, 1);
}

static void test_row_in_change(Tree *tree, const void *data)
{
    HOLDER(tree->holder)->n_changes = 0;
    g_assert_true(object_set_props(tree->holder, &error_abort, "row", "t",
                                   "number", "1", "row", "u", NULL));
    assert_link(tree->holder, "row", "/link-test/u");
    g_assert_cmpint(HOLDER(tree->holder)->n_changes, ==, 1);
    g_assert_cmpuint(tree->target->ref, ==, 1);
    g_assert_cmpuint(tree->other->ref, ==, 2);
}

/* ---- Holders ---- */

static int list_holder(Object *holder, const char *property, void *opaque)
{
    GString *text = opaque;
    g_autofree char *path = object_get_canonical_path(holder);

    g_string_append_printf(text, "%s.%s ", path, property);
    return 0;
}

#define assert_holders(obj, expected)                                       \
    do {                                                                    \
        g_autoptr(GString) text = g_string_new(NULL);                       \
                                                                            \
        g_assert_cmpint(object_foreach_holder((obj), list_holder, text),    \
                        ==, 0);                                             \
        g_assert_cmpstr(text->str, ==, (expected));                         \
    } while (0)

static void test_holders_in_order_of_setting(Tree *tree, const void *data)
{
    set_link(tree, "row", tree->target);
    set_link(tree, "i-strong", tree->target);
    set_link(tree, "strong", tree->target);
    assert_holders(tree->target,
                   "/link-test/h.row /link-test/h.i-strong "
                   "/link-test/h.strong ");
}

static void test_holders_without_weak(Tree *tree, const void *data)
{
    set_link(tree, "weak", tree->target);
    set_link(tree, "i-weak", tree->target);
    assert_holders(tree->target, "");
}

static void test_holder_is_gone(Tree *tree, const void *data)
{
    set_link(tree, "row", tree->target);
    set_link(tree, "i-strong", tree->target);
    set_link(tree, "strong", tree->target);
    set_link(tree, "i-strong", tree->other);
    assert_holders(tree->target, "/link-test/h.row /link-test/h.strong ");
    object_unparent(tree->holder);
    assert_holders(tree->target, "");
}

static void test_holder_property_is_deleted(Tree *tree, const void *data)
{
    set_link(tree, "i-strong", tree->target);
    object_property_del(tree->holder, "i-strong");
    assert_holders(tree->target, "");
    g_assert_cmpuint(tree->target->ref, ==, 1);
}

static int stop_at_second(Object *holder, const char *property, void *opaque)
{
    return ++*(int *)opaque == 2 ? 42 : 0;
}

static void test_holders_walk_can_end(Tree *tree, const void *data)
{
    int n = 0;

    set_link(tree, "row", tree->target);
    set_link(tree, "i-strong", tree->target);
    set_link(tree, "strong", tree->target);
    g_assert_cmpint(object_foreach_holder(tree->target, stop_at_second, &n),
                    ==, 42);
    g_assert_cmpint(n, ==, 2);
}

/* ---- Constant links ---- */

static void test_const_link(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    object_property_add_const_link(tree->holder, "const", tree->target);
    assert_link(tree->holder, "const", "/link-test/t");
    g_assert_cmpstr(object_property_get_type(tree->holder, "const",
                                             &error_abort), ==,
                    "link<target>");
    g_assert_cmpuint(tree->target->ref, ==, 1);
    g_assert_false(object_property_set_link(tree->holder, "const",
                                            tree->other, &err));
    assert_error(err, "Property 'holder.const' is not writable");
    g_assert_true(object_resolve_path("/link-test/h/const", NULL) ==
                  tree->target);
}

static void test_const_link_target_goes(Tree *tree, const void *data)
{
    object_property_add_const_link(tree->holder, "const", tree->target);
    object_unparent(tree->target);
    assert_link(tree->holder, "const", "");
}

/* ---- Aliases ---- */

static void test_alias_forwards(Tree *tree, const void *data)
{
    object_property_add_alias(tree->holder, "height", tree->target, "level");
    g_assert_true(object_property_set_int(tree->holder, "height", 5,
                                          &error_abort));
    g_assert_cmpint(TARGET(tree->target)->level, ==, 5);
    g_assert_cmpint(object_property_get_int(tree->holder, "height",
                                            &error_abort), ==, 5);
    g_assert_true(object_property_parse(tree->holder, "height", "6",
                                        &error_abort));
    g_assert_cmpint(TARGET(tree->target)->level, ==, 6);
}

static void test_alias_copies_what_is_shown(Tree *tree, const void *data)
{
    ObjectProperty *prop = object_property_add_alias(
        tree->holder, "height", tree->target, "level");

    g_assert_cmpstr(prop->type, ==, "int");
    g_assert_cmpstr(prop->description, ==, "how high");
    g_assert_nonnull(prop->defval);
    g_assert_cmpuint(tree->target->ref, ==, 1);
}

static const RefusalRow alias_rows[] = {
    { "range", "10", "height value must be in range [0, 9]", 0 },
    { "type", "\"x\"",
      "Invalid parameter type for 'height', expected: integer", 0 },
};

static void test_alias_error_has_its_name(Tree *tree, const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(JsonNode) node = json_parse(row->path, -1, &error_abort);
    g_autoptr(Error) err = NULL;

    object_property_add_alias(tree->holder, "height", tree->target, "level");
    g_assert_false(object_property_set_json(tree->holder, "height", node,
                                            &err));
    assert_error(err, row->message);
    g_assert_cmpint(TARGET(tree->target)->level, ==, 1);
}

static void test_alias_range_in_text(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    object_property_add_alias(tree->holder, "height", tree->target, "level");
    g_assert_false(object_property_parse(tree->holder, "height", "10",
                                         &err));
    assert_error(err, "height value must be in range [0, 9]");
}

static void test_alias_of_read_only(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    object_property_add_alias(tree->holder, "kind", tree->target, "type");
    assert_link(tree->holder, "kind", "target");
    g_assert_false(object_property_set_str(tree->holder, "kind", "x", &err));
    assert_error(err, "Property 'holder.kind' is not writable");
}

static void test_alias_of_child(Tree *tree, const void *data)
{
    object_property_add_alias(tree->holder, "near", tree->root, "t");
    g_assert_cmpstr(object_property_get_type(tree->holder, "near",
                                             &error_abort), ==,
                    "link<target>");
    assert_link(tree->holder, "near", "/link-test/t");
    g_assert_true(object_resolve_path("/link-test/h/near", NULL) ==
                  tree->target);
}

static void test_alias_of_link(Tree *tree, const void *data)
{
    object_property_add_alias(tree->target, "via", tree->holder, "strong");
    g_assert_true(object_property_set_link(tree->target, "via", tree->other,
                                           &error_abort));
    assert_link(tree->holder, "strong", "/link-test/u");
    g_assert_true(object_resolve_path("/link-test/t/via", NULL) ==
                  tree->other);
    g_assert_true(object_property_set_link(tree->target, "via", NULL,
                                           &error_abort));
    assert_link(tree->holder, "strong", "");
}

static void test_alias_of_alias(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    object_property_add_alias(tree->holder, "height", tree->target, "level");
    object_property_add_alias(tree->other, "altitude", tree->holder,
                              "height");
    g_assert_true(object_property_set_int(tree->other, "altitude", 7,
                                          &error_abort));
    g_assert_cmpint(TARGET(tree->target)->level, ==, 7);
    g_assert_false(object_property_set_int(tree->other, "altitude", 10,
                                           &err));
    assert_error(err, "altitude value must be in range [0, 9]");
}

static void abort_alias_of_unknown(void)
{
    Tree tree;

    tree_set_up(&tree, NULL);
    object_property_add_alias(tree.holder, "x", tree.target, "nothing");
}

/* ---- Children as properties ---- */

static void test_child_property(Tree *tree, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_cmpstr(object_property_get_type(tree->root, "u", &error_abort),
                    ==, "child<target-kid>");
    assert_link(tree->root, "u", "/link-test/u");
    g_assert_false(object_property_set_str(tree->root, "u", "/link-test/t",
                                           &err));
    assert_error(err, "Property 'container.u' is not writable");
}

static void test_child_of_orphan(void)
{
    g_autoptr(Object) parent = object_new("target");
    Object *kid = object_property_add_new_container(parent, "kid");

    assert_link(parent, "kid", "");
    g_assert_true(object_resolve_path_component(parent, "kid") == kid);
}

static void test_child_duplicate(Tree *tree, const void *data)
{
    g_autoptr(Object) obj = object_new("target");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_property_try_add_child(tree->root, "t", obj, &err));
    assert_error(err, "attempt to add duplicate property 't' to object "
                      "(type 'container')");
    g_assert_null(object_get_parent(obj));
    g_assert_cmpuint(obj->ref, ==, 1);
}

/* ---- Set-up ---- */

static void add(const char *path, const void *data,
                void (*test)(Tree *tree, const void *data))
{
    g_autofree char *full = g_strconcat("/qom/link/", path, NULL);

    g_test_add(full, Tree, data, tree_set_up, test, tree_tear_down);
}

static void add_flavours(const char *path, const char *const *names,
                         size_t n_names,
                         void (*test)(Tree *tree, const void *data))
{
    for (size_t i = 0; i < n_names; i++) {
        g_autofree char *full = g_strconcat(path, "/", names[i], NULL);

        add(full, names[i], test);
    }
}

#define ADD_FLAVOURS(path, names, test) \
    add_flavours(path, names, G_N_ELEMENTS(names), test)

static void add_flavour_tests(void)
{
    ADD_FLAVOURS("unset", flavours, test_unset);
    ADD_FLAVOURS("type-name", flavours, test_type_name);
    ADD_FLAVOURS("set-and-read", flavours, test_set_and_read);
    ADD_FLAVOURS("set-by-path", flavours, test_set_by_path);
    ADD_FLAVOURS("set-derived-type", flavours, test_set_derived_type);
    ADD_FLAVOURS("set-null", flavours, test_set_null);
    ADD_FLAVOURS("orphan-is-refused", flavours, test_orphan_is_refused);
    ADD_FLAVOURS("strong/holds-reference", strong_flavours,
                 test_strong_holds_reference);
    ADD_FLAVOURS("strong/keeps-target", strong_flavours,
                 test_strong_keeps_target);
    ADD_FLAVOURS("strong/is-released-with-holder", strong_flavours,
                 test_strong_is_released_with_holder);
    ADD_FLAVOURS("weak/holds-no-reference", weak_flavours,
                 test_weak_holds_no_reference);
    ADD_FLAVOURS("weak/is-cleared-with-target", weak_flavours,
                 test_weak_is_cleared_with_target);
    ADD_FLAVOURS("weak/reads-empty-out-of-tree", weak_flavours,
                 test_weak_reads_empty_out_of_tree);
    ADD_FLAVOURS("weak/holder-goes-first", weak_flavours,
                 test_holder_goes_before_weak_target);
}

static void add_refusal_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusal_rows); i++) {
        g_autofree char *path = g_strconcat("refuses/", refusal_rows[i].name,
                                            NULL);

        add(path, &refusal_rows[i], test_refused);
    }
    add("refuses/not-a-string", NULL, test_not_a_string);
    add("refuses/read-only", NULL, test_read_only);
    add("type-settles-ambiguity", NULL, test_type_settles_ambiguity);
    add("unknown-type", NULL, test_unknown_type);
    add("check/is-called", NULL, test_check_is_called);
    add("check/may-refuse", NULL, test_check_may_refuse);
    add("row/field-and-doc", NULL, test_row_field_and_doc);
    add("row/set-create", NULL, test_row_set_create);
    add("row/asks-hook", NULL, test_row_asks_hook);
    add("row/refused-by-hook", NULL, test_row_refused_by_hook);
    add("row/in-dropped-change", NULL, test_row_in_dropped_change);
    add("row/in-change", NULL, test_row_in_change);
    add("holders/in-order-of-setting", NULL,
        test_holders_in_order_of_setting);
    add("holders/without-weak", NULL, test_holders_without_weak);
    add("holders/holder-is-gone", NULL, test_holder_is_gone);
    add("holders/property-is-deleted", NULL,
        test_holder_property_is_deleted);
    add("holders/walk-can-end", NULL, test_holders_walk_can_end);
    add("const/reads", NULL, test_const_link);
    add("const/target-goes", NULL, test_const_link_target_goes);
}

static void add_alias_tests(void)
{
    add("alias/forwards", NULL, test_alias_forwards);
    add("alias/copies-what-is-shown", NULL, test_alias_copies_what_is_shown);
    for (size_t i = 0; i < G_N_ELEMENTS(alias_rows); i++) {
        g_autofree char *path = g_strconcat("alias/error-has-its-name/",
                                            alias_rows[i].name, NULL);

        add(path, &alias_rows[i], test_alias_error_has_its_name);
    }
    add("alias/error-has-its-name/range-in-text", NULL,
        test_alias_range_in_text);
    add("alias/of-read-only", NULL, test_alias_of_read_only);
    add("alias/of-child", NULL, test_alias_of_child);
    add("alias/of-link", NULL, test_alias_of_link);
    add("alias/of-alias", NULL, test_alias_of_alias);
    test_add_abort_func("/qom/link/aborts/alias-of-unknown",
                        abort_alias_of_unknown,
                        "*Property 'target.nothing' not found*");
    add("child/is-a-property", NULL, test_child_property);
    add("child/duplicate", NULL, test_child_duplicate);
    g_test_add_func("/qom/link/child/of-orphan", test_child_of_orphan);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_flavour_tests();
    add_refusal_tests();
    add_alias_tests();
    return test_run();
}
