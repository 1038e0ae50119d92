/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The samples, from -object text to their deletion.  This file uses today's
 * API; nothing shows that the samples were written for other versions.
 */
#include "tests/unit/test-util.h"
#include "aio/aio.h"
#include "qom/user-creatable.h"

static Object *add(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

static int64_t get(Object *obj, const char *name)
{
    return object_property_get_int(obj, name, &error_abort);
}

static void wait_until(Object *obj, const char *name, int64_t value)
{
    while (get(obj, name) < value) {
        g_thread_yield();
    }
}

static void set_up(void *fixture, const void *data)
{
    module_call_init(MODULE_INIT_QOM);
}

static void tear_down(void *fixture, const void *data)
{
    user_creatable_cleanup();
}

/* ---- All of them ---- */

static const char *const types[] = {
    "sample-ticker", "sample-worker", "sample-loop",
};

static void test_made_and_deleted(void *fixture, const void *data)
{
    g_autofree char *text = g_strdup_printf("%s,id=a", (const char *)data);

    for (int i = 0; i < 10; i++) {
        Object *obj = add(text);

        g_assert_cmpstr(object_get_typename(obj), ==, data);
        user_creatable_del("a", &error_abort);
        g_assert_null(object_resolve_path("/objects/a", NULL));
    }
}

/* ---- One by one ---- */

static void test_ticker_ticks(void *fixture, const void *data)
{
    Object *ticker = add("sample-ticker,id=t,poll-max-ns=1000,label=x");
    g_autofree char *label = object_property_get_str(ticker, "label",
                                                     &error_abort);

    g_assert_cmpstr(label, ==, "x");
    g_assert_cmpint(get(ticker, "poll-max-ns"), ==, 1000);
    wait_until(ticker, "ticks", 10);
}

static void test_ticker_default(void *fixture, const void *data)
{
    Object *ticker = add("sample-ticker,id=t");
    g_autofree char *label = object_property_get_str(ticker, "label",
                                                     &error_abort);

    g_assert_cmpstr(label, ==, "tock");
}

static void test_ticker_changes(void *fixture, const void *data)
{
    Object *ticker = add("sample-ticker,id=t");

    for (int i = 0; i < 50; i++) {
        object_property_set_int(ticker, "poll-max-ns", i % 3 * 10000,
                                &error_abort);
        wait_until(ticker, "ticks", i);
    }
}

typedef struct RefusedRow {
    const char *name;
    const char *text;
    const char *message;
} RefusedRow;

static const RefusedRow refused_rows[] = {
    { "ticker-range", "sample-ticker,id=a,poll-grow=-1",
      "poll-grow value must be in range [0, 9223372036854775807]" },
    { "ticker-label", "sample-ticker,id=a,label=",
      "label must not be empty" },
    { "worker-jobs", "sample-worker,id=a,jobs=-1",
      "Parameter 'jobs' expects uint32_t" },
    { "loop-range", "sample-loop,id=a,poll-max-ns=-5",
      "poll-max-ns value must be in range [0, 9223372036854775807]" },
    { "loop-base", "sample-loop,id=a,thread-pool-max=0",
      "thread-pool-max value must be in range [1, 2147483647]" },
};

static void test_refused(void *fixture, const void *data)
{
    const RefusedRow *row = data;
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(row->text, &err));
    assert_error(err, row->message);
    g_assert_null(object_resolve_path("/objects/a", NULL));
}

static void test_worker_works(void *fixture, const void *data)
{
    Object *worker = add("sample-worker,id=w,jobs=5");

    wait_until(worker, "done", 5);
    object_property_set_int(worker, "jobs", 100, &error_abort);
    wait_until(worker, "done", 105);
    g_assert_cmpint(get(worker, "heard"), ==, 0);
}

/* The library's iothread, used by a source of old. */
static void test_worker_and_iothread(void *fixture, const void *data)
{
    Object *worker;
    g_autoptr(Error) err = NULL;

    add("iothread,id=io0");
    worker = add("sample-worker,id=w,iothread=io0");
    object_property_set_int(worker, "jobs", 20, &error_abort);
    wait_until(worker, "heard", 20);
    g_assert_false(user_creatable_del("io0", &err));
    assert_error(err, "object 'io0' is in use, can not be deleted: "
                      "linked to by /objects/w.iothread");
    user_creatable_del("w", &error_abort);
    user_creatable_del("io0", &error_abort);
}

static void test_loop_reads(void *fixture, const void *data)
{
    Object *loop = add("sample-loop,id=l,aio-max-batch=7,poll-max-ns=100");

    g_assert_cmpint(get(loop, "aio-max-batch"), ==, 7);
    for (int i = 1; i <= 10; i++) {
        object_property_set_int(loop, "send", i, &error_abort);
    }
    wait_until(loop, "sum", 55);
    g_assert_cmpint(get(loop, "sum"), ==, 55);
}

static void test_loop_updates(void *fixture, const void *data)
{
    Object *loop = add("sample-loop,id=l");
    int64_t before = get(loop, "updates");

    object_property_set_int(loop, "thread-pool-max", 3, &error_abort);
    g_assert_cmpint(get(loop, "updates"), ==, before + 1);
    object_property_set_int(loop, "poll-grow", 3, &error_abort);
    g_assert_cmpint(get(loop, "updates"), ==, before + 2);
}

#define ADD(path, data, test) \
    g_test_add(path, void *, data, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *path = g_strdup_printf(
            "/compat/samples/made-and-deleted/%s", types[i]);

        ADD(path, types[i], test_made_and_deleted);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused_rows); i++) {
        g_autofree char *path = g_strdup_printf("/compat/samples/refused/%s",
                                                refused_rows[i].name);

        ADD(path, &refused_rows[i], test_refused);
    }
    ADD("/compat/samples/ticker/ticks", NULL, test_ticker_ticks);
    ADD("/compat/samples/ticker/default", NULL, test_ticker_default);
    ADD("/compat/samples/ticker/changes-as-it-runs", NULL,
        test_ticker_changes);
    ADD("/compat/samples/worker/works", NULL, test_worker_works);
    ADD("/compat/samples/worker/uses-an-iothread", NULL,
        test_worker_and_iothread);
    ADD("/compat/samples/loop/reads", NULL, test_loop_reads);
    ADD("/compat/samples/loop/updates", NULL, test_loop_updates);
    return test_run();
}
