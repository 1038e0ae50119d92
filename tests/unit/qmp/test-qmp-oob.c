/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Out-of-band execution in a session.  One thread takes the steps of both
 * threads; test-qmp-io-thread.c has two.
 */
#include "qapi/qapi-command.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/session-output.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "nothing", .run = run_nothing },
    { .name = "ping", .run = run_nothing, .flags = QCO_ALLOW_OOB },
};

static void feed(QmpSession *s, const char *text)
{
    qmp_session_feed(s, text, strlen(text));
}

static void expect_output(QmpSession *s, const char *out)
{
    g_autofree char *text = take_session_output(s);

    g_assert_cmpstr(text, ==, out);
}

static QmpSession *new_session(void)
{
    QmpSession *s = qmp_session_new_full(&(QmpSessionOptions) {
        .offers_oob = true,
    });

    g_free(take_session_output(s));
    return s;
}

static QmpSession *new_oob_session(void)
{
    QmpSession *s = new_session();

    feed(s, ENABLE_OOB);
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, OK);
    return s;
}

static void route(QmpSession *s, const char *in)
{
    feed(s, in);
    qmp_session_run(s, QMP_OUT_OF_BAND, G_USEC_PER_SEC);
}

static void run_inband(QmpSession *s)
{
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
}

static void test_offered(void)
{
    g_autoptr(QmpSession) s = qmp_session_new_full(&(QmpSessionOptions) {
        .offers_oob = true,
    });
    g_autofree char *greeting = take_session_output(s);

    g_assert_true(g_str_has_suffix(greeting,
                                   "\"capabilities\": [\"oob\"]}}\r\n"));
}

static void test_not_offered(void)
{
    g_autoptr(QmpSession) s = qmp_session_new(false);

    g_free(take_session_output(s));
    feed(s, ENABLE_OOB);
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, GENERIC("Capability 'oob' is not available"));
    g_assert_false(qmp_session_is_negotiated(s));
    g_assert_false(qmp_session_has_oob(s));
}

static bool refuse_to_start(void *opaque, Error **errp)
{
    error_setg(errp, "Not today");
    return false;
}

static const QmpSessionOps refusing_ops = { .start_oob = refuse_to_start };

static void test_cannot_start(void)
{
    g_autoptr(QmpSession) s = new_session();

    qmp_session_set_ops(s, &refusing_ops, NULL);
    feed(s, ENABLE_OOB);
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, GENERIC("Not today"));
    g_assert_false(qmp_session_is_negotiated(s));
    g_assert_false(qmp_session_has_oob(s));
}

static void test_enabled_twice(void)
{
    g_autoptr(QmpSession) s = new_session();

    feed(s, "{'execute': 'qmp_capabilities', 'arguments': "
         "{'enable': ['oob', 'oob']}}");
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, OK);
    g_assert_true(qmp_session_has_oob(s));
}

static void test_not_enabled(void)
{
    g_autoptr(QmpSession) s = new_session();

    feed(s, "{'execute': 'qmp_capabilities'}" OOB("ping", "1"));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, OK "{\"error\": {\"class\": \"GenericError\", \"desc\": "
                  "\"QMP input member 'exec-oob' is unexpected\"}, "
                  "\"id\": 1}\r\n");
}

/* Requests that were sent with it are executed by the new rules. */
static void test_enabled_in_the_midst(void)
{
    g_autoptr(QmpSession) s = new_session();

    feed(s, ENABLE_OOB IN("nothing", "1") OOB("ping", "2"));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(s, OK);
    route(s, "");
    expect_output(s, OK_ID("2"));
    run_inband(s);
    expect_output(s, OK_ID("1"));
}

typedef struct WrongRow {
    const char *name;
    const char *in;
    const char *out;
} WrongRow;

static const WrongRow wrong_rows[] = {
    { "not-allowed", "{'exec-oob': 'nothing'}",
      GENERIC("The command nothing does not support OOB") },
    { "quit-not-allowed", "{'exec-oob': 'quit'}",
      GENERIC("The command quit does not support OOB") },
    { "unknown", "{'exec-oob': 'nope'}",
      "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
      "\"The command nope has not been found\"}}\r\n" },
    { "not-a-string", "{'exec-oob': 1}",
      GENERIC("QMP input member 'exec-oob' must be a string") },
    { "other-member", "{'exec-oob': 'ping', 'x': 1}",
      GENERIC("QMP input member 'x' is unexpected") },
    { "arguments", "{'exec-oob': 'ping', 'arguments': {'x': 1}}",
      GENERIC("Parameter 'x' is unexpected") },
};

static void test_wrong(gconstpointer data)
{
    const WrongRow *row = data;
    g_autoptr(QmpSession) s = new_oob_session();

    route(s, row->in);
    expect_output(s, row->out);
    g_assert_true(qmp_session_is_idle(s));
}

static void test_both_forms(void)
{
    g_autoptr(QmpSession) s = new_oob_session();

    route(s, "{'execute': 'ping', 'exec-oob': 'ping'}");
    run_inband(s);
    expect_output(s, GENERIC("QMP input member 'exec-oob' clashes with "
                             "'execute'"));
}

static void test_overtakes(void)
{
    g_autoptr(QmpSession) s = new_oob_session();

    route(s, IN("nothing", "1") IN("nothing", "2") OOB("ping", "3"));
    expect_output(s, OK_ID("3"));
    run_inband(s);
    expect_output(s, OK_ID("1") OK_ID("2"));
}

static void test_broken_in_order(void)
{
    g_autoptr(QmpSession) s = new_oob_session();
    g_autofree char *text = NULL;

    route(s, IN("nothing", "1") "]\n" IN("nothing", "2"));
    expect_output(s, "");
    run_inband(s);
    text = take_session_output(s);
    g_assert_true(g_str_has_prefix(text, OK_ID("1") "{\"error\""));
    g_assert_true(g_str_has_suffix(text, OK_ID("2")));
}

static void test_queue_limit(void)
{
    g_autoptr(QmpSession) s = new_oob_session();

    for (int i = 0; i < QMP_INBAND_LIMIT; i++) {
        g_assert_true(qmp_session_wants_input(s));
        route(s, IN("nothing", "1"));
    }
    g_assert_false(qmp_session_wants_input(s));
    route(s, OOB("ping", "2"));
    g_assert_false(qmp_session_may_run(s, QMP_OUT_OF_BAND));
    expect_output(s, "");
    qmp_session_run(s, QMP_IN_BAND, 0);
    expect_output(s, OK_ID("1"));
    route(s, "");
    expect_output(s, OK_ID("2"));
}

/* The limit of a session: one request waits, and nothing more is read. */
static void test_own_queue_limit(void)
{
    QmpLimits limits = QMP_DEFAULT_LIMITS;
    g_autoptr(QmpSession) s = NULL;

    limits.queue = 1;
    s = qmp_session_new_full(&(QmpSessionOptions) { .limits = &limits,
                                                    .offers_oob = true });
    feed(s, ENABLE_OOB);
    run_inband(s);
    g_free(take_session_output(s));
    route(s, IN("nothing", "1"));
    g_assert_false(qmp_session_wants_input(s));
    run_inband(s);
    expect_output(s, OK_ID("1"));
    g_assert_true(qmp_session_wants_input(s));
}

static void count_wake(void *opaque)
{
    ++*(unsigned *)opaque;
}

/* Before the request that made room is executed, which may take long. */
static void test_wakes_for_room(void)
{
    g_autoptr(QmpSession) s = new_oob_session();
    unsigned n_wakes = 0;

    for (int i = 0; i < QMP_INBAND_LIMIT; i++) {
        route(s, IN("nothing", "1"));
    }
    qmp_session_set_wake(s, count_wake, &n_wakes);
    qmp_session_run(s, QMP_IN_BAND, 0);
    g_assert_cmpuint(n_wakes, ==, 1);
    qmp_session_run(s, QMP_IN_BAND, 0);
    g_assert_cmpuint(n_wakes, ==, 1);
}

static void test_quit_drops_rest(void)
{
    g_autoptr(QmpSession) s = new_oob_session();

    route(s, IN("quit", "1") IN("nothing", "2"));
    run_inband(s);
    expect_output(s, OK_ID("1"));
    g_assert_true(qmp_session_is_idle(s));
    route(s, OOB("ping", "3"));
    expect_output(s, "");
}

/* Replies that are not taken stop the execution of more. */
static void test_output_limit(void)
{
    g_autoptr(QmpSession) s = new_oob_session();
    g_autofree char *id = g_strnfill(QMP_OUTPUT_LIMIT, 'x');
    g_autofree char *first = g_strdup_printf(IN("nothing", "'%s'"), id);

    route(s, first);
    route(s, IN("nothing", "2"));
    run_inband(s);
    g_assert_false(qmp_session_may_run(s, QMP_IN_BAND));
    g_assert_false(qmp_session_is_idle(s));
    g_free(take_session_output(s));
    g_assert_true(qmp_session_may_run(s, QMP_IN_BAND));
    run_inband(s);
    expect_output(s, OK_ID("2"));
}

static void add_tests(void)
{
    g_test_add_func("/qmp/oob/capability/offered", test_offered);
    g_test_add_func("/qmp/oob/capability/not-offered", test_not_offered);
    g_test_add_func("/qmp/oob/capability/cannot-start", test_cannot_start);
    g_test_add_func("/qmp/oob/capability/repeated", test_enabled_twice);
    g_test_add_func("/qmp/oob/capability/not-enabled", test_not_enabled);
    g_test_add_func("/qmp/oob/capability/in-the-midst",
                    test_enabled_in_the_midst);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong_rows); i++) {
        g_autofree char *path = g_strconcat("/qmp/oob/request/",
                                            wrong_rows[i].name, NULL);

        g_test_add_data_func(path, &wrong_rows[i], test_wrong);
    }
    g_test_add_func("/qmp/oob/request/both-forms", test_both_forms);
    g_test_add_func("/qmp/oob/queue/overtakes", test_overtakes);
    g_test_add_func("/qmp/oob/queue/broken-in-order", test_broken_in_order);
    g_test_add_func("/qmp/oob/queue/limit", test_queue_limit);
    g_test_add_func("/qmp/oob/queue/own-limit", test_own_queue_limit);
    g_test_add_func("/qmp/oob/queue/wakes-for-room", test_wakes_for_room);
    g_test_add_func("/qmp/oob/queue/quit", test_quit_drops_rest);
    g_test_add_func("/qmp/oob/queue/output-limit", test_output_limit);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    module_call_init(MODULE_INIT_QMP);
    add_tests();
    return test_run();
}
