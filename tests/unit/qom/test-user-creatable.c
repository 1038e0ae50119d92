/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that users make, by text and by JSON, delete and ask about. */
#include "tests/unit/test-util.h"
#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qom/object.h"
#include "qom/object-apply.h"
#include "qom/user-creatable.h"

#include <string.h>

/* ---- Types ---- */

typedef struct Thing {
    Object parent_obj;
    int64_t number;
    int64_t low;
    int64_t high;
    char *text;
    intList *ints;
    strList *names;
    uint16List *cpus; /* of a property without a row */
    bool fail;
    bool pinned;
    int64_t at_birth;
    uint64_t size;
    double ratio;
    Object *friend;
    Object *admirer; /* weak */
} Thing;

DECLARE_INSTANCE_CHECKER(Thing, THING, "thing")

static int n_things; /* alive */

static void note(Object *obj, const char *what)
{
    const char *id = object_get_canonical_path_component(obj);

    test_note("%s(%s)", what, id ? id : "-");
}

static const PropertyRow thing_rows[] = {
    PROPERTY_INT("number", Thing, number, .def = 7, .min = 0, .max = 100,
                 .unit = "ns", .doc = "a number"),
    PROPERTY_INT("low", Thing, low),
    PROPERTY_INT("high", Thing, high, .def = 10),
    PROPERTY_STR("Text", Thing, text, .def = "a \"b\"", .doc = "some text"),
    PROPERTY_LIST("ints", Thing, ints, intList),
    PROPERTY_LIST("names", Thing, names, strList),
    PROPERTY_BOOL("fail", Thing, fail),
    PROPERTY_BOOL("pinned", Thing, pinned),
    PROPERTY_INT("at-birth", Thing, at_birth, .set = PROPERTY_SET_CREATE),
    PROPERTY_SIZE("size", Thing, size, .min = 0, .max = UINT64_MAX),
    PROPERTY_NUMBER("ratio", Thing, ratio, .max = 0.5),
    PROPERTY_INT("fixed", Thing, at_birth, .set = PROPERTY_SET_NEVER),
    PROPERTY_LINK("friend", Thing, friend, Thing, "thing"),
    PROPERTY_END
};

static bool thing_changed(Object *obj, Error **errp)
{
    if (THING(obj)->low > THING(obj)->high) {
        error_setg(errp, "low is above high");
        return false;
    }
    return true;
}

static void thing_complete(UserCreatable *uc, Error **errp)
{
    note(OBJECT(uc), "complete");
    if (THING(uc)->fail) {
        error_setg(errp, "cannot complete");
        error_append_hint(errp, "Leave fail off.\n");
    }
}

static bool thing_can_be_deleted(UserCreatable *uc)
{
    return !THING(uc)->pinned;
}

static bool thing_may_be_deleted(UserCreatable *uc, Error **errp)
{
    if (THING(uc)->number == 99) {
        error_setg(errp, "99 must stay");
        return false;
    }
    return true;
}

static void thing_unparent(Object *obj)
{
    note(obj, "unparent");
}

static void thing_get_cpus(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    qapi_type_visit(v, name, &qapi_type_uint16List, &THING(obj)->cpus, errp);
}

static void thing_set_cpus(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    uint16List *cpus = NULL;

    if (qapi_type_visit(v, name, &qapi_type_uint16List, &cpus, errp)) {
        qapi_free_uint16List(THING(obj)->cpus);
        THING(obj)->cpus = cpus;
    }
}

static void thing_set_words(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    strList *words = NULL;

    qapi_type_visit(v, name, &qapi_type_strList, &words, errp);
    qapi_free_strList(words);
}

static void thing_class_init(ObjectClass *klass, const void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = thing_complete;
    ucc->can_be_deleted = thing_can_be_deleted;
    ucc->may_be_deleted = thing_may_be_deleted;
    klass->unparent = thing_unparent;
    klass->properties_changed = thing_changed;
    object_class_add_properties(klass, thing_rows);
    object_class_property_add_link(klass, "admirer", "thing",
                                   offsetof(Thing, admirer),
                                   object_property_allow_set_link, 0);
}

static void thing_init(Object *obj)
{
    n_things++;
}

static void thing_finalize(Object *obj)
{
    qapi_free_uint16List(THING(obj)->cpus);
    n_things--;
}

static void lists_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "cpus", "int", thing_get_cpus,
                              thing_set_cpus, NULL, NULL);
    object_class_property_add(klass, "words", "list", NULL, thing_set_words,
                              NULL, NULL);
}

static void plain_class_init(ObjectClass *klass, const void *data)
{
}

#define CREATABLE (const InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } }

static const TypeInfo infos[] = {
    {
        .name = "thing",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Thing),
        .instance_init = thing_init,
        .instance_finalize = thing_finalize,
        .class_init = thing_class_init,
        .interfaces = CREATABLE,
    },
    { .name = "Thing-kid", .parent = "thing" },
    { .name = "thing-lists", .parent = "thing",
      .class_init = lists_class_init },
    { .name = "thing-abstract", .parent = "thing", .abstract = true },
    {
        .name = "plain",
        .parent = TYPE_OBJECT,
        .class_init = plain_class_init,
        .interfaces = CREATABLE,
    },
};

/* ---- Helpers ---- */

static Object *add_str(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

static Object *find(const char *id)
{
    return object_resolve_path_component(object_get_objects_root(), id);
}

static int count_child(Object *child, void *opaque)
{
    ++*(int *)opaque;
    return 0;
}

static int count_objects(void)
{
    int n = 0;

    object_child_foreach(object_get_objects_root(), count_child, &n);
    return n;
}

static void set_up(void *fixture, const void *data)
{
    g_assert_cmpint(n_things, ==, 0);
}

static void tear_down(void *fixture, const void *data)
{
    user_creatable_cleanup();
    g_assert_cmpint(n_things, ==, 0);
    g_assert_cmpint(count_objects(), ==, 0);
}

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

    g_assert_true(find("a") == obj);
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

typedef struct ErrorRow {
    const char *name;
    const char *text;
    const char *message;
    const char *hint;
} ErrorRow;

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
    g_assert_true(add_str(text) == find(data));
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

/* ---- Deleting ---- */

static void test_delete(void *fixture, const void *data)
{
    add_str("thing,id=a");
    test_trace_begin();
    g_assert_true(user_creatable_del("a", &error_abort));
    test_trace_end("unparent(a)");
    g_assert_null(find("a"));
    g_assert_cmpint(n_things, ==, 0);
    g_assert_nonnull(add_str("thing,id=a"));
}

static const ErrorRow delete_rows[] = {
    { "unknown", "nobody", "object 'nobody' not found", NULL },
    { "empty", "", "object '' not found", NULL },
    { "path", "/objects/a", "object '/objects/a' not found", NULL },
    { "relative-path", "objects/a", "object 'objects/a' not found", NULL },
    { "container", "objects", "object 'objects' not found", NULL },
    { "property", "type", "object 'type' not found", NULL },
    { "grandchild", "inner", "object 'inner' not found", NULL },
    { "not-creatable", "box", "object 'box' not found", NULL },
    { "pinned", "pinned", "object 'pinned' is in use, can not be deleted",
      NULL },
    { "held", "held",
      "object 'held' is in use, can not be deleted: linked to by "
      "/objects/holder.friend", NULL },
    { "held-twice", "popular",
      "object 'popular' is in use, can not be deleted: linked to by "
      "/objects/fan1.friend, /objects/fan2.friend", NULL },
};

static void test_delete_fails(void *fixture, const void *data)
{
    const ErrorRow *row = data;
    g_autoptr(Error) err = NULL;
    Object *a = add_str("thing,id=a");
    Object *box = object_property_add_new_container(object_get_objects_root(),
                                                    "box");
    int n_before;

    object_property_add_new_container(a, "inner");
    add_str("thing,id=pinned,pinned=on");
    add_str("thing,id=held");
    add_str("thing,id=holder,friend=held");
    add_str("thing,id=popular");
    add_str("thing,id=fan1,friend=popular");
    add_str("thing,id=fan2,friend=popular");
    n_before = n_things;
    test_trace_begin();
    g_assert_false(user_creatable_del(row->text, &err));
    test_trace_end("");
    assert_error_hint(err, row->message, row->hint);
    g_assert_cmpint(n_things, ==, n_before);
    g_assert_true(find("box") == box);
}

static void test_delete_after_holder(void *fixture, const void *data)
{
    add_str("thing,id=a");
    add_str("thing,id=b,friend=a");
    g_assert_false(user_creatable_del("a", NULL));
    g_assert_true(user_creatable_del("b", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_delete_after_link_is_cleared(void *fixture,
                                              const void *data)
{
    Object *b;

    add_str("thing,id=a");
    b = add_str("thing,id=b,friend=a");
    g_assert_true(object_property_set_str(b, "friend", "", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_weak_link_does_not_hold(void *fixture, const void *data)
{
    Object *b;

    add_str("thing,id=a");
    b = add_str("thing,id=b,admirer=a");
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_null(THING(b)->admirer);
}

/* A link from within goes with the object, so it does not count. */
static void test_own_child_does_not_hold(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");
    Object *kid = object_new_with_props("thing", a, "kid", &error_abort,
                                        NULL);

    g_assert_true(object_property_set_link(kid, "friend", a, &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_null(find("a"));
    g_assert_cmpint(n_things, ==, 0);
}

static void test_link_to_itself_does_not_hold(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");

    g_assert_true(object_property_set_str(a, "friend", "a", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_cmpint(n_things, ==, 0);
}

/* Each is in use by the other one, until a link is cleared. */
static void test_circle_holds(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");

    add_str("thing,id=b,friend=a");
    g_assert_true(object_property_set_str(a, "friend", "b", &error_abort));
    g_assert_false(user_creatable_del("a", NULL));
    g_assert_false(user_creatable_del("b", NULL));
    user_creatable_cleanup();
    g_assert_cmpint(n_things, ==, 0);
}

static void test_class_says_why_not(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) apply_err = NULL;
    g_autoptr(JsonArray) nothing = json_array_new();
    Object *obj = add_str("thing,id=a,number=99");

    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "99 must stay");
    g_assert_null(object_apply(nothing, false, NULL, &apply_err));
    assert_error(apply_err, "99 must stay");
    g_assert_true(object_resolve_path("/objects/a", NULL) == obj);
}

/* ---- Lists ---- */

/* The list holds an object that a user deletes. */
static void test_find_list(void *fixture, const void *data)
{
    Object *a = add_str("thing,id=a");
    Object *b = add_str("thing,id=b");
    strList second = { .value = (char *)"/objects/a" };
    strList first = { .next = &second, .value = (char *)"b" };
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(Error) err = NULL;

    none = user_creatable_find_list(NULL, "parts", "thing", &error_abort);
    g_assert_cmpuint(none->len, ==, 0);
    list = user_creatable_find_list(&first, "parts", "thing", &error_abort);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_true(list->pdata[0] == b && list->pdata[1] == a);
    user_creatable_del("a", &error_abort);
    g_assert_cmpint(THING(a)->number, ==, 7);
    g_assert_null(user_creatable_find_list(&first, "parts", "thing", &err));
    assert_error(err, "parts[1]: thing '/objects/a' not found");
}

/* It is no part of the configuration, and can be deleted by its id. */
static void test_builtin(void *fixture, const void *data)
{
    g_autoptr(Object) obj = object_new("thing");
    g_autoptr(Object) other = object_new("thing");
    g_autoptr(JsonArray) nothing = json_array_new();
    g_autoptr(JsonNode) steps = NULL;
    g_autoptr(JsonNode) list = NULL;
    g_autoptr(Error) err = NULL;

    g_assert_true(user_creatable_add_builtin(obj, "b0", &error_abort));
    g_assert_false(user_creatable_add_builtin(other, "b0", &err));
    g_assert_null(other->parent);
    list = object_snapshot();
    g_assert_cmpuint(json_array_get_length(json_node_get_array(list)), ==, 0);
    steps = object_apply(nothing, false, NULL, &error_abort);
    g_assert_true(object_resolve_path("/objects/b0", NULL) == obj);
    g_assert_true(user_creatable_del("b0", &error_abort));
    g_assert_null(obj->parent);
}

static void test_builtin_incomplete(void *fixture, const void *data)
{
    g_autoptr(Object) obj = object_new("thing");
    g_autoptr(Error) err = NULL;

    object_property_set_bool(obj, "fail", true, &error_abort);
    g_assert_false(user_creatable_add_builtin(obj, "b0", &err));
    assert_error(err, "cannot complete");
    g_assert_null(object_resolve_path("/objects/b0", NULL));
}

static void test_holder_without_path(void *fixture, const void *data)
{
    g_autoptr(Object) orphan = object_new("thing");
    g_autoptr(Error) err = NULL;

    object_property_set_link(orphan, "friend", add_str("thing,id=a"),
                             &error_abort);
    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "object 'a' is in use, can not be deleted: linked to "
                      "by thing.friend");
}

static void test_cleanup_is_newest_first(void *fixture, const void *data)
{
    add_str("thing,id=a,pinned=on");
    add_str("thing,id=b");
    add_str("thing,id=c,friend=a");
    test_trace_begin();
    user_creatable_cleanup();
    test_trace_end("unparent(c) unparent(b) unparent(a)");
    g_assert_cmpint(n_things, ==, 0);
}

static void test_cleanup_of_nothing(void *fixture, const void *data)
{
    user_creatable_cleanup();
    user_creatable_cleanup();
}

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

static void add(const char *path, const void *data,
                void (*test)(void *fixture, const void *data))
{
    g_autofree char *full = g_strconcat("/qom/user-creatable/", path, NULL);

    test_add_vtable(full, 0, data, set_up, test, tear_down);
}

static void add_make_tests(void)
{
    add("add/text", NULL, test_text);
    add("add/json", NULL, test_json);
    add("add/json-node", NULL, test_json_node);
    add("add/defaults", NULL, test_defaults);
    add("add/explicit-type-key", NULL, test_explicit_type_key);
    add("add/last-assignment-wins", NULL, test_last_assignment_wins);
    add("add/repeated-key-of-list", NULL, test_repeated_key_of_list);
    add("add/lists-in-text", NULL, test_lists_in_text);
    add("add/lists-of-setters-in-text", NULL, test_lists_of_setters_in_text);
    add("add/size-suffix-in-text", NULL, test_size_suffix_in_text);
    add("add/order-does-not-matter/up", "thing,id=a,low=20,high=30",
        test_order_does_not_matter);
    add("add/order-does-not-matter/down", "thing,id=a,high=30,low=20",
        test_order_does_not_matter);
    add("add/order-does-not-matter/json",
        "{\"low\": 20, \"high\": 30, \"id\": \"a\", \"qom-type\": "
        "\"thing\"}", test_order_does_not_matter);
    add("add/link-to-another", NULL, test_link_to_another);
    add("add/complete-runs-in-place", NULL, test_complete_runs_in_place);
    add("add/type-without-complete", NULL, test_type_without_complete);
    for (size_t i = 0; i < G_N_ELEMENTS(error_rows); i++) {
        g_autofree char *path = g_strconcat("add/fails/", error_rows[i].name,
                                            NULL);

        add(path, &error_rows[i], test_fails);
    }
    add("add/failed-complete-order", NULL, test_failed_complete_order);
    add("add/failure-drops-links", NULL, test_failure_drops_links);
    add("add/many-pairs", NULL, test_many_pairs);
}

static void add_id_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good_ids); i++) {
        g_autofree char *path = g_strconcat("id/accepts/", good_ids[i],
                                            NULL);

        add(path, good_ids[i], test_good_id);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_ids); i++) {
        g_autofree char *path = g_strconcat("/qom/user-creatable/id/refuses/",
                                            bad_ids[i].name, NULL);

        g_test_add_data_func(path, bad_ids[i].id, test_bad_id);
    }
}

static void add_delete_tests(void)
{
    add("delete/one", NULL, test_delete);
    for (size_t i = 0; i < G_N_ELEMENTS(delete_rows); i++) {
        g_autofree char *path = g_strconcat("delete/fails/",
                                            delete_rows[i].name, NULL);

        add(path, &delete_rows[i], test_delete_fails);
    }
    add("delete/after-holder", NULL, test_delete_after_holder);
    add("delete/after-link-is-cleared", NULL,
        test_delete_after_link_is_cleared);
    add("delete/weak-link-does-not-hold", NULL,
        test_weak_link_does_not_hold);
    add("delete/own-child-does-not-hold", NULL,
        test_own_child_does_not_hold);
    add("delete/link-to-itself-does-not-hold", NULL,
        test_link_to_itself_does_not_hold);
    add("delete/circle-holds-until-cleanup", NULL, test_circle_holds);
    add("delete/class-says-why-not", NULL, test_class_says_why_not);
    add("find-list", NULL, test_find_list);
    add("builtin/is-not-configured", NULL, test_builtin);
    add("builtin/cannot-complete", NULL, test_builtin_incomplete);
    add("delete/holder-without-path", NULL, test_holder_without_path);
    add("cleanup/is-newest-first", NULL, test_cleanup_is_newest_first);
    add("cleanup/of-nothing", NULL, test_cleanup_of_nothing);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));

    add_make_tests();
    add_id_tests();
    add_delete_tests();
    for (size_t i = 0; i < G_N_ELEMENTS(help_rows); i++) {
        g_autofree char *path = g_strconcat("help/", help_rows[i].name, NULL);

        add(path, &help_rows[i], test_help);
    }
    return test_run();
}
