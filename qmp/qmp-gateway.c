/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A gateway joins two existing parts.
 *
 * - The monitor is reached by a QmpClient, which gives each request an id of
 *   its own and reconnects.
 * - A listener is a QmpServer whose sessions forward commands.  A session keeps
 *   the id of its client, limits the memory of a client that does not read, and
 *   drops the reply to a client that is gone.
 * - A command is executed in a coroutine of the session, which waits for the
 *   call of the QmpClient.
 *
 * File descriptors that a client passes with a command go to the monitor with
 * that command.  QEMU keeps only the last ones that it has received, so one
 * such command is in flight at a time.
 *
 * The text of query-qmp-schema, which is most of what clients ask for when they
 * connect, is kept as long as the connection to the monitor.
 */
#include "qmp/qmp-gateway.h"

#include "aio/aio.h"
#include "aio/coroutine/coroutine-lock.h"
#include "qmp/qmp-client.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-fd-internal.h"
#include "qmp/qmp-gateway-rules-internal.h"
#include "qmp/qmp-message-internal.h"
#include "qmp/qmp-server-internal.h"
#include "util/log.h"

#include <string.h>
#include <unistd.h>

/* A server that sends nothing for so long may be QEMU's guest agent. */
#define SILENCE_NS (500 * SCALE_MS)

LOG_AREA_DEFINE(gateway_log, "gateway")

struct QmpGateway {
    AioContext *ctx;
    QmpClient *client;
    GPtrArray *listeners; /* of GatewayListener */
    CoMutex fd_lock; /* held while a file descriptor is being passed */
    void (*lost)(void *opaque); /* (nullable) */
    void *opaque;
    bool offers_oob;      /* the last connection to the monitor has `oob` */
    bool was_ready;       /* the first attempt to connect has succeeded */
    bool is_connected;    /* changes are announced to clients */
    GString *schema;      /* (nullable) the result of query-qmp-schema */
    Error *connect_error; /* (nullable) why the first attempt has failed */
};

/* An address on which clients are served. */
typedef struct GatewayListener {
    QmpForward forward;
    QmpGateway *gateway;
    char *address;
    QmpGatewayRules *rules;
    QmpServer *server;
} GatewayListener;

/* ---- Executing a command ---- */

/* A command that waits for the monitor. */
typedef struct GatewayCall {
    QmpGateway *gateway;
    const QmpForwardRequest *request;
    GString *reply;       /* of the client */
    bool is_schema;       /* the result is kept */
    const char *outcome;  /* (nullable) NULL: it has not ended */
    Coroutine *co;        /* (nullable) set while it waits */
} GatewayCall;

static void append_error(const QmpForwardRequest *request, GString *reply,
                         const Error *err)
{
    qmp_message_error(reply, err, request->id, request->pretty);
}

/* The commands that were in flight are those with LOST: the client has to find
 * out whether they were executed. */
static void append_lost(const QmpForwardRequest *request, GString *reply,
                        const Error *reason)
{
    g_autoptr(Error) err = NULL;

    error_setg(&err, "The monitor was lost while it executed '%s', which may "
               "have had an effect: %s", request->command,
               error_get_pretty(reason));
    append_error(request, reply, err);
}

static void append_result(GatewayCall *call, const JsonItem *result)
{
    QmpGateway *gateway = call->gateway;

    qmp_message_return_item(call->reply, result, call->request->id,
                            call->request->pretty);
    if (call->is_schema && !gateway->schema) {
        gateway->schema = g_string_new(NULL);
        json_item_write(gateway->schema, result);
    }
}

/* The reply is written at once, because the result is borrowed. */
static void on_reply(const QmpReply *reply, void *opaque)
{
    static const char *const outcomes[] = {
        [QMP_CALL_RETURNED] = "returned",
        [QMP_CALL_REFUSED] = "refused",
        [QMP_CALL_NOT_SENT] = "not-sent",
        [QMP_CALL_LOST] = "lost",
        [QMP_CALL_TIMED_OUT] = "lost",
    };
    GatewayCall *call = opaque;

    call->outcome = outcomes[reply->status];
    if (reply->result) {
        append_result(call, reply->result);
    } else if (!strcmp(call->outcome, "lost")) {
        append_lost(call->request, call->reply, reply->error);
    } else {
        append_error(call->request, call->reply, reply->error);
    }
    if (call->co) {
        aio_co_wake(g_steal_pointer(&call->co));
    }
}

static bool has_arguments(const QmpForwardRequest *request)
{
    const char *name;

    return json_item_next_member(request->arguments, NULL, &name) != NULL;
}

static bool is_schema_request(const QmpForwardRequest *request)
{
    return !strcmp(request->command, "query-qmp-schema") &&
           !has_arguments(request);
}

/* Returns: the outcome */
static const char *coroutine_fn call_monitor(QmpGateway *gateway,
                                             const QmpForwardRequest *request,
                                             const QmpCall *what,
                                             GString *reply)
{
    GatewayCall call = {
        .gateway = gateway, .request = request, .reply = reply,
    };

    call.is_schema = is_schema_request(request);
    qmp_client_call(gateway->client, what, on_reply, &call);
    if (!call.outcome) {
        call.co = coroutine_self();
        coroutine_yield();
    }
    return call.outcome;
}

/* As call_monitor().  @fd: consumed */
static const char *coroutine_fn call_with_fd(QmpGateway *gateway,
                                             const QmpForwardRequest *request,
                                             QmpCall *what, int fd,
                                             GString *reply)
{
    const char *outcome;

    what->fds = &fd;
    what->n_fds = 1;
    co_mutex_lock(&gateway->fd_lock);
    outcome = call_monitor(gateway, request, what, reply);
    co_mutex_unlock(&gateway->fd_lock);
    close(fd);
    return outcome;
}

/*
 * These commands take a file descriptor.  A client that has passed none gets
 * the error of the monitor.
 *
 * Returns: (transfer full) the file descriptor of a request; -1 if it has none
 */
static int take_fd(const QmpForwardRequest *request)
{
    return !strcmp(request->command, "getfd") ||
                   !strcmp(request->command, "add-fd")
               ? qmp_fd_take_held(NULL) : -1;
}

static const char *deny(const QmpForwardRequest *request, GString *reply)
{
    g_autoptr(Error) err = NULL;

    error_set(&err, ERROR_CLASS_COMMAND_NOT_FOUND,
              "The gateway does not allow the command %s", request->command);
    append_error(request, reply, err);
    return "denied";
}

/* Returns: the outcome */
static const char *coroutine_fn execute(const GatewayListener *listener,
                                        const QmpForwardRequest *request,
                                        GString *reply)
{
    QmpGateway *gateway = listener->gateway;
    int fd = take_fd(request);
    QmpCall what = {
        .command = request->command,
        .arguments_item = has_arguments(request) ? request->arguments : NULL,
        .oob = request->is_oob,
    };

    if (!qmp_gateway_rules_allow(listener->rules, request->peer,
                                 request->command)) {
        if (fd >= 0) {
            close(fd);
        }
        return deny(request, reply);
    }
    if (fd >= 0) {
        return call_with_fd(gateway, request, &what, fd, reply);
    }
    if (gateway->schema && is_schema_request(request)) {
        qmp_message_return_text(reply, gateway->schema, request->id,
                                request->pretty);
        return "cached";
    }
    return call_monitor(gateway, request, &what, reply);
}

/* The message of a command that has ended; arguments may be secret. */
static void log_command(const GatewayListener *listener,
                        const QmpForwardRequest *request,
                        const char *outcome, int64_t duration_us)
{
    const QmpPeer *peer = request->peer;
    LogField fields[7];
    unsigned n = 0;

    fields[n++] = log_int("client", peer->number);
    if (peer->is_known) {
        fields[n++] = log_int("uid", peer->uid);
        fields[n++] = log_int("pid", peer->pid);
    }
    fields[n++] = log_str("listener", listener->address);
    fields[n++] = log_str(request->is_oob ? "exec-oob" : "execute",
                          request->command);
    fields[n++] = log_str("outcome", outcome);
    fields[n++] = log_int("us", duration_us);
    log_write(&gateway_log, LOG_LEVEL_DEBUG, "command ended", fields, n);
}

static void coroutine_fn gateway_execute(QmpForward *forward,
                                         const QmpForwardRequest *request,
                                         GString *reply)
{
    GatewayListener *listener = container_of(forward, GatewayListener,
                                             forward);
    bool is_logged = log_is_on(&gateway_log, LOG_LEVEL_DEBUG);
    int64_t start_us = is_logged ? g_get_monotonic_time() : 0;
    const char *outcome = execute(listener, request, reply);

    if (is_logged) {
        log_command(listener, request, outcome,
                    g_get_monotonic_time() - start_us);
    }
}

/* ---- The greeting ---- */

/* Clients get the greeting of the monitor, with its version.  The guest agent
 * has none, so they get that of this program. */
static bool gateway_greet(QmpForward *forward, GString *out, bool pretty)
{
    GatewayListener *listener = container_of(forward, GatewayListener,
                                             forward);
    QmpGateway *gateway = listener->gateway;
    const JsonItem *item = qmp_client_get_greeting(gateway->client);
    g_autoptr(JsonNode) message = NULL;
    JsonObject *object;

    if (!item) {
        qmp_message_greeting(out, false, pretty);
        return false;
    }
    message = json_node_new(JSON_NODE_OBJECT);
    object = json_object_new();
    json_object_set_member(object, "QMP", json_item_to_node(item));
    json_node_take_object(message, object);
    json_write(out, message, pretty);
    g_string_append_len(out, "\r\n", 2);
    return gateway->offers_oob;
}

static const QmpForwardOps forward_ops = {
    .greet = gateway_greet,
    .execute = gateway_execute,
};

/* ---- The monitor ---- */

static void on_event(const QmpEvent *event, void *opaque)
{
    qmp_events_relay(opaque, event->message);
}

/* Clients learn that the monitor is gone, because it may be another program
 * when it comes back. */
static void announce_loss(const QmpGateway *gateway, const Error *reason)
{
    g_autoptr(JsonNode) data = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_object_set_member(object, "reason",
                           json_text_new(error_get_pretty(reason)));
    json_node_take_object(data, object);
    qmp_events_announce(gateway, "GATEWAY_DISCONNECTED", data);
}

static void on_state(QmpClient *client, QmpClientState state,
                     const Error *reason, void *opaque)
{
    QmpGateway *gateway = opaque;

    if (state == QMP_CLIENT_READY) {
        log_info(&gateway_log, "monitor connected",
                 log_str("to", qmp_client_get_name(client)));
        gateway->offers_oob = qmp_client_has_oob(client);
        if (gateway->was_ready) {
            qmp_events_announce(gateway, "GATEWAY_CONNECTED", NULL);
        }
        gateway->was_ready = true;
        gateway->is_connected = true;
        return;
    }
    if (!gateway->was_ready && reason && !gateway->connect_error) {
        gateway->connect_error = error_copy(reason);
    }
    if (gateway->schema) {
        g_string_free(g_steal_pointer(&gateway->schema), TRUE);
    }
    /* Further attempts that fail are not announced. */
    if (gateway->is_connected) {
        gateway->is_connected = false;
        log_warning(&gateway_log, "monitor lost",
                    log_str("reason", error_get_pretty(reason)));
        announce_loss(gateway, reason);
    }
    if (state == QMP_CLIENT_CLOSED && gateway->was_ready && gateway->lost) {
        gateway->lost(gateway->opaque);
    }
}

/* Returns: true if the monitor has answered; false with @errp set */
static bool wait_connected(QmpGateway *gateway, Error **errp)
{
    while (!gateway->was_ready && !gateway->connect_error) {
        aio_poll(gateway->ctx, true);
    }
    if (gateway->connect_error) {
        error_propagate(errp, g_steal_pointer(&gateway->connect_error));
        return false;
    }
    return true;
}

/* ---- Life ---- */

static void listener_free(void *opaque)
{
    GatewayListener *listener = opaque;

    g_free(listener->address);
    qmp_gateway_rules_free(listener->rules);
    g_free(listener);
}

QmpGateway *qmp_gateway_new(AioContext *ctx, const QmpGatewayOptions *options,
                            Error **errp)
{
    g_autoptr(QmpGateway) gateway = g_new0(QmpGateway, 1);
    const QmpClientOptions client_options = {
        .address = options->monitor,
        .wants_oob = true,
        .silence_ns = SILENCE_NS,
        .reconnect = !g_str_has_prefix(options->monitor, "fd:"),
    };

    aio_context_ref(ctx);
    gateway->ctx = ctx;
    co_mutex_init(&gateway->fd_lock);
    gateway->lost = options->lost;
    gateway->opaque = options->opaque;
    gateway->listeners = g_ptr_array_new_with_free_func(listener_free);
    gateway->client = qmp_client_new(ctx, &client_options, errp);
    if (!gateway->client) {
        return NULL;
    }
    qmp_client_on_state(gateway->client, on_state, gateway);
    qmp_client_on_event(gateway->client, NULL, on_event, gateway);
    return wait_connected(gateway, errp) ? g_steal_pointer(&gateway) : NULL;
}

bool qmp_gateway_listen(QmpGateway *gateway, const char *address,
                        Error **errp)
{
    g_autofree char *rest = NULL;
    QmpGatewayRules *rules = qmp_gateway_rules_parse(address, &rest, errp);
    GatewayListener *listener;

    if (!rules) {
        return false;
    }
    listener = g_new0(GatewayListener, 1);
    listener->forward.ops = &forward_ops;
    listener->forward.source = gateway;
    listener->gateway = gateway;
    listener->address = g_strdup(rest);
    listener->rules = rules;
    listener->server = qmp_server_new_forwarding(gateway->ctx, rest,
                                                 &listener->forward, errp);
    if (!listener->server) {
        listener_free(listener);
        return false;
    }
    g_ptr_array_add(gateway->listeners, listener);
    return true;
}

/*
 * Sessions go first; their commands continue, in coroutines that use the
 * listeners.  Freeing the client ends these.
 */
void qmp_gateway_free(QmpGateway *gateway)
{
    if (!gateway) {
        return;
    }
    for (guint i = 0; i < gateway->listeners->len; i++) {
        GatewayListener *listener = gateway->listeners->pdata[i];

        g_clear_pointer(&listener->server, qmp_server_free);
    }
    qmp_client_free(gateway->client);
    g_ptr_array_unref(gateway->listeners);
    if (gateway->schema) {
        g_string_free(gateway->schema, TRUE);
    }
    error_free(gateway->connect_error);
    aio_context_unref(gateway->ctx);
    g_free(gateway);
}
