/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP servers as objects: created, changed and deleted by QMP clients, with
 * each fd monitor, by aio_poll() and by GLib.
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/test-driver.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GREETING                                                            \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, "      \
    "\"major\": 10}, \"package\": \"qom 0.1.0\"}, "                         \
    "\"capabilities\": [\"oob\"]}}\r\n"
#define DELETE(id) \
    "{'execute': 'object-del', 'arguments': {'id': '" id "'}}"
#define GET(id, property) \
    "{'execute': 'qom-get', 'arguments': {'path': '/objects/" id "', " \
    "'property': '" property "'}}"
#define SET(id, property, value) \
    "{'execute': 'qom-set', 'arguments': {'path': '/objects/" id "', " \
    "'property': '" property "', 'value': " value "}}"
#define APPLY(list) \
    "{'execute': 'object-apply', 'arguments': {'objects': [" list "]}}"
#define RETURN(value) "{\"return\": " value "}\r\n"

/* ---- Commands of the test's own ---- */

static Coroutine *waiting; /* in `wait` */

static bool coroutine_fn run_wait(void *arg, void *ret, Error **errp)
{
    waiting = coroutine_self();
    coroutine_yield();
    return true;
}

static Error *nested_err;

static void delete_m1(void *opaque)
{
    user_creatable_del("m1", &nested_err);
}

/* Runs the loop, as a hook that waits does; a bottom half tries to delete. */
static bool run_nested(void *arg, void *ret, Error **errp)
{
    AioContext *ctx = aio_get_main_context();

    aio_bh_schedule_oneshot(ctx, delete_m1, NULL);
    while (!nested_err) {
        aio_poll(ctx, true);
    }
    error_propagate(errp, g_steal_pointer(&nested_err));
    return false;
}

static bool run_ping(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "wait", .run = run_wait, .flags = QCO_COROUTINE },
    { .name = "nested", .run = run_nested },
    { .name = "ping", .run = run_ping, .flags = QCO_ALLOW_OOB },
};

/* ---- Two servers: that of the option, and one that clients create ---- */

typedef struct Fixture {
    DrivenLoop loop;
    char *dir;
    QmpServer *server;
    int a; /* a client of `server` */
} Fixture;

static char *path_of(const Fixture *f, const char *name)
{
    return g_build_filename(f->dir, name, NULL);
}

static struct sockaddr_un name_of(const Fixture *f, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_autofree char *path = path_of(f, name);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    return address;
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int connect_to(const Fixture *f, const char *name)
{
    struct sockaddr_un address = name_of(f, name);
    int fd = new_socket();

    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    return fd;
}

static int listen_at(const Fixture *f, const char *name)
{
    struct sockaddr_un address = name_of(f, name);
    int fd = new_socket();

    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)),
                    ==, 0);
    g_assert_cmpint(listen(fd, 8), ==, 0);
    return fd;
}

static void iterate(Fixture *f)
{
    while (driver_iterate(&f->loop, false)) {
        continue;
    }
}

static void put(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
}

static void ignore(void *opaque)
{
}

/* Another thread may send, so the loop also waits for the client's socket. */
static void wait_for_input(Fixture *f, int fd)
{
    aio_set_fd_handler(f->loop.ctx, fd, ignore, NULL, NULL, NULL, NULL);
    driver_iterate(&f->loop, true);
    aio_set_fd_handler(f->loop.ctx, fd, NULL, NULL, NULL, NULL, NULL);
}

/* Waits until the server has sent so many bytes, and returns them. */
static char *get(Fixture *f, int fd, size_t n_bytes)
{
    GString *text = g_string_new(NULL);
    char chunk[4096];
    ssize_t n;

    test_waits_for("a message of the server");
    for (;;) {
        iterate(f);
        while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
            g_string_append_len(text, chunk, n);
        }
        if (n == 0 || text->len >= n_bytes) {
            return g_string_free(text, FALSE);
        }
        wait_for_input(f, fd);
    }
}

static void expect(Fixture *f, int fd, const char *out)
{
    g_autofree char *text = get(f, fd, strlen(out));

    g_assert_cmpstr(text, ==, out);
}

static void say(Fixture *f, int fd, const char *request, const char *reply)
{
    put(fd, request);
    expect(f, fd, reply);
}

/*
 * Waits until the server has closed the connection.  Before it does, it may
 * send the reason, or the event that it is being deleted.
 */
static void expect_end(Fixture *f, int fd)
{
    char chunk[1024];
    ssize_t n;

    test_waits_for("the end of the connection");
    while (iterate(f), n = read(fd, chunk, sizeof(chunk)),
           n > 0 || (n < 0 && errno == EAGAIN)) {
        if (n < 0) {
            wait_for_input(f, fd);
        }
    }
    close(fd);
}

/* Connects a client and negotiates. */
static int start_client(Fixture *f, const char *name)
{
    int fd = connect_to(f, name);

    put(fd, NEGOTIATE);
    expect(f, fd, GREETING OK);
    return fd;
}

/* Creates the server m1, without an event for clients. */
static void add_m1(const Fixture *f, const char *options)
{
    g_autofree char *text = g_strdup_printf(
        "qmp-server,id=m1,addr=unix:%s/m1%s", f->dir, options);

    user_creatable_add_from_str(text, &error_abort);
}

/* The monitor that has no file descriptor; a test must leave none open. */
static void use_poll(void)
{
    aio_context_set_fd_monitor(aio_get_main_context(), AIO_FD_MONITOR_POLL,
                               &error_abort);
    aio_poll(aio_get_main_context(), false); /* closes that of the old one */
}

static void set_up(Fixture *f, gconstpointer data)
{
    g_autofree char *address = NULL;

    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->a = -1;
    if (!driver_begin(&f->loop, aio_get_main_context(), data)) {
        return;
    }
    address = g_strdup_printf("unix:%s/m0", f->dir);
    f->server = qmp_server_new(f->loop.ctx, address, &error_abort);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    if (f->a >= 0) {
        close(f->a);
    }
    user_creatable_cleanup();
    qmp_server_free(f->server);
    if (f->server) {
        iterate(f);
    }
    driver_end(&f->loop);
    use_poll();
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
}

/* ---- Creating ---- */

static void test_option(Fixture *f)
{
    g_assert_true(OBJECT(f->server) ==
                  object_resolve_path("/objects/compat_monitor0", NULL));
    f->a = start_client(f, "m0");
    say(f, f->a, GET("compat_monitor0", "type"), RETURN("\"qmp-server\""));
    say(f, f->a, GET("compat_monitor0", "connections"), RETURN("1"));
}

static void test_add_by_client(Fixture *f)
{
    g_autofree char *add = g_strdup_printf(
        "{'execute': 'object-add', 'arguments': {'qom-type': 'qmp-server', "
        "'id': 'm1', 'addr': 'unix:%s/m1', 'mode': '0600'}}", f->dir);
    int b;

    f->a = start_client(f, "m0");
    put(f->a, add);
    g_free(get(f, f->a, strlen(OK)));
    b = start_client(f, "m1");
    say(f, b, GET("m1", "stats"),
        RETURN("{\"accepted\": 1, \"too-many\": 0, \"not-allowed\": 0, "
               "\"timed-out\": 0, \"failed-connects\": 0}"));
    close(b);
}

/* Events go to the clients of all servers. */
static void test_events_to_all(Fixture *f)
{
    g_autofree char *text = g_strdup_printf(
        "qmp-server,id=m2,addr=unix:%s/m2", f->dir);
    g_autofree char *at_a = NULL;
    g_autofree char *at_b = NULL;
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    user_creatable_add_from_str(text, &error_abort);
    at_a = get(f, f->a, 1);
    at_b = get(f, b, 1);
    g_assert_nonnull(strstr(at_a, "\"path\": \"/objects/m2\""));
    g_assert_cmpstr(at_a, ==, at_b);
    close(b);
}

static void expect_no_object(const char *text, const char *message)
{
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str(text, &err));
    assert_error(err, message);
    g_assert_null(object_resolve_path("/objects/x", NULL));
}

static void test_refused(Fixture *f)
{
    expect_no_object("qmp-server,id=x", "Parameter 'addr' is missing");
    expect_no_object("qmp-server,id=x,addr=x",
                     "Parameter 'addr': Invalid QMP address 'x': expected "
                     "'stdio', 'unix:PATH', 'tcp:HOST:PORT' or 'fd:N'");
    expect_no_object("monitor-qmp,id=x,chardev=tcp:x",
                     "Parameter 'chardev': Invalid address 'tcp:x': expected "
                     "HOST:PORT, with a port from 0 to 65535");
    expect_no_object("qmp-server,id=x,addr=unix:x,mode=9",
                     "Parameter 'mode' expects an octal number from 1 to "
                     "0777");
    expect_no_object("qmp-server,id=x,addr=tcp::0,mode=0600",
                     "'mode' does not go with the address 'tcp::0'");
    expect_no_object("qmp-server,id=x,addr=stdio,wait=on",
                     "'wait' does not go with the address 'stdio'");
    expect_no_object("monitor-qmp,id=x", "Parameter 'chardev' is missing");
    expect_no_object("monitor-qmp,id=x,chardev=unix:x,addr=unix:x",
                     "'addr' and 'chardev' exclude each other");
}

/* Found when they are set, before the object is completed. */
static void test_bad_address_is_not_stored(Fixture *f)
{
    static const char *const good[] = { "stdio", "unix:x", "tcp::0", "fd:0",
                                        "fd:name" };
    Object *obj = object_new("monitor-qmp");
    g_autofree char *addr = NULL;
    Error *err = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        object_property_set_str(obj, "addr", good[i], &error_abort);
        object_property_set_str(obj, "chardev", good[i], &error_abort);
    }
    g_assert_false(object_property_set_str(obj, "addr", "fd:1x", &err));
    assert_error(err, "Parameter 'addr': Invalid QMP address 'fd:1x': '1x' is "
                 "not the number of a descriptor");
    err = NULL;
    g_assert_false(object_property_set_str(obj, "chardev", "unix:", &err));
    assert_error(err, "Parameter 'chardev': Invalid QMP address 'unix:': the "
                 "path of the socket is missing");
    addr = object_property_get_str(obj, "addr", &error_abort);
    g_assert_cmpstr(addr, ==, "fd:name");
    object_unref(obj);
}

/* The monitor of QEMU 11.1 */
static void test_monitor_qmp(Fixture *f)
{
    g_autofree char *text = g_strdup_printf(
        "monitor-qmp,id=m1,chardev=unix:%s/m1,pretty=on,close-action=none",
        f->dir);
    g_autofree char *greeting = NULL;
    int fd;

    user_creatable_add_from_str(text, &error_abort);
    fd = connect_to(f, "m1");
    greeting = get(f, fd, 1);
    g_assert_true(g_str_has_prefix(greeting, "{\n    \"QMP\": {\n"));
    close(fd);
}

static int connect_tcp(unsigned port)
{
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&name, sizeof(name)), ==,
                    0);
    g_unix_set_fd_nonblocking(fd, true, NULL);
    return fd;
}

/* A client on TCP has no process and no user. */
static void test_tcp(Fixture *f)
{
    Object *server = user_creatable_add_from_str(
        "qmp-server,id=m1,addr=tcp:localhost:0", &error_abort);
    int fd = connect_tcp(object_property_get_uint(server, "port",
                                                  &error_abort));

    put(fd, NEGOTIATE "{'execute': 'query-qmp-sessions'}");
    expect(f, fd, GREETING OK
           RETURN("[{\"self\": true, \"oob\": false, \"queued\": 0, "
                  "\"command\": \"query-qmp-sessions\", "
                  "\"running-ms\": 0, \"server\": \"m1\"}]"));
    close(fd);
}

/* ---- Deleting ---- */

static void test_delete_current(Fixture *f)
{
    f->a = start_client(f, "m0");
    say(f, f->a, DELETE("compat_monitor0"),
        GENERIC("Cannot delete the current QMP monitor"));
    say(f, f->a, "{'execute': 'ping'}", OK);
}

/* Its clients are disconnected, and its address can be used again. */
static void test_delete_by_another(Fixture *f)
{
    g_autofree char *path = path_of(f, "m1");
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = connect_to(f, "m1");
    expect(f, b, GREETING);
    put(f->a, DELETE("m1"));
    expect_end(f, b);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    add_m1(f, "");
    close(start_client(f, "m1"));
}

/* The C program still holds the server of the option. */
static void test_delete_option(Fixture *f)
{
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    put(b, DELETE("compat_monitor0"));
    close(f->a);
    f->a = b;
    while (object_resolve_path("/objects/compat_monitor0", NULL)) {
        driver_iterate(&f->loop, true);
    }
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
}

static void test_delete_while_command_yields(Fixture *f)
{
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    put(b, "{'execute': 'wait'}");
    while (!waiting) {
        driver_iterate(&f->loop, true);
    }
    put(f->a, DELETE("m1"));
    expect_end(f, b);
    aio_co_wake(g_steal_pointer(&waiting));
    iterate(f);
}

/* A hook of a command waits; the server of its client stays. */
static void test_delete_while_hook_waits(Fixture *f)
{
    int b;

    add_m1(f, "");
    b = start_client(f, "m1");
    say(f, b, "{'execute': 'nested'}",
        GENERIC("Cannot delete the current QMP monitor"));
    say(f, b, "{'execute': 'ping'}", OK);
    close(b);
}

static void test_delete_with_oob(Fixture *f)
{
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = connect_to(f, "m1");
    put(b, ENABLE_OOB OOB("ping", "1"));
    expect(f, b, GREETING OK OK_ID("1"));
    put(f->a, DELETE("m1"));
    expect_end(f, b);
}

/* A child process that frees the objects of its parent disturbs nobody. */
static void test_delete_in_child(Fixture *f)
{
    int b;
    int status;
    pid_t pid;

    add_m1(f, "");
    b = start_client(f, "m1");
    pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (!pid) {
        object_unparent(object_resolve_path("/objects/m1", NULL));
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    say(f, b, "{'execute': 'ping'}", OK);
    close(b);
    close(start_client(f, "m1"));
}

/* The end of the last client, not that of the first one, deletes the server. */
static void test_close_action(Fixture *f)
{
    int b;
    int c;

    add_m1(f, ",close-action=delete");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    c = start_client(f, "m1");
    close(b);
    iterate(f);
    say(f, c, "{'execute': 'ping'}", OK);
    close(c);
    test_waits_for("the deletion of the server");
    while (object_resolve_path("/objects/m1", NULL)) {
        driver_iterate(&f->loop, true);
    }
}

/* ---- The configuration ---- */

/* The server of the option is no part of it; others are. */
static void test_apply(Fixture *f)
{
    int b;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    say(f, b, APPLY(""),
        GENERIC("Cannot delete the current QMP monitor\\n"
                "It is not in the list."));
    put(f->a, APPLY(""));
    expect_end(f, b);
    g_assert_nonnull(object_resolve_path("/objects/compat_monitor0", NULL));
    g_free(get(f, f->a, 1));
    say(f, f->a, "{'execute': 'query-objects'}",
        RETURN("[]"));
}

/* ---- Limits ---- */

/* Each takes effect for clients that connect afterwards. */
static void test_change_limits(Fixture *f)
{
    g_autofree char *greeting = NULL;
    int b;
    int c;

    add_m1(f, "");
    f->a = start_client(f, "m0");
    b = start_client(f, "m1");
    say(f, f->a, SET("m1", "max-watches", "0") SET("m1", "max-clients", "2")
        SET("m1", "pretty", "true"), OK OK OK);
    say(f, b, "{'execute': 'qom-watch', 'arguments': "
        "{'path': '/objects/m1', 'property': 'mode'}}", OK);
    c = connect_to(f, "m1");
    greeting = get(f, c, 1);
    g_assert_true(g_str_has_prefix(greeting, "{\n"));
    expect_end(f, connect_to(f, "m1"));
    say(f, f->a, GET("m1", "connections"), RETURN("2"));
    close(b);
    close(c);
}

static void test_limit_of_watches(Fixture *f)
{
    int b;

    add_m1(f, ",max-watches=0,max-request-size=1024");
    b = start_client(f, "m1");
    say(f, b, "{'execute': 'qom-watch', 'arguments': "
        "{'path': '/objects/m1', 'property': 'mode'}}",
        GENERIC("The connection watches 0 properties already"));
    close(b);
}

static void test_limit_of_request(Fixture *f)
{
    g_autofree char *id = g_strnfill(1024, 'x');
    g_autofree char *request = g_strdup_printf(
        "\n{'execute': 'ping', 'id': '%s'}", id);
    int b;

    add_m1(f, ",max-request-size=1024");
    b = start_client(f, "m1");
    say(f, b, request,
        GENERIC("JSON parse error, JSON token size limit exceeded "
                "(line 1, column 27)"));
    say(f, b, "{'execute': 'ping'}", OK);
    close(b);
}

/* A client that has negotiated stays. */
static void test_handshake_timeout(Fixture *f)
{
    int b;
    int c;

    add_m1(f, ",handshake-timeout=50");
    b = start_client(f, "m1");
    c = connect_to(f, "m1");
    expect(f, c, GREETING);
    expect_end(f, c);
    say(f, b, GET("m1", "stats"),
        RETURN("{\"accepted\": 2, \"too-many\": 0, \"not-allowed\": 0, "
               "\"timed-out\": 1, \"failed-connects\": 0}"));
    close(b);
}

/* ---- Connecting ---- */

static int accept_server(Fixture *f, int fd)
{
    int conn;

    test_waits_for("the server to connect");
    while ((conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) <
           0) {
        g_assert_cmpint(errno, ==, EAGAIN);
        driver_iterate(&f->loop, true);
    }
    return conn;
}

static void unlink_name(const Fixture *f, const char *name)
{
    g_autofree char *path = path_of(f, name);

    g_assert_cmpint(g_unlink(path), ==, 0);
}

static void test_connect(Fixture *f)
{
    int fd = listen_at(f, "m1");
    int b;

    add_m1(f, ",server=off");
    b = accept_server(f, fd);
    put(b, NEGOTIATE);
    expect(f, b, GREETING OK);
    close(b);
    iterate(f);
    g_assert_cmpint(object_property_get_uint(
        object_resolve_path("/objects/m1", NULL), "connections", NULL), ==, 0);
    close(fd);
    unlink_name(f, "m1");
}

/* It connects when somebody listens, and again after the end. */
static void test_reconnect(Fixture *f)
{
    int fd;
    int b;

    add_m1(f, ",server=off,reconnect-ms=1");
    fd = listen_at(f, "m1");
    b = accept_server(f, fd);
    expect(f, b, GREETING);
    close(b);
    b = accept_server(f, fd);
    expect(f, b, GREETING);
    user_creatable_del("m1", &error_abort);
    expect_end(f, b);
    close(fd);
    unlink_name(f, "m1");
}

/* It is deleted while it waits for its next attempt. */
static void test_delete_before_reconnect(Fixture *f)
{
    add_m1(f, ",server=off,reconnect-ms=1000000");
    user_creatable_del("m1", &error_abort);
}

/* ---- Waiting ---- */

static void test_wait(Fixture *f)
{
    int b;

    g_assert_false(qmp_server_is_awaited());
    add_m1(f, ",wait=on");
    g_assert_true(qmp_server_is_awaited());
    b = start_client(f, "m1");
    g_assert_false(qmp_server_is_awaited());
    close(b);
    iterate(f);
    g_assert_false(qmp_server_is_awaited());
    user_creatable_del("m1", &error_abort);
    add_m1(f, ",wait=on");
    user_creatable_del("m1", &error_abort);
    g_assert_false(qmp_server_is_awaited());
}

static const struct {
    const char *name;
    void (*fn)(Fixture *f);
} tests[] = {
    { "option", test_option },
    { "add-by-client", test_add_by_client },
    { "events-to-all", test_events_to_all },
    { "refused", test_refused },
    { "bad-address-is-not-stored", test_bad_address_is_not_stored },
    { "monitor-qmp", test_monitor_qmp },
    { "tcp", test_tcp },
    { "delete/current", test_delete_current },
    { "delete/by-another", test_delete_by_another },
    { "delete/option", test_delete_option },
    { "delete/while-command-yields", test_delete_while_command_yields },
    { "delete/while-hook-waits", test_delete_while_hook_waits },
    { "delete/with-oob", test_delete_with_oob },
    { "delete/in-child", test_delete_in_child },
    { "close-action", test_close_action },
    { "apply", test_apply },
    { "limits/change", test_change_limits },
    { "limits/watches", test_limit_of_watches },
    { "limits/request", test_limit_of_request },
    { "limits/handshake", test_handshake_timeout },
    { "connect/once", test_connect },
    { "connect/again", test_reconnect },
    { "connect/delete", test_delete_before_reconnect },
    { "wait", test_wait },
};

/* A kernel may not have each fd monitor. */
static void run_test(Fixture *f, gconstpointer data)
{
    g_auto(GStrv) parts = g_strsplit(g_test_get_path(), "/", 5);

    if (!f->server) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        if (!strcmp(tests[i].name, parts[4])) {
            tests[i].fn(f);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    use_poll();
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    for (size_t d = 0; d < G_N_ELEMENTS(drivers); d++) {
        for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path = g_strconcat("/qmp/server-object/",
                                                drivers[d].name, "/",
                                                tests[i].name, NULL);

            g_test_add(path, Fixture, &drivers[d], set_up, run_test,
                       tear_down);
        }
    }
    return test_run();
}
