/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types: how classes are built, interfaces, enumeration.  Registration:
 * test-type-register.c; the macros that define types: test-type-macros.c.
 *
 * Types that a test only reads are registered in main(); one that a test
 * registers itself has a name of its own, so tests run in any order.
 */
#include "tests/unit/test-util.h"
#include "qom/object.h"

static void register_type(const char *name, const char *parent)
{
    const TypeInfo info = { .name = name, .parent = parent };

    type_register(&info);
}

/* ---- A family of types that records how it is built ---- */

static void trace_call(const char *what, ObjectClass *klass,
                       const void *data)
{
    test_note("%s(%s,%s)", what, object_class_get_name(klass),
              data ? (const char *)data : "-");
}

#define DEFINE_TRACED_HOOKS(who)                                            \
    static void who##_base_init(ObjectClass *klass, const void *data)       \
    {                                                                       \
        trace_call(#who ".base", klass, data);                              \
    }                                                                       \
    static void who##_class_init(ObjectClass *klass, const void *data)      \
    {                                                                       \
        trace_call(#who ".class", klass, data);                             \
    }

DEFINE_TRACED_HOOKS(top)
DEFINE_TRACED_HOOKS(mid)
DEFINE_TRACED_HOOKS(leaf)

static const TypeInfo traced_infos[] = {
    {
        /* registered before its parent */
        .name = "traced-leaf",
        .parent = "traced-mid",
        .class_base_init = leaf_base_init,
        .class_init = leaf_class_init,
        .class_data = "leaf",
    },
    {
        .name = "traced-mid",
        .parent = "traced-top",
        .class_base_init = mid_base_init,
        .class_init = mid_class_init,
        .class_data = "mid",
    },
    {
        .name = "traced-top",
        .parent = TYPE_OBJECT,
        .class_base_init = top_base_init,
        .class_init = top_class_init,
    },
};

/* In a process of its own, where nothing has built the classes before. */
static void test_class_hooks_order(void)
{
    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    test_trace_begin();
    object_class_by_name("traced-leaf");
    test_trace_end("top.class(traced-top,-) "
                   "top.base(traced-mid,mid) mid.class(traced-mid,mid) "
                   "mid.base(traced-leaf,leaf) top.base(traced-leaf,leaf) "
                   "leaf.class(traced-leaf,leaf)");
    test_trace_begin();
    object_class_by_name("traced-leaf");
    test_trace_end("");
}

/* ---- Methods and sizes ---- */

typedef struct Animal {
    Object parent_obj;
    int64_t legs;
} Animal;

typedef struct AnimalClass {
    ObjectClass parent_class;
    const char *(*noise)(void);
    int n_legs;
} AnimalClass;

DECLARE_OBJ_CHECKERS(Animal, AnimalClass, ANIMAL, "animal")

static const char *animal_noise(void)
{
    return "...";
}

static const char *dog_noise(void)
{
    return "woof";
}

static void animal_class_init(ObjectClass *klass, const void *data)
{
    ANIMAL_CLASS(klass)->noise = animal_noise;
    ANIMAL_CLASS(klass)->n_legs = 4;
}

static void dog_class_init(ObjectClass *klass, const void *data)
{
    ANIMAL_CLASS(klass)->noise = dog_noise;
}

static AnimalClass *animal_class(const char *name)
{
    return ANIMAL_CLASS(object_class_by_name(name));
}

static void test_methods_are_inherited_by_value(void)
{
    g_assert_true(animal_class("dog")->noise == dog_noise);
    g_assert_true(animal_class("puppy")->noise == dog_noise);
    g_assert_true(animal_class("animal")->noise == animal_noise);
    g_assert_cmpint(animal_class("puppy")->n_legs, ==, 4);
}

static void test_class_change_does_not_reach_parent(void)
{
    animal_class("cat")->n_legs = 3;
    g_assert_cmpint(animal_class("animal")->n_legs, ==, 4);
    g_assert_cmpint(animal_class("dog")->n_legs, ==, 4);
}

static void test_size_is_inherited(void)
{
    g_assert_cmpuint(object_type_get_instance_size("puppy"), ==,
                     sizeof(Animal));
    g_assert_cmpuint(object_type_get_instance_size("animal"), ==,
                     sizeof(Animal));
    g_assert_cmpuint(object_type_get_instance_size("big-animal"), ==,
                     sizeof(Animal) + 100);
}

static void test_property_list_is_not_inherited(void)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    int n_own = 0;

    object_class_property_iter_init(&iter, object_class_by_name("dog"));
    while ((prop = object_property_iter_next(&iter))) {
        n_own += !strcmp(prop->name, "type");
    }
    g_assert_cmpint(n_own, ==, 1);
}

/* ---- When classes are built ---- */

static void test_registration_does_not_build(void)
{
    test_trace_begin();
    type_register(&(TypeInfo){
        .name = "lazy-type",
        .parent = TYPE_OBJECT,
        .class_init = leaf_class_init,
    });
    g_assert_cmpstr(type_get_name(type_get_by_name("lazy-type")), ==,
                    "lazy-type");
    test_trace_end("");
    test_trace_begin();
    object_class_by_name("lazy-type");
    test_trace_end("leaf.class(lazy-type,-)");
}

static void own_class_init(ObjectClass *klass, const void *data)
{
    g_assert_true(object_class_by_name("looks-itself-up") == klass);
}

static void test_class_init_may_look_itself_up(void)
{
    type_register(&(TypeInfo){
        .name = "looks-itself-up",
        .parent = TYPE_OBJECT,
        .class_init = own_class_init,
    });
    g_assert_nonnull(object_class_by_name("looks-itself-up"));
}

/* ---- Interfaces ---- */

typedef struct NoisyClass {
    InterfaceClass parent_class;
    int loudness;
} NoisyClass;

DECLARE_CLASS_CHECKERS(NoisyClass, NOISY, "noisy")

static void noisy_class_init(ObjectClass *klass, const void *data)
{
    NOISY_CLASS(klass)->loudness = 1;
}

static void horn_class_init(ObjectClass *klass, const void *data)
{
    NOISY_CLASS(klass)->loudness += 10;
}

static void siren_class_init(ObjectClass *klass, const void *data)
{
    NOISY_CLASS(klass)->loudness += 100;
}

static NoisyClass *noisy_of(const char *type)
{
    return (NoisyClass *)object_class_dynamic_cast(object_class_by_name(type),
                                                   "noisy");
}

static void test_interface_default_methods(void)
{
    g_assert_cmpint(noisy_of("radio")->loudness, ==, 1);
}

static void test_interface_is_per_class(void)
{
    g_assert_cmpint(noisy_of("horn")->loudness, ==, 11);
    g_assert_cmpint(noisy_of("siren")->loudness, ==, 111);
    g_assert_cmpint(noisy_of("radio")->loudness, ==, 1);
    g_assert_true(noisy_of("horn") != noisy_of("siren"));
}

static void test_interface_is_inherited_with_values(void)
{
    g_assert_cmpint(noisy_of("car-horn")->loudness, ==, 11);
    g_assert_true(noisy_of("car-horn") != noisy_of("horn"));
}

static void test_interface_class_is_hidden(void)
{
    ObjectClass *klass = (ObjectClass *)noisy_of("horn");

    g_assert_cmpstr(object_class_get_name(klass), ==, "horn::noisy");
    g_assert_true(object_class_is_abstract(klass));
    g_assert_null(type_get_by_name("horn::noisy"));
    g_assert_true(noisy_of("horn")->parent_class.concrete_class ==
                  object_class_by_name("horn"));
}

static void test_sub_interface_serves_for_both(void)
{
    ObjectClass *klass = object_class_by_name("organ");
    ObjectClass *noisy = object_class_dynamic_cast(klass, "noisy");

    g_assert_nonnull(noisy);
    g_assert_true(noisy == object_class_dynamic_cast(klass, "musical"));
}

static void test_interface_twice_over_is_ambiguous(void)
{
    ObjectClass *klass = object_class_by_name("musical-alarm");

    g_assert_nonnull(object_class_dynamic_cast(klass, "musical"));
    g_assert_nonnull(object_class_dynamic_cast(klass, "alarming"));
    g_assert_null(object_class_dynamic_cast(klass, "noisy"));
}

static void test_interface_ambiguity_is_inherited(void)
{
    ObjectClass *klass = object_class_by_name("clock-radio");

    g_assert_nonnull(object_class_dynamic_cast(klass, "musical"));
    g_assert_null(object_class_dynamic_cast(klass, "noisy"));
}

/* ---- Queries ---- */

static void test_roots(void)
{
    ObjectClass *object = object_class_by_name(TYPE_OBJECT);
    ObjectClass *interface = object_class_by_name(TYPE_INTERFACE);

    g_assert_null(object_class_get_parent(object));
    g_assert_null(object_class_get_parent(interface));
    g_assert_true(object_class_is_abstract(object));
    g_assert_true(object_class_is_abstract(interface));
    g_assert_false(object_class_is_interface(object));
    g_assert_true(object_class_is_interface(interface));
}

static void test_query_interface(void)
{
    ObjectClass *noisy = object_class_by_name("noisy");

    g_assert_true(object_class_is_interface(noisy));
    g_assert_true(object_class_is_abstract(noisy));
    g_assert_false(object_class_is_interface(object_class_by_name("horn")));
}

static void test_query_abstract(void)
{
    g_assert_true(object_class_is_abstract(object_class_by_name("animal")));
    g_assert_false(object_class_is_abstract(object_class_by_name("dog")));
}

/* ---- Enumeration ---- */

static char *names_of(GSList *list)
{
    GString *text = g_string_new(NULL);

    for (GSList *l = list; l; l = l->next) {
        g_string_append_printf(text, "%s%s", text->len ? " " : "",
                               object_class_get_name(l->data));
    }
    g_slist_free(list);
    return g_string_free(text, FALSE);
}

static void test_list_is_in_order_of_names(void)
{
    g_autofree char *names = names_of(object_class_get_list("animal", true));

    g_assert_cmpstr(names, ==, "Zebra animal big-animal cat dog puppy");
}

static void test_list_sorted_ignores_case(void)
{
    g_autofree char *names = names_of(object_class_get_list_sorted("animal",
                                                                   true));

    g_assert_cmpstr(names, ==, "animal big-animal cat dog puppy Zebra");
}

static void test_list_leaves_abstract_out(void)
{
    g_autofree char *names = names_of(object_class_get_list("animal", false));

    g_assert_cmpstr(names, ==, "Zebra big-animal cat dog puppy");
}

static void test_list_of_interface(void)
{
    g_autofree char *names = names_of(object_class_get_list("musical",
                                                            false));

    g_assert_cmpstr(names, ==, "clock-radio musical-alarm organ");
}

static void test_list_of_unknown_type(void)
{
    g_assert_null(object_class_get_list("no-such-type", true));
}

static void test_list_without_filter(void)
{
    g_autoptr(GSList) list = object_class_get_list(NULL, true);

    g_assert_nonnull(g_slist_find(list, object_class_by_name("object")));
    g_assert_nonnull(g_slist_find(list, object_class_by_name("interface")));
    g_assert_nonnull(g_slist_find(list, object_class_by_name("dog")));
    g_assert_null(g_slist_find(list, noisy_of("horn")));
}

static void test_list_may_be_nested_fn(ObjectClass *klass, void *opaque)
{
    g_autoptr(GSList) list = object_class_get_list("animal", true);

    *(int *)opaque += g_slist_length(list);
}

static void test_list_may_be_nested(void)
{
    int n = 0;

    object_class_foreach(test_list_may_be_nested_fn, "dog", true, &n);
    g_assert_cmpint(n, ==, 12);
    register_type("after-nested-list", TYPE_OBJECT);
}

#define N_THREADS 4

static int n_slow_inits; /* atomic */

static void slow_class_init(ObjectClass *klass, const void *data)
{
    g_thread_yield();
    __atomic_fetch_add(&n_slow_inits, 1, __ATOMIC_RELAXED);
}

static void *build_slow_class(void *opaque)
{
    return object_class_by_name("slow-class");
}

static void test_class_is_built_once(void)
{
    GThread *threads[N_THREADS];
    void *klass = NULL;

    type_register(&(TypeInfo){
        .name = "slow-class",
        .parent = TYPE_OBJECT,
        .class_init = slow_class_init,
    });
    for (int i = 0; i < N_THREADS; i++) {
        threads[i] = g_thread_new("build", build_slow_class, NULL);
    }
    for (int i = 0; i < N_THREADS; i++) {
        void *found = g_thread_join(threads[i]);

        g_assert_true(!klass || klass == found);
        klass = found;
    }
    g_assert_cmpint(n_slow_inits, ==, 1);
}

/* ---- Set-up ---- */

static const TypeInfo animal_infos[] = {
    {
        .name = "animal",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Animal),
        .class_size = sizeof(AnimalClass),
        .class_init = animal_class_init,
        .abstract = true,
    },
    { .name = "dog", .parent = "animal", .class_init = dog_class_init },
    { .name = "puppy", .parent = "dog" },
    { .name = "cat", .parent = "animal" },
    { .name = "Zebra", .parent = "animal" },
    {
        .name = "big-animal",
        .parent = "animal",
        .instance_size = sizeof(Animal) + 100,
    },
};

#define INTERFACES(...) (const InterfaceInfo[]){ __VA_ARGS__, { NULL } }

static const TypeInfo noisy_infos[] = {
    {
        .name = "noisy",
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(NoisyClass),
        .class_init = noisy_class_init,
    },
    { .name = "musical", .parent = "noisy" },
    { .name = "alarming", .parent = "noisy" },
    {
        .name = "radio",
        .parent = TYPE_OBJECT,
        .interfaces = INTERFACES({ "noisy" }),
    },
    {
        .name = "horn",
        .parent = TYPE_OBJECT,
        .class_init = horn_class_init,
        .interfaces = INTERFACES({ "noisy" }),
    },
    { .name = "car-horn", .parent = "horn" },
    {
        .name = "siren",
        .parent = "horn",
        .class_init = siren_class_init,
    },
    {
        .name = "organ",
        .parent = TYPE_OBJECT,
        .interfaces = INTERFACES({ "musical" }, { "noisy" }),
    },
    {
        .name = "musical-alarm",
        .parent = TYPE_OBJECT,
        .interfaces = INTERFACES({ "musical" }, { "alarming" }),
    },
    { .name = "clock-radio", .parent = "musical-alarm" },
};

static void add_class_tests(void)
{
    g_test_add_func("/qom/type/class/hooks-order", test_class_hooks_order);
    g_test_add_func("/qom/type/class/methods-are-inherited-by-value",
                    test_methods_are_inherited_by_value);
    g_test_add_func("/qom/type/class/change-does-not-reach-parent",
                    test_class_change_does_not_reach_parent);
    g_test_add_func("/qom/type/class/size-is-inherited",
                    test_size_is_inherited);
    g_test_add_func("/qom/type/class/property-list-is-not-inherited",
                    test_property_list_is_not_inherited);
    g_test_add_func("/qom/type/class/is-built-lazily",
                    test_registration_does_not_build);
    g_test_add_func("/qom/type/class/init-may-look-itself-up",
                    test_class_init_may_look_itself_up);
    g_test_add_func("/qom/type/class/is-built-once",
                    test_class_is_built_once);
    g_test_add_func("/qom/type/query/roots", test_roots);
    g_test_add_func("/qom/type/query/interface", test_query_interface);
    g_test_add_func("/qom/type/query/abstract", test_query_abstract);
}

static void add_interface_tests(void)
{
    g_test_add_func("/qom/type/interface/default-methods",
                    test_interface_default_methods);
    g_test_add_func("/qom/type/interface/is-per-class",
                    test_interface_is_per_class);
    g_test_add_func("/qom/type/interface/is-inherited-with-values",
                    test_interface_is_inherited_with_values);
    g_test_add_func("/qom/type/interface/class-is-hidden",
                    test_interface_class_is_hidden);
    g_test_add_func("/qom/type/interface/sub-interface-serves-for-both",
                    test_sub_interface_serves_for_both);
    g_test_add_func("/qom/type/interface/twice-over-is-ambiguous",
                    test_interface_twice_over_is_ambiguous);
    g_test_add_func("/qom/type/interface/ambiguity-is-inherited",
                    test_interface_ambiguity_is_inherited);
}

static void add_enumeration_tests(void)
{
    g_test_add_func("/qom/type/list/is-in-order-of-names",
                    test_list_is_in_order_of_names);
    g_test_add_func("/qom/type/list/sorted-ignores-case",
                    test_list_sorted_ignores_case);
    g_test_add_func("/qom/type/list/leaves-abstract-out",
                    test_list_leaves_abstract_out);
    g_test_add_func("/qom/type/list/of-interface", test_list_of_interface);
    g_test_add_func("/qom/type/list/of-unknown-type",
                    test_list_of_unknown_type);
    g_test_add_func("/qom/type/list/without-filter",
                    test_list_without_filter);
    g_test_add_func("/qom/type/list/may-be-nested", test_list_may_be_nested);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(traced_infos, G_N_ELEMENTS(traced_infos));
    type_register_static_array(animal_infos, G_N_ELEMENTS(animal_infos));
    type_register_static_array(noisy_infos, G_N_ELEMENTS(noisy_infos));

    add_class_tests();
    add_interface_tests();
    add_enumeration_tests();
    return test_run();
}
