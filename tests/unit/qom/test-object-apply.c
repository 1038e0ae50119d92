/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of objects that are applied: what is done, and how it is undone. */
#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qom/object-apply.h"
#include "qom/object-observer.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"

#include <string.h>

/* ---- Types ---- */

typedef struct Part {
    Object parent_obj;
    int64_t number;
    int64_t low;
    int64_t high;
    int64_t size;
    char *text;
    intList *ints;
    bool pinned;
    int level;
    char *secret;
    Object *friend;
    Object *owner;
} Part;

DECLARE_INSTANCE_CHECKER(Part, PART, "part")

static int n_parts;   /* alive */
static int n_changed; /* calls of the hook, for complete objects */
static int fail_in;   /* calls until one fails; 0: none does */

static void note(Object *obj, const char *what)
{
    test_note("%s(%s)", what, object_get_canonical_path_component(obj));
}

static bool may_fail(Error **errp)
{
    if (fail_in && !--fail_in) {
        error_setg(errp, "injected");
        return false;
    }
    return true;
}

static const PropertyRow part_rows[] = {
    PROPERTY_INT("number", Part, number, .def = 7, .min = 0, .max = 100),
    PROPERTY_INT("low", Part, low),
    PROPERTY_INT("high", Part, high, .def = 10),
    PROPERTY_INT("size", Part, size, .set = PROPERTY_SET_CREATE),
    PROPERTY_STR("text", Part, text),
    PROPERTY_LIST("ints", Part, ints, intList),
    PROPERTY_BOOL("pinned", Part, pinned),
    PROPERTY_LINK("friend", Part, friend, Part, "part"),
    PROPERTY_LINK("owner", Part, owner, Part, "part",
                  .set = PROPERTY_SET_CREATE),
    PROPERTY_END
};

static bool part_changed(Object *obj, Error **errp)
{
    n_changed += object_get_parent(obj) != NULL;
    if (PART(obj)->low > PART(obj)->high) {
        error_setg(errp, "low is above high");
        return false;
    }
    return may_fail(errp);
}

static void part_complete(UserCreatable *uc, Error **errp)
{
    note(OBJECT(uc), "complete");
    may_fail(errp);
}

static bool part_can_be_deleted(UserCreatable *uc)
{
    return !PART(uc)->pinned && may_fail(NULL);
}

static void part_unparent(Object *obj)
{
    note(obj, "unparent");
}

static void get_level(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    int64_t level = PART(obj)->level;

    visit_type_int(v, name, &level, errp);
}

static void set_level(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    int64_t level;

    if (!visit_type_int(v, name, &level, errp)) {
        return;
    }
    if (level > 9) {
        error_setg(errp, "the level is too high");
    } else if (!object_get_parent(obj) || may_fail(errp)) {
        PART(obj)->level = level;
    }
}

static void set_secret(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    g_autofree char *secret = NULL;

    if (visit_type_str(v, name, &secret, errp)) {
        g_free(PART(obj)->secret);
        PART(obj)->secret = g_steal_pointer(&secret);
    }
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = part_complete;
    ucc->can_be_deleted = part_can_be_deleted;
    klass->unparent = part_unparent;
    klass->properties_changed = part_changed;
    object_class_add_properties(klass, part_rows);
    object_property_set_default_int(
        object_class_property_add(klass, "level", "int", get_level, set_level,
                                  NULL, NULL), 3);
    object_class_property_add(klass, "secret", "string", NULL, set_secret,
                              NULL, NULL);
}

static void part_init(Object *obj)
{
    n_parts++;
}

static void part_finalize(Object *obj)
{
    g_free(PART(obj)->secret);
    n_parts--;
}

#define CREATABLE (const InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } }

static const TypeInfo infos[] = {
    {
        .name = "part",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Part),
        .instance_init = part_init,
        .instance_finalize = part_finalize,
        .class_init = part_class_init,
        .interfaces = CREATABLE,
    },
    { .name = "spare-part", .parent = "part" },
};

/* ---- Helpers ---- */

static JsonNode *parse(const char *text)
{
    return json_parse(text, -1, &error_abort);
}

static char *text_of(JsonNode *node)
{
    GString *text = g_string_new(NULL);

    json_write(text, node, false);
    return g_string_free(text, FALSE);
}

/* The plan's text, or NULL with @errp set. */
static char *apply_full(const char *list, bool dry_run, Error **errp)
{
    g_autoptr(JsonNode) node = parse(list);
    g_autoptr(JsonNode) plan = object_apply(json_node_get_array(node),
                                            dry_run, NULL, errp);

    return plan ? text_of(plan) : NULL;
}

static void apply(const char *list)
{
    g_free(apply_full(list, false, &error_abort));
}

static char *snapshot(void)
{
    g_autoptr(JsonNode) node = object_snapshot();

    return text_of(node);
}

#define assert_plan(list, expected)                                         \
    do {                                                                    \
        g_autofree char *plan_ = apply_full((list), true, &error_abort);    \
        g_assert_cmpstr(plan_, ==, (expected));                             \
    } while (0)

#define assert_snapshot(expected)                                           \
    do {                                                                    \
        g_autofree char *now_ = snapshot();                                 \
        g_assert_cmpstr(now_, ==, (expected));                              \
    } while (0)

/* Refused, and everything is as it was. */
#define assert_refused(list, message)                                       \
    do {                                                                    \
        g_autofree char *before_ = snapshot();                              \
        int n_before_ = n_parts;                                            \
        Error *err_ = NULL;                                                 \
        g_assert_null(apply_full((list), false, &err_));                    \
        assert_error(err_, (message));                                      \
        assert_snapshot(before_);                                           \
        g_assert_cmpint(n_parts, ==, n_before_);                            \
    } while (0)

static Object *find(const char *id)
{
    return object_resolve_path_component(object_get_objects_root(), id);
}

static void set_up(void *fixture, const void *data)
{
    fail_in = 0;
    g_assert_cmpint(n_parts, ==, 0);
}

static void tear_down(void *fixture, const void *data)
{
    fail_in = 0;
    user_creatable_cleanup();
    g_assert_cmpint(n_parts, ==, 0);
}

#define P "{\"qom-type\": \"part\", \"id\": "
#define A P "\"a\"}"
#define B P "\"b\"}"

/* ---- What is done ---- */

static void test_add(void *fixture, const void *data)
{
    g_autofree char *plan = apply_full("[" P "\"a\", \"number\": 9}]", false,
                                       &error_abort);

    g_assert_cmpstr(plan, ==, "[{\"action\": \"add\", \"id\": \"a\", "
                    "\"qom-type\": \"part\", "
                    "\"properties\": {\"number\": 9}}]");
    g_assert_cmpint(PART(find("a"))->number, ==, 9);
    g_assert_cmpuint(find("a")->ref, ==, 1);
}

static void test_change(void *fixture, const void *data)
{
    Object *a;
    g_autofree char *plan = NULL;

    apply("[" P "\"a\", \"number\": 9, \"text\": \"x\"}]");
    a = find("a");
    plan = apply_full("[" P "\"a\", \"number\": 9, \"text\": \"y\"}]", false,
                      &error_abort);
    g_assert_cmpstr(plan, ==, "[{\"action\": \"change\", \"id\": \"a\", "
                    "\"qom-type\": \"part\", "
                    "\"properties\": {\"text\": \"y\"}}]");
    g_assert_true(find("a") == a);
    g_assert_cmpstr(PART(a)->text, ==, "y");
}

static void test_default(void *fixture, const void *data)
{
    apply("[" P "\"a\", \"number\": 9, \"text\": \"x\", \"level\": 5, "
          "\"ints\": [1, 2], \"friend\": \"a\"}]");
    assert_plan("[" A "]", "[{\"action\": \"change\", \"id\": \"a\", "
                "\"qom-type\": \"part\", \"properties\": {\"number\": 7, "
                "\"text\": \"\", \"ints\": [], \"friend\": \"\", "
                "\"level\": 3}}]");
    apply("[" A "]");
    g_assert_cmpint(PART(find("a"))->number, ==, 7);
    g_assert_cmpint(PART(find("a"))->level, ==, 3);
    g_assert_null(PART(find("a"))->text);
    g_assert_null(PART(find("a"))->ints);
    g_assert_null(PART(find("a"))->friend);
}

static void test_delete(void *fixture, const void *data)
{
    g_autofree char *plan = NULL;

    apply("[" A ", " B "]");
    plan = apply_full("[" B "]", false, &error_abort);
    g_assert_cmpstr(plan, ==, "[{\"action\": \"delete\", \"id\": \"a\", "
                    "\"qom-type\": \"part\"}]");
    g_assert_null(find("a"));
    g_assert_cmpint(n_parts, ==, 1);
}

static void test_nothing(void *fixture, const void *data)
{
    apply("[" A ", " B "]");
    assert_plan("[" A ", " B "]", "[]");
    n_changed = 0;
    apply("[" A ", " B "]");
    g_assert_cmpint(n_changed, ==, 0);
}

static void test_recreate_create(void *fixture, const void *data)
{
    apply("[" P "\"a\", \"size\": 1}]");
    assert_plan("[" P "\"a\", \"size\": 2}]",
                "[{\"action\": \"delete\", \"id\": \"a\", "
                "\"qom-type\": \"part\"}, "
                "{\"action\": \"add\", \"id\": \"a\", "
                "\"qom-type\": \"part\", \"properties\": {\"size\": 2}}]");
    g_assert_cmpint(PART(find("a"))->size, ==, 1);
    apply("[" P "\"a\", \"size\": 2}]");
    g_assert_cmpint(PART(find("a"))->size, ==, 2);
    g_assert_cmpint(n_parts, ==, 1);
}

static void test_recreate_type(void *fixture, const void *data)
{
    apply("[" A "]");
    apply("[{\"qom-type\": \"spare-part\", \"id\": \"a\"}]");
    g_assert_cmpstr(object_get_typename(find("a")), ==, "spare-part");
    g_assert_cmpint(n_parts, ==, 1);
}

static void test_recreate_unreadable(void *fixture, const void *data)
{
    Object *a;

    apply("[" P "\"a\", \"secret\": \"x\"}]");
    a = object_ref(find("a"));
    apply("[" P "\"a\", \"secret\": \"x\"}]");
    g_assert_true(find("a") != a);
    object_unref(a);
    a = find("a");
    apply("[" A "]");
    g_assert_true(find("a") == a);
}

static void test_order(void *fixture, const void *data)
{
    apply("[" A ", " B ", " P "\"c\"}]");
    apply("[" P "\"c\"}, " P "\"d\"}, " A "]");
    assert_snapshot("[" P "\"c\"}, " P "\"d\"}, " A "]");
}

static void test_one_change(void *fixture, const void *data)
{
    apply("[" A "]");
    n_changed = 0;
    apply("[" P "\"a\", \"low\": 50, \"high\": 90}]");
    g_assert_cmpint(n_changed, ==, 1);
    apply("[" P "\"a\", \"high\": 3, \"low\": 2}]");
    g_assert_cmpint(PART(find("a"))->high, ==, 3);
}

static void test_dry_run(void *fixture, const void *data)
{
    apply("[" P "\"a\", \"number\": 1}, " B "]");
    test_trace_begin();
    n_changed = 0;
    assert_plan("[" P "\"c\"}, " A "]",
                "[{\"action\": \"delete\", \"id\": \"b\", "
                "\"qom-type\": \"part\"}, "
                "{\"action\": \"add\", \"id\": \"c\", "
                "\"qom-type\": \"part\", \"properties\": {}}, "
                "{\"action\": \"change\", \"id\": \"a\", "
                "\"qom-type\": \"part\", \"properties\": {\"number\": 7}}]");
    test_trace_end("unparent(c)");
    g_assert_cmpint(n_changed, ==, 0);
    g_assert_cmpint(n_parts, ==, 2);
    assert_snapshot("[" P "\"a\", \"number\": 1}, " B "]");
}

static void test_internal(void *fixture, const void *data)
{
    Object *inner = object_property_add_new_container(
        object_get_objects_root(), "inner");

    apply("[" A "]");
    apply("[]");
    g_assert_true(find("inner") == inner);
    assert_refused("[" P "\"inner\"}]", "objects[0]: attempt to add "
                   "duplicate property 'inner' to object (type 'container')");
    object_unparent(inner);
}

/* ---- Links ---- */

#define HOLDER(id, target) P "\"" id "\", \"friend\": \"/objects/" target "\"}"
#define OWNED(id, target) P "\"" id "\", \"owner\": \"/objects/" target "\"}"

static void test_link_order(void *fixture, const void *data)
{
    test_trace_begin();
    apply("[" HOLDER("a", "b") ", " OWNED("b", "c") ", " P "\"c\"}]");
    test_trace_end("complete(c) complete(b) complete(a)");
    g_assert_true(PART(find("a"))->friend == find("b"));
    test_trace_begin();
    apply("[]");
    test_trace_end("unparent(a) unparent(b) unparent(c)");
}

static void test_link_partial(void *fixture, const void *data)
{
    apply("[" P "\"a\", \"friend\": \"b\"}, " B "]");
    g_assert_true(PART(find("a"))->friend == find("b"));
    assert_plan("[" P "\"a\", \"friend\": \"b\"}, " B "]", "[]");
    assert_plan("[" P "\"a\", \"friend\": \"objects/b\"}, " B "]", "[]");
}

static void test_link_moves(void *fixture, const void *data)
{
    apply("[" HOLDER("a", "b") ", " B "]");
    apply("[" HOLDER("a", "c") ", " P "\"c\"}]");
    g_assert_true(PART(find("a"))->friend == find("c"));
    g_assert_cmpint(n_parts, ==, 2);
}

static void test_link_target_recreated(void *fixture, const void *data)
{
    Object *a;

    apply("[" HOLDER("a", "b") ", " B "]");
    a = find("a");
    apply("[" HOLDER("a", "b") ", " P "\"b\", \"size\": 4}]");
    g_assert_true(find("a") == a);
    g_assert_true(PART(a)->friend == find("b"));
    g_assert_cmpint(PART(PART(a)->friend)->size, ==, 4);
}

static void test_link_holder_recreated(void *fixture, const void *data)
{
    Object *a;

    apply("[" OWNED("a", "b") ", " B "]");
    a = object_ref(find("a"));
    test_trace_begin();
    apply("[" OWNED("a", "b") ", " P "\"b\", \"size\": 4}]");
    test_trace_end("complete(b) complete(a) unparent(a) unparent(b)");
    g_assert_true(find("a") != a);
    g_assert_true(PART(find("a"))->owner == find("b"));
    object_unref(a);
}

static void test_link_circle(void *fixture, const void *data)
{
    const char *circle = "[" HOLDER("a", "b") ", " HOLDER("b", "a") ", "
                         HOLDER("c", "c") "]";

    apply(circle);
    g_assert_true(PART(find("a"))->friend == find("b"));
    g_assert_true(PART(find("b"))->friend == find("a"));
    g_assert_true(PART(find("c"))->friend == find("c"));
    assert_plan(circle, "[]");
    assert_snapshot(circle);
    apply("[" A "]");
    g_assert_cmpint(n_parts, ==, 1);
}

static void test_link_circle_fixed(void *fixture, const void *data)
{
    assert_refused("[" OWNED("a", "b") ", " OWNED("b", "a") "]",
                   "objects[1].owner: Property 'part.owner' can only be set "
                   "when the object is created");
}

/* Objects of which each links to the next, and the last one to @last. */
static char *chain(unsigned n, const char *last)
{
    GString *list = g_string_new("[");

    for (unsigned i = 0; i + 1 < n; i++) {
        g_string_append_printf(list, P "\"p%u\", \"friend\": \"p%u\"}, ", i,
                               i + 1);
    }
    g_string_append_printf(list, P "\"p%u\", \"friend\": \"%s\"}]", n - 1,
                           last);
    return g_string_free(list, FALSE);
}

/* A function that called itself for each link would overflow the stack. */
static void test_link_chain(void *fixture, const void *data)
{
    const unsigned n = 60000;
    const char *const lasts[] = { "", "p0" };

    for (unsigned i = 0; i < G_N_ELEMENTS(lasts); i++) {
        g_autofree char *list = chain(n, lasts[i]);

        apply(list);
        g_assert_cmpint(n_parts, ==, n);
        g_assert_true(PART(find("p0"))->friend == find("p1"));
        apply("[]");
        g_assert_cmpint(n_parts, ==, 0);
    }
}

static void test_link_nowhere(void *fixture, const void *data)
{
    apply("[" B "]");
    assert_refused("[" HOLDER("a", "b") "]",
                   "objects[0].friend: Device '/objects/b' not found");
    /* a message that has the text of a place by chance gets one, too */
    assert_refused("[" HOLDER("a", "objects[0]") "]", "objects[0].friend: "
                   "Device '/objects/objects[0]' not found");
}

static void test_link_held(void *fixture, const void *data)
{
    Object *inner;

    apply("[" A "]");
    inner = object_new("part");
    object_property_add_child(object_get_root(), "inner", inner);
    object_unref(inner);
    object_property_set_link(inner, "friend", find("a"), &error_abort);
    assert_refused("[]", "object 'a' is in use, can not be deleted: linked "
                   "to by /inner.friend");
    object_unparent(inner);
}

/* ---- What is refused ---- */

static void test_refused(void *fixture, const void *data)
{
    static const struct {
        const char *list;
        const char *message;
    } cases[] = {
        { "[" A ", 5]",
          "Invalid parameter type for 'objects[1]', expected: object" },
        { "[{\"id\": \"a\"}]", "Parameter 'objects[0].qom-type' is missing" },
        { "[{\"qom-type\": \"part\"}]",
          "Parameter 'objects[0].id' is missing" },
        { "[{\"qom-type\": \"part\", \"id\": 1}]",
          "Invalid parameter type for 'objects[0].id', expected: string" },
        { "[" A ", " B ", " A "]",
          "objects[2].id: 'a' is the id of objects[0], too" },
        { "[{\"qom-type\": \"patr\", \"id\": \"x\"}]",
          "objects[0].qom-type: invalid object type: patr" },
        { "[{\"qom-type\": \"container\", \"id\": \"x\"}]",
          "objects[0].qom-type: object type 'container' isn't supported by "
          "object-add" },
        { "[" P "\"9\"}]",
          "objects[0].id: Parameter 'id' expects an identifier" },
        { "[" A ", " P "\"x\", \"numbr\": 1}]",
          "Parameter 'objects[1].numbr' is unexpected" },
        { "[" A ", " P "\"x\", \"number\": 101}]",
          "objects[1].number value must be in range [0, 100]" },
        { "[" A ", " P "\"x\", \"number\": \"1\"}]",
          "Invalid parameter type for 'objects[1].number', expected: "
          "integer" },
        { "[" P "\"x\", \"ints\": [1, true]}]",
          "Invalid parameter type for 'objects[0].ints[1]', expected: "
          "integer" },
        { "[" P "\"x\", \"type\": \"y\"}]",
          "objects[0].type: Property 'part.type' is not writable" },
        { "[" P "\"x\", \"low\": 11}]", "objects[0]: low is above high" },
        { "[" A ", " P "\"b\", \"number\": 8, \"low\": 11}]",
          "objects[1]: low is above high" },
        { "[" P "\"b\", \"level\": 10}]",
          "objects[0].level: the level is too high" },
        { "[" P "\"type\"}]",
          "objects[0]: attempt to add duplicate property 'type' to object "
          "(type 'container')" },
    };

    apply("[" P "\"b\", \"number\": 1, \"level\": 2}, " P "\"z\"}]");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_refused(cases[i].list, cases[i].message);
    }
}

static void test_pinned(void *fixture, const void *data)
{
    g_autoptr(JsonNode) list = parse("[]");
    Error *err = NULL;

    apply("[" P "\"a\", \"pinned\": true}]");
    assert_refused("[]", "object 'a' is in use, can not be deleted");
    assert_refused("[" P "\"a\", \"pinned\": true, \"size\": 1}]",
                   "objects[0]: object 'a' is in use, can not be deleted");
    g_assert_null(object_apply(json_node_get_array(list), false, NULL, &err));
    assert_error_hint(err, "object 'a' is in use, can not be deleted",
                      "It is not in the list.\n");
}

static void test_culprit(void *fixture, const void *data)
{
    g_autoptr(JsonNode) list = parse("[" A ", " P "\"b\", \"number\": 900}]");
    JsonObject *element =
        json_array_get_object_element(json_node_get_array(list), 1);
    JsonNode *bad_node;
    Error *err = NULL;

    g_assert_null(object_apply(json_node_get_array(list), false, &bad_node,
                               &err));
    g_assert_true(bad_node == json_object_get_member(element, "number"));
    error_free(err);
}

/* ---- Injected failures ---- */

typedef struct State {
    Object *objects[16];
    guint n;
} State;

static int add_to_state(Object *child, void *opaque)
{
    State *state = opaque;

    state->objects[state->n++] = child;
    return 0;
}

static void get_state(State *state)
{
    state->n = 0;
    object_child_foreach(object_get_objects_root(), add_to_state, state);
}

/* Elements link to earlier and later ones, so there are circles, too. */
static char *random_list(void)
{
    GString *list = g_string_new("[");
    int n_ids = 8;

    for (int i = 0; i < n_ids; i++) {
        if (g_test_rand_bit()) {
            continue;
        }
        g_string_append_printf(
            list, "%s{\"qom-type\": \"%s\", \"id\": \"o%d\"",
            list->len > 1 ? ", " : "",
            g_test_rand_bit() ? "part" : "spare-part", i);
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"number\": %d",
                                   g_test_rand_int_range(0, 100));
        }
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"size\": %d",
                                   g_test_rand_int_range(1, 3));
        }
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"low\": %d, \"high\": %d",
                                   g_test_rand_int_range(0, 30),
                                   g_test_rand_int_range(30, 50));
        }
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"text\": \"t%d\", \"ints\": [%d]",
                                   i, i);
        }
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"level\": %d",
                                   g_test_rand_int_range(4, 9));
        }
        if (g_test_rand_bit()) {
            g_string_append_printf(list, ", \"friend\": \"/objects/o%d\"",
                                   g_test_rand_int_range(0, n_ids));
        }
        if (i && g_test_rand_int_range(0, 3) == 0) {
            g_string_append_printf(list, ", \"owner\": \"/objects/o%d\"",
                                   g_test_rand_int_range(0, i));
        }
        g_string_append_c(list, '}');
    }
    g_string_append_c(list, ']');
    return g_string_free(list, FALSE);
}

/* What @list makes of nothing; NULL if it is refused. */
static char *made_of_nothing(const char *list)
{
    Error *err = NULL;
    g_autofree char *plan = NULL;

    user_creatable_cleanup();
    plan = apply_full(list, false, &err);
    error_free(err);
    return plan ? snapshot() : NULL;
}

static char *random_state(void)
{
    for (;;) {
        g_autofree char *list = random_list();
        char *state = made_of_nothing(list);

        if (state) {
            return state;
        }
    }
}

static void test_random(void *fixture, const void *data)
{
    for (int i = 0; i < 200; i++) {
        g_autofree char *target = random_state();
        g_autofree char *start = random_state();
        g_autofree char *plan = apply_full(target, true, &error_abort);
        g_autofree char *done = NULL;

        assert_snapshot(start);
        done = apply_full(target, false, &error_abort);
        g_assert_cmpstr(plan, ==, done);
        assert_snapshot(target);
        assert_plan(target, "[]");
    }
}

/* Fails at the first call of a hook, at the second... until nothing fails. */
static void test_random_failures(void *fixture, const void *data)
{
    for (int i = 0; i < 100; i++) {
        g_autofree char *target = random_state();
        g_autofree char *start = random_state();
        State before;
        State after;

        get_state(&before);
        for (int n = 1;; n++) {
            Error *err = NULL;
            g_autofree char *plan = NULL;
            int n_before = n_parts;

            fail_in = n;
            plan = apply_full(target, false, &err);
            if (plan) {
                fail_in = 0;
                break;
            }
            g_assert_cmpint(fail_in, ==, 0);
            error_free(err);
            assert_snapshot(start);
            get_state(&after);
            g_assert_cmpmem(before.objects, before.n * sizeof(Object *),
                            after.objects, after.n * sizeof(Object *));
            g_assert_cmpint(n_parts, ==, n_before);
        }
        assert_snapshot(target);
    }
}

/* ---- Observers ---- */

static void observe_added(Object *obj, void *opaque)
{
    note(obj, "added");
}

static void observe_deleted(Object *obj, void *opaque)
{
    note(obj, "deleted");
}

static void observe_changed(Object *obj, const char *name, void *opaque)
{
}

static const ObjectObserver observer = {
    .added = observe_added,
    .deleted = observe_deleted,
    .changed = observe_changed,
};

static void test_observed(void *fixture, const void *data)
{
    apply("[" A ", " B "]");
    object_set_observer(&observer, NULL);
    test_trace_begin();
    apply("[" P "\"a\", \"size\": 2}, " P "\"c\"}]");
    object_set_observer(NULL, NULL);
    test_trace_end("complete(a) complete(c) deleted(b) unparent(b) deleted(a) "
              "unparent(a) added(a) added(c)");
}

static void test_observed_failure(void *fixture, const void *data)
{
    apply("[" A ", " B "]");
    object_set_observer(&observer, NULL);
    test_trace_begin();
    assert_refused("[" P "\"c\"}, " P "\"b\", \"low\": 11}]",
                   "objects[1]: low is above high");
    assert_plan("[]", "[{\"action\": \"delete\", \"id\": \"b\", "
                "\"qom-type\": \"part\"}, "
                "{\"action\": \"delete\", \"id\": \"a\", "
                "\"qom-type\": \"part\"}]");
    object_set_observer(NULL, NULL);
    test_trace_end("complete(c) unparent(c)");
}

/* ---- Snapshots ---- */

static void test_snapshot(void *fixture, const void *data)
{
    apply("[" P "\"b\", \"friend\": \"a\", \"number\": 7, \"text\": \"\"}, "
          A "]");
    assert_snapshot("[" P "\"b\", \"friend\": \"/objects/a\"}, " A "]");
}

#define add(name, function) \
    g_test_add("/qom/object-apply/" name, char, NULL, set_up, function, \
               tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));
    add("add", test_add);
    add("change", test_change);
    add("default", test_default);
    add("delete", test_delete);
    add("nothing-to-do", test_nothing);
    add("recreate/create-only", test_recreate_create);
    add("recreate/type", test_recreate_type);
    add("recreate/unreadable", test_recreate_unreadable);
    add("order", test_order);
    add("one-change", test_one_change);
    add("dry-run", test_dry_run);
    add("internal", test_internal);
    add("link/order", test_link_order);
    add("link/partial", test_link_partial);
    add("link/moves", test_link_moves);
    add("link/target-recreated", test_link_target_recreated);
    add("link/holder-recreated", test_link_holder_recreated);
    add("link/circle", test_link_circle);
    add("link/circle-fixed", test_link_circle_fixed);
    add("link/chain", test_link_chain);
    add("link/nowhere", test_link_nowhere);
    add("link/held", test_link_held);
    add("refused", test_refused);
    add("pinned", test_pinned);
    add("bad_node", test_culprit);
    add("random", test_random);
    add("random-failures", test_random_failures);
    add("observed/done", test_observed);
    add("observed/refused", test_observed_failure);
    add("snapshot", test_snapshot);
    return test_run();
}
