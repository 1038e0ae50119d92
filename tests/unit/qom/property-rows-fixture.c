/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/qom/property-rows-fixture.h"

#include "qom/user-creatable.h"

static const char *const colour_names[] = { "red", "green", "blue" };
static const QEnumLookup colour_lookup = {
    .array = colour_names, .size = G_N_ELEMENTS(colour_names),
};
static const QapiType qapi_type_Colour = {
    .name = "Colour",
    .kind = QAPI_KIND_ENUM,
    .size = sizeof(Colour),
    .lookup = &colour_lookup,
};

static const QapiMember point_members[] = {
    { .name = "x", .type = &qapi_type_int, .offset = offsetof(Point, x) },
    {
        .name = "label",
        .type = &qapi_type_str,
        .offset = offsetof(Point, label),
        .optional = true,
    },
};
static const QapiType qapi_type_Point = {
    .name = "Point",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Point),
    .members = point_members,
    .n_members = G_N_ELEMENTS(point_members),
};

const PropertyRow rows_rows[] = {
    PROPERTY_BOOL("flag", Rows, flag),
    PROPERTY_INT8("i8", Rows, i8),
    PROPERTY_INT16("i16", Rows, i16),
    PROPERTY_INT32("i32", Rows, i32),
    PROPERTY_INT("i64", Rows, i64),
    PROPERTY_UINT8("u8", Rows, u8),
    PROPERTY_UINT16("u16", Rows, u16),
    PROPERTY_UINT32("u32", Rows, u32),
    PROPERTY_UINT64("u64", Rows, u64),
    PROPERTY_SIZE("size", Rows, size),
    PROPERTY_NUMBER("number", Rows, number),
    PROPERTY_STR("text", Rows, text, .doc = "some text"),
    PROPERTY_ENUM("colour", Rows, colour, Colour),
    PROPERTY_ANY("any", Rows, any),
    PROPERTY_STRUCT("point", Rows, point, Point),
    PROPERTY_LIST("ints", Rows, ints, intList),
    PROPERTY_LIST("strs", Rows, strs, strList),
    PROPERTY_INT("fixed", Rows, fixed, .set = PROPERTY_SET_NEVER),
    PROPERTY_INT("at-birth", Rows, at_birth, .set = PROPERTY_SET_CREATE),
    PROPERTY_INT("ranged", Rows, ranged, .def = 5, .min = -10, .max = 10,
                 .unit = "degrees"),
    PROPERTY_UINT64("uranged", Rows, uranged, .def = UINT64_MAX, .min = 3,
                    .max = UINT64_MAX),
    PROPERTY_NUMBER("nranged", Rows, nranged, .def = 0.5, .min = 0,
                    .max = 1.5),
    PROPERTY_STR("title", Rows, title, .def = "Untitled"),
    PROPERTY_ENUM("shade", Rows, shade, Colour, .def = COLOUR_GREEN),
    PROPERTY_END
};

static bool rows_changed(Object *obj, Error **errp)
{
    Rows *rows = ROWS(obj);

    rows->n_changes++;
    rows->seen_i64 = rows->i64;
    if (rows->refuse) {
        error_setg(errp, "refused");
        return false;
    }
    return true;
}

static void rows_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = rows_changed;
    object_class_add_properties(klass, rows_rows);
}

static const TypeInfo infos[] = {
    {
        .name = "rows",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Rows),
        .class_init = rows_class_init,
    },
    { .name = "rows-kid", .parent = "rows" },
    {
        .name = "creatable-rows",
        .parent = "rows",
        .interfaces = (const InterfaceInfo[]){ { TYPE_USER_CREATABLE },
                                               { NULL } },
    },
};

void rows_register(void)
{
    type_register_static_array(infos, G_N_ELEMENTS(infos));
}

bool set_json(Object *obj, const char *name, const char *json, Error **errp)
{
    g_autoptr(JsonNode) node = json_parse(json, -1, &error_abort);

    return object_property_set_json(obj, name, node, errp);
}

char *get_json(Object *obj, const char *name)
{
    g_autoptr(JsonNode) node = object_property_get_json(obj, name,
                                                        &error_abort);
    GString *text = g_string_new(NULL);

    json_write(text, node, false);
    return g_string_free(text, FALSE);
}

const KindRow kind_rows[N_KIND_ROWS] = {
    { "flag", "bool", "true", "true" },
    { "i8", "int8", "-128", "-128" },
    { "i16", "int16", "-32768", "-32768" },
    { "i32", "int32", "-2147483648", "-2147483648" },
    { "i64", "int", "-9223372036854775808", "-9223372036854775808" },
    { "u8", "uint8", "255", "255" },
    { "u16", "uint16", "65535", "65535" },
    { "u32", "uint32", "4294967295", "4294967295" },
    { "u64", "uint64", "18446744073709551615", "18446744073709551615" },
    { "size", "size", "18446744073709551615", "18446744073709551615" },
    { "number", "number", "-1.5", "-1.5" },
    { "text", "string", "\"some words\"", "some words" },
    { "colour", "Colour", "\"blue\"", "blue" },
    { "any", "any", "{\"a\": [1, null, {\"b\": \"c\"}]}", NULL },
    { "point", "Point", "{\"x\": 3, \"label\": \"here\"}", NULL },
    { "ints", "intList", "[1, 2, 3, 9]", "1-3,9" },
    { "strs", "strList", "[\"a\", \"b\"]", NULL },
    { "ranged", "int", "-10", "-10" },
    { "nranged", "number", "1.5", "1.5" },
};
