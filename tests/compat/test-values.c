/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QObject and its kinds, and objects that are created from a QDict. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qmp/qdict.h"
#include "qapi/qmp/qjson.h"
#include "qapi/qobject-input-visitor.h"
#include "qapi/qobject-output-visitor.h"
#include "qapi/string-input-visitor.h"
#include "qapi/util.h"
#include "qemu/keyval.h"
#include "qemu/module.h"
#include "qobject/qbool.h"
#include "qobject/qlist.h"
#include "qobject/qnull.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"
#include "qom/object_interfaces.h"
#include "qom/qom-qobject.h"
#include "tests/unit/test-util.h"

/* ---- Values ---- */

static void assert_json(const QObject *obj, const char *text)
{
    g_autoptr(GString) json = qobject_to_json(obj);

    g_assert_cmpstr(json->str, ==, text);
}

static void test_kinds(void)
{
    g_autoptr(QNull) null = qnull();
    g_autoptr(QBool) yes = qbool_from_bool(true);
    g_autoptr(QString) text = qstring_from_substr("abcdef", 1, 4);
    g_autoptr(QNum) num = qnum_from_int(-7);
    g_autoptr(QList) list = qlist_new();
    g_autoptr(QDict) dict = qdict_new();

    g_assert_cmpint(qobject_type(QOBJECT(null)), ==, QTYPE_QNULL);
    g_assert_cmpint(qobject_type(QOBJECT(yes)), ==, QTYPE_QBOOL);
    g_assert_cmpint(qobject_type(QOBJECT(text)), ==, QTYPE_QSTRING);
    g_assert_cmpint(qobject_type(QOBJECT(num)), ==, QTYPE_QNUM);
    g_assert_cmpint(qobject_type(QOBJECT(list)), ==, QTYPE_QLIST);
    g_assert_cmpint(qobject_type(QOBJECT(dict)), ==, QTYPE_QDICT);

    g_assert_true(qobject_to(QDict, QOBJECT(dict)) == dict);
    g_assert_null(qobject_to(QDict, QOBJECT(list)));
    g_assert_null(qobject_to(QDict, NULL));
    g_assert_true(qbool_get_bool(yes));
    g_assert_cmpstr(qstring_get_str(text), ==, "bcd");
    g_assert_cmpstr(QType_str(QTYPE_QLIST), ==, "qlist");
}

static void test_numbers(void)
{
    g_autoptr(QNum) small = qnum_from_int(INT64_MIN);
    g_autoptr(QNum) big = qnum_from_uint(UINT64_MAX);
    g_autoptr(QNum) half = qnum_from_double(0.5);
    g_autofree char *text = qnum_to_string(big);
    uint64_t u = 1;
    int64_t i = 1;

    g_assert_cmpint(qnum_get_int(small), ==, INT64_MIN);
    g_assert_cmpuint(qnum_get_uint(big), ==, UINT64_MAX);
    g_assert_cmpfloat(qnum_get_double(half), ==, 0.5);
    g_assert_cmpfloat(qnum_get_double(big), ==, 18446744073709551615.0);
    g_assert_cmpfloat(qnum_get_double(small), ==, -9223372036854775808.0);
    g_assert_false(qnum_get_try_int(big, &i) || qnum_get_try_int(half, &i));
    g_assert_false(qnum_get_try_uint(small, &u));
    g_assert_cmpint(i + u, ==, 2);
    g_assert_cmpstr(text, ==, "18446744073709551615");
}

/* A container keeps what was put into it; others may keep it longer. */
static void test_references(void)
{
    QString *text = qstring_from_str("kept");
    QDict *dict = qdict_new();

    qdict_put(dict, "a", text);
    qobject_ref(QOBJECT(text));
    g_assert_null(qobject_ref(NULL));
    qobject_unref(dict);
    qobject_unref(NULL);
    g_assert_cmpstr(qstring_get_str(text), ==, "kept");
    qstring_unref(text);
}

static void test_dict(void)
{
    g_autoptr(QDict) dict = qdict_new();
    g_autoptr(QDict) copy = NULL;

    g_assert_null(qdict_first(dict));
    qdict_put_int(dict, "int", 3);
    qdict_put_bool(dict, "bool", true);
    qdict_put_str(dict, "str", "x");
    qdict_put_null(dict, "null");
    qdict_put(dict, "list", qlist_new());
    qdict_put(dict, "dict", qdict_new());
    qdict_put_int(dict, "int", 4);

    g_assert_cmpuint(qdict_size(dict), ==, 6);
    g_assert_cmpint(qdict_get_int(dict, "int"), ==, 4);
    g_assert_cmpfloat(qdict_get_double(dict, "int"), ==, 4);
    g_assert_true(qdict_get_bool(dict, "bool"));
    g_assert_cmpstr(qdict_get_str(dict, "str"), ==, "x");
    g_assert_nonnull(qdict_get_qlist(dict, "list"));
    g_assert_nonnull(qdict_get_qdict(dict, "dict"));
    g_assert_null(qdict_get_qdict(dict, "list"));
    g_assert_cmpint(qdict_get_try_int(dict, "str", -1), ==, -1);
    g_assert_cmpint(qdict_get_try_int(dict, "int", -1), ==, 4);
    g_assert_true(qdict_get_try_bool(dict, "absent", true));
    g_assert_null(qdict_get_try_str(dict, "int"));

    copy = qdict_clone_shallow(dict);
    g_assert_true(qobject_is_equal(QOBJECT(copy), QOBJECT(dict)));
    g_assert_true(qdict_get(copy, "dict") == qdict_get(dict, "dict"));
    g_assert_true(qdict_haskey(copy, "null"));
    qdict_del(copy, "null");
    qdict_del(copy, "null");
    g_assert_false(qdict_haskey(copy, "null"));
    g_assert_false(qobject_is_equal(QOBJECT(copy), QOBJECT(dict)));
    g_assert_false(qobject_is_equal(QOBJECT(copy), NULL));
    g_assert_true(qobject_is_equal(NULL, NULL));
}

/* Walks may be nested, and left; the entry may be deleted. */
static void test_walks(void)
{
    g_autoptr(QDict) dict = qdict_new();
    g_autoptr(GString) keys = g_string_new(NULL);
    const QDictEntry *a, *b, *next;

    for (const char *key = "zyx"; *key; key++) {
        g_autofree char *name = g_strndup(key, 1);

        qdict_put_int(dict, name, *key);
    }
    for (int i = 0; i < 100; i++) {
        g_assert_cmpstr(qdict_entry_key(qdict_first(dict)), ==, "z");
    }
    for (a = qdict_first(dict); a; a = qdict_next(dict, a)) {
        for (b = qdict_first(dict); b; b = qdict_next(dict, b)) {
            g_string_append(keys, qdict_entry_key(b));
        }
        g_assert_cmpint(qnum_get_int(qdict_entry_value(a)), ==, *a->key);
    }
    g_assert_cmpstr(keys->str, ==, "zyxzyxzyx");
    for (a = qdict_first(dict); a; a = next) {
        next = qdict_next(dict, a);
        qdict_del(dict, a->key);
    }
    g_assert_cmpuint(qdict_size(dict), ==, 0);
}

static void test_list(void)
{
    g_autoptr(QList) list = qlist_new();
    g_autoptr(QList) copy = NULL;
    const QListEntry *entry;
    QObject *first;
    int sum = 0;

    g_assert_true(qlist_empty(list));
    g_assert_null(qlist_first(list));
    g_assert_null(qlist_peek(list));
    g_assert_null(qlist_pop(list));
    qlist_append_int(list, 1);
    qlist_append(list, qnum_from_int(2));
    copy = qlist_copy(list);
    qlist_append_bool(list, false);
    qlist_append_null(list);
    qlist_append_str(list, "s");
    assert_json(QOBJECT(list), "[1, 2, false, null, \"s\"]");

    first = qlist_pop(list);
    g_assert_cmpint(qnum_get_int(qobject_to(QNum, first)), ==, 1);
    qobject_unref(first);
    g_assert_cmpuint(qlist_size(list), ==, 4);
    QLIST_FOREACH_ENTRY(copy, entry) {
        sum += qnum_get_int(qobject_to(QNum, qlist_entry_obj(entry)));
    }
    g_assert_cmpint(sum, ==, 3);
}

/* ---- JSON and keyval ---- */

static void test_json(void)
{
    Error *err = NULL;
    QObject *obj = qobject_from_json("{'a': [1, 1.5, \"\\u00e9\"]}", &err);
    GString *pretty;

    g_assert_null(err);
    assert_json(obj, "{\"a\": [1, 1.5, \"\\u00E9\"]}");
    pretty = qobject_to_json_pretty(obj, true);
    g_assert_true(g_str_has_prefix(pretty->str, "{\n    \"a\""));
    g_string_free(pretty, TRUE);
    qobject_unref(obj);
    g_assert_null(qobject_from_json("{", &err));
    g_assert_nonnull(err);
    error_free(err);
}

static void test_json_template(void)
{
    QList *list = qlist_new();
    QDict *dict;

    qlist_append_int(list, 1);
    dict = qdict_from_jsonf_nofail(
        "{ 'b': %i, 'd': %d, 'll': %lld, 'u': %u, 'f': %f, 's': %s,"
        "  'p': %p, 'percent': '100%%' }",
        true, -1, (long long)INT64_MIN, 4000000000u, 0.5, "\"quoted\"", list);
    assert_json(QOBJECT(dict),
                "{\"b\": true, \"d\": -1, \"ll\": -9223372036854775808, "
                "\"u\": 4000000000, \"f\": 0.5, \"s\": \"\\\"quoted\\\"\", "
                "\"p\": [1], \"percent\": \"100%\"}");
    qdict_unref(dict);
}

static void test_keyval(void)
{
    g_autoptr(QDict) dict = qdict_new();
    Error *err = NULL;

    qdict_put_str(dict, "a", "old");
    g_assert_true(
        keyval_parse_into(dict, "x,a=new", "type", NULL, &err) == dict);
    g_assert_cmpstr(qdict_get_str(dict, "a"), ==, "new");
    g_assert_cmpstr(qdict_get_str(dict, "type"), ==, "x");
    g_assert_null(keyval_parse_into(dict, "b", NULL, NULL, &err));
    assert_error(err, "Expected '=' after parameter 'b'");
}

/* keyval_parse() splits the key of the implied value, too (K24). */
static void test_dotted_implied_key(void)
{
    g_autoptr(QDict) dict = keyval_parse("tcp,x=1", "addr.type", NULL, NULL);

    assert_json(QOBJECT(dict), "{\"addr\": {\"type\": \"tcp\"}, \"x\": \"1\"}");
}

static void test_visitors(void)
{
    Error *err = NULL;
    QObject *result = NULL;
    Visitor *v = qobject_output_visitor_new(&result);
    int8List *bytes = NULL;
    int64_t value = 5;

    visit_type_int(v, NULL, &value, &error_abort);
    visit_complete(v, &result);
    visit_free(v);
    v = qobject_input_visitor_new(result);
    qobject_unref(result);
    value = 0;
    visit_type_int(v, NULL, &value, &error_abort);
    visit_free(v);
    g_assert_cmpint(value, ==, 5);

    v = qobject_input_visitor_new_str("{'n': 1}", "x", &err);
    visit_free(v);
    v = string_input_visitor_new("1-3");
    visit_type_int8List(v, NULL, &bytes, &error_abort);
    visit_free(v);
    g_assert_cmpuint(QAPI_LIST_LENGTH(bytes), ==, 3);
    qapi_free_int8List(bytes);
    g_assert_null(qobject_input_visitor_new_str("{'n'", "x", &err));
    g_assert_nonnull(err);
    g_clear_pointer(&err, error_free);
    g_assert_null(qobject_input_visitor_new_str("a=1,b", NULL, &err));
    assert_error(err, "Expected '=' after parameter 'b'");
}

static void test_text(void)
{
    Error *err = NULL;
    strList *list = NULL;
    bool value = true;

    g_assert_true(qapi_bool_parse("p", "no", &value, &err) && !value);
    g_assert_true(qapi_bool_parse("p", "y", &value, &err) && value);
    g_assert_false(qapi_bool_parse("p", "2", &value, &err));
    assert_error(err, "Parameter 'p' expects 'on' or 'off'");

    g_assert_cmpint(parse_qapi_name("max-ns=1", false), ==, 6);
    g_assert_cmpint(parse_qapi_name("max-ns=1", true), ==, -1);
    g_assert_cmpint(parse_qapi_name("__org.x-y_name", true), ==, 14);
    g_assert_cmpint(parse_qapi_name("__org", true), ==, -1);
    g_assert_cmpint(parse_qapi_name("9", false), ==, -1);

    g_assert_cmpuint(QAPI_LIST_LENGTH(list), ==, 0);
    QAPI_LIST_PREPEND(list, g_strdup("a"));
    QAPI_LIST_PREPEND(list, g_strdup("b"));
    g_assert_cmpuint(QAPI_LIST_LENGTH(list), ==, 2);
    qapi_free_strList(list);
    g_assert_cmpstr(QapiErrorClass_str(ERROR_CLASS_GENERIC_ERROR), ==,
                    "GenericError");
}

/* ---- Objects ---- */

#define TYPE_VALUE "test-value"

typedef struct Value {
    Object parent_obj;
    int64_t n;
    bool ready;
} Value;

DECLARE_INSTANCE_CHECKER(Value, VALUE, TYPE_VALUE)

static void value_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_int(v, name, &VALUE(obj)->n, errp);
}

static void value_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_int(v, name, &VALUE(obj)->n, errp);
}

static void value_complete(UserCreatable *uc, Error **errp)
{
    if (VALUE(uc)->n < 0) {
        error_setg(errp, "n is negative");
        return;
    }
    VALUE(uc)->ready = true;
}

#if QOM_COMPAT_QEMU < 1001
static void value_class_init(ObjectClass *klass, void *data)
#else
static void value_class_init(ObjectClass *klass, const void *data)
#endif
{
    USER_CREATABLE_CLASS(klass)->complete = value_complete;
#if QOM_COMPAT_QEMU < 501
    object_class_property_add(klass, "n", "int", value_get, value_set, NULL,
                              NULL, &error_abort);
#else
    object_class_property_add(klass, "n", "int", value_get, value_set, NULL,
                              NULL);
#endif
}

static const TypeInfo value_info = {
    .name = TYPE_VALUE,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Value),
    .class_init = value_class_init,
    .interfaces = (InterfaceInfo[]){ { TYPE_USER_CREATABLE }, {} },
};

static Object *add(const char *type, const char *id, const char *params,
                   Error **errp)
{
    g_autoptr(QDict) dict = keyval_parse(params, NULL, NULL, &error_abort);
    Visitor *v = qobject_input_visitor_new_keyval(QOBJECT(dict));
    Object *obj = user_creatable_add_type(type, id, dict, v, errp);

    visit_free(v);
    return obj;
}

static void test_add_type(void)
{
    Error *err = NULL;
    Object *obj = add(TYPE_VALUE, "v0", "n=3", &err);

    g_assert_null(err);
    g_assert_true(VALUE(obj)->ready && VALUE(obj)->n == 3);
    g_assert_true(object_resolve_path("/objects/v0", NULL) == obj);
    object_unref(obj);

    g_assert_null(add(TYPE_VALUE, "v0", "n=4", &err));
    g_assert_nonnull(err);
    g_clear_pointer(&err, error_free);
    g_assert_cmpint(VALUE(obj)->n, ==, 3);
    user_creatable_del("v0", &error_abort);
}

static void test_add_type_fails(void)
{
    static const struct {
        const char *type;
        const char *id;
        const char *params;
        const char *error;
    } cases[] = {
        { TYPE_VALUE, "9", "n=1", "Parameter 'id' expects an identifier" },
        { "nonsense", "v", "n=1", "invalid object type: nonsense" },
        { TYPE_OBJECT, "v", "n=1",
          "object type 'object' isn't supported by object-add" },
        { TYPE_VALUE, "v", "m=1", "Property 'test-value.m' not found" },
        { TYPE_VALUE, "v", "n=x", "Parameter 'n' expects integer" },
        { TYPE_VALUE, "v", "n=-1", "n is negative" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Error *err = NULL;

        g_assert_null(add(cases[i].type, cases[i].id, cases[i].params, &err));
        assert_error(err, cases[i].error);
        g_assert_null(object_resolve_path("/objects/v", NULL));
    }
}

static void test_options(void)
{
    Error *err = NULL;
    ObjectOptions *options =
        user_creatable_parse_str(TYPE_VALUE ",id=v1,n=5", &err);

    g_assert_null(err);
    user_creatable_add_qapi(options, &err);
    g_assert_null(err);
    qapi_free_ObjectOptions(options);
    user_creatable_process_cmdline("{'qom-type': 'test-value', 'id': 'v2'}");
    user_creatable_del("v1", &error_abort);
    user_creatable_del("v2", &error_abort);
    g_assert_null(user_creatable_parse_str("a,b", &err));
    assert_error(err, "Expected '=' after parameter 'b'");
}

static void test_cmdline_exits(void)
{
    if (g_test_subprocess()) {
        g_assert_false(type_print_class_properties("nonsense"));
        g_assert_true(type_print_class_properties(TYPE_VALUE));
        user_creatable_process_cmdline(TYPE_VALUE ",help");
        g_assert_not_reached();
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout("*test-value options:\n*n=<int>*"
                              "test-value options:\n*n=<int>*");
}

static void test_properties(void)
{
    Object *obj = object_new(TYPE_VALUE);
    g_autoptr(QDict) typed = qdict_new();
    g_autoptr(QDict) text = qdict_new();
    g_autoptr(QNum) value = NULL;
    Error *err = NULL;

    qdict_put_int(typed, "n", 6);
    qdict_put_str(text, "n", "7");
    object_set_properties_from_keyval(obj, typed, true, &err);
    g_assert_cmpint(VALUE(obj)->n, ==, 6);
    object_set_properties_from_keyval(obj, text, false, &err);
    g_assert_cmpint(VALUE(obj)->n, ==, 7);
    g_assert_null(err);
    object_set_properties_from_keyval(obj, text, true, &err);
    g_assert_nonnull(err);
    g_clear_pointer(&err, error_free);

    value = qobject_to(QNum, object_property_get_qobject(obj, "n", &err));
    g_assert_cmpint(qnum_get_int(value), ==, 7);
    g_assert_true(object_property_set_qobject(obj, "n",
                                              qdict_get(typed, "n"), &err));
    g_assert_cmpint(VALUE(obj)->n, ==, 6);
    object_unref(obj);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static(&value_info);
    g_test_add_func("/compat/qobject/kinds", test_kinds);
    g_test_add_func("/compat/qobject/numbers", test_numbers);
    g_test_add_func("/compat/qobject/references", test_references);
    g_test_add_func("/compat/qobject/dict", test_dict);
    g_test_add_func("/compat/qobject/walks", test_walks);
    g_test_add_func("/compat/qobject/list", test_list);
    g_test_add_func("/compat/qobject/json", test_json);
    g_test_add_func("/compat/qobject/json-template", test_json_template);
    g_test_add_func("/compat/qobject/keyval", test_keyval);
    g_test_add_func("/compat/qobject/dotted-implied-key",
                    test_dotted_implied_key);
    g_test_add_func("/compat/qobject/visitors", test_visitors);
    g_test_add_func("/compat/qobject/text", test_text);
    g_test_add_func("/compat/objects/add-type", test_add_type);
    g_test_add_func("/compat/objects/add-type-fails", test_add_type_fails);
    g_test_add_func("/compat/objects/options", test_options);
    g_test_add_func("/compat/objects/cmdline-exits", test_cmdline_exits);
    g_test_add_func("/compat/objects/properties", test_properties);
    return test_run();
}
