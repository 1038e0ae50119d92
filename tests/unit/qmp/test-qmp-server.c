/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP servers on sockets and on stdio, with clients in the same thread: a
 * client writes, the loop is stepped, the client reads.
 */
#include "aio/aio.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/test-stdio.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GREETING                                                            \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, "      \
    "\"major\": 10}, \"package\": \"qom 0.1.0\"}, "                      \
    "\"capabilities\": [\"oob\"]}}\r\n"
#define ECHO "{\"execute\": \"echo\", \"id\": 1}\n"

/* ---- Commands of the test's own ---- */

static AioContext *nested_ctx;
static unsigned n_echoes;

static bool run_echo(void *arg, void *ret, Error **errp)
{
    n_echoes++;
    return true;
}

/* Runs the loop, as a command that waits for something does. */
static bool run_nested(void *arg, void *ret, Error **errp)
{
    for (int i = 0; i < 3; i++) {
        aio_poll(nested_ctx, false);
    }
    /* The client is not watched in the nested loop, so nothing is ready. */
    g_assert_false(aio_poll(nested_ctx, false));
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "echo", .run = run_echo },
    { .name = "nested", .run = run_nested },
};

/* ---- A server with its loop and a folder for its socket ---- */

typedef struct Fixture {
    AioContext *ctx;
    char *dir;
    char *path;
    char *address;
    QmpServer *server;
    unsigned n_shutdowns;
} Fixture;

static void on_shutdown(void *opaque)
{
    ((Fixture *)opaque)->n_shutdowns++;
}

static void set_up_loop(Fixture *f, gconstpointer data)
{
    f->ctx = aio_context_new(&error_abort);
    nested_ctx = f->ctx;
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sock", NULL);
    f->address = g_strconcat("unix:", f->path, NULL);
    qmp_set_shutdown_handler(on_shutdown, f);
}

static void set_up(Fixture *f, gconstpointer data)
{
    set_up_loop(f, data);
    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    qmp_set_shutdown_handler(NULL, NULL);
    qmp_server_free(f->server);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    while (aio_poll(f->ctx, false)) {
        continue; /* deletes bottom halves */
    }
    aio_context_unref(f->ctx);
    g_free(f->dir);
    g_free(f->path);
    g_free(f->address);
}

static void step(Fixture *f)
{
    while (aio_poll(f->ctx, false)) {
        continue;
    }
}

static int connect_client(Fixture *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    return fd;
}

static void put(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
}

/* All that there is to be read. */
static char *get(int fd)
{
    GString *text = g_string_new(NULL);
    char chunk[4096];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
        g_string_append_len(text, chunk, n);
    }
    return g_string_free(text, FALSE);
}

static void expect(Fixture *f, int fd, const char *out)
{
    g_autofree char *text = NULL;

    step(f);
    text = get(fd);
    g_assert_cmpstr(text, ==, out);
}

static bool at_end(int fd)
{
    char byte;

    return read(fd, &byte, 1) == 0;
}

static void expect_no_server(Fixture *f, const char *address,
                             const char *message)
{
    Error *err = NULL;

    g_assert_null(qmp_server_new(f->ctx, address, &err));
    assert_error(err, message);
}

/* ---- Addresses ---- */

#define NOT_LOCAL(host)                                                     \
    "'" host "' is not an address of the loopback device. QMP has no "      \
    "passwords, so listening there needs allow-remote=on, which lets "      \
    "everyone who reaches the port control the program"

typedef struct AddressRow {
    const char *name;
    const char *address;
    const char *message;
} AddressRow;

static const AddressRow address_rows[] = {
    { "empty", "",
      "Invalid QMP address '': "
      "expected 'stdio', 'unix:PATH', 'tcp:HOST:PORT' or 'fd:N'" },
    { "unknown", "vsock:2:1",
      "Invalid QMP address 'vsock:2:1': "
      "expected 'stdio', 'unix:PATH', 'tcp:HOST:PORT' or 'fd:N'" },
    { "no-port", "tcp:localhost",
      "Invalid address 'tcp:localhost': "
      "expected HOST:PORT, with a port from 0 to 65535" },
    { "all-devices", "tcp:*:1", NOT_LOCAL("*") },
    { "other-host", "tcp:example.com:1", NOT_LOCAL("example.com") },
    { "other-ipv4", "tcp:0.0.0.0:1", NOT_LOCAL("0.0.0.0") },
    { "other-ipv6", "tcp:[::]:1", NOT_LOCAL("::") },
    { "remote-unix", "unix:x,allow-remote=on",
      "Invalid QMP address 'unix:x,allow-remote=on': "
      "Parameter 'allow-remote' is unexpected" },
    { "users-of-tcp", "tcp::0,allow-uid=1",
      "Invalid QMP address 'tcp::0,allow-uid=1': "
      "Parameter 'allow-uid' is unexpected" },
    { "no-path", "unix:",
      "Invalid QMP address 'unix:': the path of the socket is missing" },
    { "client-of-nobody", "unix:/nowhere/x,server=off",
      "Cannot connect to 'unix:/nowhere/x': No such file or directory" },
    { "client-waits", "unix:x,server=off,wait=on",
      "'wait' does not go with server=off" },
    { "client-has-mode", "unix:x,mode=0600,server=off",
      "'mode' does not go with server=off" },
    { "server-reconnects", "unix:x,reconnect-ms=1",
      "'reconnect-ms' does not go with server=on" },
    { "property-out-of-range", "unix:x,max-queue=0",
      "Invalid QMP address 'unix:x,max-queue=0': "
      "max-queue value must be in range [1, 1024]" },
    { "read-only-property", "unix:x,connections=0",
      "Invalid QMP address 'unix:x,connections=0': "
      "Parameter 'connections' is unexpected" },
    { "address-twice", "unix:x,addr=unix:y",
      "Invalid QMP address 'unix:x,addr=unix:y': "
      "Parameter 'addr' is unexpected" },
    { "no-switch", "unix:x,wait=maybe",
      "Invalid QMP address 'unix:x,wait=maybe': "
      "Parameter 'wait' expects 'on' or 'off'" },
    { "unknown-option", "unix:x,nope=1",
      "Invalid QMP address 'unix:x,nope=1': Parameter 'nope' is unexpected" },
    { "socket-option-on-stdio", "stdio,server=on",
      "Invalid QMP address 'stdio,server=on': "
      "Parameter 'server' is unexpected" },
    { "mode-not-octal", "unix:x,mode=0800",
      "Invalid QMP address 'unix:x,mode=0800': "
      "Parameter 'mode' expects an octal number from 1 to 0777" },
    { "uid-not-a-number", "unix:x,allow-uid=root",
      "Invalid QMP address 'unix:x,allow-uid=root': "
      "Parameter 'allow-uid' expects the number of a user" },
    { "no-clients", "unix:x,max-clients=0",
      "Invalid QMP address 'unix:x,max-clients=0': "
      "Parameter 'max-clients' expects a number from 1 to 65535" },
    { "empty-option", "unix:x,pretty=on,,wait=off",
      "Invalid QMP address 'unix:x,pretty=on,,wait=off': "
      "an option is missing between two commas" },
    { "fd-not-a-number", "fd:1x",
      "Invalid QMP address 'fd:1x': '1x' is not the number of a descriptor" },
    { "fd-not-passed", "fd:x", "File descriptor named 'x' not found" },
    { "fd-not-open", "fd:987654", "Descriptor 987654 is not open" },
    { "fd-no-socket", "fd:2", "Descriptor 2 is no listening unix socket" },
    { "mode-of-fd", "fd:2,mode=0600",
      "Invalid QMP address 'fd:2,mode=0600': "
      "Parameter 'mode' is unexpected" },
    { "path-in-the-way", "unix:/dev/null",
      "'/dev/null' exists and is no socket" },
    { "no-folder", "unix:/nowhere/x",
      "Cannot create the socket '/nowhere/x': No such file or directory" },
};

static void test_address(Fixture *f, gconstpointer data)
{
    const AddressRow *row = data;

    expect_no_server(f, row->address, row->message);
}

static void test_path_too_long(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_strnfill(108, 'x');
    g_autofree char *address = g_strconcat("unix:", path, NULL);
    g_autofree char *message = g_strdup_printf(
        "Invalid QMP address '%s': the path '%s' is too long for a socket: "
        "108 bytes, at most 107", address, path);

    expect_no_server(f, address, message);
}

static void test_options_that_say_the_usual(Fixture *f, gconstpointer data)
{
    g_autofree char *address = g_strconcat(f->address, ",server=on,wait=off",
                                           NULL);

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void test_comma_in_path(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_strconcat(f->path, ",1", NULL);
    g_autofree char *address = g_strconcat(f->address, ",,1", NULL);

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_pretty(Fixture *f, gconstpointer data)
{
    g_autofree char *address = g_strconcat(f->address, ",pretty=on", NULL);
    g_autofree char *text = NULL;
    int fd;

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    fd = connect_client(f);
    step(f);
    text = get(fd);
    g_assert_true(g_str_has_prefix(text, "{\n    \"QMP\": {\n"));
    close(fd);
}

/* ---- The socket's file ---- */

static void test_file_in_use(Fixture *f, gconstpointer data)
{
    g_autofree char *message = g_strdup_printf("The socket '%s' is in use",
                                               f->path);
    int fd;

    expect_no_server(f, f->address, message);
    fd = connect_client(f);
    expect(f, fd, GREETING);
    close(fd);
}

static void test_file_stale(Fixture *f, gconstpointer data)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)),
                    ==, 0);
    close(fd);
    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
    fd = connect_client(f);
    expect(f, fd, GREETING);
    close(fd);
}

static void test_file_mode(Fixture *f, gconstpointer data)
{
    g_autofree char *address = g_strconcat(f->address, ",mode=0622", NULL);
    struct stat st;

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    g_assert_cmpint(lstat(f->path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0622);
}

static void test_max_clients(Fixture *f, gconstpointer data)
{
    g_autofree char *address = g_strconcat(f->address, ",max-clients=1",
                                           NULL);
    int first;
    int second;

    f->server = qmp_server_new(f->ctx, address, &error_abort);
    first = connect_client(f);
    expect(f, first, GREETING);
    second = connect_client(f);
    expect(f, second, "{\"error\": {\"class\": \"GenericError\", "
           "\"desc\": \"Too many clients: at most 1\"}}\r\n");
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 1);
    close(first);
    close(second);
    step(f);
    first = connect_client(f);
    expect(f, first, GREETING);
    close(first);
}

static void test_passed_fd(Fixture *f, gconstpointer data)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_autofree char *address = g_strdup_printf("fd:%d", listening);
    g_autofree char *message = g_strdup_printf(
        "Descriptor %d is no listening unix socket", listening);
    int fd;

    expect_no_server(f, address, message);
    g_strlcpy(name.sun_path, f->path, sizeof(name.sun_path));
    g_assert_cmpint(bind(listening, (struct sockaddr *)&name, sizeof(name)),
                    ==, 0);
    g_assert_cmpint(listen(listening, 8), ==, 0);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
    fd = connect_client(f);
    expect(f, fd, GREETING);
    close(fd);
    qmp_server_free(f->server);
    f->server = NULL;
    close(listening);
    g_assert_cmpint(g_unlink(f->path), ==, 0); /* it is not the server's */
}

static void test_file_removed(Fixture *f, gconstpointer data)
{
    qmp_server_free(f->server);
    f->server = NULL;
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void test_file_of_another(Fixture *f, gconstpointer data)
{
    g_assert_cmpint(unlink(f->path), ==, 0);
    g_assert_true(g_file_set_contents(f->path, "mine", -1, NULL));
    qmp_server_free(f->server);
    f->server = NULL;
    g_assert_cmpint(unlink(f->path), ==, 0);
}

/* ---- Clients ---- */

static void test_negotiation_per_client(Fixture *f, gconstpointer data)
{
    int first = connect_client(f);
    int second;

    put(first, NEGOTIATE ECHO);
    expect(f, first, GREETING OK OK_ID("1"));
    close(first);
    second = connect_client(f);
    put(second, "{'execute': 'echo'}");
    expect(f, second, GREETING "{\"error\": {\"class\": \"CommandNotFound\", "
           "\"desc\": \"Expecting capabilities negotiation with "
           "'qmp_capabilities'\"}}\r\n");
    close(second);
}

static void test_two_clients(Fixture *f, gconstpointer data)
{
    int a = connect_client(f);
    int b = connect_client(f);

    put(a, NEGOTIATE "{'execute': ");
    put(b, NEGOTIATE);
    expect(f, a, GREETING OK);
    expect(f, b, GREETING OK);
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 2);
    put(b, ECHO);
    expect(f, b, OK_ID("1"));
    put(a, "'echo', 'id': 'a'}");
    put(b, ECHO ECHO);
    expect(f, a, "{\"return\": {}, \"id\": \"a\"}\r\n");
    expect(f, b, OK_ID("1") OK_ID("1"));
    close(a);
    close(b);
    step(f);
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
}

static void test_disconnect_at_every_byte(Fixture *f, gconstpointer data)
{
    static const char text[] = NEGOTIATE ECHO "{'execute': 'nope', 'id': "
        "[1, {'a': null}]}\n[\xFF 'bad \\u0041'\n" ECHO;

    for (size_t n = 0; n < sizeof(text); n++) {
        int fd = connect_client(f);

        g_assert_cmpint(write(fd, text, n), ==, n);
        if (n % 2) {
            step(f);
        }
        close(fd);
        step(f);
        g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
    }
}

static void test_half_close(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(fd, NEGOTIATE ECHO ECHO);
    shutdown(fd, SHUT_WR);
    expect(f, fd, GREETING OK OK_ID("1") OK_ID("1"));
    g_assert_true(at_end(fd));
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
    close(fd);
}

static void test_free_with_clients(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(fd, NEGOTIATE "{'execute'");
    expect(f, fd, GREETING OK);
    qmp_server_free(f->server);
    f->server = NULL;
    g_assert_true(at_end(fd));
    close(fd);
}

/* How many requests a client gets rid of that takes no reply. */
static unsigned flood(Fixture *f, int fd)
{
    unsigned n = 0;

    for (;;) {
        ssize_t written = write(fd, ECHO, strlen(ECHO));

        if (written < 0) {
            unsigned before = n_echoes;

            g_assert_cmpint(errno, ==, EAGAIN);
            step(f);
            if (n_echoes == before) {
                return n;
            }
            continue;
        }
        g_assert_cmpint(written, ==, strlen(ECHO));
        n++;
    }
}

static unsigned count_replies(Fixture *f, int fd, unsigned expected)
{
    unsigned n = 0;

    while (n < expected) {
        g_autofree char *text = NULL;

        step(f);
        text = get(fd);
        g_assert_cmpstr(text, !=, "");
        for (const char *p = text; (p = strchr(p, '\n')); p++) {
            n++;
        }
    }
    return n;
}

static void test_slow_client(Fixture *f, gconstpointer data)
{
    int slow = connect_client(f);
    int other = connect_client(f);
    unsigned n;

    put(slow, NEGOTIATE);
    expect(f, slow, GREETING OK);
    n = flood(f, slow);
    g_assert_cmpuint(n, <, 200000);

    put(other, NEGOTIATE ECHO);
    expect(f, other, GREETING OK OK_ID("1"));

    g_assert_cmpuint(count_replies(f, slow, n), ==, n);
    close(slow);
    close(other);
}

static void test_slow_client_leaves(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(fd, NEGOTIATE);
    expect(f, fd, GREETING OK);
    flood(f, fd);
    close(fd);
    step(f);
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
}

static void test_nested_loop(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);
    int other = connect_client(f);

    put(fd, NEGOTIATE);
    put(other, NEGOTIATE);
    expect(f, fd, GREETING OK);
    expect(f, other, GREETING OK);
    put(fd, "{'execute': 'nested'}" ECHO);
    g_assert_true(aio_poll(f->ctx, false));
    put(fd, "{'execute': 'nested'}");
    put(other, ECHO);
    expect(f, fd, OK OK_ID("1") OK);
    expect(f, other, OK_ID("1"));
    close(fd);
    close(other);
}

/* The client stays in the backlog until there is a descriptor for it. */
static void test_no_descriptor_left(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);
    struct rlimit old;
    struct rlimit none;

    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    step(f);
    g_assert_cmpuint(qmp_server_n_clients(f->server), ==, 0);
    setrlimit(RLIMIT_NOFILE, &old);
    while (!qmp_server_n_clients(f->server)) {
        aio_poll(f->ctx, true);
    }
    expect(f, fd, GREETING);
    close(fd);
}

static unsigned count_inherited(void)
{
    unsigned n = 0;

    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);

        n += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return n;
}

static void test_close_on_exec(Fixture *f, gconstpointer data)
{
    unsigned before = count_inherited();
    int fd;

    f->server = qmp_server_new(f->ctx, f->address, &error_abort);
    fd = connect_client(f);
    expect(f, fd, GREETING);
    g_assert_cmpuint(count_inherited(), ==, before);
    close(fd);
}

static void test_quit(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(fd, NEGOTIATE "{'execute': 'quit', 'id': 'q'}" ECHO);
    expect(f, fd, GREETING OK "{\"return\": {}, \"id\": \"q\"}\r\n");
    g_assert_true(at_end(fd));
    g_assert_cmpuint(f->n_shutdowns, ==, 1);
    close(fd);
}

static void free_server(void *opaque)
{
    Fixture *f = opaque;

    f->n_shutdowns++;
    qmp_server_free(g_steal_pointer(&f->server));
}

static void test_free_in_shutdown_handler(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    qmp_set_shutdown_handler(free_server, f);
    put(fd, NEGOTIATE "{'execute': 'quit'}");
    expect(f, fd, GREETING OK OK);
    g_assert_true(at_end(fd));
    g_assert_null(f->server);
    close(fd);
}

/* ---- In a child process ---- */

static int free_in_child(Fixture *f)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        qmp_server_free(f->server);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

/* The parent keeps its socket, and its client. */
static void test_free_in_child(Fixture *f, gconstpointer data)
{
    int fd = connect_client(f);

    put(fd, NEGOTIATE);
    expect(f, fd, GREETING OK);
    put(fd, "{'execute': 'nested', 'id': 2}");
    g_assert_cmpint(free_in_child(f), ==, 0);
    g_assert_cmpint(access(f->path, F_OK), ==, 0);
    put(fd, ECHO);
    expect(f, fd, "{\"return\": {}, \"id\": 2}\r\n"
                  "{\"return\": {}, \"id\": 1}\r\n");
    close(fd);
}

/* ---- stdio ---- */

static void serve_stdio(Fixture *f, int in, int out)
{
    Stdio s;

    stdio_begin(&s, in, out);
    f->server = qmp_server_new(f->ctx, "stdio", NULL);
    while (f->server && !f->n_shutdowns) {
        aio_poll(f->ctx, true);
    }
    qmp_server_free(g_steal_pointer(&f->server));
    stdio_end(&s);
}

static int open_file_with(Fixture *f, const char *text)
{
    int fd;

    g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
    fd = open(f->path, O_RDONLY | O_CLOEXEC);
    unlink(f->path);
    return fd;
}

static void test_stdio_file(Fixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;
    int in = open_file_with(f, NEGOTIATE ECHO);
    int out[2];

    g_assert_cmpint(pipe2(out, O_CLOEXEC | O_NONBLOCK), ==, 0);
    serve_stdio(f, in, out[1]);
    text = get(out[0]);
    g_assert_cmpstr(text, ==, GREETING OK OK_ID("1"));
    g_assert_cmpuint(f->n_shutdowns, ==, 1);
    close(in);
    close(out[0]);
    close(out[1]);
}

static void test_stdio_long_file(Fixture *f, gconstpointer data)
{
    g_autoptr(GString) requests = g_string_new(NEGOTIATE);
    g_autofree char *text = NULL;
    int in;
    int out;
    unsigned n = 0;

    for (int i = 0; i < 5000; i++) {
        g_string_append(requests, ECHO);
    }
    in = open_file_with(f, requests->str);
    out = open(f->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    serve_stdio(f, in, out);
    lseek(out, 0, SEEK_SET);
    text = get(out);
    for (const char *p = text; (p = strchr(p, '\n')); p++) {
        n++;
    }
    g_assert_cmpuint(n, ==, 5002);
    close(in);
    close(out);
}

static void test_stdio_null(Fixture *f, gconstpointer data)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    serve_stdio(f, null, null);
    g_assert_cmpuint(f->n_shutdowns, ==, 1);
    close(null);
}

static void test_stdio_quit(Fixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;
    int in[2];
    int out[2];

    g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
    put(in[1], NEGOTIATE "{'execute': 'quit'}");
    serve_stdio(f, in[0], out[1]);
    close(out[1]);
    text = get(out[0]);
    g_assert_cmpstr(text, ==, GREETING OK OK);
    g_assert_false(fcntl(in[0], F_GETFL) & O_NONBLOCK);
    close(in[0]);
    close(in[1]);
    close(out[0]);
}

/* One open file for both, as a terminal is. */
static void test_stdio_flags(Fixture *f, gconstpointer data)
{
    int pair[2];
    Stdio s;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                    ==, 0);
    stdio_begin(&s, pair[0], pair[0]);
    f->server = qmp_server_new(f->ctx, "stdio", NULL);
    g_assert_true(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    qmp_server_free(g_steal_pointer(&f->server));
    stdio_end(&s);
    g_assert_false(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    close(pair[0]);
    close(pair[1]);
}

static void test_stdio_broken_pipe(Fixture *f, gconstpointer data)
{
    int in[2];
    int out[2];

    g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
    close(out[0]);
    serve_stdio(f, in[0], out[1]);
    g_assert_cmpuint(f->n_shutdowns, ==, 1);
    close(in[0]);
    close(in[1]);
    close(out[1]);
}

static void test_stdio_twice(Fixture *f, gconstpointer data)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    Error *err = NULL;
    Stdio s;

    stdio_begin(&s, null, null);
    f->server = qmp_server_new(f->ctx, "stdio", NULL);
    qmp_server_new(f->ctx, "stdio", &err);
    qmp_server_free(g_steal_pointer(&f->server));
    stdio_end(&s);
    assert_error(err, "QMP is on stdio already");
    close(null);
}

#define ADD(path, set_up, fn) \
    g_test_add("/qmp/server/" path, Fixture, NULL, set_up, fn, tear_down)

static void add_address_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(address_rows); i++) {
        g_autofree char *path = g_strconcat("/qmp/server/address/",
                                            address_rows[i].name, NULL);

        g_test_add(path, Fixture, &address_rows[i], set_up_loop, test_address,
                   tear_down);
    }
    ADD("address/too-long", set_up_loop, test_path_too_long);
    ADD("address/usual-options", set_up_loop,
        test_options_that_say_the_usual);
    ADD("address/mode", set_up_loop, test_file_mode);
    ADD("address/max-clients", set_up_loop, test_max_clients);
    ADD("address/passed-descriptor", set_up_loop, test_passed_fd);
    ADD("address/comma-in-path", set_up_loop, test_comma_in_path);
    ADD("address/pretty", set_up_loop, test_pretty);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    add_address_tests();
    ADD("file/in-use", set_up, test_file_in_use);
    ADD("file/stale", set_up_loop, test_file_stale);
    ADD("file/removed", set_up, test_file_removed);
    ADD("file/of-another-stays", set_up, test_file_of_another);
    ADD("client/negotiates-for-itself", set_up, test_negotiation_per_client);
    ADD("client/two-interleaved", set_up, test_two_clients);
    ADD("client/leaves-at-every-byte", set_up, test_disconnect_at_every_byte);
    ADD("client/half-close", set_up, test_half_close);
    ADD("client/server-goes", set_up, test_free_with_clients);
    ADD("client/slow", set_up, test_slow_client);
    ADD("client/slow-leaves", set_up, test_slow_client_leaves);
    ADD("client/command-runs-the-loop", set_up, test_nested_loop);
    ADD("client/no-descriptor-left", set_up, test_no_descriptor_left);
    ADD("client/close-on-exec", set_up_loop, test_close_on_exec);
    ADD("quit/replies-first", set_up, test_quit);
    ADD("quit/handler-frees-the-server", set_up,
        test_free_in_shutdown_handler);
    ADD("fork/free-in-child", set_up, test_free_in_child);
    ADD("stdio/file", set_up_loop, test_stdio_file);
    ADD("stdio/long-file", set_up_loop, test_stdio_long_file);
    ADD("stdio/null", set_up_loop, test_stdio_null);
    ADD("stdio/quit", set_up_loop, test_stdio_quit);
    ADD("stdio/flags-restored", set_up_loop, test_stdio_flags);
    ADD("stdio/broken-pipe", set_up_loop, test_stdio_broken_pipe);
    ADD("stdio/twice", set_up_loop, test_stdio_twice);
    return test_run();
}
