/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programming errors that are not tested together with their function: each
 * aborts, and the message says what is wrong.
 */
#include "aio/aio.h"
#include "aio/file/file-io.h"
#include "qapi/qapi-command.h"
#include "qapi/visitor/forward-visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/string-visitor.h"
#include "qmp/qmp-server.h"
#include "tests/unit/test-util.h"
#include "util/module.h"
#include "util/registration.h"
#include "util/thread.h"

#include <sys/socket.h>
#include <unistd.h>

/* ---- aio ---- */

static void monitor_is_none(void)
{
    aio_context_set_fd_monitor(aio_context_new(&error_abort), 99, NULL);
}

static void engine_is_none(void)
{
    AioContext *ctx = aio_context_new(&error_abort);

    aio_set_current_context(ctx);
    aio_file_new(ctx, 0, AIO_FILE_ENGINE__MAX, NULL);
}

static void engine_name_is_none(void)
{
    aio_file_engine_name(AIO_FILE_ENGINE__MAX);
}

static void cpu_is_too_large(void)
{
    ThreadCpus cpus = { { 0 } };

    thread_cpus_add(&cpus, THREAD_CPUS_MAX);
}

/* ---- Registries ---- */

static void registration_is_nested(void)
{
    registration_begin();
    registration_begin();
}

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static void command_is_registered_twice(void)
{
    static const QapiCommand commands[] = {
        { .name = "twice", .run = run_nothing },
        { .name = "twice", .run = run_nothing },
    };

    qapi_register_commands(commands, 2);
}

static void class_is_none(void)
{
    error_class_str(ERROR_CLASS__MAX);
}

/* ---- QMP ---- */

static void rate_is_negative(void)
{
    qmp_event_set_rate("EVENT", -1, NULL);
}

static QmpServer *server;

static bool run_free_server(void *arg, void *ret, Error **errp)
{
    qmp_server_free(server);
    return true;
}

/* Standard input is a socket with the request; it stays open. */
static void server_is_freed_by_a_command(void)
{
    static const QapiCommand commands[] = {
        { .name = "free-server", .run = run_free_server },
    };
    static const char request[] = "{'execute': 'qmp_capabilities'}"
                                  "{'execute': 'free-server'}";
    AioContext *ctx = aio_context_new(&error_abort);
    int fds[2];

    qapi_register_commands(commands, 1);
    module_call_init(MODULE_INIT_QMP);
    aio_set_current_context(ctx);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    g_assert_cmpint(write(fds[0], request, sizeof(request) - 1), >, 0);
    dup2(fds[1], 0);
    dup2(fds[1], 1);
    server = qmp_server_new(ctx, "stdio", &error_abort);
    for (;;) {
        aio_poll(ctx, true);
    }
}

/* ---- Visitors ---- */

static int64_t one = 1;
static int64_t *one_pointer = &one;
static JsonNode *result;
static char *text_result;

static Visitor *open_struct(void)
{
    Visitor *v = json_output_visitor_new(&result);

    visit_start_struct(v, NULL, (void **)&one_pointer, sizeof(one),
                       &error_abort);
    return v;
}

static void struct_has_no_size(void)
{
    visit_start_struct(json_output_visitor_new(&result), "a",
                       (void **)&one_pointer, 0, NULL);
}

static void struct_is_null(void)
{
    void *none = NULL;

    visit_start_struct(json_output_visitor_new(&result), "a", &none, 8, NULL);
}

static void list_node_is_small(void)
{
    GenericList *list = NULL;

    visit_start_list(json_output_visitor_new(&result), "a", &list, 1, NULL);
}

static void alternate_is_null(void)
{
    visit_start_alternate(json_output_visitor_new(&result), "a", NULL, 64,
                          NULL);
}

static void second_value(void)
{
    Visitor *v = json_output_visitor_new(&result);

    visit_type_int64(v, "a", &one, &error_abort);
    visit_type_int64(v, "b", &one, &error_abort);
}

static void member_without_name(void)
{
    visit_type_int64(open_struct(), NULL, &one, &error_abort);
}

static void list_end_of_a_struct(void)
{
    visit_end_list(open_struct(), NULL);
}

static void complete_with_another_pointer(void)
{
    Visitor *v = json_output_visitor_new(&result);

    visit_type_int64(v, "a", &one, &error_abort);
    visit_complete(v, &one);
}

static void complete_in_a_struct(void)
{
    visit_complete(open_struct(), &result);
}

static void complete_without_a_value(void)
{
    visit_complete(json_output_visitor_new(&result), &result);
}

static Visitor *open_input(void)
{
    JsonNode *node = json_from_string("{\"a\": 1}", NULL);
    Visitor *v = json_input_visitor_new(node);

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    return v;
}

static void input_member_without_name(void)
{
    visit_type_int64(open_input(), NULL, &one, &error_abort);
}

static void input_list_end_of_a_struct(void)
{
    visit_end_list(open_input(), NULL);
}

static void input_struct_ends_twice(void)
{
    Visitor *v = open_input();

    visit_end_struct(v, NULL);
    visit_end_struct(v, NULL);
}

static void second_text(void)
{
    Visitor *v = string_output_visitor_new(false, &text_result);

    visit_type_int64(v, "a", &one, &error_abort);
    visit_type_int64(v, "b", &one, &error_abort);
}

static void text_without_a_value(void)
{
    visit_complete(string_output_visitor_new(false, &text_result),
                   &text_result);
}

static void list_has_no_node(void)
{
    visit_next_list(json_output_visitor_new(&result), NULL, 16);
}

static void checks_no_struct(void)
{
    Visitor *v = open_input();

    visit_end_struct(v, NULL);
    visit_check_struct(v, NULL);
}

static void forward_struct_ends_twice(void)
{
    visit_end_struct(visitor_forward_field(open_input(), "a", "b"), NULL);
}

static void forward_list_ends_twice(void)
{
    visit_end_list(visitor_forward_field(open_input(), "a", "b"), NULL);
}

static void text_list_ends_twice(void)
{
    visit_end_list(string_output_visitor_new(false, &text_result), NULL);
}

static void input_text_list_ends_twice(void)
{
    visit_end_list(string_input_visitor_new("1"), NULL);
}

/* As of a program that has not set the member `type`. */
static void alternate_has_no_type(void)
{
    static const QapiBranch branches[] = {
        { "i", QTYPE_QNUM, &qapi_type_int },
    };
    static const QapiType type = {
        .name = "Number",
        .kind = QAPI_KIND_ALTERNATE,
        .size = 16,
        .u_offset = 8,
        .branches = branches,
        .n_branches = 1,
    };
    static int64_t value[2];
    void *obj = value;

    qapi_type_visit(json_output_visitor_new(&result), NULL, &type, &obj, NULL);
}

#define ERROR(text) "*programming error: *" text "*"

static const struct {
    const char *path;
    GTestFunc test;
    const char *message;
} tests[] = {
    { "aio/monitor-is-none", monitor_is_none,
      ERROR("aio_context_set_fd_monitor(): 99 is no AioFdMonitor") },
    { "aio/engine-is-none", engine_is_none,
      ERROR("aio_file_new(): 4 is no AioFileEngine") },
    { "aio/engine-name-is-none", engine_name_is_none,
      ERROR("aio_file_engine_name(): 4 is no AioFileEngine") },
    { "util/cpu-is-too-large", cpu_is_too_large,
      ERROR("is beyond the limit of THREAD_CPUS_MAX") },
    { "util/registration-is-nested", registration_is_nested,
      ERROR("registration_begin() inside of a transaction") },
    { "qapi/command-twice", command_is_registered_twice,
      ERROR("command 'twice' is registered twice") },
    { "qapi/class-is-none", class_is_none, ERROR("is no class of errors") },
    { "qmp/rate-is-negative", rate_is_negative,
      ERROR("the period of event 'EVENT' is -1 ns") },
    { "qmp/server-freed-by-a-command", server_is_freed_by_a_command,
      ERROR("a QMP session is freed by a command that it executes") },
    { "visitor/struct-has-no-size", struct_has_no_size,
      ERROR("visit_start_struct(): 'a': 0 bytes for an object") },
    { "visitor/struct-is-null", struct_is_null,
      ERROR("visit_start_struct(): 'a': there is no object to write") },
    { "visitor/list-node-is-small", list_node_is_small,
      ERROR("visit_start_list(): 'a': 1 bytes for a node of a list") },
    { "visitor/alternate-is-null", alternate_is_null,
      ERROR("visit_start_alternate(): 'a': there is no object") },
    { "visitor/second-value", second_value, ERROR("a second value, 'b'") },
    { "visitor/member-without-name", member_without_name,
      ERROR("a member of a struct has no name") },
    { "visitor/list-end-of-a-struct", list_end_of_a_struct,
      ERROR("visit_end_list() without the matching start") },
    { "visitor/complete/other-pointer", complete_with_another_pointer,
      ERROR("is not the one of json_output_visitor_new()") },
    { "visitor/complete/in-a-struct", complete_in_a_struct,
      ERROR("visit_complete(): a struct or a list has no end") },
    { "visitor/complete/nothing", complete_without_a_value,
      ERROR("visit_complete(): nothing was visited") },
    { "visitor/input/member-without-name", input_member_without_name,
      ERROR("a member of a struct has no name") },
    { "visitor/input/list-end-of-a-struct", input_list_end_of_a_struct,
      ERROR("visit_end_list() without the matching start") },
    { "visitor/input/struct-ends-twice", input_struct_ends_twice,
      ERROR("visit_end_struct() without the matching start") },
    { "visitor/text/second-value", second_text,
      ERROR("a second value outside of any list") },
    { "visitor/text/nothing", text_without_a_value,
      ERROR("visit_complete(): nothing was visited") },
    { "visitor/list-has-no-node", list_has_no_node,
      ERROR("visit_next_list(): 16 bytes for no node of a list") },
    { "visitor/input/checks-no-struct", checks_no_struct,
      ERROR("visit_check_struct() outside of a struct") },
    { "visitor/forward/struct-ends-twice", forward_struct_ends_twice,
      ERROR("visit_end_struct() without the matching start") },
    { "visitor/forward/list-ends-twice", forward_list_ends_twice,
      ERROR("visit_end_list() without the matching start") },
    { "visitor/text/list-ends-twice", text_list_ends_twice,
      ERROR("visit_end_list() without the matching start") },
    { "visitor/input-text/list-ends-twice", input_text_list_ends_twice,
      ERROR("visit_end_list() without the matching start") },
    { "visitor/alternate-has-no-type", alternate_has_no_type,
      ERROR("alternate 'Number': no branch has the QType 0") },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/programming-errors/",
                                            tests[i].path, NULL);

        test_add_abort_func(path, tests[i].test, tests[i].message);
    }
    return test_run();
}
