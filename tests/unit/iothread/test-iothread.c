/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event loop in a thread of its own, as an object and from C. */
#include "tests/unit/test-util.h"
#include "aio/aio.h"
#include "iothread/qapi-commands-iothread.h"
#include "iothread/iothread.h"
#include "qapi/json/json.h"
#include "qom/user-creatable.h"
#include "util/thread.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Helpers ---- */

static IOThread *add_str(const char *text)
{
    return IOTHREAD(user_creatable_add_from_str(text, &error_abort));
}

static int64_t get(IOThread *iothread, const char *name)
{
    return object_property_get_int(OBJECT(iothread), name, &error_abort);
}

static bool set(IOThread *iothread, const char *name, int64_t value,
                Error **errp)
{
    return object_property_set_int(OBJECT(iothread), name, value, errp);
}

static void tear_down(void *fixture, const void *data)
{
    user_creatable_cleanup();
}

/* A function to run in the thread, and a way to wait for its end. */
typedef struct Call {
    GMutex lock;
    GCond cond;
    bool done;
    int thread_id;
    bool in_iothread;
    AioContext *context;
    GMainContext *thread_default;
} Call;

static void call_init(Call *call)
{
    memset(call, 0, sizeof(*call));
    g_mutex_init(&call->lock);
    g_cond_init(&call->cond);
}

static void call_finish(Call *call)
{
    g_mutex_lock(&call->lock);
    call->done = true;
    g_cond_signal(&call->cond);
    g_mutex_unlock(&call->lock);
}

static void call_wait(Call *call)
{
    g_mutex_lock(&call->lock);
    while (!call->done) {
        g_cond_wait(&call->cond, &call->lock);
    }
    g_mutex_unlock(&call->lock);
    g_mutex_clear(&call->lock);
    g_cond_clear(&call->cond);
}

static void call_bh(void *opaque)
{
    Call *call = opaque;

    call->thread_id = thread_get_id();
    call->in_iothread = in_iothread();
    call->context = aio_get_current_context();
    call->thread_default = g_main_context_get_thread_default();
    call_finish(call);
}

/* Runs a bottom half in the thread, and comes back after it. */
static void call_in(IOThread *iothread, Call *call)
{
    call_init(call);
    aio_bh_schedule_oneshot(iothread_get_aio_context(iothread), call_bh,
                            call);
    call_wait(call);
}

static char *thread_name(IOThread *iothread)
{
    g_autofree char *path = g_strdup_printf(
        "/proc/self/task/%d/comm", iothread_get_thread_id(iothread));
    char *name = NULL;

    g_assert_true(g_file_get_contents(path, &name, NULL, NULL));
    return g_strchomp(name);
}

static int count_threads(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    int n = 0;

    while (g_dir_read_name(dir)) {
        n++;
    }
    return n;
}

/* ---- Properties ---- */

static const struct {
    const char *name;
    int64_t value;
} default_rows[] = {
    { "poll-max-ns", 32768 }, { "poll-grow", 2 },
    { "poll-shrink", 2 },     { "poll-weight", 3 },
    { "aio-max-batch", 0 },
    { "thread-pool-min", 0 }, { "thread-pool-max", 64 },
};

static void test_defaults(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    for (size_t i = 0; i < G_N_ELEMENTS(default_rows); i++) {
        const char *name = default_rows[i].name;

        g_assert_cmpint(get(iothread, name), ==, default_rows[i].value);
        g_assert_cmpstr(object_property_get_type(OBJECT(iothread), name,
                                                 &error_abort), ==, "int");
    }
}

typedef struct ValueRow {
    const char *name;
    const char *text; /* of the option */
    const char *message;
} ValueRow;

#define RANGE_63(property) property " value must be in range [0, " \
                           "9223372036854775807]"
#define POOL_ERROR "bad thread-pool-min/thread-pool-max values"

static const ValueRow refused_rows[] = {
    { "poll-max-ns-negative", "poll-max-ns=-1", RANGE_63("poll-max-ns") },
    { "poll-max-ns-huge", "poll-max-ns=99999999999999999999",
      RANGE_63("poll-max-ns") },
    { "poll-max-ns-text", "poll-max-ns=abc",
      "Parameter 'poll-max-ns' expects integer" },
    { "poll-grow-negative", "poll-grow=-1", RANGE_63("poll-grow") },
    { "poll-shrink-negative", "poll-shrink=-1", RANGE_63("poll-shrink") },
    { "poll-weight-negative", "poll-weight=-1",
      "poll-weight value must be in range [0, 63]" },
    { "poll-weight-too-much", "poll-weight=64",
      "poll-weight value must be in range [0, 63]" },
    { "aio-max-batch-negative", "aio-max-batch=-1",
      RANGE_63("aio-max-batch") },
    { "thread-pool-min-negative", "thread-pool-min=-1",
      "thread-pool-min value must be in range [0, 2147483647]" },
    { "thread-pool-max-zero", "thread-pool-max=0",
      "thread-pool-max value must be in range [1, 2147483647]" },
    { "thread-pool-min-above-max", "thread-pool-min=65", POOL_ERROR },
    { "unknown", "bogus=1", "Parameter 'bogus' is unexpected" },
};

/* No object, no thread, no descriptor; and the id is free. */
static void test_refused_at_creation(void *fixture, const void *data)
{
    const ValueRow *row = data;
    g_autofree char *text = g_strconcat("iothread,id=a,", row->text, NULL);
    int n_threads = count_threads();
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(text, &err));
    assert_error(err, row->message);
    g_assert_null(object_resolve_path("/objects/a", NULL));
    g_assert_cmpint(count_threads(), ==, n_threads);
    g_assert_nonnull(add_str("iothread,id=a"));
}

static void test_largest_values(void *fixture, const void *data)
{
    IOThread *iothread = add_str(
        "iothread,id=a,poll-max-ns=9223372036854775807,"
        "poll-grow=9223372036854775807,poll-shrink=9223372036854775807,"
        "aio-max-batch=9223372036854775807,thread-pool-min=2147483647,"
        "thread-pool-max=2147483647");

    g_assert_true(get(iothread, "poll-grow") == INT64_MAX);
    g_assert_cmpint(get(iothread, "thread-pool-min"), ==, INT32_MAX);
}

static void test_pool_order(void *fixture, const void *data)
{
    IOThread *iothread = add_str(data);

    g_assert_cmpint(get(iothread, "thread-pool-min"), ==, 65);
    g_assert_cmpint(get(iothread, "thread-pool-max"), ==, 100);
}

static void assert_context(IOThread *iothread, int64_t poll_max_ns,
                           int64_t pool_min, int64_t pool_max,
                           int64_t max_batch)
{
    AioContext *ctx = iothread_get_aio_context(iothread);
    int64_t max_ns;
    int64_t min;
    int64_t max;

    aio_context_get_poll_params(ctx, &max_ns, NULL, NULL);
    aio_context_get_thread_pool_params(ctx, &min, &max);
    g_assert_cmpint(max_ns, ==, poll_max_ns);
    g_assert_cmpint(min, ==, pool_min);
    g_assert_cmpint(max, ==, pool_max);
    g_assert_cmpint(aio_context_get_aio_params(ctx), ==, max_batch);
}

static void test_values_reach_context(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a,poll-max-ns=5,"
                                 "thread-pool-min=1,thread-pool-max=2,"
                                 "aio-max-batch=3");

    assert_context(iothread, 5, 1, 2, 3);
}

static void test_live_change(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    g_assert_true(set(iothread, "poll-max-ns", 0, &error_abort));
    g_assert_true(set(iothread, "thread-pool-max", 100, &error_abort));
    g_assert_true(set(iothread, "thread-pool-min", 65, &error_abort));
    g_assert_true(set(iothread, "aio-max-batch", 7, &error_abort));
    g_assert_true(set(iothread, "poll-weight", 9, &error_abort));
    assert_context(iothread, 0, 65, 100, 7);
    g_assert_cmpint(aio_context_get_poll_weight(
                        iothread_get_aio_context(iothread)), ==, 9);
}

/* Before the thread starts, and while it runs. */
static void test_0_reads_back_as_default(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a,poll-grow=0,poll-shrink=0,"
                                 "poll-weight=0,poll-max-ns=0");

    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(get(iothread, "poll-max-ns"), ==, 0);
        g_assert_cmpint(get(iothread, "poll-grow"), ==, 2);
        g_assert_cmpint(get(iothread, "poll-shrink"), ==, 2);
        g_assert_cmpint(get(iothread, "poll-weight"), ==, 3);
        g_assert_true(set(iothread, "poll-grow", 9, &error_abort));
        g_assert_cmpint(get(iothread, "poll-grow"), ==, 9);
        g_assert_true(object_set_props(OBJECT(iothread), &error_abort,
                                       "poll-grow", "0", "poll-shrink", "0",
                                       "poll-weight", "0", NULL));
    }
}

static void test_live_change_refused(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;

    g_assert_false(set(iothread, "thread-pool-min", 65, &err));
    assert_error(err, POOL_ERROR);
    g_assert_cmpint(get(iothread, "thread-pool-min"), ==, 0);
    assert_context(iothread, 32768, 0, 64, 0);
    g_assert_true(set(iothread, "poll-max-ns", 1, &error_abort));
}

static void test_live_change_of_several(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;

    g_assert_true(object_set_props(OBJECT(iothread), &error_abort,
                                   "thread-pool-min", "65",
                                   "thread-pool-max", "100", NULL));
    assert_context(iothread, 32768, 65, 100, 0);
    g_assert_false(object_set_props(OBJECT(iothread), &err, "poll-max-ns",
                                    "1", "thread-pool-max", "3", NULL));
    assert_error(err, POOL_ERROR);
    assert_context(iothread, 32768, 65, 100, 0);
    g_assert_cmpint(get(iothread, "poll-max-ns"), ==, 32768);
}

/* ---- The thread ---- */

static void test_thread_runs(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    Call call;

    call_in(iothread, &call);
    g_assert_cmpint(call.thread_id, ==, iothread_get_thread_id(iothread));
    g_assert_cmpint(call.thread_id, !=, thread_get_id());
    g_assert_true(call.in_iothread);
    g_assert_true(call.context == iothread_get_aio_context(iothread));
    g_assert_false(in_iothread());
}

static void test_thread_name(void *fixture, const void *data)
{
    g_autofree char *short_name = thread_name(add_str("iothread,id=io0"));
    g_autofree char *exact = thread_name(add_str("iothread,id=abcdefghijkl"));
    g_autofree char *cut = thread_name(add_str("iothread,"
                                               "id=a-long-name-of-it"));

    g_assert_cmpstr(short_name, ==, "IO io0");
    g_assert_cmpstr(exact, ==, "IO abcdefghijkl");
    g_assert_cmpstr(cut, ==, "IO a-long-name-");
}

static void test_delete_ends_thread(void *fixture, const void *data)
{
    int n_threads = count_threads();

    add_str("iothread,id=a");
    g_assert_cmpint(count_threads(), ==, n_threads + 1);
    g_assert_true(user_creatable_del("a", &error_abort));
    g_assert_cmpint(count_threads(), ==, n_threads);
}

static void test_bottom_halves_run_before_stop(void *fixture,
                                               const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    Call call;

    call_init(&call);
    aio_bh_schedule_oneshot(iothread_get_aio_context(iothread), call_bh,
                            &call);
    iothread_stop(iothread);
    g_assert_true(call.done);
    call_wait(&call);
}

static void test_stop_twice(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    iothread_stop(iothread);
    iothread_stop(iothread);
    g_assert_true(user_creatable_del("a", &error_abort));
}

static void test_properties_after_stop(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    iothread_stop(iothread);
    g_assert_true(set(iothread, "poll-max-ns", 3, &error_abort));
    g_assert_cmpint(get(iothread, "poll-max-ns"), ==, 3);
}

typedef struct Busy {
    AioBH *bh;
    int n_runs;
} Busy;

static void busy_bh(void *opaque)
{
    Busy *busy = opaque;

    busy->n_runs++;
    aio_bh_schedule(busy->bh);
}

/* A loop that always has something to do ends all the same. */
static void test_stop_busy_loop(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    Busy busy = { NULL, 0 };
    Call call;

    busy.bh = aio_bh_new(iothread_get_aio_context(iothread), busy_bh, &busy);
    aio_bh_schedule(busy.bh);
    call_in(iothread, &call);
    iothread_stop(iothread);
    g_assert_cmpint(busy.n_runs, >, 0);
    aio_bh_delete(busy.bh);
}

static void test_start_and_stop_at_once(void *fixture, const void *data)
{
    for (int i = 0; i < 500; i++) {
        add_str("iothread,id=a,poll-max-ns=0");
        g_assert_true(user_creatable_del("a", &error_abort));
    }
}

static void test_never_completed(void *fixture, const void *data)
{
    g_autoptr(Object) obj = object_new(TYPE_IOTHREAD);

    g_assert_null(iothread_get_aio_context(IOTHREAD(obj)));
    iothread_stop(IOTHREAD(obj));
}

/* ---- When the thread cannot be made ---- */

/* In a process of its own, which may have no more threads. */
static void test_no_thread(void)
{
    static const struct rlimit limit = { 1, 1 };
    g_autoptr(Error) err = NULL;

    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    if (!geteuid() && (setgid(65534) || setuid(65534))) {
        return; /* root has no such limit */
    }
    g_assert_cmpint(setrlimit(RLIMIT_NPROC, &limit), ==, 0);
    g_assert_null(user_creatable_add_from_str("iothread,id=a", &err));
    assert_error(err, "could not create thread 'IO a': Resource temporarily "
                      "unavailable");
    g_assert_null(object_resolve_path("/objects/a", NULL));
    _exit(0); /* at a normal end, leak checkers want a thread */
}

/* In a process of its own, which may have no more descriptors. */
static void test_no_descriptor(void)
{
    struct rlimit old;
    struct rlimit none;
    g_autoptr(Error) err = NULL;

    if (!g_test_subprocess()) {
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_passed();
        return;
    }
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    g_assert_null(user_creatable_add_from_str("iothread,id=a", &err));
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
    assert_error(err, "Cannot create an event notifier: Too many open files");
    g_assert_null(object_resolve_path("/objects/a", NULL));
}

/* As many as there is room for; those that are there go on working. */
static void test_until_no_descriptor(void *fixture, const void *data)
{
    struct rlimit old;
    struct rlimit few;
    g_autoptr(Error) err = NULL;
    int n = 0;
    Call call;

    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
    few = old;
    few.rlim_cur = 64;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    for (; !err && n < 100; n++) {
        g_autofree char *text = g_strdup_printf("iothread,id=a%d", n);

        user_creatable_add_from_str(text, &err);
    }
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
    g_assert_cmpint(n, >, 10);
    /* of which kind it is depends on how many there were */
    g_assert_true(g_str_has_suffix(error_get_pretty(err),
                                   ": Too many open files"));
    call_in(iothread_by_id("a0"), &call);
    g_assert_nonnull(add_str("iothread,id=b"));
}

/* ---- The GMainContext ---- */

static gboolean note_in_source(void *opaque)
{
    call_bh(opaque);
    return G_SOURCE_REMOVE;
}

static void call_in_gcontext(GMainContext *gcontext, Call *call)
{
    g_autoptr(GSource) source = g_idle_source_new();

    call_init(call);
    g_source_set_callback(source, note_in_source, call, NULL);
    g_source_attach(source, gcontext);
    call_wait(call);
}

static void test_gcontext_runs_in_thread(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    GMainContext *gcontext = iothread_get_g_main_context(iothread);
    Call call;

    call_in_gcontext(gcontext, &call);
    g_assert_cmpint(call.thread_id, ==, iothread_get_thread_id(iothread));
    g_assert_true(call.thread_default == gcontext);
    g_assert_true(iothread_get_g_main_context(iothread) == gcontext);
}

static void test_gcontext_serves_bottom_halves(void *fixture,
                                               const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    GMainContext *gcontext = iothread_get_g_main_context(iothread);
    Call call;

    for (int i = 0; i < 3; i++) {
        call_in(iothread, &call);
        g_assert_true(call.thread_default == gcontext);
        call_in_gcontext(gcontext, &call);
    }
}

static void test_no_gcontext_unasked(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    Call call;

    call_in(iothread, &call);
    g_assert_null(call.thread_default);
}

static void test_gcontext_and_stop(void *fixture, const void *data)
{
    for (int i = 0; i < 200; i++) {
        IOThread *iothread = add_str("iothread,id=a");
        Call call;

        if (i % 3) {
            call_in(iothread, &call);
        }
        iothread_get_g_main_context(iothread);
        if (i % 2) {
            call_in(iothread, &call);
        }
        g_assert_true(user_creatable_del("a", &error_abort));
    }
}

static void test_gcontext_after_stop(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    iothread_stop(iothread);
    g_assert_nonnull(iothread_get_g_main_context(iothread));
}

/* ---- From C ---- */

static void test_create_and_destroy(void)
{
    IOThread *iothread = iothread_create("private", &error_abort);
    g_autofree char *id = iothread_get_id(iothread);
    g_autofree char *name = thread_name(iothread);
    Call call;

    g_assert_cmpstr(id, ==, "private");
    g_assert_cmpstr(name, ==, "IO private");
    g_assert_null(object_get_canonical_path(OBJECT(iothread)));
    g_assert_null(iothread_by_id("private"));
    call_in(iothread, &call);
    iothread_destroy(iothread);
}

static void test_create_duplicate(void)
{
    IOThread *iothread = iothread_create("private", &error_abort);
    g_autoptr(Error) err = NULL;

    g_assert_null(iothread_create("private", &err));
    assert_error(err, "attempt to add duplicate property 'private' to "
                      "object (type 'container')");
    iothread_destroy(iothread);
}

static void test_by_id(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *id = iothread_get_id(iothread);

    g_assert_cmpstr(id, ==, "a");
    g_assert_true(iothread_by_id("a") == iothread);
    g_assert_true(iothread_by_id("objects/a") == iothread);
    g_assert_true(iothread_by_id("/objects/a") == iothread);
    g_assert_null(iothread_by_id("b"));
}

static void test_by_id_of_another_type(void *fixture, const void *data)
{
    object_property_add_new_container(object_get_objects_root(), "box");
    g_assert_null(iothread_by_id("box"));
}

static void test_by_id_ambiguous(void *fixture, const void *data)
{
    Object *box = object_property_add_new_container(
        object_get_objects_root(), "box");
    IOThread *iothread = add_str("iothread,id=a");

    object_new_with_props(TYPE_IOTHREAD, box, "a", &error_abort, NULL);
    g_assert_null(iothread_by_id("a"));
    g_assert_true(iothread_by_id("objects/a") == iothread);
}

/* ---- query-iothreads ---- */

typedef struct Device {
    Object parent_obj;
    IOThread *iothread;
} Device;

static const PropertyRow device_rows[] = {
    PROPERTY_LINK("iothread", Device, iothread, IOThread, TYPE_IOTHREAD),
    PROPERTY_END
};

static void device_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, device_rows);
}

static const TypeInfo device_info = {
    .name = "test-device",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Device),
    .class_init = device_class_init,
    .interfaces = (const InterfaceInfo[]){ { TYPE_USER_CREATABLE },
                                           { NULL } },
};

static void test_query_none(void *fixture, const void *data)
{
    g_assert_null(qmp_query_iothreads(&error_abort));
}

static void test_query(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a,poll-max-ns=1,poll-grow=2,"
                                 "poll-shrink=3,poll-weight=8,"
                                 "aio-max-batch=4,thread-pool-min=5,"
                                 "thread-pool-max=6,fd-monitor=poll");
    g_autoptr(IOThreadInfoList) list = qmp_query_iothreads(&error_abort);
    IOThreadInfo *info = list->value;

    g_assert_null(list->next);
    g_assert_cmpstr(info->id, ==, "a");
    g_assert_cmpint(info->thread_id, ==, iothread_get_thread_id(iothread));
    g_assert_cmpint(info->poll_max_ns, ==, 1);
    g_assert_cmpint(info->poll_grow, ==, 2);
    g_assert_cmpint(info->poll_shrink, ==, 3);
    g_assert_cmpint(info->poll_weight, ==, 8);
    g_assert_cmpint(info->aio_max_batch, ==, 4);
    g_assert_cmpint(info->thread_pool_min, ==, 5);
    g_assert_cmpint(info->thread_pool_max, ==, 6);
    g_assert_cmpint(info->fd_monitor, ==, FD_MONITOR_POLL);
    g_assert_cmpint(info->fd_monitor_in_use, ==, FD_MONITOR_POLL);
    g_assert_null(info->holders);
}

static void test_query_stats(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(IOThreadInfoList) list = NULL;
    Call call;

    /* What a round has done is counted at its end. */
    call_in(iothread, &call);
    call_in(iothread, &call);
    list = qmp_query_iothreads(&error_abort);
    g_assert_cmpuint(list->value->stats->callbacks->bottom_half, >=, 1);
    g_assert_cmpuint(list->value->stats->iterations, >=, 1);
}

static void test_query_order(void *fixture, const void *data)
{
    g_autoptr(IOThreadInfoList) list = NULL;
    IOThread *hidden = iothread_create("hidden", &error_abort);

    add_str("iothread,id=c");
    add_str("iothread,id=a");
    user_creatable_add_from_str("main-loop,id=m", &error_abort);
    add_str("iothread,id=b");
    g_assert_true(user_creatable_del("a", &error_abort));
    add_str("iothread,id=a");
    list = qmp_query_iothreads(&error_abort);
    g_assert_cmpstr(list->value->id, ==, "c");
    g_assert_cmpstr(list->next->value->id, ==, "b");
    g_assert_cmpstr(list->next->next->value->id, ==, "a");
    g_assert_null(list->next->next->next);
    iothread_destroy(hidden);
}

static void test_query_holders(void *fixture, const void *data)
{
    g_autoptr(IOThreadInfoList) list = NULL;
    strList *holders;

    add_str("iothread,id=a");
    user_creatable_add_from_str("test-device,id=d1,iothread=a",
                                &error_abort);
    user_creatable_add_from_str("test-device,id=d2,iothread=a",
                                &error_abort);
    list = qmp_query_iothreads(&error_abort);
    holders = list->value->holders;
    g_assert_cmpstr(holders->value, ==, "/objects/d1.iothread");
    g_assert_cmpstr(holders->next->value, ==, "/objects/d2.iothread");
    g_assert_null(holders->next->next);
}

static void test_held_cannot_be_deleted(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;
    Call call;

    user_creatable_add_from_str("test-device,id=d,iothread=a", &error_abort);
    g_assert_false(user_creatable_del("a", &err));
    assert_error(err, "object 'a' is in use, can not be deleted: linked to "
                      "by /objects/d.iothread");
    call_in(iothread, &call);
    g_assert_true(user_creatable_del("d", &error_abort));
    g_assert_true(user_creatable_del("a", &error_abort));
}

/* ---- Set-up ---- */

static void add(const char *path, const void *data,
                void (*test)(void *fixture, const void *data))
{
    g_autofree char *full = g_strconcat("/iothread/", path, NULL);

    test_add_vtable(full, 0, data, NULL, test, tear_down);
}

static void add_property_tests(void)
{
    add("property/defaults", NULL, test_defaults);
    for (size_t i = 0; i < G_N_ELEMENTS(refused_rows); i++) {
        g_autofree char *path = g_strconcat("property/refuses/",
                                            refused_rows[i].name, NULL);

        add(path, &refused_rows[i], test_refused_at_creation);
    }
    add("property/largest", NULL, test_largest_values);
    add("property/pool-order/min-first",
        "iothread,id=a,thread-pool-min=65,thread-pool-max=100",
        test_pool_order);
    add("property/pool-order/max-first",
        "iothread,id=a,thread-pool-max=100,thread-pool-min=65",
        test_pool_order);
    add("property/reaches-context", NULL, test_values_reach_context);
    add("property/live-change", NULL, test_live_change);
    add("property/live-change-refused", NULL, test_live_change_refused);
    add("property/0-reads-back-as-default", NULL,
        test_0_reads_back_as_default);
    add("property/live-change-of-several", NULL,
        test_live_change_of_several);
    add("property/after-stop", NULL, test_properties_after_stop);
}

static void add_thread_tests(void)
{
    add("thread/runs", NULL, test_thread_runs);
    add("thread/name", NULL, test_thread_name);
    add("thread/ends-with-object", NULL, test_delete_ends_thread);
    add("stop/after-bottom-halves", NULL,
        test_bottom_halves_run_before_stop);
    add("stop/twice", NULL, test_stop_twice);
    add("stop/busy-loop", NULL, test_stop_busy_loop);
    add("stop/at-once", NULL, test_start_and_stop_at_once);
    add("stop/never-completed", NULL, test_never_completed);
    g_test_add_func("/iothread/thread/cannot-be-made", test_no_thread);
    g_test_add_func("/iothread/thread/no-descriptor", test_no_descriptor);
    add("thread/until-no-descriptor", NULL, test_until_no_descriptor);
    add("gcontext/runs-in-thread", NULL, test_gcontext_runs_in_thread);
    add("gcontext/serves-bottom-halves", NULL,
        test_gcontext_serves_bottom_halves);
    add("gcontext/none-unasked", NULL, test_no_gcontext_unasked);
    add("gcontext/and-stop", NULL, test_gcontext_and_stop);
    add("gcontext/after-stop", NULL, test_gcontext_after_stop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register(&device_info);
    aio_main_context_init(&error_abort);

    add_property_tests();
    add_thread_tests();
    g_test_add_func("/iothread/c/create-and-destroy",
                    test_create_and_destroy);
    g_test_add_func("/iothread/c/create-duplicate", test_create_duplicate);
    add("by-id/found", NULL, test_by_id);
    add("by-id/of-another-type", NULL, test_by_id_of_another_type);
    add("by-id/ambiguous", NULL, test_by_id_ambiguous);
    add("query/none", NULL, test_query_none);
    add("query/values", NULL, test_query);
    add("query/order", NULL, test_query_order);
    add("query/stats", NULL, test_query_stats);
    add("query/holders", NULL, test_query_holders);
    add("query/held-cannot-be-deleted", NULL, test_held_cannot_be_deleted);
    return test_run();
}
