/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that users create, by text and by JSON, their ids, and help.
 * test-user-creatable-delete.c deletes them.
 */
#include "tests/unit/qom/thing-fixture.h"
#include "qapi/json/json.h"

#include <string.h>

/* ---- Making ---- */

static void test_text(void *fixture, const void *data)
{
    Object *obj = add_str("thing,id=a,number=3,Text=x,,y,fail=off");
    g_autofree char *path = object_get_canonical_path(obj);

    g_assert_cmpstr(path, ==, "/objects/a");
    g_assert_cmpstr(object_get_typename(obj), ==, "thing");
    g_assert_cmpint(THING(obj)->number, ==, 3);
    g_assert_cmpstr(THING(obj)->text, ==, "x,y");
    g_assert_cmpuint(obj->ref, ==, 1);
}

static void test_json(void *fixture, const void *data)
{
    Object *obj = add_str("{\"id\": \"a\", \"number\": 3, \"Text\": \"x,y\", "
                          "\"qom-type\": \"thing\"}");

    g_assert_true(find_thing("a") == obj);
    g_assert_cmpint(THING(obj)->number, ==, 3);
    g_assert_cmpstr(THING(obj)->text, ==, "x,y");
    g_assert_cmpuint(obj->ref, ==, 1);
}

static void test_json_node(void *fixture, const void *data)
{
    g_autoptr(JsonNode) node = json_parse(
        "{\"qom-type\": \"thing\", \"id\": \"a\", \"ints\": [1, 5]}", -1,
        &error_abort);
    Object *obj = user_creatable_add_json(json_node_get_object(node),
                                          &error_abort);

    g_assert_cmpint(THING(obj)->ints->value, ==, 1);
    g_assert_cmpint(THING(obj)->ints->next->value, ==, 5);
    g_assert_cmpuint(json_object_get_size(json_node_get_object(node)), ==,
                     3);
}

static void test_defaults(void *fixture, const void *data)
{
    Object *obj = add_str("thing,id=a");

    g_assert_cmpint(THING(obj)->number, ==, 7);
    g_assert_cmpstr(THING(obj)->text, ==, "a \"b\"");
}

static void test_explicit_type_key(void *fixture, const void *data)
{
    g_assert_nonnull(add_str("number=3,id=a,qom-type=thing"));
}

static void test_last_assignment_wins(void *fixture, const void *data)
{
    g_assert_cmpint(THING(add_str("thing,id=a,number=3,number=4"))->number,
                    ==, 4);
}

static void test_lists_in_text(void *fixture, const void *data)
{
    Object *ranges = add_str("thing,id=a,ints=1-3,,8");
    Object *dotted = add_str("thing,id=b,ints.0=4,ints.1=2");
    Object *names = add_str("thing,id=c,names.0=x,names.1=y z");

    g_assert_cmpint(THING(ranges)->ints->next->next->next->value, ==, 8);
    g_assert_cmpint(THING(dotted)->ints->value, ==, 4);
    g_assert_cmpint(THING(dotted)->ints->next->value, ==, 2);
    g_assert_cmpstr(THING(names)->names->next->value, ==, "y z");
}

static void assert_ints(const char *options, int first, int second)
{
    intList *ints = THING(add_str(options))->ints;

    g_assert_cmpint(ints->value, ==, first);
    g_assert_cmpint(ints->next->value, ==, second);
    g_assert_null(ints->next->next);
}

/* As in QEMU's system emulator: a list has what all of them set. */
static void test_repeated_key_of_list(void *fixture, const void *data)
{
    Thing *several;

    assert_ints("thing,id=a,ints=4,ints=2", 4, 2);
    assert_ints("thing,id=b,ints=,ints=4,ints=2", 4, 2);
    assert_ints("thing,id=c,ints=4-5,ints=", 4, 5);
    several = THING(add_str("thing-lists,id=d,cpus=7,cpus=2-3"));
    g_assert_cmpint(several->cpus->value, ==, 7);
    g_assert_cmpint(several->cpus->next->next->value, ==, 3);
}

/* The same without a row: only the setter knows that it is a list. */
static void test_lists_of_setters_in_text(void *fixture, const void *data)
{
    Thing *range = THING(add_str("thing-lists,id=a,cpus=0-3"));
    Thing *several = THING(add_str("thing-lists,id=b,cpus=7,,2-3"));
    Thing *dotted = THING(add_str("thing-lists,id=c,cpus.0=4"));
    Thing *empty = THING(add_str("thing-lists,id=d,cpus="));

    g_assert_cmpuint(range->cpus->next->next->next->value, ==, 3);
    g_assert_null(range->cpus->next->next->next->next);
    g_assert_cmpuint(several->cpus->value, ==, 7);
    g_assert_cmpuint(several->cpus->next->next->value, ==, 3);
    g_assert_cmpuint(dotted->cpus->value, ==, 4);
    g_assert_null(empty->cpus);
    add_str("thing-lists,id=e,words.0=0-3");
}

static void test_size_suffix_in_text(void *fixture, const void *data)
{
    g_assert_cmpuint(THING(add_str("thing,id=a,size=2M"))->size, ==,
                     2 * 1024 * 1024);
}

/* A cross-check between properties does not depend on their order. */
static void test_order_does_not_matter(void *fixture, const void *data)
{
    Object *obj = add_str(data);

    g_assert_cmpint(THING(obj)->low, ==, 20);
    g_assert_cmpint(THING(obj)->high, ==, 30);
}

static void test_link_to_another(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");
    Object *b = add_str("thing,id=b,friend=a");

    g_assert_true(THING(b)->friend == a);
}

static void test_complete_runs_in_place(void *fixture, const void *data)
{
    test_trace_begin();
    add_str("thing,id=a,at-birth=3");
    test_trace_end("complete(a)");
}

static void test_type_without_complete(void *fixture, const void *data)
{
    Object *obj = add_str("plain,id=a");

    g_assert_true(user_creatable_can_be_deleted(USER_CREATABLE(obj)));
}

/* ---- Failing to make ---- */

#define ID_HINT "Identifiers consist of letters, digits, '-', '.', '_', " \
                "starting with a letter.\n"
#define RANGE_HINT "Accepted values: 0 to 100, in ns.\n"
#define UNIT_HINT "The unit is ns.\n"
#define BAD_ID "Parameter 'id' expects an identifier"

static const ErrorRow error_rows[] = {
    { "list-of-setter", "thing-lists,id=a,cpus=x",
      "Parameter 'cpus' expects a list of int64 values or ranges", NULL },
    { "list-of-setter-descends", "thing-lists,id=a,cpus=3-1",
      "Parameter 'cpus' expects a list of int64 values or ranges", NULL },
    { "list-of-setter-too-large", "thing-lists,id=a,cpus=65536",
      "Parameter 'cpus[0]' expects uint16_t", NULL },
    { "list-of-words-is-text", "thing-lists,id=a,words=x",
      "Invalid parameter type for 'words', expected: array", NULL },
    { "empty", "", "Parameter 'qom-type' is missing", NULL },
    { "no-type", "id=a", "Parameter 'qom-type' is missing", NULL },
    { "no-id", "thing", "Parameter 'id' is missing", NULL },
    { "id-begins-with-digit", "thing,id=9x", BAD_ID, ID_HINT },
    { "id-number", "thing,id=666", BAD_ID, ID_HINT },
    { "id-blank", "thing,id=a b", BAD_ID, ID_HINT },
    { "id-empty", "thing,id=", BAD_ID, ID_HINT },
    { "id-slash", "thing,id=a/b", BAD_ID, ID_HINT },
    { "id-not-ascii", "thing,id=\303\244", BAD_ID, ID_HINT },
    { "id-structured", "thing,id.x=a", "Parameters 'id.*' are unexpected",
      NULL },
    { "id-is-property-of-container", "thing,id=type",
      "attempt to add duplicate property 'type' to object (type "
      "'container')", NULL },
    { "id-taken", "thing,id=taken",
      "attempt to add duplicate property 'taken' to object (type "
      "'container')", NULL },
    { "id-before-type", "nothing,id=9", BAD_ID, ID_HINT },
    { "type-unknown", "nowhere,id=a", "invalid object type: nowhere", NULL },
    { "type-misspelt", "thign,id=a", "invalid object type: thign",
      "Did you mean 'thing'?\n" },
    { "type-like-abstract", "thing-abstrac,id=a",
      "invalid object type: thing-abstrac", NULL },
    { "type-not-creatable", "container,id=a",
      "object type 'container' isn't supported by object-add", NULL },
    { "type-abstract", "thing-abstract,id=a",
      "object type 'thing-abstract' is abstract", NULL },
    { "type-interface", "user-creatable,id=a",
      "object type 'user-creatable' is abstract", NULL },
    { "type-array", "[],id=a", "invalid object type: []", NULL },
    { "property-unknown", "thing,id=a,bogus=1",
      "Parameter 'bogus' is unexpected", NULL },
    { "property-misspelt", "thing,id=a,nubmer=1",
      "Parameter 'nubmer' is unexpected", "Did you mean 'number'?\n" },
    { "property-like-read-only", "thing,id=a,fixd=1",
      "Parameter 'fixd' is unexpected", NULL },
    { "property-read-only", "thing,id=a,type=x",
      "Property 'thing.type' is not writable", NULL },
    { "property-set-never", "thing,id=a,fixed=1",
      "Property 'thing.fixed' is not writable", NULL },
    { "value-bad", "thing,id=a,number=abc",
      "Parameter 'number' expects integer", RANGE_HINT },
    { "value-empty", "thing,id=a,number=",
      "Parameter 'number' expects integer", RANGE_HINT },
    { "value-negative", "thing,id=a,number=-1",
      "number value must be in range [0, 100]", UNIT_HINT },
    { "value-huge", "thing,id=a,number=99999999999999999999",
      "number value must be in range [0, 100]", UNIT_HINT },
    { "value-bad-bool", "thing,id=a,pinned=maybe",
      "Parameter 'pinned' expects 'on' or 'off'", NULL },
    { "value-bad-element", "thing,id=a,ints.0=1,ints.1=x",
      "Parameter 'ints.1' expects integer", NULL },
    { "value-structured", "thing,id=a,number.x=1",
      "Parameters 'number.*' are unexpected", RANGE_HINT },
    { "value-missing", "thing,id=a,number",
      "Expected '=' after parameter 'number'", NULL },
    { "refused-by-hook", "thing,id=a,low=20", "low is above high", NULL },
    { "failing-complete", "thing,id=a,fail=on", "cannot complete",
      "Leave fail off.\n" },
    { "link-to-nothing", "thing,id=a,friend=nobody",
      "Device 'nobody' not found", NULL },
    { "json-no-type", "{\"id\": \"a\"}", "Parameter 'qom-type' is missing",
      NULL },
    { "json-no-id", "{\"qom-type\": \"thing\"}", "Parameter 'id' is missing",
      NULL },
    { "json-type-number", "{\"qom-type\": 1, \"id\": \"a\"}",
      "Invalid parameter type for 'qom-type', expected: string", NULL },
    { "json-id-number", "{\"qom-type\": \"thing\", \"id\": 1}",
      "Invalid parameter type for 'id', expected: string", NULL },
    { "json-bad-id", "{\"qom-type\": \"thing\", \"id\": \"9\"}", BAD_ID,
      ID_HINT },
    { "json-unknown-property",
      "{\"qom-type\": \"thing\", \"id\": \"a\", \"bogus\": 1}",
      "Parameter 'bogus' is unexpected", NULL },
    { "json-misspelt-property",
      "{\"qom-type\": \"thing\", \"id\": \"a\", \"nubmer\": 1}",
      "Parameter 'nubmer' is unexpected", "Did you mean 'number'?\n" },
    { "json-wrong-type",
      "{\"qom-type\": \"thing\", \"id\": \"a\", \"number\": \"3\"}",
      "Invalid parameter type for 'number', expected: integer",
      RANGE_HINT },
    { "json-negative",
      "{\"qom-type\": \"thing\", \"id\": \"a\", \"number\": -1}",
      "number value must be in range [0, 100]", UNIT_HINT },
    { "json-bad-element",
      "{\"qom-type\": \"thing\", \"id\": \"a\", \"ints\": [1, \"x\"]}",
      "Invalid parameter type for 'ints[1]', expected: integer", NULL },
    { "json-trailing-text", "{\"qom-type\": \"thing\", \"id\": \"a\"} x",
      "Expecting at most one JSON value", NULL },
    { "json-open", "{\"qom-type\": \"thing\"",
      "JSON parse error, unexpected end of input (line 1, column 21)", NULL },
};

/* Nothing is left behind, and what was right can be made at once. */
static void test_fails(void *fixture, const void *data)
{
    const ErrorRow *row = data;
    g_autoptr(Error) err = NULL;

    add_str("thing,id=taken");
    g_assert_null(user_creatable_add_from_str(row->text, &err));
    g_assert_nonnull(err);
    g_assert_cmpstr(error_get_hint(err), ==, row->hint);
    assert_error(err, row->message);
    g_assert_cmpint(n_things, ==, 1);
    g_assert_cmpint(count_objects(), ==, 1);
    g_assert_nonnull(add_str("thing,id=a"));
}

static void test_failed_complete_order(void *fixture, const void *data)
{
    test_trace_begin();
    g_assert_null(user_creatable_add_from_str("thing,id=a,fail=on", NULL));
    test_trace_end("complete(a) unparent(a)");
}

/* What was linked to is free again. */
static void test_failure_drops_links(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");

    g_assert_null(user_creatable_add_from_str("thing,id=b,friend=a,fail=on",
                                              NULL));
    g_assert_cmpuint(a->ref, ==, 1);
    g_assert_true(user_creatable_del("a", &error_abort));
}

/* ---- Identifiers ---- */

static const char *const good_ids[] = {
    "a", "Z", "a9", "a-b", "a.b", "a_b", "io0", "a-._9",
};

static void test_good_id(void *fixture, const void *data)
{
    g_autofree char *text = g_strdup_printf("thing,id=%s",
                                            (const char *)data);

    g_assert_true(id_wellformed(data));
    g_assert_true(add_str(text) == find_thing(data));
}

static void test_bad_id(const void *data)
{
    g_assert_false(id_wellformed(data));
}

static const struct {
    const char *name;
    const char *id;
} bad_ids[] = {
    { "empty", "" },         { "digit", "9x" },     { "dash", "-a" },
    { "underscore", "_a" },  { "dot", ".a" },       { "blank", "a b" },
    { "slash", "a/b" },      { "colon", "a:b" },    { "star", "a[*]" },
    { "umlaut", "\303\244" },
};

static void test_many_pairs(void *fixture, const void *data)
{
    for (int i = 0; i < 10000; i++) {
        add_str("thing,id=a,Text=x,ints=1-3");
        g_assert_true(user_creatable_del("a", &error_abort));
    }
    g_assert_cmpint(n_things, ==, 0);
}

/* ---- Help ---- */

#define TYPES_HELP                                                          \
    "List of user creatable objects:\n"                                     \
    "  plain\n"                                                             \
    "  thing\n"                                                             \
    "  Thing-kid\n  thing-lists\n"

#define THING_HELP(type)                                                    \
    type " options:\n"                                                      \
    "  admirer=<link<thing>>    - \n"                                       \
    "  at-birth=<int>           -  (only when it is made)\n"                \
    "  fail=<bool>              - \n"                                       \
    "  friend=<link<thing>>     - \n"                                       \
    "  high=<int>               -  (default: 10)\n"                         \
    "  ints=<intList>           - \n"                                       \
    "  low=<int>                - \n"                                       \
    "  names=<strList>          - \n"                                       \
    "  number=<int>             - a number (default: 7, min: 0, max: 100, " \
    "unit: ns)\n"                                                           \
    "  pinned=<bool>            - \n"                                       \
    "  ratio=<number>           -  (max: 0.5)\n"                            \
    "  size=<size>              -  (min: 0, max: 18446744073709551615)\n"   \
    "  Text=<string>            - some text (default: \"a \\\"b\\\"\")\n"

static const struct {
    const char *name;
    const char *text;
    const char *help;
} help_rows[] = {
    { "list", "help", TYPES_HELP },
    { "list-question-mark", "?", TYPES_HELP },
    { "type", "thing,help", THING_HELP("thing") },
    { "type-question-mark", "thing,?", THING_HELP("thing") },
    { "derived-type", "Thing-kid,help", THING_HELP("Thing-kid") },
    { "type-key", "qom-type=thing,help", THING_HELP("thing") },
    { "type-with-options", "thing,id=a,number=3,help", THING_HELP("thing") },
    { "type-without-options", "plain,help",
      "There are no options for plain.\n" },
    { "unknown-type", "nothing,help", TYPES_HELP },
    { "abstract-type", "thing-abstract,help", TYPES_HELP },
    { "not-creatable-type", "container,help", TYPES_HELP },
    { "none-asked", "thing,id=a", NULL },
    { "none-in-value", "thing,id=help", NULL },
    { "none-in-json", "{\"qom-type\": \"help\"}", NULL },
    { "none-in-empty", "", NULL },
};

static void test_help(void *fixture, const void *data)
{
    const char *const *row = data;
    g_autofree char *help = user_creatable_help(row[1]);

    g_assert_cmpstr(help, ==, row[2]);
    g_assert_cmpint(n_things, ==, 0);
}

/* ---- Set-up ---- */

static void add_make_tests(void)
{
    add_test("add/text", NULL, test_text);
    add_test("add/json", NULL, test_json);
    add_test("add/json-node", NULL, test_json_node);
    add_test("add/defaults", NULL, test_defaults);
    add_test("add/explicit-type-key", NULL, test_explicit_type_key);
    add_test("add/last-assignment-wins", NULL, test_last_assignment_wins);
    add_test("add/repeated-key-of-list", NULL, test_repeated_key_of_list);
    add_test("add/lists-in-text", NULL, test_lists_in_text);
    add_test("add/lists-of-setters-in-text", NULL,
             test_lists_of_setters_in_text);
    add_test("add/size-suffix-in-text", NULL, test_size_suffix_in_text);
    add_test("add/order-does-not-matter/up", "thing,id=a,low=20,high=30",
             test_order_does_not_matter);
    add_test("add/order-does-not-matter/down", "thing,id=a,high=30,low=20",
             test_order_does_not_matter);
    add_test("add/order-does-not-matter/json",
             "{\"low\": 20, \"high\": 30, \"id\": \"a\", "
             "\"qom-type\": \"thing\"}",
             test_order_does_not_matter);
    add_test("add/link-to-another", NULL, test_link_to_another);
    add_test("add/complete-runs-in-place", NULL, test_complete_runs_in_place);
    add_test("add/type-without-complete", NULL, test_type_without_complete);
    for (size_t i = 0; i < G_N_ELEMENTS(error_rows); i++) {
        g_autofree char *path = g_strconcat("add/fails/", error_rows[i].name,
                                            NULL);

        add_test(path, &error_rows[i], test_fails);
    }
    add_test("add/failed-complete-order", NULL, test_failed_complete_order);
    add_test("add/failure-drops-links", NULL, test_failure_drops_links);
    add_test("add/many-pairs", NULL, test_many_pairs);
}

static void add_id_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good_ids); i++) {
        g_autofree char *path = g_strconcat("id/accepts/", good_ids[i],
                                            NULL);

        add_test(path, good_ids[i], test_good_id);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_ids); i++) {
        g_autofree char *path = g_strconcat("/qom/user-creatable/id/refuses/",
                                            bad_ids[i].name, NULL);

        g_test_add_data_func(path, bad_ids[i].id, test_bad_id);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    thing_register();

    add_make_tests();
    add_id_tests();
    for (size_t i = 0; i < G_N_ELEMENTS(help_rows); i++) {
        g_autofree char *path = g_strconcat("help/", help_rows[i].name, NULL);

        add_test(path, &help_rows[i], test_help);
    }
    return test_run();
}
