/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the object model logs, with and without an observer. */
#include "qom/object-observer.h"
#include "qom/user-creatable.h"
#include "tests/unit/qom/property-rows-fixture.h"
#include "tests/unit/test-util.h"
#include "util/log.h"

static void note(const LogMessage *m, void *opaque)
{
    test_note("%s", m->text);
    for (unsigned i = 0; i < m->n_fields; i++) {
        test_note("%s=%s", m->fields[i].name, m->fields[i].text);
    }
}

static void begin(LogLevel level)
{
    log_set_level("qom", level);
    log_set_handler(note, NULL);
    test_trace_begin();
}

static void end(void)
{
    log_set_handler(NULL, NULL);
    log_set_level("qom", LOG_LEVEL_OFF);
}

static void add_change_and_delete(void)
{
    Object *a = user_creatable_add_from_str("creatable-rows,id=a,i64=1",
                                            &error_abort);

    object_property_set_int(a, "i64", 2, &error_abort);
    object_property_set_int(a, "i64", 2, &error_abort); /* no change */
    object_set_props(a, &error_abort, "text", "x", "colour", "blue", NULL);
    user_creatable_del("a", &error_abort);
}

#define ADDED "object added path=/objects/a type=creatable-rows"
#define DELETED "object deleted path=/objects/a type=creatable-rows"

static void test_info(void)
{
    begin(LOG_LEVEL_INFO);
    add_change_and_delete();
    test_trace_end(ADDED " " DELETED);
    end();
}

static void test_debug(void)
{
    begin(LOG_LEVEL_DEBUG);
    add_change_and_delete();
    test_trace_end(ADDED
                   " property may have changed path=/objects/a property=i64 "
                   "value=2"
                   " property may have changed path=/objects/a property=text "
                   "value=x"
                   " property may have changed path=/objects/a "
                   "property=colour value=blue " DELETED);
    end();
}

static void observed(Object *obj, void *opaque)
{
    ++*(int *)opaque;
}

static void observed_change(Object *obj, const char *property, void *opaque)
{
    g_assert_not_reached(); /* nothing is watched */
}

static void test_with_observer(void)
{
    static const ObjectObserver observer = {
        .added = observed, .deleted = observed, .changed = observed_change,
    };
    int n = 0;

    object_set_observer(&observer, &n);
    begin(LOG_LEVEL_INFO);
    add_change_and_delete();
    test_trace_end(ADDED " " DELETED);
    g_assert_cmpint(n, ==, 2);
    end();

    /* Without messages the observer is notified as well. */
    test_trace_begin();
    add_change_and_delete();
    test_trace_end("");
    g_assert_cmpint(n, ==, 4);
    object_set_observer(NULL, NULL);
}

/* An object that is rolled back was never there. */
static void test_refused(void)
{
    Error *err = NULL;

    begin(LOG_LEVEL_DEBUG);
    g_assert_null(user_creatable_add_from_str("creatable-rows,id=a,i8=1000",
                                              &err));
    test_trace_end("");
    error_free(err);
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    rows_register();
    object_get_objects_root();
    g_test_add_func("/qom/log/info", test_info);
    g_test_add_func("/qom/log/debug", test_debug);
    g_test_add_func("/qom/log/with-observer", test_with_observer);
    g_test_add_func("/qom/log/refused", test_refused);
    return test_run();
}
