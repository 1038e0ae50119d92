/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of the object model, as a QMP client sees them.
 */
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/session-talk.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

#define NOT_FOUND(desc) ERROR("DeviceNotFound", desc)

/* ---- A type of the test's own ---- */

typedef struct Demo {
    Object parent_obj;
    int64_t count;
    char *name;
    Object *peer;
} Demo;

static unsigned n_demos;

static const PropertyRow demo_rows[] = {
    PROPERTY_INT("count", Demo, count, .def = 5, .min = 0, .max = 100,
                 .doc = "how many"),
    PROPERTY_STR("name", Demo, name),
    PROPERTY_LINK("peer", Demo, peer, Demo, "demo"),
    PROPERTY_END
};

static void set_secret(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    g_autofree char *secret = NULL;

    visit_type_str(v, name, &secret, errp);
}

static void demo_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, demo_rows);
    object_class_property_add(klass, "secret", "string", NULL, set_secret,
                              NULL, NULL);
}

static void demo_init(Object *obj)
{
    n_demos++;
    object_property_add(obj, "own", "bool", NULL, NULL, NULL, NULL);
}

static const TypeInfo demo_types[] = {
    { .name = "demo-base", .parent = TYPE_OBJECT, .abstract = true,
      .instance_size = sizeof(Demo), .class_init = demo_class_init },
    { .name = "demo", .parent = "demo-base", .instance_init = demo_init,
      .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE },
                                              { } } },
};

DEFINE_TYPES(demo_types)

/* ---- Talking ---- */

/* Negotiated, with the objects a and b, of which b links to a. */
static QmpSession *start(void)
{
    QmpSession *s = qmp_session_new(false);

    g_free(say(s, "{'execute': 'qmp_capabilities'}"));
    expect(s,
           "{'execute': 'object-add', 'arguments': {'qom-type': 'demo', "
           "'id': 'a', 'count': 7, 'name': 'first'}}"
           "{'execute': 'object-add', 'arguments': {'qom-type': 'demo', "
           "'id': 'b', 'peer': 'a'}}", OK OK);
    return s;
}

static void stop(QmpSession *s)
{
    qmp_session_free(s);
    user_creatable_cleanup();
}

/* A request by its command and arguments. */
typedef struct Row {
    const char *name;
    const char *command;
    const char *arguments;
    const char *out;
} Row;

#define DEMO_PROPERTIES                                                     \
    "{\"name\": \"count\", \"type\": \"int\", \"description\": "            \
    "\"how many\", \"default-value\": 5}, "                                 \
    "{\"name\": \"name\", \"type\": \"string\"}, "                          \
    "{\"name\": \"peer\", \"type\": \"link<demo>\"}, "                      \
    "{\"name\": \"secret\", \"type\": \"string\"}, "                        \
    "{\"name\": \"type\", \"type\": \"string\"}"

#define A_VALUES                                                            \
    "{\"properties\": ["                                                    \
    "{\"name\": \"count\", \"type\": \"int\", \"value\": 7}, "              \
    "{\"name\": \"name\", \"type\": \"string\", \"value\": \"first\"}, "    \
    "{\"name\": \"peer\", \"type\": \"link<demo>\", \"value\": \"\"}, "     \
    "{\"name\": \"secret\", \"type\": \"string\"}, "                        \
    "{\"name\": \"type\", \"type\": \"string\", \"value\": \"demo\"}, "     \
    "{\"name\": \"own\", \"type\": \"bool\"}]}"

#define OBJECTS_VALUES                                                      \
    "{\"properties\": ["                                                    \
    "{\"name\": \"type\", \"type\": \"string\", \"value\": "                \
    "\"container\"}, "                                                      \
    "{\"name\": \"a\", \"type\": \"child<demo>\", \"value\": "              \
    "\"/objects/a\"}, "                                                     \
    "{\"name\": \"b\", \"type\": \"child<demo>\", \"value\": "              \
    "\"/objects/b\"}]}"

static const Row rows[] = {
    { "object-add/duplicate", "object-add", "'qom-type': 'demo', 'id': 'a'",
      GENERIC("attempt to add duplicate property 'a' to object "
              "(type 'container')") },
    { "object-add/props-wrapper", "object-add",
      "'qom-type': 'demo', 'id': 'c', 'props': {'count': 1}",
      GENERIC("Parameter 'props' is unexpected") },
    { "object-add/no-id", "object-add", "'qom-type': 'demo'",
      GENERIC("Parameter 'id' is missing") },
    { "object-add/no-type", "object-add", "'id': 'c'",
      GENERIC("Parameter 'qom-type' is missing") },
    { "object-add/bad-id-with-hint", "object-add",
      "'qom-type': 'demo', 'id': '9'",
      GENERIC("Parameter 'id' expects an identifier\\nIdentifiers consist of "
              "letters, digits, '-', '.', '_', starting with a letter.") },
    { "object-add/abstract", "object-add",
      "'qom-type': 'demo-base', 'id': 'c'",
      GENERIC("object type 'demo-base' isn't supported by object-add") },
    { "object-add/server-without-main-loop", "object-add",
      "'qom-type': 'qmp-server', 'id': 'c', 'addr': 'unix:x'",
      GENERIC("The program has no main loop that could serve QMP") },
    { "object-add/unknown-type", "object-add", "'qom-type': 'x', 'id': 'c'",
      GENERIC("invalid object type: x") },
    { "object-add/range", "object-add",
      "'qom-type': 'demo', 'id': 'c', 'count': 101",
      GENERIC("count value must be in range [0, 100]") },

    { "object-del/unknown", "object-del", "'id': 'x'",
      GENERIC("object 'x' not found") },
    { "object-del/path", "object-del", "'id': '/objects/a'",
      GENERIC("object '/objects/a' not found") },
    { "object-del/no-id", "object-del", "",
      GENERIC("Parameter 'id' is missing") },
    { "object-del/extra", "object-del", "'id': 'a', 'x': 1",
      GENERIC("Parameter 'x' is unexpected") },

    { "object-apply/dry-run", "object-apply",
      "'objects': [{'qom-type': 'demo', 'id': 'a', 'count': 8}], "
      "'dry-run': true",
      "{\"return\": ["
      "{\"action\": \"delete\", \"id\": \"b\", \"qom-type\": \"demo\"}, "
      "{\"action\": \"change\", \"id\": \"a\", \"qom-type\": \"demo\", "
      "\"properties\": {\"count\": 8, \"name\": \"\"}}]}\r\n" },
    { "object-apply/nothing", "object-apply",
      "'objects': [{'qom-type': 'demo', 'id': 'a', 'count': 7, "
      "'name': 'first'}, {'qom-type': 'demo', 'id': 'b', 'peer': 'a'}]",
      "{\"return\": []}\r\n" },
    { "object-apply/refused", "object-apply",
      "'objects': [{'qom-type': 'demo', 'id': 'c'}, "
      "{'qom-type': 'demo', 'id': 'a', 'count': 101}]",
      GENERIC("objects[1].count value must be in range [0, 100]") },
    { "object-apply/no-link", "object-apply",
      "'objects': [{'qom-type': 'demo', 'id': 'b', 'peer': 'a'}]",
      NOT_FOUND("objects[0].peer: Device 'a' not found") },
    { "object-apply/no-list", "object-apply", "",
      GENERIC("Parameter 'objects' is missing") },
    { "object-apply/extra", "object-apply", "'objects': [], 'x': 1",
      GENERIC("Parameter 'x' is unexpected") },
    { "query-objects/in-order", "query-objects", "",
      "{\"return\": [{\"qom-type\": \"demo\", \"id\": \"a\", \"count\": 7, "
      "\"name\": \"first\"}, {\"qom-type\": \"demo\", \"id\": \"b\", "
      "\"peer\": \"/objects/a\"}]}\r\n" },

    { "qom-list/objects", "qom-list", "'path': '/objects'",
      "{\"return\": [{\"name\": \"type\", \"type\": \"string\"}, "
      "{\"name\": \"a\", \"type\": \"child<demo>\"}, "
      "{\"name\": \"b\", \"type\": \"child<demo>\"}]}\r\n" },
    { "qom-list/partial-path", "qom-list", "'path': 'a'",
      "{\"return\": [" DEMO_PROPERTIES
      ", {\"name\": \"own\", \"type\": \"bool\"}]}\r\n" },
    { "qom-list/ambiguous", "qom-list", "'path': ''",
      GENERIC("Path '' is ambiguous") },
    { "qom-list/unknown", "qom-list", "'path': '/nope'",
      NOT_FOUND("Device '/nope' not found") },
    { "qom-list/property-is-no-object", "qom-list", "'path': 'a/count'",
      NOT_FOUND("Device 'a/count' not found") },

    { "qom-get/int", "qom-get", "'path': 'a', 'property': 'count'",
      "{\"return\": 7}\r\n" },
    { "qom-get/str", "qom-get", "'path': '/objects/a', 'property': 'name'",
      "{\"return\": \"first\"}\r\n" },
    { "qom-get/null-str", "qom-get", "'path': 'b', 'property': 'name'",
      "{\"return\": \"\"}\r\n" },
    { "qom-get/link", "qom-get", "'path': 'b', 'property': 'peer'",
      "{\"return\": \"/objects/a\"}\r\n" },
    { "qom-get/child", "qom-get", "'path': '/', 'property': 'objects'",
      "{\"return\": \"/objects\"}\r\n" },
    { "qom-get/through-link", "qom-get",
      "'path': '//objects///b/peer/', 'property': 'count'",
      "{\"return\": 7}\r\n" },
    { "qom-get/unknown-path", "qom-get", "'path': 'x', 'property': 'count'",
      NOT_FOUND("Device 'x' not found") },
    { "qom-get/ambiguous-path", "qom-get", "'path': '', 'property': 'count'",
      NOT_FOUND("Device '' not found: the path is ambiguous") },
    { "qom-get/unknown-property", "qom-get", "'path': 'a', 'property': 'x'",
      GENERIC("Property 'demo.x' not found") },
    { "qom-get/not-readable", "qom-get", "'path': 'a', 'property': 'secret'",
      GENERIC("Property 'demo.secret' is not readable") },
    { "qom-get/no-property", "qom-get", "'path': 'a'",
      GENERIC("Parameter 'property' is missing") },

    { "qom-set/no-value", "qom-set", "'path': 'a', 'property': 'count'",
      GENERIC("Parameter 'value' is missing") },
    { "qom-set/wrong-type", "qom-set",
      "'path': 'a', 'property': 'count', 'value': 'x'",
      GENERIC("Invalid parameter type for 'count', expected: integer"
              "\\nAccepted values: 0 to 100.") },
    { "qom-set/range", "qom-set",
      "'path': 'a', 'property': 'count', 'value': -1",
      GENERIC("count value must be in range [0, 100]") },
    { "qom-set/not-writable", "qom-set",
      "'path': 'a', 'property': 'type', 'value': 'x'",
      GENERIC("Property 'demo.type' is not writable") },
    { "qom-set/ambiguous-path", "qom-set",
      "'path': '', 'property': 'count', 'value': 1",
      NOT_FOUND("Device '' not found: the path is ambiguous") },

    { "qom-list-get/in-order", "qom-list-get", "'paths': ['/objects', 'a']",
      "{\"return\": [" OBJECTS_VALUES ", " A_VALUES "]}\r\n" },
    { "qom-list-get/none", "qom-list-get", "'paths': []",
      "{\"return\": []}\r\n" },
    { "qom-list-get/unknown", "qom-list-get", "'paths': ['a', '/x']",
      NOT_FOUND("Device '/x' not found") },
    { "qom-list-get/ambiguous", "qom-list-get", "'paths': ['a', '']",
      GENERIC("Path '' is ambiguous") },
    { "qom-list-get/again", "qom-list-get",
      "'paths': ['b', 'a', '/objects//a']",
      GENERIC("Parameter 'paths[2]' leads to '/objects/a' again") },
    { "qom-list-get/wrong-type", "qom-list-get", "'paths': ['a', 1]",
      GENERIC("Invalid parameter type for 'paths[1]', expected: string") },

    { "qom-list-types/concrete", "qom-list-types",
      "'implements': 'demo-base'",
      "{\"return\": [{\"name\": \"demo\", \"parent\": \"demo-base\"}]}\r\n" },
    { "qom-list-types/abstract", "qom-list-types",
      "'implements': 'demo-base', 'abstract': true",
      "{\"return\": [{\"name\": \"demo\", \"parent\": \"demo-base\"}, "
      "{\"name\": \"demo-base\", \"abstract\": true, \"parent\": \"object\"}]}"
      "\r\n" },
    { "qom-list-types/interface", "qom-list-types",
      "'implements': 'user-creatable'",
      "{\"return\": [{\"name\": \"demo\", \"parent\": \"demo-base\"}, "
      "{\"name\": \"monitor-qmp\", \"parent\": \"qmp-server\"}, "
      "{\"name\": \"qmp-server\", \"parent\": \"object\"}]}\r\n" },
    { "qom-list-types/unknown", "qom-list-types", "'implements': 'x'",
      "{\"return\": []}\r\n" },
    { "qom-list-types/all", "qom-list-types", "",
      "{\"return\": [{\"name\": \"container\", \"parent\": \"object\"}, "
      "{\"name\": \"demo\", \"parent\": \"demo-base\"}, "
      "{\"name\": \"monitor-qmp\", \"parent\": \"qmp-server\"}, "
      "{\"name\": \"qmp-server\", \"parent\": \"object\"}]}\r\n" },

    { "qom-list-properties/concrete", "qom-list-properties",
      "'typename': 'demo'", "{\"return\": [" DEMO_PROPERTIES "]}\r\n" },
    { "qom-list-properties/abstract", "qom-list-properties",
      "'typename': 'demo-base'", "{\"return\": [" DEMO_PROPERTIES "]}\r\n" },
    { "qom-list-properties/interface", "qom-list-properties",
      "'typename': 'user-creatable'",
      GENERIC("Parameter 'typename' expects a QOM type") },
    { "qom-list-properties/unknown", "qom-list-properties",
      "'typename': 'x'", NOT_FOUND("Class 'x' not found") },
};

/* Whatever is refused, and whatever is asked, nothing changes. */
static void test_row(const void *data)
{
    const Row *row = data;
    QmpSession *s = start();
    const char *all = "{'execute': 'qom-list-get', "
                      "'arguments': {'paths': ['/objects', 'a', 'b']}}";
    g_autofree char *before = say(s, all);
    g_autofree char *request = g_strdup_printf(
        "{'execute': '%s', 'arguments': {%s}}", row->command, row->arguments);

    expect(s, request, row->out);
    expect(s, all, before);
    stop(s);
}

/* Readers could not take a reply that nests deeper. */
static void test_tree_depth(void)
{
    QmpSession *s = start();
    Object *first = object_property_add_new_container(object_get_root(),
                                                      "deep");
    const char *request = "{'execute': 'qom-tree',"
                          " 'arguments': {'path': '/deep'}}";
    Object *last = first;
    g_autofree char *reply = NULL;

    for (unsigned i = 1; i < 256; i++) {
        last = object_property_add_new_container(last, "x");
    }
    reply = say(s, request);
    g_assert_true(g_str_has_prefix(reply, "{\"return\": "));
    object_property_add_new_container(last, "x");
    expect(s, request, GENERIC("Objects below '/deep' nest deeper than 256"));
    object_unparent(first);
    stop(s);
}

static void test_apply(void)
{
    QmpSession *s = start();

    expect(s,
           "{'execute': 'object-apply', 'arguments': {'objects': ["
           "{'qom-type': 'demo', 'id': 'c', 'peer': 'd'}, "
           "{'qom-type': 'demo', 'id': 'd'}]}}"
           "{'execute': 'qom-list', 'arguments': {'path': '/objects'}}",
           "{\"return\": ["
           "{\"action\": \"delete\", \"id\": \"b\", \"qom-type\": \"demo\"}, "
           "{\"action\": \"delete\", \"id\": \"a\", \"qom-type\": \"demo\"}, "
           "{\"action\": \"add\", \"id\": \"d\", \"qom-type\": \"demo\", "
           "\"properties\": {}}, "
           "{\"action\": \"add\", \"id\": \"c\", \"qom-type\": \"demo\", "
           "\"properties\": {\"peer\": \"d\"}}]}\r\n"
           "{\"return\": [{\"name\": \"type\", \"type\": \"string\"}, "
           "{\"name\": \"c\", \"type\": \"child<demo>\"}, "
           "{\"name\": \"d\", \"type\": \"child<demo>\"}]}\r\n");
    stop(s);
}

static void test_set(void)
{
    QmpSession *s = start();

    expect(s,
           "{'execute': 'qom-set', 'arguments': {'path': 'a', "
           "'property': 'count', 'value': 100}}"
           "{'execute': 'qom-get', 'arguments': {'path': 'a', "
           "'property': 'count'}}",
           OK "{\"return\": 100}\r\n");
    stop(s);
}

static void test_del_in_use(void)
{
    QmpSession *s = start();
    g_autofree char *reply = say(s, "{'execute': 'object-del', "
                                 "'arguments': {'id': 'a'}}");

    g_assert_true(g_str_has_prefix(reply,
                                   "{\"error\": {\"class\": \"GenericError\", "
                                   "\"desc\": \"object 'a' is in use, can not "
                                   "be deleted"));
    g_assert_nonnull(object_resolve_path("/objects/a", NULL));
    stop(s);
}

static void test_del(void)
{
    QmpSession *s = start();

    expect(s,
           "{'execute': 'object-del', 'arguments': {'id': 'b'}}"
           "{'execute': 'object-del', 'arguments': {'id': 'a'}}", OK OK);
    g_assert_null(object_resolve_path("/objects/a", NULL));
    stop(s);
}

static void test_introspection_makes_nothing(void)
{
    QmpSession *s = start();
    unsigned before = n_demos;

    g_free(say(s, "{'execute': 'qom-list-properties', "
                  "'arguments': {'typename': 'demo'}}"
                  "{'execute': 'qom-list-types'}"));
    g_assert_cmpuint(n_demos, ==, before);
    stop(s);
}

static void test_object_without_arguments(void)
{
    QmpSession *s = start();

    expect(s, "{'execute': 'object-add'}",
           GENERIC("Parameter 'qom-type' is missing"));
    stop(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qmp/qom/", rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/qmp/qom/qom-tree/depth", test_tree_depth);
    g_test_add_func("/qmp/qom/object-apply/done", test_apply);
    g_test_add_func("/qmp/qom/qom-set/changes", test_set);
    g_test_add_func("/qmp/qom/object-del/in-use", test_del_in_use);
    g_test_add_func("/qmp/qom/object-del/deletes", test_del);
    g_test_add_func("/qmp/qom/introspection-makes-no-object",
                    test_introspection_makes_nothing);
    g_test_add_func("/qmp/qom/object-add/no-arguments",
                    test_object_without_arguments);
    return test_run();
}
