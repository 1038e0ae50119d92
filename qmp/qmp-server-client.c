/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clients of a server: who may connect, and when a connection ends.
 *
 * - A client that connects is checked: its user, and the number of clients.
 * - It may have a limited time to negotiate.  One timer, for the oldest client,
 *   is enough.
 * - A connection that has ended is removed; on stdio the program then ends, and
 *   with `close-action` the server does.
 */
#include "qmp/qmp-server-internal.h"

#include "qmp/qmp-session-internal.h"
#include "qom/object-observer.h"
#include "qom/user-creatable.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Used only by the main thread. */
static unsigned n_awaited; /* servers with `is_awaited` */

/* ---- Waiting for the first client ---- */

/* Counts servers, so that the program need not look at each of them. */
void qmp_server_set_awaited(QmpServer *server, bool is_awaited)
{
    n_awaited += is_awaited - server->is_awaited;
    server->is_awaited = is_awaited;
}

bool qmp_server_is_awaited(void)
{
    return n_awaited > 0;
}

/* ---- Statistics ---- */

void qmp_server_count(QmpServer *server, uint64_t *counter)
{
    ++*counter;
    object_property_changed(OBJECT(server), "stats");
}

/* Clients may watch the number. */
static void count_connections(QmpServer *server, int change)
{
    server->connections += change;
    object_property_changed(OBJECT(server), "connections");
}

/* ---- Clients ---- */

static QmpConnection *connection_of(QueueLink *link)
{
    return container_of(link, QmpConnection, link);
}

/*
 * A connection calls this inside its time slice, in which the server must not
 * be deleted.  The handler therefore runs in a bottom half.
 */
static void on_quit(QmpConnection *conn, void *opaque)
{
    QmpServer *server = opaque;

    aio_bh_schedule(server->shutdown_bh);
}

/* The client is no longer in the list when others learn the new number. */
static void remove_client(QmpServer *server, QmpConnection *conn)
{
    queue_remove(&conn->link);
    qmp_connection_free(conn);
    count_connections(server, -1);
}

/* The thread of clients with `oob` has left each connection afterwards. */
void qmp_server_remove_clients(QmpServer *server)
{
    while (!queue_is_empty(&server->clients)) {
        remove_client(server, connection_of(server->clients.next));
    }
}

/*
 * A server on stdio has only one conversation; its end asks the program to end.
 */
static void on_ended(QmpConnection *conn, void *opaque)
{
    QmpServer *server = opaque;

    remove_client(server, conn);
    if (server->address.kind == QMP_ADDRESS_STDIO) {
        qmp_server_release_stdio(server);
        aio_bh_schedule(server->shutdown_bh);
    }
    qmp_connector_retry(server->connector);
    if (!server->connections) {
        aio_bh_schedule(server->delete_bh);
    }
}

/* If the object cannot be deleted, it continues to serve. */
void qmp_server_on_unused(void *opaque)
{
    QmpServer *server = opaque;
    Object *obj = OBJECT(server);

    if (server->close_action == MONITOR_QMP_CLOSE_ACTION_DELETE &&
        !server->connections) {
        user_creatable_del(object_get_canonical_path_component(obj), NULL);
    }
}

static const QmpConnectionOps connection_ops = {
    .quit = on_quit,
    .ended = on_ended,
};

/* ---- The time of the negotiation ---- */

/* Sets the timer to the end of the oldest negotiation. */
static void arm_handshake_timer(QmpServer *server)
{
    int64_t first = INT64_MAX;
    QueueLink *link;

    QUEUE_FOREACH(link, &server->clients) {
        int64_t end = connection_of(link)->handshake_end_ms;

        first = end ? MIN(first, end) : first;
    }
    if (first < INT64_MAX) {
        timer_mod(server->handshake_timer, first);
    }
}

/* Disconnects clients whose time is over. */
static void on_handshake_timer(void *opaque)
{
    QmpServer *server = opaque;
    int64_t now = clock_get_ms(AIO_CLOCK_REALTIME);
    QueueLink *link = server->clients.next;

    while (link != &server->clients) {
        QmpConnection *conn = connection_of(link);
        QmpSession *session = qmp_connection_session(conn);

        link = link->next;
        if (!conn->handshake_end_ms || conn->handshake_end_ms > now) {
            continue;
        }
        conn->handshake_end_ms = 0;
        /* A session that is in use is executing its negotiation. */
        if (!qmp_session_is_negotiated(session) &&
            !qmp_session_is_in_use(session)) {
            qmp_server_count(server, &server->stats->timed_out);
            on_ended(conn, server);
        }
    }
    arm_handshake_timer(server);
}

/* Without a limit, which is the default, there is no timer. */
static void limit_handshake(QmpServer *server, QmpConnection *conn)
{
    if (!server->handshake_timeout) {
        return;
    }
    if (!server->handshake_timer) {
        server->handshake_timer = aio_timer_new(server->ctx,
                                                AIO_CLOCK_REALTIME, SCALE_MS,
                                                on_handshake_timer, server);
    }
    conn->handshake_end_ms = clock_get_ms(AIO_CLOCK_REALTIME) +
                             server->handshake_timeout;
    arm_handshake_timer(server);
}

/* ---- Accepting ---- */

/* What a client that connects now gets; later changes do not concern it. */
static QmpLimits limits_of(const QmpServer *server)
{
    return (QmpLimits) {
        .request_bytes = server->max_request_size,
        .output_bytes = server->max_output,
        .event_bytes = server->max_events,
        .queue = server->max_queue,
        .watches = server->max_watches,
        .slice_us = server->time_slice,
        .quit_us = server->quit_timeout * INT64_C(1000),
    };
}

void qmp_server_add_client(QmpServer *server, AioStream *stream)
{
    const QmpLimits limits = limits_of(server);
    const char *id = object_get_canonical_path_component(OBJECT(server));
    const QmpSessionOptions options = { .limits = &limits,
                                        .server = id,
                                        .receives_fds = server->receive_fds,
                                        .pretty = server->pretty,
                                        .forward = server->forward };
    QmpConnection *conn = qmp_connection_new(stream, &options,
                                             &connection_ops, server);

    queue_push(&server->clients, &conn->link);
    qmp_server_set_awaited(server, false);
    limit_handshake(server, conn);
    qmp_server_count(server, &server->stats->accepted);
    count_connections(server, 1);
}

/*
 * Checks the user that the kernel reports for the other end of a unix socket.
 * The superuser and our own user are always allowed, because they can do what
 * the program does without asking it.
 */
static bool is_allowed(const QmpServer *server, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (server->address.kind == QMP_ADDRESS_TCP) {
        return true;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
        return false;
    }
    if (peer.uid == 0 || peer.uid == geteuid()) {
        return true;
    }
    for (uint32List *uid = server->allow_uid; uid; uid = uid->next) {
        if (uid->value == peer.uid) {
            return true;
        }
    }
    return false;
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
        server->max_clients);

    send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

/* Called by the listener, which gives the file descriptor away. */
void qmp_server_accept(int fd, void *opaque)
{
    QmpServer *server = opaque;

    if (!is_allowed(server, fd)) {
        close(fd);
        qmp_server_count(server, &server->stats->not_allowed);
    } else if (server->connections >= server->max_clients) {
        reject_client(server, fd);
        qmp_server_count(server, &server->stats->too_many);
    } else {
        qmp_server_add_client(server, aio_stream_new(server->ctx, fd));
    }
}
