/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending events: which emitter is called, in which thread, and how long. */
#include "qapi/qapi-event.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <stdatomic.h>

static const QapiEvent tick = { .name = "TICK" };
static const QapiEvent tock = { .name = "TOCK", .arg_type = &qapi_type_any };

static void append_name(const QapiEvent *event, JsonNode *data, void *opaque)
{
    g_string_append_printf(opaque, "%s ", event->name);
}

static void test_no_emitter(void)
{
    qapi_event_send(&tick, NULL);
}

static void test_replaced(void)
{
    g_autoptr(GString) first = g_string_new(NULL);
    g_autoptr(GString) second = g_string_new(NULL);

    qapi_event_set_emitter(append_name, first);
    qapi_event_send(&tick, NULL);
    qapi_event_set_emitter(append_name, second);
    qapi_event_send(&tick, NULL);
    qapi_event_send(&tick, NULL);
    qapi_event_set_emitter(NULL, NULL);
    qapi_event_send(&tick, NULL);
    g_assert_cmpstr(first->str, ==, "TICK ");
    g_assert_cmpstr(second->str, ==, "TICK TICK ");
}

static void answer_tick(const QapiEvent *event, JsonNode *data, void *opaque)
{
    if (event == &tick) {
        g_autoptr(JsonNode) arg = json_node_new(JSON_NODE_NULL);

        g_assert_null(data);
        qapi_event_send(&tock, arg);
    } else {
        g_assert_true(JSON_NODE_HOLDS_NULL(data));
    }
    append_name(event, data, opaque);
}

static void test_nested(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    qapi_event_set_emitter(answer_tick, names);
    qapi_event_send(&tick, NULL);
    qapi_event_set_emitter(NULL, NULL);
    g_assert_cmpstr(names->str, ==, "TOCK TICK ");
}

/* The steps of the test below; each thread waits for those of the other. */
typedef struct Steps {
    atomic_bool is_running; /* the emitter */
    atomic_bool is_replacing;
    atomic_bool is_replaced;
} Steps;

/* Runs while the emitter is replaced, and gives that every chance to return. */
static void emit_slowly(const QapiEvent *event, JsonNode *data, void *opaque)
{
    Steps *steps = opaque;

    atomic_store(&steps->is_running, true);
    while (!atomic_load(&steps->is_replacing)) {
        g_thread_yield();
    }
    for (int i = 0; i < 1000; i++) {
        g_thread_yield();
        g_assert_false(atomic_load(&steps->is_replaced));
    }
}

static void *send_tick(void *arg)
{
    qapi_event_send(&tick, NULL);
    return NULL;
}

static void test_waits(void)
{
    Steps steps = { false };
    Thread thread;

    qapi_event_set_emitter(emit_slowly, &steps);
    g_assert_cmpint(thread_create(&thread, "send", 0, send_tick, NULL), ==, 0);
    while (!atomic_load(&steps.is_running)) {
        g_thread_yield();
    }
    atomic_store(&steps.is_replacing, true);
    qapi_event_set_emitter(NULL, NULL);
    atomic_store(&steps.is_replaced, true);
    thread_join(&thread);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/event/no-emitter", test_no_emitter);
    g_test_add_func("/qapi/event/emitter/replaced", test_replaced);
    g_test_add_func("/qapi/event/emitter/may-send", test_nested);
    g_test_add_func("/qapi/event/emitter/replacing-waits", test_waits);
    return test_run();
}
