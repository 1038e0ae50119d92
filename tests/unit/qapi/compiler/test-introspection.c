/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data for clients: names and members, and arguments given as
 * text.  The data comes from a schema with every kind of type, masked as that
 * of a real program.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/introspection.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "tests/unit/test-util.h"

#include <string.h>

static const char schema_text[] =
    "{ 'enum': 'Colour', 'data': [ 'red', 'green' ] }\n"
    "{ 'struct': 'Point', 'data': { 'x': 'int', '*y': 'number' } }\n"
    "{ 'struct': 'Circle', 'data': { 'r': 'size' } }\n"
    "{ 'union': 'Shape', 'base': { 'kind': 'Kind', '*fill': 'Colour' },\n"
    "  'discriminator': 'kind',\n"
    "  'data': { 'circle': 'Circle', 'point': 'Point' } }\n"
    "{ 'enum': 'Kind', 'data': [ 'circle', 'point', 'none' ] }\n"
    "{ 'alternate': 'Ref', 'data': { 'shape': 'Shape', 'name': 'str' } }\n"
    "{ 'alternate': 'Limit', 'data': { 'n': 'int', 'off': 'null' } }\n"
    "{ 'command': 'draw', 'boxed': true, 'data': 'Shape' }\n"
    "{ 'command': 'all', 'data': { '*b': 'bool', '*n': 'number',\n"
    "  '*i': 'int', '*s': 'str', '*any': 'any', '*list': ['int'],\n"
    "  '*points': ['Point'], '*ref': 'Ref', '*limit': 'Limit',\n"
    "  '*colour': 'Colour' } }\n"
    "{ 'command': 'stop' }\n"
    "{ 'event': 'DRAWN', 'data': { 'colour': 'Colour' } }\n";

static QapiInfo *info_of_text(const char *json)
{
    g_autoptr(JsonNode) data = json_parse(json, -1, &error_abort);

    return qapi_info_new("data", data, &error_abort);
}

static QapiInfo *info_new(void)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load_text(
        "t.json", schema_text, strlen(schema_text), &error_abort);
    g_autoptr(GString) json = g_string_new(NULL);

    qapi_schema_introspect(schema, false, json);
    return info_of_text(json->str);
}

/* ---- Arguments ---- */

static JsonNode *parse_with(const QapiInfo *info, const char *command,
                            const char *keyval, Error **errp)
{
    g_autoptr(Keyval) given =
        keyval_parse_entries(keyval, NULL, NULL, &error_abort);

    return qapi_info_parse_arguments(info, command, given, errp);
}

typedef struct Row {
    const char *name;
    const char *command;
    const char *keyval;
    const char *expected; /* JSON, or the message */
} Row;

static const Row good[] = {
    { "nothing", "stop", "", "{}" },
    { "boolean", "all", "b=on", "{\"b\": true}" },
    { "number", "all", "n=1.5", "{\"n\": 1.5}" },
    { "integer", "all", "i=-0x10", "{\"i\": -16}" },
    { "large-integer", "all", "i=18446744073709551615",
      "{\"i\": 18446744073709551615}" },
    { "suffix", "all", "i=4k", "{\"i\": 4096}" },
    { "string-of-digits", "all", "s=12", "{\"s\": \"12\"}" },
    { "any-json", "all", "any=[1,,2]", "{\"any\": [1, 2]}" },
    { "any-text", "all", "any=word", "{\"any\": \"word\"}" },
    { "any-dotted", "all", "any.a.b=1", "{\"any\": {\"a\": {\"b\": 1}}}" },
    { "list", "all", "list.0=1,list.1=2", "{\"list\": [1, 2]}" },
    { "list-of-ranges", "all", "list=0-2,,-5",
      "{\"list\": [0, 1, 2, -5]}" },
    { "list-of-large-integers", "all", "list=18446744073709551615",
      "{\"list\": [18446744073709551615]}" },
    { "list-by-repeated-key", "all", "list=7,s=a,list=1-2,s=b",
      "{\"list\": [7, 1, 2], \"s\": \"b\"}" },
    { "empty-list", "all", "list=", "{\"list\": []}" },
    { "last-value-wins", "draw", "r=1,r=2,kind=circle",
      "{\"r\": 2, \"kind\": \"circle\"}" },
    { "list-json", "all", "list=[]", "{\"list\": []}" },
    { "list-of-objects", "all", "points.0.x=1,points.0.y=2",
      "{\"points\": [{\"x\": 1, \"y\": 2}]}" },
    { "enum", "all", "colour=red", "{\"colour\": \"red\"}" },
    { "alternate-string", "all", "ref=12", "{\"ref\": \"12\"}" },
    { "alternate-object", "all", "ref.kind=circle,ref.r=1M",
      "{\"ref\": {\"kind\": \"circle\", \"r\": 1048576}}" },
    { "alternate-integer", "all", "limit=5", "{\"limit\": 5}" },
    { "alternate-null", "all", "limit=null", "{\"limit\": null}" },
    { "branch", "draw", "kind=circle,r=1,fill=red",
      "{\"kind\": \"circle\", \"r\": 1, \"fill\": \"red\"}" },
    { "branch-before-tag", "draw", "r=1,kind=circle",
      "{\"r\": 1, \"kind\": \"circle\"}" },
    { "empty-branch", "draw", "kind=none", "{\"kind\": \"none\"}" },
};

static const Row bad[] = {
    { "boolean", "all", "b=maybe",
      "argument 'b' of all: 'maybe' is not on or off" },
    { "number", "all", "n=x", "argument 'n' of all: 'x' is not a number" },
    { "integer", "all", "i=1.5",
      "argument 'i' of all: '1.5' is not an integer" },
    { "enum", "all", "colour=blue",
      "argument 'colour' of all: 'blue' is not one of red, green" },
    { "element", "all", "list.0=1,list.1=x",
      "argument 'list.1' of all: 'x' is not an integer" },
    { "list", "all", "points=1",
      "argument 'points' of all: '1' is not a list" },
    { "list-of-words", "all", "list=1,list=x",
      "argument 'list' of all: '1,x' is not a list" },
    { "list-of-too-many", "all", "list=0-65536",
      "argument 'list' of all: '0-65536' is not a list" },
    { "object-as-list", "all", "list.a=1",
      "argument 'list' of all: {\"a\": \"1\"} is not a list" },
    { "list-as-text", "all", "s.0=1",
      "argument 's' of all: [\"1\"] is not a string" },
    { "alternate", "all", "limit=x",
      "argument 'limit' of all: 'x' is not an integer or null" },
    { "broken-json", "all", "any={x",
      "argument 'any' of all: JSON parse error, expecting a key in quotes "
      "or '}' (line 1, column 2)" },
    { "unknown", "draw", "kind=circle,x=1",
      "draw has no argument 'x'; expected one of kind, fill, r" },
    { "unknown-of-none", "stop", "x=1", "stop has no argument 'x'" },
    { "unknown-below", "all", "points.0.z=1",
      "all has no argument 'points.0.z'; expected one of x, y" },
    { "missing", "draw", "kind=circle",
      "draw needs the argument 'r', an integer" },
    { "missing-tag", "draw", "fill=red",
      "draw needs the argument 'kind', one of circle, point, none" },
    { "missing-below", "all", "points.0.y=1",
      "all needs the argument 'points.0.x', an integer" },
};

static void test_good(const void *opaque)
{
    const Row *row = opaque;
    g_autoptr(QapiInfo) info = info_new();
    g_autoptr(JsonNode) node =
        parse_with(info, row->command, row->keyval, &error_abort);
    g_autoptr(GString) json = g_string_new(NULL);

    json_write(json, node, false);
    g_assert_cmpstr(json->str, ==, row->expected);
}

static void test_bad(const void *opaque)
{
    const Row *row = opaque;
    g_autoptr(QapiInfo) info = info_new();
    Error *err = NULL;

    g_assert_null(parse_with(info, row->command, row->keyval, &err));
    assert_error(err, row->expected);
}

/* Text is no list, but says how one is written. */
static void test_list_hint(void)
{
    g_autoptr(QapiInfo) info = info_new();
    Error *err = NULL;

    g_assert_null(parse_with(info, "all", "points=1", &err));
    assert_error_hint(err, "argument 'points' of all: '1' is not a list",
                      "Its elements are points.0=..., points.1=...\n");
    err = NULL;
    g_assert_null(parse_with(info, "all", "list=x", &err));
    assert_error_hint(err, "argument 'list' of all: 'x' is not a list",
                      "Its elements are list.0=..., list.1=..., or a range "
                      "0-3\n");
}

/* A program without introspection gets JSON where the text is JSON. */
static void test_without_schema(void)
{
    g_autoptr(JsonNode) node =
        parse_with(NULL, "guest-exec", "path=ls,arg.0=-l,n=1,yes=true,"
                   "s=\"1\",o={\"a\": 1}", &error_abort);
    g_autoptr(GString) json = g_string_new(NULL);

    json_write(json, node, false);
    g_assert_cmpstr(json->str, ==,
                    "{\"path\": \"ls\", \"arg\": [\"-l\"], \"n\": 1, "
                    "\"yes\": true, \"s\": \"1\", \"o\": {\"a\": 1}}");
}

static void test_hint(void)
{
    g_autoptr(QapiInfo) info = info_new();
    Error *err = NULL;

    g_assert_null(parse_with(info, "all", "colour=grene", &err));
    g_assert_cmpstr(error_get_hint(err), ==, "Did you mean 'green'?\n");
    g_clear_pointer(&err, error_free);
    g_assert_null(parse_with(info, "all", "color=red", &err));
    g_assert_cmpstr(error_get_hint(err), ==, "Did you mean 'colour'?\n");
    error_free(err);
}

/* ---- Names ---- */

static char *join(GPtrArray *names)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < names->len; i++) {
        g_string_append_printf(out, "%s ", (char *)names->pdata[i]);
    }
    g_ptr_array_unref(names);
    return g_string_free(out, FALSE);
}

static void test_names(void)
{
    g_autoptr(QapiInfo) info = info_new();
    g_autofree char *commands = join(qapi_info_names(info, "command"));
    g_autofree char *events = join(qapi_info_names(info, "event"));

    g_assert_cmpstr(commands, ==, "all draw stop ");
    g_assert_cmpstr(events, ==, "DRAWN ");
    g_assert_true(qapi_info_has(info, "event", "DRAWN"));
    g_assert_false(qapi_info_has(info, "command", "DRAWN"));
    g_assert_null(qapi_info_argument_type(info, "nothing"));
}

static char *members_of(const QapiInfo *info, const char *values)
{
    g_autoptr(JsonNode) node = json_parse(values, -1, &error_abort);
    g_autoptr(GArray) members =
        qapi_info_members(info, qapi_info_argument_type(info, "draw"),
                          json_node_get_object(node));
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < members->len; i++) {
        QapiInfoMember *member = &g_array_index(members, QapiInfoMember, i);

        g_string_append_printf(out, "%s%s ", member->optional ? "*" : "",
                               member->name);
    }
    return g_string_free(out, FALSE);
}

static void test_members(void)
{
    g_autoptr(QapiInfo) info = info_new();
    g_autofree char *none = members_of(info, "{}");
    g_autofree char *point = members_of(info, "{\"kind\": \"point\"}");
    g_autofree char *wrong = members_of(info, "{\"kind\": \"x\"}");

    g_assert_cmpstr(none, ==, "kind *fill ");
    g_assert_cmpstr(point, ==, "kind *fill x *y ");
    g_assert_cmpstr(wrong, ==, "kind *fill ");
}

static void test_values(void)
{
    g_autoptr(QapiInfo) info = info_new();
    g_autoptr(GArray) members =
        qapi_info_members(info, qapi_info_argument_type(info, "all"), NULL);
    QapiInfoMember *first = &g_array_index(members, QapiInfoMember, 0);
    QapiInfoMember *last =
        &g_array_index(members, QapiInfoMember, members->len - 1);
    QapiInfoMember *list = &g_array_index(members, QapiInfoMember, 5);
    g_autofree char *boolean = join(qapi_info_values(info, first->type));
    g_autofree char *colours = join(qapi_info_values(info, last->type));

    g_assert_cmpstr(boolean, ==, "on off ");
    g_assert_cmpstr(colours, ==, "red green ");
    g_assert_cmpstr(list->name, ==, "list");
    g_assert_cmpstr(qapi_info_element_type(info, list->type), ==, "int");
    g_assert_null(qapi_info_element_type(info, "int"));
}

/* ---- Hostile data ---- */

/* Unions and alternates that contain themselves end. */
static void test_circles(void)
{
    g_autoptr(QapiInfo) info = info_of_text(
        "[{\"name\": \"c\", \"meta-type\": \"command\", \"arg-type\": \"1\","
        "  \"ret-type\": \"1\"},"
        " {\"name\": \"1\", \"meta-type\": \"object\", \"tag\": \"t\","
        "  \"members\": [{\"name\": \"t\", \"type\": \"2\"}],"
        "  \"variants\": [{\"case\": \"a\", \"type\": \"1\"}]},"
        " {\"name\": \"2\", \"meta-type\": \"alternate\","
        "  \"members\": [{\"type\": \"2\"}]}]");
    g_autoptr(GPtrArray) values = qapi_info_values(info, "2");
    g_autofree char *text = qapi_info_describe(info, "2");
    Error *err = NULL;

    g_assert_cmpuint(values->len, ==, 0);
    g_assert_cmpstr(text, ==, "any value");
    g_assert_null(parse_with(info, "c", "t=a", &err));
    assert_error(err, "argument 't' of c: 'a' is not any value");
}

/* A type that is not defined accepts any value; no member is a crash. */
static void test_holes(void)
{
    g_autoptr(QapiInfo) info = info_of_text(
        "[{\"name\": \"c\", \"meta-type\": \"command\"},"
        " {\"name\": \"d\", \"meta-type\": \"command\", \"arg-type\": \"1\"},"
        " {\"name\": \"1\", \"meta-type\": \"object\","
        "  \"members\": [{\"name\": \"a\", \"type\": \"9\"}, {}]}]");
    g_autoptr(JsonNode) c = parse_with(info, "c", "x=1", &error_abort);
    g_autoptr(GArray) none = NULL;
    Error *err = NULL;

    g_assert_nonnull(c);
    none = qapi_info_members(info, qapi_info_argument_type(info, "e"), NULL);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_null(parse_with(info, "d", "a=1", &err));
    assert_error(err, "d needs the argument '', any value");
}

static void test_not_data(void)
{
    g_autoptr(JsonNode) node = json_parse("{}", -1, &error_abort);
    Error *err = NULL;

    g_assert_null(qapi_info_new("x", node, &err));
    assert_error(err, "'x' is neither a schema nor introspection data");
}

static void add_rows(const char *folder, const Row *rows, size_t n,
                     GTestDataFunc func)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat(folder, rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], func);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("/qapi/introspection/arguments/", good, G_N_ELEMENTS(good),
             test_good);
    add_rows("/qapi/introspection/refuses/", bad, G_N_ELEMENTS(bad),
             test_bad);
    g_test_add_func("/qapi/introspection/arguments/without-schema",
                    test_without_schema);
    g_test_add_func("/qapi/introspection/refuses/with-hint", test_hint);
    g_test_add_func("/qapi/introspection/refuses/list-with-hint",
                    test_list_hint);
    g_test_add_func("/qapi/introspection/names", test_names);
    g_test_add_func("/qapi/introspection/members", test_members);
    g_test_add_func("/qapi/introspection/values", test_values);
    g_test_add_func("/qapi/introspection/hostile/circles", test_circles);
    g_test_add_func("/qapi/introspection/hostile/holes", test_holes);
    g_test_add_func("/qapi/introspection/hostile/not-data", test_not_data);
    return test_run();
}
