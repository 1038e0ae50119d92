/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom-get over a unix socket, the client in a thread of its own.  The floor
 * is a server that sends back as many bytes as a reply has, for as many as a
 * request has, with a read and a write for whatever has come.
 */
#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-session-internal.h"
#include "qom/object.h"
#include "tests/bench/bench.h"
#include "util/module.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"
#define NEGOTIATE_OOB "{\"execute\": \"qmp_capabilities\", " \
                      "\"arguments\": {\"enable\": [\"oob\"]}}\n"
#define REQUEST                                                             \
    "{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"/objects/b\", " \
    "\"property\": \"count\"}, \"id\": 1}\n"
#define REPLY "{\"return\": 5, \"id\": 1}\r\n"
#define REQUEST_LEN (sizeof(REQUEST) - 1)
#define REPLY_LEN (sizeof(REPLY) - 1)

typedef struct Demo {
    Object parent_obj;
    int64_t count;
} Demo;

static const PropertyRow demo_rows[] = {
    { .name = "count", .type = &qapi_type_int,
      .offset = offsetof(Demo, count), PROPERTY_DEFAULT_INT(5) },
    { }
};

static void demo_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, demo_rows);
}

static const TypeInfo demo_types[] = {
    { .name = "demo", .parent = TYPE_OBJECT, .instance_size = sizeof(Demo),
      .class_init = demo_class_init },
};

DEFINE_TYPES(demo_types)

static void make_object(void)
{
    Object *obj = object_new("demo");

    object_property_add_child(object_get_objects_root(), "b", obj);
    object_unref(obj);
}

static void delete_object(void)
{
    object_unparent(object_resolve_path("/objects/b", NULL));
}

/* ---- The client ---- */

typedef struct Client {
    int fd;
    unsigned batch;   /* requests in a write */
    char *requests;   /* [batch * REQUEST_LEN] */
    uint64_t n;       /* requests of a sample */
    AioContext *ctx;  /* (nullable) to be woken in the end */
    atomic_bool done;
} Client;

static void read_all(int fd, size_t n_bytes)
{
    char chunk[16 * 1024];

    while (n_bytes) {
        ssize_t n = read(fd, chunk, MIN(n_bytes, sizeof(chunk)));

        g_assert(n > 0);
        n_bytes -= n;
    }
}

static void *client_thread(void *opaque)
{
    Client *client = opaque;

    for (uint64_t left = client->n; left;) {
        uint64_t n = MIN(left, client->batch);
        ssize_t len = n * REQUEST_LEN;

        g_assert(write(client->fd, client->requests, len) == len);
        read_all(client->fd, n * REPLY_LEN);
        left -= n;
    }
    atomic_store(&client->done, true);
    if (client->ctx) {
        aio_notify(client->ctx);
    }
    return NULL;
}

static void client_init(Client *client, int fd, unsigned batch)
{
    GString *requests = g_string_new(NULL);

    for (unsigned i = 0; i < batch; i++) {
        g_string_append(requests, REQUEST);
    }
    client->fd = fd;
    client->batch = batch;
    client->requests = g_string_free(requests, FALSE);
}

static GThread *client_start(Client *client, uint64_t n)
{
    client->n = n;
    atomic_store(&client->done, false);
    return g_thread_new("client", client_thread, client);
}

static void client_cleanup(Client *client)
{
    close(client->fd);
    g_free(client->requests);
}

/* ---- Ours ---- */

typedef struct Server {
    Client client;
    AioContext *ctx;
    QmpServer *server;
    char *dir;
    char *path;
} Server;

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert(!connect(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

static void negotiate(Server *s, const char *request)
{
    char reply[1024];

    g_assert(write(s->client.fd, request, strlen(request)) > 0);
    while (aio_poll(s->ctx, false)) {
        continue;
    }
    g_assert(read(s->client.fd, reply, sizeof(reply)) > 0);
}

static Server *server_new(const void *arg, const char *request)
{
    Server *s = g_new0(Server, 1);
    g_autofree char *address = NULL;

    module_call_init(MODULE_INIT_QOM);
    make_object();
    s->ctx = aio_context_new(&error_abort);
    s->dir = g_dir_make_tmp("bench-XXXXXX", NULL);
    s->path = g_build_filename(s->dir, "sock", NULL);
    address = g_strconcat("unix:", s->path, NULL);
    s->server = qmp_server_new(s->ctx, address, &error_abort);
    client_init(&s->client, connect_to(s->path), GPOINTER_TO_UINT(arg));
    s->client.ctx = s->ctx;
    negotiate(s, request);
    return s;
}

static void *server_setup(const void *arg)
{
    return server_new(arg, NEGOTIATE);
}

/* The same requests, in band, when the client might send others. */
static void *oob_server_setup(const void *arg)
{
    return server_new(arg, NEGOTIATE_OOB);
}

static void server_run(void *opaque, uint64_t n)
{
    Server *s = opaque;
    GThread *thread = client_start(&s->client, n);

    while (!atomic_load(&s->client.done)) {
        aio_poll(s->ctx, true);
    }
    g_thread_join(thread);
}

static void server_teardown(void *opaque)
{
    Server *s = opaque;

    client_cleanup(&s->client);
    qmp_server_free(s->server);
    while (aio_poll(s->ctx, false)) {
        continue;
    }
    aio_context_unref(s->ctx);
    rmdir(s->dir);
    delete_object();
    g_free(s->dir);
    g_free(s->path);
    g_free(s);
}

/* ---- The floor ---- */

typedef struct Echo {
    Client client;
    int fd;
} Echo;

static void *echo_setup(const void *arg)
{
    Echo *e = g_new0(Echo, 1);
    int pair[2];

    g_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    e->fd = pair[0];
    client_init(&e->client, pair[1], GPOINTER_TO_UINT(arg));
    return e;
}

static void echo_run(void *opaque, uint64_t n)
{
    Echo *e = opaque;
    GThread *thread = client_start(&e->client, n);
    char chunk[16 * 1024];
    uint64_t n_read = 0;
    uint64_t answered = 0;

    while (answered < n) {
        ssize_t got = read(e->fd, chunk, sizeof(chunk));
        uint64_t whole;
        ssize_t len;

        g_assert(got > 0);
        n_read += got;
        whole = n_read / REQUEST_LEN - answered;
        len = whole * REPLY_LEN;
        g_assert(write(e->fd, chunk, len) == len);
        answered += whole;
    }
    g_thread_join(thread);
}

static void echo_teardown(void *opaque)
{
    Echo *e = opaque;

    client_cleanup(&e->client);
    close(e->fd);
    g_free(e);
}

/* ---- Without a socket ---- */

static void *session_setup(const void *arg)
{
    QmpSession *s;

    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    make_object();
    s = qmp_session_new(false);
    qmp_session_feed(s, NEGOTIATE, strlen(NEGOTIATE));
    qmp_session_run(s, G_USEC_PER_SEC);
    qmp_session_sent(s, qmp_session_unsent(s));
    return s;
}

static void session_run(void *opaque, uint64_t n)
{
    QmpSession *s = opaque;

    while (n--) {
        qmp_session_feed(s, REQUEST, REQUEST_LEN);
        qmp_session_run(s, G_USEC_PER_SEC);
        qmp_session_sent(s, qmp_session_unsent(s));
    }
}

static void session_teardown(void *opaque)
{
    qmp_session_free(opaque);
    delete_object();
}

#define SOCKET_CASE(case_name, n_batch, set_up)                             \
    {                                                                       \
        .name = case_name, .arg = GUINT_TO_POINTER(n_batch),                \
        .ours = { .setup = set_up, .run = server_run,                       \
                  .teardown = server_teardown },                            \
        .peers = { { .name = "floor", .setup = echo_setup,                  \
                     .run = echo_run, .teardown = echo_teardown } },        \
    }

static const BenchCase cases[] = {
    SOCKET_CASE("qmp/qom-get/round-trip", 1, server_setup),
    SOCKET_CASE("qmp/qom-get/100-in-a-write", 100, server_setup),
    SOCKET_CASE("qmp/qom-get/oob-round-trip", 1, oob_server_setup),
    SOCKET_CASE("qmp/qom-get/oob-100-in-a-write", 100, oob_server_setup),
    { .name = "qmp/qom-get/no-socket",
      .ours = { .setup = session_setup, .run = session_run,
                .teardown = session_teardown } },
    { }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
