/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that run on loops: which loops they get, moves, and deletion.
 *
 * The class `worker` keeps one request in flight in each queue: a bottom half
 * that schedules itself again in the loop of its queue.  A request checks that
 * it runs in the thread of this loop.
 */
#include "iothread/loop-object.h"

#include "aio/aio-wait.h"
#include "qom/object-apply.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <json-glib/json-glib.h>

#define N_QUEUES 4

#define TYPE_WORKER "worker"
OBJECT_DECLARE_SIMPLE_TYPE(Worker, WORKER)

typedef struct Queue {
    Worker *worker;
    AioContext *ctx;
    uint64_t done; /* atomic; requests that have completed */
    bool running;  /* atomic; a request is in flight */
} Queue;

struct Worker {
    LoopObject parent_obj;

    bool refuse; /* properties: reject the next change, complete */
    bool fail;
    bool stopping; /* atomic */
    Queue queues[N_QUEUES];
};

static void request_bh(void *opaque)
{
    Queue *queue = opaque;

    g_assert_true(in_aio_context_home_thread(queue->ctx));
    __atomic_fetch_add(&queue->done, 1, __ATOMIC_RELAXED);
    if (__atomic_load_n(&queue->worker->stopping, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&queue->running, false, __ATOMIC_RELEASE);
        aio_wait_kick();
        return;
    }
    aio_bh_schedule_oneshot(queue->ctx, request_bh, queue);
}

static void worker_complete(LoopObject *obj, Error **errp)
{
    test_note("complete");
    if (WORKER(obj)->fail) {
        error_setg(errp, "told to fail");
    }
}

static bool worker_prepare(LoopObject *obj, AioContext *const *loops,
                           unsigned n_loops, Error **errp)
{
    test_note("prepare");
    if (n_loops) {
        g_assert_nonnull(loops[0]);
    }
    if (WORKER(obj)->refuse && n_loops) {
        error_setg(errp, "told to refuse");
        return false;
    }
    return true;
}

static bool is_running(Worker *worker)
{
    for (unsigned i = 0; i < N_QUEUES; i++) {
        if (__atomic_load_n(&worker->queues[i].running, __ATOMIC_ACQUIRE)) {
            return true;
        }
    }
    return false;
}

static void worker_drain(LoopObject *obj)
{
    Worker *worker = WORKER(obj);

    __atomic_store_n(&worker->stopping, true, __ATOMIC_RELEASE);
    AIO_WAIT_WHILE(NULL, is_running(worker));
    test_note("drain");
}

static void worker_detach(LoopObject *obj)
{
    test_note("detach");
}

static void worker_attach(LoopObject *obj)
{
    Worker *worker = WORKER(obj);

    test_note("attach");
    __atomic_store_n(&worker->stopping, false, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < N_QUEUES; i++) {
        Queue *queue = &worker->queues[i];

        queue->worker = worker;
        queue->ctx = loop_object_get_queue_loop(obj, i);
        queue->running = true;
        aio_bh_schedule_oneshot(queue->ctx, request_bh, queue);
    }
}

static void worker_close(LoopObject *obj)
{
    g_assert_true(loop_object_get_n_loops(obj) == 0 || is_running(WORKER(obj)));
    test_note("close");
}

static void worker_end(LoopObject *obj)
{
    g_assert_false(is_running(WORKER(obj)));
    g_assert_nonnull(object_get_parent(OBJECT(obj)));
    test_note("end");
}

static unsigned worker_get_n_queues(LoopObject *obj)
{
    return N_QUEUES;
}

static const PropertyRow worker_rows[] = {
    PROPERTY_BOOL("refuse", Worker, refuse),
    PROPERTY_BOOL("fail", Worker, fail),
    PROPERTY_END
};

static void worker_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    lc->complete = worker_complete;
    lc->prepare = worker_prepare;
    lc->drain = worker_drain;
    lc->detach = worker_detach;
    lc->attach = worker_attach;
    lc->close = worker_close;
    lc->end = worker_end;
    lc->get_n_queues = worker_get_n_queues;
    object_class_add_properties(klass, worker_rows);
}

/* A class without hooks: every one of them is optional. */
#define TYPE_IDLER "idler"

static const TypeInfo types[] = {
    {
        .name = TYPE_WORKER,
        .parent = TYPE_LOOP_OBJECT,
        .instance_size = sizeof(Worker),
        .class_init = worker_class_init,
    },
    {
        .name = TYPE_IDLER,
        .parent = TYPE_LOOP_OBJECT,
        .instance_size = sizeof(LoopObject),
    },
};

DEFINE_TYPES(types)

/* ---- Helpers ---- */

static Object *add(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

static void del(const char *id)
{
    user_creatable_del(id, &error_abort);
}

static void assert_in_use(const char *id, const char *holders)
{
    g_autofree char *message = g_strdup_printf(
        "object '%s' is in use, can not be deleted: linked to by %s", id,
        holders);
    Error *err = NULL;

    g_assert_false(user_creatable_del(id, &err));
    assert_error(err, message);
}

static AioContext *context_of(const char *id)
{
    return iothread_get_aio_context(iothread_by_id(id));
}

static void set_json(Object *obj, const char *name, const char *text,
                     Error **errp)
{
    g_autoptr(JsonNode) value = json_from_string(text, NULL);

    object_property_set_json(obj, name, value, errp);
}

/* Waits until each queue has completed a request in its loop. */
static void await_progress(Worker *worker)
{
    for (unsigned i = 0; i < N_QUEUES; i++) {
        uint64_t *done = &worker->queues[i].done;
        uint64_t before = __atomic_load_n(done, __ATOMIC_RELAXED);

        while (__atomic_load_n(done, __ATOMIC_RELAXED) == before) {
            g_thread_yield();
        }
    }
}

static void get_thread_name_bh(void *opaque)
{
    g_assert_cmpint(pthread_getname_np(pthread_self(), opaque, 16), ==, 0);
}

static void assert_on_loops(Worker *worker, const char *ids)
{
    g_auto(GStrv) names = g_strsplit(ids, " ", 0);

    for (unsigned i = 0; i < N_QUEUES; i++) {
        g_assert_true(worker->queues[i].ctx == context_of(names[i]));
    }
    await_progress(worker);
}

/* ---- Which loops ---- */

static void test_private(void)
{
    LoopObject *obj = LOOP_OBJECT(add("worker,id=w0"));
    char name[16] = "";

    g_assert_cmpuint(loop_object_get_n_loops(obj), ==, 1);
    aio_wait_bh_oneshot(loop_object_get_loop(obj, 0), get_thread_name_bh,
                        name);
    g_assert_cmpstr(name, ==, "IO w0");
    await_progress(WORKER(obj));
    del("w0");
}

static void abort_no_such_loop(void)
{
    loop_object_get_loop(LOOP_OBJECT(add("worker,id=w0")), 1);
}

/* A private thread ends when an iothread is set, and a new one is created when
 * the property is cleared. */
static void test_private_and_back(void)
{
    Object *obj = add("worker,id=w0");

    add("iothread,id=io0");
    object_property_set_str(obj, "iothread", "io0", &error_abort);
    assert_on_loops(WORKER(obj), "io0 io0 io0 io0");
    g_assert_null(object_resolve_path_component(object_get_internal_root(),
                                                "w0"));
    object_property_set_str(obj, "iothread", "", &error_abort);
    g_assert_nonnull(object_resolve_path_component(object_get_internal_root(),
                                                   "w0"));
    await_progress(WORKER(obj));
    del("io0");
    del("w0");
    g_assert_null(object_resolve_path_component(object_get_internal_root(),
                                                "w0"));
}

static void test_without_hooks(void)
{
    Object *obj = add("idler,id=w0");

    add("iothread,id=io0");
    object_property_set_str(obj, "iothread", "io0", &error_abort);
    g_assert_true(loop_object_get_loop(LOOP_OBJECT(obj), 0) ==
                  context_of("io0"));
    del("w0");
    del("io0");
}

static void test_round_robin(void)
{
    add("iothread,id=io0");
    add("iothread,id=io1");
    assert_on_loops(WORKER(add("worker,id=w0,iothreads.0=io0,iothreads.1="
                               "io1")), "io0 io1 io0 io1");
    del("w0");
    del("io1");
    del("io0");
}

static void test_mapping(void)
{
    Object *obj;

    add("iothread,id=io0");
    add("iothread,id=io1");
    obj = add("worker,id=w0,iothreads.0.iothread=io0,"
              "iothreads.0.queues.0=3,iothreads.1.iothread=io1,"
              "iothreads.1.queues.0=0,iothreads.1.queues.1=2,"
              "iothreads.1.queues.2=1");
    assert_on_loops(WORKER(obj), "io1 io1 io1 io0");
    set_json(obj, "iothreads",
             "[{'iothread': 'io1', 'queues': [0]},"
             " {'iothread': 'io0', 'queues': [1, 2, 3]}]", &error_abort);
    assert_on_loops(WORKER(obj), "io1 io0 io0 io0");
    del("w0");
    del("io1");
    del("io0");
}

typedef struct BadMapping {
    const char *name;
    const char *value;
    const char *message;
} BadMapping;

static const BadMapping bad_mappings[] = {
    { "unknown", "['io0', 'io7']",
      "iothreads[1]: iothread 'io7' not found" },
    { "unknown-in-mapping", "[{'iothread': 'w0'}]",
      "iothreads[0].iothread: iothread 'w0' not found" },
    { "twice", "['io0', {'iothread': '/objects/io0'}]",
      "iothreads[1].iothread: iothread '/objects/io0' is already "
      "iothreads[0]" },
    { "queues-on-some", "[{'iothread': 'io0', 'queues': [0]}, 'io1']",
      "iothreads: 'queues' must be present in all elements or in none" },
    { "no-such-queue", "[{'iothread': 'io0', 'queues': [0, 1, 2, 3, 4]}]",
      "iothreads[0].queues[4]: queue 4 does not exist, there are 4" },
    { "queue-twice",
      "[{'iothread': 'io0', 'queues': [0, 1]},"
      " {'iothread': 'io1', 'queues': [3, 1]}]",
      "iothreads[1].queues[1]: queue 1 is already assigned to "
      "iothreads[0]" },
    { "queue-left",
      "[{'iothread': 'io0', 'queues': [0, 1]},"
      " {'iothread': 'io1', 'queues': [3]}]",
      "iothreads: no iothread is assigned to queue 2" },
    { "empty-queues",
      "[{'iothread': 'io0', 'queues': []},"
      " {'iothread': 'io1', 'queues': [0, 1, 3]}]",
      "iothreads: no iothread is assigned to queue 2" },
};

/* A live object refuses the mapping and stays as it was; so does a new one. */
static void test_bad_mapping(const void *data)
{
    const BadMapping *bad = data;
    g_autofree char *json = g_strdup_printf(
        "{'qom-type': 'worker', 'id': 'w1', 'iothreads': %s}", bad->value);
    g_autoptr(JsonNode) options = json_from_string(json, NULL);
    Error *err = NULL;
    Object *obj;

    add("iothread,id=io0");
    add("iothread,id=io1");
    obj = add("worker,id=w0,iothread=io1");
    set_json(obj, "iothread", "''", &error_abort);
    set_json(obj, "iothreads", "['io1', 'io0']", &error_abort);

    set_json(obj, "iothreads", bad->value, &err);
    assert_error(err, bad->message);
    assert_on_loops(WORKER(obj), "io1 io0 io1 io0");
    g_assert_null(user_creatable_add_json(json_node_get_object(options),
                                          &err));
    assert_error(err, bad->message);
    assert_in_use("io1", "/objects/w0.iothreads[0]");
    del("w0");
    del("io1");
    del("io0");
}

static void test_mapping_needs_queues(void)
{
    Error *err = NULL;

    add("iothread,id=io0");
    user_creatable_add_from_str("idler,id=w0,iothreads.0.iothread=io0,"
                                "iothreads.0.queues.0=0", &err);
    assert_error(err, "iothreads[0].queues: type 'idler' has no queues");
    del("io0");
}

static void test_exclusive(void)
{
    Error *err = NULL;
    Object *obj;

    add("iothread,id=io0");
    add("iothread,id=io1");
    user_creatable_add_from_str("worker,id=w0,iothread=io0,iothreads.0=io1",
                                &err);
    assert_error(err, "'iothread' and 'iothreads' exclude each other");
    obj = add("worker,id=w0,iothread=io0");
    set_json(obj, "iothreads", "['io1']", &err);
    assert_error(err, "'iothread' and 'iothreads' exclude each other");
    assert_on_loops(WORKER(obj), "io0 io0 io0 io0");
    object_set_props(obj, &error_abort, "iothread", "", NULL);
    set_json(obj, "iothreads", "['io1']", &error_abort);
    assert_on_loops(WORKER(obj), "io1 io1 io1 io1");
    del("io0");
    del("w0");
    del("io1");
}

/* ---- Moves ---- */

static void test_order_of_hooks(void)
{
    Object *obj;

    add("iothread,id=io0");
    test_trace_begin();
    obj = add("worker,id=w0");
    object_property_set_str(obj, "iothread", "io0", &error_abort);
    object_property_set_str(obj, "iothread", "io0", &error_abort);
    object_property_set_bool(obj, "refuse", true, &error_abort);
    del("w0");
    test_trace_end("prepare complete attach "
                   "prepare drain detach attach prepare "
                   "close drain detach end");
    del("io0");
}

/* Requests run during each move, also in a loop that GLib drives. */
static void test_move_while_requests_run(const void *data)
{
    g_autofree char *options = g_strdup_printf("iothread,id=io0,fd-monitor=%s",
                                               (const char *)data);
    Object *obj;
    Error *err = NULL;

    if (!user_creatable_add_from_str(options, &err)) {
        g_test_skip(error_get_pretty(err));
        error_free(err);
        return;
    }
    add("iothread,id=io1");
    add("iothread,id=io2");
    iothread_get_g_main_context(iothread_by_id("io2"));
    obj = add("worker,id=w0");
    for (unsigned i = 0; i < 100; i++) {
        object_property_set_str(obj, "iothread", "io0", &error_abort);
        assert_on_loops(WORKER(obj), "io0 io0 io0 io0");
        object_property_set_str(obj, "iothread", "io2", &error_abort);
        object_property_set_str(obj, "iothread", "", &error_abort);
        set_json(obj, "iothreads", "['io0', 'io1', 'io2']", &error_abort);
        assert_on_loops(WORKER(obj), "io0 io1 io2 io0");
        set_json(obj, "iothreads", "[]", &error_abort);
    }
    await_progress(WORKER(obj));
    del("w0");
    del("io0");
    del("io1");
    del("io2");
}

static void test_refused_move(void)
{
    Error *err = NULL;
    Object *obj;

    add("iothread,id=io0");
    add("iothread,id=io1");
    obj = add("worker,id=w0,iothreads.0=io0");
    object_property_set_bool(obj, "refuse", true, &error_abort);
    test_trace_begin();
    set_json(obj, "iothreads", "['io1']", &err);
    assert_error(err, "told to refuse");
    object_set_props(obj, &err, "refuse", "on", "iothread", "io1", NULL);
    assert_error(err, "'iothread' and 'iothreads' exclude each other");
    set_json(obj, "iothreads", "[]", &err);
    assert_error(err, "told to refuse");
    test_trace_end("prepare prepare");
    assert_on_loops(WORKER(obj), "io0 io0 io0 io0");
    assert_in_use("io0", "/objects/w0.iothreads[0]");
    g_assert_null(object_resolve_path_component(object_get_internal_root(),
                                                "w0"));
    del("io1");
    del("w0");
    del("io0");
}

static void test_failed_complete(void)
{
    Error *err = NULL;

    add("iothread,id=io0");
    user_creatable_add_from_str("worker,id=w0,fail=on,iothread=io0", &err);
    assert_error(err, "told to fail");
    user_creatable_add_from_str("worker,id=w0,fail=on,iothreads.0=io0", &err);
    assert_error(err, "told to fail");
    user_creatable_add_from_str("worker,id=w0,fail=on", &err);
    assert_error(err, "told to fail");
    g_assert_null(object_resolve_path_component(object_get_internal_root(),
                                                "w0"));
    del("io0");
}

/* ---- Deletion ---- */

static void test_delete_in_use(void)
{
    Object *obj;

    add("iothread,id=io0");
    obj = add("worker,id=w0,iothread=io0");
    add("worker,id=w1,iothreads.0=io0");
    assert_in_use("io0", "/objects/w0.iothread, /objects/w1.iothreads[0]");
    object_property_set_str(obj, "iothread", "", &error_abort);
    assert_in_use("io0", "/objects/w1.iothreads[0]");
    del("w1");
    del("io0");
    await_progress(WORKER(obj));
    del("w0");
}

/* At exit the newest object goes first, here the iothread of an older one. */
static void test_cleanup_newest_first(void)
{
    Object *obj = add("worker,id=w0");
    Object *other = add("worker,id=w1");

    add("iothread,id=io0");
    add("iothread,id=io1");
    object_property_set_str(obj, "iothread", "io0", &error_abort);
    set_json(other, "iothreads", "['io1', 'io0']", &error_abort);
    user_creatable_cleanup();
    g_assert_null(object_resolve_path("io0", NULL));
}

/* The links of `iothreads` cannot be set, and are not part of a snapshot. */
static void test_links_follow(void)
{
    g_autoptr(JsonNode) before = NULL;
    g_autofree char *text = NULL;
    Error *err = NULL;
    Object *obj;

    add("iothread,id=io0");
    obj = add("worker,id=w0,iothreads.0=io0");
    object_property_set_str(obj, "iothreads[0]", "", &err);
    assert_error(err, "'iothreads[0]' follows 'iothreads', which can be set");
    before = object_snapshot();
    text = json_to_string(before, FALSE);
    g_assert_cmpstr(text, ==,
                    "[{\"qom-type\":\"iothread\",\"id\":\"io0\"},"
                    "{\"qom-type\":\"worker\",\"id\":\"w0\","
                    "\"iothreads\":[\"io0\"]}]");
    del("w0");
    del("io0");
}

static void apply(const char *text)
{
    g_autoptr(JsonNode) list = json_from_string(text, NULL);
    JsonNode *plan = object_apply(json_node_get_array(list), false, NULL,
                                  &error_abort);

    json_node_unref(plan);
}

/* The elements of `iothreads` are targets: they are created first. */
static void test_apply(void)
{
    Object *obj;

    add("worker,id=w0");
    apply("[{'qom-type': 'worker', 'id': 'w0', 'iothreads': ['io0', "
          "{'iothread': 'io1'}]}, {'qom-type': 'iothread', 'id': 'io0'}, "
          "{'qom-type': 'iothread', 'id': 'io1'}]");
    obj = object_resolve_path("w0", NULL);
    assert_on_loops(WORKER(obj), "io0 io1 io0 io1");
    apply("[{'qom-type': 'worker', 'id': 'w0'}]");
    await_progress(WORKER(obj));
    apply("[{'qom-type': 'idler', 'id': 'w0'}]");
    apply("[]");
}

/* ---- Command lines ---- */

/* Objects may precede the iothreads that they name, in both forms. */
static void test_list(void)
{
    static const char *const texts[] = {
        "worker,id=w0,iothread=io1",
        "{'qom-type': 'worker', 'id': 'w1', 'iothreads': ['io2', 'io0']}",
        "worker,id=w2,iothreads.0.iothread=/objects/io2",
        "iothread,id=io0",
        "iothread,id=io1",
        "iothread,id=io2",
    };
    unsigned failed = 77;

    g_assert_true(user_creatable_add_list(texts, G_N_ELEMENTS(texts), &failed,
                                          &error_abort));
    g_assert_cmpuint(failed, ==, 77);
    assert_on_loops(WORKER(object_resolve_path("w0", NULL)),
                    "io1 io1 io1 io1");
    assert_on_loops(WORKER(object_resolve_path("w1", NULL)),
                    "io2 io0 io2 io0");
    assert_on_loops(WORKER(object_resolve_path("w2", NULL)),
                    "io2 io2 io2 io2");
    user_creatable_cleanup();
}

typedef struct BadList {
    const char *name;
    const char *texts[3];
    unsigned failed;
    const char *message;
} BadList;

static const BadList bad_lists[] = {
    { "no-such-iothread",
      { "iothread,id=io0", "worker,id=w0,iothread=io1", "worker,id=w1" },
      1, "Device 'io1' not found" },
    { "grammar",
      { "worker,id=w0,iothread=io0", "worker,id", "iothread,id=io0" },
      1, "Expected '=' after parameter 'id'" },
    { "json", { "worker,id=w0,iothread=io0", "{", "iothread,id=io0" },
      1, "JSON parse error, unexpected end of input (line 1, column 2)" },
    { "no-object", { "{'id': 'w0'}", "worker,id=w1", "iothread,id=io0" },
      0, "Parameter 'qom-type' is missing" },
    { "id-twice", { "worker,id=w0,iothread=w0", "worker,id=io0",
                    "iothread,id=io0" },
      0, "Device 'w0' not found" },
    { "itself", { "worker,id=w0,iothreads.0=w0", "worker,id=w1",
                  "iothread,id=io0" },
      0, "iothreads[0]: iothread 'w0' not found" },
};

/* The text that is in error is named, and no object is left. */
static void test_bad_list(const void *data)
{
    const BadList *bad = data;
    unsigned failed = 77;
    Error *err = NULL;

    g_assert_false(user_creatable_add_list(bad->texts, 3, &failed, &err));
    g_assert_cmpuint(failed, ==, bad->failed);
    assert_error(err, bad->message);
    g_assert_null(object_resolve_path("w0", NULL));
    g_assert_null(object_resolve_path("w1", NULL));
    g_assert_null(object_resolve_path("io0", NULL));
}

/* A class that overrides unparent would stay on its loops. */
static void abort_unparent_overridden(void)
{
    Object *obj = add("worker,id=w0");

    object_get_class(obj)->unparent = NULL;
    user_creatable_del("w0", &error_abort);
}

int main(int argc, char **argv)
{
    static const char *const monitors[] = { "poll", "epoll", "io_uring" };

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    g_test_add_func("/loop-object/private", test_private);
    g_test_add_func("/loop-object/private/and-back", test_private_and_back);
    g_test_add_func("/loop-object/without-hooks", test_without_hooks);
    g_test_add_func("/loop-object/round-robin", test_round_robin);
    g_test_add_func("/loop-object/mapping", test_mapping);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_mappings); i++) {
        g_autofree char *path = g_strconcat("/loop-object/mapping/rejects/",
                                            bad_mappings[i].name, NULL);

        g_test_add_data_func(path, &bad_mappings[i], test_bad_mapping);
    }
    g_test_add_func("/loop-object/mapping/needs-queues",
                    test_mapping_needs_queues);
    g_test_add_func("/loop-object/exclusive", test_exclusive);
    g_test_add_func("/loop-object/move/order-of-hooks", test_order_of_hooks);
    for (size_t i = 0; i < G_N_ELEMENTS(monitors); i++) {
        g_autofree char *path = g_strconcat("/loop-object/move/under-load/",
                                            monitors[i], NULL);

        g_test_add_data_func(path, monitors[i], test_move_while_requests_run);
    }
    g_test_add_func("/loop-object/move/refused", test_refused_move);
    g_test_add_func("/loop-object/complete/fails", test_failed_complete);
    g_test_add_func("/loop-object/delete/in-use", test_delete_in_use);
    g_test_add_func("/loop-object/delete/newest-first",
                    test_cleanup_newest_first);
    g_test_add_func("/loop-object/links-follow", test_links_follow);
    g_test_add_func("/loop-object/apply", test_apply);
    test_add_abort_func("/loop-object/no-such-loop", abort_no_such_loop,
                        "*object '/objects/w0' of type 'worker': there is no "
                        "loop 1; it has 1*");
    test_add_abort_func("/loop-object/unparent-overridden",
                        abort_unparent_overridden,
                        "*an object of type 'worker' is finalized while it is "
                        "on its loops: its class has overridden unparent; "
                        "implement close() and end() of LoopObjectClass*");
    g_test_add_func("/loop-object/list", test_list);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_lists); i++) {
        g_autofree char *path = g_strconcat("/loop-object/list/rejects/",
                                            bad_lists[i].name, NULL);

        g_test_add_data_func(path, &bad_lists[i], test_bad_list);
    }
    return test_run();
}
