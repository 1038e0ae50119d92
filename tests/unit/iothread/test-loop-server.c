/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers on loops: each client is served in a loop of the object, moves while
 * it is served, and is disconnected with the object.
 *
 * The class `echo` sends back what a client sends.  The test is the client, and
 * blocks in its calls only when a loop in another thread answers.
 */
#include "iothread/loop-server.h"

#include "iothread/qapi-types-loop-server.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TYPE_ECHO "echo"
OBJECT_DECLARE_SIMPLE_TYPE(Echo, ECHO)

struct Echo {
    LoopServer parent_obj;

    unsigned n_left;
    uint64_t n_bytes; /* of the clients that have left */
};

typedef struct EchoClient {
    LoopClient parent;

    QOM_ATOMIC(uint64_t) n_bytes;
    QOM_ATOMIC(AioContext *) served_in; /* for the last input */
} EchoClient;

static void coroutine_fn echo_serve(LoopClient *loop_client)
{
    EchoClient *client = (EchoClient *)loop_client;
    AioStream *stream = loop_client->stream;

    while (aio_stream_fill(stream, 1, -1) > 0) {
        size_t size;
        const void *data = aio_stream_peek(stream, &size);

        g_assert_true(aio_stream_get_context(stream) ==
                      aio_get_current_context());
        atomic_store(&client->n_bytes, atomic_load(&client->n_bytes) + size);
        atomic_store(&client->served_in, aio_get_current_context());
        loop_client_count_request(loop_client);
        aio_stream_queue(stream, data, size);
        aio_stream_consume(stream, size);
        loop_client_count_reply(loop_client);
    }
}

static void echo_client_left(LoopClient *loop_client)
{
    Echo *echo = ECHO(loop_client->server);

    g_assert_null(loop_client->stream);
    echo->n_left++;
    echo->n_bytes += atomic_load(&((EchoClient *)loop_client)->n_bytes);
}

static void echo_class_init(ObjectClass *klass, const void *data)
{
    LoopServerClass *lc = LOOP_SERVER_CLASS(klass);

    lc->client_size = sizeof(EchoClient);
    lc->serve = echo_serve;
    lc->client_left = echo_client_left;
}

/* A class that has neither clients of its own nor client_left(). */
static void hang_up(LoopClient *client)
{
}

static void closer_class_init(ObjectClass *klass, const void *data)
{
    LOOP_SERVER_CLASS(klass)->serve = hang_up;
}

/* A class that refuses to be completed, before it listens. */
static void picky_complete(LoopServer *server, Error **errp)
{
    g_assert_null(server->listener);
    g_assert_cmpuint(loop_object_get_n_loops(LOOP_OBJECT(server)), ==, 1);
    error_setg(errp, "not today");
}

static void picky_class_init(ObjectClass *klass, const void *data)
{
    LOOP_SERVER_CLASS(klass)->complete = picky_complete;
}

/* A class that overrides the hook in which a server begins to listen. */
static void deaf_complete(LoopObject *obj, Error **errp)
{
}

static void deaf_class_init(ObjectClass *klass, const void *data)
{
    LOOP_OBJECT_CLASS(klass)->complete = deaf_complete;
}

static const TypeInfo types[] = {
    { .name = TYPE_ECHO, .parent = TYPE_LOOP_SERVER,
      .instance_size = sizeof(Echo), .class_init = echo_class_init },
    { .name = "closer", .parent = TYPE_LOOP_SERVER,
      .class_init = closer_class_init },
    { .name = "picky", .parent = TYPE_LOOP_SERVER,
      .class_init = picky_class_init },
    { .name = "deaf", .parent = TYPE_LOOP_SERVER,
      .class_init = deaf_class_init },
};

DEFINE_TYPES(types)

/* ---- Helpers ---- */

static char *dir;

static Object *add(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

static LoopServer *add_server(const char *type, const char *rest)
{
    g_autofree char *text = g_strdup_printf("%s,id=s,addr=unix:%s/s%s", type,
                                            dir, rest);

    return LOOP_SERVER(add(text));
}

/* The server accepts the client in the next iterations of the main loop. */
static int connect_client(LoopServer *server)
{
    uint64_t n = loop_server_get_n_accepted(server);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
    g_assert_no_errno(connect(fd, (struct sockaddr *)&address,
                              sizeof(address)));
    while (loop_server_get_n_accepted(server) == n) {
        aio_poll(aio_get_main_context(), true);
    }
    return fd;
}

static void assert_echo(int fd, const char *text)
{
    char back[16];
    size_t size = strlen(text);

    g_assert_cmpint(send(fd, text, size, MSG_NOSIGNAL), ==, size);
    g_assert_cmpint(recv(fd, back, size, MSG_WAITALL), ==, size);
    g_assert_cmpmem(back, size, text, size);
}

static void get_context(LoopClient *client, void *opaque)
{
    AioContext **contexts = opaque;

    contexts[client->number] = atomic_load(&((EchoClient *)client)->served_in);
}

static void assert_served_in(LoopServer *server, unsigned client,
                             const char *iothread)
{
    AioContext *contexts[4] = { };

    loop_server_foreach_client(server, get_context, contexts);
    g_assert_true(contexts[client] ==
                  iothread_get_aio_context(iothread_by_id(iothread)));
}

static void await_left(Echo *echo, unsigned n)
{
    while (echo->n_left < n) {
        aio_poll(aio_get_main_context(), true);
    }
}

/* ---- Tests ---- */

static void test_take_turns(void)
{
    LoopServer *server;
    int fd[2];

    add("iothread,id=io0");
    add("iothread,id=io1");
    server = add_server(TYPE_ECHO, ",iothreads.0=io0,iothreads.1=io1");
    for (unsigned i = 0; i < 2; i++) {
        fd[i] = connect_client(server);
        assert_echo(fd[i], "hello");
    }
    assert_served_in(server, 0, "io0");
    assert_served_in(server, 1, "io1");
    close(fd[0]);
    close(fd[1]);
    await_left(ECHO(server), 2);
    g_assert_cmpuint(ECHO(server)->n_bytes, ==, 10);
    user_creatable_del("s", &error_abort);
    user_creatable_del("io0", &error_abort);
    user_creatable_del("io1", &error_abort);
}

static void test_move(void)
{
    LoopServer *server;
    int fd;

    add("iothread,id=io0");
    add("iothread,id=io1");
    server = add_server(TYPE_ECHO, ",iothread=io0");
    fd = connect_client(server);
    for (unsigned i = 0; i < 20; i++) {
        const char *iothread = i % 2 ? "io1" : "io0";

        object_property_set_str(OBJECT(server), "iothread", iothread,
                                &error_abort);
        assert_echo(fd, "move");
        assert_served_in(server, 0, iothread);
    }
    close(fd);
    await_left(ECHO(server), 1);
    g_assert_cmpuint(ECHO(server)->n_bytes, ==, 80);
    user_creatable_del("s", &error_abort);
    user_creatable_del("io0", &error_abort);
    user_creatable_del("io1", &error_abort);
}

static void assert_stats(LoopServer *server, uint64_t accepted,
                         unsigned connections, uint64_t requests)
{
    LoopServerStats stats = { 0 };

    loop_server_add_stats(server, &stats);
    g_assert_cmpuint(stats.accepted, ==, accepted);
    g_assert_cmpuint(stats.connections, ==, connections);
    g_assert_cmpuint(stats.requests, ==, requests);
}

static void test_stats(void)
{
    LoopServer *server;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    int fd[2];

    add("iothread,id=io0");
    server = add_server(TYPE_ECHO, ",iothread=io0");
    assert_stats(server, 0, 0, 0);
    for (unsigned i = 0; i < 2; i++) {
        fd[i] = connect_client(server);
        assert_echo(fd[i], "hello");
    }
    assert_stats(server, 2, 2, 2);
    close(fd[0]);
    await_left(ECHO(server), 1);
    assert_stats(server, 2, 1, 2);
    close(fd[1]);
    await_left(ECHO(server), 2);
    node = object_property_get_json(OBJECT(server), "stats", &error_abort);
    text = json_to_string(node, false);
    g_assert_cmpstr(text, ==, "{\"accepted\":2,\"connections\":0,"
                    "\"requests\":2,\"replies\":2}");
    user_creatable_del("s", &error_abort);
    user_creatable_del("io0", &error_abort);
}

/* The deletion ends the waits of clients, and waits for them. */
static void test_delete(void)
{
    LoopServer *server = add_server(TYPE_ECHO, "");
    Echo *echo = ECHO(object_ref(server));
    int fd = connect_client(server);
    char byte;

    assert_echo(fd, "hello");
    user_creatable_del("s", &error_abort);
    g_assert_cmpuint(echo->n_left, ==, 1);
    g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 0);
    object_unref(echo);
    close(fd);
}

static void test_serve_returns_at_once(void)
{
    LoopServer *server = add_server("closer", "");
    int fd = connect_client(server);
    char byte;

    g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 0);
    close(fd);
    user_creatable_del("s", &error_abort);
}

static void test_bad_address(void)
{
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str("echo,id=s", &err));
    assert_error(err, "'addr' must be set");
    err = NULL;
    g_assert_null(user_creatable_add_from_str("echo,id=s,addr=paper", &err));
    assert_error(err, "Parameter 'addr': Invalid address 'paper': expected "
                 "'unix:PATH', "
                 "'tcp:HOST:PORT', 'vsock:CID:PORT' or 'fd:N'");
}

/* Found when it is set, before the object is completed. */
static void test_bad_address_is_not_stored(void)
{
    Object *obj = object_new("echo");
    Error *err = NULL;

    object_property_set_str(obj, "addr", "unix:x", &error_abort);
    g_assert_false(object_property_set_str(obj, "addr", "unix:", &err));
    assert_error(err, "Parameter 'addr': Invalid address 'unix:': the path of "
                 "the socket is missing");
    g_assert_cmpstr(LOOP_SERVER(obj)->addr, ==, "unix:x");
    object_unref(obj);
}

static void test_mode(void)
{
    LoopServer *server = add_server("echo", ",mode=0620");
    g_autofree char *path = g_strdup_printf("%s/s", dir);
    struct stat st;
    Error *err = NULL;

    g_assert_no_errno(stat(path, &st));
    g_assert_cmpint(st.st_mode & 0777, ==, 0620);
    g_assert_false(object_property_set_str(OBJECT(server), "mode", "0600",
                                           &err));
    g_clear_pointer(&err, error_free);
    user_creatable_del("s", &error_abort);

    g_assert_null(user_creatable_add_from_str("echo,id=s,addr=unix:x,mode=9",
                                              &err));
    assert_error(err, "Parameter 'mode' expects an octal number from 1 to "
                 "0777");
    err = NULL;
    g_assert_null(user_creatable_add_from_str("echo,id=s,addr=fd:0,mode=0600",
                                              &err));
    assert_error(err, "'mode' needs an address unix:PATH");
}

static void test_complete_fails(void)
{
    g_autofree char *text = g_strdup_printf("picky,id=s,addr=unix:%s/s", dir);
    g_autofree char *path = g_strdup_printf("%s/s", dir);
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str(text, &err));
    assert_error(err, "not today");
    g_assert_cmpint(access(path, F_OK), <, 0);
}

static void abort_deaf(void)
{
    add("deaf,id=s,addr=unix:s");
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    dir = g_dir_make_tmp("qom-XXXXXX", NULL);
    g_test_add_func("/loop-server/take-turns", test_take_turns);
    g_test_add_func("/loop-server/move", test_move);
    g_test_add_func("/loop-server/stats", test_stats);
    g_test_add_func("/loop-server/delete", test_delete);
    g_test_add_func("/loop-server/serve-returns-at-once",
                    test_serve_returns_at_once);
    g_test_add_func("/loop-server/bad-address", test_bad_address);
    g_test_add_func("/loop-server/bad-address-is-not-stored",
                    test_bad_address_is_not_stored);
    g_test_add_func("/loop-server/mode", test_mode);
    g_test_add_func("/loop-server/complete-fails", test_complete_fails);
    test_add_abort_func("/loop-server/complete-overridden", abort_deaf,
                        "*class 'deaf' overrides complete() of "
                        "LoopObjectClass*implement complete() of "
                        "LoopServerClass*");
    status = test_run();
    g_rmdir(dir);
    g_free(dir);
    return status;
}
