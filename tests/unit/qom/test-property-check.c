/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of property rows that are wrong in a way that no compiler sees: the
 * first use of the class names class and property.
 */
#include "qapi/qapi-builtin-types.h"
#include "qom/object.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

typedef struct Pump {
    Object parent_obj;
    int32_t small;
    int32_t neighbour;
    int64_t rate;
    char *label;
    strList *names;
    bool on;
    Object *tank;
} Pump;

/* Begins with Object, though its parent is a pump: the wrong parent. */
typedef struct Mixer {
    Object parent_obj;
    char room[2 * sizeof(Pump)];
    int64_t speed;
} Mixer;

typedef struct Stray {
    Object parent_obj;
    int64_t first;
    char room[2 * sizeof(Pump)];
} Stray;

#define HAND(name_, type_, field, ...)                                      \
    {                                                                       \
        .name = name_, .type = &qapi_type_##type_,                          \
        .offset = offsetof(Pump, field), __VA_ARGS__                        \
    }

typedef struct BadTable {
    const char *path;
    PropertyRow rows[3];
    const char *message;
} BadTable;

static const BadTable bad_tables[] = {
    { "outside",
      { { .name = "far", .type = &qapi_type_int, .offset = sizeof(Pump) - 4 } },
      "*class 'pump': property 'far': the field at offset * ends outside the "
      "instance, which has * bytes*" },
    { "other-struct",
      { PROPERTY_INT("speed", Mixer, speed) },
      "*class 'pump': property 'speed': the field at offset * ends outside "
      "the instance*" },
    { "in-parent",
      { { .name = "head", .type = &qapi_type_int, .offset = 8 } },
      "*class 'pump': property 'head': the field at offset 8 is in the first "
      "* bytes, which belong to the parent type 'object'*" },
    { "size",
      { HAND("rate", int, rate, .size = 4) },
      "*class 'pump': property 'rate': the field has 4 bytes, but a value of "
      "type 'int' has 8; declare the row with the macro of its kind*" },
    { "size-of-link",
      { { .name = "tank", .link = "pump", .offset = offsetof(Pump, tank),
          .size = 4 } },
      "*class 'pump': property 'tank': the field has 4 bytes, but a value of "
      "type 'pump' has *" },
    { "overlap",
      { HAND("small", int, small), HAND("next", int32, neighbour) },
      "*class 'pump': property 'next': the field overlaps that of property "
      "'small' of class 'pump'*" },
    { "overlap-link",
      { PROPERTY_LINK("tank", Pump, tank, Object, "pump"),
        { .name = "all", .type = &qapi_type_int,
          .offset = offsetof(Pump, tank) } },
      "*class 'pump': property 'all': the field overlaps that of property "
      "'tank' of class 'pump'*" },
    { "freed-twice",
      { PROPERTY_STR("label", Pump, label), PROPERTY_STR("tag", Pump, label) },
      "*class 'pump': property 'tag': the field overlaps that of property "
      "'label'*" },
    { "no-type",
      { PROPERTY_INT("rate", Pump, rate), { .name = "lost" } },
      "*class 'pump': row 1 of its table, after property 'rate', is none: a "
      "row has a type or a link, and a table ends with PROPERTY_END*" },
    { "no-flags",
      { HAND("rate", int, rate, .flags = 1 << 8) },
      "*class 'pump': row 0 of its table, after property '(none)', is none*" },
    { "no-name",
      { HAND("", int, rate) },
      "*class 'pump': a property has no name*" },
    { "twice",
      { HAND("rate", int, rate), HAND("rate", int, rate) },
      "*class 'pump': property 'rate' is declared by class 'pump' already; "
      "give it another name*" },
    { "taken",
      { PROPERTY_BOOL("base-on", Pump, on) },
      "*class 'pump': property 'base-on' is declared by class 'base-pump' "
      "already; give it another name*" },
    { "default-below",
      { PROPERTY_INT("rate", Pump, rate, .def = -1, .min = 0) },
      "*class 'pump': property 'rate': the default -1 is not in the range "
      "[0, 9223372036854775807]*" },
    { "default-of-type",
      { PROPERTY_INT32("small", Pump, small, .def = 1LL << 40) },
      "*class 'pump': property 'small': the default 1099511627776 is not in "
      "the range [-2147483648, 2147483647]*" },
    { "default-unsigned",
      { HAND("rate", uint64, rate,
             .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MAX,
             .def = { .u = 6 }, .max = { .u = 5 }) },
      "*class 'pump': property 'rate': the default 6 is not in the range "
      "[0, 5]*" },
    { "default-number",
      { HAND("rate", number, rate,
             .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MAX,
             .def = { .n = 1.5 }, .max = { .n = 1 }) },
      "*class 'pump': property 'rate': the default 1.5 is not in the range "
      "*, 1]*" },
    { "default-bool",
      { PROPERTY_BOOL("on", Pump, on, .def = 2) },
      "*class 'pump': property 'on': the default 2 is no value of type "
      "'bool'*" },
    { "default-enum",
      { HAND("small", QType, small, .flags = PROPERTY_HAS_DEFAULT,
             .def = { .i = QTYPE__MAX }) },
      "*class 'pump': property 'small': the default 7 is no value of type "
      "'QType'*" },
    { "default-null",
      { PROPERTY_STR("label", Pump, label, .def = NULL) },
      "*class 'pump': property 'label': the default is NULL; leave it out*" },
    { "default-list",
      { HAND("names", strList, names, .flags = PROPERTY_HAS_DEFAULT) },
      "*class 'pump': property 'names': a value of its type cannot have a "
      "default*" },
    { "range-of-str",
      { HAND("label", str, label, .flags = PROPERTY_HAS_MIN) },
      "*class 'pump': property 'label': only a number can have a minimum or "
      "maximum*" },
};

static const BadTable *bad_table;

static void base_class_init(ObjectClass *klass, const void *data)
{
    static const PropertyRow rows[] = {
        PROPERTY_BOOL("base-on", Pump, on),
        PROPERTY_END
    };

    object_class_add_properties_sized(klass, rows, PROPERTY_SIZE_UNKNOWN);
}

static void pump_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, bad_table->rows);
}

static void use_pump(const char *parent)
{
    const TypeInfo infos[] = {
        { .name = "base-pump", .parent = TYPE_OBJECT,
          .instance_size = sizeof(Pump), .class_init = base_class_init },
        { .name = "pump", .parent = parent, .instance_size = sizeof(Pump),
          .class_init = pump_class_init },
    };

    type_register_static_array(infos, G_N_ELEMENTS(infos));
    object_unref(object_new("pump"));
}

static void test_bad_table(const void *data)
{
    bad_table = data;
    if (g_test_subprocess()) {
        use_pump(strcmp(bad_table->path, "taken") ? TYPE_OBJECT
                                                  : "base-pump");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(bad_table->message);
}

/* ---- The end of a table ---- */

static const PropertyRow endless_rows[] = {
    PROPERTY_INT("rate", Pump, rate),
    PROPERTY_BOOL("on", Pump, on),
};

static void endless_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, endless_rows);
}

static void abort_no_end(void)
{
    const TypeInfo info = {
        .name = "endless", .parent = TYPE_OBJECT,
        .instance_size = sizeof(Pump), .class_init = endless_class_init,
    };

    type_register_static(&info);
    object_class_by_name("endless");
}

/* ---- The wrong parent ---- */

static void stray_class_init(ObjectClass *klass, const void *data)
{
    static const PropertyRow rows[] = {
        PROPERTY_INT("first", Stray, first),
        PROPERTY_END
    };

    object_class_add_properties(klass, rows);
}

/* Large enough, so that the sizes alone say nothing. */
static void abort_wrong_parent(void)
{
    const TypeInfo infos[] = {
        { .name = "base-pump", .parent = TYPE_OBJECT,
          .instance_size = sizeof(Pump), .class_init = base_class_init },
        { .name = "stray", .parent = "base-pump",
          .instance_size = sizeof(Stray), .class_init = stray_class_init },
    };

    type_register_static_array(infos, G_N_ELEMENTS(infos));
    object_class_by_name("stray");
}

static void late_class_init(ObjectClass *klass, const void *data)
{
    static const PropertyRow rows[] = {
        PROPERTY_INT("rate", Pump, rate),
        PROPERTY_END
    };

    object_class_add_properties(klass, rows);
}

/* The parent gets, later, what its child has. */
static void abort_taken_below(void)
{
    const TypeInfo infos[] = {
        { .name = "base-pump", .parent = TYPE_OBJECT,
          .instance_size = sizeof(Pump), .class_init = base_class_init },
        { .name = "late", .parent = "base-pump",
          .class_init = late_class_init },
    };

    type_register_static_array(infos, G_N_ELEMENTS(infos));
    object_class_by_name("late");
    late_class_init(object_class_by_name("base-pump"), NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_tables); i++) {
        g_autofree char *path = g_strconcat("/qom/rows/aborts/",
                                            bad_tables[i].path, NULL);

        g_test_add_data_func(path, &bad_tables[i], test_bad_table);
    }
    test_add_abort_func("/qom/rows/aborts/no-end", abort_no_end,
                        "*class 'endless': the table of its properties has "
                        "no end after property 'on'; end it with "
                        "PROPERTY_END*");
    test_add_abort_func("/qom/rows/aborts/wrong-parent", abort_wrong_parent,
                        "*class 'stray': property 'first': the field at "
                        "offset * is in the first * bytes, which belong to "
                        "the parent type 'base-pump'; the struct must begin "
                        "with the parent's*");
    test_add_abort_func("/qom/rows/aborts/taken-below", abort_taken_below,
                        "*class 'base-pump': property 'rate' is declared by "
                        "class 'late', below it, already; give it another "
                        "name*");
    return test_run();
}
