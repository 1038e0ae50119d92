/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors that clients pass: names of one connection, and sets that
 * all share.  Each test runs without `oob` and with it; the thread that reads
 * then may be another one.
 */
#include "aio/aio.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-fd.h"
#include "qmp/qmp-server.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define COMMAND(name, arguments) \
    "{'execute': '" name "', 'arguments': {" arguments "}}\n"
#define GETFD(name) COMMAND("getfd", "'fdname': '" name "'")
#define CLOSEFD(name) COMMAND("closefd", "'fdname': '" name "'")
#define NO_FD GENERIC("No file descriptor supplied via SCM_RIGHTS")
#define NOT_FOUND(name) GENERIC("File descriptor named '" name "' not found")
#define RETURN(value) "{\"return\": " value "}\r\n"

typedef struct Fixture {
    AioContext *ctx;
    char *dir;
    char *path;
    QmpServer *server;
    int client;
    int null_fd;  /* for reading */
    int pipes[2]; /* its reading end reports that all others are closed */
} Fixture;

/* A command that uses the name 'x', as one that opens something does. */
static bool run_use(void *arg, void *ret, Error **errp)
{
    int fd = qmp_fd_take("x", errp);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static const QapiCommand test_commands[] = {
    { .name = "use", .run = run_use },
};

/* ---- A client ---- */

static int connect_client(const Fixture *f)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(name.sun_path, f->path, sizeof(name.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&name, sizeof(name)), ==,
                    0);
    return fd;
}

/* Sends a text in one message, together with @n file descriptors. */
static void send_fds(int client, const char *text, const int *fds, unsigned n)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(16 * sizeof(int))];
    } control = { .bytes = "" };
    struct iovec iov = { (char *)text, strlen(text) };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

    if (n > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
    }
    g_assert_cmpint(sendmsg(client, &message, MSG_NOSIGNAL), ==,
                    strlen(text));
}

static void ignore(void *opaque)
{
}

/* Reads a reply; with `oob` another thread may send it. */
static void expect(Fixture *f, int client, const char *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char chunk[2048];
    ssize_t n;

    test_waits_for("a reply");
    aio_set_fd_handler(f->ctx, client, ignore, NULL, NULL, NULL, NULL);
    while (text->len < strlen(out)) {
        n = recv(client, chunk, sizeof(chunk), MSG_DONTWAIT);
        g_assert_cmpint(n, !=, 0);
        if (n > 0) {
            g_string_append_len(text, chunk, n);
        } else {
            aio_poll(f->ctx, true);
        }
    }
    aio_set_fd_handler(f->ctx, client, NULL, NULL, NULL, NULL, NULL);
    g_assert_cmpstr(text->str, ==, out);
}

static void say_with(Fixture *f, const char *request, const int *fds,
                     unsigned n, const char *reply)
{
    send_fds(f->client, request, fds, n);
    expect(f, f->client, reply);
}

static void say(Fixture *f, const char *request, const char *reply)
{
    say_with(f, request, NULL, 0, reply);
}

/* With one file descriptor */
static void give(Fixture *f, const char *request, const char *reply)
{
    say_with(f, request, &f->null_fd, 1, reply);
}

static int new_client(Fixture *f, bool oob)
{
    char greeting[1024];
    int fd = connect_client(f);

    while (recv(fd, greeting, sizeof(greeting), MSG_DONTWAIT) < 0) {
        aio_poll(f->ctx, true);
    }
    send_fds(fd, oob ? ENABLE_OOB : NEGOTIATE, NULL, 0);
    expect(f, fd, OK);
    return fd;
}

static void set_up(Fixture *f, gconstpointer data)
{
    g_autofree char *address = NULL;

    f->ctx = aio_get_main_context();
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sock", NULL);
    address = g_strconcat("unix:", f->path, NULL);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
    f->client = new_client(f, GPOINTER_TO_INT(data));
    f->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(pipe2(f->pipes, O_CLOEXEC | O_NONBLOCK), ==, 0);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    if (f->client >= 0) {
        close(f->client);
    }
    close(f->null_fd);
    close(f->pipes[0]);
    if (f->pipes[1] >= 0) {
        close(f->pipes[1]);
    }
    qmp_server_free(f->server);
    while (aio_poll(f->ctx, false)) {
        continue;
    }
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->path);
    g_free(f->dir);
}

/* Passes the writing end of the pipe, and closes the own one. */
static void give_pipe(Fixture *f, const char *request, const char *reply)
{
    say_with(f, request, &f->pipes[1], 1, reply);
    close(f->pipes[1]);
    f->pipes[1] = -1;
}

/* Returns true if no process has the writing end of the pipe. */
static bool pipe_is_closed(const Fixture *f)
{
    char byte;

    return read(f->pipes[0], &byte, 1) == 0;
}

/* ---- Names ---- */

static void test_getfd(Fixture *f, gconstpointer data)
{
    say(f, GETFD("x"), NO_FD);
    give(f, GETFD("x"), OK);
    say(f, "{'execute': 'use'}", OK);
    say(f, "{'execute': 'use'}", NOT_FOUND("x"));
}

static void test_closefd(Fixture *f, gconstpointer data)
{
    give_pipe(f, GETFD("x"), OK);
    g_assert_false(pipe_is_closed(f));
    say(f, CLOSEFD("x"), OK);
    g_assert_true(pipe_is_closed(f));
    say(f, CLOSEFD("x"), NOT_FOUND("x"));
}

static void test_name_again(Fixture *f, gconstpointer data)
{
    give_pipe(f, GETFD("x"), OK);
    give(f, GETFD("x"), OK);
    g_assert_true(pipe_is_closed(f));
}

/* The file descriptor of a refused request is closed. */
static void test_bad_name(Fixture *f, gconstpointer data)
{
    give_pipe(f, GETFD("1x"),
              GENERIC("Parameter 'fdname' expects a name not starting with "
                      "a digit"));
    g_assert_true(pipe_is_closed(f));
    say(f, GETFD("x"), NO_FD);
}

static void test_too_many_names(Fixture *f, gconstpointer data)
{
    for (int i = 0; i < 16; i++) {
        g_autofree char *request = g_strdup_printf(GETFD("n%d"), i);

        give(f, request, OK);
    }
    give_pipe(f, GETFD("x"),
              GENERIC("The connection has 16 named file descriptors "
                      "already"));
    g_assert_true(pipe_is_closed(f));
}

static void test_name_of_another_client(Fixture *f, gconstpointer data)
{
    int other = new_client(f, false);

    give(f, GETFD("x"), OK);
    send_fds(other, "{'execute': 'use'}", NULL, 0);
    expect(f, other, NOT_FOUND("x"));
    close(other);
}

static void test_end_closes(Fixture *f, gconstpointer data)
{
    give_pipe(f, GETFD("x"), OK);
    close(f->client);
    f->client = -1;
    while (qmp_server_n_clients(f->server)) {
        aio_poll(f->ctx, true);
    }
    g_assert_true(pipe_is_closed(f));
}

/* ---- Which command takes one ---- */

/* One that a command did not take serves the next one, as in QEMU. */
static void test_late_command(Fixture *f, gconstpointer data)
{
    give(f, "{'execute': 'query-fdsets'}", RETURN("[]"));
    say(f, GETFD("x"), OK);
}

/* The next one replaces it. */
static void test_not_taken(Fixture *f, gconstpointer data)
{
    give_pipe(f, "{'execute': 'query-fdsets'}", RETURN("[]"));
    give(f, GETFD("x"), OK);
    g_assert_true(pipe_is_closed(f));
    say(f, GETFD("y"), NO_FD);
}

/* Of several that come with one message, the first is taken. */
static void test_two_at_a_time(Fixture *f, gconstpointer data)
{
    int both[] = { f->null_fd, f->pipes[1] };

    say_with(f, GETFD("x"), both, 2, OK);
    close(f->pipes[1]);
    f->pipes[1] = -1;
    g_assert_true(pipe_is_closed(f));
    say(f, GETFD("y"), NO_FD);
}

/* Requests that do not wait for replies get theirs in order. */
static void test_pipelined(Fixture *f, gconstpointer data)
{
    send_fds(f->client, GETFD("x"), &f->null_fd, 1);
    send_fds(f->client, GETFD("p"), &f->pipes[1], 1);
    close(f->pipes[1]);
    f->pipes[1] = -1;
    expect(f, f->client, OK OK);
    say(f, CLOSEFD("p"), OK);
    g_assert_true(pipe_is_closed(f));
    say(f, CLOSEFD("x"), OK);
}

/* The kernel closes what a server does not receive. */
static void test_not_received(Fixture *f, gconstpointer data)
{
    int client;

    object_property_set_bool(OBJECT(f->server), "receive-fds", false,
                             &error_abort);
    client = new_client(f, GPOINTER_TO_INT(data));
    send_fds(client, GETFD("x"), &f->pipes[1], 1);
    expect(f, client, NO_FD);
    close(f->pipes[1]);
    f->pipes[1] = -1;
    g_assert_true(pipe_is_closed(f));
    close(client);
}

/* More than a client may hold are closed. */
static void test_flood(Fixture *f, gconstpointer data)
{
    int many[16];

    for (int i = 0; i < 16; i++) {
        many[i] = f->null_fd;
    }
    for (int i = 0; i < 8; i++) {
        send_fds(f->client, " ", many, 16);
    }
    say(f, GETFD("x"), OK);
    say(f, GETFD("y"), NO_FD);
}

/* ---- Sets ---- */

/* Returns: the file descriptor that the reply names */
static int add_to_set(Fixture *f, const char *request, int fd)
{
    char reply[256] = "";
    int number;

    send_fds(f->client, request, &fd, 1);
    while (recv(f->client, reply, sizeof(reply) - 1, MSG_DONTWAIT) < 0) {
        aio_poll(f->ctx, false);
    }
    g_assert_cmpint(sscanf(strstr(reply, "\"fd\": "), "\"fd\": %d", &number),
                    ==, 1);
    return number;
}

static void test_add_fd(Fixture *f, gconstpointer data)
{
    say(f, COMMAND("add-fd", ""), NO_FD);
    give(f, COMMAND("add-fd", "'fdset-id': -1"),
         GENERIC("Parameter 'fdset-id' expects a non-negative value"));
    say(f, "{'execute': 'query-fdsets'}", RETURN("[]"));
    add_to_set(f, COMMAND("add-fd", ""), f->null_fd);
    say(f, COMMAND("remove-fd", "'fdset-id': 1"),
        NOT_FOUND("fdset-id:1"));
    say(f, COMMAND("remove-fd", "'fdset-id': 0, 'fd': 9999"),
        NOT_FOUND("fdset-id:0, fd:9999"));
    say(f, COMMAND("remove-fd", "'fdset-id': 0"), OK);
    say(f, "{'execute': 'query-fdsets'}", RETURN("[]"));
}

static void test_query_fdsets(Fixture *f, gconstpointer data)
{
    int a = add_to_set(f, COMMAND("add-fd", "'fdset-id': 7"), f->null_fd);
    int b = add_to_set(f, COMMAND("add-fd", "'opaque': 'o'"), f->null_fd);
    int c = add_to_set(f, COMMAND("add-fd", "'fdset-id': 7"), f->null_fd);
    g_autofree char *all = g_strdup_printf(
        RETURN("[{\"fdset-id\": 0, \"fds\": [{\"fd\": %d, \"opaque\": "
               "\"o\"}]}, {\"fdset-id\": 7, \"fds\": [{\"fd\": %d}, "
               "{\"fd\": %d}]}]"), b, a, c);
    g_autofree char *remove = g_strdup_printf(
        COMMAND("remove-fd", "'fdset-id': 7, 'fd': %d"), a);
    g_autofree char *rest = g_strdup_printf(
        RETURN("[{\"fdset-id\": 0, \"fds\": [{\"fd\": %d, \"opaque\": "
               "\"o\"}]}, {\"fdset-id\": 7, \"fds\": [{\"fd\": %d}]}]"),
        b, c);

    say(f, "{'execute': 'query-fdsets'}", all);
    say(f, remove, OK);
    say(f, "{'execute': 'query-fdsets'}", rest);
}

static void test_open(Fixture *f, gconstpointer data)
{
    int fd;

    g_assert_true(qmp_fdset_is_path("/dev/fdset/0"));
    g_assert_false(qmp_fdset_is_path("/dev/fdset/x"));
    g_assert_false(qmp_fdset_is_path("/dev/fdset/"));
    g_assert_cmpint(qmp_fdset_open("/dev/fdset/0", O_RDONLY), ==, -ENOENT);
    add_to_set(f, COMMAND("add-fd", ""), f->pipes[1]);
    g_assert_cmpint(qmp_fdset_open("/dev/fdset/0", O_RDONLY), ==, -EACCES);
    g_assert_cmpint(qmp_fdset_open("/dev/fdset/0", O_RDWR), ==, -EACCES);
    fd = qmp_fdset_open("/dev/fdset/0", O_WRONLY | O_NONBLOCK);
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
    close(fd);
    say(f, COMMAND("remove-fd", "'fdset-id': 0"), OK);
}

/* Without any client nobody could use a new set; others stay. */
static void test_last_client(Fixture *f, gconstpointer data)
{
    int fd;

    add_to_set(f, COMMAND("add-fd", ""), f->pipes[1]);
    add_to_set(f, COMMAND("add-fd", "'fdset-id': 3"), f->null_fd);
    fd = qmp_fdset_open("/dev/fdset/3", O_RDONLY);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    close(f->pipes[1]);
    f->pipes[1] = -1;
    close(f->client);
    while (qmp_server_n_clients(f->server)) {
        aio_poll(f->ctx, true);
    }
    g_assert_true(pipe_is_closed(f));
    f->client = new_client(f, false);
    say(f, COMMAND("remove-fd", "'fdset-id': 0"), NOT_FOUND("fdset-id:0"));
    say(f, COMMAND("remove-fd", "'fdset-id': 3"), OK);
}

/* ---- Servers ---- */

/* A server listens on a socket that a client has opened. */
static void test_server(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_build_filename(f->dir, "given", NULL);
    g_autofree char *pid = g_strdup_printf("%d", getpid());
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client;
    char byte;

    g_strlcpy(name.sun_path, path, sizeof(name.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, sizeof(name)), ==, 0);
    g_assert_cmpint(listen(fd, 8), ==, 0);
    say_with(f, GETFD("l"), &fd, 1, OK);
    close(fd);
    /* It is none of those that a service manager has passed. */
    g_setenv("LISTEN_PID", pid, true);
    g_setenv("LISTEN_FDS", "0", true);
    send_fds(f->client, COMMAND("object-add", "'qom-type': 'qmp-server', "
                                "'id': 'm1', 'addr': 'fd:l'"), NULL, 0);
    client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(client, (struct sockaddr *)&name, sizeof(name)),
                    ==, 0);
    while (recv(client, &byte, 1, MSG_DONTWAIT) < 0) {
        aio_poll(f->ctx, true);
    }
    close(client);
    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
    user_creatable_del("m1", &error_abort);
    g_assert_cmpint(g_unlink(path), ==, 0);
}

/* One that is no listening socket is closed. */
static void test_no_server(Fixture *f, gconstpointer data)
{
    char reply[256] = "";

    give_pipe(f, GETFD("l"), OK);
    send_fds(f->client, COMMAND("object-add", "'qom-type': 'qmp-server', "
                                "'id': 'm1', 'addr': 'fd:l'"), NULL, 0);
    while (recv(f->client, reply, sizeof(reply) - 1, MSG_DONTWAIT) < 0) {
        aio_poll(f->ctx, false);
    }
    g_assert_nonnull(strstr(reply, "is no listening unix socket"));
    g_assert_true(pipe_is_closed(f));
}

static const struct {
    const char *name;
    void (*fn)(Fixture *f, gconstpointer data);
} tests[] = {
    { "name/getfd", test_getfd },
    { "name/closefd", test_closefd },
    { "name/again", test_name_again },
    { "name/bad", test_bad_name },
    { "name/too-many", test_too_many_names },
    { "name/of-another-client", test_name_of_another_client },
    { "name/end-closes", test_end_closes },
    { "order/late-command", test_late_command },
    { "order/not-taken", test_not_taken },
    { "order/two-at-a-time", test_two_at_a_time },
    { "order/pipelined", test_pipelined },
    { "order/flood", test_flood },
    { "order/not-received", test_not_received },
    { "set/add-fd", test_add_fd },
    { "set/query", test_query_fdsets },
    { "set/open", test_open },
    { "set/last-client", test_last_client },
    { "server/listens", test_server },
    { "server/refused", test_no_server },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    for (int oob = 0; oob < 2; oob++) {
        for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path = g_strconcat(
                oob ? "/qmp/fd/oob/" : "/qmp/fd/in-band/", tests[i].name,
                NULL);

            g_test_add(path, Fixture, GINT_TO_POINTER(oob), set_up,
                       tests[i].fn, tear_down);
        }
    }
    return test_run();
}
