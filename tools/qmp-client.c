/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of QMP on a unix socket.
 *
 * Waiting: the socket does not block.  Only poll() waits, until the request's
 * deadline.
 *
 * Messages: a JsonStream turns bytes into values, which are queued in
 * `received`. Each request has an id, which distinguishes its reply from
 * events.  A reply without an id is an error about a request that the peer
 * could not parse.
 *
 * The peer may be hostile.  It is read in small pieces.  The deadline, the
 * number of bytes and the number of messages are checked before each piece, so
 * a request ends in time both if the peer sends a flood and if it sends single
 * bytes.
 */
#include "tools/qmp-client.h"

#include "qapi/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE_BYTES 8192

struct QmpClient {
    int fd;              /* -1: closed */
    char *path;          /* or another name of the peer, for messages */
    int timeout_ms;      /* of each request */
    int64_t deadline_us; /* of the current request, on the monotonic clock */
    size_t n_bytes;      /* received since the request or the wait began */
    unsigned n_events;   /* received since the request began */
    int64_t last_id;     /* of the last request that was sent */
    JsonStream *stream;
    GQueue received;     /* of JsonNode: messages that were not taken yet */
    bool keep_events;
    GQueue events;       /* of JsonNode: events older than `received` */
    Error *stream_error; /* (nullable) why the bytes are not JSON */
};

/*
 * Receives a value or an error from the stream.  Values before the first error
 * are used; the rest is dropped, because the two sides may disagree on where a
 * message begins.
 */
static void on_value(void *opaque, JsonNode *node, Error *err)
{
    QmpClient *client = opaque;

    if (client->stream_error) {
        g_clear_pointer(&node, json_node_unref);
        error_free(err);
    } else if (node) {
        g_queue_push_tail(&client->received, node);
    } else {
        client->stream_error = err;
    }
}

const char *qmp_client_get_name(const QmpClient *client)
{
    return client->path;
}

bool qmp_client_is_open(const QmpClient *client)
{
    return client->fd >= 0;
}

void qmp_client_close(QmpClient *client)
{
    if (client->fd >= 0) {
        close(client->fd);
    }
    client->fd = -1;
}

void qmp_client_free(QmpClient *client)
{
    if (!client) {
        return;
    }
    qmp_client_close(client);
    json_stream_free(client->stream);
    g_queue_clear_full(&client->received, (GDestroyNotify)json_node_unref);
    g_queue_clear_full(&client->events, (GDestroyNotify)json_node_unref);
    error_free(client->stream_error);
    g_free(client->path);
    g_free(client);
}

/* ---- Bytes ---- */

/*
 * Waits until the socket is ready for @events.  It fails after the deadline
 * also if the socket is ready, so a peer that sends without end cannot extend
 * it.
 */
static bool wait_for(QmpClient *client, short events, Error **errp)
{
    struct pollfd pollfd = { .fd = client->fd, .events = events };

    for (;;) {
        int64_t left_us = client->deadline_us - g_get_monotonic_time();
        int n = left_us > 0 ? poll(&pollfd, 1, left_us / 1000 + 1) : 0;

        if (n > 0) {
            return true;
        }
        if (n == 0) {
            error_setg(errp, "'%s' did not answer within %d ms", client->path,
                       client->timeout_ms);
            return false;
        }
        if (errno != EINTR) {
            error_setg_errno(errp, errno, "can't wait for '%s'",
                             client->path);
            return false;
        }
    }
}

/* Sends a text; returns true when the kernel has all of it. */
static bool send_all(QmpClient *client, const char *text, size_t len,
                     Error **errp)
{
    while (len) {
        ssize_t n = send(client->fd, text, len, MSG_NOSIGNAL);

        if (n >= 0) {
            text += n;
            len -= n;
        } else if (errno == EAGAIN) {
            if (!wait_for(client, POLLOUT, errp)) {
                return false;
            }
        } else if (errno == EPIPE || errno == ECONNRESET) {
            error_setg(errp, "'%s' closed the connection", client->path);
            return false;
        } else if (errno != EINTR) {
            error_setg_errno(errp, errno, "can't write to '%s'",
                             client->path);
            return false;
        }
    }
    return true;
}

/*
 * Reads one piece and feeds it to the stream.  Sets *@ended if the peer has
 * closed the connection.
 */
static bool read_some(QmpClient *client, bool *ended, Error **errp)
{
    char bytes[PIECE_BYTES];
    ssize_t n = recv(client->fd, bytes, sizeof(bytes), 0);

    *ended = n == 0 || (n < 0 && errno == ECONNRESET);
    if (n < 0 && !*ended && errno != EAGAIN && errno != EINTR) {
        error_setg_errno(errp, errno, "can't read from '%s'", client->path);
        return false;
    }
    client->n_bytes += MAX(n, 0);
    if (client->n_bytes > QMP_CLIENT_MAX_BYTES) {
        error_setg(errp, "'%s' sent more than %d MiB at once", client->path,
                   QMP_CLIENT_MAX_BYTES >> 20);
        return false;
    }
    if (n > 0) {
        json_stream_feed(client->stream, bytes, n);
    }
    return true;
}

/* Waits for bytes of the reply; the end of the connection is an error. */
static bool receive_some(QmpClient *client, Error **errp)
{
    bool ended;

    if (!wait_for(client, POLLIN, errp) ||
        !read_some(client, &ended, errp)) {
        return false;
    }
    if (ended) {
        error_setg(errp, "'%s' closed the connection", client->path);
    }
    return !ended;
}

/* Reports an error that the stream has met. */
static bool check_stream(const QmpClient *client, Error **errp)
{
    if (client->stream_error) {
        error_setg(errp, "'%s' does not speak QMP: %s", client->path,
                   error_get_pretty(client->stream_error));
    }
    return !client->stream_error;
}

/* Returns (transfer full) the next message; NULL with @errp set. */
static JsonNode *receive(QmpClient *client, Error **errp)
{
    while (g_queue_is_empty(&client->received)) {
        if (!check_stream(client, errp) || !receive_some(client, errp)) {
            return NULL;
        }
    }
    return g_queue_pop_head(&client->received);
}

/* ---- Messages ---- */

/* Returns (borrowed) a member; NULL if there is none or @node is no object. */
static JsonNode *member_of(JsonNode *node, const char *name)
{
    return JSON_NODE_HOLDS_OBJECT(node)
               ? json_object_get_member(json_node_get_object(node), name)
               : NULL;
}

static const char *text_of(JsonNode *node, const char *name)
{
    JsonNode *member = member_of(node, name);

    return member && json_qtype(member) == QTYPE_QSTRING
               ? json_node_get_string(member)
               : NULL;
}

static bool send_request(QmpClient *client, const char *command,
                         JsonNode *arguments, Error **errp)
{
    g_autoptr(JsonNode) request = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();
    g_autoptr(GString) text = g_string_new(NULL);

    json_object_set_member(object, "execute", json_text_new(command));
    if (arguments) {
        json_object_set_member(object, "arguments",
                               json_node_ref(arguments));
    }
    json_object_set_member(object, "id",
                           json_number_new_int64(++client->last_id));
    json_node_take_object(request, object);
    json_write(text, request, false);
    g_string_append_c(text, '\n');
    return send_all(client, text->str, text->len, errp);
}

/*
 * Returns true if a message is the reply to the last request, or the error that
 * a peer without our id sends because it could not parse the request.
 */
static bool is_reply(const QmpClient *client, JsonNode *message)
{
    JsonNode *id = member_of(message, "id");
    int64_t number;

    if (!id) {
        return member_of(message, "error") != NULL;
    }
    return json_number_get_int64(id, &number) && number == client->last_id;
}

/* Keeps or drops a message that is not the reply; it is consumed. */
static bool handle_other(QmpClient *client, JsonNode *message, Error **errp)
{
    if (client->keep_events && member_of(message, "event")) {
        g_queue_push_tail(&client->events, message);
    } else {
        json_node_unref(message);
    }
    if (++client->n_events > QMP_CLIENT_MAX_EVENTS ||
        client->events.length > QMP_CLIENT_MAX_EVENTS) {
        error_setg(errp, "'%s' sent more than %d events before its reply",
                   client->path, QMP_CLIENT_MAX_EVENTS);
        return false;
    }
    return true;
}

/*
 * Sends a request and returns (transfer full) the reply; NULL with @errp set,
 * and the connection is closed, because a late reply would confuse later
 * requests.
 */
static JsonNode *request(QmpClient *client, const char *command,
                         JsonNode *arguments, Error **errp)
{
    bool ok = send_request(client, command, arguments, errp);

    while (ok) {
        JsonNode *message = receive(client, errp);

        if (message && is_reply(client, message)) {
            return message;
        }
        ok = message && handle_other(client, message, errp);
    }
    qmp_client_close(client);
    return NULL;
}

/* An unknown class is GenericError, as QMP requires of clients. */
static ErrorClass class_of(const char *name)
{
    ErrorClass class = ERROR_CLASS__MAX;

    while (--class != ERROR_CLASS_GENERIC_ERROR) {
        if (g_strcmp0(name, error_class_str(class)) == 0) {
            break;
        }
    }
    return class;
}

/* Sets the peer's error.  The lines after the first one are its hint. */
static void set_peer_error(JsonNode *error, Error **errp)
{
    ERRP_GUARD();
    const char *text = text_of(error, "desc");
    const char *line_end = strchrnul(text, '\n');

    error_set(errp, class_of(text_of(error, "class")), "%.*s",
              (int)(line_end - text), text);
    if (*line_end) {
        error_append_hint(errp, "%s\n", line_end + 1);
    }
}

/* Executes a command within the deadline that begin_request() has set. */
static JsonNode *execute(QmpClient *client, const char *command,
                         JsonNode *arguments, Error **errp)
{
    g_autoptr(JsonNode) reply = NULL;
    JsonNode *error;
    JsonNode *result;

    if (!qmp_client_is_open(client)) {
        error_setg(errp, "'%s' is not connected any more", client->path);
        return NULL;
    }
    reply = request(client, command, arguments, errp);
    if (!reply) {
        return NULL;
    }
    result = member_of(reply, "return");
    if (result) {
        return json_node_ref(result);
    }
    error = member_of(reply, "error");
    if (!error || !text_of(error, "desc")) {
        qmp_client_close(client);
        error_setg(errp, "'%s' does not speak QMP: its reply has neither "
                   "result nor error", client->path);
    } else {
        set_peer_error(error, errp);
    }
    return NULL;
}

/* Starts the deadline and the limits of a request. */
static void begin_request(QmpClient *client)
{
    client->deadline_us =
        g_get_monotonic_time() + client->timeout_ms * INT64_C(1000);
    client->n_bytes = 0;
    client->n_events = 0;
}

JsonNode *qmp_client_execute(QmpClient *client, const char *command,
                             JsonNode *arguments, Error **errp)
{
    begin_request(client);
    return execute(client, command, arguments, errp);
}

/* ---- Events ---- */

void qmp_client_keep_events(QmpClient *client)
{
    client->keep_events = true;
}

/*
 * Returns (transfer full) the oldest event that has arrived; NULL if there is
 * none.  Other messages are late replies and are dropped.
 */
static JsonNode *pop_event(QmpClient *client)
{
    JsonNode *message = g_queue_pop_head(&client->events);

    while (!message && !g_queue_is_empty(&client->received)) {
        message = g_queue_pop_head(&client->received);
        if (!member_of(message, "event")) {
            g_clear_pointer(&message, json_node_unref);
        }
    }
    return message;
}

/* Waits for bytes and reads them; false at @stop_fd or with @errp set. */
static bool wait_for_more(QmpClient *client, int stop_fd, bool *ended,
                          Error **errp)
{
    struct pollfd fds[] = { { .fd = client->fd, .events = POLLIN },
                            { .fd = stop_fd, .events = POLLIN } };

    while (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
        if (errno != EINTR) {
            error_setg_errno(errp, errno, "can't wait for '%s'",
                             client->path);
            return false;
        }
    }
    return !fds[1].revents && read_some(client, ended, errp);
}

JsonNode *qmp_client_next_event(QmpClient *client, int stop_fd, Error **errp)
{
    JsonNode *event = pop_event(client);
    bool ended = false;

    client->n_bytes = 0;
    while (!event && !ended && qmp_client_is_open(client) &&
           check_stream(client, errp) &&
           wait_for_more(client, stop_fd, &ended, errp)) {
        event = pop_event(client);
    }
    if (ended) {
        qmp_client_close(client);
    }
    return event;
}

/* ---- Connecting ---- */

static int open_socket(const char *path, int timeout_ms, Error **errp)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval limit = { .tv_sec = timeout_ms / 1000,
                             .tv_usec = timeout_ms % 1000 * 1000 };
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        error_setg(errp, "path '%s' is too long for a socket", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "can't make a socket");
        return -1;
    }
    /* connect() waits while the server's backlog is full; this limits it. */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        error_setg_errno(errp, errno, "can't connect to '%s'", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Reads the greeting and leaves capabilities negotiation. */
static bool greet(QmpClient *client, Error **errp)
{
    g_autoptr(JsonNode) greeting = NULL;
    g_autoptr(JsonNode) result = NULL;

    greeting = receive(client, errp);
    if (!greeting) {
        return false;
    }
    if (!member_of(greeting, "QMP")) {
        error_setg(errp, "'%s' does not speak QMP: it sent no greeting",
                   client->path);
        return false;
    }
    result = execute(client, "qmp_capabilities", NULL, errp);
    return result != NULL;
}

static QmpClient *new_client(int fd, const char *name, int timeout_ms)
{
    QmpClient *client = g_new0(QmpClient, 1);

    client->fd = fd;
    client->path = g_strdup(name);
    client->timeout_ms = timeout_ms;
    client->stream = json_stream_new(on_value, client);
    g_queue_init(&client->received);
    g_queue_init(&client->events);
    begin_request(client);
    return client;
}

QmpClient *qmp_client_new(int fd, const char *name, int timeout_ms,
                          Error **errp)
{
    g_autoptr(QmpClient) client = new_client(fd, name, timeout_ms);

    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        error_setg_errno(errp, errno, "can't use '%s'", name);
        return NULL;
    }
    return greet(client, errp) ? g_steal_pointer(&client) : NULL;
}

QmpClient *qmp_client_connect(const char *path, int timeout_ms, Error **errp)
{
    g_autoptr(QmpClient) client = new_client(-1, path, timeout_ms);

    client->fd = open_socket(path, timeout_ms, errp);
    return client->fd >= 0 && greet(client, errp) ? g_steal_pointer(&client)
                                                  : NULL;
}
