/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Casts of objects and classes, by all macros and functions. */
#include "tests/unit/test-util.h"
#include "qom/object.h"

#include <string.h>

/* ---- A chain of types deeper than casts are inlined for ---- */

#define CHAIN_LENGTH (OBJECT_CLASS_INLINE_DEPTH + 5)

typedef struct Chain {
    Object parent_obj;
} Chain;

typedef struct ChainClass {
    ObjectClass parent_class;
} ChainClass;

DECLARE_OBJ_CHECKERS(Chain, ChainClass, CHAIN1, "chain-1")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, CHAIN6, "chain-6")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, CHAIN7, "chain-7")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, CHAIN8, "chain-8")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, CHAIN12, "chain-12")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, OTHER, "other")
DECLARE_OBJ_CHECKERS(Chain, ChainClass, UNKNOWN, "no-such-type")

typedef struct Noisy Noisy;
typedef struct NoisyClass {
    InterfaceClass parent_class;
    int loudness;
} NoisyClass;

DECLARE_CLASS_CHECKERS(NoisyClass, NOISY, "noisy")
DECLARE_INTERFACE_CHECKER(Noisy, NOISY, "noisy")

typedef struct Musical Musical;
DECLARE_INTERFACE_CHECKER(Musical, MUSICAL, "musical")

static void noisy_class_init(ObjectClass *klass, const void *data)
{
    NOISY_CLASS(klass)->loudness = 5;
}

/* Type "chain-N" has depth N. */
static void register_chain(void)
{
    for (int i = 1; i <= CHAIN_LENGTH; i++) {
        g_autofree char *name = g_strdup_printf("chain-%d", i);
        g_autofree char *parent = i == 1 ? g_strdup(TYPE_OBJECT)
                                         : g_strdup_printf("chain-%d", i - 1);

        type_register(&(TypeInfo){
            .name = name,
            .parent = parent,
            .instance_size = sizeof(Chain),
            .class_size = sizeof(ChainClass),
        });
    }
}

static const TypeInfo infos[] = {
    {
        .name = "other",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Chain),
        .class_size = sizeof(ChainClass),
    },
    {
        .name = "noisy",
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(NoisyClass),
        .class_init = noisy_class_init,
    },
    { .name = "musical", .parent = "noisy" },
    { .name = "alarming", .parent = "noisy" },
    {
        .name = "horn",
        .parent = "chain-2",
        .interfaces = (const InterfaceInfo[]){ { "noisy" }, { NULL } },
    },
    { .name = "car-horn", .parent = "horn" },
    {
        .name = "organ",
        .parent = TYPE_OBJECT,
        .interfaces = (const InterfaceInfo[]){ { "musical" }, { NULL } },
    },
    {
        .name = "musical-alarm",
        .parent = TYPE_OBJECT,
        .interfaces = (const InterfaceInfo[]){ { "musical" },
                                               { "alarming" }, { NULL } },
    },
};

/* ---- Dynamic casts, as rows ---- */

typedef struct CastRow {
    const char *name;
    const char *type;   /* of the object */
    const char *target; /* of the cast */
    bool works;
} CastRow;

static const CastRow cast_rows[] = {
    { "own-type", "chain-3", "chain-3", true },
    { "parent", "chain-3", "chain-2", true },
    { "root", "chain-3", TYPE_OBJECT, true },
    { "child", "chain-2", "chain-3", false },
    { "sibling", "chain-3", "other", false },
    { "depth-7-from-8", "chain-8", "chain-7", true },
    { "depth-8-own", "chain-8", "chain-8", true },
    { "depth-8-from-13", "chain-13", "chain-8", true },
    { "depth-9-from-13", "chain-13", "chain-9", true },
    { "depth-1-from-13", "chain-13", "chain-1", true },
    { "depth-13-from-12", "chain-12", "chain-13", false },
    { "deep-sibling", "chain-13", "other", false },
    { "interface", "horn", "noisy", true },
    { "inherited-interface", "car-horn", "noisy", true },
    { "base-of-interface", "organ", "noisy", true },
    { "root-of-interfaces", "horn", TYPE_INTERFACE, true },
    { "sub-interface-not-implemented", "horn", "musical", false },
    { "interface-of-none", "other", "noisy", false },
    { "interface-of-child", "chain-2", "noisy", false },
    { "ambiguous-interface", "musical-alarm", "noisy", false },
    { "each-of-ambiguous", "musical-alarm", "alarming", true },
    { "unknown-type", "chain-3", "no-such-type", false },
    { "empty-name", "chain-3", "", false },
};

static void test_object_dynamic_cast(const void *data)
{
    const CastRow *row = data;
    g_autoptr(Object) obj = object_new(row->type);
    Object *cast = object_dynamic_cast(obj, row->target);

    g_assert_true(cast == (row->works ? obj : NULL));
}

/* A class is cast to itself, but for interfaces. */
static void test_class_dynamic_cast(const void *data)
{
    const CastRow *row = data;
    ObjectClass *klass = object_class_by_name(row->type);
    ObjectClass *cast = object_class_dynamic_cast(klass, row->target);
    ObjectClass *target = object_class_by_name(row->target);

    g_assert_cmpint(cast != NULL, ==, row->works);
    if (cast && !object_class_is_interface(target)) {
        g_assert_true(cast == klass);
    }
}

static void test_dynamic_cast_of_null(void)
{
    g_assert_null(object_dynamic_cast(NULL, "other"));
    g_assert_null(object_class_dynamic_cast(NULL, "other"));
}

/* ---- Checked casts ---- */

static void test_check_own_type(void)
{
    g_autoptr(Object) obj = object_new("chain-1");

    g_assert_true((Object *)CHAIN1(obj) == obj);
}

/* One place of a cast keeps what it has found; the second pass reads it. */
static void test_check_at_each_depth(void)
{
    g_autoptr(Object) obj = object_new("chain-13");

    for (int i = 0; i < 2; i++) {
        g_assert_true((Object *)CHAIN1(obj) == obj);
        g_assert_true((Object *)CHAIN6(obj) == obj);
        g_assert_true((Object *)CHAIN7(obj) == obj);
        g_assert_true((Object *)CHAIN8(obj) == obj);
        g_assert_true((Object *)CHAIN12(obj) == obj);
    }
}

static void test_check_of_many_types(void)
{
    for (int i = 1; i <= CHAIN_LENGTH; i++) {
        g_autofree char *type = g_strdup_printf("chain-%d", i);
        g_autoptr(Object) obj = object_new(type);

        g_assert_true((Object *)CHAIN1(obj) == obj);
    }
}

static void test_check_null(void)
{
    g_assert_null(CHAIN1(NULL));
    g_assert_null(NOISY(NULL));
    g_assert_null(CHAIN1_CLASS(NULL));
    g_assert_null(UNKNOWN(NULL));
}

static void test_check_class(void)
{
    ObjectClass *klass = object_class_by_name("chain-13");

    for (int i = 0; i < 2; i++) {
        g_assert_true((ObjectClass *)CHAIN1_CLASS(klass) == klass);
        g_assert_true((ObjectClass *)CHAIN12_CLASS(klass) == klass);
    }
}

static void test_check_get_class(void)
{
    g_autoptr(Object) obj = object_new("chain-7");

    g_assert_true((ObjectClass *)CHAIN1_GET_CLASS(obj) ==
                  object_class_by_name("chain-7"));
}

static void test_check_interface(void)
{
    g_autoptr(Object) horn = object_new("horn");
    g_autoptr(Object) car_horn = object_new("car-horn");

    for (int i = 0; i < 2; i++) {
        g_assert_true((Object *)NOISY(horn) == horn);
        g_assert_true((Object *)NOISY(car_horn) == car_horn);
    }
}

static void test_check_base_of_interface(void)
{
    g_autoptr(Object) obj = object_new("organ");

    for (int i = 0; i < 2; i++) {
        g_assert_true((Object *)NOISY(obj) == obj);
        g_assert_true((Object *)MUSICAL(obj) == obj);
    }
}

static void test_check_interface_class(void)
{
    g_autoptr(Object) obj = object_new("horn");
    NoisyClass *noisy = NOISY_GET_CLASS(obj);

    g_assert_cmpint(noisy->loudness, ==, 5);
    g_assert_true(noisy->parent_class.concrete_class == obj->klass);
    g_assert_true(NOISY_CLASS(noisy) == noisy);
    g_assert_true(INTERFACE_CLASS(noisy) == &noisy->parent_class);
}

/* The older macros, with a literal and with a name that is not. */
static void test_object_check(void)
{
    g_autoptr(Object) obj = object_new("chain-7");
    g_autofree char *name = g_strdup("chain-3");

    for (int i = 0; i < 2; i++) {
        g_assert_true((Object *)OBJECT_CHECK(Chain, obj, "chain-3") == obj);
        g_assert_true((Object *)OBJECT_CHECK(Chain, obj, name) == obj);
    }
    g_assert_true((ObjectClass *)OBJECT_CLASS_CHECK(ChainClass, obj->klass,
                                                    "chain-3") ==
                  obj->klass);
    g_assert_true((ObjectClass *)OBJECT_GET_CLASS(ChainClass, obj, name) ==
                  obj->klass);
}

static void test_interface_check(void)
{
    g_autoptr(Object) obj = object_new("horn");

    g_assert_true((Object *)INTERFACE_CHECK(Noisy, obj, "noisy") == obj);
}

static void test_plain_macros(void)
{
    g_autoptr(Object) obj = object_new("horn");
    Chain *chain = CHAIN1(obj);

    g_assert_true(OBJECT(chain) == obj);
    g_assert_true(OBJECT_CLASS(CHAIN1_GET_CLASS(chain)) == obj->klass);
    g_assert_true(object_get_class(obj) == object_class_by_name("horn"));
    g_assert_cmpstr(object_get_typename(obj), ==, "horn");
}

/* ---- Failing checked casts ---- */

static void abort_wrong_type(void)
{
    OTHER(object_new("chain-1"));
}

static void abort_wrong_type_second_time(void)
{
    for (const char *type = "other";; type = "chain-1") {
        OTHER(object_new(type));
    }
}

static void abort_child(void)
{
    CHAIN6(object_new("chain-1"));
}

static void abort_deep_child(void)
{
    CHAIN12(object_new("chain-8"));
}

static void abort_unknown(void)
{
    UNKNOWN(object_new("chain-1"));
}

static void abort_class(void)
{
    OTHER_CLASS(object_class_by_name("chain-1"));
}

static void abort_get_class(void)
{
    OTHER_GET_CLASS(object_new("chain-1"));
}

static void abort_interface(void)
{
    NOISY(object_new("other"));
}

static void abort_ambiguous(void)
{
    NOISY(object_new("musical-alarm"));
}

static void abort_interface_class(void)
{
    NOISY_GET_CLASS(object_new("other"));
}

static void abort_object_check(void)
{
    if (OBJECT_CHECK(Chain, object_new("chain-1"), "other")) {
        g_assert_not_reached();
    }
}

static void abort_interface_check(void)
{
    if (INTERFACE_CHECK(Noisy, object_new("chain-1"), "noisy")) {
        g_assert_not_reached();
    }
}

/* ---- Threads ---- */

static void *cast_in_thread(void *opaque)
{
    Object *obj = opaque;

    for (int i = 0; i < 1000; i++) {
        g_assert_nonnull(CHAIN7(obj));
        g_assert_nonnull(CHAIN12(obj));
        g_assert_nonnull(object_dynamic_cast(obj, "chain-9"));
        g_assert_null(object_dynamic_cast(obj, "noisy"));
        g_assert_null(object_dynamic_cast(obj, "other"));
    }
    return NULL;
}

static void test_casts_in_threads(void)
{
    g_autoptr(Object) obj = object_new("chain-13");
    GThread *threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("cast", cast_in_thread, obj);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
}

/* ---- Set-up ---- */

static void add_rows(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cast_rows); i++) {
        g_autofree char *object_path = g_strconcat(
            "/qom/cast/dynamic/object/", cast_rows[i].name, NULL);
        g_autofree char *class_path = g_strconcat(
            "/qom/cast/dynamic/class/", cast_rows[i].name, NULL);

        g_test_add_data_func(object_path, &cast_rows[i],
                             test_object_dynamic_cast);
        g_test_add_data_func(class_path, &cast_rows[i],
                             test_class_dynamic_cast);
    }
}

static void add_abort_tests(void)
{
    static const struct {
        const char *name;
        void (*test)(void);
        const char *pattern;
    } rows[] = {
        { "wrong-type", abort_wrong_type,
          "*test-cast.c:*:OTHER: 0x* is 'chain-1', not an instance of type "
          "'other'*" },
        { "wrong-type-second-time", abort_wrong_type_second_time,
          "*is 'chain-1', not an instance of type 'other'*" },
        { "child", abort_child,
          "*is 'chain-1', not an instance of type 'chain-6'*" },
        { "deep-child", abort_deep_child,
          "*is 'chain-8', not an instance of type 'chain-12'*" },
        { "unknown", abort_unknown,
          "*is 'chain-1', not an instance of type 'no-such-type'*" },
        { "class", abort_class,
          "*test-cast.c:*:OTHER_CLASS: 0x* is 'chain-1', not an instance of "
          "type 'other'*" },
        { "get-class", abort_get_class,
          "*is 'chain-1', not an instance of type 'other'*" },
        { "interface", abort_interface,
          "*is 'other', not an instance of type 'noisy'*" },
        { "ambiguous", abort_ambiguous,
          "*is 'musical-alarm', not an instance of type 'noisy'*" },
        { "interface-class", abort_interface_class,
          "*is 'other', not an instance of type 'noisy'*" },
        { "object-check", abort_object_check,
          "*test-cast.c:*:abort_object_check: 0x* is 'chain-1', not an "
          "instance of type 'other'*" },
        { "interface-check", abort_interface_check,
          "*test-cast.c:*:abort_interface_check: 0x* is 'chain-1', not an "
          "instance of type 'noisy'*" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qom/cast/aborts/",
                                            rows[i].name, NULL);

        test_add_abort_func(path, rows[i].test, rows[i].pattern);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    register_chain();
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_rows();
    add_abort_tests();
    g_test_add_func("/qom/cast/dynamic/null", test_dynamic_cast_of_null);
    g_test_add_func("/qom/cast/check/own-type", test_check_own_type);
    g_test_add_func("/qom/cast/check/at-each-depth",
                    test_check_at_each_depth);
    g_test_add_func("/qom/cast/check/of-many-types",
                    test_check_of_many_types);
    g_test_add_func("/qom/cast/check/null", test_check_null);
    g_test_add_func("/qom/cast/check/class", test_check_class);
    g_test_add_func("/qom/cast/check/get-class", test_check_get_class);
    g_test_add_func("/qom/cast/check/interface", test_check_interface);
    g_test_add_func("/qom/cast/check/base-of-interface",
                    test_check_base_of_interface);
    g_test_add_func("/qom/cast/check/interface-class",
                    test_check_interface_class);
    g_test_add_func("/qom/cast/macros/object-check", test_object_check);
    g_test_add_func("/qom/cast/macros/interface-check", test_interface_check);
    g_test_add_func("/qom/cast/macros/plain", test_plain_macros);
    g_test_add_func("/qom/cast/threads", test_casts_in_threads);
    return test_run();
}
