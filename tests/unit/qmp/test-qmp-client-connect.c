/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the client connects, waits for its server, and connects again. */
#include "aio/net/listener.h"
#include "tests/unit/qmp/qmp-client-fixture.h"
#include "util/clock.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- TCP ---- */

static void on_tcp_client(int fd, void *opaque)
{
    ((Fixture *)opaque)->fd = fd;
}

static void test_tcp(void)
{
    const AioAddress at = {
        .kind = AIO_ADDRESS_TCP, .host = (char *)"127.0.0.1",
        .port = (char *)"0",
    };
    AioListener *listener;
    g_autofree char *address = NULL;
    Fixture f;

    fixture_init(&f);
    listener = aio_listener_new(ctx, &at, on_tcp_client, &f, &error_abort);
    address = g_strdup_printf("tcp:127.0.0.1:%u",
                              aio_listener_get_port(listener));
    f.client = qmp_client_new(ctx, &(QmpClientOptions) { .address = address },
                              &error_abort);
    qmp_client_on_state(f.client, on_state, &f);
    while (f.fd < 0) {
        aio_poll(ctx, true);
    }
    negotiate(&f);
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":2}");
    send_text(&f, "{\"return\": 1, \"id\": 2}");
    expect(&f, "returned 1");
    aio_listener_free(listener);
    fixture_clear(&f);
}

/* ---- Reconnection ---- */

/* A server on a socket file; the fixture serves its last client. */
static void on_client(int fd, void *opaque)
{
    Fixture *f = opaque;

    f->fd = fd;
    note(f, "accepted");
}

static AioListener *listen_at(Fixture *f, const char *path)
{
    const AioAddress address = {
        .kind = AIO_ADDRESS_UNIX, .path = (char *)path,
    };

    return aio_listener_new(ctx, &address, on_client, f, &error_abort);
}

static void test_reconnect(void)
{
    g_autofree char *dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s", NULL);
    g_autofree char *address = g_strconcat("unix:", path, NULL);
    const QmpClientOptions options = {
        .address = address, .name = "peer", .reconnect = true,
        .min_delay_ns = SCALE_MS, .max_delay_ns = 2 * SCALE_MS,
    };
    AioListener *listener = NULL;
    Fixture f;

    fixture_init(&f);
    listener = listen_at(&f, path);
    f.client = qmp_client_new(ctx, &options, &error_abort);
    qmp_client_on_state(f.client, on_state, &f);
    qmp_client_on_event(f.client, "E", on_event, &f);
    qmp_client_add_setup(f.client, &(QmpCall) { .command = "watch" },
                         on_reply, &f);
    expect(&f, "accepted");
    negotiate(&f);
    expect_request(&f, "{\"execute\":\"watch\",\"id\":2}");
    send_text(&f, "{\"return\": 1, \"id\": 2}");
    expect(&f, "returned 1");

    /* The server goes away with a command, and is away for some time. */
    call(&f, "a");
    expect_request(&f, "{\"execute\":\"a\",\"id\":3}");
    aio_listener_free(listener);
    close(f.fd);
    expect(&f, "lost 'peer' closed the connection, "
           "waiting, 'peer' closed the connection");
    call(&f, "b");
    expect(&f, "not-sent 'peer' is not connected");
    expect(&f, "connecting, waiting, "
           "can't connect to 'peer': No such file or directory");

    /* What it kept for the connection is restored. */
    listener = listen_at(&f, path);
    while (!strstr(f.log->str, "accepted")) {
        aio_poll(ctx, true);
    }
    g_string_truncate(f.log, 0);
    send_text(&f, GREETING);
    g_free(next_request(&f));
    send_text(&f, "{\"return\": {}, \"id\": 2}\r\n{\"event\": \"E\"}");
    expect_request(&f, "{\"execute\":\"watch\",\"id\":5}");
    send_text(&f, "{\"return\": 2, \"id\": 5}");
    expect(&f, "ready, E at -1.-1, returned 2");
    aio_listener_free(listener);
    fixture_clear(&f);
    g_assert_cmpint(rmdir(dir), ==, 0);
}

/* Binds a socket, which does not listen yet. */
static int bind_socket(const char *path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_assert_cmpuint(g_strlcpy(name.sun_path, path, sizeof(name.sun_path)), <,
                     sizeof(name.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, sizeof(name)), ==, 0);
    return fd;
}

/* The file of a socket is there before its server listens. */
static void test_not_listening_yet(void)
{
    Fixture f;
    g_autofree char *dir = g_dir_make_tmp("qom-XXXXXX", NULL);
    g_autofree char *path = g_strconcat(dir, "/socket", NULL);
    g_autofree char *address = g_strconcat("unix:", path, NULL);
    const QmpClientOptions options = { .address = address, .name = "peer" };
    int server = bind_socket(path);

    fixture_init(&f);
    f.client = qmp_client_new(ctx, &options, &error_abort);
    qmp_client_on_state(f.client, on_state, &f);
    while (aio_poll(ctx, false)) {
        /* until the client has been refused */
    }
    g_assert_cmpint(listen(server, 1), ==, 0);
    while ((f.fd = accept4(server, NULL, NULL, SOCK_CLOEXEC)) < 0) {
        g_assert_true(qmp_client_is_open(f.client));
        aio_poll(ctx, true);
    }
    negotiate(&f);
    fixture_clear(&f);
    close(server);

    /* The file has no server any longer. */
    fixture_init(&f);
    f.client = qmp_client_new(ctx, &options, &error_abort);
    qmp_client_on_state(f.client, on_state, &f);
    expect(&f, "closed, can't connect to 'peer': Connection refused");
    fixture_clear(&f);
    g_assert_cmpint(unlink(path), ==, 0);
    g_assert_cmpint(rmdir(dir), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    ctx = aio_get_main_context();
    g_test_add_func("/qmp/client/tcp", test_tcp);
    g_test_add_func("/qmp/client/reconnect", test_reconnect);
    g_test_add_func("/qmp/client/not-listening-yet", test_not_listening_yet);
    return test_run();
}
