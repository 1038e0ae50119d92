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
 *   call of the QmpClient; see qmp-gateway-call.c.
 */
#include "qmp/qmp-gateway-internal.h"

#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-message-internal.h"

/* A server that sends nothing for so long may be QEMU's guest agent. */
#define SILENCE_NS (500 * SCALE_MS)

LOG_AREA_DEFINE(gateway_log, "gateway")

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
    .execute = qmp_gateway_execute,
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
    listener->rules = rules;
    listener->server = qmp_server_new_forwarding(gateway->ctx, rest,
                                                 &listener->forward, errp);
    if (!listener->server) {
        listener_free(listener);
        return false;
    }
    listener->address = g_strdup(listener->server->addr);
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
