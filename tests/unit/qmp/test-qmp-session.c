/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP conversation without input and output: bytes in, bytes out.
 */
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/session-talk.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

#define GREETING                                                            \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, "      \
    "\"major\": 10}, \"package\": \"qom 0.1.0\"}, \"capabilities\": []}}\r\n"
#define NOT_FOUND(desc) ERROR("CommandNotFound", desc)

/* ---- Commands of the test's own ---- */

static int n_silent;

static bool run_echo(void *arg, void *ret, Error **errp)
{
    *(JsonNode **)ret = json_node_ref(arg);
    return true;
}

static bool run_silent(void *arg, void *ret, Error **errp)
{
    n_silent++;
    return true;
}

static bool run_hint(void *arg, void *ret, Error **errp)
{
    ERRP_GUARD();

    error_set(errp, ERROR_CLASS_DEVICE_NOT_ACTIVE, "it is off");
    error_append_hint(errp, "Turn it on.\nThen try again.\n");
    return false;
}

static const QapiCommand test_commands[] = {
    { .name = "echo", .run = run_echo, .arg_type = &qapi_type_any,
      .ret_type = &qapi_type_any },
    { .name = "silent", .run = run_silent, .flags = QCO_NO_SUCCESS_RESP },
    { .name = "hint", .run = run_hint },
};

static QmpSession *start(void)
{
    QmpSession *s = qmp_session_new(false);

    expect(s, NEGOTIATE, GREETING OK);
    return s;
}

typedef struct Row {
    const char *name;
    const char *in;
    const char *out;
} Row;

static const Row before_rows[] = {
    { "greeting", "", GREETING },
    { "command", "{'execute': 'query-version'}",
      GREETING NOT_FOUND("Expecting capabilities negotiation with "
                         "'qmp_capabilities'") },
    { "unknown-command", "{'execute': 'x', 'id': 1}",
      GREETING "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
      "\"Expecting capabilities negotiation with 'qmp_capabilities'\"}, "
      "\"id\": 1}\r\n" },
    { "form-is-checked-first", "{'execute': 'x', 'y': 1}",
      GREETING GENERIC("QMP input member 'y' is unexpected") },
    { "enable-nothing",
      "{'execute': 'qmp_capabilities', 'arguments': {'enable': []}}",
      GREETING OK },
    { "enable-unknown",
      "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['x']}}",
      GREETING GENERIC("Parameter 'enable[0]' does not accept value 'x'"
                       "\\nAccepted values: oob.") },
    { "enable-not-offered",
      "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}",
      GREETING GENERIC("Capability 'oob' is not available") },
    { "enable-wrong-type",
      "{'execute': 'qmp_capabilities', 'arguments': {'enable': 'oob'}}",
      GREETING GENERIC("Invalid parameter type for 'enable', "
                       "expected: array") },
    { "failed-negotiation-may-be-repeated",
      "{'execute': 'qmp_capabilities', 'arguments': {'x': 1}}" NEGOTIATE,
      GREETING GENERIC("Parameter 'x' is unexpected") OK },
};

static const Row rows[] = {
    /* E04 */
    { "negotiate/again", NEGOTIATE,
      NOT_FOUND("Capabilities negotiation is already complete, "
                "command ignored") },
    /* E06 */
    { "request/number", "1 ", GENERIC("QMP input must be a JSON object") },
    { "request/null", "null\n", GENERIC("QMP input must be a JSON object") },
    { "request/array", "[]", GENERIC("QMP input must be a JSON object") },
    { "request/string", "'x'", GENERIC("QMP input must be a JSON object") },
    { "request/empty", "{}", GENERIC("QMP input lacks member 'execute'") },
    { "request/no-execute", "{'arguments': {}}",
      GENERIC("QMP input lacks member 'execute'") },
    { "request/execute-number", "{'execute': 1}",
      GENERIC("QMP input member 'execute' must be a string") },
    { "request/execute-big-number", "{'execute': 1e2}",
      GENERIC("QMP input member 'execute' must be a string") },
    { "request/execute-null", "{'execute': null}",
      GENERIC("QMP input member 'execute' must be a string") },
    { "request/arguments-null", "{'execute': 'echo', 'arguments': null}",
      GENERIC("QMP input member 'arguments' must be an object") },
    { "request/arguments-array", "{'execute': 'echo', 'arguments': []}",
      GENERIC("QMP input member 'arguments' must be an object") },
    { "request/arguments-string", "{'execute': 'echo', 'arguments': 'x'}",
      GENERIC("QMP input member 'arguments' must be an object") },
    { "request/unexpected", "{'execute': 'echo', 'extra': 1}",
      GENERIC("QMP input member 'extra' is unexpected") },
    { "request/error-has-id", "{'extra': 1, 'id': 'i'}",
      "{\"error\": {\"class\": \"GenericError\", \"desc\": "
      "\"QMP input member 'extra' is unexpected\"}, \"id\": \"i\"}\r\n" },
    /* E11 */
    { "request/exec-oob", "{'exec-oob': 'echo'}",
      GENERIC("QMP input member 'exec-oob' is unexpected") },
    { "request/both-forms", "{'execute': 'echo', 'exec-oob': 'echo'}",
      GENERIC("QMP input member 'exec-oob' is unexpected") },
    /* E10 */
    { "command/unknown", "{'execute': 'nope'}",
      NOT_FOUND("The command nope has not been found") },
    { "command/empty-name", "{'execute': ''}",
      NOT_FOUND("The command  has not been found") },
    { "command/arguments-where-there-are-none",
      "{'execute': 'query-version', 'arguments': {'a': 1}}",
      GENERIC("Parameter 'a' is unexpected") },
    { "command/empty-arguments-where-there-are-none",
      "{'execute': 'silent', 'arguments': {}}", "" },
    /* E07, E24 */
    { "id/null", "{'execute': 'echo', 'id': null}",
      "{\"return\": {}, \"id\": null}\r\n" },
    { "id/object", "{'execute': 'echo', 'id': {'b': [1, true], 'a': {}}}",
      "{\"return\": {}, \"id\": {\"b\": [1, true], \"a\": {}}}\r\n" },
    { "id/uint64", "{'execute': 'echo', 'id': 18446744073709551615}",
      "{\"return\": {}, \"id\": 18446744073709551615}\r\n" },
    { "id/int64", "{'execute': 'echo', 'id': -9223372036854775808}",
      "{\"return\": {}, \"id\": -9223372036854775808}\r\n" },
    { "id/thirty-digits",
      "{'execute': 'echo', 'id': 123456789012345678901234567890}",
      "{\"return\": {}, \"id\": 123456789012345678901234567890}\r\n" },
    { "id/fraction", "{'execute': 'echo', 'id': 0.1}",
      "{\"return\": {}, \"id\": 0.1}\r\n" },
    { "id/exponent", "{'execute': 'echo', 'id': 1e2}",
      "{\"return\": {}, \"id\": 1e2}\r\n" },
    { "id/out-of-range", "{'execute': 'echo', 'id': 1e400}",
      GENERIC("JSON parse error, number '1e400' is out of range "
              "(line 1, column 27)") },
    { "id/nul", "{'execute': 'echo', 'id': '\\u0000'}",
      "{\"return\": {}, \"id\": \"\\u0000\"}\r\n" },
    /* E16 */
    { "id/ascii", "{'execute': 'echo', 'id': 'h\xC3\xA9 \xF0\x9F\x98\x80'}",
      "{\"return\": {}, \"id\": \"h\\u00E9 \\uD83D\\uDE00\"}\r\n" },
    { "id/in-error", "{'execute': 'nope', 'id': [0.50]}",
      "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
      "\"The command nope has not been found\"}, \"id\": [0.50]}\r\n" },
    /* E08 */
    { "reply/none", "{'execute': 'silent', 'id': 1}{'execute': 'echo'}", OK },
    { "reply/hint", "{'execute': 'hint'}",
      "{\"error\": {\"class\": \"DeviceNotActive\", \"desc\": \"it is off\\n"
      "Turn it on.\\nThen try again.\"}}\r\n" },
    /* E12 */
    { "framing/several-on-a-line",
      "{'execute':'echo','id':1}{'execute':'echo','id':2} "
      "{'execute':'nope'}{'execute':'echo','id':3}\n",
      "{\"return\": {}, \"id\": 1}\r\n{\"return\": {}, \"id\": 2}\r\n"
      NOT_FOUND("The command nope has not been found")
      "{\"return\": {}, \"id\": 3}\r\n" },
    { "framing/over-lines",
      "{\n'execute'\r\n:\n\n'echo',\t'arguments'\n:{\n'a'\n:1\n}\n}\n",
      "{\"return\": {\"a\": 1}}\r\n" },
    /* E18 */
    { "json/single-quotes", "{'execute': 'echo', 'id': 'it\\'s'}",
      "{\"return\": {}, \"id\": \"it's\"}\r\n" },
    { "json/keyword", "{'execute': 'echo', 'id': True}{'execute': 'echo'}",
      GENERIC("JSON parse error, invalid keyword 'True' "
              "(line 1, column 27)") OK },
    /* E20: one error a message */
    { "json/two-errors-in-one",
      "{'execute': 'echo', 'arguments': {'a': [1,], 'b': +1}}"
      "{'execute': 'echo'}",
      GENERIC("JSON parse error, expecting value (line 1, column 43)") OK },
    /* E21 */
    { "json/byte-ff", "{'execute': \xFF{'execute': 'echo'}",
      GENERIC("JSON parse error, byte 0xFF (line 1, column 13)") OK },
    { "json/control-character", "{'execute': 'ec\x01ho'}\n{'execute': 'echo'}",
      GENERIC("JSON parse error, control character 0x01 "
              "(line 1, column 16)") OK },
    { "json/newline-in-string", "{'execute': 'ec\nho'}\n{'execute': 'echo'}",
      GENERIC("JSON parse error, control character 0x0a "
              "(line 1, column 16)") OK },
    /* E22 */
    { "json/leading-zero", "{'execute': 'echo', 'id': 01}{'execute':'echo'}",
      GENERIC("JSON parse error, invalid number '01' (line 1, column 27)")
      OK },
    { "json/lone-surrogate", "{'execute': '\\uD800'}{'execute': 'echo'}",
      GENERIC("JSON parse error, lone surrogate in string "
              "(line 1, column 14)") OK },
    /* E25 */
    { "json/duplicate-key", "{'execute':'echo','execute':'echo'}",
      GENERIC("JSON parse error, duplicate key 'execute' "
              "(line 1, column 29)") },
    /* E26 */
    { "json/bad-utf8", "{'execute': 'a\xC3z'}{'execute': 'echo'}",
      GENERIC("JSON parse error, invalid UTF-8 sequence in string "
              "(line 1, column 15)") OK },
    /* E30 */
    { "commands/query-version", "{'execute': 'query-version'}",
      "{\"return\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, "
      "\"package\": \"qom 0.1.0\"}}\r\n" },
    { "commands/quit-is-last",
      "{'execute': 'quit', 'id': 7}{'execute': 'echo'}",
      "{\"return\": {}, \"id\": 7}\r\n" },
};

static void test_before(const void *data)
{
    const Row *row = data;
    g_autoptr(QmpSession) s = qmp_session_new(false);

    expect(s, row->in, row->out);
}

static void test_row(const void *data)
{
    const Row *row = data;
    g_autoptr(QmpSession) s = start();

    expect(s, row->in, row->out);
}

/* The same replies when each byte comes alone. */
static void test_bytewise(const void *data)
{
    const Row *row = data;
    g_autoptr(QmpSession) s = start();
    g_autoptr(GString) all = g_string_new(NULL);

    for (const char *p = row->in; *p; p++) {
        char byte[2] = { *p, 0 };
        g_autofree char *text = say(s, byte);

        g_string_append(all, text);
    }
    g_assert_cmpstr(all->str, ==, row->out);
}

/* A conversation that stops at any byte leaves nothing behind. */
static void test_cut(const void *data)
{
    const Row *row = data;

    for (size_t n = 0; n <= strlen(row->in); n++) {
        g_autoptr(QmpSession) s = start();

        qmp_session_feed(s, row->in, n);
    }
}

/* ---- Other tests ---- */

static void test_commands_sorted(void)
{
    g_autoptr(QmpSession) s = start();
    g_autofree char *text = say(s, "{'execute': 'query-commands'}");
    const char *at = text;
    const char *names[] = { "echo", "hint", "qmp_capabilities",
                            "query-commands", "query-version", "quit" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *item = g_strdup_printf("{\"name\": \"%s\"}",
                                                names[i]);

        at = strstr(at, item);
        g_assert_nonnull(at);
    }
}

static void test_pretty(void)
{
    g_autoptr(QmpSession) s = qmp_session_new(true);
    g_autofree char *greeting = take_session_output(s);

    g_assert_true(g_str_has_prefix(greeting, "{\n    \"QMP\": {\n"));
    g_assert_true(g_str_has_suffix(greeting, "\n}\r\n"));
    expect(s, "{'execute': 'qmp_capabilities', 'id': [1]}",
           "{\n    \"return\": {},\n    \"id\": [\n        1\n    ]\n}\r\n");
}

static void test_quit(void)
{
    g_autoptr(QmpSession) s = start();

    g_assert_false(qmp_session_has_quit(s));
    expect(s, "{'execute': 'quit'}", OK);
    g_assert_true(qmp_session_has_quit(s));
}

static void test_silent(void)
{
    g_autoptr(QmpSession) s = start();

    n_silent = 0;
    expect(s, "{'execute': 'silent'}", "");
    g_assert_cmpint(n_silent, ==, 1);
}

static void test_end_of_input(void)
{
    g_autoptr(QmpSession) s = start();

    qmp_session_feed(s, "{'execute':", 11);
    qmp_session_end_input(s);
    expect(s, "", GENERIC("JSON parse error, unexpected end of input "
                          "(line 1, column 12)"));
}

static void nested_request(GString *text, unsigned depth)
{
    g_string_assign(text, "{'execute': 'silent', 'id': ");
    for (unsigned i = 0; i < depth; i++) {
        g_string_append_c(text, '[');
    }
    for (unsigned i = 0; i < depth; i++) {
        g_string_append_c(text, ']');
    }
    g_string_append_c(text, '}');
}

static void test_nesting(void)
{
    g_autoptr(QmpSession) s = start();
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *reply = NULL;

    nested_request(text, JSON_MAX_NESTING - 1);
    expect(s, text->str, "");
    nested_request(text, JSON_MAX_NESTING);
    g_string_append(text, "{'execute': 'echo'}");
    reply = say(s, text->str);
    g_assert_nonnull(strstr(reply, "JSON nesting depth limit exceeded"));
    g_assert_true(g_str_has_suffix(reply, "\r\n" OK));
    g_assert_null(strstr(strstr(reply, "error") + 1, "\"error\""));
}

static void test_size_limit(void)
{
    g_autoptr(QmpSession) s = start();
    g_autofree char *chunk = g_strnfill(1024 * 1024, 'x');
    g_autofree char *reply = NULL;

    qmp_session_feed(s, "{'execute': '", 13);
    for (int i = 0; i < JSON_MAX_TEXT / (1024 * 1024); i++) {
        qmp_session_feed(s, chunk, 1024 * 1024);
    }
    reply = say(s, "'}{'execute': 'echo'}");
    g_assert_nonnull(strstr(reply, "JSON token size limit exceeded"));
    g_assert_true(g_str_has_suffix(reply, "\r\n" OK));
}

static void test_output_limit(void)
{
    g_autoptr(QmpSession) s = start();
    g_autofree char *text = g_strnfill(QMP_OUTPUT_LIMIT, 'x');
    g_autofree char *request = g_strdup_printf(
        "{'execute': 'echo', 'id': '%s'}{'execute': 'echo'}", text);
    g_autofree char *first = NULL;

    qmp_session_feed(s, request, strlen(request));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    g_assert_true(qmp_session_has_requests(s));
    first = take_session_output(s);
    g_assert_cmpint(strlen(first), >, QMP_OUTPUT_LIMIT);
    expect(s, "", OK);
}

/* Of a client's own: each limit is that of its session. */
static void test_own_limits(void)
{
    QmpLimits limits = QMP_DEFAULT_LIMITS;
    g_autoptr(QmpSession) s = NULL;
    g_autofree char *greeting = NULL;
    g_autofree char *reply = NULL;

    limits.request_bytes = 48;
    limits.output_bytes = 1;
    s = qmp_session_new_full(&(QmpSessionOptions) { .limits = &limits });
    greeting = take_session_output(s);
    expect(s, "{'execute': 'qmp_capabilities'}\n", OK);
    expect(s, "{'execute': 'echo', 'id': 'xxxxxxxxxxxxxxxxxxxxxxxxx'}",
           GENERIC("JSON parse error, JSON token size limit exceeded "
                   "(line 1, column 27)"));
    qmp_session_feed(s, "{'execute': 'echo'}{'execute': 'echo'}", 38);
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    g_assert_true(qmp_session_has_requests(s));
    reply = take_session_output(s);
    g_assert_cmpstr(reply, ==, OK);
    expect(s, "", OK);
}

static void test_time_limit(void)
{
    g_autoptr(QmpSession) s = start();
    const char *two = "{'execute': 'echo'}{'execute': 'echo'}";

    qmp_session_feed(s, two, strlen(two));
    qmp_session_run(s, QMP_IN_BAND, 0);
    g_assert_true(qmp_session_has_requests(s));
    expect(s, "", OK OK);
}

/* @opaque: how many bytes it takes, a size_t */
static ssize_t take_bytes(void *opaque, const char *bytes, size_t n_bytes)
{
    size_t *left = opaque;
    ssize_t n = MIN(n_bytes, *left);

    *left -= n;
    return n ? n : -1;
}

static void test_partly_sent(void)
{
    g_autoptr(QmpSession) s = start();
    const char *request = "{'execute': 'echo', 'id': 1}";

    qmp_session_feed(s, request, strlen(request));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    qmp_session_send(s, take_bytes, &(size_t) { 5 });
    g_assert_cmpint(qmp_session_unsent(s), ==, 20);
    qmp_session_send(s, take_bytes, &(size_t) { 15 });
    expect(s, "{'execute': 'echo'}", " 1}\r\n" OK);
}

static void add_rows(const char *folder, const Row *table, size_t n,
                     GTestDataFunc fn)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat("/qmp/session/", folder, "/",
                                            table[i].name, NULL);

        g_test_add_data_func(path, &table[i], fn);
    }
}

/* The member "qemu" keeps the place and the form that clients parse. */
static void test_program(void)
{
    g_autoptr(QmpSession) before = start();
    g_autoptr(QmpSession) s = NULL;
    g_autofree char *greeting = NULL;

    qmp_set_program("thermostat", 3, 2, 1, NULL);
    s = qmp_session_new(false);
    greeting = take_session_output(s);
    g_assert_cmpstr(greeting, ==, "{\"QMP\": {\"version\": {"
                    "\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, "
                    "\"package\": \"thermostat 3.2.1 (qom 0.1.0)\", "
                    "\"program\": {\"name\": \"thermostat\", \"version\": "
                    "{\"micro\": 1, \"minor\": 2, \"major\": 3}}}, "
                    "\"capabilities\": []}}\r\n");
    qmp_set_program("thermostat", 3, 2, 2, "demo 1:3.2.2-4");
    expect(before, "{'execute': 'query-version'}",
           "{\"return\": {"
           "\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, "
           "\"package\": \"thermostat 3.2.2 (qom 0.1.0)\", "
           "\"program\": {\"name\": \"thermostat\", \"version\": "
           "{\"micro\": 2, \"minor\": 2, \"major\": 3}, "
           "\"package\": \"demo 1:3.2.2-4\"}}}\r\n");
    qmp_set_program(NULL, 0, 0, 0, NULL);
    expect(before, "{'execute': 'query-version'}",
           "{\"return\": {"
           "\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, "
           "\"package\": \"qom 0.1.0\"}}\r\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QMP);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    add_rows("before", before_rows, G_N_ELEMENTS(before_rows), test_before);
    add_rows("request", rows, G_N_ELEMENTS(rows), test_row);
    add_rows("bytewise", rows, G_N_ELEMENTS(rows), test_bytewise);
    add_rows("cut", rows, G_N_ELEMENTS(rows), test_cut);
    g_test_add_func("/qmp/session/query-commands/sorted",
                    test_commands_sorted);
    g_test_add_func("/qmp/session/pretty", test_pretty);
    g_test_add_func("/qmp/session/quit", test_quit);
    g_test_add_func("/qmp/session/silent-command-runs", test_silent);
    g_test_add_func("/qmp/session/end-of-input", test_end_of_input);
    g_test_add_func("/qmp/session/limit/nesting", test_nesting);
    g_test_add_func("/qmp/session/limit/size", test_size_limit);
    g_test_add_func("/qmp/session/limit/output", test_output_limit);
    g_test_add_func("/qmp/session/limit/own", test_own_limits);
    g_test_add_func("/qmp/session/limit/time", test_time_limit);
    g_test_add_func("/qmp/session/partly-sent", test_partly_sent);
    g_test_add_func("/qmp/session/program", test_program);
    return test_run();
}
