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
    int64_t volts;
    bool is_lit;
};

OBJECT_DEFINE_SIMPLE_TYPE(CxxLamp, cxx_lamp, CXX_LAMP, OBJECT)

/* By macros and by hand, with the options in the order of the fields. */
static const PropertyRow cxx_lamp_rows[] = {
    PROPERTY_INT("watts", CxxLamp, watts, .set = PROPERTY_SET_CREATE,
                 .flags = PROPERTY_NO_NOTIFY, .def = 60, .min = 1,
                 .max = 200, .unit = "W", .doc = "what it takes"),
    PROPERTY_BOOL("lit", CxxLamp, is_lit, .def = true),
    { .name = "volts", .type = &qapi_type_int,
      .offset = offsetof(CxxLamp, volts), .set = PROPERTY_SET_CREATE,
      .flags = PROPERTY_HAS_DEFAULT, .def = { .i = 230 }, .unit = "V" },
    PROPERTY_END
};

static void cxx_lamp_init(Object *)
{
}

static unsigned n_finalized;

static void cxx_lamp_finalize(Object *)
{
    n_finalized++;
}

static void cxx_lamp_class_init(ObjectClass *oc, const void *)
{
    object_class_add_properties(oc, cxx_lamp_rows);
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

static void test_rows()
{
    Object *obj = object_new(TYPE_CXX_LAMP);

    g_assert_cmpint(CXX_LAMP(obj)->volts, ==, 230);
    g_assert_true(CXX_LAMP(obj)->is_lit);
    g_assert_true(object_property_set_int(obj, "watts", 200, &error_abort));
    g_assert_false(object_property_set_int(obj, "watts", 201, NULL));
    g_assert_cmpint(CXX_LAMP(obj)->watts, ==, 200);
    object_unref(obj);
}

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
    g_test_add_func("/qom/cxx/rows", test_rows);
    return test_run();
}
