/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of requests: which band may be taken, when there is room, and two
 * threads that use it.
 */
#include "qmp/qmp-input-queue-internal.h"
#include "tests/unit/test-util.h"

#include <stdatomic.h>

static void add(QmpInputQueue *q, const char *text)
{
    qmp_input_queue_add(q, json_doc_parse(text, -1, &error_abort), NULL);
}

/* @verb: "execute" or "exec-oob" */
static void add_number(QmpInputQueue *q, const char *verb, unsigned number)
{
    g_autofree char *text = g_strdup_printf("{'%s': '%u'}", verb, number);

    add(q, text);
}

static unsigned number_of(const QmpInput *input, const char *verb)
{
    const JsonItem *name = json_item_member(json_doc_root(input->doc), verb);

    return g_ascii_strtoull(json_item_string(name), NULL, 10);
}

/* Takes a request, which must have that number. */
static void expect_taken(QmpInputQueue *q, QmpBand band, unsigned number)
{
    QmpInput input;

    g_assert_true(qmp_input_queue_take(q, band, NULL));
    g_assert_true(qmp_input_queue_take(q, band, &input));
    g_assert_cmpuint(number_of(&input, band == QMP_IN_BAND ? "execute"
                                                           : "exec-oob"),
                     ==, number);
    qmp_input_clear(&input);
}

static void expect_none(QmpInputQueue *q, QmpBand band)
{
    QmpInput input;

    g_assert_false(qmp_input_queue_take(q, band, NULL));
    g_assert_false(qmp_input_queue_take(q, band, &input));
}

/* Without `oob` all inputs are in band, whatever their verb is. */
static void test_one_band(void)
{
    QmpInputQueue q;
    QmpInput input;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    add_number(&q, "exec-oob", 1);
    expect_none(&q, QMP_OUT_OF_BAND);
    g_assert_true(qmp_input_queue_take(&q, QMP_IN_BAND, &input));
    g_assert_cmpuint(number_of(&input, "exec-oob"), ==, 1);
    qmp_input_clear(&input);
    qmp_input_queue_cleanup(&q);
}

static void test_one_at_a_time(void)
{
    QmpInputQueue q;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    add_number(&q, "execute", 1);
    add_number(&q, "execute", 2);
    expect_taken(&q, QMP_IN_BAND, 1);
    expect_none(&q, QMP_IN_BAND);
    qmp_input_queue_done(&q);
    expect_taken(&q, QMP_IN_BAND, 2);
    g_assert_false(qmp_input_queue_is_idle(&q, false));
    qmp_input_queue_done(&q);
    g_assert_true(qmp_input_queue_is_idle(&q, false));
    qmp_input_queue_cleanup(&q);
}

static void test_error(void)
{
    QmpInputQueue q;
    QmpInput input;
    Error *err = NULL;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    qmp_input_queue_enable_oob(&q);
    error_setg(&err, "broken");
    qmp_input_queue_add(&q, NULL, err);
    expect_none(&q, QMP_OUT_OF_BAND);
    g_assert_true(qmp_input_queue_take(&q, QMP_IN_BAND, &input));
    g_assert_null(input.doc);
    g_assert_cmpstr(error_get_pretty(input.err), ==, "broken");
    qmp_input_clear(&input);
    qmp_input_queue_cleanup(&q);
}

/* Inputs that were queued before are sorted as well. */
static void test_overtakes(void)
{
    QmpInputQueue q;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    add_number(&q, "execute", 1);
    add_number(&q, "exec-oob", 2);
    qmp_input_queue_enable_oob(&q);
    add_number(&q, "exec-oob", 3);
    expect_taken(&q, QMP_OUT_OF_BAND, 2);
    expect_taken(&q, QMP_OUT_OF_BAND, 3);
    expect_none(&q, QMP_OUT_OF_BAND);
    expect_taken(&q, QMP_IN_BAND, 1);
    qmp_input_queue_cleanup(&q);
}

/* The ninth place is out of reach until an input before it is taken. */
static void test_limit(void)
{
    QmpInputQueue q;
    QmpInput input;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    qmp_input_queue_enable_oob(&q);
    for (unsigned i = 0; i < QMP_INBAND_LIMIT; i++) {
        g_assert_true(qmp_input_queue_has_room(&q));
        add_number(&q, "execute", i);
    }
    g_assert_false(qmp_input_queue_has_room(&q));
    add_number(&q, "exec-oob", 100);
    expect_none(&q, QMP_OUT_OF_BAND);
    g_assert_true(qmp_input_queue_take(&q, QMP_IN_BAND, &input));
    g_assert_true(input.made_room);
    qmp_input_clear(&input);
    expect_taken(&q, QMP_OUT_OF_BAND, 100);
    g_assert_true(qmp_input_queue_has_room(&q));
    qmp_input_queue_done(&q);
    g_assert_true(qmp_input_queue_take(&q, QMP_IN_BAND, &input));
    g_assert_false(input.made_room);
    qmp_input_clear(&input);
    qmp_input_queue_cleanup(&q);
}

/* Without `oob` nothing is read until all is done. */
static void test_room(void)
{
    QmpInputQueue q;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    g_assert_true(qmp_input_queue_has_room(&q));
    add_number(&q, "execute", 1);
    g_assert_false(qmp_input_queue_has_room(&q));
    expect_taken(&q, QMP_IN_BAND, 1);
    g_assert_false(qmp_input_queue_has_room(&q));
    qmp_input_queue_done(&q);
    g_assert_true(qmp_input_queue_has_room(&q));
    qmp_input_queue_cleanup(&q);
}

/* One input waits all the time, while others overtake it. */
static void test_overtakes_for_long(void)
{
    QmpInputQueue q;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    qmp_input_queue_enable_oob(&q);
    add_number(&q, "execute", 7);
    for (unsigned i = 0; i < 10000; i++) {
        add_number(&q, "exec-oob", i);
        expect_taken(&q, QMP_OUT_OF_BAND, i);
        g_assert_cmpuint(qmp_input_queue_length(&q), ==, 1);
    }
    g_assert_cmpuint(q.capacity, <, 100);
    expect_taken(&q, QMP_IN_BAND, 7);
    qmp_input_queue_cleanup(&q);
}

static void test_many(void)
{
    QmpInputQueue q;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    for (unsigned i = 0; i < 1000; i++) {
        add_number(&q, "execute", i);
    }
    g_assert_cmpuint(qmp_input_queue_length(&q), ==, 1000);
    for (unsigned i = 0; i < 500; i++) {
        expect_taken(&q, QMP_IN_BAND, i);
        qmp_input_queue_done(&q);
    }
    qmp_input_queue_cleanup(&q); /* frees the rest */
}

enum {
    N_REQUESTS = 20000,
};

typedef struct Reader {
    QmpInputQueue *queue;
    unsigned n_oob; /* taken out of band */
    atomic_bool done;
} Reader;

static void take_all_oob(Reader *r)
{
    QmpInput input;

    while (qmp_input_queue_take(r->queue, QMP_OUT_OF_BAND, &input)) {
        g_assert_cmpuint(number_of(&input, "exec-oob"), ==, r->n_oob++);
        qmp_input_clear(&input);
    }
}

/* Adds seven in band for each one out of band, as fast as it can. */
static void *read_requests(void *opaque)
{
    Reader *r = opaque;

    for (unsigned i = 0; i < N_REQUESTS; i++) {
        if (i % 8 == 7) {
            add_number(r->queue, "exec-oob", i / 8);
        } else {
            add_number(r->queue, "execute", i);
        }
        take_all_oob(r);
    }
    while (r->n_oob < N_REQUESTS / 8) {
        take_all_oob(r);
        g_thread_yield();
    }
    atomic_store(&r->done, true);
    return NULL;
}

/* Each band keeps its order, and nothing is lost. */
static void test_threads(void)
{
    QmpInputQueue q;
    Reader r = { .queue = &q };
    GThread *thread;
    QmpInput input;
    unsigned n = 0;

    qmp_input_queue_init(&q, QMP_INBAND_LIMIT);
    qmp_input_queue_enable_oob(&q);
    thread = g_thread_new("reader", read_requests, &r);
    while (n < N_REQUESTS / 8 * 7) {
        if (!qmp_input_queue_take(&q, QMP_IN_BAND, &input)) {
            g_thread_yield();
            continue;
        }
        g_assert_cmpuint(number_of(&input, "execute"), ==, n / 7 * 8 + n % 7);
        n++;
        qmp_input_clear(&input);
        qmp_input_queue_done(&q);
    }
    g_thread_join(thread);
    g_assert_true(atomic_load(&r.done));
    g_assert_cmpuint(r.n_oob, ==, N_REQUESTS / 8);
    g_assert_true(qmp_input_queue_is_idle(&q, false));
    qmp_input_queue_cleanup(&q);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/input-queue/one-band", test_one_band);
    g_test_add_func("/qmp/input-queue/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/qmp/input-queue/error", test_error);
    g_test_add_func("/qmp/input-queue/overtakes", test_overtakes);
    g_test_add_func("/qmp/input-queue/limit", test_limit);
    g_test_add_func("/qmp/input-queue/room", test_room);
    g_test_add_func("/qmp/input-queue/overtakes-for-long",
                    test_overtakes_for_long);
    g_test_add_func("/qmp/input-queue/many", test_many);
    g_test_add_func("/qmp/input-queue/threads", test_threads);
    return test_run();
}
