/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parameters that every event loop has, and the main loop's object. */
#include "tests/unit/test-util.h"
#include "aio/aio.h"
#include "event-loop-base/event-loop-base.h"
#include "event-loop-base/main-loop.h"
#include "event-loop-base/qapi-types-event-loop-base.h"
#include "qapi/visitor/json-visitor.h"
#include "qom/object-observer.h"
#include "qom/user-creatable.h"

#include <sys/resource.h>

/* ---- A loop that notes what is asked of it ---- */

typedef struct TestLoop {
    EventLoopBase parent_obj;
    int n_inits;
    int n_updates;
    bool refuse;
    bool pinned;
} TestLoop;

DECLARE_INSTANCE_CHECKER(TestLoop, TEST_LOOP, "test-loop")

static void test_loop_init(EventLoopBase *base, Error **errp)
{
    TEST_LOOP(base)->n_inits++;
    if (base->aio_max_batch == 13) {
        error_setg(errp, "13 does not start");
    }
}

static void test_loop_update_params(EventLoopBase *base, Error **errp)
{
    TEST_LOOP(base)->n_updates++;
    if (TEST_LOOP(base)->refuse) {
        error_setg(errp, "the loop refuses");
    }
}

static bool test_loop_can_be_deleted(EventLoopBase *base)
{
    return !TEST_LOOP(base)->pinned;
}

static void test_loop_class_init(ObjectClass *klass, const void *data)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_CLASS(klass);

    bc->init = test_loop_init;
    bc->update_params = test_loop_update_params;
    bc->can_be_deleted = test_loop_can_be_deleted;
}

static const TypeInfo infos[] = {
    {
        .name = "test-loop",
        .parent = TYPE_EVENT_LOOP_BASE,
        .instance_size = sizeof(TestLoop),
        .class_init = test_loop_class_init,
    },
    {
        .name = "bare-loop",
        .parent = TYPE_EVENT_LOOP_BASE,
        .instance_size = sizeof(EventLoopBase),
    },
};

/* ---- Helpers ---- */

static Object *add_str(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

static int64_t get(Object *obj, const char *name)
{
    return object_property_get_int(obj, name, &error_abort);
}

static bool set(Object *obj, const char *name, int64_t value, Error **errp)
{
    return object_property_set_int(obj, name, value, errp);
}

#define assert_params(obj, batch, min, max)                                 \
    do {                                                                    \
        g_assert_cmpint(get((obj), "aio-max-batch"), ==, (batch));          \
        g_assert_cmpint(get((obj), "thread-pool-min"), ==, (min));          \
        g_assert_cmpint(get((obj), "thread-pool-max"), ==, (max));          \
    } while (0)

static void assert_context(AioContext *ctx, int64_t batch, int64_t min,
                           int64_t max)
{
    int64_t found_min;
    int64_t found_max;

    aio_context_get_thread_pool_params(ctx, &found_min, &found_max);
    g_assert_cmpint(aio_context_get_aio_params(ctx), ==, batch);
    g_assert_cmpint(found_min, ==, min);
    g_assert_cmpint(found_max, ==, max);
}

static void set_up(void *fixture, const void *data)
{
    AioContext *ctx = aio_get_main_context();

    if (ctx) {
        aio_context_set_aio_params(ctx, 0);
        aio_context_set_thread_pool_params(ctx, 0, 64, &error_abort);
    }
}

/* The main loop's descriptor comes back under its old number. */
static void tear_down(void *fixture, const void *data)
{
    AioContext *ctx = aio_get_main_context();

    user_creatable_cleanup();
    if (ctx) {
        aio_poll(ctx, false);
        aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_AUTO, &error_abort);
        aio_poll(ctx, false);
    }
}

/* ---- The abstract class ---- */

static void test_is_abstract(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str("event-loop-base,id=a", &err));
    assert_error(err, "object type 'event-loop-base' is abstract");
}

static void test_defaults(void *fixture, const void *data)
{
    Object *obj = add_str("test-loop,id=a");

    assert_params(obj, 0, 0, 64);
}

static void test_description(void *fixture, const void *data)
{
    static const char *const names[] = {
        "aio-max-batch", "thread-pool-min", "thread-pool-max",
    };
    ObjectClass *klass = object_class_by_name(TYPE_EVENT_LOOP_BASE);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ObjectProperty *prop = object_class_property_find(klass, names[i]);

        g_assert_cmpstr(prop->type, ==, "int");
        g_assert_nonnull(prop->description);
        g_assert_nonnull(prop->defval);
    }
}

typedef struct RangeRow {
    const char *name;
    const char *property;
    int64_t value;
    const char *message; /* NULL: accepted */
} RangeRow;

#define RANGE_BATCH "aio-max-batch value must be in range [0, " \
                    "9223372036854775807]"
#define RANGE_MIN "thread-pool-min value must be in range [0, 2147483647]"
#define RANGE_MAX "thread-pool-max value must be in range [1, 2147483647]"

static const RangeRow range_rows[] = {
    { "batch-negative", "aio-max-batch", -1, RANGE_BATCH },
    { "batch-largest", "aio-max-batch", INT64_MAX, NULL },
    { "min-negative", "thread-pool-min", -1, RANGE_MIN },
    { "min-too-large", "thread-pool-min", 2147483648, RANGE_MIN },
    { "min-largest", "thread-pool-min", INT32_MAX, NULL },
    { "max-zero", "thread-pool-max", 0, RANGE_MAX },
    { "max-too-large", "thread-pool-max", 2147483648, RANGE_MAX },
    { "max-smallest", "thread-pool-max", 1, NULL },
    { "max-largest", "thread-pool-max", INT32_MAX, NULL },
};

static void test_range(void *fixture, const void *data)
{
    const RangeRow *row = data;
    Object *obj = add_str("test-loop,id=a");
    int64_t before = get(obj, row->property);
    g_autoptr(Error) err = NULL;

    if (!row->message) {
        g_assert_true(set(obj, row->property, row->value, &error_abort));
        g_assert_cmpint(get(obj, row->property), ==, row->value);
        return;
    }
    g_assert_false(set(obj, row->property, row->value, &err));
    assert_error(err, row->message);
    g_assert_cmpint(get(obj, row->property), ==, before);
    g_assert_cmpint(TEST_LOOP(obj)->n_updates, ==, 0);
}

/* ---- Hooks ---- */

static void test_init_at_complete(void *fixture, const void *data)
{
    Object *obj = add_str("test-loop,id=a,aio-max-batch=3");

    g_assert_cmpint(TEST_LOOP(obj)->n_inits, ==, 1);
}

static void test_init_fails(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(
        "test-loop,id=a,aio-max-batch=13", &err));
    assert_error(err, "13 does not start");
    g_assert_null(object_resolve_path("/objects/a", NULL));
    g_assert_nonnull(add_str("test-loop,id=a"));
}

static void test_update_once_per_change(void *fixture, const void *data)
{
    Object *obj = add_str("test-loop,id=a");

    g_assert_true(set(obj, "aio-max-batch", 4, &error_abort));
    g_assert_cmpint(TEST_LOOP(obj)->n_updates, ==, 1);
    g_assert_true(object_set_props(obj, &error_abort, "thread-pool-min", "3",
                                   "thread-pool-max", "4", NULL));
    g_assert_cmpint(TEST_LOOP(obj)->n_updates, ==, 2);
    g_assert_true(set(obj, "aio-max-batch", 4, &error_abort));
    g_assert_cmpint(TEST_LOOP(obj)->n_updates, ==, 2);
}

static void test_update_refused(void *fixture, const void *data)
{
    Object *obj = add_str("test-loop,id=a");
    g_autoptr(Error) err = NULL;

    TEST_LOOP(obj)->refuse = true;
    g_assert_false(object_set_props(obj, &err, "aio-max-batch", "3",
                                    "thread-pool-max", "4", NULL));
    assert_error(err, "the loop refuses");
    assert_params(obj, 0, 0, 64);
}

static void test_can_be_deleted(void *fixture, const void *data)
{
    Object *obj = add_str("test-loop,id=a");
    g_autoptr(Error) err = NULL;

    TEST_LOOP(obj)->pinned = true;
    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "object 'a' is in use, can not be deleted");
    TEST_LOOP(obj)->pinned = false;
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_hooks_are_optional(void *fixture, const void *data)
{
    Object *obj = add_str("bare-loop,id=a,aio-max-batch=3");

    g_assert_true(set(obj, "aio-max-batch", 4, &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

/* ---- Applying to a context ---- */

static void test_apply(void *fixture, const void *data)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);
    Object *obj = add_str("bare-loop,id=a,aio-max-batch=3,thread-pool-min=4,"
                          "thread-pool-max=5");

    g_assert_true(event_loop_base_apply(EVENT_LOOP_BASE(obj), ctx,
                                        &error_abort));
    assert_context(ctx, 3, 4, 5);
}

static void test_apply_refused(void *fixture, const void *data)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);
    Object *obj = add_str("bare-loop,id=a,aio-max-batch=3,thread-pool-min=9,"
                          "thread-pool-max=5");
    g_autoptr(Error) err = NULL;

    g_assert_false(event_loop_base_apply(EVENT_LOOP_BASE(obj), ctx, &err));
    g_assert_nonnull(err);
    assert_context(ctx, 0, 0, 64);
}

/* ---- The main loop's object ---- */

#define POOL_ERROR "bad thread-pool-min/thread-pool-max values"

static void test_main_loop_applies(void *fixture, const void *data)
{
    add_str("main-loop,id=m,aio-max-batch=3,thread-pool-min=65,"
            "thread-pool-max=100");
    assert_context(aio_get_main_context(), 3, 65, 100);
}

static void test_main_loop_live_change(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");

    g_assert_true(set(obj, "thread-pool-max", 5, &error_abort));
    g_assert_true(set(obj, "thread-pool-min", 4, &error_abort));
    g_assert_true(set(obj, "aio-max-batch", 3, &error_abort));
    assert_context(aio_get_main_context(), 3, 4, 5);
}

static void test_main_loop_refused_change(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");
    g_autoptr(Error) err = NULL;

    g_assert_false(set(obj, "thread-pool-min", 65, &err));
    assert_error(err, POOL_ERROR);
    assert_params(obj, 0, 0, 64);
    assert_context(aio_get_main_context(), 0, 0, 64);
}

static void test_main_loop_is_single(void *fixture, const void *data)
{
    Object *first = add_str("main-loop,id=m,aio-max-batch=3");
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(
        "main-loop,id=n,aio-max-batch=4,thread-pool-max=9", &err));
    assert_error(err, "only one main-loop instance allowed");
    g_assert_null(object_resolve_path("/objects/n", NULL));
    assert_params(first, 3, 0, 64);
    assert_context(aio_get_main_context(), 3, 0, 64);
    g_assert_true(set(first, "aio-max-batch", 5, &error_abort));
    assert_context(aio_get_main_context(), 5, 0, 64);
}

/* A property of one that is not yet complete does not reach the loop. */
static void test_main_loop_incomplete_is_inert(void *fixture,
                                               const void *data)
{
    g_autoptr(Object) obj = object_new(TYPE_MAIN_LOOP);

    g_assert_true(set(obj, "aio-max-batch", 9, &error_abort));
    assert_context(aio_get_main_context(), 0, 0, 64);
}

static void test_main_loop_cannot_be_deleted(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");
    g_autoptr(Error) err = NULL;

    g_assert_false(user_creatable_del("m", &err));
    assert_error(err, "object 'm' is in use, can not be deleted");
    g_assert_true(object_resolve_path("/objects/m", NULL) == obj);
}

static void test_main_loop_has_no_poll_parameters(void *fixture,
                                                  const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str("main-loop,id=m,poll-max-ns=1",
                                              &err));
    assert_error(err, "Parameter 'poll-max-ns' is unexpected");
}

static void test_main_loop_failure_is_forgotten(void *fixture,
                                                const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(
        "main-loop,id=m,thread-pool-min=65", &err));
    assert_error(err, POOL_ERROR);
    assert_context(aio_get_main_context(), 0, 0, 64);
    g_assert_nonnull(add_str("main-loop,id=m"));
}

static void test_main_loop_again_after_cleanup(void *fixture,
                                               const void *data)
{
    add_str("main-loop,id=m");
    user_creatable_cleanup();
    g_assert_nonnull(add_str("main-loop,id=m"));
}

/* In a process whose main context is not there; see main(). */
static void test_main_loop_needs_context(void)
{
    g_autoptr(Error) err = NULL;

    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    g_assert_null(user_creatable_add_from_str("main-loop,id=m", &err));
    assert_error(err, "main-loop needs the main loop to be set up first");
    g_assert_null(object_resolve_path("/objects/m", NULL));
}

/* ---- Statistics ---- */

static EventLoopStats *get_stats(Object *obj)
{
    g_autoptr(JsonNode) node = object_property_get_json(obj, "stats",
                                                        &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    EventLoopStats *stats = NULL;

    qapi_type_visit(v, NULL, &qapi_type_EventLoopStats, &stats, &error_abort);
    return stats;
}

static void count_call(void *opaque)
{
    ++*(int *)opaque;
}

static void test_stats(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");
    g_autoptr(EventLoopStats) before = get_stats(obj);
    g_autoptr(EventLoopStats) after = NULL;
    int n = 0;

    for (int i = 0; i < 3; i++) {
        aio_bh_schedule_oneshot(aio_get_main_context(), count_call, &n);
        aio_poll(aio_get_main_context(), false);
    }
    after = get_stats(obj);
    g_assert_cmpint(n, ==, 3);
    g_assert_cmpuint(after->iterations - before->iterations, ==, 3);
    g_assert_cmpuint(after->callbacks->bottom_half -
                     before->callbacks->bottom_half, ==, 3);
}

static void test_stats_without_loop(void *fixture, const void *data)
{
    g_autoptr(EventLoopStats) stats = get_stats(add_str("bare-loop,id=a"));

    g_assert_cmpuint(stats->iterations, ==, 0);
    g_assert_null(stats->longest_callback);
}

static void test_stats_are_not_set(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_parse(obj, "stats", "iterations=1", &err));
    assert_error(err, "Property 'main-loop.stats' is not writable");
}

/* ---- The monitor ---- */

static void assert_monitor(Object *obj, const char *wanted,
                           const char *in_use)
{
    g_autofree char *found = object_property_print(obj, "fd-monitor", false,
                                                   &error_abort);
    g_autofree char *found_in_use = object_property_print(
        obj, "fd-monitor-in-use", false, &error_abort);

    g_assert_cmpstr(found, ==, wanted);
    g_assert_cmpstr(found_in_use, ==, in_use);
}

static void test_monitor_default(void *fixture, const void *data)
{
    assert_monitor(add_str("main-loop,id=m"), "auto", "epoll");
}

static void test_monitor_without_loop(void *fixture, const void *data)
{
    assert_monitor(add_str("bare-loop,id=a,fd-monitor=poll"), "poll", "auto");
}

static void test_monitor_at_creation(void *fixture, const void *data)
{
    assert_monitor(add_str("main-loop,id=m,fd-monitor=poll"), "poll", "poll");
}

static void test_monitor_live_change(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");

    object_property_set_str(obj, "fd-monitor", "poll", &error_abort);
    assert_monitor(obj, "poll", "poll");
    aio_poll(aio_get_main_context(), false);
    assert_monitor(obj, "poll", "poll");
    object_property_set_str(obj, "fd-monitor", "auto", &error_abort);
    assert_monitor(obj, "auto", "epoll");
}

static void test_monitor_in_use_is_not_set(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_str(obj, "fd-monitor-in-use", "poll",
                                           &err));
    assert_error(err, "Property 'main-loop.fd-monitor-in-use' is not "
                      "writable");
}

/* What was changed with it is as before, too. */
static void test_monitor_refused(void *fixture, const void *data)
{
    Object *obj = add_str("main-loop,id=m,fd-monitor=poll");
    g_autoptr(Error) err = NULL;
    struct rlimit limit;
    struct rlimit none;
    bool ok;

    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    ok = object_set_props(obj, &err, "fd-monitor", "epoll",
                          "thread-pool-max", "4", "aio-max-batch", "3", NULL);
    setrlimit(RLIMIT_NOFILE, &limit);
    g_assert_false(ok);
    assert_error(err, "Cannot create an epoll descriptor: "
                      "Too many open files");
    assert_monitor(obj, "poll", "poll");
    assert_params(obj, 0, 0, 64);
    assert_context(aio_get_main_context(), 0, 0, 64);
}

/* ---- Set-up ---- */

static void add(const char *path, const void *data,
                void (*test)(void *fixture, const void *data))
{
    g_autofree char *full = g_strconcat("/event-loop-base/", path, NULL);

    test_add_vtable(full, 0, data, set_up, test, tear_down);
}

static void add_base_tests(void)
{
    add("class/is-abstract", NULL, test_is_abstract);
    add("class/defaults", NULL, test_defaults);
    add("class/description", NULL, test_description);
    for (size_t i = 0; i < G_N_ELEMENTS(range_rows); i++) {
        g_autofree char *path = g_strconcat("range/", range_rows[i].name,
                                            NULL);

        add(path, &range_rows[i], test_range);
    }
    add("hooks/init-at-complete", NULL, test_init_at_complete);
    add("hooks/init-fails", NULL, test_init_fails);
    add("hooks/update-once-per-change", NULL, test_update_once_per_change);
    add("hooks/update-refused", NULL, test_update_refused);
    add("hooks/can-be-deleted", NULL, test_can_be_deleted);
    add("hooks/are-optional", NULL, test_hooks_are_optional);
    add("apply/to-context", NULL, test_apply);
    add("stats", NULL, test_stats);
    add("stats/without-loop", NULL, test_stats_without_loop);
    add("stats/not-set", NULL, test_stats_are_not_set);
    add("monitor/default", NULL, test_monitor_default);
    add("monitor/without-loop", NULL, test_monitor_without_loop);
    add("monitor/at-creation", NULL, test_monitor_at_creation);
    add("monitor/live-change", NULL, test_monitor_live_change);
    add("monitor/in-use-is-not-set", NULL, test_monitor_in_use_is_not_set);
    add("monitor/refused", NULL, test_monitor_refused);
    add("apply/refused", NULL, test_apply_refused);
}

static void add_main_loop_tests(void)
{
    add("main-loop/applies", NULL, test_main_loop_applies);
    add("main-loop/live-change", NULL, test_main_loop_live_change);
    add("main-loop/refused-change", NULL, test_main_loop_refused_change);
    add("main-loop/is-single", NULL, test_main_loop_is_single);
    add("main-loop/incomplete-is-inert", NULL,
        test_main_loop_incomplete_is_inert);
    add("main-loop/cannot-be-deleted", NULL,
        test_main_loop_cannot_be_deleted);
    add("main-loop/has-no-poll-parameters", NULL,
        test_main_loop_has_no_poll_parameters);
    add("main-loop/failure-is-forgotten", NULL,
        test_main_loop_failure_is_forgotten);
    add("main-loop/again-after-cleanup", NULL,
        test_main_loop_again_after_cleanup);
    g_test_add_func("/event-loop-base/main-loop/needs-context",
                    test_main_loop_needs_context);
}

/* ---- stats-interval ---- */

static void note_change(Object *obj, const char *property, void *opaque)
{
    g_assert_cmpstr(property, ==, "stats");
    ++*(int *)opaque;
}

static void ignore_object(Object *obj, void *opaque)
{
}

static void test_interval(void)
{
    static const ObjectObserver observer = {
        .added = ignore_object, .deleted = ignore_object,
        .changed = note_change,
    };
    Object *loop = user_creatable_add_from_str("test-loop,id=a",
                                               &error_abort);
    int n = 0;

    object_set_observer(&observer, &n);
    object_property_set_uint(loop, "stats-interval", 1, &error_abort);
    object_set_watched(loop, true);
    test_waits_for("three reports of stats");
    while (n < 3) {
        aio_poll(aio_get_main_context(), true);
    }
    object_set_watched(loop, false);
    object_property_set_uint(loop, "stats-interval", 0, &error_abort);
    g_assert_null(EVENT_LOOP_BASE(loop)->stats_timer);
    object_property_set_uint(loop, "stats-interval", 1, &error_abort);
    user_creatable_del("a", &error_abort); /* with the timer armed */
    object_set_observer(NULL, NULL);
}

static void test_histograms(void)
{
    Object *loop = user_creatable_add_from_str("main-loop,id=a",
                                               &error_abort);
    g_autoptr(JsonNode) stats = NULL;
    g_autoptr(JsonNode) histograms = NULL;
    JsonArray *lag;
    JsonObject *last;
    JsonObject *times;

    aio_bh_schedule_oneshot(aio_get_main_context(), count_call, &(int){ 0 });
    while (aio_poll(aio_get_main_context(), false)) {
        continue;
    }
    stats = object_property_get_json(loop, "stats", &error_abort);
    histograms = object_property_get_json(loop, "histograms", &error_abort);
    lag = json_object_get_array_member(json_node_get_object(histograms),
                                       "lag");
    last = json_array_get_object_element(lag,
                                         json_array_get_length(lag) - 1);
    times = json_object_get_object_member(json_node_get_object(stats), "lag");
    g_assert_cmpint(json_object_get_int_member(times, "count"), >, 0);
    g_assert_cmpint(json_object_get_int_member(times, "count"), ==,
                    json_object_get_int_member(last, "count"));
    g_assert_cmpint(json_object_get_int_member(times, "p50-ns"), <=,
                    json_object_get_int_member(times, "p99-ns"));
    g_assert_cmpint(json_object_get_int_member(times, "p99-ns"), <=,
                    json_object_get_int_member(times, "max-ns"));
    user_creatable_cleanup();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));
    if (!g_test_subprocess()) {
        aio_main_context_init(&error_abort);
    }
    add_base_tests();
    add_main_loop_tests();
    g_test_add_func("/event-loop-base/stats/interval", test_interval);
    g_test_add_func("/event-loop-base/stats/histograms", test_histograms);
    return test_run();
}
