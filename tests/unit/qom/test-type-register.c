/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registration of types: what is accepted, what is found, what aborts.
 *
 * Types that a test only reads are registered in main(); one that a test
 * registers itself has a name of its own, so tests run in any order.
 */
#include "tests/unit/test-util.h"
#include "qom/object.h"

#include <string.h>

static void register_type(const char *name, const char *parent)
{
    const TypeInfo info = { .name = name, .parent = parent };

    type_register(&info);
}

/* ---- What is accepted and found ---- */

static void test_parent_may_come_later(void)
{
    ObjectClass *klass;

    register_type("late-child", "late-parent");
    register_type("late-parent", TYPE_OBJECT);
    klass = object_class_by_name("late-child");
    g_assert_cmpstr(object_class_get_name(object_class_get_parent(klass)),
                    ==, "late-parent");
}

static void test_texts_are_copied(void)
{
    char name[] = "copied-name";
    char parent[] = "object";
    char iface[] = "noisy";
    InterfaceInfo interfaces[] = { { iface }, { NULL } };
    TypeInfo info = {
        .name = name, .parent = parent, .interfaces = interfaces,
    };
    ObjectClass *klass;

    type_register(&info);
    memset(name, 'x', strlen(name));
    memset(parent, 'x', strlen(parent));
    memset(iface, 'x', strlen(iface));
    interfaces[0].type = NULL;
    memset(&info, 0, sizeof(info));

    klass = object_class_by_name("copied-name");
    g_assert_nonnull(klass);
    g_assert_nonnull(object_class_dynamic_cast(klass, "noisy"));
}

static void test_name_is_accepted(const void *data)
{
    const char *name = data;

    register_type(name, TYPE_OBJECT);
    g_assert_cmpstr(object_class_get_name(object_class_by_name(name)), ==,
                    name);
}

static void test_register_returns_type(void)
{
    const TypeInfo info = { .name = "returned-type", .parent = TYPE_OBJECT };
    Type type = type_register(&info);

    g_assert_cmpstr(type_get_name(type), ==, "returned-type");
    g_assert_true(type_get_by_name("returned-type") == type);
}

static void test_register_array(void)
{
    const TypeInfo infos[] = {
        { .name = "array-one", .parent = TYPE_OBJECT },
        { .name = "array-two", .parent = "array-one" },
    };

    type_register_static_array(infos, G_N_ELEMENTS(infos));
    g_assert_nonnull(type_get_by_name("array-one"));
    g_assert_nonnull(type_get_by_name("array-two"));
}

static void test_unknown_name(void)
{
    g_assert_null(type_get_by_name("no-such-type"));
    g_assert_null(object_class_by_name("no-such-type"));
    g_assert_null(module_object_class_by_name("no-such-type"));
    g_assert_null(type_get_by_name(""));
}

/* Names in numbers that make the registry's table grow several times. */
static void test_many_types(void)
{
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("many-%d", i);

        register_type(name, TYPE_OBJECT);
    }
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("many-%d", i);

        g_assert_cmpstr(type_get_name(type_get_by_name(name)), ==, name);
    }
}

/* ---- Programming errors ---- */

#define DEFINE_BAD_NAME(test, bad_name)                                     \
    static void abort_##test(void)                                          \
    {                                                                       \
        register_type(bad_name, TYPE_OBJECT);                               \
    }

DEFINE_BAD_NAME(empty_name, "")
DEFINE_BAD_NAME(short_name, "x")
DEFINE_BAD_NAME(zero_first, "0ab")
DEFINE_BAD_NAME(dash_first, "-ab")
DEFINE_BAD_NAME(blank_inside, "a b")
DEFINE_BAD_NAME(slash_inside, "a/b")
DEFINE_BAD_NAME(colon_inside, "a:b")
DEFINE_BAD_NAME(not_ascii, "a\303\244")
DEFINE_BAD_NAME(no_name, NULL)
DEFINE_BAD_NAME(duplicate, "animal")
DEFINE_BAD_NAME(duplicate_root, "object")

static void abort_no_parent(void)
{
    register_type("rootless", NULL);
}

static void abort_unknown_parent(void)
{
    register_type("orphan-type", "no-such-type");
    object_class_by_name("orphan-type");
}

/* In a process of its own, as enumerating all types would find it. */
static void test_unknown_parent_may_be_registered(void)
{
    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    register_type("never-used-orphan", "no-such-type");
    g_assert_nonnull(type_get_by_name("never-used-orphan"));
}

static void abort_unknown_interface(void)
{
    type_register(&(TypeInfo){
        .name = "no-iface",
        .parent = TYPE_OBJECT,
        .interfaces = (InterfaceInfo[]){ { "no-such-iface" }, { NULL } },
    });
    object_class_by_name("no-iface");
}

static void abort_interface_is_class(void)
{
    type_register(&(TypeInfo){
        .name = "bad-iface",
        .parent = TYPE_OBJECT,
        .interfaces = (InterfaceInfo[]){ { "animal" }, { NULL } },
    });
    object_class_by_name("bad-iface");
}

static void abort_small_instance(void)
{
    type_register(&(TypeInfo){
        .name = "shrunk",
        .parent = "animal",
        .instance_size = sizeof(Object),
    });
    object_class_by_name("shrunk");
}

static void abort_small_class(void)
{
    type_register(&(TypeInfo){
        .name = "shrunk-class",
        .parent = "animal",
        .class_size = sizeof(ObjectClass),
    });
    object_class_by_name("shrunk-class");
}

static void no_hook(Object *obj)
{
}

static void abort_interface_with_size(void)
{
    type_register(&(TypeInfo){
        .name = "fat-iface",
        .parent = TYPE_INTERFACE,
        .instance_size = 8,
    });
    object_class_by_name("fat-iface");
}

static void abort_interface_with_init(void)
{
    type_register(&(TypeInfo){
        .name = "init-iface",
        .parent = TYPE_INTERFACE,
        .instance_init = no_hook,
    });
    object_class_by_name("init-iface");
}

static void abort_interface_with_post_init(void)
{
    type_register(&(TypeInfo){
        .name = "post-iface",
        .parent = TYPE_INTERFACE,
        .instance_post_init = no_hook,
    });
    object_class_by_name("post-iface");
}

static void abort_interface_with_finalize(void)
{
    type_register(&(TypeInfo){
        .name = "fini-iface",
        .parent = TYPE_INTERFACE,
        .instance_finalize = no_hook,
    });
    object_class_by_name("fini-iface");
}

static void abort_interface_with_interface(void)
{
    type_register(&(TypeInfo){
        .name = "nested-iface",
        .parent = TYPE_INTERFACE,
        .interfaces = (InterfaceInfo[]){ { "noisy" }, { NULL } },
    });
    object_class_by_name("nested-iface");
}

static void register_with_interfaces(const char *name, int n_interfaces)
{
    InterfaceInfo interfaces[TYPE_MAX_INTERFACES + 2] = { { NULL } };

    for (int i = 0; i < n_interfaces; i++) {
        g_autofree char *iface = g_strdup_printf("%s-i%d", name, i);

        type_register(&(TypeInfo){
            .name = iface,
            .parent = TYPE_INTERFACE,
            .class_size = sizeof(InterfaceClass),
        });
        interfaces[i].type = g_intern_string(iface);
    }
    type_register(&(TypeInfo){
        .name = name, .parent = TYPE_OBJECT, .interfaces = interfaces,
    });
}

static void abort_too_many_interfaces(void)
{
    register_with_interfaces("greedy", TYPE_MAX_INTERFACES + 1);
}

static void test_max_interfaces(void)
{
    ObjectClass *klass;

    register_with_interfaces("maximal", TYPE_MAX_INTERFACES);
    klass = object_class_by_name("maximal");
    for (int i = 0; i < TYPE_MAX_INTERFACES; i++) {
        g_autofree char *iface = g_strdup_printf("maximal-i%d", i);

        g_assert_nonnull(object_class_dynamic_cast(klass, iface));
    }
}

static void abort_register_in_enumeration_fn(ObjectClass *klass, void *opaque)
{
    register_type("too-late", TYPE_OBJECT);
}

static void abort_register_in_enumeration(void)
{
    object_class_foreach(abort_register_in_enumeration_fn, NULL, true, NULL);
}

/* ---- Threads ---- */

#define N_THREADS 4
#define N_THREAD_TYPES 300

typedef struct Lookup {
    int stop; /* atomic */
} Lookup;

static void *look_types_up(void *opaque)
{
    Lookup *lookup = opaque;
    uintptr_t n_found = 0;
    int i = 0;

    while (!__atomic_load_n(&lookup->stop, __ATOMIC_ACQUIRE)) {
        g_autofree char *name = g_strdup_printf("threaded-%d",
                                                i++ % N_THREAD_TYPES);
        ObjectClass *klass = object_class_by_name(name);

        if (klass) {
            n_found++;
            g_assert_cmpstr(object_class_get_name(klass), ==, name);
            g_assert_nonnull(object_class_dynamic_cast(klass, "horn"));
            g_assert_nonnull(object_class_dynamic_cast(klass, "noisy"));
        }
    }
    return (void *)n_found;
}

/* A parent is there before its child, as the readers build what they find. */
static void test_lookup_while_main_registers(void)
{
    Lookup lookup = { 0 };
    GThread *threads[N_THREADS];

    for (int i = 0; i < N_THREADS; i++) {
        threads[i] = g_thread_new("lookup", look_types_up, &lookup);
    }
    for (int i = 0; i < N_THREAD_TYPES; i++) {
        g_autofree char *name = g_strdup_printf("threaded-%d", i);
        g_autofree char *parent = g_strdup_printf("threaded-%d", i - 1);

        type_register(&(TypeInfo){
            .name = name,
            .parent = i % 10 ? parent : "horn",
        });
    }
    __atomic_store_n(&lookup.stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < N_THREADS; i++) {
        g_thread_join(threads[i]);
    }
    g_assert_nonnull(object_class_by_name("threaded-299"));
}

/* ---- Set-up ---- */

typedef struct Animal {
    Object parent_obj;
    int64_t legs;
} Animal;

typedef struct AnimalClass {
    ObjectClass parent_class;
    int n_legs;
} AnimalClass;

static const TypeInfo infos[] = {
    {
        .name = "animal",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Animal),
        .class_size = sizeof(AnimalClass),
    },
    {
        .name = "noisy",
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(InterfaceClass),
    },
    {
        .name = "horn",
        .parent = TYPE_OBJECT,
        .interfaces = (const InterfaceInfo[]){ { "noisy" }, { NULL } },
    },
};

static void add_abort_tests(void)
{
    static const struct {
        const char *name;
        void (*test)(void);
        const char *pattern;
    } rows[] = {
        { "name/empty", abort_empty_name,
          "*cannot register type '': the name is not a valid type name*" },
        { "name/one-character", abort_short_name,
          "*cannot register type 'x': the name is not a valid type name*" },
        { "name/begins-with-0", abort_zero_first,
          "*cannot register type '0ab': the name is not a valid*" },
        { "name/begins-with-dash", abort_dash_first,
          "*cannot register type '-ab': the name is not a valid*" },
        { "name/blank", abort_blank_inside,
          "*cannot register type 'a b': the name is not a valid*" },
        { "name/slash", abort_slash_inside,
          "*cannot register type 'a/b': the name is not a valid*" },
        { "name/colon", abort_colon_inside,
          "*cannot register type 'a:b': the name is not a valid*" },
        { "name/not-ascii", abort_not_ascii,
          "*cannot register type *: the name is not a valid*" },
        { "name/null", abort_no_name,
          "*cannot register type '(null)': the name is not a valid*" },
        { "duplicate", abort_duplicate,
          "*cannot register type 'animal': a type of that name is already "
          "registered*" },
        { "duplicate-root", abort_duplicate_root,
          "*cannot register type 'object': a type of that name*" },
        { "no-parent", abort_no_parent,
          "*cannot register type 'rootless': it names no parent*" },
        { "unknown-parent", abort_unknown_parent,
          "*type 'orphan-type' is missing its parent 'no-such-type'*" },
        { "unknown-interface", abort_unknown_interface,
          "*type 'no-iface' is missing its interface 'no-such-iface'*" },
        { "interface-is-class", abort_interface_is_class,
          "*type '*' names '*' as an interface, which is a class*" },
        { "small-instance", abort_small_instance,
          "*type '*': its instance_size is *, but that of its parent type "
          "'*' is *; the struct must begin with the parent's*" },
        { "small-class", abort_small_class,
          "*type '*': its class_size is *, but that of its parent type "
          "'*' is *" },
        { "interface-with-size", abort_interface_with_size,
          "*interface '*' has an instance_size; an interface has no "
          "instances*" },
        { "interface-with-init", abort_interface_with_init,
          "*interface '*' has an instance_init;*" },
        { "interface-with-post-init", abort_interface_with_post_init,
          "*interface '*' has an instance_post_init;*" },
        { "interface-with-finalize", abort_interface_with_finalize,
          "*interface '*' has an instance_finalize;*" },
        { "interface-with-interface", abort_interface_with_interface,
          "*interface '*' has interfaces;*" },
        { "too-many-interfaces", abort_too_many_interfaces,
          "*cannot register type 'greedy': it has too many interfaces*" },
        { "while-enumerating", abort_register_in_enumeration,
          "*cannot register type 'too-late': types are being enumerated*" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qom/type/aborts/",
                                            rows[i].name, NULL);

        test_add_abort_func(path, rows[i].test, rows[i].pattern);
    }
}

static void add_name_tests(void)
{
    static const char *const names[] = {
        "ab", "1a", "A9", "a-b", "a_b", "a.b", "a-", "Long-Name_1.2",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat("/qom/type/name/accepts/",
                                            names[i], NULL);

        g_test_add_data_func(path, names[i], test_name_is_accepted);
    }
}

static void add_registration_tests(void)
{
    g_test_add_func("/qom/type/register/parent-may-come-later",
                    test_parent_may_come_later);
    g_test_add_func("/qom/type/register/unknown-parent-is-found-at-use",
                    test_unknown_parent_may_be_registered);
    g_test_add_func("/qom/type/register/texts-are-copied",
                    test_texts_are_copied);
    g_test_add_func("/qom/type/register/returns-type",
                    test_register_returns_type);
    g_test_add_func("/qom/type/register/array", test_register_array);
    g_test_add_func("/qom/type/register/many", test_many_types);
    g_test_add_func("/qom/type/interface/max-number", test_max_interfaces);
    g_test_add_func("/qom/type/lookup/unknown-name", test_unknown_name);
    g_test_add_func("/qom/type/lookup/while-main-registers",
                    test_lookup_while_main_registers);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_registration_tests();
    add_name_tests();
    add_abort_tests();
    return test_run();
}
