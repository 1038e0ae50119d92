/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands that are executed in a coroutine.  `wait` yields until the test
 * wakes it up.  With the thread of clients out of band: test-qmp-io-thread.c.
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-builtin-types.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/session-output.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Commands of the test's own ---- */

static Coroutine *waiting; /* in `wait` */
static unsigned n_ended;
static bool fails;

static bool coroutine_fn run_wait(void *arg, void *ret, Error **errp)
{
    g_assert_true(in_coroutine());
    waiting = coroutine_self();
    coroutine_yield();
    n_ended++;
    if (fails) {
        error_setg(errp, "Waited in vain");
        return false;
    }
    *(JsonNode **)ret = json_node_ref(arg);
    return true;
}

static bool coroutine_fn run_at_once(void *arg, void *ret, Error **errp)
{
    g_assert_true(in_coroutine());
    return true;
}

static bool run_plain(void *arg, void *ret, Error **errp)
{
    g_assert_false(in_coroutine());
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "wait", .run = run_wait, .flags = QCO_COROUTINE,
      .arg_type = &qapi_type_any, .ret_type = &qapi_type_any },
    { .name = "at-once", .run = run_at_once, .flags = QCO_COROUTINE },
    { .name = "plain", .run = run_plain },
    { .name = "ping", .run = run_plain, .flags = QCO_ALLOW_OOB },
};

static void wake_up(void)
{
    aio_co_wake(g_steal_pointer(&waiting));
}

/* ---- Sessions ---- */

typedef struct Fixture {
    AioContext *ctx;
    QmpSession *s;
    char *dir;
    char *path;
    QmpServer *server;
} Fixture;

static void expect_output(QmpSession *s, const char *out)
{
    g_autofree char *text = take_session_output(s);

    g_assert_cmpstr(text, ==, out);
}

static void feed(QmpSession *s, const char *text)
{
    qmp_session_feed(s, text, strlen(text));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
}

static void set_up_loop(Fixture *f, gconstpointer data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    n_ended = 0;
    fails = false;
}

static void step(Fixture *f)
{
    while (aio_poll(f->ctx, false)) {
        continue;
    }
}

static void tear_down_loop(Fixture *f, gconstpointer data)
{
    g_assert_null(waiting);
    step(f);
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
}

/* @negotiation: how it begins */
static void set_up_session(Fixture *f, gconstpointer negotiation)
{
    set_up_loop(f, NULL);
    f->s = qmp_session_new_full(&(QmpSessionOptions) { .offers_oob = true });
    g_free(take_session_output(f->s));
    feed(f->s, negotiation);
    expect_output(f->s, OK);
}

static void tear_down_session(Fixture *f, gconstpointer data)
{
    qmp_session_free(f->s);
    tear_down_loop(f, data);
}

static void test_at_once(Fixture *f, gconstpointer data)
{
    feed(f->s, IN("at-once", "1") IN("plain", "2"));
    expect_output(f->s, OK_ID("1") OK_ID("2"));
}

static void test_yields(Fixture *f, gconstpointer data)
{
    feed(f->s, "{'execute': 'wait', 'arguments': {'x': 1}, 'id': 'w'}");
    expect_output(f->s, "");
    wake_up();
    expect_output(f->s, "{\"return\": {\"x\": 1}, \"id\": \"w\"}\r\n");
}

static void test_fails(Fixture *f, gconstpointer data)
{
    fails = true;
    feed(f->s, "{'execute': 'wait', 'id': 7}");
    wake_up();
    expect_output(f->s, "{\"error\": {\"class\": \"GenericError\", "
                  "\"desc\": \"Waited in vain\"}, \"id\": 7}\r\n");
}

static void test_order(Fixture *f, gconstpointer data)
{
    feed(f->s, IN("plain", "1") IN("wait", "2") IN("plain", "3"));
    expect_output(f->s, OK_ID("1"));
    qmp_session_run(f->s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(f->s, "");
    wake_up();
    qmp_session_run(f->s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(f->s, OK_ID("2") OK_ID("3"));
}

static void test_freed(Fixture *f, gconstpointer data)
{
    feed(f->s, IN("wait", "1") IN("plain", "2"));
    g_clear_pointer(&f->s, qmp_session_free);
    g_assert_cmpuint(n_ended, ==, 0);
    wake_up();
    g_assert_cmpuint(n_ended, ==, 1);
}

/* ---- Out of band ---- */

static void route(QmpSession *s, const char *text)
{
    qmp_session_feed(s, text, strlen(text));
    qmp_session_run(s, QMP_OUT_OF_BAND, G_USEC_PER_SEC);
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
}

static void test_oob(Fixture *f, gconstpointer data)
{
    route(f->s, IN("wait", "1"));
    g_assert_false(qmp_session_is_idle(f->s));
    route(f->s, IN("plain", "2") OOB("ping", "3"));
    g_assert_false(qmp_session_may_run(f->s, QMP_IN_BAND));
    expect_output(f->s, OK_ID("3"));
    wake_up();
    expect_output(f->s, OK_ID("1"));
    qmp_session_run(f->s, QMP_IN_BAND, G_USEC_PER_SEC);
    expect_output(f->s, OK_ID("2"));
    g_assert_true(qmp_session_is_idle(f->s));
}

static void test_oob_freed(Fixture *f, gconstpointer data)
{
    route(f->s, IN("wait", "1") IN("plain", "2"));
    g_clear_pointer(&f->s, qmp_session_free);
    wake_up();
    g_assert_cmpuint(n_ended, ==, 1);
}

/* ---- Servers ---- */

static void set_up_server(Fixture *f, gconstpointer data)
{
    g_autofree char *address = NULL;

    set_up_loop(f, data);
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sock", NULL);
    address = g_strconcat("unix:", f->path, NULL);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
}

static void tear_down_server(Fixture *f, gconstpointer data)
{
    qmp_server_free(f->server);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->path);
    tear_down_loop(f, data);
}

static void put(Fixture *f, int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
    step(f);
}

static void expect(Fixture *f, int fd, const char *out)
{
    char text[1024] = "";
    ssize_t n;

    step(f);
    n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
    g_assert_cmpint(n, ==, *out ? (ssize_t)strlen(out) : -1);
    g_assert_cmpstr(text, ==, out);
}

static int connect_client(Fixture *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char greeting[1024];

    g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    step(f);
    g_assert_cmpint(read(fd, greeting, sizeof(greeting)), >, 0);
    put(f, fd, NEGOTIATE);
    expect(f, fd, OK);
    return fd;
}

static void test_others_are_served(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);
    int other = connect_client(f);

    put(f, fd, IN("wait", "1") IN("plain", "2"));
    put(f, fd, IN("plain", "3"));
    put(f, other, IN("plain", "4"));
    expect(f, other, OK_ID("4"));
    expect(f, fd, "");
    wake_up();
    expect(f, fd, OK_ID("1") OK_ID("2") OK_ID("3"));
    close(fd);
    close(other);
}

/* Another client can find out which command a client waits for. */
static void test_is_listed(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);
    int other = connect_client(f);
    char text[1024] = "";

    put(f, fd, IN("wait", "1"));
    put(f, other, IN("query-qmp-sessions", "2"));
    g_assert_cmpint(read(other, text, sizeof(text) - 1), >, 0);
    g_assert_nonnull(strstr(text, "\"command\": \"wait\""));
    wake_up();
    expect(f, fd, OK_ID("1"));
    close(fd);
    close(other);
}

static void test_client_goes(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(f, fd, IN("wait", "1"));
    close(fd);
    step(f);
    wake_up();
    step(f);
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
}

static void test_half_closed(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);
    char byte;

    put(f, fd, IN("wait", "1"));
    shutdown(fd, SHUT_WR);
    expect(f, fd, "");
    wake_up();
    expect(f, fd, OK_ID("1"));
    g_assert_cmpint(read(fd, &byte, 1), ==, 0);
    close(fd);
}

static void test_server_goes(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(f, fd, IN("wait", "1"));
    g_clear_pointer(&f->server, qmp_server_free);
    wake_up();
    g_assert_cmpuint(n_ended, ==, 1);
    close(fd);
}

static void add(const char *name, void (*test)(Fixture *f,
                                               gconstpointer data))
{
    g_autofree char *path = g_strconcat("/qmp/coroutine/session/", name,
                                        NULL);

    g_test_add(path, Fixture, NEGOTIATE, set_up_session, test,
               tear_down_session);
}

static void add_oob(const char *name, void (*test)(Fixture *f,
                                                   gconstpointer data))
{
    g_autofree char *path = g_strconcat("/qmp/coroutine/oob/", name, NULL);

    g_test_add(path, Fixture, ENABLE_OOB, set_up_session, test,
               tear_down_session);
}

static void add_server(const char *name, void (*test)(Fixture *f,
                                                      gconstpointer data))
{
    g_autofree char *path = g_strconcat("/qmp/coroutine/server/", name,
                                        NULL);

    g_test_add(path, Fixture, NULL, set_up_server, test, tear_down_server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    module_call_init(MODULE_INIT_QMP);
    add("ends-at-once", test_at_once);
    add("yields", test_yields);
    add("fails", test_fails);
    add("order", test_order);
    add("freed", test_freed);
    add_oob("overtaken", test_oob);
    add_oob("freed", test_oob_freed);
    add_server("others-are-served", test_others_are_served);
    add_server("is-listed", test_is_listed);
    add_server("client-goes", test_client_goes);
    add_server("half-closed", test_half_closed);
    add_server("server-goes", test_server_goes);
    return test_run();
}
