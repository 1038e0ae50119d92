/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages reach the handler if their level is on. */
#include "util/log.h"

#include "tests/unit/test-util.h"

#include <string.h>

LOG_AREA_DEFINE(pump_log, "pump")
LOG_AREA_DEFINE(valve_log, "valve")
static LogArea late_log = { .name = "late" };

static void note(const LogMessage *m, void *opaque)
{
    test_note("%s %s %s", log_level_name(m->level), m->area, m->text);
    for (unsigned i = 0; i < m->n_fields; i++) {
        const LogField *field = &m->fields[i];

        if (field->text) {
            test_note("%s=%s", field->name, field->text);
        } else {
            test_note("%s=%d", field->name, (int)field->number);
        }
    }
    test_note("%s", (const char *)opaque);
    /* Dropped: otherwise this would never end. */
    log_error(&pump_log, "from the handler");
}

static void begin(LogLevel level)
{
    log_set_level(NULL, level);
    log_set_handler(note, (void *)".");
    test_trace_begin();
}

static void end(void)
{
    log_set_handler(NULL, NULL);
    log_set_level(NULL, LOG_LEVEL_OFF);
}

static void test_fields(void)
{
    begin(LOG_LEVEL_DEBUG);
    log_info(&pump_log, "started");
    log_debug(&pump_log, "moved", log_str("id", "p0"), log_int("litres", -3),
              log_str("none", NULL));
    test_trace_end("info pump started . "
                   "debug pump moved id=p0 litres=-3 none= .");
    end();
}

static void write_all(void)
{
    log_error(&pump_log, "e");
    log_warning(&pump_log, "w");
    log_info(&pump_log, "i");
    log_debug(&pump_log, "d");
}

static void test_levels(void)
{
    begin(LOG_LEVEL_OFF);
    write_all();
    g_assert_true(log_set_level("pump", LOG_LEVEL_WARNING));
    write_all();
    log_error(&valve_log, "off");
    test_trace_end("error pump e . warning pump w .");
    g_assert_false(log_set_level("none", LOG_LEVEL_INFO));
    end();
}

static int count_calls(int *n)
{
    return ++*n;
}

static void test_fields_are_not_evaluated(void)
{
    int n = 0;

    begin(LOG_LEVEL_ERROR);
    log_info(&pump_log, "x", log_int("n", count_calls(&n)));
    g_assert_cmpint(n, ==, 0);
    log_error(&pump_log, "x", log_int("n", count_calls(&n)));
    test_trace_end("error pump x n=1 .");
    end();
}

static void test_no_handler(void)
{
    log_set_level(NULL, LOG_LEVEL_DEBUG);
    log_error(&pump_log, "dropped");
    end();
}

static void test_areas(void)
{
    const LogArea *area = log_area_next(NULL);

    log_set_level(NULL, LOG_LEVEL_INFO);
    log_area_register(&late_log);
    g_assert_true(log_is_on(&late_log, LOG_LEVEL_INFO));
    g_assert_false(log_is_on(&late_log, LOG_LEVEL_DEBUG));
    for (; log_area_next(area); area = log_area_next(area)) {
        g_assert_cmpstr(area->name, <, log_area_next(area)->name);
    }
    log_area_unregister(&late_log);
    g_assert_false(log_set_level("late", LOG_LEVEL_INFO));
    end();
}

static void test_names(void)
{
    for (int level = 0; level < LOG_LEVEL__MAX; level++) {
        LogLevel found;

        g_assert_true(log_level_from_name(log_level_name(level), &found));
        g_assert_cmpint(found, ==, level);
        g_assert_false(log_level_from_name("loud", &found));
    }
}

/* ---- Threads ---- */

static void count(const LogMessage *m, void *opaque)
{
    ++*(int *)opaque; /* calls are serialized */
}

static void *write_often(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        log_info(&pump_log, "x");
    }
    return arg;
}

static void test_threads(void)
{
    GThread *threads[4];
    int n = 0;

    log_set_level(NULL, LOG_LEVEL_INFO);
    log_set_handler(count, &n);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("log", write_often, NULL);
    }
    log_set_level("pump", LOG_LEVEL_DEBUG);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
    g_assert_cmpint(n, ==, 4000);
    end();
}

/* A plugin that is linked with a copy of the library */
static void test_same_name(void)
{
    static LogArea copy = { .name = "pump" };

    log_set_level("pump", LOG_LEVEL_INFO);
    log_area_register(&copy);
    g_assert_true(log_is_on(&copy, LOG_LEVEL_INFO));
    log_set_level("pump", LOG_LEVEL_OFF);
    g_assert_false(log_is_on(&copy, LOG_LEVEL_ERROR));
    for (const LogArea *area = log_area_next(NULL); log_area_next(area);
         area = log_area_next(area)) {
        g_assert_cmpstr(area->name, <, log_area_next(area)->name);
    }
    log_area_unregister(&copy);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/log/fields", test_fields);
    g_test_add_func("/util/log/levels", test_levels);
    g_test_add_func("/util/log/fields-are-not-evaluated",
                    test_fields_are_not_evaluated);
    g_test_add_func("/util/log/no-handler", test_no_handler);
    g_test_add_func("/util/log/areas", test_areas);
    g_test_add_func("/util/log/names", test_names);
    g_test_add_func("/util/log/threads", test_threads);
    g_test_add_func("/util/log/same-name", test_same_name);
    return test_run();
}
