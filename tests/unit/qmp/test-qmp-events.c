/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: recipients, rates, objects, properties, and clients that do not read.
 */
#include "aio/aio.h"
#include "aio/timer.h"
#include "qapi/qapi-event.h"
#include "qmp/qmp-event-queue-internal.h"
#include "qmp/qmp-observer-internal.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-watch-internal.h"
#include "qom/object-observer.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/session-output.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

#define EVENT(name, data) \
    "{\"event\": \"" name "\", \"data\": {" data "}, \"timestamp\": T}\r\n"
#define OBJ(event, path) \
    EVENT("OBJECT_" event, "\"path\": \"" path "\", \"type\": \"demo\"")
#define CHANGED(path, property, value)                           \
    EVENT("PROPERTY_CHANGED", "\"path\": \"" path "\", \"property\": \"" \
          property "\", \"value\": " value)

/* ---- A type and an event of the test's own ---- */

typedef struct Demo {
    Object parent_obj;
    int64_t count;
    char *name;
    Object *peer;
} Demo;

static const PropertyRow demo_rows[] = {
    PROPERTY_INT("count", Demo, count),
    PROPERTY_STR("name", Demo, name),
    PROPERTY_LINK("peer", Demo, peer, Demo, "demo"),
    PROPERTY_END
};

/* refuses 13 */
static bool demo_changed(Object *obj, Error **errp)
{
    if (((Demo *)obj)->count == 13) {
        error_setg(errp, "13 it is not");
        return false;
    }
    return true;
}

static void demo_complete(UserCreatable *uc, Error **errp)
{
    if (((Demo *)uc)->count == 12) {
        error_setg(errp, "12 cannot be completed");
    }
}

static void demo_class_init(ObjectClass *klass, const void *data)
{
    klass->properties_changed = demo_changed;
    USER_CREATABLE_CLASS(klass)->complete = demo_complete;
    object_class_add_properties(klass, demo_rows);
}

static const TypeInfo demo_info = {
    .name = "demo",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Demo),
    .class_init = demo_class_init,
    .interfaces = (const InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { } },
};

static const QapiEvent tick = { .name = "TICK", .arg_type = &qapi_type_any };

static void send_tick(const char *data)
{
    JsonNode *node = json_parse(data, -1, &error_abort);

    qapi_event_send(&tick, node);
    json_node_unref(node);
}

/* ---- Sessions, without descriptors ---- */

typedef struct Fixture {
    AioContext *ctx;
    QmpSession *s;
} Fixture;

static char *take_output(QmpSession *s)
{
    g_autoptr(GRegex) regex = g_regex_new("\\{\"seconds\": [0-9]+, "
                                          "\"microseconds\": [0-9]+\\}",
                                          0, 0, NULL);
    g_autofree char *text = take_session_output(s);

    return g_regex_replace_literal(regex, text, -1, 0, "T", 0, NULL);
}

static void step(Fixture *f)
{
    while (aio_poll(f->ctx, false)) {
        continue;
    }
}

static void say(QmpSession *s, const char *text)
{
    qmp_session_feed(s, text, strlen(text));
    while (qmp_session_has_requests(s)) {
        qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    }
}

static void expect(Fixture *f, QmpSession *s, const char *in, const char *out)
{
    g_autofree char *text = NULL;

    say(s, in);
    step(f);
    text = take_output(s);
    g_assert_cmpstr(text, ==, out);
}

static QmpSession *start(bool pretty)
{
    QmpSession *s = qmp_session_new(pretty);

    say(s, "{'execute': 'qmp_capabilities'}");
    g_free(take_output(s));
    return s;
}

static void set_up(Fixture *f, gconstpointer data)
{
    f->ctx = aio_context_new(&error_abort);
    qmp_observer_start(f->ctx);
    f->s = start(false);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    user_creatable_cleanup();
    qmp_session_free(f->s);
    qmp_observer_stop();
    step(f);
    aio_context_unref(f->ctx);
}

#define ADD(id) "{'execute': 'object-add', 'arguments': " \
                "{'qom-type': 'demo', 'id': '" id "'}}"
#define DEL(id) "{'execute': 'object-del', 'arguments': {'id': '" id "'}}"
#define SET(id, property, value)                                      \
    "{'execute': 'qom-set', 'arguments': {'path': '" id "', "         \
    "'property': '" property "', 'value': " value "}}"
#define WATCH(path, property)                                         \
    "{'execute': 'qom-watch', 'arguments': {'path': '" path "', "     \
    "'property': '" property "'}}"
#define WATCH_ALL(path) \
    "{'execute': 'qom-watch', 'arguments': {'path': '" path "'}}"
#define UNWATCH(path, property)                                       \
    "{'execute': 'qom-unwatch', 'arguments': {'path': '" path "', "   \
    "'property': '" property "'}}"

static void test_format(Fixture *f, gconstpointer data)
{
    send_tick("{'n': 1}");
    expect(f, f->s, "", EVENT("TICK", "\"n\": 1"));
}

static void test_timestamp(Fixture *f, gconstpointer data)
{
    int64_t before = g_get_real_time();
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) node = NULL;
    JsonObject *timestamp;
    int64_t seconds;
    int64_t time;

    send_tick("{}");
    text = take_session_output(f->s);
    node = json_parse(text, -1, &error_abort);
    timestamp = json_object_get_object_member(json_node_get_object(node),
                                              "timestamp");
    seconds = json_object_get_int_member(timestamp, "seconds");
    time = seconds * G_USEC_PER_SEC +
           json_object_get_int_member(timestamp, "microseconds");
    g_assert_cmpint(time, >=, before);
    g_assert_cmpint(time, <=, g_get_real_time());
}

static void test_all_negotiated(Fixture *f, gconstpointer data)
{
    g_autoptr(QmpSession) other = start(true);
    g_autoptr(QmpSession) deaf = qmp_session_new(false);
    g_autofree char *text = NULL;

    g_free(take_output(deaf));
    send_tick("{}");
    expect(f, f->s, "", EVENT("TICK", ""));
    expect(f, deaf, "", "");
    text = take_session_output(other);
    g_assert_true(g_str_has_prefix(text, "{\n    \"event\": \"TICK\",\n"));
}

static void *send_from_thread(void *opaque)
{
    for (int i = 0; i < 100; i++) {
        send_tick("{}");
    }
    return NULL;
}

static void test_any_thread(Fixture *f, gconstpointer data)
{
    GThread *thread = g_thread_new("sender", send_from_thread, NULL);
    unsigned n = 0;
    g_autofree char *text = NULL;

    send_from_thread(NULL);
    g_thread_join(thread);
    text = take_output(f->s);
    for (const char *p = text; (p = strstr(p, "TICK")); p++) {
        n++;
    }
    g_assert_cmpuint(n, ==, 200);
}

static void test_rate(Fixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;

    qmp_event_set_rate("TICK", 20 * SCALE_MS, "id");
    send_tick("{'id': 1, 'n': 1}");
    send_tick("{'id': 1, 'n': 2}");
    send_tick("{'id': 2, 'n': 3}");
    send_tick("{'id': 1, 'n': 4}");
    /* Not expect(), as a period may end while that runs the loop. */
    text = take_output(f->s);
    g_assert_cmpstr(text, ==, EVENT("TICK", "\"id\": 1, \"n\": 1")
                    EVENT("TICK", "\"id\": 2, \"n\": 3"));
    while (!qmp_session_has_events(f->s)) {
        aio_poll(f->ctx, true);
    }
    expect(f, f->s, "", EVENT("TICK", "\"id\": 1, \"n\": 4"));
    qmp_event_set_rate("TICK", 0, NULL);
}

static void test_object(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") DEL("a"),
           OBJ("ADDED", "/objects/a") OK
           OBJ("DELETED", "/objects/a") OK);
}

static void test_failed_object(Fixture *f, gconstpointer data)
{
    expect(f, f->s, "{'execute': 'object-add', 'arguments': "
           "{'qom-type': 'demo', 'id': 'a', 'count': 12}}",
           GENERIC("12 cannot be completed"));
}

static void test_children(Fixture *f, gconstpointer data)
{
    Object *parent = object_new(TYPE_CONTAINER);
    Object *child =
        object_property_add_new_container(parent, "child");

    g_assert_nonnull(child);
    object_property_add_child(object_get_root(), "parent", parent);
    object_unparent(parent);
    object_unref(parent);
    expect(f, f->s, "",
           EVENT("OBJECT_ADDED",
                 "\"path\": \"/parent\", \"type\": \"container\"")
           EVENT("OBJECT_ADDED",
                 "\"path\": \"/parent/child\", \"type\": \"container\"")
           EVENT("OBJECT_DELETED",
                 "\"path\": \"/parent/child\", \"type\": \"container\"")
           EVENT("OBJECT_DELETED",
                 "\"path\": \"/parent\", \"type\": \"container\""));
}

static void test_watch(Fixture *f, gconstpointer data)
{
    g_autoptr(QmpSession) other = start(false);

    expect(f, f->s, ADD("a") WATCH("a", "count") SET("a", "count", "7"),
           OBJ("ADDED", "/objects/a") OK OK OK
           CHANGED("/objects/a", "count", "7"));
    expect(f, f->s, SET("a", "name", "'x'"), OK);
    expect(f, other, "", OBJ("ADDED", "/objects/a"));
}

static void test_watch_all(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH_ALL("a"),
           OBJ("ADDED", "/objects/a") OK OK);
    expect(f, f->s, SET("a", "name", "'x'") SET("a", "count", "1"),
           OK OK CHANGED("/objects/a", "name", "\"x\"")
           CHANGED("/objects/a", "count", "1"));
}

static void test_watch_coalesced(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH("a", "count"),
           OBJ("ADDED", "/objects/a") OK OK);
    expect(f, f->s, SET("a", "count", "1") SET("a", "count", "2")
           SET("a", "count", "3"),
           OK OK OK CHANGED("/objects/a", "count", "3"));
    expect(f, f->s, SET("a", "count", "4") SET("a", "count", "3"), OK OK);
}

static void test_watch_refused(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH("a", "count"),
           OBJ("ADDED", "/objects/a") OK OK);
    expect(f, f->s, SET("a", "count", "13"), GENERIC("13 it is not"));
}

static void test_watch_from_c(Fixture *f, gconstpointer data)
{
    Object *a;

    expect(f, f->s, ADD("a") WATCH("a", "count") WATCH("a", "name"),
           OBJ("ADDED", "/objects/a") OK OK OK);
    a = object_resolve_path("a", NULL);
    object_property_set_int(a, "count", 1, &error_abort);
    expect(f, f->s, "", CHANGED("/objects/a", "count", "1"));
    object_set_props(a, &error_abort, "count", "2", "name", "b", NULL);
    expect(f, f->s, "", CHANGED("/objects/a", "count", "2")
           CHANGED("/objects/a", "name", "\"b\""));
    ((Demo *)a)->count = 3;
    object_property_changed(a, "count");
    expect(f, f->s, "", CHANGED("/objects/a", "count", "3"));
}

static void *report_often(void *arg)
{
    for (int i = 0; i < 100; i++) {
        object_property_changed(arg, "count");
    }
    object_unref(arg);
    return NULL;
}

/* The main loop reports it, and nothing that another thread reads changes. */
static void test_watch_from_thread(Fixture *f, gconstpointer data)
{
    Object *a;

    expect(f, f->s, ADD("a") WATCH("a", "count"),
           OBJ("ADDED", "/objects/a") OK OK);
    a = object_resolve_path("a", NULL);
    ((Demo *)a)->count = 3;
    g_thread_join(g_thread_new("report", report_often, object_ref(a)));
    expect(f, f->s, "", CHANGED("/objects/a", "count", "3"));

    /* An object that is deleted before the main loop reports its change */
    ((Demo *)a)->count = 4;
    g_thread_join(g_thread_new("report", report_often, object_ref(a)));
    object_unparent(a);
    expect(f, f->s, "", OBJ("DELETED", "/objects/a"));
}

static void test_watch_alias(Fixture *f, gconstpointer data)
{
    Object *b;

    expect(f, f->s, ADD("a") ADD("b"),
           OBJ("ADDED", "/objects/a") OK OBJ("ADDED", "/objects/b") OK);
    b = object_resolve_path("b", NULL);
    object_property_add_alias(b, "other", object_resolve_path("a", NULL),
                              "count");
    expect(f, f->s, WATCH("b", "other") SET("a", "count", "1"),
           OK OK CHANGED("/objects/b", "other", "1"));
    object_property_del(b, "other");
}

static void test_watch_link(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") ADD("b") WATCH("b", "peer"),
           OBJ("ADDED", "/objects/a") OK
           OBJ("ADDED", "/objects/b") OK OK);
    expect(f, f->s, SET("b", "peer", "'a'"),
           OK CHANGED("/objects/b", "peer", "\"/objects/a\""));
    expect(f, f->s, SET("b", "peer", "''"),
           OK CHANGED("/objects/b", "peer", "\"\""));
}

static void test_watch_ends_with_object(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH("a", "count") WATCH_ALL("a") DEL("a"),
           OBJ("ADDED", "/objects/a") OK OK OK
           OBJ("DELETED", "/objects/a") OK);
    g_assert_cmpuint(qmp_watches_count(qmp_session_watches(f->s)), ==, 0);
    g_assert_cmpuint(qmp_watches_n_values(qmp_session_watches(f->s)), ==, 0);
    expect(f, f->s, ADD("a") SET("a", "count", "1"),
           OBJ("ADDED", "/objects/a") OK OK);
}

static void test_watch_ends_with_session(Fixture *f, gconstpointer data)
{
    QmpSession *other = start(false);

    expect(f, other, ADD("a") WATCH_ALL("a") SET("a", "count", "1"),
           OBJ("ADDED", "/objects/a") OK OK OK
           CHANGED("/objects/a", "count", "1"));
    qmp_session_free(other);
    expect(f, f->s, SET("a", "count", "2"),
           OBJ("ADDED", "/objects/a") OK);
}

static void test_unwatch(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH("a", "count") UNWATCH("a", "count")
           SET("a", "count", "1"), OBJ("ADDED", "/objects/a") OK OK OK OK);
}

static void test_unwatch_unwatched(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") UNWATCH("a", "count"),
           OBJ("ADDED", "/objects/a") OK
           GENERIC("Property 'count' of '/objects/a' is not watched"));
    expect(f, f->s,
           "{'execute': 'qom-unwatch', 'arguments': {'path': 'a'}}",
           GENERIC("'/objects/a' is not watched as a whole"));
}

static void test_watch_nothing(Fixture *f, gconstpointer data)
{
    expect(f, f->s, WATCH("a", "count"),
           "{\"error\": {\"class\": \"DeviceNotFound\", "
           "\"desc\": \"Device 'a' not found\"}}\r\n");
    expect(f, f->s, ADD("a") WATCH("a", "speed"),
           OBJ("ADDED", "/objects/a") OK
           GENERIC("Property 'demo.speed' not found"));
    g_assert_cmpuint(qmp_watches_count(qmp_session_watches(f->s)), ==, 0);
}

/* The limit of a session: without any room, ticks are only counted. */
static void test_own_limit(Fixture *f, gconstpointer data)
{
    QmpLimits limits = QMP_DEFAULT_LIMITS;
    QmpSession *s;

    limits.event_bytes = 0;
    s = qmp_session_new_full(&(QmpSessionOptions) { .limits = &limits });
    say(s, "{'execute': 'qmp_capabilities'}");
    g_free(take_output(s));
    send_tick("{'x': 1}");
    send_tick("{'x': 2}");
    expect(f, s, ADD("a"), OBJ("ADDED", "/objects/a")
           "{\"event\": \"EVENTS_DROPPED\", \"data\": {\"count\": 2}, "
           "\"timestamp\": T}\r\n" OK);
    qmp_session_free(s);
}

/* Fills the queue of a client that does not read. */
static void fill(Fixture *f)
{
    g_autofree char *text = g_strnfill(1024, 'x');
    g_autofree char *data = g_strdup_printf("{'x': '%s'}", text);

    while (qmp_session_events_size(f->s) < QMP_EVENT_LIMIT) {
        send_tick(data);
    }
}

static char *tail(Fixture *f)
{
    g_autofree char *text = take_output(f->s);
    char *p = strrchr(text, 'x');

    return g_strdup(p ? strchr(p, '\n') + 1 : text);
}

static void test_slow_is_notified(Fixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;

    fill(f);
    send_tick("{}");
    send_tick("{}");
    text = tail(f);
    g_assert_cmpstr(text, ==, EVENT("EVENTS_DROPPED", "\"count\": 2"));
}

static void test_slow_objects(Fixture *f, gconstpointer data)
{
    g_autoptr(QmpSession) other = start(false);
    g_autofree char *text = NULL;

    expect(f, other, ADD("a") ADD("b"), OBJ("ADDED", "/objects/a") OK
           OBJ("ADDED", "/objects/b") OK);
    fill(f);
    g_free(take_output(other));
    say(other, ADD("c") DEL("c") DEL("a") ADD("a") DEL("b") ADD("d"));
    text = tail(f);
    g_assert_cmpstr(text, ==, OBJ("DELETED", "/objects/a")
                    OBJ("ADDED", "/objects/a")
                    OBJ("DELETED", "/objects/b")
                    OBJ("ADDED", "/objects/d"));
}

static void test_slow_properties(Fixture *f, gconstpointer data)
{
    expect(f, f->s, ADD("a") WATCH("a", "count"),
           OBJ("ADDED", "/objects/a") OK OK);
    fill(f);
    for (int i = 1001; i <= 2000; i++) {
        object_property_set_int(object_resolve_path("a", NULL), "count", i,
                                &error_abort);
        step(f);
    }
    g_assert_cmpuint(qmp_watches_n_changed(qmp_session_watches(f->s)), ==, 1);
    g_free(take_output(f->s));
    expect(f, f->s, "", CHANGED("/objects/a", "count", "2000"));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*fn)(Fixture *f, gconstpointer data);
    } rows[] = {
        { "event/format", test_format },
        { "event/timestamp", test_timestamp },
        { "event/all-that-negotiated", test_all_negotiated },
        { "event/any-thread", test_any_thread },
        { "event/rate", test_rate },
        { "event/slow-client-is-notified", test_slow_is_notified },
        { "object/added-and-deleted", test_object },
        { "object/failed-leaves-no-trace", test_failed_object },
        { "object/children", test_children },
        { "object/slow-client", test_slow_objects },
        { "watch/property", test_watch },
        { "watch/object", test_watch_all },
        { "watch/coalesced", test_watch_coalesced },
        { "watch/refused-change", test_watch_refused },
        { "watch/change-from-c", test_watch_from_c },
        { "watch/change-from-thread", test_watch_from_thread },
        { "watch/alias", test_watch_alias },
        { "watch/link", test_watch_link },
        { "watch/ends-with-object", test_watch_ends_with_object },
        { "watch/ends-with-session", test_watch_ends_with_session },
        { "watch/of-nothing", test_watch_nothing },
        { "limit/own", test_own_limit },
        { "watch/slow-client", test_slow_properties },
        { "unwatch/property", test_unwatch },
        { "unwatch/not-watched", test_unwatch_unwatched },
    };

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    type_register_static(&demo_info);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qmp/events/", rows[i].path,
                                            NULL);

        g_test_add(path, Fixture, NULL, set_up, rows[i].fn, tear_down);
    }
    return test_run();
}
