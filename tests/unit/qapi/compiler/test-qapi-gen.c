/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Code generated from tests/schema/good/small.json, in use: values of each
 * kind of type make the round trip through JSON, commands are called through
 * their rows, events arrive.
 */
#include "small-qapi-commands.h"
#include "small-qapi-events.h"
#include "small-qapi-visit-small-tags.h"
#include "small-qapi-visit.h"

#include "qapi/compiler/compiler.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"
#include "qapi/schema-info.h"
#include "qom/object.h"
#include "tests/unit/qapi/compiler/gadget.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

static char *to_text(JsonNode *node)
{
    GString *text = g_string_new(NULL);

    json_write(text, node, false);
    return g_string_free(text, FALSE);
}

/* Read a value and write it; the text must come back as it was. */
static void round_trip(const QapiType *type, const char *text)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autofree char *normal = to_text(node);
    g_autofree char *back = NULL;
    JsonNode *result = NULL;
    Visitor *v = json_input_visitor_new(node);
    void *value = NULL;

    g_assert_true(qapi_type_visit(v, NULL, type, &value, &error_abort));
    visit_free(v);
    v = json_output_visitor_new(&result);
    g_assert_true(qapi_type_visit(v, NULL, type, &value, &error_abort));
    visit_complete(v, &result);
    visit_free(v);
    qapi_type_free(type, &value);
    back = to_text(result);
    json_node_unref(result);
    g_assert_cmpstr(back, ==, normal);
}

static void refuse(const QapiType *type, const char *text, const char *message)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    Visitor *v = json_input_visitor_new(node);
    Error *err = NULL;
    void *value = NULL;

    g_assert_false(qapi_type_visit(v, NULL, type, &value, &err));
    g_assert_null(value);
    visit_free(v);
    assert_error(err, message);
}

static void test_scalars(void)
{
    round_trip(&qapi_type_Scalars,
               "{'a-str': 'x', 'a-number': 1.5, 'an-int': -1, 'an-int8': -128,"
               " 'an-int16': 32767, 'an-int32': 2147483647,"
               " 'an-int64': -9223372036854775808, 'a-uint8': 255,"
               " 'a-uint16': 65535, 'a-uint32': 4294967295,"
               " 'a-uint64': 18446744073709551615, 'a-size': 4096,"
               " 'a-bool': true, 'a-null': null, 'an-any': [1, {}],"
               " 'a-qtype': 'qdict'}");
}

static void test_scalars_range(void)
{
    refuse(&qapi_type_Circle, "{'radius': 'wide'}",
           "Invalid parameter type for 'radius', expected: number");
}

static void test_optionals(void)
{
    round_trip(&qapi_type_Optionals, "{}");
    round_trip(&qapi_type_Optionals,
               "{'a-str': '', 'an-int': 0, 'a-bool': false,"
               " 'an-enum': 'round', 'a-struct': {'name': 'n'},"
               " 'a-union': {'kind': '2d'}, 'an-alternate': 'yes',"
               " 'a-list': [], 'an-any': 1, 'a-null': null}");
}

static void test_mangled(void)
{
    Mangled m = { .has_q_int = true, .q_int = 3, .has_q_export = true,
                  .has_q_errp = true, .q_errp = TAG_ROUND,
                  .q_st_atime = (char *)"x" };
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    Visitor *v = json_output_visitor_new(&node);
    Mangled *p = &m;

    g_assert_true(visit_type_Mangled(v, NULL, &p, &error_abort));
    visit_complete(v, &node);
    visit_free(v);
    text = to_text(node);
    g_assert_cmpstr(text, ==, "{\"int\": 3, \"export\": false, "
                              "\"errp\": \"round\", \"st-atime\": \"x\"}");
}

static void test_derived(void)
{
    g_autoptr(Derived) d = g_new0(Derived, 1);

    round_trip(&qapi_type_Derived,
               "{'name': 'a', 'count': 2, 'more': [{'name': 'b', 'tags': [],"
               " 'default': false}], 'tags': ['2d', 'round'],"
               " 'default': true}");
    g_assert_true(qapi_Derived_base(d) == (Base *)d);
    g_assert_true(qapi_type_Derived.base == &qapi_type_Base);
    d->name = g_strdup("freed");
}

static void test_union(void)
{
    round_trip(&qapi_type_Shape, "{'kind': 'round', 'radius': 1.5}");
    round_trip(&qapi_type_Shape, "{'kind': '2d', 'label': 'flat'}");
    refuse(&qapi_type_Shape, "{'kind': '2d', 'radius': 1.5}",
           "Parameter 'radius' is unexpected");
}

static void test_nested_union(void)
{
    round_trip(&qapi_type_Nested, "{'what': 'round', 'kind': 'round',"
                                  " 'radius': 1.5}");
    round_trip(&qapi_type_Nested, "{'what': '2d', 'name': 'x'}");
    round_trip(&qapi_type_Nested, "{'what': 'conditional'}");
}

static void test_alternate(void)
{
    round_trip(&qapi_type_Choice, "null");
    round_trip(&qapi_type_Choice, "true");
    round_trip(&qapi_type_Choice, "7");
    round_trip(&qapi_type_Choice, "'no'");
    round_trip(&qapi_type_Choice, "{'kind': 'round', 'radius': 2.5}");
    round_trip(&qapi_type_Choice, "['a', 'b']");
}

static void test_lists(void)
{
    round_trip(&qapi_type_TagList, "['2d', 'round', '2d']");
    round_trip(&qapi_type_ShapeList, "[{'kind': '2d'}]");
}

static void test_typed_visit(void)
{
    g_autoptr(JsonNode) node = json_parse("{'radius': 3}", -1, &error_abort);
    Visitor *v = json_input_visitor_new(node);
    g_autoptr(Circle) circle = NULL;

    g_assert_true(visit_type_Circle(v, NULL, &circle, &error_abort));
    visit_free(v);
    g_assert_cmpfloat(circle->radius, ==, 3);
}

static void test_enum(void)
{
    g_assert_cmpint(TAG__MAX, ==, 3);
    g_assert_cmpstr(Tag_str(TAG_2D), ==, "2d");
    g_assert_cmpstr(Word_str(WRD_NO), ==, "no");
    g_assert_cmpint(Tag_lookup.features[TAG_2D], ==, 1 << QAPI_UNSTABLE);
    g_assert_cmpstr(qapi_type_Tag.value_docs[TAG_2D], ==, "flat");
    g_assert_cmpstr(qapi_type_Tag.value_features[TAG_2D]->name, ==,
                    "unstable");
    g_assert_null(qapi_type_Tag.value_features[TAG_ROUND]);
}

static void test_facts(void)
{
    const QapiMember *m = &qapi_type_Derived.members[4];

    g_assert_cmpstr(m->name, ==, "default");
    g_assert_cmpuint(m->special_features, ==, 1 << QAPI_DEPRECATED);
    g_assert_cmpstr(m->doc, ==, "a word of C");
    g_assert_cmpstr(qapi_type_Derived.features[0].name, ==, "quick");
    g_assert_cmpstr(qapi_type_Base.doc, ==, "What all of them have.");
}

/* What classes imply is made like everything else. */
static void test_class_types(void)
{
    round_trip(&qapi_type_ObjectOptions,
               "{'qom-type': 'spinner', 'id': 's0', 'colour': 'red',"
               " 'speed': 3, 'next': '/objects/s1', 'names': ['a']}");
    refuse(&qapi_type_ObjectOptions,
           "{'qom-type': 'spinner', 'id': 's0', 'turns': 1}",
           "Parameter 'turns' is unexpected");
    refuse(&qapi_type_ObjectOptions, "{'qom-type': 'gadget', 'id': 'g'}",
           "Parameter 'qom-type' does not accept value 'gadget'");
}

/* ---- Commands: the handlers, and what they were called with ---- */

static GString *calls;

void qmp_nothing(Error **errp)
{
    g_string_append(calls, "nothing ");
}

void qmp_old_style(Error **errp)
{
    error_setg(errp, "no style");
}

int64_t qmp_query_number(Error **errp)
{
    return 42;
}

ShapeList *qmp_query_shapes(Tag kind, bool has_limit, int64_t limit,
                            Error **errp)
{
    ShapeList *list = NULL;

    for (int64_t i = 0; i < (has_limit ? limit : 1); i++) {
        Shape *shape = g_new0(Shape, 1);

        shape->kind = kind;
        QAPI_LIST_PREPEND(list, shape);
    }
    return list;
}

Base *qmp_put_base(const char *name, bool has_count, int64_t count,
                   Error **errp)
{
    Base *base = g_new0(Base, 1);

    base->name = g_strdup(name);
    base->has_count = has_count;
    base->count = count + 1;
    return base;
}

Shape *qmp_put_shape(Shape *arg, Error **errp)
{
    Shape *copy = NULL;

    qapi_type_clone(&qapi_type_Shape, &copy, &arg);
    return copy;
}

void qmp_put_derived(Derived *arg, Error **errp)
{
}

bool qmp_raw(JsonNode *args, JsonNode **ret, Error **errp)
{
    *ret = json_node_ref(args);
    return true;
}

void qmp_flags(Error **errp)
{
}

void qmp_yielding(Error **errp)
{
}

void qmp___org_example_x_thing(Error **errp)
{
}

void qmp_make(ObjectOptions *arg, Error **errp)
{
}

/* Call a command as a server would; NULL with @errp set when it fails. */
static char *call(const char *name, const char *args, Error **errp)
{
    const QapiCommand *cmd = qapi_find_command(name);
    g_autoptr(JsonNode) node = json_parse(args, -1, &error_abort);
    JsonNode *result = NULL;
    QapiValue ret = { 0 };
    void *arg = NULL;
    Visitor *v = json_input_visitor_new(node);
    char *text = NULL;
    bool ok = !cmd->arg_type ||
              qapi_type_visit(v, NULL, cmd->arg_type, &arg, errp);

    visit_free(v);
    ok = ok && cmd->run(arg, &ret, errp);
    if (ok && cmd->ret_type) {
        v = json_output_visitor_new(&result);
        qapi_type_visit(v, NULL, cmd->ret_type, &ret, &error_abort);
        visit_complete(v, &result);
        visit_free(v);
        text = to_text(result);
        json_node_unref(result);
        qapi_type_free(cmd->ret_type, &ret);
    }
    if (cmd->arg_type) {
        qapi_type_free(cmd->arg_type, &arg);
    }
    return ok && !text ? g_strdup("") : text;
}

static void assert_call(const char *name, const char *args,
                        const char *result)
{
    g_autofree char *text = call(name, args, &error_abort);

    g_assert_cmpstr(text, ==, result);
}

static void test_call(void)
{
    g_string_truncate(calls, 0);
    assert_call("nothing", "{}", "");
    g_assert_cmpstr(calls->str, ==, "nothing ");
    assert_call("query-number", "{}", "42");
    assert_call("query-shapes", "{'kind': '2d', 'limit': 2}",
                "[{\"kind\": \"2d\"}, {\"kind\": \"2d\"}]");
    assert_call("query-shapes", "{'kind': '2d'}", "[{\"kind\": \"2d\"}]");
    assert_call("put-base", "{'name': 'n', 'count': 1}",
                "{\"name\": \"n\", \"count\": 2}");
    assert_call("put-shape", "{'kind': 'round', 'radius': 1.5}",
                "{\"kind\": \"round\", \"radius\": 1.5}");
    assert_call("raw", "{'anything': [1]}", "{\"anything\": [1]}");
}

static void test_call_fails(void)
{
    Error *err = NULL;

    g_assert_null(call("old_style", "{}", &err));
    assert_error(err, "no style");
    g_assert_null(call("query-shapes", "{'limit': 2}", &err));
    assert_error(err, "Parameter 'kind' is missing");
}

static void test_command_rows(void)
{
    const QapiCommand *cmd = qapi_find_command("flags");

    g_assert_cmpuint(cmd->flags, ==, QCO_NO_SUCCESS_RESP | QCO_ALLOW_OOB |
                                         QCO_ALLOW_PRECONFIG);
    g_assert_cmpuint(qapi_find_command("yielding")->flags, ==, QCO_COROUTINE);
    cmd = qapi_find_command("query-shapes");
    g_assert_cmpuint(cmd->special_features, ==, 1 << QAPI_UNSTABLE);
    g_assert_cmpstr(cmd->doc, ==, "Find shapes.");
}

/* ---- Events ---- */

static void log_event(const QapiEvent *event, JsonNode *data, void *opaque)
{
    g_autofree char *text = data ? to_text(data) : g_strdup("-");

    g_string_append_printf(opaque, "%s %s;", event->name, text);
}

static void test_events(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    Shape shape = { .kind = TAG_2D };

    qapi_event_send_happened();
    qapi_event_set_emitter(log_event, log);
    qapi_event_send_happened();
    qapi_event_send_shape_found("here", &shape, NULL);
    qapi_event_send_shape_lost(&shape);
    qapi_event_set_emitter(NULL, NULL);
    qapi_event_send_happened();
    g_assert_cmpstr(log->str, ==,
                    "HAPPENED -;"
                    "SHAPE_FOUND {\"where\": \"here\", \"shape\": "
                    "{\"kind\": \"2d\"}};"
                    "SHAPE_LOST {\"kind\": \"2d\"};");
}

static void count_event(const QapiEvent *event, void *opaque)
{
    ++*(int *)opaque;
}

static void test_event_rows(void)
{
    int n = 0;

    qapi_for_each_event(count_event, &n);
    g_assert_cmpint(n, ==, 3);
}

/* ---- Introspection ---- */

static JsonNode *find_info(JsonNode *infos, const char *name)
{
    JsonArray *array = json_node_get_array(infos);

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *info = json_array_get_element(array, i);

        if (!strcmp(json_object_get_string_member(json_node_get_object(info),
                                                  "name"), name)) {
            return info;
        }
    }
    return NULL;
}

/* The descriptors in the program tell what the compiler tells of the files. */
static void test_introspect(void)
{
    QapiSchema *schema = qapi_schema_load(SMALL_SCHEMA, &error_abort);
    g_autoptr(JsonNode) live = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) files = NULL;
    JsonArray *array;

    /* as the schema says, whatever classes the object model has */
    qapi_schema_info_provide("ObjectOptions", NULL);
    live = qapi_schema_info(true, false);
    qapi_schema_introspect(schema, true, text);
    files = json_parse(text->str, text->len, &error_abort);
    array = json_node_get_array(files);
    g_assert_cmpuint(json_array_get_length(array), >, 10);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *info = json_array_get_element(array, i);
        const char *name = json_object_get_string_member(
            json_node_get_object(info), "name");
        JsonNode *other = find_info(live, name);
        g_autofree char *a = to_text(info);
        g_autofree char *b = NULL;

        g_test_message("%s", name);
        g_assert_nonnull(other);
        b = to_text(other);
        if (!json_node_equal_deep(info, other)) {
            g_assert_cmpstr(b, ==, a);
        }
    }
    qapi_schema_free(schema);
}

/* Numbers instead of names; each type once; nothing is left dangling. */
static void test_introspect_masked(void)
{
    g_autoptr(JsonNode) live = qapi_schema_info(false, false);
    JsonArray *array = json_node_get_array(live);

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *info = json_array_get_element(array, i);
        JsonObject *object = json_node_get_object(info);
        const char *name = json_object_get_string_member(object, "name");
        const char *meta = json_object_get_string_member(object, "meta-type");

        g_assert_true(find_info(live, name) == info);
        if (!strcmp(meta, "object") || !strcmp(meta, "enum")) {
            g_assert_true(g_ascii_isdigit(name[0]));
        }
        if (!strcmp(meta, "command")) {
            g_assert_nonnull(find_info(live, json_object_get_string_member(
                                                 object, "ret-type")));
        }
    }
}

static void test_introspect_details(void)
{
    g_autoptr(JsonNode) live = qapi_schema_info(false, true);
    g_autofree char *text = to_text(live);

    g_assert_nonnull(strstr(text, "{\"name\": \"speed\", \"type\": \"int\", "
                                  "\"default\": null, \"details\": "
                                  "{\"doc\": \"how fast it turns\", "
                                  "\"default\": 10, \"min\": 0, "
                                  "\"max\": 1000, \"unit\": \"rpm\", "
                                  "\"set\": \"any-time\"}}"));
}

/* ---- Classes: the rows at work in the object model ---- */

typedef struct Spinner {
    Gadget parent_obj;
    int64_t speed;
    double ratio;
    Tag tag;
    bool on;
    uint64_t turns;
    struct Spinner *next;
    Object *hub;
    strList *names;
} Spinner;

#define QAPI_CLASS_SPINNER
#include "small-qapi-classes.h"

static void spinner_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, spinner_properties);
}

static const TypeInfo class_types[] = {
    {
        .name = "gadget",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Gadget),
        .abstract = true,
        .class_init = gadget_class_init,
    },
    {
        .name = "spinner",
        .parent = "gadget",
        .instance_size = sizeof(Spinner),
        .class_init = spinner_class_init,
    },
};

static void test_class_defaults(void)
{
    Spinner *s = (Spinner *)object_new("spinner");

    g_assert_cmpstr(s->parent_obj.colour, ==, "grey");
    g_assert_cmpint(s->speed, ==, 10);
    g_assert_cmpfloat(s->ratio, ==, -1500);
    g_assert_cmpint(s->tag, ==, TAG_ROUND);
    g_assert_true(s->on);
    g_assert_cmpstr(object_get_typename(s->hub), ==, "container");
    object_unref(OBJECT(s));
}

static void test_class_range(void)
{
    Spinner *s = (Spinner *)object_new("spinner");
    Error *err = NULL;

    g_assert_true(object_property_set_int(OBJECT(s), "speed", 1000, &err));
    g_assert_false(object_property_set_int(OBJECT(s), "speed", 1001, &err));
    g_assert_nonnull(err);
    error_free(err);
    g_assert_cmpint(s->speed, ==, 1000);
    object_unref(OBJECT(s));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    type_register_static_array(class_types, G_N_ELEMENTS(class_types));
    calls = g_string_new(NULL);
    g_test_add_func("/qapi/gen/scalars", test_scalars);
    g_test_add_func("/qapi/gen/scalars/wrong-type", test_scalars_range);
    g_test_add_func("/qapi/gen/optionals", test_optionals);
    g_test_add_func("/qapi/gen/mangled-names", test_mangled);
    g_test_add_func("/qapi/gen/derived", test_derived);
    g_test_add_func("/qapi/gen/union", test_union);
    g_test_add_func("/qapi/gen/union/nested", test_nested_union);
    g_test_add_func("/qapi/gen/alternate", test_alternate);
    g_test_add_func("/qapi/gen/lists", test_lists);
    g_test_add_func("/qapi/gen/typed-visit", test_typed_visit);
    g_test_add_func("/qapi/gen/enum", test_enum);
    g_test_add_func("/qapi/gen/features-and-docs", test_facts);
    g_test_add_func("/qapi/gen/class/implied-types", test_class_types);
    g_test_add_func("/qapi/gen/class/defaults", test_class_defaults);
    g_test_add_func("/qapi/gen/class/range", test_class_range);
    g_test_add_func("/qapi/gen/command/call", test_call);
    g_test_add_func("/qapi/gen/command/failure", test_call_fails);
    g_test_add_func("/qapi/gen/command/rows", test_command_rows);
    g_test_add_func("/qapi/gen/event/send", test_events);
    g_test_add_func("/qapi/gen/event/rows", test_event_rows);
    g_test_add_func("/qapi/gen/introspect/as-the-files", test_introspect);
    g_test_add_func("/qapi/gen/introspect/masked", test_introspect_masked);
    g_test_add_func("/qapi/gen/introspect/details", test_introspect_details);
    return test_run();
}
