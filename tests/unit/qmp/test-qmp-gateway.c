/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A gateway in the process of its monitor: the test is the client of the
 * gateway, and runs the loop of both.
 */
#include "qmp/qmp-gateway.h"

#include "aio/aio.h"
#include "qmp/qmp-client.h"
#include "qmp/qmp-server.h"
#include "tests/unit/test-util.h"
#include "util/log.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static AioContext *ctx;

typedef struct Fixture {
    char *dir;
    QmpServer *monitor;
    QmpGateway *gateway;
    QmpClient *client; /* of the gateway */
    GString *log;      /* a word for each thing that has happened */
} Fixture;

static char *address_of(const Fixture *f, const char *name)
{
    return g_strdup_printf("unix:%s/%s", f->dir, name);
}

static void note(Fixture *f, const char *text)
{
    g_string_append(f->log, f->log->len ? ", " : "");
    g_string_append(f->log, text);
}

static void expect(Fixture *f, const char *log)
{
    while (f->log->len < strlen(log)) {
        aio_poll(ctx, true);
    }
    g_assert_cmpstr(f->log->str, ==, log);
    g_string_truncate(f->log, 0);
}

/* The messages of the gateway: each command's outcome. */
static void on_message(const LogMessage *message, void *opaque)
{
    for (unsigned i = 0; i < message->n_fields; i++) {
        if (!strcmp(message->fields[i].name, "outcome")) {
            note(opaque, message->fields[i].text);
        }
    }
}

/* The servers of the fixture are objects of the monitor's process, too. */
static void on_event(const QmpEvent *event, void *opaque)
{
    const JsonItem *path = event->data ? json_item_member(event->data, "path")
                                       : NULL;

    if (!path || !strcmp(json_item_string(path), "/objects/x")) {
        note(opaque, event->name);
    }
}

static void on_reply(const QmpReply *reply, void *opaque)
{
    note(opaque, reply->error ? error_get_pretty(reply->error) : "reply");
}

static void call(Fixture *f, const char *command)
{
    qmp_client_call(f->client, &(QmpCall) { .command = command }, on_reply,
                    f);
}

/* @rules: options of the address of the gateway */
static void setup(Fixture *f, const char *rules)
{
    g_autofree char *monitor = NULL;
    g_autofree char *at = NULL;
    g_autofree char *with_rules = NULL;
    QmpGatewayOptions options = { .opaque = f };

    f->dir = g_dir_make_tmp("gateway-XXXXXX", NULL);
    f->log = g_string_new(NULL);
    log_set_handler(on_message, f);
    log_set_level("gateway", LOG_LEVEL_DEBUG);
    monitor = address_of(f, "monitor");
    at = address_of(f, "gateway");
    with_rules = g_strconcat(at, rules, NULL);
    f->monitor = qmp_server_new(ctx, monitor, &error_abort);
    options.monitor = monitor;
    f->gateway = qmp_gateway_new(ctx, &options, &error_abort);
    qmp_gateway_listen(f->gateway, with_rules, &error_abort);
    f->client = qmp_client_new(ctx, &(QmpClientOptions) { .address = at },
                               &error_abort);
    qmp_client_on_event(f->client, NULL, on_event, f);
}

static void teardown(Fixture *f)
{
    qmp_client_free(f->client);
    qmp_gateway_free(f->gateway);
    qmp_server_free(f->monitor);
    log_set_handler(NULL, NULL);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_assert_cmpstr(f->log->str, ==, "");
    g_string_free(f->log, TRUE);
    g_free(f->dir);
    while (aio_poll(ctx, false)) {
        /* what is left */
    }
}

static void test_forward(void)
{
    Fixture f;

    setup(&f, ",deny=quit");
    call(&f, "query-version");
    expect(&f, "returned, reply");
    call(&f, "nothing");
    expect(&f, "refused, The command nothing has not been found");
    call(&f, "quit");
    expect(&f, "denied, The gateway does not allow the command quit");
    call(&f, "query-qmp-schema");
    call(&f, "query-qmp-schema");
    expect(&f, "returned, cached, reply, reply");
    teardown(&f);
}

/* An event of this process comes once: from the monitor. */
static void test_events(void)
{
    g_autoptr(JsonNode) arguments = json_parse(
        "{'qom-type': 'qmp-server', 'id': 'x', 'addr': 'unix:@'}", -1,
        &error_abort);
    Fixture f;
    g_autofree char *at = NULL;

    setup(&f, "");
    at = g_strconcat("unix:", f.dir, "/x", NULL);
    json_object_set_string_member(json_node_get_object(arguments), "addr",
                                  at);
    qmp_client_call(f.client, &(QmpCall) { .command = "object-add",
                                           .arguments = arguments },
                    on_reply, &f);
    expect(&f, "returned, OBJECT_ADDED, reply");
    json_node_unref(arguments);
    arguments = json_parse("{'id': 'x'}", -1, &error_abort);
    qmp_client_call(f.client, &(QmpCall) { .command = "object-del",
                                           .arguments = arguments },
                    on_reply, &f);
    expect(&f, "returned, OBJECT_DELETED, reply");
    teardown(&f);
}

/* The monitor goes away for good; the client is told and stays. */
static void test_lost(void)
{
    g_autofree char *monitor = NULL;
    g_autofree char *message = NULL;
    Fixture f;

    setup(&f, "");
    monitor = address_of(&f, "monitor");
    call(&f, "query-version");
    expect(&f, "returned, reply");
    g_clear_pointer(&f.monitor, qmp_server_free);
    expect(&f, "GATEWAY_DISCONNECTED");
    call(&f, "query-version");
    message = g_strdup_printf("not-sent, '%s' is not connected", monitor);
    expect(&f, message);
    f.monitor = qmp_server_new(ctx, monitor, &error_abort);
    expect(&f, "GATEWAY_CONNECTED");
    call(&f, "query-version");
    expect(&f, "returned, reply");
    teardown(&f);
}

static void pass_fd(Fixture *f, QmpClient *client, int fd)
{
    const QmpCall call = {
        .command = "add-fd", .fds = &fd, .n_fds = 1,
    };

    qmp_client_call(client, &call, on_reply, f);
}

/* Returns: (transfer full) another client, which passes one, too */
static QmpClient *pass_two_fds(Fixture *f)
{
    g_autofree char *at = address_of(f, "gateway");
    QmpClient *other = qmp_client_new(ctx,
                                      &(QmpClientOptions) { .address = at },
                                      &error_abort);

    pass_fd(f, f->client, STDIN_FILENO);
    pass_fd(f, other, STDIN_FILENO);
    return other;
}

/*
 * Two clients pass file descriptors, one of which waits for the other, and the
 * gateway is freed after any number of iterations.
 */
static void test_freed_with_fds(void)
{
    for (int n = 0; n < 16; n++) {
        QmpClient *other;
        Fixture f;

        setup(&f, "");
        other = pass_two_fds(&f);
        for (int i = 0; i < n; i++) {
            aio_poll(ctx, false);
        }
        g_clear_pointer(&f.gateway, qmp_gateway_free);
        while (qmp_client_is_open(f.client) || qmp_client_is_open(other)) {
            aio_poll(ctx, true);
        }
        qmp_client_free(other);
        g_string_truncate(f.log, 0);
        teardown(&f);
    }
}

/* Both reach the monitor, which is this process: its sets have them. */
static void test_fds(void)
{
    QmpClient *other;
    Fixture f;

    setup(&f, "");
    other = pass_two_fds(&f);
    expect(&f, "returned, reply, returned, reply"); /* one at a time */
    call(&f, "add-fd");
    expect(&f, "refused, No file descriptor supplied via SCM_RIGHTS");
    qmp_client_free(other);
    teardown(&f);
}

/*
 * The gateway is freed while a command is on its way through it: after any
 * number of iterations.
 */
static void test_freed(void)
{
    for (int n = 0; n < 8; n++) {
        Fixture f;

        setup(&f, "");
        call(&f, "query-version");
        expect(&f, "returned, reply");
        call(&f, "query-version");
        for (int i = 0; i < n; i++) {
            aio_poll(ctx, false);
        }
        g_clear_pointer(&f.gateway, qmp_gateway_free);
        while (qmp_client_is_open(f.client)) {
            aio_poll(ctx, true);
        }
        g_assert_cmpint(f.log->len, >, 0);
        g_string_truncate(f.log, 0);
        teardown(&f);
    }
}

static void test_no_monitor(void)
{
    QmpGatewayOptions options = { .monitor = "unix:/nowhere/s" };
    Error *err = NULL;

    g_assert_null(qmp_gateway_new(ctx, &options, &err));
    assert_error(err, "can't connect to 'unix:/nowhere/s': No such file or "
                 "directory");
    options.monitor = "nowhere";
    g_assert_null(qmp_gateway_new(ctx, &options, &err));
    g_assert_nonnull(err);
    error_free(err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    ctx = aio_get_main_context();
    g_test_add_func("/qmp/gateway/forward", test_forward);
    g_test_add_func("/qmp/gateway/events", test_events);
    g_test_add_func("/qmp/gateway/lost", test_lost);
    g_test_add_func("/qmp/gateway/freed", test_freed);
    g_test_add_func("/qmp/gateway/fds", test_fds);
    g_test_add_func("/qmp/gateway/fds/freed", test_freed_with_fds);
    g_test_add_func("/qmp/gateway/no-monitor", test_no_monitor);
    return test_run();
}
