/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One request per connection: a coroutine reads the head of the request, which
 * has a limit and a deadline, answers and closes.  At most MAX_CLIENTS are
 * served at once; further ones wait in the backlog.
 *
 * A socket that is closed with unread input resets the connection, and the
 * client may lose the answer.  So what follows the head, such as a body or
 * further requests, is dropped for a while.
 *
 * Reading many objects takes long, so the loop runs after each slice of them.
 * Objects may be deleted then, so the server keeps their paths alone.
 */
#include "service/metrics-server-internal.h"

#include "aio/net/address.h"
#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "service/metrics-internal.h"

#include <string.h>

#define MAX_CLIENTS 16
#define HEAD_MAX_BYTES 8192
#define LIMIT_NS (10 * NANOSECONDS_PER_SECOND) /* of a whole request */
#define REST_MAX_BYTES (1024 * 1024) /* that are dropped after the answer */
#define REST_LIMIT_NS NANOSECONDS_PER_SECOND
#define SLICE_OBJECTS 16 /* that are read before the loop runs again */

struct MetricsServer {
    AioContext *ctx;
    AioListener *listener;
    CoGroup *clients;
    unsigned n_clients;
};

typedef struct Client {
    MetricsServer *server;
    AioStream *stream;
    int64_t deadline_ns;
} Client;

/* ---- Requests ---- */

/*
 * Reads until the empty line after the head.
 *
 * Returns: true; false if the head is too long, late, or the client has gone
 */
static bool coroutine_fn read_head(Client *client)
{
    size_t size = 0;

    for (;;) {
        const char *data = aio_stream_peek(client->stream, &size);

        if (g_strstr_len(data, size, "\r\n\r\n")) {
            return true;
        }
        if (size >= HEAD_MAX_BYTES ||
            aio_stream_fill(client->stream, size + 1,
                            client->deadline_ns) <= (ssize_t)size) {
            return false;
        }
    }
}

/* Returns: true if the head is longer than what is read */
static bool head_is_too_long(Client *client)
{
    size_t size;

    aio_stream_peek(client->stream, &size);
    return size >= HEAD_MAX_BYTES;
}

/* Lets the loop run, unless the server is being freed. */
static void coroutine_fn yield_to_loop(AioContext *ctx)
{
    if (!coroutine_is_cancelled()) {
        aio_co_schedule(ctx, coroutine_self());
        coroutine_yield();
    }
}

/* Returns: (transfer full) the metrics of all objects that still exist */
static GString *coroutine_fn read_metrics(AioContext *ctx)
{
    g_autoptr(GPtrArray) paths = metrics_list_objects();
    MetricsText *text = metrics_text_new();
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < paths->len; i++) {
        g_autoptr(JsonObject) object = NULL;

        if (i && i % SLICE_OBJECTS == 0) {
            yield_to_loop(ctx);
        }
        object = metrics_read_object(paths->pdata[i]);
        if (object) {
            metrics_text_add(text, object);
        }
    }
    metrics_text_finish(text, out);
    return out;
}

/*
 * Queues the head of an answer.  The size is known, so the client need not wait
 * for the end of the stream.
 */
static void queue_head(Client *client, const char *status,
                       const char *content_type, size_t body_size)
{
    g_autofree char *head = g_strdup_printf(
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
        "Allow: GET, HEAD\r\nConnection: close\r\n\r\n", status,
        content_type, body_size);

    aio_stream_queue(client->stream, head, strlen(head));
}

/* Queues a short answer.  One to HEAD has the size of the body, but no body. */
static void queue_answer(Client *client, const char *status, const char *body,
                         bool has_body)
{
    queue_head(client, status, "text/plain", strlen(body));
    if (has_body) {
        aio_stream_queue(client->stream, body, strlen(body));
    }
}

static void free_body(void *opaque)
{
    g_string_free(opaque, TRUE);
}

/* The body may have megabytes, so it is not copied. */
static void coroutine_fn queue_metrics(Client *client, bool has_body)
{
    g_autoptr(GString) body = read_metrics(client->server->ctx);

    queue_head(client, "200 OK", "application/openmetrics-text; "
               "version=1.0.0; charset=utf-8", body->len);
    if (has_body) {
        const char *text = body->str;
        size_t size = body->len;

        aio_stream_queue_borrowed(client->stream, text, size, free_body,
                                  g_steal_pointer(&body));
    }
}

/* Returns: (transfer full) the first line, as METHOD, PATH and the rest */
static char **request_line(Client *client)
{
    size_t size;
    const char *data = aio_stream_peek(client->stream, &size);
    const char *end = g_strstr_len(data, size, "\r\n");
    g_autofree char *line = g_strndup(data, end - data);

    return g_strsplit(line, " ", 3);
}

/* Other paths than /metrics are for people.  A query is ignored. */
static void coroutine_fn answer(Client *client)
{
    g_auto(GStrv) words = request_line(client);
    const char *path = words[0] && words[1] ? words[1] : "";
    size_t path_size = strcspn(path, "?");
    bool is_head = !g_strcmp0(words[0], "HEAD");

    if (!is_head && g_strcmp0(words[0], "GET")) {
        queue_answer(client, "405 Method Not Allowed",
                     "only GET and HEAD are answered\n", true);
    } else if (path_size == 8 && !memcmp(path, "/metrics", 8)) {
        queue_metrics(client, !is_head);
    } else if (path_size == 1 && *path == '/') {
        queue_answer(client, "200 OK", "metrics are at /metrics\n", !is_head);
    } else {
        queue_answer(client, "404 Not Found", "metrics are at /metrics\n",
                     !is_head);
    }
}

/* Sends the answer, and waits until the client has closed the connection. */
static void coroutine_fn finish(Client *client)
{
    if (aio_stream_flush(client->stream, client->deadline_ns) == 0 &&
        aio_stream_end_output(client->stream, client->deadline_ns) == 0) {
        aio_stream_skip(client->stream, REST_MAX_BYTES,
                        MIN(client->deadline_ns,
                            co_deadline_ns(REST_LIMIT_NS)));
    }
}

/* ---- Connections ---- */

/* Also ends when the server is freed: then every wait fails. */
static int coroutine_fn serve(void *opaque)
{
    Client *client = opaque;
    MetricsServer *server = client->server;

    if (read_head(client)) {
        answer(client);
        finish(client);
    } else if (head_is_too_long(client)) {
        queue_answer(client, "431 Request Header Fields Too Large",
                     "the request is too long\n", true);
        finish(client);
    }
    aio_stream_free(client->stream);
    g_free(client);
    server->n_clients--;
    aio_listener_set_paused(server->listener, false);
    return 0;
}

/* Called by the listener.  The coroutine may end before this returns. */
static void on_client(int fd, void *opaque)
{
    MetricsServer *server = opaque;
    Client *client = g_new(Client, 1);

    *client = (Client){
        .server = server,
        .stream = aio_stream_new(server->ctx, fd),
        .deadline_ns = co_deadline_ns(LIMIT_NS),
    };
    aio_stream_limit_input(client->stream, HEAD_MAX_BYTES);
    /* Clients that were accepted in the same call may exceed the limit. */
    if (++server->n_clients >= MAX_CLIENTS) {
        aio_listener_set_paused(server->listener, true);
    }
    co_group_spawn(server->clients, server->ctx, serve, client);
}

/* ---- The server ---- */

/* The address is looked up now; later changes of names do not matter. */
MetricsServer *metrics_server_new(AioContext *ctx, const char *text,
                                  Error **errp)
{
    MetricsServer *server;
    AioAddress address;

    if (!aio_address_parse(&address, text, errp)) {
        return NULL;
    }
    server = g_new0(MetricsServer, 1);
    server->ctx = ctx;
    server->clients = co_group_new();
    server->listener = aio_listener_new(ctx, &address, on_client, server,
                                        errp);
    aio_address_clear(&address);
    if (!server->listener) {
        metrics_server_free(server);
        return NULL;
    }
    return server;
}

/* The clients use the listener, so they end first. */
void metrics_server_free(MetricsServer *server)
{
    if (!server) {
        return;
    }
    if (server->listener) {
        aio_listener_set_paused(server->listener, true);
    }
    co_group_cancel(server->clients);
    co_group_wait(server->clients);
    co_group_free(server->clients);
    aio_listener_free(server->listener);
    g_free(server);
}
