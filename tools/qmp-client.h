/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of QMP on a unix socket: one request at a time, and its reply.
 *
 * Events that arrive meanwhile are dropped, or kept for those who want them.
 * What fails for the connection's sake closes it; what the peer refuses does
 * not.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_TOOLS_QMP_CLIENT_H
#define QOM_TOOLS_QMP_CLIENT_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct QmpClient QmpClient;

/* What a peer may send; more than that is an error and ends the connection. */
enum {
    QMP_CLIENT_MAX_BYTES = 32 * 1024 * 1024, /* from a request to its reply,
                                                or from event to event */
    QMP_CLIENT_MAX_EVENTS = 65536, /* from a request to its reply; and of those
                                      that are kept */
};

/**
 * qmp_client_connect: connect, read the greeting and leave negotiation
 * @path: a socket's
 * @timeout_ms: how long each request may take, and all of this function,
 *              whatever the peer does
 * @errp: set when nobody serves QMP there
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_connect(const char *path, int timeout_ms, Error **errp);

/**
 * qmp_client_new: as qmp_client_connect(), on a socket that is connected
 * @fd: consumed, also on failure
 * @name: what messages call it
 */
QmpClient *qmp_client_new(int fd, const char *name, int timeout_ms,
                          Error **errp);

/* qmp_client_get_name: the path that messages call the peer by; borrowed */
const char *qmp_client_get_name(const QmpClient *client);

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
 * qmp_client_keep_events: have events kept, for qmp_client_next_event()
 * @client: the client
 *
 * Right after qmp_client_connect() none is missed.
 */
void qmp_client_keep_events(QmpClient *client);

/**
 * qmp_client_next_event: wait for an event, however long it takes
 * @client: the client, which keeps events
 * @stop_fd: give up when this descriptor can be read
 * @errp: set when what arrives is no QMP
 *
 * Returns: (transfer full) the event as it came; NULL when @stop_fd can be read
 *          or the peer has closed the connection, or with @errp set
 */
JsonNode *qmp_client_next_event(QmpClient *client, int stop_fd, Error **errp);

/**
 * qmp_client_is_open: can more be executed?
 *
 * After a failure it tells whether the peer refused or the connection failed.
 */
bool qmp_client_is_open(const QmpClient *client);

/* qmp_client_close: end the connection; what was received stays */
void qmp_client_close(QmpClient *client);

/**
 * qmp_client_free: close and free
 * @client: (nullable) consumed
 */
void qmp_client_free(QmpClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

#endif
