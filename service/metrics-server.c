/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One request per connection: a coroutine reads the head of the request, which
 * has a limit and a deadline, answers and closes.  At most MAX_CLIENTS are
 * served at once; further ones wait in the backlog.
 */
#include "service/metrics-server-internal.h"

#include "aio/net/address.h"
#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "service/metrics.h"

#include <string.h>

#define MAX_CLIENTS 16
#define HEAD_MAX_BYTES 8192
#define LIMIT_NS (10 * NANOSECONDS_PER_SECOND) /* of a whole request */

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
 * Reads until the empty line after the head.  A body is not read: no request
 * that is answered has one.
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

/* Returns: true if the head begins with METHOD PATH and a blank */
static bool head_is(Client *client, const char *method, const char *path)
{
    g_autofree char *begin = g_strdup_printf("%s %s ", method, path);
    size_t size;
    const char *data = aio_stream_peek(client->stream, &size);

    return size >= strlen(begin) && !memcmp(data, begin, strlen(begin));
}

/* The size is known, so the client need not wait for the end of the stream. */
static void queue_answer(Client *client, const char *status,
                         const char *content_type, const GString *body)
{
    g_autofree char *head = g_strdup_printf(
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
        "Connection: close\r\n\r\n", status, content_type, body->len);

    aio_stream_queue(client->stream, head, strlen(head));
    aio_stream_queue(client->stream, body->str, body->len);
}

/* Other paths than /metrics are for people. */
static void answer(Client *client)
{
    g_autoptr(GString) body = g_string_new(NULL);

    if (head_is(client, "GET", "/metrics")) {
        g_autoptr(JsonArray) objects = metrics_collect();

        metrics_append(body, objects);
        queue_answer(client, "200 OK", "application/openmetrics-text; "
                     "version=1.0.0; charset=utf-8", body);
    } else if (head_is(client, "GET", "/")) {
        g_string_append(body, "metrics are at /metrics\n");
        queue_answer(client, "200 OK", "text/plain", body);
    } else {
        g_string_append(body, "only GET /metrics is answered\n");
        queue_answer(client, "404 Not Found", "text/plain", body);
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
        if (aio_stream_flush(client->stream, client->deadline_ns) == 0) {
            aio_stream_end_output(client->stream, client->deadline_ns);
        }
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
