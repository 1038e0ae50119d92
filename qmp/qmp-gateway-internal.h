/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a gateway.
 *
 *     qmp-gateway.c        the monitor and the listeners
 *     qmp-gateway-call.c   executes a command of a client
 *     qmp-gateway-rules.c  which commands a client may execute
 *
 * Thread: main
 */
#ifndef QOM_QMP_QMP_GATEWAY_INTERNAL_H
#define QOM_QMP_QMP_GATEWAY_INTERNAL_H

#include "aio/aio.h"
#include "aio/coroutine/coroutine-lock.h"
#include "qmp/qmp-client.h"
#include "qmp/qmp-gateway-rules-internal.h"
#include "qmp/qmp-gateway.h"
#include "qmp/qmp-server-internal.h"
#include "util/log.h"

/* Messages about the monitor and about commands of clients */
extern LogArea gateway_log;

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

/* See QmpForwardOps.execute. */
void coroutine_fn qmp_gateway_execute(QmpForward *forward,
                                      const QmpForwardRequest *request,
                                      GString *reply);

#endif
