/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types that are written in C++20, by each of the macros. */
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "util/module.h"

extern "C" {
#include "tests/unit/test-util.h"
}

/* ---- Without a class of its own ---- */

#define TYPE_CXX_LAMP "cxx-lamp"
OBJECT_DECLARE_SIMPLE_TYPE(CxxLamp, CXX_LAMP)

struct CxxLamp {
    Object parent_obj;
    int64_t watts;
};

OBJECT_DEFINE_SIMPLE_TYPE(CxxLamp, cxx_lamp, CXX_LAMP, OBJECT)

static void cxx_lamp_init(Object *obj)
{
    CXX_LAMP(obj)->watts = 60;
}

static unsigned n_finalized;

static void cxx_lamp_finalize(Object *)
{
    n_finalized++;
}

static void cxx_lamp_class_init(ObjectClass *, const void *)
{
}

/* ---- With one, abstract ---- */

#define TYPE_CXX_PUMP "cxx-pump"
OBJECT_DECLARE_TYPE(CxxPump, CxxPumpClass, CXX_PUMP)

struct CxxPump {
    Object parent_obj;
};

struct CxxPumpClass {
    ObjectClass parent_class;
    int strokes;
};

OBJECT_DEFINE_ABSTRACT_TYPE(CxxPump, cxx_pump, CXX_PUMP, OBJECT)

static void cxx_pump_init(Object *)
{
}

static void cxx_pump_finalize(Object *)
{
}

static void cxx_pump_class_init(ObjectClass *oc, const void *)
{
    CXX_PUMP_CLASS(oc)->strokes = 2;
}

/* ---- Derived from it, with an interface ---- */

#define TYPE_CXX_MOTOR_PUMP "cxx-motor-pump"
OBJECT_DECLARE_TYPE(CxxMotorPump, CxxMotorPumpClass, CXX_MOTOR_PUMP)

struct CxxMotorPump {
    CxxPump parent_obj;
};

struct CxxMotorPumpClass {
    CxxPumpClass parent_class;
};

OBJECT_DEFINE_TYPE_WITH_INTERFACES(CxxMotorPump, cxx_motor_pump,
                                   CXX_MOTOR_PUMP, CXX_PUMP,
                                   { TYPE_USER_CREATABLE }, { NULL })

static void cxx_motor_pump_init(Object *)
{
}

static void cxx_motor_pump_finalize(Object *)
{
}

static void cxx_motor_pump_class_init(ObjectClass *, const void *)
{
}

/* ---- By hand ---- */

#define TYPE_CXX_FAN "cxx-fan"

static const TypeInfo cxx_fan_types[] = {
    {
        .name = TYPE_CXX_FAN,
        .parent = TYPE_CXX_LAMP,
    },
};

DEFINE_TYPES(cxx_fan_types)

/* ---- The tests ---- */

static void test_simple_type()
{
    n_finalized = 0;
    {
        g_autoptr(CxxLamp) lamp = CXX_LAMP(object_new(TYPE_CXX_LAMP));

        g_assert_cmpint(lamp->watts, ==, 60);
    }
    g_assert_cmpuint(n_finalized, ==, 1);
}

static void test_class_and_interface()
{
    Object *obj = object_new(TYPE_CXX_MOTOR_PUMP);

    g_assert_cmpint(CXX_PUMP_GET_CLASS(obj)->strokes, ==, 2);
    g_assert_nonnull(object_dynamic_cast(obj, TYPE_USER_CREATABLE));
    g_assert_null(object_dynamic_cast(obj, TYPE_CXX_LAMP));
    object_unref(obj);
}

static void test_abstract_type()
{
    g_assert_true(
        object_class_is_abstract(object_class_by_name(TYPE_CXX_PUMP)));
    g_assert_false(
        object_class_is_abstract(object_class_by_name(TYPE_CXX_MOTOR_PUMP)));
}

static void test_array_of_types()
{
    Object *obj = object_new(TYPE_CXX_FAN);

    g_assert_cmpint(CXX_LAMP(obj)->watts, ==, 60);
    object_unref(obj);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/qom/cxx/simple-type", test_simple_type);
    g_test_add_func("/qom/cxx/class-and-interface", test_class_and_interface);
    g_test_add_func("/qom/cxx/abstract-type", test_abstract_type);
    g_test_add_func("/qom/cxx/array-of-types", test_array_of_types);
    return test_run();
}
