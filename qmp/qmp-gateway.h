/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpGateway: any number of clients in front of one monitor.
 *
 * A gateway is a client of one QMP server, the monitor, and a server on any
 * number of addresses.  It executes its clients' commands on the monitor.  Each
 * reply is passed to the client that has sent the request, and each event to
 * all clients of the gateway.
 *
 * The area `gateway` of util/log.h has a message for each command that has
 * ended, at the level `debug`, and for each connection to the monitor.
 *
 * A command is fastest in a loop that polls; see aio_context_set_poll_params().
 *
 * Thread: main, which runs the gateway's loop
 * Contract: docs/gateway.md
 */
#ifndef QOM_QMP_QMP_GATEWAY_H
#define QOM_QMP_QMP_GATEWAY_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct AioContext AioContext;
typedef struct QmpGateway QmpGateway;

typedef struct QmpGatewayOptions {
    const char *monitor; /* address of the monitor, as QmpClientOptions */
    void (*lost)(void *opaque); /* (nullable) called when a monitor that is
                                   `fd:N` is gone */
    void *opaque;               /* passed to it */
} QmpGatewayOptions;

/**
 * qmp_gateway_new: creates a gateway and connects it to its monitor
 * @ctx: the loop of the gateway, which takes a reference
 * @options: borrowed during the call
 * @errp: (nullable) set if the address is malformed, or if no program serves
 *        QMP there
 *
 * Runs the loop until the monitor has answered.  Later the gateway connects
 * again on its own, unless the monitor is `fd:N`.
 *
 * Returns: (transfer full) (nullable) the gateway; NULL with @errp set
 */
QmpGateway *qmp_gateway_new(AioContext *ctx, const QmpGatewayOptions *options,
                            Error **errp);

/**
 * qmp_gateway_listen: serves clients on an address
 * @gateway: the gateway
 * @address: as for qmp_server_new(), followed by the options `allow` and
 *           `deny`, see docs/gateway.md
 * @errp: (nullable) set as by qmp_server_new()
 *
 * Returns: true; false with @errp set
 */
bool qmp_gateway_listen(QmpGateway *gateway, const char *address,
                        Error **errp);

/**
 * qmp_gateway_free: disconnects all clients and frees a gateway
 * @gateway: (nullable) (transfer full) the gateway
 *
 * Commands that the monitor is executing continue there.
 *
 * Thread: main, not in a coroutine
 */
void qmp_gateway_free(QmpGateway *gateway);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpGateway, qmp_gateway_free)

QOM_END_DECLS

#endif
