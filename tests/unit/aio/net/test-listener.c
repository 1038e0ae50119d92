/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses, listeners of each kind, and looking up names.
 *
 * getaddrinfo() is wrapped, so that names need no server: "blocked" waits until
 * the test lets it return, "nowhere" is not known, and other names are the
 * loopback device.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/net/listener.h"
#include "aio/timer.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <linux/vm_sockets.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

/* ---- Looking up names ---- */

static atomic_bool may_return;
static atomic_int n_lookups;

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    if (hints->ai_flags & AI_NUMERICHOST) {
        return __real_getaddrinfo(host, port, hints, list);
    }
    atomic_fetch_add(&n_lookups, 1);
    if (!g_strcmp0(host, "nowhere")) {
        return EAI_NONAME;
    }
    while (!g_strcmp0(host, "blocked") && !atomic_load(&may_return)) {
        g_thread_yield();
    }
    return __real_getaddrinfo("127.0.0.1", port, hints, list);
}

/* ---- Texts ---- */

static const struct {
    const char *text;
    const char *error; /* NULL: none */
} texts[] = {
    { "unix:/run/x", NULL },
    { "tcp:localhost:10809", NULL },
    { "tcp::0", NULL },
    { "tcp:[::1]:80", NULL },
    { "tcp:*:http", NULL },
    { "vsock:3:10809", NULL },
    { "vsock:*:1", NULL },
    { "fd:3", NULL },
    { "", "expected 'unix:PATH', 'tcp:HOST:PORT', 'vsock:CID:PORT' or "
      "'fd:N'" },
    { "/run/x", "expected 'unix:PATH', 'tcp:HOST:PORT', 'vsock:CID:PORT' or "
      "'fd:N'" },
    { "unix:", "the path of the socket is missing" },
    { "tcp:localhost", "expected HOST:PORT, with a port from 0 to 65535" },
    { "tcp:localhost:", "expected HOST:PORT, with a port from 0 to 65535" },
    { "tcp:localhost:65536",
      "expected HOST:PORT, with a port from 0 to 65535" },
    { "tcp:localhost:99999999999999999999",
      "expected HOST:PORT, with a port from 0 to 65535" },
    { "tcp:::1:80", "an IPv6 address must be in brackets" },
    { "vsock:1", "expected CID:PORT" },
    { "vsock:1:2:3", "expected CID:PORT" },
    { "vsock:-1:2", "expected CID:PORT" },
    { "vsock:1:4294967296", "expected CID:PORT" },
    { "fd:x", "'x' is not the number of a file descriptor" },
    { "fd:-1", "'-1' is not the number of a file descriptor" },
};

static void test_texts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        AioAddress address = { .fd = -7 };
        Error *err = NULL;
        bool ok = aio_address_parse(&address, texts[i].text, &err);

        g_assert_true(ok == !texts[i].error);
        if (ok) {
            aio_address_clear(&address);
        } else {
            g_autofree char *text = g_strdup_printf(
                "Invalid address '%s': %s", texts[i].text, texts[i].error);

            assert_error(err, text);
            g_assert_cmpint(address.fd, ==, -7);
        }
    }
}

/* The property is named, and nothing is left of a text that is well formed. */
static void test_check(void)
{
    Error *err = NULL;

    g_assert_true(aio_address_check("addr", NULL, &error_abort));
    g_assert_true(aio_address_check("addr", "unix:x", &error_abort));
    g_assert_true(aio_address_check("addr", "tcp:nowhere:1", &error_abort));
    g_assert_false(aio_address_check("listen", "fd:x", &err));
    assert_error(err, "Parameter 'listen': Invalid address 'fd:x': 'x' is not "
                 "the number of a file descriptor");
    g_assert_false(aio_address_check("listen", "fd:x", NULL));
}

static void test_long_path(void)
{
    AioAddress address;
    Error *err = NULL;
    g_autofree char *path = g_strnfill(108, 'p');
    g_autofree char *text = g_strconcat("unix:", path, NULL);
    g_autofree char *message = g_strdup_printf(
        "Invalid address '%s': the path '%s' is too long for a socket: 108 "
        "bytes, at most 107", text, path);

    g_assert_false(aio_address_parse(&address, text, &err));
    assert_error(err, message);
}

/* ---- A listener and its clients ---- */

typedef struct Serving {
    NetFixture *f;
    AioListener *listener;
    AioAddress address; /* of the listener, for the clients */
    unsigned n_clients;
    int connect_ret;
    char *connect_error;
    bool pause; /* after each client */
} Serving;

static void check_option(int fd, int level, int option)
{
    int value = 0;

    g_assert_cmpint(getsockopt(fd, level, option, &value,
                               &(socklen_t){ sizeof(value) }), ==, 0);
    g_assert_cmpint(value, !=, 0);
}

static void on_client(int fd, void *opaque)
{
    Serving *s = opaque;

    g_assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    if (s->address.kind == AIO_ADDRESS_TCP) {
        check_option(fd, IPPROTO_TCP, TCP_NODELAY);
        check_option(fd, SOL_SOCKET, SO_KEEPALIVE);
    }
    close(fd);
    s->n_clients++;
    if (s->pause) {
        aio_listener_set_paused(s->listener, true);
    }
}

static void serve_begin(Serving *s, NetFixture *f, const char *text)
{
    *s = (Serving) { .f = f };
    g_assert_true(aio_address_parse(&s->address, text, &error_abort));
    s->listener = aio_listener_new(f->ctx, &s->address, on_client, s,
                                   &error_abort);
    if (s->address.kind == AIO_ADDRESS_TCP) {
        g_free(s->address.port);
        s->address.port =
            g_strdup_printf("%u", aio_listener_get_port(s->listener));
    }
}

static void serve_end(Serving *s)
{
    aio_listener_free(s->listener);
    aio_address_clear(&s->address);
    g_free(s->connect_error);
}

static int run_connect(void *opaque)
{
    Serving *s = opaque;
    Error *err = NULL;

    s->connect_ret = aio_address_connect(&s->address, co_deadline_ns(HOUR_NS),
                                         &err);
    if (s->connect_ret < 0) {
        s->connect_error = g_strdup(error_get_pretty(err));
        error_free(err);
        return 0;
    }
    close(s->connect_ret);
    return 0;
}

static void start_client(Serving *s)
{
    co_group_spawn(s->f->group, NULL, run_connect, s);
}

static void check_serves(NetFixture *f, const char *text)
{
    Serving s;

    serve_begin(&s, f, text);
    for (int i = 0; i < 20; i++) {
        start_client(&s);
    }
    net_join(f);
    net_run_until(f, s.n_clients == 20);
    g_assert_null(s.connect_error);
    serve_end(&s);
}

static char *temp_path(const char *name)
{
    g_autofree char *folder = g_dir_make_tmp("qom-listener-XXXXXX", NULL);

    return g_build_filename(folder, name, NULL);
}

static void remove_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

NET_TEST(test_unix)
{
    g_autofree char *path = temp_path("s");
    g_autofree char *text = g_strconcat("unix:", path, NULL);

    check_serves(f, text);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    remove_folder(path);
}

NET_TEST(test_tcp)
{
    check_serves(f, "tcp::0");
    check_serves(f, "tcp:127.0.0.1:0");
    check_serves(f, "tcp:*:0");
}

NET_TEST(test_tcp_name)
{
    check_serves(f, "tcp:localhost:0");
}

static bool has_vsock(void)
{
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

NET_TEST(test_vsock)
{
    Serving s;

    if (!has_vsock()) {
        g_test_skip("the kernel has no vsock");
        return;
    }
    serve_begin(&s, f, "vsock:*:54321");
    s.address.vsock_cid = VMADDR_CID_LOCAL;
    start_client(&s);
    net_join(f);
    if (s.connect_error) {
        g_test_skip("the kernel has no vsock to itself");
    } else {
        net_run_until(f, s.n_clients == 1);
    }
    serve_end(&s);
}

/* ---- Inherited file descriptors ---- */

static int listening_socket(char **path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *path = temp_path("s");
    g_strlcpy(name.sun_path, *path, sizeof(name.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, sizeof(name)), ==, 0);
    g_assert_cmpint(listen(fd, 5), ==, 0);
    return fd;
}

NET_TEST(test_fd)
{
    g_autofree char *path = NULL;
    int fd = listening_socket(&path);
    g_autofree char *text = g_strdup_printf("fd:%d", fd);
    Serving s;

    serve_begin(&s, f, text);
    g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    s.address.kind = AIO_ADDRESS_UNIX;
    s.address.path = g_strdup(path);
    start_client(&s);
    net_join(f);
    net_run_until(f, s.n_clients == 1);
    serve_end(&s);
    close(fd);
    /* The process that created the file removes it. */
    g_assert_cmpint(g_unlink(path), ==, 0);
    remove_folder(path);
}

static void check_refused(NetFixture *f, const AioAddress *address,
                          const char *message)
{
    Error *err = NULL;

    g_assert_null(aio_listener_new(f->ctx, address, on_client, NULL, &err));
    assert_error(err, message);
}

NET_TEST(test_fd_refused)
{
    g_autofree char *path = NULL;
    int fd = listening_socket(&path);
    AioAddress address = { .kind = AIO_ADDRESS_FD, .fd = f->fd[0] };
    g_autofree char *no_listener = g_strdup_printf(
        "Descriptor %d is no listening stream socket", f->fd[0]);
    g_autofree char *other_family = g_strdup_printf(
        "Descriptor %d is no listening unix socket", f->fd[0]);

    check_refused(f, &address, no_listener);
    address.fd_family = AF_UNIX;
    check_refused(f, &address, other_family);
    address.fd = 1000;
    check_refused(f, &address, "Descriptor 1000 is not open");
    close(fd);
    g_unlink(path);
    remove_folder(path);
}

/* Of two servers on one socket, either would take the clients of the other. */
NET_TEST(test_fd_in_use)
{
    g_autofree char *path = NULL;
    int fd = listening_socket(&path);
    AioAddress address = { .kind = AIO_ADDRESS_FD, .fd = fd };
    g_autofree char *message = g_strdup_printf(
        "Descriptor %d is in use by another server", fd);
    AioListener *listener;

    for (int i = 0; i < 2; i++) {
        listener = aio_listener_new(f->ctx, &address, on_client, NULL,
                                    &error_abort);
        check_refused(f, &address, message);
        aio_listener_free(listener);
    }
    close(fd);
    g_unlink(path);
    remove_folder(path);
}

static int find_listening_socket(void)
{
    int listens = 0;
    int fd = -1;

    while (!listens) {
        getsockopt(++fd, SOL_SOCKET, SO_ACCEPTCONN, &listens,
                   &(socklen_t){ sizeof(listens) });
    }
    return fd;
}

/* The number of a socket that another listener has opened itself is refused. */
NET_TEST(test_fd_not_inherited)
{
    g_autofree char *path = temp_path("s");
    AioAddress unix_address = { .kind = AIO_ADDRESS_UNIX, .path = path };
    AioAddress address = { .kind = AIO_ADDRESS_FD };
    AioListener *listener = aio_listener_new(f->ctx, &unix_address, on_client,
                                             NULL, &error_abort);
    g_autofree char *message = NULL;

    address.fd = find_listening_socket();
    message = g_strdup_printf("Descriptor %d is in use by another server",
                              address.fd);
    check_refused(f, &address, message);
    aio_listener_free(listener);
    remove_folder(path);
}

/* ---- The socket's file ---- */

NET_TEST(test_mode_and_replacing)
{
    g_autofree char *path = NULL;
    AioAddress address = { .kind = AIO_ADDRESS_UNIX, .mode = 0620 };
    g_autofree char *in_use = NULL;
    AioListener *listener;
    struct stat st;

    close(listening_socket(&path)); /* leaves a stale file */
    address.path = path;
    in_use = g_strdup_printf("The socket '%s' is in use", path);
    listener = aio_listener_new(f->ctx, &address, on_client, NULL,
                                &error_abort);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0620);
    check_refused(f, &address, in_use);
    g_assert_cmpint(stat(path, &st), ==, 0);
    aio_listener_free(listener);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    remove_folder(path);
}

NET_TEST(test_file_that_is_no_socket)
{
    g_autofree char *path = temp_path("s");
    AioAddress address = { .kind = AIO_ADDRESS_UNIX, .path = path };
    g_autofree char *message = g_strdup_printf("'%s' exists and is no socket",
                                               path);

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    check_refused(f, &address, message);
    g_assert_cmpint(g_unlink(path), ==, 0);
    remove_folder(path);
}

/* A child frees the listener of its parent; the file stays. */
NET_TEST(test_fork)
{
    g_autofree char *path = temp_path("s");
    g_autofree char *text = g_strconcat("unix:", path, NULL);
    Serving s;
    pid_t child;
    int status;

    serve_begin(&s, f, text);
    child = fork();
    if (child == 0) {
        aio_listener_free(s.listener);
        _exit(!g_file_test(path, G_FILE_TEST_EXISTS));
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    start_client(&s);
    net_join(f);
    net_run_until(f, s.n_clients == 1);
    serve_end(&s);
    remove_folder(path);
}

/* ---- Limits ---- */

NET_TEST(test_pause)
{
    Serving s;

    serve_begin(&s, f, "tcp::0");
    s.pause = true;
    start_client(&s);
    start_client(&s);
    net_join(f);
    net_run_until(f, s.n_clients == 1);
    net_run(f, false);
    net_run(f, false);
    g_assert_cmpuint(s.n_clients, ==, 1);
    aio_listener_set_paused(s.listener, false);
    net_run_until(f, s.n_clients == 2);
    serve_end(&s);
}

static void set_bool(void *opaque)
{
    *(bool *)opaque = true;
}

/* Without file descriptors the loop goes to sleep, and the client is accepted
 * when there are some again. */
NET_TEST(test_no_descriptors)
{
    struct rlimit old;
    struct rlimit none;
    bool timer_ran = false;
    AioTimer *timer = aio_timer_new(f->ctx, AIO_CLOCK_REALTIME, SCALE_NS,
                                    set_bool, &timer_ran);
    unsigned iterations = 0;
    Serving s;

    serve_begin(&s, f, "tcp::0");
    start_client(&s);
    net_join(f);
    net_run_until(f, s.n_clients == 1);

    getrlimit(RLIMIT_NOFILE, &old);
    start_client(&s);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    timer_mod(timer, clock_get_ns(AIO_CLOCK_REALTIME) + 20 * SCALE_MS);
    while (!timer_ran) {
        net_run(f, true);
        iterations++;
    }
    setrlimit(RLIMIT_NOFILE, &old);
    g_assert_cmpuint(iterations, <, 20);
    net_run_until(f, s.n_clients == 2);
    timer_free(timer);
    serve_end(&s);
}

/* ---- Looking up ---- */

/* While a name is looked up, the loop runs other coroutines. */
NET_TEST(test_lookup_does_not_block)
{
    Serving s;
    bool ran = false;

    atomic_store(&may_return, false);
    atomic_store(&n_lookups, 0);
    serve_begin(&s, f, "tcp::0");
    g_free(s.address.host);
    s.address.host = g_strdup("blocked");
    start_client(&s);
    g_assert_cmpuint(co_group_get_n(f->group), ==, 1);
    aio_bh_schedule_oneshot(f->ctx, set_bool, &ran);
    while (!ran || atomic_load(&n_lookups) == 0) {
        net_run(f, false);
    }
    g_assert_cmpuint(co_group_get_n(f->group), ==, 1);
    atomic_store(&may_return, true);
    net_join(f);
    g_assert_cmpint(s.connect_ret, >=, 0);
    net_run_until(f, s.n_clients == 1);
    serve_end(&s);
}

static void listen_on_name(void *opaque)
{
    Serving *s = opaque;

    s->listener = aio_listener_new(s->f->ctx, &s->address, on_client, s,
                                   &error_abort);
}

static void allow_lookup(void *opaque)
{
    atomic_store(&may_return, true);
}

/* In a coroutine, and outside of one, where the call runs the loop. */
NET_TEST(test_listen_on_a_name)
{
    for (int in_co = 0; in_co < 2; in_co++) {
        Serving s = { .f = f };

        atomic_store(&may_return, false);
        g_assert_true(aio_address_parse(&s.address, "tcp:blocked:0", NULL));
        aio_bh_schedule_oneshot(f->ctx, allow_lookup, NULL);
        if (in_co) {
            coroutine_enter(coroutine_create(listen_on_name, &s));
            g_assert_null(s.listener);
            net_run_until(f, s.listener);
        } else {
            listen_on_name(&s);
        }
        g_assert_cmpuint(aio_listener_get_port(s.listener), >, 0);
        serve_end(&s);
    }
}

/*
 * Without file descriptors the system cannot look for a name, and says that it
 * does not know it.  The limit is set when the loop has run, because a change
 * of its monitor closes a file descriptor.
 */
NET_TEST(test_unknown_name)
{
    struct rlimit old;
    struct rlimit none;
    AioAddress address;

    g_assert_true(aio_address_parse(&address, "tcp:nowhere:1", NULL));
    check_refused(f, &address, "Cannot look up 'tcp:nowhere:1': Name or "
                  "service not known");
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    check_refused(f, &address, "Cannot look up 'tcp:nowhere:1': Too many open "
                  "files");
    setrlimit(RLIMIT_NOFILE, &old);
    aio_address_clear(&address);
}

NET_TEST(test_connect_refused)
{
    Serving s;

    serve_begin(&s, f, "tcp::0");
    g_clear_pointer(&s.listener, aio_listener_free);
    start_client(&s);
    net_join(f);
    g_assert_cmpint(s.connect_ret, ==, -ECONNREFUSED);
    g_assert_true(g_str_has_prefix(s.connect_error,
                                   "Cannot connect to 'tcp::"));
    serve_end(&s);
}

NET_TEST(test_port_in_use)
{
    g_autofree char *message = NULL;
    Serving s;

    serve_begin(&s, f, "tcp:127.0.0.1:0");
    message = g_strdup_printf("Cannot listen on 'tcp:127.0.0.1:%s': Address "
                              "already in use", s.address.port);
    check_refused(f, &s.address, message);
    serve_end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(NetFixture *f, const void *data);
    } tests[] = {
        { "unix", test_unix },
        { "tcp", test_tcp },
        { "tcp-name", test_tcp_name },
        { "fd/serves", test_fd },
        { "fd/refused", test_fd_refused },
        { "fd/in-use", test_fd_in_use },
        { "fd/not-inherited", test_fd_not_inherited },
        { "file/mode-and-replacing", test_mode_and_replacing },
        { "file/no-socket", test_file_that_is_no_socket },
        { "fork", test_fork },
        { "pause", test_pause },
        { "no-descriptors", test_no_descriptors },
        { "lookup/does-not-block", test_lookup_does_not_block },
        { "lookup/listen", test_listen_on_a_name },
        { "lookup/unknown", test_unknown_name },
        { "connect-refused", test_connect_refused },
        { "port-in-use", test_port_in_use },
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));
    g_test_add_func("/aio/net/address/texts", test_texts);
    g_test_add_func("/aio/net/address/check", test_check);
    g_test_add_func("/aio/net/address/long-path", test_long_path);
    /* Once, as the kernel takes two seconds to find out that it has none. */
    g_test_add("/aio/net/listener/vsock", NetFixture, &net_variants[1],
               net_setup, test_vsock, net_teardown);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        net_add("/aio/net/listener", tests[i].name, tests[i].test);
    }
    return test_run();
}
