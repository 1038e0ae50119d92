/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server consists of a listener, unless it is on stdio, and of a list of
 * connections, which notify the server when they have ended.
 *
 * Shutdown: the server ends nothing itself.  `quit`, and the end of the
 * conversation on stdio, schedule a bottom half that calls the handler of the
 * program, outside of any command.
 *
 * stdio: the stream makes file descriptors 0 and 1 non-blocking, and the server
 * restores their flags when the conversation has ended.
 */
#include "qmp/qmp-server.h"

#include "aio/aio.h"
#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "qmp/qmp-address-internal.h"
#include "qmp/qmp-connection-internal.h"
#include "qmp/qmp-observer-internal.h"
#include "util/module.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct QmpServer {
    AioContext *ctx;
    QmpAddress address;
    QueueLink connections;
    unsigned n_connections;
    AioBH *shutdown_bh;

    pid_t process_id; /* the process that serves; see is_inherited() */
    AioListener *listener; /* (nullable) NULL: stdio */

    bool owns_stdio;
    int stdio_flags[2]; /* original flags of file descriptors 0 and 1 */
};

/* Used only by the main thread. */
static void (*shutdown_fn)(void *opaque);
static void *shutdown_opaque;
static bool stdio_in_use;

void qmp_set_shutdown_handler(void (*fn)(void *opaque), void *opaque)
{
    shutdown_fn = fn;
    shutdown_opaque = opaque;
}

/* May free the server. */
static void on_shutdown(void *opaque)
{
    if (shutdown_fn) {
        shutdown_fn(shutdown_opaque);
    }
}

/*
 * A child process may free a server that its parent created.  The flags of
 * standard input and output then stay as they are, because the parent still
 * uses them.
 */
static bool is_inherited(const QmpServer *server)
{
    return server->process_id != getpid();
}

/* ---- stdio ---- */

static void stdio_release(QmpServer *server)
{
    if (!server->owns_stdio || is_inherited(server)) {
        return;
    }
    for (int fd = 0; fd < 2; fd++) {
        fcntl(fd, F_SETFL, server->stdio_flags[fd]);
    }
    server->owns_stdio = false;
    stdio_in_use = false;
}

/*
 * Both flags are read before the stream changes either, because the two file
 * descriptors may refer to one open file.
 */
static bool stdio_claim(QmpServer *server, Error **errp)
{
    if (stdio_in_use) {
        error_setg(errp, "QMP is on stdio already");
        return false;
    }
    for (int fd = 0; fd < 2; fd++) {
        server->stdio_flags[fd] = fcntl(fd, F_GETFL);
        if (server->stdio_flags[fd] < 0) {
            error_setg_errno(errp, errno, "Cannot use standard %s",
                             fd ? "output" : "input");
            return false;
        }
    }
    server->owns_stdio = true;
    stdio_in_use = true;
    return true;
}

/* ---- Connections ---- */

/*
 * A connection calls this inside its time slice, in which the server must not
 * be freed.  The handler therefore runs in a bottom half.
 */
static void on_quit(QmpConnection *conn, void *opaque)
{
    QmpServer *server = opaque;

    aio_bh_schedule(server->shutdown_bh);
}

static void remove_connection(QmpServer *server, QmpConnection *conn)
{
    queue_remove(&conn->link);
    server->n_connections--;
    qmp_connection_free(conn);
}

/*
 * A server on stdio has only one conversation; its end asks the program to end.
 */
static void on_ended(QmpConnection *conn, void *opaque)
{
    QmpServer *server = opaque;

    remove_connection(server, conn);
    if (!qmp_address_is_socket(&server->address)) {
        stdio_release(server);
        aio_bh_schedule(server->shutdown_bh);
    }
}

static const QmpConnectionOps connection_ops = {
    .quit = on_quit,
    .ended = on_ended,
};

static void add_connection(QmpServer *server, AioStream *stream)
{
    const QmpSessionOptions options = { .pretty = server->address.pretty };
    QmpConnection *conn = qmp_connection_new(stream, &options,
                                             &connection_ops, server);

    queue_push(&server->connections, &conn->link);
    server->n_connections++;
}

/* ---- Clients ---- */

/* Checks the user that the kernel reports for the other end of the socket. */
static bool is_allowed(const QmpServer *server, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           qmp_address_allows(&server->address, peer.uid);
}

/*
 * Sends the reason to a client that is not served.  Nothing has been read from
 * it.
 */
static void reject_client(const QmpServer *server, int fd)
{
    g_autofree char *text = g_strdup_printf(
        "{\"error\": {\"class\": \"GenericError\", \"desc\": "
        "\"Too many clients: at most %u\"}}\r\n",
        server->address.max_clients);

    send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

/* Called by the listener, which gives the file descriptor away. */
static void accept_client(int fd, void *opaque)
{
    QmpServer *server = opaque;

    if (!is_allowed(server, fd)) {
        close(fd);
    } else if (server->n_connections >= server->address.max_clients) {
        reject_client(server, fd);
    } else {
        add_connection(server, aio_stream_new(server->ctx, fd));
    }
}

/* The kernel reports the user of a client for unix sockets only. */
static bool start_listening(QmpServer *server, Error **errp)
{
    const QmpAddress *from = &server->address;
    const AioAddress address = {
        .kind = from->path ? AIO_ADDRESS_UNIX : AIO_ADDRESS_FD,
        .path = from->path,
        .mode = from->mode,
        .fd = from->fd,
        .fd_family = AF_UNIX,
    };

    server->listener = aio_listener_new(server->ctx, &address, accept_client,
                                        server, errp);
    return server->listener != NULL;
}

/* ---- Life ---- */

/* On failure the caller destroys the server. */
static bool start(QmpServer *server, const char *text, Error **errp)
{
    if (!qmp_address_parse(&server->address, text, errp)) {
        return false;
    }
    if (qmp_address_is_socket(&server->address)) {
        return start_listening(server, errp);
    }
    if (!stdio_claim(server, errp)) {
        return false;
    }
    add_connection(server, aio_stream_new_borrowed(server->ctx, STDIN_FILENO,
                                                   STDOUT_FILENO));
    return true;
}

static void server_destroy(QmpServer *server)
{
    qmp_address_clear(&server->address);
    aio_bh_delete(server->shutdown_bh);
    qmp_observer_stop();
    aio_context_unref(server->ctx);
    g_free(server);
}

QmpServer *qmp_server_new(AioContext *ctx, const char *address, Error **errp)
{
    QmpServer *server = g_new0(QmpServer, 1);

    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    qmp_observer_start(ctx);
    aio_context_ref(ctx);
    server->ctx = ctx;
    server->process_id = getpid();
    queue_init(&server->connections);
    server->shutdown_bh = aio_bh_new(ctx, on_shutdown, NULL);
    if (!start(server, address, errp)) {
        server_destroy(server);
        return NULL;
    }
    return server;
}

void qmp_server_free(QmpServer *server)
{
    if (!server) {
        return;
    }
    aio_listener_free(server->listener);
    while (!queue_is_empty(&server->connections)) {
        remove_connection(server, container_of(server->connections.next,
                                               QmpConnection, link));
    }
    stdio_release(server);
    server_destroy(server);
}

unsigned qmp_server_n_clients(const QmpServer *server)
{
    return server->n_connections;
}
