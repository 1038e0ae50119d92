/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The macros that declare and define a type in a line. */
#include "tests/unit/test-util.h"
#include "qom/object.h"

#define TYPE_PLAIN_SHAPE "plain-shape"
OBJECT_DECLARE_SIMPLE_TYPE(PlainShape, PLAIN_SHAPE)
struct PlainShape {
    Object parent_obj;
    int state;
};
OBJECT_DEFINE_SIMPLE_TYPE(PlainShape, plain_shape, PLAIN_SHAPE, OBJECT)

static int n_finalized;

static void plain_shape_init(Object *obj)
{
    PLAIN_SHAPE(obj)->state = 42;
}

static void plain_shape_finalize(Object *obj)
{
    n_finalized++;
}

static void plain_shape_class_init(ObjectClass *klass, const void *data)
{
}

static void test_define_simple_type(void)
{
    PlainShape *shape = PLAIN_SHAPE(object_new(TYPE_PLAIN_SHAPE));

    g_assert_cmpint(shape->state, ==, 42);
    n_finalized = 0;
    object_unref(shape);
    g_assert_cmpint(n_finalized, ==, 1);
}

#define TYPE_ROUND_SHAPE "round-shape"
OBJECT_DECLARE_TYPE(RoundShape, RoundShapeClass, ROUND_SHAPE)
struct RoundShape {
    PlainShape parent_obj;
};
struct RoundShapeClass {
    ObjectClass parent_class;
    int corners;
};
OBJECT_DEFINE_TYPE_WITH_INTERFACES(RoundShape, round_shape, ROUND_SHAPE,
                                   PLAIN_SHAPE, { "noisy" }, { NULL })

static void round_shape_init(Object *obj)
{
}

static void round_shape_finalize(Object *obj)
{
}

static void round_shape_class_init(ObjectClass *klass, const void *data)
{
    ROUND_SHAPE_CLASS(klass)->corners = 7;
}

static void test_define_type_with_interfaces(void)
{
    g_autoptr(RoundShape) shape = ROUND_SHAPE(object_new(TYPE_ROUND_SHAPE));

    g_assert_cmpint(ROUND_SHAPE_GET_CLASS(shape)->corners, ==, 7);
    g_assert_nonnull(object_dynamic_cast(OBJECT(shape), "noisy"));
    g_assert_cmpint(PLAIN_SHAPE(shape)->state, ==, 42);
}

#define TYPE_ABSTRACT_SHAPE "abstract-shape"
OBJECT_DECLARE_TYPE(AbstractShape, AbstractShapeClass, ABSTRACT_SHAPE)
struct AbstractShape {
    Object parent_obj;
};
struct AbstractShapeClass {
    ObjectClass parent_class;
};
OBJECT_DEFINE_ABSTRACT_TYPE(AbstractShape, abstract_shape, ABSTRACT_SHAPE,
                            OBJECT)

static void abstract_shape_init(Object *obj)
{
}

static void abstract_shape_finalize(Object *obj)
{
}

static void abstract_shape_class_init(ObjectClass *klass, const void *data)
{
}

static void test_define_abstract_type(void)
{
    ObjectClass *klass = object_class_by_name(TYPE_ABSTRACT_SHAPE);

    g_assert_true(object_class_is_abstract(klass));
}

static const TypeInfo defined_types[] = {
    { .name = "noisy", .parent = TYPE_INTERFACE },
    { .name = "defined-one", .parent = TYPE_OBJECT },
    { .name = "defined-two", .parent = TYPE_OBJECT },
};
DEFINE_TYPES(defined_types)

static void test_define_types(void)
{
    g_assert_nonnull(object_class_by_name("defined-one"));
    g_assert_nonnull(object_class_by_name("defined-two"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);

    g_test_add_func("/qom/type/macros/define-simple-type",
                    test_define_simple_type);
    g_test_add_func("/qom/type/macros/define-type-with-interfaces",
                    test_define_type_with_interfaces);
    g_test_add_func("/qom/type/macros/define-abstract-type",
                    test_define_abstract_type);
    g_test_add_func("/qom/type/macros/define-types", test_define_types);
    return test_run();
}
