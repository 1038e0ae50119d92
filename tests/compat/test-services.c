/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notifiers, requests, threads and lists of built-in types. */
#include "qemu/osdep.h"
#include "qemu/aio-wait.h"
#include "block/thread-pool.h"
#include "qapi/error.h"
#include "qapi/qapi-builtin-visit.h"
#include "qapi/qmp/qerror.h"
#include "qemu/coroutine-tls.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "qapi/json/json.h"
#include "qapi/visitor/json-visitor.h"
#include "tests/unit/test-util.h"

/* ---- Notifiers ---- */

typedef struct Note {
    Notifier notifier;
    char name;
} Note;

static void write_name(Notifier *notifier, void *data)
{
    g_string_append_c(data, container_of(notifier, Note, notifier)->name);
}

static void write_name_and_remove(Notifier *notifier, void *data)
{
    write_name(notifier, data);
    notifier_remove(notifier);
}

static void test_notifiers(void)
{
    NotifierList list = NOTIFIER_LIST_INITIALIZER(list);
    Note a = { { .notify = write_name }, 'a' };
    Note b = { { .notify = write_name_and_remove }, 'b' };
    Note c = { { .notify = write_name }, 'c' };
    g_autoptr(GString) names = g_string_new(NULL);

    g_assert_true(notifier_list_empty(&list));
    notifier_list_add(&list, &a.notifier);
    notifier_list_add(&list, &b.notifier);
    notifier_list_add(&list, &c.notifier);
    g_assert_false(notifier_list_empty(&list));
    notifier_list_notify(&list, names);
    notifier_list_notify(&list, names);
    g_assert_cmpstr(names->str, ==, "cbaca");
    notifier_list_init(&list);
    g_assert_true(notifier_list_empty(&list));
}

#if QOM_COMPAT_QEMU < 900
static int agree(NotifierWithReturn *notifier, void *data)
#else
static int agree(NotifierWithReturn *notifier, void *data, Error **errp)
#endif
{
    ++*(int *)data;
    return 0;
}

#if QOM_COMPAT_QEMU < 900
static int refuse(NotifierWithReturn *notifier, void *data)
{
    return -EBUSY;
}
#else
static int refuse(NotifierWithReturn *notifier, void *data, Error **errp)
{
    error_setg(errp, "busy");
    return -EBUSY;
}
#endif

static void test_notifiers_with_return(void)
{
    NotifierWithReturnList list = NOTIFIER_WITH_RETURN_LIST_INITIALIZER(list);
    NotifierWithReturn a = { .notify = agree }, b = { .notify = refuse };
    int n = 0;

    notifier_with_return_list_init(&list);
    notifier_with_return_list_add(&list, &a);
    notifier_with_return_list_add(&list, &b);
#if QOM_COMPAT_QEMU < 900
    g_assert_cmpint(notifier_with_return_list_notify(&list, &n), ==, -EBUSY);
    g_assert_cmpint(n, ==, 0);
    notifier_with_return_remove(&b);
    g_assert_cmpint(notifier_with_return_list_notify(&list, &n), ==, 0);
#else
    Error *err = NULL;

    g_assert_cmpint(notifier_with_return_list_notify(&list, &n, &err), ==,
                    -EBUSY);
    assert_error(err, "busy");
    g_assert_cmpint(n, ==, 0);
    notifier_with_return_remove(&b);
    g_assert_cmpint(notifier_with_return_list_notify(&list, &n, &err), ==, 0);
    g_assert_null(err);
#endif
    g_assert_cmpint(n, ==, 1);
}

/* ---- Threads ---- */

static __thread Note thread_note;
static int n_ended;

static void count_end(Notifier *notifier, void *data)
{
    g_assert_true(notifier == &thread_note.notifier && !data);
    n_ended++;
}

static void *end_with_notifier(void *opaque)
{
    Notifier removed = { .notify = write_name };

    thread_note.notifier.notify = count_end;
    qemu_thread_atexit_add(&thread_note.notifier);
    qemu_thread_atexit_add(&removed);
    qemu_thread_atexit_remove(&removed);
    return NULL;
}

static void test_thread_atexit(void)
{
    QemuThread thread;

    for (int i = 1; i < 3; i++) {
        qemu_thread_create(&thread, "end", end_with_notifier, NULL,
                           QEMU_THREAD_JOINABLE);
        qemu_thread_join(&thread);
        g_assert_cmpint(n_ended, ==, i);
    }
}

static void say_end(Notifier *notifier, void *data)
{
    fprintf(stderr, "the process ends\n");
    abort();
}

static void end_process(void)
{
    static Notifier notifier = { .notify = say_end };

    qemu_thread_atexit_add(&notifier);
    exit(0);
}

static void test_affinity(void)
{
    g_autofree unsigned long *cpus = NULL;
    g_autofree unsigned long *read_back = NULL;
    unsigned long n = 0, first = 0;
    unsigned long word = 8 * sizeof(long);
    QemuThread self;
    ThreadCpus real;

    qemu_thread_get_self(&self);
    g_assert_cmpint(qemu_thread_get_affinity(&self, &cpus, &n), ==, 0);
    g_assert_cmpint(thread_get_affinity(0, &real), ==, 0);
    for (unsigned long i = 0; i < n; i++) {
        g_assert_cmpint(cpus[i / word] >> i % word & 1, ==,
                        thread_cpus_has(&real, i));
    }
    while (!thread_cpus_has(&real, first)) {
        first++;
    }
    memset(cpus, 0, n / 8);
    g_assert_cmpint(qemu_thread_set_affinity(&self, cpus, n), ==, EINVAL);
    cpus[first / word] |= 1UL << first % word;
    g_assert_cmpint(qemu_thread_set_affinity(&self, cpus, n), ==, 0);
    g_assert_cmpint(qemu_thread_get_affinity(&self, &read_back, &n), ==, 0);
    g_assert_cmpint(memcmp(cpus, read_back, n / 8), ==, 0);
    g_assert_cmpint(thread_set_affinity(0, &real, NULL), ==, 0);
}

QEMU_DECLARE_CO_TLS(int, co_public)
QEMU_DEFINE_CO_TLS(int, co_public)
QEMU_DEFINE_STATIC_CO_TLS(const char *, co_private)

static void *read_co_tls(void *opaque)
{
    g_assert_cmpint(get_co_public(), ==, 0);
    g_assert_null(get_co_private());
    set_co_public(9);
    return NULL;
}

static void test_co_tls(void)
{
    QemuThread thread;

    set_co_public(7);
    set_co_private("x");
    qemu_thread_create(&thread, "tls", read_co_tls, NULL,
                       QEMU_THREAD_JOINABLE);
    qemu_thread_join(&thread);
    g_assert_cmpint(get_co_public(), ==, 7);
    g_assert_cmpstr(*get_ptr_co_private(), ==, "x");
    *get_ptr_co_public() = 8;
    g_assert_cmpint(get_co_public(), ==, 8);
}

/* ---- Requests ---- */

typedef struct Delayed {
    BlockAIOCB common;
    QEMUBH *bh;
    int ret;
} Delayed;

static void delayed_end(void *opaque)
{
    Delayed *d = opaque;

    d->common.cb(d->common.opaque, d->ret);
    qemu_bh_delete(d->bh);
    qemu_aio_unref(d);
}

static void delayed_cancel(BlockAIOCB *acb)
{
    Delayed *d = container_of(acb, Delayed, common);

    d->ret = -ECANCELED;
    qemu_bh_schedule(d->bh);
}

static const AIOCBInfo delayed_info = {
    .aiocb_size = sizeof(Delayed),
    .cancel_async = delayed_cancel,
};

static void note_result(void *opaque, int ret)
{
    *(int *)opaque = ret;
}

static void test_aiocb(void)
{
    int result = 1;
    Delayed *d = qemu_aio_get(&delayed_info, NULL, note_result, &result);

    g_assert_true(d->common.aiocb_info == &delayed_info && !d->common.bs);
    g_assert_cmpint(d->ret, ==, 0);
    d->bh = qemu_bh_new(delayed_end, d);
    qemu_aio_ref(d);
    qemu_aio_unref(d);
    bdrv_aio_cancel(&d->common);
    g_assert_cmpint(result, ==, -ECANCELED);
}

typedef struct Blocking {
    QemuSemaphore begun;
    QemuSemaphore may_end;
} Blocking;

static int block_until(void *opaque)
{
    Blocking *b = opaque;

    qemu_sem_post(&b->begun);
    qemu_sem_wait(&b->may_end);
    return 5;
}

static BlockAIOCB *submit(Blocking *b, int *result)
{
#if QOM_COMPAT_QEMU < 801
    AioContext *ctx = aio_get_current_context();

    return thread_pool_submit_aio(aio_get_thread_pool(ctx), block_until, b,
                                  note_result, result);
#else
    return thread_pool_submit_aio(block_until, b, note_result, result);
#endif
}

/* The only thread is busy with the first request, so the second is queued. */
static void test_cancel_in_pool(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    int first = 0, second = 0;
    Blocking b;
    BlockAIOCB *busy, *queued;

    qemu_set_current_aio_context(ctx);
    g_assert_true(aio_context_set_thread_pool_params(ctx, 0, 1, &error_abort));
    qemu_sem_init(&b.begun, 0);
    qemu_sem_init(&b.may_end, 0);
    busy = submit(&b, &first);
    while (qemu_sem_timedwait(&b.begun, 1) != 0) {
        aio_poll(ctx, false);
    }
    queued = submit(&b, &second);
    bdrv_aio_cancel(queued);
    g_assert_cmpint(second, ==, -ECANCELED);
    bdrv_aio_cancel_async(busy);
    qemu_sem_post(&b.may_end);
    AIO_WAIT_WHILE(ctx, first == 0);
    g_assert_cmpint(first, ==, 5);
    qemu_sem_destroy(&b.may_end);
    qemu_sem_destroy(&b.begun);
    qemu_set_current_aio_context(qemu_get_aio_context());
    aio_context_unref(ctx);
}

static void read_byte(void *opaque)
{
    g_assert_cmpint(event_notifier_test_and_clear(opaque), ==, 1);
}

static void test_iohandler_context(void)
{
    EventNotifier notifier;

    event_notifier_init(&notifier, 1);
    qemu_set_fd_handler(event_notifier_get_fd(&notifier), read_byte, NULL,
                        &notifier);
    g_assert_true(aio_poll(iohandler_get_aio_context(), false));
    g_assert_cmpint(event_notifier_test_and_clear(&notifier), ==, 0);
    qemu_set_fd_handler(event_notifier_get_fd(&notifier), NULL, NULL, NULL);
    event_notifier_cleanup(&notifier);
}

/* ---- QAPI ---- */

/* Reads @text as a list of @name and compares the last value. */
#define assert_list(name, text, test)                                   \
    do {                                                                \
        g_autoptr(JsonNode) node_ = json_parse(text, -1, &error_abort); \
        Visitor *v_ = json_input_visitor_new(node_);                    \
        name *list = NULL;                                              \
        visit_type_##name(v_, NULL, &list, &error_abort);               \
        g_assert_true(list && list->next && !list->next->next);         \
        g_assert_true(test);                                            \
        qapi_free_##name(list);                                         \
        visit_free(v_);                                                 \
    } while (0)

static void test_builtin_lists(void)
{
    assert_list(intList, "[1, -2]", list->next->value == -2);
    assert_list(int8List, "[1, -2]", list->next->value == -2);
    assert_list(int16List, "[1, -2]", list->next->value == -2);
    assert_list(int32List, "[1, -2]", list->next->value == -2);
    assert_list(int64List, "[1, -2]", list->next->value == -2);
    assert_list(uint8List, "[1, 255]", list->next->value == 255);
    assert_list(uint16List, "[1, 256]", list->next->value == 256);
    assert_list(uint32List, "[1, 256]", list->next->value == 256);
    assert_list(uint64List, "[1, 256]", list->next->value == 256);
    assert_list(sizeList, "[1, 256]", list->next->value == 256);
    assert_list(numberList, "[1, 0.5]", list->next->value == 0.5);
    assert_list(boolList, "[false, true]", list->next->value);
    assert_list(strList, "[\"a\", \"b\"]", list->next->value[0] == 'b');
    assert_list(anyList, "[1, []]", JSON_NODE_HOLDS_ARRAY(list->next->value));
    assert_list(nullList, "[null, null]",
                JSON_NODE_HOLDS_NULL(list->next->value));
}

static void test_qtype(void)
{
    g_autoptr(JsonNode) node = json_parse("\"qdict\"", -1, &error_abort);
    Visitor *v = json_input_visitor_new(node);
    QType type = QTYPE_NONE;

    visit_type_QType(v, NULL, &type, &error_abort);
    g_assert_cmpint(type, ==, QTYPE_QDICT);
    visit_free(v);
}

static void test_qerror(void)
{
    Error *err = NULL;

    error_setg(&err, QERR_MISSING_PARAMETER, "id");
    assert_error(err, "Parameter 'id' is missing");
    error_setg(&err, QERR_INVALID_PARAMETER_VALUE, "id", "a number");
    assert_error(err, "Parameter 'id' expects a number");
    error_setg(&err, QERR_PROPERTY_VALUE_OUT_OF_RANGE, "t", "p", (int64_t)3,
               (int64_t)4, (int64_t)5);
    assert_error(err, "Property t.p doesn't take value 3 "
                      "(minimum: 4, maximum: 5)");
}

#if QOM_COMPAT_QEMU >= 1101
static void test_poll_weight(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    int64_t grow;
    Error *err = NULL;

    aio_context_set_poll_params(ctx, 1, 3, 4, 5, &error_abort);
    g_assert_cmpint(aio_context_get_poll_weight(ctx), ==, 5);
    aio_context_get_poll_params(ctx, NULL, &grow, NULL);
    g_assert_cmpint(grow, ==, 3);
    aio_context_set_poll_params(ctx, 1, 7, 7, 64, &err);
    assert_error(err, "bad poll-weight value");
    aio_context_get_poll_params(ctx, NULL, &grow, NULL);
    g_assert_cmpint(grow, ==, 3);
    aio_context_unref(ctx);
}
#endif

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);

    g_test_add_func("/compat/notify/list", test_notifiers);
    g_test_add_func("/compat/notify/with-return", test_notifiers_with_return);
    g_test_add_func("/compat/thread/atexit", test_thread_atexit);
    test_add_abort_func("/compat/thread/atexit-of-process", end_process,
                        "the process ends\n");
    g_test_add_func("/compat/thread/affinity", test_affinity);
    g_test_add_func("/compat/coroutine/tls", test_co_tls);
    g_test_add_func("/compat/aiocb/own", test_aiocb);
    g_test_add_func("/compat/aiocb/in-pool", test_cancel_in_pool);
    g_test_add_func("/compat/main-loop/iohandler", test_iohandler_context);
    g_test_add_func("/compat/qapi/builtin-lists", test_builtin_lists);
    g_test_add_func("/compat/qapi/qtype", test_qtype);
    g_test_add_func("/compat/qapi/qerror", test_qerror);
#if QOM_COMPAT_QEMU >= 1101
    g_test_add_func("/compat/aio/poll-weight", test_poll_weight);
#endif
    return test_run();
}
