/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests over a unix socket, the client in a thread of its own: qom-get, and
 * a command that does nothing, in band and out of band.  The floor is a server
 * that sends back as many bytes as a reply has, for as many as a request has,
 * with a read and a write for whatever has come.  "hand-over" is the floor with
 * two threads, of which one reads and one answers.
 */
#include "aio/aio.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-session-internal.h"
#include "qom/object.h"
#include "tests/bench/bench.h"
#include "util/module.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"
#define NEGOTIATE_OOB "{\"execute\": \"qmp_capabilities\", " \
                      "\"arguments\": {\"enable\": [\"oob\"]}}\n"
#define GET                                                                 \
    "{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"/objects/b\", " \
    "\"property\": \"count\"}, \"id\": 1}\n"
#define GET_REPLY "{\"return\": 5, \"id\": 1}\r\n"
#define NOTHING(verb) "{\"" verb "\": \"nothing\", \"id\": 1}\n"
#define NOTHING_REPLY "{\"return\": {}, \"id\": 1}\r\n"

/* What a client says. */
typedef struct Load {
    const char *negotiation;
    const char *request;
    const char *reply; /* what a server answers to it */
    unsigned batch;    /* requests in a write */
} Load;

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand commands[] = {
    { .name = "nothing", .run = run_nothing, .flags = QCO_ALLOW_OOB },
};

typedef struct Demo {
    Object parent_obj;
    int64_t count;
} Demo;

static const PropertyRow demo_rows[] = {
    PROPERTY_INT("count", Demo, count, .def = 5),
    PROPERTY_END
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

static AioContext *ctx;

static void begin(void)
{
    Object *obj;

    qapi_register_commands(commands, G_N_ELEMENTS(commands));
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    obj = object_new("demo");
    object_property_add_child(object_get_objects_root(), "b", obj);
    object_unref(obj);
    ctx = aio_context_new(&error_abort);
}

static void end(void)
{
    object_unparent(object_resolve_path("/objects/b", NULL));
    aio_context_unref(ctx);
}

/* ---- The client ---- */

typedef struct Client {
    int fd;
    const Load *load;
    size_t request_len;
    size_t reply_len;
    char *requests;   /* [batch * request_len] */
    uint64_t n;       /* requests of a sample */
    bool wakes;       /* the loop, in the end */
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
        uint64_t n = MIN(left, client->load->batch);
        ssize_t len = n * client->request_len;

        g_assert(write(client->fd, client->requests, len) == len);
        read_all(client->fd, n * client->reply_len);
        left -= n;
    }
    atomic_store(&client->done, true);
    if (client->wakes) {
        aio_notify(ctx);
    }
    return NULL;
}

static void client_init(Client *client, int fd, const Load *load)
{
    GString *requests = g_string_new(NULL);

    for (unsigned i = 0; i < load->batch; i++) {
        g_string_append(requests, load->request);
    }
    client->fd = fd;
    client->load = load;
    client->request_len = strlen(load->request);
    client->reply_len = strlen(load->reply);
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

static void negotiate(Server *s)
{
    const char *request = s->client.load->negotiation;
    char reply[1024];

    g_assert(write(s->client.fd, request, strlen(request)) > 0);
    while (aio_poll(ctx, false)) {
        continue;
    }
    g_assert(read(s->client.fd, reply, sizeof(reply)) > 0);
}

static Server *server_new(const Load *load)
{
    Server *s = g_new0(Server, 1);
    g_autofree char *address = NULL;

    s->dir = g_dir_make_tmp("bench-XXXXXX", NULL);
    s->path = g_build_filename(s->dir, "sock", NULL);
    address = g_strconcat("unix:", s->path, NULL);
    s->server = qmp_server_new(ctx, address, &error_abort);
    client_init(&s->client, connect_to(s->path), load);
    s->client.wakes = true;
    negotiate(s);
    return s;
}

static void server_run(void *opaque, uint64_t n)
{
    Server *s = opaque;
    GThread *thread = client_start(&s->client, n);

    while (!atomic_load(&s->client.done)) {
        aio_poll(ctx, true);
    }
    g_thread_join(thread);
}

static void server_teardown(void *opaque)
{
    Server *s = opaque;

    client_cleanup(&s->client);
    qmp_server_free(s->server);
    while (aio_poll(ctx, false)) {
        continue;
    }
    rmdir(s->dir);
    g_free(s->dir);
    g_free(s->path);
    g_free(s);
}

/* ---- The floor ---- */

typedef struct Echo {
    Client client;
    int fd;
} Echo;

static Echo *echo_new(const Load *load)
{
    Echo *e = g_new0(Echo, 1);
    int pair[2];

    g_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    e->fd = pair[0];
    client_init(&e->client, pair[1], load);
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
        whole = n_read / e->client.request_len - answered;
        len = whole * e->client.reply_len;
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

typedef struct Loads {
    Load load;
    Load inband; /* exec-oob: the same in band, of a client with oob */
    Load plain;  /* exec-oob: the same, of a client without it */
} Loads;

/* ---- The floor of two threads ---- */

/*
 * A thread reads, and another one answers: the least that a server does in band
 * that reads in a separate thread.
 */
typedef struct HandOver {
    Echo echo;
    uint64_t n;             /* requests of a sample */
    atomic_uint_fast64_t n_read; /* requests that the thread has read */
    sem_t has_read;
} HandOver;

static void *hand_over_setup(const void *loads)
{
    Echo *e = echo_new(&((const Loads *)loads)->inband);
    HandOver *h = g_new0(HandOver, 1);

    h->echo = *e;
    g_free(e);
    sem_init(&h->has_read, 0, 0);
    return h;
}

static void *hand_over_thread(void *opaque)
{
    HandOver *h = opaque;
    char chunk[16 * 1024];
    uint64_t n_bytes = 0;

    while (n_bytes < h->n * h->echo.client.request_len) {
        ssize_t got = read(h->echo.fd, chunk, sizeof(chunk));

        g_assert(got > 0);
        n_bytes += got;
        atomic_store(&h->n_read, n_bytes / h->echo.client.request_len);
        sem_post(&h->has_read);
    }
    return NULL;
}

static void hand_over_run(void *opaque, uint64_t n)
{
    HandOver *h = opaque;
    Client *client = &h->echo.client;
    char chunk[16 * 1024];
    uint64_t answered = 0;
    GThread *reader;
    GThread *thread;

    h->n = n;
    atomic_store(&h->n_read, 0);
    reader = g_thread_new("reader", hand_over_thread, h);
    thread = client_start(client, n);
    while (answered < n) {
        uint64_t whole;
        ssize_t len;

        sem_wait(&h->has_read);
        whole = atomic_load(&h->n_read) - answered;
        len = whole * client->reply_len;
        g_assert(write(h->echo.fd, chunk, len) == len);
        answered += whole;
    }
    g_thread_join(thread);
    g_thread_join(reader);
}

static void hand_over_teardown(void *opaque)
{
    HandOver *h = opaque;

    client_cleanup(&h->echo.client);
    close(h->echo.fd);
    sem_destroy(&h->has_read);
    g_free(h);
}

/* ---- Without a socket ---- */

static ssize_t discard(void *opaque, const char *bytes, size_t n_bytes)
{
    return n_bytes;
}

static void *session_setup(const void *arg)
{
    QmpSession *s = qmp_session_new(false);

    qmp_session_feed(s, NEGOTIATE, strlen(NEGOTIATE));
    qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    qmp_session_send(s, discard, NULL);
    return s;
}

static void session_run(void *opaque, uint64_t n)
{
    QmpSession *s = opaque;

    while (n--) {
        qmp_session_feed(s, GET, strlen(GET));
        qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
        qmp_session_send(s, discard, NULL);
    }
}

static void session_teardown(void *opaque)
{
    qmp_session_free(opaque);
}

/* ---- Cases ---- */

static const Loads get = { .load = { NEGOTIATE, GET, GET_REPLY, 1 } };
static const Loads get_batch = { .load = { NEGOTIATE, GET, GET_REPLY, 100 } };

/* The same requests, in band, when the client might send others. */
static const Loads oob_get = { .load = { NEGOTIATE_OOB, GET, GET_REPLY, 1 } };
static const Loads oob_get_batch = {
    .load = { NEGOTIATE_OOB, GET, GET_REPLY, 100 },
};

#define EXEC_OOB_LOADS(n_batch)                                             \
    {                                                                       \
        .load = { NEGOTIATE_OOB, NOTHING("exec-oob"), NOTHING_REPLY,        \
                  n_batch },                                                \
        .inband = { NEGOTIATE_OOB, NOTHING("execute"), NOTHING_REPLY,       \
                    n_batch },                                              \
        .plain = { NEGOTIATE, NOTHING("execute"), NOTHING_REPLY, n_batch }, \
    }

static const Loads exec_oob = EXEC_OOB_LOADS(1);
static const Loads exec_oob_batch = EXEC_OOB_LOADS(100);

static void *server_setup(const void *loads)
{
    return server_new(&((const Loads *)loads)->load);
}

static void *inband_setup(const void *loads)
{
    return server_new(&((const Loads *)loads)->inband);
}

static void *plain_setup(const void *loads)
{
    return server_new(&((const Loads *)loads)->plain);
}

static void *echo_setup(const void *loads)
{
    return echo_new(&((const Loads *)loads)->load);
}

#define SERVER(set_up)                                                      \
    .setup = set_up, .run = server_run, .teardown = server_teardown
#define FLOOR                                                               \
    { .name = "floor", .setup = echo_setup, .run = echo_run,                \
      .teardown = echo_teardown }
#define GET_CASE(case_name, loads)                                          \
    { .name = case_name, .arg = loads, .ours = { SERVER(server_setup) },    \
      .peers = { FLOOR } }
#define OOB_CASE(case_name, loads)                                          \
    { .name = case_name, .arg = loads, .ours = { SERVER(server_setup) },    \
      .peers = { { .name = "in-band", SERVER(inband_setup) },               \
                 { .name = "without-oob", SERVER(plain_setup) },            \
                 { .name = "hand-over", .setup = hand_over_setup,           \
                   .run = hand_over_run, .teardown = hand_over_teardown },  \
                 FLOOR } }

static const BenchCase cases[] = {
    GET_CASE("qmp/qom-get/round-trip", &get),
    GET_CASE("qmp/qom-get/100-in-a-write", &get_batch),
    GET_CASE("qmp/qom-get/oob-round-trip", &oob_get),
    GET_CASE("qmp/qom-get/oob-100-in-a-write", &oob_get_batch),
    OOB_CASE("qmp/exec-oob/round-trip", &exec_oob),
    OOB_CASE("qmp/exec-oob/100-in-a-write", &exec_oob_batch),
    { .name = "qmp/qom-get/no-socket",
      .ours = { .setup = session_setup, .run = session_run,
                .teardown = session_teardown } },
    { }
};

int main(int argc, char **argv)
{
    int status;

    begin();
    status = bench_main(argc, argv, cases);
    end();
    return status;
}
