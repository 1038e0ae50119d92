/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of QMP on a unix socket: one request at a time, and its reply.
 *
 * Events that arrive meanwhile are dropped.  What fails for the connection's
 * sake closes it; what the peer refuses does not.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_TOOLS_QMP_CLIENT_H
#define QOM_TOOLS_QMP_CLIENT_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct QmpClient QmpClient;

/**
 * qmp_client_connect: connect, read the greeting and leave negotiation
 * @path: a socket's
 * @timeout_ms: how long each request may take, this one included
 * @errp: set when nobody serves QMP there
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_connect(const char *path, int timeout_ms, Error **errp);

/**
 * qmp_client_execute: execute a command
 * @client: the client
 * @command: its name
 * @arguments: (nullable) (transfer none) an object
 * @errp: set when the peer refuses, with its class and text, or the
 *        connection fails
 *
 * Returns: (transfer full) what the command returns; NULL with @errp set
 */
JsonNode *qmp_client_execute(QmpClient *client, const char *command,
                             JsonNode *arguments, Error **errp);

/**
 * qmp_client_is_open: can more be executed?
 *
 * After a failure it tells whether the peer refused or the connection failed.
 */
bool qmp_client_is_open(const QmpClient *client);

/**
 * qmp_client_free: close and free
 * @client: (nullable) consumed
 */
void qmp_client_free(QmpClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

#endif
