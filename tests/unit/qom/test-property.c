/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties with accessors: every kind that has a helper, reading and writing
 * in every form, defaults.  Adding and finding: test-property-add.c; rows:
 * test-property-rows.c; links and aliases: test-link.c.
 */
#include "tests/unit/test-util.h"
#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qom/object.h"

#include <string.h>

/* ---- A type with a property of each kind, in both flavours ---- */

typedef struct Host {
    Object parent_obj;
    char *text;
    bool flag;
    int colour;
    int64_t number;
    uint64_t natural;
    intList *list;
} Host;

DECLARE_INSTANCE_CHECKER(Host, HOST, "host")

static const char *const colour_names[] = { "red", "green", "blue" };
static const QEnumLookup colour_lookup = {
    .array = colour_names, .size = G_N_ELEMENTS(colour_names),
};

static uint8_t byte_value;
static uint16_t short_value;
static uint32_t word_value;
static uint64_t long_value;

static char *host_get_text(Object *obj, Error **errp)
{
    return g_strdup(HOST(obj)->text);
}

static void host_set_text(Object *obj, const char *value, Error **errp)
{
    if (!strcmp(value, "bad")) {
        error_setg(errp, "the text is bad");
        return;
    }
    g_free(HOST(obj)->text);
    HOST(obj)->text = g_strdup(value);
}

static char *host_get_failing_text(Object *obj, Error **errp)
{
    error_setg(errp, "the text is gone");
    return NULL;
}

static bool host_get_flag(Object *obj, Error **errp)
{
    return HOST(obj)->flag;
}

static void host_set_flag(Object *obj, bool value, Error **errp)
{
    HOST(obj)->flag = value;
}

static bool host_get_failing_flag(Object *obj, Error **errp)
{
    error_setg(errp, "the flag is gone");
    return true;
}

static int host_get_colour(Object *obj, Error **errp)
{
    return HOST(obj)->colour;
}

static void host_set_colour(Object *obj, int value, Error **errp)
{
    HOST(obj)->colour = value;
}

static int host_get_failing_colour(Object *obj, Error **errp)
{
    error_setg(errp, "the colour is gone");
    return 1;
}

static void host_get_time(Object *obj, struct tm *value, Error **errp)
{
    *value = (struct tm){
        .tm_year = 126, .tm_mon = 10, .tm_mday = 21,
        .tm_hour = 2, .tm_min = 3, .tm_sec = 4,
    };
}

static void host_get_failing_time(Object *obj, struct tm *value,
                                  Error **errp)
{
    error_setg(errp, "the time is gone");
}

static void host_get_number(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    visit_type_int(v, name, &HOST(obj)->number, errp);
}

static void host_set_number(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    int64_t value;

    if (visit_type_int(v, name, &value, errp)) {
        HOST(obj)->number = value;
    }
}

static void host_get_natural(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    visit_type_uint64(v, name, &HOST(obj)->natural, errp);
}

static void host_set_natural(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    uint64_t value;

    if (visit_type_uint64(v, name, &value, errp)) {
        HOST(obj)->natural = value;
    }
}

static int n_list_sets;

static void host_set_list(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    intList *list = NULL;

    if (qapi_type_visit(v, name, &qapi_type_intList, &list, errp)) {
        qapi_free_intList(HOST(obj)->list);
        HOST(obj)->list = list;
        n_list_sets++;
    }
}

static void host_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_str(klass, "text", host_get_text,
                                  host_set_text);
    object_class_property_add_str(klass, "failing-text",
                                  host_get_failing_text, NULL);
    object_class_property_add_str(klass, "wo-text", NULL, host_set_text);
    object_class_property_add_bool(klass, "flag", host_get_flag,
                                   host_set_flag);
    object_class_property_add_bool(klass, "failing-flag",
                                   host_get_failing_flag, NULL);
    object_class_property_add_enum(klass, "colour", "Colour", &colour_lookup,
                                   host_get_colour, host_set_colour);
    object_class_property_add_enum(klass, "failing-colour", "Colour",
                                   &colour_lookup, host_get_failing_colour,
                                   NULL);
    object_class_property_add_tm(klass, "time", host_get_time);
    object_class_property_add_tm(klass, "failing-time",
                                 host_get_failing_time);
    object_class_property_add(klass, "number", "int", host_get_number,
                              host_set_number, NULL, NULL);
    object_class_property_add(klass, "natural", "uint64", host_get_natural,
                              host_set_natural, NULL, NULL);
    object_class_property_add_uint8_ptr(klass, "byte", &byte_value,
                                        OBJ_PROP_FLAG_READWRITE);
    object_class_property_add_uint16_ptr(klass, "short", &short_value,
                                         OBJ_PROP_FLAG_READWRITE);
    object_class_property_add_uint32_ptr(klass, "word", &word_value,
                                         OBJ_PROP_FLAG_READ);
    object_class_property_add_uint64_ptr(klass, "long", &long_value,
                                         OBJ_PROP_FLAG_WRITE);
}

static void host_finalize(Object *obj)
{
    g_free(HOST(obj)->text);
    qapi_free_intList(HOST(obj)->list);
}

/* The same properties, but each object's own. */
static void dynamic_host_init(Object *obj)
{
    object_property_add_str(obj, "i-text", host_get_text, host_set_text);
    object_property_add_bool(obj, "i-flag", host_get_flag, host_set_flag);
    object_property_add_enum(obj, "i-colour", "Colour", &colour_lookup,
                             host_get_colour, host_set_colour);
    object_property_add_tm(obj, "i-time", host_get_time);
    object_property_add(obj, "i-number", "int", host_get_number,
                        host_set_number, NULL, NULL);
    object_property_add(obj, "i-natural", "uint64", host_get_natural,
                        host_set_natural, NULL, NULL);
    object_property_add_uint8_ptr(obj, "i-byte", &byte_value,
                                  OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint16_ptr(obj, "i-short", &short_value,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "i-word", &word_value,
                                   OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "i-long", &long_value,
                                   OBJ_PROP_FLAG_WRITE);
}

static void default_host_class_init(ObjectClass *klass, const void *data)
{
    ObjectProperty *prop;

    prop = object_class_property_add_str(klass, "d-text", host_get_text,
                                         host_set_text);
    object_property_set_default_str(prop, "given");
    prop = object_class_property_add_bool(klass, "d-flag", host_get_flag,
                                          host_set_flag);
    object_property_set_default_bool(prop, true);
    prop = object_class_property_add_enum(klass, "d-colour", "Colour",
                                          &colour_lookup, host_get_colour,
                                          host_set_colour);
    object_property_set_default_str(prop, "blue");
    prop = object_class_property_add(klass, "d-number", "int",
                                     host_get_number, host_set_number, NULL,
                                     NULL);
    object_property_set_default_int(prop, INT64_MIN);
    prop = object_class_property_add(klass, "d-natural", "uint64",
                                     host_get_natural, host_set_natural,
                                     NULL, NULL);
    object_property_set_default_uint(prop, UINT64_MAX);
    prop = object_class_property_add(klass, "d-list", "intList", NULL,
                                     host_set_list, NULL, NULL);
    object_property_set_default_list(prop);
}

static const TypeInfo infos[] = {
    {
        .name = "host",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Host),
        .instance_finalize = host_finalize,
        .class_init = host_class_init,
    },
    {
        .name = "dynamic-host",
        .parent = "host",
        .instance_init = dynamic_host_init,
    },
    {
        .name = "default-host",
        .parent = "host",
        .class_init = default_host_class_init,
    },
};

/* ---- Each kind: type, text and JSON, set and read back ---- */

typedef struct KindRow {
    const char *name; /* "i-" before it is the instance flavour */
    const char *type;
    const char *text; /* written with parse, read with print */
    const char *json; /* written and read as JSON */
} KindRow;

static const KindRow kind_rows[] = {
    { "text", "string", "some words", "\"other words\"" },
    { "flag", "bool", "true", "true" },
    { "colour", "Colour", "green", "\"blue\"" },
    { "number", "int", "-5", "-9223372036854775808" },
    { "natural", "uint64", "5", "18446744073709551615" },
    { "byte", "uint8", "255", "254" },
    { "short", "uint16", "65535", "65534" },
};

static char *json_text(Object *obj, const char *name)
{
    g_autoptr(JsonNode) node = object_property_get_json(obj, name,
                                                        &error_abort);
    GString *text = g_string_new(NULL);

    json_write(text, node, false);
    return g_string_free(text, FALSE);
}

static void check_kind(const char *type, const char *name,
                       const KindRow *row)
{
    g_autoptr(Object) obj = object_new(type);
    g_autoptr(JsonNode) node = json_parse(row->json, -1, &error_abort);
    g_autofree char *text = NULL;
    g_autofree char *json = NULL;

    g_assert_cmpstr(object_property_get_type(obj, name, &error_abort), ==,
                    row->type);
    g_assert_true(object_property_parse(obj, name, row->text, &error_abort));
    text = object_property_print(obj, name, false, &error_abort);
    g_assert_cmpstr(text, ==, row->text);
    g_assert_true(object_property_set_json(obj, name, node, &error_abort));
    json = json_text(obj, name);
    g_assert_cmpstr(json, ==, row->json);
}

static void test_class_kind(const void *data)
{
    const KindRow *row = data;

    check_kind("host", row->name, row);
}

static void test_instance_kind(const void *data)
{
    const KindRow *row = data;
    g_autofree char *name = g_strconcat("i-", row->name, NULL);

    check_kind("dynamic-host", name, row);
}

static void test_tm(const void *data)
{
    g_autoptr(Object) obj = object_new("dynamic-host");
    g_autofree char *json = json_text(obj, data);

    g_assert_cmpstr(object_property_get_type(obj, data, &error_abort), ==,
                    "struct tm");
    g_assert_cmpstr(json, ==,
                    "{\"tm_year\": 126, \"tm_mon\": 10, \"tm_mday\": 21, "
                    "\"tm_hour\": 2, \"tm_min\": 3, \"tm_sec\": 4}");
}

static void test_tm_is_read_only(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_parse(obj, "time", "now", &err));
    assert_error(err, "Property 'host.time' is not writable");
}

static void test_pointer_flags(const void *data)
{
    const char *prefix = data;
    g_autoptr(Object) obj = object_new("dynamic-host");
    g_autofree char *word = g_strconcat(prefix, "word", NULL);
    g_autofree char *lng = g_strconcat(prefix, "long", NULL);
    g_autofree char *not_writable = g_strdup_printf(
        "Property 'dynamic-host.%s' is not writable", word);
    g_autofree char *not_readable = g_strdup_printf(
        "Property 'dynamic-host.%s' is not readable", lng);
    g_autoptr(Error) err = NULL;

    word_value = 0xffffffff;
    g_assert_cmpuint(object_property_get_uint(obj, word, &error_abort), ==,
                     0xffffffff);
    g_assert_false(object_property_set_uint(obj, word, 1, &err));
    assert_error(err, not_writable);
    g_assert_cmpuint(word_value, ==, 0xffffffff);

    g_assert_true(object_property_set_uint(obj, lng, UINT64_MAX,
                                           &error_abort));
    g_assert_true(long_value == UINT64_MAX);
    g_assert_cmpuint(object_property_get_uint(obj, lng, &err), ==, 0);
    assert_error(err, not_readable);
}

static void test_null_text_reads_as_empty(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autofree char *text = object_property_get_str(obj, "text",
                                                    &error_abort);

    g_assert_null(HOST(obj)->text);
    g_assert_cmpstr(text, ==, "");
}

/* ---- Values that are refused ---- */

typedef struct RefusalRow {
    const char *name;
    const char *property;
    const char *json;
    const char *message;
} RefusalRow;

static const RefusalRow refusal_rows[] = {
    { "text/number", "text", "1",
      "Invalid parameter type for 'text', expected: string" },
    { "text/null", "text", "null",
      "Invalid parameter type for 'text', expected: string" },
    { "text/by-setter", "text", "\"bad\"", "the text is bad" },
    { "flag/string", "flag", "\"on\"",
      "Invalid parameter type for 'flag', expected: boolean" },
    { "flag/number", "flag", "1",
      "Invalid parameter type for 'flag', expected: boolean" },
    { "colour/unknown", "colour", "\"pink\"",
      "Parameter 'colour' does not accept value 'pink'" },
    { "colour/number", "colour", "1",
      "Invalid parameter type for 'colour', expected: string" },
    { "number/string", "number", "\"1\"",
      "Invalid parameter type for 'number', expected: integer" },
    { "number/fraction", "number", "1.5",
      "Invalid parameter type for 'number', expected: integer" },
    { "number/object", "number", "{}",
      "Invalid parameter type for 'number', expected: integer" },
    { "byte/too-large", "byte", "256", "Parameter 'byte' expects uint8_t" },
    { "byte/negative", "byte", "-1", "Parameter 'byte' expects uint8_t" },
    { "short/too-large", "short", "65536",
      "Parameter 'short' expects uint16_t" },
    { "natural/negative", "natural", "-1",
      "Parameter 'natural' expects uint64" },
    { "unknown", "no-such-property", "1",
      "Property 'host.no-such-property' not found" },
    { "type", "type", "\"x\"", "Property 'host.type' is not writable" },
};

static void test_refused(const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(JsonNode) node = json_parse(row->json, -1, &error_abort);
    g_autoptr(Error) err = NULL;

    HOST(obj)->text = g_strdup("kept");
    HOST(obj)->colour = 2;
    HOST(obj)->number = 3;
    byte_value = 4;
    short_value = 5;
    g_assert_false(object_property_set_json(obj, row->property, node, &err));
    assert_error(err, row->message);
    g_assert_cmpstr(HOST(obj)->text, ==, "kept");
    g_assert_false(HOST(obj)->flag);
    g_assert_cmpint(HOST(obj)->colour, ==, 2);
    g_assert_cmpint(HOST(obj)->number, ==, 3);
    g_assert_cmpint(byte_value, ==, 4);
    g_assert_cmpint(short_value, ==, 5);
}

/* ---- Failing reads ---- */

static const RefusalRow unreadable_rows[] = {
    { "no-getter", "wo-text", NULL,
      "Property 'host.wo-text' is not readable" },
    { "unknown", "nothing", NULL, "Property 'host.nothing' not found" },
    { "str-getter-fails", "failing-text", NULL, "the text is gone" },
    { "bool-getter-fails", "failing-flag", NULL, "the flag is gone" },
    { "enum-getter-fails", "failing-colour", NULL, "the colour is gone" },
    { "tm-getter-fails", "failing-time", NULL, "the time is gone" },
};

static void test_unreadable(const void *data)
{
    const RefusalRow *row = data;
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_null(object_property_get_json(obj, row->property, &err));
    assert_error(err, row->message);
    g_assert_null(object_property_print(obj, row->property, false, &err));
    assert_error(err, row->message);
    g_assert_null(object_property_get_str(obj, row->property, &err));
    assert_error(err, row->message);
}

/* ---- By C type ---- */

static void test_typed_accessors(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autofree char *text = NULL;

    g_assert_true(object_property_set_str(obj, "text", "x", &error_abort));
    text = object_property_get_str(obj, "text", &error_abort);
    g_assert_cmpstr(text, ==, "x");
    g_assert_true(object_property_set_bool(obj, "flag", true, &error_abort));
    g_assert_true(object_property_get_bool(obj, "flag", &error_abort));
    g_assert_true(object_property_set_int(obj, "number", INT64_MIN,
                                          &error_abort));
    g_assert_true(object_property_get_int(obj, "number", &error_abort) ==
                  INT64_MIN);
    g_assert_true(object_property_set_uint(obj, "natural", UINT64_MAX,
                                           &error_abort));
    g_assert_true(object_property_get_uint(obj, "natural", &error_abort) ==
                  UINT64_MAX);
}

static void test_set_str_of_enum(void)
{
    g_autoptr(Object) obj = object_new("host");

    g_assert_true(object_property_set_str(obj, "colour", "blue",
                                          &error_abort));
    g_assert_cmpint(HOST(obj)->colour, ==, 2);
}

static void test_int_reaches_uint(void)
{
    g_autoptr(Object) obj = object_new("host");

    g_assert_true(object_property_set_int(obj, "natural", 3, &error_abort));
    g_assert_cmpint(object_property_get_int(obj, "natural", &error_abort),
                    ==, 3);
}

typedef void(TypedGet)(Object *obj, const char *name, Error **errp);

static void get_str(Object *obj, const char *name, Error **errp)
{
    g_assert_null(object_property_get_str(obj, name, errp));
}

static void get_bool(Object *obj, const char *name, Error **errp)
{
    g_assert_false(object_property_get_bool(obj, name, errp));
}

static void get_int(Object *obj, const char *name, Error **errp)
{
    g_assert_cmpint(object_property_get_int(obj, name, errp), ==, -1);
}

static void get_uint(Object *obj, const char *name, Error **errp)
{
    g_assert_cmpuint(object_property_get_uint(obj, name, errp), ==, 0);
}

static void get_link(Object *obj, const char *name, Error **errp)
{
    g_assert_null(object_property_get_link(obj, name, errp));
}

static void get_enum(Object *obj, const char *name, Error **errp)
{
    g_assert_cmpint(object_property_get_enum(obj, name, "Colour", errp), ==,
                    -1);
}

static void get_type(Object *obj, const char *name, Error **errp)
{
    g_assert_null(object_property_get_type(obj, name, errp));
}

typedef struct TypedRow {
    const char *name;
    TypedGet *get;
    const char *property;
    const char *message;
} TypedRow;

static const TypedRow typed_rows[] = {
    { "str/of-number", get_str, "number",
      "Invalid parameter type for 'number', expected: string" },
    { "str/unknown", get_str, "nothing",
      "Property 'host.nothing' not found" },
    { "bool/of-text", get_bool, "text",
      "Invalid parameter type for 'text', expected: boolean" },
    { "bool/unknown", get_bool, "nothing",
      "Property 'host.nothing' not found" },
    { "int/of-text", get_int, "text",
      "Invalid parameter type for 'text', expected: int" },
    { "int/of-huge", get_int, "natural",
      "Invalid parameter type for 'natural', expected: int" },
    { "int/unknown", get_int, "nothing",
      "Property 'host.nothing' not found" },
    { "uint/of-text", get_uint, "text",
      "Invalid parameter type for 'text', expected: uint" },
    { "uint/of-negative", get_uint, "number",
      "Invalid parameter type for 'number', expected: uint" },
    { "uint/unknown", get_uint, "nothing",
      "Property 'host.nothing' not found" },
    { "link/of-number", get_link, "number",
      "Invalid parameter type for 'number', expected: string" },
    { "link/unknown", get_link, "nothing",
      "Property 'host.nothing' not found" },
    { "enum/of-text", get_enum, "text",
      "Property text on host is not 'Colour' enum type" },
    { "enum/unknown", get_enum, "nothing",
      "Property 'host.nothing' not found" },
    { "enum/getter-fails", get_enum, "failing-colour",
      "the colour is gone" },
    { "type/unknown", get_type, "nothing",
      "Property 'host.nothing' not found" },
};

static void test_typed_get_fails(const void *data)
{
    const TypedRow *row = data;
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    HOST(obj)->number = -7;
    HOST(obj)->natural = UINT64_MAX;
    row->get(obj, row->property, &err);
    assert_error(err, row->message);
}

static void test_get_enum(void)
{
    g_autoptr(Object) obj = object_new("dynamic-host");

    HOST(obj)->colour = 2;
    g_assert_cmpint(object_property_get_enum(obj, "colour", "Colour",
                                             &error_abort), ==, 2);
    g_assert_cmpint(object_property_get_enum(obj, "i-colour", "Colour",
                                             &error_abort), ==, 2);
}

static void test_get_enum_of_another_type(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_cmpint(object_property_get_enum(obj, "colour", "Shape", &err),
                    ==, -1);
    assert_error(err, "Property colour on host is not 'Shape' enum type");
}

static void test_set_int_of_text(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_int(obj, "text", 1, &err));
    assert_error(err, "Invalid parameter type for 'text', expected: string");
    g_assert_null(HOST(obj)->text);
}

/* ---- Text ---- */

static void test_parse_fails(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_parse(obj, "number", "1x", &err));
    assert_error(err, "Parameter 'number' expects an int64 value");
    g_assert_cmpint(HOST(obj)->number, ==, 0);
}

static void test_print_human_text_is_quoted(void)
{
    g_autoptr(Object) obj = object_new("host");
    g_autofree char *plain = NULL;
    g_autofree char *human = NULL;

    HOST(obj)->text = g_strdup("a b");
    plain = object_property_print(obj, "text", false, &error_abort);
    human = object_property_print(obj, "text", true, &error_abort);
    g_assert_cmpstr(plain, ==, "a b");
    g_assert_cmpstr(human, ==, "\"a b\"");
}

/* ---- Defaults and descriptions ---- */

static void test_defaults_are_applied(void)
{
    g_autoptr(Object) obj = object_new("default-host");

    g_assert_cmpstr(HOST(obj)->text, ==, "given");
    g_assert_true(HOST(obj)->flag);
    g_assert_cmpint(HOST(obj)->colour, ==, 2);
    g_assert_true(HOST(obj)->number == INT64_MIN);
    g_assert_true(HOST(obj)->natural == UINT64_MAX);
}

static void test_default_list_is_empty(void)
{
    g_autoptr(Object) obj = NULL;

    n_list_sets = 0;
    obj = object_new("default-host");
    g_assert_cmpint(n_list_sets, ==, 1);
    g_assert_null(HOST(obj)->list);
}

static void test_default_is_shown(const void *data)
{
    const RefusalRow *row = data;
    ObjectProperty *prop = object_class_property_find(
        object_class_by_name("default-host"), row->property);
    g_autoptr(GString) text = g_string_new(NULL);

    json_write(text, prop->defval, false);
    g_assert_cmpstr(text->str, ==, row->json);
}

static const RefusalRow default_rows[] = {
    { "str", "d-text", "\"given\"", NULL },
    { "bool", "d-flag", "true", NULL },
    { "enum", "d-colour", "\"blue\"", NULL },
    { "int", "d-number", "-9223372036854775808", NULL },
    { "uint", "d-natural", "18446744073709551615", NULL },
    { "list", "d-list", "[]", NULL },
};

static void abort_default_twice(void)
{
    object_property_set_default_bool(
        object_class_property_find(object_class_by_name("default-host"),
                                   "d-flag"), false);
}

static void abort_default_without_setter(void)
{
    object_property_set_default_bool(
        object_class_property_find(object_class_by_name("host"),
                                   "failing-flag"), false);
}

static void test_description_of_instance_property(void)
{
    g_autoptr(Object) obj = object_new("dynamic-host");
    char text[] = "what it is";

    g_assert_null(object_property_find(obj, "i-text")->description);
    object_property_set_description(obj, "i-text", text);
    memset(text, 'x', strlen(text));
    g_assert_cmpstr(object_property_find(obj, "i-text")->description, ==,
                    "what it is");
}

static void test_description_is_replaced(void)
{
    g_autoptr(Object) obj = object_new("dynamic-host");

    object_property_set_description(obj, "i-text", "one");
    object_property_set_description(obj, "i-text", "two");
    g_assert_cmpstr(object_property_find(obj, "i-text")->description, ==,
                    "two");
}

static void test_description_of_class_property(void)
{
    ObjectClass *klass = object_class_by_name("host");
    g_autoptr(Object) obj = object_new("dynamic-host");

    object_class_property_set_description(klass, "text", "first letter");
    g_assert_cmpstr(object_property_find(obj, "text")->description, ==,
                    "first letter");
}

static void abort_describe_unknown(void)
{
    object_property_set_description(object_new("host"), "nothing", "text");
}

static void abort_class_describe_unknown(void)
{
    object_class_property_set_description(object_class_by_name("host"),
                                          "nothing", "text");
}

/* ---- Set-up ---- */

#define ADD_ROWS(prefix, rows, test) \
    TEST_ADD_ROWS("/qom/property/" prefix, rows, name, test)

static void add_kind_tests(void)
{
    ADD_ROWS("kind/class", kind_rows, test_class_kind);
    ADD_ROWS("kind/instance", kind_rows, test_instance_kind);
    g_test_add_data_func("/qom/property/kind/class/tm", "time", test_tm);
    g_test_add_data_func("/qom/property/kind/instance/tm", "i-time", test_tm);
    g_test_add_func("/qom/property/kind/tm-is-read-only",
                    test_tm_is_read_only);
    g_test_add_data_func("/qom/property/kind/class/pointer-flags", "",
                         test_pointer_flags);
    g_test_add_data_func("/qom/property/kind/instance/pointer-flags", "i-",
                         test_pointer_flags);
    g_test_add_func("/qom/property/kind/null-text-reads-as-empty",
                    test_null_text_reads_as_empty);
    ADD_ROWS("set/refuses", refusal_rows, test_refused);
    ADD_ROWS("get/refuses", unreadable_rows, test_unreadable);
}

static void add_typed_tests(void)
{
    g_test_add_func("/qom/property/typed/set-and-get", test_typed_accessors);
    g_test_add_func("/qom/property/typed/str-of-enum", test_set_str_of_enum);
    g_test_add_func("/qom/property/typed/int-reaches-uint",
                    test_int_reaches_uint);
    g_test_add_func("/qom/property/typed/set-int-of-text",
                    test_set_int_of_text);
    g_test_add_func("/qom/property/typed/enum", test_get_enum);
    g_test_add_func("/qom/property/typed/enum-of-another-type",
                    test_get_enum_of_another_type);
    ADD_ROWS("typed/get-fails", typed_rows, test_typed_get_fails);
    g_test_add_func("/qom/property/parse/fails", test_parse_fails);
    g_test_add_func("/qom/property/print/human-text-is-quoted",
                    test_print_human_text_is_quoted);
}

static void add_default_tests(void)
{
    g_test_add_func("/qom/property/default/is-applied",
                    test_defaults_are_applied);
    g_test_add_func("/qom/property/default/list-is-empty",
                    test_default_list_is_empty);
    ADD_ROWS("default/is-shown", default_rows, test_default_is_shown);
    test_add_abort_func("/qom/property/aborts/default-twice",
                        abort_default_twice,
                        "*property '*' cannot get a default: it has one "
                        "already*");
    test_add_abort_func("/qom/property/aborts/default-without-setter",
                        abort_default_without_setter,
                        "*property '*' cannot get a default: it has no "
                        "setter*");
    g_test_add_func("/qom/property/description/instance",
                    test_description_of_instance_property);
    g_test_add_func("/qom/property/description/is-replaced",
                    test_description_is_replaced);
    g_test_add_func("/qom/property/description/class",
                    test_description_of_class_property);
    test_add_abort_func("/qom/property/aborts/describe-unknown",
                        abort_describe_unknown,
                        "*Property 'host.nothing' not found*");
    test_add_abort_func("/qom/property/aborts/class-describe-unknown",
                        abort_class_describe_unknown,
                        "*Property 'host.nothing' not found*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_kind_tests();
    add_typed_tests();
    add_default_tests();
    return test_run();
}
