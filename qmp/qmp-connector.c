/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers with server=off, which connect to a client that listens.
 *
 * An attempt is a coroutine, because a name may have to be looked up and a host
 * may not answer.  At most one attempt, or one connection, or one timer for the
 * next attempt exists at a time.
 */
#include "qmp/qmp-server-internal.h"

#include "aio/coroutine/coroutine-group.h"
#include "aio/net/co-io.h"
#include "qapi/error.h"

#define ATTEMPT_NS (10 * INT64_C(1000000000))

struct QmpConnector {
    QmpServer *server;
    CoGroup *group; /* of the attempt */
    AioTimer *timer;
    bool is_attempting;
    bool has_client; /* the first attempt has succeeded */
    Error *err;      /* (nullable) of the first attempt */
    bool is_first;
};

/*
 * Tries to connect once.  A cancelled attempt touches nothing, because the
 * server is being deleted.
 */
static int coroutine_fn attempt(void *opaque)
{
    QmpConnector *connector = opaque;
    QmpServer *server = connector->server;
    Error *err = NULL;
    int fd;

    fd = aio_address_connect(&server->address.socket,
                             co_deadline_ns(ATTEMPT_NS), &err);
    connector->is_attempting = false;
    if (fd >= 0) {
        connector->has_client = true;
        qmp_server_add_client(server, aio_stream_new(server->ctx, fd));
        return 0;
    }
    if (fd == -ECANCELED) {
        error_free(err);
        return fd;
    }
    qmp_server_count(server, &server->stats->failed_connects);
    if (connector->is_first && !server->reconnect_ms) {
        connector->err = err;
    } else {
        error_free(err);
    }
    qmp_connector_retry(connector);
    return 0;
}

static void start_attempt(void *opaque)
{
    QmpConnector *connector = opaque;

    connector->is_attempting = true;
    co_group_spawn(connector->group, connector->server->ctx, attempt,
                   connector);
}

void qmp_connector_retry(QmpConnector *connector)
{
    if (connector && connector->server->reconnect_ms) {
        timer_mod(connector->timer, clock_get_ms(AIO_CLOCK_REALTIME) +
                                        connector->server->reconnect_ms);
    }
}

QmpConnector *qmp_connector_new(QmpServer *server, Error **errp)
{
    QmpConnector *connector = g_new0(QmpConnector, 1);

    connector->server = server;
    connector->group = co_group_new();
    connector->timer = aio_timer_new(server->ctx, AIO_CLOCK_REALTIME,
                                     SCALE_MS, start_attempt, connector);
    connector->is_first = true;
    start_attempt(connector);
    /* With unix sockets, the attempt has ended already. */
    while (connector->is_attempting && !in_coroutine()) {
        aio_poll(server->ctx, true);
    }
    connector->is_first = false;
    if (connector->err) {
        error_propagate(errp, g_steal_pointer(&connector->err));
        qmp_connector_free(connector);
        return NULL;
    }
    return connector;
}

/* In a child process, the coroutine of an attempt belongs to the parent. */
void qmp_connector_free(QmpConnector *connector)
{
    if (!connector) {
        return;
    }
    timer_free(connector->timer);
    if (!qmp_server_is_inherited(connector->server)) {
        co_group_cancel(connector->group);
        co_group_wait(connector->group);
        co_group_free(connector->group);
    }
    g_free(connector);
}
