/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/property-rows-fixture.h"

#include "qom/user-creatable.h"

static const char *const colour_names[] = { "red", "green", "blue" };
static const QEnumLookup colour_lookup = {
    .array = colour_names, .size = G_N_ELEMENTS(colour_names),
};
static const QapiType colour_type = {
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
static const QapiType point_type = {
    .name = "Point",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Point),
    .members = point_members,
    .n_members = G_N_ELEMENTS(point_members),
};

const PropertyRow rows_rows[] = {
    ROW("flag", &qapi_type_bool, flag),
    ROW("i8", &qapi_type_int8, i8),
    ROW("i16", &qapi_type_int16, i16),
    ROW("i32", &qapi_type_int32, i32),
    ROW("i64", &qapi_type_int, i64),
    ROW("u8", &qapi_type_uint8, u8),
    ROW("u16", &qapi_type_uint16, u16),
    ROW("u32", &qapi_type_uint32, u32),
    ROW("u64", &qapi_type_uint64, u64),
    ROW("size", &qapi_type_size, size),
    ROW("number", &qapi_type_number, number),
    ROW("text", &qapi_type_str, text, .doc = "some text"),
    ROW("colour", &colour_type, colour),
    ROW("any", &qapi_type_any, any),
    ROW("point", &point_type, point),
    ROW("ints", &qapi_type_intList, ints),
    ROW("strs", &qapi_type_strList, strs),
    ROW("fixed", &qapi_type_int, fixed, .set = PROPERTY_SET_NEVER),
    ROW("at-birth", &qapi_type_int, at_birth, .set = PROPERTY_SET_CREATE),
    ROW("ranged", &qapi_type_int, ranged,
        .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN | PROPERTY_HAS_MAX,
        .def = { .i = 5 }, .min = { .i = -10 }, .max = { .i = 10 }),
    ROW("uranged", &qapi_type_uint64, uranged,
        .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN | PROPERTY_HAS_MAX,
        .def = { .u = UINT64_MAX }, .min = { .u = 3 },
        .max = { .u = UINT64_MAX }),
    ROW("nranged", &qapi_type_number, nranged,
        .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN | PROPERTY_HAS_MAX,
        .def = { .n = 0.5 }, .min = { .n = 0 }, .max = { .n = 1.5 }),
    ROW("title", &qapi_type_str, title, .flags = PROPERTY_HAS_DEFAULT,
        .def = { .s = "Untitled" }),
    ROW("shade", &colour_type, shade, .flags = PROPERTY_HAS_DEFAULT,
        .def = { .i = COLOUR_GREEN }),
    { }
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
